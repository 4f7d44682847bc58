//! A DCQL query: read, written, read again; solved over a few papers; nothing is disclosed that was not asked for.
#![no_main]
use citizen_wallet_fuzz::*;
use dcql::{CredentialType, Holding, Query, select, solve};
use libfuzzer_sys::fuzz_target;
use primitives::{ClaimPath, PathElement};
use serde_json::{Value, json};
use std::sync::OnceLock;

static CLAIMS: OnceLock<[Value; 3]> = OnceLock::new();

fn claims() -> &'static [Value; 3] {
    CLAIMS.get_or_init(|| {
        [
            json!({ "last_name": "Doe", "first_name": "John", "address": { "street_address": "1 x", "locality": "y" },
                "degrees": [{ "type": "a" }, { "type": "b" }], "age": 30, "nationalities": ["British", "Betelgeusian"] }),
            json!({ "org.iso.18013.5.1": { "given_name": "John", "family_name": "Doe", "resident_city": "x" } }),
            json!({ "a": 1, "b": [1, [2, 3]], "c": null, "postal_code": "90210" }),
        ]
    })
}

/// Whether a path that was asked for names this place.
fn names(asked: &ClaimPath, place: &ClaimPath) -> bool {
    asked.elements().len() == place.elements().len()
        && asked.elements().iter().zip(place.elements()).all(|(asked, place)| match asked {
            PathElement::All => matches!(place, PathElement::Index(_)),
            other => other == place,
        })
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_files(&["openid4vp/examples"]);
        let inner: Vec<Vec<u8>> = seeds
            .iter()
            .filter_map(|seed| serde_json::from_slice::<Value>(seed).ok()?.get("dcql_query").map(|query| query.to_string().into_bytes()))
            .collect();
        seeds.extend(inner);
        seeds
    }),
    |data: &[u8]| {
        let Ok(query) = Query::parse(data) else { return };
        let written = serde_json::to_vec(query.as_wire()).unwrap();
        assert!(Query::parse(&written).unwrap() == query);
        let [first, second, third] = claims();
        let holding = |id, credential_type, claims, binding| Holding {
            id,
            credential_type,
            claims,
            authority_key_identifiers: &[],
            holder_binding: binding,
            always_disclosed: &[],
        };
        let holdings = [
            holding("1", CredentialType::SdJwtVc { vct: "https://credentials.example.com/identity_credential" }, first, true),
            holding("2", CredentialType::Mdoc { doctype: "org.iso.18013.5.1.mDL" }, second, true),
            holding("3", CredentialType::SdJwtVc { vct: "urn:fuzz" }, third, false),
        ];
        let solution = solve(&query, &holdings);
        if let Some(selection) = solution.required_only() {
            let disclosures = select(&solution, &selection).unwrap();
            for disclosure in &disclosures {
                let asked = query.credential(disclosure.query.as_str()).unwrap();
                for path in disclosure.paths() {
                    assert!(asked.claims.iter().any(|claim| names(&claim.path, &path)));
                }
            }
        }
    }
);
