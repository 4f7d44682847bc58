//! The nonce endpoint, the credential request, and its answers.
//!
//! Clauses: OpenID4VCI 1.0 sections 7 to 10; CI-10, CI-14 to CI-18, CI-20 to CI-22, CI-24.

use crypto::jwe::{self, ContentEncryption, PartyInfo};
use crypto::{PrivateKey, PublicJwk, PublicKey};
use primitives::http::Response;
use primitives::{Entropy, Instant};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trust::{AnchorStore, WalletProvider};

use super::access::AccessToken;
use super::deferred;
use super::inbound::{Inbound, RefusalCause, ServerRefusal};
use super::proofs::{Check, Proofs};
use crate::dpop;
use crate::holder::PaperRequest;
use crate::http;
use crate::metadata::{Configuration, IssuerMetadata};
use crate::oauth::OAuthErrorCode;
use crate::replay::NonceBook;
use crate::wire::{self, CREDENTIAL_ANSWER_MAX_BYTES};

/// Longest credential request, in bytes: a hundred proofs.
pub const CREDENTIAL_REQUEST_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The answer of the nonce endpoint, with the DPoP nonce if nonces are demanded (HA-2).
#[must_use]
pub fn nonce_response(c_nonce: &str, dpop_nonce: Option<String>) -> Response {
    let response = http::json_answer(200, &json!({ "c_nonce": c_nonce }));
    match dpop_nonce {
        Some(nonce) => response.with_header(dpop::NONCE_HEADER, nonce),
        None => response,
    }
}

#[derive(Deserialize)]
struct CredentialRequestWire {
    credential_configuration_id: Option<String>,
    credential_identifier: Option<String>,
    proofs: Option<Map<String, Value>>,
    credential_response_encryption: Option<ResponseEncryptionWire>,
}

#[derive(Deserialize)]
pub(super) struct ResponseEncryptionWire {
    jwk: Value,
    enc: String,
    zip: Option<String>,
}

/// What an answer is encrypted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseKey {
    jwk: PublicJwk,
    enc: ContentEncryption,
}

/// A credential request, parsed and not yet verified.
#[derive(Debug, Clone)]
pub struct CredentialRequest {
    configuration_id: Option<String>,
    identifier: Option<String>,
    proofs: Proofs,
    response_key: Option<ResponseKey>,
}

/// A credential request whose proofs hold. Made by [`CredentialRequest::verify`] only.
#[derive(Debug, Clone)]
pub struct VerifiedCredentialRequest {
    /// The paper.
    pub paper: PaperRequest,
    /// Its configuration.
    pub configuration: Configuration,
    /// The holder's keys, distinct, one copy each; none for a credential that is bound to no key.
    pub keys: Vec<PublicKey>,
    /// What the answer is encrypted to.
    pub response_key: Option<ResponseKey>,
}

fn refuse(code: OAuthErrorCode, cause: RefusalCause) -> ServerRefusal {
    ServerRefusal::new(400, code, cause)
}

impl CredentialRequest {
    /// Parses a credential request, decrypting it with the issuer's key if it is encrypted.
    ///
    /// # Errors
    /// Malformed, both or neither of identifier and configuration, or not encrypted as it has to be.
    pub fn parse(
        inbound: &Inbound<'_>,
        issuer: &IssuerMetadata,
        decryption_key: Option<&PrivateKey>,
    ) -> Result<Self, ServerRefusal> {
        let malformed = || refuse(OAuthErrorCode::InvalidCredentialRequest, RefusalCause::Malformed);
        let opened = deferred::open(inbound, issuer, decryption_key)?;
        let wire = wire::json::<CredentialRequestWire>(opened.bytes(), CREDENTIAL_REQUEST_MAX_BYTES);
        let wire = wire.map_err(|_| malformed())?;
        if wire.credential_configuration_id.is_some() == wire.credential_identifier.is_some() {
            return Err(malformed());
        }
        let response_key = deferred::response_key(wire.credential_response_encryption, &opened, issuer)?;
        Ok(Self {
            configuration_id: wire.credential_configuration_id,
            identifier: wire.credential_identifier,
            proofs: Proofs::parse(wire.proofs)?,
            response_key,
        })
    }

    /// Verifies the request: the token reaches to the paper, and every proof holds, is fresh, by another key, with a nonce that was given.
    ///
    /// # Errors
    /// The refusal to send; a wrong nonce is `invalid_nonce`.
    pub fn verify(
        self,
        issuer: &IssuerMetadata,
        access: &AccessToken,
        nonces: &mut NonceBook,
        providers: &AnchorStore<WalletProvider>,
        now: Instant,
    ) -> Result<VerifiedCredentialRequest, ServerRefusal> {
        use OAuthErrorCode as Code;
        let paper = self.paper(access)?;
        let configuration = issuer
            .usable(&paper.configuration_id)
            .ok_or_else(|| refuse(Code::UnknownCredentialConfiguration, RefusalCause::NotAuthorized))?;
        let check = Check { issuer, client_id: access.granted().client_id.as_deref(), providers, now };
        let keys = self.proofs.verify(&configuration.proof, &check, nonces)?;
        let configuration = configuration.clone();
        Ok(VerifiedCredentialRequest { paper, configuration, keys, response_key: self.response_key })
    }

