//! What leaves, what does not, and what is said of it.

use std::collections::BTreeSet;

use openid4vp::verifier::Outcome;
use primitives::Refusal as _;
use primitives::http::HttpError;
use serde_json::{Value, json};
use url::Url;
use wallet::view::*;

use crate::world::*;

// rule: VP-D3
#[test]
fn what_was_asked_and_approved_is_sent_and_nothing_more() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(query(&[credential("card", RESIDENT, &[&["name"], &["ageOver19"]])]));
        let consent = world.consent(&link).await;
        assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("가람 대여점"));
        assert!(consent.recipient.trust == PartyTrust::Registered);
        assert!(consent.must_acknowledge.is_empty());
        let sent = world.sent(&consent).await;
        assert_eq!((sent.item_count, sent.paper_count), (2, 1));
        let told = world.disclosed().remove(0);
        assert_eq!(told["name"], "김하늘-fixture");
        assert!(told.get("birth").is_none() && told.get("address").is_none());
        let line = world.history().remove(0);
        assert!(line.kind == HistoryKind::Presented && line.left);
        let items: Vec<String> = line.items.iter().map(said).collect();
        assert_eq!(items, ["성명", "19세 이상"]);
    });
}

#[test]
fn copies_are_used_least_first_and_the_last_one_is_said() {
    let world = World::new();
    run(async {
        let papers = world.receive(&["resident"]).await;
        let mut keys = BTreeSet::new();
        for round in 0..4 {
            let (_, link) = world.request(name_query());
            let consent = world.consent(&link).await;
            let notes = &consent.queries[0].candidates[0].notes;
            assert_eq!(notes.contains(&CandidateNote::LastCopy), round == 2, "{round}");
            assert_eq!(notes.contains(&CandidateNote::ReusedCopy), round == 3, "{round}");
            world.sent(&consent).await;
            keys.insert(world.server(|server| match &server.posted.last().unwrap().outcome {
                Ok(Outcome::Verified(answer)) => {
                    primitives::base64url::encode(&answer.presentations[0].holder_key.unwrap().thumbprint())
                }
                _ => panic!("not verified"),
            }));
            assert_eq!(keys.len(), (round + 1).min(3));
        }
        assert_eq!(world.wallet.paper(&papers[0].id).unwrap().trust.copies.left, 0);
    });
}

#[test]
fn the_copies_of_each_format_are_counted_apart() {
    let world = World::new();
    run(async {
        world.receive(&["resident", "resident_mdoc"]).await;
        let ask = || {
            query(&[json!({ "id": "card", "format": "mso_mdoc",
                "meta": { "doctype_value": "kr.example.nuri.resident.1" },
                "claims": [{ "path": [NAME_SPACE, "name"] }] })])
        };
        for round in 0..4 {
            let (_, link) = world.request(ask());
            let consent = world.consent(&link).await;
            let notes = &consent.queries[0].candidates[0].notes;
            assert_eq!(notes.contains(&CandidateNote::LastCopy), round == 2, "{round}");
            assert_eq!(notes.contains(&CandidateNote::ReusedCopy), round == 3, "{round}");
            world.sent(&consent).await;
        }
    });
}

#[test]
fn a_copy_is_used_and_the_request_answered_before_the_answer_leaves() {
    let mut world = World::new();
    let link = run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        // The process ends in the middle of the post.
        world
            .net
            .hook(|request| if request.url.path().starts_with("/response") { Act::Hang } else { Act::Pass });
        let selection = yes(&consent);
        let sending = world.wallet.present_send(&consent.session_id, &selection);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(50), sending).await.is_err());
        world.net.unhook();
        link
    });
    world.restart();
    run(async {
        let papers = world.all();
        let page = world.wallet.paper(&papers[0].id).unwrap();
        assert_eq!(page.trust.copies.left, 2);
        let again = world.started_refusal(&link).await;
        assert_eq!(again.code, "request_already_answered");
        // The history says that something may have left, although nobody saw the end.
        let lines = world.history();
        let line = lines.iter().find(|line| line.left).expect("a line of what left");
        assert_eq!(line.kind, HistoryKind::Failed);
        assert_eq!(line.items.iter().map(said).collect::<Vec<_>>(), ["성명"]);
    });
    let lines = world.history().len();
    world.restart();
    assert_eq!(world.history().len(), lines, "said once");
}

