//! What the desk says to its page: progress in a sentence, and a verdict as words in one language.

use civic::facts::{self, FactValue};
use primitives::{Instant, Language};
use serde_json::{Value, json};
use trust::status::StatusState;

use crate::offline::{Aged, Grade, Mode, ScreenDesk, ScreenVerdict, claim_kind};
use crate::status::StatusFinding;
use crate::verdict::{Answer, Outcome, Reason, Verdict};
use crate::web::html::say;
use crate::web::verdict_page::{age, picture, plain};
use crate::words::{first_line, outcome_word, sentence};

/// How many checks there were, and that nothing else is kept.
pub(super) fn today(desk: &ScreenDesk, language: Language) -> String {
    let checks = desk.count().checks;
    match language {
        Language::Korean => format!("값은 보관하지 않고 수만 셉니다 (오늘 {checks}번)"),
        Language::English => format!("No value is kept, only how many checks there were (today: {checks})"),
    }
}

/// How old the lists are that verdicts rest on.
pub(super) fn ages(desk: &ScreenDesk, now: Instant, language: Language) -> String {
    let ages = desk.ages();
    let age = |list: Option<Aged>, none: &'static str| match list {
        None => none.to_owned(),
        Some(list) => {
            let grade = match list.grade {
                Grade::Green => "",
                Grade::Amber => say(language, " (오래됨)", " (old)"),
                Grade::Red => say(language, " (너무 오래됨)", " (too old)"),
            };
            format!("{}{grade}", how_long(now.seconds_since(list.as_of), language))
        }
    };
    format!(
        "{} {} · {} {}",
        say(language, "상태 목록:", "Status lists:"),
        age(ages.status_lists, say(language, "없음", "none")),
        say(language, "발급 기관 목록:", "List of issuers:"),
        age(ages.trust_list, say(language, "설정 파일의 것", "that of the configuration")),
    )
}

fn how_long(seconds: i64, language: Language) -> String {
    let (count, ko, en) = match seconds {
        ..3600 => return say(language, "1시간 안에 서명됨", "signed within the hour").to_owned(),
        3600..86_400 => (seconds / 3600, "시간", "h"),
        _ => (seconds / 86_400, "일", " days"),
    };
    match language {
        Language::Korean => format!("{count}{ko} 전"),
        Language::English => format!("{count}{en} old"),
    }
}

/// What the citizen is to do.
pub(super) fn how(mode: Mode, language: Language) -> &'static str {
    match mode {
        Mode::Request => say(
            language,
            "시민이 지갑으로 이 QR을 읽고 보이기로 하면, 지갑의 QR을 카메라에 보여 달라고 하세요.",
            "Let the citizen read this QR code with the wallet and then hold the wallet's QR code to the camera.",
        ),
        Mode::Code => say(
            language,
            "시민에게 이 코드를 지갑에 입력해 달라고 한 뒤, 지갑의 QR을 카메라에 보여 달라고 하세요.",
            "Let the citizen type this code into the wallet and then hold the wallet's QR code to the camera.",
        ),
        Mode::OneWay => say(
            language,
            "시민에게 지갑에서 이 질문을 골라 QR을 카메라에 보여 달라고 하세요. 질문 없이 보이는 방식이라 확인이 약합니다.",
            "Let the citizen choose this question in the wallet and hold its QR code to the camera. Nothing is asked, so the check is weak.",
        ),
    }
}

/// How far the reading is, in a sentence that changes seldom: it is spoken.
pub(super) fn waiting(need: u8, foreign: u32, newer: bool, language: Language) -> String {
    let say = |ko, en| say(language, ko, en).to_owned();
    match (need, foreign) {
        (0, 0) => say("지갑의 QR을 기다립니다.", "Waiting for the wallet's QR code."),
        (0, _) if newer => sentence("offline_message_version").in_language(language).to_owned(),
        (0, _) => say(
            "읽은 QR이 이 확인의 답이 아닙니다. 지갑의 QR을 보여 달라고 하세요.",
            "The code that was read is no answer to this check. Ask for the wallet's QR code.",
        ),
        _ => say("읽고 있습니다. 그대로 보여 달라고 하세요.", "Reading. Ask to keep it still."),
    }
}

