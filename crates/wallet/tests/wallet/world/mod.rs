//! A small country in memory: issuers, a verifier, a registrar, status and trust lists behind the `Http` port, a keyring in a
//! map, a browser that notes what it opens.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, Weak};

use crypto::{PrivateKey, PublicKey, Signer as _, SystemEntropy};
use openid4vci::issuer::*;
use openid4vci::metadata::{IssuerMetadata, ServerMetadata};
use openid4vci::oauth::{OAuthErrorCode, error_response};
use openid4vci::offer::*;
use openid4vci::replay::NonceBook;
use openid4vci::wire::Identifier;
use openid4vp::verifier::{ClientIdentity, Outcome, PreparedRequest, RequestBuilder, RequestSigner};
use primitives::http::{HttpError, Request, Response};
use primitives::ports::BoxFuture;
use primitives::test_support::FixedClock;
use primitives::{
    Clock, Entropy, EntropyUnavailable, Http, Instant, LocalizedText, PageError, Pages, PendingRedirect,
    UniqueNonEmpty,
};
use serde_json::{Value, json};
pub use test_world::Party;
use trust::certificate::builder::Validity;
use trust::registration::{RegisteredItem, RegisteredVerifier, Registration};
use trust::status::{Bits, Publication, StatusFormat, StatusListBuilder, StatusReference, StatusState};
use trust::{AnchorStore, CredentialType, Issuer};
use url::Url;
use vault::{SecretItem, SecretStore, SecretStoreError, WalletId};
use wallet::profile::Profile;
use wallet::view::*;
use wallet::{Ports, Wallet};

mod ports;
mod server;

pub use ports::*;
pub use server::*;

pub const START: i64 = 1_800_000_000;
pub const DAY: i64 = 86_400;
pub const ISSUER: &str = "https://garam.example/desk";
pub const HOST: &str = "verifier.example";
pub const STATUS: &str = "https://garam.example/status/1";
pub const TRUST_LIST: &str = "https://trust.example/list";
pub const STRONG: &str = "correct horse battery staple";

pub fn entropy() -> SystemEntropy {
    SystemEntropy
}

pub const NAME_SPACE: &str = "kr.example.nuri.resident.1";

pub struct World {
    pub clock: Arc<FixedClock>,
    pub net: Arc<Net>,
    pub random: Arc<Random>,
    pub looked: Arc<Looked>,
    pub secrets: Arc<Secrets>,
    pub pages: Arc<TestPages>,
    pub folder: tempfile::TempDir,
    pub profile: Value,
    pub wallet: Arc<Wallet>,
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

impl World {
    /// A wallet that is set up, without a passphrase.
    pub fn new() -> Self {
        let world = Self::bare(|_| {});
        world.wallet.initialize().unwrap();
        world
    }

