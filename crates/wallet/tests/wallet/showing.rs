//! What is shown as QR to a desk without a network: asked by a signed request, by a typed code, or by nobody; and when it ends.

mod asking;
pub mod desk;

use primitives::Refusal as _;
use serde_json::{Value, json};
use wallet::WalletError;
use wallet::view::*;

use crate::world::*;
use desk::*;

/// A wallet with the resident card in both forms.
async fn with_cards() -> World {
    let world = World::new();
    world.server(|server| {
        let card = server.configurations.get_mut("resident_mdoc").unwrap();
        card.claims["ageOver19"] = json!(true);
        card.claims["address_sigungu"] = json!("가람시");
    });
    world.receive(&["resident", "resident_mdoc"]).await;
    world
}

fn age_in(format: &str) -> Value {
    let (meta, path) = match format {
        "mso_mdoc" => (json!({ "doctype_value": NAME_SPACE }), json!([NAME_SPACE, "ageOver19"])),
        _ => (json!({ "vct_values": [RESIDENT] }), json!(["ageOver19"])),
    };
    query(&[json!({ "id": "card", "format": format, "meta": meta, "claims": [{ "path": path }] })])
}

/// The answer's only claim, whichever form it came in.
fn age(claims: &Value) -> &Value {
    claims.get("ageOver19").unwrap_or_else(|| &claims[NAME_SPACE]["ageOver19"])
}

// rule: OQ-1, OQ-17
#[test]
fn a_signed_request_is_read_off_a_screen_and_answered_on_this_one() {
    run(async {
        let world = with_cards().await;
        let calls = world.net.log.lock().unwrap().len();
        for format in ["dc+sd-jwt", "mso_mdoc"] {
            let asked = Asked::new(&world, age_in(format), true);
            let consent = asked.consent(&world).await;
            assert_eq!(consent.shown, Some(ShownMode::Request));
            assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("가람 대여점"));
            assert!(consent.recipient.trust == PartyTrust::Registered);
            // The registration names the card in one form only.
            assert_eq!(consent.must_acknowledge.is_empty(), format != "mso_mdoc");
            assert!(consent.warnings.iter().any(|warning| matches!(warning, Warning::CrossDevice)));
            let showing = shown(&world, &consent).await;
            assert_eq!((showing.mode, showing.seconds_left), (ShownMode::Request, 60));
            assert_eq!(showing.recipient.as_ref().map(said).as_deref(), Some("가람 대여점"));
            let claims = asked.session.open(&read(&world, &showing, 0), &issuers(&world), now(&world));
            let claims =
                claims.unwrap_or_else(|error| panic!("{format}: {error}")).presentations.remove(0).claims;
            assert_eq!(age(&claims), &json!(true));
            assert!(!claims.to_string().contains("김하늘"), "{format}");
            let line = world.history().remove(0);
            assert!(line.kind == HistoryKind::Presented && line.left && line.code.is_none());
            assert_eq!(line.shown, Some(ShownMode::Request));
            assert_eq!(
                (line.id, line.party.as_ref().map(said).as_deref()),
                (showing.history_id, Some("가람 대여점"))
            );
            assert_eq!(line.items.iter().map(said).collect::<Vec<_>>(), ["19세 이상"]);
        }
        assert_eq!(world.net.log.lock().unwrap().len(), calls, "no network");
    });
}

