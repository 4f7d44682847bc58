//! Claims as facts: captioned, grouped, formatted for people, with what stays hidden until it is asked for.

use primitives::{CivilDate, LocalizedText};
use serde_json::Value;

use crate::catalogue::{Group, Kind, PaperType, Sensitivity};
use crate::{format, mask};

/// The most facts shown of one paper of an unknown type.
const MOST_FACTS: usize = 200;
/// The most characters of a value that are shown at once.
const MOST_CHARACTERS: usize = 2_000;

/// One fact of a paper.
#[derive(Clone, PartialEq)]
pub struct Fact {
    /// Member names from the root of the claims.
    pub path: Vec<String>,
    /// What the citizen reads before the value.
    pub caption: LocalizedText,
    /// The value for people.
    pub value: FactValue,
    /// How carefully it is shown.
    pub sensitivity: Sensitivity,
    /// Under which heading.
    pub group: Group,
    /// Whether the holder may leave it out of a presentation.
    pub disclosable: bool,
}

/// A value for people.
#[derive(Clone, PartialEq)]
pub enum FactValue {
    /// Words.
    Text(LocalizedText),
    /// A picture, as a `data:` URL of an image type.
    Picture(String),
    /// A table: one list of captioned cells a row.
    Rows(Vec<Vec<(String, LocalizedText)>>),
}

/// The facts of a paper whose type is in the catalogue, in reading order; claims that are absent or null are left out.
#[must_use]
pub fn of(kind: &PaperType, claims: &Value) -> Vec<Fact> {
    kind.claims
        .iter()
        .filter_map(|claim| {
            let value = claim.path.iter().try_fold(claims, |value, name| value.get(*name))?;
            Some(Fact {
                path: claim.path.iter().map(|name| (*name).to_owned()).collect(),
                caption: claim.caption.localized(),
                value: read(claim.kind, value)?,
                sensitivity: claim.sensitivity,
                group: claim.group,
                disclosable: claim.disclosable,
            })
        })
        .collect()
}

/// The facts of a paper of an unknown type: every leaf, its path as caption, hidden until asked for.
#[must_use]
pub fn generic(claims: &Value) -> Vec<Fact> {
    let mut facts = Vec::new();
    collect(claims, &mut Vec::new(), &mut facts);
    facts
}

/// One value for people, read by its kind, or by its shape where the type is not in the catalogue.
#[must_use]
pub fn value(kind: Option<Kind>, value: &Value) -> Option<FactValue> {
    read(kind.unwrap_or_else(|| kind_by_shape(value)), value)
}

fn kind_by_shape(value: &Value) -> Kind {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => Kind::Rows,
        Value::Array(_) => Kind::TextList,
        Value::Object(_) => Kind::Parts,
        Value::Bool(_) => Kind::Boolean,
        Value::Number(_) => Kind::Number,
        Value::String(text) if text.starts_with("data:image/") => Kind::Picture,
        Value::String(text) if is_date(text) => Kind::Date,
        _ => Kind::Text,
    }
}

fn collect(value: &Value, path: &mut Vec<String>, facts: &mut Vec<Fact>) {
    if facts.len() >= MOST_FACTS {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push(name.clone());
                collect(member, path, facts);
                path.pop();
            }
        }
        Value::Null => {}
        _ => {
            if let Some(read) = read(kind_by_shape(value), value) {
                let caption = path.join(" · ");
                facts.push(Fact {
                    path: path.clone(),
                    caption: LocalizedText { ko: caption.clone(), en: caption },
                    value: read,
                    sensitivity: Sensitivity::Masked,
                    group: Group::Content,
                    disclosable: true,
                });
            }
        }
    }
}

/// One value for people; `None` where it is null. A value of another shape than its kind is shown as plain words.
fn read(kind: Kind, value: &Value) -> Option<FactValue> {
    if value.is_null() {
        return None;
    }
    let formatted = match (kind, value) {
        (Kind::Picture, Value::String(url)) => {
            return is_safe_picture(url).then(|| FactValue::Picture(url.clone()));
        }
        (Kind::Rows, Value::Array(rows)) => {
            return Some(FactValue::Rows(rows.iter().take(100).map(row).collect()));
        }
        (Kind::Parts, Value::Object(_)) => return Some(FactValue::Rows(vec![row(value)])),
        _ => plain(kind, value),
    };
    Some(FactValue::Text(formatted))
}

