//! What a browser opens: begins a session, shows it as link and QR code, waits, shows the verdict once.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, http};
use primitives::{Language, Refusal};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::html::{escape, page, say, secured};
use super::origin;
use super::verdict_page;
use crate::desk::{Created, Desk, Stage};
use crate::error::{CreateError, RedeemError};
use crate::qr;
use crate::session::SessionId;
use crate::words::sentence;

pub(super) const STYLE: &str = include_str!("desk.css");
const SCRIPT: &str = include_str!("desk.js");
pub(super) const LANGUAGE_COOKIE: &str = "desk_lang";
/// How much of a session's name stands in its cookie's.
const COOKIE_NAME_CHARACTERS: usize = 16;

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
    response_code: Option<String>,
}

/// The pages, at the path of [`crate::Addresses::pages`]; to be merged into a server of that address. Requests for another host are
/// turned away, so that no foreign name can be made to point here.
pub fn pages_router(desk: Arc<Desk>) -> Router {
    let base = desk.settings().addresses.pages.path().to_owned();
    let at = |path: &str| format!("{base}{path}");
    Router::new()
        .route(&at(""), get(begin))
        .route(&at("sessions"), post(begin_for_machine))
        .route(&at("session/{id}"), get(session))
        .route(&at("session/{id}/state"), get(state))
        .route(&at("session/{id}/qr.svg"), get(picture))
        .route(&at("session/{id}/verdict"), get(verdict))
        .route(&at("done/{id}"), get(verdict))
        .layer(from_fn_with_state(Arc::clone(&desk), only_from_here))
        .route(&at("desk.css"), get(async || secured(StatusCode::OK, "text/css; charset=utf-8", STYLE)))
        .route(
            &at("desk.js"),
            get(async || secured(StatusCode::OK, "text/javascript; charset=utf-8", SCRIPT)),
        )
        .layer(from_fn_with_state(Arc::clone(&desk), only_our_host))
        .with_state(desk)
}

async fn only_our_host(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let pages = &desk.settings().addresses.pages;
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host == Some(pages.authority()) {
        next.run(request).await
    } else {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    }
}

