//! A desk served over real HTTP on loopback, an issuer that publishes its status list there, and a wallet with a card and an mdoc.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub use crate::wallet::{Holds, Papers, Wallet, identity, knowing};
use axum::Router;
use axum::routing::get;
use crypto::SystemEntropy;
use dcql::Query;
use host::http::{AddressPolicy, PortSet};
use host::{HttpClient, TlsRoots};
use openid4vp::holder::{AuthenticatedRequest, Invocation, Next, Policy, Unauthenticated};
use primitives::http::{Request, Response};
use primitives::test_support::FixedClock;
use primitives::{ClaimPath, Clock as _, Http as _, Instant, LocalizedText};
use serde_json::{Value, json};
pub use test_world::{DAY, Party, Recipe};
use trust::AnchorStore;
use trust::status::{Bits, FreshnessPolicy, Publication, StatusListBuilder, StatusReference, StatusState};
use url::Url;
use verifier::{
    Addresses, Caption, Created, Desk, Limits, Settings, StatusChecker, Title, pages_router, protocol_router,
};

pub const VCT: &str = "urn:example:card";
pub const DOCTYPE: &str = "org.example.card";
pub const NAME_SPACE: &str = "org.example.card.1";
pub const HOST: &str = "localhost";
pub const CARD_INDEX: u64 = 3;

/// The recipe of a party whose leaf names [`HOST`].
pub fn party(name: &str, now: Instant) -> Recipe {
    crate::wallet::party(name, now).host(HOST)
}

/// What the status server answers.
#[derive(Clone, Default)]
pub struct StatusServer {
    pub token: Arc<Mutex<Option<String>>>,
    /// A list as CWT, served instead of the other.
    pub cwt: Arc<Mutex<Option<Vec<u8>>>>,
    pub fetches: Arc<AtomicUsize>,
    /// Whether it calls its answer a failure.
    pub failing: Arc<std::sync::atomic::AtomicBool>,
}

pub struct World {
    pub clock: Arc<FixedClock>,
    pub party: Party,
    pub issuer: Party,
    pub wallet: Wallet,
    pub status: StatusServer,
    pub status_uri: String,
    pub http: HttpClient,
    pub desk: Arc<Desk>,
    pub policy: Policy,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let now = test_world::now();
        let clock = Arc::new(FixedClock::new(now));
        let library = party("Library", now).make(&SystemEntropy);
        let issuer = party("Issuer", now).document_signer().make(&SystemEntropy);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let status = StatusServer::default();
        let status_uri = format!("http://localhost:{port}/status");
        let papers = card_papers(card_claims(), &status_uri, now);
        // The wallet knows the issuer whatever the desk was told.
        let (wallet, issuers) = Wallet::of(&issuer, papers, now);
        let http = HttpClient::new(
            AddressPolicy::with_loopback(PortSet::Any, true),
            &TlsRoots::only(vec![issuer.root.der().to_vec()]),
        )
        .unwrap();

        let mut settings = Settings {
            name: LocalizedText::new("가람시 <도서관>", "Garam <Library>"),
            purpose: LocalizedText::new("회원증 발급", "Membership card"),
            identity: identity(&library),
            question: card_query(),
            captions: vec![Caption {
                credential_type: VCT.to_owned(),
                path: ClaimPath::top_level("name"),
                text: LocalizedText::new("성명", "Name"),
            }],
            titles: vec![Title {
                credential_type: VCT.to_owned(),
                text: LocalizedText::new("신분증", "Card"),
            }],
            registration: None,
            encrypted: true,
            request_by_post: false,
            scheme: "openid4vp".to_owned(),
            issuers,
            addresses: Addresses {
                protocol: Url::parse(&format!("http://localhost:{port}/api/")).unwrap(),
                pages: Url::parse(&format!("http://127.0.0.1:{port}/desk/")).unwrap(),
            },
            limits: Limits::default(),
            loopback_http: true,
            demo: true,
        };
        change(&mut settings);
        let checker =
            StatusChecker::new(Arc::new(http.clone()), AnchorStore::new(), FreshnessPolicy::default());
        let desk =
            Arc::new(Desk::new(settings, checker, Arc::clone(&clock) as Arc<_>, Arc::new(SystemEntropy)));
        let served = status.clone();
        let router = Router::new()
            .route("/status", get(move || answer_status(served.clone())))
            .merge(protocol_router(Arc::clone(&desk)))
            .merge(pages_router(Arc::clone(&desk)));
        tokio::spawn(async move { axum::serve(listener, router).await });

        let world = Self {
            clock,
            party: library,
            issuer,
            wallet,
            status,
            status_uri,
            http,
            desk,
            policy: Policy { unauthenticated: Unauthenticated::Warn, loopback_http: true, ..Policy::STRICT },
        };
        world.publish(StatusState::Valid);
        world
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Publishes a list that says this of the card.
    pub fn publish(&self, state: StatusState) {
        self.publish_as(state, &self.issuer);
    }

    pub fn publish_as(&self, state: StatusState, signer: &Party) {
        let (list, publication) = self.list(state);
        let token = list.sign_jwt(&publication, &signer.chain, &signer.key).unwrap();
        *self.status.token.lock().unwrap() = Some(token);
    }

    /// Publishes the list as CWT.
    pub fn publish_cwt(&self, state: StatusState) {
        let (list, publication) = self.list(state);
        let token = list.sign_cwt(&publication, &self.issuer.chain, &self.issuer.key).unwrap();
        *self.status.cwt.lock().unwrap() = Some(token);
    }

