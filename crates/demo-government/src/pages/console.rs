//! The console: what the agencies hold, offers to make, notices, standings, services. For who runs the demonstration.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use super::form::csrf;
use super::html::{Lang, escaped, page, sorry};
use crate::command::{PaperView, PersonView, people};
use crate::desk::types_of;
use crate::papers::Standing;
use crate::people::{AGENCIES, agency_of};
use crate::state::{FILE_MAX_BYTES, PROFILE_FILE};
use crate::world::{STATUS, TRUST, WALLET_PROVIDER, World};

/// Shows the console.
pub(crate) async fn show(State(world): State<Arc<World>>, uri: Uri) -> Response {
    let lang = Lang::of(uri.query());
    let Ok(people) = people(&world) else {
        return sorry(StatusCode::INTERNAL_SERVER_ERROR, lang, "demo data");
    };
    let title = lang.pick("시연 콘솔", "Demo console");
    let (other, other_name) = (lang.pick("en", "ko"), lang.pick("English", "한국어"));
    let mut html = format!(
        "<p><a href=\"/?lang={other}\">{other_name}</a></p><h1>{title}</h1><section><p>{}</p>\
         <p><a class=\"button\" href=\"/profile.json\" download>profile.json</a> \
         <a class=\"button\" href=\"/verifiers?lang={}\">{}</a></p></section>",
        lang.pick(
            "누리 시연국의 기관과 가상의 사람들입니다. 여기서 발급 링크를 만들고, 고지서를 보내고, 상태를 바꾸고, 서비스를 멈춥니다.",
            "Agencies and invented people of the Nuri demo country. Make offers, issue notices, change standings, stop services.",
        ),
        lang.code(),
        lang.pick("검증자들", "Verifiers"),
    );
    for person in &people {
        html.push_str(&person_html(&world, person, lang));
    }
    html.push_str(&notice_form(&world, &people, lang));
    html.push_str(&services_html(&world, lang));
    page(StatusCode::OK, lang, title, &html)
}

fn standing_word(standing: Standing, lang: Lang) -> &'static str {
    match standing {
        Standing::Valid => lang.pick("유효", "valid"),
        Standing::Revoked => lang.pick("폐지됨", "revoked"),
        Standing::Suspended => lang.pick("정지됨", "suspended"),
        Standing::Paid => lang.pick("납부됨", "paid"),
    }
}

fn agency_name(id: &str, lang: Lang) -> &str {
    agency_of(id).map_or(id, |agency| lang.pick(agency.ko, agency.en))
}

/// The paper's title; in English the name of its type goes first, since titles are Korean.
fn title_of(paper: &PaperView, lang: Lang) -> String {
    match (lang, civic::Catalogue.by_key(&paper.kind)) {
        (Lang::En, Some(kind)) => format!("{} · {}", kind.name.en, paper.title),
        _ => paper.title.clone(),
    }
}

/// A verifier's name; the data have it in Korean.
fn verifier_name<'w>(world: &'w World, id: &str) -> Option<&'w str> {
    let verifier = world.country.verifiers.iter().find(|it| it.get("id").is_some_and(|it| it == id))?;
    verifier.get("ko")?.as_str()
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value))
}

fn button(name: &str, value: &str, text: &str) -> String {
    format!("<button name=\"{name}\" value=\"{value}\">{text}</button>")
}

/// The form that makes an offer of one bundle, with a button for each grant.
fn offer_form(world: &World, person: &str, bundle: &str, lang: Lang) -> String {
    format!(
        "<form method=\"post\" action=\"/offer?lang={}\">{}{}{}{}{}{}</form>",
        lang.code(),
        csrf(world),
        hidden("person", person),
        bundle,
        button("grant", "plain", lang.pick("바로 받기", "Directly")),
        button("grant", "code", lang.pick("번호 확인", "By code")),
        button("grant", "page", lang.pick("동의 페이지", "By page")),
    )
}

fn person_html(world: &World, person: &PersonView, lang: Lang) -> String {
    let mut agencies: Vec<&str> = Vec::new();
    for paper in &person.papers {
        if !agencies.contains(&paper.agency.as_str()) {
            agencies.push(&paper.agency);
        }
    }
    let mut html = format!(
        "<section><details{}><summary><strong>{}</strong> <span class=\"quiet\">{}</span></summary>",
        if person.id == "p1" { " open" } else { "" },
        escaped(&person.name),
        escaped(&person.story),
    );
    for agency in agencies {
        html.push_str(&format!(
            "<h2>{}</h2><div class=\"all\"><span class=\"quiet\">{}</span> {}</div><table class=\"papers\">",
            escaped(agency_name(agency, lang)),
            lang.pick("이 기관의 모든 것:", "Everything of this agency:"),
            offer_form(world, &person.id, &hidden("agency", agency), lang),
        ));
        for paper in person.papers.iter().filter(|paper| paper.agency == agency) {
            html.push_str(&paper_row(world, person, paper, lang));
        }
        html.push_str("</table>");
    }
    html.push_str("</details></section>");
    html
}

