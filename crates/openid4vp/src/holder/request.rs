//! A request that is authentic and well-formed, and what can be done with it: shown, answered, declined.

use dcql::{Query, Solution};
use primitives::Instant;
use trust::VerifiedChain;
use trust::registration::VerifiedRegistration;
use url::Url;

use super::error::RequestError;
use super::over_asking::OverAsked;
use crate::client::{ClientId, ClientIdPrefix};
use crate::metadata::ResponseEncryption;

/// Who asks, as far as anybody vouches for it.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) id: ClientId,
    pub(crate) chain: Option<VerifiedChain<trust::Verifier>>,
}

impl Client {
    /// The whole client identifier, prefix included (VP-C9).
    pub fn id(&self) -> &ClientId {
        &self.id
    }

    /// How it is to be understood.
    pub fn prefix(&self) -> ClientIdPrefix {
        self.id.prefix()
    }

    /// The certificates that vouch for the client, up to an anchor of the profile; `None`: nobody does (`redirect_uri:`).
    pub fn chain(&self) -> Option<&VerifiedChain<trust::Verifier>> {
        self.chain.as_ref()
    }

    /// Whether the request is signed by a client that an anchor of the profile vouches for.
    pub fn is_authenticated(&self) -> bool {
        self.chain.is_some()
    }

    /// The name in the certificate; never one from `client_metadata`.
    pub fn certified_name(&self) -> Option<&str> {
        self.chain.as_ref().and_then(|chain| chain.leaf().display_name())
    }
}

/// A request that passed every check. It is made in one place, [`UnauthenticatedRequest::authenticate`](super::UnauthenticatedRequest::authenticate),
/// and only it can be answered or declined.
#[derive(Debug, Clone)]
pub struct AuthenticatedRequest {
    pub(crate) client: Client,
    pub(crate) nonce: String,
    pub(crate) state: Option<String>,
    /// As in the request: the handover is made of it (VP-H3).
    pub(crate) response_uri_text: String,
    pub(crate) response_uri: Url,
    pub(crate) encryption: Option<ResponseEncryption>,
    pub(crate) query: Query,
    pub(crate) registration: Option<VerifiedRegistration>,
    pub(crate) authenticated_at: Instant,
}

impl AuthenticatedRequest {
    /// Who asks.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What is asked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// What could answer it, among `holdings`.
    pub fn solve(&self, holdings: &[dcql::Holding<'_>]) -> Solution {
        dcql::solve(&self.query, holdings)
    }

    /// The verified registration of this client, if it sent one (VP-R13).
    pub fn registration(&self) -> Option<&VerifiedRegistration> {
        self.registration.as_ref()
    }

    /// The claims asked for that the registration does not name; `None` without a registration.
    pub fn over_asked(&self) -> Option<Vec<OverAsked>> {
        let registration = self.registration.as_ref()?.registration();
        Some(super::over_asking::over_asked(&self.query, registration))
    }

    /// The address that the answer goes to.
    pub fn response_uri(&self) -> &Url {
        &self.response_uri
    }

    /// How the answer is encrypted; `None`: it is not (`direct_post`).
    pub fn encryption(&self) -> Option<&ResponseEncryption> {
        self.encryption.as_ref()
    }

    /// When the request was authenticated.
    pub fn authenticated_at(&self) -> Instant {
        self.authenticated_at
    }

    /// What the wallet remembers so that a request that was answered is not answered again ("How a wallet must behave", 11): the same for
    /// every copy of one request, whatever `wallet_nonce` it was fetched with.
    pub fn replay_key(&self) -> [u8; 32] {
        let mut bytes = b"citizen-wallet/v1/request".to_vec();
        let state = self.state.as_deref().unwrap_or_default();
        for part in [self.client.id.as_str(), &self.nonce, state, &self.response_uri_text] {
            // Lengths first, so that no two lists of parts give the same bytes.
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        crypto::sha256(&bytes)
    }
}

/// Gives the error for a client that asks in a way its prefix does not allow, or that this wallet does not support.
pub(crate) fn refused_prefix(prefix: &ClientIdPrefix) -> Option<RequestError> {
    use super::error::UnsupportedPrefix;
    match prefix {
        ClientIdPrefix::X509SanDns(_) | ClientIdPrefix::X509Hash(_) | ClientIdPrefix::RedirectUri(_) => None,
        ClientIdPrefix::DecentralizedIdentifier => {
            Some(RequestError::PrefixUnsupported(UnsupportedPrefix::DecentralizedIdentifier))
        }
        ClientIdPrefix::VerifierAttestation => {
            Some(RequestError::PrefixUnsupported(UnsupportedPrefix::VerifierAttestation))
        }
        ClientIdPrefix::OpenIdFederation => {
            Some(RequestError::PrefixUnsupported(UnsupportedPrefix::OpenIdFederation))
        }
        ClientIdPrefix::Origin => Some(RequestError::PrefixOrigin),
        ClientIdPrefix::PreRegistered | ClientIdPrefix::Unknown => Some(RequestError::PrefixUnknown),
    }
}
