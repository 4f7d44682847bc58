//! What a verifier believes was approved: exactly what it asked for, once, of a credential that the transaction names (VP-T2 to VP-T4).

use super::*;

/// An answer with a key binding of this making.
fn answer_with(
    world: &World,
    prepared: &PreparedRequest,
    strings: &[String],
    names_algorithm: bool,
) -> Vec<u8> {
    let request = world.receive(prepared).unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    let binding = KeyBinding {
        audience: request.client().id().as_str(),
        nonce: claims["nonce"].as_str().unwrap(),
        issued_at: world.now,
        transaction_data: TransactionData { strings, names_algorithm },
    };
    let name = primitives::ClaimPath::of_names(["name"]).unwrap();
    let city = primitives::ClaimPath::of_names(["address", "city"]).unwrap();
    let presentation =
        world.card.select(&[name, city]).unwrap().with_key_binding(&binding, &world.holder_key).unwrap();
    let token = json!({ "card": [presentation] }).to_string();
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("vp_token", &token)
        .append_pair("state", claims["state"].as_str().unwrap())
        .finish()
        .into_bytes()
}

// rule: VP-T2, VP-T3
#[test]
fn the_verifier_believes_exactly_the_hash_of_what_it_asked() {
    let world = world();
    let prepared = world
        .builder(card_query())
        .unencrypted()
        .transaction(PAY, ["card"], details(1))
        .build(world.now, &world.entropy)
        .unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    let asked = claims["transaction_data"][0].as_str().unwrap().to_owned();
    let other = encoded(&pay());
    let judge = |strings: &[String], names_algorithm: bool| {
        let body = answer_with(&world, &prepared, strings, names_algorithm);
        prepared.session().validate(&body, &world.issuers, world.now).map(|_| ())
    };
    assert_eq!(judge(std::slice::from_ref(&asked), true), Ok(()));
    // Missing.
    assert_eq!(judge(&[], true), Err(ResponseError::Transaction));
    let mismatch = |outcome: Result<(), ResponseError>| {
        let expected = PresentationFault::SdJwtVc(sd_jwt_vc::PresentationError::KeyBinding(
            sd_jwt_vc::KeyBindingError::TransactionData,
        ));
        assert!(
            matches!(&outcome, Err(ResponseError::Presentation { fault, .. }) if *fault == expected),
            "{outcome:?}"
        );
    };
    // Another one, one beside, the same twice, and the algorithm not echoed.
    mismatch(judge(std::slice::from_ref(&other), true));
    mismatch(judge(&[asked.clone(), other], true));
    mismatch(judge(&[asked.clone(), asked.clone()], true));
    mismatch(judge(&[asked], false));
}

// rule: VP-T2
#[test]
fn a_hash_where_none_was_asked_is_refused() {
    let world = world();
    let prepared = world.builder(card_query()).unencrypted().build(world.now, &world.entropy).unwrap();
    let body = answer_with(&world, &prepared, &[encoded(&pay())], false);
    assert!(prepared.session().validate(&body, &world.issuers, world.now).is_err());
}

/// What a verifier says that asked for a transaction by these credentials, of an answer in which these carry its hash.
fn judge_carried(named: &[&str], carried: [bool; 2]) -> Result<(), ResponseError> {
    let world = world();
    let prepared = world
        .builder(two_cards())
        .unencrypted()
        .transaction(PAY, named.iter().copied(), details(1))
        .build(world.now, &world.entropy)
        .unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    let asked = [claims["transaction_data"][0].as_str().unwrap().to_owned()];
    let [first, second] = carried.map(|carried| {
        let strings = if carried { &asked[..] } else { &[] };
        let binding = KeyBinding {
            audience: claims["client_id"].as_str().unwrap(),
            nonce: claims["nonce"].as_str().unwrap(),
            issued_at: world.now,
            transaction_data: TransactionData { strings, names_algorithm: true },
        };
        let name = primitives::ClaimPath::of_names(["name"]).unwrap();
        world.card.select(&[name]).unwrap().with_key_binding(&binding, &world.holder_key).unwrap()
    });
    let token = json!({ "first": [first], "second": [second] }).to_string();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("vp_token", &token)
        .append_pair("state", claims["state"].as_str().unwrap())
        .finish();
    prepared.session().validate(body.as_bytes(), &world.issuers, world.now).map(drop)
}

// rule: VP-T2
#[test]
fn a_transaction_that_two_presentations_carry_is_not_believed() {
    let judge = |carried| judge_carried(&["first", "second"], carried);
    assert_eq!(judge([true, false]), Ok(()));
    assert_eq!(judge([false, true]), Ok(()));
    assert_eq!(judge([true, true]), Err(ResponseError::Transaction));
    assert_eq!(judge([false, false]), Err(ResponseError::Transaction));
}

