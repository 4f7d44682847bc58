//! Presentation during issuance against a hostile other side: who shows no card, shows it elsewhere or to somebody else, forges a post or plays one again is
//! issued nothing (OpenID4VCI 1.0, use case "Requires Presentation of Additional Credentials During Issuance").

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use crypto::jws::{HeaderBuilder, UnverifiedJws};
use crypto::{PrivateKey, PublicKey, SignError, Signature, Signer, SystemEntropy};
use dcql::CredentialType as Type;
use demo_government::{Bundle, Government, GrantKind};
use host::SystemClock;
use openid4vci::holder::{AwaitingCallback, Discovery, DiscoveryPolicy, HolderKey, KeyAttestor as _};
use openid4vci::holder::{Outcome, VerifiedCredential};
use openid4vci::wire::Identifier;
use openid4vp::holder::{AuthenticatedRequest, Copy, Invocation, Next, Policy, RequestTrust};
use primitives::http::{Request, Response};
use primitives::{Clock as _, Http as _, NonEmpty};
use sd_jwt_vc::VerifiedSdJwtVc;
use serde_json::{Map, Value, json};
use support::*;
use test_world::{DAY, Party, holding};
use trust::certificate::builder::Validity;
use trust::{AnchorStore, Certificate, TrustAnchor};
use url::Url;

const AGENCY: &str = "nuri-nts";
const CERTIFICATE: &str = "IncomeCertificate";

/// A browser's cookies, and nothing that it does by itself.
#[derive(Default, Clone)]
struct Browser(BTreeMap<String, String>);

struct Page {
    status: u16,
    location: Option<Url>,
    body: String,
}

/// The mobile resident card of a person, with its key.
struct Card {
    credential: Box<VerifiedSdJwtVc>,
    key: PrivateKey,
}

/// Signs with another key than the one that it names.
struct Pretender {
    named: PublicKey,
    other: PrivateKey,
}

impl Signer for Pretender {
    fn public_key(&self) -> PublicKey {
        self.named
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        self.other.sign(message)
    }
}

