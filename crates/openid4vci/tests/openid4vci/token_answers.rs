//! What the token endpoint answers: lifetimes, types, and refusals that are not those of a wrong transaction code.

use crate::common::*;
use crypto::jws::UnverifiedJws;
use openid4vci::client_attestation::CHALLENGE_HEADER;
use openid4vci::holder::*;
use openid4vci::metadata::{IssuerMetadata, ServerMetadata};
use openid4vci::oauth::{OAuthErrorCode, error_response};
use primitives::Refusal as _;
use primitives::http::{Request, Response};
use serde_json::{Value, json};
use url::Url;

/// A token asked for by an offer, with the answers of the token endpoint altered.
fn token(
    world: &mut World,
    transaction_code: Option<&str>,
    mut alter: impl FnMut(Response) -> Response,
) -> Result<Authorized, TokenError> {
    let offer = world.offer(&["resident"], transaction_code);
    let resolved = world.resolve(offer);
    let client = world.client();
    let exchange = resolved.pre_authorized(client, &[], transaction_code).unwrap();
    world.drive_altered(exchange, |request: &Request, response| match request.url.path() {
        "/token" => alter(response),
        _ => response,
    })
}

/// The answer instead of a token.
fn instead(response: Response, token: &Value) -> Response {
    if response.status == 200 { Response::of_json(200, token) } else { response }
}

// rule: CI-11
#[test]
fn a_lifetime_counts_from_the_answer_and_one_that_makes_no_sense_is_none() {
    for (lifetime, ends) in [
        (json!(3600), Some(now() + 3600)),
        (json!(3600.9), Some(now() + 3600)),
        (json!(0.5), Some(now())),
        (json!(0), None),
        (json!(-1), None),
        (json!(1_000_000_000), None),
    ] {
        let answer = json!({ "access_token": "t", "token_type": "DPoP", "expires_in": lifetime });
        let authorized = token(&mut World::new(), None, |response| instead(response, &answer)).unwrap();
        assert_eq!(authorized.expires_at(), ends, "{lifetime}");
    }
}

// rule: CI-11, CI-13
#[test]
fn what_is_kept_of_a_token_says_when_it_ends_which_it_is_and_whether_there_is_one_to_exchange() {
    let kept = |answer: Value| {
        token(&mut World::new(), None, |response| instead(response, &answer)).unwrap().stored_access()
    };
    let first =
        kept(json!({ "access_token": "t", "token_type": "DPoP", "expires_in": 60, "refresh_token": "r" }));
    assert!(!first.has_ended(now() + 59) && first.has_ended(now() + 60) && first.has_ended(now() + 61));
    let same = kept(json!({ "access_token": "t", "token_type": "DPoP" }));
    assert!(!same.has_ended(now() + 1_000_000), "the server did not say");
    assert!(first.can_refresh() && !same.can_refresh());
    let other = kept(json!({ "access_token": "u", "token_type": "DPoP" }));
    assert!(first.is_same_token(&same) && !first.is_same_token(&other));
}

// rule: DP-19
#[test]
fn a_bearer_token_is_taken_from_a_server_that_says_nothing_of_dpop_and_from_no_other() {
    let answer = json!({ "access_token": "t", "token_type": "Bearer" });
    let taken = |dpop: bool| {
        let mut world = World::new();
        let mut server = server_json();
        if !dpop {
            server.as_object_mut().unwrap().shift_remove("dpop_signing_alg_values_supported");
        }
        world.server = ServerMetadata::from_json(server.to_string().as_bytes(), &identifier()).unwrap();
        token(&mut world, None, |response| instead(response, &answer)).map(drop)
    };
    assert_eq!((taken(false), taken(true)), (Ok(()), Err(TokenError::TokenType)));
}