#[test]
fn a_request_that_was_answered_is_not_answered_again() {
    let mut world = World::new();
    let link = run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        // Two windows with the same request.
        let (one, other) = (world.consent(&link).await, world.consent(&link).await);
        world.sent(&one).await;
        let PresentSent::Refusal(refusal) = world.send(&other).await else { panic!("sent twice") };
        assert_eq!(refusal.code, "request_already_answered");
        assert!(refusal.blame == BlameView::Verifier && !refusal.left);
        assert_eq!(world.net.calls("/response"), 1);
        assert_eq!(world.started_refusal(&link).await.code, "request_already_answered");
        link
    });
    world.restart();
    run(async {
        assert_eq!(world.started_refusal(&link).await.code, "request_already_answered");
    });
    assert_eq!(world.net.calls("/response"), 1);
}

#[test]
fn a_no_that_was_told_is_an_answer() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let (one, other) = (world.consent(&link).await, world.consent(&link).await);
        assert!(world.wallet.present_decline(&one.session_id, true).await.unwrap());
        let PresentSent::Refusal(refusal) = world.send(&other).await else { panic!("sent after a no") };
        assert_eq!(refusal.code, "request_already_answered");
        assert_eq!(world.started_refusal(&link).await.code, "request_already_answered");
        assert_eq!(world.net.calls("/response"), 1);
    });
}

fn plain(world: &World, at: usize) -> BTreeSet<(String, String)> {
    world.server(|server| {
        let posted = &server.posted[at];
        let id = posted.path.strip_prefix("/response/").unwrap();
        let session = server.requests[id].0.session();
        assert!(matches!(&posted.outcome, Ok(Outcome::Refused { error }) if error == "access_denied"));
        let _ = session;
        url::form_urlencoded::parse(&posted.body)
            .map(|(name, value)| {
                // A JWE: only its length and header tell anything.
                let header = value.split('.').next().unwrap_or_default();
                let header: Value =
                    serde_json::from_slice(&primitives::base64url::decode(header).unwrap()).unwrap();
                let told = json!({ "alg": header["alg"], "enc": header["enc"], "length": value.len() });
                (name.into_owned(), told.to_string())
            })
            .collect()
    })
}

// rule: VP-S6
#[test]
fn nothing_fits_and_no_are_the_same_to_the_other_side() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let missing = query(&[credential("card", "urn:nuri-demo:Voucher:1", &[&["title"]])]);
        let valued =
            query(&[json!({ "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [RESIDENT] },
            "claims": [{ "path": ["name"], "values": ["somebody else"] }] })]);
        for (query, why) in [(missing, RefusalWhy::Missing), (valued, RefusalWhy::ConditionNotMet)] {
            let (_, link) = world.request(query);
            let before = world.net.calls("/response");
            let refusal = world.started_refusal(&link).await;
            assert!(refusal.why == why && refusal.can_tell);
            // Nothing leaves before the citizen acts.
            assert_eq!(world.net.calls("/response"), before);
            assert!(
                world.wallet.present_decline(refusal.session_id.as_deref().unwrap(), true).await.unwrap()
            );
        }
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        assert!(world.wallet.present_decline(&consent.session_id, true).await.unwrap());
        assert_eq!(plain(&world, 0), plain(&world, 2));
        assert_eq!(plain(&world, 1), plain(&world, 2));
        assert!(world.history().iter().take(3).all(|line| line.kind == HistoryKind::Declined && !line.left));
    });
}

#[test]
fn a_no_that_is_not_told_posts_nothing() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        assert!(!world.wallet.present_decline(&consent.session_id, false).await.unwrap());
        assert_eq!(world.net.calls("/response"), 0);
        assert_eq!(world.history().remove(0).kind, HistoryKind::Declined);
        // Closing twice is nobody's fault, and the choice is gone.
        assert!(!world.wallet.present_decline(&consent.session_id, true).await.unwrap());
        assert_eq!(world.net.calls("/response"), 0);
        assert!(world.wallet.present_send(&consent.session_id, &yes(&consent)).await.is_err());
    });
}

