//! No sequence of inputs makes the wallet send a claim that the citizen did not approve.

use dcql::{CredentialType, Query};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::view::{Acknowledgement, ConsentGroup, ConsentItem, ConsentOption, ConsentQuery, Line, Lines};

const PAPERS: [&str; 2] = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"];

fn query() -> Query {
    Query::from_value(json!({
        "credentials": [
            {
                "id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": ["card"]},
                "claims": [
                    {"id": "n", "path": ["name"]}, {"id": "b", "path": ["birth"]}, {"id": "p", "path": ["phone"]},
                    {"id": "a", "path": ["ageOver19"]},
                ],
                "claim_sets": [["n", "b", "p"], ["n", "b"], ["n"], ["a"]],
            },
            {
                "id": "proof", "format": "dc+sd-jwt", "meta": {"vct_values": ["proof"]},
                "claims": [{"path": ["degree"]}], "multiple": true,
            },
        ],
        "credential_sets": [
            {"options": [["card"]]},
            {"options": [["proof"]], "required": false},
        ],
    }))
    .unwrap()
}

fn solution(query: &Query) -> Solution {
    let card =
        json!({"name": "이도담", "birth": "2001-03-05", "phone": "000", "ageOver19": true, "address": "x"});
    let proof = json!({"degree": "심한 장애", "name": "최한결"});
    let id = |paper: &str| format!("{paper}:dc+sd-jwt");
    let ids: Vec<String> = PAPERS
        .iter()
        .map(|paper| id(paper))
        .chain(PAPERS.iter().map(|paper| format!("{paper}2:dc+sd-jwt")))
        .collect();
    let holding = |index: usize, vct: &'static str, claims| Holding {
        id: &ids[index],
        credential_type: CredentialType::SdJwtVc { vct },
        claims,
        authority_key_identifiers: &[],
        holder_binding: true,
        always_disclosed: &[],
    };
    dcql::solve(
        query,
        &[
            holding(0, "card", &card),
            holding(1, "card", &card),
            holding(2, "proof", &proof),
            holding(3, "proof", &proof),
        ],
    )
}

/// The screen for a solution, without words.
fn consent(solution: &Solution) -> view::Consent {
    let line = Line::default;
    let queries = solution
        .queries
        .iter()
        .map(|answers| {
            let query = answers.query.id.as_str();
            let candidates = answers
                .candidates
                .iter()
                .map(|candidate| {
                    let paper = paper_of(&candidate.holding).to_owned();
                    let offered = offered(answers, candidate);
                    let item = |path: &ClaimPath, necessity| ConsentItem {
                        id: crate::present::consent::item_id(query, &paper, path),
                        caption: Text::same(""),
                        value: Text::same(""),
                        image: None,
                        sensitive: path.to_string().contains("degree"),
                        necessity,
                        over_asked: false,
                    };
                    view::Candidate {
                        items: offered
                            .required
                            .iter()
                            .map(|path| item(path, view::Necessity::Required))
                            .chain(offered.optional.iter().map(|path| item(path, view::Necessity::Optional)))
                            .collect(),
                        paper: summary(&paper),
                        hidden_count: 0,
                        least_telling: false,
                        notes: Vec::new(),
                    }
                })
                .collect();
            ConsentQuery { id: query.to_owned(), candidates, multiple: answers.query.multiple }
        })
        .collect();
    let group = |id: &str, necessity, query: &str| ConsentGroup {
        id: id.to_owned(),
        purpose: None,
        necessity,
        options: vec![ConsentOption { id: "0".to_owned(), query_ids: vec![query.to_owned()] }],
    };
    view::Consent {
        session_id: "1".to_owned(),
        recipient: view::Recipient {
            name: None,
            host: String::new(),
            trust: view::PartyTrust::Authenticated,
            source: view::RecipientSource::Certificate,
        },
        lines: Lines {
            recipient: line(),
            purpose: line(),
            items: line(),
            retention: line(),
            refusal: line(),
        },
        queries,
        groups: vec![
            group("0", view::Necessity::Required, "card"),
            group("1", view::Necessity::Optional, "proof"),
        ],
        warnings: Vec::new(),
        approvals: Vec::new(),
        must_acknowledge: vec![Acknowledgement::Retention],
        cross_device: false,
        shown: None,
        needs_unlock: false,
        expires_at: None,
    }
}

