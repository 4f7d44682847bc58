//! From an offer to what its issuer and authorization server say about themselves.
//!
//! Clauses: OpenID4VCI 1.0 sections 4.1.1, 12.2 and 12.3; CI-2 to CI-6. One well-known address each, nothing speculative.

use primitives::UniqueNonEmpty;
use primitives::http::{Request, Response};

use super::{Context, DiscoveryError, Exchange, Step, StoredAccess};
use crate::http;
use crate::metadata::{
    AUTHORIZATION_SERVERS_MAX, Configuration, ConfigurationEntry, IssuerMetadata, KeyAttestationPower,
    ServerMetadata, Unusable, verify_signed_metadata,
};
use crate::offer::{
    AUTHORIZATION_CODE_GRANT, CredentialOffer, Grants, OFFER_CONFIGURATIONS_MAX, PRE_AUTHORIZED_CODE_GRANT,
    PreAuthorizedCodeGrant, TransactionCode,
};
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
    /// What this wallet can have attested of its keys: what an issuer demands beyond that is refused before anything is sent (CI-18).
    pub keys: KeyAttestationPower,
}

/// Fetches the issuer's metadata, then those of the authorization server that fits.
#[derive(Debug, Clone)]
pub struct Discovery {
    asked: Asked,
    policy: DiscoveryPolicy,
    /// The server that granted what is fetched anew: it is asked, and no other.
    granted_by: Option<String>,
    phase: Phase,
}

/// What is looked up.
#[derive(Debug, Clone)]
enum Asked {
    /// An offer, or papers that are named.
    Offer(CredentialOffer),
    /// Everything that this issuer has (section 3.3: the wallet begins).
    Everything(Identifier),
}

impl Asked {
    fn issuer(&self) -> &Identifier {
        match self {
            Self::Offer(offer) => offer.issuer(),
            Self::Everything(issuer) => issuer,
        }
    }
}

#[derive(Debug, Clone)]
enum Phase {
    Issuer,
    Server {
        offer: Box<CredentialOffer>,
        issuer: Box<IssuerMetadata>,
        server: Identifier,
        others: Vec<Identifier>,
        /// The best of those that answered, the first among equals: taken if no other is better.
        best: Option<(Fit, Box<ServerMetadata>)>,
    },
}

/// An offer with everything that is needed to show it and to take it. Cloning it allows another attempt, such as another transaction code.
#[derive(Debug, Clone)]
pub struct ResolvedOffer {
    pub(super) offer: CredentialOffer,
    pub(super) issuer: IssuerMetadata,
    pub(super) server: ServerMetadata,
    /// How this server takes the offer; `None` only where a grant that there is already goes on, or where no grant can be used.
    fit: Option<Fit>,
}

impl Discovery {
    /// Begins with an offer.
    #[must_use]
    pub fn new(offer: CredentialOffer, policy: DiscoveryPolicy) -> Self {
        Self { asked: Asked::Offer(offer), policy, granted_by: None, phase: Phase::Issuer }
    }

    /// Begins without an offer, at the issuer's address, with everything that it has and this wallet can use. The checks are those of an
    /// offer; what is offered in the end is the wallet's own asking, by authorization code.
    #[must_use]
    pub fn of_issuer(issuer: Identifier, policy: DiscoveryPolicy) -> Self {
        Self { asked: Asked::Everything(issuer), policy, granted_by: None, phase: Phase::Issuer }
    }

    /// For a grant that there is already (CI-13): at the server that issued it, whatever other servers the issuer has by now, since nobody else
    /// may see its refresh token (RFC 6749 section 10.4). What an earlier version stored does not say which it was, and changes nothing.
    #[must_use]
    pub fn granted_by(self, access: &StoredAccess) -> Self {
        Self { granted_by: access.server().map(str::to_owned), ..self }
    }

