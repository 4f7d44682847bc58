//! The token request, for both grants.
//!
//! Clauses: OpenID4VCI 1.0 section 6, RFC 6749 sections 4.1.3 and 5, RFC 9449 sections 5 and 8; CI-9, CI-10, CI-11, DP-17 to DP-20.

use primitives::http::{Request, Response};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::access::{Access, Authorized, Scheme};
use super::{Client, Context, Exchange, ResolvedOffer, Step, StoredAccess, TokenError};
use crate::challenge::Challenge;
use crate::dpop::{self, Target};
use crate::http::{self, AnswerError};
use crate::metadata::IssuerMetadata;
use crate::oauth::{self, OAuthErrorCode};
use crate::offer::{PRE_AUTHORIZED_CODE_GRANT, REFRESH_TOKEN_GRANT};
use crate::wire::{self, SMALL_ANSWER_MAX_BYTES, WireError};

/// Most credential identifiers of one configuration.
const CREDENTIAL_IDENTIFIERS_MAX: usize = 64;
/// Most authorization details in a token response.
const AUTHORIZATION_DETAILS_MAX: usize = 64;

/// Waits for the answer of the token endpoint.
#[derive(Debug, Clone)]
pub struct TokenExchange {
    resolved: Box<ResolvedOffer>,
    client: Client,
    configuration_ids: Vec<String>,
    redemption: Redemption,
    challenge: Challenge,
    nonce: Option<String>,
    nonce_demanded: bool,
}

/// What is redeemed.
#[derive(Clone)]
pub(super) enum Redemption {
    PreAuthorized { code: String, transaction_code: Option<String> },
    AuthorizationCode { code: String, code_verifier: String, redirect_uri: Url, client_id: String },
    Refresh { refresh_token: String },
}

impl std::fmt::Debug for Redemption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PreAuthorized { .. } => "PreAuthorized(..)",
            Self::AuthorizationCode { .. } => "AuthorizationCode(..)",
            Self::Refresh { .. } => "Refresh(..)",
        })
    }
}

#[derive(Deserialize)]
struct TokenWire {
    access_token: String,
    token_type: String,
    expires_in: Option<f64>,
    refresh_token: Option<String>,
    authorization_details: Option<Vec<DetailWire>>,
    /// Some servers write it in shapes of their own; only a text says anything.
    scope: Option<Value>,
}

#[derive(Deserialize)]
struct DetailWire {
    #[serde(rename = "type")]
    kind: String,
    credential_configuration_id: Option<String>,
    credential_identifiers: Option<Vec<String>>,
}

impl ResolvedOffer {
    /// Redeems the pre-authorized code for these configurations (all usable ones if `configuration_ids` is empty).
    ///
    /// # Errors
    /// [`TokenError`], where nothing has been sent: there is no such code for this server, or the transaction code is missing, superfluous or
    /// cannot fit.
    pub fn pre_authorized(
        self,
        client: Client,
        configuration_ids: &[String],
        transaction_code: Option<&str>,
    ) -> Result<TokenExchange, TokenError> {
        let grant = self.pre_authorized_grant().ok_or(TokenError::GrantNotOffered)?;
        match (&grant.tx_code, transaction_code) {
            (Some(asked), Some(typed)) if !asked.fits(typed) => {
                return Err(TokenError::TransactionCodeMisfit);
            }
            (Some(_), None) => return Err(TokenError::TransactionCodeMissing),
            (None, Some(_)) => return Err(TokenError::TransactionCodeNotAsked),
            _ => {}
        }
        let redemption = Redemption::PreAuthorized {
            code: grant.code.clone(),
            transaction_code: transaction_code.map(str::to_owned),
        };
        let configuration_ids = self.chosen(configuration_ids).ok_or(TokenError::GrantNotOffered)?;
        let challenge = Challenge::needed(&client, &self.server);
        Ok(TokenExchange::new(self, client, configuration_ids, redemption, challenge))
    }
}

