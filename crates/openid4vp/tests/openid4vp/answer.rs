//! Answers that the holder cannot make, and what the verifier replies to one (VP-S1 to VP-S3, VP-D6).

use crate::support::*;
use openid4vp::holder::{AnswerError, Copy, Policy, RespondError};
use openid4vp::limits;
use primitives::Refusal;
use primitives::http::Response;
use serde_json::{Value, json};

// rule: VP-S1
#[test]
fn the_holder_answers_with_one_fitting_copy_for_each_presentation() {
    let world = World::new();
    let request = world.receive(&world.prepare(both_query())).unwrap();
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    let respond =
        |copies: &[Copy<'_>]| request.respond(&solution, &selection, copies, world.now, &world.entropy).err();
    assert!(respond(&[world.card_copy(), world.mdoc_copy()]).is_none());
    assert!(matches!(respond(&[]), Some(RespondError::Copies)));
    assert!(matches!(respond(&[world.card_copy()]), Some(RespondError::Copies)));
    assert!(matches!(respond(&[world.mdoc_copy(), world.card_copy()]), Some(RespondError::Copies)));
    let wrong_key = Copy::SdJwtVc { credential: &world.card, signer: Some(&world.device_key) };
    assert!(matches!(respond(&[wrong_key, world.mdoc_copy()]), Some(RespondError::SdJwtVc(_))));
    let no_key = Copy::SdJwtVc { credential: &world.card, signer: None };
    assert!(matches!(respond(&[no_key, world.mdoc_copy()]), Some(RespondError::SdJwtVc(_))));
    let wrong_device = Copy::Mdoc { issuer_signed: &world.mdoc, signer: &world.holder_key };
    assert!(matches!(respond(&[world.card_copy(), wrong_device]), Some(RespondError::Mdoc(_))));
}

// rule: VP-D6
#[test]
fn a_selection_that_is_no_answer_makes_no_response() {
    let world = World::new();
    let request = world.receive(&world.prepare(both_query())).unwrap();
    let solution = request.solve(&world.holdings()[..1]);
    let refused = request.respond(
        &solution,
        &dcql::Selection::default(),
        &[world.card_copy()],
        world.now,
        &world.entropy,
    );
    assert!(matches!(refused.err(), Some(RespondError::Selection(dcql::SelectionError::NothingFits))));
}

// rule: VP-S3
#[test]
fn an_answer_that_cannot_be_encrypted_is_not_made() {
    let world = World::new();
    let request = world.receive(&world.prepare(card_query())).unwrap();
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    world.entropy.fail();
    let refused = request.respond(&solution, &selection, &[world.card_copy()], world.now, &world.entropy);
    assert!(matches!(refused.err(), Some(RespondError::Encryption(_))));
}

// rule: VP-S2
#[test]
fn what_the_verifier_replies_is_read_with_care() {
    let world = World::new();
    let request = world.receive(&world.prepare(card_query())).unwrap();
    let read = |response: Response| request.receive_answer(&response, &Policy::STRICT);
    let json = |value: Value| read(Response::of_json(200, &value));
    assert_eq!(json(json!({ "x-unknown": [1] })).unwrap().redirect_uri, None);
    assert_eq!(read(Response::new(200, "")).unwrap().redirect_uri, None);
    for status in [201, 302, 307, 400, 500] {
        assert_eq!(read(Response::of_json(status, &json!({}))), Err(AnswerError::Status), "{status}");
    }
    for malformed in [json!([]), json!({ "redirect_uri": 1 }), json!({ "redirect_uri": null })] {
        assert_eq!(json(malformed), Err(AnswerError::Malformed));
    }
    assert_eq!(read(Response::new(200, "<html>")), Err(AnswerError::Malformed));
    let long = "a".repeat(limits::MAX_ANSWER_BYTES);
    assert_eq!(json(json!({ "x": long })), Err(AnswerError::Malformed));
    for page in ["http://verifier.example/", "javascript:alert(1)", "file:///x", "openid4vp://x", "//x"] {
        assert_eq!(json(json!({ "redirect_uri": page })), Err(AnswerError::RedirectUri), "{page}");
    }
    assert_eq!(AnswerError::Status.left(), primitives::Left::Something);
}