fn plain(kind: Kind, value: &Value) -> LocalizedText {
    let number = value.as_i64();
    match (kind, value, number) {
        (Kind::Won, _, Some(won)) => format::won(won),
        (Kind::Number, _, Some(number)) => same(format::thousands(number)),
        (Kind::Year, _, Some(year)) => LocalizedText { ko: format!("{year}년"), en: year.to_string() },
        (Kind::Percent, _, Some(percent)) => same(format!("{percent}%")),
        (Kind::Area, _, Some(area)) => same(format!("{} m²", format::thousands(area))),
        (Kind::People, _, Some(people)) => {
            LocalizedText { ko: format!("{people}명"), en: people.to_string() }
        }
        (Kind::Date, Value::String(text), _) => {
            CivilDate::parse(text).map_or_else(|_| words(text), format::date)
        }
        (Kind::Sex, Value::String(text), _) => match text.as_str() {
            "F" => LocalizedText { ko: "여".to_owned(), en: "Female".to_owned() },
            "M" => LocalizedText { ko: "남".to_owned(), en: "Male".to_owned() },
            _ => words(text),
        },
        (_, Value::Bool(true), _) => LocalizedText { ko: "예".to_owned(), en: "Yes".to_owned() },
        (_, Value::Bool(false), _) => LocalizedText { ko: "아니요".to_owned(), en: "No".to_owned() },
        (_, Value::String(text), _) => words(text),
        (_, Value::Array(items), _) => {
            let parts: Vec<String> = items.iter().take(100).map(|item| plain(Kind::Text, item).ko).collect();
            if parts.is_empty() {
                LocalizedText { ko: "없음".to_owned(), en: "None".to_owned() }
            } else {
                same(bounded(&parts.join(", ")))
            }
        }
        (_, other, _) => words(&other.to_string()),
    }
}

fn is_date(text: &str) -> bool {
    CivilDate::parse(text).is_ok()
}

/// A row of a table. Names of cells that are known are captioned; the others stand as they are.
fn row(value: &Value) -> Vec<(String, LocalizedText)> {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(name, member)| !member.is_null() && *name != "code")
            .take(20)
            .map(|(name, member)| {
                let kind = match name.as_str() {
                    "amount" | "lateAddition" | "health" | "care" => Kind::Won,
                    "birth" | "from" | "to" | "on" => Kind::Date,
                    _ if member.as_str().is_some_and(is_date) => Kind::Date,
                    _ => Kind::Text,
                };
                let cell = plain(kind, member);
                // A sum beside another says what it is.
                let cell = match name.as_str() {
                    "lateAddition" => LocalizedText {
                        ko: format!("납기 뒤 {} 더", cell.ko),
                        en: format!("{} more after the due date", cell.en),
                    },
                    _ => cell,
                };
                (name.clone(), cell)
            })
            .collect(),
        other => vec![(String::new(), plain(Kind::Text, other))],
    }
}

/// Words as they were issued, except that a whole resident registration number never stands.
fn words(text: &str) -> LocalizedText {
    same(mask::resident_numbers(&bounded(text)))
}

fn same(text: String) -> LocalizedText {
    LocalizedText { ko: text.clone(), en: text }
}

fn bounded(text: &str) -> String {
    if text.chars().nth(MOST_CHARACTERS).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(MOST_CHARACTERS).collect();
    cut.push('…');
    cut
}

/// Only raster pictures inside the paper itself: no address to fetch, and no SVG, which can carry scripts and links.
fn is_safe_picture(url: &str) -> bool {
    ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/webp;base64,"]
        .iter()
        .any(|prefix| url.starts_with(prefix))
}

#[cfg(test)]
mod tests;
