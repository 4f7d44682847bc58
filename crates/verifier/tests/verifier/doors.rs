//! The doors: who may see a verdict and how often, how much and how many, which host.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::*;
use primitives::{Blame, Refusal as _};
use trust::AnchorStore;
use trust::status::FreshnessPolicy;
use verifier::{CreateError, Created, Desk, Identity, Limits, Outcome, RedeemError, StatusChecker};

// rule: VP-S2
#[tokio::test]
async fn a_response_code_is_redeemed_once_and_by_the_browser_that_began() {
    let world = World::new().await;
    let mut browser = world.begin().await;
    let link = browser.link().await;
    let page = redirect(&world.answer(&link).await).unwrap();
    let plain = url::Url::parse(page.as_str().split('?').next().unwrap()).unwrap();
    assert_eq!(browser.get(&plain).await.status, 403, "without the code");
    let mut wrong = plain.clone();
    wrong.query_pairs_mut().append_pair("response_code", "wrong");
    assert_eq!(browser.get(&wrong).await.status, 403, "with another code");
    assert_eq!(browser.get(&browser.below("/verdict")).await.status, 403, "past the code");
    assert_eq!(browser.get(&page).await.status, 200);
    let again = browser.get(&page).await;
    assert_eq!(again.status, 410);
    assert!(!again.body.contains("길동"));
}

// rule: VP-S2
#[tokio::test]
async fn an_answer_led_to_another_browser_is_shown_to_neither() {
    let world = World::new().await;
    let mut attacker = world.begin().await;
    let link = attacker.link().await;
    let page = redirect(&world.answer(&link).await).unwrap();
    let mut victim = Browser::default();
    let shown = victim.get(&page).await;
    assert_eq!(shown.status, 403);
    assert!(shown.body.contains("desk_other_browser") && !shown.body.contains("길동"));
    let stolen = attacker.get(&page).await;
    assert_eq!(stolen.status, 410);
    assert!(!stolen.body.contains("길동"));
    // A stranger without the code ends nothing.
    let mut attacker = world.begin().await;
    let link = attacker.link().await;
    let page = redirect(&world.answer(&link).await).unwrap();
    let plain = url::Url::parse(page.as_str().split('?').next().unwrap()).unwrap();
    assert_eq!(victim.get(&plain).await.status, 403);
    assert_eq!(attacker.get(&page).await.status, 200);
}

#[tokio::test]
async fn another_browser_sees_neither_page_nor_state_nor_picture() {
    let world = World::new().await;
    let began = world.begin().await;
    let mut other = Browser::default();
    for (address, status) in [("", 403), ("/state", 403), ("/qr.svg", 404), ("/verdict", 403)] {
        let reply = other.get(&began.below(address)).await;
        assert_eq!(reply.status, status, "{address}");
        assert!(!reply.body.contains("openid4vp://"));
    }
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_from_other_sites() {
    let world = World::new().await;
    let pages = world.desk.settings().addresses.pages.clone();
    let reply = Browser::default().get(&pages).await;
    let cookies: Vec<&str> = reply
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        assert!(cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("; Path=/desk/"), "{cookie}");
    }
}

#[tokio::test]
async fn a_verdict_that_nobody_fetches_is_forgotten() {
    let world = World::new().await;
    let created = world.create();
    world.answer(&created.cross_device_link).await;
    assert_eq!(world.desk.summary(&created.id).unwrap().outcome, Outcome::Confirmed);
    world.clock.advance(30);
    let late = world.desk.redeem(&created.id, Some(&created.browser), None);
    assert_eq!(late.err(), Some(RedeemError::AlreadyShown));
    assert_eq!(world.desk.summary(&created.id).unwrap().outcome, Outcome::Confirmed);
}

#[tokio::test]
async fn sessions_are_bounded_in_number_and_end_in_time() {
    let world = World::with(|settings| settings.limits = Limits { sessions: 3, ..Limits::default() }).await;
    for _ in 0..3 {
        let created = world.create();
        world.receive(&created.link).await.unwrap();
    }
    assert_eq!(world.desk.create().err(), Some(CreateError::Full));
    let pages = world.desk.settings().addresses.pages.clone();
    let reply = Browser::default().get(&pages).await;
    assert_eq!(reply.status, 503);
    assert!(reply.body.contains("desk_full"));
    world.clock.advance(300 + 30 + 60);
    world.create();
    assert_eq!(world.desk.session_count(), 1);
}

