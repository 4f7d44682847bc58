//! The Digital Credentials Query Language (OpenID4VP 1.0 sections 6 and 7): validation and a pure solver.
//!
//! A query goes through three types. [`WireQuery`] is what travels; [`Query`] is what passed every rule of VP-D1 and is bounded
//! ([`limits`]); [`solve`] puts a `Query` and the wallet's [`Holding`]s together into a [`Solution`], the choices that a person
//! can make. What the person chose is a [`Selection`], and [`select`] turns it into the exact list of what is sent, or says why
//! it is not an answer. Nothing here knows a network, a clock or a key.

mod error;
mod holding;
pub mod limits;
mod query;
mod select;
mod solve;
mod wire;

pub use error::{QueryError, SelectionError};
pub use holding::{CredentialType, Holding};
pub use query::{
    Authority, ClaimMatch, ClaimQuery, CredentialQuery, CredentialSetQuery, Format, Identifier, Query,
    TypeConstraint,
};
pub use select::{Disclosure, Pick, Selection, select};
pub use solve::{Candidate, Found, QueryCandidates, SetChoice, SetOption, Solution, solve};
pub use wire::{WireAuthority, WireClaim, WireCredential, WireCredentialSet, WireQuery};
