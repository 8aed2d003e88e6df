//! Every case of every pack against the built-in reference servers, one test a case, over real sockets.
//!
//! `cargo test friend-request` runs those whose name contains it.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::{OnceCell, mpsc, watch};
use wireproof::codec::Codec;
use wireproof::event::{CaseEnd, Event, Level};
use wireproof::plan::{Case, Selection, plan};
use wireproof::runner::{RunOptions, Target, run};
use wireproof::scenario::{embedded, read_pack};
use wireproof::transport::{Endpoint, EndpointOptions};
use wireproof_reference::{Behaviour, Pack as Server, protocol};

/// One server a pack, started when the first of its cases runs: `--list` starts nothing.
#[derive(Default)]
struct Servers(HashMap<&'static str, OnceCell<String>>);

impl Servers {
    async fn url(&self, server: Server) -> &str {
        let start = || async {
            let listener = TcpListener::bind("127.0.0.1:0")
                .await
                .expect("a free port on the loopback");
            let address = listener.local_addr().expect("it is bound");
            let protocol = protocol(server, &Behaviour::default()).expect("the default behaviour");
            tokio::spawn(wireproof_reference::serve(
                listener,
                protocol,
                std::future::pending(),
            ));
            format!("ws://{address}")
        };
        self.0[server.name()].get_or_init(start).await
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let runtime = Runtime::new().expect("threads");
    let servers = Server::ALL
        .iter()
        .map(|server| (server.name(), OnceCell::new()));
    let servers = Arc::new(Servers(servers.collect()));
    let mut trials = Vec::new();
    for server in Server::ALL {
        let source = embedded()
            .into_iter()
            .find(|source| source.name == server.name());
        let pack =
            Arc::new(read_pack(&source.expect("a pack for each server")).expect("a valid pack"));
        for case in plan(&[pack], &Arc::default(), &Selection::default()) {
            let (handle, servers) = (runtime.handle().clone(), servers.clone());
            trials.push(Trial::test(case.id.clone(), move || {
                conforms(&handle, &servers, *server, case)
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn conforms(
    handle: &Handle,
    servers: &Servers,
    server: Server,
    case: Arc<Case>,
) -> Result<(), Failed> {
    handle.block_on(async {
        let url = servers.url(server).await;
        let endpoint =
            Endpoint::parse(url, EndpointOptions::default()).map_err(|error| error.to_string())?;
        let pack = case.pack.clone();
        let codec = Codec::from_name(pack.catalogue.wire.codec.name()).ok_or("unknown codec")?;
        let options = RunOptions {
            jobs: 1,
            seed: 1,
            tag: format!("t{}", case.number),
            rerun: String::new(),
        };
        let (events, mut incoming) = mpsc::channel(64);
        let (_interrupt, interrupted) = watch::channel(false);
        let target = Target { endpoint, codec };
        tokio::spawn(run(
            vec![(pack, target, vec![case])],
            options,
            events,
            interrupted,
        ));
        let mut ended = Err("the case did not end".into());
        let mut wrong = Vec::new();
        while let Some(event) = incoming.recv().await {
            match event {
                Event::Deviation { deviation, .. } if deviation.level != Level::Advice => {
                    wrong.push(format!(
                        "{}: {} ({:?})",
                        deviation.at, deviation.message, deviation.requirements
                    ));
                }
                Event::Shape { message, path, .. } => {
                    wrong.push(format!("{message} departs at {path}"))
                }
                Event::CaseFinished {
                    end: CaseEnd::Judged | CaseEnd::NotApplicable { .. },
                    ..
                } => ended = Ok(()),
                Event::CaseFinished { end, .. } => ended = Err(format!("{end:?}").into()),
                _ => {}
            }
        }
        if wrong.is_empty() {
            ended
        } else {
            Err(wrong.join("\n").into())
        }
    })
}
