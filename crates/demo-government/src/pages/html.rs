//! HTML as text: everything that is not ours goes through [`escaped`]; every page carries the same banner, style and headers.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Ko,
    En,
}

impl Lang {
    /// Korean, unless English is asked for.
    pub(crate) fn of(query: Option<&str>) -> Self {
        let asked = query.unwrap_or("").split('&').any(|pair| pair == "lang=en");
        if asked { Self::En } else { Self::Ko }
    }

    /// The one of two texts.
    pub(crate) fn pick<'t>(self, ko: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}

/// Text for element content and for attribute values in double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

const STYLE: &str = "
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;font:1rem/1.6 'Pretendard GOV',Pretendard,system-ui,sans-serif;color:#1e2124;background:#f4f5f6}
.banner{background:#fff3db;color:#3d2a00;border-bottom:2px solid #b86b00;padding:.6rem 1rem;font-weight:600;text-align:center}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.6rem;margin:.2rem 0 1rem}h2{font-size:1.2rem;margin:0 0 .6rem}
section,.card{background:#fff;border:1px solid #cdd1d5;border-radius:.5rem;padding:1rem;margin:0 0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid #e6e8ea;vertical-align:top}
form{display:inline}summary{cursor:pointer;padding:.3rem 0}details[open]>h2{margin-top:1.2rem}.all{margin:0 0 .4rem}
.papers{table-layout:fixed}.papers td:first-child{width:34%}.papers td:last-child{width:30%}
label{display:block;margin:.4rem 0}
button,.button{font:inherit;padding:.4rem .8rem;border:1px solid #58616a;border-radius:.375rem;background:#fff;color:#1e2124;cursor:pointer;text-decoration:none;display:inline-block;margin:.1rem}
button.main,.button.main{background:#0b50d0;border-color:#0b50d0;color:#fff}
button:focus-visible,a:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #256ef4;outline-offset:2px}
input,select{font:inherit;padding:.35rem .5rem;border:1px solid #58616a;border-radius:.375rem;max-width:100%}
fieldset{border:1px solid #cdd1d5;border-radius:.5rem;margin:0 0 1rem}
.quiet{color:#58616a}.bad{color:#bd2c0f;font-weight:600}.link{word-break:break-all;font-size:.85rem}
.qr svg{max-width:18rem;height:auto;background:#fff}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem}dt{font-weight:600}dd{margin:0}
@media (prefers-color-scheme:dark){body{background:#131416;color:#f4f5f6}section,.card{background:#1e2124;border-color:#464c53}
button,.button,input,select{background:#1e2124;color:#f4f5f6;border-color:#8a949e}th,td{border-color:#33363d}.quiet{color:#b1b8be}.bad{color:#ff8a70}
button.main,.button.main{background:#4c87f6;border-color:#4c87f6;color:#08142e}}
";

/// A whole page. `body` is HTML; `title` is text.
pub(crate) fn page(status: StatusCode, lang: Lang, title: &str, body: &str) -> Response {
    let banner = lang.pick(
        "시연용 · 실제 정부 서비스가 아닙니다",
        "Demonstration · not a real government service (시연용)",
    );
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{} - 시연용</title>\
         <style>{STYLE}</style></head><body><div class=\"banner\" role=\"note\">{banner}</div><main>{body}</main></body></html>",
        lang.code(),
        escaped(title),
    );
    let headers: [(HeaderName, &str); 6] = [
        // no form-action: the browser goes from the consent form to the wallet's own address
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_LANGUAGE, lang.code()),
    ];
    let mut response = (status, Html(html)).into_response();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A page that says that something did not work.
pub(crate) fn sorry(status: StatusCode, lang: Lang, text: &str) -> Response {
    let title = lang.pick("처리하지 못했습니다", "That did not work");
    let body = format!(
        "<h1>{title}</h1><section><p>{}</p><p><a class=\"button\" href=\"/?lang={}\">{}</a></p></section>",
        escaped(text),
        lang.code(),
        lang.pick("시연 콘솔로", "To the demo console"),
    );
    page(status, lang, title, &body)
}

/// A QR code of the text as an SVG element, or nothing where the text is too long for one.
pub(crate) fn qr(text: &str) -> String {
    use qrcode::render::svg;
    let Ok(code) = qrcode::QrCode::with_error_correction_level(text.as_bytes(), qrcode::EcLevel::L) else {
        return String::new();
    };
    let svg = code.render::<svg::Color<'_>>().min_dimensions(260, 260).quiet_zone(true).build();
    // the XML declaration has no place inside HTML
    let start = svg.find("<svg").unwrap_or(0);
    svg.get(start..).unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_becomes_markup() {
        assert_eq!(escaped("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
        assert!(qr("openid-credential-offer://?x=1").starts_with("<svg"));
        assert_eq!(qr(&"x".repeat(9000)), "");
    }
}
