//! Whom the wallet believes, and until when: issuers by their certificates, lists by their age, statuses by what they say.

use primitives::Clock as _;
use primitives::http::HttpError;
use trust::status::{Bits, StatusState};
use trust::trust_list::{ServiceRole, TrustList, TrustedEntity, TrustedService};
use trust::{Certificate, CredentialType};
use wallet::view::*;

use crate::showing::desk::*;
use crate::world::*;

// rule: SV-8
#[test]
fn a_card_is_its_signers_whomever_it_names() {
    let world = World::new();
    world.mode("resident", |mode| mode.names = Some("https://elsewhere.example/city"));
    run(async {
        let card = world.receive(&["resident"]).await.remove(0);
        let page = world.wallet.paper(&card.id).unwrap();
        assert!(page.trust.signature == SignatureState::Holds && page.trust.issuer_listed);
        // Nothing that is shown goes by the name it gives itself; who signed it stands there.
        assert!(page.trust.signed_by == Some(Text::same("Garam")));
        assert!(!serde_json::to_string(&page).unwrap().contains("elsewhere.example"));
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        world.sent(&consent).await;
        assert_eq!(world.disclosed().len(), 1, "a verifier takes it as well");
    });
    // Of two who may issue a type, each stands under the name of its own certificate.
    world.mode("foreign", |mode| {
        mode.stranger = true;
        mode.names = Some(ISSUER);
    });
    let paper = run(world.receive(&["foreign"])).remove(0);
    assert!(world.wallet.paper(&paper.id).unwrap().trust.signed_by == Some(Text::same("Stranger")));
    // Whoever may not issue a card does not by naming who may.
    world.mode("notice", |mode| {
        mode.stranger = true;
        mode.names = Some(ISSUER);
    });
    assert_eq!(run(world.refused(&["notice"])).rule.as_deref(), Some("SV-7"));
}

/// A list of the trust list's signer: the verifier, its registrar and the stranger, who issues vouchers; its successor is due in a week.
pub fn listed(world: &World, sequence_number: u64) -> String {
    listed_without(world, sequence_number, |_| false)
}

/// The same with these services withdrawn.
pub fn listed_without(
    world: &World,
    sequence_number: u64,
    is_withdrawn: impl Fn(&ServiceRole) -> bool,
) -> String {
    listed_by(world, sequence_number, is_withdrawn, |party| vec![party.root.clone()])
}

/// The same with these certificates of each party.
pub fn listed_by(
    world: &World,
    sequence_number: u64,
    is_withdrawn: impl Fn(&ServiceRole) -> bool,
    certificates: impl Fn(&Party) -> Vec<Certificate>,
) -> String {
    world.server(|server| {
        let voucher = CredentialType::sd_jwt_vc(VOUCHER);
        let service = |role: ServiceRole, party: &Party| TrustedService {
            name: text("일", "Service"),
            granted: !is_withdrawn(&role),
            role,
            certificates: certificates(party),
        };
        let list = TrustList {
            sequence_number,
            issued_at: server.clock.now(),
            next_update: server.clock.now() + 7 * DAY,
            operator: text("운영", "Operator"),
            scheme: text("체계", "Scheme"),
            territory: "KR".into(),
            entities: vec![TrustedEntity {
                name: text("누구", "Somebody"),
                information_uri: None,
                services: vec![
                    service(ServiceRole::Verifier, &server.verifier),
                    service(ServiceRole::Registrar, &server.registrar),
                    service(ServiceRole::Issuer([voucher].into_iter().collect()), &server.stranger),
                ],
            }],
        };
        list.sign(&server.list_signer.chain, &server.list_signer.key).unwrap()
    })
}

const VOUCHER: &str = "urn:nuri-demo:Voucher:1";

