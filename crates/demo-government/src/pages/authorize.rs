//! The authorization page of an agency: who asks for what, as whom one agrees, and the way back to the wallet
//! (OpenID4VCI 1.0 section 5, RFC 6749 section 4.1.2, RFC 9207).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use primitives::Instant;
use url::Url;

use super::form::{Form, csrf};
use super::html::{Lang, escaped, page, sorry};
use crate::command::configuration_of;
use crate::desk::{Asked, Desk};
use crate::error::GovernmentError;
use crate::issue::Form as PaperForm;
use crate::papers::Standing;
use crate::people::agency_of;
use crate::provider::CLIENT_ID;
use crate::verifiers::identification::{self, Identification};
use crate::world::World;

/// What one person can get for the request: configuration, credential identifier, title.
type Choice = (String, String, String);

fn whole(world: &World, uri: &Uri) -> Option<Url> {
    Url::parse(&format!("{}{}", world.addresses.pages_origin(), uri.path_and_query()?)).ok()
}

fn gone(lang: Lang) -> Response {
    let text = lang.pick(
        "이 요청은 없거나, 이미 쓰였거나, 시간이 지났습니다. 지갑에서 다시 시작하세요.",
        "This request does not exist, was used already, or has expired. Start again in the wallet.",
    );
    sorry(StatusCode::BAD_REQUEST, lang, text)
}

/// What the person has of what was asked.
fn choices(world: &World, agency: &str, asked: &Asked, person: &str) -> Result<Vec<Choice>, GovernmentError> {
    let mut found = Vec::new();
    for paper in world.papers_of(person)? {
        if paper.agency != agency || !matches!(world.standing(&paper), Standing::Valid | Standing::Paid) {
            continue;
        }
        for form in [PaperForm::SdJwtVc, PaperForm::Mdoc] {
            let Ok(configuration) = configuration_of(&paper, form) else { continue };
            if !asked.configuration_ids.contains(&configuration) {
                continue;
            }
            let identifier = form.identifier(&paper.id);
            let pair = (configuration, identifier);
            if asked.offer.as_ref().is_none_or(|offer| offer.papers.contains(&pair)) {
                found.push((pair.0, pair.1, format!("{}{}", paper.title, form.note())));
            }
        }
    }
    Ok(found)
}

/// The people who can be chosen, each with what they get.
fn people(
    world: &World,
    desk: &Desk,
    asked: &Asked,
    known: Option<&str>,
) -> Result<Vec<(String, String, Vec<Choice>)>, GovernmentError> {
    let mut found = Vec::new();
    for person in &world.country.personas {
        if asked.offer.as_ref().is_some_and(|offer| offer.person != person.id) {
            continue;
        }
        if known.is_some_and(|known| known != person.id) {
            continue;
        }
        let choices = choices(world, &desk.agency, asked, &person.id)?;
        if !choices.is_empty() {
            found.push((person.id.clone(), person.name.clone(), choices));
        }
    }
    Ok(found)
}

/// Whether the card has to be shown first: nobody said whose certificates these are to be.
fn needs_card(asked: &Asked) -> bool {
    asked.offer.is_none() && identification::is_needed(&asked.configuration_ids)
}

/// The cookie of the browser that began to show the card.
const COOKIE: &str = "identify";

