//! A card that an agency asks for while a certificate is being issued, as the wallet sees it: a no stays a no, and what another party asks for in between is
//! that party's. What an agency does with forged answers stands in `demo-government`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;

use demo_government::GrantKind;
use support::browser::Person;
use support::*;
use tokio::task::JoinHandle;
use url::Url;
use wallet::view::*;

/// A certificate that is being received from the agency's address: the receiving, its session and the page that waits.
struct Receiving {
    task: JoinHandle<Result<Received, wallet::WalletError>>,
    session: String,
    page: Url,
}

async fn receiving(stage: &Stage) -> Receiving {
    stage.browser.behave(Person::Waits);
    let link = stage.offer("p1", &["p1-income"], GrantKind::AuthorizationCode).await;
    let offered = stage.offered(&link).await;
    let issuer = format!("https://{}:{}", offered.issuer.host, stage.government().addresses().https);
    let offer = stage.offered(&issuer).await;
    let wanted = vec![offered.papers[0].configuration_id.clone()];
    stage.wallet().receive_choose(&offer.session_id, &wanted).unwrap();
    let (wallet, session) = (Arc::clone(stage.wallet()), offer.session_id.clone());
    let task = tokio::spawn(async move { wallet.receive_continue(&session, None, &|_| ()).await });
    let page = loop {
        match stage.browser.opened().pop() {
            Some(page) if page.path().starts_with("/authorize/") => break page,
            _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    Receiving { task, session: offer.session_id, page }
}

/// The link into the wallet on a page that has nobody to choose.
async fn link_of(stage: &Stage, page: &Url) -> String {
    let shown = stage.browser.call("GET", page, &[], "").await;
    assert!(shown.status == 200 && !shown.body.contains("name=\"person\""), "{}", shown.body);
    let (_, link) = shown.body.split_once("href=\"openid4vp").expect("a link into the wallet");
    format!("openid4vp{}", link.split('"').next().unwrap()).replace("&amp;", "&")
}

async fn consent_to(stage: &Stage, link: &str) -> Box<Consent> {
    match stage.consent(link).await {
        PresentStarted::Consent(consent) => consent,
        PresentStarted::Refusal(refusal) => panic!("{} {:?}", refusal.code, refusal.rule),
    }
}

/// The person gives up: nothing came, and nothing stays behind.
async fn given_up(stage: &Stage, receiving: Receiving) {
    assert!(!receiving.task.is_finished(), "the issuing waits for the card");
    stage.wallet().receive_cancel(&receiving.session);
    match receiving.task.await.unwrap().unwrap() {
        Received::Cancelled => {}
        other => panic!("{}", said(&other)),
    }
    assert_eq!(stage.papers().len(), 1, "the card, and no certificate");
}

// rule: CI-8, VP-S6
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_show_the_card_gets_no_certificate_and_nothing_left() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    for tell in [true, false] {
        let receiving = receiving(&stage).await;
        let consent = consent_to(&stage, &link_of(&stage, &receiving.page).await).await;
        let opened = stage.browser.opened().len();
        assert_eq!(stage.wallet().present_decline(&consent.session_id, tell).await.unwrap(), tell);
        let line = stage.history().remove(0);
        assert_eq!((line.kind, line.left, line.items.len()), (HistoryKind::Declined, false, 0));
        // Where the agency was told it leads the browser on, to nowhere.
        for back in stage.browser.opened().split_off(opened) {
            let led = stage.browser.call("GET", &back, &[], "").await;
            assert_eq!((led.status, led.location), (400, None));
        }
        link_of(&stage, &receiving.page).await;
        given_up(&stage, receiving).await;
    }
}

// rule: CI-8, VP-C4, VP-R7
#[tokio::test(flavor = "multi_thread")]
async fn what_another_party_asks_for_meanwhile_bears_its_own_name_and_moves_no_issuing() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let receiving = receiving(&stage).await;
    let agency = consent_to(&stage, &link_of(&stage, &receiving.page).await).await;
    // Under a name that its signature does not bear out.
    let forged = stage.asked("v-bad2").await;
    let PresentStarted::Refusal(refusal) = stage.consent(&forged.link).await else { panic!("believed") };
    assert_eq!((refusal.code.as_str(), refusal.left), ("request_signature_invalid", false));
    // Under its own: the person sees whose it is, and the agency learns nothing of it.
    let other = consent_to(&stage, &stage.asked("v-library").await.link).await;
    assert!(other.recipient.name != agency.recipient.name);
    let sent = stage.wallet().present_send(&other.session_id, &everything_required(&other)).await;
    assert!(matches!(sent.unwrap(), PresentSent::Sent(_)));
    let back = stage.browser.opened().pop().unwrap();
    assert!(!back.path().starts_with("/identified/"), "{back}");
    // Its way back is none at the agency either.
    let mut led = back.clone();
    led.set_path(&back.path().replace("/verifiers/v-library/done/", "/identified/done/"));
    assert_ne!(led, back);
    assert_eq!(stage.browser.call("GET", &led, &[], "").await.status, 400);
    link_of(&stage, &receiving.page).await;
    given_up(&stage, receiving).await;
}

// rule: CI-8, VP-R7
#[tokio::test(flavor = "multi_thread")]
async fn an_agencys_request_for_the_card_is_answered_once() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let receiving = receiving(&stage).await;
    let link = link_of(&stage, &receiving.page).await;
    let consent = consent_to(&stage, &link).await;
    let sent = stage.wallet().present_send(&consent.session_id, &everything_required(&consent)).await;
    assert!(matches!(sent.unwrap(), PresentSent::Sent(_)));
    let again = stage.wallet().present_send(&consent.session_id, &everything_required(&consent)).await;
    assert!(again.is_err(), "one yes, one answer");
    let PresentStarted::Refusal(refusal) = stage.consent(&link).await else { panic!("asked again") };
    assert!(!refusal.left, "{}", refusal.code);
    let sent = stage.history().iter().filter(|line| line.kind == HistoryKind::Presented).count();
    assert_eq!(sent, 1);
    // Another browser that is led there gets nobody's certificate.
    let stranger = support::browser::Browser::new();
    let back = stage.browser.opened().pop().unwrap();
    assert_eq!(stranger.call("GET", &back, &[], "").await.status, 400);
    link_of(&stage, &receiving.page).await;
    given_up(&stage, receiving).await;
}