fn summary(id: &str) -> view::PaperSummary {
    view::PaperSummary {
        id: id.to_owned(),
        shelf: view::Shelf::Id,
        silhouette: view::Silhouette::Card,
        name: Text::same(""),
        issuer: Text::same(""),
        state: view::PaperState::Valid,
        detail: None,
        amount: None,
        due: None,
        valid_until: None,
        card: None,
        ticket: None,
        is_new: false,
    }
}

fn all_items(consent: &view::Consent) -> Vec<String> {
    consent
        .queries
        .iter()
        .flat_map(|query| &query.candidates)
        .flat_map(|candidate| &candidate.items)
        .map(|item| item.id.clone())
        .collect()
}

/// What a complete choice sends, by the identifiers of the screen.
fn sent(solution: &Solution, selection: &dcql::Selection) -> Vec<String> {
    dcql::select(solution, selection)
        .unwrap()
        .iter()
        .flat_map(|disclosure| {
            let paper = paper_of(&disclosure.holding).to_owned();
            let query = disclosure.query.as_str().to_owned();
            let paths: Vec<_> =
                disclosure.paths().into_iter().chain(disclosure.always_disclosed.clone()).collect();
            paths
                .into_iter()
                .map(move |path| crate::present::consent::item_id(&query, &paper, &path))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn choice(value: Value) -> Selection {
    let mut whole = json!({
        "options": {}, "papers": {}, "items": [], "sensitiveYes": [], "sensitiveNo": [], "acknowledged": ["retention"],
    });
    for (name, member) in value.as_object().unwrap() {
        whole[name] = member.clone();
    }
    serde_json::from_value(whole).unwrap()
}

// rule: VP-D2, VP-D3
#[test]
fn the_smallest_combination_is_required_and_the_rest_optional() {
    let query = query();
    let solution = solution(&query);
    let answers = solution.query("card").unwrap();
    let offered = offered(answers, &answers.candidates[0]);
    let names = |paths: &[ClaimPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&offered.required), names(&[ClaimPath::top_level("name")]));
    assert_eq!(
        names(&offered.optional),
        names(&[ClaimPath::top_level("birth"), ClaimPath::top_level("phone")])
    );
}

#[test]
fn nothing_is_chosen_beforehand_where_there_is_a_choice() {
    let query = query();
    let solution = solution(&query);
    let judged = judge(&solution, &consent(&solution), &choice(json!({})));
    assert!(judged.selection.is_none());
    assert_eq!(judged.preview.missing, [Missing::Paper { query_id: "card".to_owned() }]);
}

// rule: VP-D3
#[test]
fn an_optional_item_that_needs_another_is_not_sent_with_it() {
    let query = query();
    let solution = solution(&query);
    let consent = consent(&solution);
    let phone = crate::present::consent::item_id("card", PAPERS[0], &ClaimPath::top_level("phone"));
    let only_phone = choice(json!({"papers": {"card": [PAPERS[0]]}, "items": [phone]}));
    assert!(judge(&solution, &consent, &only_phone).selection.is_none(), "phone comes only with birth");
    let birth = crate::present::consent::item_id("card", PAPERS[0], &ClaimPath::top_level("birth"));
    let both = choice(json!({"papers": {"card": [PAPERS[0]]}, "items": [phone, birth]}));
    assert_eq!(sent(&solution, &judge(&solution, &consent, &both).selection.unwrap()).len(), 3);
}

#[test]
fn a_missing_line_takes_its_own_yes() {
    let query = query();
    let solution = solution(&query);
    let mut choice = choice(json!({"papers": {"card": [PAPERS[0]]}}));
    assert!(judge(&solution, &consent(&solution), &choice).selection.is_some());
    choice.acknowledged.clear();
    let judged = judge(&solution, &consent(&solution), &choice);
    assert_eq!(judged.preview.missing, [Missing::Acknowledge { what: Acknowledgement::Retention }]);
    assert!(judged.selection.is_none());
}

#[test]
fn a_sensitive_item_takes_its_own_yes_and_a_no_ends_it() {
    let query = query();
    let solution = solution(&query);
    let consent = consent(&solution);
    let paper = format!("{}2", PAPERS[0]);
    let degree = crate::present::consent::item_id("proof", &paper, &ClaimPath::top_level("degree"));
    let with = |yes: Value, no: Value| {
        choice(json!({
            "options": {"1": "0"}, "papers": {"card": [PAPERS[0]], "proof": [paper]}, "sensitiveYes": yes, "sensitiveNo": no,
        }))
    };
    let unanswered = judge(&solution, &consent, &with(json!([]), json!([])));
    assert_eq!(unanswered.preview.missing, [Missing::Sensitive { item_ids: vec![degree.clone()] }]);
    let refused = judge(&solution, &consent, &with(json!([]), json!([degree])));
    assert_eq!(refused.preview.missing, [Missing::RequiredRefused { item_ids: vec![degree.clone()] }]);
    assert!(judge(&solution, &consent, &with(json!([degree]), json!([]))).selection.is_some());
}

proptest! {
    #[test]
    fn whatever_is_chosen_only_what_was_approved_is_sent(
        ticked in proptest::collection::vec(any::<bool>(), 16),
        yes in proptest::collection::vec(any::<bool>(), 16),
        papers in proptest::collection::vec(0usize..6, 0..4),
        option in 0usize..4,
        acknowledged in any::<bool>(),
    ) {
        let query = query();
        let solution = solution(&query);
        let consent = consent(&solution);
        let items = all_items(&consent);
        let pick = |marks: &[bool]| -> Vec<String> {
            items.iter().zip(marks.iter().cycle()).filter(|(_, mark)| **mark).map(|(item, _)| item.clone()).collect()
        };
        let named = |place: usize| match place {
            0 => PAPERS[0].to_owned(),
            1 => PAPERS[1].to_owned(),
            2 => format!("{}2", PAPERS[0]),
            3 => format!("{}2", PAPERS[1]),
            4 => "nobody's".to_owned(),
            _ => String::new(),
        };
        let chosen: Vec<String> = papers.iter().map(|place| named(*place)).collect();
        let selection = Selection {
            options: [("0".to_owned(), Some("0".to_owned())), ("1".to_owned(), (option > 0).then(|| (option - 1).to_string()))].into(),
            papers: [("card".to_owned(), chosen.iter().take(1).cloned().collect()), ("proof".to_owned(), chosen.iter().skip(1).cloned().collect())].into(),
            items: pick(&ticked),
            sensitive_yes: pick(&yes),
            sensitive_no: Vec::new(),
            acknowledged: if acknowledged { vec![Acknowledgement::Retention] } else { Vec::new() },
        };
        let judged = judge(&solution, &consent, &selection);
        if let Some(complete) = &judged.selection {
            prop_assert!(acknowledged);
            let told = sent(&solution, complete);
            prop_assert_eq!(told.len(), judged.preview.item_count);
            for id in &told {
                let item = consent.queries.iter().flat_map(|query| &query.candidates).flat_map(|candidate| &candidate.items)
                    .find(|item| item.id == *id).expect("everything sent stood on the screen");
                prop_assert!(item.necessity == view::Necessity::Required || selection.items.contains(id));
                prop_assert!(!item.sensitive || selection.sensitive_yes.contains(id));
            }
        }
    }
}
