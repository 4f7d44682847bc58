//! Who is called and in whose name, what a link is taken for, and what is remembered of it all.

use std::sync::{Arc, Mutex};

use primitives::http::HttpError;
use serde_json::json;
use wallet::view::*;

use crate::world::*;

#[test]
fn every_call_names_the_party_that_named_its_address() {
    let world = World::new();
    run(async {
        world.mode("resident", |mode| mode.status = true);
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        world.sent(&consent).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        world.wallet.present_decline(&consent.session_id, true).await.unwrap();
        world.wallet.refresh().await.unwrap();
    });
    let log = world.net.log.lock().unwrap();
    for request in log.iter() {
        let own = request.url.as_str().starts_with(TRUST_LIST) || request.url.path().starts_with("/request/");
        assert_eq!(request.party.is_none(), own, "{}", request.url);
    }
}

#[test]
fn an_offer_fetched_from_elsewhere_does_not_name_loopback() {
    let world = World::new();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    world.net.hook(move |request| {
        if request.url.path() == "/offer" {
            let offer = json!({ "credential_issuer": "https://127.0.0.1:9443/desk",
                "credential_configuration_ids": ["resident"],
                "grants": { "urn:ietf:params:oauth:grant-type:pre-authorized_code": { "pre-authorized_code": "a" } } });
            return Act::Answer(primitives::http::Response::of_json(200, &offer));
        }
        if request.url.host_str() == Some("127.0.0.1") {
            seen.lock().unwrap().push(request.party.clone());
        }
        Act::Fail(HttpError::AddressRefused)
    });
    let input =
        world.input("openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fremote.example%2Foffer");
    let started = run(world.wallet.receive_start(&input)).unwrap();
    assert!(matches!(started, ReceiveStarted::Refusal(_)));
    let parties = asked.lock().unwrap();
    assert!(
        parties
            .iter()
            .all(|party| { party.as_ref().is_some_and(|party| party.host_str() == Some("remote.example")) })
    );
}

#[test]
fn the_history_holds_no_value() {
    let world = World::new();
    run(async {
        world.receive(&["resident", "notice", "disability", "voucher"]).await;
        let ask = query(&[
            credential("card", RESIDENT, &[&["name"], &["birth"], &["address", "full"]]),
            credential("proof", DISABILITY, &[&["degree"]]),
            credential("notice", NOTICE, &[&["payer"]]),
        ]);
        let (_, link) = world.request_by(ask, None, |builder| builder);
        world.sent(&world.consent(&link).await).await;
        let paper = world.all().remove(0);
        world.wallet.remove_paper(&paper.id).await.unwrap();
    });
    let views = serde_json::to_string(&world.wallet.history(None).unwrap()).unwrap();
    world.wallet.lock();
    let mut vault = vault::LockedVault::open(world.folder.path())
        .unwrap()
        .unlock(world.secrets.as_ref(), None, primitives::Clock::now(&*world.clock))
        .unwrap();
    let rows = vault.read(|it| it.history(None, 100)).unwrap();
    let rows = format!("{rows:?}");
    assert!(rows.contains("degree"));
    for value in ["fixture", "1988", "880614", "100000", "100,000"] {
        assert!(!rows.contains(value), "{value}");
        assert!(!views.contains(value), "{value}");
    }
}

#[test]
fn a_request_that_speaks_of_offers_is_a_request() {
    let world = World::new();
    let link =
        "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fverifier.example%2Fcredential_offer&nonce=a";
    assert!(matches!(world.wallet.read_text(link, false), Found::Request { .. }));
    assert!(matches!(world.wallet.read_text("credential_offer", false), Found::Nothing { .. }));
    let offer = world.offer(&["resident"], None);
    assert!(matches!(world.wallet.read_text(&offer, false), Found::Offer { .. }));
    let long = "a".repeat(70_000);
    assert_eq!(world.wallet.read_text(&long, false), Found::Nothing { why: NothingWhy::TooLarge });
}
