//! The solver against a reference that tries everything, written from the text of sections 6.4.1 and 6.4.2 alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use dcql::{CredentialType, Holding, Pick, Query, Selection, select, solve};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const TYPES: [&str; 2] = ["t0", "t1"];
const CLAIMS: [&str; 3] = ["a", "b", "c"];
const QUERIES: [&str; 3] = ["q0", "q1", "q2"];

#[derive(Clone, Debug)]
struct Held {
    vct: &'static str,
    claims: BTreeMap<&'static str, i64>,
    bound: bool,
}

fn any_held() -> impl Strategy<Value = Held> {
    let claims = btree_map(prop::sample::select(&CLAIMS), 0..2i64, 0..4);
    (prop::sample::select(&TYPES), claims, prop::bool::weighted(0.8)).prop_map(|(vct, claims, bound)| Held {
        vct,
        claims,
        bound,
    })
}

fn any_credential(id: &'static str) -> impl Strategy<Value = Value> {
    let claim = |name: &'static str| {
        prop::option::weighted(0.4, 0..2i64).prop_map(move |value| {
            let mut claim = json!({ "id": name, "path": [name] });
            if let Some(value) = value {
                claim["values"] = json!([value]);
            }
            claim
        })
    };
    let claims = prop::option::of(
        (claim("a"), claim("b"), claim("c"))
            .prop_flat_map(|(a, b, c)| prop::sample::subsequence(vec![a, b, c], 1..=3)),
    );
    let sets = vec(vec(any::<prop::sample::Index>(), 1..3), 1..3);
    (vec(prop::sample::select(&TYPES), 1..3), claims, prop::option::of(sets), any::<[bool; 2]>()).prop_map(
        move |(types, claims, sets, [multiple, binding])| {
            let mut query = json!({
                "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": types },
                "multiple": multiple, "require_cryptographic_holder_binding": binding
            });
            if let Some(claims) = claims {
                if let Some(sets) = sets {
                    let named = |index: &prop::sample::Index| index.get(&claims)["id"].clone();
                    let sets: Vec<Vec<Value>> =
                        sets.iter().map(|set| set.iter().map(named).collect()).collect();
                    query["claim_sets"] = json!(sets);
                }
                query["claims"] = json!(claims);
            }
            query
        },
    )
}

fn any_query() -> impl Strategy<Value = Value> {
    let credentials = (any_credential("q0"), any_credential("q1"), any_credential("q2"));
    let option = prop::sample::subsequence(&QUERIES[..], 1..=3);
    let set = (vec(option, 1..3), prop::option::of(any::<bool>())).prop_map(|(options, required)| {
        let mut set = json!({ "options": options });
        if let Some(required) = required {
            set["required"] = json!(required);
        }
        set
    });
    (credentials, prop::option::of(vec(set, 1..3))).prop_map(|((a, b, c), sets)| {
        let mut query = json!({ "credentials": [a, b, c] });
        if let Some(sets) = sets {
            query["credential_sets"] = json!(sets);
        }
        query
    })
}

/// Section 6.4.1 for one credential: the claims it would disclose with one combination, if it can.
fn discloses(query: &Value, held: &Held) -> Option<BTreeSet<String>> {
    let types = query["meta"]["vct_values"].as_array().unwrap();
    if !types.contains(&json!(held.vct)) {
        return None;
    }
    if query["require_cryptographic_holder_binding"] == json!(true) && !held.bound {
        return None;
    }
    let Some(claims) = query.get("claims").and_then(Value::as_array) else { return Some(BTreeSet::new()) };
    let has = |claim: &Value| {
        let value = held.claims.get(claim["id"].as_str().unwrap());
        match (value, claim.get("values")) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(value), Some(values)) => values.as_array().unwrap().contains(&json!(value)),
        }
    };
    let id = |claim: &Value| claim["id"].as_str().unwrap().to_owned();
    match query.get("claim_sets").and_then(Value::as_array) {
        None => claims.iter().all(has).then(|| claims.iter().map(id).collect()),
        Some(sets) => sets.iter().find_map(|set| {
            let wanted = set.as_array().unwrap();
            let named = |name: &Value| claims.iter().find(|claim| claim["id"] == *name).unwrap();
            wanted
                .iter()
                .all(|name| has(named(name)))
                .then(|| wanted.iter().map(|name| id(named(name))).collect())
        }),
    }
}

/// Section 6.4.2: whether delivering exactly these queries answers the request.
fn answers(query: &Value, delivered: &BTreeSet<&str>) -> bool {
    match query.get("credential_sets").and_then(Value::as_array) {
        None => delivered.len() == QUERIES.len(),
        Some(sets) => sets.iter().filter(|set| set.get("required") != Some(&json!(false))).all(|set| {
            set["options"].as_array().unwrap().iter().any(|option| {
                option.as_array().unwrap().iter().all(|id| delivered.contains(id.as_str().unwrap()))
            })
        }),
    }
}

