//! Requests over the Digital Credentials API (OpenID4VP 1.0 appendix A; VP-A1 to VP-A4, HA-8): from what a platform hands over to a
//! request of somebody. The origin is the platform's word; what a signed request says of origins must hold it.

use crypto::jws::{self, UnverifiedJws};
use primitives::Instant;
use serde_json::Value;

use super::authenticate::{check_audience, check_time, expiry, known_metadata};
use super::did::DidDocument;
use super::error::RequestError;
use super::invocation::{Policy, Unauthenticated};
use super::parameters::{Parameters, RawParameters, Transport, client_id, verifier_info};
use super::registered::registrations;
use super::request::{AuthenticatedRequest, Authentication, Channel, Client};
use super::signature::{RequestTrust, verify_signature};
use crate::client::ClientId;
use crate::dc_api::{self, Origin, Protocol};
use crate::limits;

/// A request over the Digital Credentials API, from nobody knows whom but for its origin. It can be authenticated and nothing else.
#[derive(Debug)]
pub struct UnauthenticatedDcApiRequest {
    protocol: Protocol,
    origin: Origin,
    data: Value,
    /// What was fetched for `did:web` clients.
    documents: Vec<DidDocument>,
    /// The DIDs whose documents were asked for, whatever came.
    asked_for: Vec<String>,
}

impl UnauthenticatedDcApiRequest {
    /// Reads what the platform handed over: `origin` exactly as the platform gives it, and the request as JSON, alone or as the first
    /// one of `requests` that is supported and that the profile lets ask.
    ///
    /// # Errors
    /// [`RequestError::Origin`], [`RequestError::DcApi`].
    pub fn parse(json: &[u8], origin: &str, policy: &Policy) -> Result<Self, RequestError> {
        let origin = Origin::parse(origin, policy.loopback_http).ok_or(RequestError::Origin)?;
        let (protocol, data) =
            dc_api::first_supported(json, policy.unauthenticated).ok_or(RequestError::DcApi)?;
        Ok(Self { protocol, origin, data, documents: Vec::new(), asked_for: Vec::new() })
    }

    /// The same after the document of a DID was asked for; `None`: none came that could be used.
    pub(crate) fn with_answer(mut self, did: &str, document: Option<DidDocument>) -> Self {
        self.asked_for.push(did.to_owned());
        self.documents.extend(document);
        self
    }

    pub(crate) fn has_asked_for(&self, did: &str) -> bool {
        self.asked_for.iter().any(|asked| asked == did)
    }