    /// The paper, if the token reaches to it: by identifier where the token response named identifiers, else by configuration (CI-10).
    fn paper(&self, access: &AccessToken) -> Result<PaperRequest, ServerRefusal> {
        use OAuthErrorCode as Code;
        let granted = access.granted();
        let named = &granted.credential_identifiers;
        match (&self.identifier, &self.configuration_id) {
            (Some(identifier), None) => {
                let pair = named.iter().find(|(_, it)| it == identifier);
                let unknown = || refuse(Code::UnknownCredentialIdentifier, RefusalCause::NotAuthorized);
                let (configuration_id, identifier) = pair.cloned().ok_or_else(unknown)?;
                Ok(PaperRequest { configuration_id, credential_identifier: Some(identifier) })
            }
            (None, Some(id)) if named.is_empty() && granted.configuration_ids.contains(id) => {
                Ok(PaperRequest { configuration_id: id.clone(), credential_identifier: None })
            }
            (None, Some(_)) if named.is_empty() => {
                Err(refuse(Code::UnknownCredentialConfiguration, RefusalCause::NotAuthorized))
            }
            _ => Err(refuse(Code::InvalidCredentialRequest, RefusalCause::NotAuthorized)),
        }
    }
}

impl ResponseKey {
    pub(super) fn parse(wire: ResponseEncryptionWire, issuer: &IssuerMetadata) -> Option<Self> {
        let offered = issuer.response_encryption.as_ref()?;
        let jwk = PublicJwk::from_value(&wire.jwk).ok().filter(|jwk| jwk.alg() == Some("ECDH-ES"))?;
        let enc = ContentEncryption::from_name(&wire.enc)?;
        (wire.zip.is_none() && offered.encryptions.contains(&wire.enc)).then_some(Self { jwk, enc })
    }
}

/// An answer with credentials (200).
///
/// # Errors
/// No randomness, or the response is too large to be encrypted.
pub fn credential_response(
    credentials: &[String],
    notification_id: Option<&str>,
    response_key: Option<&ResponseKey>,
    entropy: &dyn Entropy,
) -> Result<Response, ServerRefusal> {
    let credentials: Vec<Value> = credentials.iter().map(|it| json!({ "credential": it })).collect();
    let mut body = json!({ "credentials": credentials });
    if let (Some(id), Some(object)) = (notification_id, body.as_object_mut()) {
        object.insert("notification_id".to_owned(), json!(id));
    }
    answer(200, &body, response_key, entropy)
}

/// An answer that the paper takes time (202).
///
/// # Errors
/// As [`credential_response`].
pub fn deferred_response(
    transaction_id: &str,
    interval_seconds: u32,
    response_key: Option<&ResponseKey>,
    entropy: &dyn Entropy,
) -> Result<Response, ServerRefusal> {
    let body = json!({ "transaction_id": transaction_id, "interval": interval_seconds.max(1) });
    answer(202, &body, response_key, entropy)
}

fn answer(
    status: u16,
    body: &Value,
    response_key: Option<&ResponseKey>,
    entropy: &dyn Entropy,
) -> Result<Response, ServerRefusal> {
    let Some(key) = response_key else { return Ok(http::json_answer(status, body)) };
    let plain = body.to_string();
    if plain.len() > CREDENTIAL_ANSWER_MAX_BYTES {
        return Err(ServerRefusal::computer());
    }
    let sealed = jwe::encrypt(&key.jwk, key.enc, &PartyInfo::default(), plain.as_bytes(), entropy);
    let sealed = sealed.map_err(|_| ServerRefusal::computer())?;
    let response = Response::new(status, sealed).with_header("content-type", "application/jwt");
    Ok(response.with_header("cache-control", "no-store"))
}

impl ServerRefusal {
    /// The refusal of a transaction that does not exist or was fetched (CI-22).
    #[must_use]
    pub fn unknown_transaction() -> Self {
        refuse(OAuthErrorCode::InvalidTransactionId, RefusalCause::UnknownOrExpired)
    }

    /// The final refusal of a paper (CI-21).
    #[must_use]
    pub fn denied() -> Self {
        refuse(OAuthErrorCode::CredentialRequestDenied, RefusalCause::NotAuthorized)
    }

    /// The refusal of a notification's unknown identifier (CI-23).
    #[must_use]
    pub fn unknown_notification() -> Self {
        refuse(OAuthErrorCode::InvalidNotificationId, RefusalCause::UnknownOrExpired)
    }

    /// The refusal of a code that is not in the store.
    #[must_use]
    pub fn unknown_code() -> Self {
        Self::invalid_grant(RefusalCause::UnknownOrExpired)
    }
}
