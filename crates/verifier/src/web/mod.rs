//! The two doors: what a wallet calls, and what a browser opens. The server that has both (its TLS, its addresses) is the embedder's.

mod html;
mod origin;
mod pages;
mod protocol;
mod screen;
mod verdict_page;

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;

pub use html::escape;
pub use pages::pages_router;
pub use protocol::protocol_router;
pub use screen::{ScreenObserver, ScreenPages, screen_router};

/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Reads a body of at most `most` bytes in bounded time.
async fn read_body(body: Body, most: usize) -> Result<Bytes, StatusCode> {
    read_body_within(BODY_TIMEOUT, body, most).await
}

async fn read_body_within(limit: Duration, body: Body, most: usize) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(limit, to_bytes(body, most)).await {
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use axum::body::HttpBody;

    use super::*;

    /// A body that never comes.
    struct Silent;

    impl HttpBody for Silent {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_or_is_too_long_ends() {
        assert_eq!(
            read_body_within(Duration::from_millis(50), Body::new(Silent), 10).await,
            Err(StatusCode::REQUEST_TIMEOUT)
        );
        assert_eq!(read_body(Body::from(vec![0; 11]), 10).await, Err(StatusCode::PAYLOAD_TOO_LARGE));
        assert_eq!(read_body(Body::from(vec![0; 10]), 10).await.map(|body| body.len()), Ok(10));
    }
}
