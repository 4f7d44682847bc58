//! The pushed authorization request, and the page that the browser opens.
//!
//! Clauses: OpenID4VCI 1.0 section 5, RFC 9126, RFC 7636, RFC 9449 section 10; CI-7, CI-8, DP-21; "How a wallet must behave", 7.

use crypto::sha256;
use primitives::base64url;
use primitives::http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::token::{Redemption, TokenExchange};
use super::{AuthorizationError, AwaitingCallback, Client, Context, Exchange, ResolvedOffer, Step};
use crate::challenge::Challenge;
use crate::http;
use crate::metadata::Configuration;
use crate::oauth;
use crate::wire::{self, SMALL_ANSWER_MAX_BYTES};

/// Waits for the answer to the pushed authorization request.
#[derive(Debug, Clone)]
pub struct PushedAuthorization {
    pub(super) session: Box<Session>,
    challenge: Challenge,
}

/// What an authorization session keeps until the code is redeemed.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) resolved: ResolvedOffer,
    pub(super) client: Client,
    pub(super) client_id: String,
    pub(super) redirect_uri: Url,
    pub(super) configuration_ids: Vec<String>,
    pub(super) state: String,
    pub(super) code_verifier: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct PushedWire {
    request_uri: String,
    expires_in: Option<i64>,
}

impl ResolvedOffer {
    /// Begins the authorization code flow for these configurations (all usable ones if `configuration_ids` is empty).
    ///
    /// # Errors
    /// [`AuthorizationError`], where nothing has been sent: the server lacks PAR or PKCE, or the client has no name.
    pub fn authorization_code(
        self,
        client: Client,
        configuration_ids: &[String],
        redirect_uri: Url,
        context: &Context<'_>,
    ) -> Result<PushedAuthorization, AuthorizationError> {
        if !self.has_authorization_code() || self.server.authorization_endpoint.is_none() {
            return Err(AuthorizationError::GrantNotOffered);
        }
        if !self.server.protects_authorization() {
            return Err(AuthorizationError::ServerTooWeak);
        }
        let client_id = client.client_id.clone().ok_or(AuthorizationError::NoClientId)?;
        let configuration_ids = self.chosen(configuration_ids).ok_or(AuthorizationError::GrantNotOffered)?;
        let entropy = context.entropy;
        let state = crypto::random::token(entropy).map_err(super::SigningFailed::from)?;
        // 256 random bits as base64url are a code verifier of 43 characters (RFC 7636 section 4.1)
        let code_verifier = crypto::random::token(entropy).map_err(super::SigningFailed::from)?;
        let challenge = Challenge::needed(&client, &self.server);
        let session = Box::new(Session {
            resolved: self,
            client,
            client_id,
            redirect_uri,
            configuration_ids,
            state,
            code_verifier,
        });
        Ok(PushedAuthorization { session, challenge })
    }

    /// The chosen configurations, or all usable ones; `None` if one is not offered or not usable.
    pub(super) fn chosen(&self, ids: &[String]) -> Option<Vec<String>> {
        let usable: Vec<String> = self.configurations().map(|it| it.id.clone()).collect();
        if ids.is_empty() {
            return (!usable.is_empty()).then_some(usable);
        }
        ids.iter().all(|id| usable.contains(id)).then(|| ids.to_vec())
    }
}

impl Session {
    fn configurations(&self) -> Vec<&Configuration> {
        self.configuration_ids.iter().filter_map(|id| self.resolved.issuer.usable(id)).collect()
    }

