//! The desk of one agency: credential issuer and authorization server, answering requests as values. The steps are those of
//! `openid4vci::issuer`; this is the store that they want, bounded and in memory: offers, codes and tokens do not outlive the process.
//!
//! HAIP 1.0 section 4: PAR, PKCE, DPoP with nonces, and a wallet attestation are demanded of every wallet.

mod describe;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crypto::{PrivateKey, Signer as _};
use openid4vci::issuer::{
    AccessToken, AuthorizationCode, CODE_SECONDS, CredentialRequest, DeferredRequest, Gate, GatePolicy,
    Granted, Inbound, Notification, PreAuthorizedGrant, PushedRequest, REQUEST_URI_SECONDS, RefreshToken,
    ServerRefusal, TokenRequest, VerifiedCredentialRequest, credential_response, deferred_response,
    nonce_response,
};
use openid4vci::metadata::{IssuerMetadata, ServerMetadata, sign_issuer_metadata};
use openid4vci::replay::NonceBook;
use openid4vci::wire::Identifier;
use primitives::Instant;
use primitives::http::{Method, Request, Response};
use serde_json::Value;
use trust::{AnchorStore, TrustAnchor};
use url::Url;

pub(crate) use describe::{entitlements, types_of};

use crate::bounded::Bounded;
use crate::error::GovernmentError;
use crate::issue;
use crate::papers::Standing;
use crate::people::Country;
use crate::pki::Pki;
use crate::world::{Addresses, ENTROPY, World};

/// How long a pre-authorized code, or the context of an offer, is good, in seconds: someone reads a page in between.
pub(crate) const OFFER_SECONDS: i64 = 24 * 60 * 60;
/// Below this path offers are fetched.
const OFFER_PATH: &str = "/offer/";
/// How long an access token is good, in seconds.
const TOKEN_SECONDS: i64 = 3600;
/// How long an agency can be told what became of a paper, in seconds: longer than an outage.
const NOTE_SECONDS: i64 = 14 * 24 * 60 * 60;
/// How long a refresh token is good, in seconds: copies are fetched anew without the person for half a year.
const REFRESH_SECONDS: i64 = 180 * 24 * 60 * 60;
/// How long a nonce for key proofs is good, in seconds.
const NONCE_SECONDS: i64 = 300;
/// The type whose issuance takes a while, to show deferral, and how long, in seconds.
const DEFERRED_TYPE: &str = "BusinessRegistrationCertificate";
const DEFERRED_SECONDS: i64 = 3;
/// How long a deferred paper can be fetched, in seconds.
const WAITING_SECONDS: i64 = 24 * 60 * 60;

/// An offer with an authorization code grant: whose papers, and which.
#[derive(Clone)]
pub(crate) struct OfferContext {
    pub(crate) person: String,
    /// Configuration and credential identifier of each paper.
    pub(crate) papers: Vec<(String, String)>,
}

/// A deferred request.
struct Waiting {
    request: VerifiedCredentialRequest,
    token: String,
    ready: Instant,
}

/// What changes.
struct Inner {
    gate: Gate,
    nonces: NonceBook,
    grants: Bounded<PreAuthorizedGrant>,
    offers: Bounded<OfferContext>,
    /// Offers that are fetched by reference.
    published: Bounded<Value>,
    pushed: Bounded<PushedRequest>,
    codes: Bounded<AuthorizationCode>,
    tokens: Bounded<AccessToken>,
    waiting: Bounded<Waiting>,
    /// Notification ids, with the last that was told.
    told: Bounded<Option<Notification>>,
}

/// The desk of one agency.
pub(crate) struct Desk {
    pub(crate) agency: String,
    pub(crate) identifier: Identifier,
    pub(crate) metadata: IssuerMetadata,
    pub(crate) server: ServerMetadata,
    /// Opens encrypted requests; made anew with each start, as what waits for them ends with the process too.
    request_key: PrivateKey,
    inner: Mutex<Inner>,
}

/// A request that waits for the person's answer on the page.
pub(crate) struct Asked {
    pub(crate) client_id: String,
    pub(crate) configuration_ids: Vec<String>,
    pub(crate) offer: Option<OfferContext>,
}