struct Scene {
    _folder: tempfile::TempDir,
    government: Government,
    wallet: TestWallet,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let government = start(folder.path()).await;
        let wallet = TestWallet::new(&government).await;
        Self { _folder: folder, government, wallet }
    }

    async fn card(&self, person: &str) -> Card {
        let papers = Bundle::Papers(vec![format!("{person}-resident")]);
        let grant = GrantKind::PreAuthorized { tx_code: None };
        let link = self.government.offer(person, papers, grant).await.unwrap();
        let authorized = self.wallet.authorized(&link, None).await;
        let key = PrivateKey::generate(&SystemEntropy).unwrap();
        let keys = NonEmpty::new(vec![HolderKey::new(Arc::new(key.clone()), "card".into())]).unwrap();
        let paper = authorized.papers()[0].clone();
        let exchange = authorized.request_credential(&paper, keys, None, &self.wallet.context()).unwrap();
        let Ok(issued) = self.wallet.drive(exchange).await else { panic!("not issued") };
        let Outcome::Received(copies) = issued.outcome else { panic!("deferred") };
        match copies.copies.as_slice()[0].credential().clone() {
            VerifiedCredential::SdJwtVc(credential) => Card { credential, key },
            VerifiedCredential::Mdoc(_) => panic!("another form"),
        }
    }

    /// A wallet asks the agency for a certificate without an offer: the page that it opens.
    async fn begin(&self) -> AwaitingCallback {
        let origin = self.government.addresses().origin(AGENCY);
        let issuer = Identifier::parse(&origin, "credential_issuer").unwrap();
        let policy = DiscoveryPolicy {
            loopback_authorization_page: true,
            keys: self.wallet.key_attestor().power(),
            ..DiscoveryPolicy::default()
        };
        let resolved = self.wallet.drive(Discovery::of_issuer(issuer, policy)).await.unwrap();
        let client = self.wallet.attested_client().await;
        let redirect = Url::parse("http://127.0.0.1:49152/callback").unwrap();
        let wanted = [CERTIFICATE.to_owned()];
        let pushed = resolved.authorization_code(client, &wanted, redirect, &self.wallet.context()).unwrap();
        self.wallet.drive(pushed).await.unwrap()
    }

    async fn call(&self, browser: &mut Browser, method: &str, url: &Url, headers: &str, body: &str) -> Page {
        let port = self.government.addresses().pages;
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let cookies: Vec<String> = browser.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
             Content-Length: {}\r\n{headers}",
            body.len()
        );
        if !cookies.is_empty() {
            request.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        let request = format!("{request}\r\n{body}");
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut page = Page {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            location: None,
            body: body.to_owned(),
        };
        for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
            match name.to_ascii_lowercase().as_str() {
                "location" => page.location = Url::parse(value).ok(),
                "set-cookie" => {
                    let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                    browser.0.insert(name.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        page
    }

    async fn get(&self, browser: &mut Browser, url: &Url) -> Page {
        self.call(browser, "GET", url, "", "").await
    }

    /// The link into the wallet on a page that asks for the card and has nobody to choose.
    async fn link(&self, browser: &mut Browser, page: &Url) -> String {
        let shown = self.get(browser, page).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(!shown.body.contains("name=\"person\""), "{}", shown.body);
        let (_, link) = shown.body.split_once("href=\"openid4vp").expect("a link into the wallet");
        format!("openid4vp{}", link.split('"').next().unwrap()).replace("&amp;", "&")
    }

    /// The token of the government's forms; anybody who can open its console has it.
    async fn token(&self) -> String {
        let console = Url::parse(&format!("{}/", self.government.addresses().pages_origin())).unwrap();
        let page = self.get(&mut Browser::default(), &console).await;
        let (_, token) = page.body.split_once("name=\"csrf\" value=\"").unwrap();
        token.split('"').next().unwrap().to_owned()
    }

    async fn agree(&self, browser: &Browser, page: &Url, person: &str) -> Page {
        let form = format!("csrf={}&answer=agree&person={person}", self.token().await);
        self.post(browser, page, &self.government.addresses().pages_origin(), &form).await
    }

    async fn post(&self, browser: &Browser, page: &Url, origin: &str, form: &str) -> Page {
        let headers = format!("Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        self.call(&mut browser.clone(), "POST", page, &headers, form).await
    }

    /// What the wallet reads behind a link, signed by somebody below this root.
    async fn request(&self, link: &str, root: Certificate) -> AuthenticatedRequest {
        let object = self.object(link).await;
        self.believed(link, &object, root)
    }

    async fn object(&self, link: &str) -> Response {
        let Next::Fetch(fetch) =
            Invocation::parse(link, &Policy::STRICT).unwrap().next(&SystemEntropy).unwrap()
        else {
            panic!("nothing to fetch")
        };
        self.wallet.client.send(fetch.request().clone()).await.unwrap()
    }

    fn believed(&self, link: &str, object: &Response, root: Certificate) -> AuthenticatedRequest {
        let Next::Fetch(fetch) =
            Invocation::parse(link, &Policy::STRICT).unwrap().next(&SystemEntropy).unwrap()
        else {
            panic!("nothing to fetch")
        };
        let verifiers = [TrustAnchor::new(root).unwrap()].into_iter().collect();
        let registrar = certificate(&self.wallet.profile["anchors"]["registrars"][0]);
        let registrars: AnchorStore<_> = [TrustAnchor::new(registrar).unwrap()].into_iter().collect();
        let trust = RequestTrust::new(&verifiers, &registrars);
        let request = fetch.receive(object).unwrap();
        request.authenticate(&trust, SystemClock.now(), &Policy::STRICT).unwrap()
    }

    fn verifier_root(&self) -> Certificate {
        certificate(&self.wallet.profile["anchors"]["verifiers"][0])
    }

    /// The wallet's post with the card.
    fn answered(request: &AuthenticatedRequest, card: &Card) -> Request {
        Self::signed(request, card, &card.key)
    }

    fn signed(request: &AuthenticatedRequest, card: &Card, signer: &dyn Signer) -> Request {
        let claims = card.credential.claims().clone();
        let solution =
            request.solve(&[holding("card", Type::SdJwtVc { vct: card.credential.vct() }, &claims)]);
        let selection = solution.required_only().unwrap();
        let copies = [Copy::SdJwtVc { credential: &card.credential, signer: Some(signer) }];
        let post = request.respond(&solution, &selection, &copies, SystemClock.now(), &SystemEntropy);
        post.unwrap().into_delivery().into_post().unwrap()
    }

    /// Where the desk leads the browser for this post.
    async fn back(&self, post: Request) -> Url {
        let reply = self.wallet.client.send(post).await.unwrap();
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        Url::parse(reply.json().unwrap()["redirect_uri"].as_str().unwrap()).unwrap()
    }

    async fn show(&self, link: &str, card: &Card) -> Url {
        let request = self.request(link, self.verifier_root()).await;
        self.back(Self::answered(&request, card)).await
    }

    /// Nobody is known to this browser here: the page asks for the card, and a form that skips it is turned away.
    async fn nobody_is_known(&self, browser: &Browser, page: &Url) {
        for person in ["p1", "p4"] {
            assert_eq!(self.agree(browser, page, person).await.status, 400, "{person}");
        }
        self.link(&mut browser.clone(), page).await;
    }
}

fn without(url: &Url, code: Option<&str>) -> Url {
    let mut url = url.clone();
    url.set_query(code.map(|code| format!("response_code={code}")).as_deref());
    url
}

// rule: CI-7, CI-8
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_post_is_issued_nothing_and_the_right_one_counts_once() {
    let scene = Scene::new().await;
    let waiting = scene.begin().await;
    let page = waiting.page().clone();
    let mut browser = Browser::default();
    scene.nobody_is_known(&browser, &page).await;
    let card = scene.card("p1").await;
    let link = scene.link(&mut browser, &page).await;
    let back = scene.show(&link, &card).await;
    // The card was shown, the browser has not come back yet.
    scene.nobody_is_known(&browser, &page).await;
    let led = scene.get(&mut browser, &back).await;
    assert_eq!((led.status, led.location.as_ref()), (303, Some(&page)));

    let token = scene.token().await;
    let own = scene.government.addresses().pages_origin();
    assert_eq!(scene.agree(&browser, &page, "p4").await.status, 400, "somebody else's certificate");
    let agree = format!("csrf={token}&answer=agree&person=p1");
    assert_eq!(scene.post(&browser, &page, "https://evil.example", &agree).await.status, 403);
    assert_eq!(scene.post(&browser, &page, &own, "answer=agree&person=p1").await.status, 403);
    let agreed = scene.post(&browser, &page, &own, &agree).await;
    assert_eq!(agreed.status, 303);
    assert_eq!(scene.post(&browser, &page, &own, &agree).await.status, 400, "a request is answered once");
    let received = waiting.receive(&agreed.location.unwrap()).unwrap();
    let authorized = scene.wallet.drive(received).await.unwrap();
    assert_eq!(scene.wallet.collect(authorized, 1).await.len(), 1);
}

// rule: CI-8, VP-S2
#[tokio::test(flavor = "multi_thread")]
async fn a_card_shown_for_another_browsers_page_identifies_nobody_there() {
    let scene = Scene::new().await;
    let card = scene.card("p1").await;
    let page = scene.begin().await.page().clone();
    let mut attacker = Browser::default();
    // The victim's browser has a session of its own, and so a cookie of its own.
    let mut victim = Browser::default();
    let own = scene.begin().await.page().clone();
    scene.link(&mut victim, &own).await;
    // The victim is handed the link of the attacker's page, and shows the card; then each comes back in every way there is.
    let mut ways = 0;
    for way in ["victim", "no code", "guessed code", "no cookie", "stolen code"] {
        let link = scene.link(&mut attacker, &page).await;
        let back = scene.show(&link, &card).await;
        let led = match way {
            "victim" => scene.get(&mut victim, &back).await,
            "no code" => scene.get(&mut attacker, &without(&back, None)).await,
            "guessed code" => scene.get(&mut attacker, &without(&back, Some("guess"))).await,
            "no cookie" => scene.get(&mut Browser::default(), &back).await,
            // The victim's browser was led first; the attacker comes too late, even with the code.
            _ => {
                scene.get(&mut victim, &back).await;
                scene.get(&mut attacker, &back).await
            }
        };
        assert_eq!((led.status, led.location), (400, None), "{way}");
        scene.nobody_is_known(&attacker, &page).await;
        scene.nobody_is_known(&victim, &page).await;
        scene.nobody_is_known(&victim, &own).await;
        ways += 1;
    }
    assert_eq!(ways, 5);
}

// rule: CI-8
#[tokio::test(flavor = "multi_thread")]
async fn a_card_shown_for_one_page_counts_for_that_page_and_browser_alone_and_its_way_back_once() {
    let scene = Scene::new().await;
    let card = scene.card("p1").await;
    let (first, second) = (scene.begin().await, scene.begin().await);
    let mut browser = Browser::default();
    let link = scene.link(&mut browser, first.page()).await;
    let request = scene.request(&link, scene.verifier_root()).await;
    let post = Scene::answered(&request, &card);
    let back = scene.back(post.clone()).await;
    // The same answer again, before and after the browser came back.
    assert_eq!(scene.wallet.client.send(post.clone()).await.unwrap().status, 400);
    assert_eq!(scene.get(&mut browser, &back).await.status, 303);
    assert_eq!(scene.wallet.client.send(post).await.unwrap().status, 400);
    assert_eq!(scene.get(&mut browser, &back).await.status, 400, "the way back was gone already");
    // Known here: to this browser, for this page.
    assert_eq!(scene.agree(&browser, second.page(), "p1").await.status, 400, "another page");
    assert_eq!(scene.agree(&Browser::default(), first.page(), "p1").await.status, 400, "no browser");
    let mut other = Browser::default();
    scene.link(&mut other, first.page()).await;
    assert_eq!(scene.agree(&other, first.page(), "p1").await.status, 400, "another browser");
    assert_eq!(scene.agree(&browser, first.page(), "p1").await.status, 303);
}

/// The desk's own request under another verifier's name, as a wallet that trusts that one takes it.
async fn relayed(scene: &Scene, link: &str) -> AuthenticatedRequest {
    let object = scene.object(link).await;
    let jws = UnverifiedJws::parse(std::str::from_utf8(&object.body).unwrap()).unwrap();
    let mut claims: Map<String, Value> = jws.dangerous_claims().unwrap();
    let validity = Validity::days(SystemClock.now() - DAY, 30);
    let middle = Party::named("Middle").host("middle.example").valid(validity).make(&SystemEntropy);
    let client_id = middle.hash_id();
    claims.insert("client_id".to_owned(), json!(client_id));
    claims.remove("verifier_info");
    let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&middle.chain.to_der());
    let object = header.sign_claims(&claims, &middle.key).unwrap();
    let link = format!("openid4vp://?client_id={client_id}&request_uri=https%3A%2F%2Fmiddle.example%2F");
    let object = Response::new(200, object).with_header("content-type", "application/oauth-authz-req+jwt");
    scene.believed(&link, &object, middle.root)
}

// rule: CI-8, VP-H1, VP-H2, VP-S6
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_confirms_nobody_identifies_nobody() {
    let scene = Scene::new().await;
    let card = scene.card("p1").await;
    let page = scene.begin().await.page().clone();
    let mut browser = Browser::default();
    for way in ["declined", "stranger", "middle", "revoked"] {
        let link = scene.link(&mut browser, &page).await;
        let request = scene.request(&link, scene.verifier_root()).await;
        let post = match way {
            // The citizen says no in the wallet.
            "declined" => request.decline(&SystemEntropy).into_post().unwrap(),
            // Who saw the card once has no key for it.
            "stranger" => {
                let other = PrivateKey::generate(&SystemEntropy).unwrap();
                Scene::signed(&request, &card, &Pretender { named: card.key.public_key(), other })
            }
            // The card is shown to somebody else, who hands the answer on.
            "middle" => Scene::answered(&relayed(&scene, &link).await, &card),
            _ => {
                scene.government.revoke("p1-resident").await.unwrap();
                Scene::answered(&request, &card)
            }
        };
        let back = scene.back(post).await;
        let led = scene.get(&mut browser, &back).await;
        assert_eq!((led.status, led.location), (400, None), "{way}");
        scene.nobody_is_known(&browser, &page).await;
    }
    scene.government.restore("p1-resident").await.unwrap();
    let link = scene.link(&mut browser, &page).await;
    let back = scene.show(&link, &card).await;
    assert_eq!(scene.get(&mut browser, &back).await.status, 303, "the right one still counts");
}
