//! The `Http` port on reqwest and rustls (design, "Network").
//!
//! Only https, plain http where the profile allows it on loopback. No redirects, no proxies, nothing from the environment, no
//! cookies, no decompression, one connection a request. The body is bounded while it streams; the whole request, and each
//! silence in it, are bounded in time. Addresses are checked when the host is an address and again when its name is resolved,
//! on the very addresses that are connected to.

mod address;
mod resolver;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use primitives::Http;
use primitives::http::{HttpError, Method, Request, Response};
use primitives::ports::BoxFuture;
use reqwest::redirect;
use url::Url;

pub use address::{AddressPolicy, LoopbackRule, PortSet, is_loopback_host, is_public};
pub use tls::{RootsError, TlsRoots};

use resolver::Resolver;

/// The longest silence while an answer is awaited or read, unless [`HttpClient::with_idle_limit`] says otherwise.
pub const DEFAULT_IDLE_LIMIT: Duration = Duration::from_secs(10);

/// The longest that a connection, with its TLS, is waited for.
const CONNECT_LIMIT: Duration = Duration::from_secs(8);

/// Most headers of an answer that are kept, a count; more is refused by the HTTP library.
const MAX_HEADERS: usize = 100;

/// The real client. Cheap to clone; needs a tokio runtime around its futures.
#[derive(Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    policy: Arc<AddressPolicy>,
    idle_limit: Duration,
}

/// Why there is no client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpClientError {
    /// The TLS roots.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// The TLS or HTTP library could not be set up.
    #[error("the HTTP client could not be set up")]
    Setup,
}

impl HttpClient {
    /// A client under this address policy that trusts these roots.
    ///
    /// # Errors
    /// See [`HttpClientError`].
    pub fn new(policy: AddressPolicy, roots: &TlsRoots) -> Result<Self, HttpClientError> {
        let policy = Arc::new(policy);
        let tls = tls::client_config(roots)?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Resolver::new(Arc::clone(&policy)))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // Sooner than the limit of silence: nothing was sent yet, and that is worth knowing.
            .connect_timeout(CONNECT_LIMIT)
            .no_proxy()
            .referer(false)
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            // Each request has its own connection: its address is checked, and nothing links two requests to one server.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| HttpClientError::Setup)?;
        Ok(Self { client, policy, idle_limit: DEFAULT_IDLE_LIMIT })
    }

    /// The client with another limit for silences.
    #[must_use]
    pub fn with_idle_limit(mut self, limit: Duration) -> Self {
        self.idle_limit = limit;
        self
    }

    /// The policy, for asking before something is shown or opened.
    #[must_use]
    pub fn policy(&self) -> &AddressPolicy {
        &self.policy
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        if !self.policy.may_name(request.party.as_ref(), &request.url) {
            return Err(HttpError::AddressRefused);
        }
        let timeout = request.timeout;
        match tokio::time::timeout(timeout, self.exchange_unbounded(request)).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::Timeout),
        }
    }

    async fn exchange_unbounded(&self, request: Request) -> Result<Response, HttpError> {
        let limit = request.max_response_bytes;
        let sent = self.client.execute(to_reqwest(request)?);
        let mut response = self.within_idle_limit(sent).await?.map_err(|error| classify(&error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(HttpError::RedirectRefused);
        }
        let headers = headers_of(response.headers())?;
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(HttpError::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(chunk) =
            self.within_idle_limit(response.chunk()).await?.map_err(|error| classify(&error))?
        {
            if chunk.len() > limit.saturating_sub(body.len()) {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status: status.as_u16(), headers, body })
    }

    async fn within_idle_limit<T>(&self, step: impl Future<Output = T>) -> Result<T, HttpError> {
        tokio::time::timeout(self.idle_limit, step).await.map_err(|_| HttpError::Timeout)
    }
}

impl Http for HttpClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.exchange(request))
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("HttpClient").field("policy", &self.policy).finish_non_exhaustive()
    }
}

fn to_reqwest(request: Request) -> Result<reqwest::Request, HttpError> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let mut out = reqwest::Request::new(method, without_fragment(request.url));
    for (name, value) in &request.headers {
        // A header that HTTP cannot carry came from somebody's metadata or token: refused before a byte leaves.
        let name = reqwest::header::HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| HttpError::AddressRefused)?;
        let value = reqwest::header::HeaderValue::from_str(value).map_err(|_| HttpError::AddressRefused)?;
        out.headers_mut().append(name, value);
    }
    if !request.body.is_empty() || request.method == Method::Post {
        *out.body_mut() = Some(request.body.into());
    }
    Ok(out)
}

/// A fragment is never sent.
fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

/// The answer's headers as text. One that is not text is left out: nothing of ours reads such a header.
fn headers_of(headers: &reqwest::header::HeaderMap) -> Result<Vec<(String, String)>, HttpError> {
    if headers.len() > MAX_HEADERS {
        return Err(HttpError::TooLarge);
    }
    Ok(headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect())
}

/// What an error of the HTTP library means. The order matters: a refused address and a TLS error both come as connect errors.
fn classify(error: &reqwest::Error) -> HttpError {
    if caused_by::<resolver::AddressesRefused>(error) {
        HttpError::AddressRefused
    } else if error.is_connect() && caused_by::<rustls::Error>(error) {
        HttpError::Tls
    } else if error.is_connect() {
        HttpError::Unreachable
    } else if error.is_timeout() {
        HttpError::Timeout
    } else {
        HttpError::Connection
    }
}

/// Whether an error of this type is among the causes. An I/O error hides what it wraps from `source()` and may wrap another one.
fn caused_by<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<E>() {
            return true;
        }
        cause = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}
