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
    Clock as _, Http, Instant, LocalizedText, PageError, Pages, PendingRedirect, UniqueNonEmpty,
};
use serde_json::{Value, json};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::registration::{RegisteredItem, RegisteredVerifier, Registration};
use trust::status::{Bits, Publication, StatusListBuilder, StatusReference, StatusState};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, TrustAnchor,
};
use url::Url;
use vault::{SecretItem, SecretStore, SecretStoreError, WalletId};
use wallet::profile::Profile;
use wallet::view::*;
use wallet::{Ports, Wallet};

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

/// A root and a leaf below it.
#[derive(Clone)]
pub struct Party {
    pub root: Certificate,
    pub chain: CertificateChain,
    pub key: Arc<PrivateKey>,
}

impl Party {
    pub fn new(name: &str, host: &str, signer: bool) -> Self {
        let entropy = entropy();
        let root_key = PrivateKey::generate(&entropy).unwrap();
        let validity = Validity::days(Instant::from_unix_seconds(START - 400 * DAY), 2000);
        let root = CertificateBuilder::authority(Subject::new(format!("{name} root")), validity)
            .self_signed(&root_key, &entropy)
            .unwrap();
        let key = PrivateKey::generate(&entropy).unwrap();
        let subject = Subject::new(name).organisation(name).country("KR");
        let mut leaf = CertificateBuilder::leaf(subject, validity).with_dns_name(host);
        if signer {
            leaf = leaf.with_purpose(Purpose::MdocDocumentSigner);
        }
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, &entropy).unwrap();
        Self { root, chain: CertificateChain::new(vec![leaf]).unwrap(), key: Arc::new(key) }
    }

    pub fn pem(&self) -> String {
        let base64 = primitives::base64url::encode_standard(self.root.der());
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    }
}

/// How a configuration is issued.
#[derive(Clone, Default)]
pub struct Mode {
    pub deferred: bool,
    pub deny: bool,
    pub foreign_key: bool,
    pub other_type: bool,
    pub stranger: bool,
    pub status: bool,
    /// Each copy after the first says something else under this name.
    pub differing: Option<&'static str>,
    pub not_before: Option<i64>,
    pub expires: Option<i64>,
}

pub struct Configuration {
    pub credential_type: CredentialType,
    pub claims: Value,
    pub always: Vec<&'static str>,
    pub mode: Mode,
}

pub struct Posted {
    pub path: String,
    pub outcome: Result<Outcome, String>,
    pub body: Vec<u8>,
}

pub struct Server {
    pub clock: Arc<FixedClock>,
    pub issuer: Party,
    pub stranger: Party,
    pub verifier: Party,
    pub registrar: Party,
    pub list_signer: Party,
    pub issuers: AnchorStore<Issuer>,
    pub configurations: BTreeMap<String, Configuration>,
    pub batch: u64,
    pub identifiers: BTreeMap<String, Vec<String>>,
    pub issuer_name: String,
    gate: Gate,
    nonces: NonceBook,
    grants: HashMap<String, PreAuthorizedGrant>,
    tokens: HashMap<String, AccessToken>,
    waiting: HashMap<String, VerifiedCredentialRequest>,
    pub notifications: Vec<Notification>,
    pub next_index: u64,
    /// What every paper of this configuration's copies is said to be; by index.
    pub statuses: BTreeMap<u64, StatusState>,
    pub status_down: bool,
    pub trust_list: Option<String>,
    pub requests: HashMap<String, (PreparedRequest, Option<String>)>,
    pub posted: Vec<Posted>,
    pub verifier_status: u16,
    pub redirect: Option<Url>,
}

pub enum Act {
    /// As if nothing were.
    Pass,
    /// No answer.
    Fail(HttpError),
    /// Never any answer.
    Hang,
    /// This answer.
    Answer(Response),
}

type Hook = Box<dyn Fn(&Request) -> Act + Send + Sync>;

pub struct Net {
    pub server: Mutex<Server>,
    pub log: Mutex<Vec<Request>>,
    hook: Mutex<Option<Arc<Hook>>>,
}

