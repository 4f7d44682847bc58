//! The page with all verifiers: what each is for and what it asks.

use axum::http::{StatusCode, Uri};
use axum::response::Response;
use dcql::TypeConstraint;
use primitives::{ClaimPath, Language};

use super::Entry;
use crate::pages::html::{Lang, escaped, page};

/// Shows the list.
pub(super) fn show(entries: &[Entry], uri: &Uri) -> Response {
    let lang = Lang::of(uri.query());
    let language = Language::from_tag(lang.code()).unwrap_or_default();
    let title = lang.pick("검증자들", "Verifiers");
    let (other, other_name) = (lang.pick("en", "ko"), lang.pick("English", "한국어"));
    let mut html = format!(
        "<p><a href=\"/?lang={}\">{}</a> · <a href=\"?lang={other}\">{other_name}</a></p><h1>{title}</h1>\
         <section><p>{}</p></section>",
        lang.code(),
        lang.pick("시연 콘솔", "Demo console"),
        lang.pick(
            "가상의 확인기관 열네 곳입니다. 마지막 세 곳은 일부러 나쁘게 만들었습니다: 지갑이 거절하거나 강하게 경고해야 합니다.",
            "Fourteen invented verifiers. The last three are bad on purpose: a wallet is to refuse them or to warn strongly.",
        ),
    );
    for entry in entries {
        let purpose = lang.pick(&entry.purpose_ko, entry.statements.purpose_en);
        html.push_str(&format!(
            "<section id=\"{id}\"><h2>{name}</h2><p>{purpose}</p><ul>{asked}</ul>\
             <p class=\"quiet\">{client}</p><p><a class=\"button main\" href=\"{path}/{id}/?lang={tag}\">{begin}</a></p></section>",
            id = escaped(&entry.id),
            name = escaped(entry.name.in_language(language)),
            purpose = escaped(purpose),
            asked = asked(entry, language),
            client = escaped(&manner(entry)),
            path = super::PAGES,
            tag = lang.code(),
            begin = lang.pick("요청 만들기", "Begin a request"),
        ));
    }
    page(StatusCode::OK, lang, title, &html)
}

/// The papers and claims of the question; the mobile document's form of a paper says nothing new.
fn asked(entry: &Entry, language: Language) -> String {
    let settings = entry.desk.settings();
    let mut list = String::new();
    for credential in settings.question.credentials() {
        let TypeConstraint::OneOf(types) = &credential.types else { continue };
        let type_name = types.first();
        if credential.id.as_str().ends_with("-mdoc") {
            continue;
        }
        let title = settings.titles.iter().find(|title| title.credential_type == *type_name);
        let title = title.map_or("", |title| title.text.in_language(language));
        let caption = |path: &ClaimPath| {
            let known =
                settings.captions.iter().find(|one| one.credential_type == *type_name && one.path == *path);
            known.map_or_else(|| path.to_string(), |one| one.text.in_language(language).to_owned())
        };
        let claims: Vec<String> =
            credential.claims.iter().map(|claim| escaped(&caption(&claim.path))).collect();
        list.push_str(&format!("<li>{}: {}</li>", escaped(title), claims.join(", ")));
    }
    list
}

/// Which form of the protocol it uses, for those who integrate.
fn manner(entry: &Entry) -> String {
    let said = entry.statements;
    let client = match said.client {
        super::Client::Hash => "x509_hash",
        super::Client::Name => "x509_san_dns",
        super::Client::Unsigned => "redirect_uri",
    };
    let mode = if said.encrypted { "direct_post.jwt" } else { "direct_post" };
    let fetch = match said.client {
        super::Client::Unsigned => "",
        _ if said.request_by_post => " · request_uri post",
        _ => " · request_uri get",
    };
    format!("{client} · {mode}{fetch}")
}
