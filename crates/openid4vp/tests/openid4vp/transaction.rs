//! Transactions that are approved with a presentation: what is refused, which presentation carries them, and what a verifier believes
//! (VP-T1 to VP-T4).

mod believed;

use crate::support::*;
use openid4vp::TransactionType;
use openid4vp::holder::{AuthenticatedRequest, Copy, Policy, RequestError as E, RespondError};
use openid4vp::verifier::{Outcome, PreparedRequest, PresentationFault, ResponseError, VerifiedAnswer};
use primitives::base64url;
use sd_jwt_vc::{KeyBinding, TransactionData};
use serde_json::{Map, Value, json};

pub const PAY: TransactionType =
    TransactionType { name: "urn:test:pay", fits, element: ("org.example.transaction", "pay_hashes") };
const SIGN: TransactionType =
    TransactionType { name: "urn:test:sign", fits, element: ("org.example.transaction", "sign_hashes") };
const OTHER: TransactionType = TransactionType { name: "urn:test:other", ..PAY };
const POLICY: Policy = Policy { transactions: &[PAY, SIGN], ..Policy::STRICT };

/// A type with one member, `amount`, a number.
fn fits(members: &Map<String, Value>) -> bool {
    members.len() == 1 && members.get("amount").is_some_and(Value::is_number)
}

fn world() -> World {
    World { policy: POLICY, ..World::new() }
}

fn encoded(object: &Value) -> String {
    base64url::encode(object.to_string().as_bytes())
}

fn pay() -> Value {
    json!({ "type": PAY.name, "credential_ids": ["card"], "amount": 1000 })
}

/// A transaction with some members replaced (or, with `null`, removed).
fn pay_with(changes: &Value) -> Value {
    let mut object = pay();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => object.as_object_mut().unwrap().remove(name),
            value => object.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    object
}

fn refused(transaction_data: Value) -> E {
    world().receive_with(json!({ "transaction_data": transaction_data })).map(drop).unwrap_err()
}

pub fn details(amount: i64) -> Map<String, Value> {
    Map::from_iter([("amount".to_owned(), amount.into())])
}

fn key_binding(presentation: &str) -> Map<String, Value> {
    let proof = presentation.rsplit('~').next().unwrap();
    crypto::jws::UnverifiedJws::parse(proof).unwrap().dangerous_claims().unwrap()
}