impl Net {
    pub fn hook(&self, hook: impl Fn(&Request) -> Act + Send + Sync + 'static) {
        *self.hook.lock().unwrap() = Some(Arc::new(Box::new(hook)));
    }

    pub fn unhook(&self) {
        *self.hook.lock().unwrap() = None;
    }

    /// How many calls went to addresses with this in them.
    pub fn calls(&self, part: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|request| request.url.as_str().contains(part)).count()
    }
}

impl Http for Net {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            self.log.lock().unwrap().push(request.clone());
            let hook = self.hook.lock().unwrap().clone();
            match hook.map_or(Act::Pass, |hook| hook(&request)) {
                Act::Pass => {}
                Act::Fail(error) => return Err(error),
                Act::Hang => std::future::pending().await,
                Act::Answer(response) => return Ok(response),
            }
            // A real network gives others a turn.
            tokio::task::yield_now().await;
            Ok(self.server.lock().unwrap().answer(&request))
        })
    }
}

pub fn identifier() -> Identifier {
    Identifier::parse(ISSUER, "issuer").unwrap()
}

impl Server {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn metadata(&self) -> IssuerMetadata {
        let configurations: serde_json::Map<String, Value> = self
            .configurations
            .iter()
            .map(|(id, configuration)| {
                let mut entry = json!({
                    "scope": id,
                    "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
                });
                match &configuration.credential_type {
                    CredentialType::SdJwtVc { vct } => {
                        entry["format"] = json!("dc+sd-jwt");
                        entry["vct"] = json!(vct);
                        entry["cryptographic_binding_methods_supported"] = json!(["jwk"]);
                    }
                    CredentialType::Mdoc { doctype } => {
                        entry["format"] = json!("mso_mdoc");
                        entry["doctype"] = json!(doctype);
                        entry["cryptographic_binding_methods_supported"] = json!(["cose_key"]);
                    }
                }
                (id.clone(), entry)
            })
            .collect();
        let json = json!({
            "credential_issuer": ISSUER,
            "credential_endpoint": "https://garam.example/credential",
            "nonce_endpoint": "https://garam.example/nonce",
            "deferred_credential_endpoint": "https://garam.example/deferred",
            "notification_endpoint": "https://garam.example/notification",
            "batch_credential_issuance": { "batch_size": self.batch.max(2) },
            "display": [{ "name": self.issuer_name, "locale": "ko" }],
            "credential_configurations_supported": configurations,
        });
        IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap()
    }

    fn answer(&mut self, request: &Request) -> Response {
        let url = request.url.as_str();
        let path = request.url.path().to_owned();
        if url.starts_with(TRUST_LIST) {
            return match &self.trust_list {
                Some(list) => Response::new(200, list.clone()),
                None => Response::new(404, ""),
            };
        }
        if request.url.host_str() == Some(HOST) {
            return self.verify(request, &path);
        }
        if url.starts_with(STATUS) {
            if self.status_down {
                return Response::new(503, "");
            }
            return Response::new(200, self.status_token(&self.issuer.clone(), STATUS));
        }
        self.try_answer(request, &path).unwrap_or_else(|refusal| refusal.to_response())
    }

    pub fn status_token(&self, party: &Party, uri: &str) -> String {
        let mut list = StatusListBuilder::new(Bits::Two, 1000).unwrap();
        for (index, state) in &self.statuses {
            list.set(*index, *state).unwrap();
        }
        let publication = Publication {
            uri: uri.to_owned(),
            issued_at: self.now(),
            expires_at: Some(self.now() + 7 * DAY),
            time_to_live: Some(3600),
        };
        list.sign_jwt(&publication, &party.chain, party.key.as_ref()).unwrap()
    }

