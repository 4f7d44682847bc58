//! The ready-made questions as `docs/offline-qr.md` publishes them: whoever writes a reader asks and answers by number. With
//! `OFFLINE_QR_WRITE_VECTORS=1` the file is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::{Value, json};

// rule: OQ-5
#[test]
fn the_published_questions_are_those_that_are_asked() {
    let questions: Vec<Value> = civic::questions::all()
        .iter()
        .map(|question| {
            json!({
                "number": question.number,
                "code": question.code,
                "question": { "ko": question.question.ko, "en": question.question.en },
                "identifying": question.identifying,
                "dcql_query": question.dcql(),
            })
        })
        .collect();
    let made = serde_json::to_string_pretty(&json!({ "questions": questions })).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/offline-qr/vectors/questions.json");
    if std::env::var_os("OFFLINE_QR_WRITE_VECTORS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap() == made, "questions.json is not what is asked");
}
