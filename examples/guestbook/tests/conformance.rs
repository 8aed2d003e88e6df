//! Holds the guest book to its protocol: one test a case.

use std::process::ExitCode;

use tokio::net::TcpListener;
use wireproof::embed::Conformance;

fn main() -> ExitCode {
    let protocol = concat!(env!("CARGO_MANIFEST_DIR"), "/protocol");
    Conformance::to_folder(protocol).main(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("ws://{}", listener.local_addr()?);
        tokio::spawn(guestbook::serve(listener));
        Ok(url)
    })
}
