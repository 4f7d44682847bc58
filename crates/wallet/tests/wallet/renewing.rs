//! Papers that come again, copies that are fetched anew, and what issuers are told later.

use openid4vci::holder::NotificationEvent;
use primitives::http::HttpError;
use serde_json::json;
use wallet::view::*;

use crate::world::*;

/// An issuer that lets its papers be fetched anew.
pub fn granting() -> World {
    let world = World::new();
    world.server(|server| {
        server.refresh = Some(std::collections::HashMap::new());
        server.rotates = true;
    });
    world
}

fn move_house(world: &World) {
    world.server(|server| {
        let claims = &mut server.configurations.get_mut("resident").unwrap().claims;
        claims["address"] = json!({ "full": "나루시 새길 2", "sido": "나루도", "sigungu": "나루시" });
    });
}

pub fn done(received: Received) -> (Vec<PaperSummary>, Vec<Replaced>) {
    match received {
        Received::Done { papers, replaced, .. } => (papers, replaced),
        Received::Refusal(refusal) => panic!("{} {:?}", refusal.code, refusal.rule),
        _ => panic!("not received"),
    }
}

fn refused(received: Received) -> Refusal {
    match received {
        Received::Refusal(refusal) => *refusal,
        _ => panic!("not refused"),
    }
}

// rule: CI-13
#[test]
fn the_same_card_again_takes_the_place_of_the_one_that_is_there_and_says_what_changed() {
    let world = World::new();
    let first = run(world.receive(&["resident"])).remove(0);
    let before = world.wallet.original(&first.id).unwrap().text;
    let (again, replaced) = done(run(world.try_receive(&["resident"])));
    assert_eq!((again.len(), again[0].id.as_str()), (1, first.id.as_str()));
    assert!(replaced[0].changes.is_empty(), "only the copies are new");
    assert_ne!(world.wallet.original(&first.id).unwrap().text, before);

    move_house(&world);
    let (_, replaced) = done(run(world.try_receive(&["resident"])));
    assert_eq!(world.all().len(), 1);
    let captions: Vec<String> = replaced[0].changes.iter().map(|it| said(&it.caption)).collect();
    assert!(captions.contains(&"주소".to_owned()), "{captions:?}");
    // Masked on the screen, named in the history, and never written there with its value.
    let address = replaced[0].changes.iter().find(|it| said(&it.caption) == "주소").unwrap();
    assert!(address.sensitive && !said(address.after.as_ref().unwrap()).contains("나루시"));
    let line = world.history().remove(0);
    assert_eq!((line.kind, line.papers.len()), (HistoryKind::Refreshed, 1));
    assert!(line.items.iter().any(|item| said(item) == "주소"));
    let page = world.wallet.paper(&first.id).unwrap();
    assert_eq!((page.trust.copies.left, page.trust.copies.total), (3, 3), "none of the old ones is left");
}

// rule: CI-13
#[test]
fn another_persons_card_stands_beside_it() {
    let world = World::new();
    run(world.receive(&["resident"]));
    world.server(|server| {
        server.configurations.get_mut("resident").unwrap().claims["birth"] = json!("1999-09-09");
    });
    let (_, replaced) = done(run(world.try_receive(&["resident"])));
    assert!(replaced.is_empty());
    assert_eq!(world.all().len(), 2);
}

// rule: CI-13
#[test]
fn copies_are_fetched_anew_without_the_person_and_over_a_restart() {
    let mut world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    assert!(world.wallet.paper(&paper.id).unwrap().renewable);
    move_house(&world);
    for round in 0..3 {
        // the token of before has been exchanged by now: each round has the next one
        world.restart();
        world.clock.advance(31 * DAY);
        let (papers, replaced) = done(run(world.wallet.renew_paper(&paper.id)).unwrap());
        assert_eq!((papers.len(), papers[0].id.as_str()), (1, paper.id.as_str()));
        assert_eq!(replaced[0].changes.is_empty(), round > 0, "what changed is told once");
        assert_eq!(world.all().len(), 1);
    }
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    assert!(told.iter().all(|it| it.event == NotificationEvent::CredentialAccepted));
    assert_eq!(told.len(), 4);
}