// rule: OQ-2, OQ-5
#[test]
fn a_typed_code_is_answered_to_whoever_shows_it_with_a_second_step() {
    run(async {
        for mobile in [false, true] {
            let world = with_cards().await;
            let calls = world.net.log.lock().unwrap().len();
            let (code, session) = desk_code(&world, 1);
            let typed = code.grouped().to_lowercase();
            assert_eq!(world.wallet.read_code(&typed).unwrap().number, 1);
            let consent = consented(world.wallet.present_by_code(&typed).unwrap());
            assert_eq!(consent.shown, Some(ShownMode::Code));
            assert!(consent.recipient.name.is_none() && consent.recipient.host.is_empty());
            assert!(consent.recipient.trust == PartyTrust::Unauthenticated);
            assert!(consent.warnings.iter().any(|warning| matches!(warning, Warning::Unauthenticated)));
            assert_eq!(consent.must_acknowledge, [Acknowledgement::Unauthenticated]);
            let mut selection = yes_in(&consent, mobile);
            selection.acknowledged.clear();
            let refused = world.wallet.present_send(&consent.session_id, &selection).await.unwrap();
            assert!(matches!(refused, PresentSent::Refusal(refusal) if refusal.code == "choice_incomplete"));
            selection.acknowledged = consent.must_acknowledge.clone();
            let sent = world.wallet.present_send(&consent.session_id, &selection).await.unwrap();
            let PresentSent::Showing(showing) = sent else { panic!("not shown") };
            assert!(showing.mode == ShownMode::Code && showing.recipient.is_none());
            let answer = session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
            assert_eq!(age(&answer.presentations[0].claims), &json!(true));
            let line = world.history().remove(0);
            assert_eq!(line.party.as_ref().map(said).as_deref(), Some("알 수 없는 곳"));
            assert_eq!((line.shown, line.left), (Some(ShownMode::Code), true));
            // A copy for the code of another desk proves nothing there.
            let (_, other) = desk_code(&world, 1);
            assert!(other.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).is_err());
            // The code was answered.
            let again = refusal(world.wallet.present_by_code(&typed).unwrap());
            assert_eq!(again.code, "request_already_answered");
            assert_eq!(world.net.log.lock().unwrap().len(), calls, "no network");
        }
    });
}

// rule: OQ-29
#[test]
fn what_nobody_asked_for_is_signed_anew_every_twenty_seconds_and_ends_after_sixty() {
    run(async {
        for mobile in [false, true] {
            let world = with_cards().await;
            let consent = consented(world.wallet.present_one_way(1).unwrap());
            assert_eq!(consent.shown, Some(ShownMode::OneWay));
            let sent =
                world.wallet.present_send(&consent.session_id, &yes_in(&consent, mobile)).await.unwrap();
            let PresentSent::Showing(showing) = sent else { panic!("not shown") };
            let mut rounds = Vec::new();
            for second in 0..60 {
                let frames = frames(&world, &showing, FrameSize::Standard).unwrap();
                assert_eq!(frames.seconds_left, 60 - second, "{second}");
                assert_eq!(i64::from(frames.round), second / 20, "{second}");
                if second % 20 == 0 || second % 20 == 19 {
                    let message = read(&world, &showing, 0);
                    let session = desk_one_way(&world, 1);
                    session.open(&message, &issuers(&world), now(&world)).unwrap_or_else(|error| {
                        panic!("{second}: {error}");
                    });
                    rounds.push(message);
                }
                world.clock.advance(1);
            }
            rounds.dedup();
            assert_eq!(rounds.len(), 3, "each round has a nonce of its own");
            let over = frames(&world, &showing, FrameSize::Standard).unwrap();
            assert!(over.frames.is_empty() && over.seconds_left == 0 && over.count == 0);
            assert!(texts(&world, &showing, 0).is_empty());
            // What was filmed last is worth nothing a minute later.
            world.clock.advance(60);
            let late = desk_one_way(&world, 1);
            assert!(late.open(rounds.last().unwrap(), &issuers(&world), now(&world)).is_err());
            // One line, one use: the paper was shown once.
            assert_eq!(world.history().len(), 1 + received(&world));
        }
    });
}

fn received(world: &World) -> usize {
    world.history().iter().filter(|line| line.kind == HistoryKind::Received).count()
}

// rule: OQ-3
#[test]
fn frames_never_outlive_a_minute_and_another_one_is_signed_anew() {
    run(async {
        let world = with_cards().await;
        let (code, session) = desk_code(&world, 1);
        let consent = consented(world.wallet.present_by_code(&code.grouped()).unwrap());
        let showing = shown(&world, &consent).await;
        let first = read(&world, &showing, 0);
        world.clock.advance(59);
        assert_eq!(frames(&world, &showing, FrameSize::Small).unwrap().seconds_left, 1);
        world.clock.advance(1);
        assert!(frames(&world, &showing, FrameSize::Standard).unwrap().frames.is_empty());
        world.wallet.show_extend(&showing.session_id).unwrap();
        let second = frames(&world, &showing, FrameSize::Standard).unwrap();
        assert_eq!((second.seconds_left, second.round), (60, 1));
        let second = read(&world, &showing, 0);
        assert!(first != second);
        world.clock.advance(1);
        assert!(session.open(&first, &issuers(&world), now(&world)).is_err(), "61 seconds old");
        session.open(&second, &issuers(&world), now(&world)).unwrap();
        // A clock that is set back to before the signing brings no frame back.
        world.clock.advance(-30);
        assert!(frames(&world, &showing, FrameSize::Standard).unwrap().frames.is_empty());
        world.clock.advance(30);
        assert_eq!(world.history().len(), 1 + received(&world), "one yes, one line");
    });
}

