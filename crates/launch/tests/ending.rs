//! How a program with a wallet ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;

use launch::{Options, ProfileChoice, Reach, SecretStoreChoice};

const PROFILE: &str = r#"{"version": 1, "name": {"ko": "시험", "en": "Test"}, "marking": "developer", "unauthenticatedVerifiers": "refuse"}"#;

/// The database is closed by who drops the wallet, not by a task of the runtime at some later time: a process that ends meanwhile
/// takes away what closing it needs.
#[cfg(unix)]
#[tokio::test]
async fn a_wallet_that_is_dropped_is_closed_at_once_though_others_could_ask_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile.json");
    std::fs::write(&profile, PROFILE).unwrap();
    let options = Options {
        data: Some(folder.path().join("data")),
        profile: Some(ProfileChoice::File(profile)),
        secret_store: SecretStoreChoice::File,
        reach: Reach::OtherSides,
        ..Options::default()
    };
    let launched = launch::launch(options).await.unwrap();
    launched.initialize().unwrap();
    let holder = launched.serve(|| ()).unwrap();
    let wallet = Arc::downgrade(&launched.wallet);
    assert!(wallet.upgrade().unwrap().is_unlocked());
    tokio::task::yield_now().await;
    drop(launched);
    drop(holder);
    assert!(wallet.upgrade().is_none());
}
