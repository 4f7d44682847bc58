//! From the wallet's answer to what a desk believes, through the very frames, and what an attacker tries on the way (OQ-1 to OQ-3, OQ-17,
//! OQ-18).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use dcql::Query;
use offline_qr::{
    Answer, AnswerMessage, AnswerRefused, Collector, Fed, FrameSize, Frames, Kind, Message, MessageError,
    Mode, NotShown, RequestMessage, Session, SessionError, ShortCode, answer_message, code_binding,
    one_way_binding,
};
use openid4vp::holder::{AuthenticatedRequest, ScreenAnswer, ScreenRecipient};
use openid4vp::verifier::{
    BuildError, ClientIdentity, PresentationFault, RequestBuilder, ResponseError, VerifiedAnswer,
};
use primitives::{Instant, Refusal};
use sd_jwt_vc::{KeyBindingError, PresentationError};
use support::*;

const QUESTION: u8 = 7;
const AGE: [&str; 1] = ["ageOver19"];
const LIFETIME: i64 = 300;

/// What the two formats are asked with.
const QUERIES: [fn(&[&str]) -> Query; 2] = [card_query, mdoc_query];

fn is_card(query: fn(&[&str]) -> Query) -> bool {
    query(&AGE).credentials()[0].format == dcql::Format::SdJwtVc
}

/// A desk and the message that is for it.
struct Asked {
    session: Session,
    answer: ScreenAnswer,
    message: Vec<u8>,
}

fn asked(world: &World, mode: Mode, query: fn(&[&str]) -> Query) -> Asked {
    let (session, request) = match mode {
        Mode::Request => {
            let prepared = world.ask(query(&AGE));
            let request = world.read(&world.request_object(&prepared));
            (Session::asked(prepared.into_session()).unwrap(), request)
        }
        Mode::Code => {
            let code = ShortCode::draw(QUESTION, &world.entropy).unwrap();
            let session = Session::code(&code, query(&AGE), world.now, LIFETIME).unwrap();
            // As it is typed.
            let typed = ShortCode::parse(&code.grouped().to_lowercase()).unwrap();
            (session, by(world, code_binding(&typed).unwrap(), query))
        }
        Mode::OneWay => {
            let session = Session::one_way(QUESTION, query(&AGE), world.now, LIFETIME).unwrap();
            (session, by(world, one_way_binding(QUESTION, &world.entropy).unwrap(), query))
        }
    };
    let answer = world.answer(&request, world.now);
    let message = answer_message(&answer, &world.entropy).unwrap();
    Asked { session, answer, message }
}

fn by(
    world: &World,
    binding: openid4vp::screen::OfflineBinding,
    query: fn(&[&str]) -> Query,
) -> AuthenticatedRequest {
    AuthenticatedRequest::of_offline_question(query(&AGE), binding, world.now).unwrap()
}

const MODES: [Mode; 3] = [Mode::Request, Mode::Code, Mode::OneWay];

fn open(world: &World, session: &Session, message: &[u8]) -> Result<VerifiedAnswer, AnswerRefused> {
    open_at(world, session, message, world.now)
}

fn open_at(
    world: &World,
    session: &Session,
    message: &[u8],
    now: Instant,
) -> Result<VerifiedAnswer, AnswerRefused> {
    session.open(message, &world.issuers, now)
}

fn refusal<T>(outcome: Result<T, AnswerRefused>) -> AnswerRefused {
    outcome.err().unwrap()
}