/// The presentations of an unencrypted answer.
fn vp_token(request: &AuthenticatedRequest, world: &World, copies: &[Copy<'_>]) -> Value {
    let post = world.answer(request, copies);
    let field = form(&post).into_iter().find(|(name, _)| name == "vp_token").unwrap().1;
    serde_json::from_str(&field).unwrap()
}

fn verified(outcome: Outcome) -> VerifiedAnswer {
    match outcome {
        Outcome::Verified(answer) => answer,
        Outcome::Refused { error } => panic!("refused with {error}"),
    }
}

// rule: VP-T1
#[test]
fn an_unknown_type_is_refused_even_beside_a_known_one() {
    let unknown = pay_with(&json!({ "type": "urn:test:unknown" }));
    assert_eq!(refused(json!([encoded(&unknown)])), E::TransactionDataUnsupported);
    assert_eq!(refused(json!([encoded(&pay()), encoded(&unknown)])), E::TransactionDataUnsupported);
    let nothing_known = World::new().receive_with(json!({ "transaction_data": [encoded(&pay())] }));
    assert_eq!(nothing_known.map(drop).unwrap_err(), E::TransactionDataUnsupported);
}

// rule: VP-T1
#[test]
fn members_of_a_known_type_are_its_own_and_all_of_them() {
    assert!(world().receive_with(json!({ "transaction_data": [encoded(&pay())] })).is_ok());
    for changes in [
        json!({ "amount": null }),
        json!({ "amount": "1000" }),
        json!({ "fee": 1 }),
        json!({ "type": null }),
        json!({ "type": 1 }),
        json!({ "credential_ids": null }),
        json!({ "credential_ids": [] }),
        json!({ "credential_ids": "card" }),
        json!({ "credential_ids": ["card", 1] }),
        json!({ "transaction_data_hashes_alg": [] }),
        json!({ "transaction_data_hashes_alg": "sha-256" }),
        json!({ "transaction_data_hashes_alg": ["sha-256", 1] }),
    ] {
        let transaction = encoded(&pay_with(&changes));
        assert_eq!(refused(json!([transaction])), E::TransactionDataMalformed, "{changes}");
    }
    for value in [
        json!(null),
        json!([]),
        json!({}),
        json!(encoded(&pay())),
        json!([pay()]),
        json!(["not base64url!"]),
        json!([base64url::encode(b"[]")]),
        json!([base64url::encode(
            br#"{"type":"urn:test:pay","type":"urn:test:pay","credential_ids":["card"],"amount":1}"#
        )]),
        json!([encoded(&pay()), encoded(&pay())]),
        json!(
            (0..=openid4vp::limits::MAX_TRANSACTION_DATA)
                .map(|amount| encoded(&pay_with(&json!({ "amount": amount }))))
                .collect::<Vec<_>>()
        ),
        // Whole and well-formed, and only too long.
        json!([base64url::encode(
            format!("{}{}", pay(), " ".repeat(openid4vp::limits::MAX_TRANSACTION_DATA_BYTES)).as_bytes()
        )]),
    ] {
        // `null` removes the parameter in this helper; an explicit null is read from the claims themselves.
        if value.is_null() {
            let world = world();
            let mut claims = world.claims();
            claims.insert("transaction_data".to_owned(), Value::Null);
            assert_eq!(world.receive_claims(&claims).map(drop).unwrap_err(), E::TransactionDataMalformed);
        } else {
            assert_eq!(refused(value.clone()), E::TransactionDataMalformed, "{value}");
        }
    }
}

// rule: VP-T1, VP-T3
#[test]
fn a_transaction_names_credentials_that_are_asked_for_with_a_proof() {
    for ids in [json!(["other"]), json!(["card", "other"])] {
        let transaction = encoded(&pay_with(&json!({ "credential_ids": ids })));
        assert_eq!(refused(json!([transaction])), E::TransactionDataCredentials, "{ids}");
    }
    let unbound = json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": {}, "require_cryptographic_holder_binding": false
    }] });
    let changes = json!({ "dcql_query": unbound, "transaction_data": [encoded(&pay())] });
    assert_eq!(world().receive_with(changes).map(drop).unwrap_err(), E::TransactionDataCredentials);
}

// rule: VP-T3
#[test]
fn only_sha_256_hashes_transactions() {
    let with = |algorithms: Value| encoded(&pay_with(&json!({ "transaction_data_hashes_alg": algorithms })));
    assert_eq!(refused(json!([with(json!(["sha-512"]))])), E::TransactionDataUnsupported);
    assert!(
        world().receive_with(json!({ "transaction_data": [with(json!(["sha-512", "sha-256"]))] })).is_ok()
    );
}

// rule: VP-T3
#[test]
fn the_key_binding_has_the_hash_of_the_string_as_received_and_echoes_the_algorithm() {
    let world = world();
    for named in [true, false] {
        // Spaces and member order of the sender: decoded and encoded again it would be another string.
        let algorithm = if named { r#", "transaction_data_hashes_alg" : ["sha-256"]"# } else { "" };
        let text = format!(
            r#"{{ "amount" : 1.0e3, "credential_ids" : ["card"], "type":"urn:test:pay"{algorithm} }}"#
        );
        let string = base64url::encode(text.as_bytes());
        let request = world
            .receive_with(json!({ "transaction_data": [string], "response_mode": "direct_post" }))
            .unwrap();
        assert_eq!(request.transactions()[0].type_name(), PAY.name);
        assert_eq!(request.transactions()[0].details()["amount"], json!(1000.0));
        let token = vp_token(&request, &world, &[world.card_copy()]);
        let binding = key_binding(token["card"][0].as_str().unwrap());
        let hash = base64url::encode(&crypto::sha256(string.as_bytes()));
        assert_eq!(binding["transaction_data_hashes"], json!([hash]));
        assert_eq!(binding.get("transaction_data_hashes_alg"), named.then(|| json!("sha-256")).as_ref());
    }
    let request = world.receive_with(json!({ "response_mode": "direct_post" })).unwrap();
    let token = vp_token(&request, &world, &[world.card_copy()]);
    let binding = key_binding(token["card"][0].as_str().unwrap());
    assert!(binding.get("transaction_data_hashes").is_none());
    assert!(binding.get("transaction_data_hashes_alg").is_none());
}

fn two_cards() -> dcql::Query {
    let card = |id: &str| json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }] });
    query(json!({ "credentials": [card("first"), card("second")] }))
}

