//! What an attacker tries at a desk without a network, each with a verdict of its own (`docs/offline-qr.md`, "Threat model").
//!
//! What is tried on the wallet, such as a request whose certificate is not a verifier's, stands with `openid4vp`
//! (`tests/screen_requests.rs`); older lists offered as newer in `offline_lists.rs`.
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
use offline_qr::{Answer, AnswerMessage, FRAME_PREFIX};
use openid4vp::holder::ScreenRecipient;
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner, ResponseError};
use primitives::Refusal as _;
use serde_json::{Map, Value, json};
use trust::certificate::builder::Purpose;
use trust::status::StatusState;
use verifier::Outcome;
use verifier::offline::*;

const DAY: i64 = 24 * 3600;

fn red(verdict: &ScreenVerdict, code: &str) {
    assert_eq!(codes(verdict), [code]);
    assert_eq!(verdict.verdict.outcome, Outcome::NotConfirmed);
    // Not a word of what was shown.
    assert!(verdict.verdict.answers.is_empty() && verdict.statement.is_none());
    assert!(verdict.not_received.is_empty());
}

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
        let thief = Party::new("Thief", None, world.now());
        let settings = ScreenSettings { identity: Some(thief.identity()), ..world.desk.settings().clone() };
        let ports = ScreenPorts {
            lists: std::sync::Arc::clone(&world.lists) as std::sync::Arc<_>,
            memory: std::sync::Arc::new(PassingMemory::default()),
            clock: std::sync::Arc::clone(&world.clock) as std::sync::Arc<_>,
            entropy: std::sync::Arc::new(crypto::SystemEntropy),
        };
        let theirs = ScreenDesk::new(settings, ports).unwrap();
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

// rule: OQ-26
#[test]
fn frames_of_another_session_cost_time_and_change_nothing() {
    let world = World::new();
    let begun = world.desk.begin(WHO, Mode::Request).unwrap();
    let own = frames(&world.shown(&world.desk, &begun, Holds::SdJwt));
    let other = world.desk.begin(WHO, Mode::Request).unwrap();
    let foreign = frames(&world.shown(&world.desk, &other, Holds::SdJwt));
    assert!(own.count() > 1);
    let mut last = 0;
    for sequence in 0..u16::from(own.count()) {
        match world.desk.feed(&begun.id, &own.text(sequence)).unwrap() {
            Fed::Waiting { have, need, .. } => {
                assert_eq!((u16::from(have), need), (sequence + 1, own.count()));
                // Only the first of the other's: whole, it would be an answer, to another question.
                if let Fed::Waiting { foreign, have: still, .. } =
                    world.desk.feed(&begun.id, &foreign.text(0)).unwrap()
                {
                    assert_eq!(still, have);
                    assert!(foreign > last);
                    last = foreign;
                }
            }
            Fed::Verdict(verdict) => {
                assert_eq!(verdict.verdict.outcome, Outcome::Confirmed);
                assert!(last > 0);
                return;
            }
        }
    }
    panic!("no verdict");
}

// rule: OQ-23
#[test]
fn a_flipped_bit_is_found_in_a_frame_and_in_a_message() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let shown = world.shown(&world.desk, &begun, Holds::SdJwt);
    let text = frames(&shown).text(0);
    let mut letters: Vec<char> = text.chars().collect();
    let place = FRAME_PREFIX.len() + 40;
    letters[place] = if letters[place] == 'A' { 'B' } else { 'A' };
    let damaged: String = letters.into_iter().collect();
    let Fed::Waiting { have: 0, foreign: 1, .. } = world.desk.feed(&begun.id, &damaged).unwrap() else {
        panic!("a damaged frame was taken")
    };
    // Whoever flips a bit on purpose makes the checksums fit.
    let places: Vec<usize> = (0..shown.len()).step_by(shown.len() / 24).collect();
    for place in places {
        let begun = world.desk.begin(AGE, Mode::Code).unwrap();
        let mut shown = world.shown(&world.desk, &begun, Holds::SdJwt);
        shown[place] ^= 1;
        let verdict = feed(&world.desk, &begun, &shown);
        assert_eq!(verdict.verdict.outcome, Outcome::NotConfirmed, "{place}");
        assert!(verdict.verdict.answers.is_empty());
    }
    // And a bit of the issuer's signature itself.
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let mut shown =
        world.answer(&world.by_code(begun.code.as_ref().unwrap(), world.query(AGE)), Holds::SdJwt);
    for presentations in shown.vp_token.values_mut() {
        let text = presentations[0].as_str().unwrap();
        let end = text.find('~').unwrap();
        let flipped = if &text[end - 20..end - 19] == "A" { "B" } else { "A" };
        presentations[0] = json!(format!("{}{flipped}{}", &text[..end - 20], &text[end - 19..]));
    }
    red(&feed(&world.desk, &begun, &message(&shown)), "sd_jwt_signature_invalid");
}

// rule: ST-11
#[test]
fn what_the_kept_list_withdrew_is_withdrawn() {
    for (state, code) in
        [(StatusState::Invalid, "status_invalid"), (StatusState::Suspended, "status_suspended")]
    {
        let world = World::new();
        world.keep(state);
        red(&world.check(AGE, Mode::Code, Holds::SdJwt), code);
        red(&world.check(AGE, Mode::Request, Holds::Mdoc), code);
        // However old the list is.
        world.clock.advance(30 * DAY);
        red(&world.check(AGE, Mode::Code, Holds::SdJwt), code);
    }
}

