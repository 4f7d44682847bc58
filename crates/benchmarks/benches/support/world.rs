//! A small world: an issuer, a verifier and a registrar, each under its own root, and a holder with an SD-JWT VC and an mdoc.

use crypto::derive::{Purpose as KeyPurpose, derive_private_key};
use crypto::{PrivateKey, SecretBytes, Signer as _};
use dcql::Query;
use openid4vp::holder::{Invocation, Next, Policy, RequestTrust};
use openid4vp::verifier::{ClientIdentity, PreparedRequest, RequestBuilder, RequestSigner};
use primitives::Instant;
use primitives::http::Response;
use primitives::test_support::SequenceEntropy;
use serde_json::{Map, Value, json};
use test_world::{DAY, Party, now};
use trust::registration::Registration;
use trust::{AnchorStore, CredentialType, Issuer, Registrar, Verifier};

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
        let entropy = SequenceEntropy::new(7);
        let verifier = Party::named("Verifier").make(&entropy);
        let registrar = Party::named("Registrar").make(&entropy);
        let issuer = Party::named("Issuer").document_signer().make(&entropy);
        let mut world = Self {
            verifiers: verifier.anchors(),
            registrars: registrar.anchors(),
            issuers: issuer.entitled_to([CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)]),
            now: now(),
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
        let mut claims = claims();
        claims.insert("address".to_owned(), json!({ "city": "Garam", "street": "1" }));
        test_world::card(VCT, claims.into(), self.now - 60..self.now + DAY)
            .holder_key(&self.holder_key(1).public_key())
            .sign(&self.issuer.key, &self.issuer.chain, &self.entropy)
            .unwrap()
    }

    fn issue_mdoc(&self) -> String {
        test_world::mdoc(DOCTYPE, NAME_SPACE, claims().into(), self.now - 60..self.now + DAY)
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
        let items: [(CredentialType, &[&[&str]]); 2] = [
            (CredentialType::sd_jwt_vc(VCT), &[&["name"], &["birthdate"]]),
            (CredentialType::mdoc(DOCTYPE), &[&[NAME_SPACE, "name"], &[NAME_SPACE, "birthdate"]]),
        ];
        test_world::registration(&self.verifier, self.now, &items)
    }
}

/// What the paper says of each member.
fn claims() -> Map<String, Value> {
    CLAIMS.iter().map(|name| ((*name).to_owned(), json!(format!("the citizen's {name}")))).collect()
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
