//! The published reports are what this code makes of these scenarios, byte for byte.
//!
//! `WIREPROOF_PUBLISH=1 cargo test --test reports` writes them again.

#[path = "published/mod.rs"]
mod published;

use std::fs;
use std::path::Path;

use published::{broken, fold, page, reference};
use wireproof::event::Event;

fn published(name: &str, events: &[Event]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reports")
        .join(name);
    let page = page(events);
    if std::env::var_os("WIREPROOF_PUBLISH").is_some() {
        fs::write(&path, page).expect("reports/ can be written");
        return;
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = known.lines().zip(page.lines()).enumerate();
    let differs = lines.find(|(_, (known, now))| known != now);
    assert!(
        known == page,
        "reports/{name} is not what this code renders; look at it and publish it again with \
         `WIREPROOF_PUBLISH=1 cargo test --test reports`. It first differs at {differs:?}"
    );
}

#[test]
fn report_of_the_reference_servers_is_up_to_date() {
    let events = reference();
    let facts = fold(&events);
    let facts = facts.facts();
    assert!(facts.judged && !facts.unexpected && !facts.deviated);
    published("reference.html", &events);
}

#[test]
fn report_of_the_broken_server_is_up_to_date() {
    let events = broken();
    assert!(fold(&events).facts().deviated);
    published("broken.html", &events);
}