    fn receive_issuer(mut self, response: &Response, context: &Context<'_>) -> Result<Self, DiscoveryError> {
        let mut issuer = issuer_of(response, self.asked.issuer(), &self.policy, context)?;
        issuer.leave_out_unprovable(&self.policy.keys);
        let offer = match self.asked {
            Asked::Offer(offer) => offer,
            Asked::Everything(id) => everything(id, &issuer)?,
        };
        Self::check_offer(&offer, &issuer)?;
        let mut others = match &self.granted_by {
            Some(granted_by) => vec![granting_server(&issuer, granted_by)?],
            None => offered_servers(&issuer, &offer)?,
        };
        if others.is_empty() {
            return Err(DiscoveryError::NoServerFits);
        }
        let server = others.remove(0);
        self.asked = Asked::Offer(offer.clone());
        let (offer, issuer) = (Box::new(offer), Box::new(issuer));
        self.phase = Phase::Server { offer, issuer, server, others, best: None };
        Ok(self)
    }

    /// The next of the listed servers, or the best of those that answered; `None` if there is neither.
    fn leave_to_the_next(mut self) -> Option<Step<Self, ResolvedOffer>> {
        let Phase::Server { server, others, .. } = &mut self.phase else { return None };
        if others.is_empty() {
            return self.given_up().map(Step::Done);
        }
        *server = others.remove(0);
        Some(Step::Again(self))
    }

    /// Every offered configuration must be in the metadata, and at least one usable.
    fn check_offer(offer: &CredentialOffer, issuer: &IssuerMetadata) -> Result<(), DiscoveryError> {
        let ids = offer.configuration_ids();
        if ids.iter().any(|id| issuer.configuration(id).is_none()) {
            return Err(DiscoveryError::UnknownConfiguration);
        }
        let unusable = |id: &String| match issuer.configuration(id) {
            Some(ConfigurationEntry::Usable(_)) => None,
            Some(ConfigurationEntry::Unusable(why)) => Some(*why),
            None => Some(Unusable::Malformed),
        };
        // the reason of the first: an offer has at least one
        let reasons: Option<Vec<Unusable>> = ids.iter().map(unusable).collect();
        match reasons.as_deref() {
            None => Ok(()),
            Some(reasons) => {
                let why = reasons.first().copied().unwrap_or(Unusable::Malformed);
                Err(DiscoveryError::NothingUsable(why))
            }
        }
    }
}

/// The server that issued a grant, if it is still one of the issuer's.
fn granting_server(issuer: &IssuerMetadata, granted_by: &str) -> Result<Identifier, DiscoveryError> {
    let listed = issuer.authorization_servers.as_deref().unwrap_or(std::slice::from_ref(&issuer.issuer));
    let granting = listed.iter().find(|server| server.as_str() == granted_by);
    granting.cloned().ok_or(DiscoveryError::GrantingServerGone)
}

/// The servers that an offer may be taken to, in the order in which they are asked: each grant's is the one that the offer names for it, or any.
/// One that is named must be listed, else the flow stops (CI-2).
fn offered_servers(
    issuer: &IssuerMetadata,
    offer: &CredentialOffer,
) -> Result<Vec<Identifier>, DiscoveryError> {
    let Grants { authorization_code, pre_authorized_code, unnamed } = offer.grants();
    let hints = [
        pre_authorized_code.as_ref().map(|grant| grant.authorization_server.as_ref()),
        authorization_code.as_ref().map(|grant| grant.authorization_server.as_ref()),
        unnamed.then_some(None),
    ];
    let listed = issuer.authorization_servers.as_deref();
    let mut servers: Vec<Identifier> = Vec::new();
    for hint in hints.into_iter().flatten() {
        let of_grant = match (hint, listed) {
            (None, None) => std::slice::from_ref(&issuer.issuer),
            (None, Some(listed)) => listed,
            (Some(hint), Some(listed)) if listed.contains(hint) => std::slice::from_ref(hint),
            (Some(_), _) => return Err(DiscoveryError::ServerNotListed),
        };
        for server in of_grant {
            if !servers.contains(server) {
                servers.push(server.clone());
            }
        }
    }
    Ok(servers)
}

/// How a server takes an offer, the best last. With the server the grant is decided: what the offer holds for one grant is not taken to a server
/// that suits another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// By authorization code, which it does not protect: it has no PAR or no PKCE.
    WeakCode,
    /// By authorization code.
    Code,
    /// By pre-authorized code.
    PreAuthorized,
}

