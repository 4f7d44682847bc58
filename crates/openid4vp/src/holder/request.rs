//! A request that is authentic and well-formed, and what can be done with it: shown, answered, declined.

use dcql::{Identifier, Query, Solution};
use primitives::{Blame, Instant, Left, LocalizedText, Refusal};
use trust::VerifiedChain;
use trust::registration::VerifiedRegistration;
use url::Url;

use super::error::RequestError;
use super::over_asking::OverAsked;
use super::registered::Registered;
use crate::client::{ClientId, ClientIdPrefix};
use crate::dc_api::{Origin, Protocol};
use crate::metadata::ResponseEncryption;
use crate::screen::{self, ScreenMode};
use crate::transaction::Transaction;

/// Who asks, as far as anybody vouches for it.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) id: ClientId,
    pub(crate) authentication: Authentication,
}

/// What vouches for a client.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// Nothing: the request is not signed.
    Unsigned,
    /// Certificates, up to an anchor of the profile.
    Certificate(VerifiedChain<trust::Verifier>),
    /// The key of a DID. Whose the DID is only the profile can say.
    Did {
        /// The name that the profile has for it; `None`: it does not know it.
        name: Option<LocalizedText>,
    },
    /// Somebody whom the profile trusts to attest verifiers.
    Attestation {
        /// The attested identifier.
        subject: String,
        /// The only addresses that the client may be answered at, if the attestation limits them.
        redirect_uris: Option<Vec<String>>,
    },
    /// The profile, which registered the client.
    Registered {
        /// The name that the profile has for it.
        name: LocalizedText,
        /// Whether the request is signed with the registered key.
        signed: bool,
    },
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

    /// What vouches for the client.
    pub fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// The certificates that vouch for the client, up to an anchor of the profile; `None`: something else does, or nothing.
    pub fn chain(&self) -> Option<&VerifiedChain<trust::Verifier>> {
        match &self.authentication {
            Authentication::Certificate(chain) => Some(chain),
            _ => None,
        }
    }

    /// Whether the request is signed by a client that the profile vouches for: by an anchor, an attester, or by name. A DID that it does
    /// not know shows that the same key asks again, and nothing more.
    pub fn is_authenticated(&self) -> bool {
        match &self.authentication {
            Authentication::Certificate(_) | Authentication::Attestation { .. } => true,
            Authentication::Did { name } => name.is_some(),
            Authentication::Registered { signed, .. } => *signed,
            Authentication::Unsigned => false,
        }
    }

    /// Whether the request is signed at all, by whomever.
    pub fn is_signed(&self) -> bool {
        match &self.authentication {
            Authentication::Unsigned => false,
            Authentication::Registered { signed, .. } => *signed,
            _ => true,
        }
    }

    /// The name in the certificate; never one from `client_metadata`.
    pub fn certified_name(&self) -> Option<&str> {
        self.chain().and_then(|chain| chain.leaf().display_name())
    }

    /// The name that the profile has for the client.
    pub fn known_name(&self) -> Option<&LocalizedText> {
        match &self.authentication {
            Authentication::Did { name } => name.as_ref(),
            Authentication::Registered { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The identifier that somebody trusted attested.
    pub fn attested_name(&self) -> Option<&str> {
        match &self.authentication {
            Authentication::Attestation { subject, .. } => Some(subject),
            _ => None,
        }
    }
}

/// How the answer goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Channel {
    /// By a post to `response_uri`.
    DirectPost {
        /// As in the request: the handover is made of it (VP-H3).
        text: String,
        /// The same, read.
        url: Url,
    },
    /// To the platform, for this origin (VP-A4).
    DcApi {
        /// As the platform named it; the answer repeats it.
        protocol: Protocol,
        /// As the platform gave it (VP-H4).
        origin: Origin,
    },
    /// On the holder's screen, for whoever was so asked (OQ-1).
    Screen(ScreenMode),
}

/// Why a request that is authentic and well-formed has no answer but an error (VP-S5). Nothing of it tells what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// `client_metadata` of a client whose metadata the profile has: `invalid_client`.
    #[error("the request says what is known of the client already")]
    MetadataIsKnown,
    /// None of the formats asked for is one that can be presented and that the verifier takes: `vp_formats_not_supported`.
    #[error("the request asks for formats in which nothing can be presented")]
    FormatsNotSupported,
}

impl Objection {
    /// The error of the protocol.
    pub fn error_code(self) -> &'static str {
        match self {
            Self::MetadataIsKnown => "invalid_client",
            Self::FormatsNotSupported => "vp_formats_not_supported",
        }
    }
}

