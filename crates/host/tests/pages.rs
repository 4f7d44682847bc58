//! The way back from the browser: one redirect on loopback, whoever else calls.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Duration;

use host::pages::{LoopbackRedirect, SystemPages};
use host::{AddressPolicy, LoopbackRule};
use primitives::{PageError, Pages as _, PendingRedirect as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

async fn say(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // Who is not heard is hung up on, perhaps before everything was said.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
}

#[tokio::test]
async fn only_the_awaited_redirect_ends_the_waiting() {
    let mut waiting = LoopbackRedirect::listen(Duration::from_secs(20)).await.unwrap();
    let uri = waiting.redirect_uri();
    assert_eq!((uri.scheme(), uri.host_str()), ("http", Some("127.0.0.1")));
    let port = uri.port().unwrap();
    let caller = tokio::spawn(async move {
        // A caller that says nothing holds nobody up.
        let silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        assert!(say(port, &get("/callback?state=other&code=x")).await.starts_with("HTTP/1.1 404"));
        assert!(say(port, &get("/elsewhere?state=mine")).await.starts_with("HTTP/1.1 404"));
        assert_eq!(say(port, &get("//evil.example/callback?state=mine")).await, "");
        assert_eq!(say(port, "POST /callback?state=mine HTTP/1.1\r\n\r\n").await, "");
        assert_eq!(say(port, &get(&format!("/callback?{}", "a".repeat(20_000)))).await, "");
        assert_eq!(say(port, "\r\n\r\n").await, "");
        let said = say(port, &get("/callback?state=mine&code=%3Cb%3E")).await;
        drop(silent);
        said
    });
    let recognises = |url: &Url| url.query_pairs().any(|(name, value)| name == "state" && value == "mine");
    let called = waiting.wait(&recognises).await.unwrap();
    assert_eq!(called.query(), Some("state=mine&code=%3Cb%3E"));
    let said = caller.await.unwrap();
    assert!(
        said.starts_with("HTTP/1.1 200") && said.contains("이 창을 닫고 시민지갑으로 돌아가세요"),
        "{said}"
    );
    assert!(!said.contains("<b>") && !said.contains("%3C"), "nothing of the request is shown back");
    drop(waiting);
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "it no longer listens");
}

#[tokio::test]
async fn the_port_can_be_the_one_that_was_registered_and_a_taken_one_is_said_to_be_taken() {
    let policy = AddressPolicy { loopback: LoopbackRule::Refused };
    // Whichever is free now.
    let free =
        LoopbackRedirect::listen(Duration::from_secs(20)).await.unwrap().redirect_uri().port().unwrap();
    let pages = SystemPages::new(policy).at_port(std::num::NonZeroU16::new(free));
    let first = pages.await_redirect().await.unwrap();
    assert_eq!(first.redirect_uri().port(), Some(free));
    assert!(matches!(pages.await_redirect().await, Err(PageError::NoListener)));
    drop(first);
    assert_eq!(pages.await_redirect().await.unwrap().redirect_uri().port(), Some(free));
}

#[tokio::test]
async fn who_does_not_come_back_is_waited_for_so_long_and_no_longer() {
    let policy = AddressPolicy { loopback: LoopbackRule::Refused };
    let pages = SystemPages::new(policy).with_limit(Duration::from_millis(100));
    let mut waiting = pages.await_redirect().await.unwrap();
    assert_eq!(waiting.wait(&|_| true).await, Err(PageError::TimedOut));
    assert_eq!(pages.open(&Url::parse("http://issuer.example/").unwrap()), Err(PageError::AddressRefused));
}
