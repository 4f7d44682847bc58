//! The ports through which the engine meets the world. The real ones live in `crypto` (entropy) and `host` (clock, HTTP).

use std::future::Future;
use std::pin::Pin;

use crate::http::{HttpError, Request, Response};
use crate::time::Instant;
use crate::{Blame, Left, Refusal};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC, to the second.
    fn now(&self) -> Instant;
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this computer gives no random bytes")]
pub struct EntropyUnavailable;

impl Refusal for EntropyUnavailable {
    fn code(&self) -> &'static str {
        "entropy_unavailable"
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        Blame::Computer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Gives random bytes fit for keys and nonces.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer.
    ///
    /// # Errors
    /// [`EntropyUnavailable`]; the buffer's content is then not to be used.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable>;
}

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends HTTP requests under the address rules of the profile, without redirects, cookies or proxies of the environment.
pub trait Http: Send + Sync {
    /// Sends one request and reads the whole answer within the request's bounds. Dropping the future cancels it.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>>;
}

impl<T: Clock + ?Sized> Clock for std::sync::Arc<T> {
    fn now(&self) -> Instant {
        (**self).now()
    }
}

impl<T: Entropy + ?Sized> Entropy for std::sync::Arc<T> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        (**self).fill(buffer)
    }
}

impl<T: Http + ?Sized> Http for std::sync::Arc<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        (**self).send(request)
    }
}
