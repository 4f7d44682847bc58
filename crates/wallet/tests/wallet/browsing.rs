//! The citizen's way over the issuer's page: until when the page may be opened, and how long they may take there.

use std::sync::Arc;

use openid4vci::issuer::{AccessToken, Granted, Inbound, ServerRefusal};
use primitives::Clock as _;
use primitives::http::{Request, Response};
use serde_json::json;
use url::form_urlencoded;
use wallet::view::*;

use crate::world::*;

/// How long the pushed request counts, in seconds.
const COUNTS: i64 = 5;

/// What the code of the page is redeemed for.
fn token(server: &mut Server, request: &Request) -> Result<Response, ServerRefusal> {
    let (inbound, now) = (Inbound::of(request), server.clock.now());
    let proof = server.gate.proof(&inbound, None, now, &entropy())?;
    let granted = Granted {
        subject: "p1".into(),
        configuration_ids: vec!["resident".into()],
        credential_identifiers: Vec::new(),
        client_id: Some("wallet".into()),
    };
    let (access, response) = AccessToken::issue(granted, &proof, DAY, &mut server.gate, now, &entropy())?;
    server.tokens.insert(access.key().to_owned(), access);
    Ok(response)
}

/// An issuer that has a page, on which a person needs so many seconds.
fn with_page(needs: i64) -> World {
    let world = World::bare(|profile| {
        profile["clients"] = json!([{ "server": ISSUER, "clientId": "wallet" }]);
    });
    world.wallet.initialize().unwrap();
    let server = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://garam.example/authorize",
        "token_endpoint": "https://garam.example/token",
        "pushed_authorization_request_endpoint": "https://garam.example/par",
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "response_types_supported": ["code"],
    });
    let net = Arc::downgrade(&world.net);
    world.net.hook(move |request| match request.url.path() {
        "/.well-known/oauth-authorization-server/desk" => Act::Answer(Response::of_json(200, &server)),
        "/par" => Act::Answer(Response::of_json(
            201,
            &json!({ "request_uri": "urn:ietf:params:oauth:request_uri:1", "expires_in": COUNTS }),
        )),
        "/token" => {
            let net = net.upgrade().unwrap();
            let mut server = net.server.lock().unwrap();
            Act::Answer(token(&mut server, request).unwrap_or_else(|refusal| refusal.to_response()))
        }
        _ => Act::Pass,
    });
    let (net, clock) = (Arc::downgrade(&world.net), Arc::clone(&world.clock));
    *world.pages.way_back.lock().unwrap() = Some(Arc::new(move || {
        clock.advance(needs);
        let net = net.upgrade().unwrap();
        let log = net.log.lock().unwrap();
        let pushed = log.iter().find(|request| request.url.path() == "/par").unwrap();
        let mut fields = form_urlencoded::parse(&pushed.body);
        let state = fields.find(|(name, _)| name == "state").unwrap().1;
        let answer = [("code", "c"), ("state", &state), ("iss", ISSUER)];
        url::Url::parse_with_params(REDIRECT, answer).unwrap()
    }));
    world
}

/// Fetches a resident card over the page; so many seconds go by before the page would be opened.
fn fetched(world: &World, before: i64) -> Received {
    run(async {
        let ReceiveStarted::Offer(offer) = world.wallet.receive_start(&world.input(ISSUER)).await.unwrap()
        else {
            panic!("refused")
        };
        world.wallet.receive_choose(&offer.session_id, &["resident".to_owned()]).unwrap();
        let clock = Arc::clone(&world.clock);
        let progress = move |progress: Progress| {
            if progress.step == ProgressStep::Browser {
                clock.advance(before);
            }
        };
        world.wallet.receive_continue(&offer.session_id, None, &progress).await.unwrap()
    })
}

// rule: CI-8
#[test]
fn the_pushed_requests_end_bounds_the_opening_of_the_page_and_not_the_persons_time_on_it() {
    let world = with_page(120);
    let received = fetched(&world, COUNTS - 1);
    let Received::Done { papers, .. } = received else { panic!("not received") };
    assert_eq!((papers.len(), world.all().len()), (1, 1));
    assert_eq!(world.pages.opened.lock().unwrap().len(), 1);
}

// rule: CI-8
#[test]
fn a_page_whose_pushed_request_has_ended_is_not_opened() {
    let world = with_page(1);
    let Received::Refusal(refusal) = fetched(&world, COUNTS) else { panic!("not refused") };
    assert_eq!(refusal.code, "page_timed_out");
    assert!(world.pages.opened.lock().unwrap().is_empty());
    assert_eq!(world.net.calls("/token"), 0);
}