#[tokio::test]
async fn who_waits_longest_for_a_wallet_makes_room() {
    let world = World::with(|settings| settings.limits = Limits { sessions: 3, ..Limits::default() }).await;
    let began = async |fetched: bool| {
        let created = world.create();
        world.clock.advance(1);
        if fetched {
            world.receive(&created.link).await.unwrap();
        }
        created
    };
    let (first, second, third) = (began(true).await, began(false).await, began(false).await);
    let fourth = began(true).await;
    let is_open = |created: &Created| world.desk.progress(&created.id, Some(&created.browser)).is_ok();
    assert_eq!([&first, &second, &third, &fourth].map(is_open), [true, false, true, true]);
    assert_eq!(world.desk.session_count(), 3);
    // Of who left nothing is left: neither its links nor its requests.
    assert!(
        world.receive(&second.link).await.is_err() && world.receive(&second.cross_device_link).await.is_err()
    );
    assert_eq!(world.answer(&third.cross_device_link).await.status, 200);
    assert_eq!(world.desk.create().err(), Some(CreateError::Full));

    // A request in the link itself is read without anybody seeing it.
    let world = World::with(|settings| {
        settings.limits = Limits { sessions: 1, ..Limits::default() };
        settings.identity = Identity::Unsigned;
    })
    .await;
    let only = world.create();
    assert_eq!(world.desk.create().err(), Some(CreateError::Full));
    assert_eq!(world.answer(&only.link).await.status, 200);
}

#[tokio::test]
async fn what_is_over_leaves_before_anybody_who_waits() {
    let world = World::with(|settings| settings.limits = Limits { sessions: 3, ..Limits::default() }).await;
    let is_known = |created: &Created| world.desk.progress(&created.id, Some(&created.browser)).is_ok();
    let (waits, fetched, shown) = (world.create(), world.create(), world.create());
    world.receive(&fetched.link).await.unwrap();
    world.answer(&shown.cross_device_link).await;
    let verdict = || world.desk.redeem(&shown.id, Some(&shown.browser), None);
    world.clock.advance(1);
    // A verdict that nobody saw yet keeps its place.
    let fourth = world.create();
    assert_eq!([&waits, &fetched, &shown, &fourth].map(is_known), [false, true, true, true]);
    assert!(verdict().is_ok());
    world.clock.advance(1);
    let fifth = world.create();
    assert_eq!([&fetched, &shown, &fourth, &fifth].map(is_known), [true, false, true, true]);
    // A request that nobody can answer any more goes, although a wallet fetched it.
    world.receive(&fourth.link).await.unwrap();
    world.receive(&fifth.link).await.unwrap();
    world.clock.advance(300 - 2);
    assert_eq!(world.desk.create().err(), Some(CreateError::Full), "it can be answered in its last second");
    world.clock.advance(1);
    let sixth = world.create();
    assert_eq!([&fetched, &fourth, &fifth, &sixth].map(is_known), [false, true, true, true]);

    // Where a wallet is not seen to come, what is over makes room all the same.
    let world = World::with(|settings| {
        settings.limits = Limits { sessions: 1, ..Limits::default() };
        settings.identity = Identity::Unsigned;
    })
    .await;
    let shown = world.create();
    world.answer(&shown.cross_device_link).await;
    assert_eq!(world.desk.create().err(), Some(CreateError::Full));
    world.desk.redeem(&shown.id, Some(&shown.browser), None).unwrap();
    let next = world.create();
    world.clock.advance(300);
    assert_eq!(world.desk.create().err(), Some(CreateError::Full));
    world.clock.advance(1);
    world.create();
    assert!(world.desk.progress(&next.id, Some(&next.browser)).is_err());
}

