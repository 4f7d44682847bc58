//! The holder's side: a link becomes a request of somebody, and a person's selection its answer.
//!
//! [`Invocation`] → ([`FetchRequestObject`]) → [`UnauthenticatedRequest`] → [`AuthenticatedRequest`] → [`PreparedResponse`] or a refusal →
//! [`Answer`]. Before [`AuthenticatedRequest`] there is nothing that could be sent to the verifier but the fetch of the request itself.

mod attestation;
mod authenticate;
mod dc_api;
mod did;
mod error;
mod invocation;
mod known;
mod over_asking;
mod parameters;
mod registered;
mod request;
mod resolve;
mod response;
mod screen;
mod signature;

pub use dc_api::UnauthenticatedDcApiRequest;
pub use error::{AnswerError, AttestationFault, KeySource, RequestError, RespondError, UnsupportedPrefix};
pub use invocation::{FetchRequestObject, Invocation, Next, Policy, Unauthenticated, UnauthenticatedRequest};
pub use known::{Attester, AttesterKeys, KnownClient, KnownClientError, KnownDid, KnownVerifiers};
pub use over_asking::OverAsked;
pub use request::{AuthenticatedRequest, Authentication, Client, Objection};
pub use resolve::{FetchDidDocument, Resolution};
pub use response::{Answer, Copy, Delivery, PreparedResponse};
pub use screen::{ScreenAnswer, ScreenRecipient, ScreenRequest};
pub use signature::RequestTrust;

pub(crate) use authenticate::STATIC_DISCOVERY_AUDIENCE;
pub(crate) use invocation::REQUEST_OBJECT_TYPE;
