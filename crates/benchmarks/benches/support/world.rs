//! A small world: an issuer, a verifier and a registrar, each under its own root, and a holder with an SD-JWT VC and an mdoc.

use crypto::derive::{Purpose as KeyPurpose, derive_private_key};
use crypto::{PrivateKey, SecretBytes, Signer as _};
use dcql::Query;
use mdoc::ElementValue;
use openid4vp::holder::{Invocation, Next, Policy, RequestTrust};
use openid4vp::verifier::{ClientIdentity, PreparedRequest, RequestBuilder, RequestSigner};
use primitives::http::Response;
use primitives::test_support::SequenceEntropy;
use primitives::{ClaimPath, Instant, LocalizedText};
use serde_json::{Value, json};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::registration::{RegisteredItem, RegisteredVerifier, Registration};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, Registrar,
    TrustAnchor, Verifier,
};

pub const VCT: &str = "urn:example:card";
pub const DOCTYPE: &str = "org.example.card";
pub const NAME_SPACE: &str = "org.example.card.1";
const RESPONSE_URI: &str = "https://verifier.example/response/1";
const REQUEST_URI: &str = "https://verifier.example/request/1";
/// Members of the paper, as many as an ID card has.
const CLAIMS: [&str; 12] = [
    "name",
    "birthdate",
    "sex",
    "nationality",
    "address",
    "issue_date",
    "expiry_date",
    "document_number",
    "issuing_authority",
    "issuing_country",
    "age_over_19",
    "name_latin",
];

/// A party with a certificate under a root of its own.
pub struct Party {
    pub root: Certificate,
    pub key: PrivateKey,
    pub chain: CertificateChain,
}

impl Party {
    fn new(name: &str, purpose: Option<Purpose>, now: Instant, entropy: &SequenceEntropy) -> Self {
        let root_key = PrivateKey::generate(entropy).unwrap();
        let validity = Validity::days(now - 86_400, 365);
        let root = CertificateBuilder::authority(Subject::new(format!("{name} root")), validity)
            .self_signed(&root_key, entropy)
            .unwrap();
        let key = PrivateKey::generate(entropy).unwrap();
        let leaf = CertificateBuilder::leaf(Subject::new(name).organisation(name).country("KR"), validity);
        let leaf = match purpose {
            Some(purpose) => leaf.with_purpose(purpose),
            None => leaf,
        };
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, entropy).unwrap();
        Self { root, key, chain: CertificateChain::new(vec![leaf]).unwrap() }
    }
}

pub struct World {
    pub now: Instant,
    pub entropy: SequenceEntropy,
    pub verifier: Party,
    pub registrar: Party,
    pub issuer: Party,
    pub verifiers: AnchorStore<Verifier>,
    pub registrars: AnchorStore<Registrar>,
    pub issuers: AnchorStore<Issuer>,
    secret: SecretBytes<32>,
    /// The copies as a wallet stores them.
    pub card: String,
    pub mdoc: String,
}

impl World {
    pub fn new() -> Self {
        let now = Instant::from_unix_seconds(1_800_000_000);
        let entropy = SequenceEntropy::new(7);
        let verifier = Party::new("Verifier", None, now, &entropy);
        let registrar = Party::new("Registrar", None, now, &entropy);
        let issuer = Party::new("Issuer", Some(Purpose::MdocDocumentSigner), now, &entropy);
        let types = [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];
        let entitlements = IssuerEntitlements::types(types);
        let mut world = Self {
            verifiers: [TrustAnchor::new(verifier.root.clone()).unwrap()].into_iter().collect(),
            registrars: [TrustAnchor::new(registrar.root.clone()).unwrap()].into_iter().collect(),
            issuers: [TrustAnchor::for_issuer(issuer.root.clone(), entitlements).unwrap()]
                .into_iter()
                .collect(),
            now,
            entropy,
            verifier,
            registrar,
            issuer,
            secret: SecretBytes::new(&[6; 32]),
            card: String::new(),
            mdoc: String::new(),
        };
        world.card = world.issue_card();
        world.mdoc = world.issue_mdoc();
        world
    }

    /// A holder's key, derived anew as for each presentation.
    pub fn holder_key(&self, copy: u8) -> PrivateKey {
        derive_private_key(&self.secret, KeyPurpose::Holder, &[copy; 32])
    }

