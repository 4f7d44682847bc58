//! Pushed authorization requests, the page, and codes.
//!
//! Clauses: RFC 9126 section 2, RFC 7636 section 4.6, RFC 9207, RFC 9449 section 10, OpenID4VCI 1.0 section 5; CI-7, CI-8, DP-21, HA-3.

use crypto::{constant_time_eq, sha256};
use primitives::http::Response;
use primitives::{Entropy, Instant, base64url};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::gate::Gate;
use super::inbound::{Inbound, RefusalCause, ServerRefusal, unique_pairs};
use super::token::{Granted, TokenRequest};
use crate::client_attestation::VerifiedClient;
use crate::dpop::{self, VerifiedProof};
use crate::http;
use crate::metadata::IssuerMetadata;
use crate::oauth::OAuthErrorCode;
use crate::wire::Identifier;

/// Seconds that a pushed request can be opened.
pub const REQUEST_URI_SECONDS: i64 = 600;
/// Seconds that a code can be redeemed (FAPI 2.0: at most 60).
pub const CODE_SECONDS: i64 = 60;
const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// A pushed authorization request. Stored under its [`PushedRequest::request_uri`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedRequest {
    request_uri: String,
    client_id: String,
    client_key: Option<String>,
    redirect_uri: String,
    state: Option<String>,
    code_challenge: String,
    dpop_jkt: Option<String>,
    configuration_ids: Vec<String>,
    issuer_state: Option<String>,
    expires_at: i64,
}

impl PushedRequest {
    /// Takes a pushed request: the client proved who it is, asks for a code with PKCE, and for papers that the issuer has.
    ///
    /// # Errors
    /// The refusal to send.
    pub fn push(
        gate: &mut Gate,
        inbound: &Inbound<'_>,
        issuer: &IssuerMetadata,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<(Self, Response), ServerRefusal> {
        let malformed = || ServerRefusal::bad_request(RefusalCause::Malformed);
        let client = gate.client(inbound, now, entropy)?;
        let mut form = inbound.form()?;
        // RFC 9126 section 2.1
        if form.contains_key("request_uri") {
            return Err(malformed());
        }
        let client_id = form.remove("client_id").filter(|it| !it.is_empty()).ok_or_else(malformed)?;
        if client.as_ref().is_some_and(|client| client.client_id() != client_id) {
            return Err(ServerRefusal::new(400, OAuthErrorCode::InvalidClient, RefusalCause::Client(None)));
        }
        if form.get("response_type").map(String::as_str) != Some("code") {
            let code = OAuthErrorCode::UnsupportedResponseType;
            return Err(ServerRefusal::new(400, code, RefusalCause::GrantType));
        }
        let challenge = form.remove("code_challenge").filter(|it| is_sha256(it)).ok_or_else(malformed)?;
        if form.get("code_challenge_method").map(String::as_str) != Some("S256") {
            return Err(malformed());
        }
        let redirect_uri =
            form.remove("redirect_uri").filter(|it| is_redirect_uri(it)).ok_or_else(malformed)?;
        // a proof at this endpoint binds as `dpop_jkt` does, and must not differ from it (RFC 9449 section 10.1)
        let mut dpop_jkt = form.remove("dpop_jkt");
        if inbound.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(dpop::HEADER)) {
            let proof = gate.proof(inbound, None, now, entropy)?.thumbprint();
            if dpop_jkt.as_ref().is_some_and(|it| *it != proof) {
                let code = OAuthErrorCode::InvalidDpopProof;
                return Err(ServerRefusal::new(400, code, RefusalCause::CodeKey));
            }
            dpop_jkt = Some(proof);
        }
        let scope = form.get("scope").map(String::as_str);
        let details = form.get("authorization_details").map(String::as_str);
        let configuration_ids = requested(issuer, scope, details)?;
        let token = crypto::random::token(entropy).map_err(|_| ServerRefusal::computer())?;
        let request_uri = format!("{REQUEST_URI_PREFIX}{token}");
        let body = json!({ "request_uri": request_uri, "expires_in": REQUEST_URI_SECONDS });
        let pushed = Self {
            request_uri,
            client_id,
            client_key: client.map(|client| base64url::encode(&client.key().thumbprint())),
            redirect_uri,
            state: form.remove("state"),
            code_challenge: challenge,
            dpop_jkt,
            configuration_ids,
            issuer_state: form.remove("issuer_state"),
            expires_at: (now + REQUEST_URI_SECONDS).unix_seconds(),
        };
        Ok((pushed, http::json_answer(201, &body)))
    }

