//! Each verification step of this room, and the step left out (docs/rules/{PK,ST,TL}.md).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod anchors;
mod bounds;
mod certificates;
mod chains;
mod name_constraints;
mod people;
mod registrations;
mod renewed_roots;
mod round_trips;
mod status_lists;
mod trust_lists;
mod vectors;
