//! Each request right after each flow, and the requests of each flow out of order: turned round, one of them twice,
//! left out, or by itself, or with a connection that comes again in the middle.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::generate::{Gene, Kind, Who, link, request};
use super::sources::{extended, gene};
use super::sweep::shuffle;
use super::tour::Chain;
use super::vocabulary::{FlowWord, Vocabulary};

/// More requests of a flow are not put out of order.
const MOST_REQUESTS: usize = 8;
/// Random requests at the end of a sequence.
const MOST_MORE: u64 = 3;

#[derive(Clone, Copy, Debug)]
enum Deed {
    Request(usize, Who),
    Again,
}

#[derive(Default)]
pub(super) struct After {
    left: VecDeque<(usize, Vec<Deed>)>,
}

impl After {
    /// Adds what comes after the chains from this one on.
    pub(super) fn add(
        &mut self,
        vocabulary: &Vocabulary,
        chains: &[Chain],
        from: usize,
        seed: u64,
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0xaf7e);
        let mut single = Vec::new();
        let mut torn = Vec::new();
        for (at, chain) in chains.iter().enumerate().skip(from) {
            for (number, word) in vocabulary.messages.iter().enumerate() {
                let needs = vocabulary.needs(word);
                let related = needs.iter().any(|name| chain.makes(name));
                let who = [Who::Mallory, Who::Mike][random.next_u64() as usize % 2];
                single.push((!related, (at, vec![Deed::Request(number, who)])));
            }
            let orders = out_of_order(vocabulary, &vocabulary.flows[chain.flow]);
            torn.extend(orders.into_iter().map(|deeds| (at, deeds)));
        }
        shuffle(&mut single, &mut random);
        single.sort_by_key(|(unrelated, _)| *unrelated);
        shuffle(&mut torn, &mut random);
        // By turns, as long as there are both.
        let mut single = single.into_iter().map(|(_, deeds)| deeds);
        let mut torn = torn.into_iter();
        loop {
            let next = [single.next(), single.next(), torn.next()];
            if next.iter().all(Option::is_none) {
                return;
            }
            self.left.extend(next.into_iter().flatten());
        }
    }

    /// The genes of the next sequence; `None` once all was played.
    pub(super) fn genes(
        &mut self,
        random: &mut ChaCha8Rng,
        vocabulary: &Vocabulary,
        chains: &[Chain],
    ) -> Option<Vec<Gene>> {
        let (at, deeds) = self.left.pop_front()?;
        let mut genes = chains.get(at)?.genes.clone();
        let torn = deeds.len() > 1;
        // Where a flow is put out of order, sometimes it has not been played as it should be before.
        if torn && random.next_u64().is_multiple_of(2) {
            genes.pop();
        }
        let hurry = torn && random.next_u64().is_multiple_of(2);
        let last = deeds.len() - 1;
        for (i, deed) in deeds.into_iter().enumerate() {
            let first = match deed {
                Deed::Request(word, who) => request(vocabulary, word, who, hurry && i < last),
                Deed::Again => link(),
            };
            genes.push(extended(&first, random));
        }
        for _ in 0..random.next_u64() % MOST_MORE {
            let mut more = gene(random);
            more[0] = Kind::Plain.byte();
            genes.push(more);
        }
        Some(genes)
    }
}

fn out_of_order(vocabulary: &Vocabulary, flow: &FlowWord) -> Vec<Vec<Deed>> {
    let people = [Who::Mallory, Who::Mike];
    let deed = |(actor, message): &(usize, String)| {
        let mut words = vocabulary.messages.iter();
        let word = words.position(|word| word.name == *message)?;
        Some(Deed::Request(word, people[actor % people.len()]))
    };
    let requests = flow.requests.iter().take(MOST_REQUESTS);
    let deeds: Vec<Deed> = requests.filter_map(deed).collect();
    let many = deeds.len();
    let mut orders = Vec::new();
    if many > 1 {
        orders.push(deeds.iter().rev().copied().collect());
    }
    for i in 0..many {
        let (before, after) = deeds.split_at(i);
        let twice: Vec<Deed> = [&deeds[..=i], &deeds[i..]].concat();
        orders.push(twice);
        if many > 1 {
            orders.push([before, &after[1..]].concat());
            orders.push([before, &[Deed::Again], after].concat());
        }
        // Such as an answer to what was never asked.
        if i > 0 {
            orders.push(vec![deeds[i]]);
        }
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{embedded, read_pack};

    #[test]
    fn flows_are_turned_round_and_each_of_their_requests_comes_twice_and_not_at_all() {
        for source in embedded() {
            let pack = read_pack(&source).expect("a valid pack");
            let vocabulary = Vocabulary::of(&pack).expect("a flow to start from");
            let long = vocabulary
                .flows
                .iter()
                .find(|flow| flow.requests.len() == 2)
                .expect("a flow of two requests");
            let word = |deed: &Deed| match deed {
                Deed::Request(word, _) => vocabulary.messages[*word].name.clone(),
                Deed::Again => "again".to_owned(),
            };
            let orders: Vec<Vec<String>> = out_of_order(&vocabulary, long)
                .iter()
                .map(|deeds| deeds.iter().map(word).collect())
                .collect();
            let [one, other] = [0, 1].map(|i| long.requests[i].1.clone());
            let again = "again".to_owned();
            for expected in [
                vec![other.clone(), one.clone()],
                vec![one.clone(), one.clone(), other.clone()],
                vec![one.clone(), other.clone(), other.clone()],
                vec![one.clone()],
                vec![other.clone()],
                vec![one, again, other],
            ] {
                assert!(orders.contains(&expected), "{}: {expected:?}", long.name);
            }
        }
    }
}
