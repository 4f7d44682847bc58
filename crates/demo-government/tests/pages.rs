//! The pages, used as a browser uses them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::io::{Read as _, Write as _};

use demo_government::{Bundle, Government, GrantKind};
use openid4vci::holder::*;
use primitives::Refusal as _;
use support::*;
use url::Url;

/// A request as bytes over a fresh connection: status, headers, body.
async fn raw(government: &Government, request: String) -> (u16, String, String) {
    let port = government.addresses().pages;
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    });
    let answer = answer.await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

async fn get(government: &Government, path: &str) -> (u16, String, String) {
    let port = government.addresses().pages;
    raw(government, format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"))
        .await
}

async fn post(
    government: &Government,
    path: &str,
    origin: &str,
    fields: &[(&str, &str)],
) -> (u16, String, String) {
    let port = government.addresses().pages;
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    );
    raw(government, head + &body).await
}

fn csrf(page: &str) -> String {
    let (_, after) = page.split_once("name=\"csrf\" value=\"").unwrap();
    after.split('"').next().unwrap().to_owned()
}

async fn waiting_page(
    government: &Government,
    wallet: &TestWallet,
    person: &str,
    bundle: Bundle,
) -> AwaitingCallback {
    let link = government.offer(person, bundle, GrantKind::AuthorizationCode).await.unwrap();
    let resolved = wallet.resolve(&link).await;
    let client = wallet.attested_client().await;
    let redirect = Url::parse("http://127.0.0.1:49152/callback").unwrap();
    let pushed = resolved.authorization_code(client, &[], redirect, &wallet.context()).unwrap();
    wallet.drive(pushed).await.unwrap()
}

fn path_of(page: &Url) -> String {
    format!("{}?{}", page.path(), page.query().unwrap())
}

fn location(head: &str) -> Url {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("location:")).unwrap();
    Url::parse(line.split_once(':').unwrap().1.trim()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_by_the_consent_page() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let origin = government.addresses().pages_origin();
    let waiting = waiting_page(&government, &wallet, "p2", Bundle::Agency("nuri-edu".to_owned())).await;
    let path = path_of(waiting.page());
    let (status, _, page) = get(&government, &path).await;
    assert_eq!(status, 200);
    assert!(page.contains("시연용 · 실제 정부 서비스가 아닙니다") && page.contains("박서래"));
    assert!(page.contains("한빛도교육청(시연)") && page.contains("citizen-wallet"));
    assert!(!page.contains("이도담"), "the offer is for one person");
    let token = csrf(&page);

    let agree = [("csrf", token.as_str()), ("answer", "agree"), ("person", "p2")];
    let foreign = post(&government, &path, "https://evil.example", &agree).await;
    assert_eq!(foreign.0, 403, "a form of another site");
    let without = post(&government, &path, &origin, &[("answer", "agree"), ("person", "p2")]).await;
    assert_eq!(without.0, 403, "a form without the token");
    let other =
        post(&government, &path, &origin, &[("csrf", &token), ("answer", "agree"), ("person", "p1")]).await;
    assert_eq!(other.0, 400, "somebody else's papers");

    let agreed = post(&government, &path, &origin, &agree).await;
    assert_eq!(agreed.0, 303);
    let again = post(&government, &path, &origin, &agree).await;
    assert_eq!(again.0, 400, "a request is answered once");
    let authorized = wallet.drive(waiting.receive(&location(&agreed.1)).unwrap()).await.unwrap();
    assert_eq!(authorized.papers().len(), 2, "two certificates of one type");
    assert_eq!(wallet.collect(authorized, 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_on_the_consent_page_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let origin = government.addresses().pages_origin();
    let waiting = waiting_page(&government, &wallet, "p1", Bundle::FirstCard).await;
    let path = path_of(waiting.page());
    let token = csrf(&get(&government, &path).await.2);
    let refused = post(&government, &path, &origin, &[("csrf", &token), ("answer", "refuse")]).await;
    assert_eq!(refused.0, 303);
    assert_eq!(waiting.receive(&location(&refused.1)).unwrap_err().code(), AuthorizationError::Denied.code());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_everything_and_acts_for_its_own_page_alone() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let origin = government.addresses().pages_origin();
    let (status, head, page) = get(&government, "/").await;
    assert_eq!(status, 200);
    assert!(head.to_ascii_lowercase().contains("content-security-policy"));
    for text in ["이도담", "오누리", "p4n-property", "지갑 제공자", "새 고지서 보내기", "시연용"]
    {
        assert!(page.contains(text), "{text}");
    }
    let english = get(&government, "/?lang=en").await.2;
    assert!(english.contains("Issue a new notice") && english.contains("not a real government"));
    let token = csrf(&page);

    let fields = [("csrf", token.as_str()), ("person", "p1"), ("agency", "garam"), ("grant", "code")];
    let (status, _, offer) = post(&government, "/offer", &origin, &fields).await;
    assert_eq!(status, 200);
    assert!(offer.contains("openid-credential-offer://") && offer.contains("<svg"));

    let act = [("csrf", token.as_str()), ("paper", "p1n-water"), ("standing", "paid")];
    assert_eq!(post(&government, "/standing", "null", &act).await.0, 403);
    assert_eq!(post(&government, "/standing", &origin, &act[1..]).await.0, 403);
    assert_eq!(post(&government, "/standing", &origin, &act).await.0, 303);
    let notice = [
        ("csrf", token.as_str()),
        ("person", "p1"),
        ("kind", "garam/UtilityBill"),
        ("title", "<b>굵게</b>"),
        ("amount", "5000"),
        ("days", "3"),
    ];
    assert_eq!(post(&government, "/notice", &origin, &notice).await.0, 303);
    let stop = [("csrf", token.as_str()), ("service", "trust"), ("stop", "yes")];
    assert_eq!(post(&government, "/service", &origin, &stop).await.0, 303);
    let page = get(&government, "/").await.2;
    assert!(page.contains("&lt;b&gt;굵게") && !page.contains("<b>굵게"));
    assert!(page.contains("멈춤") && page.contains("납부됨"));
    assert_eq!(get(&government, "/profile.json").await.2, government.profile_json());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_and_a_stranger_to_the_token_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let port = government.addresses().pages;
    let rebound = format!("GET / HTTP/1.1\r\nHost: evil.example:{port}\r\nConnection: close\r\n\r\n");
    assert_eq!(raw(&government, rebound).await.0, 421);
    let body = "\"people\"";
    let control = format!(
        "POST /control HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer guess\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(raw(&government, control).await.0, 403);
    let nowhere = get(&government, "/authorize/garam?client_id=x&request_uri=urn:nothing").await;
    assert_eq!(nowhere.0, 400);
}
