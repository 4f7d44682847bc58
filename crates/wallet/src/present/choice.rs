//! From what was shown and chosen to a selection of the query language, and never a claim more.
//!
//! Where a query offers combinations of claims, the smallest one is what is required; what only larger ones hold is
//! optional. A combination is used only if it holds exactly what was approved.

use std::collections::{BTreeMap, BTreeSet};

use civic::{Catalogue, PaperType};
use dcql::{Candidate, CredentialQuery, Found, Holding, Pick, QueryCandidates, Solution, TypeConstraint};
use openid4vp::holder::AuthenticatedRequest;
use primitives::ClaimPath;

use crate::held::Form;
use crate::history::caption_of;
use crate::papers::Read;
use crate::view::{self, Missing, Preview, PreviewPaper, Selection, Text};

/// What answers the request among the papers in force: one holding for each format of each paper.
pub(super) fn solve(request: &AuthenticatedRequest, papers: &[Read]) -> Solution {
    let ids: Vec<(String, &Form)> = papers
        .iter()
        .flat_map(|read| read.held.forms.iter().map(move |form| (holding_id(read, form), form)))
        .filter(|(_, form)| super::transactions::may_answer(request, form))
        .collect();
    let holdings: Vec<Holding<'_>> = ids.iter().map(|(id, form)| form.holding(id)).collect();
    request.solve(&holdings)
}

fn holding_id(read: &Read, form: &Form) -> String {
    format!("{}:{}", read.held.paper.id, form.format.as_str())
}

/// Leaves the candidates that `may` takes, which may take combinations out of one; what a set can be answered with is worked out anew.
pub(super) fn keep_candidates(
    solution: &mut Solution,
    papers: &[Read],
    mut may: impl FnMut(&Form, &QueryCandidates, &mut Candidate) -> bool,
) {
    let forms: BTreeMap<String, &Form> = papers
        .iter()
        .flat_map(|read| read.held.forms.iter().map(move |form| (holding_id(read, form), form)))
        .collect();
    for answers in &mut solution.queries {
        let mut candidates = std::mem::take(&mut answers.candidates);
        candidates.retain_mut(|candidate| {
            let form = forms.get(&candidate.holding);
            form.is_some_and(|form| may(form, answers, candidate))
        });
        answers.candidates = candidates;
    }
    let answered: BTreeSet<&str> = solution
        .queries
        .iter()
        .filter(|answers| !answers.candidates.is_empty())
        .map(|answers| answers.query.id.as_str())
        .collect();
    for option in solution.sets.iter_mut().flat_map(|set| &mut set.options) {
        option.satisfiable = option.queries.iter().all(|query| answered.contains(query.as_str()));
    }
}

/// The paper of a holding.
pub(super) fn paper_of(holding: &str) -> &str {
    holding.split_once(':').map_or(holding, |(paper, _)| paper)
}

/// Whether papers of the types asked for are held at all.
pub(super) fn has_asked_types(request: &AuthenticatedRequest, papers: &[Read]) -> bool {
    request.query().credentials().iter().all(|query| {
        papers
            .iter()
            .flat_map(|read| &read.held.forms)
            .any(|form| type_ids(query).contains(&form.type_id.as_str()))
    })
}

pub(super) fn type_ids(query: &CredentialQuery) -> Vec<&str> {
    match &query.types {
        TypeConstraint::OneOf(types) => types.iter().map(String::as_str).collect(),
        TypeConstraint::Any => Vec::new(),
    }
}

/// The catalogue's type that a query asks for.
pub(super) fn kind_of(query: &CredentialQuery) -> Option<&'static PaperType> {
    type_ids(query).into_iter().find_map(|id| Catalogue.by_vct(id).or_else(|| Catalogue.by_doctype(id)))
}

pub(super) fn type_name(query: &CredentialQuery) -> Text {
    kind_of(query).map_or_else(
        || Text::same(type_ids(query).first().copied().unwrap_or_default()),
        |kind| kind.name.into(),
    )
}