fn browser(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// Asks for the card: the link leads into the wallet, whose answer leads the browser back here.
fn ask_for_card(identification: &Identification, url: &Url, now: Instant, lang: Lang) -> Response {
    let Some(created) = identification.begin(url, now) else { return gone(lang) };
    let html = format!(
        "<h1>{}</h1><section><p>{}</p><p><a class=\"main\" href=\"{}\">{}</a></p></section>",
        lang.pick("누구의 증명서인지 먼저 확인합니다", "First: whose certificate is it?"),
        lang.pick(
            "지갑에 있는 모바일 주민등록증에서 이름과 생년월일만 보여 주세요. 보여 준 뒤 이 창에서 이어집니다.",
            "Show name and date of birth of the mobile resident card in your wallet. It goes on in this window.",
        ),
        escaped(&created.link),
        lang.pick("지갑에서 신분증 보여 주기", "Show the card in the wallet"),
    );
    let title = lang.pick("본인 확인", "Identification");
    let mut response = page(StatusCode::OK, lang, title, &html);
    let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600", created.browser);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The wallet's answer led the browser here: back to the page that asked.
pub(crate) async fn identified(
    State(world): State<Arc<World>>,
    Extension(identification): Extension<Arc<Identification>>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let lang = Lang::of(uri.query());
    let query = url::form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
    let code = query.into_owned().find(|(name, _)| name == "response_code").map(|(_, code)| code);
    match identification.done(&world, &id, browser(&headers), code.as_deref()) {
        Some(page) => see(page.as_str(), lang),
        None => gone(lang),
    }
}

/// Shows the page.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Extension(identification): Extension<Arc<Identification>>,
    Path(agency): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let lang = Lang::of(uri.query());
    let (Some(desk), Some(url)) = (world.desks.get(&agency), whole(&world, &uri)) else { return gone(lang) };
    if world.is_stopped(&agency) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (url, now) = (without_lang(&url), world.now());
    let Some(asked) = desk.asked(&url, now) else { return gone(lang) };
    let known = identification.known(browser(&headers), &url, now);
    if needs_card(&asked) && known.is_none() {
        return ask_for_card(&identification, &url, now, lang);
    }
    let Ok(people) = people(&world, desk, &asked, known.as_deref()) else { return gone(lang) };
    page(
        StatusCode::OK,
        lang,
        lang.pick("발급 동의", "Consent to issuance"),
        &body(&world, desk, &asked, &people, lang),
    )
}

fn body(
    world: &World,
    desk: &Desk,
    asked: &Asked,
    people: &[(String, String, Vec<Choice>)],
    lang: Lang,
) -> String {
    let agency = agency_of(&desk.agency).map_or(desk.agency.as_str(), |it| lang.pick(it.ko, it.en));
    // A client that is no attested wallet authenticated itself with the key that the agency knows.
    let (wallet, known_by) = if asked.client_id == CLIENT_ID {
        let known_by = lang.pick(
            "지갑이 진짜임은 지갑 제공자(시연)의 증명으로 확인했습니다.",
            "The wallet was attested by the wallet provider (demo).",
        );
        (format!("{} ({})", lang.pick("시민지갑", "Citizen Wallet"), asked.client_id), known_by)
    } else {
        let known_by = lang.pick(
            "미리 등록된 열쇠로 확인한 지갑입니다.",
            "The wallet is known by a key registered beforehand.",
        );
        (asked.client_id.clone(), known_by)
    };
    let mut html = format!(
        "<h1>{}</h1><section><dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl><p class=\"quiet\">{known_by} {}</p></section>",
        lang.pick("이 지갑에 증명서를 발급할까요?", "Issue papers to this wallet?"),
        lang.pick("발급 기관", "Agency"),
        escaped(agency),
        lang.pick("받는 지갑", "Wallet"),
        escaped(&wallet),
        lang.pick("로그인 대신 가상의 사람을 고릅니다.", "Instead of logging in, choose an invented person."),
    );
    if people.is_empty() {
        let none =
            lang.pick("요청한 증명서를 가진 사람이 없습니다.", "Nobody has the papers that were asked for.");
        html.push_str(&format!("<p class=\"bad\">{none}</p>"));
    }
    html.push_str(&format!("<form method=\"post\">{}", csrf(world)));
    let legend = lang.pick("누구로 받을까요?", "As whom?");
    if !people.is_empty() {
        html.push_str(&format!("<fieldset><legend>{legend}</legend>"));
        let only = people.len() == 1;
        for (id, name, choices) in people {
            let titles: Vec<String> = choices.iter().map(|(_, _, title)| escaped(title)).collect();
            html.push_str(&format!(
                "<label><input type=\"radio\" name=\"person\" value=\"{}\" required{}> <strong>{}</strong> \
                 <span class=\"quiet\">{}</span></label>",
                escaped(id),
                if only { " checked" } else { "" },
                escaped(name),
                titles.join(", "),
            ));
        }
        html.push_str(&format!(
            "</fieldset><button class=\"main\" name=\"answer\" value=\"agree\">{}</button> ",
            lang.pick("동의하고 발급받기", "Agree and issue"),
        ));
    }
    html.push_str(&format!(
        "<button name=\"answer\" value=\"refuse\" formnovalidate>{}</button></form>",
        lang.pick("거절하기", "Refuse"),
    ));
    html
}

/// `lang` is the page's own and not part of the wallet's request.
fn without_lang(url: &Url) -> Url {
    let pairs: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| name != "lang").collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

/// Takes the person's answer.
pub(crate) async fn answer(
    State(world): State<Arc<World>>,
    Extension(identification): Extension<Arc<Identification>>,
    Path(agency): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lang = Lang::of(uri.query());
    let (Some(desk), Some(url)) = (world.desks.get(&agency), whole(&world, &uri)) else { return gone(lang) };
    if world.is_stopped(&agency) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let Some(form) = Form::of(&world, &headers, &body) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let (url, now) = (without_lang(&url), world.now());
    let Some(asked) = desk.asked(&url, now) else { return gone(lang) };
    let known = identification.known(browser(&headers), &url, now);
    let agreed = match form.text("answer") {
        // nobody takes a certificate of somebody whose card was not shown
        Some("agree") if needs_card(&asked) && known.is_none() => return gone(lang),
        Some("agree") => {
            let Ok(people) = people(&world, desk, &asked, known.as_deref()) else { return gone(lang) };
            let chosen = people.into_iter().find(|(id, _, _)| form.text("person") == Some(id));
            let Some((id, _, choices)) = chosen else { return gone(lang) };
            let pairs = choices.into_iter().map(|(configuration, identifier, _)| (configuration, identifier));
            Some((id, pairs.collect()))
        }
        Some("refuse") => None,
        _ => return gone(lang),
    };
    let Some(back) = desk.decide(&url, agreed, now) else { return gone(lang) };
    see(back.as_str(), lang)
}

fn see(place: &str, lang: Lang) -> Response {
    match HeaderValue::from_str(place) {
        Ok(location) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        )
            .into_response(),
        Err(_) => gone(lang),
    }
}