// rule: CI-12, DP-17
#[test]
fn a_nonce_that_comes_with_the_demand_of_a_challenge_goes_into_the_next_proof() {
    let mut world = World::new();
    let mut first = true;
    let done = token(&mut world, None, |response| {
        if !std::mem::take(&mut first) {
            return response;
        }
        error_response(400, OAuthErrorCode::UseAttestationChallenge)
            .with_header(CHALLENGE_HEADER, "another")
            .with_header("DPoP-Nonce", "wanted")
    });
    // The world knows neither: what counts is with what the second request was made.
    assert!(done.is_err());
    let proofs = world.sent.iter().filter(|it| it.url.path() == "/token");
    let nonces: Vec<Value> = proofs
        .map(|it| UnverifiedJws::parse(it.header("dpop").unwrap()).unwrap().dangerous_claims().unwrap())
        .map(|claims| claims.get("nonce").cloned().unwrap_or(Value::Null))
        .collect();
    assert_eq!(nonces.get(1), Some(&json!("wanted")), "{nonces:?}");
    assert_ne!(nonces[0], "wanted");
}

// rule: CI-9
#[test]
fn only_a_grant_that_was_refused_with_a_typed_code_is_a_wrong_code() {
    let refused = |transaction_code: Option<&str>, code| {
        token(&mut World::new(), transaction_code, |_| error_response(400, code)).map(drop).unwrap_err()
    };
    let grant = OAuthErrorCode::InvalidGrant;
    assert_eq!(refused(Some("4711"), grant), TokenError::TransactionCodeWrong);
    for (transaction_code, code) in [(None, grant), (Some("4711"), OAuthErrorCode::InvalidClient)] {
        let error = refused(transaction_code, code);
        assert!(matches!(&error, TokenError::Answer(_)) && error.code() == code.stable_code(), "{error:?}");
    }
}

/// The papers that a token reaches, asked for by authorization code, whose answer says this beside what it has to.
fn reached(said: &Value) -> Vec<(String, Option<String>)> {
    let mut world = World::new();
    let mut json = issuer_json();
    let configurations = json["credential_configurations_supported"].as_object_mut().unwrap();
    let mut without = configurations["resident"].clone();
    without.as_object_mut().unwrap().shift_remove("scope");
    configurations.insert("without".to_owned(), without);
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    let resolved = world.resolve(world.code_offer(&["resident", "licence", "without"]));
    let (client, redirect) = (world.client(), Url::parse(REDIRECT).unwrap());
    let pushed = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
    let awaiting = world.drive(pushed).unwrap();
    let back = world.browse(awaiting.page(), true);
    let exchange = awaiting.receive(&back).unwrap();
    let answer = world.drive_altered(exchange, |request, response| {
        if request.url.path() != "/token" || response.status != 200 {
            return response;
        }
        let mut body = response.json().unwrap();
        body.as_object_mut().unwrap().shift_remove("authorization_details");
        body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        Response::of_json(200, &body)
    });
    let papers = answer.unwrap().papers().to_vec();
    papers.into_iter().map(|paper| (paper.configuration_id, paper.credential_identifier)).collect()
}

// rule: CI-10, HA-2
#[test]
fn a_token_of_narrower_scope_reaches_the_papers_of_that_scope_alone() {
    let plain = |ids: &[&str]| ids.iter().map(|id| ((*id).to_owned(), None)).collect::<Vec<_>>();
    let all = plain(&["resident", "licence", "without"]);
    for (said, papers) in [
        (json!({}), all.clone()),
        (json!({ "scope": "licence resident" }), all.clone()),
        (json!({ "scope": "licence" }), plain(&["licence", "without"])),
        (json!({ "scope": "openid resident" }), plain(&["resident", "without"])),
        // nothing of what was asked for, a part of a name, nothing at all, no text: the issuer is to judge
        (json!({ "scope": "openid" }), all.clone()),
        (json!({ "scope": "res licenc" }), all.clone()),
        (json!({ "scope": "" }), all.clone()),
        (json!({ "scope": ["licence"] }), all),
    ] {
        assert_eq!(reached(&said), papers, "{said}");
    }
    let details = json!([{
        "type": "openid_credential", "credential_configuration_id": "resident", "credential_identifiers": ["a"],
    }]);
    let said = json!({ "scope": "licence", "authorization_details": details });
    assert_eq!(reached(&said), [("resident".to_owned(), Some("a".to_owned()))], "what says more counts");
}