#[test]
fn sensitive_items_take_a_yes_of_their_own() {
    let world = World::new();
    run(async {
        world.receive(&["disability"]).await;
        let (_, link) = world.request(query(&[credential("proof", DISABILITY, &[&["name"], &["degree"]])]));
        let consent = world.consent(&link).await;
        let mut choice = yes(&consent);
        choice.sensitive_yes.clear();
        let preview = world.wallet.present_preview(&consent.session_id, &choice).unwrap();
        assert!(matches!(preview.missing[..], [Missing::Sensitive { .. }]));
        let not = world.wallet.present_send(&consent.session_id, &choice).await.unwrap();
        assert!(matches!(not, PresentSent::Refusal(_)));
        let sensitive = yes(&consent).sensitive_yes;
        choice.sensitive_no = sensitive;
        let preview = world.wallet.present_preview(&consent.session_id, &choice).unwrap();
        assert!(preview.missing.iter().any(|one| matches!(one, Missing::RequiredRefused { .. })));
        assert_eq!(world.net.calls("/response"), 0);
        world.sent(&consent).await;
    });
}

#[test]
fn whatever_leaves_stands_on_the_screen_first() {
    let world = World::new();
    run(async {
        // A portrait as bytes, and claims of a type that nobody knows: null, and a picture that may not be drawn.
        world.receive(&["resident_mdoc", "foreign"]).await;
        let ask = query(&[
            json!({ "id": "card", "format": "mso_mdoc", "meta": { "doctype_value": "kr.example.nuri.resident.1" },
                "claims": [{ "path": [NAME_SPACE, "name"] }, { "path": [NAME_SPACE, "portrait"] }] }),
            credential("other", "urn:foreign:1", &[&["colour"], &["nothing"], &["picture"]]),
        ]);
        let (_, link) = world.request_by(ask, None, |builder| builder);
        let consent = world.consent(&link).await;
        let shown: usize = consent.queries.iter().map(|query| query.candidates[0].items.len()).sum();
        assert_eq!(shown, 5);
        let portrait =
            consent.queries[0].candidates[0].items.iter().find(|item| said(&item.caption) == "사진");
        assert!(
            portrait.unwrap().image.as_ref().is_some_and(|url| url.starts_with("data:image/jpeg;base64,"))
        );
        let drawn = consent.queries[1].candidates[0].items.iter().any(|item| item.image.is_some());
        assert!(!drawn, "a picture that can carry scripts is never drawn");
        let sent = world.sent(&consent).await;
        assert_eq!(sent.item_count, 5);
        let told = world.disclosed();
        assert!(told[1].get("nothing").is_some_and(Value::is_null));
    });
}

#[test]
fn what_is_sent_says_what_was_shown() {
    let world = World::new();
    run(async {
        // An issuer's mistake: the copies of one paper say different things.
        world.mode("resident", |mode| mode.differing = Some("name"));
        world.receive(&["resident"]).await;
        for _ in 0..2 {
            // Two screens at once: the copy that both showed is used by the first.
            let (one, other) = (world.request(name_query()).1, world.request(name_query()).1);
            let (one, other) = (world.consent(&one).await, world.consent(&other).await);
            for (consent, again) in [(one, false), (other, true)] {
                let shown = said(&consent.queries[0].candidates[0].items[0].value);
                if again {
                    // No other says the same, and that this one is used again is told first.
                    let told = world.wallet.present_send(&consent.session_id, &yes(&consent)).await;
                    assert_eq!(told.err().map(|error| error.code()), Some("copy_used_meanwhile"));
                }
                world.sent(&consent).await;
                assert_eq!(world.disclosed()[0]["name"], shown);
            }
        }
    });
}

#[test]
fn one_copy_can_answer_two_questions() {
    let world = World::new();
    world.server(|server| server.batch = 2);
    run(async {
        world.receive(&["resident"]).await;
        let ask = query(&[
            credential("one", RESIDENT, &[&["name"]]),
            credential("two", RESIDENT, &[&["birth"]]),
            credential("three", RESIDENT, &[&["ageOver19"]]),
        ]);
        let (_, link) = world.request(ask);
        let consent = world.consent(&link).await;
        let sent = world.sent(&consent).await;
        assert_eq!((sent.paper_count, sent.item_count), (1, 3));
        assert_eq!(world.disclosed().len(), 3);
    });
}

