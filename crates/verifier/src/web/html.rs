//! Pages as text: everything that is not ours is escaped, and the policy allows nothing from elsewhere.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use primitives::Language;

use crate::settings::Settings;

/// Own script, own style, own pictures and those of a presentation; no frame, no form, no other origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A text as it may stand in HTML, between tags or in a quoted attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Controls and direction marks could make a page say something else than its source.
            character if is_invisible(character) => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

fn is_invisible(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// One of two texts of our own.
pub(super) fn say(language: Language, ko: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Korean => ko,
        Language::English => en,
    }
}

/// A whole page around `main`, which is HTML already.
pub(super) fn page(
    settings: &Settings,
    language: Language,
    status: StatusCode,
    title: &str,
    main: &str,
) -> Response {
    let document = document(settings, language, title, main, &["desk.css"], "desk.js");
    secured(status, "text/html; charset=utf-8", document)
}

/// The text of a whole page with these styles and this script, by their names below the pages' address.
pub(super) fn document(
    settings: &Settings,
    language: Language,
    title: &str,
    main: &str,
    styles: &[&str],
    script: &str,
) -> String {
    let base = escape(settings.addresses.pages.path());
    let name = escape(settings.name.in_language(language));
    let styles: String =
        styles.iter().map(|style| format!("<link rel=\"stylesheet\" href=\"{base}{style}\">")).collect();
    let mut html = String::new();
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} – {name}</title><link rel=\"icon\" href=\"data:,\">{styles}\
         <script src=\"{base}{script}\" defer></script></head><body>",
        tag = language.tag(),
        title = escape(title),
    );
    if settings.demo {
        let banner = say(
            language,
            "시연용입니다. 실제 정부 서비스가 아닙니다.",
            "Demonstration only. This is not a real government service.",
        );
        let _ = write!(html, "<p class=\"banner\">{banner}</p>");
    }
    let mark = if settings.demo { " <span class=\"tag\">시연용</span>" } else { "" };
    let _ =
        write!(html, "<header><p class=\"name\">{name}{mark}</p></header><main>{main}</main></body></html>");
    html
}

/// A reply with the headers that every reply of a page has.
pub(super) fn secured(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (axum::http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (axum::http::header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, body.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ours_is_escaped_and_cannot_turn_the_text_around() {
        assert_eq!(escape("<b a=\"x\" b='y'>&"), "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
        assert_eq!(escape("가\u{202e}나\u{0}"), "가\u{fffd}나\u{fffd}");
    }
}