#[test]
fn one_yes_is_shown_for_ten_minutes_however_often_it_is_extended() {
    run(async {
        let world = with_cards().await;
        let (code, _) = desk_code(&world, 1);
        let consent = consented(world.wallet.present_by_code(&code.grouped()).unwrap());
        let showing = shown(&world, &consent).await;
        for _ in 0..10 {
            world.clock.advance(59);
            world.wallet.show_extend(&showing.session_id).unwrap();
        }
        assert_eq!(frames(&world, &showing, FrameSize::Standard).unwrap().seconds_left, 10);
        world.clock.advance(9);
        world.wallet.show_extend(&showing.session_id).unwrap();
        assert_eq!(frames(&world, &showing, FrameSize::Standard).unwrap().seconds_left, 1);
        world.clock.advance(2);
        assert!(frames(&world, &showing, FrameSize::Standard).unwrap().frames.is_empty());
        for _ in 0..2 {
            let refused = world.wallet.show_extend(&showing.session_id).unwrap_err();
            assert_eq!(refused.code(), "showing_too_long");
        }
        assert!(texts(&world, &showing, 0).is_empty());
    });
}

#[test]
fn what_ended_a_minute_ago_cannot_be_extended() {
    run(async {
        let world = with_cards().await;
        let consent = consented(world.wallet.present_one_way(1).unwrap());
        let showing = shown(&world, &consent).await;
        world.clock.advance(60 + 59);
        world.wallet.show_extend(&showing.session_id).unwrap();
        world.clock.advance(60 + 60);
        assert!(matches!(world.wallet.show_extend(&showing.session_id), Err(WalletError::Unknown(_))));
    });
}

#[test]
fn a_lock_and_a_stop_end_the_frames_for_good() {
    run(async {
        let world = with_cards().await;
        let consent = consented(world.wallet.present_one_way(1).unwrap());
        let showing = shown(&world, &consent).await;
        assert!(!frames(&world, &showing, FrameSize::Standard).unwrap().frames.is_empty());
        world.wallet.lock();
        for _ in 0..2 {
            assert!(frames(&world, &showing, FrameSize::Standard).is_err());
            assert!(world.wallet.show_texts(&showing.session_id, 0, 1, FrameSize::Standard).is_err());
            assert!(world.wallet.show_extend(&showing.session_id).is_err());
            if !world.wallet.is_unlocked() {
                world.wallet.unlock(None).unwrap();
            }
        }
        assert!(matches!(frames(&world, &showing, FrameSize::Standard), Err(WalletError::Unknown(_))));

        let consent = consented(world.wallet.present_one_way(1).unwrap());
        let showing = shown(&world, &consent).await;
        world.wallet.show_stop(&showing.session_id);
        assert!(matches!(frames(&world, &showing, FrameSize::Standard), Err(WalletError::Unknown(_))));
        world.wallet.show_stop(&showing.session_id);
        // A stop of a showing stops nothing else.
        let consent = consented(world.wallet.present_one_way(1).unwrap());
        world.wallet.show_stop(&consent.session_id);
        shown(&world, &consent).await;
    });
}

