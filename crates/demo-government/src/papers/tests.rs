use super::*;
use crate::people::{Country, agency_of};
use civic::mask::looks_like_resident_number;

fn today() -> CivilDate {
    CivilDate::parse("2026-11-21").unwrap()
}

fn all() -> Vec<(String, Vec<Paper>)> {
    let country = Country::load().unwrap();
    let papers = |person: &Person| Paper::of_person(person, &[], today()).unwrap();
    country.personas.iter().map(|person| (person.id.clone(), papers(person))).collect()
}

fn paper(id: &str) -> Paper {
    all().into_iter().flat_map(|(_, papers)| papers).find(|paper| paper.id == id).unwrap()
}

#[test]
fn every_paper_of_every_person_is_as_the_catalogue_has_it() {
    let mut count = 0;
    for (person, papers) in all() {
        for paper in papers {
            assert_eq!(unknown_claim(paper.kind, paper.claims()), None, "{}", paper.id);
            assert!(agency_of(&paper.agency).is_some(), "{}", paper.id);
            assert!(paper.issued <= today(), "{}", paper.id);
            let always = paper.kind.claims.iter().filter(|claim| !claim.disclosable);
            for claim in always.filter(|claim| !matches!(claim.path, ["autoDebit"] | ["amountAfterDue"])) {
                assert!(paper.claims().contains_key(claim.path[0]), "{} lacks {:?}", paper.id, claim.path);
            }
            let mut without_portrait = paper.claims().clone();
            without_portrait.remove("portrait");
            let text = Value::Object(without_portrait).to_string();
            assert!(!looks_like_resident_number(&text), "{person}: {}", paper.id);
            assert!(!text.contains("inDays") && !text.contains("\"ihidnum\""), "{}", paper.id);
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn ages_address_and_portrait_are_what_the_verifiers_ask_for() {
    let youth = paper("p6-youth");
    assert_eq!(youth.claims()["ageOver14"], json!(true));
    assert_eq!(youth.claims()["ageOver19"], json!(false));
    let elder = paper("p3-resident");
    assert_eq!(elder.claims()["ageOver65"], json!(true));
    assert_eq!(elder.claims()["address"]["sigungu"], json!("가람시"));
    let portrait = elder.claims()["portrait"].as_str().unwrap().strip_prefix(JPEG).unwrap();
    let bytes = base64url::decode_standard(portrait).unwrap();
    assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.len() < 8000, "{}", bytes.len());
    assert_eq!(paper("p1-register").claims()["address"], json!("한빛도 가람시 물결로 101, 302호 (가상주소)"));
}

#[test]
fn a_notice_says_what_it_is_for_whom_and_until_when() {
    let car = paper("p2n-car");
    assert_eq!(car.claims()["title"], json!("자동차세(제2기분)"));
    assert_eq!(car.claims()["payer"], json!("박서래"));
    assert_eq!(car.claims()["taxBase"], json!("1,598 cc"));
    assert_eq!(car.claims()["due"], json!("2026-12-01"));
    assert_eq!(paper("p2n-water").claims()["autoDebit"], json!(true));
    assert_eq!(paper("p4n-house").initial, Standing::Paid);
    assert_eq!(paper("p4n-property").claims()["taxBase"], json!("245,000,000원"));
    assert_eq!(paper("p1v-coupon").claims()["name"], json!("이도담"));
}

#[test]
fn a_notice_of_the_console_is_as_the_catalogue_has_it() {
    let country = Country::load().unwrap();
    let person = country.person("p1").unwrap();
    for kind in
        ["LocalTaxNotice", "NationalTaxNotice", "SocialInsuranceNotice", "UtilityBill", "FinePriorNotice"]
    {
        let added = AddedNotice {
            id: "p1n-new-1".to_owned(),
            person: "p1".to_owned(),
            kind: kind.to_owned(),
            agency: "garam".to_owned(),
            title: "시연 고지".to_owned(),
            amount: 12_340,
            due: today().plus_days(14),
            issued: today(),
        };
        let papers = Paper::of_person(person, &[added], today()).unwrap();
        let paper = papers.last().unwrap();
        assert_eq!(paper.claims()["title"], json!("시연 고지"));
        assert_eq!(
            civic::notice::Notice::read(&Value::Object(paper.claims().clone())).amount_in_due,
            Some(12_340)
        );
    }
}

#[test]
fn no_type_has_a_claim_that_the_credential_itself_uses() {
    for kind in Catalogue.types() {
        for claim in kind.claims {
            // `status` is where the status list stands (SD-JWT VC section 2.2.2.2)
            assert!(!sd_jwt_vc::NEVER_DISCLOSABLE.contains(&claim.path[0]), "{}: {:?}", kind.key, claim.path);
        }
    }
}
