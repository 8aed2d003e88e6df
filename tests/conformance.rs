//! Every case of every pack against the built-in reference servers, one test a case, over real sockets.
//!
//! `cargo test friend-request` runs those whose name contains it.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use tokio::net::TcpListener;
use wireproof::embed::{Conformance, StartError};
use wireproof_reference::{Behaviour, Pack, protocol};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials: Vec<Trial> = Pack::ALL.iter().flat_map(|pack| trials(*pack)).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials(pack: Pack) -> Vec<Trial> {
    Conformance::to(pack.name())
        .strict()
        .trials(move || serve(pack))
        .expect("a valid pack for each server")
}

async fn serve(pack: Pack) -> Result<String, StartError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let server = protocol(pack, &Behaviour::default())?;
    tokio::spawn(wireproof_reference::serve(
        listener,
        server,
        std::future::pending(),
    ));
    Ok(url)
}
