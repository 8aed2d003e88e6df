//! `guestbook PORT`: serves a guest book on the loopback.

use std::process::ExitCode;

use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let address = ("127.0.0.1", port.unwrap_or(0u16));
    match TcpListener::bind(address).await {
        Ok(listener) => {
            guestbook::serve(listener).await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("guestbook: {error}");
            ExitCode::FAILURE
        }
    }
}