fn fault<T>(outcome: Result<T, AnswerRefused>) -> PresentationFault {
    match refusal(outcome) {
        AnswerRefused::Response(ResponseError::Presentation { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

fn wrong(error: KeyBindingError) -> PresentationFault {
    PresentationFault::SdJwtVc(PresentationError::KeyBinding(error))
}

const DEVICE: PresentationFault = PresentationFault::Mdoc(mdoc::DeviceResponseError::DeviceSignature);

/// Through a camera: every third code is lost.
fn filmed(world: &World, kind: Kind, message: &[u8]) -> Message {
    let frames = Frames::new(kind, message, FrameSize::Small, &world.entropy).unwrap();
    let mut collector = Collector::new(kind);
    for sequence in (0..u16::MAX).filter(|sequence| sequence % 3 != 1) {
        if let Fed::Complete(message) = collector.feed(&frames.text(sequence)) {
            return message;
        }
    }
    panic!("never complete")
}

// rule: OQ-1, OQ-2, OQ-3, OQ-17
#[test]
fn both_formats_are_shown_and_believed_in_each_of_the_three_ways() {
    let world = World::new();
    for query in QUERIES {
        for mode in MODES {
            let asked = asked(&world, mode, query);
            assert_eq!(asked.session.mode(), mode);
            assert_eq!(AnswerMessage::decode(&asked.message).unwrap().mode(), mode);
            let message = filmed(&world, Kind::Answer, &asked.message);
            let answer = open(&world, &asked.session, &message.bytes).unwrap();
            let [presentation] = answer.presentations.as_slice() else { panic!("not one") };
            let claims = &presentation.claims;
            let claims = if is_card(query) { claims } else { &claims[DOCTYPE] };
            assert_eq!(claims["ageOver19"], true);
            assert_eq!(claims.get("name"), None);
            assert!(presentation.over_delivered.is_empty());
            assert!(presentation.holder_key.is_some());
            assert!(presentation.status.is_some());
        }
    }
}

// rule: OQ-4, OQ-17
#[test]
fn a_request_is_shown_read_and_answered_to_its_key() {
    let world = World::new();
    let prepared = world.ask(card_query(&SHOWN));
    let object = world.request_object(&prepared);
    let message = RequestMessage { request_object: object.clone() }.encode().unwrap();
    let read = RequestMessage::decode(&filmed(&world, Kind::Request, &message).bytes).unwrap();
    assert_eq!(read.request_object, object);
    let answer = world.answer(&world.read(&read.request_object), world.now);
    let sealed = answer_message(&answer, &world.entropy).unwrap();
    let AnswerMessage::Sealed(jwe) = AnswerMessage::decode(&sealed).unwrap() else { panic!("in the clear") };
    assert!(crypto::jwe::Jwe::parse(&jwe).is_ok());
    // Nothing of the holder stands in it.
    let plain = String::from_utf8_lossy(&sealed).into_owned();
    assert!(!plain.contains("GA NADA") && !plain.contains("1988"));
    let session = Session::asked(prepared.into_session()).unwrap();
    assert!(open(&world, &session, &sealed).is_ok());
}

// rule: OQ-2, OQ-18
#[test]
fn a_message_for_another_desk_is_refused() {
    let world = World::new();
    for query in QUERIES {
        // Sealed for another request, and another verifier's.
        let (one, other) = (asked(&world, Mode::Request, query), asked(&world, Mode::Request, query));
        assert_eq!(refusal(open(&world, &one.session, &other.message)), AnswerRefused::Another);
        let elsewhere = World::seeded(99);
        let foreign = asked(&elsewhere, Mode::Request, query);
        assert_eq!(refusal(open(&world, &one.session, &foreign.message)), AnswerRefused::Another);
        assert!(open(&world, &one.session, &one.message).is_ok());

        // What the first desk opened, sealed anew for the second by whoever runs the first.
        let ScreenRecipient::Asked(_) = &one.answer.to else { panic!() };
        let relayed = ScreenAnswer { to: other.answer.to.clone(), ..one.answer.clone() };
        let relayed = answer_message(&relayed, &world.entropy).unwrap();
        let expected = if is_card(query) { wrong(KeyBindingError::Nonce) } else { DEVICE };
        assert_eq!(fault(open(&world, &other.session, &relayed)), expected);

        // The code of another desk.
        let (one, other) = (asked(&world, Mode::Code, query), asked(&world, Mode::Code, query));
        assert_eq!(fault(open(&world, &one.session, &other.message)), expected);
        assert!(open(&world, &one.session, &one.message).is_ok());
    }
}

// rule: OQ-18
#[test]
fn a_message_to_another_question_is_refused_whatever_it_says() {
    let world = World::new();
    for query in QUERIES {
        let code = ShortCode::draw(QUESTION, &world.entropy).unwrap();
        let other = QUESTION + 1;
        let one_way = Session::one_way(other, query(&AGE), world.now, LIFETIME).unwrap();
        let shown = asked(&world, Mode::OneWay, query);
        assert_eq!(refusal(open(&world, &one_way, &shown.message)), AnswerRefused::Another);
        // Renumbered: the proofs name the old one.
        let AnswerMessage::OneWay(answer) = AnswerMessage::decode(&shown.message).unwrap() else { panic!() };
        let renumbered = AnswerMessage::OneWay(Answer { question: Some(other), ..answer }).encode().unwrap();
        let expected = if is_card(query) { wrong(KeyBindingError::Audience) } else { DEVICE };
        assert_eq!(fault(open(&world, &one_way, &renumbered)), expected);
        // With another nonce: likewise.
        let AnswerMessage::OneWay(answer) = AnswerMessage::decode(&shown.message).unwrap() else { panic!() };
        let renewed = AnswerMessage::OneWay(Answer { nonce: Some([9; 16]), ..answer }).encode().unwrap();
        let expected = if is_card(query) { wrong(KeyBindingError::Nonce) } else { DEVICE };
        assert_eq!(fault(open(&world, &shown.session, &renewed)), expected);

        let by_code = Session::code(&code, query(&AGE), world.now, LIFETIME).unwrap();
        let request = by(&world, code_binding(&code).unwrap(), query);
        let message = answer_message(&world.answer(&request, world.now), &world.entropy).unwrap();
        let AnswerMessage::Code(answer) = AnswerMessage::decode(&message).unwrap() else { panic!() };
        let renumbered = AnswerMessage::Code(Answer { question: Some(other), ..answer }).encode().unwrap();
        assert_eq!(refusal(open(&world, &by_code, &renumbered)), AnswerRefused::Another);
        assert!(open(&world, &by_code, &message).is_ok());
    }
}

// rule: OQ-18
#[test]
fn a_message_of_one_way_of_asking_answers_no_other() {
    let world = World::new();
    for query in QUERIES {
        for own in MODES {
            let session = asked(&world, own, query).session;
            for other in MODES.into_iter().filter(|mode| *mode != own) {
                let message = asked(&world, other, query).message;
                assert_eq!(refusal(open(&world, &session, &message)), AnswerRefused::Mode);
            }
        }
        // Under the other's label the proofs still name their own.
        let shown = asked(&world, Mode::OneWay, query);
        let AnswerMessage::OneWay(answer) = AnswerMessage::decode(&shown.message).unwrap() else { panic!() };
        let relabelled = AnswerMessage::Code(Answer { nonce: None, ..answer }).encode().unwrap();
        let outcome = fault(open(&world, &asked(&world, Mode::Code, query).session, &relabelled));
        // The audience of a proof is compared before its nonce.
        assert_eq!(outcome, if is_card(query) { wrong(KeyBindingError::Audience) } else { DEVICE });
    }
}

// rule: OQ-35
#[test]
fn a_session_opens_one_answer() {
    let world = World::new();
    for mode in MODES {
        let asked = asked(&world, mode, card_query);
        assert!(open(&world, &asked.session, &asked.message).is_ok());
        assert_eq!(refusal(open(&world, &asked.session, &asked.message)), AnswerRefused::Answered);
        assert_eq!(AnswerRefused::Answered.rule(), "OQ-35");
    }
    // What does not verify ends nothing: anybody can show something wrong.
    let asked = asked(&world, Mode::Code, card_query);
    assert!(open(&world, &asked.session, b"noise").is_err());
    assert!(open_at(&world, &asked.session, &asked.message, world.now + 61).is_err());
    assert!(open(&world, &asked.session, &asked.message).is_ok());
}

// rule: OQ-3
#[test]
fn frames_that_were_filmed_are_worth_nothing_after_sixty_seconds() {
    let world = World::new();
    for query in QUERIES {
        for mode in MODES {
            let asked = asked(&world, mode, query);
            let at = |seconds: i64| open_at(&world, &asked.session, &asked.message, world.now + seconds);
            assert_eq!(refusal(at(61)), AnswerRefused::Response(ResponseError::ProofTooOld));
            assert_eq!(refusal(at(-6)), AnswerRefused::Response(ResponseError::ProofInFuture));
            assert!(at(60).is_ok());
        }
    }
}

// rule: OQ-3
#[test]
fn a_new_date_on_old_proofs_is_found() {
    let world = World::new();
    for query in QUERIES {
        let asked = asked(&world, Mode::OneWay, query);
        let AnswerMessage::OneWay(answer) = AnswerMessage::decode(&asked.message).unwrap() else { panic!() };
        let later = world.now + 61;
        let dated = AnswerMessage::OneWay(Answer { issued_at: later, ..answer }).encode().unwrap();
        let expected = if is_card(query) { PresentationFault::Moment } else { DEVICE };
        assert_eq!(fault(open_at(&world, &asked.session, &dated, later)), expected);
    }
}

// rule: OQ-3
#[test]
fn a_session_that_is_over_opens_nothing() {
    let world = World::new();
    for mode in [Mode::Code, Mode::OneWay] {
        let asked = asked(&world, mode, card_query);
        assert_eq!(asked.session.expires_at(), world.now + LIFETIME);
        assert_eq!(asked.session.query(), &card_query(&AGE));
        let late = world.now + LIFETIME + 1;
        let outcome = open_at(&world, &asked.session, &asked.message, late);
        assert_eq!(refusal(outcome), AnswerRefused::Response(ResponseError::Expired));
    }
    let prepared = world.ask(card_query(&AGE));
    let over = prepared.session().expires_at();
    let session = Session::asked(prepared.into_session()).unwrap();
    assert_eq!(session.expires_at(), over);
}

// rule: OQ-17
#[test]
fn a_flipped_bit_anywhere_in_a_sealed_message_is_found() {
    let world = World::new();
    let asked = asked(&world, Mode::Request, card_query);
    let own = AnswerMessage::decode(&asked.message).unwrap();
    let mut found = 0;
    for at in 0..asked.message.len() {
        let mut damaged = asked.message.clone();
        damaged[at] ^= 1 << (at % 8);
        // Compression knows several spellings of one text: what says the very same was not damaged. (A frame's CRC-32 is before all this.)
        if !AnswerMessage::decode(&damaged).is_ok_and(|message| message == own) {
            assert!(open(&world, &asked.session, &damaged).is_err(), "byte {at}");
            found += 1;
        }
    }
    assert!(found + 3 > asked.message.len(), "{found} of {}", asked.message.len());
    // In the ciphertext itself, past packing and inflating.
    let AnswerMessage::Sealed(jwe) = AnswerMessage::decode(&asked.message).unwrap() else { panic!() };
    let mut parts: Vec<String> = jwe.split('.').map(str::to_owned).collect();
    for part in [0, 2, 3, 4] {
        let own = parts[part].clone();
        let mut bytes = primitives::base64url::decode(&own).unwrap();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        parts[part] = primitives::base64url::encode(&bytes);
        let damaged = AnswerMessage::Sealed(parts.join(".")).encode().unwrap();
        assert_eq!(refusal(open(&world, &asked.session, &damaged)), AnswerRefused::Another, "part {part}");
        parts[part] = own;
    }
    assert!(open(&world, &asked.session, &asked.message).is_ok());
}

// rule: OQ-17
#[test]
fn a_flipped_bit_in_an_open_message_never_verifies() {
    let world = World::new();
    for query in QUERIES {
        let asked = asked(&world, Mode::Code, query);
        let AnswerMessage::Code(answer) = AnswerMessage::decode(&asked.message).unwrap() else { panic!() };
        let text = answer.vp_token["q0"][0].as_str().unwrap().to_owned();
        for at in (0..text.len()).step_by(7) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let mut damaged = answer.clone();
            damaged.vp_token["q0"][0] = String::from_utf8(bytes).unwrap().into();
            let damaged = AnswerMessage::Code(damaged).encode().unwrap();
            assert!(open(&world, &asked.session, &damaged).is_err(), "character {at}");
        }
        assert!(open(&world, &asked.session, &asked.message).is_ok());
    }
}

// rule: OQ-17
#[test]
fn members_of_another_mode_inside_a_sealed_message_are_refused() {
    let world = World::new();
    let asked = asked(&world, Mode::Request, card_query);
    let ScreenRecipient::Asked(encryption) = &asked.answer.to else { panic!() };
    let seal = |question, nonce| {
        let (issued_at, vp_token) = (asked.answer.issued_at, asked.answer.vp_token.clone());
        let inner = Answer { issued_at, question, nonce, vp_token }.to_bytes().unwrap();
        let info = crypto::jwe::PartyInfo::default();
        let jwe = crypto::jwe::encrypt(encryption.key(), encryption.method(), &info, &inner, &world.entropy)
            .unwrap();
        AnswerMessage::Sealed(jwe).encode().unwrap()
    };
    for message in [seal(Some(QUESTION), None), seal(None, Some([0; 16])), seal(Some(1), Some([0; 16]))] {
        let outcome = refusal(open(&world, &asked.session, &message));
        assert_eq!(outcome, AnswerRefused::Message(MessageError::Malformed));
    }
    assert!(open(&world, &asked.session, &seal(None, None)).is_ok());
}

// rule: OQ-2, OQ-5
#[test]
fn nothing_is_waited_for_that_could_not_be_believed() {
    let world = World::new();
    let bearer = || {
        Query::from_value(serde_json::json!({ "credentials": [{
            "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
            "require_cryptographic_holder_binding": false
        }] }))
        .unwrap()
    };
    let unbound = SessionError::Build(BuildError::HolderBinding);
    let code = ShortCode::draw(QUESTION, &world.entropy).unwrap();
    assert_eq!(Session::code(&code, bearer(), world.now, LIFETIME).err(), Some(unbound));
    assert_eq!(Session::one_way(QUESTION, bearer(), world.now, LIFETIME).err(), Some(unbound));
    for none in [0, 32, 255] {
        let session = Session::one_way(none, card_query(&AGE), world.now, LIFETIME).err();
        assert_eq!(session, Some(SessionError::Question));
        assert_eq!(one_way_binding(none, &world.entropy).err(), Some(NotShown::Question));
    }
    // A session that asks another way.
    let identity = ClientIdentity::X509Hash(world.verifier.chain.clone());
    let online = RequestBuilder::new(identity, card_query(&AGE), "https://store.example.kr/response");
    let online = online.build(world.now, &world.entropy).unwrap();
    assert_eq!(Session::asked(online.into_session()).err(), Some(SessionError::Channel));
    let binding = code_binding(&code).unwrap();
    let offline =
        openid4vp::verifier::Session::for_offline_question(card_query(&AGE), binding, world.now, LIFETIME);
    assert_eq!(Session::asked(offline.unwrap()).err(), Some(SessionError::Channel));
}

// rule: OQ-2, OQ-29
#[test]
fn only_an_answer_to_a_question_of_its_mode_becomes_a_message() {
    let world = World::new();
    let shown = |binding: Option<openid4vp::screen::OfflineBinding>| {
        let answer = world.answer(&by(&world, binding.unwrap(), card_query), world.now);
        answer_message(&answer, &world.entropy).err()
    };
    use openid4vp::screen::OfflineBinding as Binding;
    let nonce = "AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(shown(Binding::code("offline-qr:v1:code:7", "0")), None);
    assert_eq!(shown(Binding::one_way("offline-qr:v1:one-way:7", nonce)), None);
    for audience in
        ["offline-qr:v1:one-way:7", "offline-qr:v1:code:0", "offline-qr:v1:code:32", "offline-qr:"]
    {
        assert_eq!(shown(Binding::code(audience, "0")), Some(NotShown::Question), "{audience}");
    }
    let other = Binding::one_way("offline-qr:v1:code:7", nonce);
    assert_eq!(shown(other), Some(NotShown::Question));
    for nonce in ["0", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB"] {
        let binding = Binding::one_way("offline-qr:v1:one-way:7", nonce);
        assert_eq!(shown(binding), Some(NotShown::Nonce), "{nonce}");
    }
    // Two bindings never share a nonce; without randomness there is none.
    let one_way = || one_way_binding(QUESTION, &world.entropy);
    assert_ne!(one_way().unwrap(), one_way().unwrap());
    world.entropy.fail();
    assert!(matches!(one_way(), Err(NotShown::Entropy(_))));
}
