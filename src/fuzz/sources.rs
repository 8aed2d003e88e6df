//! What the next sequences are made from: a tour, a sweep, and what was new before; and which flows go through.

use std::collections::{HashMap, VecDeque};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::corpus::Corpus;
use super::generate::{GENE, Gene, decode};
use super::ground::{Mirror, Workshop};
use super::sequence::{Act, Sequence, Step};
use super::sweep::Sweep;
use super::tour::Tour;

/// Steps of a sequence.
const MOST_STEPS: u64 = 14;

pub(super) struct Sources<'a> {
    workshop: &'a Workshop,
    seed: u64,
    sweep: Sweep,
    /// None until it is planned.
    tour: Option<Tour>,
    pub(super) corpus: Corpus,
    /// What was to be played when the target went away.
    postponed: VecDeque<Vec<Gene>>,
    /// Whether the flows of a story go through by themselves.
    stories: HashMap<String, bool>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(workshop: &'a Workshop, seed: u64, corpus: Corpus) -> Sources<'a> {
        Sources {
            workshop,
            seed,
            sweep: Sweep::new(&workshop.vocabulary, seed),
            tour: None,
            corpus,
            postponed: VecDeque::new(),
            stories: HashMap::new(),
        }
    }

    /// Once, where somebody knows which flows go through.
    pub(super) fn plan_tour(&mut self, mirror: &Mirror<'_>) {
        if self.tour.is_some() {
            return;
        }
        let (workshop, stories) = (self.workshop, &mut self.stories);
        let mut works = |story: &Sequence| goes_through(stories, workshop, Some(mirror), story);
        self.tour = Some(Tour::new(&workshop.vocabulary, self.seed, &mut works));
    }

    /// What the sequence of this number is made from.
    pub(super) fn genes(&mut self, number: u64) -> Vec<Gene> {
        if let Some(genes) = self.postponed.pop_front() {
            return genes;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed ^ (number << 20));
        // Some go through the flows, some through all that can be odd about one message, while there is more.
        let planned = match number % 4 {
            0 | 2 => {
                let chains = self.tour.as_ref().map_or(&[][..], |tour| &tour.noise);
                self.sweep.genes(&mut random, chains)
            }
            1 => self.tour.as_mut().and_then(Tour::genes),
            _ => None,
        };
        planned.unwrap_or_else(|| self.corpus.genes(&mut random, MOST_STEPS))
    }

    /// Comes before all others.
    pub(super) fn postpone(&mut self, genes: Vec<Gene>) {
        self.postponed.push_back(genes);
    }

    pub(super) fn decode(&mut self, genes: &[Gene], mirror: Option<&Mirror<'_>>) -> Sequence {
        let (workshop, stories) = (self.workshop, &mut self.stories);
        decode(
            genes,
            mirror.is_some(),
            &workshop.vocabulary,
            &mut |story| goes_through(stories, workshop, mirror, story),
        )
    }

    /// The flows of the sequence do not go through.
    pub(super) fn stumbles(&mut self, sequence: &Sequence) {
        self.stories.insert(shape_of(&sequence.story()), false);
    }

    /// Of all that can be odd about one message, how much is still to be tried, and how much there is.
    pub(super) fn unswept(&self) -> (usize, usize) {
        (self.sweep.left(), self.sweep.all())
    }
}

/// Whether a story goes through at the usual right server.
fn goes_through(
    stories: &mut HashMap<String, bool>,
    workshop: &Workshop,
    mirror: Option<&Mirror<'_>>,
    story: &Sequence,
) -> bool {
    *stories.entry(shape_of(story)).or_insert_with(|| {
        let conforms = |mirror: &Mirror<'_>| {
            let case = workshop.case(story);
            case.is_ok_and(|(case, _)| mirror.conforms(0, &case, workshop.codec))
        };
        // Where there is none, nobody knows yet; a run will tell.
        mirror.is_none_or(conforms)
    })
}

/// The flows, who plays them and what they bind: what decides whether they go through.
fn shape_of(story: &Sequence) -> String {
    let shapes = story.steps.iter().map(|Step { act, .. }| match act {
        Act::Flow {
            flow,
            actors,
            arguments,
            ..
        } => {
            let actors: Vec<&str> = actors.iter().map(|(_, actor)| actor.name()).collect();
            let arguments: Vec<&str> = arguments.iter().map(|(_, value)| value.class()).collect();
            format!("{flow}({}; {})", actors.join(" "), arguments.join(" "))
        }
        _ => String::new(),
    });
    shapes.collect::<Vec<_>>().join(", ")
}

/// So many random bytes.
pub(super) fn gene(random: &mut ChaCha8Rng) -> Gene {
    let mut gene = vec![0; GENE];
    random.fill_bytes(&mut gene);
    gene
}
