//! Pages for the browser, plain http on 127.0.0.1: the console, the agencies' consent pages, and the door for other processes.
//!
//! Requests to another host than ours are refused by the listener; forms need the origin and a token ([`form`]).

mod actions;
mod authorize;
mod console;
pub(crate) mod form;
pub(crate) mod html;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use primitives::Refusal as _;
use serde_json::json;

use crate::command::{Command, execute};
use crate::verifiers::identification::Identification;
use crate::world::World;

/// Where another process of the same user gives its commands.
pub(crate) const CONTROL_PATH: &str = "/control";
/// The largest command or form, in bytes.
pub(crate) const FORM_MAX_BYTES: usize = 64 * 1024;

/// Every page.
pub(crate) fn router(world: &Arc<World>, identification: Arc<Identification>) -> Router {
    Router::new()
        .route("/", get(console::show))
        .route("/profile.json", get(console::profile))
        .route("/offer", post(actions::offer))
        .route("/standing", post(actions::standing))
        .route("/notice", post(actions::notice))
        .route("/service", post(actions::service))
        .route("/authorize/{agency}", get(authorize::show).post(authorize::answer))
        .route("/identified/done/{id}", get(authorize::identified))
        .layer(Extension(identification))
        .route(CONTROL_PATH, post(control))
        .layer(axum::extract::DefaultBodyLimit::max(FORM_MAX_BYTES))
        .with_state(Arc::clone(world))
}

/// A command by a process that could read the folder's token. A browser cannot send this header to another origin without being asked.
async fn control(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("");
    if !crypto::constant_time_eq(token.as_bytes(), world.control.as_bytes()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(command) = serde_json::from_slice::<Command>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let done = tokio::task::spawn_blocking(move || execute(&world, command)).await;
    match done {
        Ok(Ok(value)) => axum::Json(value).into_response(),
        Ok(Err(error)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(json!({ "error": error.code() }))).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
