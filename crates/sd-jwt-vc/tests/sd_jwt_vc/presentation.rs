//! Selecting, presenting and verifying (RFC 9901 sections 7.2 and 7.3).

use crate::common::*;
use crypto::jws::HeaderBuilder;
use primitives::Refusal;
use sd_jwt_vc::limits::MAX_TRANSACTION_DATA;
use sd_jwt_vc::{
    ExpectedKeyBinding, KeyBinding, KeyBindingError, PresentError, PresentationError, TransactionData,
    VcPolicy, VerifiedPresentation, verify_presentation,
};
use serde_json::{Value, json};

/// A credential with a bit of everything.
fn issued(world: &World) -> String {
    let claims = json!({
        "name": "Kim",
        "birthdate": "1988-06-14",
        "address": { "street": "1", "city": "Seoul" },
        "nationalities": ["KR", "DE"],
        "open": { "inner": 1, "hidden": 2 },
    });
    world.issue(
        claims,
        &[
            r#""name""#,
            r#""birthdate""#,
            r#""address""#,
            r#""address","street""#,
            r#""nationalities",null"#,
            r#""open","hidden""#,
        ],
    )
}

fn present(world: &World, paths: &[&str]) -> String {
    let credential = world.accept(&issued(world));
    let paths: Vec<_> = paths.iter().map(|at| path(at)).collect();
    credential
        .select(&paths)
        .unwrap_or_else(|e| panic!("{e}"))
        .with_key_binding(&binding(), &world.holder_key)
        .unwrap()
}

fn check(
    world: &World,
    text: &str,
    expected: &ExpectedKeyBinding<'_>,
) -> Result<VerifiedPresentation, PresentationError> {
    verify_presentation(text, expected, &world.anchors, now(), &VcPolicy::default())
}

fn refused(world: &World, text: &str, expected: &ExpectedKeyBinding<'_>) -> KeyBindingError {
    match check(world, text, expected) {
        Err(PresentationError::KeyBinding(error)) => error,
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("accepted"),
    }
}