    pub fn bare(change: impl FnOnce(&mut Value)) -> Self {
        let clock = Arc::new(FixedClock::new(Instant::from_unix_seconds(START)));
        let entropy = entropy();
        let validity = Validity::days(Instant::from_unix_seconds(START - 400 * DAY), 2000);
        let party = |name: &str, host: &str| Party::named(name).host(host).valid(validity);
        let issuer = party("Garam", "garam.example").document_signer().make(&entropy);
        let stranger = party("Stranger", "stranger.example").document_signer().make(&entropy);
        let verifier = party("Verifier Ltd", HOST).make(&entropy);
        let registrar = party("Registrar", "registrar.example").make(&entropy);
        let list_signer = party("Lists", "trust.example").make(&entropy);
        let provider = party("Provider", "provider.example").make(&entropy);
        let providers = provider.anchors();
        let pem = |party: &Party| party.root.to_pem().unwrap();
        let names: Vec<String> = types()
            .iter()
            .map(|one| match one {
                CredentialType::SdJwtVc { vct } => format!("vct:{vct}"),
                CredentialType::Mdoc { doctype } => format!("doctype:{doctype}"),
            })
            .collect();
        let mut profile = json!({
            "version": 1,
            "name": { "ko": "시험", "en": "Test" },
            "marking": "developer",
            "anchors": {
                "issuers": [
                    { "certificate": pem(&issuer), "types": names },
                    { "certificate": pem(&stranger), "types": ["vct:urn:foreign:1"] },
                ],
                "verifiers": [pem(&verifier)],
                "registrars": [pem(&registrar)],
            },
            "trustList": { "uri": TRUST_LIST, "signers": [pem(&list_signer)] },
            "unauthenticatedVerifiers": "warn",
        });
        change(&mut profile);
        let server = Server {
            clock: Arc::clone(&clock),
            issuers: issuer.entitled_to(types()),
            stranger,
            issuer,
            verifier,
            registrar,
            list_signer,
            provider,
            provider_says: vec!["iso_18045_basic"],
            proof_types: BTreeMap::new(),
            authentication: vec!["none"],
            configurations: configurations(),
            batch: 3,
            identifiers: BTreeMap::new(),
            issuer_name: "가람시 (시연용)".to_owned(),
            gate: Gate::new(
                identifier(),
                GatePolicy { require_attestation: false, require_challenge: false, require_dpop_nonce: true },
                providers,
            ),
            nonces: NonceBook::new(300),
            grants: HashMap::new(),
            tokens: HashMap::new(),
            waiting: HashMap::new(),
            refresh: None,
            rotates: false,
            notifications: Vec::new(),
            next_index: 0,
            statuses: BTreeMap::new(),
            status_shape: (Bits::Two, 1000),
            status_down: false,
            status_as_cwt: false,
            status_media_type: None,
            lists_served_with: 200,
            trust_list: None,
            requests: HashMap::new(),
            posted: Vec::new(),
            verifier_status: 200,
            redirect: None,
        };
        let net =
            Arc::new(Net { server: Mutex::new(server), log: Mutex::new(Vec::new()), hook: Mutex::new(None) });
        let (secrets, pages) = (Arc::new(Secrets::default()), Arc::new(TestPages::default()));
        let random = Arc::new(Random::default());
        let looked = Arc::new(Looked::new(Arc::clone(&clock)));
        let folder = tempfile::tempdir().unwrap();
        let wallet = open(&net, &looked, &random, &secrets, &pages, &profile, folder.path());
        Self { clock, net, random, looked, secrets, pages, folder, profile, wallet }
    }

    /// Ends the process and starts another.
    pub fn restart(&mut self) {
        self.open_again();
        self.wallet.unlock(None).unwrap();
    }

    pub fn open_again(&mut self) {
        self.wallet.lock();
        self.wallet = self.opened_at(self.folder.path());
    }

    /// Another process, over this folder.
    pub fn opened_at(&self, folder: &std::path::Path) -> Arc<Wallet> {
        open(&self.net, &self.looked, &self.random, &self.secrets, &self.pages, &self.profile, folder)
    }

    pub fn weak(&self) -> Weak<Wallet> {
        Arc::downgrade(&self.wallet)
    }

    pub fn server<T>(&self, change: impl FnOnce(&mut Server) -> T) -> T {
        change(&mut self.net.server.lock().unwrap())
    }

    pub fn mode(&self, id: &str, change: impl FnOnce(&mut Mode)) {
        self.server(|server| change(&mut server.configurations.get_mut(id).unwrap().mode));
    }

    pub fn offer(&self, ids: &[&str], tx_code: Option<&str>) -> String {
        self.server(|server| {
            let granted = Granted {
                subject: "p1".into(),
                configuration_ids: ids.iter().map(|it| (*it).to_owned()).collect(),
                credential_identifiers: ids
                    .iter()
                    .flat_map(|id| {
                        server
                            .identifiers
                            .get(*id)
                            .into_iter()
                            .flatten()
                            .map(|one| ((*id).to_owned(), one.clone()))
                    })
                    .collect(),
                client_id: None,
            };
            let now = server.clock.now();
            let grant = PreAuthorizedGrant::issue(granted, tx_code, true, 600, now, &entropy()).unwrap();
            let tx = tx_code.map(|it| TransactionCode {
                input_mode: InputMode::Numeric,
                length: u32::try_from(it.len()).ok(),
                description: None,
            });
            let grants = Grants {
                pre_authorized_code: Some(PreAuthorizedCodeGrant::new(grant.code().to_owned(), tx)),
                ..Grants::default()
            };
            server.grants.insert(grant.code().to_owned(), grant);
            let ids = UniqueNonEmpty::new(ids.iter().map(|it| (*it).to_owned()).collect()).unwrap();
            CredentialOffer::new(identifier(), ids, grants).link("openid-credential-offer")
        })
    }

