//! What an attacker tries at a desk without a network, each with a verdict of its own (`docs/offline-qr.md`, "Threat model").
//!
//! What is tried on the wallet, such as a request whose certificate is not a verifier's, stands with `openid4vp`
//! (`tests/screen_requests.rs`); frames and messages that were changed in `offline_damage.rs`, lists and clocks in `offline_withdrawn.rs`,
//! older lists offered as newer in `offline_lists.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

#[path = "offline/mod.rs"]
mod offline;

use offline::*;
use offline_qr::AnswerMessage;
use openid4vp::holder::ScreenRecipient;
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner, ResponseError};
use primitives::Refusal as _;
use serde_json::{Map, Value, json};
use trust::status::StatusState;
use verifier::Outcome;
use verifier::offline::*;

// rule: OQ-3
#[test]
fn frames_that_were_filmed_are_worth_nothing_after_61_seconds() {
    for holds in [Holds::SdJwt, Holds::Mdoc] {
        for mode in [Mode::Request, Mode::Code, Mode::OneWay] {
            let world = World::new();
            let begun = world.desk.begin(AGE, mode).unwrap();
            let filmed = world.shown(&world.desk, &begun, holds);
            world.clock.advance(61);
            red(&feed(&world.desk, &begun, &filmed), "response_proof_too_old");
        }
    }
}

// rule: OQ-2, OQ-17
#[test]
fn frames_that_were_filmed_are_worth_nothing_at_another_desk() {
    for holds in [Holds::SdJwt, Holds::Mdoc] {
        let world = World::new();
        let other = world.other_desk();
        let begun = world.desk.begin(AGE, Mode::Request).unwrap();
        let filmed = world.shown(&world.desk, &begun, holds);
        let there = other.begin(AGE, Mode::Request).unwrap();
        red(&feed(&other, &there, &filmed), "offline_answer_to_another");

        let begun = world.desk.begin(AGE, Mode::Code).unwrap();
        let filmed = world.shown(&world.desk, &begun, holds);
        let there = other.begin(AGE, Mode::Code).unwrap();
        let code = match holds {
            Holds::SdJwt => "key_binding_nonce_mismatch",
            Holds::Mdoc => "device_signature_invalid",
        };
        red(&feed(&other, &there, &filmed), code);
        // The same at the same desk, for the next person.
        let next = world.desk.begin(AGE, Mode::Code).unwrap();
        red(&feed(&world.desk, &next, &filmed), code);
    }
}

// rule: OQ-35
#[test]
fn an_answer_opens_once() {
    for mode in [Mode::Request, Mode::Code, Mode::OneWay] {
        let world = World::new();
        let begun = world.desk.begin(AGE, mode).unwrap();
        let filmed = world.shown(&world.desk, &begun, Holds::SdJwt);
        assert_ne!(feed(&world.desk, &begun, &filmed).verdict.outcome, Outcome::NotConfirmed);
        // The check is over, whatever more is shown to it.
        let again = world.desk.feed(&begun.id, &frames(&filmed).text(0));
        assert!(matches!(again, Err(CheckError::Over)));
        // Somebody else with a film of it, within the minute.
        let next = world.desk.begin(AGE, mode).unwrap();
        red(&feed(&world.desk, &next, &filmed), "offline_replayed");
    }
}

// rule: OQ-35
#[test]
fn an_answer_in_another_wrapping_is_the_same_answer() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::OneWay).unwrap();
    let filmed = world.shown(&world.desk, &begun, Holds::SdJwt);
    assert_ne!(feed(&world.desk, &begun, &filmed).verdict.outcome, Outcome::NotConfirmed);
    // The same proof, not compressed: other bytes, that hash otherwise.
    let AnswerMessage::OneWay(answer) = AnswerMessage::decode(&filmed).unwrap() else {
        panic!("another mode")
    };
    let wrapped = crypto::cbor::encode(&crypto::cbor::Value::Array(vec![
        1.into(),
        2.into(),
        crypto::cbor::Value::Bytes(stored(
            &offline_qr::deflate::inflate(&answer.to_bytes().unwrap()).unwrap(),
        )),
    ]));
    assert_ne!(wrapped, filmed);
    let next = world.desk.begin(AGE, Mode::OneWay).unwrap();
    red(&feed(&world.desk, &next, &wrapped), "offline_replayed");
}