// rule: CI-13
#[test]
fn what_cannot_be_fetched_anew_says_why_and_stays_as_it_was() {
    let world = World::new();
    let paper = run(world.receive(&["resident"])).remove(0);
    assert!(!world.wallet.paper(&paper.id).unwrap().renewable);
    let refusal = refused(run(world.wallet.renew_paper(&paper.id)).unwrap());
    assert_eq!((refusal.code.as_str(), refusal.rule.as_deref()), ("renew_not_granted", Some("CI-13")));

    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    let original = world.wallet.original(&paper.id).unwrap().text;
    // denied, of another type, about another person, a network that is down, a grant that was withdrawn
    world.mode("resident", |mode| mode.deny = true);
    assert_eq!(refused(run(world.wallet.renew_paper(&paper.id)).unwrap()).rule.as_deref(), Some("CI-21"));
    world.mode("resident", |mode| (mode.deny, mode.other_type) = (false, true));
    refused(run(world.wallet.renew_paper(&paper.id)).unwrap());
    world.mode("resident", |mode| mode.other_type = false);
    let birth = world.server(|server| {
        server.notifications.clear();
        let claims = &mut server.configurations.get_mut("resident").unwrap().claims;
        std::mem::replace(&mut claims["birth"], json!("1999-09-09"))
    });
    let refusal = refused(run(world.wallet.renew_paper(&paper.id)).unwrap());
    assert_eq!(refusal.code, "renew_other_person");
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    assert_eq!(told[0].event, NotificationEvent::CredentialFailure);
    world.server(|server| {
        server.configurations.get_mut("resident").unwrap().claims["birth"] = birth;
    });
    world.net.hook(|_| Act::Fail(HttpError::Connection));
    let refusal = refused(run(world.wallet.renew_paper(&paper.id)).unwrap());
    assert_eq!(refusal.blame, BlameView::Network);
    world.net.unhook();
    assert_eq!(world.wallet.original(&paper.id).unwrap().text, original);
    assert_eq!(world.history()[0].kind, HistoryKind::Failed);
    // and after all of that it still works
    done(run(world.wallet.renew_paper(&paper.id)).unwrap());
    world.server(|server| server.refresh.as_mut().unwrap().clear());
    assert_eq!(refused(run(world.wallet.renew_paper(&paper.id)).unwrap()).blame, BlameView::Issuer);
}

// rule: CI-13
#[test]
fn used_up_copies_and_a_near_end_are_fetched_anew_by_a_refresh_and_others_are_left_alone() {
    let world = granting();
    world.mode("resident", |mode| mode.expires = Some(30 * DAY));
    let paper = run(world.receive(&["resident"])).remove(0);
    run(world.wallet.refresh()).unwrap();
    assert_eq!(world.net.calls("/token"), 1 + 1, "a nonce and a token, and nothing since");
    let asked = world.net.calls("/credential");
    world.mode("resident", |mode| mode.expires = Some(90 * DAY));
    world.clock.advance(25 * DAY);
    let result = run(world.wallet.refresh()).unwrap();
    assert!(world.net.calls("/credential") > asked);
    assert!(result.changed.iter().any(|it| it.id == paper.id));
    assert!(world.wallet.paper(&paper.id).unwrap().valid_until.is_some());
    let asked = world.net.calls("/credential");
    run(world.wallet.refresh()).unwrap();
    assert_eq!(world.net.calls("/credential"), asked, "one is enough");

    let world = granting();
    world.server(|server| server.batch = 2);
    let paper = run(world.receive(&["resident"])).remove(0);
    for _ in 0..2 {
        let (_, link) = world.request(name_query());
        run(async { world.sent(&world.consent(&link).await).await });
    }
    assert_eq!(world.wallet.paper(&paper.id).unwrap().trust.copies.left, 0);
    run(world.wallet.refresh()).unwrap();
    assert_eq!(world.wallet.paper(&paper.id).unwrap().trust.copies.left, 2);
}