/// No picture and no form of another site begins a session, of which there are only so many. A link may, one at a time.
async fn only_from_here(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let own = desk.settings().addresses.pages.origin().ascii_serialization();
    if origin::comes_from_here(request.method(), request.headers(), &own) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

async fn begin(State(desk): State<Arc<Desk>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let language = language(&asked, &headers);
    match desk.create() {
        Ok(created) => {
            let location =
                format!("{}session/{}", desk.settings().addresses.pages.path(), created.id.as_str());
            let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
            set_cookies(&desk, &created, language, response.headers_mut());
            response
        }
        Err(error) => fault(&desk, language, StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}

/// The same for a program: the links as JSON. A page elsewhere cannot read the reply.
async fn begin_for_machine(
    State(desk): State<Arc<Desk>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    match desk.create() {
        Ok(created) => {
            let body = json!({
                "version": 1,
                "session": created.id.as_str(),
                "link": created.link,
                "cross_device_link": created.cross_device_link,
            });
            let mut response = secured(StatusCode::OK, "application/json", body.to_string());
            set_cookies(&desk, &created, language(&asked, &headers), response.headers_mut());
            response
        }
        Err(error @ CreateError::Full) => machine_fault(StatusCode::SERVICE_UNAVAILABLE, &error),
        Err(error) => machine_fault(StatusCode::INTERNAL_SERVER_ERROR, &error),
    }
}

async fn session(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = language(&asked, &headers);
    let id = SessionId::named(&id);
    let browser = browser(&id, &headers);
    let progress = match desk.progress(&id, browser) {
        Ok(progress) => progress,
        Err(error) => return fault(&desk, language, redeem_status(error), &error),
    };
    let settings = desk.settings();
    let base = escape(settings.addresses.pages.path());
    let address = format!("{base}session/{}", escape(id.as_str()));
    let title = say(language, "서류 요청", "Request");
    let purpose = escape(settings.purpose.in_language(language));
    let main = match (progress.stage, desk.links(&id, browser)) {
        (Stage::Waiting | Stage::Fetched, Some((link, cross))) => {
            let picture = match qr::svg(&cross) {
                Some(_) => format!(
                    "<img class=\"qr\" src=\"{address}/qr.svg\" alt=\"{}\">",
                    say(language, "다른 기기의 지갑으로 읽는 QR", "QR code for a wallet on another device"),
                ),
                None => String::new(),
            };
            format!(
                "<h1>{title}</h1><p class=\"purpose\">{purpose}</p>{asked}\
                 <p><a class=\"act\" href=\"{link}\">{open}</a></p>\
                 <section><h2>{other}</h2>{picture}</section>\
                 <p id=\"state\" role=\"status\" data-watch=\"{address}\" data-fetched=\"{fetched}\" data-elsewhere=\"{elsewhere}\">{waiting}</p>\
                 <p class=\"small\">{minutes} · <a href=\"{address}?lang={switch_tag}\">{switch}</a></p>",
                asked = asked_list(&desk, language),
                link = escape(&link),
                open = say(language, "이 컴퓨터의 지갑으로 내기", "Open in the wallet on this computer"),
                other = say(language, "다른 기기의 지갑으로 내기", "With a wallet on another device"),
                fetched = say(
                    language,
                    "지갑이 요청을 읽었습니다. 답을 기다립니다.",
                    "A wallet has read the request. Waiting for its answer."
                ),
                elsewhere = say(
                    language,
                    "답이 왔습니다. 지갑이 여는 쪽에서 결과를 보세요.",
                    "The answer is here. See the result on the page that the wallet opens."
                ),
                waiting = say(language, "답을 기다립니다.", "Waiting for the answer."),
                minutes = if language == Language::Korean {
                    format!("{}분 안에 내야 합니다", (progress.seconds_left + 59) / 60)
                } else {
                    format!("To be answered within {} minutes", (progress.seconds_left + 59) / 60)
                },
                switch_tag = say(language, "en", "ko"),
                switch = say(language, "English", "한국어"),
            )
        }
        (Stage::AnsweredElsewhere, _) => notice(
            title,
            say(
                language,
                "답이 왔습니다. 지갑이 여는 쪽에서 결과를 보세요.",
                "The answer is here. See the result on the page that the wallet opens.",
            ),
        ),
        (Stage::Answered, _) => format!(
            "<h1>{title}</h1><p><a class=\"act\" href=\"{address}/verdict\">{}</a></p>",
            say(language, "결과 보기", "See the result"),
        ),
        (Stage::Expired, _) => notice(
            title,
            say(
                language,
                "기한이 지났습니다. 아무것도 받지 않았습니다.",
                "Time is over. Nothing was received.",
            ),
        ),
        _ => notice(title, sentence("response_code_used").in_language(language)),
    };
    let again =
        format!("<p><a href=\"{base}\">{}</a></p>", say(language, "새 요청 만들기", "Begin a new request"));
    let mut response = page(settings, language, StatusCode::OK, title, &(main + &again));
    remember_language(&desk, language, response.headers_mut());
    response
}

async fn state(State(desk): State<Arc<Desk>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let id = SessionId::named(&id);
    match desk.progress(&id, browser(&id, &headers)) {
        Ok(progress) => {
            let stage = match progress.stage {
                Stage::Waiting => "waiting",
                Stage::Fetched => "fetched",
                Stage::Answered => "answered",
                Stage::AnsweredElsewhere => "answered_elsewhere",
                Stage::Expired => "expired",
                Stage::Over => "over",
            };
            let outcome = desk.summary(&id).map(|summary| summary.outcome.code());
            let body = json!({
                "version": 1, "stage": stage, "seconds_left": progress.seconds_left, "outcome": outcome,
            });
            secured(StatusCode::OK, "application/json", body.to_string())
        }
        Err(error) => machine_fault(redeem_status(error), &error),
    }
}

async fn picture(State(desk): State<Arc<Desk>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let id = SessionId::named(&id);
    let picture = desk.links(&id, browser(&id, &headers)).and_then(|(_, cross)| qr::svg(&cross));
    match picture {
        Some(picture) => secured(StatusCode::OK, "image/svg+xml", picture),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn verdict(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = language(&asked, &headers);
    let id = SessionId::named(&id);
    match desk.redeem(&id, browser(&id, &headers), asked.response_code.as_deref()) {
        Ok(verdict) => {
            let wants_json = headers
                .get(http::header::ACCEPT)
                .and_then(|accept| accept.to_str().ok())
                .is_some_and(|accept| accept == "application/json");
            if wants_json {
                return secured(StatusCode::OK, "application/json", verdict.to_json().to_string());
            }
            verdict_page::show(desk.settings(), language, &verdict)
        }
        Err(error) => fault(&desk, language, redeem_status(error), &error),
    }
}

/// What is asked, by caption, so that the page says no more and no less than the request.
fn asked_list(desk: &Desk, language: Language) -> String {
    let settings = desk.settings();
    // The same question in two formats is one question for a person.
    let mut lines: Vec<String> = Vec::new();
    for credential in settings.question.credentials() {
        let types = match &credential.types {
            dcql::TypeConstraint::OneOf(names) => names.first().as_str(),
            dcql::TypeConstraint::Any => "",
        };
        let title = settings.asked().title(types);
        let claims: Vec<String> = credential
            .claims
            .iter()
            .map(|claim| escape(settings.asked().caption(types, &claim.path).in_language(language)))
            .collect();
        let line = format!("<li><b>{}</b> {}</li>", escape(title.in_language(language)), claims.join(", "));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    format!("<ul class=\"asked\">{}</ul>", lines.concat())
}

fn notice(title: &str, text: &str) -> String {
    format!("<h1>{}</h1><p>{}</p>", escape(title), escape(text))
}

fn fault(desk: &Desk, language: Language, status: StatusCode, error: &dyn Refusal) -> Response {
    let settings = desk.settings();
    let title = say(language, "보일 수 없습니다", "Nothing to show");
    let main = format!(
        "{}<p><a href=\"{}\">{}</a></p><p class=\"small\"><code>{}</code></p>",
        notice(title, sentence(error.code()).in_language(language)),
        escape(settings.addresses.pages.path()),
        say(language, "새 요청 만들기", "Begin a new request"),
        escape(error.code()),
    );
    page(settings, language, status, title, &main)
}

fn machine_fault(status: StatusCode, error: &dyn Refusal) -> Response {
    let body = json!({ "version": 1, "error": { "code": error.code(), "rule": error.rule() } });
    secured(status, "application/json", body.to_string())
}

fn redeem_status(error: RedeemError) -> StatusCode {
    match error {
        RedeemError::Unknown => StatusCode::NOT_FOUND,
        RedeemError::OtherBrowser | RedeemError::Code | RedeemError::CodeNeeded => StatusCode::FORBIDDEN,
        RedeemError::AlreadyShown => StatusCode::GONE,
        RedeemError::NotAnswered => StatusCode::CONFLICT,
    }
}

fn cookie_name(id: &SessionId) -> String {
    let short: String = id.as_str().chars().take(COOKIE_NAME_CHARACTERS).collect();
    format!("desk_{short}")
}

/// The value of the cookie that proves which browser began.
fn browser<'h>(id: &SessionId, headers: &'h HeaderMap) -> Option<&'h str> {
    cookie(headers, &cookie_name(id))
}

pub(super) fn cookie<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

fn set_cookies(desk: &Desk, created: &Created, language: Language, headers: &mut HeaderMap) {
    let limits = &desk.settings().limits;
    let seconds = limits.lifetime_seconds + limits.result_seconds;
    let proof = format!(
        "{}={}{}; Max-Age={seconds}",
        cookie_name(&created.id),
        created.browser,
        own_attributes(desk)
    );
    if let Ok(proof) = HeaderValue::from_str(&proof) {
        headers.append(SET_COOKIE, proof);
    }
    remember_language(desk, language, headers);
}

fn remember_language(desk: &Desk, language: Language, headers: &mut HeaderMap) {
    let choice = format!("{LANGUAGE_COOKIE}={}{}", language.tag(), own_attributes(desk));
    if let Ok(choice) = HeaderValue::from_str(&choice) {
        headers.append(SET_COOKIE, choice);
    }
}

fn own_attributes(desk: &Desk) -> String {
    cookie_attributes(&desk.settings().addresses.pages)
}

/// No script sees the cookies of these pages, and no other site's form or picture sends them; a page that the wallet or a link opens does.
pub(super) fn cookie_attributes(pages: &Url) -> String {
    let secure = if pages.scheme() == "https" { "; Secure" } else { "" };
    format!("; Path={}; HttpOnly; SameSite=Lax{secure}", pages.path())
}

fn language(asked: &Asked, headers: &HeaderMap) -> Language {
    let tag = asked.lang.as_deref().or_else(|| cookie(headers, LANGUAGE_COOKIE));
    tag.and_then(Language::from_tag).unwrap_or_default()
}
