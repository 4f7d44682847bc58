//! An issuer whose certificate has 609 bytes, a holder of a twelve-claim credential in both forms, and a verifier's desk.
#![allow(dead_code, unreachable_pub)]

use crypto::{PrivateKey, Signer as _};
use dcql::{Holding, Query};
use mdoc::{ElementValue, IssuerSigned};
use openid4vp::holder::{AuthenticatedRequest, Copy, Policy, RequestTrust, ScreenAnswer, ScreenRequest};
use openid4vp::verifier::{ClientIdentity, PreparedRequest, RequestBuilder, RequestSigner};
use primitives::Instant;
use primitives::test_support::SequenceEntropy;
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::{Value, json};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::status::StatusReference;
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, TrustAnchor,
    Verifier,
};

pub const VCT: &str = "urn:kr:example:ResidentCard:1";
pub const DOCTYPE: &str = "kr.example.resident.1";
pub const ISSUER: &str = "https://issuer.example.kr";
pub const STATUS: &str = "https://status.example.kr/lists/7";

/// A party with a certificate under a root of its own.
pub struct Party {
    pub root: Certificate,
    pub key: PrivateKey,
    pub chain: CertificateChain,
}

impl Party {
    pub fn new(
        [name, organisation, host]: [&str; 3],
        purpose: Option<Purpose>,
        now: Instant,
        entropy: &SequenceEntropy,
    ) -> Self {
        let root_key = PrivateKey::generate(entropy).unwrap();
        let validity = Validity::days(now - 86_400, 365);
        let subject = Subject::new(format!("{name} Root")).organisation(organisation).country("KR");
        let root = CertificateBuilder::authority(subject, validity).self_signed(&root_key, entropy).unwrap();
        let key = PrivateKey::generate(entropy).unwrap();
        let leaf =
            CertificateBuilder::leaf(Subject::new(name).organisation(organisation).country("KR"), validity)
                .with_dns_name(host);
        let leaf = purpose.into_iter().fold(leaf, CertificateBuilder::with_purpose);
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, entropy).unwrap();
        Self { root, key, chain: CertificateChain::new(vec![leaf]).unwrap() }
    }
}

pub struct World {
    pub now: Instant,
    pub entropy: SequenceEntropy,
    pub issuer: Party,
    pub verifier: Party,
    pub issuers: AnchorStore<Issuer>,
    pub verifiers: AnchorStore<Verifier>,
    pub registrars: AnchorStore<trust::Registrar>,
    pub policy: Policy,
    pub holder_key: PrivateKey,
    pub card: VerifiedSdJwtVc,
    pub card_text: String,
    pub card_claims: Value,
    pub mdoc: IssuerSigned,
    pub mdoc_claims: Value,
}

/// Twelve claims, in the order of issue. The resident number is masked, as everywhere.
pub fn claims() -> Value {
    json!({
        "name": "가나다",
        "nameRoman": "GA NADA",
        "birth": "1988-06-14",
        "sex": "M",
        "ihidnumMasked": "880614-0******",
        "ageOver14": true,
        "ageOver19": true,
        "ageOver65": false,
        "addressFull": "한빛도 가람시 시연로 123, 101동 1001호 (시연동)",
        "sigungu": "가람시",
        "issueDate": "2026-03-02",
        "issuerName": "누리행정부(시연)",
    })
}

/// The five that are shown.
pub const SHOWN: [&str; 5] = ["name", "birth", "addressFull", "issueDate", "issuerName"];

impl World {
    pub fn new() -> Self {
        Self::seeded(8)
    }