    fn try_answer(&mut self, request: &Request, path: &str) -> Result<Response, ServerRefusal> {
        let (now, entropy) = (self.now(), entropy());
        let inbound = Inbound::of(request);
        match path {
            "/.well-known/openid-credential-issuer/desk" => {
                Ok(Response::of_json(200, &self.metadata().to_json()))
            }
            "/.well-known/oauth-authorization-server/desk" => {
                let server = json!({
                    "issuer": ISSUER,
                    "token_endpoint": "https://garam.example/token",
                    "grant_types_supported": [PRE_AUTHORIZED_CODE_GRANT],
                    "dpop_signing_alg_values_supported": ["ES256"],
                    "token_endpoint_auth_methods_supported": ["none"],
                    "response_types_supported": ["code"],
                });
                let server = ServerMetadata::from_json(server.to_string().as_bytes(), &identifier()).unwrap();
                Ok(Response::of_json(200, &server.to_json()))
            }
            "/token" => {
                let proof = self.gate.proof(&inbound, None, now, &entropy)?;
                let token = TokenRequest::parse(&inbound)?;
                let code = token.code().to_owned();
                let grant = self.grants.remove(&code).ok_or_else(ServerRefusal::unknown_code)?;
                let granted = match grant.redeem(&token, None, now) {
                    Ok(granted) => granted,
                    Err((again, refusal)) => {
                        if let Some(grant) = again {
                            self.grants.insert(code, *grant);
                        }
                        return Err(refusal);
                    }
                };
                let (access, response) =
                    AccessToken::issue(granted, &proof, 30 * DAY, &mut self.gate, now, &entropy)?;
                self.tokens.insert(access.key().to_owned(), access);
                Ok(response)
            }
            "/nonce" => {
                let nonce = self.nonces.issue(now, &entropy).unwrap();
                let dpop = self.gate.dpop_nonce(now, &entropy)?;
                Ok(nonce_response(&nonce, dpop))
            }
            "/credential" => {
                let access = self.access(&inbound)?;
                let metadata = self.metadata();
                let parsed = CredentialRequest::parse(&inbound, &metadata, None)?;
                let providers = self.gate.providers().clone();
                let verified = parsed.verify(&metadata, &access, &mut self.nonces, &providers, now)?;
                let mode = self.configurations[&verified.configuration.id].mode.clone();
                if mode.deny {
                    return Err(ServerRefusal::denied());
                }
                if mode.deferred {
                    let transaction = format!("transaction-{}", self.waiting.len());
                    self.waiting.insert(transaction.clone(), verified);
                    return deferred_response(&transaction, 60, None, &entropy);
                }
                let credentials = self.issue(&verified);
                credential_response(&credentials, Some("note-1"), None, &entropy)
            }
            "/deferred" => {
                self.access(&inbound)?;
                let transaction = deferred_transaction(&inbound)?;
                let waiting =
                    self.waiting.remove(&transaction).ok_or_else(ServerRefusal::unknown_transaction)?;
                if self.configurations[&waiting.configuration.id].mode.deferred {
                    self.waiting.insert(transaction.clone(), waiting);
                    return deferred_response(&transaction, 60, None, &entropy);
                }
                let credentials = self.issue(&waiting);
                credential_response(&credentials, Some("note-2"), None, &entropy)
            }
            "/notification" => {
                self.access(&inbound)?;
                self.notifications.push(Notification::parse(&inbound)?);
                Ok(Response::new(204, ""))
            }
            _ => Ok(error_response(404, OAuthErrorCode::InvalidRequest)),
        }
    }

    fn access(&mut self, inbound: &Inbound<'_>) -> Result<AccessToken, ServerRefusal> {
        let key = AccessToken::key_of_request(inbound)?;
        let access = self.tokens.get(&key).cloned().ok_or_else(AccessToken::unknown)?;
        let now = self.now();
        access.authorize(&mut self.gate, inbound, now, &entropy())?;
        Ok(access)
    }

    fn issue(&mut self, request: &VerifiedCredentialRequest) -> Vec<String> {
        let id = request.configuration.id.clone();
        let mode = self.configurations[&id].mode.clone();
        let mut keys = request.keys.clone();
        if mode.foreign_key {
            keys[0] = PrivateKey::generate(&entropy()).unwrap().public_key();
        }
        let mut claims = self.configurations[&id].claims.clone();
        if let Some(named) = &request.paper.credential_identifier
            && claims.get("name").is_some()
        {
            claims["name"] = json!(named);
        }
        keys.iter()
            .enumerate()
            .map(|(at, key)| {
                if let (Some(name), true) = (mode.differing, at > 0) {
                    claims[name] = json!(format!("another {at}"));
                }
                self.issue_one(&id, &claims, &mode, key)
            })
            .collect()
    }

