//! Issuers with several authorization servers: what is for one of them, or was granted there, no other ever hears of.

use openid4vci::oauth::{OAuthErrorCode, error_response};
use openid4vci::offer::OfferSource;
use primitives::http::{HttpError, Request, Response};
use serde_json::{Value, json};
use url::Url;
use wallet::view::*;

use crate::renewing::{done, granting};
use crate::world::*;

const OTHER: &str = "https://other.example";

/// What the issuer says of itself, with these servers.
fn listing(world: &World, servers: &[&str]) -> Value {
    let metadata = Url::parse("https://garam.example/.well-known/openid-credential-issuer/desk").unwrap();
    let mut issuer = world.server(|server| server.answer(&Request::get(metadata)).json().unwrap());
    issuer["authorization_servers"] = json!(servers);
    issuer
}

/// What the other server says of itself: it takes authorization codes as this wallet asks for them.
fn other_server() -> Value {
    json!({
        "issuer": OTHER,
        "authorization_endpoint": format!("{OTHER}/authorize"),
        "token_endpoint": format!("{OTHER}/token"),
        "pushed_authorization_request_endpoint": format!("{OTHER}/par"),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "response_types_supported": ["code"],
    })
}

/// The issuer lists a server before its own that takes authorization codes, and no refresh token.
fn with_another_server(world: &World) {
    let (issuer, server) = (listing(world, &[OTHER, ISSUER]), other_server());
    world.net.hook(move |request| {
        let path = request.url.path();
        match request.url.host_str() {
            Some("other.example") if path.starts_with("/.well-known/") => {
                Act::Answer(Response::of_json(200, &server))
            }
            Some("other.example") => Act::Answer(error_response(400, OAuthErrorCode::InvalidGrant)),
            _ if path.starts_with("/.well-known/openid-credential-issuer") => {
                Act::Answer(Response::of_json(200, &issuer))
            }
            _ => Act::Pass,
        }
    });
}

/// Calls to the other server that were more than a look at its description.
fn heard(world: &World) -> usize {
    world.net.calls(OTHER) - world.net.calls(&format!("{OTHER}/.well-known/"))
}

// rule: CI-5, CI-13
#[test]
fn copies_are_fetched_anew_at_the_server_that_granted_them() {
    let world = granting();
    with_another_server(&world);
    let paper = run(world.receive(&["resident"])).remove(0);
    for _ in 0..2 {
        world.clock.advance(40 * DAY);
        let (papers, _) = done(run(world.wallet.renew_paper(&paper.id)).unwrap());
        assert_eq!((papers[0].id.as_str(), heard(&world)), (paper.id.as_str(), 0));
    }
}

// rule: CI-5, CI-22
#[test]
fn a_deferred_paper_whose_token_ended_is_asked_for_with_a_newer_one_of_the_server_that_granted_it() {
    let world = granting();
    with_another_server(&world);
    world.mode("resident", |mode| mode.deferred = true);
    match run(world.try_receive(&["resident"])) {
        Received::Done { deferred, .. } => assert_eq!(deferred.len(), 1),
        _ => panic!("not deferred"),
    }
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(31 * DAY);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting, heard(&world)), (1, 0, 0));
}

/// An offer by pre-authorized code and, with this, by authorization code.
fn both_grants(world: &World, authorization_code: Value) -> String {
    let link = world.offer(&["resident"], None);
    let Ok(OfferSource::ByValue(offer)) = OfferSource::parse(&link) else { panic!("no offer") };
    let mut offer = offer.to_json();
    offer["grants"]["authorization_code"] = authorization_code;
    offer.to_string()
}

// rule: CI-2, CI-5
#[test]
fn a_pre_authorized_code_stays_away_from_the_server_that_the_offer_names_for_the_other_grant() {
    let world = World::new();
    with_another_server(&world);
    let offer = both_grants(&world, json!({ "authorization_server": OTHER }));
    run(async {
        let started = world.wallet.receive_start(&world.input(&offer)).await.unwrap();
        let ReceiveStarted::Offer(offer) = started else { panic!("refused") };
        assert_eq!(offer.grant, GrantView::PreAuthorized);
        let received = world.wallet.receive_continue(&offer.session_id, None, &|_| {}).await.unwrap();
        assert_eq!((done(received).0.len(), heard(&world)), (1, 0));
    });
}

// rule: CI-5
#[test]
fn of_as_many_servers_as_an_issuer_may_list_the_last_one_is_found_though_no_other_is_there() {
    let world = World::new();
    let others: Vec<String> = (1..16).map(|at| format!("https://server{at}.example")).collect();
    let servers: Vec<&str> = others.iter().map(String::as_str).chain([ISSUER]).collect();
    let issuer = listing(&world, &servers);
    world.net.hook(move |request| match request.url.host_str() {
        Some("server1.example") => Act::Answer(Response::new(500, "")),
        Some("server2.example") => Act::Fail(HttpError::AddressRefused),
        Some(host) if host.starts_with("server") => Act::Fail(HttpError::Unreachable),
        _ if request.url.path().starts_with("/.well-known/openid-credential-issuer") => {
            Act::Answer(Response::of_json(200, &issuer))
        }
        _ => Act::Pass,
    });
    assert_eq!(run(world.receive(&["resident"])).len(), 1);
    assert_eq!(world.net.calls("https://server"), 15, "each was asked once");
}

// rule: CI-5
#[test]
fn after_a_lock_no_other_server_is_asked_nor_after_two_that_keep_silent() {
    let world = World::new();
    let servers = [1, 2, 3, 4].map(|at| format!("https://server{at}.example"));
    let issuer = listing(&world, &servers.each_ref().map(String::as_str));
    for (error, code, calls) in [
        (HttpError::Cancelled, "http_cancelled", 1),
        (HttpError::Timeout, "http_timeout", 2),
        (HttpError::Unreachable, "http_connection", 4),
    ] {
        let (issuer, before) = (issuer.clone(), world.net.calls("https://server"));
        world.net.hook(move |request| match request.url.host_str() {
            Some(host) if host.starts_with("server") => Act::Fail(error),
            _ => Act::Answer(Response::of_json(200, &issuer)),
        });
        let input = world.input(&world.offer(&["resident"], None));
        let started = run(world.wallet.receive_start(&input)).unwrap();
        let ReceiveStarted::Refusal(refusal) = started else { panic!("not refused") };
        assert_eq!((refusal.code.as_str(), world.net.calls("https://server") - before), (code, calls));
    }
}

// rule: CI-5
#[test]
fn two_servers_that_keep_silent_take_nothing_from_one_that_answered_and_a_third_is_not_asked() {
    let world = World::new();
    let issuer = listing(&world, &[OTHER, "https://server1.example", "https://server2.example", ISSUER]);
    let server = other_server();
    world.net.hook(move |request| match request.url.host_str() {
        Some("other.example") => Act::Answer(Response::of_json(200, &server)),
        Some(host) if host.starts_with("server") => Act::Fail(HttpError::Timeout),
        _ => Act::Answer(Response::of_json(200, &issuer)),
    });
    let input = world.input(&both_grants(&world, json!({})));
    let started = run(world.wallet.receive_start(&input)).unwrap();
    let ReceiveStarted::Offer(offer) = started else { panic!("refused") };
    assert_eq!(offer.grant, GrantView::AuthorizationCode);
    for (server, calls) in [("https://server1", 1), ("https://server2", 1), (OTHER, 1)] {
        assert_eq!(world.net.calls(server), calls, "{server}");
    }
    assert_eq!(world.net.calls("/.well-known/oauth-authorization-server/desk"), 0);
}
