//! `verifier_info`: a registration that holds is used, one that cannot be used is ignored, one that is false refuses the request (VP-R13).

use crate::support::*;
use openid4vp::holder::RequestError as E;
use openid4vp::limits;
use serde_json::{Value, json};

// rule: VP-R13
#[test]
fn a_registration_that_does_not_hold_refuses_the_request() {
    use trust::registration::RegistrationError as R;
    let world = World::new();
    let with = |signed: &str| {
        let info = json!([{ "format": "registration_cert", "data": signed }]);
        world
            .receive_with(json!({ "verifier_info": info }))
            .map(|request| request.registrations().count() == 1)
    };
    let good = world.registration();
    assert_eq!(with(&world.sign_registration(&good)), Ok(true));

    let of_another = trust::registration::Registration {
        verifier: trust::registration::RegisteredVerifier::of_certificate(world.issuer.chain.leaf()),
        ..good.clone()
    };
    assert_eq!(with(&world.sign_registration(&of_another)), Err(E::Registration(R::OtherVerifier)));
    let expired = trust::registration::Registration { expires_at: world.now, ..good.clone() };
    assert_eq!(with(&world.sign_registration(&expired)), Err(E::Registration(R::Expired)));
    let to_come = trust::registration::Registration { issued_at: world.now + 1000, ..good.clone() };
    assert_eq!(with(&world.sign_registration(&to_come)), Err(E::Registration(R::NotYetValid)));
    // In the registrar's name, and not with its key.
    let forged = good.sign(&world.registrar.chain, &world.verifier.key).unwrap();
    assert_eq!(with(&forged), Err(E::Registration(R::Signature)));
    // Something else that the registrar signed.
    let claims = serde_json::to_value(&good).unwrap();
    let other = signed_by(&world.registrar, "statuslist+jwt", &claims);
    assert_eq!(with(&other), Err(E::Registration(R::Type)));
}

fn signed_by(party: &Party, typ: &str, claims: &Value) -> String {
    let header = crypto::jws::HeaderBuilder::new(typ).x5c(&party.chain.to_der());
    header.sign_claims(claims.as_object().unwrap(), &party.key).unwrap()
}

// rule: VP-R13
#[test]
fn a_registration_that_cannot_be_used_is_as_if_it_were_not_there() {
    let world = World::new();
    let good = world.registration();
    let claims = serde_json::to_value(&good).unwrap();
    let entry = |data: &str| json!({ "format": "registration_cert", "data": data });
    let count = |entries: &[Value]| {
        world.receive_with(json!({ "verifier_info": entries })).map(|request| request.registrations().count())
    };
    let ours = entry(&world.sign_registration(&good));
    let mut shapeless = claims.clone();
    shapeless.as_object_mut().unwrap().remove("purpose");
    let mut long = claims.clone();
    long["name"]["ko"] = json!("가".repeat(trust::registration::MAX_TEXT_CHARACTERS + 1));
    let typ = trust::registration::REGISTRATION_TYPE;
    for data in [
        // Of the registrar of another country, or of nobody.
        good.sign(&world.issuer.chain, &world.issuer.key).unwrap(),
        good.sign(&world.verifier.chain, &world.verifier.key).unwrap(),
        crypto::jws::HeaderBuilder::new(typ)
            .sign_claims(claims.as_object().unwrap(), &world.registrar.key)
            .unwrap(),
        // In no shape that is known here.
        "a.b.c".to_owned(),
        signed_by(&world.registrar, typ, &shapeless),
        signed_by(&world.registrar, typ, &long),
    ] {
        assert_eq!(count(&[entry(&data)]), Ok(0), "{data}");
        assert_eq!(count(&[entry(&data), ours.clone()]), Ok(1), "{data}");
        assert_eq!(count(&[ours.clone(), entry(&data)]), Ok(1), "{data}");
    }
    let object = json!({ "format": "registration_cert", "data": {} });
    assert_eq!(count(std::slice::from_ref(&object)), Ok(0));
    assert_eq!(count(&[object, ours]), Ok(1));
}

