//! Where papers stand: status, dates, trust lists, and what lists and pages show of them.

use primitives::http::{HttpError, Response};
use primitives::{Clock as _, Instant};
use serde_json::json;
use trust::status::StatusState;
use trust::trust_list::{ServiceRole, TrustList, TrustedEntity, TrustedService};
use trust::{Certificate, CredentialType};
use wallet::view::*;

use crate::world::*;

fn state(world: &World) -> PaperState {
    world.all().remove(0).state
}

fn revoke(world: &World, state: StatusState) {
    world.server(|server| server.statuses.extend((1..=20).map(|index| (index, state))));
}

async fn is_offered(world: &World, vct: &str, name: &str) -> bool {
    let (_, link) = world.request_by(query(&[credential("one", vct, &[&[name]])]), None, |builder| builder);
    matches!(world.start(&link).await, PresentStarted::Consent(_))
}

/// A status list as a server answers with it.
fn served(token: &str) -> Response {
    Response::new(200, token).with_header("content-type", "application/statuslist+jwt")
}

fn with_status(id: &str) -> World {
    let world = World::new();
    world.mode(id, |mode| mode.status = true);
    run(world.receive(&[id]));
    world
}

// rule: ST-10
#[test]
fn a_status_is_valid_then_stale_and_revoked_stays_revoked() {
    let world = with_status("resident");
    assert!(state(&world) == PaperState::Valid);
    // Nobody answers for more than a day.
    world.server(|server| server.status_down = true);
    world.clock.advance(DAY - 1);
    assert!(state(&world) == PaperState::Valid);
    world.clock.advance(1);
    assert!(matches!(state(&world), PaperState::Stale { as_of: START }));
    run(async {
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        assert!(consent.queries[0].candidates[0].notes.contains(&CandidateNote::StatusStale));
        let result = world.wallet.refresh().await.unwrap();
        assert_eq!((result.checked, result.failed), (0, 1));
        world.server(|server| server.status_down = false);
        let result = world.wallet.refresh().await.unwrap();
        assert_eq!((result.checked, result.failed, result.changed.len()), (1, 0, 1));
        assert!(state(&world) == PaperState::Valid);
        revoke(&world, StatusState::Invalid);
        let result = world.wallet.refresh().await.unwrap();
        assert!(matches!(result.changed[0].state, PaperState::Revoked { .. }));
        assert!(!is_offered(&world, RESIDENT, "name").await);
        // However old that is.
        world.server(|server| server.status_down = true);
        world.clock.advance(90 * DAY);
        assert!(matches!(state(&world), PaperState::Revoked { .. }));
        assert!(!is_offered(&world, RESIDENT, "name").await);
    });
}

#[test]
fn a_status_that_nobody_told_is_unknown_and_said() {
    let mut world = World::new();
    world.mode("resident", |mode| mode.status = true);
    world.server(|server| server.status_down = true);
    run(world.receive(&["resident"]));
    assert!(state(&world) == PaperState::Unknown);
    run(async {
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        assert!(consent.queries[0].candidates[0].notes.contains(&CandidateNote::StatusUnknown));
    });
    world.server(|server| server.status_down = false);
    run(world.wallet.refresh()).unwrap();
    world.restart();
    assert!(state(&world) == PaperState::Valid, "the list is kept");
}

#[test]
fn a_suspended_paper_is_not_offered_and_comes_back() {
    let world = with_status("resident");
    run(async {
        revoke(&world, StatusState::Suspended);
        world.wallet.refresh().await.unwrap();
        assert!(state(&world) == PaperState::Suspended);
        assert!(!is_offered(&world, RESIDENT, "name").await);
        revoke(&world, StatusState::Valid);
        world.clock.advance(60);
        world.wallet.refresh().await.unwrap();
        assert!(is_offered(&world, RESIDENT, "name").await);
    });
}

#[test]
fn paid_is_a_word_for_notices_only() {
    let world = with_status("notice");
    assert!(matches!(state(&world), PaperState::Due { .. }));
    revoke(&world, StatusState::ApplicationSpecific(3));
    run(world.wallet.refresh()).unwrap();
    assert!(matches!(state(&world), PaperState::Paid { .. }));
    let world = with_status("resident");
    revoke(&world, StatusState::ApplicationSpecific(3));
    run(world.wallet.refresh()).unwrap();
    assert!(state(&world) == PaperState::NotValid, "a card is not paid, and nobody knows what it is");
}

