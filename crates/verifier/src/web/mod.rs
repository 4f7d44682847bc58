//! The two doors: what a wallet calls, and what a browser opens. The server that has both (its TLS, its addresses) is the embedder's.

mod html;
mod pages;
mod protocol;
mod verdict_page;

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;

pub use html::escape;
pub use pages::pages_router;
pub use protocol::protocol_router;

/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Reads a body of at most `most` bytes in bounded time.
async fn read_body(body: Body, most: usize) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, most)).await {
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}
