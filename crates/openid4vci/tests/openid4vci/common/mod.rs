//! An issuer, its authorization server and its wallet provider in one value, answering requests as a server would.

pub mod provider;

use std::collections::HashMap;
use std::sync::Arc;

use crypto::{PrivateKey, PublicKey, Signer};
use openid4vci::client_attestation::{self, AttestationContent};
use openid4vci::holder::*;
use openid4vci::issuer::*;
use openid4vci::metadata::{IssuerMetadata, ServerMetadata};
use openid4vci::oauth::{OAuthErrorCode, error_response};
use openid4vci::offer::*;
use openid4vci::replay::NonceBook;
use openid4vci::wire::Identifier;
use primitives::http::{Request, Response};
use primitives::test_support::SequenceEntropy;
use primitives::{NonEmpty, UniqueNonEmpty};
use serde_json::{Value, json};
pub use test_world::now;
use test_world::{DAY, Party};
use trust::{AnchorStore, CredentialType};
use url::Url;

pub const ISSUER: &str = "https://garam.example/mobile";
pub const VCT: &str = "https://types.example/resident-card";
pub const DOCTYPE: &str = "org.iso.18013.5.1.mDL";
pub const REDIRECT: &str = "http://127.0.0.1:49152/callback";
pub const CLIENT_ID: &str = "https://wallet.example";

/// How the issuer misbehaves, or in what mode it works.
#[derive(Default, Clone)]
pub struct Mode {
    pub deferred: bool,
    pub foreign_key: bool,
    /// The credentials are bound to no key, whatever was proven.
    pub unbound: bool,
    pub other_type: bool,
    pub reversed: bool,
    pub one_fewer: bool,
    pub one_too_many: bool,
    pub same_key: bool,
    pub untrusted_signer: bool,
    /// Whom the credentials name as their issuer, where that is not the issuer.
    pub names: Option<&'static str>,
    pub forget_nonces: u32,
    pub identifiers: bool,
    pub deny: bool,
}

pub struct World {
    pub entropy: SequenceEntropy,
    pub issuer_party: Party,
    pub stranger: Party,
    pub provider: Party,
    pub anchors: AnchorStore<trust::Issuer>,
    pub metadata: IssuerMetadata,
    pub server: ServerMetadata,
    pub gate: Gate,
    pub nonces: NonceBook,
    pub mode: Mode,
    pub policy: DiscoveryPolicy,
    pub grants: HashMap<String, PreAuthorizedGrant>,
    pub pushed: HashMap<String, PushedRequest>,
    pub codes: HashMap<String, AuthorizationCode>,
    pub tokens: HashMap<String, AccessToken>,
    pub refresh: HashMap<String, RefreshToken>,
    pub waiting: HashMap<String, VerifiedCredentialRequest>,
    pub notifications: Vec<Notification>,
    pub request_key: PrivateKey,
    pub log: Vec<(String, u16)>,
    pub sent: Vec<Request>,
}

pub fn issuer_json() -> Value {
    json!({
        "credential_issuer": ISSUER,
        "credential_endpoint": "https://garam.example/credential",
        "nonce_endpoint": "https://garam.example/nonce",
        "deferred_credential_endpoint": "https://garam.example/deferred",
        "notification_endpoint": "https://garam.example/notification",
        "batch_credential_issuance": { "batch_size": 5 },
        "display": [{ "name": "가람시 (시연용)", "locale": "ko" }],
        "credential_configurations_supported": {
            "resident": {
                "format": "dc+sd-jwt", "vct": VCT, "scope": "resident",
                "cryptographic_binding_methods_supported": ["jwk"],
                "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
            },
            "licence": {
                "format": "mso_mdoc", "doctype": DOCTYPE, "scope": "licence",
                "cryptographic_binding_methods_supported": ["cose_key"],
                "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
            },
        },
    })
}

pub fn server_json() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://garam.example/authorize",
        "token_endpoint": "https://garam.example/token",
        "pushed_authorization_request_endpoint": "https://garam.example/par",
        "challenge_endpoint": "https://garam.example/challenge",
        "grant_types_supported": ["authorization_code", PRE_AUTHORIZED_CODE_GRANT],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["attest_jwt_client_auth"],
    })
}