#[test]
fn a_clock_that_was_set_back_makes_nothing_fresh_and_revives_nothing() {
    let mut world = World::new();
    world.mode("resident", |mode| {
        mode.status = true;
        mode.expires = Some(2 * DAY);
    });
    run(world.receive(&["resident"]));
    let id = world.all()[0].id.clone();
    assert!(world.wallet.paper(&id).unwrap().trust.status == StatusView::Valid);
    world.clock.advance(-2 * DAY);
    assert!(world.wallet.paper(&id).unwrap().trust.status == StatusView::Stale);
    world.clock.advance(5 * DAY);
    world.mode("notice", |mode| mode.status = true);
    run(world.receive(&["notice"]));
    let card = |world: &World| world.wallet.shelf(Shelf::Id, "").unwrap().papers.remove(0).state;
    assert!(matches!(card(&world), PaperState::Expired { .. }));
    // A time was signed on the fifth day: going back to the first helps nobody, also after a restart.
    world.clock.set(Instant::from_unix_seconds(START));
    assert!(matches!(card(&world), PaperState::Expired { .. }));
    world.restart();
    assert!(matches!(card(&world), PaperState::Expired { .. }));
    assert!(!run(is_offered(&world, RESIDENT, "name")));
}

// rule: ST-10
#[test]
fn an_older_list_brings_nothing_back() {
    let world = with_status("resident");
    let old = world.server(|server| server.status_token(&server.issuer.clone(), STATUS));
    world.clock.advance(3600);
    revoke(&world, StatusState::Invalid);
    run(world.wallet.refresh()).unwrap();
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
    world.net.hook(
        move |request| {
            if request.url.as_str() == STATUS { Act::Answer(served(&old)) } else { Act::Pass }
        },
    );
    let result = run(world.wallet.refresh()).unwrap();
    assert_eq!((result.checked, result.failed), (0, 1));
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
}

// rule: ST-13
#[test]
fn an_older_list_brings_nothing_back_and_anothers_takes_no_place_but_its_own() {
    let mut world = with_status("resident");
    let answer =
        |token: String| {
            world.net.hook(move |request| {
                if request.url.as_str() == STATUS { Act::Answer(served(&token)) } else { Act::Pass }
            });
        };
    let old = world.server(|server| server.status_token(&server.issuer.clone(), STATUS));
    world.clock.advance(3600);
    revoke(&world, StatusState::Invalid);
    run(world.wallet.refresh()).unwrap();
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
    // The desk keeps what holds by any issuer's word: here a newer list of another issuer, which takes no place but its own.
    world.clock.advance(60);
    answer(world.server(|server| server.status_token(&server.stranger.clone(), STATUS)));
    assert!(run(world.wallet.keep_status_list(STATUS)).unwrap());
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
    answer(old);
    let result = run(world.wallet.refresh()).unwrap();
    assert_eq!((result.checked, result.failed), (0, 1));
    assert!(!run(world.wallet.keep_status_list(STATUS)).unwrap());
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
    // Nor after a restart, when nothing is in memory.
    world.restart();
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
    assert!(!run(world.wallet.keep_status_list(STATUS)).unwrap());
    let result = run(world.wallet.refresh()).unwrap();
    assert_eq!((result.checked, result.failed), (0, 1));
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
    world.net.unhook();
    run(world.wallet.refresh()).unwrap();
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
}

#[test]
fn one_issuers_list_says_nothing_of_anothers_papers() {
    let world = World::new();
    // Another issuer's paper names the city's list as its own.
    world.mode("foreign", |mode| {
        mode.stranger = true;
        mode.status = true;
    });
    world.mode("resident", |mode| mode.status = true);
    run(world.receive(&["resident"]));
    world.clock.advance(60);
    run(world.receive(&["foreign"]));
    let foreign = || world.wallet.shelf(Shelf::Benefit, "").unwrap().papers.remove(0).state;
    let card = || world.wallet.shelf(Shelf::Id, "").unwrap().papers.remove(0).state;
    assert!(foreign() == PaperState::Unknown);
    revoke(&world, StatusState::Invalid);
    let result = run(world.wallet.refresh()).unwrap();
    assert_eq!((result.checked, result.failed), (1, 1));
    assert!(matches!(card(), PaperState::Revoked { .. }), "nor does it keep the list from being renewed");
    assert!(foreign() == PaperState::Unknown);
}

