//! The roles a trust anchor can be named for, as types: an anchor for issuers does not make a verifier (PK-15).
//!
//! ```compile_fail
//! fn mistaken(chain: &trust::CertificateChain, issuers: &trust::AnchorStore<trust::Issuer>, now: primitives::Instant) {
//!     let policy = trust::ChainPolicy::role_only();
//!     let _ = trust::verify_chain::<trust::Verifier>(chain, issuers, now, &policy);
//! }
//! ```

use std::collections::BTreeSet;
use std::fmt::Debug;

use primitives::Blame;

use crate::certificate::builder::Purpose;
use crate::entitlement::IssuerEntitlements;

mod sealed {
    pub trait Sealed {}
}

/// The role of an anchor, as a word: for errors, trust lists and views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoleName {
    /// Issues credentials.
    Issuer,
    /// Asks for presentations.
    Verifier,
    /// Attests wallets and their keys.
    WalletProvider,
    /// Signs status lists for an issuer.
    StatusSigner,
    /// Signs trust lists.
    TrustListSigner,
    /// Signs registrations of verifiers.
    Registrar,
}

impl RoleName {
    /// The party to blame when a chain for this role does not hold.
    #[must_use]
    pub fn blame(self) -> Blame {
        match self {
            Self::Verifier | Self::Registrar => Blame::Verifier,
            Self::Issuer | Self::WalletProvider | Self::StatusSigner | Self::TrustListSigner => Blame::Issuer,
        }
    }
}

/// A role of trust anchors. Sealed: the roles are those of this module.
pub trait Role: sealed::Sealed + Clone + Debug + Send + Sync + 'static {
    /// What an anchor of this role is allowed to do, beyond the role itself.
    type Grant: Clone + Debug + PartialEq + Send + Sync + 'static;
    /// The role as a word.
    const NAME: RoleName;
    /// The extended key usages that fit the role when a certificate has any (PK-8).
    const PURPOSES: &'static [Purpose];
    /// What two entries for the same certificate allow together.
    fn merge(first: Self::Grant, second: Self::Grant) -> Self::Grant;
}

macro_rules! plain_role {
    ($(#[$meta:meta])* $name:ident, $purposes:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Role for $name {
            type Grant = ();
            const NAME: RoleName = RoleName::$name;
            const PURPOSES: &'static [Purpose] = $purposes;
            fn merge((): (), (): ()) {}
        }
    };
}

/// Issues credentials; its anchors say which types (PK-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {}
impl sealed::Sealed for Issuer {}
impl Role for Issuer {
    type Grant = IssuerEntitlements;
    const NAME: RoleName = RoleName::Issuer;
    const PURPOSES: &'static [Purpose] = &[Purpose::MdocDocumentSigner];
    fn merge(first: IssuerEntitlements, second: IssuerEntitlements) -> IssuerEntitlements {
        first.and(second)
    }
}

/// Signs status lists; its anchors say for which issuers' anchors (ST-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusSigner {}
impl sealed::Sealed for StatusSigner {}
impl Role for StatusSigner {
    type Grant = StatusScope;
    const NAME: RoleName = RoleName::StatusSigner;
    const PURPOSES: &'static [Purpose] = &[];
    fn merge(mut first: StatusScope, second: StatusScope) -> StatusScope {
        first.issuer_anchors.extend(second.issuer_anchors);
        first
    }
}

plain_role!(
    /// Asks for presentations.
    Verifier,
    &[Purpose::MdocReader, Purpose::ClientAuthentication, Purpose::ServerAuthentication]
);
plain_role!(
    /// Attests wallets and their keys.
    WalletProvider,
    &[]
);
plain_role!(
    /// Signs trust lists.
    TrustListSigner,
    &[]
);
plain_role!(
    /// Signs registrations of verifiers.
    Registrar,
    &[]
);

/// The issuer anchors whose credentials a status signer may speak for, by [`crate::Certificate::hash`] (TL-13).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusScope {
    /// SHA-256 of the DER of each issuer anchor.
    pub issuer_anchors: BTreeSet<[u8; 32]>,
}

impl StatusScope {
    /// A status signer for one issuer anchor.
    #[must_use]
    pub fn of(issuer_anchor: &crate::Certificate) -> Self {
        Self { issuer_anchors: BTreeSet::from([issuer_anchor.hash()]) }
    }
}
