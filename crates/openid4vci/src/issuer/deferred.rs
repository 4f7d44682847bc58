//! The deferred credential request, and the opening of requests that may be encrypted.
//!
//! Clauses: OpenID4VCI 1.0 sections 8.2, 9.1 and 10; CI-22, CI-24.

use crypto::jwe::Jwe;
use crypto::{PrivateKey, SecretVec};
use serde::Deserialize;

use super::credential::{CREDENTIAL_REQUEST_MAX_BYTES, ResponseEncryptionWire, ResponseKey};
use super::inbound::{Inbound, RefusalCause, ServerRefusal};
use crate::metadata::IssuerMetadata;
use crate::oauth::OAuthErrorCode;
use crate::wire;

/// A request's plain text, and whether it came encrypted.
pub(super) enum Opened<'a> {
    Plain(&'a [u8]),
    Decrypted(SecretVec),
}

impl Opened<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Decrypted(bytes) => bytes.expose(),
        }
    }
}

fn malformed() -> ServerRefusal {
    ServerRefusal::new(400, OAuthErrorCode::InvalidCredentialRequest, RefusalCause::Malformed)
}

fn encryption() -> ServerRefusal {
    ServerRefusal::new(400, OAuthErrorCode::InvalidEncryptionParameters, RefusalCause::Encryption)
}

/// Opens the body of a request to the credential or the deferred endpoint: plain where that is allowed, or under the issuer's key with an `enc`
/// that its metadata name.
pub(super) fn open<'a>(
    inbound: &Inbound<'a>,
    issuer: &IssuerMetadata,
    decryption_key: Option<&PrivateKey>,
) -> Result<Opened<'a>, ServerRefusal> {
    let offered = issuer.request_encryption.as_ref();
    match inbound.media_type().as_deref() {
        Some("application/json") if offered.is_some_and(|it| it.required) => Err(encryption()),
        Some("application/json") => Ok(Opened::Plain(inbound.body)),
        Some("application/jwt") => {
            let text = std::str::from_utf8(inbound.body).map_err(|_| encryption())?;
            let jwe = Jwe::parse(text).map_err(|_| encryption())?;
            if !offered.is_some_and(|it| it.encryptions.iter().any(|name| name == jwe.enc().name())) {
                return Err(encryption());
            }
            let key = decryption_key.ok_or_else(encryption)?;
            Ok(Opened::Decrypted(jwe.decrypt(key).map_err(|_| encryption())?))
        }
        _ => Err(malformed()),
    }
}

/// What the answer is to be encrypted to: only of an encrypted request, and always where responses must be.
pub(super) fn response_key(
    wire: Option<ResponseEncryptionWire>,
    opened: &Opened<'_>,
    issuer: &IssuerMetadata,
) -> Result<Option<ResponseKey>, ServerRefusal> {
    match wire {
        None if issuer.response_encryption.as_ref().is_some_and(|it| it.required) => Err(encryption()),
        None => Ok(None),
        // a plain request could have its response key exchanged on the way (section 8.2)
        Some(_) if matches!(opened, Opened::Plain(_)) => Err(encryption()),
        Some(parameters) => ResponseKey::parse(parameters, issuer).ok_or_else(encryption).map(Some),
    }
}

/// A deferred credential request; the caller looks the transaction up (`invalid_transaction_id` if there is none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferredRequest {
    /// The transaction.
    pub transaction_id: String,
    /// What this answer is encrypted to, whatever the first request said (section 9.1).
    pub response_key: Option<ResponseKey>,
}

#[derive(Deserialize)]
struct DeferredWire {
    transaction_id: String,
    credential_response_encryption: Option<ResponseEncryptionWire>,
}

impl DeferredRequest {
    /// Parses a deferred credential request, decrypting it with the issuer's key if it is encrypted.
    ///
    /// # Errors
    /// Malformed, or not encrypted as it has to be.
    pub fn parse(
        inbound: &Inbound<'_>,
        issuer: &IssuerMetadata,
        decryption_key: Option<&PrivateKey>,
    ) -> Result<Self, ServerRefusal> {
        let opened = open(inbound, issuer, decryption_key)?;
        let wire = wire::json::<DeferredWire>(opened.bytes(), CREDENTIAL_REQUEST_MAX_BYTES);
        let wire = wire.map_err(|_| malformed())?;
        let response_key = response_key(wire.credential_response_encryption, &opened, issuer)?;
        Ok(Self { transaction_id: wire.transaction_id, response_key })
    }
}