/// A wallet that knows its verifiers, and who issues vouchers, by the list alone; the list came once, and no other comes.
pub fn by_list_alone(keep: &[&str]) -> World {
    let world = World::bare(|profile| {
        for role in ["verifiers", "registrars"].into_iter().filter(|role| !keep.contains(role)) {
            profile["anchors"][role] = serde_json::json!([]);
        }
        if !keep.contains(&"vouchers") {
            let types = profile["anchors"]["issuers"][0]["types"].as_array_mut().unwrap();
            types.retain(|name| name.as_str() != Some("vct:urn:nuri-demo:Voucher:1"));
        }
    });
    world.wallet.initialize().unwrap();
    world.mode("voucher", |mode| mode.stranger = true);
    let list = listed(&world, 1);
    world.server(|server| server.trust_list = Some(list));
    run(world.wallet.update_trust_list()).unwrap();
    world.server(|server| server.trust_list = None);
    world
}

fn is_marked(consent: &Consent) -> bool {
    consent.warnings.contains(&Warning::TrustListOld { as_of: START })
}

// rule: TL-15
#[test]
fn an_old_list_says_so_and_then_vouches_for_no_verifier_any_more() {
    let mut world = by_list_alone(&[]);
    run(world.receive(&["resident"]));
    let marked = |world: &World| {
        let (_, link) = world.request(name_query());
        let consent = run(world.consent(&link));
        let old = world.wallet.status(None, Vec::new()).old_trust_list_as_of;
        assert_eq!(old.is_some(), is_marked(&consent));
        is_marked(&consent)
    };
    world.clock.advance(7 * DAY - 1);
    assert!(!marked(&world));
    world.clock.advance(1);
    assert!(marked(&world));
    world.clock.advance(30 * DAY - 1);
    assert!(marked(&world));
    let (_, link) = world.request(name_query());
    let consent = run(world.consent(&link));
    run(world.sent(&consent));
    world.clock.advance(1);
    world.restart();
    let (_, link) = world.request(name_query());
    let refusal = run(world.started_refusal(&link));
    assert_eq!((refusal.code.as_str(), refusal.rule.as_deref()), ("trust_list_too_old", Some("TL-15")));
    assert!(refusal.session_id.is_none() && !refusal.can_tell);
    assert_eq!(world.net.calls("/response"), 1);
    // What is held stays as readable as it was.
    let card = world.all().remove(0);
    assert!(card.state == PaperState::Valid);
    assert!(world.wallet.paper(&card.id).unwrap().trust.signature == SignatureState::Holds);
    // The next list, and all is as before.
    let next = listed(&world, 2);
    world.server(|server| server.trust_list = Some(next));
    let (_, link) = world.request(name_query());
    assert!(run(world.consent(&link)).warnings.is_empty());
}

// rule: TL-15
#[test]
fn whoever_the_profile_names_needs_no_list() {
    let world = by_list_alone(&["verifiers", "registrars"]);
    run(world.receive(&["resident"]));
    world.clock.advance(37 * DAY);
    let (_, link) = world.request(name_query());
    let consent = run(world.consent(&link));
    assert!(is_marked(&consent));
    run(world.sent(&consent));
    // Its registration is vouched for by the list alone.
    let world = by_list_alone(&["verifiers"]);
    run(world.receive(&["resident"]));
    world.clock.advance(37 * DAY);
    let (_, link) = world.request(name_query());
    assert_eq!(run(world.started_refusal(&link)).code, "trust_list_too_old");
    let (_, link) = world.request_by(name_query(), None, |builder| builder);
    assert!(is_marked(&run(world.consent(&link))), "and without one it is none");
}

// rule: TL-15
#[test]
fn what_a_desk_asks_on_its_screen_is_answered_under_the_mark() {
    let world = by_list_alone(&[]);
    run(world.receive(&["resident"]));
    world.net.hook(|_| Act::Fail(HttpError::Connection));
    world.clock.advance(37 * DAY);
    let asked = Asked::new(&world, name_query(), true);
    assert!(is_marked(&run(asked.consent(&world))));
    // Nobody signed a ready-made question: no list says anything of who asks.
    let (code, _) = desk_code(&world, 1);
    let consent = consented(world.wallet.present_by_code(&code.grouped()).unwrap());
    assert!(!consent.warnings.iter().any(|warning| matches!(warning, Warning::TrustListOld { .. })));
}

