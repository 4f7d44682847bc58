//! Answers of offline QR, outside and inside: what is read is written and read again. After `=` the CBOR that is else
//! deflated, in a stored block; nothing of it is ever believed, since no key of the country's holder signed for this desk.
#![no_main]
use citizen_wallet_fuzz::world::VCT;
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use offline_qr::{Answer, AnswerMessage, Session};
use std::sync::OnceLock;

fn desk() -> &'static Session {
    static DESK: OnceLock<Session> = OnceLock::new();
    DESK.get_or_init(|| {
        let query = serde_json::json!({ "credentials": [
            { "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }] },
            { "id": "q1", "format": "mso_mdoc", "meta": { "doctype_value": "fuzz.example.card.1" }, "claims": [{ "path": ["fuzz.example.1", "name"] }] },
        ], "credential_sets": [{ "options": [["q0"], ["q1"]] }] });
        Session::one_way(7, dcql::Query::from_value(query).unwrap(), now(), 60).ok().unwrap()
    })
}

/// One block that is stored as it is (RFC 1951 section 3.2.4): to deflate would take nearly all of a shard's time.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u16;
    [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes(), bytes].concat()
}

fuzz_target!(
    init: plant(|| {
        let token = vector_texts(&["sd-jwt"], |text| text.contains('~')).into_iter().next().unwrap_or_default();
        let token = String::from_utf8(token).unwrap();
        let answer = |nonce: Option<[u8; 16]>, question: Option<u8>| {
            let serde_json::Value::Object(vp_token) = serde_json::json!({ "q0": [token], "q1": ["o2d2ZXJzaW9u"] }) else { panic!() };
            Answer { issued_at: now(), question, nonce, vp_token }
        };
        let inner = |answer: Answer| {
            let inflated = offline_qr::deflate::inflate(&answer.to_bytes().unwrap()).unwrap();
            [b"=", &inflated[..]].concat()
        };
        vec![
            AnswerMessage::Code(answer(None, Some(7))).encode().unwrap(),
            AnswerMessage::OneWay(answer(Some([3; 16]), Some(7))).encode().unwrap(),
            AnswerMessage::Sealed("eyJhbGciOiJFQ0RILUVTIn0..AAAA.BBBB.CCCC".to_owned()).encode().unwrap(),
            inner(answer(Some([3; 16]), Some(7))),
            inner(answer(None, None)),
        ]
    }),
    |data: &[u8]| {
        match data.split_first() {
            Some((b'=', inner)) => {
                if let Ok(answer) = Answer::from_bytes(&stored(inner)) {
                    // Packed anew it may be larger than what it came in: then it is not written.
                    if let Ok(bytes) = answer.to_bytes() {
                        assert!(Answer::from_bytes(&bytes).ok().unwrap() == answer);
                    }
                    if let Ok(message) = AnswerMessage::OneWay(answer).encode() {
                        assert!(desk().open(&message, &world().issuers, now()).is_err());
                    }
                }
            }
            _ => {
                if let Ok(message) = AnswerMessage::decode(data)
                    && let Ok(bytes) = message.encode()
                {
                    assert!(AnswerMessage::decode(&bytes).ok().unwrap() == message);
                }
                assert!(desk().open(data, &world().issuers, now()).is_err());
            }
        }
    }
);
