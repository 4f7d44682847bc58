#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use verifier::offline::{Grade, TimePolicy};

use super::*;
use crate::{Options, ProfileChoice, Reach, SecretStoreChoice, launch};

async fn launched(folder: &std::path::Path) -> crate::Launched {
    let launched = launch(Options {
        data: Some(folder.join("wallet")),
        profile: Some(ProfileChoice::Demo),
        secret_store: SecretStoreChoice::File,
        reach: Reach::OtherSides,
        government_folder: Some(folder.join("government")),
        pages: None,
    })
    .await
    .unwrap();
    launched.initialize().unwrap();
    launched.wallet.update_trust_list().await.unwrap();
    launched
}

// rule: OQ-32
#[tokio::test(flavor = "multi_thread")]
async fn the_desk_knows_the_latest_signed_time_of_lists_that_nobody_read_yet() {
    let folder = tempfile::tempdir().unwrap();
    let launched = launched(folder.path()).await;
    let lists = WalletLists::new(Arc::clone(&launched.wallet));
    assert_eq!(lists.status_dates(), []);
    assert!(lists.latest_signed().is_some());
    assert_eq!(lists.latest_signed(), launched.wallet.latest_signed_time());
}

// rule: OQ-31
#[tokio::test(flavor = "multi_thread")]
async fn a_trust_list_past_its_own_end_is_too_old_for_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    let launched = launched(folder.path()).await;
    let lists = WalletLists::new(Arc::clone(&launched.wallet));
    let dates = lists.trust().trust_list.unwrap();
    let ends = dates.next_update.unwrap();
    // Whatever the desk's own bound: the list's own end counts.
    let policy = TimePolicy { trust_list: i64::MAX, ..TimePolicy::default() };
    let grade = |now| policy.trust_list(dates.issued_at, dates.next_update, now).grade;
    assert!(dates.issued_at < ends);
    assert_eq!((grade(ends - 1), grade(ends)), (Grade::Green, Grade::Red));
}
