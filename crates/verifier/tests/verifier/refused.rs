//! Answers that prove nothing: each is refused by one step, and the citizen's claims are nowhere to be seen.

use crate::support::*;
use crypto::jws::{HeaderBuilder, UnverifiedJws};
use crypto::{PrivateKey, SystemEntropy};
use openid4vp::holder::{AuthenticatedRequest, Invocation, Next};
use primitives::Http as _;
use primitives::http::{Request, Response};
use serde_json::{Map, Value, json};
use trust::{AnchorStore, IssuerEntitlements, TrustAnchor};
use verifier::{Created, MAX_REJECTED, Outcome, RedeemError};

fn fields(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// The same post with some fields replaced.
fn with(request: &Request, changes: &[(&str, &str)]) -> Request {
    let mut fields = fields(request);
    for (name, value) in &mut fields {
        if let Some((_, new)) = changes.iter().find(|(changed, _)| changed == name) {
            *value = (*new).to_owned();
        }
    }
    let url = request.url.clone();
    Request::post_form(url, fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn error_code(response: &Response) -> String {
    assert_eq!(response.status, 400);
    response.json().unwrap()["error_code"].as_str().unwrap().to_owned()
}

fn verdict(world: &World, created: &Created) -> (Outcome, Vec<&'static str>) {
    let verdict = world.desk.redeem(&created.id, Some(&created.browser), None).ok().unwrap();
    if verdict.outcome != Outcome::Confirmed {
        assert!(verdict.answers.is_empty() && verdict.papers.is_empty());
    }
    (verdict.outcome, verdict.reasons.iter().map(|reason| reason.code).collect())
}

/// A post in the clear to a fresh session, with its presentation changed.
async fn changed(world: &World, change: impl Fn(&str) -> String) -> (Outcome, Vec<&'static str>) {
    let created = world.create();
    let request = world.receive(&created.cross_device_link).await.unwrap();
    let post = world.post(&request);
    let token = fields(&post).into_iter().find(|(name, _)| name == "vp_token").unwrap().1;
    let mut token: Value = serde_json::from_str(&token).unwrap();
    for list in token.as_object_mut().unwrap().values_mut() {
        let text = change(list[0].as_str().unwrap());
        list[0] = Value::String(text);
    }
    let post = with(&post, &[("vp_token", &token.to_string())]);
    assert_eq!(world.http.send(post).await.unwrap().status, 200);
    verdict(world, &created)
}

async fn in_the_clear() -> World {
    World::with(|settings| settings.encrypted = false).await
}

// rule: VP-H1
#[tokio::test]
async fn a_proof_for_another_nonce_is_not_confirmed() {
    let cases = [(card_query(), "key_binding_nonce_mismatch"), (mdoc_query(), "device_signature_invalid")];
    for (question, code) in cases {
        let world = World::with(|settings| {
            settings.encrypted = false;
            settings.question = question;
        })
        .await;
        let (first, second) = (world.create(), world.create());
        let old = world.post(&world.receive(&first.cross_device_link).await.unwrap());
        let new = world.post(&world.receive(&second.cross_device_link).await.unwrap());
        let token = fields(&old).into_iter().find(|(name, _)| name == "vp_token").unwrap().1;
        assert_eq!(world.http.send(with(&new, &[("vp_token", &token)])).await.unwrap().status, 200);
        assert_eq!(verdict(&world, &second), (Outcome::NotConfirmed, vec![code]));
    }
}

/// The desk's own request, changed and signed by `party`, as a wallet that trusts this party takes it.
async fn rewritten(
    world: &World,
    created: &Created,
    party: &Party,
    change: impl FnOnce(&mut Map<String, Value>),
) -> AuthenticatedRequest {
    let fetching =
        |link: &str| match Invocation::parse(link, &world.policy).unwrap().next(&SystemEntropy).unwrap() {
            Next::Fetch(fetch) => fetch,
            Next::Request(_) => panic!("nothing to fetch"),
        };
    let object = world.http.send(fetching(&created.cross_device_link).request().clone()).await.unwrap();
    let jws = UnverifiedJws::parse(std::str::from_utf8(&object.body).unwrap()).unwrap();
    let mut claims: Map<String, Value> = jws.dangerous_claims().unwrap();
    let client_id = party.hash_id();
    claims.insert("client_id".to_owned(), json!(client_id));
    change(&mut claims);
    let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&party.chain.to_der());
    let object = header.sign_claims(&claims, &party.key).unwrap();
    let link = format!("openid4vp://?client_id={client_id}&request_uri=http%3A%2F%2Flocalhost%3A1%2F");
    let response = Response::new(200, object).with_header("content-type", "application/oauth-authz-req+jwt");
    let request = fetching(&link).receive(&response).unwrap();
    knowing(party, |trust| request.authenticate(trust, world.now(), &world.policy)).unwrap()
}

// rule: VP-H1, VP-H3
#[tokio::test]
async fn a_proof_for_another_verifier_is_not_confirmed() {
    let cases = [(card_query(), "key_binding_audience_mismatch"), (mdoc_query(), "device_signature_invalid")];
    for (question, code) in cases {
        let world = World::with(|settings| settings.question = question).await;
        let created = world.create();
        // The man in the middle: the desk's own request under another verifier's name, answered to the desk.
        let middle = party("Middle", world.now()).make(&SystemEntropy);
        let request = rewritten(&world, &created, &middle, |_| {}).await;
        assert_eq!(world.http.send(world.post(&request)).await.unwrap().status, 200);
        assert_eq!(verdict(&world, &created), (Outcome::NotConfirmed, vec![code]));
    }
}

// rule: VP-H2
#[tokio::test]
async fn a_presentation_without_the_holders_proof_or_with_a_strangers_is_not_confirmed() {
    let world = in_the_clear().await;
    let bare = |text: &str| format!("{}~", text.rsplit_once('~').unwrap().0);
    assert_eq!(changed(&world, bare).await, (Outcome::NotConfirmed, vec!["key_binding_missing"]));

    let stranger = PrivateKey::generate(&SystemEntropy).unwrap();
    let resigned = |text: &str| {
        let (credential, proof) = text.rsplit_once('~').unwrap();
        let claims = UnverifiedJws::parse(proof).unwrap().dangerous_claims().unwrap();
        let proof = HeaderBuilder::new("kb+jwt").sign_claims(&claims, &stranger).unwrap();
        format!("{credential}~{proof}")
    };
    assert_eq!(
        changed(&world, resigned).await,
        (Outcome::NotConfirmed, vec!["key_binding_signature_invalid"])
    );
    assert_eq!(changed(&world, str::to_owned).await.0, Outcome::Confirmed);
}

#[tokio::test]
async fn a_disclosure_taken_out_or_put_in_is_not_confirmed() {
    let world = in_the_clear().await;
    let without = |text: &str| {
        let mut parts: Vec<&str> = text.split('~').collect();
        parts.remove(1);
        parts.join("~")
    };
    assert_eq!(changed(&world, without).await, (Outcome::NotConfirmed, vec!["key_binding_hash_mismatch"]));
    let forged = primitives::base64url::encode(br#"["salt","name","other"]"#);
    let with_forged = |text: &str| {
        let mut parts: Vec<&str> = text.split('~').collect();
        parts[1] = &forged;
        parts.join("~")
    };
    assert_eq!(changed(&world, with_forged).await.0, Outcome::NotConfirmed);
}

// rule: MD-27
#[tokio::test]
async fn an_mdoc_with_a_changed_byte_is_not_confirmed() {
    let world = World::with(|settings| {
        settings.encrypted = false;
        settings.question = mdoc_query();
    })
    .await;
    let (outcome, _) = changed(&world, |text| {
        let mut bytes = primitives::base64url::decode(text).unwrap();
        // The last bytes are the device's signature and what closes it.
        let at = bytes.len() - 20;
        bytes[at] ^= 1;
        primitives::base64url::encode(&bytes)
    })
    .await;
    assert_eq!(outcome, Outcome::NotConfirmed);
}

// rule: SV-7, MD-15
#[tokio::test]
async fn an_issuer_that_may_not_issue_this_is_not_confirmed() {
    let cases = [(card_query(), "sd_jwt_vc_issuer_not_entitled"), (mdoc_query(), "issuer_not_entitled")];
    for (question, code) in cases {
        let world = World::with(|settings| {
            settings.issuers = settings
                .issuers
                .iter()
                .map(|anchor| {
                    let none = IssuerEntitlements::types([]);
                    TrustAnchor::for_issuer(anchor.certificate().clone(), none).unwrap()
                })
                .collect();
            settings.question = question;
        })
        .await;
        let created = world.create();
        assert_eq!(world.answer(&created.cross_device_link).await.status, 200);
        assert_eq!(verdict(&world, &created), (Outcome::NotConfirmed, vec![code]));
    }
}

// rule: VP-S3
#[tokio::test]
async fn an_answer_in_the_clear_is_turned_away_and_the_right_one_still_counts() {
    let world = World::new().await;
    let created = world.create();
    let request = world.receive(&created.cross_device_link).await.unwrap();
    let right = world.post(&request);
    let clear = Request::post_form(right.url.clone(), [("vp_token", "{}"), ("state", "x")]);
    assert_eq!(error_code(&world.http.send(clear.clone()).await.unwrap()), "response_not_encrypted");
    let other_key = world.post(&world.receive(&created.link).await.unwrap());
    let other_key = Request { url: right.url.clone(), ..other_key };
    assert_eq!(error_code(&world.http.send(other_key).await.unwrap()), "response_decryption_failed");
    assert_eq!(world.http.send(right).await.unwrap().status, 200);
    assert_eq!(verdict(&world, &created).0, Outcome::Confirmed);

    let created = world.create();
    let request = world.receive(&created.cross_device_link).await.unwrap();
    for _ in 0..MAX_REJECTED {
        let clear = Request { url: world.post(&request).url, ..clear.clone() };
        world.http.send(clear).await.unwrap();
    }
    assert_eq!(world.http.send(world.post(&request)).await.unwrap().status, 400);
    assert_eq!(verdict(&world, &created), (Outcome::NotConfirmed, vec!["response_not_encrypted"]));
}

// rule: VP-R7
#[tokio::test]
async fn an_answer_of_another_session_or_sent_twice_is_turned_away() {
    let world = in_the_clear().await;
    let (first, second) = (world.create(), world.create());
    let post = world.post(&world.receive(&first.cross_device_link).await.unwrap());
    let elsewhere = world.post(&world.receive(&second.cross_device_link).await.unwrap()).url;
    let response = world.http.send(Request { url: elsewhere, ..post.clone() }).await.unwrap();
    assert_eq!(error_code(&response), "response_state_mismatch");
    assert_eq!(world.http.send(post.clone()).await.unwrap().status, 200);
    assert_eq!(error_code(&world.http.send(post.clone()).await.unwrap()), "desk_request_unknown");
    assert_eq!(verdict(&world, &first).0, Outcome::Confirmed);
    assert_eq!(error_code(&world.http.send(post).await.unwrap()), "desk_request_unknown");
    assert_eq!(
        world.desk.redeem(&first.id, Some(&first.browser), None).err(),
        Some(RedeemError::AlreadyShown)
    );
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let world = World::new().await;
    let created = world.create();
    let post = world.post(&world.receive(&created.link).await.unwrap());
    let (first, second) = tokio::join!(world.http.send(post.clone()), world.http.send(post));
    let mut statuses = [first.unwrap().status, second.unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

// rule: VP-S2
#[tokio::test]
async fn what_comes_too_late_is_turned_away() {
    let world = World::new().await;
    let created = world.create();
    let post = world.post(&world.receive(&created.cross_device_link).await.unwrap());
    world.clock.advance(301);
    assert_eq!(error_code(&world.http.send(post.clone()).await.unwrap()), "response_expired");
    assert!(world.receive(&created.cross_device_link).await.is_err());
    world.clock.advance(200);
    assert_eq!(error_code(&world.http.send(post).await.unwrap()), "desk_request_unknown");
    assert_eq!(world.desk.session_count(), 0);
}

// rule: VP-S5, VP-S6
#[tokio::test]
async fn a_wallet_that_declines_says_no_more_than_that() {
    let world = World::new().await;
    let mut browser = world.begin().await;
    let link = browser.link().await;
    let request = world.receive(&link).await.unwrap();
    let reply = world.http.send(request.decline(&SystemEntropy).into_post().unwrap()).await.unwrap();
    assert_eq!(reply.status, 200);
    let page = browser.get(&redirect(&reply).unwrap()).await;
    assert!(page.body.contains("낼 수 없음") && !page.body.contains("확인 안 됨"), "{}", page.body);
}

#[tokio::test]
async fn what_was_not_asked_for_is_dropped() {
    let world = World::new().await;
    let created = world.create();
    let more = json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
        "claims": [{ "path": ["name"] }, { "path": ["ageOver19"] }, { "path": ["birth"] }]
    }] });
    let request = rewritten(&world, &created, &world.party, |claims| {
        claims.insert("dcql_query".to_owned(), more);
    })
    .await;
    assert_eq!(world.http.send(world.post(&request)).await.unwrap().status, 200);
    let verdict = world.desk.redeem(&created.id, Some(&created.browser), None).ok().unwrap();
    assert_eq!(verdict.outcome, Outcome::Confirmed);
    let paths: Vec<String> = verdict.answers.iter().map(|answer| answer.path.to_string()).collect();
    assert_eq!(paths, [r#"["name"]"#, r#"["ageOver19"]"#]);
    assert_eq!(verdict.papers[0].not_asked, 1);
    assert!(!verdict.to_json().to_string().contains("1988"));
}

// rule: VP-D5
#[tokio::test]
async fn an_answer_with_less_than_was_asked_for_is_not_confirmed() {
    let world = World::new().await;
    let created = world.create();
    let less = json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }]
    }] });
    let request = rewritten(&world, &created, &world.party, |claims| {
        claims.insert("dcql_query".to_owned(), less);
    })
    .await;
    assert_eq!(world.http.send(world.post(&request)).await.unwrap().status, 200);
    assert_eq!(verdict(&world, &created), (Outcome::NotConfirmed, vec!["presentation_claims_missing"]));
}

