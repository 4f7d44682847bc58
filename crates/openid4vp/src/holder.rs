//! The holder's side: a link becomes a request of somebody, and a person's selection its answer.
//!
//! [`Invocation`] → ([`FetchRequestObject`]) → [`UnauthenticatedRequest`] → [`AuthenticatedRequest`] → [`PreparedResponse`] or a refusal →
//! [`Answer`]. Before [`AuthenticatedRequest`] there is nothing that could be sent to the verifier but the fetch of the request itself.

mod authenticate;
mod error;
mod invocation;
mod over_asking;
mod parameters;
mod request;
mod response;

pub use authenticate::RequestTrust;
pub use error::{AnswerError, RequestError, RespondError, UnsupportedPrefix};
pub use invocation::{FetchRequestObject, Invocation, Next, Policy, Unauthenticated, UnauthenticatedRequest};
pub use over_asking::OverAsked;
pub use request::{AuthenticatedRequest, Client};
pub use response::{Answer, Copy, PreparedResponse};

pub(crate) use authenticate::STATIC_DISCOVERY_AUDIENCE;
pub(crate) use invocation::REQUEST_OBJECT_TYPE;
