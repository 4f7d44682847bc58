//! The issuer's side: authorization server and credential issuer as values, without I/O and without a store.
//!
//! | step | value |
//! |---|---|
//! | offer | [`crate::offer::CredentialOffer`], [`PreAuthorizedGrant`] (store it under [`PreAuthorizedGrant::code`]) |
//! | every request | [`Gate`]: the client's attestation, DPoP proofs, nonces and challenges, and the memory against replay |
//! | PAR, page, code | [`PushedRequest`] (store under [`PushedRequest::request_uri`]), [`AuthorizationCode`] (store under [`AuthorizationCode::code`]) |
//! | token | [`TokenRequest`] → [`Granted`] → [`AccessToken`] (store under [`AccessToken::key`]) |
//! | refresh | [`RefreshToken`] (store under [`RefreshToken::key`]) |
//! | nonce | [`crate::replay::NonceBook`], [`nonce_response`] |
//! | credential | [`CredentialRequest`] → [`VerifiedCredentialRequest`] → [`credential_response`] or [`deferred_response`] |
//! | notification | [`Notification`] |
//!
//! One-time values are consumed: the caller takes them out of its store **before** it redeems them, and puts back what a refusal returns.
//!
//! Clauses: OpenID4VCI 1.0 sections 4 to 12, RFC 6749, RFC 7636, RFC 9126, RFC 9207, RFC 9449.

mod access;
mod authorization;
mod credential;
mod deferred;
mod gate;
mod inbound;
mod notification;
mod pre_authorized;
mod proofs;
mod refresh;
mod token;

pub use access::AccessToken;
pub use authorization::{AuthorizationCode, CODE_SECONDS, PushedRequest, REQUEST_URI_SECONDS};
pub use credential::{
    CREDENTIAL_REQUEST_MAX_BYTES, CredentialRequest, ResponseKey, VerifiedCredentialRequest,
    credential_response, deferred_response, nonce_response,
};
pub use deferred::DeferredRequest;
pub use gate::{CHALLENGE_SECONDS, DPOP_NONCE_SECONDS, Gate, GatePolicy};
pub use inbound::{FORM_MAX_BYTES, Inbound, RefusalCause, ServerRefusal};
pub use notification::Notification;
pub use pre_authorized::{PreAuthorizedGrant, TRANSACTION_CODE_ATTEMPTS, TransactionCodeSecret};
pub use refresh::RefreshToken;
pub use token::{Granted, TokenRequest};