    pub fn seeded(seed: u64) -> Self {
        let now = Instant::from_unix_seconds(1_800_000_000);
        let entropy = SequenceEntropy::new(seed);
        let names = [
            "Resident Card Signer 07",
            "Demo Ministry of the Interior and Safety Korea",
            "issuer.example.kr",
        ];
        let issuer = Party::new(names, Some(Purpose::MdocDocumentSigner), now, &entropy);
        let verifier =
            Party::new(["Convenience Store 12", "Demo Retail", "store.example.kr"], None, now, &entropy);
        let types = [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];
        let anchor = TrustAnchor::for_issuer(issuer.root.clone(), IssuerEntitlements::types(types)).unwrap();
        let issuers: AnchorStore<Issuer> = [anchor].into_iter().collect();
        let holder_key = PrivateKey::generate(&entropy).unwrap();
        let status = || StatusReference::new(STATUS.to_owned(), 48_213).unwrap();
        let Value::Object(members) = claims() else { panic!() };
        let card_text = sd_jwt_vc::Issuance::new(VCT, members.clone())
            .all_disclosable()
            .issuer(ISSUER)
            .issued_at(now - 3600)
            .not_before(now - 3600)
            .expires(now + 200 * 86_400)
            .holder_key(&holder_key.public_key())
            .status(&status())
            .sign(&issuer.key, &issuer.chain, &entropy)
            .unwrap();
        let card = UnverifiedSdJwtVc::parse(&card_text).unwrap();
        let card = card.verify(&issuers, now, &VcPolicy::default()).unwrap();
        let validity = mdoc::Validity {
            signed: now - 3600,
            valid_from: now - 3600,
            valid_until: now + 200 * 86_400,
            expected_update: None,
        };
        let mut issuance = mdoc::Issuance::new(DOCTYPE, validity).status(status());
        for (name, value) in &members {
            issuance = issuance.element(DOCTYPE, name, ElementValue::from_json(value).unwrap());
        }
        let mdoc = issuance.sign(&holder_key.public_key(), &issuer.key, &issuer.chain, &entropy).unwrap();
        Self {
            issuers,
            verifiers: [TrustAnchor::new(verifier.root.clone()).unwrap()].into_iter().collect(),
            registrars: AnchorStore::default(),
            policy: Policy::STRICT,
            card_claims: card.claims().clone(),
            mdoc_claims: mdoc.unverified_claims().into_json(),
            now,
            entropy,
            issuer,
            verifier,
            holder_key,
            card,
            card_text,
            mdoc,
        }
    }

    pub fn holdings(&self) -> [Holding<'_>; 2] {
        [
            Holding {
                id: "card",
                credential_type: dcql::CredentialType::SdJwtVc { vct: VCT },
                claims: &self.card_claims,
                authority_key_identifiers: &[],
                holder_binding: true,
                always_disclosed: &[],
            },
            Holding {
                id: "mdoc",
                credential_type: dcql::CredentialType::Mdoc { doctype: DOCTYPE },
                claims: &self.mdoc_claims,
                authority_key_identifiers: &[],
                holder_binding: true,
                always_disclosed: &[],
            },
        ]
    }

    /// Asks on the screen, signed.
    pub fn ask(&self, query: Query) -> PreparedRequest {
        let identity = ClientIdentity::X509Hash(self.verifier.chain.clone());
        RequestBuilder::for_screen(identity, query).build(self.now, &self.entropy).unwrap()
    }

    pub fn request_object(&self, prepared: &PreparedRequest) -> String {
        let signer = RequestSigner { chain: &self.verifier.chain, signer: &self.verifier.key };
        prepared.request_object(&signer).unwrap()
    }

    pub fn read(&self, object: &str) -> AuthenticatedRequest {
        let trust = RequestTrust::new(&self.verifiers, &self.registrars);
        ScreenRequest::parse(object).unwrap().authenticate(&trust, self.now, &self.policy).unwrap()
    }

    /// Answers with what the query asks for, signed at this moment.
    pub fn answer(&self, request: &AuthenticatedRequest, at: Instant) -> ScreenAnswer {
        let solution = request.solve(&self.holdings());
        let selection = solution.required_only().unwrap();
        let copies: Vec<Copy<'_>> = dcql::select(&solution, &selection)
            .unwrap()
            .iter()
            .map(|one| match one.format {
                dcql::Format::Mdoc => Copy::Mdoc { issuer_signed: &self.mdoc, signer: &self.holder_key },
                _ => Copy::SdJwtVc { credential: &self.card, signer: Some(&self.holder_key) },
            })
            .collect();
        let response = request.respond(&solution, &selection, &copies, at, &self.entropy).unwrap();
        response.into_delivery().into_screen().unwrap()
    }
}

pub fn card_query(claims: &[&str]) -> Query {
    let claims: Vec<Value> = claims.iter().map(|name| json!({ "path": [name] })).collect();
    Query::from_value(json!({ "credentials": [
        { "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": claims }
    ] }))
    .unwrap()
}

pub fn mdoc_query(claims: &[&str]) -> Query {
    let claims: Vec<Value> = claims.iter().map(|name| json!({ "path": [DOCTYPE, name] })).collect();
    Query::from_value(json!({ "credentials": [
        { "id": "q0", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE }, "claims": claims }
    ] }))
    .unwrap()
}