// rule: VP-R13
#[test]
fn what_a_registration_says_beyond_what_is_known_here_is_read_as_nothing() {
    let world = World::new();
    let mut claims = serde_json::to_value(world.registration()).unwrap();
    let known = claims["credentials"].as_array().unwrap().len();
    let item = json!({ "format": "jwt_vc_json", "types": ["Card"], "claims": [["name"]] });
    claims["credentials"].as_array_mut().unwrap().insert(0, item);
    claims["name"]["fr"] = json!("Bibliothèque");
    claims["policy"] = json!({ "uri": "https://verifier.example" });
    let data = signed_by(&world.registrar, trust::registration::REGISTRATION_TYPE, &claims);
    let request = world
        .receive_with(json!({ "verifier_info": [{ "format": "registration_cert", "data": data }] }))
        .unwrap();
    let registration = request.registrations().next().unwrap().registration();
    assert_eq!(registration.items.len(), known);
    assert_eq!(registration.name, world.registration().name);
    assert_eq!(request.over_asked(), Some(Vec::new()));
}

// rule: VP-R13
#[test]
fn information_in_other_formats_is_ignored_and_malformed_information_refused() {
    let world = World::new();
    let with = |info: Value| world.receive_with(json!({ "verifier_info": info })).map(|_| ());
    assert_eq!(with(json!([{ "format": "jwt", "data": "x", "credential_ids": ["card"] }])), Ok(()));
    assert_eq!(with(json!([{ "format": "x", "data": {} }])), Ok(()));
    let most = json!(vec![json!({ "format": "x", "data": "x" }); limits::MAX_VERIFIER_INFO]);
    assert_eq!(with(most), Ok(()));
    for malformed in [
        json!([]),
        json!("x"),
        json!([{ "data": "x" }]),
        json!([{ "format": "x" }]),
        json!([{ "format": "x", "data": 1 }]),
        json!(vec![json!({ "format": "x", "data": "x" }); limits::MAX_VERIFIER_INFO + 1]),
    ] {
        assert_eq!(with(malformed.clone()), Err(E::VerifierInfo), "{malformed}");
    }
}

// rule: VP-R13
#[test]
fn a_registration_speaks_of_the_queries_that_it_names() {
    use trust::registration::Registration;
    let world = World::new();
    let good = world.sign_registration(&world.registration());
    let with = |info: Value| {
        let query = serde_json::to_value(both_query().as_wire()).unwrap();
        world.receive_with(json!({ "verifier_info": info, "dcql_query": query }))
    };
    let entry = |data: &str, ids: Value| json!({ "format": "registration_cert", "data": data, "credential_ids": ids });
    let over = |info: Value| -> Vec<String> {
        let asked = with(info).unwrap().over_asked().unwrap();
        asked.iter().map(|over| over.query.as_str().to_owned()).collect()
    };
    assert!(over(json!([{ "format": "registration_cert", "data": good }])).is_empty());
    // What it says of the card it does not say of the other paper.
    assert_eq!(over(json!([entry(&good, json!(["card"]))])), ["mdoc"]);
    // Two registrations together cover what each covers.
    assert!(over(json!([entry(&good, json!(["card"])), entry(&good, json!(["mdoc"]))])).is_empty());
    let request = with(json!([entry(&good, json!(["card"]))])).unwrap();
    let ids: Vec<_> = request.query().credentials().iter().map(|query| &query.id).collect();
    assert_eq!((request.registrations_of(ids[0]).count(), request.registrations_of(ids[1]).count()), (1, 0));
    // Each of several must hold.
    let expired = Registration { expires_at: world.now, ..world.registration() };
    let expired = world.sign_registration(&expired);
    let refused = with(json!([entry(&good, json!(["card"])), entry(&expired, json!(["mdoc"]))]));
    assert!(matches!(refused, Err(E::Registration(_))));
    for ids in [json!([]), json!("card"), json!([1]), json!(["another"]), json!(["card", "another"])] {
        assert_eq!(with(json!([entry(&good, ids.clone())])).unwrap_err(), E::VerifierInfo, "{ids}");
    }
}
