//! Parties: a root, a leaf below it and the leaf's key.

use crypto::{PrivateKey, Signer as _};
use primitives::{Entropy, base64url};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, Role, TrustAnchor,
};

use crate::{DAY, now};

/// A party with a certificate under a root of its own.
#[derive(Clone)]
pub struct Party {
    /// The root, which nobody knows before a test puts it among the anchors.
    pub root: Certificate,
    /// As sent: the leaf alone.
    pub chain: CertificateChain,
    /// The leaf's key.
    pub key: PrivateKey,
    root_name: Subject,
    root_key: PrivateKey,
}

impl Party {
    /// A party of this name, valid for a year since yesterday, without host and purpose.
    #[must_use]
    pub fn named(name: &str) -> Recipe {
        Recipe {
            name: name.to_owned(),
            organisation: name.to_owned(),
            root: Subject::new(format!("{name} root")),
            validity: Validity::days(now() - DAY, 365),
            host: None,
            purpose: None,
        }
    }

    /// Another certificate of the party's root, as when it is renewed: of the same name and key.
    #[must_use]
    pub fn renewed_root(&self, validity: Validity, entropy: &dyn Entropy) -> Certificate {
        let builder = CertificateBuilder::authority(self.root_name.clone(), validity);
        builder.self_signed(&self.root_key, entropy).unwrap()
    }

    /// The party as a client of OpenID4VP: `x509_hash:` and the leaf's hash.
    #[must_use]
    pub fn hash_id(&self) -> String {
        format!("x509_hash:{}", base64url::encode(&self.chain.leaf().hash()))
    }

    /// Anchors that know this party alone, in a role.
    #[must_use]
    pub fn anchors<R: Role<Grant = ()>>(&self) -> AnchorStore<R> {
        [TrustAnchor::new(self.root.clone()).unwrap()].into_iter().collect()
    }

    /// Anchors that know this party alone, as the issuer of these types.
    #[must_use]
    pub fn entitled_to(&self, types: impl IntoIterator<Item = CredentialType>) -> AnchorStore<Issuer> {
        let entitlements = IssuerEntitlements::types(types);
        [TrustAnchor::for_issuer(self.root.clone(), entitlements).unwrap()].into_iter().collect()
    }
}

/// How a party is to be made.
#[derive(Debug, Clone)]
pub struct Recipe {
    name: String,
    organisation: String,
    root: Subject,
    validity: Validity,
    host: Option<String>,
    purpose: Option<Purpose>,
}

impl Recipe {
    /// An organisation that is called otherwise than the party.
    #[must_use]
    pub fn organisation(mut self, organisation: &str) -> Self {
        organisation.clone_into(&mut self.organisation);
        self
    }

    /// A `dNSName` in the leaf.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// What the leaf's key is for.
    #[must_use]
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// An issuer of mdocs: its leaf's key signs documents.
    #[must_use]
    pub fn document_signer(self) -> Self {
        self.purpose(Purpose::MdocDocumentSigner)
    }

    /// When root and leaf are valid.
    #[must_use]
    pub fn valid(mut self, validity: Validity) -> Self {
        self.validity = validity;
        self
    }

    /// A root of this name.
    #[must_use]
    pub fn under(mut self, root: Subject) -> Self {
        self.root = root;
        self
    }

    /// Makes the party. Drawn are, in this order: the root's key, its serial number, the leaf's key, its serial number.
    #[must_use]
    pub fn make(self, entropy: &dyn Entropy) -> Party {
        let root_key = PrivateKey::generate(entropy).unwrap();
        let root_name = self.root.clone();
        let root =
            CertificateBuilder::authority(self.root, self.validity).self_signed(&root_key, entropy).unwrap();
        let key = PrivateKey::generate(entropy).unwrap();
        let subject = Subject::new(self.name).organisation(self.organisation).country("KR");
        let leaf = CertificateBuilder::leaf(subject, self.validity);
        let leaf = self.host.into_iter().fold(leaf, CertificateBuilder::with_dns_name);
        let leaf = self.purpose.into_iter().fold(leaf, CertificateBuilder::with_purpose);
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, entropy).unwrap();
        Party { root, chain: CertificateChain::new(vec![leaf]).unwrap(), key, root_name, root_key }
    }
}
