//! Trust anchors, each for one role (RFC 5280 6.1.1 (d); rules PK-4, PK-7, PK-15).

use primitives::{Blame, Left, Refusal};

use crate::certificate::{Certificate, CertificateError};
use crate::entitlement::IssuerEntitlements;
use crate::role::{Issuer, Role, StatusScope, StatusSigner};

/// Why a certificate cannot be an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// `basicConstraints.cA` is not true (PK-4).
    #[error("the anchor's certificate is not that of an authority")]
    NotAuthority,
    /// `keyUsage` lacks `keyCertSign` (PK-7).
    #[error("the anchor's key may not sign certificates")]
    KeyUsage,
    /// The certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl Refusal for AnchorError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAuthority => "anchor_not_authority",
            Self::KeyUsage => "anchor_key_usage",
            Self::Certificate(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::NotAuthority => "PK-4",
            Self::KeyUsage => "PK-7",
            Self::Certificate(error) => error.rule(),
        }
    }
    /// Anchors come with the profile or the trust list, so this is about our own configuration.
    fn blame(&self) -> Blame {
        Blame::Application
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// A certificate authority trusted for the role `R`, and what it is trusted with.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustAnchor<R: Role> {
    certificate: Certificate,
    grant: R::Grant,
    /// Certificates of the same party that vouch for a chain together with the first, as while a root is being renewed.
    beside: Vec<Certificate>,
}

impl<R: Role> TrustAnchor<R> {
    /// An anchor with what it is allowed to do.
    ///
    /// # Errors
    /// [`AnchorError`] when the certificate is not one of an authority whose key may sign certificates.
    pub fn with_grant(certificate: Certificate, grant: R::Grant) -> Result<Self, AnchorError> {
        if !certificate.is_authority() {
            return Err(AnchorError::NotAuthority);
        }
        if !certificate.may_sign_certificates() {
            return Err(AnchorError::KeyUsage);
        }
        Ok(Self { certificate, grant, beside: Vec::new() })
    }

    /// The authority's certificate; where several vouch for a chain, the first.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// All certificates of the authority that vouch for a chain, [`certificate`](Self::certificate) first.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.certificate).chain(&self.beside)
    }

    /// This anchor and another that vouches for the same chain, so of the same name and key: what both allow.
    pub(crate) fn joined_by(mut self, other: &Self) -> Self {
        self.grant = R::merge(self.grant, other.grant.clone());
        self.beside.extend(other.certificates().cloned());
        self
    }

    /// An anchor for each of the certificates.
    pub(crate) fn each(&self) -> impl Iterator<Item = Self> {
        self.certificates().map(|certificate| Self {
            certificate: certificate.clone(),
            grant: self.grant.clone(),
            beside: Vec::new(),
        })
    }

    /// What the anchor is allowed to do.
    #[must_use]
    pub fn grant(&self) -> &R::Grant {
        &self.grant
    }
}

impl<R: Role<Grant = ()>> TrustAnchor<R> {
    /// An anchor of a role that needs no more than its name.
    ///
    /// # Errors
    /// [`AnchorError`], as [`TrustAnchor::with_grant`].
    pub fn new(certificate: Certificate) -> Result<Self, AnchorError> {
        Self::with_grant(certificate, ())
    }
}

impl TrustAnchor<Issuer> {
    /// An anchor for issuers, with the types they may issue.
    ///
    /// # Errors
    /// [`AnchorError`], as [`TrustAnchor::with_grant`].
    pub fn for_issuer(
        certificate: Certificate,
        entitlements: IssuerEntitlements,
    ) -> Result<Self, AnchorError> {
        Self::with_grant(certificate, entitlements)
    }
}

impl TrustAnchor<StatusSigner> {
    /// An anchor for status signers, with the issuer anchors they may speak for.
    ///
    /// # Errors
    /// [`AnchorError`], as [`TrustAnchor::with_grant`].
    pub fn for_status_signer(certificate: Certificate, scope: StatusScope) -> Result<Self, AnchorError> {
        Self::with_grant(certificate, scope)
    }
}

/// The anchors of one role. Empty by default, and an empty store trusts nobody.
#[derive(Debug, Clone, PartialEq)]
pub struct AnchorStore<R: Role> {
    anchors: Vec<TrustAnchor<R>>,
}

impl<R: Role> Default for AnchorStore<R> {
    fn default() -> Self {
        Self { anchors: Vec::new() }
    }
}

impl<R: Role> AnchorStore<R> {
    /// A store without anchors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an anchor. The same certificate added twice is one anchor with what both entries allow.
    pub fn add(&mut self, anchor: TrustAnchor<R>) {
        match self.anchors.iter_mut().find(|known| known.certificate == anchor.certificate) {
            Some(known) => known.grant = R::merge(known.grant.clone(), anchor.grant),
            None => self.anchors.push(anchor),
        }
    }

    /// Adds all anchors of another store.
    pub fn extend(&mut self, other: Self) {
        other.anchors.into_iter().for_each(|anchor| self.add(anchor));
    }

    /// The anchors, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &TrustAnchor<R>> {
        self.anchors.iter()
    }

    /// The number of anchors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether there is no anchor.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}

impl<R: Role> FromIterator<TrustAnchor<R>> for AnchorStore<R> {
    fn from_iter<I: IntoIterator<Item = TrustAnchor<R>>>(anchors: I) -> Self {
        let mut store = Self::new();
        anchors.into_iter().for_each(|anchor| store.add(anchor));
        store
    }
}