// rule: VP-T2
#[test]
fn a_presentation_that_is_discarded_approves_nothing() {
    let world = world();
    let mut cards = serde_json::to_value(two_cards().as_wire()).unwrap();
    cards["credential_sets"] =
        json!([{ "options": [["first"]] }, { "options": [["second"]], "required": false }]);
    let prepared = world
        .builder(query(cards))
        .unencrypted()
        .transaction(PAY, ["first", "second"], details(1))
        .build(world.now, &world.entropy)
        .unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    let asked = [claims["transaction_data"][0].as_str().unwrap().to_owned()];
    let present = |claim: &str, strings: &[String]| {
        let binding = KeyBinding {
            audience: claims["client_id"].as_str().unwrap(),
            nonce: claims["nonce"].as_str().unwrap(),
            issued_at: world.now,
            transaction_data: TransactionData { strings, names_algorithm: !strings.is_empty() },
        };
        let claim = primitives::ClaimPath::of_names([claim]).unwrap();
        world.card.select(&[claim]).unwrap().with_key_binding(&binding, &world.holder_key).unwrap()
    };
    let judge = |first: String, second: String| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("vp_token", &json!({ "first": [first], "second": [second] }).to_string())
            .append_pair("state", claims["state"].as_str().unwrap())
            .finish();
        prepared.session().validate(body.as_bytes(), &world.issuers, world.now).map(drop)
    };
    // The second does not hold what was asked for.
    assert_eq!(judge(present("name", &asked), present("birth", &[])), Ok(()));
    let refused = judge(present("name", &[]), present("birth", &asked));
    let fault = PresentationFault::Claims;
    assert!(
        matches!(&refused, Err(ResponseError::Presentation { fault: one, .. }) if *one == fault),
        "{refused:?}"
    );
}

// rule: VP-T1, VP-T2
#[test]
fn a_transaction_is_believed_of_a_credential_that_it_names_alone() {
    let judge = |carried| judge_carried(&["second"], carried);
    assert_eq!(judge([false, true]), Ok(()));
    // Approved with the other one, it is a hash that nobody asked of it.
    for carried in [[true, false], [true, true]] {
        let refused = judge(carried);
        assert!(
            matches!(&refused, Err(ResponseError::Presentation { fault: PresentationFault::SdJwtVc(_), .. })),
            "{refused:?}"
        );
    }
}

// rule: VP-T2, VP-T4
#[test]
fn what_a_device_approved_is_believed_only_if_it_is_what_was_asked() {
    let world = world();
    let query = query(json!({ "credentials": [{
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
        "claims": [{ "path": [NAME_SPACE, "name"] }]
    }] }));
    let builder = world.builder(query).unencrypted().transaction(PAY, ["mdoc"], details(1));
    let prepared = builder.build(world.now, &world.entropy).unwrap();
    let request = world.receive(&prepared).unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    let asked = claims["transaction_data"][0].as_str().unwrap();
    let hash = |text: &str| base64url::encode(&crypto::sha256(text.as_bytes()));
    let copy = authorised(&world, &["pay_hashes", "sign_hashes"]);
    let judge = |elements: &[(&str, Value)]| {
        let mut disclosed = copy.select([(NAME_SPACE, "name")]).unwrap();
        for (element, value) in elements {
            let value = mdoc::ElementValue::from_json(value).unwrap();
            disclosed = disclosed.with_device_element(PAY.element.0, element, value).unwrap();
        }
        let response =
            disclosed.respond_base64url(&request.session_transcript(world.now), &world.device_key).unwrap();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("vp_token", &json!({ "mdoc": [response] }).to_string())
            .append_pair("state", claims["state"].as_str().unwrap())
            .finish();
        prepared.session().validate(body.as_bytes(), &world.issuers, world.now).map(drop)
    };
    assert_eq!(judge(&[("pay_hashes", json!([hash(asked)]))]), Ok(()));
    assert_eq!(judge(&[]), Err(ResponseError::Transaction));
    let mismatch = |outcome: Result<(), ResponseError>| {
        let fault = PresentationFault::Transaction;
        assert!(
            matches!(&outcome, Err(ResponseError::Presentation { fault: one, .. }) if *one == fault),
            "{outcome:?}"
        );
    };
    mismatch(judge(&[("pay_hashes", json!([hash("another")]))]));
    mismatch(judge(&[("pay_hashes", json!([hash(asked), hash("another")]))]));
    mismatch(judge(&[("pay_hashes", json!([hash(asked), hash(asked)]))]));
    mismatch(judge(&[("pay_hashes", json!(hash(asked)))]));
}
