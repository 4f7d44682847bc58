//! Requests and answers as values: what every endpoint's answer must be before its body is read.
//!
//! Redirects from protocol endpoints are answers with an unexpected status and end the step ("How a wallet must behave", 10).

use primitives::http::{Request, Response};
use url::{Url, form_urlencoded};

use crate::oauth::OAuthError;
use crate::wire::{SMALL_ANSWER_MAX_BYTES, WireError};

/// Why an answer is not the one that the protocol has at this place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// A status that has no meaning here, redirects included.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// Another media type than the one that this answer must have.
    #[error("the answer has the wrong media type")]
    MediaType,
    /// The body is not the message that it should be.
    #[error("the answer is malformed: {0}")]
    Malformed(#[from] WireError),
    /// The server refused and said why.
    #[error("the server refused the request: {0}")]
    Refused(OAuthError),
}

impl AnswerError {
    /// The stable code of this answer.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Status(_) => "server_status_unexpected",
            Self::MediaType => "server_media_type_wrong",
            Self::Malformed(_) => "server_answer_malformed",
            Self::Refused(error) => error.code.stable_code(),
        }
    }
}

pub(crate) fn get(url: &Url, accept: &str, max: usize) -> Request {
    Request::get(url.clone()).with_header("accept", accept).with_max_response_bytes(max)
}

pub(crate) fn post_empty(url: &Url) -> Request {
    Request::post(url.clone())
        .with_header("accept", "application/json")
        .with_max_response_bytes(SMALL_ANSWER_MAX_BYTES)
}

pub(crate) fn post_form(url: &Url, fields: &[(&str, &str)]) -> Request {
    Request::post_form(url.clone(), fields.iter().copied())
        .with_header("accept", "application/json")
        .with_max_response_bytes(SMALL_ANSWER_MAX_BYTES)
}

/// A form with these fields added at its end.
pub(crate) fn with_fields(mut request: Request, fields: &[(&str, &str)]) -> Request {
    let mut added = form_urlencoded::Serializer::new(String::new());
    added.extend_pairs(fields);
    request.body.push(b'&');
    request.body.extend_from_slice(added.finish().as_bytes());
    request
}

pub(crate) fn expect_status(response: &Response, status: u16) -> Result<(), AnswerError> {
    if response.status == status { Ok(()) } else { Err(AnswerError::Status(response.status)) }
}

pub(crate) fn expect_media_type(response: &Response, media_type: &str) -> Result<(), AnswerError> {
    if response.content_type().as_deref() == Some(media_type) { Ok(()) } else { Err(AnswerError::MediaType) }
}

/// The value of a header field that stands exactly once.
pub(crate) fn single_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let value = values.next()?;
    values.next().is_none().then_some(value.1.as_str())
}

/// An uncacheable JSON answer, as every endpoint with tokens, nonces or credentials gives it.
pub(crate) fn json_answer(status: u16, body: &serde_json::Value) -> Response {
    Response::of_json(status, body).with_header("cache-control", "no-store")
}
