//! The cases as tests of a server's own: one test a case, for `cargo test` and nextest alike.
//!
//! A server's `tests/conformance.rs` says which pack it means to speak and how to start it; its `Cargo.toml`
//! switches the usual harness off:
//!
//! ```toml
//! [dev-dependencies]
//! wireproof = { version = "0.1", default-features = false, features = ["libtest"] }
//!
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! ```no_run
//! use std::process::ExitCode;
//! use wireproof::embed::Conformance;
//!
//! # async fn my_server() -> std::io::Result<std::net::SocketAddr> { unimplemented!() }
//! fn main() -> ExitCode {
//!     Conformance::to("friendchat").main(|| async {
//!         let address = my_server().await?;
//!         Ok(format!("ws://{address}"))
//!     })
//! }
//! ```
//!
//! `cargo test --test conformance register.` runs the cases whose id contains `register.`; `--list` starts
//! nothing. A case that is not applicable passes; one that is blocked or could not run fails.

mod judge;

use std::error::Error;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::plan::{Selection, check_accounts, check_known, plan};
use crate::scenario::{self, Pack, PackSource};
use crate::source::{Diagnostics, SourceFile, parse};
use crate::target::{Profile, read_profile};

/// Whatever keeps a server from starting.
pub type StartError = Box<dyn Error + Send + Sync>;

type Starting = Pin<Box<dyn Future<Output = Result<String, StartError>> + Send>>;

/// The cases of one pack, to be made into tests.
#[derive(Debug)]
pub struct Conformance {
    source: Result<PackSource, String>,
    profile: Profile,
    /// A profile that is yet to be read.
    file: Option<PathBuf>,
    strict: bool,
}

/// What the tests of one server share.
struct Shared {
    runtime: Runtime,
    start: Box<dyn Fn() -> Starting + Send + Sync>,
    /// Where it is, once the first test has started it; or why it did not start.
    url: OnceCell<Result<String, String>>,
    strict: bool,
}

impl Conformance {
    /// To a pack that wireproof brings along, by its name.
    pub fn to(pack: &str) -> Conformance {
        let embedded = scenario::embedded();
        let known = embedded.iter().map(|source| source.name.as_str());
        let known = known.collect::<Vec<_>>().join(", ");
        let found = embedded.into_iter().find(|source| source.name == pack);
        Conformance::of(found.ok_or_else(|| format!("unknown pack \"{pack}\"; there are {known}")))
    }

    /// To a pack of your own: a folder with a `protocol.yaml`.
    pub fn to_folder(folder: impl AsRef<Path>) -> Conformance {
        let folder = folder.as_ref();
        let source = PackSource::from_dir(folder);
        Conformance::of(source.map_err(|error| format!("{}: {error}", folder.display())))
    }

    fn of(source: Result<PackSource, String>) -> Conformance {
        Conformance {
            source,
            profile: Profile::default(),
            file: None,
            strict: false,
        }
    }

    /// What the server does in its own way: readings, settings, time-outs.
    pub fn with(mut self, profile: Profile) -> Conformance {
        self.profile = profile;
        self
    }

    /// The same from a profile's file, over [`with`](Conformance::with), but for where the server is: its dialect,
    /// its readings, its known deviations. A case that is known to deviate passes, and fails once it does not.
    pub fn with_file(mut self, profile: impl AsRef<Path>) -> Conformance {
        self.file = Some(profile.as_ref().to_owned());
        self
    }

    /// A `should` that does not hold fails its test, too.
    pub fn strict(mut self) -> Conformance {
        self.strict = true;
        self
    }

    /// Runs the tests that the command line asks for: all that a `main` has to do.
    ///
    /// `start` is called when the first test runs, inside of a tokio runtime that lives as long as the tests
    /// do, and gives the server's URL.
    pub fn main<S, F>(self, start: S) -> ExitCode
    where
        S: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<String, StartError>> + Send + 'static,
    {
        let arguments = Arguments::from_args();
        match self.trials(start) {
            Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        }
    }

    /// One test a case, for those who have tests of other kinds beside them, or several servers.
    ///
    /// # Errors
    ///
    /// The pack is unknown, or it or the profile has mistakes, which are told with their places.
    pub fn trials<S, F>(self, start: S) -> Result<Vec<Trial>, String>
    where
        S: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<String, StartError>> + Send + 'static,
    {
        let pack = Arc::new(read(&self.source?)?);
        let profile = match &self.file {
            Some(path) => read_file(path, &pack)?,
            None => self.profile,
        };
        let shared = Arc::new(Shared {
            runtime: Runtime::new().map_err(|error| format!("no threads: {error}"))?,
            start: Box::new(move || Box::pin(start())),
            url: OnceCell::new(),
            strict: self.strict,
        });
        let cases = plan(&[pack], &Arc::new(profile), &Selection::default());
        let trial = |case: Arc<crate::plan::Case>| {
            let shared = shared.clone();
            Trial::test(case.id.clone(), move || {
                let outcome = shared.runtime.block_on(async {
                    let url = shared.url().await?;
                    judge::run(case, &url, shared.strict).await
                });
                outcome.map_err(Into::into)
            })
        };
        Ok(cases.into_iter().map(trial).collect())
    }
}

impl Shared {
    async fn url(&self) -> Result<String, String> {
        let start = || async { (self.start)().await.map_err(|error| error.to_string()) };
        let url = self.url.get_or_init(start).await;
        url.clone()
            .map_err(|error| format!("the server did not start: {error}"))
    }
}

fn read(source: &PackSource) -> Result<Pack, String> {
    let pack = scenario::read_pack(source);
    let checked = pack.and_then(|pack| scenario::check(&pack).into_result(pack));
    checked.map_err(|mistakes| mistakes.render(false).to_string())
}

fn read_file(path: &Path, pack: &Arc<Pack>) -> Result<Profile, String> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let told = |mistakes: Diagnostics| mistakes.render(false).to_string();
    let roots = parse(&SourceFile::new(name.as_str(), text)).map_err(told)?;
    let root = roots.first().ok_or_else(|| format!("{name} is empty"))?;
    let (_, profile) = read_profile(root, &pack.catalogue).map_err(told)?;
    let mut problems = check_known(pack, &profile);
    problems.extend(check_accounts(pack, &profile));
    problems.into_result(profile).map_err(told)
}
