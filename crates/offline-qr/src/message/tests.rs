//! The shapes of messages, and what is none.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn answer(question: Option<u8>, nonce: Option<[u8; 16]>) -> Answer {
    let Value::Object(vp_token) = json!({ "age": ["eyJhbGciOiJFUzI1NiJ9.e30.c2ln~"], "b": ["x", "y"] })
    else {
        panic!()
    };
    Answer { issued_at: Instant::from_unix_seconds(1_800_000_000), question, nonce, vp_token }
}

fn refused<T>(result: Result<T, MessageError>) -> MessageError {
    result.err().unwrap()
}

// rule: OQ-15
#[test]
fn messages_come_back() {
    for message in [
        AnswerMessage::Code(answer(Some(3), None)),
        AnswerMessage::OneWay(answer(Some(31), Some([9; 16]))),
        AnswerMessage::Sealed("eyJhbGciOiJFQ0RILUVTIn0..AAAA.BBBB.CCCC".to_owned()),
    ] {
        let bytes = message.encode().unwrap();
        assert_eq!(bytes[..3], [0x83, 1, message.mode().number()]);
        assert!(AnswerMessage::decode(&bytes).unwrap() == message);
    }
    let request = RequestMessage { request_object: "eyJhbGciOiJFUzI1NiJ9.e30.c2ln".to_owned() };
    assert!(RequestMessage::decode(&request.encode().unwrap()).unwrap() == request);
    let inner = answer(None, None);
    assert!(Answer::from_bytes(&inner.to_bytes().unwrap()).unwrap() == inner);
}

// rule: OQ-17
#[test]
fn question_and_nonce_are_those_of_the_mode() {
    for message in [
        AnswerMessage::Code(answer(None, None)),
        AnswerMessage::Code(answer(Some(1), Some([0; 16]))),
        AnswerMessage::Code(answer(None, Some([0; 16]))),
        AnswerMessage::OneWay(answer(Some(1), None)),
        AnswerMessage::OneWay(answer(None, Some([0; 16]))),
        AnswerMessage::OneWay(answer(None, None)),
        AnswerMessage::Code(answer(Some(0), None)),
        AnswerMessage::Code(answer(Some(32), None)),
    ] {
        assert_eq!(refused(message.encode()), MessageError::Malformed);
    }
    // And as it is read, whoever wrote it.
    for (mode, inner) in [
        (Mode::Code, answer(None, None)),
        (Mode::Code, answer(Some(1), Some([0; 16]))),
        (Mode::OneWay, answer(Some(1), None)),
        (Mode::OneWay, answer(None, None)),
    ] {
        let bytes = outer(mode, inner.to_bytes().unwrap()).unwrap();
        assert_eq!(refused(AnswerMessage::decode(&bytes)), MessageError::Malformed);
    }
    // An answer that is not encrypted is none to a signed request.
    let open = outer(Mode::Request, answer(None, None).to_bytes().unwrap()).unwrap();
    assert_eq!(refused(AnswerMessage::decode(&open)), MessageError::Malformed);
}

fn inner(members: Vec<Cbor>) -> Result<Answer, MessageError> {
    Answer::from_bytes(&deflate(&cbor::encode(&Cbor::Array(members))))
}

fn members() -> Vec<Cbor> {
    let queries = vec![(Cbor::from("a"), Cbor::Array(vec![Cbor::from("x")]))];
    vec![Cbor::from(1), Cbor::from(1), Cbor::Null, Cbor::Map(queries)]
}

