//! Journeys of receiving, against the demo government in this process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use demo_government::GrantKind;
use support::browser::Person;
use support::*;
use wallet::view::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_card_a_notice_and_a_voucher_arrive_by_pre_authorized_code() {
    let stage = Stage::new().await;
    for offer in stage.government().all_offers("p1", PLAIN).await.unwrap() {
        match stage.receive(&offer, None).await {
            Received::Done { .. } => {}
            other => panic!("{}", said(&other)),
        }
    }
    let papers = stage.papers();
    for shelf in [Shelf::Id, Shelf::Notice, Shelf::Benefit] {
        assert!(papers.iter().any(|paper| paper.shelf == shelf), "{shelf:?}");
    }
    for paper in &papers {
        let page = stage.wallet().paper(&paper.id).unwrap();
        assert_eq!(page.trust.signature, SignatureState::Holds);
        assert!(page.trust.issuer_listed);
        assert_eq!(page.trust.status, StatusView::Valid, "{:?}", paper.name.ko);
        assert!(page.groups.iter().any(|group| !group.facts.is_empty()));
        assert_eq!(page.history.len(), 1);
    }
    let today = stage.wallet().today().unwrap();
    assert!(today.owner.is_some());
    stage.wallet().lock();
    // A header begins so; fewer letters may stand in ciphertext or in a certificate by chance.
    stage.nothing_on_disk_says(&[today.owner.unwrap().ko.unwrap().as_str(), "eyJhbGci"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_code_is_asked_for_and_a_wrong_one_may_be_typed_again() {
    let stage = Stage::new().await;
    let grant = GrantKind::PreAuthorized { tx_code: Some("493536".to_owned()) };
    let link = stage.offer("p1", &["p1-resident"], grant).await;
    let offer = stage.offered(&link).await;
    assert!(offer.tx_code.as_ref().is_some_and(|code| code.digits_only && code.length == Some(6)));
    let wallet = stage.wallet();
    let mut session = offer.session_id;
    for wrong in [None, Some("12"), Some("000000")] {
        match wallet.receive_continue(&session, wrong, &|_| ()).await.unwrap() {
            Received::TxCodeWrong { session_id } => session = session_id,
            other => panic!("{wrong:?}: {}", said(&other)),
        }
    }
    assert!(stage.papers().is_empty());
    match wallet.receive_continue(&session, Some("493536"), &|_| ()).await.unwrap() {
        Received::Done { papers, deferred, .. } => assert_eq!((papers.len(), deferred.len()), (1, 0)),
        other => panic!("{}", said(&other)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_code_goes_by_the_browser_and_comes_back() {
    let stage = Stage::new().await;
    let link = stage.offer("p1", &["p1-resident"], GrantKind::AuthorizationCode).await;
    assert_eq!(stage.offered(&link).await.grant, GrantView::AuthorizationCode);
    match stage.receive(&link, None).await {
        Received::Done { papers, .. } => assert_eq!(papers.len(), 1),
        other => panic!("{}", said(&other)),
    }
    let opened = stage.browser.opened();
    let parameters: Vec<String> = opened[0].query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(parameters, ["client_id", "request_uri"], "with PAR the page learns no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_in_the_browser_or_never_comes_back_has_nothing() {
    let stage = Stage::new().await;
    for (person, code) in [(Person::Refuses, "authorization_denied"), (Person::NeverComes, "page_timed_out")]
    {
        stage.browser.behave(person);
        let link = stage.offer("p1", &["p1-resident"], GrantKind::AuthorizationCode).await;
        let refusal = refused(stage.receive(&link, None).await);
        assert_eq!((refusal.code.as_str(), refusal.left), (code, false));
        assert!(stage.papers().is_empty());
    }
    stage.browser.behave(Person::Agrees);
    let link = stage.offer("p1", &["p1-resident"], GrantKind::AuthorizationCode).await;
    assert!(matches!(stage.receive(&link, None).await, Received::Done { .. }), "the wallet goes on");
}

// rule: CI-8
#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_shown_while_another_is_being_received_and_the_issuing_goes_on() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    stage.browser.behave(Person::Waits);
    let link = stage.offer("p1", &["p1-income"], GrantKind::AuthorizationCode).await;
    let offer = stage.offered(&link).await;
    let wallet = std::sync::Arc::clone(stage.wallet());
    let receiving =
        tokio::spawn(async move { wallet.receive_continue(&offer.session_id, None, &|_| ()).await });
    let page = loop {
        match stage.browser.opened().pop() {
            Some(page) if page.path().starts_with("/authorize/") => break page,
            _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    // The page in the browser asks for the card: the wallet shows it, and the browser goes on from there.
    let asked = stage.asked("v-store").await;
    let PresentStarted::Consent(consent) = stage.consent(&asked.link).await else { panic!("refused") };
    let sent = stage.wallet().present_send(&consent.session_id, &everything_required(&consent)).await;
    assert!(matches!(sent.unwrap(), PresentSent::Sent(_)));
    assert!(!receiving.is_finished(), "the issuing waits for the person");
    stage.browser.behave(Person::Agrees);
    stage.browser.consent(page).await;
    match receiving.await.unwrap().unwrap() {
        Received::Done { papers, .. } => assert_eq!(papers.len(), 1),
        other => panic!("{}", said(&other)),
    }
    assert_eq!(stage.papers().len(), 2);
    let kinds: Vec<HistoryKind> = stage.history().iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [HistoryKind::Received, HistoryKind::Presented, HistoryKind::Received]);
}

// rule: CI-1, CI-7
#[tokio::test(flavor = "multi_thread")]
async fn at_an_agencys_address_a_paper_is_chosen_and_comes_by_the_browser() {
    let stage = Stage::new().await;
    let link = stage.offer("p1", &["p1-resident"], GrantKind::AuthorizationCode).await;
    let issuer = format!("https://{}", {
        let host = stage.offered(&link).await.issuer.host;
        format!("{host}:{}", stage.government().addresses().https)
    });
    let offer = stage.offered(&issuer).await;
    assert!(offer.choose && offer.papers.len() > 1);
    let wanted = vec!["MobileResidentCard".to_owned()];
    stage.wallet().receive_choose(&offer.session_id, &wanted).unwrap();
    match stage.wallet().receive_continue(&offer.session_id, None, &|_| ()).await.unwrap() {
        Received::Done { papers, .. } => assert_eq!(papers.len(), 1),
        other => panic!("{}", said(&other)),
    }
}

// rule: CI-7, CI-8
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_issued_to_whom_the_card_shown_in_between_names_and_to_nobody_else() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    stage.browser.behave(Person::Waits);
    let link = stage.offer("p1", &["p1-income"], GrantKind::AuthorizationCode).await;
    let offered = stage.offered(&link).await;
    let issuer = format!("https://{}:{}", offered.issuer.host, stage.government().addresses().https);
    let offer = stage.offered(&issuer).await;
    let wanted = vec![offered.papers[0].configuration_id.clone()];
    stage.wallet().receive_choose(&offer.session_id, &wanted).unwrap();
    let (wallet, session) = (std::sync::Arc::clone(stage.wallet()), offer.session_id.clone());
    let receiving = tokio::spawn(async move { wallet.receive_continue(&session, None, &|_| ()).await });
    let page = loop {
        match stage.browser.opened().pop() {
            Some(page) if page.path().starts_with("/authorize/") => break page,
            _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    // No person can be chosen: the page hands the wallet a request.
    let shown = stage.browser.call("GET", &page, &[], "").await;
    assert!(!shown.body.contains("name=\"person\""), "{}", shown.body);
    let (_, link) = shown.body.split_once("href=\"openid4vp").expect("a link into the wallet");
    let link = format!("openid4vp{}", link.split('"').next().unwrap()).replace("&amp;", "&");
    let PresentStarted::Consent(consent) = stage.consent(&link).await else { panic!("refused") };
    let sent = stage.wallet().present_send(&consent.session_id, &everything_required(&consent)).await;
    assert!(matches!(sent.unwrap(), PresentSent::Sent(_)));
    // The wallet's answer leads the browser back; the page that asked goes on with the card's holder alone.
    let back = stage.browser.opened().pop().unwrap();
    assert!(back.path().starts_with("/identified/done/"), "{back}");
    let led = stage.browser.call("GET", &back, &[], "").await;
    assert_eq!((led.status, led.location.as_deref()), (303, Some(page.as_str())));
    let shown = stage.browser.call("GET", &page, &[], "").await;
    assert_eq!(shown.body.matches("name=\"person\"").count(), 1);
    assert!(shown.body.contains("name=\"person\" value=\"p1\""));
    stage.browser.behave(Person::Agrees);
    stage.browser.consent(page).await;
    match receiving.await.unwrap().unwrap() {
        Received::Done { papers, .. } => assert_eq!(papers.len(), 1),
        other => panic!("{}", said(&other)),
    }
    assert_eq!(stage.papers().len(), 2);
}

// rule: CI-13
#[tokio::test(flavor = "multi_thread")]
async fn copies_come_anew_from_the_agency_until_it_revokes_the_paper() {
    let stage = Stage::new().await;
    let paper = stage.hold("p1", &["p1-resident"]).await.remove(0);
    let before = stage.wallet().original(&paper.id).unwrap().text;
    match stage.wallet().renew_paper(&paper.id).await.unwrap() {
        Received::Done { papers, replaced, .. } => {
            assert_eq!((papers.len(), papers[0].id.as_str()), (1, paper.id.as_str()));
            assert!(replaced[0].changes.is_empty());
        }
        other => panic!("{}", said(&other)),
    }
    assert_ne!(stage.wallet().original(&paper.id).unwrap().text, before);
    assert_eq!(stage.papers().len(), 1);
    stage.government().revoke("p1-resident").await.unwrap();
    let refusal = refused(stage.wallet().renew_paper(&paper.id).await.unwrap());
    assert_eq!(refusal.rule.as_deref(), Some("CI-21"));
    assert_eq!(stage.papers().len(), 1, "what is there stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_in_both_forms_is_one_paper_with_copies_of_each() {
    let stage = Stage::new().await;
    let papers = stage.hold("p2", &["p2-license", "p2-license.mdoc"]).await;
    assert_eq!(papers.len(), 1);
    let page = stage.wallet().paper(&papers[0].id).unwrap();
    assert_eq!(page.trust.format, FormatView::Both);
    assert_eq!(page.trust.copies.total, 10, "a batch of five of each");
    assert_eq!(page.trust.copies.left, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_paper_is_kept_waiting_for_over_a_restart_and_comes() {
    let stage = Stage::new().await;
    let link = stage.offer("p4", &["p4-business"], PLAIN).await;
    match stage.receive(&link, None).await {
        Received::Done { papers, deferred, .. } => assert_eq!((papers.len(), deferred.len()), (0, 1)),
        other => panic!("{}", said(&other)),
    }
    let (came, waiting) = stage.wallet().poll_deferred().await.unwrap();
    assert_eq!((came.len(), waiting), (0, 1));
    stage.wallet().lock();
    stage.wallet().unlock(None).unwrap();
    // Whoever does not answer now is asked again.
    tokio::time::sleep(std::time::Duration::from_millis(3500)).await;
    stage.government().stop_service("nuri-nts").await.unwrap();
    let (came, waiting) = stage.wallet().poll_deferred().await.unwrap();
    assert_eq!((came.len(), waiting), (0, 1), "an issuer that is down has not said no");
    stage.government().start_service("nuri-nts").await.unwrap();
    for _ in 0..20 {
        let (came, waiting) = stage.wallet().poll_deferred().await.unwrap();
        if waiting == 0 {
            assert_eq!(came.len(), 1);
            assert_eq!(stage.papers().len(), 1);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    panic!("deferred for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_that_is_revoked_later_is_found_so_and_no_longer_presented() {
    let stage = Stage::new().await;
    let papers = stage.hold("p1", &["p1-resident"]).await;
    stage.hold("p1", &["p1-income"]).await;
    stage.government().revoke("p1-resident").await.unwrap();
    let result = stage.wallet().refresh().await.unwrap();
    assert_eq!(result.failed, 0);
    assert!(result.changed.iter().any(|paper| matches!(paper.state, PaperState::Revoked { .. })));
    let asked = stage.asked("v-store").await;
    let PresentStarted::Refusal(refusal) = stage.consent(&asked.link).await else { panic!("it was offered") };
    assert_eq!(refusal.code, "nothing_fits");
    // What is removed is gone, with a line that says so.
    let id = &papers[0].id;
    stage.wallet().remove_paper(id).await.unwrap();
    assert!(stage.wallet().paper(id).is_err());
    assert_eq!(stage.history()[0].kind, HistoryKind::Removed);
}
