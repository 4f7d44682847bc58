use super::*;
use dcql::{ClaimMatch, Format, Query};
use primitives::PathElement;

fn query(question: &Question) -> Query {
    Query::from_value(question.dcql()).unwrap_or_else(|error| panic!("{}: {error}", question.code))
}

#[test]
fn numbers_and_codes_are_those_that_were_given_out() {
    let known: Vec<(u8, &str)> = all().iter().map(|question| (question.number, question.code)).collect();
    let given =
        [(1, "age-over-19"), (2, "residence"), (3, "livelihood-support"), (4, "identity"), (5, "tax-paid")];
    assert_eq!(known, given);
    for (number, code) in given {
        assert!((1..=31).contains(&number), "one character of a typed code");
        assert_eq!(by_number(number), by_code(code));
    }
    assert_eq!((by_number(0), by_number(6), by_code("")), (None, None, None));
}

// rule: OQ-5
#[test]
fn a_question_that_does_not_identify_asks_for_nothing_that_does() {
    for question in all() {
        let query = query(question);
        let identifying: Vec<&ClaimPath> = query
            .credentials()
            .iter()
            .flat_map(|credential| credential.claims.iter().map(|claim| &claim.path))
            .filter(|path| identifies(path))
            .collect();
        assert_eq!(!identifying.is_empty(), question.identifying, "{}: {identifying:?}", question.code);
    }
}

#[test]
fn whatever_is_not_known_to_be_harmless_identifies() {
    for kind in Catalogue.types() {
        for claim in kind.claims {
            let known = NOT_IDENTIFYING.contains(&claim.path);
            assert_eq!(identifies(&claim.claim_path().unwrap()), !known, "{:?}", claim.path);
            if let Some(document) = kind.mobile_document {
                let element = claim.element_identifier();
                let path = ClaimPath::of_names([document.namespace, &element]).unwrap();
                assert_eq!(identifies(&path), !known, "{path}");
            }
        }
    }
    for names in [&["address"] as &[&str], &["ageOver19", "name"], &["other", "ageOver19"], &["sigungu"]] {
        assert!(identifies(&ClaimPath::of_names(names.iter().copied()).unwrap()), "{names:?}");
    }
    let all = ClaimPath::new(vec![PathElement::Name("address".to_owned()), PathElement::All]).unwrap();
    assert!(identifies(&all));
}

#[test]
fn every_question_asks_for_papers_and_claims_of_the_catalogue_in_every_form_there_is() {
    for question in all() {
        let query = query(question);
        let mut forms = 0;
        for kind in Catalogue.types().filter(|kind| question.asks_for(kind)) {
            forms += 1 + usize::from(kind.mobile_document.is_some());
            for part in question.parts.iter().filter(|part| part.papers.contains(&kind.key)) {
                for claim in part.claims.iter().chain(part.optional) {
                    assert!(kind.claim(claim).is_some(), "{} has no {claim:?}", kind.key);
                    assert!(kind.claim(claim).is_some_and(|claim| claim.disclosable));
                }
            }
            // Nothing that everybody sees of the paper identifies either.
            for claim in kind.claims.iter().filter(|claim| !claim.disclosable) {
                assert!(question.identifying || !identifies(&claim.claim_path().unwrap()));
            }
        }
        let papers: usize = question.parts.iter().map(|part| part.papers.len()).sum();
        assert!(forms >= papers, "a key of {} is not in the catalogue", question.code);
        assert_eq!(query.credentials().len(), forms);
    }
    assert!(query(by_number(1).unwrap()).credentials().iter().any(|asked| asked.format == Format::Mdoc));
}

#[test]
fn age_is_a_yes_or_no_and_arrears_only_none() {
    for asked in query(by_number(1).unwrap()).credentials().iter() {
        assert_eq!(asked.claims.len(), 1);
        assert!(asked.claims.iter().all(|claim| claim.values.is_none()), "a no is an answer too");
    }
    for asked in query(by_number(5).unwrap()).credentials().iter() {
        let values = asked.claims.iter().filter_map(|claim| claim.values.as_ref());
        assert!(values.clone().count() == 1);
        assert!(values.into_iter().all(|values| values.iter().eq([&ClaimMatch::Integer(0)])));
    }
}

#[test]
fn a_portrait_is_never_required_and_a_benefit_tells_nothing_of_its_claims() {
    for asked in query(by_number(4).unwrap()).credentials().iter() {
        let sets = asked.claim_sets.as_ref().unwrap();
        let has_portrait = |set: &[usize]| {
            set.iter().any(|place| asked.claims[*place].path.to_string().contains("portrait"))
        };
        assert!(sets.iter().any(|set| has_portrait(set)) && sets.iter().any(|set| !has_portrait(set)));
    }
    let query = query(by_number(3).unwrap());
    assert!(query.credentials().iter().all(|asked| asked.claims.is_empty()));
    assert!(by_number(3).unwrap().held.is_some());
}

// rule: OQ-5
#[test]
fn a_claim_of_the_protocol_that_is_asked_for_by_its_path_is_no_harmless_answer() {
    let protocol =
        ["iss", "sub", "aud", "jti", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status", "_sd_alg"];
    for name in protocol {
        assert!(identifies(&ClaimPath::top_level(name)), "{name}");
    }
    for path in [&["cnf", "jwk"][..], &["cnf", "jwk", "x"], &["status", "status_list", "idx"]] {
        assert!(identifies(&ClaimPath::of_names(path.iter().copied()).unwrap()), "{path:?}");
    }
    for asked in all().iter().flat_map(|one| query(one).credentials().iter().cloned().collect::<Vec<_>>()) {
        for claim in &asked.claims {
            let first = claim.path.names().map(|names| names[0].to_owned());
            assert!(first.is_some_and(|name| !protocol.contains(&name.as_str())), "{:?}", claim.path);
        }
    }
}