impl Refusal for Objection {
    fn code(&self) -> &'static str {
        match self {
            Self::MetadataIsKnown => RequestError::ClientMetadataKnown.code(),
            Self::FormatsNotSupported => RequestError::Formats.code(),
        }
    }

    fn rule(&self) -> &'static str {
        "VP-S5"
    }

    fn blame(&self) -> Blame {
        Blame::Verifier
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// A request that passed every check. It is made in one place for each way that requests come,
/// [`UnauthenticatedRequest::authenticate`](super::UnauthenticatedRequest::authenticate) and its like, and only it can be answered or declined.
#[derive(Debug, Clone)]
pub struct AuthenticatedRequest {
    pub(crate) client: Client,
    pub(crate) nonce: String,
    pub(crate) state: Option<String>,
    pub(crate) channel: Channel,
    pub(crate) encryption: Option<ResponseEncryption>,
    pub(crate) query: Query,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) registrations: Vec<Registered>,
    pub(crate) objection: Option<Objection>,
    pub(crate) authenticated_at: Instant,
    pub(crate) expires_at: Option<Instant>,
}

impl AuthenticatedRequest {
    /// Who asks.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Until when the request counts (`exp`), where it says so.
    pub fn expires_at(&self) -> Option<Instant> {
        self.expires_at
    }

    /// What is asked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// What is to be approved together with the answer, in the order of the request; to be shown in full before it is (VP-T1).
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// What could answer it, among `holdings`.
    pub fn solve(&self, holdings: &[dcql::Holding<'_>]) -> Solution {
        dcql::solve(&self.query, holdings)
    }

    /// The verified registrations of this client, in the order of the request (VP-R13). What one of them states counts for the queries that
    /// it speaks of and for no others: [`registrations_of`](Self::registrations_of).
    pub fn registrations(&self) -> impl Iterator<Item = &VerifiedRegistration> {
        self.registrations.iter().map(|registered| &registered.registration)
    }

    /// The registrations that speak of one Credential Query.
    pub fn registrations_of(&self, query: &Identifier) -> impl Iterator<Item = &VerifiedRegistration> {
        let about = self.registrations.iter().filter(move |registered| registered.is_about(query));
        about.map(|registered| &registered.registration)
    }

    /// Why the request cannot be answered although it is authentic: the only answer is the error, and that only if the person says so.
    pub fn objection(&self) -> Option<Objection> {
        self.objection
    }

    /// The claims asked for that the registration does not name; `None` without a registration.
    pub fn over_asked(&self) -> Option<Vec<OverAsked>> {
        (!self.registrations.is_empty())
            .then(|| super::over_asking::over_asked(&self.query, &self.registrations))
    }

    /// The address that the answer is posted to; `None`: it goes back over the Digital Credentials API, or is shown.
    pub fn response_uri(&self) -> Option<&Url> {
        match &self.channel {
            Channel::DirectPost { url, .. } => Some(url),
            Channel::DcApi { .. } | Channel::Screen(_) => None,
        }
    }

    /// The origin that asks over the Digital Credentials API; `None`: the answer is posted or shown.
    pub fn origin(&self) -> Option<&Origin> {
        match &self.channel {
            Channel::DirectPost { .. } | Channel::Screen(_) => None,
            Channel::DcApi { origin, .. } => Some(origin),
        }
    }

    /// How it was asked, if the answer is shown on the screen; `None`: it goes another way.
    pub fn screen(&self) -> Option<ScreenMode> {
        match self.channel {
            Channel::Screen(mode) => Some(mode),
            Channel::DirectPost { .. } | Channel::DcApi { .. } => None,
        }
    }

    /// The place that the answer goes to, for a person: the host it is posted to, or the origin that asks. Empty for one that is shown:
    /// it goes to whoever looks.
    pub fn destination(&self) -> &str {
        match &self.channel {
            Channel::DirectPost { url, .. } => url.host_str().unwrap_or_default(),
            Channel::DcApi { origin, .. } => origin.as_str(),
            Channel::Screen(_) => "",
        }
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
        let place = match &self.channel {
            Channel::DirectPost { text, .. } => text.as_str(),
            Channel::DcApi { origin, .. } => origin.as_str(),
            Channel::Screen(_) => screen::RESPONSE_MODE,
        };
        for part in [self.client.id.as_str(), &self.nonce, state, place] {
            // Lengths first, so that no two lists of parts give the same bytes.
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        crypto::sha256(&bytes)
    }
}
