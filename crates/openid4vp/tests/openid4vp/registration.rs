//! `verifier_info`: a registration that holds is used, one that does not refuses the request (VP-R13).

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
    let by_the_verifier_itself = good.sign(&world.verifier.chain, &world.verifier.key).unwrap();
    assert!(matches!(with(&by_the_verifier_itself), Err(E::Registration(R::Signer(_)))));
    assert!(matches!(with("a.b.c"), Err(E::Registration(R::Malformed))));
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
        json!([{ "format": "registration_cert", "data": {} }]),
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
