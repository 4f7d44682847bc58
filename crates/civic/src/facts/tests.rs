use serde_json::json;

use super::*;
use crate::Catalogue;

fn text<'a>(facts: &'a [Fact], path: &[&str]) -> &'a str {
    match &facts.iter().find(|fact| fact.path == path).unwrap().value {
        FactValue::Text(text) => &text.ko,
        _ => panic!("not text"),
    }
}

#[test]
fn a_card_reads_as_a_person_expects() {
    let kind = Catalogue.by_key("MobileResidentCard").unwrap();
    let claims = json!({
        "name": "응우옌 티 하린", "birth": "1997-08-08", "ageOver19": true, "sex": "F",
        "address": {"full": "한빛도 나루군 들꽃마을 5길 12", "sigungu": "나루군"},
        "ihidnumMasked": "970808-0******", "phone": null, "unknown": 1,
    });
    let facts = of(kind, &claims);
    assert_eq!(text(&facts, &["name"]), "응우옌 티 하린");
    assert_eq!(text(&facts, &["birth"]), "1997. 8. 8.");
    assert_eq!(text(&facts, &["ageOver19"]), "예");
    assert_eq!(text(&facts, &["sex"]), "여");
    assert_eq!(text(&facts, &["address", "sigungu"]), "나루군");
    assert!(facts.iter().all(|fact| fact.path != ["phone"]), "a null claim is not shown");
    let address = facts.iter().find(|fact| fact.path == ["address", "full"]).unwrap();
    assert_eq!(address.sensitivity, Sensitivity::Masked);
}

#[test]
fn an_unknown_type_is_shown_leaf_by_leaf_and_hidden() {
    let facts = generic(&json!({"degree": {"name": "BSc", "year": 2020}, "tags": ["a", "b"], "none": null}));
    assert_eq!(text(&facts, &["degree", "name"]), "BSc");
    assert_eq!(text(&facts, &["tags"]), "a, b");
    assert!(facts.iter().all(|fact| fact.sensitivity == Sensitivity::Masked));
}

#[test]
fn the_parts_of_an_amount_say_what_they_are_and_a_date_is_read_wherever_it_stands() {
    let components = json!([
        {"code": "main", "ko": "주민세", "amount": 10_000, "lateAddition": 300, "until": "2026-11-10"},
        {"code": "edu", "ko": "지방교육세", "amount": 1_000, "lateAddition": null},
    ]);
    let Some(FactValue::Rows(rows)) = value(Some(Kind::Rows), &components) else { panic!("no rows") };
    let cells = |at: usize| rows[at].iter().map(|(_, cell)| cell.ko.as_str()).collect::<Vec<_>>();
    assert_eq!(cells(0), ["주민세", "10,000원", "납기 뒤 300원 더", "2026. 11. 10."]);
    assert_eq!(cells(1), ["지방교육세", "1,000원"]);
    let Some(FactValue::Text(due)) = value(None, &json!("2026-11-10")) else { panic!("no words") };
    assert_eq!((due.ko.as_str(), due.en.as_str()), ("2026. 11. 10.", "10 Nov 2026"));
}

#[test]
fn a_whole_resident_number_is_cut_wherever_it_stands() {
    let facts = generic(&json!({"memo": "번호는 880614-0123456 입니다", "list": ["8806140123456"]}));
    assert_eq!(text(&facts, &["memo"]), "번호는 880614-0****** 입니다");
    assert_eq!(text(&facts, &["list"]), "880614-0******");
}

#[test]
fn a_picture_is_raster_and_inside_the_paper() {
    let kind = Catalogue.by_key("VeteranCard").unwrap();
    let shown = |url: &str| of(kind, &json!({"portrait": url})).len();
    assert_eq!(shown("data:image/png;base64,iVBORw0KGgo="), 1);
    assert_eq!(shown("https://example.com/track.png"), 0);
    assert_eq!(shown("data:image/svg+xml;base64,PHN2Zz4="), 0);
}

#[test]
fn every_identifier_of_the_catalogue_is_unique_and_every_claim_has_a_path() {
    let types: Vec<_> = Catalogue.types().collect();
    for (index, kind) in types.iter().enumerate() {
        for other in types.iter().skip(index + 1) {
            assert_ne!(kind.key, other.key);
            assert_ne!(kind.vct, other.vct);
        }
        for (index, claim) in kind.claims.iter().enumerate() {
            assert!(claim.claim_path().is_some(), "{}: {:?}", kind.key, claim.path);
            assert!(kind.claims.iter().skip(index + 1).all(|other| other.path != claim.path), "{}", kind.key);
            assert!(!claim.caption.ko.is_empty() && !claim.caption.en.is_empty());
        }
        assert!(kind.telling.is_none_or(|path| kind.claim(path).is_some()), "{}", kind.key);
        assert!(
            kind.face.len() <= 4 && kind.face.iter().all(|path| kind.claim(path).is_some()),
            "{}",
            kind.key
        );
        assert_eq!(
            kind.face.is_empty(),
            kind.silhouette != crate::catalogue::Silhouette::Card,
            "{}",
            kind.key
        );
    }
    assert_eq!(types.len(), 28);
}

#[test]
fn nothing_in_the_catalogue_asks_for_a_whole_resident_number() {
    for kind in Catalogue.types() {
        for claim in kind.claims {
            assert!(!claim.path.iter().any(|name| ["ihidnum", "rrn", "ci", "passwordsn"].contains(name)));
        }
    }
}