/// A verdict as the page shows it: texts only, in one language.
pub(super) fn verdict(
    screen: &ScreenVerdict,
    clear_seconds: i64,
    today: &str,
    ages: &str,
    language: Language,
) -> Value {
    let verdict = &screen.verdict;
    let fact = |caption: &str, value: String| json!({ "caption": caption, "value": value });
    let mut answers = Vec::new();
    if let Some(statement) = &screen.statement {
        answers.push(fact(
            statement.caption.in_language(language),
            statement.value.in_language(language).to_owned(),
        ));
    }
    for answer in &verdict.answers {
        let caption = answer.caption.in_language(language);
        answers.push(match answer.value.as_str().and_then(picture) {
            Some(address) => json!({ "caption": caption, "value": "", "picture": address }),
            None => json!({
                "caption": caption, "value": shown(answer, language), "no": answer.value == Value::Bool(false),
            }),
        });
    }
    let mut facts =
        vec![fact(say(language, "질문", "Question"), screen.question_text.in_language(language).to_owned())];
    for paper in &verdict.papers {
        let title = paper.title.in_language(language);
        facts.push(fact(say(language, "서류", "Paper"), title.to_owned()));
        facts.push(fact(say(language, "발급", "Issued by"), paper.issuer.clone()));
        let own = match (paper.holder_bound, screen.mode) {
            (false, _) => say(language, "확인하지 않음", "Not proved"),
            (true, Mode::Request) => {
                say(language, "방금 이 요청에 서명함", "Signed for this request just now")
            }
            (true, Mode::Code) => say(language, "방금 이 코드에 서명함", "Signed for this code just now"),
            (true, Mode::OneWay) => say(
                language,
                "60초 안에 서명함. 다른 곳에서 본 것일 수 있습니다",
                "Signed within 60 seconds; it may have been seen elsewhere",
            ),
        };
        facts.push(fact(say(language, "본인 것", "The holder's own"), own.to_owned()));
        let status = status(paper.status, verdict.at, language);
        facts.push(fact(say(language, "효력", "Effect"), status));
    }
    if !screen.not_received.is_empty() {
        let captions: Vec<&str> =
            screen.not_received.iter().map(|caption| caption.in_language(language)).collect();
        facts.push(fact(say(language, "받지 않은 것", "Not received"), captions.join(", ")));
    }
    if let Some(list) = screen.trust_list {
        facts.push(fact(
            say(language, "발급 기관 목록", "List of issuers"),
            how_long(verdict.at.seconds_since(list.as_of), language),
        ));
    }
    if screen.not_counted {
        facts.push(fact(
            say(language, "확인 횟수", "Number of checks"),
            say(language, "저장하지 못했습니다", "Could not be written").to_owned(),
        ));
    }
    json!({
        "version": 1,
        "state": "verdict",
        "tone": verdict.outcome.code(),
        "word": word(verdict, language),
        "line": first_line(verdict).in_language(language),
        "reasons": verdict.reasons.iter().map(|reason| sentence(reason.code).in_language(language).to_owned()).collect::<Vec<_>>(),
        "codes": verdict.reasons.iter().map(|reason| format!("{} {}", reason.code, reason.rule).trim_end().to_owned()).collect::<Vec<_>>(),
        "answers": answers,
        "facts": facts,
        "today": match language {
            Language::Korean => format!("{}에 확인 · {today}", wall_clock(verdict.at)),
            Language::English => format!("Checked at {} · {today}", wall_clock(verdict.at)),
        },
        "ages": ages,
        "clear_seconds": clear_seconds,
        "receipt": screen.receipt,
    })
}

/// What a list says of a paper, and how old the list is.
fn status(found: StatusFinding, now: Instant, language: Language) -> String {
    let say = |ko, en| say(language, ko, en);
    match found {
        StatusFinding::NotOffered => say("상태 목록이 없는 서류", "The paper has no status list").to_owned(),
        StatusFinding::Unreachable | StatusFinding::NotBelieved { .. } => {
            say("확인 못 함", "Not checked").to_owned()
        }
        StatusFinding::Listed { state, as_of, .. } => {
            let word = match state {
                StatusState::Valid => say("유효", "Valid"),
                StatusState::Invalid => say("효력 없음: 취소됨", "Revoked"),
                StatusState::Suspended => say("효력 정지 중", "Suspended"),
                StatusState::ApplicationSpecific(_) | StatusState::Reserved(_) => {
                    say("유효가 아님", "Not valid")
                }
            };
            format!("{word} · {}", age(now.seconds_since(as_of), language))
        }
    }
}

/// When it is, on a clock on the wall in Korea.
fn wall_clock(now: Instant) -> String {
    const SEOUL_SECONDS: i64 = 9 * 3600;
    let minutes = (now.unix_seconds() + SEOUL_SECONDS).rem_euclid(86_400) / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The word; of the two kinds of a doubtful confirmation only the one that it is.
fn word(verdict: &Verdict, language: Language) -> String {
    let old = |reason: &Reason| reason.code == "status_stale";
    let reasons = &verdict.reasons;
    match verdict.outcome {
        Outcome::ConfirmedWeak if reasons.iter().all(old) => {
            say(language, "오래된 확인", "Confirmed, but old").to_owned()
        }
        Outcome::ConfirmedWeak if !reasons.iter().any(old) => {
            say(language, "약한 확인", "Confirmed, but weak").to_owned()
        }
        outcome => outcome_word(outcome).in_language(language).to_owned(),
    }
}

/// A value as a person reads it: yes and no are words, an amount is in won. What the catalogue does not know stands as it came.
fn shown(answer: &Answer, language: Language) -> String {
    let known = claim_kind(&answer.credential_type, &answer.path);
    match (&answer.value, known.and_then(|kind| facts::value(Some(kind), &answer.value))) {
        (Value::Bool(true), _) => say(language, "예", "Yes").to_owned(),
        (Value::Bool(false), _) => say(language, "아니요", "No").to_owned(),
        (_, Some(FactValue::Text(text))) => text.in_language(language).to_owned(),
        (value, _) => plain(value),
    }
}
