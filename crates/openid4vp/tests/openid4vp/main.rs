//! OpenID4VP from both sides: the specification's examples, journeys, and what a hostile other side sends (docs/rules/VP.md).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs
)]

mod answer;
mod browser_clients;
mod clients;
mod dc_api;
mod dc_api_round_trip;
mod dcql_answers;
mod formats;
mod invocation;
mod registered_clients;
mod registration;
mod request;
mod response;
mod round_trip;
mod screen;
mod screen_requests;
mod specification_files;
mod support;
mod transaction;
mod unsigned;
mod vectors;