/// Whether any non-empty set of deliverable queries that some set asks for answers the request.
fn satisfiable(query: &Value, deliverable: &BTreeSet<&str>) -> bool {
    let mentioned = |id: &str| match query.get("credential_sets").and_then(Value::as_array) {
        None => true,
        Some(sets) => sets.iter().flat_map(|set| set["options"].as_array().unwrap()).any(|option| {
            let option = option.as_array().unwrap();
            option.contains(&json!(id))
                && option.iter().all(|one| deliverable.contains(one.as_str().unwrap()))
        }),
    };
    (1..1usize << QUERIES.len()).any(|subset| {
        let delivered: BTreeSet<&str> =
            (0..QUERIES.len()).filter(|place| subset >> place & 1 == 1).map(|place| QUERIES[place]).collect();
        delivered.is_subset(deliverable)
            && delivered.iter().all(|id| mentioned(id))
            && answers(query, &delivered)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // rule: VP-D2, VP-D4, VP-D5, VP-D6, VP-D8
    #[test]
    fn the_solver_agrees_with_trying_everything(
        wire in any_query(),
        held in vec(any_held(), 0..4),
        options in btree_map(0usize..3, 0usize..3, 0..3),
        chosen in btree_map(prop::sample::select(&QUERIES), vec(0usize..4, 0..3), 0..4),
    ) {
        let query = Query::from_value(wire.clone()).unwrap();
        let claims: Vec<Value> = held
            .iter()
            .map(|one| Value::Object(one.claims.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect::<Map<_, _>>()))
            .collect();
        let ids: Vec<String> = (0..held.len()).map(|n| format!("h{n}")).collect();
        let holdings: Vec<Holding<'_>> = (0..held.len())
            .map(|n| Holding {
                id: &ids[n],
                credential_type: CredentialType::SdJwtVc { vct: held[n].vct },
                claims: &claims[n],
                authority_key_identifiers: &[],
                holder_binding: held[n].bound,
                always_disclosed: &[],
            })
            .collect();
        let solution = solve(&query, &holdings);

        // The candidates, and what each would disclose first.
        let mut deliverable = BTreeSet::new();
        for (place, id) in QUERIES.iter().enumerate() {
            let found = &solution.queries[place];
            for (n, one) in held.iter().enumerate() {
                let expected = discloses(&wire["credentials"][place], one);
                let candidate = found.candidate(&ids[n]);
                prop_assert_eq!(expected.is_some(), candidate.is_some());
                if let (Some(expected), Some(candidate)) = (expected, candidate) {
                    deliverable.insert(*id);
                    let first = found.discloses(candidate, candidate.combinations[0]).unwrap();
                    let first: BTreeSet<String> =
                        first.iter().map(|one| one.paths[0].names().unwrap()[0].to_owned()).collect();
                    prop_assert_eq!(first, expected);
                }
            }
        }
        prop_assert_eq!(solution.fits(), satisfiable(&wire, &deliverable));

        // The smallest answer is an answer.
        if let Some(smallest) = solution.required_only() {
            let sent = select(&solution, &smallest).unwrap();
            prop_assert!(answers(&wire, &sent.iter().map(|one| one.query.as_str()).collect()));
        }

        // Any selection that is accepted is an answer of what is held.
        let selection = Selection {
            options,
            picks: chosen
                .iter()
                .map(|(id, picks)| {
                    let pick = |n: &usize| Pick { holding: format!("h{n}"), combination: None };
                    ((*id).to_owned(), picks.iter().map(pick).collect())
                })
                .collect(),
        };
        if let Ok(sent) = select(&solution, &selection) {
            prop_assert!(!sent.is_empty());
            prop_assert!(answers(&wire, &sent.iter().map(|one| one.query.as_str()).collect()));
            prop_assert_eq!(sent.len(), selection.picks.values().map(Vec::len).sum::<usize>());
            for one in &sent {
                let place = QUERIES.iter().position(|id| *id == one.query.as_str()).unwrap();
                let n = ids.iter().position(|id| *id == one.holding).unwrap();
                let expected = discloses(&wire["credentials"][place], &held[n]).unwrap();
                let sent: BTreeSet<String> =
                    one.paths().iter().map(|path| path.names().unwrap()[0].to_owned()).collect();
                prop_assert_eq!(sent, expected);
            }
        }
    }

    // rule: VP-D1
    #[test]
    fn no_bytes_make_the_parser_panic(bytes: Vec<u8>, text in "[\\[\\]{}\":,a-z0-9]{0,64}") {
        let _ = Query::parse(&bytes);
        let _ = Query::parse(text.as_bytes());
    }
}
