//! Each flow of the catalogue once with each kind of content, behind those flows that it needs. Which they are is
//! tried out on a server that is right; without one there is no tour.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::generate::{ALONE, Gene, Kind, MOST_CONTENTS, decode};
use super::sequence::{Act, Sequence};
use super::sources::gene;
use super::vocabulary::Vocabulary;

/// Flows before one.
const MOST_BEFORE: usize = 3;
/// So often a flow is played that is given nothing: only what comes after it differs.
const FEW: u8 = 3;
/// Behind a chain of noise with every such content, several texts are sent at once.
const ROW_EVERY: u8 = 3;
/// Chains that are tried in all.
const MOST_TRIALS: usize = 4000;

/// Flows that go through one after the other.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) genes: Vec<Gene>,
    /// The number of the last one.
    pub(super) flow: usize,
    /// The names of what they make.
    pub(super) binds: Vec<String>,
}

#[derive(Default)]
pub(super) struct Tour {
    /// Chains of noise that go through, each of those that make the next one possible; who plays them is still
    /// there afterwards.
    pub(super) noise: Vec<Chain>,
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
        let mut noise = chains(Kind::NoiseFlow, vocabulary, works);
        let alone = alone(&noise, vocabulary, works);
        noise.extend(alone);
        let story = chains(Kind::StoryFlow, vocabulary, works);
        let mut left: Vec<Vec<Gene>> = Vec::new();
        for (kind, chains) in [(Kind::StoryFlow, &story), (Kind::NoiseFlow, &noise)] {
            for chain in chains {
                let given = &vocabulary.flows[chain.flow].parameters;
                let many = if given.is_empty() { FEW } else { MOST_CONTENTS };
                for contents in 0..many {
                    let mut genes = chain.genes.clone();
                    if let Some(last) = genes.last_mut() {
                        last[3..].fill(contents);
                    }
                    if kind == Kind::NoiseFlow && contents % ROW_EVERY == 0 {
                        let mut row = gene(&mut random);
                        row[0] = Kind::Row.byte();
                        genes.push(row);
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
        noise.retain(|chain| !vocabulary.flows[chain.flow].ends);
        Tour {
            noise,
            left: left.into(),
        }
    }

    /// Takes note of the flows that one who does anything began with, and that went through. Whether that was new.
    pub(super) fn learn(
        &mut self,
        vocabulary: &Vocabulary,
        genes: &[Gene],
        sequence: &Sequence,
    ) -> bool {
        let flows = sequence.steps.iter().map_while(|step| match &step.act {
            Act::Flow { flow, .. } if !step.act.actor().is_judged() => Some(flow),
            _ => None,
        });
        let flows: Vec<&String> = flows.collect();
        let Some(last) = flows.last() else {
            return false;
        };
        let number = vocabulary.flows.iter().position(|flow| flow.name == **last);
        let Some(flow) = number.filter(|flow| !vocabulary.flows[*flow].ends) else {
            return false;
        };
        let genes = &genes[..flows.len().min(genes.len())];
        let again = decode(genes, false, vocabulary, &mut |_| true);
        let same = again.steps == sequence.steps[..flows.len()];
        let known = self.noise.iter().any(|chain| chain.flow == flow);
        if same && !known {
            self.noise.push(Chain::of(genes.to_vec(), flow, &again));
        }
        same && !known
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
) -> Vec<Chain> {
    let many = vocabulary.flows.len();
    let mut reached: Vec<Option<Chain>> = vec![None; many];
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
                *reached = Some(Chain::of(chain, flow, &sequence));
            }
        }
    }
    reached.into_iter().flatten().collect()
}

/// The chains whose last flow one person can play with himself.
fn alone(
    chains: &[Chain],
    vocabulary: &Vocabulary,
    works: &mut dyn FnMut(&Sequence) -> bool,
) -> Vec<Chain> {
    let of_many = |chain: &&Chain| vocabulary.flows[chain.flow].actors.len() > 1;
    let mut found = Vec::new();
    for chain in chains.iter().filter(of_many) {
        let mut genes = chain.genes.clone();
        if let Some(last) = genes.last_mut() {
            last[2] = ALONE;
        }
        let sequence = decode(&genes, true, vocabulary, works);
        let played = match sequence.steps.last().map(|step| &step.act) {
            Some(Act::Flow { flow, actors, .. }) => {
                let first = actors.first().map(|(_, actor)| actor);
                let same = actors.iter().all(|(_, actor)| Some(actor) == first);
                same && *flow == vocabulary.flows[chain.flow].name
            }
            _ => false,
        };
        if played && sequence.steps.len() == genes.len() {
            found.push(Chain::of(genes, chain.flow, &sequence));
        }
    }
    found
}

impl Chain {
    fn of(genes: Vec<Gene>, flow: usize, sequence: &Sequence) -> Chain {
        let mut binds = Vec::new();
        for step in &sequence.steps {
            if let Act::Flow { into, .. } = &step.act {
                binds.extend(into.iter().map(|(theirs, _)| theirs.clone()));
            }
        }
        Chain { genes, flow, binds }
    }

    /// Of these the one that makes most of what is needed; chance decides among equals.
    pub(super) fn best<'c>(
        chains: &'c [Chain],
        needs: &[&str],
        random: &mut ChaCha8Rng,
    ) -> Option<&'c Chain> {
        let made = |chain: &Chain| needs.iter().filter(|name| chain.makes(name)).count();
        let most = chains.iter().map(made).max()?;
        let best: Vec<&Chain> = chains.iter().filter(|chain| made(chain) == most).collect();
        best.get(random.next_u64() as usize % best.len().max(1))
            .copied()
    }

    pub(super) fn makes(&self, name: &str) -> bool {
        self.binds.iter().any(|made| made == name)
    }
}

fn flow_gene(kind: Kind, flow: u8) -> Gene {
    let mut gene = vec![0; super::generate::GENE];
    gene[..2].copy_from_slice(&[kind.byte(), flow]);
    gene
}