// rule: VP-D5, VP-D7
#[test]
fn several_candidates_several_papers_several_answers_and_optional_sets() {
    let world = World::new();
    run(async {
        let first = world.receive(&["resident"]).await;
        // Another person's card: the same one again would take the first one's place.
        world.server(|server| {
            let claims = &mut server.configurations.get_mut("resident").unwrap().claims;
            (claims["name"], claims["birth"]) = (json!("이바다"), json!("1990-02-03"));
        });
        let second = world.receive(&["resident"]).await;
        world.receive(&["voucher"]).await;
        let card = credential("card", RESIDENT, &[&["name"]]);
        // Two papers fit: one has to be named.
        let (_, link) = world.request(query(std::slice::from_ref(&card)));
        let consent = world.consent(&link).await;
        assert_eq!(consent.queries[0].candidates.len(), 2);
        let mut choice = yes(&consent);
        choice.papers.clear();
        let preview = world.wallet.present_preview(&consent.session_id, &choice).unwrap();
        assert!(matches!(preview.missing[..], [Missing::Paper { .. }]));
        choice.papers.insert("card".into(), vec![first[0].id.clone(), second[0].id.clone()]);
        let not = world.wallet.present_send(&consent.session_id, &choice).await.unwrap();
        assert!(matches!(not, PresentSent::Refusal(_)), "two where one is asked");
        // Where several may answer, both go.
        let mut many = card.clone();
        many["multiple"] = json!(true);
        let (_, link) = world.request(query(&[many]));
        let consent = world.consent(&link).await;
        let mut choice = yes(&consent);
        choice.papers.insert("card".into(), vec![first[0].id.clone(), second[0].id.clone()]);
        let sent = world.wallet.present_send(&consent.session_id, &choice).await.unwrap();
        assert!(matches!(sent, PresentSent::Sent(Sent { paper_count: 2, .. })));
        assert_eq!(world.disclosed().len(), 2);
        // An optional set is sent only when it is chosen.
        let ask = json!({
            "credentials": [card, credential("extra", "urn:nuri-demo:Voucher:1", &[&["balance"]])],
            "credential_sets": [{ "options": [["card"]] }, { "options": [["extra"]], "required": false }],
        });
        for extra in [false, true] {
            let (_, link) = world.request(ask.clone());
            let consent = world.consent(&link).await;
            let mut choice = yes(&consent);
            if extra {
                let group = consent.groups.iter().find(|one| one.necessity == Necessity::Optional).unwrap();
                choice.options.insert(group.id.clone(), Some(group.options[0].id.clone()));
                choice.acknowledged = consent.must_acknowledge.clone();
            }
            let sent = world.wallet.present_send(&consent.session_id, &choice).await.unwrap();
            assert!(matches!(sent, PresentSent::Sent(_)));
            assert_eq!(world.disclosed().len(), 1 + usize::from(extra));
        }
    });
}

#[test]
fn an_answer_that_did_not_arrive_is_said_with_what_left() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        for (error, left) in [(HttpError::Connection, true), (HttpError::Tls, false)] {
            let (_, link) = world.request(name_query());
            let consent = world.consent(&link).await;
            world.net.hook(move |request| {
                if request.url.path().starts_with("/response") { Act::Fail(error) } else { Act::Pass }
            });
            let PresentSent::Refusal(refusal) = world.send(&consent).await else { panic!("sent") };
            world.net.unhook();
            assert_eq!(refusal.left, left);
            let line = world.history().remove(0);
            assert_eq!((line.kind, line.left), (HistoryKind::Failed, left));
            assert_eq!(line.items.is_empty(), !left);
            // What certainly did not leave may be tried again; what may have left is not sent twice.
            assert_eq!(matches!(world.start(&link).await, PresentStarted::Consent(_)), !left);
        }
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        world.server(|server| server.verifier_status = 400);
        let PresentSent::Refusal(refusal) = world.send(&consent).await else { panic!("sent") };
        assert!(refusal.left && world.history()[0].left);
    });
}

// rule: VP-S2
#[test]
fn the_page_to_go_on_at_is_opened() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let page = Url::parse("https://verifier.example/done?code=1").unwrap();
        world.server(|server| server.redirect = Some(page.clone()));
        let (_, link) = world.request(name_query());
        let sent = world.sent(&world.consent(&link).await).await;
        assert!(sent.opened_browser && sent.open_url.is_none());
        assert_eq!(*world.pages.opened.lock().unwrap(), [page]);
    });
}