    fn issue_one(&mut self, id: &str, claims: &Value, mode: &Mode, key: &PublicKey) -> String {
        let party = if mode.stranger { self.stranger.clone() } else { self.issuer.clone() };
        let now = self.now();
        let expires = now + mode.expires.unwrap_or(3650 * DAY).min(1500 * DAY);
        let status = mode.status.then(|| {
            self.next_index += 1;
            StatusReference::new(STATUS, self.next_index).unwrap()
        });
        let entropy = entropy();
        let configuration = &self.configurations[id];
        match &configuration.credential_type {
            CredentialType::SdJwtVc { vct } => {
                let vct = if mode.other_type { "urn:nuri-demo:Voucher:1" } else { vct };
                let claims = claims.as_object().unwrap().clone();
                let mut issuance = sd_jwt_vc::Issuance::new(vct, claims.clone());
                for name in claims.keys().filter(|name| !configuration.always.contains(&name.as_str())) {
                    issuance = issuance.disclosable(primitives::ClaimPath::top_level(name.as_str()));
                }
                issuance = issuance.issued_at(now).expires(expires).holder_key(key);
                if let Some(seconds) = mode.not_before {
                    issuance = issuance.not_before(now + seconds);
                }
                if let Some(reference) = &status {
                    issuance = issuance.status(reference);
                }
                issuance.sign(party.key.as_ref(), &party.chain, &entropy).unwrap()
            }
            CredentialType::Mdoc { doctype } => {
                let validity = mdoc::Validity {
                    signed: now,
                    valid_from: now,
                    valid_until: expires,
                    expected_update: None,
                };
                let mut issuance = mdoc::Issuance::new(doctype, validity);
                for (name, value) in claims.as_object().unwrap() {
                    let value = match value.as_str().and_then(|text| text.strip_prefix("bytes:")) {
                        Some(text) => mdoc::ElementValue::Bytes(text.as_bytes().to_vec()),
                        None => mdoc::ElementValue::from_json(value).unwrap(),
                    };
                    issuance = issuance.element(NAME_SPACE, name.as_str(), value);
                }
                if let Some(reference) = status {
                    issuance = issuance.status(reference);
                }
                issuance.sign(key, party.key.as_ref(), &party.chain, &entropy).unwrap().to_base64url()
            }
        }
    }

    fn verify(&mut self, request: &Request, path: &str) -> Response {
        let signer = RequestSigner { chain: &self.verifier.chain, signer: self.verifier.key.as_ref() };
        if let Some(id) = path.strip_prefix("/request/") {
            let Some((prepared, object)) = self.requests.get(id) else { return Response::new(404, "") };
            let object = match object {
                Some(object) => object.clone(),
                None if request.method == primitives::http::Method::Post => {
                    prepared.handle_request_uri_post(&request.body, &signer).unwrap()
                }
                None => prepared.request_object(&signer).unwrap(),
            };
            return Response::new(200, object).with_header("content-type", "application/oauth-authz-req+jwt");
        }
        if let Some(id) = path.strip_prefix("/response/") {
            let outcome = match self.requests.get(id) {
                None => Err("unknown".to_owned()),
                Some((prepared, _)) => prepared
                    .session()
                    .validate(&request.body, &self.issuers, self.clock.now())
                    .map_err(|error| error.to_string()),
            };
            self.posted.push(Posted { path: path.to_owned(), outcome, body: request.body.clone() });
            if self.verifier_status != 200 {
                return Response::new(self.verifier_status, "");
            }
            return openid4vp::verifier::Session::reply(self.redirect.as_ref());
        }
        Response::new(404, "")
    }
}

pub const NAME_SPACE: &str = "kr.example.nuri.resident.1";

/// The keyring.
#[derive(Default)]
pub struct Secrets {
    items: Mutex<HashMap<[u8; 16], Vec<u8>>>,
    pub during_load: Mutex<Option<Box<dyn Fn() + Send>>>,
    pub during_save: Mutex<Option<Box<dyn Fn() + Send>>>,
    pub broken: Mutex<bool>,
}

