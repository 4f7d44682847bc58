//! What the wallet does with each answer of an issuer that is not the awaited one: every code of section 8.3.1, nonces demanded at every step, signed
//! metadata asked for.

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::oauth::{OAuthErrorCode, error_response};
use primitives::http::{Request, Response};
use primitives::{Blame, Left, Refusal};
use serde_json::json;

fn asked(world: &mut World, keys: usize) -> CredentialExchange {
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(keys);
    authorized.request_credential(&paper, keys, None, &world.context()).unwrap()
}

fn calls(world: &World, path: &str) -> usize {
    world.log.iter().filter(|(at, _)| at == path).count()
}

// rule: CI-21
#[test]
fn each_error_of_the_credential_endpoint_has_its_code_and_only_a_nonce_is_tried_again() {
    use OAuthErrorCode as Code;
    for (code, stable, blame, requests) in [
        (Code::InvalidCredentialRequest, "issuer_refused_credential_request", Blame::Application, 1),
        (Code::UnknownCredentialConfiguration, "issuer_refused_configuration", Blame::Issuer, 1),
        (Code::UnknownCredentialIdentifier, "issuer_refused_identifier", Blame::Issuer, 1),
        (Code::InvalidProof, "issuer_refused_proof", Blame::Application, 1),
        (Code::InvalidNonce, "issuer_refused_nonce", Blame::Issuer, 2),
        (Code::InvalidEncryptionParameters, "issuer_refused_encryption", Blame::Issuer, 1),
        (Code::CredentialRequestDenied, "issuer_denied_credential", Blame::Issuer, 1),
        (Code::InvalidToken, "server_refused_invalid_token", Blame::Issuer, 1),
        (Code::Unknown, "server_refused", Blame::Issuer, 1),
    ] {
        let mut world = World::new();
        let exchange = asked(&mut world, 1);
        let refused = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/credential" if code == Code::Unknown => Response::of_json(400, &json!({ "error": "no idea" })),
            "/credential" => error_response(400, code),
            _ => response,
        });
        let failure = refused.unwrap_err();
        let error = &failure.error;
        let facts = (error.code(), error.rule(), error.blame(), error.left());
        assert_eq!(facts, (stable, "CI-21", blame, Left::Nothing));
        assert_eq!(calls(&world, "/credential"), requests, "{stable}");
        assert_eq!(*error == CredentialError::Denied, code == Code::CredentialRequestDenied, "final");
        assert!(failure.notification.is_none(), "nothing came that could be reported");
    }
}

// rule: CI-21
#[test]
fn a_refusal_without_a_code_is_read_off_its_status() {
    use OAuthErrorCode as Code;
    for (status, code) in [
        (401, Code::InvalidToken),
        (403, Code::InsufficientScope),
        (400, Code::Unknown),
        (500, Code::Unknown),
    ] {
        let mut world = World::new();
        let exchange = asked(&mut world, 1);
        let refused = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/credential" => Response::new(status, "no"),
            _ => response,
        });
        assert_eq!(refused.unwrap_err().error.code(), code.stable_code(), "{status}");
    }
}

// rule: CI-21
#[test]
fn an_error_is_read_in_the_open_even_where_answers_are_encrypted() {
    let mut world = World::new();
    let mut json = issuer_json();
    let key = crypto::Signer::public_key(&world.request_key).to_jwk();
    json["credential_request_encryption"] = json!({
        "jwks": { "keys": [key.with_alg("ECDH-ES").with_use("enc").with_kid("1").to_value()] },
        "enc_values_supported": ["A256GCM"], "encryption_required": true,
    });
    json["credential_response_encryption"] = json!({
        "alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A256GCM"], "encryption_required": true,
    });
    world.metadata =
        openid4vci::metadata::IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    world.mode.deny = true;
    let exchange = asked(&mut world, 1);
    assert_eq!(world.drive(exchange).unwrap_err().error, CredentialError::Denied);
}

/// Demands another DPoP nonce, as a resource does.
fn demand() -> Response {
    error_response(401, OAuthErrorCode::UseDpopNonce).with_header("dpop-nonce", "wanted")
}

fn nonces(world: &World, path: &str) -> Vec<Option<String>> {
    let nonce = |request: &Request| {
        let proof = crypto::jws::UnverifiedJws::parse(request.header("dpop")?).ok()?;
        proof.dangerous_claims().ok()?.get("nonce")?.as_str().map(str::to_owned)
    };
    world.sent.iter().filter(|it| it.url.path() == path).map(nonce).collect()
}

