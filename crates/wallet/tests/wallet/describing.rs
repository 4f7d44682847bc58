//! What an issuer says of itself and signs: how far it is believed before a paper has come.

use openid4vci::metadata::{IssuerMetadata, sign_issuer_metadata};
use primitives::Clock as _;
use primitives::http::{Request, Response};
use serde_json::json;
use url::Url;
use wallet::view::*;

use crate::trusting::by_list_alone;
use crate::world::*;

#[derive(Debug, Clone, Copy)]
enum By {
    Issuer,
    Stranger,
    Nobody,
}

/// The issuer's description comes signed by this party.
fn describe(world: &World, by: By) {
    let address = Url::parse("https://garam.example/.well-known/openid-credential-issuer/desk").unwrap();
    let signed = world.server(|server| {
        let plain = server.answer(&Request::get(address));
        let party = match by {
            By::Issuer => &server.issuer,
            By::Stranger => &server.stranger,
            By::Nobody => return plain,
        };
        let metadata = IssuerMetadata::from_json(&plain.body, &identifier()).unwrap();
        let jwt = sign_issuer_metadata(&metadata, server.clock.now(), &party.chain, &party.key).unwrap();
        Response::new(200, jwt).with_header("content-type", "application/jwt")
    });
    world.net.hook(move |request| match request.url.path() {
        "/.well-known/openid-credential-issuer/desk" => Act::Answer(signed.clone()),
        _ => Act::Pass,
    });
}

/// A wallet that knows the issuer for resident cards and the stranger for notices.
fn two_issuers() -> World {
    let world = World::bare(|profile| {
        profile["anchors"]["issuers"][0]["types"] = json!([format!("vct:{RESIDENT}")]);
        profile["anchors"]["issuers"][1]["types"] = json!([format!("vct:{NOTICE}")]);
    });
    world.wallet.initialize().unwrap();
    world
}

fn trust(world: &World, ids: &[&str]) -> PartyTrust {
    run(world.start_offer(ids)).issuer.trust
}

// rule: CI-4, HA-5
#[test]
fn an_issuer_is_called_registered_that_signed_and_may_itself_issue_everything_that_it_offers() {
    let world = two_issuers();
    for (by, ids, expected) in [
        (By::Issuer, &["resident"][..], PartyTrust::Registered),
        (By::Stranger, &["notice"], PartyTrust::Registered),
        // One that may issue other papers says nothing of these, and neither does one that may issue some of them.
        (By::Stranger, &["resident"], PartyTrust::Authenticated),
        (By::Issuer, &["notice"], PartyTrust::Authenticated),
        (By::Issuer, &["resident", "notice"], PartyTrust::Authenticated),
        (By::Nobody, &["resident"], PartyTrust::Authenticated),
        (By::Issuer, &["voucher"], PartyTrust::Unauthenticated),
        (By::Issuer, &["resident", "voucher"], PartyTrust::Unauthenticated),
    ] {
        describe(&world, by);
        assert!(trust(&world, ids) == expected, "{by:?} {ids:?}");
    }
}

// rule: CI-4
#[test]
fn the_history_calls_no_issuer_known_by_the_word_of_another() {
    for (by, known) in [(By::Issuer, true), (By::Stranger, false)] {
        let world = two_issuers();
        describe(&world, by);
        world.mode("resident", |mode| mode.deny = true);
        assert_eq!(run(world.refused(&["resident"])).rule.as_deref(), Some("CI-21"));
        world.wallet.lock();
        let mut vault = vault::LockedVault::open(world.folder.path())
            .unwrap()
            .unlock(world.secrets.as_ref(), None, world.clock.now())
            .unwrap();
        let line = vault.transaction(|it| it.history(None, 1)).unwrap().remove(0);
        assert_eq!(line.entry.party.map(|party| party.known), Some(known), "{by:?}");
    }
}

// rule: CI-4, TL-15
#[test]
fn a_list_that_is_too_old_makes_no_issuer_registered_any_more() {
    // Vouchers are issued by one whom the profile itself names and by one who stands in the list.
    let world = by_list_alone(&["verifiers", "registrars", "vouchers"]);
    describe(&world, By::Stranger);
    assert!(trust(&world, &["voucher"]) == PartyTrust::Registered);
    world.clock.advance(37 * DAY - 1);
    assert!(trust(&world, &["voucher"]) == PartyTrust::Registered);
    world.clock.advance(1);
    assert!(trust(&world, &["voucher"]) == PartyTrust::Authenticated);
    describe(&world, By::Issuer);
    assert!(trust(&world, &["voucher"]) == PartyTrust::Registered, "the profile does not age");
}
