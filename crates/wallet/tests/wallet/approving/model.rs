//! What a citizen may say to a screen, and what that names: read from the screen alone.

use std::collections::BTreeSet;

use openid4vp::verifier::VerifiedPresentation;
use primitives::{ClaimPath, PathElement};
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use wallet::view::*;

use super::Counts;
use crate::world::*;

/// Claims that every presentation of an SD-JWT VC carries and no consent names.
pub const ALWAYS: [&str; 8] = ["iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];

/// What a verifier asks for.
pub fn queries() -> Vec<Value> {
    let sets = json!({ "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [RESIDENT] },
        "claims": [{ "id": "n", "path": ["name"] }, { "id": "b", "path": ["birth"] }, { "id": "a", "path": ["address", "sido"] }],
        "claim_sets": [["n", "b", "a"], ["n", "b"], ["n"]] });
    let mut several = query(&[
        credential("card", RESIDENT, &[&["ageOver19"]]),
        credential("help", DISABILITY, &[&["degree"]]),
        credential("bill", NOTICE, &[&["payer"]]),
    ]);
    several["credential_sets"] = json!([
        { "options": [["card"], ["help"]] },
        { "options": [["bill"]], "required": false },
    ]);
    vec![
        name_query(),
        query(&[credential("card", RESIDENT, &[&["name"], &["birth"], &["address"]])]),
        query(&[credential("help", DISABILITY, &[&["name"], &["disabilityType"]])]),
        query(&[sets]),
        several,
        query(&[
            json!({ "id": "card", "format": "mso_mdoc", "meta": { "doctype_value": "kr.example.nuri.resident.1" },
            "claims": [{ "path": [NAME_SPACE, "name"] }] }),
        ]),
        query(&[json!({ "id": "bill", "format": "dc+sd-jwt", "meta": { "vct_values": [NOTICE] } })]),
        query(&[json!({ "id": "any", "format": "dc+sd-jwt", "multiple": true,
            "meta": { "vct_values": [RESIDENT, DISABILITY] }, "claims": [{ "path": ["name"] }] })]),
    ]
}

/// Which of what was shown a yes names.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Bits that choose among options, papers, optional and sensitive items; what is not chosen is unticked.
    pub bits: u32,
    /// Everything asked is answered, as a careful citizen would.
    pub whole: bool,
    pub acknowledges: bool,
}

/// A screen that was shown: which request it was made of, and what stood on it.
#[derive(Clone)]
pub struct Shown {
    pub request: String,
    pub consent: Consent,
}

/// A yes: what may leave for it, once.
#[derive(Clone)]
pub struct Yes {
    pub request: String,
    pub named: Named,
    /// How many transactions it approves.
    pub approved: usize,
}

impl Yes {
    /// What these words say to a screen.
    pub fn of(shown: &Shown, said: &Selection) -> Self {
        let named = named_by(&shown.consent, said);
        Self { request: shown.request.clone(), named, approved: shown.consent.approvals.len() }
    }
}

/// The claims that a yes names, by query: an independent reading of the screen.
pub type Named = BTreeSet<(String, ClaimPath)>;

/// What the citizen says to a screen.
pub fn said_to(consent: &Consent, choice: &Choice) -> Selection {
    let mut bits = choice.bits;
    let mut next = |of: usize| {
        bits = bits.rotate_left(5).wrapping_mul(0x9E37_79B1).wrapping_add(1);
        (bits >> 16) as usize % of.max(1)
    };
    let mut selection = Selection::default();
    if choice.acknowledges {
        selection.acknowledged.clone_from(&consent.must_acknowledge);
    }
    for group in &consent.groups {
        let leave_out = group.necessity == Necessity::Optional && next(2) == 0;
        let option = (!leave_out).then(|| group.options[next(group.options.len())].id.clone());
        if choice.whole || next(3) > 0 {
            selection.options.insert(group.id.clone(), option);
        }
    }
    for query in &consent.queries {
        let many = if query.multiple { 1 + next(query.candidates.len()) } else { 1 };
        let mut papers = BTreeSet::new();
        for _ in 0..many.min(query.candidates.len()) {
            papers.insert(query.candidates[next(query.candidates.len())].paper.id.clone());
        }
        if choice.whole || next(3) > 0 {
            selection.papers.insert(query.id.clone(), papers.into_iter().collect());
        }
        for item in query.candidates.iter().flat_map(|candidate| &candidate.items) {
            if item.necessity == Necessity::Optional && next(2) == 0 {
                selection.items.push(item.id.clone());
            }
            if item.sensitive {
                match next(if choice.whole { 1 } else { 4 }) {
                    0 => selection.sensitive_yes.push(item.id.clone()),
                    1 => selection.sensitive_no.push(item.id.clone()),
                    _ => {}
                }
            }
        }
    }
    selection
}

