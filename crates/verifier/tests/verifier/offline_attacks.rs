//! What an attacker tries at a desk without a network, each with a verdict of its own (`docs/offline-qr.md`, "Threat model").
//!
//! What else is tried on the wallet with a request stands with `openid4vp` (`tests/screen_requests.rs`); frames and messages that were changed in `offline_damage.rs`, lists and clocks in `offline_withdrawn.rs`,
//! older lists offered as newer in `offline_lists.rs`.

use std::sync::Arc;

use crate::offline::*;
use offline_qr::AnswerMessage;
use openid4vp::holder::{Policy, RequestTrust, ScreenRecipient, ScreenRequest};
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner, ResponseError};
use primitives::Refusal as _;
use serde_json::{Map, Value, json};
use trust::status::StatusState;
use trust::{Registrar, Verifier};
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
    // At the same desk it is known to have been shown before.
    let begun = world.desk.begin(AGE, Mode::OneWay).unwrap();
    red(&feed(&world.desk, &begun, &filmed), "offline_replayed");
    // The program begins anew, or another identity is imported: what was answered is not remembered. An honest citizen whose code is from
    // just before that is told to wait for the next one, and not that the code was used.
    world.clock.advance(5);
    let again = world.other_desk();
    let begun = again.begin(AGE, Mode::OneWay).unwrap();
    let refused = feed(&again, &begun, &filmed);
    red(&refused, "offline_before_opening");
    assert_eq!(refused.verdict.reasons[0].rule, "OQ-35");
    let said = verifier::sentence("offline_before_opening");
    assert!(said.ko.contains("열기 전에 만든 QR") && said.ko.contains("20초"), "{}", said.ko);
    assert!(!said.ko.contains("이미") && !said.en.contains("before."), "{}", said.en);
    // What the wallet signs from then on counts.
    let begun = again.begin(AGE, Mode::OneWay).unwrap();
    let fresh = world.shown(&again, &begun, Holds::SdJwt);
    assert_eq!(feed(&again, &begun, &fresh).verdict.outcome, Outcome::ConfirmedWeak);
}

// rule: OQ-35
#[test]
fn a_clock_that_was_ahead_when_the_desk_opened_and_was_put_right_keeps_nobody_waiting() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::OneWay).unwrap();
    let filmed = world.shown(&world.desk, &begun, Holds::SdJwt);
    // The desk opens by a clock that is nine hours ahead.
    world.clock.advance(9 * 3600);
    let desk = world.other_desk();
    world.clock.advance(5 - 9 * 3600);
    // What was made before somebody could see that is of before, and what is made from then on counts, once.
    let begun = desk.begin(AGE, Mode::OneWay).unwrap();
    red(&feed(&desk, &begun, &filmed), "offline_before_opening");
    let begun = desk.begin(AGE, Mode::OneWay).unwrap();
    let fresh = world.shown(&desk, &begun, Holds::SdJwt);
    assert_eq!(feed(&desk, &begun, &fresh).verdict.outcome, Outcome::ConfirmedWeak);
    world.clock.advance(-2);
    let begun = desk.begin(AGE, Mode::OneWay).unwrap();
    red(&feed(&desk, &begun, &fresh), "offline_replayed");
    // Put right in the middle of a check.
    world.clock.advance(9 * 3600);
    let desk = world.other_desk();
    let begun = desk.begin(AGE, Mode::OneWay).unwrap();
    world.clock.advance(60 - 9 * 3600);
    let fresh = world.shown(&desk, &begun, Holds::SdJwt);
    assert_eq!(feed(&desk, &begun, &fresh).verdict.outcome, Outcome::ConfirmedWeak);
}

