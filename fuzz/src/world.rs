//! A small country: an issuer, a verifier, a registrar, a signer of lists and a holder. Its keys come from a fixed sequence, so that what
//! was signed in one run still verifies in the next.

use std::sync::OnceLock;

use crypto::{PrivateKey, PublicKey, SignError, Signature, Signer};
use primitives::test_support::SequenceEntropy;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use test_world::DAY;
pub use test_world::now;
use trust::certificate::builder::Validity;
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, Registrar, TrustListSigner, Verifier,
};

/// The type that the issuer may issue.
pub const VCT: &str = "urn:fuzz:Card:1";
/// The doctype that the issuer may issue.
pub const DOC_TYPE: &str = "fuzz.example.card.1";
/// The name space of its elements.
pub const NAME_SPACE: &str = "fuzz.example.1";

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

impl From<test_world::Party> for Party {
    fn from(made: test_world::Party) -> Self {
        Self { root: made.root, chain: made.chain, key: Key::new(made.key) }
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
        let party = |name: &str, host: &str| {
            test_world::Party::named(name).host(host).valid(Validity::days(now() - 400 * DAY, 2000))
        };
        let issuer = party("Issuer", "issuer.example").document_signer().make(&entropy);
        let verifier = party("Verifier", "verifier.example").make(&entropy);
        let registrar = party("Registrar", "registrar.example").make(&entropy);
        let lists = party("Lists", "lists.example").make(&entropy);
        World {
            issuers: issuer.entitled_to([CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOC_TYPE)]),
            verifiers: verifier.anchors(),
            registrars: registrar.anchors(),
            list_signers: lists.anchors(),
            issuer: issuer.into(),
            verifier: verifier.into(),
            registrar: registrar.into(),
            lists: lists.into(),
            holder: Key::new(PrivateKey::generate(&entropy).unwrap()),
        }
    })
}

/// Randomness that is the same in every run.
pub fn entropy() -> SequenceEntropy {
    SequenceEntropy::new(1)
}