impl Fit {
    /// `None` if it takes no grant of the offer's. `only`: the issuer has no other server.
    fn of(offer: &CredentialOffer, server: &ServerMetadata, only: bool) -> Option<Self> {
        let grants = offer.grants();
        // the one that is named for a grant takes it, and so does the only one, whichever grants it names: many name none
        let takes = |named: Option<&Identifier>, grant_type| match named {
            Some(named) => *named == server.issuer,
            None => only || server.takes(grant_type),
        };
        let pre_authorized = grants.pre_authorized_code.as_ref();
        let code = grants.authorization_code.as_ref();
        if pre_authorized.is_some_and(|it| takes(it.authorization_server.as_ref(), PRE_AUTHORIZED_CODE_GRANT))
        {
            return Some(Self::PreAuthorized);
        }
        let by_code = match code {
            Some(code) => takes(code.authorization_server.as_ref(), AUTHORIZATION_CODE_GRANT),
            None => grants.unnamed && server.takes(AUTHORIZATION_CODE_GRANT),
        };
        // what the only one lacks is said where it is needed
        let by_code = by_code && (only || server.authorization_endpoint.is_some());
        by_code.then_some(if server.protects_authorization() { Self::Code } else { Self::WeakCode })
    }

    /// Whether no other server can take the offer in a better way.
    fn is_best(self, offer: &CredentialOffer) -> bool {
        let best =
            if offer.grants().pre_authorized_code.is_some() { Self::PreAuthorized } else { Self::Code };
        self >= best
    }
}

/// All that the issuer has and this wallet can use, as if it were offered without a grant.
fn everything(id: Identifier, issuer: &IssuerMetadata) -> Result<CredentialOffer, DiscoveryError> {
    let all = issuer.configurations.iter().map(|(id, _)| id);
    let usable = all.clone().filter(|id| issuer.usable(id).is_some()).take(OFFER_CONFIGURATIONS_MAX);
    // nothing usable: the first says why
    let ids: Vec<String> = usable.chain(all.take(1)).cloned().collect();
    let mut unique = Vec::with_capacity(ids.len());
    for id in ids {
        if !unique.contains(&id) && (unique.is_empty() || issuer.usable(&id).is_some()) {
            unique.push(id);
        }
    }
    let ids = UniqueNonEmpty::new(unique).map_err(|_| DiscoveryError::UnknownConfiguration)?;
    Ok(CredentialOffer::renewal(id, ids))
}

impl Exchange for Discovery {
    type Next = ResolvedOffer;
    type Error = DiscoveryError;
    /// The issuer's metadata, and those of each server that it may list.
    const ANSWERS_MAX: usize = 1 + AUTHORIZATION_SERVERS_MAX;

    fn request(&self, _context: &Context<'_>) -> Result<Request, DiscoveryError> {
        match &self.phase {
            Phase::Issuer => {
                let signed = self.policy.signed_metadata;
                IssuerMetadata::request(self.asked.issuer(), signed).map_err(DiscoveryError::Issuer)
            }
            Phase::Server { server, .. } => ServerMetadata::request(server).map_err(DiscoveryError::Server),
        }
    }

    fn receive(
        self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, ResolvedOffer>, DiscoveryError> {
        let Self { phase, policy, asked, granted_by } = self;
        let Phase::Server { offer, issuer, server, others, best } = phase else {
            return Self { phase, policy, asked, granted_by }
                .receive_issuer(response, context)
                .map(Step::Again);
        };
        let listed = issuer.authorization_servers.as_ref();
        let only_one = granted_by.is_some() || listed.is_none_or(|listed| listed.len() == 1);
        let (best, refused) = match server_of(response, &server, &policy) {
            Err(error) => (best, error),
            Ok(metadata) => {
                let fit = Fit::of(&offer, &metadata, only_one);
                // what the only one lacks is said where it is needed
                if only_one || fit.is_some_and(|fit| fit.is_best(&offer)) {
                    let (offer, issuer) = (*offer, *issuer);
                    return Ok(Step::Done(ResolvedOffer { offer, issuer, server: metadata, fit }));
                }
                let before = best.as_ref().map(|(fit, _)| *fit);
                let best = match fit {
                    Some(fit) if before < Some(fit) => Some((fit, Box::new(metadata))),
                    _ => best,
                };
                (best, DiscoveryError::NoServerFits)
            }
        };
        // a server that does not fit, or whose metadata cannot be used, leaves it to the next that is listed
        let phase = Phase::Server { offer, issuer, server, others, best };
        Self { phase, policy, asked, granted_by }.leave_to_the_next().ok_or(refused)
    }

    /// A listed server that does not answer is no better than one that answers with nothing.
    fn unanswered(self) -> Option<Step<Self, ResolvedOffer>> {
        self.leave_to_the_next()
    }

    /// The best of the servers that answered: those that keep silent take nothing from it.
    fn given_up(self) -> Option<ResolvedOffer> {
        let Phase::Server { offer, issuer, best, .. } = self.phase else { return None };
        let (fit, server) = best?;
        Some(ResolvedOffer { offer: *offer, issuer: *issuer, server: *server, fit: Some(fit) })
    }
}

/// Fetches the issuer's metadata alone: for what goes on at the issuer and needs none of its authorization servers.
#[derive(Debug, Clone)]
pub struct IssuerDiscovery {
    issuer: Identifier,
    policy: DiscoveryPolicy,
}

impl IssuerDiscovery {
    /// Begins at the issuer's address.
    #[must_use]
    pub fn new(issuer: Identifier, policy: DiscoveryPolicy) -> Self {
        Self { issuer, policy }
    }
}

impl Exchange for IssuerDiscovery {
    type Next = IssuerMetadata;
    type Error = DiscoveryError;
    const ANSWERS_MAX: usize = 1;

