//! What a browser opens to check a citizen's screen without a network: the page, and the endpoints that its script uses.
//!
//! Only the browser that was given the page may use them (a cookie that no script sees), and only from that page (same origin). Pictures
//! are decoded here, verdicts are reached by [`ScreenDesk`]; nothing of either is kept, and no answer stands in an address.

mod page;
mod picture;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HOST, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use host::qr::{CameraReader, MAX_CAMERA_PIXELS, MAX_PICTURE_BYTES, QrError};
use primitives::{Entropy, Language, Refusal};
use serde::Deserialize;
use serde_json::{Value, json};

use self::picture::Pictures;
use super::html::{document, say, secured};
use super::origin;
use super::pages::{LANGUAGE_COOKIE, STYLE, cookie, cookie_attributes};
use crate::offline::{CheckError, CheckId, Fed, FrameSize, Mode, ScreenDesk, ScreenVerdict};
use crate::qr;
use crate::settings::Settings;
use crate::words::sentence;

const SCREEN_STYLE: &str = include_str!("screen.css");
const SCRIPT: &str = include_str!("screen.js");

/// Own script, style and pictures, a film that the person chose, the camera; no text becomes markup; no frame, no form, no other origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src blob:; \
    connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The camera, and nothing else that a page could ask for.
const PERMISSIONS: &str =
    "camera=(self), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=()";
/// Most browsers at once, a count; the one that was idle longest leaves.
const MAX_SEATS: usize = 8;
/// Longest text that a scanner or a person hands over at once, in bytes: every piece of the longest answer, of some 1,000 characters each,
/// and three bytes each in Hangul.
const MAX_TEXT_BYTES: usize = 512 * 1024;
/// Longest choice, in bytes.
const MAX_CHOICE_BYTES: usize = 1024;

/// A browser at the desk.
struct Seat {
    /// The hash of its cookie.
    browser: [u8; 32],
    /// Its open check.
    check: Option<CheckId>,
    camera: Arc<Mutex<CameraReader>>,
    /// Counts up with each use of any seat.
    used: u64,
}

/// Hears each verdict, for a machine of the verifier's own.
pub type ScreenObserver = Box<dyn Fn(&ScreenVerdict) + Send + Sync>;

/// A desk for screens, and who sits at it.
pub struct ScreenPages {
    desk: Arc<ScreenDesk>,
    settings: Settings,
    entropy: Arc<dyn Entropy>,
    seats: Mutex<(Vec<Seat>, u64)>,
    pictures: Pictures,
    observer: OnceLock<ScreenObserver>,
}

impl ScreenPages {
    /// Pages for a desk; of the settings they use name, mark, and the pages' address.
    pub fn new(desk: Arc<ScreenDesk>, settings: Settings, entropy: Arc<dyn Entropy>) -> Self {
        let (seats, pictures, observer) = (Mutex::default(), Pictures::default(), OnceLock::new());
        Self { desk, settings, entropy, seats, pictures, observer }
    }

    /// Tells somebody of each verdict from now on; whoever came first stays the only one.
    pub fn observe(&self, observer: ScreenObserver) {
        let _ = self.observer.set(observer);
    }

    fn seats(&self) -> MutexGuard<'_, (Vec<Seat>, u64)> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of a seat's cookie. Cookies know no port: two desks of one computer would take each other's.
    fn seat_cookie(&self) -> String {
        let port = self.settings.addresses.pages.port_or_known_default().unwrap_or_default();
        format!("screen_desk_{port}")
    }

    /// Does something at the seat of this browser; `None` where it has none.
    fn at_seat<T>(&self, headers: &HeaderMap, what: impl FnOnce(&mut Seat) -> T) -> Option<T> {
        let browser = crypto::sha256(cookie(headers, &self.seat_cookie())?.as_bytes());
        let mut seats = self.seats();
        let (seats, used) = &mut *seats;
        *used += 1;
        let seat = seats.iter_mut().find(|seat| crypto::constant_time_eq(&seat.browser, &browser))?;
        seat.used = *used;
        Some(what(seat))
    }

    /// Gives a new browser a seat, and its cookie.
    fn seat(&self) -> Option<String> {
        let browser = crypto::random::token(self.entropy.as_ref()).ok()?;
        let mut seats = self.seats();
        let (seats, used) = &mut *seats;
        *used += 1;
        if seats.len() >= MAX_SEATS {
            // Who only opened the page goes before who checks somebody.
            let idle = seats.iter().enumerate().min_by_key(|(_, seat)| (seat.check.is_some(), seat.used));
            let idle = idle.map(|(index, _)| index);
            if let Some(check) = idle.map(|index| seats.swap_remove(index)).and_then(|seat| seat.check) {
                self.desk.stop(&check);
            }
        }
        let hash = crypto::sha256(browser.as_bytes());
        seats.push(Seat { browser: hash, check: None, camera: Arc::default(), used: *used });
        Some(browser)
    }

