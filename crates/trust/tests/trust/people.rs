//! The parties of the tests: authorities, intermediates and leaves with keys of their own.

use crypto::{PrivateKey, PublicKey, Signer};
use primitives::Instant;
use primitives::test_support::SequenceEntropy;
use trust::certificate::builder::{CertificateBuilder, Subject, Validity};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, Role, TrustAnchor,
};

pub(crate) const DAY: i64 = 24 * 60 * 60;

pub(crate) fn now() -> Instant {
    Instant::parse_rfc3339("2026-11-21T00:00:00Z").unwrap()
}

pub(crate) fn key(seed: u64) -> PrivateKey {
    PrivateKey::generate(&SequenceEntropy::new(seed)).unwrap()
}

pub(crate) fn year() -> Validity {
    Validity::days(now() - 100 * DAY, 365)
}

pub(crate) fn gone() -> Validity {
    Validity::days(now() - 100 * DAY, 99)
}

pub(crate) fn to_come() -> Validity {
    Validity::days(now() + DAY, 365)
}

pub(crate) fn authority(name: &str) -> CertificateBuilder {
    CertificateBuilder::authority(Subject::new(name).organisation(name).country("KR"), year())
}

pub(crate) fn leaf(name: &str) -> CertificateBuilder {
    CertificateBuilder::leaf(Subject::new(name).organisation(name).country("KR"), year())
}

/// How a root, an intermediate and a leaf are to be made.
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    pub(crate) root: CertificateBuilder,
    pub(crate) middle: CertificateBuilder,
    pub(crate) leaf: CertificateBuilder,
}

pub(crate) fn recipe(name: &str, seed: u64) -> Recipe {
    Recipe {
        seed,
        root: authority(&format!("{name} 최상위(시연)")),
        middle: authority(&format!("{name} 중간(시연)")),
        leaf: leaf(&format!("{name}(시연)")),
    }
}

/// A root, an intermediate and a leaf.
pub(crate) struct Tree {
    pub(crate) root: Certificate,
    pub(crate) root_key: PrivateKey,
    pub(crate) middle: Certificate,
    pub(crate) middle_key: PrivateKey,
    pub(crate) leaf: Certificate,
    pub(crate) leaf_key: PrivateKey,
}

impl Recipe {
    pub(crate) fn grow(self) -> Tree {
        let entropy = SequenceEntropy::new(self.seed + 10);
        let (root_key, middle_key, leaf_key) = (key(self.seed), key(self.seed + 1), key(self.seed + 2));
        let root = self.root.self_signed(&root_key, &entropy).unwrap();
        let middle = self.middle.issued_by(&middle_key.public_key(), &root, &root_key, &entropy).unwrap();
        let leaf = self.leaf.issued_by(&leaf_key.public_key(), &middle, &middle_key, &entropy).unwrap();
        Tree { root, root_key, middle, middle_key, leaf, leaf_key }
    }
}

impl Tree {
    pub(crate) fn named(name: &str, seed: u64) -> Self {
        recipe(name, seed).grow()
    }

    /// As sent: the leaf and the intermediate, without the root.
    pub(crate) fn chain(&self) -> CertificateChain {
        CertificateChain::new(vec![self.leaf.clone(), self.middle.clone()]).unwrap()
    }

    pub(crate) fn anchors<R: Role<Grant = ()>>(&self) -> AnchorStore<R> {
        std::iter::once(TrustAnchor::new(self.root.clone()).unwrap()).collect()
    }

    pub(crate) fn issuer_anchor(&self) -> TrustAnchor<Issuer> {
        let types = IssuerEntitlements::types([CredentialType::sd_jwt_vc("urn:kr.example:id")]);
        TrustAnchor::for_issuer(self.root.clone(), types).unwrap()
    }

    pub(crate) fn issuers(&self) -> AnchorStore<Issuer> {
        std::iter::once(self.issuer_anchor()).collect()
    }

    /// A further leaf under the intermediate.
    pub(crate) fn issue(&self, certificate: CertificateBuilder, key: &PublicKey) -> CertificateChain {
        let entropy = SequenceEntropy::new(99);
        let leaf = certificate.issued_by(key, &self.middle, &self.middle_key, &entropy).unwrap();
        CertificateChain::new(vec![leaf, self.middle.clone()]).unwrap()
    }
}