// rule: ST-13
#[test]
fn of_papers_that_come_together_each_is_judged_by_its_own_issuers_list() {
    let world = World::new();
    world.mode("foreign", |mode| {
        mode.stranger = true;
        mode.status = true;
    });
    world.mode("resident", |mode| mode.status = true);
    // At their common address lies the list of the one issuer, which calls every place of it withdrawn.
    revoke(&world, StatusState::Invalid);
    let list = world.server(|server| server.status_token(&server.stranger.clone(), STATUS));
    world.net.hook(
        move |request| {
            if request.url.as_str() == STATUS { Act::Answer(served(&list)) } else { Act::Pass }
        },
    );
    let Received::Refusal(refusal) = run(world.try_receive(&["resident", "foreign"])) else {
        panic!("a paper that is withdrawn was received")
    };
    assert_eq!(refusal.code, "paper_revoked");
}

#[test]
fn a_paper_ends_to_the_second_and_its_last_day_is_the_day_before_midnight() {
    let world = World::new();
    // START is 17:00 in Seoul; midnight is seven hours away.
    world.mode("resident", |mode| mode.expires = Some(7 * 3600));
    world.mode("notice", |mode| mode.expires = Some(3600));
    run(async {
        let papers = world.receive(&["resident", "notice"]).await;
        assert_eq!(papers[0].valid_until.as_deref(), Some("2027-01-15"));
        assert!(matches!(&papers[0].state, PaperState::Expiring { days: 0, date } if date == "2027-01-15"));
        assert!(is_offered(&world, NOTICE, "payer").await);
        world.clock.advance(3600);
        // The notice is still due, and as a proof it is none.
        let page = world.wallet.paper(&papers[1].id).unwrap();
        assert!(matches!(page.summary.state, PaperState::Due { .. }));
        assert_eq!(page.not_presentable.unwrap().code, "notPresentable.expired");
        assert!(!is_offered(&world, NOTICE, "payer").await);
        world.clock.advance(6 * 3600 - 1);
        assert!(is_offered(&world, RESIDENT, "name").await);
        world.clock.advance(1);
        assert!(!is_offered(&world, RESIDENT, "name").await);
        let card = world.wallet.shelf(Shelf::Id, "").unwrap().papers.remove(0);
        assert!(matches!(card.state, PaperState::Expired { date } if date == "2027-01-15"));
        assert_eq!(world.wallet.today().unwrap().today, "2027-01-16");
    });
}

// rule: ST-14, TL-5
#[test]
fn a_list_behind_a_failure_is_no_answer() {
    let world = with_status("resident");
    let first = list(&world, 1, true);
    world.server(|server| {
        server.trust_list = Some(first);
        server.lists_served_with = 404;
    });
    let result = run(world.wallet.refresh()).unwrap();
    assert_eq!((result.checked, result.failed), (0, 1));
    let error = run(world.wallet.update_trust_list()).unwrap_err();
    assert_eq!(primitives::Refusal::code(&error), "http_status");
    assert!(world.wallet.trust_list_in_use().is_none());
}

// rule: ST-16
#[test]
fn an_expired_paper_stays_expired_whatever_its_list_says() {
    let world = World::new();
    world.mode("resident", |mode| {
        mode.status = true;
        mode.expires = Some(3600);
    });
    run(async {
        world.receive(&["resident"]).await;
        assert!(is_offered(&world, RESIDENT, "name").await);
        world.clock.advance(3600);
        // The list, asked anew, has nothing against it.
        assert_eq!(world.wallet.refresh().await.unwrap().failed, 0);
        assert!(matches!(state(&world), PaperState::Expired { .. }));
        assert!(!is_offered(&world, RESIDENT, "name").await);
    });
}

