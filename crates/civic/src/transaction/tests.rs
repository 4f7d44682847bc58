use serde_json::json;

use super::*;

fn good(type_name: &str) -> Map<String, Value> {
    let members = if type_name == PAYMENT {
        json!({
            "payee": { "ko": "가람시(시연)", "en": "Garam City (demo)" },
            "notice_title": { "ko": "자동차세 2기분", "en": "Vehicle tax, second half" },
            "notice_number": "9999912026120000001",
            "amount": 145_410,
            "currency": "KRW",
            "due_date": "2026-12-31"
        })
    } else {
        json!({
            "agency": { "ko": "누리국토부(시연)", "en": "Ministry of Land (demo)" },
            "application_title": { "ko": "청년 월세 신청서", "en": "Rent support application" },
            "application_number": "A-2026-1",
            "statement": { "ko": "적은 내용이 사실임을 확인하고 신청합니다.", "en": "I confirm that this is true and apply." },
            "document_digest": base64url::encode(&[7; 32]),
            "document_digest_alg": "sha-256"
        })
    };
    members.as_object().unwrap().clone()
}

// rule: VP-T1
#[test]
fn both_types_are_read_and_written() {
    for type_name in [PAYMENT, SIGNATURE] {
        let read = Transaction::read(type_name, &good(type_name)).unwrap();
        assert_eq!(read.type_name(), type_name);
        assert_eq!(read.to_members(), good(type_name));
        assert_eq!(Transaction::read("urn:other", &good(type_name)), None);
    }
    assert_eq!(Transaction::read(PAYMENT, &good(SIGNATURE)), None);
    assert_eq!(Transaction::read(SIGNATURE, &good(PAYMENT)), None);
}

// rule: VP-T1
#[test]
fn a_member_that_is_unknown_or_missing_makes_a_transaction_unreadable() {
    for type_name in [PAYMENT, SIGNATURE] {
        for name in good(type_name).keys() {
            let mut members = good(type_name);
            members.remove(name);
            assert_eq!(Transaction::read(type_name, &members), None, "{name}");
            for wrong in [json!(null), json!([]), json!({}), json!(true), json!(""), json!(-1), json!(1.5)] {
                let mut members = good(type_name);
                members.insert(name.clone(), wrong);
                assert_eq!(Transaction::read(type_name, &members), None, "{name}");
            }
        }
        let mut members = good(type_name);
        members.insert("fee".to_owned(), json!(1));
        assert_eq!(Transaction::read(type_name, &members), None);
    }
}

// rule: VP-T1
#[test]
fn values_out_of_bounds_make_a_transaction_unreadable() {
    let payment = |name: &str, value: Value| {
        let mut members = good(PAYMENT);
        members.insert(name.to_owned(), value);
        Transaction::read(PAYMENT, &members)
    };
    let words = |text: &str| json!({ "ko": text, "en": "a" });
    assert!(payment("amount", json!(1)).is_some());
    assert_eq!(payment("amount", json!(0)), None);
    assert_eq!(payment("amount", json!(MAX_WON + 1)), None);
    assert_eq!(payment("amount", json!("145410")), None);
    assert_eq!(payment("currency", json!("USD")), None);
    assert_eq!(payment("due_date", json!("2026-02-30")), None);
    assert_eq!(payment("notice_number", json!("1 2")), None);
    assert_eq!(payment("notice_number", json!("1".repeat(MAX_NUMBER_CHARACTERS + 1))), None);
    assert_eq!(payment("payee", json!({ "ko": "가" })), None);
    assert_eq!(payment("payee", json!({ "ko": "가", "en": "a", "de": "a" })), None);
    assert_eq!(payment("payee", words("  ")), None);
    assert_eq!(payment("payee", words(&"가".repeat(MAX_NAME_CHARACTERS + 1))), None);
    // What turns or hides letters on a screen is not shown, so it is not approved.
    for hidden in ["가\u{202e}나", "가\u{200b}나", "가\n나", "\u{feff}가", "가\u{2066}나"] {
        assert_eq!(payment("payee", words(hidden)), None);
    }
    let signature = |name: &str, value: Value| {
        let mut members = good(SIGNATURE);
        members.insert(name.to_owned(), value);
        Transaction::read(SIGNATURE, &members)
    };
    assert_eq!(signature("document_digest", json!(base64url::encode(&[7; 31]))), None);
    assert_eq!(signature("document_digest_alg", json!("sha-512")), None);
    assert_eq!(signature("statement", words(&"가".repeat(MAX_STATEMENT_CHARACTERS + 1))), None);
    assert!(signature("statement", words(&"가".repeat(MAX_STATEMENT_CHARACTERS))).is_some());
}