    pub fn input(&self, link: &str) -> String {
        match self.wallet.read_text(link, false) {
            Found::Offer { input_id, .. } | Found::Request { input_id, .. } => input_id,
            Found::Progress { .. } | Found::Nothing { .. } => panic!("nothing found in {link}"),
        }
    }

    pub async fn start_offer(&self, ids: &[&str]) -> Offer {
        match self.wallet.receive_start(&self.input(&self.offer(ids, None))).await.unwrap() {
            ReceiveStarted::Offer(offer) => *offer,
            ReceiveStarted::Refusal(refusal) => panic!("refused: {} {:?}", refusal.code, refusal.rule),
        }
    }

    pub async fn try_receive(&self, ids: &[&str]) -> Received {
        let offer = self.start_offer(ids).await;
        self.wallet.receive_continue(&offer.session_id, None, &|_| {}).await.unwrap()
    }

    pub async fn receive(&self, ids: &[&str]) -> Vec<PaperSummary> {
        match self.try_receive(ids).await {
            Received::Done { papers, .. } => papers,
            Received::Refusal(refusal) => panic!("refused: {} {:?}", refusal.code, refusal.rule),
            _ => panic!("not received"),
        }
    }

    pub async fn refused(&self, ids: &[&str]) -> Refusal {
        match self.try_receive(ids).await {
            Received::Refusal(refusal) => *refusal,
            _ => panic!("not refused"),
        }
    }

    /// All papers of all shelves.
    pub fn all(&self) -> Vec<PaperSummary> {
        [Shelf::Id, Shelf::Notice, Shelf::Benefit]
            .into_iter()
            .flat_map(|shelf| self.wallet.shelf(shelf, "").unwrap().papers)
            .collect()
    }

    pub fn registration(&self, items: &[(&str, &[&[&str]])]) -> Registration {
        self.server(|server| Registration {
            verifier: RegisteredVerifier::of_certificate(server.verifier.chain.leaf()),
            issued_at: server.clock.now(),
            expires_at: server.clock.now() + 30 * DAY,
            name: text("가람 대여점", "Garam Rentals"),
            purpose: text("나이 확인", "age check"),
            items: items
                .iter()
                .map(|(vct, paths)| RegisteredItem {
                    credential: CredentialType::sd_jwt_vc(*vct),
                    claims: paths
                        .iter()
                        .map(|path| primitives::ClaimPath::of_names(path.iter().copied()).unwrap())
                        .collect(),
                })
                .collect(),
            retention: Some(text("30일", "30 days")),
            consequences_of_refusal: Some(text("빌릴 수 없음", "no rental")),
            legal_basis: None,
            resident_number_basis: None,
        })
    }

    pub fn with_basis(mut registration: Registration) -> Registration {
        registration.resident_number_basis = Some(text("시험법 제1조", "Test Act, article 1"));
        registration
    }

    /// A registered request; gives its number and link.
    pub fn request(&self, query: Value) -> (String, String) {
        let registration = self.registration(&[
            (RESIDENT, &[&["name"], &["birth"], &["address"], &["ageOver19"], &["ihidnumMasked"]]),
            (DISABILITY, &[&["name"], &["degree"]]),
            (NOTICE, &[&["payer"]]),
        ]);
        self.request_by(query, Some(registration), |builder| builder)
    }

