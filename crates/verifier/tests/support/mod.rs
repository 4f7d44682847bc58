//! A desk served over real HTTP on loopback, an issuer that publishes its status list there, and a wallet with a card and an mdoc.
#![allow(dead_code, unreachable_pub)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use crypto::{PrivateKey, Signer as _, SystemEntropy};
use dcql::{CredentialType as Type, Holding, Query};
use host::http::{AddressPolicy, PortSet};
use host::{HttpClient, TlsRoots};
use mdoc::{ElementValue, IssuerSigned};
use openid4vp::holder::{
    AuthenticatedRequest, Copy, Invocation, Next, Policy, RequestTrust, Unauthenticated,
};
use primitives::http::{Request, Response};
use primitives::test_support::FixedClock;
use primitives::{ClaimPath, Clock as _, Http as _, Instant, LocalizedText};
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::{Value, json};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::status::{Bits, FreshnessPolicy, Publication, StatusListBuilder, StatusReference, StatusState};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, TrustAnchor,
};
use url::Url;
use verifier::{
    Addresses, Caption, Created, Desk, Identity, Limits, Settings, StatusChecker, Title, pages_router,
    protocol_router,
};

pub const VCT: &str = "urn:example:card";
pub const DOCTYPE: &str = "org.example.card";
pub const NAME_SPACE: &str = "org.example.card.1";
pub const HOST: &str = "localhost";
pub const CARD_INDEX: u64 = 3;

/// A party with a certificate under a root of its own.
pub struct Party {
    pub root: Certificate,
    pub root_key: PrivateKey,
    pub key: PrivateKey,
    pub chain: CertificateChain,
}