// rule: ST-5, ST-18
#[test]
fn an_expired_list_confirms_nothing_and_gives_nothing_back() {
    for (state, code) in [(StatusState::Valid, "status_expired"), (StatusState::Invalid, "status_invalid")] {
        let world = World::new();
        world.keep_token(world.token(state, 1));
        world.clock.advance(DAY + 1);
        red(&world.check(AGE, Mode::Code, Holds::SdJwt), code);
    }
}

// rule: ST-12, ST-13
#[test]
fn a_list_that_somebody_else_signed_or_changed_is_none() {
    let world = World::new();
    let mut forged = world.token(StatusState::Valid, 60);
    let last = forged.token.len() - 20;
    forged.token[last] = if forged.token[last] == b'A' { b'B' } else { b'A' };
    world.keep_token(forged);
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "status_signature_invalid");
    let stranger = World::new();
    world.keep_token(stranger.token(StatusState::Valid, 60));
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "status_signer_not_allowed");
}

// rule: OQ-32
#[test]
fn a_clock_that_was_put_back_confirms_nothing() {
    let world = World::new();
    world.clock.advance(DAY);
    world.keep(StatusState::Valid);
    assert_eq!(world.check(AGE, Mode::Code, Holds::SdJwt).verdict.outcome, Outcome::Confirmed);
    // Back to when a list was true that is not any more.
    world.clock.advance(-DAY / 2);
    world.keep_token(world.token(StatusState::Valid, 60));
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "clock_behind");
    // A list that was fetched after the desk opened, and that no check read yet, says it as well.
    let world = World::new();
    *world.lists.signed.lock().unwrap() = Some(world.now() + 2 * DAY);
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "clock_behind");
    // A trust list of tomorrow says the same.
    let world = World::new();
    let issued_at = world.now() + DAY;
    world.lists.trust.lock().unwrap().trust_list =
        Some(TrustListDates { sequence_number: 1, issued_at, next_update: None });
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "clock_behind");
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

// rule: OQ-14
#[test]
fn a_bomb_is_not_inflated() {
    use std::io::Write as _;
    let world = World::new();
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..40 {
        deflate.write_all(&[0; 1 << 20]).unwrap();
    }
    let body = deflate.finish().unwrap();
    assert!(body.len() < 65_000);
    for (mode, number) in [(Mode::Code, 1), (Mode::OneWay, 2)] {
        let bomb = crypto::cbor::encode(&crypto::cbor::Value::Array(vec![
            crypto::cbor::Value::from(1_u8),
            crypto::cbor::Value::from(number as u8),
            crypto::cbor::Value::Bytes(body.clone()),
        ]));
        let begun = world.desk.begin(AGE, mode).unwrap();
        red(&feed(&world.desk, &begun, &bomb), "offline_message_too_large");
    }
    // Sealed, to a desk that asked: it is inflated after it was opened, with the same bound.
    let begun = world.desk.begin(AGE, Mode::Request).unwrap();
    let shown = world.answer(&world.read_request(&world.desk, &begun), Holds::SdJwt);
    let ScreenRecipient::Asked(encryption) = &shown.to else { panic!() };
    let sealed = AnswerMessage::Sealed(seal(encryption.key(), encryption.method(), &body[..20_000]));
    let verdict = feed(&world.desk, &begun, &sealed.encode().unwrap());
    red(&verdict, "offline_message_too_large");
    let _ = Answer::from_bytes(&body).err().unwrap();
}

// rule: OQ-27
#[test]
fn a_million_frames_cost_nothing_and_hide_nothing() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let own = frames(&world.shown(&world.desk, &begun, Holds::SdJwt));
    // Two pieces each, of which only ever the first is shown: nothing becomes whole.
    let message = [0x5A; 40];
    let foreign: Vec<String> = (0..1000_u32)
        .map(|session| {
            let frame = offline_qr::Frame {
                series: offline_qr::Series {
                    kind: offline_qr::Kind::Answer,
                    session: session.to_be_bytes(),
                    length: 40,
                    pieces: 2,
                    checksum: crc(&message),
                },
                sequence: 0,
                data: message[..20].to_vec(),
            };
            frame.to_text()
        })
        .collect();
    for round in 0..1000 {
        for text in &foreign {
            let Fed::Waiting { .. } = world.desk.feed(&begun.id, text).unwrap() else { panic!("{round}") };
        }
    }
    let Fed::Waiting { foreign, .. } = world.desk.feed(&begun.id, "nothing").unwrap() else { panic!() };
    assert!(foreign > 100);
    assert_eq!(feed_frames(&world.desk, &begun, &own).verdict.outcome, Outcome::Confirmed);
}

/// CRC-32 (ISO-HDLC), bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

// rule: HA-6
#[test]
fn a_request_whose_certificate_is_no_verifiers_is_not_answered() {
    let world = World::new();
    let crook = Party::new("Crook", Some(Purpose::MdocDocumentSigner), world.now());
    let settings = ScreenSettings { identity: Some(crook.identity()), ..world.desk.settings().clone() };
    let ports = ScreenPorts {
        lists: std::sync::Arc::clone(&world.lists) as std::sync::Arc<_>,
        memory: std::sync::Arc::new(PassingMemory::default()),
        clock: std::sync::Arc::clone(&world.clock) as std::sync::Arc<_>,
        entropy: std::sync::Arc::new(crypto::SystemEntropy),
    };
    let desk = ScreenDesk::new(settings, ports).unwrap();
    let begun = desk.begin(WHO, Mode::Request).unwrap();
    let refused = world.try_read_request(&desk, &begun).unwrap_err();
    assert_eq!(refused.code(), "chain_anchor_unknown");
}