    /// The parameters of the request (section 5.1): scopes if every configuration has one (HA-2), and authorization details where there is one without, or
    /// where the server says that it takes them: several configurations may share a scope, and where both stand the details count (section 5.1.2).
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let code_challenge = base64url::encode(&sha256(self.code_verifier.as_bytes()));
        let mut parameters = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.client_id.clone()),
            ("redirect_uri", self.redirect_uri.to_string()),
            ("state", self.state.clone()),
            ("code_challenge", code_challenge),
            ("code_challenge_method", "S256".to_owned()),
            ("dpop_jkt", base64url::encode(&self.client.dpop.signer.public_key().thumbprint())),
        ];
        let issuer = &self.resolved.issuer;
        let configurations = self.configurations();
        let scopes: Option<Vec<&str>> = configurations.iter().map(|it| it.scope.as_deref()).collect();
        if scopes.is_none() || self.resolved.server.authorization_details {
            parameters.push(("authorization_details", self.authorization_details().to_string()));
        }
        if let Some(mut scopes) = scopes {
            scopes.sort_unstable();
            scopes.dedup();
            parameters.push(("scope", scopes.join(" ")));
            if issuer.authorization_servers.is_some() {
                parameters.push(("resource", issuer.issuer.as_str().to_owned()));
            }
        }
        let grant = self.resolved.offer.grants().authorization_code.as_ref();
        if let Some(state) = grant.and_then(|it| it.issuer_state.clone()) {
            parameters.push(("issuer_state", state));
        }
        parameters
    }

    /// CI-7: `locations` names the issuer where the server may serve several.
    fn authorization_details(&self) -> Value {
        let issuer = &self.resolved.issuer;
        let detail = |id: &String| {
            let mut detail = json!({ "type": "openid_credential", "credential_configuration_id": id });
            if let (Some(_), Some(object)) = (&issuer.authorization_servers, detail.as_object_mut()) {
                object.insert("locations".to_owned(), json!([issuer.issuer.as_str()]));
            }
            detail
        };
        self.configuration_ids.iter().map(detail).collect()
    }
}

impl Exchange for PushedAuthorization {
    type Next = AwaitingCallback;
    type Error = AuthorizationError;

    fn request(&self, context: &Context<'_>) -> Result<Request, AuthorizationError> {
        let server = &self.session.resolved.server;
        if let Some(request) = self.challenge.request(server) {
            return Ok(request);
        }
        let endpoint =
            server.pushed_authorization_request_endpoint.as_ref().ok_or(AuthorizationError::ServerTooWeak)?;
        let parameters = self.session.parameters();
        let fields: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = http::post_form(endpoint.url(), &fields);
        let client = &self.session.client;
        Ok(client.authenticate(request, &server.issuer, self.challenge.value(), context)?)
    }

    fn receive(
        self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, AwaitingCallback>, AuthorizationError> {
        let Self { session, challenge } = self;
        let challenge = match challenge.receive(response)? {
            Ok(challenge) => return Ok(Step::Again(Self { session, challenge })),
            Err(challenge) => challenge,
        };
        if let Some(refused) = oauth::refusal(response) {
            let server = &session.resolved.server;
            if let Some(challenge) = challenge.demanded(refused, response, &session.client, server) {
                return Ok(Step::Again(Self { session, challenge }));
            }
            return Err(http::AnswerError::Refused(refused).into());
        }
        // RFC 9126 section 2.2 says 201; some servers answer 200
        if response.status != 200 {
            http::expect_status(response, 201)?;
        }
        http::expect_media_type(response, "application/json")?;
        let wire = wire::json::<PushedWire>(&response.body, SMALL_ANSWER_MAX_BYTES)
            .map_err(http::AnswerError::from)?;
        let request_uri = wire::opaque(wire.request_uri, "request_uri").map_err(http::AnswerError::from)?;
        let expires_at = context.now + wire.expires_in.unwrap_or(600).clamp(1, 24 * 3600);
        let mut page = session
            .resolved
            .server
            .authorization_endpoint
            .clone()
            .ok_or(AuthorizationError::GrantNotOffered)?;
        // nothing but these two travels through the browser
        page.query_pairs_mut()
            .append_pair("client_id", &session.client_id)
            .append_pair("request_uri", &request_uri);
        let challenge = challenge.learn(response);
        Ok(Step::Done(AwaitingCallback { session, page, expires_at, challenge }))
    }
}

impl AwaitingCallback {
    pub(super) fn redeem(self, code: String) -> TokenExchange {
        let Self { session, challenge, .. } = self;
        let Session { resolved, client, redirect_uri, configuration_ids, code_verifier, client_id, .. } =
            *session;
        let redemption = Redemption::AuthorizationCode { code, code_verifier, redirect_uri, client_id };
        let challenge = challenge.fresh(&client, &resolved.server);
        TokenExchange::new(resolved, client, configuration_ids, redemption, challenge)
    }
}
