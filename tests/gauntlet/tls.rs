//! Peers that TLS should keep us from, and some that cannot speak it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::peer::{Case, Expect, drain, flood};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        certified(
            "self-signed",
            "its certificate is not trusted; run with --ca FILE or --insecure",
            "localhost",
            Some(&stranger()),
            |_| {},
        ),
        certified(
            "wrong-name",
            "its certificate is for another name than localhost",
            "elsewhere.example",
            None,
            |_| {},
        ),
        certified(
            "expired",
            "its certificate has expired or is not valid yet",
            "localhost",
            None,
            |params| {
                params.not_before = date_time_ymd(2001, 1, 1);
                params.not_after = date_time_ymd(2002, 1, 1);
            },
        ),
        plain(
            "no-tls",
            "it does not speak TLS; use ws://",
            |mut stream| {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
                drain(&mut stream);
            },
        ),
        plain(
            "silent",
            "no answer within 500ms (TLS handshake)",
            |mut stream| {
                drain(&mut stream);
            },
        ),
        plain(
            "closes-within-the-handshake",
            "it closed the connection during the TLS handshake",
            |mut stream| {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(&[0x16, 3, 3, 0x40]);
            },
        ),
        plain("alert", "TLS handshake", |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 40]);
            drain(&mut stream);
        }),
        plain("endless-handshake-messages", "", |mut stream| {
            // A ServerHello that promises 16 MiB, in records without end.
            let mut record = vec![0x16, 3, 3, 0x40, 0];
            record.extend([2, 0xff, 0xff, 0xff]);
            record.resize(5 + 0x4000, 0);
            flood(&mut stream, &record);
        }),
    ]
}

fn plain(name: &str, why: &str, script: impl Fn(TcpStream) + Send + Sync + 'static) -> Case {
    let expect = Expect::Unfit(why.to_owned());
    Case::new(format!("tls/{name}"), Arc::new(script), expect).secure(&["--insecure"])
}

/// A server with a certificate of its own, to a client that trusts `trusted`, or else that certificate.
fn certified(
    name: &str,
    why: &str,
    host: &str,
    trusted: Option<&str>,
    change: impl FnOnce(&mut CertificateParams),
) -> Case {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
    change(&mut params);
    let certificate = params.self_signed(&key).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key);
    let config = Arc::new(config.expect("a key for this certificate"));
    let trusted = trusted.map_or_else(|| certificate.pem(), str::to_owned);
    let file = format!("{}/gauntlet-{name}.pem", env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).expect("a folder for tests");
    fs::write(&file, trusted).expect("a file for tests");
    let case = plain(name, why, move |stream| {
        let connection = ServerConnection::new(config.clone()).expect("a valid configuration");
        let mut tls = StreamOwned::new(connection, stream);
        let _ = tls.read(&mut [0; 4096]);
        let _ = tls.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n");
    });
    case.secure(&["--ca", &file])
}

/// A certificate of somebody else's.
fn stranger() -> String {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    params.self_signed(&key).expect("a certificate").pem()
}