impl ResolvedOffer {
    /// Fetches copies anew with the refresh token of an earlier issuance (CI-13): `self` comes from [`CredentialOffer::renewal`], and the client
    /// has the DPoP key and the name of that time.
    ///
    /// # Errors
    /// [`TokenError::GrantNotOffered`] if there is no refresh token, it belongs to another DPoP key or another server, or a configuration is no
    /// longer usable.
    pub fn refresh(self, client: Client, stored: StoredAccess) -> Result<TokenExchange, TokenError> {
        // a refresh token goes to the server that issued it, and to no other (RFC 6749 section 10.4)
        if stored.server().is_some_and(|server| server != self.server.issuer.as_str()) {
            return Err(TokenError::GrantNotOffered);
        }
        let access = Access::from_stored(stored, client.dpop.clone()).ok_or(TokenError::GrantNotOffered)?;
        let refresh_token = access.refresh_token.ok_or(TokenError::GrantNotOffered)?;
        let configuration_ids =
            self.chosen(self.offer.configuration_ids()).ok_or(TokenError::GrantNotOffered)?;
        let challenge = Challenge::needed(&client, &self.server);
        Ok(TokenExchange::new(
            self,
            client,
            configuration_ids,
            Redemption::Refresh { refresh_token },
            challenge,
        ))
    }
}

impl TokenExchange {
    pub(super) fn new(
        resolved: ResolvedOffer,
        client: Client,
        configuration_ids: Vec<String>,
        redemption: Redemption,
        challenge: Challenge,
    ) -> Self {
        let resolved = Box::new(resolved);
        Self {
            resolved,
            client,
            configuration_ids,
            redemption,
            challenge,
            nonce: None,
            nonce_demanded: false,
        }
    }

    fn fields(&self) -> Vec<(&'static str, &str)> {
        match &self.redemption {
            Redemption::PreAuthorized { code, transaction_code } => {
                let mut fields =
                    vec![("grant_type", PRE_AUTHORIZED_CODE_GRANT), ("pre-authorized_code", code.as_str())];
                fields.extend(transaction_code.as_deref().map(|it| ("tx_code", it)));
                // only a client that has a name gives one
                fields.extend(self.client.client_id.as_deref().map(|it| ("client_id", it)));
                fields
            }
            Redemption::AuthorizationCode { code, code_verifier, redirect_uri, client_id } => vec![
                ("grant_type", "authorization_code"),
                ("code", code),
                ("code_verifier", code_verifier),
                ("redirect_uri", redirect_uri.as_str()),
                ("client_id", client_id),
            ],
            Redemption::Refresh { refresh_token } => {
                let mut fields =
                    vec![("grant_type", REFRESH_TOKEN_GRANT), ("refresh_token", refresh_token.as_str())];
                fields.extend(self.client.client_id.as_deref().map(|it| ("client_id", it)));
                fields
            }
        }
    }

    fn refused(self, refused: oauth::OAuthError, response: &Response) -> Result<Self, TokenError> {
        let nonce = dpop::nonce_of(response);
        // 400 at an authorization server (DP-17); one retry
        if refused.code == OAuthErrorCode::UseDpopNonce && nonce.is_some() && !self.nonce_demanded {
            let challenge = self.challenge.clone().learn(response).again(&self.client, &self.resolved.server);
            return Ok(Self { nonce, nonce_demanded: true, challenge, ..self });
        }
        let server = &self.resolved.server;
        if let Some(challenge) = self.challenge.demanded(refused, response, &self.client, server) {
            return Ok(Self { challenge, nonce: nonce.or(self.nonce), ..self });
        }
        let typed = matches!(&self.redemption, Redemption::PreAuthorized { transaction_code: Some(_), .. });
        if typed && refused.code == OAuthErrorCode::InvalidGrant {
            return Err(TokenError::TransactionCodeWrong);
        }
        Err(AnswerError::Refused(refused).into())
    }
}

impl Exchange for TokenExchange {
    type Next = Authorized;
    type Error = TokenError;

    fn request(&self, context: &Context<'_>) -> Result<Request, TokenError> {
        let server = &self.resolved.server;
        if let Some(request) = self.challenge.request(server) {
            return Ok(request);
        }
        let request = http::post_form(server.token_endpoint.url(), &self.fields());
        let request = self.client.authenticate(request, &server.issuer, self.challenge.value(), context)?;
        let target = Target { method: request.method, url: &request.url };
        let signer = self.client.dpop.signer.as_ref();
        let proof = dpop::proof(signer, &target, self.nonce.as_deref(), None, context.now, context.entropy)?;
        Ok(request.with_header(dpop::HEADER, proof))
    }