// rule: VP-T2
#[test]
fn of_several_credentials_one_carries_the_transaction() {
    let world = world();
    let prepared = world
        .builder(two_cards())
        .unencrypted()
        .transaction(PAY, ["second", "first"], details(1))
        .transaction(SIGN, ["first"], details(2))
        .build(world.now, &world.entropy)
        .unwrap();
    let request = world.receive(&prepared).unwrap();
    let names: Vec<&str> = request.transactions().iter().map(|one| one.type_name()).collect();
    assert_eq!(names, [PAY.name, SIGN.name]);
    let copies = [world.card_copy(), world.card_copy()];
    let token = vp_token(&request, &world, &copies);
    let count = |id: &str| {
        let binding = key_binding(token[id][0].as_str().unwrap());
        binding["transaction_data_hashes"].as_array().unwrap().len()
    };
    assert_eq!((count("first"), count("second")), (1, 1));
    let post = world.answer(&request, &copies);
    let answer = verified(prepared.session().validate(&post.body, &world.issuers, world.now).unwrap());
    let approved = |id: &str| -> Vec<&str> {
        answer.of_query(id).flat_map(|one| &one.approved).map(|one| one.type_name()).collect()
    };
    assert_eq!(approved("first"), [SIGN.name]);
    assert_eq!(approved("second"), [PAY.name]);
}