    fn request(&self, _context: &Context<'_>) -> Result<Request, DiscoveryError> {
        IssuerMetadata::request(&self.issuer, self.policy.signed_metadata).map_err(DiscoveryError::Issuer)
    }

    fn receive(
        self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, IssuerMetadata>, DiscoveryError> {
        issuer_of(response, &self.issuer, &self.policy, context).map(Step::Done)
    }
}

/// The metadata of the issuer, signed or not as the profile says.
fn issuer_of(
    response: &Response,
    issuer: &Identifier,
    policy: &DiscoveryPolicy,
    context: &Context<'_>,
) -> Result<IssuerMetadata, DiscoveryError> {
    http::expect_status(response, 200)?;
    match response.content_type().as_deref() {
        Some("application/jwt") if policy.signed_metadata != SignedMetadata::Ignore => {
            Ok(verify_signed_metadata(&response.body, issuer, context.issuers, context.now)?)
        }
        Some("application/json") if policy.signed_metadata != SignedMetadata::Require => {
            IssuerMetadata::from_json(&response.body, issuer).map_err(DiscoveryError::Issuer)
        }
        _ => Err(http::AnswerError::MediaType.into()),
    }
}

/// The metadata of one server.
fn server_of(
    response: &Response,
    server: &Identifier,
    policy: &DiscoveryPolicy,
) -> Result<ServerMetadata, DiscoveryError> {
    http::expect_status(response, 200)?;
    http::expect_media_type(response, "application/json")?;
    let server = ServerMetadata::from_json(&response.body, server).map_err(DiscoveryError::Server)?;
    if let Some(page) = &server.authorization_endpoint
        && page.scheme() != "https"
        && !policy.loopback_authorization_page
    {
        return Err(DiscoveryError::AuthorizationPage);
    }
    Ok(server)
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

    /// Whether the offer is taken by its pre-authorized code: that is redeemed at this server.
    #[must_use]
    pub fn has_pre_authorized_code(&self) -> bool {
        self.pre_authorized_grant().is_some()
    }

    /// Whether the offer is taken by the authorization code flow at this server.
    #[must_use]
    pub fn has_authorization_code(&self) -> bool {
        matches!(self.fit, Some(Fit::Code | Fit::WeakCode))
    }

    /// The transaction code that must be asked for (CI-2: also if its object was empty).
    #[must_use]
    pub fn transaction_code(&self) -> Option<&TransactionCode> {
        self.pre_authorized_grant()?.tx_code.as_ref()
    }

    /// The pre-authorized code, where this is the server that it is for.
    pub(super) fn pre_authorized_grant(&self) -> Option<&PreAuthorizedCodeGrant> {
        self.offer.grants().pre_authorized_code.as_ref().filter(|_| self.fit == Some(Fit::PreAuthorized))
    }

    /// Whether a wallet attestation is asked for at the authorization server.
    #[must_use]
    pub fn wants_client_attestation(&self) -> bool {
        self.server.client_attestation
    }
}
