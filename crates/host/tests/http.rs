//! The HTTP client against real servers on loopback that misbehave in one way each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crypto::{PrivateKey, Signer as _, SystemEntropy};
use host::http::PortSet;
use host::{AddressPolicy, HttpClient, SystemClock, TlsRoots};
use primitives::http::{HttpError, Request, Response};
use primitives::{Clock as _, Http as _, Left, Refusal as _};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use trust::Certificate;
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use url::Url;

/// What a server answers, and how.
#[derive(Clone)]
enum Conduct {
    /// These bytes, then the end.
    Says(Vec<u8>),
    /// The request itself, as the body.
    Echoes,
    /// A head, then one byte of the body a tick.
    Drips(Duration),
    /// Nothing at all.
    Silent,
    /// A head without a length, then zeros without end.
    Floods,
}

fn says(status: &str, headers: &str, body: &str) -> Conduct {
    Conduct::Says(
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes(),
    )
}

async fn act<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, conduct: Conduct) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await? {
            0 => return Ok(()),
            count => request.extend_from_slice(&chunk[..count]),
        }
    }
    match conduct {
        Conduct::Says(bytes) => stream.write_all(&bytes).await?,
        Conduct::Echoes => {
            stream
                .write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", request.len()).as_bytes())
                .await?;
            stream.write_all(&request).await?;
        }
        Conduct::Drips(tick) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await?;
            loop {
                stream.write_all(b"x").await?;
                stream.flush().await?;
                tokio::time::sleep(tick).await;
            }
        }
        Conduct::Silent => tokio::time::sleep(Duration::from_secs(60)).await,
        Conduct::Floods => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            loop {
                stream.write_all(&[0; 65536]).await?;
            }
        }
    }
    stream.shutdown().await
}

/// A server on plain http.
async fn plain(conduct: Conduct) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(act(stream, conduct.clone()));
        }
    });
    address
}

/// A server on TLS with a certificate of `authority` for `name`.
async fn tls(conduct: Conduct, authority: &Authority, name: &str, validity: Validity) -> SocketAddr {
    let key = PrivateKey::generate(&SystemEntropy).unwrap();
    let certificate = CertificateBuilder::leaf(Subject::new("Server"), validity)
        .with_dns_name(name)
        .with_purpose(Purpose::ServerAuthentication)
        .issued_by(&key.public_key(), &authority.certificate, &authority.key, &SystemEntropy)
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.to_pkcs8_pem().unwrap().expose()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate.der().to_vec())], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, conduct) = (acceptor.clone(), conduct.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let _ = act(stream, conduct).await;
                }
            });
        }
    });
    address
}

struct Authority {
    key: PrivateKey,
    certificate: Certificate,
}

impl Authority {
    fn new() -> Self {
        let key = PrivateKey::generate(&SystemEntropy).unwrap();
        let certificate = CertificateBuilder::authority(Subject::new("Root"), good())
            .self_signed(&key, &SystemEntropy)
            .unwrap();
        Self { key, certificate }
    }

    fn roots(&self) -> TlsRoots {
        TlsRoots::only(vec![self.certificate.der().to_vec()])
    }
}

fn good() -> Validity {
    Validity::days(SystemClock.now() - 86_400, 30)
}

fn loopback_client() -> HttpClient {
    HttpClient::new(AddressPolicy::with_loopback(PortSet::Any, true), &TlsRoots::default()).unwrap()
}

fn get(address: SocketAddr) -> Request {
    Request::get(Url::parse(&format!("http://{address}/path?query=1#fragment")).unwrap())
}

async fn answer(conduct: Conduct) -> Result<Response, HttpError> {
    loopback_client().send(get(plain(conduct).await)).await
}