// rule: OQ-35
#[test]
fn an_answer_of_a_wallet_whose_clock_is_ahead_is_not_taken_again_by_a_desk_that_opens_anew() {
    let world = World::new();
    let memory = Arc::new(PassingMemory::default());
    let opened = || {
        let ports = ScreenPorts { memory: Arc::clone(&memory) as Arc<_>, ..world.ports() };
        ScreenDesk::new(world.desk.settings().clone(), ports).unwrap()
    };
    let taken = |desk: &ScreenDesk, message: &[u8]| {
        let begun = desk.begin(AGE, Mode::OneWay).unwrap();
        feed(desk, &begun, message)
    };
    let signed = |ahead: i64| {
        message(&world.answer_at(&world.one_way(1, world.query(AGE)), Holds::SdJwt, world.now() + ahead))
    };
    let (ahead, other) = (signed(5), signed(5));
    let desk = opened();
    assert_eq!(taken(&desk, &ahead).verdict.outcome, Outcome::ConfirmedWeak);
    // The desk itself remembers, and holds nothing against another one of the same moment.
    red(&taken(&desk, &ahead), "offline_replayed");
    assert_eq!(taken(&desk, &other).verdict.outcome, Outcome::ConfirmedWeak);
    world.clock.advance(2);
    red(&taken(&opened(), &ahead), "offline_before_opening");
    world.clock.advance(4);
    assert_eq!(taken(&opened(), &signed(0)).verdict.outcome, Outcome::ConfirmedWeak);
    // A moment that is further ahead than anything is taken was recorded by a clock that was wrong: nobody waits for it.
    let wrong = DeskRecord { answered_until: Some(world.now() + 3600), ..memory.load().unwrap() };
    memory.save(&wrong).unwrap();
    let desk = opened();
    assert_eq!(taken(&desk, &signed(0)).verdict.outcome, Outcome::ConfirmedWeak);
    // And what is taken then is recorded all the same.
    let ahead = signed(3);
    assert_eq!(taken(&desk, &ahead).verdict.outcome, Outcome::ConfirmedWeak);
    red(&taken(&opened(), &ahead), "offline_before_opening");
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
            let expected = match (holds, mode) {
                (Holds::Mdoc, _) => "device_signature_invalid",
                // The same verifier, of another question.
                (Holds::SdJwt, Mode::Request) => "key_binding_nonce_mismatch",
                (Holds::SdJwt, _) => "key_binding_audience_mismatch",
            };
            assert_eq!(code, expected, "{mode:?}");
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
        // A code has no client: that it was made for somebody can be told.
        let code = code_of_another(holds);
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
        red(&feed(&world.desk, &begun, &message(&relayed)), code_of_another(holds));
    }
}

/// What a proof for somebody else is: of an mdoc only that it does not hold can be told, since its signature covers all of it as one.
fn code_of_another(holds: Holds) -> &'static str {
    match holds {
        Holds::SdJwt => "key_binding_audience_mismatch",
        Holds::Mdoc => "device_signature_invalid",
    }
}

#[test]
fn a_proof_of_another_question_and_one_for_another_verifier_have_sentences_of_their_own() {
    let said = ["key_binding_nonce_mismatch", "key_binding_audience_mismatch", "device_signature_invalid"];
    let said = said.map(verifier::sentence);
    assert!(said[0].ko.contains("다른 질문에 답한 증명"), "{}", said[0].ko);
    assert!(said[1].ko.contains("온라인으로 낸 증명"), "{}", said[1].ko);
    assert!(said[0] != said[1] && said[1] != said[2] && said[0] != said[2]);
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
    // Under a root of verifiers, but made for signing documents: a root gives nobody another role than its certificate says.
    let refused = world.try_read(&world.request_object(&desk, &begun), &crook).unwrap_err();
    assert_eq!(refused.code(), "chain_purpose");
    // A verifier's certificate under a root that is known, but for registrars and not for verifiers.
    let begun = world.desk.begin(WHO, Mode::Request).unwrap();
    let object = world.request_object(&world.desk, &begun);
    let read = |verifiers: &Party, registrars: &Party| {
        let (verifiers, registrars) = (verifiers.anchors::<Verifier>(), registrars.anchors::<Registrar>());
        let trust = RequestTrust::new(&verifiers, &registrars);
        ScreenRequest::parse(&object).unwrap().authenticate(&trust, world.now(), &Policy::STRICT)
    };
    assert_eq!(read(&crook, &world.shop).err().unwrap().code(), "chain_anchor_unknown");
    assert!(read(&world.shop, &crook).is_ok());
}
