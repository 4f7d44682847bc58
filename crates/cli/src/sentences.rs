//! Sentences for people, from `locales/`: the same file and the same grammar as the window's.
//!
//! `{name}` a value · `{name#won}` money · `{name#date}` a date · `{name:A/B}` the value and, after it, a word that agrees with
//! it: in Korean the particle A after a final consonant, else B; in English A for exactly one, else B.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use wallet::view::{BlameView, Parameter, Text};

/// A language of the sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Korean,
    English,
}

type Table = BTreeMap<String, String>;

static KOREAN: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../../locales/ko.json")));
static ENGLISH: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../../locales/en.json")));

/// The files are part of the program and a test reads them; a key that is missing is shown itself.
fn table(text: &str) -> Table {
    serde_json::from_str(text).unwrap_or_default()
}

impl Language {
    fn table(self) -> &'static Table {
        match self {
            Self::Korean => &KOREAN,
            Self::English => &ENGLISH,
        }
    }

    /// A sentence with its parameters.
    pub(crate) fn sentence(self, key: &str, params: &[(&str, Parameter)]) -> String {
        let template = self.table().get(key).map_or(key, String::as_str);
        fill(template, |name| params.iter().find(|(known, _)| *known == name).map(|(_, value)| value), self)
    }

    /// Whether there is a sentence of this key.
    pub(crate) fn has(key: &str) -> bool {
        KOREAN.contains_key(key)
    }

    /// The sentence of an error: its own, else that of the longest family its code begins with, else that of whom it blames.
    pub(crate) fn error(self, code: &str, blame: BlameView, params: &BTreeMap<String, Parameter>) -> String {
        let own = format!("error.{code}");
        let key = if Self::has(&own) {
            own
        } else {
            family(code).unwrap_or_else(|| format!("error.blame.{}", blame_word(blame)))
        };
        let template = self.table().get(&key).map_or(key.as_str(), String::as_str);
        fill(template, |name| params.get(name), self)
    }

    /// What somebody wrote, in this language or the other.
    pub(crate) fn words(self, text: &Text) -> &str {
        let (own, other) = match self {
            Self::Korean => (&text.ko, &text.en),
            Self::English => (&text.en, &text.ko),
        };
        own.as_deref().or(other.as_deref()).unwrap_or_default()
    }

    /// The same in the other language, where it says something else there.
    pub(crate) fn other_words(self, text: &Text) -> Option<&str> {
        let (own, other) = match self {
            Self::Korean => (&text.ko, &text.en),
            Self::English => (&text.en, &text.ko),
        };
        own.as_ref().zip(other.as_ref()).filter(|(own, other)| own != other).map(|(_, other)| other.as_str())
    }

    pub(crate) fn won(self, amount: i64) -> String {
        match self {
            Self::Korean => format!("{}원", grouped(amount)),
            Self::English => format!("{} won", grouped(amount)),
        }
    }
}

fn family(code: &str) -> Option<String> {
    KOREAN
        .keys()
        .filter(|key| key.strip_prefix("error.family.").is_some_and(|family| code.starts_with(family)))
        .max_by_key(|key| key.len())
        .cloned()
}

pub(crate) const fn blame_word(blame: BlameView) -> &'static str {
    match blame {
        BlameView::You => "you",
        BlameView::Issuer => "issuer",
        BlameView::Verifier => "verifier",
        BlameView::Network => "network",
        BlameView::Computer => "computer",
        BlameView::Application => "application",
    }
}

/// A whole number with commas.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a Parameter>, language: Language) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(&placeholder(inside, &value, language));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn placeholder<'a>(
    inside: &str,
    value: &impl Fn(&str) -> Option<&'a Parameter>,
    language: Language,
) -> String {
    let (name, words) = match inside.split_once(':') {
        Some((name, words)) => (name, words.split_once('/')),
        None => (inside, None),
    };
    let (name, kind) = name.split_once('#').unwrap_or((name, ""));
    let found = value(name);
    let shown = match found {
        None => String::new(),
        Some(Parameter::Number(number)) if kind == "won" => language.won(*number),
        Some(Parameter::Number(number)) => grouped(*number),
        Some(Parameter::Words(words)) => words.clone(),
        Some(Parameter::Text(text)) => language.words(text).to_owned(),
    };
    let Some((first, second)) = words else { return shown };
    match language {
        Language::English => {
            let one = matches!(found, Some(Parameter::Number(1)));
            format!("{shown} {}", if one { first } else { second }.trim())
        }
        Language::Korean => {
            let (closed, rieul) = final_consonant(&shown);
            let open = if first.starts_with("으로") { !closed || rieul } else { !closed };
            format!("{shown}{}", if open { second } else { first })
        }
    }
}

/// Whether a word ends in a final consonant, and whether that is ㄹ. A bracket at the end is not read; digits are read in Korean.
fn final_consonant(word: &str) -> (bool, bool) {
    let mut bare = word.trim_end();
    if bare.ends_with(')')
        && let Some((before, _)) = bare.rsplit_once('(')
    {
        bare = before;
    }
    let last = bare.trim_end_matches([' ', '"', '\'', '’', '”', '.', ',', ')', ']']).chars().last();
    match last {
        Some(syllable @ '가'..='힣') => {
            let tail = (u32::from(syllable) - u32::from('가')) % 28;
            (tail != 0, tail == 8)
        }
        Some(digit @ '0'..='9') => ("013678".contains(digit), "178".contains(digit)),
        Some(letter) => ("lmnrLMNR".contains(letter), "lrLR".contains(letter)),
        None => (false, false),
    }
}

#[cfg(test)]
mod tests;
