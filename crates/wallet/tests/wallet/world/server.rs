//! The issuer, the verifier and the lists, answering requests as servers would.

use super::*;

mod issuing;

pub use issuing::{configurations, types};

/// How a configuration is issued.
#[derive(Clone, Default)]
pub struct Mode {
    pub deferred: bool,
    pub deny: bool,
    pub foreign_key: bool,
    pub other_type: bool,
    pub stranger: bool,
    /// Whom an SD-JWT VC names as its issuer.
    pub names: Option<&'static str>,
    pub status: bool,
    /// Each copy after the first says something else under this name.
    pub differing: Option<&'static str>,
    /// Each copy after the first shows this in every presentation.
    pub telling: Option<&'static str>,
    /// The first copy has each member of this in a disclosure of its own, the others all of them in one.
    pub parted: Option<&'static str>,
    /// A name space of which the device of a mobile document may sign elements.
    pub device_may_sign: Option<&'static str>,
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
    pub provider: Party,
    /// What the wallet provider says of the storage of keys.
    pub provider_says: Vec<&'static str>,
    /// The proof types of a configuration where they are not `jwt`; null for none.
    pub proof_types: BTreeMap<String, Value>,
    pub authentication: Vec<&'static str>,
    pub issuers: AnchorStore<Issuer>,
    pub configurations: BTreeMap<String, Configuration>,
    pub batch: u64,
    pub identifiers: BTreeMap<String, Vec<String>>,
    pub issuer_name: String,
    pub gate: Gate,
    pub nonces: NonceBook,
    pub grants: HashMap<String, PreAuthorizedGrant>,
    pub tokens: HashMap<String, AccessToken>,
    pub waiting: HashMap<String, VerifiedCredentialRequest>,
    /// Refresh tokens that were given, where the server gives any, by key.
    pub refresh: Option<HashMap<String, RefreshToken>>,
    /// A refresh token serves once, and the next one comes with its answer.
    pub rotates: bool,
    pub notifications: Vec<Notification>,
    pub next_index: u64,
    /// What every paper of this configuration's copies is said to be; by index.
    pub statuses: BTreeMap<u64, StatusState>,
    /// How many bits a status of the lists takes, and how many statuses they hold.
    pub status_shape: (Bits, u64),
    pub status_down: bool,
    /// Whether the lists come as CWT.
    pub status_as_cwt: bool,
    /// What the lists are called instead of what they are.
    pub status_media_type: Option<&'static str>,
    /// With which status the lists are served.
    pub lists_served_with: u16,
    pub trust_list: Option<String>,
    pub requests: HashMap<String, (PreparedRequest, Option<String>)>,
    pub posted: Vec<Posted>,
    pub verifier_status: u16,
    pub redirect: Option<Url>,
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
                match self.proof_types.get(id) {
                    None => {}
                    Some(Value::Null) => {
                        let members = entry.as_object_mut().unwrap();
                        members.shift_remove("proof_types_supported");
                        members.shift_remove("cryptographic_binding_methods_supported");
                    }
                    Some(types) => entry["proof_types_supported"] = types.clone(),
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

    pub fn answer(&mut self, request: &Request) -> Response {
        let url = request.url.as_str();
        let path = request.url.path().to_owned();
        if url.starts_with(TRUST_LIST) {
            return match &self.trust_list {
                Some(list) => Response::new(self.lists_served_with, list.clone()),
                None => Response::new(404, ""),
            };
        }
        if request.url.host_str() == Some(HOST) {
            return self.verify(request, &path);
        }
        if request.url.host_str() == Some("provider.example") {
            return self.provide(request, &path);
        }
        if url.starts_with(STATUS) {
            if self.status_down {
                return Response::new(503, "");
            }
            let issuer = self.issuer.clone();
            let (format, token) = match self.status_as_cwt {
                true => (StatusFormat::Cwt, self.status_cwt(&issuer, STATUS)),
                false => (StatusFormat::Jwt, self.status_token(&issuer, STATUS).into_bytes()),
            };
            let kind = self.status_media_type.unwrap_or(format.media_type());
            return Response::new(self.lists_served_with, token).with_header("content-type", kind);
        }
        self.try_answer(request, &path).unwrap_or_else(|refusal| refusal.to_response())
    }

    pub fn status_token(&self, party: &Party, uri: &str) -> String {
        let (list, publication) = self.status_list(uri);
        list.sign_jwt(&publication, &party.chain, &party.key).unwrap()
    }

    pub fn status_cwt(&self, party: &Party, uri: &str) -> Vec<u8> {
        let (list, publication) = self.status_list(uri);
        list.sign_cwt(&publication, &party.chain, &party.key).unwrap()
    }

    fn status_list(&self, uri: &str) -> (StatusListBuilder, Publication) {
        let mut list = StatusListBuilder::new(self.status_shape.0, self.status_shape.1).unwrap();
        for (index, state) in &self.statuses {
            list.set(*index, *state).unwrap();
        }
        let publication = Publication {
            uri: uri.to_owned(),
            issued_at: self.now(),
            expires_at: Some(self.now() + 7 * DAY),
            time_to_live: Some(3600),
        };
        (list, publication)
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
                    "token_endpoint_auth_methods_supported": self.authentication,
                    "response_types_supported": ["code"],
                });
                let server = ServerMetadata::from_json(server.to_string().as_bytes(), &identifier()).unwrap();
                Ok(Response::of_json(200, &server.to_json()))
            }
            "/token" => {
                let client = self.gate.client(&inbound, now, &entropy)?;
                let proof = self.gate.proof(&inbound, None, now, &entropy)?;
                let token = TokenRequest::parse(&inbound)?;
                let granted = match &token {
                    TokenRequest::Refresh { refresh_token, .. } => {
                        let given = self.refresh.as_mut().ok_or_else(ServerRefusal::unknown_code)?;
                        let key = RefreshToken::key_of(refresh_token);
                        let kept = given.get(&key).ok_or_else(ServerRefusal::unknown_code)?;
                        let granted = kept.redeem(&token, client.as_ref(), &proof, now)?;
                        if self.rotates {
                            given.remove(&key);
                        }
                        granted
                    }
                    _ => {
                        let code = token.code().to_owned();
                        let grant = self.grants.remove(&code).ok_or_else(ServerRefusal::unknown_code)?;
                        match grant.redeem(&token, client.as_ref(), now) {
                            Ok(granted) => granted,
                            Err((again, refusal)) => {
                                if let Some(grant) = again {
                                    self.grants.insert(code, *grant);
                                }
                                return Err(refusal);
                            }
                        }
                    }
                };
                let again = matches!(token, TokenRequest::Refresh { .. });
                let (access, mut response) =
                    AccessToken::issue(granted.clone(), &proof, 30 * DAY, &mut self.gate, now, &entropy)?;
                self.tokens.insert(access.key().to_owned(), access);
                if let Some(given) = self.refresh.as_mut().filter(|_| !again || self.rotates) {
                    let (token, with) =
                        RefreshToken::attach(granted, &proof, 300 * DAY, response, now, &entropy)?;
                    given.insert(token.key().to_owned(), token);
                    response = with;
                }
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
                let transaction = DeferredRequest::parse(&inbound, &self.metadata(), None)?.transaction_id;
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

    fn verify(&mut self, request: &Request, path: &str) -> Response {
        let signer = RequestSigner { chain: &self.verifier.chain, signer: &self.verifier.key };
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