    /// The `request_uri` in a browser's address, to find the stored request.
    #[must_use]
    pub fn request_uri_of(page: &Url) -> Option<String> {
        unique_pairs(page.query()?.as_bytes())?.remove("request_uri")
    }

    /// Whether the page may be shown: the request is still valid and the `client_id` beside it is its own.
    ///
    /// # Errors
    /// The refusal to show; there is nobody to redirect to.
    pub fn open(&self, page: &Url, now: Instant) -> Result<(), ServerRefusal> {
        let malformed = || ServerRefusal::bad_request(RefusalCause::Malformed);
        let query = unique_pairs(page.query().unwrap_or("").as_bytes()).ok_or_else(malformed)?;
        if query.get("request_uri") != Some(&self.request_uri) || now.unix_seconds() >= self.expires_at {
            return Err(ServerRefusal::bad_request(RefusalCause::UnknownOrExpired));
        }
        if query.get("client_id") != Some(&self.client_id) {
            return Err(ServerRefusal::bad_request(RefusalCause::Client(None)));
        }
        Ok(())
    }

    /// The key in the store.
    #[must_use]
    pub fn request_uri(&self) -> &str {
        &self.request_uri
    }

    /// The papers asked for.
    #[must_use]
    pub fn configuration_ids(&self) -> &[String] {
        &self.configuration_ids
    }

    /// The `issuer_state` of an offer. It may be a stranger's (section 5.1.3).
    #[must_use]
    pub fn issuer_state(&self) -> Option<&str> {
        self.issuer_state.as_deref()
    }

