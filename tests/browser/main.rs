//! The pages in a real browser: at three widths, light and dark, with script and without.
//!
//! Needs Chromium, and axe-core where `WIREPROOF_AXE` says that its file is; `.ci/run` provides both.

mod devtools;
#[path = "../published/mod.rs"]
mod published;

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};

use devtools::{Browser, Page, View};
use serde_json::{Value, json};
use wireproof::event::{Departure, Event, KnownDeviation};

const WIDTHS: [u32; 3] = [375, 800, 1280];
const DESK: View = View {
    width: 1280,
    dark: false,
    script: true,
};

fn views() -> Vec<View> {
    let mut views = Vec::new();
    for width in WIDTHS {
        for (dark, script) in [(false, true), (true, true), (false, false), (true, false)] {
            views.push(View {
                width,
                dark,
                script,
            });
        }
    }
    views
}

fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn report(name: &str) -> String {
    url(&Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reports")
        .join(name))
}

/// Markup, script, an escape sequence, C1 CSI, bidi override, NUL, line breaks.
const HOSTILE: &str = "<script>owned=1</script>\"'><img src=x onerror=owned=2><svg onload=owned=3>\
    </title></style></textarea>\u{1b}[2J\u{9b}31m\u{202e}txet\u{0}\r\n\u{2028}javascript:owned=4";

/// The run of the broken server, by a profile that knows of some of it.
fn profiled() -> Vec<Event> {
    let mut events = published::broken();
    let Some(Event::RunStarted { packs, .. }) = events.first_mut() else {
        panic!("a run starts with its packs");
    };
    packs[0].departures = vec![Departure {
        what: "name of LOGIN_REQUEST".into(),
        document: "LOGIN_REQUEST".into(),
        target: "7".into(),
    }];
    let known = |case: &str, fails: &str| KnownDeviation {
        at: "my-server.yaml:9:5".into(),
        cases: vec![case.into()],
        shape: None,
        fails: fails.into(),
        reason: "issue 17: the store is cleared too late".into(),
        sometimes: false,
    };
    packs[0].known = vec![
        known("friendchat/register.duplicate[same-password]", "mismatch"),
        known("friendchat/login.right-password", "login.succeeds"),
    ];
    events
}

/// A page of this test's own, as the browser finds it.
fn written(test: &str, events: &[Event]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.html"));
    fs::write(&path, published::page(events)).expect("a place for test files");
    url(&path)
}

/// That run, with every text in it hostile, and some of them long.
fn hostile(test: &str) -> String {
    let mut events = profiled();
    for (index, event) in events.iter_mut().enumerate() {
        let mut value = serde_json::to_value(&*event).expect("JSON");
        let long = if index % 50 == 0 {
            "W".repeat(1 << 20)
        } else {
            String::new()
        };
        spoil(&mut value, &long);
        *event = serde_json::from_value::<Event>(value).expect("still an event");
    }
    written(&format!("hostile-{test}"), &events)
}

/// Appends to every text but those that the stream itself gives a meaning.
fn spoil(value: &mut Value, long: &str) {
    const OURS: [&str; 13] = [
        "event", "level", "settled", "why", "by", "kind", "shown", "how", "as", "case", "pack",
        "id", "hex",
    ];
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if !OURS.contains(&name.as_str()) {
                    spoil(field, long);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| spoil(value, long)),
        Value::String(text) => {
            text.push_str(HOSTILE);
            text.push_str(long);
        }
        _ => {}
    }
}

fn browse<F: Future<Output = ()>>(test: impl FnOnce(Page) -> F) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let browser = Browser::start();
    runtime.block_on(async { test(browser.page().await).await });
}

#[test]
fn pages_fit_and_are_quiet_however_they_are_looked_at() {
    let hostile = hostile("fit");
    browse(|mut page| async move {
        for url in [report("reference.html"), report("broken.html"), hostile] {
            for view in views() {
                page.open(&url, view).await;
                let facts = "[document.documentElement.scrollWidth - innerWidth <= 0, \
                    document.querySelector('h1').checkVisibility(), \
                    document.querySelectorAll('main section').length > 3, \
                    Boolean(document.querySelector('.tools'))]";
                let facts = page.value(facts).await;
                assert_eq!(
                    facts,
                    json!([true, true, true, view.script]),
                    "{url} {view:?}"
                );
                assert_eq!(page.complaints(), Vec::<&Value>::new(), "{url} {view:?}");
            }
        }
    });
}