// rule: OQ-15
#[test]
fn another_shape_is_refused() {
    assert!(inner(members()).is_ok());
    let mut longest = members();
    longest[3] = Cbor::Map(vec![(Cbor::from("a".repeat(64)), Cbor::Array(vec![Cbor::from("x")]))]);
    assert!(inner(longest).is_ok());
    let queries = |queries: Vec<(Cbor, Cbor)>| Cbor::Map(queries);
    let one = || Cbor::Array(vec![Cbor::from("x")]);
    for (place, member) in [
        (0, Cbor::Null),
        (0, Cbor::from(u64::MAX)),
        (0, Cbor::from("1")),
        (1, Cbor::from(0)),
        (1, Cbor::from(32)),
        (1, Cbor::from(-1)),
        (1, Cbor::from("1")),
        (2, Cbor::Bytes(vec![0; 15])),
        (2, Cbor::Bytes(vec![0; 17])),
        (2, Cbor::from("AAAAAAAAAAAAAAAAAAAAAA")),
        (3, Cbor::Null),
        (3, queries(vec![])),
        (3, queries(vec![(Cbor::from(1), one())])),
        (3, queries(vec![(Cbor::from("a"), Cbor::Array(vec![]))])),
        (3, queries(vec![(Cbor::from("a"), Cbor::from("x"))])),
        (3, queries(vec![(Cbor::from("a"), Cbor::Array(vec![Cbor::from(1)]))])),
        (3, queries(vec![(Cbor::from("a"), one()), (Cbor::from("a"), one())])),
        (3, queries(vec![(Cbor::from("a".repeat(65)), one())])),
    ] {
        let mut changed = members();
        changed[place] = member;
        assert_eq!(refused(inner(changed)), MessageError::Malformed, "{place}");
    }
    assert_eq!(refused(inner([members(), vec![Cbor::Null]].concat())), MessageError::Malformed);
    assert_eq!(refused(inner(members()[..3].to_vec())), MessageError::Malformed);
    let body = || answer(Some(1), None).to_bytes().unwrap();
    let whole = |members: Vec<Cbor>| AnswerMessage::decode(&cbor::encode(&Cbor::Array(members)));
    assert!(whole(vec![Cbor::from(1), Cbor::from(1), Cbor::Bytes(body())]).is_ok());
    assert_eq!(
        refused(whole(vec![Cbor::from(1), Cbor::from(3), Cbor::Bytes(body())])),
        MessageError::Malformed
    );
    assert_eq!(refused(whole(vec![Cbor::from(1), Cbor::from(1)])), MessageError::Malformed);
    assert_eq!(
        refused(whole(vec![Cbor::from(1), Cbor::from(1), Cbor::Bytes(body()), Cbor::Null])),
        MessageError::Malformed
    );
    assert_eq!(refused(whole(vec![Cbor::from(1), Cbor::from(1), Cbor::from("x")])), MessageError::Malformed);
    assert_eq!(refused(AnswerMessage::decode(b"")), MessageError::Malformed);
    assert_eq!(refused(AnswerMessage::decode(&cbor::encode(&Cbor::from(1)))), MessageError::Malformed);
    // A request is no answer, and an answer no request.
    let asked = RequestMessage { request_object: "x".to_owned() }.encode().unwrap();
    assert!(matches!(AnswerMessage::decode(&asked), Ok(AnswerMessage::Sealed(_))));
    let answered = AnswerMessage::Code(answer(Some(1), None)).encode().unwrap();
    assert_eq!(refused(RequestMessage::decode(&answered)), MessageError::Malformed);
}

// rule: OQ-22
#[test]
fn a_message_of_another_version_is_told_apart() {
    let body = answer(Some(1), None).to_bytes().unwrap();
    let message = Cbor::Array(vec![Cbor::from(2), Cbor::from(1), Cbor::Bytes(body)]);
    assert_eq!(refused(AnswerMessage::decode(&cbor::encode(&message))), MessageError::Version);
    assert_eq!(refused(RequestMessage::decode(&cbor::encode(&message))), MessageError::Version);
}

