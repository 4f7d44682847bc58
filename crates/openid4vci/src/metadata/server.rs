//! The authorization server's metadata.
//!
//! Clauses: RFC 8414 sections 2 and 3, RFC 9126 section 5, RFC 9207 section 3, RFC 9449 section 5.1, OpenID4VCI 1.0 section 12.3; CI-5, CI-8.

use primitives::http::Request;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::http;
use crate::offer::{AUTHORIZATION_CODE_GRANT, PRE_AUTHORIZED_CODE_GRANT};
use crate::wire::{self, Endpoint, Identifier, SERVER_METADATA_MAX_BYTES, WireError};

/// An authorization server's metadata, checked against the identifier they were fetched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerMetadata {
    /// The server's identifier.
    pub issuer: Identifier,
    /// Where the citizen's browser goes. https, or http on loopback: whether that is opened is the profile's decision.
    pub authorization_endpoint: Option<Url>,
    /// The token endpoint.
    pub token_endpoint: Endpoint,
    /// The pushed authorization request endpoint: without it there is no authorization code flow (CI-8).
    pub pushed_authorization_request_endpoint: Option<Endpoint>,
    /// Where challenges for the wallet attestation's proof come from (CI-12).
    pub challenge_endpoint: Option<Endpoint>,
    /// The grant types, or RFC 8414's default.
    pub grant_types: Vec<String>,
    /// S256 is among the code challenge methods, or none are listed.
    pub pkce_s256: bool,
    /// DPoP is spoken, with ES256.
    pub dpop: bool,
    /// Answers of the authorization endpoint carry `iss` (RFC 9207). The wallet demands it in any case.
    pub response_iss: bool,
    /// Pre-authorized codes are redeemed without a `client_id`.
    pub anonymous_pre_authorized: bool,
    /// `attest_jwt_client_auth` is among the client authentication methods, with ES256.
    pub client_attestation: bool,
    /// `private_key_jwt` is among the client authentication methods, with ES256.
    pub private_key_jwt: bool,
    /// `none` is among the client authentication methods, or none are listed.
    pub public_clients: bool,
    /// `openid_credential` is among the authorization details types.
    pub authorization_details: bool,
}

#[derive(Deserialize)]
struct ServerMetadataWire {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    challenge_endpoint: Option<String>,
    grant_types_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    dpop_signing_alg_values_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
    #[serde(rename = "pre-authorized_grant_anonymous_access_supported")]
    anonymous_pre_authorized: Option<bool>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    client_attestation_signing_alg_values_supported: Option<Vec<String>>,
    client_attestation_pop_signing_alg_values_supported: Option<Vec<String>>,
    authorization_details_types_supported: Option<Vec<String>>,
}

impl ServerMetadata {
    /// The request for a server's metadata: RFC 8414's address alone.
    ///
    /// # Errors
    /// The identifier makes no address.
    pub fn request(server: &Identifier) -> Result<Request, WireError> {
        Ok(http::get(&server.server_metadata_url()?, "application/json", SERVER_METADATA_MAX_BYTES))
    }