    /// The client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The person logged in and agreed: a code, and where the browser goes with it.
    ///
    /// # Errors
    /// No randomness.
    pub fn approve(
        self,
        server: &Identifier,
        subject: String,
        credential_identifiers: Vec<(String, String)>,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<(AuthorizationCode, Url), ServerRefusal> {
        let code = crypto::random::token(entropy).map_err(|_| ServerRefusal::computer())?;
        let back = self.back(server, ("code", &code))?;
        let granted = Granted {
            subject,
            configuration_ids: self.configuration_ids.clone(),
            credential_identifiers,
            client_id: Some(self.client_id.clone()),
        };
        let expires_at = (now + CODE_SECONDS).unix_seconds();
        Ok((AuthorizationCode { code, pushed: self, granted, expires_at }, back))
    }

    /// The person declined: where the browser goes.
    ///
    /// # Errors
    /// Does not happen for a request that was pushed.
    pub fn deny(self, server: &Identifier) -> Result<Url, ServerRefusal> {
        self.back(server, ("error", OAuthErrorCode::AccessDenied.as_wire()))
    }

    /// The redirect, with `state` and `iss` (RFC 9207).
    fn back(&self, server: &Identifier, (name, value): (&str, &str)) -> Result<Url, ServerRefusal> {
        let mut url = Url::parse(&self.redirect_uri).map_err(|_| ServerRefusal::computer())?;
        url.query_pairs_mut().append_pair(name, value).append_pair("iss", server.as_str());
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        Ok(url)
    }
}

/// 32 bytes as base64url without padding.
fn is_sha256(text: &str) -> bool {
    text.len() == 43 && base64url::decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// An absolute address without fragment; http on loopback only (RFC 8252 sections 7 and 8.3).
fn is_redirect_uri(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]"));
    let scheme = match url.scheme() {
        "https" => true,
        "http" => loopback,
        // a private-use scheme has a dot (RFC 8252 section 7.1), so `javascript:` and `data:` have no chance
        other => other.contains('.'),
    };
    scheme && url.fragment().is_none() && text.len() <= crate::wire::URL_MAX_BYTES
}

/// The configurations that scopes and authorization details name; unknown scopes are ignored (section 5.1.2).
fn requested(
    issuer: &IssuerMetadata,
    scope: Option<&str>,
    details: Option<&str>,
) -> Result<Vec<String>, ServerRefusal> {
    let scope_of = |id: &String| issuer.usable(id).and_then(|it| it.scope.as_deref());
    let mut ids: Vec<String> = Vec::new();
    if let Some(details) = details {
        let refused =
            || ServerRefusal::new(400, OAuthErrorCode::InvalidAuthorizationDetails, RefusalCause::Scope);
        let list = primitives::json::parse_strict(details.as_bytes(), super::inbound::FORM_MAX_BYTES);
        let list = list.map_err(|_| refused())?;
        for detail in list.as_array().ok_or_else(refused)? {
            let id = detail.get("credential_configuration_id").and_then(Value::as_str);
            let typed = detail.get("type").and_then(Value::as_str) == Some("openid_credential");
            let id = id.filter(|id| typed && issuer.usable(id).is_some()).ok_or_else(refused)?;
            if issuer.authorization_servers.is_some() {
                let locations = detail.get("locations").and_then(Value::as_array).ok_or_else(refused)?;
                if !locations.iter().any(|it| it == issuer.issuer.as_str()) {
                    return Err(refused());
                }
            }
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
    }
    // What details say of a scope's papers counts; the scope does not widen it (section 5.1.2).
    let detailed: Vec<&str> = ids.iter().filter_map(scope_of).collect();
    let scopes: Vec<&str> = scope.unwrap_or("").split(' ').filter(|it| !detailed.contains(it)).collect();
    let by_scope = |id: &&String| scope_of(id).is_some_and(|own| scopes.contains(&own));
    let by_scope: Vec<String> =
        issuer.configurations.iter().map(|(id, _)| id).filter(by_scope).cloned().collect();
    ids.extend(by_scope);
    if ids.is_empty() {
        return Err(ServerRefusal::new(400, OAuthErrorCode::InvalidScope, RefusalCause::Scope));
    }
    Ok(ids)
}

/// An authorization code. Single use: take it out of the store, then redeem it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    code: String,
    pushed: PushedRequest,
    granted: Granted,
    expires_at: i64,
}

impl std::fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizationCode").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl AuthorizationCode {
    /// The code, for the redirect and as the key in the store.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Redeems the code: by the same client, with the verifier of its challenge, the same redirect URI, and the key that it named.
    ///
    /// # Errors
    /// The refusal; the code is spent.
    pub fn redeem(
        self,
        request: &TokenRequest,
        client: Option<&VerifiedClient>,
        proof: &VerifiedProof,
        now: Instant,
    ) -> Result<Granted, ServerRefusal> {
        let TokenRequest::AuthorizationCode { code, code_verifier, redirect_uri, client_id } = request else {
            return Err(ServerRefusal::bad_request(RefusalCause::GrantType));
        };
        if now.unix_seconds() >= self.expires_at || !constant_time_eq(code.as_bytes(), self.code.as_bytes()) {
            return Err(ServerRefusal::invalid_grant(RefusalCause::UnknownOrExpired));
        }
        // an attested client is the same client, with the same key, as at the PAR endpoint
        let same_name = client_id.as_ref().is_none_or(|it| *it == self.pushed.client_id)
            && client.is_none_or(|it| it.client_id() == self.pushed.client_id)
            && (client.is_some() || client_id.is_some());
        let key = client.map(|it| base64url::encode(&it.key().thumbprint()));
        if !same_name || key != self.pushed.client_key {
            return Err(ServerRefusal::invalid_grant(RefusalCause::Client(None)));
        }
        if *redirect_uri != self.pushed.redirect_uri {
            return Err(ServerRefusal::invalid_grant(RefusalCause::RedirectUri));
        }
        let challenge = base64url::encode(&sha256(code_verifier.as_bytes()));
        let verifier_fits = (43..=128).contains(&code_verifier.len());
        if !verifier_fits || !constant_time_eq(challenge.as_bytes(), self.pushed.code_challenge.as_bytes()) {
            return Err(ServerRefusal::invalid_grant(RefusalCause::CodeVerifier));
        }
        if self.pushed.dpop_jkt.is_some_and(|bound| bound != proof.thumbprint()) {
            return Err(ServerRefusal::invalid_grant(RefusalCause::CodeKey));
        }
        Ok(self.granted)
    }
}

#[cfg(test)]
mod tests;