// rule: OQ-16
#[test]
fn messages_queries_and_presentations_are_bounded() {
    let random: Vec<u8> = (0..2100_u32).flat_map(|number| crypto::sha256(&number.to_be_bytes())).collect();
    let text = |bytes: usize| primitives::base64url::encode(&random[..bytes]);
    let request = |bytes: usize| RequestMessage { request_object: text(bytes) };
    assert!(request(65_000).encode().unwrap().len() <= MAX_MESSAGE_BYTES);
    assert_eq!(refused(request(65_530).encode()), MessageError::TooLarge);
    assert_eq!(refused(AnswerMessage::decode(&vec![0x83; MAX_MESSAGE_BYTES + 1])), MessageError::TooLarge);
    assert_eq!(refused(AnswerMessage::decode(&vec![0x83; MAX_MESSAGE_BYTES])), MessageError::Malformed);
    let longest = |extra: usize| outer(Mode::Code, random[..MAX_MESSAGE_BYTES - 6 + extra].to_vec());
    assert_eq!(longest(0).unwrap().len(), MAX_MESSAGE_BYTES);
    assert_eq!(refused(longest(1)), MessageError::TooLarge);
    let of = |queries: usize, presentations: usize| {
        let mut answer = answer(Some(1), None);
        let one = Value::from(vec!["x"; presentations]);
        answer.vp_token = (0..queries).map(|number| (format!("q{number}"), one.clone())).collect();
        AnswerMessage::Code(answer).encode()
    };
    assert!(of(MAX_QUERIES, MAX_PRESENTATIONS).is_ok());
    assert_eq!(refused(of(MAX_QUERIES + 1, 1)), MessageError::TooLarge);
    assert_eq!(refused(of(1, MAX_PRESENTATIONS + 1)), MessageError::TooLarge);
    assert_eq!(refused(of(1, 0)), MessageError::Malformed);
    assert_eq!(refused(of(0, 1)), MessageError::Malformed);
}

// rule: OQ-14
#[test]
fn a_bomb_inside_a_message_is_refused() {
    let mut zeros = cbor::encode(&Cbor::from("0".repeat(60_000)));
    zeros.truncate(60_000);
    let bomb = |mode: Mode| outer(mode, deflate(&zeros)).unwrap();
    for mode in [Mode::Request, Mode::Code, Mode::OneWay] {
        assert!(bomb(mode).len() < 300);
        assert_eq!(refused(AnswerMessage::decode(&bomb(mode))), MessageError::TooLarge);
    }
    assert_eq!(refused(RequestMessage::decode(&bomb(Mode::Request))), MessageError::TooLarge);
    // Packed, too, it grows: base64 of base64 of base64 of base64.
    let packed = Cbor::Array(vec![Cbor::Array(vec![Cbor::Array(vec![Cbor::Bytes(vec![0; 4000])]); 40])]);
    let message = outer(Mode::Request, deflate(&cbor::encode(&packed))).unwrap();
    assert_eq!(refused(RequestMessage::decode(&message)), MessageError::TooLarge);
}

#[test]
fn presentations_that_are_no_texts_are_not_shown() {
    let mut answer = answer(Some(1), None);
    for value in [json!("x"), json!([{}]), json!([1]), json!(null)] {
        answer.vp_token.insert("age".to_owned(), value);
        assert_eq!(refused(answer.to_bytes()), MessageError::Malformed);
    }
}

proptest! {
    // rule: OQ-15
    #[test]
    fn what_was_encoded_decodes(
        seconds in any::<i64>(),
        question in 1_u8..=31,
        nonce: [u8; 16],
        queries in prop::collection::btree_map("[a-z_]{1,12}", prop::collection::vec(any::<String>(), 1..3), 1..4),
    ) {
        let vp_token: Map<String, Value> = queries.into_iter().map(|(id, texts)| (id, Value::from(texts))).collect();
        let answer = Answer { issued_at: Instant::from_unix_seconds(seconds), question: Some(question), nonce: Some(nonce), vp_token };
        let message = AnswerMessage::OneWay(answer);
        prop_assert!(AnswerMessage::decode(&message.encode().unwrap()).unwrap() == message);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = (AnswerMessage::decode(&bytes), RequestMessage::decode(&bytes), Answer::from_bytes(&bytes));
        let _ = outer(Mode::Code, bytes).map(|bytes| AnswerMessage::decode(&bytes).is_ok());
    }
}
