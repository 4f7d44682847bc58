//! OAuth 2.0 errors, by code. What the server wrote beside the code is developer text and is never shown to people.
//!
//! Clauses: RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3, RFC 9126 section 2.3, RFC 9449 section 12.2, OpenID4VCI 1.0 sections 6.3, 8.3.1,
//! 9.3 and 11.3; CI-21.

use primitives::http::Response;
use serde::Deserialize;
use serde_json::json;

use crate::http;
use crate::wire::{self, SMALL_ANSWER_MAX_BYTES};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal, $stable:literal;)*) => {
        /// An error code that this crate knows; the spelling on the wire is the specifications'.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum OAuthErrorCode {
            $($(#[$doc])* $variant,)*
            /// A code that no specification of this crate has.
            Unknown,
        }

        impl OAuthErrorCode {
            /// Reads a code from the wire.
            #[must_use]
            pub fn from_wire(text: &str) -> Self {
                match text { $($wire => Self::$variant,)* _ => Self::Unknown }
            }

            /// The spelling on the wire.
            #[must_use]
            pub fn as_wire(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* Self::Unknown => "server_error" }
            }

            /// The code under which the wallet reports this refusal.
            #[must_use]
            pub fn stable_code(self) -> &'static str {
                match self { $(Self::$variant => $stable,)* Self::Unknown => "server_refused" }
            }
        }
    };
}

codes! {
    /// The request is malformed.
    InvalidRequest = "invalid_request", "server_refused_invalid_request";
    /// Client authentication failed.
    InvalidClient = "invalid_client", "server_refused_invalid_client";
    /// The code, or the transaction code, is wrong, used or expired.
    InvalidGrant = "invalid_grant", "server_refused_invalid_grant";
    /// This client may not use this grant.
    UnauthorizedClient = "unauthorized_client", "server_refused_unauthorized_client";
    /// The grant type is not supported.
    UnsupportedGrantType = "unsupported_grant_type", "server_refused_unsupported_grant_type";
    /// The response type is not supported.
    UnsupportedResponseType = "unsupported_response_type", "server_refused_unsupported_response_type";
    /// The scope is unknown.
    InvalidScope = "invalid_scope", "server_refused_invalid_scope";
    /// The person, or the server, said no.
    AccessDenied = "access_denied", "server_refused_access_denied";
    /// The server failed.
    ServerError = "server_error", "server_refused_server_error";
    /// The server is overloaded or down.
    TemporarilyUnavailable = "temporarily_unavailable", "server_refused_temporarily_unavailable";
    /// The access token is wrong, expired or for something else.
    InvalidToken = "invalid_token", "server_refused_invalid_token";
    /// The access token does not reach this far.
    InsufficientScope = "insufficient_scope", "server_refused_insufficient_scope";
    /// The DPoP proof is not acceptable.
    InvalidDpopProof = "invalid_dpop_proof", "server_refused_dpop_proof";
    /// A DPoP proof with the server's nonce is asked for.
    UseDpopNonce = "use_dpop_nonce", "server_demands_dpop_nonce";
    /// A client attestation proof with the server's challenge is asked for.
    UseAttestationChallenge = "use_attestation_challenge", "server_demands_attestation_challenge";
    /// The wallet attestation is not acceptable.
    InvalidClientAttestation = "invalid_client_attestation", "server_refused_client_attestation";
    /// The authorization details are not acceptable.
    InvalidAuthorizationDetails = "invalid_authorization_details", "server_refused_authorization_details";
    /// The credential request is malformed.
    InvalidCredentialRequest = "invalid_credential_request", "issuer_refused_credential_request";
    /// The credential configuration is unknown.
    UnknownCredentialConfiguration = "unknown_credential_configuration", "issuer_refused_configuration";
    /// The credential identifier is unknown.
    UnknownCredentialIdentifier = "unknown_credential_identifier", "issuer_refused_identifier";
    /// A key proof is not acceptable.
    InvalidProof = "invalid_proof", "issuer_refused_proof";
    /// A key proof has a wrong `c_nonce`.
    InvalidNonce = "invalid_nonce", "issuer_refused_nonce";
    /// The encryption parameters are not acceptable, or missing.
    InvalidEncryptionParameters = "invalid_encryption_parameters", "issuer_refused_encryption";
    /// Final: the credential will not be issued.
    CredentialRequestDenied = "credential_request_denied", "issuer_denied_credential";
    /// The deferred transaction is unknown or already fetched.
    InvalidTransactionId = "invalid_transaction_id", "issuer_refused_transaction";
    /// The notification's id is unknown.
    InvalidNotificationId = "invalid_notification_id", "issuer_refused_notification_id";
    /// The notification is malformed.
    InvalidNotificationRequest = "invalid_notification_request", "issuer_refused_notification";
}

/// A refusal by a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", code.as_wire())]
pub struct OAuthError {
    /// The code.
    pub code: OAuthErrorCode,
    /// The status of the answer.
    pub status: u16,
}

#[derive(Deserialize)]
struct ErrorWire {
    error: String,
}

/// Reads a refusal: from the body, else from `WWW-Authenticate`. `None` if the status is no refusal.
pub(crate) fn refusal(response: &Response) -> Option<OAuthError> {
    if !(400..600).contains(&response.status) {
        return None;
    }
    let body = wire::json::<ErrorWire>(&response.body, SMALL_ANSWER_MAX_BYTES).ok();
    let code = body
        .map(|body| OAuthErrorCode::from_wire(&body.error))
        .or_else(|| challenge_error(response).map(|text| OAuthErrorCode::from_wire(&text)))
        .unwrap_or(match response.status {
            401 => OAuthErrorCode::InvalidToken,
            403 => OAuthErrorCode::InsufficientScope,
            _ => OAuthErrorCode::Unknown,
        });
    Some(OAuthError { code, status: response.status })
}

/// The `error` parameter of any `WWW-Authenticate` field (RFC 6750 section 3, RFC 9449 section 7.1).
fn challenge_error(response: &Response) -> Option<String> {
    response.headers_named("www-authenticate").find_map(|value| parameter(value, "error"))
}

/// Finds `name=value` or `name="value"` among a challenge's parameters.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    challenge.split([',', ' ']).find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
    })
}

/// An error as a server sends it: JSON, uncacheable, never encrypted (CI-21). 401 carries a `WWW-Authenticate` with the same code.
#[must_use]
pub fn error_response(status: u16, code: OAuthErrorCode) -> Response {
    let response = http::json_answer(status, &json!({ "error": code.as_wire() }));
    if status == 401 {
        let value = format!("DPoP algs=\"ES256\", error=\"{}\"", code.as_wire());
        return response.with_header("www-authenticate", value);
    }
    response
}