    fn check(&self, headers: &HeaderMap) -> Option<(CheckId, Arc<Mutex<CameraReader>>)> {
        self.at_seat(headers, |seat| Some((seat.check.clone()?, Arc::clone(&seat.camera)))).flatten()
    }
}

/// The pages of a desk for screens, below the path of [`crate::Addresses::pages`]. Requests for another host are turned away.
pub fn screen_router(pages: Arc<ScreenPages>) -> Router {
    let base = pages.settings.addresses.pages.path().to_owned();
    let at = |path: &str| format!("{base}{path}");
    let picture = usize::try_from(MAX_CAMERA_PIXELS).unwrap_or(usize::MAX);
    Router::new()
        .route(&at(""), get(open))
        .route(&at("screen"), get(open))
        .route(&at("screen/begin"), post(begin).layer(DefaultBodyLimit::max(MAX_CHOICE_BYTES)))
        .route(&at("screen/stop"), post(stop).layer(DefaultBodyLimit::max(MAX_CHOICE_BYTES)))
        .route(&at("screen/camera/{width}/{height}"), post(camera).layer(DefaultBodyLimit::max(picture)))
        .route(
            &at("screen/picture"),
            post(picture::picture_file).layer(DefaultBodyLimit::max(MAX_PICTURE_BYTES)),
        )
        .route(&at("screen/text"), post(text).layer(DefaultBodyLimit::max(MAX_TEXT_BYTES)))
        .route(&at("screen/request/{frame}"), get(request_frame))
        .layer(from_fn_with_state(Arc::clone(&pages), only_our_page))
        .route(&at("desk.css"), get(async || secured(StatusCode::OK, "text/css; charset=utf-8", STYLE)))
        .route(
            &at("screen.css"),
            get(async || secured(StatusCode::OK, "text/css; charset=utf-8", SCREEN_STYLE)),
        )
        .route(
            &at("screen.js"),
            get(async || secured(StatusCode::OK, "text/javascript; charset=utf-8", SCRIPT)),
        )
        .layer(from_fn_with_state(Arc::clone(&pages), only_our_host))
        .with_state(pages)
}

/// A foreign name that was made to point here finds nothing.
async fn only_our_host(State(pages): State<Arc<ScreenPages>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host == Some(pages.settings.addresses.pages.authority()) {
        next.run(request).await
    } else {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    }
}

