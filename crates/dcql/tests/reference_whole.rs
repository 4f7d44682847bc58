//! The solver and the check of selections against a second reading of sections 6 and 7, written from the text and from the JSON alone:
//! both formats, nested paths with indices and `null`, `values`, authorities, `multiple`, and every selection judged both ways.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use dcql::{CredentialType, Holding, Pick, Query, Selection, select, solve};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

const QUERIES: [&str; 3] = ["q0", "q1", "q2"];
const TYPES: [&str; 2] = ["t0", "t1"];
const KEYS: [&str; 3] = ["AAAA", "BBBB", "CCCC"];

#[derive(Clone, Debug)]
struct Held {
    mdoc: bool,
    kind: &'static str,
    claims: Value,
    bound: bool,
    authority: Option<&'static str>,
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![(0..2i64).prop_map(|n| json!(n)), Just(json!("x")), Just(json!(true)), Just(json!("1"))]
}

/// Claims of some depth under few names, so that paths often meet something, and often the wrong kind of thing.
fn claims() -> impl Strategy<Value = Value> {
    let inner = leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map(prop::sample::select(vec!["a".to_owned(), "b".to_owned()]), inner, 0..3)
                .prop_map(|members| json!(members)),
        ]
    });
    let names = prop::sample::select(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]);
    btree_map(names, inner, 0..4).prop_map(|members| json!(members))
}

fn held() -> impl Strategy<Value = Held> {
    let authority = option::weighted(0.8, prop::sample::select(&KEYS[..2]));
    (prop::bool::weighted(0.3), prop::sample::select(&TYPES), claims(), prop::bool::weighted(0.8), authority)
        .prop_map(|(mdoc, kind, claims, bound, authority)| Held { mdoc, kind, claims, bound, authority })
}

fn path(mdoc: bool) -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![json!("a"), json!("b"), json!("c")]);
    let step = prop_oneof![3 => name.clone(), 1 => Just(Value::Null), 1 => (0..3u32).prop_map(Value::from)];
    let length = if mdoc { 1..2usize } else { 0..3 };
    (name.clone(), vec(if mdoc { name.boxed() } else { step.boxed() }, length))
        .prop_map(|(first, rest)| Value::from([vec![first], rest].concat()))
}

fn credential(id: &'static str) -> impl Strategy<Value = Value> {
    let parts = (
        prop::bool::weighted(0.3),
        option::weighted(0.8, prop::sample::select(&TYPES)),
        option::weighted(0.3, vec((any::<bool>(), prop::sample::select(&KEYS)), 1..3)),
        option::of(any::<bool>()),
        option::of(any::<bool>()),
        prop::bool::weighted(0.05),
    );
    parts.prop_flat_map(move |(mdoc, kind, authorities, binding, multiple, foreign)| {
        let claim = (path(mdoc), option::weighted(0.3, vec(leaf(), 1..3)));
        let sets = option::of(vec(vec(any::<prop::sample::Index>(), 1..3), 1..4));
        (option::weighted(0.8, vec(claim, 1..4)), sets).prop_map(move |(claims, sets)| {
            let format = if foreign { "ldp_vc" } else if mdoc { "mso_mdoc" } else { "dc+sd-jwt" };
            let meta = match kind {
                None => json!({}),
                Some(kind) if mdoc => json!({ "doctype_value": kind }),
                Some(kind) => json!({ "vct_values": [kind, "t9"] }),
            };
            let mut query = json!({ "id": id, "format": format, "meta": meta, "unknown": 1 });
            if let Some(list) = &authorities {
                let entry = |(aki, key): &(bool, &str)| {
                    json!({ "type": if *aki { "aki" } else { "openid_federation" }, "values": ["DDDD", key] })
                };
                query["trusted_authorities"] = list.iter().map(entry).collect();
            }
            if let Some(binding) = binding {
                query["require_cryptographic_holder_binding"] = binding.into();
            }
            if let Some(multiple) = multiple {
                query["multiple"] = multiple.into();
            }
            if let Some(claims) = &claims {
                let written = claims.iter().enumerate().map(|(place, (path, values))| {
                    let mut claim = json!({ "id": format!("c{place}"), "path": path });
                    if let Some(values) = values {
                        claim["values"] = json!(values);
                    }
                    claim
                });
                query["claims"] = written.collect();
                if let Some(sets) = sets {
                    let name = |index: &prop::sample::Index| format!("c{}", index.index(claims.len()));
                    let sets: Vec<Vec<String>> =
                        sets.iter().map(|set| set.iter().map(name).collect()).collect();
                    query["claim_sets"] = json!(sets);
                }
            }
            query
        })
    })
}

