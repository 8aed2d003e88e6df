//! Each flow of the catalogue once with each kind of content, behind those flows that it needs. Which they are is
//! tried out on a server that is right; without one there is no tour.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::generate::{Gene, Kind, MOST_CONTENTS, decode};
use super::sequence::{Act, Sequence};
use super::sources::gene;
use super::vocabulary::Vocabulary;

/// Flows before one.
const MOST_BEFORE: usize = 3;
/// Chains that are tried in all.
const MOST_TRIALS: usize = 4000;

pub(super) struct Tour {
    /// Chains of noise that go through, each of those that make the next one possible.
    pub(super) noise: Vec<Vec<Gene>>,
    left: VecDeque<Vec<Gene>>,
}

impl Tour {
    /// `works` knows whether the flows of a sequence go through by themselves.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        seed: u64,
        works: &mut dyn FnMut(&Sequence) -> bool,
    ) -> Tour {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x70a2);
        let noise = chains(Kind::NoiseFlow, vocabulary, works);
        let story = chains(Kind::StoryFlow, vocabulary, works);
        let mut left: Vec<Vec<Gene>> = Vec::new();
        for (kind, chains) in [(Kind::StoryFlow, &story), (Kind::NoiseFlow, &noise)] {
            for chain in chains {
                for contents in 0..MOST_CONTENTS {
                    let mut genes = chain.clone();
                    if let Some(last) = genes.last_mut() {
                        last[3..].fill(contents);
                    }
                    // And what comes after it, as it happens: what others do about it, and how it goes on.
                    for after in [Kind::Plain, kind] {
                        for _ in 0..random.next_u64() % 3 {
                            let mut next = gene(&mut random);
                            next[0] = after.byte();
                            genes.push(next);
                        }
                    }
                    left.push(genes);
                }
            }
        }
        for i in (1..left.len()).rev() {
            left.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
        }
        Tour {
            noise,
            left: left.into(),
        }
    }

    /// The genes of the next sequence; `None` once all was played.
    pub(super) fn genes(&mut self) -> Option<Vec<Gene>> {
        self.left.pop_front()
    }
}

/// For each flow that can be played at all, the shortest chain found that ends with it.
fn chains(
    kind: Kind,
    vocabulary: &Vocabulary,
    works: &mut dyn FnMut(&Sequence) -> bool,
) -> Vec<Vec<Gene>> {
    let many = vocabulary.flows.len();
    let mut reached: Vec<Option<Vec<Gene>>> = vec![None; many];
    let mut frontier: VecDeque<Vec<Gene>> = VecDeque::from([Vec::new()]);
    let mut trials = 0;
    while let Some(before) = frontier.pop_front() {
        for (flow, reached) in reached.iter_mut().enumerate() {
            let Ok(byte) = u8::try_from(flow) else { break };
            if reached.is_some() || trials == MOST_TRIALS {
                continue;
            }
            trials += 1;
            let mut chain = before.clone();
            chain.push(flow_gene(kind, byte));
            let sequence = decode(&chain, false, vocabulary, works);
            let plays = |flow: &str| match sequence.steps.last().map(|step| &step.act) {
                Some(Act::Flow { flow: played, .. }) => played == flow,
                _ => false,
            };
            if sequence.steps.len() == chain.len() && plays(&vocabulary.flows[flow].name) {
                if chain.len() <= MOST_BEFORE {
                    frontier.push_back(chain.clone());
                }
                *reached = Some(chain);
            }
        }
    }
    reached.into_iter().flatten().collect()
}

fn flow_gene(kind: Kind, flow: u8) -> Gene {
    let mut gene = vec![0; super::generate::GENE];
    gene[..2].copy_from_slice(&[kind.byte(), flow]);
    gene
}
