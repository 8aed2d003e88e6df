//! Each request right before each other one: on one connection, on two of one user, by two users, waited for or not.
//! Those that have something to do with each other come first.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::generate::{Gene, Who, link, request};
use super::sources::extended;
use super::sweep::shuffle;
use super::tour::Chain;
use super::vocabulary::Vocabulary;

/// So many pairs are tried in one sequence.
const AT_ONCE: usize = 4;
/// So far ahead others are looked for that can be tried in the same state.
const WINDOW: usize = 48;

/// How two requests follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    /// On one connection, the second without waiting for the first to be handled.
    InARow,
    /// By two users, both under way at once.
    Race,
    /// By two users, one after the other.
    InTurn,
    /// By one user, one after the other, with a harmless question in between.
    Apart,
    /// By one user on two connections, both under way at once.
    TwoConnections,
    /// By one user who comes again in between.
    Again,
}

impl How {
    /// The most telling first.
    const ALL: [How; 6] = [
        How::InARow,
        How::Race,
        How::InTurn,
        How::TwoConnections,
        How::Apart,
        How::Again,
    ];
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    first: usize,
    second: usize,
    how: How,
}

pub(super) struct Pairs {
    left: VecDeque<Pair>,
}

impl Pairs {
    pub(super) fn new(vocabulary: &Vocabulary, seed: u64) -> Pairs {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x9a12);
        let many = vocabulary.messages.len();
        let mut pairs = Vec::new();
        for first in 0..many {
            for second in 0..many {
                pairs.extend(How::ALL.map(|how| Pair { first, second, how }));
            }
        }
        shuffle(&mut pairs, &mut random);
        let rank = |pair: &Pair| {
            let how = How::ALL.iter().position(|how| *how == pair.how);
            how.unwrap_or(0) + 2 * strangeness(vocabulary, pair.first, pair.second)
        };
        pairs.sort_by_cached_key(rank);
        Pairs { left: pairs.into() }
    }

    /// The genes of the next sequence; `None` once all was played.
    pub(super) fn genes(
        &mut self,
        random: &mut ChaCha8Rng,
        vocabulary: &Vocabulary,
        chains: &[Chain],
    ) -> Option<Vec<Gene>> {
        let words = &vocabulary.messages;
        let needs = |pair: &Pair| {
            let mut needs = vocabulary.needs(&words[pair.first]);
            needs.extend(vocabulary.needs(&words[pair.second]));
            needs
        };
        let ends = |pair: &Pair| {
            let ends = |word: usize| vocabulary.may_close.contains(&words[word].name);
            ends(pair.first) || ends(pair.second)
        };
        let first = self.left.pop_front()?;
        let chain = Chain::best(chains, &needs(&first), random);
        let made = |pair: &Pair| {
            let mut needs = needs(pair).into_iter();
            needs.all(|name| chain.is_none_or(|chain| chain.makes(name)))
        };
        let mut next = vec![first];
        let mut at = 0;
        while next.len() < AT_ONCE && at < WINDOW.min(self.left.len()) {
            let pair = &self.left[at];
            match made(pair) && !ends(pair) {
                true => next.extend(self.left.remove(at)),
                false => at += 1,
            }
        }
        // What may end the connection comes last.
        next.reverse();
        let mut genes = chain.map_or(Vec::new(), |chain| chain.genes.clone());
        for (turn, pair) in next.into_iter().enumerate() {
            // Two by turns: what one has done before changes what comes of it.
            let (one, other) = match turn % 2 {
                0 => (Who::Mallory, Who::Mike),
                _ => (Who::Mike, Who::Mallory),
            };
            let mut add = |first: Vec<u8>| genes.push(extended(&first, random));
            let say = |word, who, hasty| request(vocabulary, word, who, hasty);
            let (first, second) = (pair.first, pair.second);
            match pair.how {
                How::InARow => {
                    add(say(first, one, true));
                    add(say(second, one, false));
                }
                How::Race => {
                    add(say(first, one, true));
                    add(say(second, other, false));
                }
                How::InTurn => {
                    add(say(first, one, false));
                    add(say(second, other, false));
                }
                How::Apart => {
                    add(say(first, one, false));
                    add(say(second, one, false));
                }
                How::TwoConnections => {
                    if let Some(greeting) = vocabulary.greeting {
                        add(say(greeting, Who::Phone, false));
                    }
                    add(say(first, Who::Phone, true));
                    add(say(second, Who::Mallory, false));
                }
                How::Again => {
                    add(say(first, Who::Mallory, false));
                    add(link());
                    if let Some(greeting) = vocabulary.greeting {
                        add(say(greeting, Who::Mallory, true));
                    }
                    add(say(second, Who::Mallory, false));
                }
            }
        }
        Some(genes)
    }
}

/// Nothing where both are about a thing that a flow makes, more where they only share a way to name somebody, and
/// most where they have nothing in common.
fn strangeness(vocabulary: &Vocabulary, first: usize, second: usize) -> usize {
    let words = [first, second].map(|word| &vocabulary.messages[word]);
    let [of_first, of_second] = words.map(|word| vocabulary.needs(word));
    if of_first.iter().any(|name| of_second.contains(name)) {
        return 0;
    }
    let [of_first, of_second] = words.map(|word| vocabulary.names(word));
    if of_first.iter().any(|name| of_second.contains(name)) {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::generate::decode;
    use crate::fuzz::sequence::{Act, Actor};
    use crate::scenario::{embedded, read_pack};

    /// What is sent, by whom, and whether somebody waits for it.
    fn sent(genes: &[Gene], vocabulary: &Vocabulary) -> Vec<(Actor, String, bool)> {
        let sequence = decode(genes, false, vocabulary, &mut |_| true);
        let steps = sequence.steps.into_iter();
        steps
            .filter_map(|step| match step.act {
                Act::Send { actor, message, .. } => Some((actor, message, step.hasty)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn every_two_requests_come_in_a_row_on_one_connection_and_in_a_race() {
        for source in embedded() {
            let pack = read_pack(&source).expect("a valid pack");
            let vocabulary = Vocabulary::of(&pack).expect("a flow to start from");
            let mut random = ChaCha8Rng::seed_from_u64(1);
            let mut pairs = Pairs::new(&vocabulary, 1);
            let (mut in_a_row, mut race) = (Vec::new(), Vec::new());
            while let Some(genes) = pairs.genes(&mut random, &vocabulary, &[]) {
                for next in sent(&genes, &vocabulary).windows(2) {
                    let [(one, first, true), (other, second, false)] = next else {
                        continue;
                    };
                    let pair = (first.clone(), second.clone());
                    match one == other {
                        true => in_a_row.push(pair),
                        false => race.push(pair),
                    }
                }
            }
            for first in &vocabulary.messages {
                for second in &vocabulary.messages {
                    let pair = (first.name.clone(), second.name.clone());
                    assert!(in_a_row.contains(&pair), "{}: {pair:?}", source.name);
                    assert!(race.contains(&pair), "{}: {pair:?}", source.name);
                }
            }
        }
    }
}