fn whole() -> impl Strategy<Value = Value> {
    let set = (vec(prop::sample::subsequence(&QUERIES[..], 1..=2), 1..3), option::of(any::<bool>()));
    let sets = option::of(vec(set, 1..3));
    (credential("q0"), credential("q1"), credential("q2"), sets).prop_map(|(a, b, c, sets)| {
        let mut query = json!({ "credentials": [a, b, c] });
        if let Some(sets) = sets {
            let written = sets.into_iter().map(|(options, required)| match required {
                Some(required) => json!({ "options": options, "required": required }),
                None => json!({ "options": options }),
            });
            query["credential_sets"] = written.collect();
        }
        query
    })
}

/// Section 7.1.1: the places that a pointer selects, each as JSON; `None` where processing is aborted or selects nothing.
fn pointed<'v>(root: &'v Value, pointer: &Value) -> Option<Vec<(Vec<Value>, &'v Value)>> {
    let mut selected = vec![(Vec::new(), root)];
    for element in pointer.as_array().unwrap() {
        let mut next = Vec::new();
        for (place, value) in selected {
            let mut take =
                |step: Value, found: &'v Value| next.push(([place.clone(), vec![step]].concat(), found));
            match element {
                Value::String(name) => {
                    if let Some(found) = value.as_object()?.get(name) {
                        take(element.clone(), found);
                    }
                }
                Value::Null => {
                    for (index, found) in value.as_array()?.iter().enumerate() {
                        take(json!(index), found);
                    }
                }
                Value::Number(index) => {
                    let index = usize::try_from(index.as_u64().unwrap()).unwrap();
                    if let Some(found) = value.as_array()?.get(index) {
                        take(element.clone(), found);
                    }
                }
                _ => return None,
            }
        }
        selected = next;
    }
    if selected.is_empty() { None } else { Some(selected) }
}

/// Places in a credential, each as its steps in JSON.
type Places = BTreeSet<Vec<String>>;

/// What answers which query: the query, the holding and the places it tells.
type Presentation = (String, usize, Places);

/// Section 6.4.1: for each combination of claims what it tells, or `None` if this credential cannot tell it. Empty: it does not match.
fn combinations(query: &Value, held: &Held) -> Vec<Option<Places>> {
    let format = if held.mdoc { "mso_mdoc" } else { "dc+sd-jwt" };
    let meta = &query["meta"];
    let right_type = match meta.as_object().unwrap().len() {
        0 => true,
        _ if held.mdoc => meta["doctype_value"] == held.kind,
        _ => meta["vct_values"].as_array().is_some_and(|list| list.contains(&json!(held.kind))),
    };
    let binding = query.get("require_cryptographic_holder_binding") != Some(&json!(false));
    let provable = held.bound || !(binding || held.mdoc);
    let certified = query.get("trusted_authorities").is_none_or(|list| {
        list.as_array().unwrap().iter().any(|entry| {
            let values = entry["values"].as_array().unwrap();
            entry["type"] == "aki" && held.authority.is_some_and(|own| values.contains(&json!(own)))
        })
    });
    if query["format"] != format || !right_type || !provable || !certified {
        return Vec::new();
    }
    let Some(claims) = query.get("claims").and_then(Value::as_array) else {
        return vec![Some(BTreeSet::new())];
    };
    // A pointer that stood before is the claim that stood before (VP-D12).
    let first = |id: &Value| {
        let own = &claims.iter().find(|claim| claim["id"] == *id).unwrap()["path"];
        claims.iter().find(|claim| claim["path"] == *own).unwrap()
    };
    let told = |claim: &Value| -> Option<Places> {
        let wanted = claim.get("values").and_then(Value::as_array);
        let places: Places = pointed(&held.claims, &claim["path"])?
            .into_iter()
            .filter(|(_, value)| wanted.is_none_or(|wanted| wanted.contains(value)))
            .map(|(place, _)| place.iter().map(ToString::to_string).collect())
            .collect();
        if places.is_empty() { None } else { Some(places) }
    };
    let all = |ids: Vec<&Value>| -> Option<Places> {
        let told: Option<Vec<_>> = ids.into_iter().map(|id| told(first(id))).collect();
        Some(told?.into_iter().flatten().collect())
    };
    match query.get("claim_sets").and_then(Value::as_array) {
        None => vec![all(claims.iter().map(|claim| &claim["id"]).collect())],
        Some(sets) => sets.iter().map(|set| all(set.as_array().unwrap().iter().collect())).collect(),
    }
}

