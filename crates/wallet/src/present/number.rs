//! The resident registration number leaves only where a law lets whoever asks process it; consent is not enough (개인정보 보호법 제24조의2).
//! What counts is what would be told: a number may stand below the place that is asked for, beside it in the same disclosure, or in what the
//! issuer shows in every presentation.

use civic::mask::{is_resident_number_name, looks_like_resident_number};
use dcql::{Candidate, Identifier, QueryCandidates, Solution};
use openid4vp::holder::AuthenticatedRequest;
use primitives::{ClaimPath, PathElement};
use serde_json::{Number, Value};

use super::choice::{keep_candidates, kind_of};
use crate::held::Form;
use crate::history::caption_of;
use crate::papers::Read;
use crate::view::Text;

/// The law that one registration names counts for the queries that it speaks of.
fn has_basis(request: &AuthenticatedRequest, query: &Identifier) -> bool {
    request.registrations_of(query).any(|one| one.registration().resident_number_basis.is_some())
}

/// Whether the number is asked for by its name, and no law is named for it.
pub(super) fn is_asked_without_basis(request: &AuthenticatedRequest) -> bool {
    request
        .query()
        .credentials()
        .iter()
        .any(|query| query.claims.iter().any(|claim| is_named(&claim.path)) && !has_basis(request, &query.id))
}

/// Takes away what would tell the number without a law: combinations of claims, and candidates with none left. Gives the captions of what
/// was taken away, each once.
pub(super) fn withhold(
    request: &AuthenticatedRequest,
    solution: &mut Solution,
    papers: &[Read],
) -> Vec<Text> {
    let mut captions: Vec<Text> = Vec::new();
    keep_candidates(solution, papers, |form, answers, candidate| {
        if has_basis(request, &answers.query.id) {
            return true;
        }
        let mut kept = Vec::new();
        for combination in candidate.combinations.iter().copied() {
            match told(form, answers, candidate, combination).into_iter().find(|path| tells_it(form, path)) {
                None => kept.push(combination),
                Some(path) => {
                    let caption = Text::from(caption_of(kind_of(&answers.query), &path));
                    if !captions.contains(&caption) {
                        captions.push(caption);
                    }
                }
            }
        }
        candidate.combinations = kept;
        !candidate.combinations.is_empty()
    });
    captions
}

/// Every place that a combination tells, whole where its issuer lets nothing of it be kept back.
fn told(form: &Form, answers: &QueryCandidates, candidate: &Candidate, combination: usize) -> Vec<ClaimPath> {
    let found = answers.discloses(candidate, combination).unwrap_or_default();
    let asked = found.into_iter().flat_map(|found| found.paths).map(|path| form.told_with(&path));
    asked.chain(candidate.always_disclosed.iter().cloned()).collect()
}

fn tells_it(form: &Form, path: &ClaimPath) -> bool {
    is_named(path) || path.select(&form.claims).unwrap_or_default().into_iter().any(has_number)
}

fn is_named(path: &ClaimPath) -> bool {
    path.elements()
        .iter()
        .any(|element| matches!(element, PathElement::Name(name) if is_resident_number_name(name)))
}

/// Whether a value is one, or has one in it: by its name, or by how it looks where the name says nothing.
fn has_number(value: &Value) -> bool {
    match value {
        Value::String(text) => looks_like_resident_number(text),
        Value::Array(elements) => elements.iter().any(has_number),
        Value::Object(members) => {
            members.iter().any(|(name, value)| is_resident_number_name(name) || has_number(value))
        }
        Value::Number(number) => is_number(number),
        Value::Null | Value::Bool(_) => false,
    }
}

/// Whether a JSON number looks like one. It has lost the zeros that the birth dates of 2000 to 2009 begin with; the seventh digit of who was
/// born then is 3 or 4, a foreigner's 7 or 8. Amounts of money are as long, and few of them are taken for one that way.
fn is_number(number: &Number) -> bool {
    let text = number.to_string();
    let whole = format!("{text:0>13}");
    let is_of_this_century = matches!(whole.as_bytes().get(6), Some(b'3' | b'4' | b'7' | b'8'));
    looks_like_resident_number(&text) || (is_of_this_century && looks_like_resident_number(&whole))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_without_its_quotation_marks_is_one() {
        // Born in 1988, 2001 and on 1 October 2000, the last two without the zeros they begin with.
        for number in [json!(8_806_140_123_456_u64), json!(8_806_140_123_456.0), json!(103_054_123_456_u64)] {
            assert!(has_number(&json!({ "name": "x", "no": [number] })), "{number}");
        }
        assert!(has_number(&json!(10_013_123_456_u64)) && has_number(&json!(1_017_123_456)));
        for number in [
            // Amounts, a day, a moment, a telephone number.
            json!(0),
            json!(1_150_000_000),
            json!(20_260_614),
            json!(1_800_000_000),
            json!(821_012_345_678_u64),
            json!(-5),
            json!(0.5),
            // One digit more, and a month that is none.
            json!(88_061_401_234_567_u64),
            json!(8_813_140_123_456_u64),
        ] {
            assert!(!has_number(&number), "{number}");
        }
    }
}