impl SecretStore for Secrets {
    fn load(&self, id: &WalletId) -> Result<SecretItem, SecretStoreError> {
        if let Some(act) = self.during_load.lock().unwrap().as_ref() {
            act();
        }
        if *self.broken.lock().unwrap() {
            return Err(SecretStoreError::NoService);
        }
        let items = self.items.lock().unwrap();
        items.get(id.as_bytes()).cloned().and_then(SecretItem::new).ok_or(SecretStoreError::NoEntry)
    }

    fn save(&self, id: &WalletId, item: &SecretItem) -> Result<(), SecretStoreError> {
        if let Some(act) = self.during_save.lock().unwrap().as_ref() {
            act();
        }
        self.items.lock().unwrap().insert(*id.as_bytes(), item.expose().to_vec());
        Ok(())
    }

    fn delete(&self, id: &WalletId) -> Result<(), SecretStoreError> {
        self.items.lock().unwrap().remove(id.as_bytes()).map(drop).ok_or(SecretStoreError::NoEntry)
    }
}

/// The browser.
#[derive(Default)]
pub struct TestPages {
    pub opened: Mutex<Vec<Url>>,
}

impl Pages for TestPages {
    fn open(&self, page: &Url) -> Result<(), PageError> {
        self.opened.lock().unwrap().push(page.clone());
        Ok(())
    }

    fn await_redirect(&self) -> BoxFuture<'_, Result<Box<dyn PendingRedirect>, PageError>> {
        Box::pin(async { Err(PageError::NoListener) })
    }
}

