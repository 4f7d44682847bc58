//! An issuer whose certificate has 609 bytes, a holder of a twelve-claim credential in both forms, and a verifier's desk.
#![allow(dead_code, unreachable_pub)]

use crypto::{PrivateKey, Signer as _};
use dcql::{Holding, Query};
use mdoc::IssuerSigned;
use openid4vp::holder::{AuthenticatedRequest, Copy, Policy, RequestTrust, ScreenAnswer, ScreenRequest};
use openid4vp::verifier::{ClientIdentity, PreparedRequest, RequestBuilder, RequestSigner};
use primitives::Instant;
use primitives::test_support::SequenceEntropy;
use sd_jwt_vc::VerifiedSdJwtVc;
use serde_json::{Value, json};
use test_world::{DAY, Party, Recipe, holding, now, verified_card};
use trust::certificate::builder::Subject;
use trust::status::StatusReference;
use trust::{AnchorStore, CredentialType, Issuer, Verifier};

pub const VCT: &str = "urn:kr:example:ResidentCard:1";
pub const DOCTYPE: &str = "kr.example.resident.1";
pub const ISSUER: &str = "https://issuer.example.kr";
pub const STATUS: &str = "https://status.example.kr/lists/7";

/// A party whose root names it and its organisation, as the certificates that the sizes to beat are told for.
fn party(name: &str, organisation: &str, host: &str) -> Recipe {
    let root = Subject::new(format!("{name} Root")).organisation(organisation).country("KR");
    Party::named(name).organisation(organisation).host(host).under(root)
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
        let (now, entropy) = (now(), SequenceEntropy::new(seed));
        let ministry = "Demo Ministry of the Interior and Safety Korea";
        let issuer = party("Resident Card Signer 07", ministry, "issuer.example.kr");
        let issuer = issuer.document_signer().make(&entropy);
        let verifier = party("Convenience Store 12", "Demo Retail", "store.example.kr").make(&entropy);
        let issuers = issuer.entitled_to([CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)]);
        let holder_key = PrivateKey::generate(&entropy).unwrap();
        let status = || StatusReference::new(STATUS.to_owned(), 48_213).unwrap();
        let Value::Object(members) = claims() else { panic!() };
        let card_text = sd_jwt_vc::Issuance::new(VCT, members)
            .all_disclosable()
            .issuer(ISSUER)
            .issued_at(now - 3600)
            .not_before(now - 3600)
            .expires(now + 200 * DAY)
            .holder_key(&holder_key.public_key())
            .status(&status())
            .sign(&issuer.key, &issuer.chain, &entropy)
            .unwrap();
        let card = verified_card(&card_text, &issuers, now);
        let mdoc = test_world::mdoc(DOCTYPE, DOCTYPE, claims(), now - 3600..now + 200 * DAY).status(status());
        let mdoc = mdoc.sign(&holder_key.public_key(), &issuer.key, &issuer.chain, &entropy).unwrap();
        Self {
            issuers,
            verifiers: verifier.anchors(),
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
            holding("card", dcql::CredentialType::SdJwtVc { vct: VCT }, &self.card_claims),
            holding("mdoc", dcql::CredentialType::Mdoc { doctype: DOCTYPE }, &self.mdoc_claims),
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