    /// Who the signatures say that they come from. Nothing vouches for it.
    pub(crate) fn claimed_clients(&self) -> Vec<ClientId> {
        let request = self.data.get("request");
        let claimed = |jws: &UnverifiedJws| match self.protocol {
            Protocol::Unsigned => None,
            Protocol::Signed => client_id(&jws.dangerous_claims().ok()?).ok(),
            Protocol::MultiSigned => client_id(jws.header().members()).ok(),
        };
        match (self.protocol, request) {
            (Protocol::Signed, Some(Value::String(object))) => {
                let jws = UnverifiedJws::parse_bounded(object, limits::MAX_REQUEST_OBJECT_BYTES);
                jws.iter().filter_map(claimed).collect()
            }
            (Protocol::MultiSigned, Some(object)) => {
                let signatures = jws::parse_json_serialization(object).unwrap_or_default();
                signatures.iter().flatten().filter_map(claimed).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The protocol that was chosen.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The origin that asks.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Finds out who asks and checks the request whole.
    ///
    /// # Errors
    /// A [`RequestError`]; nothing is then to be handed back but that there is no answer.
    pub fn authenticate(
        self,
        trust: &RequestTrust<'_>,
        now: Instant,
        policy: &Policy,
    ) -> Result<AuthenticatedRequest, RequestError> {
        let (raw, client) = match self.protocol {
            Protocol::Unsigned => self.unsigned(policy)?,
            Protocol::Signed => self.signed(trust, policy, now)?,
            Protocol::MultiSigned => self.multi_signed(trust, policy, now)?,
        };
        if self.protocol != Protocol::Unsigned {
            if raw.contains_key("aud") {
                check_audience(&raw)?;
            }
            check_time(&raw, now)?;
            self.check_expected_origins(&raw, policy)?;
        }
        let known = match client.authentication() {
            Authentication::Registered { .. } => trust.known.client(client.id()),
            _ => None,
        };
        let (registered, objection) = known_metadata(known, &raw, &client)?;
        let parameters = Parameters::validate(&raw, Transport::DcApi, registered, policy)?;
        let channel = Channel::DcApi { protocol: self.protocol, origin: self.origin };
        AuthenticatedRequest::assembled(parameters, client, channel, objection, expiry(&raw), trust, now)
    }

    /// VP-A2: only the origin says who asks; `client_id` and `expected_origins` are not looked at.
    fn unsigned(&self, policy: &Policy) -> Result<(RawParameters, Client), RequestError> {
        if policy.unauthenticated == Unauthenticated::Refuse {
            return Err(RequestError::Unauthenticated);
        }
        let raw = self.data.as_object().ok_or(RequestError::DcApi)?.clone();
        let id = ClientId::new(self.origin.audience()).ok_or(RequestError::Origin)?;
        Ok((raw, Client { id, authentication: Authentication::Unsigned }))
    }

    fn signed(
        &self,
        trust: &RequestTrust<'_>,
        policy: &Policy,
        now: Instant,
    ) -> Result<(RawParameters, Client), RequestError> {
        let object = self.data.get("request").and_then(Value::as_str).ok_or(RequestError::DcApi)?;
        let jws = UnverifiedJws::parse_bounded(object, limits::MAX_REQUEST_OBJECT_BYTES)
            .map_err(|_| RequestError::RequestObject)?;
        let id = client_id(&jws.dangerous_claims().map_err(|_| RequestError::RequestObject)?)?;
        let (verified, client) = verify_signature(&jws, &id, &self.documents, trust, policy, now)?;
        let raw = verified.claims().map_err(|_| RequestError::RequestObject)?;
        Ok((raw, client))
    }

    /// VP-A3: the first signature that holds and comes from a trusted client decides whose request it is; what is wrong with the others
    /// does not matter, and nothing of them is used.
    pub(crate) fn multi_signed(
        &self,
        trust: &RequestTrust<'_>,
        policy: &Policy,
        now: Instant,
    ) -> Result<(RawParameters, Client), RequestError> {
        let object = self.data.get("request").ok_or(RequestError::DcApi)?;
        if !object.get("signatures").is_some_and(Value::is_array) {
            return Err(RequestError::RequestObject);
        }
        let signatures = jws::parse_json_serialization(object).map_err(|_| RequestError::RequestObject)?;
        let mut first_error = None;
        let mut unknown = None;
        for signature in signatures {
            let outcome = signature
                .map_err(|_| RequestError::RequestObject)
                .and_then(|jws| self.signed_by_one_of_several(&jws, trust, policy, now));
            match outcome {
                Ok(found) if found.1.is_authenticated() => return Ok(found),
                // A DID that nobody knows asks only where nobody better signs.
                Ok(found) => unknown = unknown.or(Some(found)),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        unknown.ok_or(first_error.unwrap_or(RequestError::RequestObject))
    }

    /// VP-A2: a signed request that was made for another origin is a replay. Texts are compared as they are.
    fn check_expected_origins(&self, raw: &RawParameters, policy: &Policy) -> Result<(), RequestError> {
        let entries = raw
            .get("expected_origins")
            .and_then(Value::as_array)
            .filter(|entries| !entries.is_empty() && entries.len() <= limits::MAX_EXPECTED_ORIGINS)
            .ok_or(RequestError::ExpectedOrigins)?;
        let texts: Option<Vec<&str>> = entries.iter().map(Value::as_str).collect();
        let texts = texts.ok_or(RequestError::ExpectedOrigins)?;
        if texts.iter().any(|text| dc_api::is_unsafe(text, policy.loopback_http)) {
            return Err(RequestError::ExpectedOrigins);
        }
        if texts.contains(&self.origin.as_str()) { Ok(()) } else { Err(RequestError::OriginMismatch) }
    }

    /// Appendix A.3.2: who signs and what vouches for it stand in the protected header, which is the signer's own; the payload is shared.
    fn signed_by_one_of_several(
        &self,
        jws: &UnverifiedJws,
        trust: &RequestTrust<'_>,
        policy: &Policy,
        now: Instant,
    ) -> Result<(RawParameters, Client), RequestError> {
        let id = client_id(jws.header().members())?;
        let (verified, client) = verify_signature(jws, &id, &self.documents, trust, policy, now)?;
        let mut raw = verified.claims().map_err(|_| RequestError::RequestObject)?;
        if raw.contains_key("client_id") {
            return Err(RequestError::SharedClientId);
        }
        // What the payload says of the verifier is said of all signers, and so of nobody.
        raw.remove("verifier_info");
        if let Some(own) = verified.header().member("verifier_info") {
            raw.insert("verifier_info".to_owned(), own.clone());
        }
        registrations(&verifier_info(&raw)?, &client, None, trust, now)?;
        Ok((raw, client))
    }
}
