//! Whether what came is a paper that is there already, and what has changed in it (OpenID4VCI 1.0, "Refreshing Issued Credentials"; CI-13).
//!
//! Taking two papers for one would lose one of them; taking one for two leaves both on the shelf. So a paper takes another's place
//! only where what tells papers of its type apart says the same; whatever is in doubt stays beside it.

use std::collections::BTreeMap;

use civic::facts::{self, Fact};
use civic::{Group, Kind, PaperType, Sensitivity, Shelf, mask};
use primitives::{ClaimPath, LocalizedText, PathElement};
use serde_json::Value;

use crate::papers::text_of;
use crate::view;

/// Claims that say who it is about, in the catalogue's words and in those of other ecosystems. `name` is not among them where a person is
/// recognised: names change.
const PERSON: [&str; 8] = [
    "birth",
    "birthdate",
    "birth_date",
    "ihidnumMasked",
    "sub",
    "personal_administrative_number",
    "document_holder_id",
    "registrationNumber",
];
/// Names of people.
const NAMES: [&str; 6] = ["name", "family_name", "given_name", "payer", "householdHead", "holder"];
/// When a copy of the same thing was made.
const DATES: [&str; 8] = [
    "issueDate",
    "issue_date",
    "issuance_date",
    "date_of_issuance",
    "expiry_date",
    "date_of_expiry",
    "validUntil",
    "document_number",
];

/// Whether both say the same at this path, as far as both say anything: `None` where one of them is silent.
fn agree(old: &Value, new: &Value, path: &[&str]) -> Option<bool> {
    let at = |claims: &Value| path.iter().try_fold(claims, |value, name| value.get(*name)).cloned();
    Some(at(old)? == at(new)?)
}

fn none_differs<'p>(old: &Value, new: &Value, mut names: impl Iterator<Item = &'p &'p str>) -> bool {
    names.all(|name| agree(old, new, &[name]) != Some(false))
}

/// Whether what came in place of a paper is about another person than it was.
pub(super) fn is_of_another_person(old: &Value, new: &Value) -> bool {
    !none_differs(old, new, PERSON.iter())
}

/// Whether two papers of one issuer and one type are the same paper.
pub(super) fn is_same(kind: Option<&PaperType>, old: &Value, new: &Value, same_dataset: bool) -> bool {
    let Some(kind) = kind else { return undated(old) == undated(new) };
    if is_of_another_person(old, new) || !none_differs(old, new, NAMES.iter()) {
        return false;
    }
    if kind.telling.is_some_and(|path| agree(old, new, path) == Some(false)) {
        return false;
    }
    if undated(old) == undated(new) || same_dataset {
        return true;
    }
    // one card of a kind a person
    if kind.shelf == Shelf::Identity {
        return agree(old, new, &["birth"]) == Some(true) && agree(old, new, &["name"]) == Some(true);
    }
    let tells_apart = |claim: &&civic::ClaimType| {
        let common = matches!(claim.path, ["issuerName" | "purpose"]);
        claim.group == Group::Reference && claim.kind == Kind::Text && !common
    };
    let numbers = kind.claims.iter().filter(tells_apart);
    let agreed: Vec<bool> = numbers.filter_map(|it| agree(old, new, it.path)).collect();
    !agreed.is_empty() && agreed.iter().all(|it| *it)
}

/// Whether two forms of one paper say the same, as far as both say anything.
pub(super) fn forms_agree(kind: Option<&PaperType>, one: &Value, other: &Value) -> bool {
    kind.is_some_and(|kind| kind.claims.iter().all(|claim| agree(one, other, claim.path) != Some(false)))
}

/// What is said, without when it was written down.
fn undated(claims: &Value) -> Value {
    match claims {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !DATES.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), undated(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => claims.clone(),
    }
}

/// What one paper says otherwise than the one before it.
pub(super) struct Changed {
    pub(super) path: ClaimPath,
    pub(super) view: view::Change,
}

