//! Plays sequences of messages at a target and writes what goes wrong down as scenarios.
//!
//! Everything that is played is an ordinary scenario, made as text, read by the scenario language's own reader
//! and judged by the engine; so a finding's file shows again just what was found. In the order of the data:
//!
//! - `vocabulary`: what the catalogue says of how to talk. `values`, `raw`: what stands in fields and frames.
//! - `generate`: choices into a [`Sequence`]; `sequence`: steps of a cast that is always the same. People who
//!   play the pack's flows are judged by everything that the flows say; people who do anything are held to
//!   what any connection can ask: answers in the codec, in their shapes, and that the server lives on; people
//!   who do nothing must hear nothing.
//! - `lower`: a sequence as the text of a scenario. `ground`: where it is played.
//! - `oracle`: what a run says against its target; `compare`: what it shows beside right servers, by `heard` and
//!   `tales`, who heard what. `novelty`, [`Corpus`]: what was new about it.
//! - [`Campaign`]: rounds of all that. `sources`: what they are made from. `round`: one of them. `shrink`; [`Finding`].
//!
//! A reading is never a finding: where there are servers that are right, each taking another reading, a
//! suspicion that one of them gives rise to as well is dropped.

mod after;
mod campaign;
mod compare;
mod corpus;
mod datum;
mod doubt;
mod finding;
mod follow;
mod generate;
mod ground;
mod heard;
mod lower;
mod novelty;
mod oracle;
mod pairs;
mod progress;
mod raw;
mod round;
mod sequence;
mod shrink;
mod sources;
mod sweep;
mod tales;
mod tour;
mod values;
mod vocabulary;

pub use campaign::Campaign;
pub use corpus::Corpus;
pub use finding::Finding;
pub use ground::{Ground, MakeServer, Mirror, Restart, Workshop};
pub use oracle::{Oracle, Signature};
pub use progress::{CampaignEnd, Options, Progress, Summary};
pub use sequence::Sequence;
pub use sources::Source;
pub use vocabulary::Vocabulary;
