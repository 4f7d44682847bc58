//! DPoP from the holder's side: nonces demanded at every step, and what kind of token is taken.

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::oauth::{OAuthErrorCode, error_response};
use primitives::Refusal;
use primitives::http::Response;
use serde_json::json;

fn statuses(world: &World, path: &str) -> Vec<u16> {
    world.log.iter().filter(|(at, _)| at == path).map(|(_, status)| *status).collect()
}

// rule: DP-17
#[test]
fn a_second_demand_of_a_nonce_in_a_row_ends_the_step() {
    let mut world = World::new();
    let offer = world.offer(&["resident"], None);
    let resolved = world.resolve(offer);
    let client = world.client();
    let exchange = resolved.pre_authorized(client, &[], None).unwrap();
    let mut demands = 0;
    let error = world.drive_altered(exchange, |request, response| match request.url.path() {
        "/token" => {
            demands += 1;
            let refusal = openid4vci::oauth::error_response(400, OAuthErrorCode::UseDpopNonce);
            refusal.with_header("DPoP-Nonce", format!("n{demands}"))
        }
        _ => response,
    });
    assert_eq!(error.unwrap_err().code(), OAuthErrorCode::UseDpopNonce.stable_code());
    assert_eq!(demands, 2);
}

// rule: DP-15, DP-17
#[test]
fn a_resource_that_demands_a_nonce_with_401_gets_a_new_proof() {
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(1);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    let mut first = true;
    let done = world.drive_altered(exchange, |request, response| {
        if request.url.path() == "/credential" && std::mem::take(&mut first) {
            return Response::new(401, "")
                .with_header("www-authenticate", "DPoP error=\"use_dpop_nonce\", algs=\"ES256\"")
                .with_header("dpop-nonce", "wanted");
        }
        response
    });
    // the world does not know `wanted`, so the second request is refused: what counts is that it was made, and with what
    assert!(done.is_err());
    let proofs: Vec<String> = world
        .sent
        .iter()
        .filter(|it| it.url.path() == "/credential")
        .map(|it| it.header("dpop").unwrap().to_owned())
        .collect();
    assert_eq!(proofs.len(), 2);
    let claims = |proof: &str| crypto::jws::UnverifiedJws::parse(proof).unwrap().dangerous_claims().unwrap();
    assert_eq!(claims(&proofs[1])["nonce"], "wanted");
    assert_ne!(claims(&proofs[0])["jti"], claims(&proofs[1])["jti"]);
}

// rule: CI-11, DP-19
#[test]
fn token_type_is_compared_without_case_and_a_missing_lifetime_is_tolerated() {
    for (kind, accepted) in [("DPOP", true), ("dpop", true), ("Bearer", false), ("mac", false)] {
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let resolved = world.resolve(offer);
        let client = world.client();
        let exchange = resolved.pre_authorized(client, &[], None).unwrap();
        let done = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/token" if response.status == 200 => {
                Response::of_json(200, &json!({ "access_token": "t", "token_type": kind }))
            }
            _ => response,
        });
        assert_eq!(done.is_ok(), accepted, "{kind}");
        if let Err(error) = done {
            assert_eq!(error, TokenError::TokenType);
        }
    }
}

// rule: DP-18
#[test]
fn a_nonce_that_stands_twice_or_has_other_characters_is_ignored() {
    for spoilt in [vec!["a", "b"], vec!["a b"], vec!["a\"b"], vec![""]] {
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let resolved = world.resolve(offer);
        let client = world.client();
        let exchange = resolved.pre_authorized(client, &[], None).unwrap();
        let without = |mut response: Response| {
            response.headers.retain(|(name, _)| name != "dpop-nonce");
            response
        };
        let authorized = world.drive_altered(exchange, |_, response| match response.status {
            200 => without(response),
            _ => response,
        });
        let authorized = authorized.unwrap();
        let paper = authorized.papers()[0].clone();
        let keys = world.keys(1);
        let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
        let spoil = |request: &primitives::http::Request, response: Response| match request.url.path() {
            "/nonce" => {
                spoilt.iter().fold(without(response), |it, nonce| it.with_header("DPoP-Nonce", *nonce))
            }
            _ => response,
        };
        world.drive_altered(exchange, spoil).unwrap();
        assert_eq!(statuses(&world, "/credential"), [401, 200], "{spoilt:?}");
        let first = world.sent.iter().find(|it| it.url.path() == "/credential").unwrap();
        let proof = crypto::jws::UnverifiedJws::parse(first.header("dpop").unwrap()).unwrap();
        assert!(!proof.dangerous_claims().unwrap().contains_key("nonce"));
    }
}

// rule: DP-18
#[test]
fn the_nonce_of_a_token_serves_the_issuer_that_gave_it_at_once() {
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(1);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    // Without what the endpoint of nonces says beside its own.
    let done = world.drive_altered(exchange, |request, mut response| {
        if request.url.path() == "/nonce" {
            response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("dpop-nonce"));
        }
        response
    });
    assert!(done.is_ok());
    assert_eq!(statuses(&world, "/credential"), [200]);
}

/// Asks for a paper of an issuer whose nonces for proofs of DPoP come with its refusals alone: each of these codes is one, and then the paper is
/// deferred. Gives the nonces that the proofs had.
fn refused_in_turn(
    refusals: &[OAuthErrorCode],
) -> (Result<Issued, CredentialFailure>, Vec<serde_json::Value>) {
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let exchange = authorized.request_credential(&paper, world.keys(1), None, &world.context()).unwrap();
    let mut refusals = refusals.iter().enumerate();
    let done = world.drive_altered(exchange, |request, mut response| match request.url.path() {
        "/credential" => match refusals.next() {
            Some((at, OAuthErrorCode::UseDpopNonce)) => {
                error_response(401, OAuthErrorCode::UseDpopNonce).with_header("DPoP-Nonce", format!("n{at}"))
            }
            Some((_, code)) => error_response(400, *code),
            None => Response::of_json(202, &json!({ "transaction_id": "t", "interval": 60 })),
        },
        _ => {
            response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("dpop-nonce"));
            response
        }
    });
    let asked = world.sent.iter().filter(|it| it.url.path() == "/credential");
    let nonce = |proof: &str| {
        let claims = crypto::jws::UnverifiedJws::parse(proof).unwrap().dangerous_claims().unwrap();
        claims.get("nonce").cloned().unwrap_or_default()
    };
    let nonces = asked.skip(1).map(|it| nonce(it.header("dpop").unwrap())).collect();
    (done, nonces)
}

// rule: CI-14, DP-17
#[test]
fn another_nonce_of_the_issuers_between_two_demands_leaves_each_its_retry() {
    use OAuthErrorCode::{InvalidNonce, UseDpopNonce};
    let (done, nonces) = refused_in_turn(&[UseDpopNonce, InvalidNonce, UseDpopNonce]);
    assert!(matches!(done.unwrap().outcome, Outcome::Deferred(_)));
    assert_eq!(nonces, ["n0", "n0", "n2"]);
    for (refusals, asked) in [
        (&[UseDpopNonce, InvalidNonce, UseDpopNonce, UseDpopNonce][..], 4),
        (&[UseDpopNonce, InvalidNonce, UseDpopNonce, InvalidNonce], 4),
        (&[UseDpopNonce, UseDpopNonce], 2),
    ] {
        let (done, nonces) = refused_in_turn(refusals);
        assert!(done.is_err(), "{refusals:?}");
        assert_eq!(nonces.len() + 1, asked, "{refusals:?}");
    }
}