    pub fn request_by(
        &self,
        query: Value,
        registration: Option<Registration>,
        change: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> (String, String) {
        self.server(|server| {
            let id = format!("r{}", server.requests.len());
            let query = dcql::Query::from_value(query).unwrap();
            let identity = ClientIdentity::X509Hash(server.verifier.chain.clone());
            let mut builder = RequestBuilder::new(identity, query, format!("https://{HOST}/response/{id}"));
            if let Some(registration) = registration {
                let signed = registration.sign(&server.registrar.chain, &server.registrar.key).unwrap();
                builder = builder.registration(signed);
            }
            let prepared = change(builder).build(server.clock.now(), &entropy()).unwrap();
            let link = prepared
                .link_by_reference("openid4vp", &format!("https://{HOST}/request/{id}"), true)
                .or_else(|_| prepared.link_by_value("openid4vp"))
                .unwrap();
            server.requests.insert(id.clone(), (prepared, None));
            (id, link)
        })
    }

    pub async fn start(&self, link: &str) -> PresentStarted {
        self.wallet.present_start(&self.input(link)).await.unwrap()
    }

    pub async fn consent(&self, link: &str) -> Consent {
        match self.start(link).await {
            PresentStarted::Consent(consent) => *consent,
            PresentStarted::Refusal(refusal) => panic!("refused: {} {:?}", refusal.code, refusal.rule),
        }
    }

    pub async fn started_refusal(&self, link: &str) -> Refusal {
        match self.start(link).await {
            PresentStarted::Refusal(refusal) => *refusal,
            PresentStarted::Consent(_) => panic!("not refused"),
        }
    }

    pub async fn send(&self, consent: &Consent) -> PresentSent {
        self.wallet.present_send(&consent.session_id, &yes(consent)).await.unwrap()
    }

    pub async fn sent(&self, consent: &Consent) -> Sent {
        match self.send(consent).await {
            PresentSent::Sent(sent) => sent,
            PresentSent::Showing(_) => panic!("shown, not sent"),
            PresentSent::Refusal(refusal) => panic!("not sent: {} {:?}", refusal.code, refusal.rule),
        }
    }

    /// What the verifier got by the last post, verified.
    pub fn disclosed(&self) -> Vec<Value> {
        self.server(|server| match &server.posted.last().unwrap().outcome {
            Ok(Outcome::Verified(answer)) => {
                answer.presentations.iter().map(|one| one.claims.clone()).collect()
            }
            Ok(Outcome::Refused { error }) => panic!("{error}"),
            Err(error) => panic!("{error}"),
        })
    }

    pub fn history(&self) -> Vec<HistoryEntry> {
        let history = self.wallet.history(None).unwrap();
        assert!(history.chain_holds);
        history.entries
    }
}

fn open(
    net: &Arc<Net>,
    clock: &Arc<Looked>,
    random: &Arc<Random>,
    secrets: &Arc<Secrets>,
    pages: &Arc<TestPages>,
    profile: &Value,
    folder: &std::path::Path,
) -> Arc<Wallet> {
    let ports = Ports {
        http: Arc::clone(net) as Arc<dyn Http>,
        clock: Arc::clone(clock) as _,
        entropy: Arc::clone(random) as _,
        secrets: Arc::clone(secrets) as _,
        pages: Arc::clone(pages) as _,
    };
    let profile = Profile::parse(profile.to_string().as_bytes()).map_err(|error| error.to_string()).unwrap();
    Arc::new(Wallet::open(ports, profile, folder))
}

pub fn text(ko: &str, en: &str) -> LocalizedText {
    LocalizedText { ko: ko.to_owned(), en: en.to_owned() }
}

pub const RESIDENT: &str = "urn:nuri-demo:MobileResidentCard:1";
pub const DISABILITY: &str = "urn:nuri-demo:DisabilityCertificate:1";
pub const NOTICE: &str = "urn:nuri-demo:LocalTaxNotice:1";

/// A query for one SD-JWT VC.
pub fn credential(id: &str, vct: &str, paths: &[&[&str]]) -> Value {
    let claims: Vec<Value> = paths.iter().map(|path| json!({ "path": path })).collect();
    json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [vct] }, "claims": claims })
}

pub fn query(credentials: &[Value]) -> Value {
    json!({ "credentials": credentials })
}

pub fn name_query() -> Value {
    query(&[credential("card", RESIDENT, &[&["name"]])])
}

/// Yes to everything that is required, the first option and the first paper.
pub fn yes(consent: &Consent) -> Selection {
    let mut selection = Selection { acknowledged: consent.must_acknowledge.clone(), ..Selection::default() };
    for group in consent.groups.iter().filter(|group| group.necessity == Necessity::Required) {
        selection.options.insert(group.id.clone(), Some(group.options[0].id.clone()));
    }
    for query in &consent.queries {
        if let Some(first) = query.candidates.first() {
            selection.papers.insert(query.id.clone(), vec![first.paper.id.clone()]);
            let sensitive = first.items.iter().filter(|item| item.sensitive).map(|item| item.id.clone());
            selection.sensitive_yes.extend(sensitive);
        }
    }
    selection
}

pub fn said(text: &Text) -> String {
    text.ko.clone().unwrap_or_default()
}

pub fn ids(papers: &[PaperSummary]) -> BTreeSet<String> {
    papers.iter().map(|paper| paper.id.clone()).collect()
}
