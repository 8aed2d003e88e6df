//! The sequences that showed something new, as genes; new ones are made from them. In a folder, one file each.

use std::cmp::Reverse;
use std::collections::{HashSet, VecDeque};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::generate::Gene;
use super::sources::gene;
use crate::scenario::unhex;
use crate::value::hex;

/// When there are twice as many, only these are kept: those that show nothing of their own go first, then those that
/// showed least when they came.
const MOST: usize = 400;

#[derive(Default, Debug)]
pub struct Corpus {
    entries: Vec<Entry>,
    /// Read from a folder, and not played yet.
    unplayed: VecDeque<Vec<Gene>>,
}

#[derive(Debug)]
struct Entry {
    genes: Vec<Gene>,
    /// What it showed, each thing as a number.
    shown: HashSet<u64>,
    /// How much of that nothing had shown before.
    new: usize,
}

impl Corpus {
    /// How many sequences are kept, those that have not been played included.
    pub fn len(&self) -> usize {
        self.entries.len() + self.unplayed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn keep(&mut self, genes: Vec<Gene>, shown: HashSet<u64>, new: usize) {
        self.entries.push(Entry { genes, shown, new });
        // Seldom, since it takes a while.
        if self.entries.len() > 2 * MOST {
            self.minimise();
            self.entries.sort_by_key(|entry| Reverse(entry.new));
            self.entries.truncate(MOST);
        }
    }

    /// Drops the entries that show nothing that others do not show as well; each time the one that shows most of
    /// what is left stays, the shorter one of two.
    pub(super) fn minimise(&mut self) {
        let mut covered: HashSet<u64> = HashSet::new();
        let mut rest = std::mem::take(&mut self.entries);
        loop {
            let gain = |entry: &Entry| entry.shown.difference(&covered).count();
            let best = (0..rest.len())
                .max_by_key(|i| (gain(&rest[*i]), Reverse(rest[*i].genes.len()), Reverse(*i)));
            let Some(best) = best.filter(|best| gain(&rest[*best]) > 0) else {
                break;
            };
            let entry = rest.remove(best);
            covered.extend(&entry.shown);
            self.entries.push(entry);
        }
        // What came later may show all that an earlier one was kept for.
        for at in (0..self.entries.len()).rev() {
            let others = || self.entries.iter().enumerate().filter(|(i, _)| *i != at);
            let mut shown = self.entries[at].shown.iter();
            if shown.all(|thing| others().any(|(_, other)| other.shown.contains(thing))) {
                self.entries.remove(at);
            }
        }
    }

    /// The next of those that were read from a folder. What it shows decides whether it is kept.
    pub(super) fn unplayed(&mut self) -> Option<Vec<Gene>> {
        self.unplayed.pop_front()
    }

    /// The genes of a new sequence that has nothing of those that are kept.
    pub(super) fn random(random: &mut ChaCha8Rng, most: u64) -> Vec<Gene> {
        let many = 1 + random.next_u64() % most.max(1);
        (0..many).map(|_| gene(random)).collect()
    }

    /// The genes of a kept sequence with a few changes; `None` where none is kept.
    pub(super) fn genes(&self, random: &mut ChaCha8Rng, most: u64) -> Option<Vec<Gene>> {
        let below = |random: &mut ChaCha8Rng, most: u64| random.next_u64() % most.max(1);
        if self.entries.is_empty() {
            return None;
        }
        let at = below(random, self.entries.len() as u64) as usize;
        let mut genes = self.entries[at].genes.clone();
        for _ in 0..=below(random, 3) {
            let at = below(random, genes.len() as u64 + 1) as usize;
            match below(random, 6) {
                0 | 1 => genes.insert(at, gene(random)),
                2 if genes.len() > 1 && at < genes.len() => {
                    genes.remove(at);
                }
                3 if at < genes.len() => {
                    let again = genes[at].clone();
                    genes.insert(at, again);
                }
                4 if at + 1 < genes.len() => genes.swap(at, at + 1),
                _ if at < genes.len() => {
                    // One choice is made anew, and those behind it.
                    let from = below(random, genes[at].len() as u64) as usize;
                    random.fill_bytes(&mut genes[at][from..]);
                }
                _ => genes.push(gene(random)),
            }
        }
        genes.truncate(2 * most as usize);
        Some(genes)
    }

    /// Reads what [`save`](Corpus::save) wrote; files that are none of it are passed over.
    pub fn load(folder: &Path) -> io::Result<Corpus> {
        let mut read = Vec::new();
        for path in files(folder)? {
            read.extend(genes_in(&path)?);
        }
        // What a short one shows, a long one need not.
        read.sort_by_key(Vec::len);
        Ok(Corpus {
            entries: Vec::new(),
            unplayed: read.into(),
        })
    }

    /// Writes a file for each sequence, and removes those that it once wrote of others.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let played = self.entries.iter().map(|entry| &entry.genes);
        let mut ours = HashSet::new();
        for genes in played.chain(&self.unplayed) {
            let lines: Vec<String> = genes.iter().map(|gene| hex(gene)).collect();
            let mut hasher = DefaultHasher::new();
            lines.hash(&mut hasher);
            let path = folder.join(format!("{:016x}.{ENDING}", hasher.finish()));
            fs::write(&path, lines.join("\n"))?;
            ours.insert(path);
        }
        for path in files(folder)? {
            if !ours.contains(&path) && genes_in(&path)?.is_some() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// How the names of the files end.
const ENDING: &str = "genes";

/// In order of their names; none where there is no such folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == ENDING));
    paths.sort();
    Ok(paths)
}

/// A sequence that was kept there; `None` where a file is something else.
fn genes_in(path: &Path) -> io::Result<Option<Vec<Gene>>> {
    let Ok(text) = String::from_utf8(fs::read(path)?) else {
        return Ok(None);
    };
    let genes: Option<Vec<Gene>> = text.lines().map(unhex).collect();
    Ok(genes.filter(|genes| !genes.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_show_as_well_is_dropped_the_longer_first() {
        let mut corpus = Corpus::default();
        let mut keep = |length, shown: &[u64]| {
            let genes = vec![vec![0]; length];
            corpus.keep(genes, shown.iter().copied().collect(), shown.len());
        };
        keep(5, &[1, 2]);
        keep(9, &[2, 3]);
        keep(4, &[2, 3]);
        keep(1, &[3]);
        keep(2, &[]);
        corpus.minimise();
        let mut lengths: Vec<usize> = (corpus.entries.iter())
            .map(|entry| entry.genes.len())
            .collect();
        lengths.sort_unstable();
        assert_eq!(lengths, [4, 5]);
    }
}
