//! Whatever is issued comes back, and whatever is selected is all that is revealed.

use crate::common::*;
use primitives::{ClaimPath, PathElement};
use proptest::prelude::*;
use sd_jwt_vc::{Disclosure, UnverifiedSdJwt, VcPolicy, verify_presentation};
use serde_json::{Map, Value, json};

const ALWAYS: [&str; 5] = ["iss", "iat", "exp", "cnf", "vct"];

fn any_claims() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]{1,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-h]{1,2}", value, 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// All places in the claims, outer before inner.
fn places(value: &Value, here: &[PathElement], found: &mut Vec<ClaimPath>) {
    let children: Vec<(PathElement, &Value)> = match value {
        Value::Object(object) => {
            object.iter().map(|(name, value)| (PathElement::Name(name.clone()), value)).collect()
        }
        Value::Array(array) => (0u32..).zip(array).map(|(index, value)| (index.into(), value)).collect(),
        _ => Vec::new(),
    };
    for (step, value) in children {
        let place = [here, &[step]].concat();
        found.push(ClaimPath::new(place.clone()).unwrap());
        places(value, &place, found);
    }
}

fn pick<T: Clone>(all: &[T], mask: &[bool]) -> Vec<T> {
    all.iter().zip(mask.iter().cycle()).filter(|(_, wanted)| **wanted).map(|(one, _)| one.clone()).collect()
}

/// The oracle, by another road than the code: keep a place if nothing that hides it is left unchosen.
fn expected(
    value: &Value,
    here: &[PathElement],
    disclosable: &[ClaimPath],
    selected: &[ClaimPath],
) -> Option<Value> {
    let hidden = disclosable.iter().any(|place| place.elements() == here);
    let asked_for = selected.iter().any(|one| {
        let one = one.elements();
        one.starts_with(here) || here.starts_with(one)
    });
    if hidden && !asked_for {
        return None;
    }
    let child =
        |step: PathElement, value: &Value| expected(value, &[here, &[step]].concat(), disclosable, selected);
    Some(match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.clone(), child(PathElement::Name(name.clone()), value)?))
                })
                .collect(),
        ),
        Value::Array(array) => Value::Array(
            (0u32..).zip(array).filter_map(|(index, value)| child(index.into(), value)).collect(),
        ),
        scalar => scalar.clone(),
    })
}

fn without_always(claims: &Value) -> Map<String, Value> {
    let mut claims = object(claims.clone());
    claims.retain(|name, _| !ALWAYS.contains(&name.as_str()));
    claims
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    // rule: SJ-22, SJ-23, VP-D2, VP-D3
    #[test]
    fn a_presentation_reveals_exactly_what_was_selected(
        claims in any_claims(),
        hide in prop::collection::vec(any::<bool>(), 1..12),
        select in prop::collection::vec(prop::bool::weighted(0.25), 1..12),
        decoys in 0u8..3,
    ) {
        let world = World::new();
        let mut all = Vec::new();
        places(&claims, &[], &mut all);
        let disclosable = pick(&all, &hide);
        let selected = pick(&all, &select);

        let issuance = disclosable.iter().fold(world.issuance(claims.clone()), |one, path| one.disclosable(path.clone()));
        let text = issuance.decoys(decoys).sign(&world.issuer_key, &world.chain, &world.entropy).unwrap();
        let credential = world.accept(&text);
        // The holder has everything, and knows what can be kept back.
        prop_assert_eq!(Value::Object(without_always(credential.claims())), claims.clone());
        let mut known = credential.sd_jwt().disclosable_paths();
        known.sort();
        let mut wanted = disclosable.clone();
        wanted.sort();
        prop_assert_eq!(known, wanted);

        let selection = credential.select(&selected).unwrap_or_else(|error| panic!("{error}"));
        let presented = selection.with_key_binding(&binding(), &world.holder_key).unwrap();
        let accepted =
            verify_presentation(&presented, &crate::common::expected(), &world.anchors, now(), &VcPolicy::default())
                .unwrap_or_else(|error| panic!("{error}"));
        let oracle = expected(&claims, &[], &disclosable, &selected).unwrap();
        prop_assert_eq!(Value::Object(without_always(accepted.claims())), oracle);
        // What the citizen was told is what the verifier has.
        prop_assert_eq!(&selection.claims(), accepted.claims());
        for revealed in selection.revealed() {
            prop_assert_eq!(
                revealed.selectively_disclosable,
                disclosable.iter().any(|place| revealed.path.elements().starts_with(place.elements()))
            );
        }
        let leaves = |value: &Value| {
            let mut all = Vec::new();
            places(value, &[], &mut all);
            all.iter().filter(|a| !all.iter().any(|b| *a != b && b.elements().starts_with(a.elements()))).count()
        };
        prop_assert_eq!(selection.revealed().len(), leaves(accepted.claims()));
        // Minimal: no disclosure could have stayed.
        for (index, part) in presented.split('~').enumerate().skip(1).take(selection.disclosures()) {
            let fewer: Vec<&str> =
                presented.split('~').enumerate().filter(|(at, _)| *at != index).map(|(_, part)| part).collect();
            let fewer = UnverifiedSdJwt::parse(&fewer.join("~")).unwrap_or_else(|error| panic!("{error}"));
            if let Ok(fewer) = fewer.verify(&crypto::Signer::public_key(&world.issuer_key), &["dc+sd-jwt"], now()) {
                prop_assert_ne!(fewer.claims(), accepted.claims(), "{}", part);
            }
        }
    }

    // rule: SJ-3
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}", parts in prop::collection::vec("[A-Za-z0-9_.-]{0,20}", 0..6)) {
        let _ = UnverifiedSdJwt::parse(&text);
        let _ = UnverifiedSdJwt::parse(&parts.join("~"));
        let _ = Disclosure::parse(&text);
    }

    // rule: SJ-13, SJ-14, SJ-15
    #[test]
    fn no_payload_makes_the_processing_panic(
        claims in any_claims(),
        names in prop::collection::vec(prop_oneof![Just("_sd"), Just("..."), Just("_sd_alg"), Just("a")], 1..4),
    ) {
        let world = World::new();
        let d = disclosure(json!(["salt", "a", claims.clone()]));
        let mut payload = payload(claims.clone());
        for name in names {
            payload[name] = json!([digest(&d), { "...": digest(&d) }, claims.clone()]);
        }
        let text = world.signed(&payload, &[d]);
        if let Ok(parsed) = UnverifiedSdJwt::parse(&text) {
            let _ = parsed.verify(&crypto::Signer::public_key(&world.issuer_key), &["dc+sd-jwt"], now());
        }
    }
}
