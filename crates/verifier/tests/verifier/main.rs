//! The desk from outside: over real HTTP, before a screen, from the command line; honest wallets and those that are not (docs/verifier.md).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    unreachable_pub,
    missing_docs
)]

mod confirmed;
mod door;
mod doors;
mod offline;
mod offline_attacks;
mod offline_damage;
mod offline_lists;
mod offline_own;
mod offline_questions;
mod offline_verdicts;
mod offline_withdrawn;
mod program;
mod refused;
#[path = "../../../host/tests/support/scene.rs"]
mod scene;
mod screen_doors;
mod screen_words;
mod served;
mod status;
mod support;
mod wallet;
