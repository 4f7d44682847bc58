//! Where a request to a desk's pages comes from: browsers say so in headers that no page can forge (Fetch, "`Origin` header"; Fetch Metadata).

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

/// Whether a request comes from a page of the origin `own`, or from no page at all. A page may be opened from an address bar or a link, as a
/// document of its own and in no frame. Who sends none of these headers is a program, or a browser that knows none of them.
pub(super) fn comes_from_here(method: &Method, headers: &HeaderMap, own: &str) -> bool {
    let header = |name: HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    let origin = header(ORIGIN).is_none_or(|origin| origin == own.as_bytes());
    let site = match header(HeaderName::from_static("sec-fetch-site")) {
        None | Some(b"same-origin") => true,
        Some(_) => {
            let navigates = header(HeaderName::from_static("sec-fetch-mode")) == Some(b"navigate".as_slice());
            let as_document =
                matches!(header(HeaderName::from_static("sec-fetch-dest")), None | Some(b"document"));
            !posts(method) && navigates && as_document
        }
    };
    origin && site
}

/// Whether a request may change something.
pub(super) fn posts(method: &Method) -> bool {
    method != Method::GET && method != Method::HEAD
}
