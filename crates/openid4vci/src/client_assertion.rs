//! `private_key_jwt`: a client that the authorization server knows shows by a signed assertion that it is that client; made and checked.
//!
//! Clauses: RFC 7521 section 4.2, RFC 7523 sections 2.2 and 3, OpenID Connect Core 1.0 section 9, FAPI 2.0 Security Profile section 5.3.3.1 (`aud` is the
//! server's identifier, as a string); HA-3. The key was given to the server beforehand: nothing in the assertion vouches for it.

use std::collections::BTreeMap;

use crypto::jws::{HeaderBuilder, JwsError};
use crypto::{PublicKey, Signer};
use primitives::{Instant, base64url};
use serde_json::Value;

use crate::claims::{self, PROOF_TEXT_MAX_BYTES, SigningFailed};
use crate::client_attestation::VerifiedClient;
use crate::holder::Context;
use crate::replay::ReplayMemory;

/// The parameter of the assertion.
pub const PARAMETER: &str = "client_assertion";
/// The parameter that says what the assertion is.
pub const TYPE_PARAMETER: &str = "client_assertion_type";
/// What the assertion is.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// `typ` of an assertion; RFC 7523 names none, and servers take `JWT`, none, or that of its revision.
pub const TYP: &str = "JWT";
/// Seconds that an assertion is good.
pub const LIFETIME_SECONDS: i64 = 300;
/// Most seconds until its end that a server takes.
pub const LIFETIME_MAX_SECONDS: i64 = 3600;
/// How far `iat` and `nbf` may lie in the server's future, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 300;

/// Makes an assertion for one server, with a `jti` of its own.
pub(crate) fn assertion(
    signer: &dyn Signer,
    client_id: &str,
    server: &str,
    context: &Context<'_>,
) -> Result<String, SigningFailed> {
    let now = context.now;
    let payload = claims::object([
        ("iss", Value::from(client_id)),
        ("sub", Value::from(client_id)),
        ("aud", Value::from(server)),
        ("jti", claims::jti(context.entropy)?),
        ("iat", Value::from(now.unix_seconds())),
        ("exp", Value::from((now + LIFETIME_SECONDS).unix_seconds())),
    ]);
    let header = HeaderBuilder::new(TYP).kid(&key_id(&signer.public_key()));
    Ok(header.sign_claims(&payload, signer)?)
}

/// The `kid` under which a client's key is registered: its thumbprint (RFC 7638), base64url.
#[must_use]
pub fn key_id(key: &PublicKey) -> String {
    base64url::encode(&key.thumbprint())
}

/// The clients that a server knows, and their keys.
#[derive(Debug, Clone, Default)]
pub struct RegisteredClients(BTreeMap<String, Vec<PublicKey>>);

impl RegisteredClients {
    /// Registers a key of a client.
    pub fn register(&mut self, client_id: &str, key: PublicKey) {
        self.0.entry(client_id.to_owned()).or_default().push(key);
    }
}

/// What a server expects of an assertion.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The server's identifier: `aud`.
    pub server: &'a str,
    /// Whom it knows.
    pub clients: &'a RegisteredClients,
    /// Its clock.
    pub now: Instant,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientAssertionError {
    /// Another type than RFC 7523's, or an assertion beside another authentication.
    #[error("the assertion is of another type, or not the only authentication")]
    Type,
    /// Not a JWT that an assertion can be, or by none of the client's keys.
    #[error("the assertion is refused: {0}")]
    Jwt(JwsError),
    /// `iss`, `sub` and `client_id` do not name one client.
    #[error("the assertion does not name one client")]
    Names,
    /// No such client.
    #[error("the client is not registered")]
    Unknown,
    /// For another server.
    #[error("the assertion is for another server")]
    Audience,
    /// Expired, without an end, with one that is too far off, or made in the future.
    #[error("the assertion is not valid now")]
    Time,
    /// No `jti`, or one that was seen.
    #[error("the assertion was used before")]
    Replayed,
}

/// Checks the assertion in a form.
///
/// # Errors
/// [`ClientAssertionError`].
pub fn verify(
    form: &BTreeMap<String, String>,
    expectation: &Expectation<'_>,
    replay: &mut ReplayMemory,
) -> Result<VerifiedClient, ClientAssertionError> {
    use ClientAssertionError as Error;
    if form.get(TYPE_PARAMETER).map(String::as_str) != Some(TYPE) {
        return Err(Error::Type);
    }
    let compact = form.get(PARAMETER).ok_or(Error::Type)?;
    let assertion = claims::parse(compact).map_err(Error::Jwt)?;
    if !matches!(assertion.header().typ(), None | Some("JWT" | "client-authentication+jwt")) {
        return Err(Error::Jwt(JwsError::Type));
    }
    let unverified = assertion.dangerous_claims().map_err(Error::Jwt)?;
    let client_id = claims::text(&unverified, "sub").filter(|it| !it.is_empty()).ok_or(Error::Names)?;
    let named = form.get("client_id").is_none_or(|it| it == client_id);
    if !named || claims::text(&unverified, "iss") != Some(client_id) {
        return Err(Error::Names);
    }
    let keys = expectation.clients.0.get(client_id).ok_or(Error::Unknown)?;
    // the claims that were read are those of the same text
    let by = |key: &&PublicKey| assertion.dangerous_verify_any_type(key).is_ok();
    let key = *keys.iter().find(by).ok_or(Error::Jwt(JwsError::Signature))?;
    let payload = assertion.dangerous_verify_any_type(&key).and_then(|it| it.claims()).map_err(Error::Jwt)?;
    if claims::text(&payload, "aud") != Some(expectation.server) {
        return Err(Error::Audience);
    }
    let now = expectation.now.unix_seconds();
    let ends = claims::seconds(&payload, "exp").ok_or(Error::Time)?;
    if ends <= now || ends > now.saturating_add(LIFETIME_MAX_SECONDS) {
        return Err(Error::Time);
    }
    for name in ["iat", "nbf"].into_iter().filter(|name| payload.contains_key(*name)) {
        let begins = claims::seconds(&payload, name).ok_or(Error::Time)?;
        if begins > now.saturating_add(CLOCK_SKEW_SECONDS) {
            return Err(Error::Time);
        }
    }
    let jti = claims::text(&payload, "jti").filter(|it| !it.is_empty() && it.len() <= PROOF_TEXT_MAX_BYTES);
    let jti = jti.ok_or(Error::Replayed)?;
    let until = Instant::from_unix_seconds(ends);
    if !replay.first_time(&format!("assertion {client_id} {jti}"), expectation.now, until) {
        return Err(Error::Replayed);
    }
    Ok(VerifiedClient::proven(client_id, key))
}
