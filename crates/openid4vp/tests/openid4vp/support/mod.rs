//! A small world: an issuer, a verifier, a registrar, each under its own root, and a holder with two credentials.

pub mod signs;

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer};
use dcql::{CredentialType as Type, Holding, Query};
use mdoc::IssuerSigned;
use openid4vp::holder::{
    AuthenticatedRequest, Copy, Invocation, KnownVerifiers, Next, Policy, RequestError, RequestTrust,
};
use openid4vp::verifier::{ClientIdentity, PreparedRequest, RequestBuilder, RequestSigner};
use primitives::http::{Request, Response};
use primitives::test_support::SequenceEntropy;
use primitives::{ClaimPath, Instant};
use sd_jwt_vc::VerifiedSdJwtVc;
use serde_json::{Map, Value, json};
pub use test_world::Party;
use test_world::{DAY, holding, now, verified_card};
use trust::registration::Registration;
use trust::{AnchorStore, CredentialType, Issuer, Registrar, Verifier};

pub const VCT: &str = "urn:example:card";
pub const DOCTYPE: &str = "org.example.card";
pub const NAME_SPACE: &str = "org.example.card.1";
pub const HOST: &str = "verifier.example";
pub const RESPONSE_URI: &str = "https://verifier.example/response/1";
pub const REQUEST_URI: &str = "https://verifier.example/request/1";

pub struct World {
    pub now: Instant,
    pub entropy: SequenceEntropy,
    pub verifier: Party,
    pub registrar: Party,
    pub issuer: Party,
    pub verifiers: AnchorStore<Verifier>,
    pub registrars: AnchorStore<Registrar>,
    pub issuers: AnchorStore<Issuer>,
    pub known: KnownVerifiers,
    pub policy: Policy,
    pub holder_key: PrivateKey,
    pub device_key: PrivateKey,
    pub card: VerifiedSdJwtVc,
    pub card_claims: Value,
    pub mdoc: IssuerSigned,
    pub mdoc_claims: Value,
}

impl World {
    pub fn new() -> Self {
        let (now, entropy) = (now(), SequenceEntropy::new(7));
        let verifier = Party::named("Verifier").host(HOST).make(&entropy);
        let registrar = Party::named("Registrar").host(HOST).make(&entropy);
        let issuer = Party::named("Issuer").host(HOST).document_signer().make(&entropy);
        let issuers = issuer.entitled_to([CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)]);
        let holder_key = PrivateKey::generate(&entropy).unwrap();
        let device_key = PrivateKey::generate(&entropy).unwrap();
        let card = issue_card(&issuer, Some(&holder_key), &entropy, now);
        let card = verified_card(&card, &issuers, now);
        let mdoc = issue_mdoc(&issuer, &device_key, &entropy, now);
        Self {
            verifiers: verifier.anchors(),
            registrars: registrar.anchors(),
            card_claims: card.claims().clone(),
            mdoc_claims: mdoc.unverified_claims().into_json(),
            now,
            entropy,
            verifier,
            registrar,
            issuer,
            issuers,
            known: KnownVerifiers::default(),
            policy: Policy::STRICT,
            holder_key,
            device_key,
            card,
            mdoc,
        }
    }

    pub fn trust(&self) -> RequestTrust<'_> {
        RequestTrust::new(&self.verifiers, &self.registrars).with_known(&self.known)
    }

    pub fn signer(&self) -> RequestSigner<'_> {
        RequestSigner { chain: &self.verifier.chain, signer: &self.verifier.key }
    }

    pub fn builder(&self, query: Query) -> RequestBuilder {
        RequestBuilder::new(ClientIdentity::X509Hash(self.verifier.chain.clone()), query, RESPONSE_URI)
    }

    pub fn prepare(&self, query: Query) -> PreparedRequest {
        self.builder(query).build(self.now, &self.entropy).unwrap()
    }

    /// The whole way of a request to the holder, by `request_uri` and GET.
    pub fn receive(&self, prepared: &PreparedRequest) -> Result<AuthenticatedRequest, RequestError> {
        let link = prepared.link_by_reference("openid4vp", REQUEST_URI, false).unwrap();
        let object = prepared.request_object(&self.signer()).unwrap();
        self.receive_object(&link, &object)
    }

    pub fn receive_object(&self, link: &str, object: &str) -> Result<AuthenticatedRequest, RequestError> {
        let Next::Fetch(fetch) = Invocation::parse(link, &self.policy)?.next(&self.entropy)? else {
            panic!("nothing to fetch")
        };
        fetch.receive(&object_response(object))?.authenticate(&self.trust(), self.now, &self.policy)
    }

    /// The claims of a valid request object, to be changed.
    pub fn claims(&self) -> Map<String, Value> {
        let prepared = self.prepare(card_query());
        let object = prepared.request_object(&self.signer()).unwrap();
        let jws = crypto::jws::UnverifiedJws::parse(&object).unwrap();
        jws.dangerous_claims().unwrap()
    }

    /// Signs claims as the verifier would and lets the holder read them.
    pub fn receive_claims(&self, claims: &Map<String, Value>) -> Result<AuthenticatedRequest, RequestError> {
        let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&self.verifier.chain.to_der());
        let object = header.sign_claims(claims, &self.verifier.key).unwrap();
        let client_id = claims.get("client_id").and_then(Value::as_str).unwrap_or("x509_hash:none");
        self.receive_object(&link(client_id), &object)
    }

    /// A valid request with some members replaced (or, with `null`, removed).
    pub fn receive_with(&self, changes: Value) -> Result<AuthenticatedRequest, RequestError> {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.remove(name),
                value => claims.insert(name.clone(), value.clone()),
            };
        }
        self.receive_claims(&claims)
    }

    pub fn holdings(&self) -> [Holding<'_>; 2] {
        [
            holding("card", Type::SdJwtVc { vct: VCT }, &self.card_claims),
            holding("mdoc", Type::Mdoc { doctype: DOCTYPE }, &self.mdoc_claims),
        ]
    }

    pub fn card_copy(&self) -> Copy<'_> {
        Copy::SdJwtVc { credential: &self.card, signer: Some(&self.holder_key) }
    }

    pub fn mdoc_copy(&self) -> Copy<'_> {
        Copy::Mdoc { issuer_signed: &self.mdoc, signer: &self.device_key }
    }

    /// The required answer with these copies.
    pub fn answer(&self, request: &AuthenticatedRequest, copies: &[Copy<'_>]) -> Request {
        let solution = request.solve(&self.holdings());
        let selection = solution.required_only().unwrap();
        request
            .respond(&solution, &selection, copies, self.now, &self.entropy)
            .unwrap()
            .into_delivery()
            .into_post()
            .unwrap()
    }

    pub fn registration(&self) -> Registration {
        let items: [(CredentialType, &[&[&str]]); 2] = [
            (CredentialType::sd_jwt_vc(VCT), &[&["name"], &["address", "city"]]),
            (CredentialType::mdoc(DOCTYPE), &[&[NAME_SPACE, "name"]]),
        ];
        test_world::registration(&self.verifier, self.now, &items)
    }

    pub fn sign_registration(&self, registration: &Registration) -> String {
        registration.sign(&self.registrar.chain, &self.registrar.key).unwrap()
    }
}

