//! From the government's offer to verified copies, over its real TLS listener.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use demo_government::{Bundle, GrantKind};
use openid4vci::holder::*;
use primitives::Refusal as _;
use support::*;

fn plain() -> GrantKind {
    GrantKind::PreAuthorized { tx_code: None }
}

fn with_code(code: &str) -> GrantKind {
    GrantKind::PreAuthorized { tx_code: Some(code.to_owned()) }
}

fn sd_jwt(copies: &ReceivedCopies) -> &sd_jwt_vc::VerifiedSdJwtVc {
    match copies.copies.as_slice()[0].credential() {
        VerifiedCredential::SdJwtVc(credential) => credential,
        VerifiedCredential::Mdoc(_) => panic!("an mdoc"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_card_in_five_copies_by_a_pre_authorized_code() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let link = government.offer("p1", Bundle::FirstCard, plain()).await.unwrap();
    let authorized = wallet.authorized(&link, None).await;
    let copies = wallet.collect(authorized, 5).await;
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].copies.as_slice().len(), 5);
    let card = sd_jwt(&copies[0]);
    assert_eq!(card.claims()["name"], "이도담");
    assert_eq!(card.claims()["ageOver19"], true);
    assert_eq!(card.claims()["address"]["sigungu"], "가람시");
    let places: std::collections::BTreeSet<u64> = copies[0]
        .copies
        .as_slice()
        .iter()
        .map(|copy| match copy.credential() {
            VerifiedCredential::SdJwtVc(credential) => credential.status().unwrap().index(),
            VerifiedCredential::Mdoc(_) => panic!("an mdoc"),
        })
        .collect();
    assert_eq!(places.len(), 5, "each copy has a place of its own");
    let notification = copies.into_iter().next().unwrap().notification.unwrap();
    wallet.drive(notification.notify(NotificationEvent::CredentialAccepted, None)).await.unwrap();
    government.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_code_is_tried_five_times_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let link = government.offer("p2", Bundle::FirstCard, with_code("4711")).await.unwrap();
    let resolved = wallet.resolve(&link).await;
    assert_eq!(resolved.transaction_code().unwrap().length, Some(4));
    for _ in 0..5 {
        let client = wallet.attested_client().await;
        let wrong = wallet.drive(resolved.clone().pre_authorized(client, &[], Some("0000")).unwrap()).await;
        assert!(wrong.is_err());
    }
    let client = wallet.attested_client().await;
    let late = wallet.drive(resolved.pre_authorized(client, &[], Some("4711")).unwrap()).await;
    assert_eq!(late.unwrap_err().code(), "transaction_code_wrong", "the right code comes too late");

    let link = government.offer("p2", Bundle::FirstCard, with_code("471100")).await.unwrap();
    let authorized = wallet.authorized(&link, Some("471100")).await;
    assert_eq!(wallet.collect(authorized, 1).await.len(), 1);
}
