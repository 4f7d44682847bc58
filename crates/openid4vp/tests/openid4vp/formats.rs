//! Formats that the verifier excludes answer nothing, and take nothing from what another format could answer (VP-H6, VP-D5, VP-S5).

use crate::support::*;
use openid4vp::holder::{AuthenticatedRequest, Objection};
use serde_json::{Value, json};

/// The card and the mobile document, with these sets; the verifier takes no signature of a device that this wallet could make.
fn asked(sets: &Value) -> AuthenticatedRequest {
    let mut query = serde_json::to_value(both_query().as_wire()).unwrap();
    if !sets.is_null() {
        query["credential_sets"] = sets.clone();
    }
    let metadata = json!({ "vp_formats_supported": {
        "dc+sd-jwt": { "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] },
        "mso_mdoc": { "deviceauth_alg_values": [-65537] },
    } });
    let changes = json!({ "client_metadata": metadata, "response_mode": "direct_post", "dcql_query": query });
    World::new().receive_with(changes).unwrap()
}

// rule: VP-S5, VP-D5, VP-H6
#[test]
fn an_excluded_format_refuses_nothing_that_another_format_can_answer() {
    let world = World::new();
    for sets in [
        json!([{ "options": [["card"], ["mdoc"]] }]),
        json!([{ "options": [["mdoc"], ["card"]] }]),
        json!([{ "options": [["card"]] }, { "options": [["mdoc"]], "required": false }]),
        json!([{ "options": [["mdoc"]], "required": false }, { "options": [["card"]], "required": false }]),
    ] {
        let request = asked(&sets);
        assert_eq!(request.objection(), None, "{sets}");
        let solution = request.solve(&world.holdings());
        assert!(solution.fits(), "{sets}");
        // Nobody is offered what the verifier would not take.
        assert_eq!(solution.query("card").unwrap().candidates.len(), 1);
        assert!(solution.query("mdoc").unwrap().candidates.is_empty());
    }
    let request = asked(&json!([{ "options": [["card"], ["mdoc"]] }]));
    let sent = form(&world.answer(&request, &[world.card_copy()]));
    assert!(sent.iter().any(|(name, value)| name == "vp_token" && value.contains("card")));
}

// rule: VP-S5, VP-D5, VP-H6
#[test]
fn an_excluded_format_that_has_to_be_answered_is_objected_to() {
    for sets in [
        Value::Null,
        json!([{ "options": [["mdoc"]] }]),
        json!([{ "options": [["card", "mdoc"]] }]),
        json!([{ "options": [["card"]] }, { "options": [["mdoc"]] }]),
        json!([{ "options": [["mdoc"]], "required": false }]),
    ] {
        assert_eq!(asked(&sets).objection(), Some(Objection::FormatsNotSupported), "{sets}");
    }
}
