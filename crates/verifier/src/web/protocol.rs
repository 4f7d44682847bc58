//! What a wallet calls: `request_uri` by GET and POST, and `response_uri` (OpenID4VP 1.0 sections 5.10, 8.2; VP-R9, VP-R10, VP-S2).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use openid4vp::limits::{MAX_REQUEST_OBJECT_BYTES, MAX_RESPONSE_BYTES};
use primitives::Refusal;
use serde_json::json;

use super::read_body;
use crate::desk::Desk;
use crate::error::RequestUnavailable;

/// The media type of a request object (RFC 9101 section 9.4.1).
const REQUEST_OBJECT: &str = "application/oauth-authz-req+jwt";
const FORM: &str = "application/x-www-form-urlencoded";

/// The protocol's endpoints, at the path of [`crate::Addresses::protocol`]; to be merged into a server of that address, over TLS.
pub fn protocol_router(desk: Arc<Desk>) -> Router {
    let base = desk.settings().addresses.protocol.path().to_owned();
    Router::new()
        .route(&format!("{base}request/{{id}}"), get(fetch).post(fetch_by_post))
        .route(&format!("{base}response/{{id}}"), post(respond))
        .with_state(desk)
}

async fn fetch(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Response {
    request_object(desk.request_object(&id, None))
}

async fn fetch_by_post(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !is_form(&headers) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    match read_body(body, MAX_REQUEST_OBJECT_BYTES).await {
        Ok(body) => request_object(desk.request_object(&id, Some(&body))),
        Err(status) => status.into_response(),
    }
}

async fn respond(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !is_form(&headers) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let body = match read_body(body, MAX_RESPONSE_BYTES).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    match desk.receive(&id, &body).await {
        Ok(reply) => {
            let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
            (status, headers, reply.body).into_response()
        }
        Err(rejected) => error(StatusCode::BAD_REQUEST, &rejected),
    }
}

fn request_object(object: Result<String, RequestUnavailable>) -> Response {
    match object {
        Ok(object) => ([(CONTENT_TYPE, REQUEST_OBJECT), (CACHE_CONTROL, "no-store")], object).into_response(),
        Err(fault @ RequestUnavailable::Unknown) => error(StatusCode::NOT_FOUND, &fault),
        Err(fault) if fault.blame() == primitives::Blame::You => error(StatusCode::BAD_REQUEST, &fault),
        Err(fault) => error(StatusCode::INTERNAL_SERVER_ERROR, &fault),
    }
}

/// The code of our own goes beside the registered one; neither says anything of the answer's content.
fn error(status: StatusCode, fault: &dyn Refusal) -> Response {
    let body = json!({ "error": "invalid_request", "error_code": fault.code() }).to_string();
    (status, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body).into_response()
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| primitives::http::essence(value) == FORM)
}
