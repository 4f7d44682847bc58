//! What a wallet answers and the desk believes, over real HTTP: both formats, both ways, each kind of request.

use crate::support::*;
use serde_json::{Value, json};
use verifier::{Binding, Identity, Outcome};

// rule: VP-S2, HA-7
#[tokio::test]
async fn the_browser_that_began_sees_the_verdict_where_the_wallet_leads_it() {
    let world = World::new().await;
    let mut browser = world.begin().await;
    let link = browser.link().await;
    let reply = world.answer(&link).await;
    assert_eq!(reply.status, 200);
    let page = redirect(&reply).unwrap();
    assert_eq!(page.host_str(), Some("127.0.0.1"));

    let verdict = browser.get(&page).await;
    assert_eq!(verdict.status, 200, "{}", verdict.body);
    for text in [
        "확인됨",
        "‘아니요’인 답이 있습니다",
        "성명",
        "홍&lt;b&gt;길동",
        "아니요",
        "시연용",
        "가람시 &lt;도서관&gt;",
        "효력 유효",
    ] {
        assert!(verdict.body.contains(text), "{text} is missing in {}", verdict.body);
    }
    for text in ["1988-06-14", "물결로", "<b>길동", "받아도 됩니다"] {
        assert!(!verdict.body.contains(text), "{text} is in {}", verdict.body);
    }
    assert!(verdict.body.contains("이 브라우저에서 시작한 사람이 냈습니다"));
    assert!(verdict.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert_eq!(verdict.header("cache-control"), Some("no-store"));
}

// rule: VP-H1, VP-H2, VP-S3
#[tokio::test]
async fn an_sd_jwt_and_an_mdoc_are_confirmed_encrypted_and_not_signed_and_not() {
    for encrypted in [true, false] {
        for question in [card_query(), mdoc_query()] {
            for identity in ["hash", "name", "unsigned"] {
                for post in [false, true] {
                    let question = question.clone();
                    let world = World::with(|settings| {
                        settings.question = question;
                        settings.encrypted = encrypted;
                        settings.request_by_post = post;
                        let Identity::X509Hash { chain, signer } = settings.identity.clone() else { return };
                        settings.identity = match identity {
                            "hash" => Identity::X509Hash { chain, signer },
                            "name" => Identity::X509SanDns { name: HOST.to_owned(), chain, signer },
                            _ => Identity::Unsigned,
                        };
                    })
                    .await;
                    let created = world.create();
                    assert_eq!(
                        created.link.contains("request_uri_method=post"),
                        post && identity != "unsigned"
                    );
                    let reply = world.answer(&created.cross_device_link).await;
                    assert_eq!(reply.status, 200);
                    assert_eq!(redirect(&reply), None);
                    let verdict = world.desk.redeem(&created.id, Some(&created.browser), None).ok().unwrap();
                    assert_eq!(verdict.outcome, Outcome::Confirmed, "{identity} {encrypted}");
                    assert_eq!(verdict.binding, Binding::NotBound);
                    assert!(verdict.reasons.is_empty());
                    assert!(verdict.papers[0].holder_bound);
                    assert_eq!(verdict.papers[0].issuer, "Issuer");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_verdict_in_json_says_what_was_asked_and_when_the_list_was_signed() {
    let world = World::new().await;
    let created = world.create();
    world.answer(&created.cross_device_link).await;
    let verdict = world.desk.redeem(&created.id, Some(&created.browser), None).ok().unwrap();
    let json = verdict.to_json();
    assert_eq!(json["outcome"], "confirmed");
    assert_eq!(json["word"]["ko"], "확인됨");
    assert_eq!(json["binding"], "not_bound");
    assert_eq!(json["way"], "cross_device");
    let answers: Vec<(&Value, &Value)> =
        json["answers"].as_array().unwrap().iter().map(|one| (&one["path"], &one["value"])).collect();
    assert_eq!(answers, [(&json!(["name"]), &json!("홍<b>길동")), (&json!(["ageOver19"]), &json!(false))]);
    assert_eq!(json["papers"][0]["status"]["as_of"], world.now().to_rfc3339());
}

// rule: VP-D11
#[tokio::test]
async fn an_element_asked_for_by_its_place_is_shown_with_those_beside_which_it_came() {
    let shown = async |marks: Value, paths: Value| {
        let paths: Vec<Value> =
            paths.as_array().unwrap().iter().map(|path| json!({ "path": path })).collect();
        let question = query(json!({ "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": paths
        }] }));
        let mut world = World::with(|settings| settings.question = question).await;
        let mut claims = card_claims();
        claims["marks"] = marks;
        let papers = card_papers(claims, &world.status_uri, world.now());
        world.wallet = Wallet::of(&world.issuer, papers, world.now()).0;
        let created = world.create();
        world.answer(&created.cross_device_link).await;
        let verdict = world.desk.redeem(&created.id, Some(&created.browser), None).ok().unwrap();
        assert_eq!(verdict.outcome, Outcome::Confirmed);
        let told = |one: &verifier::Answer| (one.path.to_string(), one.value.clone(), one.caption.ko.clone());
        verdict.answers.iter().map(told).collect::<Vec<_>>()
    };
    let mark = |value: &str| {
        let path = r#"["marks",null]"#.to_owned();
        (path.clone(), json!(value), path)
    };
    // The first is kept back, the last cannot be: the second of three has moved up, and nobody says that C is the second.
    assert_eq!(shown(json!(["A", "B", "C"]), json!([["marks", 1]])).await, [mark("B"), mark("C")]);
    // Of two there is one left, and no second.
    assert_eq!(shown(json!(["A", "B"]), json!([["marks", 1]])).await, [mark("B")]);
    // Asked for by two places, each is shown once.
    let both = json!([["marks", 0], ["marks", 1]]);
    assert_eq!(shown(json!(["A", "B"]), both).await, [mark("A"), mark("B")]);
}

#[tokio::test]
async fn a_page_that_waits_learns_of_an_answer_from_another_device_and_says_that_it_is_not_bound() {
    let world = World::new().await;
    let mut browser = world.begin().await;
    let state = browser.below("/state");
    let stage = |reply: Reply| serde_json::from_str::<Value>(&reply.body).unwrap()["stage"].clone();
    assert_eq!(stage(browser.get(&state).await), "waiting");
    let id = browser.page.as_ref().unwrap().path_segments().unwrap().next_back().unwrap().to_owned();
    let picture = browser.get(&browser.below("/qr.svg")).await;
    assert!(picture.status == 200 && picture.body.contains("<svg"));

    let token = browser
        .cookies
        .iter()
        .find(|(name, _)| name.starts_with("desk_") && name != "desk_lang")
        .unwrap()
        .1
        .clone();
    let links = world.desk.links(&verifier::SessionId::named(&id), Some(&token)).unwrap();
    assert_ne!(links.0, links.1);
    let request = world.receive(&links.1).await.unwrap();
    assert_eq!(stage(browser.get(&state).await), "fetched");
    world_send(&world, &request).await;
    assert_eq!(stage(browser.get(&state).await), "answered");
    let verdict = browser.get(&browser.below("/verdict?lang=en")).await;
    assert!(
        verdict.body.contains("Confirmed") && verdict.body.contains("not bound to the person at the screen")
    );
    assert_eq!(browser.get(&browser.below("/verdict")).await.status, 410);
}

async fn world_send(world: &World, request: &openid4vp::holder::AuthenticatedRequest) {
    use primitives::Http as _;
    assert_eq!(world.http.send(world.post(request)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_program_begins_a_session_and_reads_the_verdict_as_json() {
    let world = World::new().await;
    let pages = world.desk.settings().addresses.pages.clone();
    let mut browser = Browser::default();
    let reply = browser.send("POST", &pages.join("sessions").unwrap(), &[]).await;
    let begun: Value = serde_json::from_str(&reply.body).unwrap();
    let reply = world.answer(begun["link"].as_str().unwrap()).await;
    let page = redirect(&reply).unwrap();
    let reply = browser.send("GET", &page, &[("accept", "application/json")]).await;
    let verdict: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((&verdict["outcome"], &verdict["binding"]), (&json!("confirmed"), &json!("same_browser")));
}