#[test]
fn a_paper_that_does_not_hold_yet_is_not_offered() {
    let world = World::new();
    run(async {
        world.mode("resident", |mode| mode.not_before = Some(30));
        world.receive(&["resident"]).await;
        // A clock that is a little ahead of ours is no reason to wait.
        assert!(is_offered(&world, RESIDENT, "name").await);
        world.clock.advance(-DAY);
        assert!(matches!(state(&world), PaperState::NotYet { .. }));
        assert!(!is_offered(&world, RESIDENT, "name").await);
        world.clock.advance(DAY);
        assert!(is_offered(&world, RESIDENT, "name").await);
        // One that begins tomorrow is not taken today.
        world.mode("resident", |mode| mode.not_before = Some(DAY));
        assert!(world.refused(&["resident"]).await.blame == BlameView::Issuer);
    });
}

#[test]
fn a_consent_that_waited_too_long_sends_nothing_that_ended() {
    let world = with_status("resident");
    run(async {
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        revoke(&world, StatusState::Invalid);
        world.clock.advance(60);
        world.wallet.refresh().await.unwrap();
        let PresentSent::Refusal(refusal) = world.send(&consent).await else { panic!("sent") };
        assert!(!refusal.left);
        assert_eq!(world.net.calls("/response"), 0);
    });
}

fn list(world: &World, sequence_number: u64, granted: bool) -> String {
    world.server(|server| {
        let service = |role: ServiceRole, certificate: &Certificate| TrustedEntity {
            name: text("누구", "Somebody"),
            information_uri: None,
            services: vec![TrustedService {
                name: text("일", "Service"),
                role,
                certificates: vec![certificate.clone()],
                granted,
            }],
        };
        let voucher = CredentialType::sd_jwt_vc("urn:nuri-demo:Voucher:1");
        let list = TrustList {
            sequence_number,
            issued_at: server.clock.now(),
            next_update: server.clock.now() + 7 * DAY,
            operator: text("운영", "Operator"),
            scheme: text("체계", "Scheme"),
            territory: "KR".into(),
            entities: vec![service(
                ServiceRole::Issuer([voucher].into_iter().collect()),
                &server.stranger.root.clone(),
            )],
        };
        list.sign(&server.list_signer.chain, &server.list_signer.key).unwrap()
    })
}

// rule: TL-5
#[test]
fn a_newer_trust_list_takes_the_place_of_the_kept_one_and_an_older_one_never_does() {
    let mut world = World::new();
    world.mode("voucher", |mode| mode.stranger = true);
    run(world.refused(&["voucher"]));
    let (first, second) = (list(&world, 1, false), list(&world, 2, true));
    world.server(|server| server.trust_list = Some(second));
    let papers = run(world.receive(&["voucher"]));
    assert_eq!(world.wallet.trust_list_in_use().unwrap().0, 2);
    // Older: refused, and the one in use stays in use.
    world.server(|server| server.trust_list = Some(first));
    let error = run(world.wallet.update_trust_list()).unwrap_err();
    assert_eq!(primitives::Refusal::rule(&error), "TL-5");
    assert_eq!(world.wallet.trust_list_in_use().unwrap().0, 2);
    // Offline, long after its next update: the kept one serves, and its age is seen.
    world.net.hook(|_| Act::Fail(HttpError::Connection));
    world.clock.advance(20 * DAY);
    world.restart();
    assert_eq!(world.wallet.trust_list_in_use().unwrap().0, 2);
    let page = world.wallet.paper(&papers[0].id).unwrap();
    assert!(page.trust.signature == SignatureState::Holds && page.trust.issuer_listed);
    world.net.unhook();
    // Newer, and the issuer is not in it any more.
    let third = list(&world, 3, false);
    world.server(|server| server.trust_list = Some(third));
    run(world.wallet.update_trust_list()).unwrap();
    let page = world.wallet.paper(&papers[0].id).unwrap();
    assert!(page.trust.signature == SignatureState::DoesNotHold && !page.trust.issuer_listed);
    assert_eq!(page.not_presentable.unwrap().code, "notPresentable.signature");
    assert!(!run(is_offered(&world, "urn:nuri-demo:Voucher:1", "balance")));
}

