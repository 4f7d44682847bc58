//! SD-JWT VCs: the specifications' examples, each step of verifying, and the step left out (docs/rules/{SJ,SV}.md).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs
)]

mod common;
mod credential;
mod issuing;
mod presentation;
mod processing;
mod properties;
mod specification_examples;
mod type_metadata;
mod vectors;
