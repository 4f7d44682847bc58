//! The verdict: word, shape and text, so that no colour is needed; then the answer to what was asked, and nothing else.

use axum::http::StatusCode;
use axum::response::Response;
use primitives::{Instant, Language};
use serde_json::Value;
use trust::status::StatusState;

use super::html::{escape, page, say};
use crate::session::Way;
use crate::settings::Settings;
use crate::status::StatusFinding;
use crate::verdict::{Answer, Binding, Outcome, PaperFinding, Verdict};
use crate::words::{first_line, outcome_word, sentence};

/// After how many seconds the page clears itself, unless it is held.
const CLEAR_SECONDS: u32 = 30;
/// Longest text of one value that is shown, in characters.
const MAX_SHOWN_CHARACTERS: usize = 400;
/// Longest picture that is shown, in bytes of its `data:` address.
const MAX_PICTURE_BYTES: usize = 512 * 1024;

pub(super) fn show(settings: &Settings, language: Language, verdict: &Verdict) -> Response {
    let word = outcome_word(verdict.outcome);
    let word = word.in_language(language);
    let mut main = format!(
        "<div class=\"verdict {class}\" role=\"alert\" data-clear=\"{CLEAR_SECONDS}\" data-cleared=\"{cleared}\">{shape}<h1>{word}</h1><p>{line}</p></div><div class=\"facts\">",
        class = verdict.outcome.code(),
        cleared = say(language, "지웠습니다. 남은 것은 없습니다.", "Cleared. Nothing is kept."),
        shape = shape(verdict.outcome),
        word = escape(word),
        line = escape(first_line(verdict).in_language(language)),
    );
    for reason in &verdict.reasons {
        main.push_str(&format!("<p>{}</p>", escape(sentence(reason.code).in_language(language))));
    }
    if !verdict.answers.is_empty() {
        main.push_str("<dl>");
        for answer in &verdict.answers {
            main.push_str(&format!(
                "<dt>{}</dt><dd>{}</dd>",
                escape(answer.caption.in_language(language)),
                value(answer, language)
            ));
        }
        main.push_str("</dl>");
    }
    for approved in &verdict.approved {
        main.push_str(&format!(
            "<p class=\"mark\">{} {}</p>",
            say(language, "승인했습니다:", "Approved:"),
            escape(approved.in_language(language))
        ));
    }
    if let Some(text) = binding(verdict, language) {
        main.push_str(&format!("<p class=\"mark\">{text}</p>"));
    }
    for one in &verdict.papers {
        main.push_str(&paper(one, language, verdict.at));
    }
    main.push_str("</div>");
    for reason in &verdict.reasons {
        let rule = if reason.rule.is_empty() { String::new() } else { format!(" {}", escape(reason.rule)) };
        main.push_str(&format!("<p class=\"small\"><code>{}{rule}</code></p>", escape(reason.code)));
    }
    main.push_str(&format!(
        "<p><button type=\"button\" id=\"hold\" hidden>{hold}</button> <a class=\"act\" href=\"{base}\">{next}</a></p>",
        hold = say(language, "지우지 않고 두기", "Keep it on the screen"),
        base = escape(settings.addresses.pages.path()),
        next = say(language, "다음 사람", "Next person"),
    ));
    page(settings, language, StatusCode::OK, word, &main)
}

fn binding(verdict: &Verdict, language: Language) -> Option<&'static str> {
    if verdict.outcome == Outcome::Declined {
        return None;
    }
    Some(match (verdict.binding, verdict.way) {
        (Binding::SameBrowser, _) => say(
            language,
            "이 브라우저에서 시작한 사람이 냈습니다.",
            "The person who began in this browser presented it.",
        ),
        (Binding::NotBound, Way::CrossDevice) => say(
            language,
            "다른 기기에서 낸 답입니다. 화면 앞의 사람과 묶이지 않았습니다.",
            "It came from another device: not bound to the person at the screen.",
        ),
        (Binding::NotBound, _) => {
            say(language, "화면 앞의 사람과 묶이지 않았습니다.", "Not bound to the person at the screen.")
        }
        (Binding::OnScreen, Way::ScreenOneWay) => say(
            language,
            "질문 없이 보이는 방식이라 확인이 약합니다. 그 화면을 든 사람이 맞는지 눈으로 보세요.",
            "It was shown without a question, which proves less. Look whether the person with that screen is the one.",
        ),
        (Binding::OnScreen, _) => say(
            language,
            "앞에 있는 화면에서 읽었습니다. 그 화면을 든 사람이 맞는지 눈으로 보세요.",
            "It was read from the screen in front. Look whether the person with that screen is the one.",
        ),
    })
}

fn paper(paper: &PaperFinding, language: Language, at: Instant) -> String {
    let bound = if paper.holder_bound {
        say(language, "본인 것: 열쇠로 확인했습니다", "The holder's own: proved by its key")
    } else {
        say(language, "본인 것: 확인하지 않았습니다", "The holder's own: not proved")
    };
    let status = match paper.status {
        StatusFinding::NotOffered => {
            say(language, "효력: 상태 목록이 없는 서류입니다", "Effect: this paper has no status list")
                .to_owned()
        }
        StatusFinding::Listed { state, as_of, stale } => {
            format!("{} · {}", listed(state, stale, language), age(at.seconds_since(as_of), language))
        }
        StatusFinding::Unreachable | StatusFinding::NotBelieved { .. } => {
            say(language, "? 효력: 확인 못 함", "? Effect: not checked").to_owned()
        }
    };
    let kept_out = match (paper.not_asked, language) {
        (0, _) => say(language, "묻지 않은 것은 받지 않았습니다", "Nothing else was received").to_owned(),
        (count, Language::Korean) => format!("묻지 않은 {count}가지가 와서 버렸습니다"),
        (count, Language::English) => format!("{count} items that were not asked for came and were dropped"),
    };
    format!(
        "<section><h2>{}</h2><ul><li>{} {}</li><li>{bound}</li><li>{status}</li><li>{kept_out}</li></ul></section>",
        escape(paper.title.in_language(language)),
        say(language, "발급:", "Issued by"),
        escape(&paper.issuer),
    )
}

