//! What parties sign, and how a wallet holds it.

use std::ops::Range;

use dcql::Holding;
use mdoc::ElementValue;
use primitives::{ClaimPath, Instant, LocalizedText};
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::{Map, Value};
use trust::registration::{RegisteredItem, RegisteredVerifier, Registration};
use trust::{AnchorStore, CredentialType, Issuer};

use crate::Party;

fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        other => panic!("no object: {other}"),
    }
}

/// An SD-JWT VC to be signed: these claims, each of which can be kept back, issued when `dates` begins and expiring when it ends. It is
/// bound to no key yet.
#[must_use]
pub fn card(vct: &str, claims: Value, dates: Range<Instant>) -> sd_jwt_vc::Issuance {
    sd_jwt_vc::Issuance::new(vct, members(claims)).all_disclosable().issued_at(dates.start).expires(dates.end)
}

/// An mdoc to be signed: these elements in one name space, signed and valid when `dates` begins, until it ends.
#[must_use]
pub fn mdoc(doctype: &str, name_space: &str, elements: Value, dates: Range<Instant>) -> mdoc::Issuance {
    let validity = mdoc::Validity {
        signed: dates.start,
        valid_from: dates.start,
        valid_until: dates.end,
        expected_update: None,
    };
    members(elements).into_iter().fold(mdoc::Issuance::new(doctype, validity), |issuance, (name, value)| {
        issuance.element(name_space, name, ElementValue::from_json(&value).unwrap())
    })
}

/// A signed SD-JWT VC as a wallet has it that found nothing wrong with it.
#[must_use]
pub fn verified_card(text: &str, issuers: &AnchorStore<Issuer>, now: Instant) -> VerifiedSdJwtVc {
    UnverifiedSdJwtVc::parse(text).unwrap().verify(issuers, now, &VcPolicy::default()).unwrap()
}

/// What a query is put to: a credential that is bound to its holder's key and keeps everything back that is not asked for.
#[must_use]
pub fn holding<'a>(id: &'a str, credential_type: dcql::CredentialType<'a>, claims: &'a Value) -> Holding<'a> {
    Holding {
        id,
        credential_type,
        claims,
        authority_key_identifiers: &[],
        holder_binding: true,
        always_disclosed: &[],
    }
}

/// What this verifier registered for an hour: the claims at these paths, by type. Whatever else it may say is left out.
#[must_use]
pub fn registration(
    verifier: &Party,
    issued_at: Instant,
    items: &[(CredentialType, &[&[&str]])],
) -> Registration {
    let item = |(credential, paths): &(CredentialType, &[&[&str]])| RegisteredItem {
        credential: credential.clone(),
        claims: paths.iter().map(|path| ClaimPath::of_names(path.iter().copied()).unwrap()).collect(),
    };
    Registration {
        verifier: RegisteredVerifier::of_certificate(verifier.chain.leaf()),
        issued_at,
        expires_at: issued_at + 3600,
        name: LocalizedText::new("name", "name"),
        purpose: LocalizedText::new("purpose", "purpose"),
        items: items.iter().map(item).collect(),
        retention: None,
        consequences_of_refusal: None,
        legal_basis: None,
        resident_number_basis: None,
    }
}
