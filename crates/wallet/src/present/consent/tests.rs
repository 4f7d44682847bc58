use civic::catalogue::{Group, Silhouette, Special, Words};
use civic::{Catalogue, ClaimType, Kind, Shelf};
use serde_json::json;

use super::*;

const WORDS: Words = Words { ko: "가", en: "a" };

const fn claim(path: &'static [&'static str], sensitivity: Sensitivity) -> ClaimType {
    ClaimType {
        path,
        caption: WORDS,
        kind: Kind::Text,
        sensitivity,
        group: Group::Content,
        disclosable: true,
    }
}

static NESTED: PaperType = PaperType {
    key: "Nested",
    claims: &[
        claim(&["health", "illness"], Sensitivity::Special(Special::Health)),
        claim(&["health", "clinic"], Sensitivity::Plain),
        claim(&["name"], Sensitivity::Plain),
    ],
    shelf: Shelf::Benefits,
    silhouette: Silhouette::Sheet,
    name: WORDS,
    vct: "urn:nested",
    mobile_document: None,
    telling: None,
    face: &[],
};

fn path(value: serde_json::Value) -> ClaimPath {
    serde_json::from_value(value).unwrap()
}

#[test]
fn what_holds_something_sensitive_is_sensitive_itself() {
    for sensitive in [
        json!(["health", "illness"]),
        json!(["health"]),
        json!(["health", "illness", "since"]),
        json!(["health", "illness", 0]),
        json!(["org.example.1", "health_illness"]),
    ] {
        assert!(is_sensitive(&NESTED, &path(sensitive.clone())), "{sensitive}");
    }
    for plain in [json!(["name"]), json!(["health", "clinic"]), json!(["healthy"])] {
        assert!(!is_sensitive(&NESTED, &path(plain.clone())), "{plain}");
    }
    assert!(Catalogue.types().any(civic::PaperType::has_special_claims));
}

#[test]
fn a_value_that_cannot_be_drawn_is_named() {
    let text = |value: FactValue| match value {
        FactValue::Text(text) => text.en,
        _ => "not a text".to_owned(),
    };
    assert_eq!(text(shown_value(None, None, Value::Null)), "No value");
    assert_eq!(text(shown_value(None, Some(Kind::Date), Value::Null)), "No value");
    assert_eq!(text(shown_value(None, None, json!("data:image/svg+xml;base64,AA"))), "Picture");
    assert_eq!(text(shown_value(None, Some(Kind::Picture), json!("https://a/b.png"))), "Picture");
    assert!(matches!(
        shown_value(None, Some(Kind::Picture), json!("data:image/png;base64,AA")),
        FactValue::Picture(_)
    ));
}