/// What the newer claims say otherwise, in reading order.
pub(super) fn changes(kind: Option<&PaperType>, old: &Value, new: &Value) -> Vec<Changed> {
    let read = |claims: &Value| match kind {
        Some(kind) => facts::of(kind, claims),
        None => facts::generic(claims),
    };
    let (old, new) = (read(old), read(new));
    let by_path = |facts: &[Fact]| -> BTreeMap<Vec<String>, Fact> {
        facts.iter().map(|fact| (fact.path.clone(), fact.clone())).collect()
    };
    let (before, after) = (by_path(&old), by_path(&new));
    let gone = old.iter().filter(|fact| !after.contains_key(&fact.path));
    new.iter()
        .chain(gone)
        .filter_map(|fact| {
            let (then, now) = (before.get(&fact.path), after.get(&fact.path));
            if then.map(|it| &it.value) == now.map(|it| &it.value) {
                return None;
            }
            let sensitive = fact.sensitivity != Sensitivity::Plain;
            let shown = |fact: &Fact| -> view::Text {
                if sensitive {
                    LocalizedText::new(mask::hidden(), mask::hidden())
                } else {
                    text_of(&fact.value)
                }
                .into()
            };
            let elements = fact.path.iter().map(|name| PathElement::Name(name.clone())).collect();
            Some(Changed {
                path: ClaimPath::new(elements).ok()?,
                view: view::Change {
                    caption: fact.caption.clone().into(),
                    before: then.map(shown),
                    after: now.map(shown),
                    sensitive,
                },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use civic::Catalogue;
    use serde_json::json;

    use super::*;

    fn same(key: &str, old: &Value, new: &Value, dataset: bool) -> bool {
        is_same(Catalogue.by_key(key), old, new, dataset)
    }

    // rule: CI-13
    #[test]
    fn a_card_is_the_persons_one_and_another_persons_is_another() {
        let card = json!({ "name": "김하늘", "birth": "1988-06-14", "issueDate": "2025-01-02", "sex": "F" });
        let mut newer = card.clone();
        newer["issueDate"] = json!("2026-01-02");
        newer["address"] = json!({ "full": "가람시 새길 1" });
        assert!(same("MobileResidentCard", &card, &newer, false));
        for (name, value) in [("birth", "1990-01-01"), ("name", "이바다")] {
            let mut other = newer.clone();
            other[name] = json!(value);
            assert!(!same("MobileResidentCard", &card, &other, true), "{name}");
        }
        assert!(!same("MobileResidentCard", &json!({ "sex": "F" }), &json!({ "sex": "M" }), false));
    }

    // rule: CI-13
    #[test]
    fn a_notice_is_known_by_its_numbers_and_a_voucher_only_by_its_issuers_word() {
        let notice = json!({ "title": "재산세", "payer": "김하늘", "ePayNumber": "1", "amount": 5 });
        let mut newer = notice.clone();
        newer["autoDebit"] = json!(true);
        assert!(same("LocalTaxNotice", &notice, &newer, false));
        newer["ePayNumber"] = json!("2");
        assert!(!same("LocalTaxNotice", &notice, &newer, false), "the next year's notice is another");
        let voucher = json!({ "title": "문화누리", "name": "김하늘", "balance": 10 });
        let spent = json!({ "title": "문화누리", "name": "김하늘", "balance": 7 });
        assert!(!same("Voucher", &voucher, &spent, false));
        assert!(same("Voucher", &voucher, &spent, true));
        assert!(!same("Voucher", &voucher, &json!({ "title": "에너지", "name": "김하늘" }), true));
    }

    // rule: CI-13
    #[test]
    fn of_a_type_that_is_not_known_only_what_says_the_same_is_the_same() {
        let old = json!({ "family_name": "Kim", "degree": "BA", "issue_date": "2025-01-01" });
        let mut newer = old.clone();
        newer["issue_date"] = json!("2026-01-01");
        assert!(is_same(None, &old, &newer, false));
        newer["degree"] = json!("MA");
        assert!(!is_same(None, &old, &newer, true));
    }

    // rule: CI-13
    #[test]
    fn changes_name_the_claim_and_keep_masked_values_masked() {
        let kind = Catalogue.by_key("MobileResidentCard");
        let old = json!({ "name": "김하늘", "address": { "full": "가람시 옛길 1", "sigungu": "가람시" } });
        let new = json!({ "name": "김하늘", "address": { "full": "나루시 새길 2", "sigungu": "나루시" }, "phone": "010" });
        let told = changes(kind, &old, &new);
        let paths: Vec<String> = told.iter().map(|it| it.path.to_string()).collect();
        assert_eq!(paths.len(), 3, "{paths:?}");
        let plain = told.iter().find(|it| !it.view.sensitive).unwrap();
        assert_eq!(plain.view.before.as_ref().unwrap().ko.as_deref(), Some("가람시"));
        assert_eq!(plain.view.after.as_ref().unwrap().ko.as_deref(), Some("나루시"));
        for hidden in told.iter().filter(|it| it.view.sensitive) {
            let shown = hidden.view.after.as_ref().unwrap().ko.clone().unwrap();
            assert!(!shown.contains("나루시") && !shown.contains("010"), "{shown}");
        }
        assert!(changes(kind, &old, &old).is_empty());
    }
}