/// The captions of everything that is asked, each once.
pub(super) fn asked_captions(request: &AuthenticatedRequest) -> Vec<Text> {
    let mut captions: Vec<Text> = Vec::new();
    for query in request.query().credentials().iter() {
        let kind = kind_of(query);
        for claim in &query.claims {
            let caption = Text::from(caption_of(kind, &claim.path));
            if !captions.contains(&caption) {
                captions.push(caption);
            }
        }
    }
    captions
}

/// What a candidate tells at least, and what it may tell beyond that.
pub(super) struct Offered {
    pub(super) required: Vec<ClaimPath>,
    pub(super) optional: Vec<ClaimPath>,
}

fn places(found: &[Found]) -> BTreeSet<ClaimPath> {
    found.iter().flat_map(|found| found.paths.iter().cloned()).collect()
}

/// The combinations a candidate satisfies, as the places they tell, in the verifier's order.
fn combinations(query: &QueryCandidates, candidate: &Candidate) -> Vec<(usize, BTreeSet<ClaimPath>)> {
    candidate
        .combinations
        .iter()
        .filter_map(|number| Some((*number, places(&query.discloses(candidate, *number)?))))
        .collect()
}

/// The first combination that no other satisfied one is a real part of.
fn base(all: &[(usize, BTreeSet<ClaimPath>)]) -> Option<&(usize, BTreeSet<ClaimPath>)> {
    all.iter()
        .find(|(_, told)| !all.iter().any(|(_, other)| other.len() < told.len() && other.is_subset(told)))
}

pub(super) fn offered(query: &QueryCandidates, candidate: &Candidate) -> Offered {
    let all = combinations(query, candidate);
    let Some((_, told)) = base(&all) else {
        return Offered { required: Vec::new(), optional: Vec::new() };
    };
    let mut required: BTreeSet<ClaimPath> = told.clone();
    required.extend(candidate.always_disclosed.iter().cloned());
    let optional: BTreeSet<ClaimPath> = all
        .iter()
        .filter(|(_, other)| other.is_superset(told))
        .flat_map(|(_, other)| other.difference(&required).cloned())
        .collect();
    Offered { required: required.into_iter().collect(), optional: optional.into_iter().collect() }
}

/// The combination that tells exactly what is required and these optional places.
fn combination_for(
    query: &QueryCandidates,
    candidate: &Candidate,
    chosen: &BTreeSet<ClaimPath>,
) -> Option<usize> {
    let all = combinations(query, candidate);
    let mut wanted = base(&all)?.1.clone();
    wanted.extend(chosen.iter().cloned());
    all.iter().find(|(_, told)| *told == wanted).map(|(number, _)| *number)
}

/// A choice over what was shown: what it would send, or what is missing.
pub(super) struct Judged {
    pub(super) preview: Preview,
    /// Complete: the selection to send.
    pub(super) selection: Option<dcql::Selection>,
}

