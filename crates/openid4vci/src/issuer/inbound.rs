//! A request as a server sees it, and a refusal as a server sends it.

use std::collections::BTreeMap;

use primitives::http::{Method, Request, Response, essence};
use url::{Url, form_urlencoded};

use crate::client_assertion::ClientAssertionError;
use crate::client_attestation::ClientAttestationError;
use crate::dpop::{self, DpopError};
use crate::http;
use crate::key_attestation::KeyAttestationError;
use crate::key_proof::KeyProofError;
use crate::oauth::{self, OAuthErrorCode};

/// Longest form that is read, in bytes.
pub const FORM_MAX_BYTES: usize = 64 * 1024;

/// A request that came in.
#[derive(Debug, Clone, Copy)]
pub struct Inbound<'a> {
    /// The method.
    pub method: Method,
    /// The address as clients know it: public scheme, host and port, not those behind a proxy.
    pub url: &'a Url,
    /// All header fields, repeated ones included.
    pub headers: &'a [(String, String)],
    /// The body, bounded by the server.
    pub body: &'a [u8],
}

impl<'a> Inbound<'a> {
    /// A request that was meant to be sent, as it arrives: for journeys in one process.
    #[must_use]
    pub fn of(request: &'a Request) -> Self {
        Self { method: request.method, url: &request.url, headers: &request.headers, body: &request.body }
    }

    pub(super) fn media_type(&self) -> Option<String> {
        http::single_header(self.headers, "content-type").map(essence)
    }

    /// The form in the body; a parameter that stands twice spoils it (RFC 6749 section 3.2).
    pub(super) fn form(&self) -> Result<BTreeMap<String, String>, ServerRefusal> {
        let form = self.media_type().as_deref() == Some("application/x-www-form-urlencoded");
        if self.method != Method::Post || !form || self.body.len() > FORM_MAX_BYTES {
            return Err(ServerRefusal::bad_request(RefusalCause::Malformed));
        }
        unique_pairs(self.body).ok_or(ServerRefusal::bad_request(RefusalCause::Malformed))
    }
}

/// Names and values, or `None` if a name stands twice.
pub(super) fn unique_pairs(encoded: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(encoded) {
        if fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// Why a server refused: for its own log and for tests, never sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalCause {
    /// The message is malformed.
    Malformed,
    /// A code, a request URI, a transaction or a token that does not exist, was used, or has expired.
    UnknownOrExpired,
    /// The client is not who it has to be.
    Client(Option<ClientAttestationError>),
    /// The client's assertion.
    Assertion(ClientAssertionError),
    /// The DPoP proof.
    Dpop(DpopError),
    /// The code verifier does not fit the code challenge.
    CodeVerifier,
    /// Another redirect URI.
    RedirectUri,
    /// Another key than the code is bound to.
    CodeKey,
    /// The transaction code is missing, superfluous or wrong.
    TransactionCode,
    /// The scope or the authorization details.
    Scope,
    /// The grant or response type.
    GrantType,
    /// The access token is sent under another scheme.
    Scheme,
    /// The token does not reach to this paper.
    NotAuthorized,
    /// The number of proofs, or the same key twice.
    ProofCount,
    /// A key proof.
    Proof(KeyProofError),
    /// A key attestation is missing, or is refused.
    KeyAttestation(Option<KeyAttestationError>),
    /// The `c_nonce`.
    Nonce,
    /// The encryption parameters.
    Encryption,
    /// No randomness, or a key that did not sign.
    Computer,
}

/// A refusal to be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", code.as_wire())]
pub struct ServerRefusal {
    /// The status.
    pub status: u16,
    /// The code.
    pub code: OAuthErrorCode,
    /// Why.
    pub cause: RefusalCause,
    /// Header fields to add: a fresh DPoP nonce or challenge.
    pub headers: Vec<(String, String)>,
}

impl ServerRefusal {
    pub(super) fn new(status: u16, code: OAuthErrorCode, cause: RefusalCause) -> Self {
        Self { status, code, cause, headers: Vec::new() }
    }

    pub(super) fn bad_request(cause: RefusalCause) -> Self {
        Self::new(400, OAuthErrorCode::InvalidRequest, cause)
    }

    pub(super) fn invalid_grant(cause: RefusalCause) -> Self {
        Self::new(400, OAuthErrorCode::InvalidGrant, cause)
    }

    pub(super) fn computer() -> Self {
        Self::new(500, OAuthErrorCode::ServerError, RefusalCause::Computer)
    }

    pub(super) fn with_header(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    pub(super) fn with_dpop_nonce(self, nonce: Option<String>) -> Self {
        match nonce {
            Some(nonce) => self.with_header(dpop::NONCE_HEADER, nonce),
            None => self,
        }
    }

    /// The answer.
    #[must_use]
    pub fn to_response(&self) -> Response {
        let mut response = oauth::error_response(self.status, self.code);
        response.headers.extend(self.headers.iter().cloned());
        response
    }
}
