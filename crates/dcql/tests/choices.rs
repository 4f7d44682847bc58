//! What holdings answer, what a person can choose, and what a choice sends (VP-D2 to VP-D9).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;

use dcql::{CredentialType, Holding, Pick, Query, Selection, SelectionError, Solution, select, solve};
use primitives::ClaimPath;
use serde_json::{Value, json};

fn query(credentials: Value) -> Query {
    Query::from_value(json!({ "credentials": credentials })).unwrap()
}

fn card<'a>(id: &'a str, claims: &'a Value) -> Holding<'a> {
    Holding {
        id,
        credential_type: CredentialType::SdJwtVc { vct: "urn:card" },
        claims,
        authority_key_identifiers: &[],
        holder_binding: true,
        always_disclosed: &[],
    }
}

fn ask(members: Value) -> Value {
    let mut credential = json!({ "id": "q", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:card"] } });
    credential.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!([credential])
}

fn solve_card(members: Value, claims: &Value) -> Solution {
    solve(&query(ask(members)), &[card("h", claims)])
}

fn paths(solution: &Solution) -> Vec<String> {
    let selection = solution.required_only().unwrap();
    let disclosures = select(solution, &selection).unwrap();
    disclosures[0].paths().iter().map(ToString::to_string).collect()
}

fn pick(holding: &str) -> Pick {
    Pick { holding: holding.to_owned(), combination: None }
}

fn selection(options: &[(usize, usize)], picks: &[(&str, &[&str])]) -> Selection {
    Selection {
        options: options.iter().copied().collect(),
        picks: picks
            .iter()
            .map(|(query, holdings)| ((*query).to_owned(), holdings.iter().map(|h| pick(h)).collect()))
            .collect(),
    }
}

// rule: VP-D2
#[test]
fn without_claims_nothing_selectively_disclosable_is_sent() {
    let claims = json!({ "name": "n" });
    assert_eq!(paths(&solve_card(json!({}), &claims)), Vec::<String>::new());
}

// rule: VP-D2
#[test]
fn claims_without_sets_are_all_or_nothing() {
    let claims = json!({ "name": "n", "birth": "b", "phone": "p" });
    let both = json!({ "claims": [{ "path": ["birth"] }, { "path": ["name"] }] });
    assert_eq!(paths(&solve_card(both, &claims)), [r#"["birth"]"#, r#"["name"]"#]);
    let missing = json!({ "claims": [{ "path": ["name"] }, { "path": ["height"] }] });
    assert!(!solve_card(missing, &claims).fits());
}

// rule: VP-D2
#[test]
fn the_first_satisfiable_claim_set_is_used_and_the_others_are_offered() {
    let claims = json!({ "b": 1, "c": 2, "d": 3 });
    let members = json!({
        "claims": [
            { "id": "a", "path": ["a"] }, { "id": "b", "path": ["b"] },
            { "id": "c", "path": ["c"] }, { "id": "d", "path": ["d"] }
        ],
        "claim_sets": [["a", "b"], ["b", "c"], ["d"]]
    });
    let solution = solve_card(members, &claims);
    assert_eq!(paths(&solution), [r#"["b"]"#, r#"["c"]"#]);
    assert_eq!(solution.queries[0].candidates[0].combinations, [1, 2]);

    let mut chosen = solution.required_only().unwrap();
    chosen.picks.get_mut("q").unwrap()[0].combination = Some(2);
    assert_eq!(select(&solution, &chosen).unwrap()[0].paths().len(), 1);
    for unsatisfied in [0, 3] {
        chosen.picks.get_mut("q").unwrap()[0].combination = Some(unsatisfied);
        assert_eq!(select(&solution, &chosen), Err(SelectionError::ClaimSetNotSatisfied));
    }
    let none = json!({ "claims": [{ "id": "x", "path": ["x"] }], "claim_sets": [["x"]] });
    assert!(!solve_card(none, &claims).fits());
}

// rule: VP-D3
#[test]
fn only_the_places_selected_are_sent() {
    let claims =
        json!({ "degrees": [{ "type": "a", "year": 1 }, { "year": 2 }, { "type": "c" }], "name": "n" });
    let members = json!({ "claims": [{ "path": ["degrees", null, "type"] }] });
    assert_eq!(paths(&solve_card(members, &claims)), [r#"["degrees",0,"type"]"#, r#"["degrees",2,"type"]"#]);
}

// rule: VP-D3
#[test]
fn what_always_goes_out_is_listed() {
    let claims = json!({ "name": "n", "issuing_country": "KR" });
    let always = [ClaimPath::top_level("issuing_country")];
    let holding = Holding { always_disclosed: &always, ..card("h", &claims) };
    let solution = solve(&query(ask(json!({}))), &[holding]);
    let disclosures = select(&solution, &solution.required_only().unwrap()).unwrap();
    assert_eq!(disclosures[0].always_disclosed, always);
    assert!(disclosures[0].paths().is_empty());
}

// rule: VP-D4
#[test]
fn another_value_or_type_is_as_if_the_claim_were_absent() {
    let claims = json!({ "s": "1", "i": 1, "b": true, "big": u64::MAX, "float": 1.0, "list": ["KR", "JP"] });
    let fits = |path: Value, values: Value| {
        solve_card(json!({ "claims": [{ "path": path, "values": values }] }), &claims)
    };
    assert!(fits(json!(["s"]), json!(["0", "1"])).fits());
    assert!(fits(json!(["i"]), json!([1])).fits());
    assert!(fits(json!(["b"]), json!([true])).fits());
    assert!(fits(json!(["big"]), json!([u64::MAX])).fits());
    for (path, values) in [
        (json!(["s"]), json!([1])),
        (json!(["i"]), json!(["1"])),
        (json!(["i"]), json!([true])),
        (json!(["b"]), json!([1])),
        (json!(["float"]), json!([1])),
        (json!(["s"]), json!(["2"])),
    ] {
        let mismatch = fits(path, values);
        let absent = solve_card(json!({ "claims": [{ "path": ["nothing"] }] }), &claims);
        assert!(!mismatch.fits());
        assert_eq!(mismatch.queries[0].candidates, absent.queries[0].candidates);
    }
    assert_eq!(paths(&fits(json!(["list", null]), json!(["JP"]))), [r#"["list",1]"#]);
}

// rule: VP-D10
#[test]
fn only_the_types_asked_for_match() {
    let claims = json!({ "ns": { "e": 1 } });
    let mdoc =
        Holding { credential_type: CredentialType::Mdoc { doctype: "urn:card" }, ..card("m", &claims) };
    let other =
        Holding { credential_type: CredentialType::SdJwtVc { vct: "urn:other" }, ..card("o", &claims) };
    let holdings = [card("h", &claims), mdoc, other];
    let ids = |credential: Value| -> Vec<String> {
        let solution = solve(&query(json!([credential])), &holdings);
        solution.queries[0].candidates.iter().map(|candidate| candidate.holding.clone()).collect()
    };
    let meta = json!({ "vct_values": ["urn:other", "urn:card", "urn:card"] });
    assert_eq!(ids(json!({ "id": "q", "format": "dc+sd-jwt", "meta": meta })), ["h", "o"]);
    assert_eq!(ids(json!({ "id": "q", "format": "dc+sd-jwt", "meta": {} })), ["h", "o"]);
    assert_eq!(
        ids(json!({ "id": "q", "format": "mso_mdoc", "meta": { "doctype_value": "urn:card" } })),
        ["m"]
    );
    let element = json!([{ "path": ["ns", "e"] }]);
    assert_eq!(ids(json!({ "id": "q", "format": "mso_mdoc", "meta": {}, "claims": element })), ["m"]);
    for format in ["ldp_vc", "jwt_vc_json", "vc+sd-jwt", "x"] {
        assert!(ids(json!({ "id": "q", "format": format, "meta": {} })).is_empty(), "{format}");
    }
}

// rule: VP-D8
#[test]
fn what_cannot_be_proved_answers_only_where_no_proof_is_asked_for() {
    let claims = json!({});
    let unbound = Holding { holder_binding: false, ..card("h", &claims) };
    let with = |members: Value| solve(&query(ask(members)), &[unbound]);
    assert!(!with(json!({})).fits());
    let solution = with(json!({ "require_cryptographic_holder_binding": false }));
    assert!(!select(&solution, &solution.required_only().unwrap()).unwrap()[0].holder_binding);
    let mdoc = Holding { credential_type: CredentialType::Mdoc { doctype: "d" }, ..unbound };
    let asked = json!([{ "id": "q", "format": "mso_mdoc", "meta": {}, "require_cryptographic_holder_binding": false }]);
    assert!(!solve(&query(asked), &[mdoc]).fits());
}

// rule: VP-D9
#[test]
fn one_authority_of_any_entry_is_enough_and_only_key_identifiers_are_matched() {
    let claims = json!({});
    let held = [vec![1, 2, 3], vec![4, 5, 6]];
    let holding = Holding { authority_key_identifiers: &held, ..card("h", &claims) };
    let fits = |authorities: Value| {
        solve(&query(ask(json!({ "trusted_authorities": authorities }))), &[holding]).fits()
    };
    assert!(fits(
        json!([{ "type": "etsi_tl", "values": ["x"] }, { "type": "aki", "values": ["AAAA", "BAUG"] }])
    ));
    assert!(!fits(json!([{ "type": "aki", "values": ["AAAA"] }])));
    for unmatched in ["etsi_tl", "openid_federation", "x"] {
        assert!(!fits(json!([{ "type": unmatched, "values": ["BAUG"] }])), "{unmatched}");
    }
}

/// Three Credential Queries a, b, c, each for its own type.
fn three(sets: Value) -> Query {
    let credentials: Vec<Value> = ["a", "b", "c"]
        .iter()
        .map(|id| json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [id] } }))
        .collect();
    let mut query = json!({ "credentials": credentials });
    if !sets.is_null() {
        query["credential_sets"] = sets;
    }
    Query::from_value(query).unwrap()
}

fn held<'a>(types: &[&'a str], claims: &'a Value) -> Vec<Holding<'a>> {
    types
        .iter()
        .map(|vct| Holding { credential_type: CredentialType::SdJwtVc { vct }, ..card(vct, claims) })
        .collect()
}

// rule: VP-D5, VP-D6
#[test]
fn without_sets_everything_is_required() {
    let claims = json!({});
    assert!(solve(&three(Value::Null), &held(&["a", "b", "c"], &claims)).fits());
    let incomplete = solve(&three(Value::Null), &held(&["a", "b"], &claims));
    assert!(!incomplete.fits());
    assert_eq!(incomplete.required_only(), None);
    let some = selection(&[(0, 0)], &[("a", &["a"]), ("b", &["b"])]);
    assert_eq!(select(&incomplete, &some), Err(SelectionError::NothingFits));
}

// rule: VP-D5
#[test]
fn required_sets_are_answered_and_optional_ones_at_will() {
    let claims = json!({});
    let sets = json!([{ "options": [["a"], ["b"]] }, { "required": false, "options": [["c"]] }]);
    let solution = solve(&three(sets), &held(&["a", "b", "c"], &claims));
    assert_eq!(solution.required_only(), Some(selection(&[(0, 0)], &[("a", &["a"])])));
    let sent = |chosen: &Selection| -> Result<Vec<String>, SelectionError> {
        Ok(select(&solution, chosen)?.iter().map(|one| one.query.as_str().to_owned()).collect())
    };
    assert_eq!(sent(&selection(&[(0, 1)], &[("b", &["b"])])).unwrap(), ["b"]);
    let with_optional = selection(&[(0, 0), (1, 0)], &[("a", &["a"]), ("c", &["c"])]);
    assert_eq!(sent(&with_optional).unwrap(), ["a", "c"]);

    use SelectionError as E;
    assert_eq!(sent(&selection(&[(1, 0)], &[("c", &["c"])])), Err(E::RequiredSetMissing));
    assert_eq!(sent(&selection(&[(0, 2)], &[("a", &["a"])])), Err(E::UnknownOption));
    assert_eq!(sent(&selection(&[(0, 0), (2, 0)], &[("a", &["a"])])), Err(E::UnknownOption));
    assert_eq!(sent(&selection(&[(0, 0)], &[])), Err(E::PickMissing));
    assert_eq!(sent(&selection(&[(0, 0)], &[("a", &[])])), Err(E::PickMissing));
    assert_eq!(sent(&selection(&[(0, 0)], &[("a", &["b"])])), Err(E::DoesNotMatch));
}

// rule: VP-D3
#[test]
fn nothing_goes_out_that_no_chosen_option_needs() {
    let claims = json!({});
    let sets = json!([{ "options": [["a"], ["b"]] }, { "required": false, "options": [["c"]] }]);
    let solution = solve(&three(sets), &held(&["a", "b", "c"], &claims));
    for extra in ["b", "c", "unknown"] {
        let chosen = selection(&[(0, 0)], &[("a", &["a"]), (extra, &["c"])]);
        assert_eq!(select(&solution, &chosen), Err(SelectionError::PickNotAsked), "{extra}");
    }
}

// rule: VP-D6
#[test]
fn a_query_that_no_set_needs_does_not_have_to_be_held() {
    let claims = json!({});
    let sets = json!([{ "options": [["c", "b"], ["a"]] }]);
    let solution = solve(&three(sets), &held(&["a", "b"], &claims));
    assert!(solution.fits());
    assert!(!solution.sets[0].options[0].satisfiable);
    assert_eq!(solution.required_only(), Some(selection(&[(0, 1)], &[("a", &["a"])])));
    let impossible = selection(&[(0, 0)], &[("b", &["b"]), ("c", &["c"])]);
    assert_eq!(select(&solution, &impossible), Err(SelectionError::DoesNotMatch));
}

// rule: VP-D6
#[test]
fn an_empty_answer_is_never_made() {
    let claims = json!({});
    let sets = json!([{ "required": false, "options": [["a"]] }]);
    let solution = solve(&three(sets.clone()), &held(&["a"], &claims));
    assert!(solution.fits());
    assert_eq!(solution.required_only(), None);
    assert_eq!(select(&solution, &Selection::default()), Err(SelectionError::PickMissing));
    assert!(!solve(&three(sets), &held(&["b"], &claims)).fits());
}

// rule: VP-D7
#[test]
fn several_presentations_only_where_multiple_allows_them() {
    let claims = json!({});
    let holdings = [card("x", &claims), card("y", &claims)];
    let single = solve(&query(ask(json!({}))), &holdings);
    let multiple = solve(&query(ask(json!({ "multiple": true }))), &holdings);
    let both = selection(&[(0, 0)], &[("q", &["x", "y"])]);
    assert_eq!(select(&single, &both), Err(SelectionError::TooManyPicks));
    assert_eq!(select(&multiple, &both).unwrap().len(), 2);
    let twice = selection(&[(0, 0)], &[("q", &["x", "x"])]);
    assert_eq!(select(&multiple, &twice), Err(SelectionError::DuplicatePick));
}

#[test]
fn among_ten_thousand_holdings_each_query_finds_its_own() {
    let claims = json!({ "name": "n", "address": { "city": "c" } });
    let names: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    let holdings: Vec<Holding<'_>> = names
        .iter()
        .map(|name| Holding { credential_type: CredentialType::SdJwtVc { vct: name }, ..card(name, &claims) })
        .collect();
    let credentials: Vec<Value> = (0..64)
        .map(|n| {
            json!({ "id": format!("q{n}"), "format": "dc+sd-jwt", "meta": { "vct_values": [n.to_string()] },
                "claims": [{ "path": ["name"] }, { "path": ["address", "city"] }] })
        })
        .collect();
    let query = query(json!(credentials));
    let solution = solve(&query, &holdings);
    assert!(solution.fits());
    let picks: BTreeMap<_, _> = solution.required_only().unwrap().picks;
    assert_eq!(picks.len(), 64);
}