impl World {
    pub fn new() -> Self {
        let entropy = SequenceEntropy::new(7);
        let issuer_party = Party::named("Garam").host("garam.example").document_signer().make(&entropy);
        let stranger = Party::named("Stranger").host("garam.example").document_signer().make(&entropy);
        let provider = Party::named("Provider").host("provider.example").make(&entropy);
        let anchors =
            issuer_party.entitled_to([CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)]);
        let providers = provider.anchors();
        let id = identifier();
        let policy =
            GatePolicy { require_attestation: true, require_challenge: true, require_dpop_nonce: true };
        let request_key = PrivateKey::generate(&entropy).unwrap();
        Self {
            metadata: IssuerMetadata::from_json(issuer_json().to_string().as_bytes(), &id).unwrap(),
            server: ServerMetadata::from_json(server_json().to_string().as_bytes(), &id).unwrap(),
            gate: Gate::new(id, policy, providers),
            nonces: NonceBook::new(300),
            mode: Mode::default(),
            policy: DiscoveryPolicy::default(),
            grants: HashMap::new(),
            pushed: HashMap::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            refresh: HashMap::new(),
            waiting: HashMap::new(),
            notifications: Vec::new(),
            log: Vec::new(),
            sent: Vec::new(),
            entropy,
            issuer_party,
            stranger,
            provider,
            anchors,
            request_key,
        }
    }

    pub fn context(&self) -> Context<'_> {
        Context { now: now(), entropy: &self.entropy, issuers: &self.anchors }
    }

    pub fn offer(&mut self, ids: &[&str], tx_code: Option<&str>) -> CredentialOffer {
        let granted = Granted {
            subject: "p1".into(),
            configuration_ids: ids.iter().map(|it| (*it).to_owned()).collect(),
            credential_identifiers: self.identifiers(ids),
            client_id: None,
        };
        let grant = PreAuthorizedGrant::issue(granted, tx_code, false, 600, now(), &self.entropy).unwrap();
        let tx = tx_code.map(|it| TransactionCode {
            input_mode: InputMode::Numeric,
            length: u32::try_from(it.len()).ok(),
            description: None,
        });
        let grants = Grants {
            pre_authorized_code: Some(PreAuthorizedCodeGrant::new(grant.code().to_owned(), tx)),
            ..Grants::default()
        };
        self.grants.insert(grant.code().to_owned(), grant);
        let ids = UniqueNonEmpty::new(ids.iter().map(|it| (*it).to_owned()).collect()).unwrap();
        CredentialOffer::new(identifier(), ids, grants)
    }

    fn identifiers(&self, ids: &[&str]) -> Vec<(String, String)> {
        if !self.mode.identifiers {
            return Vec::new();
        }
        ids.iter().map(|id| ((*id).to_owned(), format!("{id}-2026"))).collect()
    }

    pub fn code_offer(&self, ids: &[&str]) -> CredentialOffer {
        let grant =
            AuthorizationCodeGrant { issuer_state: Some("context".into()), authorization_server: None };
        let grants = Grants { authorization_code: Some(grant), ..Grants::default() };
        let ids = UniqueNonEmpty::new(ids.iter().map(|it| (*it).to_owned()).collect()).unwrap();
        CredentialOffer::new(identifier(), ids, grants)
    }

    pub fn client(&self) -> Client {
        let key = Arc::new(PrivateKey::generate(&self.entropy).unwrap());
        let public = key.public_key();
        let content = AttestationContent {
            provider: "https://provider.example",
            client_id: CLIENT_ID,
            wallet_name: None,
            key: &public,
            issued_at: now(),
            expires_at: now() + 3600,
        };
        let jwt = client_attestation::issue(&content, &self.provider.chain, &self.provider.key).unwrap();
        Client::attested(ClientAttestation::new(jwt, key).unwrap(), self.dpop_key())
    }

    pub fn dpop_key(&self) -> DpopKey {
        DpopKey::new(Arc::new(PrivateKey::generate(&self.entropy).unwrap()), "dpop-1".into())
    }

    pub fn keys(&self, count: usize) -> HolderKeys {
        let key =
            |at| HolderKey::new(Arc::new(PrivateKey::generate(&self.entropy).unwrap()), format!("key-{at}"));
        NonEmpty::new((0..count).map(key).collect()).unwrap()
    }

    /// Sends until the step is done.
    pub fn drive<E: Exchange>(&mut self, exchange: E) -> Result<E::Next, E::Error> {
        self.drive_altered(exchange, |_, response| response)
    }

    /// Sends until the step is done; every answer passes through `alter`.
    pub fn drive_altered<E: Exchange>(
        &mut self,
        mut exchange: E,
        mut alter: impl FnMut(&Request, Response) -> Response,
    ) -> Result<E::Next, E::Error> {
        for _ in 0..20 {
            let request = exchange.request(&self.context())?;
            let response = alter(&request, self.answer(&request));
            self.log.push((request.url.path().to_owned(), response.status));
            self.sent.push(request);
            match exchange.receive(&response, &self.context())? {
                Step::Again(next) => exchange = next,
                Step::Done(next) => return Ok(next),
            }
        }
        panic!("the step does not end: {:?}", self.log);
    }

    pub fn resolve(&mut self, offer: CredentialOffer) -> ResolvedOffer {
        self.drive(Discovery::new(offer, self.policy)).unwrap()
    }

    pub fn authorized(&mut self, ids: &[&str]) -> Authorized {
        let offer = self.offer(ids, None);
        let resolved = self.resolve(offer);
        let client = self.client();
        self.drive(resolved.pre_authorized(client, &[], None).unwrap()).unwrap()
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        self.try_answer(request).unwrap_or_else(|refusal| refusal.to_response())
    }

    pub fn try_answer(&mut self, request: &Request) -> Result<Response, ServerRefusal> {
        let inbound = Inbound::of(request);
        match request.url.path() {
            "/.well-known/openid-credential-issuer/mobile" => {
                Ok(Response::of_json(200, &self.metadata.to_json()))
            }
            "/.well-known/oauth-authorization-server/mobile" => {
                Ok(Response::of_json(200, &self.server.to_json()))
            }
            "/challenge" => self.gate.challenge_response(now(), &self.entropy),
            "/par" => {
                let (pushed, response) =
                    PushedRequest::push(&mut self.gate, &inbound, &self.metadata, now(), &self.entropy)?;
                self.pushed.insert(pushed.request_uri().to_owned(), pushed);
                Ok(response)
            }
            "/token" => self.token(&inbound),
            "/nonce" => {
                let nonce = self.nonces.issue(now(), &self.entropy).unwrap();
                if self.mode.forget_nonces > 0 {
                    self.mode.forget_nonces -= 1;
                    self.nonces.consume(&nonce, now());
                }
                let dpop = self.gate.dpop_nonce(now(), &self.entropy)?;
                Ok(nonce_response(&nonce, dpop))
            }
            "/credential" => self.credential(&inbound),
            "/deferred" => self.deferred(&inbound),
            "/notification" => {
                self.access(&inbound)?;
                self.notifications.push(Notification::parse(&inbound)?);
                Ok(Response::new(204, ""))
            }
            _ => Ok(error_response(404, OAuthErrorCode::InvalidRequest)),
        }
    }

    fn token(&mut self, inbound: &Inbound<'_>) -> Result<Response, ServerRefusal> {
        let client = self.gate.client(inbound, now(), &self.entropy)?;
        let proof = self.gate.proof(inbound, None, now(), &self.entropy)?;
        let request = TokenRequest::parse(inbound)?;
        let granted = match &request {
            TokenRequest::PreAuthorized { code, .. } => {
                let grant = self.grants.remove(code).ok_or_else(ServerRefusal::unknown_code)?;
                match grant.redeem(&request, client.as_ref(), now()) {
                    Ok(granted) => granted,
                    Err((again, refusal)) => {
                        if let Some(grant) = again {
                            self.grants.insert(code.clone(), *grant);
                        }
                        return Err(refusal);
                    }
                }
            }
            TokenRequest::AuthorizationCode { code, .. } => {
                let code = self.codes.remove(code).ok_or_else(ServerRefusal::unknown_code)?;
                code.redeem(&request, client.as_ref(), &proof, now())?
            }
            TokenRequest::Refresh { refresh_token, .. } => {
                let refresh = self.refresh.get(&RefreshToken::key_of(refresh_token));
                let refresh = refresh.ok_or_else(ServerRefusal::unknown_code)?;
                refresh.redeem(&request, client.as_ref(), &proof, now())?
            }
        };
        let (access, response) =
            AccessToken::issue(granted.clone(), &proof, 3600, &mut self.gate, now(), &self.entropy)?;
        let (refresh, response) =
            RefreshToken::attach(granted, &proof, 86_400, response, now(), &self.entropy)?;
        self.refresh.insert(refresh.key().to_owned(), refresh);
        self.tokens.insert(access.key().to_owned(), access);
        Ok(response)
    }

    fn access(&mut self, inbound: &Inbound<'_>) -> Result<AccessToken, ServerRefusal> {
        let key = AccessToken::key_of_request(inbound)?;
        let access = self.tokens.get(&key).cloned().ok_or_else(AccessToken::unknown)?;
        access.authorize(&mut self.gate, inbound, now(), &self.entropy)?;
        Ok(access)
    }

    fn credential(&mut self, inbound: &Inbound<'_>) -> Result<Response, ServerRefusal> {
        let access = self.access(inbound)?;
        if self.mode.deny {
            return Err(ServerRefusal::denied());
        }
        let request = CredentialRequest::parse(inbound, &self.metadata, Some(&self.request_key))?;
        let providers = self.gate.providers().clone();
        let request = request.verify(&self.metadata, &access, &mut self.nonces, &providers, now())?;
        if self.mode.deferred {
            self.waiting.insert("transaction-1".into(), request.clone());
            return deferred_response("transaction-1", 60, request.response_key.as_ref(), &self.entropy);
        }
        let credentials = self.issue(&request);
        credential_response(&credentials, Some("note-1"), request.response_key.as_ref(), &self.entropy)
    }

    fn deferred(&mut self, inbound: &Inbound<'_>) -> Result<Response, ServerRefusal> {
        self.access(inbound)?;
        let asked = DeferredRequest::parse(inbound, &self.metadata, Some(&self.request_key))?;
        let (transaction, key) = (asked.transaction_id, asked.response_key);
        if self.mode.deny {
            return Err(ServerRefusal::denied());
        }
        if self.mode.deferred {
            return deferred_response(&transaction, 90, key.as_ref(), &self.entropy);
        }
        let request = self.waiting.remove(&transaction).ok_or_else(ServerRefusal::unknown_transaction)?;
        let credentials = self.issue(&request);
        credential_response(&credentials, Some("note-2"), key.as_ref(), &self.entropy)
    }

    pub fn issue(&self, request: &VerifiedCredentialRequest) -> Vec<String> {
        let mut keys = request.keys.clone();
        if self.mode.unbound {
            return vec![self.issue_unbound(&request.configuration.credential_type)];
        }
        if self.mode.foreign_key {
            keys[0] = PrivateKey::generate(&self.entropy).unwrap().public_key();
        }
        if self.mode.same_key {
            keys[1] = keys[0];
        }
        if self.mode.reversed {
            keys.reverse();
        }
        if self.mode.one_fewer {
            keys.pop();
        }
        if self.mode.one_too_many {
            keys.push(PrivateKey::generate(&self.entropy).unwrap().public_key());
        }
        if keys.is_empty() {
            return vec![self.issue_unbound(&request.configuration.credential_type)];
        }
        keys.iter().map(|key| self.issue_one(&request.configuration.credential_type, key)).collect()
    }

    fn issue_unbound(&self, credential_type: &CredentialType) -> String {
        let CredentialType::SdJwtVc { vct } = credential_type else { panic!("an mdoc is bound") };
        test_world::card(vct, json!({ "family_name": "김" }), now()..now() + DAY)
            .sign(&self.issuer_party.key, &self.issuer_party.chain, &self.entropy)
            .unwrap()
    }

    fn issue_one(&self, credential_type: &CredentialType, key: &PublicKey) -> String {
        let party = if self.mode.untrusted_signer { &self.stranger } else { &self.issuer_party };
        match credential_type {
            CredentialType::SdJwtVc { vct } => {
                let vct = if self.mode.other_type { "https://types.example/other" } else { vct };
                let claims = json!({ "family_name": "김", "given_name": "하늘" });
                test_world::card(vct, claims, now()..now() + DAY)
                    .issuer(self.mode.names.unwrap_or("https://garam.example"))
                    .holder_key(key)
                    .sign(&party.key, &party.chain, &self.entropy)
                    .unwrap()
            }
            CredentialType::Mdoc { doctype } => {
                let doctype = if self.mode.other_type { "org.example.other" } else { doctype };
                let elements = json!({ "family_name": "김" });
                test_world::mdoc(doctype, "org.iso.18013.5.1", elements, now()..now() + DAY)
                    .sign(key, &party.key, &party.chain, &self.entropy)
                    .unwrap()
                    .to_base64url()
            }
        }
    }

    /// The browser: opens the page, the person agrees, and it comes back.
    pub fn browse(&mut self, page: &Url, agree: bool) -> Url {
        let request_uri = PushedRequest::request_uri_of(page).unwrap();
        let pushed = self.pushed.remove(&request_uri).unwrap();
        pushed.open(page, now()).unwrap();
        if !agree {
            return pushed.deny(&identifier()).unwrap();
        }
        let (code, back) =
            pushed.approve(&identifier(), "p1".into(), Vec::new(), now(), &self.entropy).unwrap();
        self.codes.insert(code.code().to_owned(), code);
        back
    }
}

pub fn identifier() -> Identifier {
    Identifier::parse(ISSUER, "issuer").unwrap()
}
