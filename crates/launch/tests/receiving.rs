//! Journeys of receiving, against the demo government in this process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

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
    stage.nothing_on_disk_says(&[today.owner.unwrap().ko.unwrap().as_str(), "eyJ"]);
}