    /// Parses metadata that were fetched for `expected`.
    ///
    /// # Errors
    /// A malformed document, or one whose `issuer` is not exactly `expected` (CI-5).
    pub fn from_json(bytes: &[u8], expected: &Identifier) -> Result<Self, WireError> {
        let wire = wire::json::<ServerMetadataWire>(bytes, SERVER_METADATA_MAX_BYTES)?;
        if wire.issuer != expected.as_str() {
            return Err(WireError::Member("issuer"));
        }
        let endpoint = |text: Option<String>, member| text.map(|it| Endpoint::parse(&it, member)).transpose();
        let token = wire.token_endpoint.ok_or(WireError::Member("token_endpoint"))?;
        let lists = |list: &Option<Vec<String>>, value: &str| list.iter().flatten().any(|it| it == value);
        // a server that does not say which algorithms it takes is believed to take this one
        let es256 = |list: &Option<Vec<String>>| list.is_none() || lists(list, "ES256");
        let methods = &wire.token_endpoint_auth_methods_supported;
        let default_grants = || vec![AUTHORIZATION_CODE_GRANT.to_owned(), "implicit".to_owned()];
        Ok(Self {
            issuer: expected.clone(),
            authorization_endpoint: wire.authorization_endpoint.map(|it| browser_page(&it)).transpose()?,
            token_endpoint: Endpoint::parse(&token, "token_endpoint")?,
            pushed_authorization_request_endpoint: endpoint(
                wire.pushed_authorization_request_endpoint,
                "pushed_authorization_request_endpoint",
            )?,
            challenge_endpoint: endpoint(wire.challenge_endpoint, "challenge_endpoint")?,
            pkce_s256: wire.code_challenge_methods_supported.is_none()
                || lists(&wire.code_challenge_methods_supported, "S256"),
            dpop: lists(&wire.dpop_signing_alg_values_supported, "ES256"),
            response_iss: wire.authorization_response_iss_parameter_supported.unwrap_or(false),
            anonymous_pre_authorized: wire.anonymous_pre_authorized.unwrap_or(false),
            client_attestation: lists(methods, "attest_jwt_client_auth")
                && es256(&wire.client_attestation_signing_alg_values_supported)
                && es256(&wire.client_attestation_pop_signing_alg_values_supported),
            private_key_jwt: lists(methods, "private_key_jwt")
                && es256(&wire.token_endpoint_auth_signing_alg_values_supported),
            public_clients: methods.is_none() || lists(methods, "none"),
            authorization_details: lists(&wire.authorization_details_types_supported, "openid_credential"),
            grant_types: wire.grant_types_supported.unwrap_or_else(default_grants),
        })
    }

    /// Whether the server says that it takes this grant.
    #[must_use]
    pub fn takes(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|it| it == grant_type)
    }

    /// Whether an authorization can be asked for here as this wallet does it: pushed (HA-2), and with PKCE S256 (CI-8).
    #[must_use]
    pub fn protects_authorization(&self) -> bool {
        self.pushed_authorization_request_endpoint.is_some() && self.pkce_s256
    }

    /// The document as a server publishes it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("issuer", json!(self.issuer.as_str()));
        put("token_endpoint", json!(self.token_endpoint.url()));
        put("response_types_supported", json!(["code"]));
        put("grant_types_supported", json!(self.grant_types));
        if let Some(url) = &self.authorization_endpoint {
            put("authorization_endpoint", json!(url));
        }
        if let Some(endpoint) = &self.pushed_authorization_request_endpoint {
            put("pushed_authorization_request_endpoint", json!(endpoint.url()));
            put("require_pushed_authorization_requests", json!(true));
        }
        if let Some(endpoint) = &self.challenge_endpoint {
            put("challenge_endpoint", json!(endpoint.url()));
        }
        // said in either case: who says nothing is believed to take it
        let challenge_methods: &[&str] = if self.pkce_s256 { &["S256"] } else { &[] };
        put("code_challenge_methods_supported", json!(challenge_methods));
        if self.dpop {
            put("dpop_signing_alg_values_supported", json!(["ES256"]));
        }
        put("authorization_response_iss_parameter_supported", json!(self.response_iss));
        if self.takes(PRE_AUTHORIZED_CODE_GRANT) {
            put("pre-authorized_grant_anonymous_access_supported", json!(self.anonymous_pre_authorized));
        }
        let methods = [
            (self.client_attestation, "attest_jwt_client_auth"),
            (self.private_key_jwt, "private_key_jwt"),
            (self.public_clients, "none"),
        ];
        let methods: Vec<&str> = methods.iter().filter(|(taken, _)| *taken).map(|(_, name)| *name).collect();
        put("token_endpoint_auth_methods_supported", json!(methods));
        if self.private_key_jwt {
            put("token_endpoint_auth_signing_alg_values_supported", json!(["ES256"]));
        }
        if self.client_attestation {
            put("client_attestation_signing_alg_values_supported", json!(["ES256"]));
            put("client_attestation_pop_signing_alg_values_supported", json!(["ES256"]));
        }
        if self.authorization_details {
            put("authorization_details_types_supported", json!(["openid_credential"]));
        }
        Value::Object(object)
    }
}

/// A page that the browser opens: https anywhere, http on the loopback addresses only.
fn browser_page(text: &str) -> Result<Url, WireError> {
    const MEMBER: &str = "authorization_endpoint";
    let url = wire::bare_url(text, MEMBER)?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(WireError::Member(MEMBER)),
    }
}
