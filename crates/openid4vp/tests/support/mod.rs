//! A small world: an issuer, a verifier, a registrar, each under its own root, and a holder with two credentials.
#![allow(dead_code, unreachable_pub)]

pub mod signs;

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer};
use dcql::{CredentialType as Type, Holding, Query};
use mdoc::{ElementValue, IssuerSigned};
use openid4vp::holder::{
    AuthenticatedRequest, Copy, Invocation, KnownVerifiers, Next, Policy, RequestError, RequestTrust,
};
use openid4vp::verifier::{ClientIdentity, PreparedRequest, RequestBuilder, RequestSigner};
use primitives::http::{Request, Response};
use primitives::test_support::SequenceEntropy;
use primitives::{ClaimPath, Instant, LocalizedText};
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::{Map, Value, json};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::registration::{RegisteredItem, RegisteredVerifier, Registration};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, Registrar,
    TrustAnchor, Verifier,
};

pub const VCT: &str = "urn:example:card";
pub const DOCTYPE: &str = "org.example.card";
pub const NAME_SPACE: &str = "org.example.card.1";
pub const HOST: &str = "verifier.example";
pub const RESPONSE_URI: &str = "https://verifier.example/response/1";
pub const REQUEST_URI: &str = "https://verifier.example/request/1";

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
        let leaf = CertificateBuilder::leaf(Subject::new(name).organisation(name).country("KR"), validity)
            .with_dns_name(HOST);
        let leaf = match purpose {
            Some(purpose) => leaf.with_purpose(purpose),
            None => leaf,
        };
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, entropy).unwrap();
        Self { root, key, chain: CertificateChain::new(vec![leaf]).unwrap() }
    }

    pub fn hash_id(&self) -> String {
        format!("x509_hash:{}", primitives::base64url::encode(&self.chain.leaf().hash()))
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
        let now = Instant::from_unix_seconds(1_800_000_000);
        let entropy = SequenceEntropy::new(7);
        let verifier = Party::new("Verifier", None, now, &entropy);
        let registrar = Party::new("Registrar", None, now, &entropy);
        let issuer = Party::new("Issuer", Some(Purpose::MdocDocumentSigner), now, &entropy);
        let types = [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];
        let issuers: AnchorStore<Issuer> =
            [TrustAnchor::for_issuer(issuer.root.clone(), IssuerEntitlements::types(types)).unwrap()]
                .into_iter()
                .collect();
        let holder_key = PrivateKey::generate(&entropy).unwrap();
        let device_key = PrivateKey::generate(&entropy).unwrap();
        let card = issue_card(&issuer, Some(&holder_key), &entropy, now);
        let card =
            UnverifiedSdJwtVc::parse(&card).unwrap().verify(&issuers, now, &VcPolicy::default()).unwrap();
        let mdoc = issue_mdoc(&issuer, &device_key, &entropy, now);
        Self {
            verifiers: [TrustAnchor::new(verifier.root.clone()).unwrap()].into_iter().collect(),
            registrars: [TrustAnchor::new(registrar.root.clone()).unwrap()].into_iter().collect(),
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
            Holding {
                id: "card",
                credential_type: Type::SdJwtVc { vct: VCT },
                claims: &self.card_claims,
                authority_key_identifiers: &[],
                holder_binding: true,
                always_disclosed: &[],
            },
            Holding {
                id: "mdoc",
                credential_type: Type::Mdoc { doctype: DOCTYPE },
                claims: &self.mdoc_claims,
                authority_key_identifiers: &[],
                holder_binding: true,
                always_disclosed: &[],
            },
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
                item(CredentialType::sd_jwt_vc(VCT), &[&["name"], &["address", "city"]]),
                item(CredentialType::mdoc(DOCTYPE), &[&[NAME_SPACE, "name"]]),
            ],
            retention: None,
            consequences_of_refusal: None,
            legal_basis: None,
            resident_number_basis: None,
        }
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
    let issuance = sd_jwt_vc::Issuance::new(VCT, claims.as_object().unwrap().clone())
        .all_disclosable()
        .disclosable(ClaimPath::of_names(["address", "city"]).unwrap())
        .disclosable(ClaimPath::of_names(["address", "street"]).unwrap())
        .disclosable(ClaimPath::new(vec!["nationalities".into(), primitives::PathElement::All]).unwrap())
        .issued_at(now - 60)
        .expires(now + 86_400);
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
    let validity = mdoc::Validity {
        signed: now - 60,
        valid_from: now - 60,
        valid_until: now + 86_400,
        expected_update: None,
    };
    let text = |value: &str| ElementValue::from_json(&json!(value)).unwrap();
    mdoc::Issuance::new(DOCTYPE, validity)
        .element(NAME_SPACE, "name", text("Hong"))
        .element(NAME_SPACE, "birth", text("1988-06-14"))
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
