//! The sequences that showed something new, as genes; new ones are made from them. In a folder, one file each.

use std::fs;
use std::io;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::generate::Gene;
use super::sources::gene;
use crate::scenario::unhex;
use crate::value::hex;

/// More than these are not kept: the oldest that showed least goes first.
const MOST: usize = 400;

#[derive(Default, Debug)]
pub struct Corpus {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    genes: Vec<Gene>,
    /// How many new things it showed.
    new: usize,
}

impl Corpus {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn keep(&mut self, genes: Vec<Gene>, new: usize) {
        self.entries.push(Entry { genes, new });
        if self.entries.len() > MOST
            && let Some(least) = (0..self.entries.len()).min_by_key(|i| self.entries[*i].new)
        {
            self.entries.remove(least);
        }
    }

    /// The genes of a new sequence: all new, or those of a kept one with a few changes.
    pub(super) fn genes(&self, random: &mut ChaCha8Rng, most: u64) -> Vec<Gene> {
        let below = |random: &mut ChaCha8Rng, most: u64| random.next_u64() % most.max(1);
        if self.entries.is_empty() || below(random, 2) == 0 {
            let many = 1 + below(random, most);
            return (0..many).map(|_| gene(random)).collect();
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
        genes
    }

    /// Reads what [`save`](Corpus::save) wrote; files that are none of it are passed over.
    pub fn load(folder: &Path) -> io::Result<Corpus> {
        let mut corpus = Corpus::default();
        if !folder.is_dir() {
            return Ok(corpus);
        }
        let mut paths: Vec<_> = fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "genes"))
            .collect();
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(path)?;
            let genes: Vec<Gene> = text.lines().filter_map(unhex).collect();
            if !genes.is_empty() {
                corpus.keep(genes, 1);
            }
        }
        Ok(corpus)
    }

    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (i, entry) in self.entries.iter().enumerate() {
            let lines: Vec<String> = entry.genes.iter().map(|gene| hex(gene)).collect();
            fs::write(folder.join(format!("{i:04}.genes")), lines.join("\n"))?;
        }
        Ok(())
    }
}