    fn receive(
        mut self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, Authorized>, TokenError> {
        self.challenge = match self.challenge.receive(response)? {
            Ok(challenge) => return Ok(Step::Again(Self { challenge, ..self })),
            Err(challenge) => challenge,
        };
        if let Some(refused) = oauth::refusal(response) {
            return self.refused(refused, response).map(Step::Again);
        }
        http::expect_status(response, 200)?;
        http::expect_media_type(response, "application/json")?;
        let wire =
            wire::json::<TokenWire>(&response.body, SMALL_ANSWER_MAX_BYTES).map_err(AnswerError::from)?;
        let scheme = match wire.token_type.to_ascii_lowercase().as_str() {
            "dpop" => Scheme::Dpop,
            // a server that does not speak DPoP ignores the proof (DP-19)
            "bearer" if !self.resolved.server.dpop => Scheme::Bearer,
            _ => return Err(TokenError::TokenType),
        };
        let identifiers =
            identifiers(wire.authorization_details.unwrap_or_default(), &self.configuration_ids)
                .map_err(AnswerError::from)?;
        let opaque = |text, member| wire::opaque(text, member).map_err(AnswerError::from);
        let expires_at = wire.expires_in.filter(|it| *it > 0.0 && *it < 1e9).map(|seconds| {
            // bounded just above, fractions cut
            #[allow(clippy::cast_possible_truncation)]
            let seconds = seconds as i64;
            context.now + seconds
        });
        // one server for both: its nonce serves at once; else the issuer gives its own (DP-18)
        let same = self.resolved.server.issuer == self.resolved.issuer.issuer;
        let access = Access {
            server: Some(self.resolved.server.issuer.as_str().to_owned()),
            token: opaque(wire.access_token, "access_token")?,
            scheme,
            dpop: self.client.dpop.clone(),
            nonce: dpop::nonce_of(response).filter(|_| same),
            expires_at,
            refresh_token: match (wire.refresh_token, self.redemption) {
                (Some(it), _) => Some(opaque(it, "refresh_token")?),
                // without a new one the old one stays (RFC 6749 section 6)
                (None, Redemption::Refresh { refresh_token }) => Some(refresh_token),
                (None, _) => None,
            },
        };
        let scope = wire.scope.as_ref().and_then(Value::as_str);
        let configuration_ids = within_scope(scope, &self.resolved.issuer, self.configuration_ids);
        let client_id = self.client.client_id;
        Ok(Step::Done(Authorized::new(*self.resolved, access, client_id, configuration_ids, identifiers)))
    }
}

/// What a token reaches whose scope is narrower than what was asked for (RFC 6749 sections 3.3 and 5.1): the configurations whose scope is named,
/// and those that have none. A scope that names none of them speaks of something else, and the issuer is to judge.
fn within_scope(scope: Option<&str>, issuer: &IssuerMetadata, mut asked: Vec<String>) -> Vec<String> {
    let granted: Vec<&str> = scope.unwrap_or_default().split(' ').collect();
    let named = |id: &String| {
        let scope = issuer.usable(id)?.scope.as_deref()?;
        Some(granted.contains(&scope))
    };
    if asked.iter().any(|id| named(id) == Some(true)) {
        asked.retain(|id| named(id) != Some(false));
    }
    asked
}

/// The credential identifiers of each configuration that was asked for (CI-10).
fn identifiers(details: Vec<DetailWire>, asked: &[String]) -> Result<Vec<(String, String)>, WireError> {
    const MEMBER: &str = "authorization_details";
    if details.len() > AUTHORIZATION_DETAILS_MAX {
        return Err(WireError::Member(MEMBER));
    }
    let mut pairs = Vec::new();
    for detail in details.into_iter().filter(|it| it.kind == "openid_credential") {
        let configuration = detail.credential_configuration_id.ok_or(WireError::Member(MEMBER))?;
        let identifiers = detail.credential_identifiers.ok_or(WireError::Member(MEMBER))?;
        if identifiers.is_empty() || identifiers.len() > CREDENTIAL_IDENTIFIERS_MAX {
            return Err(WireError::Member("credential_identifiers"));
        }
        if !asked.contains(&configuration) {
            continue;
        }
        for identifier in identifiers {
            let pair = (configuration.clone(), wire::identifying(identifier, "credential_identifiers")?);
            if pairs.contains(&pair) {
                return Err(WireError::Member("credential_identifiers"));
            }
            pairs.push(pair);
        }
    }
    Ok(pairs)
}
