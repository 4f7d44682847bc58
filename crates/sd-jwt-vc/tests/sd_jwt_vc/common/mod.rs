//! A small world for the tests: an anchor, an issuer with a certificate, a holder, and tokens that no honest issuer would sign.

#![allow(clippy::print_stdout)]

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer, sha256};
use primitives::test_support::SequenceEntropy;
use primitives::{ClaimPath, Instant, base64url};
use sd_jwt_vc::{
    ExpectedKeyBinding, Issuance, KeyBinding, TransactionData, UnverifiedSdJwtVc, VerifiedSdJwtVc,
};
use serde_json::{Map, Value, json};
use trust::certificate::builder::{CertificateBuilder, Subject, Validity};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, TrustAnchor,
};

pub const VCT: &str = "urn:example:identity";
pub const AUDIENCE: &str = "x509_hash:verifier";
pub const NONCE: &str = "n-0S6_WzA2Mj";

/// 2026-11-21T12:00:00Z
pub fn now() -> Instant {
    Instant::from_unix_seconds(1_795_262_400)
}

pub struct World {
    pub entropy: SequenceEntropy,
    pub anchors: AnchorStore<Issuer>,
    pub anchor: Certificate,
    pub chain: CertificateChain,
    pub issuer_key: PrivateKey,
    pub holder_key: PrivateKey,
}

impl World {
    pub fn new() -> Self {
        Self::with_types([CredentialType::sd_jwt_vc(VCT)])
    }

    pub fn with_types(types: impl IntoIterator<Item = CredentialType>) -> Self {
        Self::of(7, "Issuer", types)
    }

    /// Another issuer with an anchor of its own, by the keys that come of this seed.
    pub fn of(seed: u64, name: &str, types: impl IntoIterator<Item = CredentialType>) -> Self {
        let entropy = SequenceEntropy::new(seed);
        let anchor_key = PrivateKey::generate(&entropy).unwrap();
        let issuer_key = PrivateKey::generate(&entropy).unwrap();
        let holder_key = PrivateKey::generate(&entropy).unwrap();
        let validity = Validity::days(now() - 86_400, 365);
        let anchor = CertificateBuilder::authority(Subject::new(format!("{name} Anchor")), validity)
            .self_signed(&anchor_key, &entropy)
            .unwrap();
        let leaf = CertificateBuilder::leaf(Subject::new(name).organisation(name), validity)
            .with_dns_name("issuer.example")
            .issued_by(&issuer_key.public_key(), &anchor, &anchor_key, &entropy)
            .unwrap();
        let mut anchors = AnchorStore::new();
        anchors.add(TrustAnchor::for_issuer(anchor.clone(), IssuerEntitlements::types(types)).unwrap());
        let chain = CertificateChain::new(vec![leaf]).unwrap();
        Self { entropy, anchors, anchor, chain, issuer_key, holder_key }
    }

    /// A credential of the honest issuer, bound to the holder.
    pub fn issue(&self, claims: Value, disclosable: &[&str]) -> String {
        disclosable
            .iter()
            .fold(self.issuance(claims), |issuance, at| issuance.disclosable(path(at)))
            .sign(&self.issuer_key, &self.chain, &self.entropy)
            .unwrap()
    }

    pub fn issuance(&self, claims: Value) -> Issuance {
        Issuance::new(VCT, object(claims))
            .issuer("https://issuer.example/citizens")
            .issued_at(now() - 60)
            .expires(now() + 86_400)
            .holder_key(&self.holder_key.public_key())
    }

    pub fn accept(&self, text: &str) -> VerifiedSdJwtVc {
        UnverifiedSdJwtVc::parse(text)
            .unwrap()
            .verify(&self.anchors, now(), &Default::default())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// An SD-JWT VC with any payload and any disclosures, properly signed.
    pub fn signed(&self, payload: &Value, disclosures: &[String]) -> String {
        join(&self.jwt("dc+sd-jwt", payload), disclosures)
    }

    pub fn jwt(&self, typ: &str, payload: &Value) -> String {
        HeaderBuilder::new(typ)
            .x5c(&self.chain.to_der())
            .sign_claims(payload.as_object().unwrap(), &self.issuer_key)
            .unwrap()
    }

    /// An SD-JWT VC whose payload is these very bytes.
    pub fn signed_bytes(&self, payload: &str, disclosures: &[String]) -> String {
        let jwt = HeaderBuilder::new("dc+sd-jwt")
            .x5c(&self.chain.to_der())
            .sign(payload.as_bytes(), &self.issuer_key)
            .unwrap();
        join(&jwt, disclosures)
    }

    /// A key binding JWT of the holder with any header type and payload.
    pub fn key_binding(&self, typ: &str, payload: &Value) -> String {
        HeaderBuilder::new(typ).sign_claims(payload.as_object().unwrap(), &self.holder_key).unwrap()
    }
}

pub fn join(jwt: &str, disclosures: &[String]) -> String {
    let mut text = format!("{jwt}~");
    for disclosure in disclosures {
        text.push_str(disclosure);
        text.push('~');
    }
    text
}

/// The claims of an honest, bound credential, and these.
pub fn payload(more: Value) -> Value {
    let mut payload = json!({ "vct": VCT });
    payload.as_object_mut().unwrap().extend(object(more));
    payload
}

pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("not an object"),
    }
}

/// A path written as JSON without its brackets: `"address","locality"`.
pub fn path(text: &str) -> ClaimPath {
    serde_json::from_str(&format!("[{text}]")).unwrap()
}

pub fn disclosure(elements: Value) -> String {
    base64url::encode(elements.to_string().as_bytes())
}

pub fn digest(disclosure: &str) -> String {
    base64url::encode(&sha256(disclosure.as_bytes()))
}

pub fn binding() -> KeyBinding<'static> {
    KeyBinding {
        audience: AUDIENCE,
        nonce: NONCE,
        issued_at: now(),
        transaction_data: TransactionData::default(),
    }
}

pub fn expected() -> ExpectedKeyBinding<'static> {
    ExpectedKeyBinding {
        audience: AUDIENCE,
        nonce: NONCE,
        max_age_seconds: 300,
        transaction_data: TransactionData::default(),
        required: true,
    }
}

/// Reads a vector file, or tells that it is left out.
pub fn vectors(file: &str) -> Option<Value> {
    let folder = std::env::var("CITIZEN_WALLET_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
    match std::fs::read(format!("{folder}/{file}")) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(_) => {
            println!("left out: all cases of {file} (vectors absent)");
            None
        }
    }
}