pub struct World {
    pub clock: Arc<FixedClock>,
    pub net: Arc<Net>,
    pub secrets: Arc<Secrets>,
    pub pages: Arc<TestPages>,
    pub folder: tempfile::TempDir,
    pub profile: Value,
    pub wallet: Arc<Wallet>,
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn vct(key: &str) -> CredentialType {
    CredentialType::sd_jwt_vc(civic::Catalogue.by_key(key).unwrap().vct)
}

pub fn types() -> Vec<CredentialType> {
    let mut types: Vec<CredentialType> =
        ["MobileResidentCard", "LocalTaxNotice", "DisabilityCertificate", "Voucher"]
            .into_iter()
            .map(vct)
            .collect();
    types.push(CredentialType::mdoc("kr.example.nuri.resident.1"));
    types.push(CredentialType::sd_jwt_vc("urn:foreign:1"));
    types
}

fn configurations() -> BTreeMap<String, Configuration> {
    let make = |credential_type: CredentialType, claims: Value, always: &[&'static str]| Configuration {
        credential_type,
        claims,
        always: always.to_vec(),
        mode: Mode::default(),
    };
    [
        (
            "resident",
            make(
                vct("MobileResidentCard"),
                json!({
                    "name": "김하늘-fixture", "birth": "1988-06-14", "sex": "여", "ageOver19": true,
                    "ihidnumMasked": "880614-0******",
                    "address": { "full": "가람시 fixture로 1", "sido": "가람도", "sigungu": "가람시" },
                    "issueDate": "2026-05-01",
                }),
                &[],
            ),
        ),
        (
            "resident_mdoc",
            make(
                CredentialType::mdoc("kr.example.nuri.resident.1"),
                json!({ "name": "김하늘-fixture", "birth": "1988-06-14", "portrait": "bytes:picture" }),
                &[],
            ),
        ),
        (
            "notice",
            make(
                vct("LocalTaxNotice"),
                json!({
                    "title": "재산세 고지서", "payer": "김하늘-fixture", "amountInDue": 100_000,
                    "amountAfterDue": 103_000, "due": "2027-01-31", "lateRule": "local", "autoDebit": false,
                    "components": [{ "ko": "재산세", "amount": 100_000 }], "ePayNumber": "1234-fixture",
                }),
                &["title", "amountInDue", "amountAfterDue", "due", "lateRule", "autoDebit", "components"],
            ),
        ),
        (
            "disability",
            make(
                vct("DisabilityCertificate"),
                json!({ "name": "김하늘-fixture", "disabilityType": "지체-fixture", "degree": "심한-fixture" }),
                &[],
            ),
        ),
        (
            "voucher",
            make(
                vct("Voucher"),
                json!({
                    "title": "농식품 이용권", "granted": 100_000, "used": 0, "balance": 100_000,
                    "validUntil": "2027-02-10",
                }),
                &["title"],
            ),
        ),
        (
            "foreign",
            make(
                CredentialType::sd_jwt_vc("urn:foreign:1"),
                json!({ "colour": "blue-fixture", "nothing": null, "picture": "data:image/svg+xml;base64,AAAA" }),
                &[],
            ),
        ),
    ]
    .into_iter()
    .map(|(id, configuration)| (id.to_owned(), configuration))
    .collect()
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
        let issuer = Party::new("Garam", "garam.example", true);
        let stranger = Party::new("Stranger", "stranger.example", true);
        let verifier = Party::new("Verifier Ltd", HOST, false);
        let registrar = Party::new("Registrar", "registrar.example", false);
        let list_signer = Party::new("Lists", "trust.example", false);
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
                    { "certificate": issuer.pem(), "types": names },
                    { "certificate": stranger.pem(), "types": ["vct:urn:foreign:1"] },
                ],
                "verifiers": [verifier.pem()],
                "registrars": [registrar.pem()],
            },
            "trustList": { "uri": TRUST_LIST, "signers": [list_signer.pem()] },
            "unauthenticatedVerifiers": "warn",
        });
        change(&mut profile);
        let entitled = IssuerEntitlements::types(types());
        let server = Server {
            clock: Arc::clone(&clock),
            issuers: [TrustAnchor::for_issuer(issuer.root.clone(), entitled).unwrap()].into_iter().collect(),
            stranger,
            issuer,
            verifier,
            registrar,
            list_signer,
            configurations: configurations(),
            batch: 3,
            identifiers: BTreeMap::new(),
            issuer_name: "가람시 (시연용)".to_owned(),
            gate: Gate::new(
                identifier(),
                GatePolicy { require_attestation: false, require_challenge: false, require_dpop_nonce: true },
                AnchorStore::new(),
            ),
            nonces: NonceBook::new(300),
            grants: HashMap::new(),
            tokens: HashMap::new(),
            waiting: HashMap::new(),
            notifications: Vec::new(),
            next_index: 0,
            statuses: BTreeMap::new(),
            status_down: false,
            trust_list: None,
            requests: HashMap::new(),
            posted: Vec::new(),
            verifier_status: 200,
            redirect: None,
        };
        let net =
            Arc::new(Net { server: Mutex::new(server), log: Mutex::new(Vec::new()), hook: Mutex::new(None) });
        let (secrets, pages) = (Arc::new(Secrets::default()), Arc::new(TestPages::default()));
        let folder = tempfile::tempdir().unwrap();
        let wallet = open(&net, &clock, &secrets, &pages, &profile, folder.path());
        Self { clock, net, secrets, pages, folder, profile, wallet }
    }

    /// Ends the process and starts another.
    pub fn restart(&mut self) {
        self.open_again();
        self.wallet.unlock(None).unwrap();
    }

    pub fn open_again(&mut self) {
        self.wallet.lock();
        self.wallet =
            open(&self.net, &self.clock, &self.secrets, &self.pages, &self.profile, self.folder.path());
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
            Found::Nothing { .. } => panic!("nothing found in {link}"),
        }
    }

    pub async fn start_offer(&self, ids: &[&str]) -> Offer {
        match self.wallet.receive_start(&self.input(&self.offer(ids, None))).await.unwrap() {
            ReceiveStarted::Offer(offer) => offer,
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
                let signed =
                    registration.sign(&server.registrar.chain, server.registrar.key.as_ref()).unwrap();
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
    clock: &Arc<FixedClock>,
    secrets: &Arc<Secrets>,
    pages: &Arc<TestPages>,
    profile: &Value,
    folder: &std::path::Path,
) -> Arc<Wallet> {
    let ports = Ports {
        http: Arc::clone(net) as Arc<dyn Http>,
        clock: Arc::clone(clock) as _,
        entropy: Arc::new(SystemEntropy),
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