// rule: CI-23
#[test]
fn a_deletion_that_could_not_be_told_is_told_later_with_a_newer_token_and_once() {
    let mut world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    world.clock.advance(40 * DAY);
    world.server(|server| server.notifications.clear());
    world.net.hook(|_| Act::Fail(HttpError::Connection));
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    assert!(world.all().is_empty(), "the removal does not wait for the network");
    world.net.unhook();
    world.restart();
    run(world.wallet.refresh()).unwrap();
    assert!(world.server(|server| server.notifications.is_empty()), "not at every turn");
    world.clock.advance(120);
    for _ in 0..2 {
        run(world.wallet.refresh()).unwrap();
        world.clock.advance(120);
    }
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    let events: Vec<NotificationEvent> = told.iter().map(|it| it.event).collect();
    assert_eq!(events, [NotificationEvent::CredentialDeleted]);
}

// rule: CI-23
#[test]
fn an_issuer_that_is_down_for_a_week_or_says_no_is_not_told_for_ever() {
    for refuses in [false, true] {
        let world = World::new();
        let paper = run(world.receive(&["resident"])).remove(0);
        world.net.hook(move |request| match request.url.path() {
            "/notification" if refuses => Act::Answer(primitives::http::Response::of_json(
                400,
                &json!({ "error": "invalid_notification_id" }),
            )),
            "/notification" => Act::Fail(HttpError::Connection),
            _ => Act::Pass,
        });
        run(world.wallet.remove_paper(&paper.id)).unwrap();
        for _ in 0..3 {
            world.clock.advance(4 * DAY);
            run(world.wallet.refresh()).unwrap();
        }
        let calls = world.net.calls("/notification");
        world.clock.advance(DAY);
        run(world.wallet.refresh()).unwrap();
        assert_eq!(world.net.calls("/notification"), calls, "given up");
    }
}

// rule: CI-22
#[test]
fn a_paper_that_is_deferred_when_it_is_fetched_anew_takes_its_place_when_it_comes() {
    let mut world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    move_house(&world);
    world.mode("resident", |mode| mode.deferred = true);
    match run(world.wallet.renew_paper(&paper.id)).unwrap() {
        Received::Done { papers, deferred, replaced } => {
            assert_eq!((papers.len(), deferred.len(), replaced.len()), (0, 1, 0));
        }
        _ => panic!("not deferred"),
    }
    // asked again and again with 202, not before its time, and over a restart
    for _ in 0..2 {
        let asked = world.net.calls("/deferred");
        assert_eq!(run(world.wallet.poll_deferred()).unwrap().1, 1);
        assert_eq!(world.net.calls("/deferred"), asked, "the interval is kept");
        world.clock.advance(61);
        assert_eq!(run(world.wallet.poll_deferred()).unwrap().1, 1);
        assert!(world.net.calls("/deferred") > asked);
        world.restart();
    }
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(61);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), came[0].id.as_str(), waiting), (1, paper.id.as_str(), 0));
    assert_eq!(world.all().len(), 1);
    assert_eq!(world.history()[0].kind, HistoryKind::Refreshed);
}

// rule: CI-1, CI-2
#[test]
fn at_an_issuers_address_papers_are_chosen_and_nothing_is_asked_for_before() {
    let world = World::new();
    run(async {
        let input = world.input(ISSUER);
        let ReceiveStarted::Offer(offer) = world.wallet.receive_start(&input).await.unwrap() else {
            panic!("refused")
        };
        assert!(offer.choose && offer.papers.len() > 1);
        assert_eq!(offer.grant, GrantView::AuthorizationCode);
        let unknown = world.wallet.receive_choose(&offer.session_id, &["nobody".to_owned()]);
        assert!(unknown.is_err());
        let refusal = refused(world.wallet.receive_continue(&offer.session_id, None, &|_| {}).await.unwrap());
        assert_eq!((refusal.code.as_str(), refusal.blame), ("offer_nothing_chosen", BlameView::You));
        assert_eq!((world.net.calls("/par"), world.net.calls("/token")), (0, 0));
        assert!(matches!(world.wallet.read_text("https://a.example/?x=1", false), Found::Nothing { .. }));
    });
}