impl Desk {
    pub(crate) fn new(
        agency: &str,
        country: &Country,
        pki: &Pki,
        addresses: Addresses,
    ) -> Result<Self, GovernmentError> {
        let mut providers = AnchorStore::new();
        let root = pki.wallet_provider_root.certificate.clone();
        providers.add(TrustAnchor::new(root).map_err(|_| GovernmentError::Certificates)?);
        let identifier = describe::identifier(agency, addresses)?;
        let request_key = PrivateKey::generate(&ENTROPY).map_err(|_| GovernmentError::Certificates)?;
        let policy =
            GatePolicy { require_attestation: true, require_challenge: true, require_dpop_nonce: true };
        let inner = Inner {
            gate: Gate::new(identifier.clone(), policy, providers),
            nonces: NonceBook::new(NONCE_SECONDS),
            grants: Bounded::new(),
            offers: Bounded::new(),
            published: Bounded::new(),
            pushed: Bounded::new(),
            codes: Bounded::new(),
            tokens: Bounded::new(),
            waiting: Bounded::new(),
            told: Bounded::new(),
        };
        Ok(Self {
            agency: agency.to_owned(),
            metadata: describe::issuer_metadata(agency, country, addresses, &request_key.public_key())?,
            request_key,
            server: describe::server_metadata(agency, addresses)?,
            identifier,
            inner: Mutex::new(inner),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers the key of a client.
    pub(crate) fn register_client(&self, client_id: &str, key: crypto::PublicKey) {
        self.inner().gate.register_client(client_id, key);
    }

    /// Answers a request to `AGENCY.localhost`.
    pub(crate) fn answer(&self, world: &World, request: &Request) -> Response {
        self.try_answer(world, request).unwrap_or_else(|refusal| refusal.to_response())
    }

    fn try_answer(&self, world: &World, request: &Request) -> Result<Response, ServerRefusal> {
        let now = world.now();
        let inbound = Inbound::of(request);
        match (request.method, request.url.path()) {
            (Method::Get, "/.well-known/openid-credential-issuer") => {
                self.issuer_metadata(world, request.header("accept"), now)
            }
            (Method::Get, path) if path.starts_with(OFFER_PATH) => {
                let id = path.strip_prefix(OFFER_PATH).unwrap_or("");
                let offer = self.inner().published.get(id, now).cloned();
                Ok(offer.map_or_else(|| Response::new(404, ""), |offer| Response::of_json(200, &offer)))
            }
            (Method::Get, "/.well-known/oauth-authorization-server") => {
                Ok(Response::of_json(200, &self.server.to_json()))
            }
            (Method::Post, "/challenge") => self.inner().gate.challenge_response(now, &ENTROPY),
            (Method::Post, "/par") => self.par(&inbound, now),
            (Method::Post, "/token") => self.token(world, &inbound, now),
            (Method::Post, "/nonce") => {
                let mut inner = self.inner();
                let nonce = inner.nonces.issue(now, &ENTROPY).map_err(|_| ServerRefusal::unknown_code())?;
                let dpop = inner.gate.dpop_nonce(now, &ENTROPY)?;
                Ok(nonce_response(&nonce, dpop))
            }
            (Method::Post, "/credential") => self.credential(world, &inbound, now),
            (Method::Post, "/deferred") => self.deferred(world, &inbound, now),
            (Method::Post, "/notification") => self.notification(&inbound, now),
            _ => Ok(Response::new(404, "")),
        }
    }

    /// Signed for who asks for that (OpenID4VCI 1.0 section 12.2.3).
    fn issuer_metadata(
        &self,
        world: &World,
        accept: Option<&str>,
        now: Instant,
    ) -> Result<Response, ServerRefusal> {
        let signed = accept.is_some_and(|accept| accept.contains("application/jwt"));
        let keys = world.pki.agencies.get(&self.agency).filter(|_| signed);
        let Some(keys) = keys else { return Ok(Response::of_json(200, &self.metadata.to_json())) };
        let signer = &keys.signer;
        let jwt = sign_issuer_metadata(&self.metadata, now, &signer.chain, &signer.key);
        let jwt = jwt.map_err(|_| ServerRefusal::denied())?;
        Ok(Response::new(200, jwt).with_header("content-type", "application/jwt"))
    }

    fn par(&self, inbound: &Inbound<'_>, now: Instant) -> Result<Response, ServerRefusal> {
        let mut inner = self.inner();
        let (pushed, response) =
            PushedRequest::push(&mut inner.gate, inbound, &self.metadata, now, &ENTROPY)?;
        let key = pushed.request_uri().to_owned();
        full_if(!inner.pushed.put(key, pushed, now + REQUEST_URI_SECONDS, now))?;
        Ok(response)
    }

    fn token(&self, world: &World, inbound: &Inbound<'_>, now: Instant) -> Result<Response, ServerRefusal> {
        let mut inner = self.inner();
        let inner = &mut *inner;
        let client = inner.gate.client(inbound, now, &ENTROPY)?;
        let proof = inner.gate.proof(inbound, None, now, &ENTROPY)?;
        let request = TokenRequest::parse(inbound)?;
        let granted = match &request {
            TokenRequest::PreAuthorized { code, .. } => {
                let (grant, until) = inner.grants.take(code, now).ok_or_else(ServerRefusal::unknown_code)?;
                match grant.redeem(&request, client.as_ref(), now) {
                    Ok(granted) => granted,
                    Err((again, refusal)) => {
                        if let Some(grant) = again {
                            inner.grants.put(code.clone(), *grant, until, now);
                        }
                        return Err(refusal);
                    }
                }
            }
            TokenRequest::AuthorizationCode { code, .. } => {
                let (code, _) = inner.codes.take(code, now).ok_or_else(ServerRefusal::unknown_code)?;
                code.redeem(&request, client.as_ref(), &proof, now)?
            }
            TokenRequest::Refresh { refresh_token, .. } => {
                let kept = world.refresh_token(&self.agency, &RefreshToken::key_of(refresh_token));
                let kept = kept.ok_or_else(ServerRefusal::unknown_code)?;
                kept.redeem(&request, client.as_ref(), &proof, now)?
            }
        };
        let (access, response) =
            AccessToken::issue(granted.clone(), &proof, TOKEN_SECONDS, &mut inner.gate, now, &ENTROPY)?;
        full_if(!inner.tokens.put(access.key().to_owned(), access, now + TOKEN_SECONDS, now))?;
        // a refresh token stays good: the second one is not needed
        if matches!(request, TokenRequest::Refresh { .. }) {
            return Ok(response);
        }
        let (refresh, response) =
            RefreshToken::attach(granted, &proof, REFRESH_SECONDS, response, now, &ENTROPY)?;
        world
            .keep_refresh_token(&self.agency, refresh, now + REFRESH_SECONDS)
            .map_err(|_| ServerRefusal::denied())?;
        Ok(response)
    }

    fn credential(
        &self,
        world: &World,
        inbound: &Inbound<'_>,
        now: Instant,
    ) -> Result<Response, ServerRefusal> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let access = authorized(inner, inbound, now)?;
        let request = CredentialRequest::parse(inbound, &self.metadata, Some(&self.request_key))?;
        let providers = inner.gate.providers().clone();
        let request = request.verify(&self.metadata, &access, &mut inner.nonces, &providers, now)?;
        if request.paper.configuration_id == DEFERRED_TYPE {
            let transaction = token()?;
            let answer = deferred_response(
                &transaction,
                DEFERRED_SECONDS.unsigned_abs().try_into().unwrap_or(1),
                request.response_key.as_ref(),
                &ENTROPY,
            )?;
            let waiting = Waiting { request, token: access.key().to_owned(), ready: now + DEFERRED_SECONDS };
            full_if(!inner.waiting.put(transaction, waiting, now + WAITING_SECONDS, now))?;
            return Ok(answer);
        }
        // signing takes a while: other wallets are not kept waiting for it
        drop(guard);
        self.issue(world, &request, now)
    }

    fn deferred(
        &self,
        world: &World,
        inbound: &Inbound<'_>,
        now: Instant,
    ) -> Result<Response, ServerRefusal> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let access = authorized(inner, inbound, now)?;
        let asked = DeferredRequest::parse(inbound, &self.metadata, Some(&self.request_key))?;
        let transaction = asked.transaction_id;
        let waiting = inner.waiting.get(&transaction, now).filter(|it| it.token == access.key());
        let waiting = waiting.ok_or_else(ServerRefusal::unknown_transaction)?;
        if waiting.ready > now {
            let seconds = u32::try_from(waiting.ready.seconds_since(now)).unwrap_or(1);
            return deferred_response(&transaction, seconds, asked.response_key.as_ref(), &ENTROPY);
        }
        let (mut waiting, _) =
            inner.waiting.take(&transaction, now).ok_or_else(ServerRefusal::unknown_transaction)?;
        drop(guard);
        // the key of this request, whatever the first one named (section 9.1)
        waiting.request.response_key = asked.response_key;
        self.issue(world, &waiting.request, now)
    }

    fn notification(&self, inbound: &Inbound<'_>, now: Instant) -> Result<Response, ServerRefusal> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        authorized(inner, inbound, now)?;
        let notification = Notification::parse(inbound)?;
        let id = notification.notification_id.clone();
        let (_, until) = inner.told.take(&id, now).ok_or_else(ServerRefusal::unknown_notification)?;
        inner.told.put(id, Some(notification), until, now);
        Ok(Response::new(204, ""))
    }

    fn issue(
        &self,
        world: &World,
        request: &VerifiedCredentialRequest,
        now: Instant,
    ) -> Result<Response, ServerRefusal> {
        let identifier = request.paper.credential_identifier.as_deref().ok_or_else(ServerRefusal::denied)?;
        let (paper, form) = issue::of_identifier(identifier);
        let paper = world.paper(paper).map_err(|_| ServerRefusal::denied())?;
        // an agency gives no new copies of what it revoked or suspended
        let in_force = matches!(world.standing(&paper), Standing::Valid | Standing::Paid);
        if !in_force || paper.agency != self.agency {
            return Err(ServerRefusal::denied());
        }
        let copies =
            issue::copies(world, &paper, form, &request.keys).map_err(|_| ServerRefusal::denied())?;
        let note = token()?;
        // Where too many are remembered, what became of this one is not heard.
        let _ = self.inner().told.put(note.clone(), None, now + NOTE_SECONDS, now);
        credential_response(&copies, Some(&note), request.response_key.as_ref(), &ENTROPY)
    }

    /// Keeps a pre-authorized code for these papers and gives it out.
    pub(crate) fn pre_authorize(
        &self,
        context: &OfferContext,
        transaction_code: Option<&str>,
        now: Instant,
    ) -> Result<String, GovernmentError> {
        let granted = granted(context);
        let grant = PreAuthorizedGrant::issue(granted, transaction_code, false, OFFER_SECONDS, now, &ENTROPY)
            .map_err(|_| GovernmentError::Certificates)?;
        let code = grant.code().to_owned();
        let kept = self.inner().grants.put(code.clone(), grant, now + OFFER_SECONDS, now);
        if kept { Ok(code) } else { Err(GovernmentError::Full) }
    }

    /// Keeps the context of an offer with an authorization code and gives out its `issuer_state`.
    pub(crate) fn remember_offer(
        &self,
        context: OfferContext,
        now: Instant,
    ) -> Result<String, GovernmentError> {
        let state = crypto::random::token(&ENTROPY).map_err(|_| GovernmentError::Certificates)?;
        let kept = self.inner().offers.put(state.clone(), context, now + OFFER_SECONDS, now);
        if kept { Ok(state) } else { Err(GovernmentError::Full) }
    }

    /// Publishes an offer and gives its address: short enough for a QR code that is read from a screen.
    pub(crate) fn publish_offer(&self, offer: Value, now: Instant) -> Result<Url, GovernmentError> {
        let id = crypto::random::token(&ENTROPY).map_err(|_| GovernmentError::Certificates)?;
        let address = format!("{}{OFFER_PATH}{id}", self.identifier.as_str());
        let address = Url::parse(&address).map_err(|_| GovernmentError::Data)?;
        let kept = self.inner().published.put(id, offer, now + OFFER_SECONDS, now);
        if kept { Ok(address) } else { Err(GovernmentError::Full) }
    }

    /// The request that a page was opened for, if there is one.
    pub(crate) fn asked(&self, page: &Url, now: Instant) -> Option<Asked> {
        let inner = self.inner();
        let pushed = inner.pushed.get(&PushedRequest::request_uri_of(page)?, now)?;
        pushed.open(page, now).ok()?;
        Some(Asked {
            client_id: pushed.client_id().to_owned(),
            configuration_ids: pushed.configuration_ids().to_vec(),
            offer: pushed.issuer_state().and_then(|state| inner.offers.get(state, now)).cloned(),
        })
    }

    /// The person's answer on the page: where the browser goes next. The request is used up.
    pub(crate) fn decide(
        &self,
        page: &Url,
        agreed: Option<(String, Vec<(String, String)>)>,
        now: Instant,
    ) -> Option<Url> {
        let mut inner = self.inner();
        let (pushed, _) = inner.pushed.take(&PushedRequest::request_uri_of(page)?, now)?;
        pushed.open(page, now).ok()?;
        let Some((person, identifiers)) = agreed else { return pushed.deny(&self.identifier).ok() };
        let (code, back) = pushed.approve(&self.identifier, person, identifiers, now, &ENTROPY).ok()?;
        inner.codes.put(code.code().to_owned(), code, now + CODE_SECONDS, now).then_some(back)
    }
}

fn granted(context: &OfferContext) -> Granted {
    let mut configuration_ids: Vec<String> = Vec::new();
    for (configuration, _) in &context.papers {
        if !configuration_ids.contains(configuration) {
            configuration_ids.push(configuration.clone());
        }
    }
    Granted {
        subject: context.person.clone(),
        configuration_ids,
        credential_identifiers: context.papers.clone(),
        client_id: None,
    }
}

fn authorized(inner: &mut Inner, inbound: &Inbound<'_>, now: Instant) -> Result<AccessToken, ServerRefusal> {
    let key = AccessToken::key_of_request(inbound)?;
    let access = inner.tokens.get(&key, now).cloned().ok_or_else(AccessToken::unknown)?;
    access.authorize(&mut inner.gate, inbound, now, &ENTROPY)?;
    Ok(access)
}

fn token() -> Result<String, ServerRefusal> {
    crypto::random::token(&ENTROPY).map_err(|_| ServerRefusal::denied())
}

/// No room: answered as a refusal, for what is there is not pushed out by what comes.
fn full_if(full: bool) -> Result<(), ServerRefusal> {
    if full { Err(ServerRefusal::denied()) } else { Ok(()) }
}