async fn only_our_page(State(pages): State<Arc<ScreenPages>>, request: Request, next: Next) -> Response {
    let own = pages.settings.addresses.pages.origin().ascii_serialization();
    if is_of_our_page(request.method(), request.headers(), &own) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

/// What posts comes from the desk's own page and says so, and what is fetched for a page too. The page itself may be opened from a link;
/// nothing is done by that.
fn is_of_our_page(method: &Method, headers: &HeaderMap, own: &str) -> bool {
    origin::comes_from_here(method, headers, own) && (!origin::posts(method) || headers.contains_key(ORIGIN))
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

fn language_of(headers: &HeaderMap) -> Language {
    cookie(headers, LANGUAGE_COOKIE).and_then(Language::from_tag).unwrap_or_default()
}

async fn open(
    State(pages): State<Arc<ScreenPages>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let settings = &pages.settings;
    let language =
        asked.lang.as_deref().and_then(Language::from_tag).unwrap_or_else(|| language_of(&headers));
    let new = match pages.at_seat(&headers, |_| ()) {
        Some(()) => None,
        None => match pages.seat() {
            Some(browser) => Some(browser),
            None => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    };
    let title = say(language, "확인하기", "Check");
    let at = format!("{}screen", settings.addresses.pages.path());
    let today = words::today(&pages.desk, language);
    let ages = words::ages(&pages.desk, pages.desk.now(), language);
    let main = page::body(&pages.desk, &at, &today, &ages, language);
    let html = document(settings, language, title, &main, &["desk.css", "screen.css"], "screen.js");
    let mut response = reply(StatusCode::OK, "text/html; charset=utf-8", html);
    // A page opened from another site's link is this browser's too: were its cookie kept from that, it would get a second seat, and the
    // check at the first would end.
    let attributes = cookie_attributes(&settings.addresses.pages);
    let cookies = new.map(|browser| (pages.seat_cookie(), browser)).into_iter();
    for (name, value) in cookies.chain([(LANGUAGE_COOKIE.to_owned(), language.tag().to_owned())]) {
        if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={value}{attributes}")) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// A reply with the headers of the desk's page.
fn reply(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> Response {
    let mut response = secured(status, content_type, body);
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn told(value: &Value) -> Response {
    reply(StatusCode::OK, "application/json", value.to_string())
}

/// Something that ends what was going on, in words.
fn over(error: &dyn Refusal, language: Language) -> Response {
    told(
        &json!({ "version": 1, "state": "over", "code": error.code(), "note": sentence(error.code()).in_language(language) }),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    question: String,
    mode: String,
}

/// Begins a check for this browser; one that it had open is dropped.
async fn begin(State(pages): State<Arc<ScreenPages>>, headers: HeaderMap, body: Bytes) -> Response {
    let language = language_of(&headers);
    let Ok(choice) = serde_json::from_slice::<Choice>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(mode) =
        [Mode::Request, Mode::Code, Mode::OneWay].into_iter().find(|mode| mode.name() == choice.mode)
    else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(before) = pages.at_seat(&headers, |seat| seat.check.take()) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    if let Some(before) = before {
        pages.desk.stop(&before);
    }
    let begun = match pages.desk.begin(&choice.question, mode) {
        Ok(begun) => begun,
        Err(error) => return over(&error, language),
    };
    pages.at_seat(&headers, |seat| seat.check = Some(begun.id.clone()));
    let question = pages.desk.questions().iter().find(|question| question.id == begun.question);
    told(&json!({
        "version": 1,
        "state": "waiting",
        "question": question.map(|question| question.text.in_language(language)),
        "how": words::how(mode, language),
        "code": begun.code,
        "frames": begun.frames,
        "seconds_left": begun.seconds_left,
        "ages": words::ages(&pages.desk, pages.desk.now(), language),
        "have": 0,
        "need": 0,
        "note": words::waiting(0, 0, false, language),
    }))
}

async fn stop(State(pages): State<Arc<ScreenPages>>, headers: HeaderMap) -> Response {
    match pages.at_seat(&headers, |seat| seat.check.take()) {
        None => StatusCode::FORBIDDEN.into_response(),
        Some(check) => {
            if let Some(check) = check {
                pages.desk.stop(&check);
            }
            told(&json!({ "version": 1, "state": "over", "note": "" }))
        }
    }
}

/// A picture of the request: `TURN-SEQUENCE.svg`. The turn only keeps a browser from showing one that it has seen.
async fn request_frame(
    State(pages): State<Arc<ScreenPages>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let sequence = name.strip_suffix(".svg").and_then(|name| name.split_once('-')?.1.parse::<u16>().ok());
    let check = pages.check(&headers);
    let picture = sequence.zip(check).and_then(|(sequence, (check, _))| {
        let frames = pages.desk.request_frames(&check, sequence, 1, FrameSize::Standard).ok()?;
        qr::svg_of_frame(&frames.first()?.text)
    });
    match picture {
        Some(picture) => reply(StatusCode::OK, "image/svg+xml", picture),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A picture of the camera: grey pixels, one byte each, row by row.
async fn camera(
    State(pages): State<Arc<ScreenPages>>,
    Path((width, height)): Path<(u32, u32)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((check, camera)) = pages.check(&headers) else { return no_check(&pages, &headers) };
    let read = tokio::task::spawn_blocking(move || {
        let mut camera = camera.lock().unwrap_or_else(PoisonError::into_inner);
        camera.texts(body.into(), width, height, ScreenDesk::looks_for)
    });
    match read.await {
        Ok(Ok(texts)) => fed(&pages, &headers, &check, &texts),
        Ok(Err(QrError::NoCode)) => fed(&pages, &headers, &check, &[]),
        Ok(Err(QrError::NotAPicture | QrError::TooLarge)) => StatusCode::BAD_REQUEST.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What a scanner typed or a person pasted: one code a line.
async fn text(State(pages): State<Arc<ScreenPages>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some((check, _)) = pages.check(&headers) else { return no_check(&pages, &headers) };
    let Ok(text) = std::str::from_utf8(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    fed(&pages, &headers, &check, &[text.to_owned()])
}

/// Nobody of this desk, or a check that was ended meanwhile.
fn no_check(pages: &ScreenPages, headers: &HeaderMap) -> Response {
    match pages.at_seat(headers, |_| ()) {
        None => StatusCode::FORBIDDEN.into_response(),
        Some(()) => over(&CheckError::Unknown, language_of(headers)),
    }
}

fn fed(pages: &ScreenPages, headers: &HeaderMap, check: &CheckId, texts: &[String]) -> Response {
    let language = language_of(headers);
    match pages.desk.feed(check, &texts.join("\n")) {
        Err(error) => over(&error, language),
        Ok(Fed::Verdict(verdict)) => {
            if let Some(observer) = pages.observer.get() {
                observer(&verdict);
            }
            let clear_seconds = pages.desk.settings().limits.result_seconds;
            let today = words::today(&pages.desk, language);
            let ages = words::ages(&pages.desk, pages.desk.now(), language);
            told(&words::verdict(&verdict, clear_seconds, &today, &ages, language))
        }
        Ok(Fed::Waiting { have, need, foreign, newer }) => match pages.desk.seconds_left(check) {
            Err(error) => over(&error, language),
            Ok(seconds_left) => told(&json!({
                "version": 1,
                "state": "waiting",
                "have": have,
                "need": need,
                "seconds_left": seconds_left,
                "note": words::waiting(need, foreign, newer, language),
            })),
        },
    }
}
