//! From an offer to what its issuer and authorization server say about themselves.
//!
//! Clauses: OpenID4VCI 1.0 sections 4.1.1, 12.2 and 12.3; CI-2 to CI-6. One well-known address each, nothing speculative.

use primitives::http::{Request, Response};

use super::{Context, DiscoveryError, Exchange, Step};
use crate::http;
use crate::metadata::{Configuration, IssuerMetadata, ServerMetadata, verify_signed_metadata};
use crate::offer::{AUTHORIZATION_CODE_GRANT, CredentialOffer, PRE_AUTHORIZED_CODE_GRANT, TransactionCode};
use crate::wire::Identifier;

/// Whether signed issuer metadata are asked for (CI-4, HA-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignedMetadata {
    /// Not asked for; a signed answer is refused.
    #[default]
    Ignore,
    /// Asked for and verified if they come; a signature that does not chain is refused, unsigned metadata are taken.
    Prefer,
    /// Unsigned metadata are refused.
    Require,
}

/// What the profile says about discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiscoveryPolicy {
    /// Signed issuer metadata.
    pub signed_metadata: SignedMetadata,
    /// The authorization page may be http on loopback (the demo government's pages for browsers).
    pub loopback_authorization_page: bool,
}

/// Fetches the issuer's metadata, then those of the authorization server that fits.
#[derive(Debug, Clone)]
pub struct Discovery {
    offer: CredentialOffer,
    policy: DiscoveryPolicy,
    phase: Phase,
}

#[derive(Debug, Clone)]
enum Phase {
    Issuer,
    Server { issuer: Box<IssuerMetadata>, server: Identifier, others: Vec<Identifier> },
}

/// An offer with everything that is needed to show it and to take it. Cloning it allows another attempt, such as another transaction code.
#[derive(Debug, Clone)]
pub struct ResolvedOffer {
    pub(super) offer: CredentialOffer,
    pub(super) issuer: IssuerMetadata,
    pub(super) server: ServerMetadata,
}

impl Discovery {
    /// Begins with an offer.
    #[must_use]
    pub fn new(offer: CredentialOffer, policy: DiscoveryPolicy) -> Self {
        Self { offer, policy, phase: Phase::Issuer }
    }

    fn receive_issuer(self, response: &Response, context: &Context<'_>) -> Result<Self, DiscoveryError> {
        http::expect_status(response, 200)?;
        let issuer = match response.content_type().as_deref() {
            Some("application/jwt") if self.policy.signed_metadata != SignedMetadata::Ignore => {
                verify_signed_metadata(&response.body, self.offer.issuer(), context.issuers, context.now)?
            }
            Some("application/json") if self.policy.signed_metadata != SignedMetadata::Require => {
                IssuerMetadata::from_json(&response.body, self.offer.issuer())
                    .map_err(DiscoveryError::Issuer)?
            }
            _ => return Err(http::AnswerError::MediaType.into()),
        };
        self.check_offer(&issuer)?;
        let hint = self.server_hint();
        // a hint must be one of the listed servers, else the flow stops (CI-2)
        let servers = match (&issuer.authorization_servers, hint) {
            (None, None) => vec![issuer.issuer.clone()],
            (Some(listed), None) => listed.clone(),
            (Some(listed), Some(hint)) if listed.contains(hint) => vec![hint.clone()],
            (_, Some(_)) => return Err(DiscoveryError::ServerNotListed),
        };
        let mut others = servers;
        if others.is_empty() {
            return Err(DiscoveryError::NoServerFits);
        }
        let server = others.remove(0);
        Ok(Self { phase: Phase::Server { issuer: Box::new(issuer), server, others }, ..self })
    }

    /// Every offered configuration must be in the metadata, and at least one usable.
    fn check_offer(&self, issuer: &IssuerMetadata) -> Result<(), DiscoveryError> {
        let ids = self.offer.configuration_ids();
        if ids.iter().any(|id| issuer.configuration(id).is_none()) {
            return Err(DiscoveryError::UnknownConfiguration);
        }
        if ids.iter().all(|id| issuer.usable(id).is_none()) {
            return Err(DiscoveryError::NothingUsable);
        }
        Ok(())
    }

