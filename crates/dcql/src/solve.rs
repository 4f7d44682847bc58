//! Query × holdings → the choices that a person can make (OpenID4VP 1.0 section 6.4; VP-D2, VP-D4 to VP-D9).
//!
//! Holdings are sorted by type once, so a Credential Query looks only at holdings of its own types; the work is linear in the
//! holdings that have a type asked for. The solution says nothing to the verifier: whether something fits is for the person only.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use primitives::ClaimPath;
use serde_json::Value;

use crate::holding::{CredentialType, Holding};
use crate::query::{Authority, ClaimQuery, CredentialQuery, Format, Identifier, Query, TypeConstraint};
use crate::select::{Pick, Selection};

/// One claim of the query as found in one holding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The claims path pointer of the query.
    pub requested: ClaimPath,
    /// The places it selects in the holding, without wildcards; never empty. With `values`, only the places that match.
    pub paths: Vec<ClaimPath>,
}

/// A holding that can answer a Credential Query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The holding's id.
    pub holding: String,
    /// Whether a proof of possession will go with it.
    pub holder_binding: bool,
    /// The combinations of claims it can satisfy, as places in [`CredentialQuery::combinations`], ascending; never empty. The first
    /// is the one to use (VP-D2).
    pub combinations: Vec<usize>,
    /// Claims that go out with it although nobody asked, because they are not selectively disclosable.
    pub always_disclosed: Vec<ClaimPath>,
    wildcards: Wildcards,
}

/// For each Claims Query with a wildcard, by its place in the query, the places in a holding that it stands for; never none. Any
/// other stands at its own path, for which nothing is kept: ten thousand papers would each keep it.
type Wildcards = BTreeMap<usize, Vec<ClaimPath>>;

/// A Credential Query and what can answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryCandidates {
    /// The Credential Query.
    pub query: CredentialQuery,
    /// The holdings that match, in the order in which they were given.
    pub candidates: Vec<Candidate>,
}

impl QueryCandidates {
    /// The candidate that is this holding.
    pub fn candidate(&self, holding: &str) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.holding == holding)
    }

    /// What `candidate` discloses with this combination; `None` if it cannot satisfy it.
    pub fn discloses(&self, candidate: &Candidate, combination: usize) -> Option<Vec<Found>> {
        candidate.combinations.binary_search(&combination).ok()?;
        let claims = match &self.query.claim_sets {
            Some(sets) => sets.get(combination)?.clone(),
            None => (0..self.query.claims.len()).collect(),
        };
        claims
            .into_iter()
            .map(|place| {
                let requested = self.query.claims.get(place)?.path.clone();
                let paths = match candidate.wildcards.get(&place) {
                    Some(paths) => paths.clone(),
                    None if requested.has_wildcard() => return None,
                    None => vec![requested.clone()],
                };
                Some(Found { requested, paths })
            })
            .collect()
    }
}

/// One way to satisfy a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetOption {
    /// The Credential Queries that together satisfy it.
    pub queries: Vec<Identifier>,
    /// Whether each of them has a candidate.
    pub satisfiable: bool,
}

/// A Credential Set Query and its options. A query without `credential_sets` has one required set with one option: everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetChoice {
    /// Whether one option must be chosen.
    pub required: bool,
    /// The options in the verifier's order.
    pub options: Vec<SetOption>,
}

impl SetChoice {
    /// Whether any option can be chosen.
    pub fn satisfiable(&self) -> bool {
        self.options.iter().any(|option| option.satisfiable)
    }
}

/// Everything that a person can choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The Credential Queries in the order of the request.
    pub queries: Vec<QueryCandidates>,
    /// The sets in the order of the request; never empty.
    pub sets: Vec<SetChoice>,
}

impl Solution {
    /// Whether the request can be answered at all: every required set can be satisfied, and at least one set (VP-D6).
    pub fn fits(&self) -> bool {
        self.sets.iter().all(|set| !set.required || set.satisfiable())
            && self.sets.iter().any(SetChoice::satisfiable)
    }