// rule: VP-T2
#[test]
fn a_transaction_that_nothing_in_the_answer_can_carry_is_not_left_out() {
    let world = world();
    let query = query(json!({
        "credentials": [
            { "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] } },
            { "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE } }
        ],
        "credential_sets": [{ "options": [["mdoc"]] }, { "options": [["card"]], "required": false }]
    }));
    let prepared =
        world.builder(query).transaction(PAY, ["card"], details(1)).build(world.now, &world.entropy).unwrap();
    let request = world.receive(&prepared).unwrap();
    let solution = request.solve(&world.holdings());
    let mut selection = solution.required_only().unwrap();
    let mdoc_only = request.respond(&solution, &selection, &[world.mdoc_copy()], world.now, &world.entropy);
    assert!(matches!(mdoc_only.map(drop).unwrap_err(), RespondError::Transaction));
    let pick = dcql::Pick { holding: "card".to_owned(), combination: None };
    selection.picks.insert("card".to_owned(), vec![pick]);
    selection.options.insert(1, 0);
    let copies = [world.card_copy(), world.mdoc_copy()];
    assert!(request.respond(&solution, &selection, &copies, world.now, &world.entropy).is_ok());
    // A copy without a key proves nothing, and so approves nothing.
    let keyless = [Copy::SdJwtVc { credential: &world.card, signer: None }, world.mdoc_copy()];
    let refused = request.respond(&solution, &selection, &keyless, world.now, &world.entropy);
    assert!(matches!(refused.map(drop).unwrap_err(), RespondError::Transaction));
}

fn mdoc_request(world: &World) -> PreparedRequest {
    let query = query(json!({ "credentials": [{
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
        "claims": [{ "path": [NAME_SPACE, "name"] }]
    }] }));
    let builder = world.builder(query).transaction(PAY, ["mdoc"], details(1));
    builder.transaction(SIGN, ["mdoc"], details(2)).build(world.now, &world.entropy).unwrap()
}

fn respond_with_mdoc(
    world: &World,
    prepared: &PreparedRequest,
    copy: &mdoc::IssuerSigned,
) -> Result<Vec<u8>, RespondError> {
    let request = world.receive(prepared).unwrap();
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    let copies = [Copy::Mdoc { issuer_signed: copy, signer: &world.device_key }];
    let response = request.respond(&solution, &selection, &copies, world.now, &world.entropy)?;
    Ok(response.into_delivery().into_post().unwrap().body)
}

pub fn authorised(world: &World, elements: &[&str]) -> mdoc::IssuerSigned {
    let data_elements = [(PAY.element.0.to_owned(), elements.iter().map(|one| (*one).to_owned()).collect())];
    let authorizations = mdoc::KeyAuthorizations {
        data_elements: data_elements.into_iter().collect(),
        ..mdoc::KeyAuthorizations::default()
    };
    let dates = world.now - 60..world.now + 86_400;
    test_world::mdoc(DOCTYPE, NAME_SPACE, json!({ "name": "Hong" }), dates)
        .key_authorizations(authorizations)
        .sign(
            &crypto::Signer::public_key(&world.device_key),
            &world.issuer.key,
            &world.issuer.chain,
            &world.entropy,
        )
        .unwrap()
}

// rule: VP-T4
#[test]
fn a_mobile_document_approves_what_its_issuer_lets_its_device_sign() {
    let world = world();
    let prepared = mdoc_request(&world);
    for elements in [&[][..], &["pay_hashes"], &["sign_hashes"]] {
        let refused =
            respond_with_mdoc(&world, &prepared, &authorised(&world, elements)).map(drop).unwrap_err();
        assert!(matches!(refused, RespondError::Transaction), "{elements:?}");
    }
    let refused = respond_with_mdoc(&world, &prepared, &world.mdoc).map(drop).unwrap_err();
    assert!(matches!(refused, RespondError::Transaction));
    let body =
        respond_with_mdoc(&world, &prepared, &authorised(&world, &["pay_hashes", "sign_hashes"])).unwrap();
    let answer = verified(prepared.session().validate(&body, &world.issuers, world.now).unwrap());
    assert_eq!(answer.presentations[0].approved.len(), 2);
    // What the device approved stands beside the issuer's claims, never among them.
    assert_eq!(answer.presentations[0].claims, json!({ NAME_SPACE: { "name": "Hong" } }));
}

// rule: VP-T1
#[test]
fn a_verifier_asks_only_for_what_it_can_describe() {
    let world = world();
    let build = |kind, id: &str, details| {
        let builder = world.builder(card_query()).transaction(kind, [id], details);
        builder.build(world.now, &world.entropy).map(drop)
    };
    assert!(build(PAY, "card", details(1)).is_ok());
    assert!(build(OTHER, "card", details(1)).is_ok());
    let error = openid4vp::verifier::BuildError::Transaction;
    assert_eq!(build(PAY, "other", details(1)), Err(error));
    assert_eq!(build(PAY, "card", Map::new()), Err(error));
}

// rule: VP-T1
#[test]
fn transactions_are_bounded_in_number_and_length_to_the_last() {
    use openid4vp::limits::{MAX_TRANSACTION_DATA, MAX_TRANSACTION_DATA_BYTES};
    let receive = |texts: Vec<String>| {
        world().receive_with(json!({ "transaction_data": texts })).map(|it| it.transactions().len())
    };
    let many = |count: usize| {
        (0..count).map(|amount| encoded(&pay_with(&json!({ "amount": amount })))).collect::<Vec<_>>()
    };
    assert_eq!(receive(many(MAX_TRANSACTION_DATA)), Ok(MAX_TRANSACTION_DATA));
    assert_eq!(receive(many(MAX_TRANSACTION_DATA + 1)), Err(E::TransactionDataMalformed));
    let long =
        |letters: usize| base64url::encode(format!("{:1$}", pay().to_string(), letters / 4 * 3).as_bytes());
    assert_eq!(long(MAX_TRANSACTION_DATA_BYTES).len(), MAX_TRANSACTION_DATA_BYTES);
    assert_eq!(receive(vec![long(MAX_TRANSACTION_DATA_BYTES)]), Ok(1));
    assert_eq!(receive(vec![long(MAX_TRANSACTION_DATA_BYTES + 4)]), Err(E::TransactionDataMalformed));
}

#[test]
fn a_type_is_its_name_and_its_element() {
    assert_eq!(PAY, TransactionType { name: "urn:test:pay", ..PAY });
    for other in [OTHER, TransactionType { element: SIGN.element, ..PAY }, SIGN] {
        assert_ne!(PAY, other);
    }
}
