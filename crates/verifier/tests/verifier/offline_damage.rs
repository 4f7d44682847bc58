//! Frames and messages that an attacker made or changed: foreign ones, flipped bits, bombs, floods (`docs/offline-qr.md`, "Threat model").

use crate::offline::*;
use offline_qr::{Answer, AnswerMessage, FRAME_PREFIX};
use openid4vp::holder::ScreenRecipient;
use serde_json::json;
use verifier::Outcome;
use verifier::offline::*;

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

#[test]
fn a_text_is_read_up_to_its_longest_and_not_beyond() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let frame = frames(&world.shown(&world.desk, &begun, Holds::SdJwt)).text(0);
    let fed = |length: usize| {
        let Fed::Waiting { have, foreign, .. } =
            world.desk.feed(&begun.id, &format!("{frame}{}", "\n".repeat(length - frame.len()))).unwrap()
        else {
            panic!()
        };
        (have, foreign)
    };
    assert_eq!(fed(MAX_TEXT_CHARACTERS + 1), (0, 1));
    assert_eq!(fed(MAX_TEXT_CHARACTERS + 2), (0, 2));
    assert_eq!(fed(MAX_TEXT_CHARACTERS), (1, 2));
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
    for part in 0..25 {
        let begun = world.desk.begin(AGE, Mode::Code).unwrap();
        let honest = world.shown(&world.desk, &begun, Holds::SdJwt);
        let mut shown = honest.clone();
        // A message is now and then some bytes shorter than the one before.
        let place = honest.len() * part / 25;
        shown[place] ^= 1;
        let meant = AnswerMessage::decode(&honest).unwrap();
        if AnswerMessage::decode(&shown).is_ok_and(|read| read == meant) {
            // DEFLATE writes the same thing in several ways: nothing that counts was changed.
            continue;
        }
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
