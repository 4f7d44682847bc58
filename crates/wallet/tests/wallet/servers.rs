//! An issuer with two authorization servers: what one of them granted is exchanged there, and the other never hears of it.

use openid4vci::oauth::{OAuthErrorCode, error_response};
use primitives::http::{Request, Response};
use serde_json::json;
use url::Url;
use wallet::view::*;

use crate::renewing::{done, granting};
use crate::world::*;

const OTHER: &str = "https://other.example";

/// The issuer lists a server before its own that takes authorization codes as this wallet asks for them, and no refresh token.
fn with_another_server(world: &World) {
    let metadata = Url::parse("https://garam.example/.well-known/openid-credential-issuer/desk").unwrap();
    let mut issuer = world.server(|server| server.answer(&Request::get(metadata)).json().unwrap());
    issuer["authorization_servers"] = json!([OTHER, ISSUER]);
    let server = json!({
        "issuer": OTHER,
        "authorization_endpoint": format!("{OTHER}/authorize"),
        "token_endpoint": format!("{OTHER}/token"),
        "pushed_authorization_request_endpoint": format!("{OTHER}/par"),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "response_types_supported": ["code"],
    });
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
