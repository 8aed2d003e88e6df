//! Which certificates are trusted, and what is said of the others.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::peer::{drain, failure, next, open_with, open_ws, serve};
use super::{Connection, EndpointOptions, Incoming, OpenError, Stage, Tls};
use crate::event::End;

/// A certificate that is wrong in one way, or in none, with its key.
fn certificate(
    name: &str,
    change: impl FnOnce(&mut CertificateParams),
) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    change(&mut params);
    (params.self_signed(&key).expect("a certificate"), key)
}

/// A `wss` server with this certificate that greets whoever opens a WebSocket.
async fn serve_tls(certificate: &rcgen::Certificate, key: &KeyPair) -> String {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a key for this certificate");
    let address = serve(async move |stream| {
        use futures_util::SinkExt;
        let Ok(stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
            return;
        };
        let mut socket = tokio_tungstenite::accept_async(stream)
            .await
            .expect("a handshake");
        let _ = socket.send("hello".into()).await;
    });
    address.await.replace("127.0.0.1", "localhost")
}

async fn open_tls(address: &str, tls: Tls) -> Result<Connection, OpenError> {
    let options = EndpointOptions {
        tls,
        ..EndpointOptions::default()
    };
    open_with(&format!("wss://{address}"), options).await
}

#[tokio::test]
async fn certificates_are_trusted_or_refused_with_a_reason() {
    let plain = certificate("localhost", |_| {});
    let stranger = certificate("localhost", |_| {});
    let authority = certificate("localhost", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let old = certificate("localhost", |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1)
    });
    let unborn = certificate("localhost", |params| {
        params.not_before = rcgen::date_time_ymd(3000, 1, 1)
    });
    let misnamed = certificate("elsewhere.example", |_| {});
    let misnamed_authority = certificate("elsewhere.example", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let wrong_name = OpenError::WrongName {
        host: "localhost".into(),
    };
    for (what, server, given, error) in [
        ("its own", &plain, &plain, None),
        (
            "its own, which is an authority's",
            &authority,
            &authority,
            None,
        ),
        ("another", &plain, &stranger, Some(OpenError::NotTrusted)),
        (
            "another, which is an authority's",
            &authority,
            &plain,
            Some(OpenError::NotTrusted),
        ),
        ("expired", &old, &old, Some(OpenError::Expired)),
        ("not valid yet", &unborn, &unborn, Some(OpenError::Expired)),
        (
            "for another name",
            &misnamed,
            &misnamed,
            Some(wrong_name.clone()),
        ),
        (
            "an authority's for another name",
            &misnamed_authority,
            &misnamed_authority,
            Some(wrong_name),
        ),
    ] {
        let address = serve_tls(&server.0, &server.1).await;
        let pem = given.0.pem().into_bytes();
        let opened = open_tls(
            &address,
            Tls {
                extra_ca: Some(pem),
                insecure: false,
            },
        )
        .await;
        assert_eq!(opened.err(), error, "{what}");

        let address = serve_tls(&server.0, &server.1).await;
        let mut opened = open_tls(
            &address,
            Tls {
                extra_ca: None,
                insecure: true,
            },
        )
        .await
        .expect(what);
        assert_eq!(
            next(&mut opened).await,
            Incoming::Text("hello".into()),
            "{what}"
        );
        // The server leaves without a word of TLS.
        assert_eq!(next(&mut opened).await, Incoming::End(End::Eof), "{what}");
    }
}

#[tokio::test]
async fn tls_and_plain_text_at_cross_purposes_are_noticed() {
    let insecure = Tls {
        insecure: true,
        ..Tls::default()
    };
    let address = serve(async |mut stream: TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        drain(stream).await;
    });
    assert_eq!(
        failure(open_tls(&address.await, insecure.clone()).await),
        OpenError::NotTls
    );

    let address = serve(async |stream| drop(stream)).await;
    let closed = failure(open_tls(&address, insecure).await);
    assert!(matches!(
        closed,
        OpenError::Closed { stage: Stage::Tls } | OpenError::Reset { stage: Stage::Tls }
    ));

    let (certificate, key) = certificate("localhost", |_| {});
    let address = serve_tls(&certificate, &key).await;
    assert_eq!(failure(open_ws(&address).await), OpenError::SpeaksTls);
}