    /// The server that the offer names for the grant that would be used.
    fn server_hint(&self) -> Option<&Identifier> {
        let grants = self.offer.grants();
        let pre_authorized = grants.pre_authorized_code.as_ref();
        let code = grants.authorization_code.as_ref();
        pre_authorized
            .and_then(|grant| grant.authorization_server.as_ref())
            .or_else(|| code.and_then(|grant| grant.authorization_server.as_ref()))
    }

    /// Whether this server takes one of the offer's grants.
    fn fits(&self, server: &ServerMetadata) -> bool {
        let grants = self.offer.grants();
        let pre_authorized = grants.pre_authorized_code.is_some() && server.takes(PRE_AUTHORIZED_CODE_GRANT);
        let code = (grants.authorization_code.is_some() || grants.unnamed)
            && server.takes(AUTHORIZATION_CODE_GRANT)
            && server.authorization_endpoint.is_some();
        pre_authorized || code
    }
}

impl Exchange for Discovery {
    type Next = ResolvedOffer;
    type Error = DiscoveryError;

    fn request(&self, _context: &Context<'_>) -> Result<Request, DiscoveryError> {
        match &self.phase {
            Phase::Issuer => {
                let signed = self.policy.signed_metadata != SignedMetadata::Ignore;
                IssuerMetadata::request(self.offer.issuer(), signed).map_err(DiscoveryError::Issuer)
            }
            Phase::Server { server, .. } => ServerMetadata::request(server).map_err(DiscoveryError::Server),
        }
    }

    fn receive(
        self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, ResolvedOffer>, DiscoveryError> {
        let Phase::Server { issuer, server, mut others } = self.phase.clone() else {
            return self.receive_issuer(response, context).map(Step::Again);
        };
        http::expect_status(response, 200)?;
        http::expect_media_type(response, "application/json")?;
        let server = ServerMetadata::from_json(&response.body, &server).map_err(DiscoveryError::Server)?;
        if let Some(page) = &server.authorization_endpoint
            && page.scheme() != "https"
            && !self.policy.loopback_authorization_page
        {
            return Err(DiscoveryError::AuthorizationPage);
        }
        let only_one = issuer.authorization_servers.as_ref().is_none_or(|listed| listed.len() == 1);
        if only_one || self.fits(&server) {
            return Ok(Step::Done(ResolvedOffer { offer: self.offer, issuer: *issuer, server }));
        }
        if others.is_empty() {
            return Err(DiscoveryError::NoServerFits);
        }
        let server = others.remove(0);
        Ok(Step::Again(Self { phase: Phase::Server { issuer, server, others }, ..self }))
    }
}

impl ResolvedOffer {
    /// The offer.
    #[must_use]
    pub fn offer(&self) -> &CredentialOffer {
        &self.offer
    }

    /// The issuer's metadata.
    #[must_use]
    pub fn issuer(&self) -> &IssuerMetadata {
        &self.issuer
    }

    /// The authorization server's metadata.
    #[must_use]
    pub fn server(&self) -> &ServerMetadata {
        &self.server
    }

    /// The offered configurations that this wallet can use, in the offer's order.
    pub fn configurations(&self) -> impl Iterator<Item = &Configuration> {
        self.offer.configuration_ids().iter().filter_map(|id| self.issuer.usable(id))
    }

    /// How many copies of one paper can be asked for at once.
    #[must_use]
    pub fn batch_size(&self) -> u32 {
        self.issuer.batch_size
    }

    /// Whether the pre-authorized code can be redeemed.
    #[must_use]
    pub fn has_pre_authorized_code(&self) -> bool {
        self.offer.grants().pre_authorized_code.is_some()
    }

    /// Whether the authorization code flow can be used.
    #[must_use]
    pub fn has_authorization_code(&self) -> bool {
        let grants = self.offer.grants();
        grants.authorization_code.is_some() || (grants.unnamed && self.server.takes(AUTHORIZATION_CODE_GRANT))
    }

    /// The transaction code that must be asked for (CI-2: also if its object was empty).
    #[must_use]
    pub fn transaction_code(&self) -> Option<&TransactionCode> {
        self.offer.grants().pre_authorized_code.as_ref()?.tx_code.as_ref()
    }

    /// Whether a wallet attestation is asked for at the authorization server.
    #[must_use]
    pub fn wants_client_attestation(&self) -> bool {
        self.server.client_attestation
    }
}
