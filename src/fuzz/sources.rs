//! Whose turn it is to make the next sequence; and which flows go through.

use std::collections::{HashMap, VecDeque};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::after::After;
use super::corpus::Corpus;
use super::generate::{GENE, Gene, decode};
use super::ground::{Mirror, Workshop};
use super::pairs::Pairs;
use super::sequence::{Act, Sequence, Step};
use super::sweep::{Sweep, shuffle};
use super::tour::Tour;

/// Steps of a sequence.
const MOST_STEPS: u64 = 14;

/// Where a sequence comes from. Each has its turn; whose is over leaves it to the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Each flow with each kind of content.
    Tour,
    /// Everything that can be odd about one message.
    Sweep,
    /// Each request right before each other one.
    Pairs,
    /// Each request right after each flow; flows out of order.
    After,
    /// Random steps.
    Random,
    /// Changes to what was new before.
    Corpus,
}

impl Source {
    pub const ALL: [Source; 6] = [
        Source::Tour,
        Source::Sweep,
        Source::Pairs,
        Source::After,
        Source::Random,
        Source::Corpus,
    ];

    /// Whose turn it is, over and over.
    const TURNS: [Source; 14] = [
        Source::Sweep,
        Source::Tour,
        Source::Pairs,
        Source::Sweep,
        Source::Tour,
        Source::After,
        Source::Random,
        Source::Sweep,
        Source::Tour,
        Source::Pairs,
        Source::Sweep,
        Source::Tour,
        Source::After,
        Source::Corpus,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Source::Tour => "tour",
            Source::Sweep => "sweep",
            Source::Pairs => "pairs",
            Source::After => "after",
            Source::Random => "random",
            Source::Corpus => "corpus",
        }
    }
}

pub(super) struct Sources<'a> {
    workshop: &'a Workshop,
    seed: u64,
    /// These have no turn, for measuring what they are good for.
    without: Vec<Source>,
    sweep: Sweep,
    pairs: Pairs,
    /// None until they are planned.
    tour: Option<(Tour, After)>,
    pub(super) corpus: Corpus,
    /// What was to be played when the target went away.
    postponed: VecDeque<Vec<Gene>>,
    /// Whether the flows of a story go through by themselves.
    stories: HashMap<String, bool>,
    /// How often all of the sweep was played.
    swept: u64,
}

impl<'a> Sources<'a> {
    pub(super) fn new(
        workshop: &'a Workshop,
        seed: u64,
        without: Vec<Source>,
        corpus: Corpus,
    ) -> Sources<'a> {
        Sources {
            workshop,
            seed,
            without,
            sweep: Sweep::new(&workshop.vocabulary, seed),
            pairs: Pairs::new(&workshop.vocabulary, seed),
            tour: None,
            corpus,
            postponed: VecDeque::new(),
            stories: HashMap::new(),
            swept: 0,
        }
    }

    /// Once, before all else: which flows go through, where somebody knows.
    pub(super) fn plan(&mut self, mirror: Option<&Mirror<'_>>) {
        if self.tour.is_some() {
            return;
        }
        let (workshop, stories) = (self.workshop, &mut self.stories);
        let words = &workshop.vocabulary;
        let tour = match mirror {
            Some(_) => Tour::new(words, self.seed, &mut |story| {
                goes_through(stories, workshop, mirror, story)
            }),
            None => Tour::default(),
        };
        let mut after = After::default();
        after.add(words, &tour.noise, 0, self.seed);
        self.tour = Some((tour, after));
    }

    /// What the sequence of this number is made from.
    pub(super) fn genes(&mut self, number: u64) -> Vec<Gene> {
        let before = self.postponed.pop_front();
        if let Some(genes) = before.or_else(|| self.corpus.unplayed()) {
            return genes;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed ^ (number << 20));
        let turn = number as usize % Source::TURNS.len();
        let (after, before) = (&Source::TURNS[turn..], &Source::TURNS[..turn]);
        // Two in a row that are over would leave their turns to a third; chance gives them to all others.
        let own = self.genes_of(Source::TURNS[turn], &mut random);
        own.or_else(|| {
            let mut others: Vec<Source> = [after, before].concat();
            shuffle(&mut others, &mut random);
            let mut others = others.into_iter();
            others.find_map(|source| self.genes_of(source, &mut random))
        })
        .unwrap_or_else(|| Corpus::random(&mut random, MOST_STEPS))
    }

    fn genes_of(&mut self, source: Source, random: &mut ChaCha8Rng) -> Option<Vec<Gene>> {
        if self.without.contains(&source) {
            return None;
        }
        let words = &self.workshop.vocabulary;
        let (tour, after) = self.tour.as_mut()?;
        match source {
            Source::Tour => tour.genes(),
            Source::Sweep => {
                let next = self.sweep.genes(random, words, &tour.noise);
                // Once more, in other states.
                next.or_else(|| {
                    self.swept += 1;
                    self.sweep = Sweep::new(words, self.seed.wrapping_add(self.swept));
                    self.sweep.genes(random, words, &tour.noise)
                })
            }
            Source::Pairs => self.pairs.genes(random, words, &tour.noise),
            Source::After => after.genes(random, words, &tour.noise),
            Source::Random => Some(Corpus::random(random, MOST_STEPS)),
            Source::Corpus => self.corpus.genes(random, MOST_STEPS),
        }
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

    /// The flows of the sequence went through, and nobody could tell before.
    pub(super) fn goes_well(&mut self, genes: &[Gene], sequence: &Sequence) {
        let words = &self.workshop.vocabulary;
        if let Some((tour, after)) = &mut self.tour
            && tour.learn(words, genes, sequence)
        {
            after.add(words, &tour.noise, tour.noise.len() - 1, self.seed);
        }
    }

    /// The flows of the sequence do not go through.
    pub(super) fn stumbles(&mut self, sequence: &Sequence) {
        self.stories.insert(shape_of(&sequence.story()), false);
    }

    /// Of all that can be odd about one message, how much is still to be tried, and how much there is.
    pub(super) fn unswept(&self) -> (usize, usize) {
        let left = if self.swept > 0 { 0 } else { self.sweep.left() };
        (left, self.sweep.all())
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

/// Begins with these bytes; the rest is random.
pub(super) fn extended(first: &[u8], random: &mut ChaCha8Rng) -> Gene {
    let mut gene = gene(random);
    gene[..first.len()].copy_from_slice(first);
    gene
}