// rule: TL-15
#[test]
fn an_old_list_says_so_and_then_vouches_for_no_issuer_any_more() {
    let world = by_list_alone(&[]);
    let offer = run(world.start_offer(&["voucher"]));
    assert!(offer.old_trust_list_as_of.is_none());
    world.clock.advance(7 * DAY);
    let offer = run(world.start_offer(&["voucher"]));
    assert_eq!(offer.old_trust_list_as_of, Some(START));
    let voucher = run(world.receive(&["voucher"])).remove(0);
    world.clock.advance(30 * DAY);
    let asked = world.net.calls("/token");
    let link = world.offer(&["voucher"], None);
    let started = run(world.wallet.receive_start(&world.input(&link))).unwrap();
    let ReceiveStarted::Refusal(refusal) = started else { panic!("offered") };
    assert_eq!((refusal.code.as_str(), refusal.rule.as_deref()), ("trust_list_too_old", Some("TL-15")));
    assert_eq!(world.net.calls("/token"), asked);
    let page = world.wallet.paper(&voucher.id).unwrap();
    assert!(page.trust.signature == SignatureState::Holds && page.trust.issuer_listed);
    run(world.receive(&["resident"]));
}

// rule: TL-15
#[test]
fn a_paper_signed_by_whom_an_old_list_alone_names_is_not_taken() {
    // The profile knows another who issues vouchers: that one may be offered.
    let world = by_list_alone(&["vouchers"]);
    run(world.receive(&["voucher"]));
    world.clock.advance(37 * DAY);
    assert_eq!(run(world.refused(&["voucher"])).rule.as_deref(), Some("TL-15"));
    world.mode("voucher", |mode| mode.stranger = false);
    run(world.receive(&["voucher"]));
}

// rule: TL-15
#[test]
fn what_could_not_be_taken_is_not_fetched_anew() {
    for (days, asked) in [(36, true), (37, false)] {
        let world = by_list_alone(&[]);
        world.server(|server| server.refresh = Some(std::collections::HashMap::new()));
        world.mode("voucher", |mode| mode.expires = Some(40 * DAY));
        run(world.receive(&["voucher"]));
        world.clock.advance(days * DAY);
        let before = world.net.calls("/token");
        run(world.wallet.refresh()).unwrap();
        assert_eq!(world.net.calls("/token") > before, asked, "{days}");
    }
}

// rule: TL-15
#[test]
fn a_clock_that_was_set_back_makes_no_list_young() {
    let world = by_list_alone(&[]);
    run(world.receive(&["resident"]));
    world.clock.advance(37 * DAY);
    // Something was signed on that day.
    world.mode("notice", |mode| mode.status = true);
    run(world.receive(&["notice"]));
    world.clock.advance(-30 * DAY);
    let (_, link) = world.request(name_query());
    assert_eq!(run(world.started_refusal(&link)).code, "trust_list_too_old");
}

// rule: ST-9, ST-11
#[test]
fn a_paper_that_its_list_does_not_call_valid_is_refused_at_receipt() {
    let refused = |shape: (Bits, u64), state: Option<StatusState>| {
        let world = World::new();
        world.mode("resident", |mode| mode.status = true);
        world.server(|server| {
            server.status_shape = shape;
            // One copy of three is enough.
            server.statuses.extend(state.map(|state| (2, state)));
        });
        let refusal = run(world.refused(&["resident"]));
        assert!(world.all().is_empty());
        (refusal.code, refusal.rule.unwrap())
    };
    let reserved = refused((Bits::Four, 1000), Some(StatusState::Reserved(5)));
    assert_eq!(reserved, ("paper_status_unreadable".to_owned(), "ST-11".to_owned()));
    let outside = refused((Bits::Two, 0), None);
    assert_eq!(outside, ("paper_status_unlisted".to_owned(), "ST-9".to_owned()));
}