/// A selection as the person makes it: for each set an option, for each query some holdings with a combination or none named.
type Chosen = (BTreeMap<usize, usize>, BTreeMap<&'static str, Vec<(usize, Option<usize>)>>);

/// Sections 6.4.1 and 6.4.2: what a selection sends, or `None` if it is no answer.
fn sent(query: &Value, held: &[Held], chosen: &Chosen) -> Option<Vec<Presentation>> {
    let everything = json!([{ "options": [QUERIES] }]);
    let sets = query.get("credential_sets").unwrap_or(&everything).as_array().unwrap();
    let mut needed = BTreeSet::new();
    if chosen.0.keys().any(|set| *set >= sets.len()) {
        return None;
    }
    for (place, set) in sets.iter().enumerate() {
        match chosen.0.get(&place) {
            None if set.get("required") != Some(&json!(false)) => return None,
            None => {}
            Some(option) => {
                let ids = set["options"].get(*option)?.as_array().unwrap();
                needed.extend(ids.iter().map(|id| id.as_str().unwrap()));
            }
        }
    }
    if !chosen.1.keys().all(|id| needed.contains(id)) || needed.is_empty() {
        return None;
    }
    let mut all = Vec::new();
    for (place, id) in QUERIES.iter().enumerate().filter(|(_, id)| needed.contains(*id)) {
        let credential = &query["credentials"][place];
        let picks = chosen.1.get(id).filter(|picks| !picks.is_empty())?;
        let distinct: BTreeSet<usize> = picks.iter().map(|(holding, _)| *holding).collect();
        let several = credential.get("multiple") == Some(&json!(true));
        if distinct.len() != picks.len() || (picks.len() > 1 && !several) {
            return None;
        }
        for (holding, combination) in picks {
            let tells = combinations(credential, held.get(*holding)?);
            let told = match combination {
                Some(number) => tells.get(*number)?.clone()?,
                None => tells.into_iter().flatten().next()?,
            };
            all.push(((*id).to_owned(), *holding, told));
        }
    }
    Some(all)
}

fn chosen() -> impl Strategy<Value = Chosen> {
    let pick = (0..4usize, option::weighted(0.3, 0..3usize));
    let picks = vec(pick, 0..3);
    (btree_map(0..3usize, 0..2usize, 0..3), btree_map(prop::sample::select(&QUERIES), picks, 0..4))
}

fn places(found: &[dcql::Found]) -> Places {
    let written = |path: &primitives::ClaimPath| -> Vec<String> {
        serde_json::to_value(path).unwrap().as_array().unwrap().iter().map(ToString::to_string).collect()
    };
    found.iter().flat_map(|found| found.paths.iter().map(written)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    // rule: VP-D1, VP-D2, VP-D3, VP-D4, VP-D5, VP-D6, VP-D7, VP-D8, VP-D9, VP-D10, VP-D11, VP-D12
    #[test]
    fn the_solver_and_the_selection_agree_with_a_second_reading_of_the_text(
        wire in whole(),
        held in vec(held(), 0..4),
        random in chosen(),
        seeds in vec((any::<prop::sample::Index>(), any::<bool>()), 8),
    ) {
        let query = Query::from_value(wire.clone()).unwrap();
        let ids: Vec<String> = (0..held.len()).map(|n| format!("h{n}")).collect();
        let keys: Vec<Vec<Vec<u8>>> = held
            .iter()
            .map(|one| one.authority.iter().map(|key| primitives::base64url::decode(key).unwrap()).collect())
            .collect();
        let holdings: Vec<Holding<'_>> = held.iter().enumerate().map(|(n, one)| Holding {
            id: &ids[n],
            credential_type: match one.mdoc {
                true => CredentialType::Mdoc { doctype: one.kind },
                false => CredentialType::SdJwtVc { vct: one.kind },
            },
            claims: &one.claims,
            authority_key_identifiers: &keys[n],
            holder_binding: one.bound,
            always_disclosed: &[],
        }).collect();
        let solution = solve(&query, &holdings);

        // Each holding under each query: the combinations it can tell, and exactly which places.
        for (place, found) in solution.queries.iter().enumerate() {
            for (n, one) in held.iter().enumerate() {
                let expected = combinations(&wire["credentials"][place], one);
                let satisfied: Vec<usize> =
                    (0..expected.len()).filter(|number| expected[*number].is_some()).collect();
                let candidate = found.candidate(&ids[n]);
                prop_assert_eq!(candidate.map(|it| it.combinations.clone()).unwrap_or_default(), satisfied);
                if let Some(candidate) = candidate {
                    for (number, expected) in expected.iter().enumerate() {
                        let told = found.discloses(candidate, number).map(|told| places(&told));
                        prop_assert_eq!(&told, expected);
                    }
                }
            }
        }

        // A random selection, and one that is likely to be an answer: each is accepted exactly where the text accepts it.
        let everything = json!([{ "options": [QUERIES] }]);
        let sets = wire.get("credential_sets").unwrap_or(&everything).as_array().unwrap();
        let mut likely: Chosen = Default::default();
        for (place, set) in sets.iter().enumerate() {
            let (index, skip) = &seeds[place];
            if set.get("required") == Some(&json!(false)) && *skip {
                continue;
            }
            let number = index.index(set["options"].as_array().unwrap().len());
            likely.0.insert(place, number);
            for id in set["options"][number].as_array().unwrap() {
                let place = QUERIES.iter().position(|one| id == one).unwrap();
                let fits = |n: &usize| combinations(&wire["credentials"][place], &held[*n]).iter().any(Option::is_some);
                let fitting: Vec<usize> = (0..held.len()).filter(fits).collect();
                let (index, all) = &seeds[5 + place];
                let picks = match fitting.len() {
                    0 => Vec::new(),
                    _ if *all => fitting.iter().map(|n| (*n, None)).collect(),
                    count => vec![(fitting[index.index(count)], None)],
                };
                likely.1.insert(QUERIES[place], picks);
            }
        }
        // The same without its answer to the first set, and with its answers to the other sets alone.
        let mut without = likely.clone();
        without.0.remove(&0);
        let mut less = without.clone();
        let still: BTreeSet<&str> = less
            .0
            .iter()
            .flat_map(|(set, option)| sets[*set]["options"][*option].as_array().unwrap())
            .map(|id| id.as_str().unwrap())
            .collect();
        less.1.retain(|id, _| still.contains(id));
        for chosen in [random, likely, without, less] {
            let pick = |(n, combination): &(usize, Option<usize>)| Pick { holding: format!("h{n}"), combination: *combination };
            let selection = Selection {
                options: chosen.0.clone(),
                picks: chosen.1.iter().map(|(id, picks)| ((*id).to_owned(), picks.iter().map(pick).collect())).collect(),
            };
            let made = select(&solution, &selection).ok().map(|all| {
                all.iter()
                    .map(|one| {
                        let n: usize = one.holding.trim_start_matches('h').parse().unwrap();
                        (one.query.as_str().to_owned(), n, places(&one.claims))
                    })
                    .collect::<Vec<_>>()
            });
            prop_assert_eq!(made, sent(&wire, &held, &chosen), "{:?}", chosen);
        }

        // It fits exactly where some answer exists: the smallest one, or one set that is optional.
        if let Some(smallest) = solution.required_only() {
            prop_assert!(select(&solution, &smallest).is_ok());
        }
    }
}