    /// The candidates for a Credential Query.
    pub fn query(&self, id: &str) -> Option<&QueryCandidates> {
        self.queries.iter().find(|query| query.query.id.as_str() == id)
    }

    /// The smallest answer that needs no decision: the first satisfiable option of each required set, the first candidate for each
    /// Credential Query, the verifier's preferred combination, nothing optional. `None` if nothing fits, or if everything is
    /// optional, for then nothing needs to be sent.
    pub fn required_only(&self) -> Option<Selection> {
        if !self.fits() {
            return None;
        }
        let mut selection = Selection::default();
        for (place, set) in self.sets.iter().enumerate().filter(|(_, set)| set.required) {
            let (number, option) = set.options.iter().enumerate().find(|(_, option)| option.satisfiable)?;
            selection.options.insert(place, number);
            for id in &option.queries {
                let candidate = self.query(id.as_str())?.candidates.first()?;
                selection.picks.insert(
                    id.as_str().to_owned(),
                    vec![Pick { holding: candidate.holding.clone(), combination: None }],
                );
            }
        }
        if selection.picks.is_empty() { None } else { Some(selection) }
    }
}

/// Finds everything in `holdings` that can answer `query`.
///
/// A claim that is absent and a claim whose value is not among `values` give the same outcome (VP-D4).
pub fn solve(query: &Query, holdings: &[Holding<'_>]) -> Solution {
    let index = Index::of(holdings);
    let queries: Vec<QueryCandidates> = query
        .credentials()
        .iter()
        .map(|credential| QueryCandidates {
            query: credential.clone(),
            candidates: index
                .of_query(credential)
                .into_iter()
                .filter_map(|place| holdings.get(place))
                .filter_map(|holding| candidate(credential, holding))
                .collect(),
        })
        .collect();
    let option = |places: &[usize]| {
        let answers: Vec<&QueryCandidates> = places.iter().filter_map(|place| queries.get(*place)).collect();
        SetOption {
            queries: answers.iter().map(|answer| answer.query.id.clone()).collect(),
            satisfiable: answers.iter().all(|answer| !answer.candidates.is_empty()),
        }
    };
    let sets = match query.sets() {
        Some(sets) => sets
            .iter()
            .map(|set| SetChoice {
                required: set.required,
                options: set.options.iter().map(|places| option(places)).collect(),
            })
            .collect(),
        None => {
            let everything: Vec<usize> = (0..queries.len()).collect();
            vec![SetChoice { required: true, options: vec![option(&everything)] }]
        }
    };
    Solution { queries, sets }
}

/// The places of the holdings by format and type.
struct Index<'h> {
    by_type: HashMap<CredentialType<'h>, Vec<usize>>,
}

impl<'h> Index<'h> {
    fn of(holdings: &[Holding<'h>]) -> Self {
        let mut by_type: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, holding) in holdings.iter().enumerate() {
            by_type.entry(holding.credential_type).or_default().push(place);
        }
        Self { by_type }
    }

    /// The holdings of the format and types asked for, in their order (VP-D10).
    fn of_query(&self, query: &CredentialQuery) -> Vec<usize> {
        let mut places: Vec<usize> = match (&query.format, &query.types) {
            (Format::Unsupported(_), _) => Vec::new(),
            (format, TypeConstraint::Any) => {
                let same_format = |credential_type: &CredentialType<'_>| match credential_type {
                    CredentialType::SdJwtVc { .. } => *format == Format::SdJwtVc,
                    CredentialType::Mdoc { .. } => *format == Format::Mdoc,
                };
                let matching =
                    self.by_type.iter().filter(|(credential_type, _)| same_format(credential_type));
                matching.flat_map(|(_, places)| places).copied().collect()
            }
            (format, TypeConstraint::OneOf(names)) => {
                let wanted: BTreeSet<&str> = names.iter().map(String::as_str).collect();
                let key = |name| match format {
                    Format::Mdoc => CredentialType::Mdoc { doctype: name },
                    _ => CredentialType::SdJwtVc { vct: name },
                };
                wanted
                    .into_iter()
                    .filter_map(|name| self.by_type.get(&key(name)))
                    .flatten()
                    .copied()
                    .collect()
            }
        };
        places.sort_unstable();
        places
    }
}