/// What a list says: words of its own for each state, with a mark that needs no colour.
fn listed(state: StatusState, stale: bool, language: Language) -> &'static str {
    match (state, stale) {
        (StatusState::Valid, false) => say(language, "✓ 효력 유효", "✓ Effect: valid"),
        (StatusState::Valid, true) => {
            say(language, "◷ 효력 유효, 오래된 확인", "◷ Effect: valid by an old list")
        }
        (StatusState::Invalid, _) => say(language, "✕ 효력 없음: 취소됨", "✕ Effect: revoked"),
        (StatusState::Suspended, _) => say(language, "‖ 효력 정지 중", "‖ Effect: suspended"),
        (StatusState::ApplicationSpecific(_) | StatusState::Reserved(_), _) => {
            say(language, "✕ 효력 유효가 아님", "✕ Effect: not said to be valid")
        }
    }
}

/// How old a status list is.
pub(super) fn age(seconds: i64, language: Language) -> String {
    let (count, ko, en) = match seconds {
        ..60 => return say(language, "방금 확인", "checked just now").to_owned(),
        60..3600 => (seconds / 60, "분", "minutes"),
        3600..86_400 => (seconds / 3600, "시간", "hours"),
        _ => (seconds / 86_400, "일", "days"),
    };
    match language {
        Language::Korean => format!("{count}{ko} 전 상태 목록"),
        Language::English => format!("by a list {count} {en} old"),
    }
}

fn value(answer: &Answer, language: Language) -> String {
    match &answer.value {
        Value::Bool(true) => say(language, "예", "Yes").to_owned(),
        Value::Bool(false) => say(language, "아니요", "No").to_owned(),
        Value::String(text) if picture(text).is_some() => {
            let caption = escape(answer.caption.in_language(language));
            let address = picture(text).unwrap_or_default();
            format!("<img class=\"portrait\" src=\"{}\" alt=\"{caption}\">", escape(&address))
        }
        other => escape(&plain(other)),
    }
}

pub(super) fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name}: {}", plain(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    if text.chars().count() <= MAX_SHOWN_CHARACTERS {
        return text;
    }
    text.chars().take(MAX_SHOWN_CHARACTERS).chain(['…']).collect()
}

/// The `data:` address of a JPEG or PNG, as an SD-JWT VC has it or made of an mdoc's bytes (base64url): nothing that could hold a
/// script.
pub(super) fn picture(text: &str) -> Option<String> {
    const JPEG: &str = "data:image/jpeg;base64,";
    /// How a JPEG begins: FF D8 FF.
    const JPEG_MAGIC: &[u8] = &[0xff, 0xd8, 0xff];
    if text.len() > MAX_PICTURE_BYTES {
        return None;
    }
    let data = [JPEG, "data:image/png;base64,"].iter().find_map(|prefix| text.strip_prefix(prefix));
    if let Some(data) = data {
        return primitives::base64url::decode_standard(data).ok().map(|_| text.to_owned());
    }
    let bytes = primitives::base64url::decode(text).ok()?;
    bytes.starts_with(JPEG_MAGIC).then(|| format!("{JPEG}{}", primitives::base64url::encode_standard(&bytes)))
}

/// A shape of its own for each word.
pub(super) fn shape(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed => {
            "<svg class=\"shape\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"m7 12.5 3.5 3.5L17 9\"/></svg>"
        }
        Outcome::ConfirmedWeak => {
            "<svg class=\"shape\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M12 3 22 21H2Z\"/><path d=\"M12 10v5m0 2.5v.5\"/></svg>"
        }
        Outcome::NotConfirmed => {
            "<svg class=\"shape\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M8 2h8l6 6v8l-6 6H8l-6-6V8Z\"/><path d=\"m9 9 6 6m0-6-6 6\"/></svg>"
        }
        Outcome::Declined => {
            "<svg class=\"shape\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M5 9h14M5 15h14M16 4 8 20\"/></svg>"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_picture_becomes_a_picture() {
        let address = "data:image/jpeg;base64,/9j/4A==";
        assert_eq!(picture(address).as_deref(), Some(address));
        assert_eq!(picture("_9j_4A").as_deref(), Some(address));
        for text in
            ["data:image/svg+xml;base64,/9j/4A==", "data:image/jpeg;base64,<script>", "abcd", "홍길동", ""]
        {
            assert_eq!(picture(text), None, "{text}");
        }
    }

    #[test]
    fn the_age_of_a_list_is_said_in_words() {
        assert_eq!(age(5, Language::Korean), "방금 확인");
        assert_eq!(age(3 * 3600 + 1, Language::Korean), "3시간 전 상태 목록");
        assert_eq!(age(2 * 86_400, Language::English), "by a list 2 days old");
    }
}