fn is_offered(world: &World) -> bool {
    let (_, link) = world.request(name_query());
    matches!(run(world.start(&link)), PresentStarted::Consent(_))
}

// rule: ST-9, ST-11
#[test]
fn a_paper_that_its_list_ceases_to_call_valid_is_shown_so_and_not_presented() {
    let at_first = (Bits::Four, 1000);
    for (shape, state) in [
        (at_first, Some(StatusState::Reserved(5))),
        (at_first, Some(StatusState::ApplicationSpecific(0x0C))),
        ((Bits::Four, 0), None),
    ] {
        let mut world = World::new();
        world.mode("resident", |mode| mode.status = true);
        world.server(|server| server.status_shape = at_first);
        run(world.receive(&["resident"]));
        assert!(is_offered(&world));
        world.server(|server| {
            server.status_shape = shape;
            server.statuses.extend((1..=3).filter_map(|index| Some((index, state?))));
        });
        let result = run(world.wallet.refresh()).unwrap();
        assert!(result.changed[0].state == PaperState::NotValid);
        // However old that is, and whoever was in between.
        world.server(|server| server.status_down = true);
        world.clock.advance(90 * DAY);
        world.restart();
        let card = world.all().remove(0);
        assert!(card.state == PaperState::NotValid);
        let page = world.wallet.paper(&card.id).unwrap();
        assert!(page.trust.status == StatusView::NotValid);
        assert_eq!(page.not_presentable.unwrap().code, "notPresentable.notValid");
        assert!(!is_offered(&world));
        let today = world.wallet.today().unwrap();
        assert_eq!(ids(&today.trouble), ids(&[card]));
        world.server(|server| {
            server.status_down = false;
            server.status_shape = at_first;
            server.statuses.clear();
        });
        run(world.wallet.refresh()).unwrap();
        assert!(is_offered(&world));
    }
}

// rule: ST-9
#[test]
fn a_list_that_was_there_before_the_paper_may_have_grown_since() {
    let world = World::new();
    for id in ["resident", "voucher"] {
        world.mode(id, |mode| mode.status = true);
    }
    world.server(|server| server.status_shape = (Bits::Two, 4));
    run(world.receive(&["resident"]));
    world.clock.advance(3600);
    world.server(|server| server.status_down = true);
    let voucher = run(world.receive(&["voucher"])).remove(0);
    assert!(world.wallet.paper(&voucher.id).unwrap().trust.status == StatusView::Unknown);
    // A list from after it counts.
    world.server(|server| server.status_down = false);
    run(world.wallet.refresh()).unwrap();
    assert!(world.wallet.paper(&voucher.id).unwrap().trust.status == StatusView::NotValid);
    world.server(|server| server.status_shape = (Bits::Two, 8));
    world.clock.advance(60);
    run(world.wallet.refresh()).unwrap();
    assert!(world.wallet.paper(&voucher.id).unwrap().trust.status == StatusView::Valid);
}

// rule: ST-11
#[test]
fn a_copy_that_its_list_does_not_call_valid_any_more_does_not_go_out() {
    let world = World::new();
    world.mode("resident", |mode| mode.status = true);
    world.server(|server| server.status_shape = (Bits::Four, 1000));
    run(world.receive(&["resident"]));
    let (_, link) = world.request(name_query());
    let consent = run(world.consent(&link));
    world.server(|server| server.statuses.extend((1..=3).map(|index| (index, StatusState::Reserved(7)))));
    world.clock.advance(60);
    run(world.wallet.refresh()).unwrap();
    let PresentSent::Refusal(refusal) = run(world.send(&consent)) else { panic!("sent") };
    assert!(!refusal.left);
    assert_eq!(world.net.calls("/response"), 0);
}
