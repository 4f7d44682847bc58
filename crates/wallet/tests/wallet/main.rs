//! The application in a small country in memory: every promise that it makes to a citizen, kept or refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    dead_code
)]

mod approving;
mod arriving;
mod asking;
mod between;
mod browsing;
mod calling;
mod deferring;
mod describing;
mod granting;
mod handed;
mod lists;
mod locking;
mod presenting;
mod proving;
mod querying;
mod queueing;
mod receiving;
mod refusing;
mod renewing;
mod replacing;
mod servers;
mod showing;
mod standing;
mod stating;
mod taking;
mod telling;
mod transactions;
mod trusting;
mod withdrawing;
mod working;
mod world;
