//! Who meets at a desk, over the network or before a screen: parties, and a wallet with a card and an mdoc of one issuer.

use std::ops::Range;
use std::sync::Arc;

use crypto::{PrivateKey, Signer as _, SystemEntropy};
use dcql::CredentialType as Type;
use mdoc::IssuerSigned;
use openid4vp::holder::{AuthenticatedRequest, Copy, PreparedResponse, RequestTrust};
use primitives::{ClaimPath, Instant, PathElement};
use sd_jwt_vc::VerifiedSdJwtVc;
use serde_json::Value;
use test_world::{DAY, Party, Recipe, holding, verified_card};
use trust::certificate::builder::Validity;
use trust::status::StatusReference;
use trust::{AnchorStore, CredentialType, Issuer, Registrar, Verifier};
use verifier::Identity;

/// Which format the wallet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    SdJwt,
    Mdoc,
}

/// The recipe of a party at a desk, whose clock may move by a year.
pub fn party(name: &str, now: Instant) -> Recipe {
    Party::named(name).valid(Validity::days(now - 400 * DAY, 900))
}

/// The party as a verifier that signs its requests.
pub fn identity(party: &Party) -> Identity {
    Identity::X509Hash { chain: party.chain.clone(), signer: Arc::new(party.key.clone()) }
}

/// Does something with the trust of a wallet that knows this verifier alone.
pub fn knowing<T>(party: &Party, what: impl FnOnce(&RequestTrust<'_>) -> T) -> T {
    let verifiers: AnchorStore<Verifier> = party.anchors();
    let registrars: AnchorStore<Registrar> = AnchorStore::new();
    what(&RequestTrust::new(&verifiers, &registrars))
}

/// What the issuer put into a wallet.
pub struct Papers<'a> {
    pub vct: &'a str,
    pub claims: Value,
    pub doctype: &'a str,
    pub name_space: &'a str,
    pub elements: Value,
    /// Where their status stands, if anywhere.
    pub reference: Option<StatusReference>,
    pub dates: Range<Instant>,
}

pub struct Wallet {
    vct: String,
    doctype: String,
    holder_key: PrivateKey,
    device_key: PrivateKey,
    card: VerifiedSdJwtVc,
    mdoc: IssuerSigned,
}

impl Wallet {
    /// A wallet with these papers, and the anchors that say that the issuer may issue them.
    pub fn of(issuer: &Party, papers: Papers<'_>, now: Instant) -> (Self, AnchorStore<Issuer>) {
        let Papers { vct, claims, doctype, name_space, elements, reference, dates } = papers;
        let issuers = issuer.entitled_to([CredentialType::sd_jwt_vc(vct), CredentialType::mdoc(doctype)]);
        let holder_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let device_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let parts = ["sigungu", "full"].map(|part| ["address", part]);
        let parts = parts.into_iter().filter(|_| claims.get("address").is_some());
        let parts = parts.map(|names| ClaimPath::of_names(names).unwrap());
        // Of an array of marks the first two can be kept back, whatever else is in it.
        let marks = [0, 1].map(|place| vec!["marks".into(), PathElement::Index(place)]).into_iter();
        let marks = marks.filter(|_| claims.get("marks").is_some());
        let parts = parts.chain(marks.map(|path| ClaimPath::new(path).unwrap())).collect::<Vec<_>>();
        let card = test_world::card(vct, claims, dates.clone()).holder_key(&holder_key.public_key());
        let card = parts.into_iter().fold(card, sd_jwt_vc::Issuance::disclosable);
        let card = reference
            .iter()
            .fold(card, sd_jwt_vc::Issuance::status)
            .sign(&issuer.key, &issuer.chain, &SystemEntropy)
            .unwrap();
        let mdoc = test_world::mdoc(doctype, name_space, elements, dates);
        let mdoc = reference
            .into_iter()
            .fold(mdoc, mdoc::Issuance::status)
            .sign(&device_key.public_key(), &issuer.key, &issuer.chain, &SystemEntropy)
            .unwrap();
        let card = verified_card(&card, &issuers, now);
        let (vct, doctype) = (vct.to_owned(), doctype.to_owned());
        (Self { vct, doctype, holder_key, device_key, card, mdoc }, issuers)
    }

    /// The answer with what is required, of the papers in these formats.
    pub fn respond(&self, request: &AuthenticatedRequest, holds: &[Holds], at: Instant) -> PreparedResponse {
        let card_claims = self.card.claims().clone();
        let mdoc_claims = self.mdoc.unverified_claims().into_json();
        let holdings: Vec<_> = holds
            .iter()
            .map(|holds| match holds {
                Holds::SdJwt => holding("card", Type::SdJwtVc { vct: &self.vct }, &card_claims),
                Holds::Mdoc => holding("mdoc", Type::Mdoc { doctype: &self.doctype }, &mdoc_claims),
            })
            .collect();
        let solution = request.solve(&holdings);
        let selection = solution.required_only().unwrap();
        let copies: Vec<Copy<'_>> = dcql::select(&solution, &selection)
            .unwrap()
            .iter()
            .map(|disclosure| match disclosure.holding.as_str() {
                "mdoc" => Copy::Mdoc { issuer_signed: &self.mdoc, signer: &self.device_key },
                _ => Copy::SdJwtVc { credential: &self.card, signer: Some(&self.holder_key) },
            })
            .collect();
        request.respond(&solution, &selection, &copies, at, &SystemEntropy).unwrap()
    }
}
