//! From a request of nobody to a request of somebody (OpenID4VP 1.0 sections 5, 5.9, 5.10, 5.11; VP-R1, VP-R2, VP-R9, VP-R10, VP-R12,
//! VP-R13, VP-R15, VP-C1 to VP-C9, HA-6).

use crypto::jws::UnverifiedJws;
use crypto::unsecured::UnsecuredJwt;
use primitives::Instant;
use serde_json::Value;
use url::{Host, Url};

use super::error::RequestError;
use super::invocation::{Form, Policy, REQUEST_OBJECT_TYPE, Unauthenticated, UnauthenticatedRequest};
use super::known::KnownClient;
use super::parameters::{Formats, Parameters, RawParameters, Transport, client_id, text};
use super::registered::registrations;
use super::request::{AuthenticatedRequest, Authentication, Channel, Client, Objection};
use super::signature::{RequestTrust, refused_client, verify_signature};
use crate::client::{ClientId, ClientIdPrefix};
use crate::limits;
use crate::metadata::ClientMetadata;

/// The `aud` of a request object for a wallet that was not discovered (section 5.8).
pub(crate) const STATIC_DISCOVERY_AUDIENCE: &str = "https://self-issued.me/v2";

/// The metadata that the profile has of a client, and what is to be objected if the request says them again (VP-R8, VP-S5).
pub(crate) fn known_metadata<'known>(
    known: Option<&'known KnownClient>,
    raw: &RawParameters,
    client: &Client,
) -> Result<(Option<&'known ClientMetadata>, Option<Objection>), RequestError> {
    let metadata = known.and_then(|known| known.metadata.as_ref());
    match metadata {
        // An error is an answer, and goes to somebody who was authenticated only.
        Some(_) if raw.contains_key("client_metadata") && !client.is_authenticated() => {
            Err(RequestError::ClientMetadataKnown)
        }
        Some(_) if raw.contains_key("client_metadata") => Ok((metadata, Some(Objection::MetadataIsKnown))),
        _ => Ok((metadata, None)),
    }
}

impl AuthenticatedRequest {
    /// What a request becomes once it is known who asks and what it says, whichever way the answer goes: with the registrations that
    /// came along, each verified.
    pub(crate) fn assembled(
        parameters: Parameters,
        client: Client,
        channel: Channel,
        objection: Option<Objection>,
        expires_at: Option<Instant>,
        trust: &RequestTrust<'_>,
        now: Instant,
    ) -> Result<Self, RequestError> {
        let registrations =
            registrations(&parameters.verifier_info, &client, Some(&parameters.query), trust, now)?;
        // What no paper at all could answer has an error of its own, which says nothing of what is held.
        let can_be_told = client.is_authenticated() && !matches!(channel, Channel::Screen(_));
        let objection = match (parameters.formats, can_be_told) {
            (Formats::Presentable, _) | (Formats::Foreign, false) => objection,
            (Formats::Excluded, false) => return Err(RequestError::Formats),
            (Formats::Excluded | Formats::Foreign, true) => {
                objection.or(Some(Objection::FormatsNotSupported))
            }
        };
        // Only what is posted brings the verifier's `state` back.
        let state = parameters.state.filter(|_| matches!(channel, Channel::DirectPost { .. }));
        Ok(Self {
            client,
            nonce: parameters.nonce,
            state,
            channel,
            encryption: parameters.encryption,
            query: parameters.query,
            transactions: parameters.transactions,
            registrations,
            objection,
            authenticated_at: now,
            expires_at,
        })
    }
}

impl UnauthenticatedRequest {
    /// Finds out who asks and checks the request whole.
    ///
    /// # Errors
    /// A [`RequestError`]; nothing is then to be sent to anybody.
    pub fn authenticate(
        self,
        trust: &RequestTrust<'_>,
        now: Instant,
        policy: &Policy,
    ) -> Result<AuthenticatedRequest, RequestError> {
        if let Some(error) = refused_client(&self.client_id, trust.known) {
            return Err(error);
        }
        let (raw, client) = match &self.form {
            Form::Parameters(raw) => (raw.clone(), unsigned_client(&self.client_id, trust, policy)?),
            Form::Object(object) => self.open(object, trust, policy, now)?,
        };
        let known = trust.known.client(&self.client_id);
        let (registered, objection) = known_metadata(known, &raw, &client)?;
        let parameters = Parameters::validate(&raw, Transport::DirectPost, registered, policy)?;
        let addresses = known.map(|client| client.response_uris.as_slice());
        let (text, url) = response_uri(&parameters, &client, addresses, policy)?;
        let channel = Channel::DirectPost { text, url };
        AuthenticatedRequest::assembled(parameters, client, channel, objection, expiry(&raw), trust, now)
    }