pub fn issue_card(
    issuer: &Party,
    holder: Option<&PrivateKey>,
    entropy: &SequenceEntropy,
    now: Instant,
) -> String {
    let claims = json!({
        "name": "Hong",
        "birth": "1988-06-14",
        "address": { "city": "Garam", "street": "1" },
        "nationalities": ["KR", "JP"]
    });
    let issuance = test_world::card(VCT, claims, now - 60..now + DAY)
        .disclosable(ClaimPath::of_names(["address", "city"]).unwrap())
        .disclosable(ClaimPath::of_names(["address", "street"]).unwrap())
        .disclosable(ClaimPath::new(vec!["nationalities".into(), primitives::PathElement::All]).unwrap());
    let issuance = match holder {
        Some(key) => issuance.holder_key(&key.public_key()),
        None => issuance,
    };
    issuance.sign(&issuer.key, &issuer.chain, entropy).unwrap()
}

pub fn issue_mdoc(
    issuer: &Party,
    device: &PrivateKey,
    entropy: &SequenceEntropy,
    now: Instant,
) -> IssuerSigned {
    let elements = json!({ "name": "Hong", "birth": "1988-06-14" });
    test_world::mdoc(DOCTYPE, NAME_SPACE, elements, now - 60..now + DAY)
        .sign(&device.public_key(), &issuer.key, &issuer.chain, entropy)
        .unwrap()
}

pub fn query(value: Value) -> Query {
    Query::from_value(value).unwrap()
}

pub fn card_query() -> Query {
    query(json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
        "claims": [{ "path": ["name"] }, { "path": ["address", "city"] }]
    }] }))
}

pub fn both_query() -> Query {
    query(json!({ "credentials": [
        { "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }] },
        { "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
          "claims": [{ "path": [NAME_SPACE, "name"] }] }
    ] }))
}

pub fn link(client_id: &str) -> String {
    let encode = |text: &str| text.replace('%', "%25").replace('&', "%26").replace('#', "%23");
    format!("openid4vp://?client_id={}&request_uri={}", encode(client_id), encode(REQUEST_URI))
}

pub fn object_response(object: &str) -> Response {
    Response::new(200, object).with_header("content-type", "application/oauth-authz-req+jwt")
}

/// The fields of a posted form.
pub fn form(request: &Request) -> Vec<(String, String)> {
    let text = String::from_utf8(request.body.clone()).unwrap();
    text.split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}
