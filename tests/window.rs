//! Journeys in the real window: the program as it is shipped, a real keyring, a real display, the demo government on loopback.
//!
//! The page must be built (`npm ci && npm run build` in `ui/`) and inside the program (`--features custom-protocol`).
//! Pictures of the steps lie in `artefacts/window`.

#![cfg(all(target_os = "linux", feature = "custom-protocol"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    unreachable_pub,
    missing_docs
)]

#[path = "window/approving.rs"]
mod approving;
#[path = "window/bench.rs"]
mod bench;
#[allow(dead_code, reason = "the verifier's own journeys use the rest")]
#[path = "../crates/verifier/tests/browser/browser.rs"]
mod browser;
#[path = "window/camera_rate.rs"]
mod camera_rate;
#[path = "window/checking.rs"]
mod checking;
#[path = "window/desk_page.rs"]
mod desk_page;
#[path = "window/elsewhere.rs"]
mod elsewhere;
#[path = "window/links.rs"]
mod links;
#[path = "window/lock.rs"]
mod lock;
#[path = "window/look.rs"]
mod look;
#[path = "window/papers.rs"]
mod papers;
#[path = "window/person.rs"]
mod person;
#[path = "window/presenting.rs"]
mod presenting;
#[path = "window/queueing.rs"]
mod queueing;
#[path = "window/renewing.rs"]
mod renewing;
#[path = "../crates/host/tests/support/scene.rs"]
mod scene;
#[path = "window/several.rs"]
mod several;
#[path = "window/showing.rs"]
mod showing;
#[path = "window/start.rs"]
mod start;
