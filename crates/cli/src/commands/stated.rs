//! What is stated of a request and what is approved with its answer, in lines: all of it, in the words that are signed.

use wallet::view::{Approval, Line, Text};

use crate::console::Console;

/// One of the five lines, with a line for each statement where not all that is asked has the same.
pub(super) fn line(console: &Console, caption: &str, line: &Line) -> Vec<String> {
    let caption = console.t(caption, &[]);
    let words = |text: Option<&Text>| {
        text.map_or_else(|| console.t("line.notStated", &[]), |text| console.text(text).to_owned())
    };
    if line.parts.is_empty() {
        return vec![format!("  {caption}: {}", words(line.text.as_ref()))];
    }
    let part = |part: &wallet::view::LinePart| {
        let papers: Vec<&str> = part.papers.iter().map(|paper| console.text(paper)).collect();
        let of = if papers.is_empty() { String::new() } else { format!("{}: ", papers.join(", ")) };
        format!("    {of}{}", words(part.text.as_ref()))
    };
    std::iter::once(format!("  {caption}:")).chain(line.parts.iter().map(part)).collect()
}

/// A transaction, all of it. What is approved is approved in both languages: where the other one says something else, it stands there too
/// (VP-T1).
pub(super) fn approval(console: &Console, approval: &Approval) -> Vec<String> {
    let (title, also, values) = match approval {
        Approval::Payment { payee, title, notice_number, amount, due, overdue } => (
            "approval.payment.title",
            "approval.payment.also",
            vec![
                ("approval.payment.payee", Value::Signed(payee)),
                ("approval.payment.notice", Value::Signed(title)),
                ("approval.payment.amount", Value::Plain(console.language.won(*amount))),
                ("approval.payment.number", Value::Plain(notice_number.clone())),
                (
                    if *overdue { "approval.payment.dueOver" } else { "approval.payment.due" },
                    Value::Plain(console.text(&wallet::view::day(due)).to_owned()),
                ),
            ],
        ),
        Approval::Signature { agency, title, number, statement, digest } => (
            "approval.signature.title",
            "approval.signature.also",
            vec![
                ("approval.signature.agency", Value::Signed(agency)),
                ("approval.signature.application", Value::Signed(title)),
                ("approval.signature.number", Value::Plain(number.clone())),
                ("approval.signature.statement", Value::Signed(statement)),
                ("approval.signature.digest", Value::Plain(digest.clone())),
            ],
        ),
    };
    let mut lines = vec![format!("  * {}", console.t(title, &[]))];
    for (caption, value) in values {
        let caption = console.t(caption, &[]);
        match value {
            Value::Plain(value) => lines.push(format!("    {caption}: {value}")),
            Value::Signed(text) => {
                lines.push(format!("    {caption}: {}", console.text(text)));
                if let Some(other) = console.language.other_words(text) {
                    lines.push(format!("      {} {other}", console.t(also, &[])));
                }
            }
        }
    }
    lines
}

/// What stands behind a caption.
enum Value<'a> {
    /// The same in both languages, or the same thing in the words of either.
    Plain(String),
    /// Words that are signed in both.
    Signed(&'a Text),
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use wallet::view::LinePart;

    use super::*;
    use crate::sentences::Language;

    fn text(ko: &str, en: &str) -> Text {
        Text { ko: Some(ko.to_owned()), en: Some(en.to_owned()) }
    }

    fn console(language: Language) -> Console {
        Console::new(false, false, language)
    }

    // rule: VP-T1
    #[test]
    fn words_that_are_signed_in_both_languages_are_shown_in_both() {
        let signature = Approval::Signature {
            agency: text("누리국토부", "Ministry"),
            title: text("청년 월세 신청서", "Sale of the flat"),
            number: "A-1".to_owned(),
            statement: text("사실임을 확인합니다.", "I sell everything."),
            digest: "00".to_owned(),
        };
        let payment = Approval::Payment {
            payee: text("가람시", "Somebody else"),
            title: text("자동차세", "A gift"),
            notice_number: "1".to_owned(),
            amount: 1,
            due: "2026-12-31".to_owned(),
            overdue: false,
        };
        for (language, signed, approved) in [
            (Language::Korean, "영문으로도 서명됩니다:", "영문으로도 승인됩니다:"),
            (Language::English, "It is signed in Korean, too:", "It is approved in Korean, too:"),
        ] {
            let lines = |one: &Approval| approval(&console(language), one);
            for (shown, also, words) in [
                (
                    lines(&signature),
                    signed,
                    ["Ministry", "Sale of the flat", "I sell everything."].as_slice(),
                ),
                (lines(&signature), signed, &["누리국토부", "청년 월세 신청서", "사실임을 확인합니다."]),
                (lines(&payment), approved, &["Somebody else", "A gift"]),
                (lines(&payment), approved, &["가람시", "자동차세"]),
            ] {
                for words in words {
                    assert!(shown.iter().any(|line| line.ends_with(words)), "{words} in {shown:?}");
                }
                assert_eq!(shown.iter().filter(|line| line.contains(also)).count(), words.len());
            }
        }
        // Korean first, for who reads Korean.
        let shown = approval(&console(Language::Korean), &signature);
        let place = |words: &str| shown.iter().position(|line| line.ends_with(words)).unwrap();
        assert_eq!(place("사실임을 확인합니다.") + 1, place("I sell everything."));
    }

    #[test]
    fn words_that_are_the_same_in_both_languages_are_shown_once() {
        let signature = Approval::Signature {
            agency: Text::same("A"),
            title: Text::same("B"),
            number: "A-1".to_owned(),
            statement: Text::same("C"),
            digest: "00".to_owned(),
        };
        assert_eq!(approval(&console(Language::Korean), &signature).len(), 6);
    }

    // rule: VP-R13
    #[test]
    fn what_is_stated_of_some_papers_has_a_line_for_each() {
        let part = |paper: &str, words: Option<&str>| LinePart {
            papers: vec![Text::same(paper)],
            text: words.map(Text::same),
        };
        let parts = vec![part("카드", Some("나이 확인")), part("고지서", None)];
        let shown = line(&console(Language::Korean), "line.purpose", &Line { text: None, parts });
        assert_eq!(shown, ["  목적:", "    카드: 나이 확인", "    고지서: 상대가 밝히지 않음"]);
        let whole = Line { text: Some(Text::same("나이 확인")), parts: Vec::new() };
        assert_eq!(line(&console(Language::Korean), "line.purpose", &whole), ["  목적: 나이 확인"]);
        let none = line(&console(Language::Korean), "line.purpose", &Line::default());
        assert_eq!(none, ["  목적: 상대가 밝히지 않음"]);
    }
}