#[tokio::test]
async fn an_answer_comes_with_status_headers_and_body() {
    let response = answer(says("404 Not Found", "X-Test: a\r\n", "body")).await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (404, b"body".as_slice()));
    assert_eq!(response.header("x-test"), Some("a"));
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_asked_for() {
    let address = plain(Conduct::Echoes).await;
    let response =
        loopback_client().send(get(address).with_header("accept", "application/json")).await.unwrap();
    let text = String::from_utf8(response.body).unwrap().to_lowercase();
    assert_eq!(
        text,
        format!("get /path?query=1 http/1.1\r\naccept: application/json\r\nhost: {address}\r\n\r\n")
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    // The place it points to would answer.
    let target = plain(says("200 OK", "", "secret")).await;
    for status in
        ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        for location in
            [format!("http://{target}/"), "http://10.0.0.1/".to_owned(), "http://169.254.169.254/".to_owned()]
        {
            let result = answer(says(status, &format!("location: {location}\r\n"), "")).await;
            assert_eq!(result, Err(HttpError::RedirectRefused), "{status} {location}");
        }
    }
}

#[tokio::test]
async fn a_body_of_100_mb_ends_at_the_bound() {
    let begun = Instant::now();
    // Announced: refused before a byte of it is read.
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n".to_vec();
    assert_eq!(answer(Conduct::Says(head)).await, Err(HttpError::TooLarge));
    // Not announced: refused while it streams.
    assert_eq!(answer(Conduct::Floods).await, Err(HttpError::TooLarge));
    assert!(begun.elapsed() < Duration::from_secs(5));
    let exact = plain(says("200 OK", "", "12345")).await;
    let client = loopback_client();
    assert!(client.send(get(exact).with_max_response_bytes(5)).await.is_ok());
    assert_eq!(client.send(get(exact).with_max_response_bytes(4)).await, Err(HttpError::TooLarge));
}