/// Judges a choice over the consent that was shown. Groups and queries with a single possibility need no naming.
pub(super) fn judge(solution: &Solution, consent: &view::Consent, choice: &Selection) -> Judged {
    let mut missing = Vec::new();
    let mut selection = dcql::Selection::default();
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    for (place, group) in consent.groups.iter().enumerate() {
        let named = choice.options.get(&group.id).cloned().flatten();
        let only = match (group.necessity, group.options.as_slice()) {
            (view::Necessity::Required, [only]) => Some(only.id.clone()),
            _ => None,
        };
        match named.or(only) {
            Some(option) => {
                let Some(option) = group.options.iter().find(|known| known.id == option) else {
                    missing.push(Missing::Option { group_id: group.id.clone() });
                    continue;
                };
                let Ok(number) = option.id.parse() else { continue };
                selection.options.insert(place_of(&group.id).unwrap_or(place), number);
                needed.extend(option.query_ids.iter().map(String::as_str));
            }
            None if group.necessity == view::Necessity::Required => {
                missing.push(Missing::Option { group_id: group.id.clone() });
            }
            None => {}
        }
    }
    let mut papers = Vec::new();
    for query in consent.queries.iter().filter(|query| needed.contains(query.id.as_str())) {
        let named = choice.papers.get(&query.id).cloned().unwrap_or_default();
        let mut named = match (named.is_empty(), query.candidates.as_slice()) {
            (true, [only]) => vec![only.paper.id.clone()],
            _ => named,
        };
        // A paper that is named twice is one paper.
        named.sort_unstable();
        named.dedup();
        let chosen: Vec<&view::Candidate> = named
            .iter()
            .filter_map(|id| query.candidates.iter().find(|candidate| candidate.paper.id == *id))
            .collect();
        if chosen.is_empty() || chosen.len() != named.len() || (chosen.len() > 1 && !query.multiple) {
            missing.push(Missing::Paper { query_id: query.id.clone() });
            continue;
        }
        let mut picks = Vec::new();
        for candidate in chosen {
            if let Some(pick) = judge_candidate(solution, query, candidate, choice, &mut missing, &mut papers)
            {
                picks.push(pick);
            }
        }
        selection.picks.insert(query.id.clone(), picks);
    }
    for what in &consent.must_acknowledge {
        if !choice.acknowledged.contains(what) {
            missing.push(Missing::Acknowledge { what: *what });
        }
    }
    let item_count = papers.iter().map(|paper: &PreviewPaper| paper.item_count).sum();
    let hidden_count = papers.iter().map(|paper| paper.hidden_count).sum();
    let mut distinct: Vec<&str> = papers.iter().map(|paper| paper.paper_id.as_str()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let preview = Preview { paper_count: distinct.len(), item_count, hidden_count, papers, missing };
    let complete = preview.missing.is_empty() && !preview.papers.is_empty();
    Judged { selection: complete.then_some(selection), preview }
}

/// The place of a group in the solution, from its identifier.
fn place_of(group: &str) -> Option<usize> {
    group.parse().ok()
}

fn judge_candidate(
    solution: &Solution,
    query: &view::ConsentQuery,
    candidate: &view::Candidate,
    choice: &Selection,
    missing: &mut Vec<Missing>,
    papers: &mut Vec<PreviewPaper>,
) -> Option<Pick> {
    let told: Vec<&view::ConsentItem> = candidate
        .items
        .iter()
        .filter(|item| item.necessity == view::Necessity::Required || choice.items.contains(&item.id))
        .collect();
    let sensitive = |item: &&&view::ConsentItem| item.sensitive;
    let refused: Vec<String> = told
        .iter()
        .filter(sensitive)
        .filter(|item| choice.sensitive_no.contains(&item.id))
        .map(|item| item.id.clone())
        .collect();
    if !refused.is_empty() {
        missing.push(Missing::RequiredRefused { item_ids: refused });
    }
    let unanswered: Vec<String> = told
        .iter()
        .filter(sensitive)
        .filter(|item| !choice.sensitive_yes.contains(&item.id) && !choice.sensitive_no.contains(&item.id))
        .map(|item| item.id.clone())
        .collect();
    if !unanswered.is_empty() {
        missing.push(Missing::Sensitive { item_ids: unanswered });
    }
    papers.push(PreviewPaper {
        query_id: query.id.clone(),
        paper_id: candidate.paper.id.clone(),
        item_count: told.len(),
        hidden_count: candidate.hidden_count + (candidate.items.len() - told.len()),
    });
    let answers = solution.query(&query.id)?;
    let held = answers.candidates.iter().find(|held| paper_of(&held.holding) == candidate.paper.id)?;
    let optional: BTreeMap<String, ClaimPath> = offered(answers, held)
        .optional
        .into_iter()
        .map(|path| (super::consent::item_id(&query.id, &candidate.paper.id, &path), path))
        .collect();
    let chosen: BTreeSet<ClaimPath> =
        choice.items.iter().filter_map(|id| optional.get(id).cloned()).collect();
    match combination_for(answers, held, &chosen) {
        Some(combination) => Some(Pick { holding: held.holding.clone(), combination: Some(combination) }),
        None => {
            // These optional items cannot be told without others that were not chosen.
            missing.push(Missing::Paper { query_id: query.id.clone() });
            None
        }
    }
}

#[cfg(test)]
mod tests;