#[test]
fn nothing_is_shown_before_the_yes_and_the_copy_and_the_line_come_before_the_first_frame() {
    run(async {
        let world = with_cards().await;
        let papers = world.all();
        let left = || world.wallet.paper(&papers[0].id).unwrap().trust.copies.left;
        let (code, _) = desk_code(&world, 1);
        let consent = consented(world.wallet.present_by_code(&code.grouped()).unwrap());
        assert!(matches!(
            world.wallet.show_frames(&consent.session_id, 0, 1, FrameSize::Standard),
            Err(WalletError::Unknown(_))
        ));
        assert!(world.wallet.show_extend(&consent.session_id).is_err());
        let (lines, copies) = (world.history().len(), left());
        // No frame was asked for yet.
        shown(&world, &consent).await;
        assert_eq!((world.history().len(), left()), (lines + 1, copies - 1));
        // A no shows nothing, tells nobody and writes that down.
        let (code, _) = desk_code(&world, 1);
        let consent = consented(world.wallet.present_by_code(&code.grouped()).unwrap());
        assert!(!world.wallet.present_decline(&consent.session_id, true).await.unwrap());
        assert!(matches!(
            world.wallet.present_send(&consent.session_id, &yes(&consent)).await,
            Err(WalletError::Unknown(_))
        ));
        assert!(world.history().remove(0).kind == HistoryKind::Declined);
        assert_eq!(left(), copies - 1);
        // It was no answer: the same code can still be answered.
        consented(world.wallet.present_by_code(&code.grouped()).unwrap());
    });
}

#[test]
fn each_desk_meets_another_copy() {
    run(async {
        let world = World::new();
        world.receive(&["resident"]).await;
        let mut keys = std::collections::BTreeSet::new();
        for _ in 0..3 {
            let consent = consented(world.wallet.present_one_way(1).unwrap());
            let showing = shown(&world, &consent).await;
            let session = desk_one_way(&world, 1);
            let answer = session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
            keys.insert(answer.presentations[0].holder_key.unwrap().thumbprint());
            // Signed anew it is the same copy: the same desk reads on.
            world.clock.advance(25);
            let session = desk_one_way(&world, 1);
            let answer = session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
            keys.insert(answer.presentations[0].holder_key.unwrap().thumbprint());
        }
        assert_eq!(keys.len(), 3);
    });
}

#[test]
fn a_paper_that_was_removed_is_not_signed_anew() {
    run(async {
        let world = World::new();
        let papers = world.receive(&["resident"]).await;
        let consent = consented(world.wallet.present_one_way(1).unwrap());
        let showing = shown(&world, &consent).await;
        world.wallet.remove_paper(&papers[0].id).await.unwrap();
        world.clock.advance(20);
        let refused = frames(&world, &showing, FrameSize::Standard).err().unwrap();
        assert_eq!(refused.code(), "showing_copy_gone");
        assert!(matches!(frames(&world, &showing, FrameSize::Standard), Err(WalletError::Unknown(_))));
    });
}

#[test]
fn frames_of_every_size_make_the_same_message_and_a_still_one_is_one() {
    run(async {
        let world = with_cards().await;
        let consent = consented(world.wallet.present_one_way(1).unwrap());
        let showing = shown(&world, &consent).await;
        let some = |size| world.wallet.show_frames(&showing.session_id, 0, 3, size).unwrap();
        let standard = some(FrameSize::Standard);
        let small = some(FrameSize::Small);
        let still = frames(&world, &showing, FrameSize::Still).unwrap();
        assert!(small.count > standard.count && still.count == 1);
        assert!(standard.frames.iter().all(|frame| frame.side <= 97), "version 20 at most");
        assert!(small.frames.iter().all(|frame| frame.side <= 57), "version 10 at most");
        let side = standard.frames[0].side;
        assert!(standard.frames.iter().all(|frame| frame.side == side), "one series, one side");
        assert_eq!(standard.frames.iter().map(|frame| frame.sequence).collect::<Vec<_>>(), [0, 1, 2]);
        // At most 32 at once, and the last place of the series is the last.
        let many =
            |from| world.wallet.show_frames(&showing.session_id, from, u16::MAX, FrameSize::Small).unwrap();
        assert_eq!((many(0).frames.len(), many(u16::MAX).frames.len()), (32, 1));
        let message = |size: FrameSize| {
            let texts = world.wallet.show_texts(&showing.session_id, 0, 32, size).unwrap();
            collected(&texts)
        };
        let whole = message(FrameSize::Standard);
        assert!(whole == message(FrameSize::Small) && whole == message(FrameSize::Still));
    });
}