#[tokio::test]
async fn an_answer_that_drips_ends_at_the_whole_time() {
    let address = plain(Conduct::Drips(Duration::from_millis(50))).await;
    let begun = Instant::now();
    // Never silent for long, so that the whole time alone ends it.
    let request = get(address).with_timeout(Duration::from_millis(600));
    assert_eq!(loopback_client().send(request).await, Err(HttpError::Timeout));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_silence_ends_before_the_whole_time() {
    for conduct in [Conduct::Silent, Conduct::Drips(Duration::from_secs(30))] {
        let address = plain(conduct).await;
        let begun = Instant::now();
        let client = loopback_client().with_idle_limit(Duration::from_millis(300));
        assert_eq!(
            client.send(get(address).with_timeout(Duration::from_secs(30))).await,
            Err(HttpError::Timeout)
        );
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn a_compressed_answer_is_not_unpacked() {
    let response = answer(says("200 OK", "content-encoding: gzip\r\n", "not gzip")).await.unwrap();
    assert_eq!(response.body, b"not gzip");
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let many = "x-many: 1\r\n".repeat(500);
    assert!(answer(says("200 OK", &many, "")).await.is_err());
    let long = format!("x-long: {}\r\n", "a".repeat(2_000_000));
    assert!(answer(says("200 OK", &long, "")).await.is_err());
}

#[tokio::test]
async fn a_closed_port_is_no_connection_and_nothing_was_sent() {
    // Taken, and nobody listens: it cannot be anybody else's meanwhile.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = closed.local_addr().unwrap();
    let error = loopback_client().send(get(address)).await.unwrap_err();
    assert_eq!((error, error.left()), (HttpError::Unreachable, Left::Nothing));
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_refused_before_anything_is_sent() {
    let address = plain(says("200 OK", "", "")).await;
    let strict = HttpClient::new(AddressPolicy::public_only(), &TlsRoots::default()).unwrap();
    assert_eq!(strict.send(get(address)).await, Err(HttpError::AddressRefused));
    let other_port = AddressPolicy::with_loopback(PortSet::These([1].into()), true);
    let other_port = HttpClient::new(other_port, &TlsRoots::default()).unwrap();
    assert_eq!(other_port.send(get(address)).await, Err(HttpError::AddressRefused));
    let loopback = loopback_client();
    for text in [
        "https://10.0.0.1/",
        "https://[::ffff:192.168.0.1]/",
        "http://issuer.example/",
        "https://100.64.0.1/",
    ] {
        let request = Request::get(Url::parse(text).unwrap());
        assert_eq!(loopback.send(request).await, Err(HttpError::AddressRefused), "{text}");
    }
}

#[tokio::test]
async fn only_a_party_on_loopback_may_name_loopback() {
    let address = plain(says("200 OK", "", "hello")).await;
    let of = |party: &str| get(address).named_by(&Url::parse(party).unwrap());
    let client = loopback_client();
    assert_eq!(client.send(of("https://issuer.example/")).await, Err(HttpError::AddressRefused));
    assert!(client.send(of("https://127.0.0.1:9/")).await.is_ok());
    let address = plain(says("200 OK", "", "hello")).await;
    assert!(client.send(get(address)).await.is_ok(), "the person opened it");
}

#[tokio::test]
async fn a_name_that_resolves_to_this_computer_is_refused() {
    // The computer's own host name resolves to loopback or a private address through the hosts file, where it resolves at all.
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = name.trim();
    let resolves = tokio::net::lookup_host((name, 443))
        .await
        .is_ok_and(|mut found| found.any(|address| !host::http::is_public(address.ip())));
    if name.is_empty() || !resolves {
        println!("left out: a name that resolves to a private address (the host name does not)");
        return;
    }
    let result = loopback_client().send(Request::get(Url::parse(&format!("https://{name}/")).unwrap())).await;
    assert_eq!(result, Err(HttpError::AddressRefused));
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_refused() {
    let address = plain(says("200 OK", "", "")).await;
    let request = get(address).with_header("x-test", "a\r\nx-injected: b");
    assert_eq!(loopback_client().send(request).await, Err(HttpError::AddressRefused));
}

#[tokio::test]
async fn tls_holds_for_the_named_root_and_the_right_name_only() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let ok = says("200 OK", "", "ok");
    let server = tls(ok.clone(), &authority, "gov24.localhost", good()).await;
    let client =
        |roots: &TlsRoots| HttpClient::new(AddressPolicy::with_loopback(PortSet::Any, false), roots).unwrap();
    let at = |name: &str, server: SocketAddr| {
        Request::get(Url::parse(&format!("https://{name}:{}/", server.port())).unwrap())
    };
    let ours = client(&authority.roots());
    // `gov24.localhost` is resolved by ourselves: no resolver knows it.
    assert_eq!(ours.send(at("gov24.localhost", server)).await.unwrap().body, b"ok");
    assert_eq!(ours.send(at("other.localhost", server)).await, Err(HttpError::Tls));
    assert_eq!(client(&stranger.roots()).send(at("gov24.localhost", server)).await, Err(HttpError::Tls));
    assert_eq!(client(&TlsRoots::default()).send(at("gov24.localhost", server)).await, Err(HttpError::Tls));
    let expired = Validity::days(SystemClock.now() - 40 * 86_400, 30);
    let expired = tls(ok, &authority, "gov24.localhost", expired).await;
    assert_eq!(ours.send(at("gov24.localhost", expired)).await, Err(HttpError::Tls));
}

#[test]
fn a_root_that_is_no_certificate_is_refused() {
    let roots = TlsRoots::only(vec![b"not DER".to_vec()]);
    assert!(HttpClient::new(AddressPolicy::public_only(), &roots).is_err());
}

/// Not a test of its own: the child of the next one.
#[tokio::test]
async fn the_child() {
    if std::env::var_os("CITIZEN_WALLET_HOST_TEST_CHILD").is_some() {
        assert_eq!(answer(says("200 OK", "", "direct")).await.unwrap().body, b"direct");
    }
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let dead = "http://127.0.0.1:1";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "the_child"]).env("CITIZEN_WALLET_HOST_TEST_CHILD", "1");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, dead);
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    assert!(child.output().unwrap().status.success());
}
