//! Picture files that a person chose: a few may arrive at once, and one at a time is decoded, which takes up to 400 MiB (`host::qr`).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use host::qr::{QrError, texts_in_picture};
use primitives::{Blame, Language, Left, Refusal};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{ScreenPages, fed, language_of, no_check, reply};
use crate::words::sentence;

/// Most picture files that arrive or wait at once, a count; each has up to [`host::qr::MAX_PICTURE_BYTES`].
const MAX_ARRIVING: usize = 4;
/// How long a file may take to arrive, and how long it then waits for those before it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a picture file is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("other pictures are being read")]
pub(super) struct Busy;

impl Refusal for Busy {
    fn code(&self) -> &'static str {
        "desk_picture_busy"
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

/// Who may hand over a picture file, and whose is decoded.
pub(super) struct Pictures {
    arriving: Semaphore,
    decoding: Arc<Semaphore>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { arriving: Semaphore::new(MAX_ARRIVING), decoding: Arc::new(Semaphore::new(1)) }
    }
}

impl Pictures {
    /// Decodes, when all before it are done; `None`: it broke off.
    ///
    /// # Errors
    /// [`Busy`] where those before it take longer than `patience`.
    async fn one_at_a_time<T: Send + 'static>(
        &self,
        patience: Duration,
        decode: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Busy> {
        let place = timeout(patience, Arc::clone(&self.decoding).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(Busy) };
        let decoded = tokio::task::spawn_blocking(move || {
            // Also when nobody waits for it any more it is the one that is decoded.
            let _place = place;
            decode()
        });
        Ok(decoded.await.ok())
    }
}

/// A picture file: PNG, JPEG, BMP.
pub(super) async fn picture_file(
    State(pages): State<Arc<ScreenPages>>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let language = language_of(&headers);
    let Some((check, _)) = pages.check(&headers) else { return no_check(&pages, &headers) };
    let Ok(_arriving) = pages.pictures.arriving.try_acquire() else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, &Busy, language);
    };
    let body = match timeout(PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => return rejection.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    match pages.pictures.one_at_a_time(PATIENCE, move || texts_in_picture(&body)).await {
        Err(busy) => refused(StatusCode::SERVICE_UNAVAILABLE, &busy, language),
        Ok(Some(Ok(texts))) => fed(&pages, &headers, &check, &texts),
        Ok(Some(Err(error @ (QrError::NoCode | QrError::NotAPicture | QrError::TooLarge)))) => {
            refused(StatusCode::UNPROCESSABLE_ENTITY, &error, language)
        }
        Ok(None) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Nothing came of the file, in words; the check goes on.
fn refused(status: StatusCode, error: &dyn Refusal, language: Language) -> Response {
    let note = sentence(error.code()).in_language(language).to_owned();
    let told = json!({ "version": 1, "state": "refused", "code": error.code(), "note": note });
    reply(status, "application/json", told.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_picture_is_decoded_at_a_time() {
        let pictures = Arc::new(Pictures::default());
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let decoding: Vec<_> = (0..8)
            .map(|_| {
                let (pictures, now, most) = (Arc::clone(&pictures), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    let decode = move || {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(20));
                        now.fetch_sub(1, Ordering::SeqCst);
                    };
                    pictures.one_at_a_time(Duration::from_secs(60), decode).await
                })
            })
            .collect();
        for one in decoding {
            assert_eq!(one.await.unwrap(), Ok(Some(())));
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_picture_waits_for_the_one_before_it_and_not_for_ever() {
        let pictures = Arc::new(Pictures::default());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (began, begun) = tokio::sync::oneshot::channel();
        let first = tokio::spawn({
            let pictures = Arc::clone(&pictures);
            let decode = move || {
                began.send(()).unwrap();
                wait.recv().unwrap();
            };
            async move { pictures.one_at_a_time(Duration::from_secs(60), decode).await }
        });
        begun.await.unwrap();
        // Whoever waited for the first has gone; it is decoded all the same, and nothing beside it.
        first.abort();
        assert!(first.await.is_err());
        assert_eq!(pictures.one_at_a_time(Duration::from_millis(50), || ()).await, Err(Busy));
        go.send(()).unwrap();
        assert_eq!(pictures.one_at_a_time(Duration::from_secs(60), || ()).await, Ok(Some(())));
        // One that breaks off holds up nobody.
        let broken =
            pictures.one_at_a_time(Duration::from_secs(60), || std::panic::resume_unwind(Box::new(())));
        assert_eq!(broken.await, Ok(None::<()>));
        assert_eq!(pictures.one_at_a_time(Duration::from_secs(60), || ()).await, Ok(Some(())));
    }
}
