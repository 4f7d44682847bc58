//! The verifier's side: a query becomes a signed request, and a response what it proves.
//!
//! [`RequestBuilder`] → [`PreparedRequest`] (which answers fetches, with `wallet_nonce` or without, and makes links) → its
//! [`Session`] → [`Session::validate`] → [`Outcome`]. The session is what must be kept between the two; it holds the decryption key.

mod dc_api;
mod error;
mod presentation;
mod request;
mod screen;
mod union;
mod validate;

pub use dc_api::DcApiSigner;
pub use error::{BuildError, PresentationFault, ResponseError};
pub use presentation::presented_path;
pub use request::{
    ClientIdentity, DEFAULT_LIFETIME_SECONDS, PreparedRequest, RequestBuilder, RequestSigner, Session,
};
pub use validate::{Outcome, VerifiedAnswer, VerifiedPresentation};