// rule: SV-6, MD-13
#[tokio::test]
async fn an_issuer_that_nobody_named_is_not_confirmed() {
    for question in [card_query(), mdoc_query()] {
        let world = World::with(|settings| {
            settings.issuers = AnchorStore::new();
            settings.question = question;
        })
        .await;
        let created = world.create();
        assert_eq!(world.answer(&created.cross_device_link).await.status, 200);
        let (outcome, reasons) = verdict(&world, &created);
        assert_eq!(outcome, Outcome::NotConfirmed);
        assert!(reasons[0].contains("untrusted") || reasons[0] == "chain_anchor_unknown", "{reasons:?}");
    }
}

// rule: SJ-17, MD-22
#[tokio::test]
async fn a_paper_that_is_over_is_not_confirmed() {
    let cases = [(card_query(), "sd_jwt_expired"), (mdoc_query(), "mdoc_expired")];
    for (question, code) in cases {
        let world = World::with(|settings| settings.question = question).await;
        world.clock.advance(41 * 86_400);
        world.publish(trust::status::StatusState::Valid);
        let created = world.create();
        assert_eq!(world.answer(&created.cross_device_link).await.status, 200);
        assert_eq!(verdict(&world, &created), (Outcome::NotConfirmed, vec![code]));
    }
}
