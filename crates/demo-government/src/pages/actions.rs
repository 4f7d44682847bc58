//! What the console's buttons do.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::form::Form;
use super::html::{Lang, escaped, page, qr, sorry};
use crate::command::{Bundle, Command, GrantKind, NewNotice, OfferLinks, execute};
use crate::error::GovernmentError;
use crate::papers::Standing;
use crate::world::{ENTROPY, World};

async fn done(world: Arc<World>, command: Command) -> Result<serde_json::Value, GovernmentError> {
    let done = tokio::task::spawn_blocking(move || execute(&world, command)).await;
    done.map_err(|_| GovernmentError::Data)?
}

/// Does what the form says and goes back to the console.
async fn act(
    world: Arc<World>,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
    command: impl FnOnce(&Form) -> Option<Command>,
) -> Response {
    let lang = Lang::of(uri.query());
    let Some(form) = Form::of(&world, headers, body) else { return StatusCode::FORBIDDEN.into_response() };
    let Some(command) = command(&form) else { return StatusCode::BAD_REQUEST.into_response() };
    match done(world, command).await {
        Ok(_) => Redirect::to(&format!("/?lang={}", lang.code())).into_response(),
        Err(error) => sorry(StatusCode::UNPROCESSABLE_ENTITY, lang, &error.to_string()),
    }
}

/// Changes a paper's standing.
pub(crate) async fn standing(
    State(world): State<Arc<World>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(world, &uri, &headers, &body, |form| {
        let standing = match form.text("standing")? {
            "valid" => Standing::Valid,
            "revoked" => Standing::Revoked,
            "suspended" => Standing::Suspended,
            "paid" => Standing::Paid,
            _ => return None,
        };
        Some(Command::SetStanding { paper: form.text("paper")?.to_owned(), standing })
    })
    .await
}

/// Stops or starts a service.
pub(crate) async fn service(
    State(world): State<Arc<World>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(world, &uri, &headers, &body, |form| {
        let stop = form.text("stop")? == "yes";
        Some(Command::SetStopped { service: form.text("service")?.to_owned(), stop })
    })
    .await
}

/// Issues a notice.
pub(crate) async fn notice(
    State(world): State<Arc<World>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(world, &uri, &headers, &body, |form| {
        let (agency, kind) = form.text("kind")?.split_once('/')?;
        let notice = NewNotice {
            kind: kind.to_owned(),
            agency: agency.to_owned(),
            title: form.text("title")?.to_owned(),
            amount: form.text("amount")?.parse().ok()?,
            due_in_days: form.text("days")?.parse().ok()?,
        };
        Some(Command::IssueNotice { person: form.text("person")?.to_owned(), notice })
    })
    .await
}

/// Makes an offer and shows its link and QR code.
pub(crate) async fn offer(
    State(world): State<Arc<World>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lang = Lang::of(uri.query());
    let Some(form) = Form::of(&world, &headers, &body) else { return StatusCode::FORBIDDEN.into_response() };
    let bundle = match form.text("agency") {
        Some(agency) => Bundle::Agency(agency.to_owned()),
        None => Bundle::Papers(form.all("paper").to_vec()),
    };
    let (grant, code) = match form.text("grant") {
        Some("plain") => (GrantKind::PreAuthorized { tx_code: None }, None),
        Some("code") => {
            let Some(code) = transaction_code() else {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            };
            (GrantKind::PreAuthorized { tx_code: Some(code.clone()) }, Some(code))
        }
        Some("page") => (GrantKind::AuthorizationCode, None),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let person = form.text("person").unwrap_or("").to_owned();
    let made = done(world, Command::OfferLinks { person, bundle, grant }).await;
    match made.and_then(|made| serde_json::from_value(made).map_err(|_| GovernmentError::Data)) {
        Ok(links) => {
            let html = offer_html(&links, code.as_deref(), lang);
            page(StatusCode::OK, lang, lang.pick("발급 링크", "Offer"), &html)
        }
        Err(error) => sorry(StatusCode::UNPROCESSABLE_ENTITY, lang, &error.to_string()),
    }
}

fn offer_html(links: &OfferLinks, code: Option<&str>, lang: Lang) -> String {
    let code = code.map_or(String::new(), |code| {
        let label = lang.pick("지갑이 물으면 넣을 번호:", "The code that the wallet asks for:");
        format!("<p>{label} <strong>{}</strong></p>", escaped(code))
    });
    format!(
        "<h1>{}</h1><section>{code}<p><a class=\"button main\" href=\"{}\">{}</a></p><div class=\"qr\">{}</div>\
         <p class=\"link\">{}</p></section><p><a class=\"button\" href=\"/?lang={}\">{}</a></p>",
        lang.pick("발급 링크", "Offer"),
        escaped(&links.by_value),
        lang.pick("지갑에서 열기", "Open in the wallet"),
        qr(&links.by_reference),
        escaped(&links.by_value),
        lang.code(),
        lang.pick("콘솔로", "Back to the console"),
    )
}

/// Six random digits.
fn transaction_code() -> Option<String> {
    let random = crypto::random::bytes::<8>(&ENTROPY).ok()?;
    Some(format!("{:06}", u64::from_le_bytes(random) % 1_000_000))
}