// rule: OQ-35
#[test]
fn what_was_made_before_the_desk_opened_is_not_taken_by_it() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::OneWay).unwrap();
    let filmed = world.shown(&world.desk, &begun, Holds::SdJwt);
    assert_eq!(feed(&world.desk, &begun, &filmed).verdict.outcome, Outcome::ConfirmedWeak);
    // The program begins anew, or another identity is imported: what was answered is not remembered.
    world.clock.advance(5);
    let again = world.other_desk();
    let begun = again.begin(AGE, Mode::OneWay).unwrap();
    red(&feed(&again, &begun, &filmed), "offline_replayed");
    // What the wallet signs from then on counts.
    let begun = again.begin(AGE, Mode::OneWay).unwrap();
    let fresh = world.shown(&again, &begun, Holds::SdJwt);
    assert_eq!(feed(&again, &begun, &fresh).verdict.outcome, Outcome::ConfirmedWeak);
}

/// One stored block of DEFLATE (RFC 1951 section 3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes(), bytes].concat()
}

// rule: OQ-2
#[test]
fn a_screenshot_is_worth_nothing() {
    let world = World::new();
    let still = |message: &[u8]| {
        let kind = offline_qr::Kind::Answer;
        offline_qr::Frames::new(kind, message, FrameSize::Still, &crypto::SystemEntropy).unwrap()
    };
    // Of yesterday, to a desk that shows a code today.
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let picture = still(&world.shown(&world.desk, &begun, Holds::SdJwt));
    world.clock.advance(DAY);
    world.keep(StatusState::Valid);
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    red(&feed_frames(&world.desk, &begun, &picture), "response_proof_too_old");
    // Of two minutes ago, one-way.
    let begun = world.desk.begin(AGE, Mode::OneWay).unwrap();
    let picture = still(&world.shown(&world.desk, &begun, Holds::SdJwt));
    world.clock.advance(120);
    red(&feed_frames(&world.desk, &begun, &picture), "response_proof_too_old");
}

// rule: OQ-3
#[test]
fn a_proof_of_the_future_is_not_kept_for_later() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let request = world.by_code(begun.code.as_ref().unwrap(), world.query(AGE));
    let shown = world.answer_at(&request, Holds::Mdoc, world.now() + 6);
    red(&feed(&world.desk, &begun, &message(&shown)), "response_proof_in_future");
}

/// A request of this shop over the network, with its claims.
fn online(world: &World) -> (openid4vp::verifier::PreparedRequest, Map<String, Value>) {
    let identity = ClientIdentity::X509Hash(world.shop.chain.clone());
    let prepared = RequestBuilder::new(identity, world.query(AGE), "https://shop.example/response")
        .unencrypted()
        .build(world.now(), &crypto::SystemEntropy)
        .unwrap();
    let signer = RequestSigner { chain: &world.shop.chain, signer: &world.shop.key };
    let object = prepared.request_object(&signer).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    (prepared, claims)
}

// rule: OQ-1, OQ-2
#[test]
fn an_offline_proof_is_none_for_an_online_verifier() {
    for holds in [Holds::SdJwt, Holds::Mdoc] {
        let world = World::new();
        let (prepared, claims) = online(&world);
        for mode in [Mode::Request, Mode::Code, Mode::OneWay] {
            let begun = world.desk.begin(AGE, mode).unwrap();
            let request = match mode {
                Mode::Request => world.read_request(&world.desk, &begun),
                Mode::Code => world.by_code(begun.code.as_ref().unwrap(), world.query(AGE)),
                Mode::OneWay => world.one_way(1, world.query(AGE)),
            };
            let shown = world.answer(&request, holds);
            let body = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("vp_token", &json!(shown.vp_token).to_string())
                .append_pair("state", claims["state"].as_str().unwrap())
                .finish();
            let error = prepared.session().validate(body.as_bytes(), &world.issuers, world.now()).err();
            let Some(ResponseError::Presentation { .. }) = &error else { panic!("{mode:?}: {error:?}") };
            let code = error.unwrap().code();
            assert!(["key_binding_nonce_mismatch", "device_signature_invalid"].contains(&code), "{code}");
        }
    }
}

