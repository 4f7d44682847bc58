//! Requests that a verifier's screen shows as QR, and questions that nobody signed (house, `docs/offline-qr.md`; OQ-1 to OQ-5): the answer is
//! shown on the holder's own screen and goes nowhere else.

use crypto::jws::UnverifiedJws;
use crypto::unsecured::UnsecuredJwt;
use dcql::Query;
use primitives::Instant;
use serde_json::{Map, Value};

use super::authenticate::{check_audience, check_time, expiry, known_metadata};
use super::did::DidDocument;
use super::error::RequestError;
use super::invocation::Policy;
use super::parameters::{Parameters, RawParameters, Transport, client_id};
use super::request::{AuthenticatedRequest, Authentication, Channel, Client};
use super::signature::{RequestTrust, verify_signature};
use crate::client::ClientId;
use crate::limits;
use crate::metadata::ResponseEncryption;
use crate::screen::{OfflineBinding, ScreenMode};

/// A signed request that was read off a screen, from nobody knows whom. It can be authenticated and nothing else.
#[derive(Debug)]
pub struct ScreenRequest {
    jws: UnverifiedJws,
    client_id: ClientId,
    /// What was fetched for a `did:web` client.
    document: Option<DidDocument>,
}

impl ScreenRequest {
    /// Reads a request object by value. There is no link around it, and nothing is fetched because of it.
    ///
    /// # Errors
    /// [`RequestError::SignatureMissing`], [`RequestError::RequestObject`], [`RequestError::ClientIdMissing`].
    pub fn parse(object: &str) -> Result<Self, RequestError> {
        let object = object.trim();
        // Whatever the profile says of unsigned links: what a screen shows anybody can put there.
        if UnsecuredJwt::parse(object, limits::MAX_REQUEST_OBJECT_BYTES).is_ok() {
            return Err(RequestError::SignatureMissing);
        }
        let jws = UnverifiedJws::parse_bounded(object, limits::MAX_REQUEST_OBJECT_BYTES)
            .map_err(|_| RequestError::RequestObject)?;
        let client_id = client_id(&jws.dangerous_claims().map_err(|_| RequestError::RequestObject)?)?;
        Ok(Self { jws, client_id, document: None })
    }

    /// Who the request says it comes from. Nothing vouches for it.
    pub fn claimed_client_id(&self) -> &ClientId {
        &self.client_id
    }

    pub(crate) fn with_document(self, document: DidDocument) -> Self {
        Self { document: Some(document), ..self }
    }

    /// Finds out who asks and checks the request whole.
    ///
    /// # Errors
    /// A [`RequestError`].
    pub fn authenticate(
        self,
        trust: &RequestTrust<'_>,
        now: Instant,
        policy: &Policy,
    ) -> Result<AuthenticatedRequest, RequestError> {
        let document = self.document.as_slice();
        let (verified, client) = verify_signature(&self.jws, &self.client_id, document, trust, policy, now)?;
        // OQ-4: its name is what the answer is bound to. A key that nobody vouches for asks by a short code as well.
        if !client.is_authenticated() {
            return Err(RequestError::Unauthenticated);
        }
        let raw = verified.claims().map_err(|_| RequestError::RequestObject)?;
        check_audience(&raw)?;
        check_expiry(&raw)?;
        check_time(&raw, now)?;
        let (registered, objection) = known_metadata(trust.known.client(client.id()), &raw, &client)?;
        if objection.is_some() {
            // An error has no way back.
            return Err(RequestError::ClientMetadataKnown);
        }
        let parameters = Parameters::validate(&raw, Transport::Screen, registered, policy)?;
        let channel = Channel::Screen(ScreenMode::Request);
        AuthenticatedRequest::assembled(parameters, client, channel, None, expiry(&raw), trust, now)
    }
}

/// OQ-4: a picture of a request outlives the screen that showed it, so it says until when it counts.
fn check_expiry(raw: &RawParameters) -> Result<(), RequestError> {
    if raw.contains_key("exp") { Ok(()) } else { Err(RequestError::Time) }
}

impl AuthenticatedRequest {
    /// A ready-made question of the wallet's own, for whoever looks at the screen: nobody asked for it with a signature, the
    /// [`client`](Self::client) is not authenticated and its identifier the audience of the binding (OQ-2). Whether the question may be
    /// answered so is the caller's to know.
    ///
    /// # Errors
    /// [`RequestError::StateMissing`] where the query does without the holder's proof: nothing else would bind the answer.
    pub fn of_offline_question(
        query: Query,
        binding: OfflineBinding,
        now: Instant,
    ) -> Result<Self, RequestError> {
        if query.asks_without_holder_binding() {
            return Err(RequestError::StateMissing);
        }
        Ok(Self {
            client: Client { id: binding.audience, authentication: Authentication::Unsigned },
            nonce: binding.nonce,
            state: None,
            channel: Channel::Screen(binding.mode),
            encryption: None,
            query,
            transactions: Vec::new(),
            registrations: Vec::new(),
            objection: None,
            authenticated_at: now,
            expires_at: None,
        })
    }
}

/// An answer to be shown. It has no `Debug`: it holds claims. Nothing of it is encrypted yet: it is packed first, which what is encrypted
/// cannot be.
#[derive(Clone)]
pub struct ScreenAnswer {
    /// The presentations, as in any response: an object of arrays by Credential Query.
    pub vp_token: Map<String, Value>,
    /// The moment that every proof in it names; it counts for [`PROOF_SECONDS`](crate::screen::PROOF_SECONDS) from then.
    pub issued_at: Instant,
    /// How it was asked, and what follows for the message.
    pub to: ScreenRecipient,
}

/// For whom an answer is that is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum ScreenRecipient {
    /// Who asked by a signed request: the message is encrypted to the key in it.
    Asked(ResponseEncryption),
    /// Whoever showed the short code: the verifier knows the nonce.
    Code {
        /// The name of the question, as the proofs name it.
        audience: ClientId,
    },
    /// Whoever looks: the message carries the nonce.
    OneWay {
        /// The name of the question, as the proofs name it.
        audience: ClientId,
        /// As the proofs name it.
        nonce: String,
    },
}

impl ScreenRecipient {
    /// How it was asked.
    pub fn mode(&self) -> ScreenMode {
        match self {
            Self::Asked(_) => ScreenMode::Request,
            Self::Code { .. } => ScreenMode::Code,
            Self::OneWay { .. } => ScreenMode::OneWay,
        }
    }
}