impl Party {
    pub fn new(name: &str, purpose: Option<Purpose>, now: Instant) -> Self {
        let root_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let validity = Validity::days(now - 86_400, 365);
        let root = CertificateBuilder::authority(Subject::new(format!("{name} root")), validity)
            .self_signed(&root_key, &SystemEntropy)
            .unwrap();
        let key = PrivateKey::generate(&SystemEntropy).unwrap();
        let leaf =
            CertificateBuilder::leaf(Subject::new(name).organisation(name), validity).with_dns_name(HOST);
        let leaf = match purpose {
            Some(purpose) => leaf.with_purpose(purpose),
            None => leaf,
        };
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, &SystemEntropy).unwrap();
        Self { root, root_key, key, chain: CertificateChain::new(vec![leaf]).unwrap() }
    }
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
    pub holder_key: PrivateKey,
    pub device_key: PrivateKey,
    pub card: VerifiedSdJwtVc,
    pub mdoc: IssuerSigned,
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
        let now = Instant::from_unix_seconds(1_800_000_000);
        let clock = Arc::new(FixedClock::new(now));
        let party = Party::new("Library", None, now);
        let issuer = Party::new("Issuer", Some(Purpose::MdocDocumentSigner), now);
        let types = [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];
        let issuers: AnchorStore<Issuer> =
            [TrustAnchor::for_issuer(issuer.root.clone(), IssuerEntitlements::types(types)).unwrap()]
                .into_iter()
                .collect();

        // The wallet knows the issuer whatever the desk was told.
        let known = issuers.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let status = StatusServer::default();
        let status_uri = format!("http://localhost:{port}/status");
        let http = HttpClient::new(
            AddressPolicy::with_loopback(PortSet::Any, true),
            &TlsRoots::only(vec![issuer.root.der().to_vec()]),
        )
        .unwrap();

        let mut settings = Settings {
            name: LocalizedText::new("가람시 <도서관>", "Garam <Library>"),
            purpose: LocalizedText::new("회원증 발급", "Membership card"),
            identity: Identity::X509Hash { chain: party.chain.clone(), signer: Arc::new(party.key.clone()) },
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
            approvals: Vec::new(),
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

        let holder_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let device_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let reference = StatusReference::new(&status_uri, CARD_INDEX).unwrap();
        let card = issue_card(&issuer, &holder_key, &reference, now);
        let card =
            UnverifiedSdJwtVc::parse(&card).unwrap().verify(&known, now, &VcPolicy::default()).unwrap();
        let mdoc = issue_mdoc(&issuer, &device_key, &reference, now);
        let world = Self {
            clock,
            party,
            issuer,
            holder_key,
            device_key,
            card,
            mdoc,
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
            expires_at: Some(self.now() + 86_400),
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
        let verifiers = [TrustAnchor::new(self.party.root.clone()).unwrap()].into_iter().collect();
        let registrars = AnchorStore::new();
        let trust = RequestTrust::new(&verifiers, &registrars);
        let invocation = Invocation::parse(link, &self.policy).map_err(|error| error.to_string())?;
        let request = match invocation.next(&SystemEntropy).unwrap() {
            Next::Request(request) => *request,
            Next::Fetch(fetch) => {
                let response = self.http.send(fetch.request().clone()).await.unwrap();
                fetch.receive(&response).map_err(|error| error.to_string())?
            }
        };
        request.authenticate(&trust, self.now(), &self.policy).map_err(|error| error.to_string())
    }

    /// The wallet's post with what is required.
    pub fn post(&self, request: &AuthenticatedRequest) -> Request {
        let card_claims = self.card.claims().clone();
        let mdoc_claims = self.mdoc.unverified_claims().into_json();
        let holding = |id, credential_type, claims| Holding {
            id,
            credential_type,
            claims,
            authority_key_identifiers: &[],
            holder_binding: true,
            always_disclosed: &[],
        };
        let solution = request.solve(&[
            holding("card", Type::SdJwtVc { vct: VCT }, &card_claims),
            holding("mdoc", Type::Mdoc { doctype: DOCTYPE }, &mdoc_claims),
        ]);
        let selection = solution.required_only().unwrap();
        let copies: Vec<Copy<'_>> = dcql::select(&solution, &selection)
            .unwrap()
            .iter()
            .map(|disclosure| match disclosure.query.as_str() {
                "mdoc" => Copy::Mdoc { issuer_signed: &self.mdoc, signer: &self.device_key },
                _ => Copy::SdJwtVc { credential: &self.card, signer: Some(&self.holder_key) },
            })
            .collect();
        request
            .respond(&solution, &selection, &copies, self.now(), &SystemEntropy)
            .unwrap()
            .into_delivery()
            .into_post()
            .unwrap()
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

pub fn issue_card(issuer: &Party, holder: &PrivateKey, status: &StatusReference, now: Instant) -> String {
    let claims = json!({
        "name": "홍<b>길동", "birth": "1988-06-14", "ageOver19": false,
        "address": { "sigungu": "가람시", "full": "물결로 101" }
    });
    sd_jwt_vc::Issuance::new(VCT, claims.as_object().unwrap().clone())
        .all_disclosable()
        .disclosable(ClaimPath::of_names(["address", "sigungu"]).unwrap())
        .disclosable(ClaimPath::of_names(["address", "full"]).unwrap())
        .issued_at(now - 60)
        .expires(now + 40 * 86_400)
        .status(status)
        .holder_key(&holder.public_key())
        .sign(&issuer.key, &issuer.chain, &SystemEntropy)
        .unwrap()
}

pub fn issue_mdoc(
    issuer: &Party,
    device: &PrivateKey,
    status: &StatusReference,
    now: Instant,
) -> IssuerSigned {
    let validity = mdoc::Validity {
        signed: now - 60,
        valid_from: now - 60,
        valid_until: now + 40 * 86_400,
        expected_update: None,
    };
    let text = |value: &str| ElementValue::from_json(&json!(value)).unwrap();
    mdoc::Issuance::new(DOCTYPE, validity)
        .element(NAME_SPACE, "name", text("홍길동"))
        .element(NAME_SPACE, "birth", text("1988-06-14"))
        .status(status.clone())
        .sign(&device.public_key(), &issuer.key, &issuer.chain, &SystemEntropy)
        .unwrap()
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
