//! The desk's page in a headless browser, before a wallet's screen and without a camera. A program of its own: nothing else may take the
//! processor from the browser's camera.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    unreachable_pub,
    missing_docs
)]

mod browser;
#[path = "../verifier/offline.rs"]
mod offline;
mod page;
#[path = "../../../host/tests/support/scene.rs"]
mod scene;
#[path = "../verifier/served.rs"]
mod served;
mod still;
#[path = "../verifier/wallet.rs"]
mod wallet;

/// One browser at a time: two would share what little a test computer has.
static ONE_BROWSER: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
