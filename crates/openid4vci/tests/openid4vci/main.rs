//! OpenID4VCI from both sides: the specification's examples, journeys, and what a hostile other side sends (docs/rules/{CI,DP}.md).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs
)]

mod answers;
mod authorization;
mod client_assertion;
mod client_attestation;
mod common;
mod dpop;
mod encryption;
mod holder_dpop;
mod identifiers;
mod journeys;
mod key_attestation;
mod lifetimes_and_bounds;
mod offers_and_discovery;
mod proof_types;
mod properties;
mod refresh;
mod server_refusals;
mod servers;
mod specification_examples;
mod specification_shapes;
mod token_answers;
mod unbound;
mod vectors;
