//! mdocs: structures, each step of verifying, and the step left out (docs/rules/MD.md).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs
)]

mod common;
mod device_response;
mod handover;
mod issuer_data;
mod issuing;
mod properties;
mod structures;