    fn issue_card(&self) -> String {
        let mut claims: serde_json::Map<String, Value> =
            CLAIMS.iter().map(|name| ((*name).to_owned(), json!(format!("the citizen's {name}")))).collect();
        claims.insert("address".to_owned(), json!({ "city": "Garam", "street": "1" }));
        sd_jwt_vc::Issuance::new(VCT, claims)
            .all_disclosable()
            .issued_at(self.now - 60)
            .expires(self.now + 86_400)
            .holder_key(&self.holder_key(1).public_key())
            .sign(&self.issuer.key, &self.issuer.chain, &self.entropy)
            .unwrap()
    }

    fn issue_mdoc(&self) -> String {
        let validity = mdoc::Validity {
            signed: self.now - 60,
            valid_from: self.now - 60,
            valid_until: self.now + 86_400,
            expected_update: None,
        };
        let mut issuance = mdoc::Issuance::new(DOCTYPE, validity);
        for name in CLAIMS {
            let value = ElementValue::from_json(&json!(format!("the citizen's {name}"))).unwrap();
            issuance = issuance.element(NAME_SPACE, name, value);
        }
        issuance
            .sign(&self.holder_key(2).public_key(), &self.issuer.key, &self.issuer.chain, &self.entropy)
            .unwrap()
            .to_base64url()
    }

    /// A request of a registered verifier, encrypted answer wanted.
    pub fn prepare(&self, query: Query) -> PreparedRequest {
        let identity = ClientIdentity::X509Hash(self.verifier.chain.clone());
        RequestBuilder::new(identity, query, RESPONSE_URI)
            .registration(self.registration().sign(&self.registrar.chain, &self.registrar.key).unwrap())
            .build(self.now, &self.entropy)
            .unwrap()
    }

    /// The link, and the signed request that it leads to.
    pub fn request(&self, prepared: &PreparedRequest) -> (String, String) {
        let link = prepared.link_by_reference("openid4vp", REQUEST_URI, false).unwrap();
        let signer = RequestSigner { chain: &self.verifier.chain, signer: &self.verifier.key };
        (link, prepared.request_object(&signer).unwrap())
    }

    /// From request bytes to a request that is believed.
    pub fn receive(&self, link: &str, object: &str) -> openid4vp::holder::AuthenticatedRequest {
        let invocation = Invocation::parse(link, &Policy::STRICT).unwrap();
        let Next::Fetch(fetch) = invocation.next(&self.entropy).unwrap() else { panic!("nothing to fetch") };
        let response =
            Response::new(200, object).with_header("content-type", "application/oauth-authz-req+jwt");
        fetch.receive(&response).unwrap().authenticate(&self.trust(), self.now, &Policy::STRICT).unwrap()
    }

    fn trust(&self) -> RequestTrust<'_> {
        RequestTrust::new(&self.verifiers, &self.registrars)
    }

    fn registration(&self) -> Registration {
        let item = |credential, paths: &[&[&str]]| RegisteredItem {
            credential,
            claims: paths.iter().map(|path| ClaimPath::of_names(path.iter().copied()).unwrap()).collect(),
        };
        let text = |text: &str| LocalizedText { ko: text.to_owned(), en: text.to_owned() };
        Registration {
            verifier: RegisteredVerifier::of_certificate(self.verifier.chain.leaf()),
            issued_at: self.now,
            expires_at: self.now + 3600,
            name: text("name"),
            purpose: text("purpose"),
            items: vec![
                item(CredentialType::sd_jwt_vc(VCT), &[&["name"], &["birthdate"]]),
                item(CredentialType::mdoc(DOCTYPE), &[&[NAME_SPACE, "name"], &[NAME_SPACE, "birthdate"]]),
            ],
            retention: None,
            consequences_of_refusal: None,
            legal_basis: None,
            resident_number_basis: None,
        }
    }
}

pub fn card_query() -> Query {
    Query::from_value(json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
        "claims": [{ "path": ["name"] }, { "path": ["birthdate"] }]
    }] }))
    .unwrap()
}

pub fn mdoc_query() -> Query {
    Query::from_value(json!({ "credentials": [{
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
        "claims": [{ "path": [NAME_SPACE, "name"] }, { "path": [NAME_SPACE, "birthdate"] }]
    }] }))
    .unwrap()
}