// rule: CI-11, DP-17, DP-18
#[test]
fn the_nonce_endpoints_dpop_nonce_is_in_the_next_proof() {
    let mut world = World::new();
    let exchange = asked(&mut world, 1);
    world
        .drive_altered(exchange, |request, response| match request.url.path() {
            "/nonce" => {
                let mut response = response;
                response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("dpop-nonce"));
                response.with_header("DPoP-Nonce", "from-the-nonce-endpoint")
            }
            "/credential" => Response::of_json(400, &json!({ "error": "invalid_proof" })),
            _ => response,
        })
        .unwrap_err();
    assert_eq!(nonces(&world, "/credential"), [Some("from-the-nonce-endpoint".to_owned())]);
}

// rule: CI-11, CI-22, DP-17
#[test]
fn a_deferred_paper_meets_a_demanded_nonce_once() {
    for (times, done) in [(1, true), (2, false)] {
        let mut world = World::new();
        world.mode.deferred = true;
        let exchange = asked(&mut world, 1);
        let Outcome::Deferred(session) = world.drive(exchange).unwrap().outcome else { panic!("at once") };
        let polled = session.poll(&world.entropy).unwrap();
        // the world does not know the nonce, so it is answered for
        let mut left = times;
        let answered = world.drive_altered(polled, |request, response| match request.url.path() {
            "/deferred" if left > 0 => {
                left -= 1;
                demand()
            }
            "/deferred" => {
                Response::of_json(202, &json!({ "transaction_id": "transaction-1", "interval": 5 }))
            }
            _ => response,
        });
        assert_eq!(answered.is_ok(), done, "{times}");
        let sent = nonces(&world, "/deferred");
        assert_eq!((sent.len(), sent[1].as_deref()), (2, Some("wanted")));
        if let Err(failure) = answered {
            assert!(failure.session.is_some(), "it is asked for again another time");
        }
    }
}

// rule: CI-23
#[test]
fn a_notification_that_a_server_had_no_time_for_was_judged_by_nobody() {
    use OAuthErrorCode as Code;
    for (status, code, blame) in [
        (500, Code::ServerError, Blame::Network),
        (503, Code::Unknown, Blame::Network),
        (429, Code::InvalidRequest, Blame::Network),
        (400, Code::TemporarilyUnavailable, Blame::Network),
        (400, Code::InvalidNotificationId, Blame::Issuer),
        (401, Code::InvalidToken, Blame::Issuer),
        (499, Code::InvalidRequest, Blame::Issuer),
    ] {
        let mut world = World::new();
        let exchange = asked(&mut world, 1);
        let Outcome::Received(copies) = world.drive(exchange).unwrap().outcome else { panic!("deferred") };
        let told = copies.notification.unwrap().notify(NotificationEvent::CredentialAccepted, None);
        let refused = world.drive_altered(told, |request, response| match request.url.path() {
            "/notification" => error_response(status, code),
            _ => response,
        });
        assert_eq!(refused.unwrap_err().blame(), blame, "{status} {}", code.as_wire());
    }
}

// rule: CI-11, CI-23, DP-17
#[test]
fn a_notification_meets_a_demanded_nonce_once() {
    for (times, done) in [(1, true), (2, false)] {
        let mut world = World::new();
        let exchange = asked(&mut world, 1);
        let Outcome::Received(copies) = world.drive(exchange).unwrap().outcome else { panic!("deferred") };
        let told = copies.notification.unwrap().notify(NotificationEvent::CredentialAccepted, None);
        let mut left = times;
        let answered = world.drive_altered(told, |request, response| match request.url.path() {
            "/notification" if left > 0 => {
                left -= 1;
                demand()
            }
            "/notification" => Response::new(204, ""),
            _ => response,
        });
        assert_eq!(answered.is_ok(), done, "{times}");
        let sent = nonces(&world, "/notification");
        assert_eq!((sent.len(), sent[1].as_deref()), (2, Some("wanted")));
    }
}

// rule: CI-4, HA-5
#[test]
fn what_the_wallet_takes_as_metadata_it_says_when_it_asks() {
    for (signed_metadata, accept) in [
        (SignedMetadata::Ignore, "application/json"),
        (SignedMetadata::Prefer, "application/jwt, application/json;q=0.9"),
        (SignedMetadata::Require, "application/jwt"),
    ] {
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let policy = DiscoveryPolicy { signed_metadata, ..DiscoveryPolicy::default() };
        let request = Discovery::new(offer, policy).request(&world.context()).unwrap();
        assert_eq!(request.header("accept"), Some(accept));
    }
}
