//! Every format that a report can have: a line of this list and a file of this folder each.
//!
//! Opens nothing: whoever asks says where a report goes.

use std::io::Write;

use super::badge::{Badge, BadgeEndpoint};
use super::github::Github;
use super::junit::Junit;
use super::tap::Tap;
use super::{Html, Json, Reporter, Terminal};

pub type Out = Box<dyn Write + Send>;
pub type Boxed = Box<dyn Reporter + Send>;

/// Where a report goes.
pub struct To {
    pub file: Option<Out>,
    /// Standard output, or standard error where that holds another document.
    pub console: Out,
}

impl To {
    fn out(self) -> Out {
        self.file.unwrap_or(self.console)
    }
}

#[derive(Debug)]
pub struct Format {
    /// What it is called in `--report NAME=FILE` and `wireproof report NAME`.
    pub name: &'static str,
    /// What it is, in a few words for the help.
    pub about: &'static str,
    /// Means something on the console as well, so that a file need not be named.
    pub alone: bool,
    pub open: fn(To) -> Boxed,
}

pub const FORMATS: [Format; 8] = [
    Format {
        name: "html",
        about: "one offline page for people",
        alone: false,
        open: |to| Box::new(Html::new(to.out())),
    },
    Format {
        name: "json",
        about: "one document with every verdict, for programs",
        alone: false,
        open: |to| Box::new(Json::new(to.out())),
    },
    Format {
        name: "junit",
        about: "JUnit's XML, as Jenkins and GitLab show it",
        alone: false,
        open: |to| Box::new(Junit::new(to.out())),
    },
    Format {
        name: "tap",
        about: "TAP 14, for its harnesses",
        alone: false,
        open: |to| Box::new(Tap::new(to.out())),
    },
    Format {
        name: "github",
        about: "annotations and a step summary of GitHub Actions; needs no FILE",
        alone: true,
        open: |to| Box::new(Github::new(to)),
    },
    Format {
        name: "badge",
        about: "a badge, as SVG",
        alone: false,
        open: |to| Box::new(Badge::new(to.out())),
    },
    Format {
        name: "badge-json",
        about: "a badge for shields.io to draw, as its endpoint's JSON",
        alone: false,
        open: |to| Box::new(BadgeEndpoint::new(to.out())),
    },
    Format {
        name: "terminal",
        about: "what a run says at its end, as plain text",
        alone: false,
        open: |to| Box::new(Terminal::plain(to.out())),
    },
];

impl Format {
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// "html, json and junit"
    pub fn names() -> String {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        match names.split_last() {
            Some((last, first)) => format!("{} and {last}", first.join(", ")),
            None => String::new(),
        }
    }
}
