//! Everything that can be odd or wrong about one message, one after the other: each message, each field, each
//! way. What is rare among random sequences comes early, in an order that the seed says.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::generate::{Gene, Kind, is_blunt, ways_to_spoil};
use super::raw;
use super::sources::gene;
use super::tour::Chain;
use super::values::odd_values;
use super::vocabulary::Vocabulary;

/// So many things are tried in one sequence.
const AT_ONCE: usize = 8;
/// So far ahead others are looked for that can be tried in the same state.
const WINDOW: usize = 48;
/// Random flows before them.
const MOST_FLOWS: u64 = 3;

/// Which step, what about it; who does it comes after these.
type First = [u8; 4];

pub(super) struct Sweep {
    /// The first bytes of genes.
    left: VecDeque<First>,
    all: usize,
}

impl Sweep {
    pub(super) fn new(vocabulary: &Vocabulary, seed: u64) -> Sweep {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
        // Of each place one thing, then of each place another one.
        let mut places: Vec<Vec<First>> = Vec::new();
        let byte = |i: usize| u8::try_from(i).unwrap_or(u8::MAX);
        for (w, word) in vocabulary.messages.iter().enumerate() {
            let probe =
                |kind: Kind, slot: usize, way: usize| [kind.byte(), byte(w), byte(slot), byte(way)];
            for (s, slot) in word.slots.iter().enumerate() {
                let odd = (0..odd_values(&slot.shape).len()).map(|way| probe(Kind::Odd, s, way));
                places.push(odd.collect());
                let wrong = (0..ways_to_spoil(Some(slot)) - ways_to_spoil(None))
                    .map(|way| probe(Kind::Malformed, s, way));
                places.push(wrong.collect());
            }
            let first = usize::from(!word.slots.is_empty());
            let wholes = (0..ways_to_spoil(None)).map(|way| {
                let skipped = ways_to_spoil(word.slots.first()) - ways_to_spoil(None);
                probe(Kind::Malformed, 0, way + first * skipped)
            });
            places.push(wholes.collect());
        }
        for (way, turns) in raw::ways(vocabulary) {
            let frames = (0..turns).map(|turn| {
                let word = random.next_u64() as usize % vocabulary.messages.len().max(1);
                [Kind::Raw.byte(), byte(way), byte(turn), byte(word)]
            });
            places.push(frames.collect());
        }
        for place in &mut places {
            shuffle(place, &mut random);
            // The last comes first: what most servers forget to expect.
            place.sort_by_key(|[kind, _, _, way]| {
                *kind == Kind::Malformed.byte() && is_blunt(usize::from(*way))
            });
        }
        let mut left = VecDeque::new();
        while !places.is_empty() {
            shuffle(&mut places, &mut random);
            left.extend(places.iter_mut().filter_map(Vec::pop));
            places.retain(|place| !place.is_empty());
        }
        Sweep {
            all: left.len(),
            left,
        }
    }

    /// How many things are still to be tried.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    pub(super) fn all(&self) -> usize {
        self.all
    }

    /// The genes of the next sequence; `None` once all was tried.
    ///
    /// `chains` are flows that go through, so that there is something that odd messages can be about.
    pub(super) fn genes(
        &mut self,
        random: &mut ChaCha8Rng,
        vocabulary: &Vocabulary,
        chains: &[Chain],
    ) -> Option<Vec<Gene>> {
        let needs = |first: &First| match vocabulary.messages.get(usize::from(first[1])) {
            Some(word) if first[0] != Kind::Raw.byte() => vocabulary.needs(word),
            _ => Vec::new(),
        };
        let chain = Chain::best(chains, &needs(self.left.front()?), random);
        let mut genes = chain.map_or(Vec::new(), |chain| chain.genes.clone());
        // What the chain makes is enough for these.
        let made = |first: &First| {
            let mut needs = needs(first).into_iter();
            needs.all(|name| chain.is_none_or(|chain| chain.makes(name)))
        };
        let mut next = vec![self.left.pop_front()?];
        let mut at = 0;
        while next.len() < AT_ONCE && at < WINDOW.min(self.left.len()) {
            match made(&self.left[at]) {
                true => next.extend(self.left.remove(at)),
                false => at += 1,
            }
        }
        for _ in 0..random.next_u64() % MOST_FLOWS {
            let mut flow = gene(random);
            flow[0] = Kind::NoiseFlow.byte();
            genes.push(flow);
        }
        // After what is malformed, whatever is said to its sender has no documented shape.
        next.sort_by_key(|first| first[0] != Kind::Odd.byte());
        for (turn, first) in next.into_iter().enumerate() {
            let mut probe = gene(random);
            probe[..first.len()].copy_from_slice(&first);
            // Two by turns: a server may close the connection of one who says what is malformed.
            probe[first.len()] = (turn % 2) as u8;
            genes.push(probe);
        }
        Some(genes)
    }
}

pub(super) fn shuffle<T>(items: &mut [T], random: &mut ChaCha8Rng) {
    for i in (1..items.len()).rev() {
        let other = random.next_u64() % (i as u64 + 1);
        items.swap(i, other as usize);
    }
}