fn paper_row(world: &World, person: &PersonView, paper: &PaperView, lang: Lang) -> String {
    let mut forms = offer_form(world, &person.id, &hidden("paper", &paper.id), lang);
    if paper.mobile_document {
        let mdoc = hidden("paper", &format!("{}.mdoc", paper.id));
        forms.push_str(&format!(
            "<br><span class=\"quiet\">mdoc</span> {}",
            offer_form(world, &person.id, &mdoc, lang)
        ));
    }
    let change = |standing: &str, text: &str| button("standing", standing, text);
    let mut buttons = String::new();
    if paper.standing != Standing::Valid {
        buttons.push_str(&change("valid", lang.pick("되살리기", "Restore")));
    }
    if paper.shelf == "notices" && paper.standing == Standing::Valid {
        buttons.push_str(&change("paid", lang.pick("납부 처리", "Mark paid")));
    }
    if paper.standing == Standing::Valid {
        buttons.push_str(&change("suspended", lang.pick("정지", "Suspend")));
        buttons.push_str(&change("revoked", lang.pick("폐지", "Revoke")));
    }
    let class = if paper.standing == Standing::Valid { "quiet" } else { "bad" };
    format!(
        "<tr><td>{}<br><span class=\"quiet\">{}</span> <span class=\"{class}\">{}</span></td><td>{forms}</td>\
         <td><form method=\"post\" action=\"/standing?lang={}\">{}{}{buttons}</form></td></tr>",
        escaped(&title_of(paper, lang)),
        escaped(&paper.id),
        standing_word(paper.standing, lang),
        lang.code(),
        csrf(world),
        hidden("paper", &paper.id),
    )
}

fn notice_form(world: &World, people: &[PersonView], lang: Lang) -> String {
    let option =
        |value: &str, text: &str| format!("<option value=\"{}\">{}</option>", escaped(value), escaped(text));
    let persons: String = people.iter().map(|person| option(&person.id, &person.name)).collect();
    let mut kinds = String::new();
    for agency in AGENCIES {
        for kind in types_of(agency.id, &world.country) {
            if kind.shelf == civic::Shelf::Notices {
                let name =
                    format!("{} · {}", agency_name(agency.id, lang), lang.pick(kind.name.ko, kind.name.en));
                kinds.push_str(&option(&format!("{}/{}", agency.id, kind.key), &name));
            }
        }
    }
    format!(
        "<section><h2>{}</h2><form method=\"post\" action=\"/notice?lang={}\">{}\
         <label>{} <select name=\"person\">{persons}</select></label>\
         <label>{} <select name=\"kind\">{kinds}</select></label>\
         <label>{} <input name=\"title\" maxlength=\"60\" required value=\"{}\"></label>\
         <label>{} <input name=\"amount\" type=\"number\" min=\"10\" max=\"1000000000\" step=\"10\" required value=\"35000\"></label>\
         <label>{} <input name=\"days\" type=\"number\" min=\"0\" max=\"366\" required value=\"14\"></label>\
         <button class=\"main\">{}</button></form></section>",
        lang.pick("새 고지서 보내기", "Issue a new notice"),
        lang.code(),
        csrf(world),
        lang.pick("받는 사람", "To"),
        lang.pick("기관과 종류", "Agency and kind"),
        lang.pick("제목", "Title"),
        lang.pick("시연 고지서", "시연 고지서"),
        lang.pick("금액(원)", "Amount (won)"),
        lang.pick("납기까지 날 수", "Days until due"),
        lang.pick("고지서 만들기", "Issue"),
    )
}

fn services_html(world: &World, lang: Lang) -> String {
    let mut rows = String::new();
    for service in world.services() {
        let stopped = world.is_stopped(&service);
        let name = match service.as_str() {
            WALLET_PROVIDER => lang.pick("지갑 제공자", "Wallet provider"),
            TRUST => lang.pick("신뢰목록", "Trust list"),
            STATUS => lang.pick("상태목록", "Status lists"),
            other => verifier_name(world, other).unwrap_or_else(|| agency_name(other, lang)),
        };
        let (class, word) = if stopped {
            ("bad", lang.pick("멈춤", "stopped"))
        } else {
            ("quiet", lang.pick("동작 중", "running"))
        };
        let act = if stopped {
            button("stop", "no", lang.pick("시작", "Start"))
        } else {
            button("stop", "yes", lang.pick("멈추기", "Stop"))
        };
        rows.push_str(&format!(
            "<tr><td>{}<br><span class=\"quiet\">{}</span></td><td class=\"{class}\">{word}</td>\
             <td><form method=\"post\" action=\"/service?lang={}\">{}{}{act}</form></td></tr>",
            escaped(name),
            escaped(&service),
            lang.code(),
            csrf(world),
            hidden("service", &service),
        ));
    }
    format!("<section><h2>{}</h2><table>{rows}</table></section>", lang.pick("서비스", "Services"))
}

/// The profile for wallets.
pub(crate) async fn profile(State(world): State<Arc<World>>) -> Response {
    match vault::files::read_bounded(&world.folder.join(PROFILE_FILE), FILE_MAX_BYTES) {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