/// What this yes names on this screen; nothing, if it is not whole.
pub fn named_by(consent: &Consent, said: &Selection) -> Named {
    let mut named = Named::new();
    if consent.must_acknowledge.iter().any(|what| !said.acknowledged.contains(what)) {
        return named;
    }
    // Whatever the screen says must be answered: a payment takes its own yes.
    let pays = consent.approvals.iter().any(|approval| matches!(approval, Approval::Payment { .. }));
    if pays && !said.acknowledged.contains(&Acknowledgement::Payment) {
        return named;
    }
    let mut wanted = BTreeSet::new();
    for group in &consent.groups {
        let option = said.options.get(&group.id).cloned().flatten();
        let only = (group.necessity == Necessity::Required && group.options.len() == 1)
            .then(|| group.options[0].id.clone());
        let option = option.or(only);
        wanted.extend(
            group
                .options
                .iter()
                .filter(|one| Some(&one.id) == option.as_ref())
                .flat_map(|one| one.query_ids.clone()),
        );
    }
    for query in consent.queries.iter().filter(|query| wanted.contains(&query.id)) {
        let papers = said.papers.get(&query.id).filter(|papers| !papers.is_empty()).cloned();
        let only = || match query.candidates.as_slice() {
            [only] => vec![only.paper.id.clone()],
            _ => Vec::new(),
        };
        let papers = papers.unwrap_or_else(only);
        for candidate in query.candidates.iter().filter(|candidate| papers.contains(&candidate.paper.id)) {
            for item in &candidate.items {
                let told = item.necessity == Necessity::Required || said.items.contains(&item.id);
                let agreed = !item.sensitive
                    || said.sensitive_yes.contains(&item.id) && !said.sensitive_no.contains(&item.id);
                if told && !agreed {
                    return Named::new();
                }
                if told {
                    let place =
                        item.id.strip_prefix(&format!("{}/{}/", query.id, candidate.paper.id)).unwrap();
                    // The issuer puts the address into one disclosure: whoever is told a part gets all of it, and reads so.
                    let whole = item.caption.ko.as_deref() == Some("주소");
                    let place = if whole { r#"["address"]"# } else { place };
                    named.insert((query.id.clone(), serde_json::from_str(place).unwrap()));
                }
            }
        }
    }
    named
}

/// Every place in what was disclosed that holds a value.
pub fn places(value: &Value, here: &[PathElement], found: &mut Vec<ClaimPath>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                places(member, &[here, &[PathElement::Name(name.clone())]].concat(), found);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for (at, element) in elements.iter().enumerate() {
                let at = PathElement::Index(u32::try_from(at).unwrap());
                places(element, &[here, &[at]].concat(), found);
            }
        }
        _ => found.extend(ClaimPath::new(here.to_vec()).ok()),
    }
}

/// What a check says.
pub type Checked = Result<(), TestCaseError>;

/// The promise is broken.
pub fn broken(why: impl Into<String>) -> TestCaseError {
    TestCaseError::fail(why.into())
}

/// Each claim that was told was named, and no more was approved than stood on the screen.
pub fn told_is_named(presentations: &[VerifiedPresentation], yes: &Yes, counts: &Counts) -> Checked {
    for presentation in presentations {
        let mut told = Vec::new();
        places(&presentation.claims, &[], &mut told);
        for place in told {
            let first =
                matches!(&place.elements()[0], PathElement::Name(name) if ALWAYS.contains(&name.as_str()));
            let query = presentation.query.as_str();
            let is_named = yes.named.iter().any(|(of, path)| of == query && place.starts_with(path));
            if !first && !is_named {
                return Err(broken(format!("{query} {place:?} was not named: {:?}", yes.named)));
            }
            Counts::add(&counts.claims, usize::from(!first));
        }
    }
    let approved: usize = presentations.iter().map(|presentation| presentation.approved.len()).sum();
    if approved > yes.approved || (approved > 0 && yes.named.is_empty()) {
        return Err(broken(format!("{approved} approved, {} shown", yes.approved)));
    }
    Counts::add(&counts.payments, approved);
    Ok(())
}