#[test]
fn unfolded_pages_fit_as_well() {
    let hostile = hostile("unfolded");
    browse(|mut page| async move {
        for url in [report("broken.html"), hostile] {
            for width in WIDTHS {
                page.open(&url, View { width, ..DESK }).await;
                unfold(&mut page).await;
                let over = "[...document.querySelectorAll('main *')].filter(e => !e.closest('svg, .scroll') && \
                    e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1) \
                    .map(e => e.outerHTML.slice(0, 300))";
                assert_eq!(page.value(over).await, json!([]), "{url} {width}");
            }
        }
    });
}

async fn unfold(page: &mut Page) {
    page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        .await;
}

#[test]
fn hostile_text_does_nothing_and_is_seen() {
    let hostile = hostile("inert");
    browse(|mut page| async move {
        for script in [true, false] {
            page.open(&hostile, View { script, ..DESK }).await;
            unfold(&mut page).await;
            let facts = "[typeof owned, document.images.length, document.scripts.length, \
                document.querySelectorAll('[onerror], [onload], base, link, iframe, object, form').length, \
                document.body.innerText.includes('<script>owned=1</script>'), \
                /[\\u202e\\u2028\\u0000\\u001b\\u009b]/.test(document.documentElement.textContent)]";
            let wanted = json!(["undefined", 0, 1, 0, true, false]);
            assert_eq!(page.value(facts).await, wanted);
            assert_eq!(page.complaints(), Vec::<&Value>::new());
        }
    });
}

#[test]
fn log_that_was_cut_off_says_so_in_sight() {
    let events = published::reference();
    let url = written("cut-off", &events[..events.len() / 2]);
    browse(|mut page| async move {
        page.open(
            &url,
            View {
                script: false,
                ..DESK
            },
        )
        .await;
        let said = "(() => { const e = document.querySelector('.cut-off'); \
            return [e.checkVisibility(), e.getBoundingClientRect().bottom < innerHeight, e.textContent]; })()";
        let said = page.value(said).await;
        assert_eq!([&said[0], &said[1]], [true, true]);
        assert!(
            said[2]
                .as_str()
                .is_some_and(|text| text.starts_with("This log was cut off. ")),
            "{said}"
        );
    });
}

#[test]
fn policy_keeps_out_what_would_get_past_the_escaping() {
    browse(|mut page| async move {
        page.open(&report("broken.html"), DESK).await;
        let add = "document.body.insertAdjacentHTML('beforeend', \
            '<img src=x onerror=owned=1><b style=\"color:red\">'); \
            const script = document.createElement('script'); script.textContent = 'owned=2'; \
            document.body.append(script)";
        page.value(add).await;
        // The handler, the style, the script; and the picture, which is not loaded.
        assert!(page.soon("document.images[0].complete").await);
        let refused = |c: &&&Value| c.to_string().contains("Content Security Policy");
        let refused = page.complaints().iter().filter(refused).count();
        assert!(refused >= 3, "{:?}", page.complaints());
        assert_eq!(page.value("typeof owned").await, "undefined");
    });
}

#[test]
fn every_link_leads_to_something_in_sight() {
    let profiled = written("links", &profiled());
    browse(|mut page| async move {
        for url in [report("reference.html"), report("broken.html"), profiled] {
            for script in [true, false] {
                page.open(&url, View { script, ..DESK }).await;
                let links = "[...new Set([...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')))]";
                let links = page.value(links).await;
                let links = links.as_array().expect("a list").clone();
                assert!(links.len() > 5, "{links:?}");
                // Each link from the page as it was opened.
                let fresh = "folds.forEach((open, i) => { document.querySelectorAll('details')[i].open = open; }); \
                    history.replaceState(null, '', location.pathname); scrollTo(0, 0)";
                page.value("globalThis.folds = [...document.querySelectorAll('details')].map(d => d.open); 0")
                    .await;
                for link in links {
                    let link = link.as_str().expect("text");
                    page.value(fresh).await;
                    let go = format!("document.querySelector('a[href={link:?}]').click()");
                    page.value(&go).await;
                    let seen = format!(
                        "(() => {{ const e = document.querySelector({link:?}); const r = e.getBoundingClientRect(); \
                         return e.checkVisibility() && r.height > 0 && r.top < innerHeight && r.bottom > 0; }})()"
                    );
                    let seen = page.soon(&seen).await;
                    assert!(seen, "{url}{link} with script {script}");
                }
            }
        }
    });
}