    /// Verifies a request object; what it says counts, and nothing of the link but the `client_id` that it must repeat (VP-R9).
    fn open(
        &self,
        object: &str,
        trust: &RequestTrust<'_>,
        policy: &Policy,
        now: Instant,
    ) -> Result<(RawParameters, Client), RequestError> {
        let (raw, client) = match UnsecuredJwt::parse(object, limits::MAX_REQUEST_OBJECT_BYTES) {
            Ok(unsecured) => {
                let client = unsigned_client(&self.client_id, trust, policy)?;
                match unsecured.typ() {
                    Some(REQUEST_OBJECT_TYPE) => {}
                    None if policy.untyped_unsigned => {}
                    _ => return Err(RequestError::RequestObjectType),
                }
                (unsecured.into_claims(), client)
            }
            Err(_) => {
                let jws = UnverifiedJws::parse_bounded(object, limits::MAX_REQUEST_OBJECT_BYTES)
                    .map_err(|_| RequestError::RequestObject)?;
                let document = self.did_document.as_slice();
                let (verified, client) =
                    verify_signature(&jws, &self.client_id, document, trust, policy, now)?;
                (verified.claims().map_err(|_| RequestError::RequestObject)?, client)
            }
        };
        if client_id(&raw)? != self.client_id {
            return Err(RequestError::ClientIdMismatch);
        }
        if self.wallet_nonce.is_some() && text(&raw, "wallet_nonce") != self.wallet_nonce.as_deref() {
            return Err(RequestError::WalletNonce);
        }
        // RFC 9101 section 4 asks signed request objects for `aud`; an unsigned one that has it means it.
        if client.is_signed() || raw.contains_key("aud") {
            check_audience(&raw)?;
        }
        check_time(&raw, now)?;
        Ok((raw, client))
    }
}

/// The client of a request that nobody signed: only `redirect_uri:` and a client that was registered without keys come so, and only where the
/// profile lets them (VP-C1, VP-C2).
fn unsigned_client(id: &ClientId, trust: &RequestTrust<'_>, policy: &Policy) -> Result<Client, RequestError> {
    let authentication = match (id.prefix(), trust.known.client(id)) {
        (ClientIdPrefix::RedirectUri(_), _) => Authentication::Unsigned,
        (ClientIdPrefix::PreRegistered | ClientIdPrefix::Unknown, Some(client)) if !client.signs() => {
            Authentication::Registered { name: client.name.clone(), signed: false }
        }
        _ => return Err(RequestError::SignatureMissing),
    };
    match policy.unauthenticated {
        Unauthenticated::Warn => Ok(Client { id: id.clone(), authentication }),
        Unauthenticated::Refuse => Err(RequestError::Unauthenticated),
    }
}

pub(crate) fn check_audience(raw: &RawParameters) -> Result<(), RequestError> {
    let is_ours = |value: &Value| value.as_str() == Some(STATIC_DISCOVERY_AUDIENCE);
    let fits = match raw.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(is_ours),
        Some(audience) => is_ours(audience),
        None => false,
    };
    if fits { Ok(()) } else { Err(RequestError::Audience) }
}

/// Until when it counts, as [`check_time`] took it.
pub(crate) fn expiry(raw: &RawParameters) -> Option<Instant> {
    raw.get("exp").and_then(|value| serde_json::from_value(value.clone()).ok())
}

/// RFC 7519 sections 4.1.4 to 4.1.6: each is optional, and counts if it is there.
pub(crate) fn check_time(raw: &RawParameters, now: Instant) -> Result<(), RequestError> {
    let time = |name: &str| -> Result<Option<Instant>, RequestError> {
        raw.get(name)
            .map(|value| serde_json::from_value(value.clone()))
            .transpose()
            .map_err(|_| RequestError::Time)
    };
    let skew = limits::CLOCK_SKEW_SECONDS;
    let expired = time("exp")?.is_some_and(|exp| now >= exp + skew);
    let too_early = time("nbf")?.is_some_and(|nbf| now + skew < nbf);
    let from_the_future = time("iat")?.is_some_and(|iat| now + skew < iat);
    if expired || too_early || from_the_future { Err(RequestError::Time) } else { Ok(()) }
}

/// VP-R15: where the answer goes, and that this client may have it there.
fn response_uri(
    parameters: &Parameters,
    client: &Client,
    registered: Option<&[String]>,
    policy: &Policy,
) -> Result<(String, Url), RequestError> {
    let prefix = client.prefix();
    let text = match (&parameters.response_uri, &prefix) {
        (Some(text), _) => text.clone(),
        (None, ClientIdPrefix::RedirectUri(own)) => own.clone(),
        (None, _) => return Err(RequestError::ResponseUri),
    };
    let url = Parameters::endpoint(&text, policy)?;
    let is_its_own = match (&prefix, client.authentication()) {
        (ClientIdPrefix::RedirectUri(own), _) => text == *own,
        (ClientIdPrefix::X509SanDns(name), _) => {
            matches!(url.host(), Some(Host::Domain(host)) if host.eq_ignore_ascii_case(name))
        }
        // Exact matches (VP-C6; RFC 9700 section 2.1).
        (_, Authentication::Attestation { redirect_uris: Some(allowed), .. }) => allowed.contains(&text),
        (_, Authentication::Registered { .. }) => registered.is_some_and(|allowed| allowed.contains(&text)),
        _ => true,
    };
    if is_its_own { Ok((text, url)) } else { Err(RequestError::ResponseUriForeign) }
}
