//! A person's selection, checked, and exactly what it sends (VP-D2, VP-D3, VP-D5 to VP-D7).

use std::collections::{BTreeMap, BTreeSet};

use primitives::ClaimPath;

use crate::error::SelectionError;
use crate::query::{Format, Identifier};
use crate::solve::{Found, Solution};

/// One holding chosen for one Credential Query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The holding's id.
    pub holding: String,
    /// The combination of claims, as a place in the Credential Query's combinations; `None`: the first that the holding satisfies.
    pub combination: Option<usize>,
}

/// What a person chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// For each included set (its place in [`Solution::sets`]) the place of the chosen option. A set that is left out is not answered.
    pub options: BTreeMap<usize, usize>,
    /// For each Credential Query (its id) what answers it.
    pub picks: BTreeMap<String, Vec<Pick>>,
}

/// One presentation that will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// The Credential Query that it answers.
    pub query: Identifier,
    /// The format.
    pub format: Format,
    /// The holding that is presented.
    pub holding: String,
    /// The claims that are disclosed because they were selected.
    pub claims: Vec<Found>,
    /// Claims that go out with it because they are not selectively disclosable.
    pub always_disclosed: Vec<ClaimPath>,
    /// Whether a proof of possession goes with it.
    pub holder_binding: bool,
}

impl Disclosure {
    /// The places of all selected claims, each once, in the order of the query.
    pub fn paths(&self) -> Vec<ClaimPath> {
        let mut seen = BTreeSet::new();
        self.claims.iter().flat_map(|found| &found.paths).filter(|path| seen.insert(*path)).cloned().collect()
    }
}

/// Checks that a selection answers the request, no less and no more, and gives the presentations in the order of the request.
///
/// # Errors
/// A [`SelectionError`]; nothing of the selection is then to be sent.
pub fn select(solution: &Solution, selection: &Selection) -> Result<Vec<Disclosure>, SelectionError> {
    if !solution.fits() {
        return Err(SelectionError::NothingFits);
    }
    let needed = needed_queries(solution, selection)?;
    if selection.picks.keys().any(|id| !needed.contains(id.as_str())) {
        return Err(SelectionError::PickNotAsked);
    }
    let mut disclosures = Vec::new();
    for answers in solution.queries.iter().filter(|answers| needed.contains(answers.query.id.as_str())) {
        let query = &answers.query;
        let picks = selection.picks.get(query.id.as_str()).filter(|picks| !picks.is_empty());
        let picks = picks.ok_or(SelectionError::PickMissing)?;
        if picks.len() > 1 && !query.multiple {
            return Err(SelectionError::TooManyPicks);
        }
        let mut seen = BTreeSet::new();
        for pick in picks {
            if !seen.insert(pick.holding.as_str()) {
                return Err(SelectionError::DuplicatePick);
            }
            let candidate = answers.candidate(&pick.holding).ok_or(SelectionError::DoesNotMatch)?;
            let combination = pick.combination.or(candidate.combinations.first().copied());
            let claims = combination.and_then(|combination| answers.discloses(candidate, combination));
            disclosures.push(Disclosure {
                query: query.id.clone(),
                format: query.format.clone(),
                holding: candidate.holding.clone(),
                claims: claims.ok_or(SelectionError::ClaimSetNotSatisfied)?,
                always_disclosed: candidate.always_disclosed.clone(),
                holder_binding: candidate.holder_binding,
            });
        }
    }
    if disclosures.is_empty() {
        // Everything is optional and nothing was chosen: an empty answer is never sent.
        return Err(SelectionError::PickMissing);
    }
    Ok(disclosures)
}

/// The Credential Queries that the chosen options need.
fn needed_queries<'s>(
    solution: &'s Solution,
    selection: &Selection,
) -> Result<BTreeSet<&'s str>, SelectionError> {
    if selection.options.keys().any(|place| *place >= solution.sets.len()) {
        return Err(SelectionError::UnknownOption);
    }
    let mut needed = BTreeSet::new();
    for (place, set) in solution.sets.iter().enumerate() {
        match selection.options.get(&place) {
            None if set.required => return Err(SelectionError::RequiredSetMissing),
            None => {}
            Some(number) => {
                let option = set.options.get(*number).ok_or(SelectionError::UnknownOption)?;
                needed.extend(option.queries.iter().map(Identifier::as_str));
            }
        }
    }
    Ok(needed)
}
