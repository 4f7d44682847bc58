//! A small country: an issuer, a verifier, a registrar, a signer of lists and a holder. Its keys come from a fixed sequence, so that what
//! was signed in one run still verifies in the next.

use std::sync::OnceLock;

use crypto::{PrivateKey, PublicKey, SignError, Signature, Signer};
use primitives::Instant;
use primitives::test_support::SequenceEntropy;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, Registrar,
    TrustAnchor, TrustListSigner, Verifier,
};

/// The type that the issuer may issue.
pub const VCT: &str = "urn:fuzz:Card:1";
/// The doctype that the issuer may issue.
pub const DOC_TYPE: &str = "fuzz.example.card.1";
/// The name space of its elements.
pub const NAME_SPACE: &str = "fuzz.example.1";

/// The country's time.
pub fn now() -> Instant {
    Instant::from_unix_seconds(1_800_000_000)
}

/// A key that signs with `ring`. Most inputs are worth a signature before anything is read, and `p256`, counted edge by edge, would take
/// nearly all of a shard's time for it.
pub struct Key {
    /// For what is no signature.
    pub own: PrivateKey,
    public: PublicKey,
    pair: EcdsaKeyPair,
    random: ring::rand::SystemRandom,
}

impl Key {
    /// The same key, signing with `ring`.
    pub fn new(own: PrivateKey) -> Self {
        let pem = own.to_pkcs8_pem().unwrap();
        let lines = std::str::from_utf8(pem.expose()).unwrap().lines().filter(|line| !line.starts_with('-'));
        let der = primitives::base64url::decode_standard(&lines.collect::<String>()).unwrap();
        let random = ring::rand::SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random).unwrap();
        Self { public: own.public_key(), own, pair, random }
    }
}

impl Signer for Key {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        Ok(Signature::from_slice(self.pair.sign(&self.random, message).unwrap().as_ref()).unwrap())
    }
}

/// A root and a leaf below it.
pub struct Party {
    pub root: Certificate,
    pub chain: CertificateChain,
    pub key: Key,
}

impl Party {
    fn new(name: &str, host: &str, purpose: Option<Purpose>, entropy: &SequenceEntropy) -> Self {
        let root_key = PrivateKey::generate(entropy).unwrap();
        let validity = Validity::days(now() + -400 * 86_400, 2000);
        let root = CertificateBuilder::authority(Subject::new(format!("{name} root")), validity)
            .self_signed(&root_key, entropy)
            .unwrap();
        let key = PrivateKey::generate(entropy).unwrap();
        let subject = Subject::new(name).organisation(name).country("KR");
        let mut leaf = CertificateBuilder::leaf(subject, validity).with_dns_name(host);
        if let Some(purpose) = purpose {
            leaf = leaf.with_purpose(purpose);
        }
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, entropy).unwrap();
        Self { root, chain: CertificateChain::new(vec![leaf]).unwrap(), key: Key::new(key) }
    }
}

/// Everybody, and whom the wallet trusts for what.
pub struct World {
    pub issuer: Party,
    pub verifier: Party,
    pub registrar: Party,
    pub lists: Party,
    pub holder: Key,
    pub issuers: AnchorStore<Issuer>,
    pub verifiers: AnchorStore<Verifier>,
    pub registrars: AnchorStore<Registrar>,
    pub list_signers: AnchorStore<TrustListSigner>,
}

/// The one country.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let entropy = SequenceEntropy::new(7);
        let issuer = Party::new("Issuer", "issuer.example", Some(Purpose::MdocDocumentSigner), &entropy);
        let verifier = Party::new("Verifier", "verifier.example", None, &entropy);
        let registrar = Party::new("Registrar", "registrar.example", None, &entropy);
        let lists = Party::new("Lists", "lists.example", None, &entropy);
        let holder = Key::new(PrivateKey::generate(&entropy).unwrap());
        let types =
            IssuerEntitlements::types([CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOC_TYPE)]);
        World {
            issuers: [TrustAnchor::for_issuer(issuer.root.clone(), types).unwrap()].into_iter().collect(),
            verifiers: [TrustAnchor::new(verifier.root.clone()).unwrap()].into_iter().collect(),
            registrars: [TrustAnchor::new(registrar.root.clone()).unwrap()].into_iter().collect(),
            list_signers: [TrustAnchor::new(lists.root.clone()).unwrap()].into_iter().collect(),
            issuer,
            verifier,
            registrar,
            lists,
            holder,
        }
    })
}

/// Randomness that is the same in every run.
pub fn entropy() -> SequenceEntropy {
    SequenceEntropy::new(1)
}
