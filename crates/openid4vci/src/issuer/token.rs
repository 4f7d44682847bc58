//! The token request, and what it is granted.
//!
//! Clauses: RFC 6749 sections 4.1.3 and 5.2, OpenID4VCI 1.0 section 6; CI-9.

use serde::{Deserialize, Serialize};

use super::inbound::{Inbound, RefusalCause, ServerRefusal};
use crate::oauth::OAuthErrorCode;
use crate::offer::{AUTHORIZATION_CODE_GRANT, PRE_AUTHORIZED_CODE_GRANT, REFRESH_TOKEN_GRANT};

/// A token request, parsed and not yet granted. It holds codes: no `Debug` of them.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenRequest {
    /// With a pre-authorized code.
    PreAuthorized {
        /// The code: the key of the stored [`super::PreAuthorizedGrant`].
        code: String,
        /// What the citizen typed.
        transaction_code: Option<String>,
        /// The client's name, if it gave one.
        client_id: Option<String>,
    },
    /// With an authorization code.
    AuthorizationCode {
        /// The code: the key of the stored [`super::AuthorizationCode`].
        code: String,
        /// The PKCE verifier.
        code_verifier: String,
        /// The redirect URI of the authorization request.
        redirect_uri: String,
        /// The client's name, if it gave one.
        client_id: Option<String>,
    },
    /// With a refresh token.
    Refresh {
        /// The token: its hash is the key of the stored [`super::RefreshToken`].
        refresh_token: String,
        /// The client's name, if it gave one.
        client_id: Option<String>,
    },
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PreAuthorized { .. } => "PreAuthorized(..)",
            Self::AuthorizationCode { .. } => "AuthorizationCode(..)",
            Self::Refresh { .. } => "Refresh(..)",
        })
    }
}

impl TokenRequest {
    /// Parses a token request.
    ///
    /// # Errors
    /// A malformed form, a missing parameter, or another grant type.
    pub fn parse(inbound: &Inbound<'_>) -> Result<Self, ServerRefusal> {
        let mut form = inbound.form()?;
        let grant_type = form.remove("grant_type");
        let mut required =
            |name: &str| form.remove(name).ok_or(ServerRefusal::bad_request(RefusalCause::Malformed));
        match grant_type.as_deref() {
            Some(PRE_AUTHORIZED_CODE_GRANT) => Ok(Self::PreAuthorized {
                code: required("pre-authorized_code")?,
                transaction_code: form.remove("tx_code"),
                client_id: form.remove("client_id"),
            }),
            Some(AUTHORIZATION_CODE_GRANT) => Ok(Self::AuthorizationCode {
                code: required("code")?,
                code_verifier: required("code_verifier")?,
                redirect_uri: required("redirect_uri")?,
                client_id: form.remove("client_id"),
            }),
            Some(REFRESH_TOKEN_GRANT) => Ok(Self::Refresh {
                refresh_token: required("refresh_token")?,
                client_id: form.remove("client_id"),
            }),
            Some(_) => {
                Err(ServerRefusal::new(400, OAuthErrorCode::UnsupportedGrantType, RefusalCause::GrantType))
            }
            None => Err(ServerRefusal::bad_request(RefusalCause::Malformed)),
        }
    }

    /// The code or the token. Codes are the key of the stored grant; a refresh token's key is [`super::RefreshToken::key_of`].
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::PreAuthorized { code, .. } | Self::AuthorizationCode { code, .. } => code,
            Self::Refresh { refresh_token, .. } => refresh_token,
        }
    }
}

/// What a redeemed code grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Whose papers, in the issuer's own words.
    pub subject: String,
    /// Which configurations.
    pub configuration_ids: Vec<String>,
    /// Configurations and identifiers of datasets, where the issuer names them (CI-10).
    pub credential_identifiers: Vec<(String, String)>,
    /// The client; `None` for an anonymous one.
    pub client_id: Option<String>,
}