/// A presentation with another key binding JWT: its payload changed by `change`.
fn rebound(world: &World, change: impl FnOnce(&mut Value)) -> String {
    let text = present(world, &[r#""name""#]);
    let (presented, _) = text.rsplit_once('~').unwrap();
    let presented = format!("{presented}~");
    let mut payload = json!({
        "iat": now().unix_seconds(), "aud": AUDIENCE, "nonce": NONCE, "sd_hash": digest(&presented),
    });
    change(&mut payload);
    presented + &world.key_binding("kb+jwt", &payload)
}

fn claims_of(world: &World, paths: &[&str]) -> Value {
    let mut claims =
        check(world, &present(world, paths), &expected()).unwrap_or_else(|e| panic!("{e}")).claims().clone();
    for always in ["iss", "iat", "exp", "cnf", "vct"] {
        assert!(claims.as_object_mut().unwrap().shift_remove(always).is_some(), "{always}");
    }
    claims
}

// rule: SJ-22, SJ-23, VP-D2, VP-D3
#[test]
fn a_selection_reveals_what_is_selected_and_what_it_is_nested_in() {
    let world = World::new();
    let with = |more: Value| {
        let mut claims = json!({ "nationalities": [], "open": { "inner": 1 } });
        claims.as_object_mut().unwrap().extend(object(more));
        claims
    };
    assert_eq!(claims_of(&world, &[]), with(json!({})));
    assert_eq!(claims_of(&world, &[r#""name""#]), with(json!({ "name": "Kim" })));
    assert_eq!(
        claims_of(&world, &[r#""address","street""#]),
        with(json!({ "address": { "street": "1", "city": "Seoul" } }))
    );
    assert_eq!(claims_of(&world, &[r#""address","city""#]), with(json!({ "address": { "city": "Seoul" } })));
    assert_eq!(
        claims_of(&world, &[r#""address""#]),
        with(json!({ "address": { "street": "1", "city": "Seoul" } }))
    );
    assert_eq!(claims_of(&world, &[r#""nationalities",1"#]), with(json!({ "nationalities": ["DE"] })));
    assert_eq!(
        claims_of(&world, &[r#""nationalities",null"#]),
        with(json!({ "nationalities": ["KR", "DE"] }))
    );
    assert_eq!(claims_of(&world, &[r#""open""#]), with(json!({ "open": { "inner": 1, "hidden": 2 } })));
    assert_eq!(claims_of(&world, &[r#""open","inner""#]), with(json!({})));
}

// rule: SJ-23
#[test]
fn a_path_that_selects_nothing_is_refused() {
    let world = World::new();
    let credential = world.accept(&issued(&world));
    for at in [r#""email""#, r#""name","first""#, r#""nationalities",2"#, r#""address",null"#, r#""_sd""#] {
        assert_eq!(credential.select(&[path(at)]).err(), Some(PresentError::PathSelectsNothing), "{at}");
    }
}

// rule: SJ-22, SJ-32
#[test]
fn disclosures_go_out_as_received_in_their_order_and_once() {
    let world = World::new();
    let text = issued(&world);
    let credential = world.accept(&text);
    let issued: Vec<&str> = text.split('~').collect();
    let twice = [path(r#""address""#), path(r#""address","street""#), path(r#""name""#), path(r#""name""#)];
    let selection = credential.select(&twice).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(selection.disclosures(), 3);
    let presented = selection.with_key_binding(&binding(), &world.holder_key).unwrap();
    let presented: Vec<&str> = presented.split('~').collect();
    assert_eq!(presented[0], issued[0]);
    let sent = &presented[1..presented.len() - 1];
    let expected: Vec<&str> = issued.iter().copied().filter(|part| sent.contains(part)).collect();
    assert_eq!(sent, expected);
}

// rule: SJ-23
#[test]
fn the_consent_screen_is_told_every_claim_that_is_revealed() {
    let world = World::new();
    let credential = world.accept(&issued(&world));
    let selection = credential.select(&[path(r#""address","street""#)]).unwrap_or_else(|e| panic!("{e}"));
    let revealed: Vec<(String, Value, bool)> = selection
        .revealed()
        .into_iter()
        .map(|one| (one.path.to_string(), one.value, one.selectively_disclosable))
        .filter(|(path, _, _)| !path.contains("cnf") && !["[\"iat\"]", "[\"exp\"]"].contains(&path.as_str()))
        .collect();
    assert_eq!(
        revealed,
        [
            (r#"["iss"]"#.to_owned(), json!("https://issuer.example/citizens"), false),
            (r#"["vct"]"#.to_owned(), json!(VCT), false),
            (r#"["nationalities"]"#.to_owned(), json!([]), false),
            (r#"["open","inner"]"#.to_owned(), json!(1), false),
            (r#"["address","city"]"#.to_owned(), json!("Seoul"), true),
            (r#"["address","street"]"#.to_owned(), json!("1"), true),
        ]
    );
    assert!(credential.is_selectively_disclosable(&path(r#""address","city""#)));
    assert!(!credential.is_selectively_disclosable(&path(r#""open","inner""#)));
    assert!(credential.is_selectively_disclosable(&path(r#""open","hidden""#)));
}

// rule: SJ-24, SJ-26, SJ-27, SJ-28, SJ-29, SJ-30
#[test]
fn a_presentation_for_this_request_is_accepted() {
    let world = World::new();
    let accepted = check(&world, &present(&world, &[]), &expected()).unwrap_or_else(|e| panic!("{e}"));
    let proof = accepted.key_binding().unwrap();
    assert_eq!((&proof.holder_key, proof.issued_at), (&crypto::Signer::public_key(&world.holder_key), now()));
    assert!(check(&world, &rebound(&world, |_| {}), &expected()).is_ok());
}

// rule: SJ-24
#[test]
fn a_key_binding_of_another_type_is_refused() {
    let world = World::new();
    let text = present(&world, &[]);
    let (presented, jwt) = text.rsplit_once('~').unwrap();
    let payload = primitives::base64url::decode(jwt.split('.').nth(1).unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    for typ in ["JWT", "dc+sd-jwt", ""] {
        let text = format!("{presented}~{}", world.key_binding(typ, &payload));
        assert_eq!(refused(&world, &text, &expected()), KeyBindingError::Typ, "{typ}");
    }
}

// rule: SJ-25
#[test]
fn only_the_credentials_own_key_binds() {
    let world = World::new();
    let credential = world.accept(&issued(&world));
    let selection = credential.select(&[]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(selection.with_key_binding(&binding(), &world.issuer_key), Err(PresentError::WrongKey));
    let text = present(&world, &[]);
    let (presented, jwt) = text.rsplit_once('~').unwrap();
    let payload = primitives::base64url::decode(jwt.split('.').nth(1).unwrap()).unwrap();
    let stolen = HeaderBuilder::new("kb+jwt").sign(&payload, &world.issuer_key).unwrap();
    assert_eq!(refused(&world, &format!("{presented}~{stolen}"), &expected()), KeyBindingError::Signature);
}

// rule: SJ-26
#[test]
fn the_time_of_the_key_binding_is_in_the_window() {
    let world = World::new();
    let seconds = now().unix_seconds();
    let at = |iat: Value| rebound(&world, |payload| payload["iat"] = iat);
    for fine in [seconds + 60, seconds - 360] {
        assert!(check(&world, &at(json!(fine)), &expected()).is_ok(), "{fine}");
    }
    assert_eq!(refused(&world, &at(json!(seconds + 61)), &expected()), KeyBindingError::InFuture);
    assert_eq!(refused(&world, &at(json!(seconds - 361)), &expected()), KeyBindingError::TooOld);
    for iat in [json!(null), json!(seconds.to_string())] {
        assert_eq!(refused(&world, &at(iat), &expected()), KeyBindingError::NoIssuedAt);
    }
    let without = rebound(&world, |payload| drop(payload.as_object_mut().unwrap().remove("iat")));
    assert_eq!(refused(&world, &without, &expected()), KeyBindingError::NoIssuedAt);
}

// rule: SJ-27
#[test]
fn the_nonce_is_that_of_the_request() {
    let world = World::new();
    let text = present(&world, &[]);
    let other = ExpectedKeyBinding { nonce: "another", ..expected() };
    assert_eq!(refused(&world, &text, &other), KeyBindingError::Nonce);
    for nonce in [json!(null), json!([NONCE]), json!("")] {
        let text = rebound(&world, |payload| payload["nonce"] = nonce);
        assert_eq!(refused(&world, &text, &expected()), KeyBindingError::Nonce);
    }
}

// rule: SJ-28, VP-H1
#[test]
fn the_audience_is_the_verifier_alone() {
    let world = World::new();
    let text = present(&world, &[]);
    for audience in ["verifier", "x509_hash:verifier2", "X509_HASH:verifier"] {
        let other = ExpectedKeyBinding { audience, ..expected() };
        assert_eq!(refused(&world, &text, &other), KeyBindingError::Audience, "{audience}");
    }
    for audience in [json!([AUDIENCE]), json!(null)] {
        let text = rebound(&world, |payload| payload["aud"] = audience);
        assert_eq!(refused(&world, &text, &expected()), KeyBindingError::Audience);
    }
}

// rule: SJ-29
#[test]
fn the_hash_is_of_this_very_selection() {
    let world = World::new();
    let text = present(&world, &[r#""name""#]);
    let parts: Vec<&str> = text.split('~').collect();
    let fewer = format!("{}~{}", parts[0], parts[2]);
    assert_eq!(refused(&world, &fewer, &expected()), KeyBindingError::Hash);
    let all = issued(&world);
    let more = format!("{all}{}", parts[2]);
    assert_eq!(refused(&world, &more, &expected()), KeyBindingError::Hash);
    let without = rebound(&world, |payload| drop(payload.as_object_mut().unwrap().remove("sd_hash")));
    assert_eq!(refused(&world, &without, &expected()), KeyBindingError::Hash);
}

// rule: SJ-30
#[test]
fn whether_key_binding_is_needed_is_the_verifiers_word() {
    let world = World::new();
    let text = present(&world, &[]);
    let (presented, _) = text.rsplit_once('~').unwrap();
    let unbound = format!("{presented}~");
    assert_eq!(refused(&world, &unbound, &expected()), KeyBindingError::Missing);
    let optional = ExpectedKeyBinding { required: false, ..expected() };
    let accepted = check(&world, &unbound, &optional).unwrap_or_else(|e| panic!("{e}"));
    assert!(accepted.key_binding().is_none());
    // What came is checked all the same.
    let other = ExpectedKeyBinding { nonce: "another", ..optional };
    assert_eq!(refused(&world, &text, &other), KeyBindingError::Nonce);
}

// rule: SJ-31
#[test]
fn key_binding_needs_a_key_in_the_credential() {
    let world = World::new();
    let unbound = world.signed(&payload(json!({ "name": "Kim" })), &[]);
    let kb = json!({
        "iat": now().unix_seconds(), "aud": AUDIENCE, "nonce": NONCE, "sd_hash": digest(&unbound),
    });
    let text = unbound.clone() + &world.key_binding("kb+jwt", &kb);
    assert_eq!(refused(&world, &text, &expected()), KeyBindingError::NoHolderKey);
    let credential = world.accept(&unbound);
    let selection = credential.select(&[]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(selection.with_key_binding(&binding(), &world.holder_key), Err(PresentError::NotBound));
}

// rule: SV-14, HA-9
#[test]
fn a_bound_credential_does_not_go_out_without_its_key() {
    let world = World::new();
    let bound = world.accept(&issued(&world));
    let selection = bound.select(&[]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(selection.without_key_binding(), Err(PresentError::Bound));
    let text = world.signed(&payload(json!({ "name": "Kim" })), &[]);
    let unbound = world.accept(&text);
    let selection = unbound.select(&[]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(selection.without_key_binding(), Ok(text));
}

// rule: SV-15
#[test]
fn further_claims_of_the_key_binding_are_ignored() {
    let world = World::new();
    let text = rebound(&world, |payload| payload["more"] = json!({ "a": 1 }));
    assert!(check(&world, &text, &expected()).is_ok());
}

// rule: SJ-3
#[test]
fn a_key_binding_that_names_a_claim_twice_is_refused() {
    let world = World::new();
    let text = present(&world, &[]);
    let (presented, _) = text.rsplit_once('~').unwrap();
    let payload = format!(
        r#"{{"iat":{},"aud":"{AUDIENCE}","nonce":"{NONCE}","nonce":"{NONCE}","sd_hash":"{}"}}"#,
        now().unix_seconds(),
        digest(&format!("{presented}~"))
    );
    let jwt = HeaderBuilder::new("kb+jwt").sign(payload.as_bytes(), &world.holder_key).unwrap();
    let error = check(&world, &format!("{presented}~{jwt}"), &expected()).err().unwrap();
    assert_eq!(error.rule(), "SJ-3");
}

// rule: SJ-17
#[test]
fn a_credential_with_an_audience_is_for_it_alone() {
    let world = World::new();
    let optional = ExpectedKeyBinding { required: false, ..expected() };
    let at = |aud: Value| check(&world, &world.signed(&payload(json!({ "aud": aud })), &[]), &optional).err();
    assert_eq!(at(json!(AUDIENCE)), None);
    assert_eq!(at(json!(["other", AUDIENCE])), None);
    for aud in [json!("other"), json!(["other"]), json!([]), json!(null)] {
        assert_eq!(at(aud), Some(PresentationError::CredentialAudience));
    }
}

// rule: SV-22, VP-T3
#[test]
fn transactions_are_bound_by_the_hash_of_their_text() {
    let world = World::new();
    let strings = ["eyJ0eXBlIjoicGF5In0".to_owned(), "eyJ0eXBlIjoic2lnbiJ9".to_owned()];
    for names_algorithm in [false, true] {
        let transaction_data = TransactionData { strings: &strings, names_algorithm };
        let credential = world.accept(&issued(&world));
        let selection = credential.select(&[]).unwrap_or_else(|e| panic!("{e}"));
        let text = selection
            .with_key_binding(&KeyBinding { transaction_data, ..binding() }, &world.holder_key)
            .unwrap();
        let jwt = text.rsplit_once('~').unwrap().1.split('.').nth(1).unwrap();
        let payload: Value = serde_json::from_slice(&primitives::base64url::decode(jwt).unwrap()).unwrap();
        assert_eq!(payload["transaction_data_hashes"], json!([digest(&strings[0]), digest(&strings[1])]));
        assert_eq!(
            payload.get("transaction_data_hashes_alg"),
            names_algorithm.then(|| json!("sha-256")).as_ref()
        );
        let expecting = ExpectedKeyBinding { transaction_data, ..expected() };
        assert!(check(&world, &text, &expecting).is_ok());
        // Agreed to something else, to less, or to what nobody asked for.
        let one = TransactionData { strings: &strings[..1], names_algorithm };
        let fewer = ExpectedKeyBinding { transaction_data: one, ..expected() };
        assert_eq!(refused(&world, &text, &fewer), KeyBindingError::TransactionData);
        assert_eq!(refused(&world, &text, &expected()), KeyBindingError::TransactionData);
        assert_eq!(refused(&world, &present(&world, &[]), &expecting), KeyBindingError::TransactionData);
    }
}

// rule: SV-22, VP-T3
#[test]
fn the_algorithm_of_transaction_hashes_is_echoed_and_is_sha_256() {
    let world = World::new();
    let strings = ["eyJ0eXBlIjoicGF5In0".to_owned()];
    let named = TransactionData { strings: &strings, names_algorithm: true };
    let expecting = ExpectedKeyBinding { transaction_data: named, ..expected() };
    let with = |algorithm: Option<&str>| {
        rebound(&world, |payload| {
            payload["transaction_data_hashes"] = json!([digest(&strings[0])]);
            if let Some(algorithm) = algorithm {
                payload["transaction_data_hashes_alg"] = json!(algorithm);
            }
        })
    };
    assert!(check(&world, &with(Some("sha-256")), &expecting).is_ok());
    assert_eq!(refused(&world, &with(None), &expecting), KeyBindingError::TransactionData);
    assert_eq!(refused(&world, &with(Some("sha-512")), &expecting), KeyBindingError::TransactionData);
    let unnamed = TransactionData { strings: &strings, names_algorithm: false };
    let expecting = ExpectedKeyBinding { transaction_data: unnamed, ..expected() };
    assert!(check(&world, &with(None), &expecting).is_ok());
    assert_eq!(refused(&world, &with(Some("sha-512")), &expecting), KeyBindingError::TransactionData);
    // Where transactions are agreed to, the key is needed even if it is not otherwise.
    let text = present(&world, &[]);
    let unbound = format!("{}~", text.rsplit_once('~').unwrap().0);
    let optional = ExpectedKeyBinding { required: false, ..expecting };
    assert_eq!(refused(&world, &unbound, &optional), KeyBindingError::Missing);
}

// rule: SV-22
#[test]
fn the_number_of_transactions_is_bounded() {
    let world = World::new();
    let most = vec!["e30".to_owned(); MAX_TRANSACTION_DATA];
    let strings = vec!["e30".to_owned(); MAX_TRANSACTION_DATA + 1];
    let transaction_data = TransactionData { strings: &strings, names_algorithm: false };
    let credential = world.accept(&issued(&world));
    let selection = credential.select(&[]).unwrap_or_else(|e| panic!("{e}"));
    let result = selection.with_key_binding(&KeyBinding { transaction_data, ..binding() }, &world.holder_key);
    assert_eq!(result, Err(PresentError::TooManyTransactions));
    let transaction_data = TransactionData { strings: &most, names_algorithm: false };
    let binding = KeyBinding { transaction_data, ..binding() };
    assert!(selection.with_key_binding(&binding, &world.holder_key).is_ok());
}
