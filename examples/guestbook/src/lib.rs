//! A guest book over WebSocket: whoever signs gets a number, and anybody can read what stands under it.
//!
//! The protocol is described in `protocol/`, which is also what `tests/conformance.rs` holds this server to.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

type Book = Arc<Mutex<Vec<(String, String)>>>;

/// Serves one guest book, for as long as it is polled.
pub async fn serve(listener: TcpListener) {
    let book = Book::default();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(guest(stream, book.clone()));
    }
}

async fn guest(stream: TcpStream, book: Book) {
    let Ok(mut socket) = accept_async(stream).await else {
        return;
    };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let answer = answer(&text, &book).to_string();
        if socket.send(Message::text(answer)).await.is_err() {
            return;
        }
    }
}

fn answer(text: &str, book: &Book) -> Value {
    let request: Value = serde_json::from_str(text).unwrap_or_default();
    let body = &request["body"];
    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    match (
        request["type"].as_str(),
        body["name"].as_str(),
        body["text"].as_str(),
    ) {
        (Some("SIGN"), Some(name), Some(text)) if !name.is_empty() => {
            book.push((name.to_owned(), text.to_owned()));
            json!({ "type": "SIGNED", "body": { "number": book.len() } })
        }
        (Some("READ"), _, _) => {
            let number = &body["number"];
            let index = number
                .as_u64()
                .and_then(|n| usize::try_from(n).ok()?.checked_sub(1));
            match index.and_then(|index| book.get(index)) {
                Some((name, text)) => json!({
                    "type": "ENTRY",
                    "body": { "number": number, "name": name, "text": text },
                }),
                None => json!({ "type": "MISSING", "body": { "number": number } }),
            }
        }
        _ => json!({ "type": "REFUSED", "body": {} }),
    }
}
