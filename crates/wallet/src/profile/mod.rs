//! The profile: whom this wallet trusts, and what it may call.
//!
//! Design, "Trust". A profile is a file (`docs/profile.md` has the format with an example): anchors by role, the signed
//! trust list that brings more of them, extra TLS roots, the wallet provider, what is allowed on loopback, and what is
//! done about verifiers that nobody vouches for. A vault belongs to one profile, whose hash it holds.
//!
//! Wire type first ([`wire`]), then one conversion into [`Profile`]: what is not understood is refused, by name.

mod clients;
mod error;
mod known;
mod wire;

pub use clients::RegisteredClient;
pub use error::ProfileError;

use std::num::NonZeroU16;

use crypto::sha256;
use openid4vci::holder::SignedMetadata;
use openid4vp::holder::KnownVerifiers;
use primitives::{LocalizedText, json};
pub use trust::trust_list::Anchors;
use trust::{AnchorStore, TrustListSigner};
use url::Url;

/// The largest profile file, in bytes.
pub const MAX_PROFILE_BYTES: usize = 1024 * 1024;
/// The most anchors of one role in a profile.
pub const MAX_ANCHORS: usize = 256;

/// What kind of profile this is; always visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marking {
    /// The synthetic government of this program (시연용).
    Demo,
    /// A file of one's own.
    Developer,
    /// A real ecosystem.
    Real,
}

/// What is done about a verifier that nobody vouches for (unsigned requests, unknown DIDs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnauthenticatedVerifiers {
    /// Refused.
    Refuse,
    /// Shown with a warning that takes a yes of its own.
    Warn,
}

/// Where wallet attestations come from.
#[derive(Clone)]
pub enum WalletProviderAccess {
    /// A service, asked at issuance at most.
    Service {
        /// Where an attestation is asked for.
        attestation: Url,
        /// Where attestations of holder keys are asked for; `None`: nobody attests them.
        key_attestation: Option<Url>,
    },
    /// A developer's own key and certificate: attestations are made on this computer.
    Developer {
        /// PKCS#8 PEM of a P-256 key.
        private_key_pem: crypto::SecretVec,
        /// Certificates in DER, the leaf first, without the anchor.
        chain: Vec<Vec<u8>>,
        /// The `sub` and `client_id`, the same for all wallets of this provider.
        client_id: String,
    },
}

/// What may be called on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loopback {
    /// Nothing.
    Refused,
    /// These ports; an empty list is every port.
    Allowed {
        /// The ports.
        ports: Vec<u16>,
        /// Whether plain http is taken there.
        plain_http: bool,
    },
}

/// Where the signed trust list is published.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustListSource {
    /// Its address.
    pub uri: Url,
    /// Who may sign it.
    pub signers: AnchorStore<TrustListSigner>,
}

/// A profile that was read and makes sense.
#[derive(Clone)]
pub struct Profile {
    /// Its name.
    pub name: LocalizedText,
    /// Its kind.
    pub marking: Marking,
    /// The anchors that it names itself.
    pub anchors: Anchors,
    /// Where more anchors come from.
    pub trust_list: Option<TrustListSource>,
    /// TLS roots in DER beside or instead of the system's.
    pub tls_roots: Vec<Vec<u8>>,
    /// Whether the system's TLS roots are trusted too.
    pub system_tls_roots: bool,
    /// Where wallet attestations come from.
    pub wallet_provider: Option<WalletProviderAccess>,
    /// Where this wallet is registered by name.
    pub clients: Vec<RegisteredClient>,
    /// Whether issuers' descriptions are asked for signed, and whether others are taken (CI-4, HA-5).
    pub issuer_metadata: SignedMetadata,
    /// What may be called on loopback.
    pub loopback: Loopback,
    /// Where the browser comes back to on this computer, for servers that compare redirect addresses to the letter; `None`: at a port that the
    /// system picks each time (RFC 8252 section 7.3).
    pub redirect_port: Option<NonZeroU16>,
    /// The verifiers that it knows by name: clients registered in advance, DIDs, and those who attest verifiers.
    pub known_verifiers: KnownVerifiers,
    /// What is done about verifiers that nobody vouches for.
    pub unauthenticated_verifiers: UnauthenticatedVerifiers,
    /// How old a status list may be before it is called stale, in seconds.
    pub status_max_age: i64,
    hash: [u8; 32],
}

impl Profile {
    /// Reads a profile file.
    ///
    /// # Errors
    /// [`ProfileError`]: what is missing, too large or contradictory, by the name of the member.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProfileError> {
        let value = json::parse_strict(bytes, MAX_PROFILE_BYTES).map_err(|_| ProfileError::NotJson)?;
        let wire: wire::Profile = serde_json::from_value(value).map_err(|_| ProfileError::Shape)?;
        wire.into_profile(sha256(bytes))
    }

    /// SHA-256 of the file: what the vault holds on to.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Whether an address on loopback may be called.
    #[must_use]
    pub fn allows_loopback(&self, port: u16) -> bool {
        match &self.loopback {
            Loopback::Refused => false,
            Loopback::Allowed { ports, .. } => ports.is_empty() || ports.contains(&port),
        }
    }
}

#[cfg(test)]
mod tests;