#[tokio::test]
async fn no_picture_and_no_form_of_another_site_begins_a_session() {
    let world = World::new().await;
    let pages = world.desk.settings().addresses.pages.clone();
    let sessions = pages.join("sessions").unwrap();
    let own = pages.origin().ascii_serialization();
    let (site, mode, dest) = ("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest");
    let send = async |method: &str, url: &url::Url, headers: &[(&str, &str)]| {
        Browser::default().send(method, url, headers).await.status
    };
    let pictures: [&[(&str, &str)]; 5] = [
        &[(site, "cross-site"), (mode, "no-cors"), (dest, "image")],
        &[(site, "same-site"), (mode, "no-cors"), (dest, "image")],
        &[(site, "cross-site"), (mode, "cors"), ("origin", "https://elsewhere.example")],
        &[(site, "cross-site"), (mode, "navigate"), (dest, "iframe")],
        &[("origin", "null")],
    ];
    for headers in pictures {
        assert_eq!(send("GET", &pages, headers).await, 403, "{headers:?}");
        assert_eq!(send("HEAD", &pages, headers).await, 403, "{headers:?}");
        assert_eq!(send("POST", &sessions, headers).await, 403, "{headers:?}");
    }
    let forms: [&[(&str, &str)]; 3] = [
        &[("origin", "https://elsewhere.example")],
        &[("origin", &own), (site, "cross-site"), (mode, "navigate"), (dest, "document")],
        &[(site, "cross-site"), (mode, "navigate"), (dest, "document")],
    ];
    for headers in forms {
        assert_eq!(send("POST", &sessions, headers).await, 403, "{headers:?}");
    }
    assert_eq!(world.desk.session_count(), 0);
    // An address bar, a link, a browser that says nothing, the desk's own page, and a program.
    assert_eq!(send("GET", &pages, &[(site, "none"), (mode, "navigate"), (dest, "document")]).await, 303);
    assert_eq!(
        send("GET", &pages, &[(site, "cross-site"), (mode, "navigate"), (dest, "document")]).await,
        303
    );
    assert_eq!(send("GET", &pages, &[]).await, 303);
    assert_eq!(
        send("POST", &sessions, &[("origin", &own), (site, "same-origin"), (mode, "cors")]).await,
        200
    );
    assert_eq!(send("POST", &sessions, &[]).await, 200);
    assert_eq!(world.desk.session_count(), 5);
}

#[tokio::test]
async fn what_is_to_be_approved_is_said_once_for_each_session_or_none_begins() {
    let world = World::new().await;
    let checker =
        StatusChecker::new(Arc::new(world.http.clone()), AnchorStore::new(), FreshnessPolicy::default());
    let told = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&told);
    let desk = Desk::new(
        world.desk.settings().clone(),
        checker,
        Arc::clone(&world.clock) as Arc<_>,
        Arc::new(crypto::SystemEntropy),
    )
    .with_approvals(Arc::new(move || (counted.fetch_add(1, Ordering::SeqCst) < 2).then(Vec::new)));
    for sessions in 1..=2 {
        desk.create().ok().unwrap();
        assert_eq!((told.load(Ordering::SeqCst), desk.session_count()), (sessions, sessions));
    }
    let error = desk.create().err().unwrap();
    assert_eq!(
        (error, error.code(), error.blame()),
        (CreateError::Approvals, "desk_approvals", Blame::Verifier)
    );
    assert_eq!(desk.session_count(), 2);
}

#[tokio::test]
async fn a_body_of_100_megabytes_is_refused_and_the_session_goes_on() {
    let world = World::new().await;
    let created = world.create();
    let request = world.receive(&created.cross_device_link).await.unwrap();
    let post = world.post(&request);
    let port = post.url.port().unwrap();
    let size = 100 * 1024 * 1024;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {size}\r\n\r\n",
        post.url.path()
    );
    let mut bytes = head.into_bytes();
    bytes.resize(bytes.len() + size, b'a');
    if let Some(reply) = exchange(port, bytes).await {
        assert_eq!(reply.status, 413);
    }
    use primitives::Http as _;
    assert_eq!(world.http.send(post).await.unwrap().status, 200);
    assert_eq!(world.desk.summary(&created.id).unwrap().outcome, Outcome::Confirmed);
}

#[tokio::test]
async fn only_a_form_is_read_and_only_this_host_is_served() {
    let world = World::new().await;
    let created = world.create();
    let request = world.receive(&created.cross_device_link).await.unwrap();
    let post = world.post(&request);
    use primitives::Http as _;
    let json = post.clone().with_header("content-type", "application/json");
    assert_eq!(world.http.send(json).await.unwrap().status, 415);
    let pages = world.desk.settings().addresses.pages.clone();
    let reply = Browser::default().send("GET", &pages, &[("host", "elsewhere.example")]).await;
    assert_eq!(reply.status, 421);
}

// rule: VP-R10
#[tokio::test]
async fn a_wallet_nonce_comes_back_and_a_second_one_is_refused() {
    let world = World::with(|settings| settings.request_by_post = true).await;
    let created = world.create();
    assert!(world.receive(&created.link).await.is_ok());
    let id = created.link.split("request%2F").nth(1).unwrap().split('&').next().unwrap();
    let object = world.desk.request_object(id, Some(b"wallet_nonce=abc")).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    assert_eq!(claims["wallet_nonce"], "abc");
    assert!(world.desk.request_object(id, Some(b"wallet_nonce=a&wallet_nonce=b")).is_err());
    assert!(world.desk.request_object("unknown", None).is_err());
}
