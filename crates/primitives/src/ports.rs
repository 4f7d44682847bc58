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

/// Why a page was not opened, or its answer did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PageError {
    /// No browser could be started.
    #[error("no browser could be started")]
    NoBrowser,
    /// The address is none that may be opened: not https (or loopback where the profile allows it), or with user information.
    #[error("the address may not be opened")]
    AddressRefused,
    /// No place on loopback to wait at.
    #[error("no place on this computer to wait for the answer")]
    NoListener,
    /// The person did not come back in time.
    #[error("the page was not answered in time")]
    TimedOut,
}

/// Opens pages in the person's browser.
pub trait Pages: Send + Sync {
    /// Opens one page.
    ///
    /// # Errors
    /// [`PageError::NoBrowser`], [`PageError::AddressRefused`].
    fn open(&self, page: &url::Url) -> Result<(), PageError>;

    /// Begins to wait on loopback for one redirect (RFC 8252 section 7.3).
    ///
    /// # Errors
    /// [`PageError::NoListener`].
    fn await_redirect(&self) -> BoxFuture<'_, Result<Box<dyn PendingRedirect>, PageError>>;
}

/// A place on loopback at which one redirect is awaited. Dropping it stops waiting.
pub trait PendingRedirect: Send {
    /// The address to which the other side sends the person back.
    fn redirect_uri(&self) -> url::Url;

    /// Waits for a call that `recognises` takes for the awaited one; other calls are answered with a page and forgotten.
    ///
    /// # Errors
    /// [`PageError::TimedOut`].
    fn wait<'a>(
        &'a mut self,
        recognises: &'a (dyn Fn(&url::Url) -> bool + Send + Sync),
    ) -> BoxFuture<'a, Result<url::Url, PageError>>;
}

impl crate::Refusal for PageError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoBrowser => "page_no_browser",
            Self::AddressRefused => "page_address_refused",
            Self::NoListener => "page_no_listener",
            Self::TimedOut => "page_timed_out",
        }
    }
    fn rule(&self) -> &'static str {
        ""
    }
    fn blame(&self) -> crate::Blame {
        match self {
            Self::NoBrowser | Self::NoListener => crate::Blame::Computer,
            Self::AddressRefused => crate::Blame::Issuer,
            Self::TimedOut => crate::Blame::You,
        }
    }
    fn left(&self) -> crate::Left {
        crate::Left::Nothing
    }
}