    fn list(&self, state: StatusState) -> (StatusListBuilder, Publication) {
        let mut list = StatusListBuilder::new(Bits::Two, 16).unwrap();
        list.set(CARD_INDEX, state).unwrap();
        let publication = Publication {
            uri: self.status_uri.clone(),
            issued_at: self.now(),
            expires_at: Some(self.now() + DAY),
            time_to_live: Some(3600),
        };
        (list, publication)
    }

    /// From now on the status server answers 503.
    pub fn stop_status(&self) {
        *self.status.token.lock().unwrap() = None;
    }

    /// The wallet reads a link and gets the request, over HTTP.
    pub async fn receive(&self, link: &str) -> Result<AuthenticatedRequest, String> {
        let invocation = Invocation::parse(link, &self.policy).map_err(|error| error.to_string())?;
        let request = match invocation.next(&SystemEntropy).unwrap() {
            Next::Request(request) => *request,
            Next::Fetch(fetch) => {
                let response = self.http.send(fetch.request().clone()).await.unwrap();
                fetch.receive(&response).map_err(|error| error.to_string())?
            }
        };
        knowing(&self.party, |trust| request.authenticate(trust, self.now(), &self.policy))
            .map_err(|error| error.to_string())
    }

    /// The wallet's post with what is required.
    pub fn post(&self, request: &AuthenticatedRequest) -> Request {
        let response = self.wallet.respond(request, &[Holds::SdJwt, Holds::Mdoc], self.now());
        response.into_delivery().into_post().unwrap()
    }

    /// The whole way of a link, up to the verifier's reply.
    pub async fn answer(&self, link: &str) -> Response {
        let request = self.receive(link).await.unwrap();
        self.http.send(self.post(&request)).await.unwrap()
    }

    /// Begins a session as a browser does: its page, and the cookies it was given.
    pub async fn begin(&self) -> Browser {
        let mut browser = Browser::default();
        let pages = self.desk.settings().addresses.pages.clone();
        let reply = browser.get(&pages).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        browser.page = Some(pages.join(reply.header("location").unwrap()).unwrap());
        browser
    }

    pub fn create(&self) -> Created {
        self.desk.create().unwrap()
    }
}

async fn answer_status(server: StatusServer) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    server.fetches.fetch_add(1, Ordering::SeqCst);
    if let Some(token) = server.cwt.lock().unwrap().clone() {
        return ([("content-type", "application/statuslist+cwt")], token).into_response();
    }
    match server.token.lock().unwrap().clone() {
        Some(token) => {
            let code = if server.failing.load(Ordering::SeqCst) { 404 } else { 200 };
            let code = axum::http::StatusCode::from_u16(code).unwrap();
            (code, [("content-type", "application/statuslist+jwt")], token).into_response()
        }
        None => axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The card with these claims, and the mdoc beside it.
pub fn card_papers(claims: Value, status_uri: &str, now: Instant) -> Papers<'static> {
    Papers {
        vct: VCT,
        claims,
        doctype: DOCTYPE,
        name_space: NAME_SPACE,
        elements: json!({ "name": "홍길동", "birth": "1988-06-14" }),
        reference: Some(StatusReference::new(status_uri, CARD_INDEX).unwrap()),
        dates: now - 60..now + 40 * DAY,
    }
}

/// What the card says; its markup is text.
pub fn card_claims() -> Value {
    json!({
        "name": "홍<b>길동", "birth": "1988-06-14", "ageOver19": false,
        "address": { "sigungu": "가람시", "full": "물결로 101" }
    })
}

pub fn query(value: Value) -> Query {
    Query::from_value(value).unwrap()
}

pub fn card_query() -> Query {
    query(json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
        "claims": [{ "path": ["name"] }, { "path": ["ageOver19"] }]
    }] }))
}

pub fn mdoc_query() -> Query {
    query(json!({ "credentials": [{
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
        "claims": [{ "path": [NAME_SPACE, "name"] }]
    }] }))
}

/// The page that the wallet is to open.
pub fn redirect(response: &Response) -> Option<Url> {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    body.get("redirect_uri").map(|page| Url::parse(page.as_str().unwrap()).unwrap())
}

/// A browser with a cookie jar, on plain sockets, that follows nothing by itself.
#[derive(Default)]
pub struct Browser {
    pub cookies: Vec<(String, String)>,
    pub page: Option<Url>,
}

pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }
}

impl Browser {
    pub async fn get(&mut self, url: &Url) -> Reply {
        self.send("GET", url, &[]).await
    }

    pub async fn send(&mut self, method: &str, url: &Url, headers: &[(&str, &str)]) -> Reply {
        let host = url.authority().to_owned();
        let path = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {host}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push_str(&format!("cookie: {}\r\n", pairs.join("; ")));
        }
        head.push_str("content-length: 0\r\n\r\n");
        let reply = exchange(url.port().unwrap(), head.into_bytes()).await.unwrap();
        for (_, value) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(present, _)| present != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        reply
    }

    /// The page's address with this appended to its path.
    pub fn below(&self, rest: &str) -> Url {
        Url::parse(&format!("{}{rest}", self.page.as_ref().unwrap())).unwrap()
    }

    /// The link on the page.
    pub async fn link(&mut self) -> String {
        let page = self.page.clone().unwrap();
        let reply = self.get(&page).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let start = reply.body.find("openid4vp://").expect("no link on the page");
        let rest = &reply.body[start..];
        rest[..rest.find('"').unwrap()].replace("&amp;", "&")
    }
}

/// Sends bytes and reads until the other side closes; `None` where it closed before it said anything.
pub async fn exchange(port: u16, bytes: Vec<u8>) -> Option<Reply> {
    let read = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let _ = stream.write_all(&bytes);
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read);
        read
    })
    .await
    .unwrap();
    let text = String::from_utf8_lossy(&read).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Reply { status, headers, body: body.to_owned() })
}
