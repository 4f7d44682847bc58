//! Pages in the person's browser, and the way back from them: the `Pages` port (RFC 8252 sections 7.3 and 8.3).
//!
//! The way back is a listener on 127.0.0.1 at a port that the system picks, or at the one that the wallet is registered with, for one redirect. Whoever runs on this computer can call it:
//! so callers are bounded in number and time and their requests in bytes, nothing of a request is shown back, and only what the flow
//! recognises (its `state`) ends the waiting.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use primitives::ports::BoxFuture;
use primitives::{PageError, Pages, PendingRedirect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use url::Url;

use crate::browser::{self, BrowserError};
use crate::http::AddressPolicy;

/// How long a redirect is awaited, unless [`SystemPages::with_limit`] says otherwise: as long as a login with a second factor may take.
pub const DEFAULT_REDIRECT_LIMIT: Duration = Duration::from_secs(10 * 60);
/// The longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Callers heard at once, a count.
const MAX_CALLERS: usize = 8;
/// How long one caller may take to say its request, and to take its answer.
const CALLER_LIMIT: Duration = Duration::from_secs(5);
/// The path of the redirect.
const PATH: &str = "/callback";

/// The browser of this computer.
#[derive(Debug, Clone)]
pub struct SystemPages {
    policy: AddressPolicy,
    limit: Duration,
    port: Option<NonZeroU16>,
}

impl SystemPages {
    /// Opens pages that this policy allows.
    #[must_use]
    pub fn new(policy: AddressPolicy) -> Self {
        Self { policy, limit: DEFAULT_REDIRECT_LIMIT, port: None }
    }

    /// Waits this long for a redirect.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Awaits redirects at this port, for servers that compare redirect addresses to the letter although RFC 8252 section 7.3 lets
    /// the port vary. `None`: at one that the system picks.
    #[must_use]
    pub fn at_port(mut self, port: Option<NonZeroU16>) -> Self {
        self.port = port;
        self
    }
}

impl Pages for SystemPages {
    fn open(&self, page: &Url) -> Result<(), PageError> {
        browser::open_page(page, &self.policy).map_err(|error| match error {
            BrowserError::Refused => PageError::AddressRefused,
            BrowserError::NoBrowser | BrowserError::BadCommand => PageError::NoBrowser,
        })
    }

    fn await_redirect(&self) -> BoxFuture<'_, Result<Box<dyn PendingRedirect>, PageError>> {
        Box::pin(async {
            let waiting = LoopbackRedirect::listen_at(self.port, self.limit).await?;
            Ok(Box::new(waiting) as Box<dyn PendingRedirect>)
        })
    }
}

/// A listener on 127.0.0.1 for one redirect. Dropping it stops listening.
#[derive(Debug)]
pub struct LoopbackRedirect {
    listener: TcpListener,
    uri: Url,
    limit: Duration,
}

impl LoopbackRedirect {
    /// Listens at a port that the system picks. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`PageError::NoListener`].
    pub async fn listen(limit: Duration) -> Result<Self, PageError> {
        Self::listen_at(None, limit).await
    }

    /// Listens at this port, or at one that the system picks. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`PageError::NoListener`]: the port is taken, or may not be taken.
    pub async fn listen_at(port: Option<NonZeroU16>, limit: Duration) -> Result<Self, PageError> {
        let port = port.map_or(0, NonZeroU16::get);
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|_| PageError::NoListener)?;
        let port = listener.local_addr().map_err(|_| PageError::NoListener)?.port();
        // RFC 8252 section 8.3: the address, not the name `localhost`.
        let uri = Url::parse(&format!("http://127.0.0.1:{port}{PATH}")).map_err(|_| PageError::NoListener)?;
        Ok(Self { listener, uri, limit })
    }

    async fn hear(&self, recognises: &(dyn Fn(&Url) -> bool + Send + Sync)) -> Result<Url, PageError> {
        let (heard, mut calls) = mpsc::channel(MAX_CALLERS);
        let places = Arc::new(Semaphore::new(MAX_CALLERS));
        // Dropped with this future, and every caller with it.
        let mut callers = JoinSet::new();
        loop {
            tokio::select! {
                Some((called, stream)) = calls.recv() => {
                    let called: Url = called;
                    let awaited = called.path() == PATH && recognises(&called);
                    let said = answer(stream, awaited);
                    if awaited {
                        // The person sees the page before the listener goes; a browser that is gone does not hold the flow up.
                        said.await;
                        return Ok(called);
                    }
                    callers.spawn(said);
                }
                accepted = self.accept(&places) => {
                    let Some((stream, place)) = accepted else { continue };
                    let (heard, uri) = (heard.clone(), self.uri.clone());
                    callers.spawn(async move {
                        let mut stream = stream;
                        if let Ok(Some(called)) = tokio::time::timeout(CALLER_LIMIT, called(&mut stream, &uri)).await {
                            let _ = heard.send((called, stream)).await;
                        }
                        drop(place);
                    });
                }
                Some(_) = callers.join_next(), if !callers.is_empty() => {}
            }
        }
    }

    async fn accept(
        &self,
        places: &Arc<Semaphore>,
    ) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, _)) => Some((stream, place)),
            Err(_) => {
                // Out of file descriptors, most likely: a moment's rest rather than a busy loop.
                tokio::time::sleep(Duration::from_millis(100)).await;
                None
            }
        }
    }
}

impl PendingRedirect for LoopbackRedirect {
    fn redirect_uri(&self) -> Url {
        self.uri.clone()
    }

    fn wait<'a>(
        &'a mut self,
        recognises: &'a (dyn Fn(&Url) -> bool + Send + Sync),
    ) -> BoxFuture<'a, Result<Url, PageError>> {
        Box::pin(async move {
            tokio::time::timeout(self.limit, self.hear(recognises)).await.map_err(|_| PageError::TimedOut)?
        })
    }
}

/// The address that a caller asks for, from the head of its request; `None` for what is no GET of ours.
async fn called(stream: &mut TcpStream, own: &Url) -> Option<Url> {
    let mut head = Vec::new();
    let mut chunk = [0u8; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 || head.len() + read > MAX_HEAD_BYTES {
            return None;
        }
        head.extend_from_slice(chunk.get(..read)?);
    }
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if method != "GET" || !target.starts_with('/') || target.starts_with("//") {
        return None;
    }
    own.join(target).ok().filter(|url| url.origin() == own.origin())
}

async fn answer(mut stream: TcpStream, awaited: bool) {
    let (status, ko, en) = if awaited {
        (
            "200 OK",
            "이 창을 닫고 시민지갑으로 돌아가세요.",
            "Close this window and go back to Citizen Wallet.",
        )
    } else {
        (
            "404 Not Found",
            "시민지갑이 기다리던 주소가 아닙니다.",
            "Citizen Wallet does not wait for this address.",
        )
    };
    let page = format!(
        "<!doctype html><html lang=\"ko\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>시민지갑</title><body><h1>시민지갑</h1><p>{ko}</p><p lang=\"en\">{en}</p></body></html>"
    );
    let message = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    let written = async {
        stream.write_all(message.as_bytes()).await?;
        stream.shutdown().await
    };
    let _ = tokio::time::timeout(CALLER_LIMIT, written).await;
}