#[test]
fn a_notice_that_is_not_genuine_or_was_taken_back_is_not_to_be_paid() {
    let world = with_status("notice");
    let id = world.all()[0].id.clone();
    let page = world.wallet.paper(&id).unwrap().notice.unwrap();
    assert_eq!(page.ways_to_pay.len(), 1);
    revoke(&world, StatusState::Invalid);
    run(world.wallet.refresh()).unwrap();
    let page = world.wallet.paper(&id).unwrap().notice.unwrap();
    assert!(page.ways_to_pay.is_empty());
}

#[test]
fn lists_show_no_value_that_is_masked_and_a_page_shows_it_when_asked() {
    let world = World::new();
    run(world.receive(&["notice", "disability", "voucher", "foreign"]));
    let mut lists = serde_json::to_string(&world.wallet.today().unwrap()).unwrap();
    for shelf in [Shelf::Notice, Shelf::Benefit] {
        lists.push_str(&serde_json::to_string(&world.wallet.shelf(shelf, "").unwrap()).unwrap());
    }
    for value in ["지체-fixture", "심한-fixture", "1234-fixture", "blue-fixture"] {
        assert!(!lists.contains(value), "{value}");
    }
    for paper in world.all() {
        let page = world.wallet.paper(&paper.id).unwrap();
        for fact in page.groups.iter().flat_map(|group| &group.facts).filter(|fact| fact.sensitive) {
            assert!(!said(&fact.value).contains("fixture"));
            assert!(fact.image.is_none());
            let revealed = said(&world.wallet.reveal_fact(&paper.id, &fact.id).unwrap());
            assert_ne!(revealed, said(&fact.value));
        }
    }
}

#[test]
fn settings_that_cannot_be_read_are_the_defaults() {
    let mut world = World::new();
    let file = world.folder.path().join("settings.json");
    let chosen = Settings { language: LanguageView::En, text_size: 1.3, ..Settings::default() };
    world.wallet.set_settings(chosen.clone()).unwrap();
    world.restart();
    assert!(world.wallet.settings() == chosen);
    let big = format!("{{\"a\":\"{}\"}}", "x".repeat(20_000));
    for damaged in ["", "{", "[]", "{\"language\":\"xx\"}", "\u{0}", big.as_str()] {
        std::fs::write(&file, damaged).unwrap();
        world.open_again();
        assert!(world.wallet.settings() == Settings::default(), "{damaged:.20}");
    }
    let silly = Settings { text_size: f32::NAN, ..Settings::default() };
    assert!(world.wallet.set_settings(silly).is_err());
    let silly = Settings { lock_after_minutes: 100_000, ..Settings::default() };
    assert!(world.wallet.set_settings(silly).is_err());
    // A whole value that no screen offers, written by hand.
    let mut value = serde_json::to_value(Settings::default()).unwrap();
    value["textSize"] = json!(40.0);
    std::fs::write(&file, value.to_string()).unwrap();
    world.open_again();
    assert!(world.wallet.settings() == Settings::default());
}

#[test]
fn a_search_finds_by_name_and_issuer() {
    let world = World::new();
    run(world.receive(&["notice", "voucher"]));
    let found = |query: &str| world.wallet.shelf(Shelf::Notice, query).unwrap();
    assert_eq!((found("재산").papers.len(), found("가람").papers.len()), (1, 1));
    assert_eq!((found("없는 것").papers.len(), found("없는 것").total), (0, 1));
    assert_eq!(found("").unpaid_count, 1);
}

#[test]
fn the_history_comes_page_by_page_and_line_by_line() {
    let world = World::new();
    run(async {
        for _ in 0..26 {
            let paper = world.receive(&["notice"]).await.remove(0);
            world.wallet.remove_paper(&paper.id).await.unwrap();
        }
    });
    let first = world.wallet.history(None).unwrap();
    assert!(first.more && first.chain_holds && first.entries.len() == 50);
    let rest = world.wallet.history(Some(&first.entries[49].id)).unwrap();
    assert!(!rest.more && rest.entries.len() == 2);
    let line = world.wallet.history_entry(&rest.entries[1].id).unwrap();
    assert!(line == rest.entries[1]);
    for id in ["0", "53", "-1", "x", "", "18446744073709551615", "99999999999999999999"] {
        assert!(world.wallet.history_entry(id).is_err(), "{id}");
    }
}