// rule: OQ-1, OQ-2
#[test]
fn an_online_proof_is_none_for_a_desk() {
    for holds in [Holds::SdJwt, Holds::Mdoc] {
        let world = World::new();
        let (prepared, _) = online(&world);
        // The wallet answers the shop's link; somebody takes what it posted to the shop's desk.
        let link = prepared.link_by_reference("openid4vp", "https://shop.example/request", false).unwrap();
        let signer = RequestSigner { chain: &world.shop.chain, signer: &world.shop.key };
        let object = prepared.request_object(&signer).unwrap();
        let posted = world.posted(&link, &object, holds);
        let begun = world.desk.begin(AGE, Mode::Request).unwrap();
        let request = world.read_request(&world.desk, &begun);
        let mut shown = world.answer(&request, holds);
        shown.vp_token = posted.clone();
        let code = match holds {
            Holds::SdJwt => "key_binding_nonce_mismatch",
            Holds::Mdoc => "device_signature_invalid",
        };
        red(&feed(&world.desk, &begun, &message(&shown)), code);
        let begun = world.desk.begin(AGE, Mode::Code).unwrap();
        let request = world.by_code(begun.code.as_ref().unwrap(), world.query(AGE));
        let mut shown = world.answer(&request, holds);
        shown.vp_token = posted;
        red(&feed(&world.desk, &begun, &message(&shown)), code);
    }
}

// rule: OQ-2
#[test]
fn an_answer_to_another_verifier_is_none_even_sealed_anew() {
    for holds in [Holds::SdJwt, Holds::Mdoc] {
        let world = World::new();
        // A desk of another name asks with its own nonce; its owner seals the answer to this desk's key.
        let thief = party("Thief", world.now()).make(&crypto::SystemEntropy);
        let theirs = world.desk_of(&thief);
        let asked = theirs.begin(AGE, Mode::Request).unwrap();
        let begun = world.desk.begin(AGE, Mode::Request).unwrap();
        let honest = world.answer(&world.read_request(&world.desk, &begun), holds);
        let stolen = world.answer(&world.read_request_of(&theirs, &asked, &thief), holds);
        let mut relayed = honest.clone();
        relayed.vp_token = stolen.vp_token;
        let code =
            if holds == Holds::SdJwt { "key_binding_nonce_mismatch" } else { "device_signature_invalid" };
        red(&feed(&world.desk, &begun, &message(&relayed)), code);
    }
}

// rule: OQ-33
#[test]
fn one_disclosure_more_than_asked_is_not_read() {
    let world = World::new();
    let more = |path: Value| {
        dcql::Query::from_value(json!({ "credentials": [{
            "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
            "claims": [{ "path": ["ageOver19"] }, { "path": path }]
        }] }))
        .unwrap()
    };
    for path in [json!(["name"]), json!(["address", "full"])] {
        let begun = world.desk.begin(AGE, Mode::Code).unwrap();
        let request = world.by_code(begun.code.as_ref().unwrap(), more(path));
        let verdict = feed(&world.desk, &begun, &message(&world.answer(&request, Holds::SdJwt)));
        red(&verdict, "offline_more_than_asked");
        assert!(verdict.verdict.papers[0].not_asked >= 1);
        assert!(!verdict.to_json().to_string().contains("이도담"));
    }
}

// rule: OQ-18
#[test]
fn another_question_or_another_mode_is_no_answer() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let residence = world.query("residence");
    let mut shown = world.answer(&world.by_code(begun.code.as_ref().unwrap(), residence), Holds::SdJwt);
    red(&feed(&world.desk, &begun, &message(&shown)), "presentation_claims_missing");
    // The message names another question than the code.
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let ScreenRecipient::Code { audience } = &mut shown.to else { panic!() };
    *audience = openid4vp::ClientId::new("offline-qr:v1:code:2").unwrap();
    red(&feed(&world.desk, &begun, &message(&shown)), "offline_answer_to_another");
    // One-way, to a desk that showed a code.
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let shown = world.answer(&world.one_way(1, world.query(AGE)), Holds::SdJwt);
    red(&feed(&world.desk, &begun, &message(&shown)), "offline_mode_mismatch");
    // In the clear, to a desk that asked by a request.
    let begun = world.desk.begin(AGE, Mode::Request).unwrap();
    let shown = world.answer(&world.one_way(1, world.query(AGE)), Holds::SdJwt);
    red(&feed(&world.desk, &begun, &message(&shown)), "offline_mode_mismatch");
}

// rule: HA-6
#[test]
fn a_request_whose_certificate_is_no_verifiers_is_not_answered() {
    let world = World::new();
    let crook = party("Crook", world.now()).document_signer().make(&crypto::SystemEntropy);
    let desk = world.desk_of(&crook);
    let begun = desk.begin(WHO, Mode::Request).unwrap();
    let refused = world.try_read_request(&desk, &begun).unwrap_err();
    assert_eq!(refused.code(), "chain_anchor_unknown");
}
