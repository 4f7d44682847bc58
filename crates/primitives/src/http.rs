//! HTTP as values: what a protocol crate asks for and what the `Http` port answers. No I/O here.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::json::{self, JsonError};
use crate::{Blame, Left, Refusal};

/// How many bytes an answer's body may have unless the request says otherwise: 1 MiB.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 1024 * 1024;
/// How long a request may take, connection included, unless it says otherwise: 15 seconds.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
/// The media type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The methods the protocols use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl Method {
    /// The method's name on the wire, as `htm` of a DPoP proof also has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request to send. Its `Debug` shows method, scheme, host and sizes only: paths, headers and bodies carry tokens and claims.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The address, query included.
    pub url: Url,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty for `GET`.
    pub body: Vec<u8>,
    /// The most bytes of the answer's body, after any decoding.
    pub max_response_bytes: usize,
    /// The most time until the answer is read whole.
    pub timeout: Duration,
    /// The party that named the address; `None`: the person opened it, or the profile names it. Only a party that is itself on
    /// loopback may name loopback.
    pub party: Option<Url>,
}

impl Request {
    /// A `GET` with the default bounds.
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// A `POST` with an empty body.
    pub fn post(url: Url) -> Self {
        Self::new(Method::Post, url)
    }

    /// A `POST` of `application/x-www-form-urlencoded`.
    pub fn post_form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(url).with_body(FORM, body.into_bytes())
    }

    /// A `POST` of `application/json`.
    pub fn post_json(url: Url, body: &Value) -> Self {
        Self::post(url).with_body("application/json", body.to_string().into_bytes())
    }

    /// The request with one more header; an earlier one of that name is replaced.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The request with this body and its content type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.with_header("content-type", content_type)
    }

    /// The request with another bound for the answer's body.
    #[must_use]
    pub fn with_max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// The request with another time limit.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The request to an address that this party named.
    #[must_use]
    pub fn named_by(mut self, party: &Url) -> Self {
        self.party = Some(party.clone());
        self
    }

    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            timeout: DEFAULT_TIMEOUT,
            party: None,
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("scheme", &self.url.scheme())
            .field("host", &self.url.host_str())
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// An answer, read whole. Its `Debug` shows the status and sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body, within the request's bound.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without headers.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// An answer of `application/json`.
    pub fn of_json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string()).with_header("content-type", "application/json")
    }

    /// The answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// All headers of that name, whatever its case.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(present, _)| present.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The media type of the body in lower case without its parameters (`application/json` of `Application/JSON; charset=utf-8`).
    pub fn content_type(&self) -> Option<String> {
        self.header("content-type").map(essence)
    }

    /// The body as strict JSON ([`json::parse_strict`]).
    ///
    /// # Errors
    /// See [`JsonError`].
    pub fn json(&self) -> Result<Value, JsonError> {
        json::parse_strict(&self.body, self.body.len())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The essence of a media type: lower case, without parameters (RFC 9110 section 8.3.1).
pub fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(present, _)| present.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Why a request brought no answer. A status such as 404 is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HttpError {
    /// The scheme, host, port or a resolved address is not allowed in this profile; nothing was sent.
    #[error("the address is not allowed")]
    AddressRefused,
    /// No TLS connection with a certificate we accept; nothing was sent.
    #[error("the connection could not be secured")]
    Tls,
    /// The time limit passed.
    #[error("the other side took too long")]
    Timeout,
    /// The answer is larger than the request allows.
    #[error("the answer is too large")]
    TooLarge,
    /// No connection was made: no network, or nobody there; nothing was sent.
    #[error("there is no connection")]
    Unreachable,
    /// The connection broke.
    #[error("the connection failed")]
    Connection,
    /// The other side wants to redirect; redirects are not followed.
    #[error("the other side redirects")]
    RedirectRefused,
    /// The caller stopped it.
    #[error("the request was cancelled")]
    Cancelled,
}

impl Refusal for HttpError {
    fn code(&self) -> &'static str {
        match self {
            Self::AddressRefused => "http_address_refused",
            Self::Tls => "http_tls",
            Self::Timeout => "http_timeout",
            Self::TooLarge => "http_answer_too_large",
            // One sentence for both: what to do about it is the same.
            Self::Unreachable | Self::Connection => "http_connection",
            Self::RedirectRefused => "http_redirect_refused",
            Self::Cancelled => "http_cancelled",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Cancelled => Blame::You,
            _ => Blame::Network,
        }
    }

    fn left(&self) -> Left {
        match self {
            // All are decided before the first byte of the request.
            Self::AddressRefused | Self::Tls | Self::Unreachable => Left::Nothing,
            Self::Timeout | Self::TooLarge | Self::Connection | Self::RedirectRefused | Self::Cancelled => {
                Left::Something
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Url {
        Url::parse("https://issuer.example/token?code=secret").unwrap()
    }

    #[test]
    fn a_form_is_encoded_and_typed() {
        let request = Request::post_form(address(), [("code", "a b&c"), ("tx_code", "시민")]);
        assert_eq!(request.body, b"code=a+b%26c&tx_code=%EC%8B%9C%EB%AF%BC");
        assert_eq!(request.header("Content-Type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.method.as_str(), "POST");
    }

    #[test]
    fn a_header_is_found_whatever_its_case_and_replaced_once() {
        let request = Request::get(address()).with_header("Accept", "a/b").with_header("accept", "c/d");
        assert_eq!(request.headers.len(), 1);
        assert_eq!(request.header("ACCEPT"), Some("c/d"));
    }

    #[test]
    fn a_content_type_is_compared_by_its_essence() {
        let response =
            Response::new(200, "{}").with_header("Content-Type", "Application/JSON; charset=utf-8");
        assert_eq!(response.content_type().as_deref(), Some("application/json"));
        assert!(response.is_success() && !Response::new(302, "").is_success());
    }

    #[test]
    fn debug_shows_no_path_header_or_body() {
        let request =
            Request::post_form(address(), [("code", "secret")]).with_header("authorization", "DPoP secret");
        let response = Response::new(200, "secret").with_header("dpop-nonce", "secret");
        assert!(!format!("{request:?} {response:?}").contains("secret"));
    }

    #[test]
    fn an_answer_with_a_repeated_member_is_refused() {
        assert_eq!(Response::new(200, r#"{"a":1,"a":2}"#).json(), Err(JsonError::DuplicateMember));
    }
}