impl CredentialQuery {
    /// What `holding` discloses for this query; `None` if it does not answer it. Format and type are not looked at: [`solve`] has
    /// sorted by them, and a verifier has compared them itself.
    pub fn answered_by(&self, holding: &Holding<'_>) -> Option<Candidate> {
        candidate(self, holding)
    }

    /// Whether one of the accepted authorities certifies the holding's issuer (VP-D9).
    pub fn is_certified(&self, holding: &Holding<'_>) -> bool {
        match &self.authorities {
            None => true,
            Some(authorities) => authorities.iter().any(|authority| certified_by(authority, holding)),
        }
    }
}

fn candidate(query: &CredentialQuery, holding: &Holding<'_>) -> Option<Candidate> {
    // An mdoc without its device key cannot be presented at all; an SD-JWT VC can where the verifier allows it (VP-D8).
    let binding_needed = query.holder_binding_required || query.format == Format::Mdoc;
    if binding_needed && !holding.holder_binding {
        return None;
    }
    if !query.is_certified(holding) {
        return None;
    }
    let mut wildcards = Wildcards::new();
    let finds = |(place, claim): (usize, &ClaimQuery)| find(claim, place, holding, &mut wildcards);
    let combinations: Vec<usize> = match &query.claim_sets {
        Some(sets) => {
            let found: Vec<bool> = query.claims.iter().enumerate().map(finds).collect();
            let satisfied =
                |claims: &[usize]| claims.iter().all(|place| found.get(*place).is_some_and(|found| *found));
            (0..).zip(sets).filter(|(_, set)| satisfied(set)).map(|(number, _)| number).collect()
        }
        // Everything is needed: the first thing missing ends it, and a value asked for is missing most often.
        None => {
            let claims = |valued: bool| {
                query.claims.iter().enumerate().filter(move |(_, claim)| claim.values.is_some() == valued)
            };
            if claims(true).chain(claims(false)).all(finds) { vec![0] } else { Vec::new() }
        }
    };
    if combinations.is_empty() {
        return None;
    }
    Some(Candidate {
        holding: holding.id.to_owned(),
        holder_binding: holding.holder_binding,
        combinations,
        always_disclosed: holding.always_disclosed.to_vec(),
        wildcards,
    })
}

fn certified_by(authority: &Authority, holding: &Holding<'_>) -> bool {
    match authority {
        Authority::KeyIdentifier(wanted) => {
            holding.authority_key_identifiers.iter().any(|held| held == wanted)
        }
        Authority::EtsiTrustedList(_) | Authority::OpenIdFederation(_) | Authority::Unknown => false,
    }
}

/// Whether a Claims Query selects anything; what its wildcards stand for is noted under its place.
fn find(claim: &ClaimQuery, place: usize, holding: &Holding<'_>, wildcards: &mut Wildcards) -> bool {
    let wanted = |value: &Value| match &claim.values {
        None => true,
        Some(expected) => expected.iter().any(|expected| expected.matches(value)),
    };
    if !claim.path.has_wildcard() {
        return claim.path.select_one(holding.claims).is_some_and(wanted);
    }
    let located = claim.path.locate(holding.claims).unwrap_or_default();
    let paths: Vec<ClaimPath> =
        located.into_iter().filter(|(_, value)| wanted(value)).map(|(path, _)| path).collect();
    if paths.is_empty() {
        return false;
    }
    wildcards.insert(place, paths);
    true
}
