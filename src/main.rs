//! The `wireproof` program: parses, calls the library, exits.

use clap::Parser;
use wireproof::cli::Cli;
use wireproof::exit::Exit;

fn main() -> Exit {
    Cli::parse().execute()
}
