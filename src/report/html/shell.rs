//! What every page has in common: its head, its style and script, and the policy that lets in nothing else.
//!
//! A page is a template that extends `base.html` and holds a [`Shell`]. The policy names style and script by
//! their hashes, so that not even a hole in the escaping could run anything else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::super::headline::Tone;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What every page has in common.
pub struct Shell {
    /// Of the window; escaped by the template.
    pub title: String,
    /// The class of the page: `good`, `bad`, `open`.
    pub tone: &'static str,
    pub policy: String,
    pub style: &'static str,
    pub script: &'static str,
}

impl Shell {
    pub fn new(title: String, tone: Tone) -> Shell {
        Shell {
            title,
            tone: match tone {
                Tone::Conforms => "good",
                Tone::Deviates => "bad",
                Tone::Open => "open",
            },
            policy: format!(
                "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
                hash(STYLE),
                hash(SCRIPT)
            ),
            style: STYLE,
            script: SCRIPT,
        }
    }
}

/// As a policy names an inline element with this content.
pub(super) fn hash(content: &str) -> String {
    let digest = digest(&SHA256, content.as_bytes());
    format!("sha256-{}", STANDARD.encode(digest))
}