#[test]
fn search_finds_and_gives_back_what_it_hid() {
    browse(|mut page| async move {
        page.open(&report("reference.html"), DESK).await;
        let seen = "[[...document.querySelectorAll('#cases .lines > li')].filter(e => e.checkVisibility()).length, \
            document.querySelector('output').textContent !== '']";
        assert_eq!(page.value(seen).await, json!([0, false]), "all is folded");
        page.key("/", 191).await;
        page.types("friend-request.stored-twice").await;
        assert_eq!(page.value(seen).await, json!([1, true]));
        page.key("Escape", 27).await;
        assert_eq!(page.value(seen).await, json!([0, false]));
        assert_eq!(page.complaints(), Vec::<&Value>::new());
    });
}

#[test]
fn filter_shows_what_is_wrong_alone() {
    browse(|mut page| async move {
        page.open(&report("broken.html"), DESK).await;
        let choose = "(() => { const s = document.querySelector('select'); s.value = 'wrong'; \
            s.dispatchEvent(new Event('change')); \
            const seen = [...document.querySelectorAll('.lines > li')].filter(e => e.checkVisibility()); \
            return [seen.length > 0, seen.every(e => e.matches('.deviates, .not-met'))]; })()";
        assert_eq!(page.value(choose).await, json!([true, true]));
    });
}

#[test]
fn failure_unfolds_by_mouse_and_by_keyboard_with_and_without_script() {
    browse(|mut page| async move {
        for script in [true, false] {
            page.open(&report("broken.html"), View { script, ..DESK })
                .await;
            let folded = ".deviation:not([open])";
            let count = format!("document.querySelectorAll({folded:?}).length");
            let before = page.value(&count).await.as_u64().expect("a number");
            page.click(&format!("{folded} > summary")).await;
            assert_eq!(page.value(&count).await, before - 1, "by mouse");
            page.value(&format!(
                "document.querySelector('{folded} > summary').focus()"
            ))
            .await;
            page.key("Enter", 13).await;
            assert_eq!(page.value(&count).await, before - 2, "by keyboard");
            let shown = "[...document.querySelectorAll('.deviation[open]')].every(d => \
                d.querySelector('.command').checkVisibility() && d.querySelector('svg.sequence').checkVisibility())";
            assert_eq!(page.value(shown).await, true);
        }
    });
}

#[test]
fn jumping_unfolds_and_focuses_the_next_deviation() {
    browse(|mut page| async move {
        page.open(&report("broken.html"), DESK).await;
        let focused = "[...document.querySelectorAll('.deviation')].findIndex(d => d.open && d.contains(document.activeElement))";
        for (key, code, place) in [("j", 74, 0), ("j", 74, 1), ("j", 74, 2), ("k", 75, 1)] {
            page.key(key, code).await;
            assert_eq!(page.value(focused).await, place);
        }
    });
}

#[test]
fn command_is_copied_or_selected() {
    browse(|mut page| async move {
        page.open(&report("broken.html"), DESK).await;
        page.click("button.copy").await;
        let said =
            "['Copied', 'Selected'].includes(document.querySelector('button.copy').textContent)";
        assert!(page.soon(said).await);
    });
}

#[test]
fn axe_finds_nothing_serious() {
    let axe = std::env::var_os("WIREPROOF_AXE").expect("WIREPROOF_AXE names axe.min.js");
    let axe = fs::read_to_string(axe).expect("axe-core can be read");
    let profiled = written("axe", &profiled());
    browse(|mut page| async move {
        let pages = [
            (report("reference.html"), false),
            (report("broken.html"), true),
            (profiled, false),
        ];
        for (url, unfolded) in pages {
            for width in WIDTHS {
                for dark in [false, true] {
                    let script = true;
                    let view = View {
                        width,
                        dark,
                        script,
                    };
                    page.open(&url, view).await;
                    if unfolded {
                        unfold(&mut page).await;
                    }
                    page.value(&format!("{axe};0")).await;
                    let run = "axe.run({ resultTypes: ['violations'] }).then(r => r.violations.map(v => \
                        [v.impact, v.id, v.nodes.length, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]))";
                    let found = page.value(run).await;
                    let found = found.as_array().expect("a list").clone();
                    println!("{url}, {width} wide, dark {dark}: {} findings", found.len());
                    found.iter().for_each(|finding| println!("  {finding}"));
                    let grave =
                        |finding: &&Value| finding[0] == "serious" || finding[0] == "critical";
                    let grave: Vec<&Value> = found.iter().filter(grave).collect();
                    assert!(grave.is_empty(), "{url} {width} {dark}: {grave:#?}");
                }
            }
        }
    });
}
