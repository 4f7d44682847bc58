//! The consent screen: who asks, the five lines of the law, and every item with its value.

use civic::facts::{self, FactValue};
use civic::{PaperType, Sensitivity};
use std::collections::BTreeMap;

use dcql::{Candidate, QueryCandidates, Solution};
use openid4vp::holder::{AuthenticatedRequest, Authentication};
use primitives::{ClaimPath, LocalizedText, PathElement};
use serde_json::Value;
use vault::CredentialFormat;

use super::choice::{kind_of, offered, paper_of};
use super::statements::{self, PURPOSE, REFUSAL, RETENTION, Statements};
use crate::app::Wallet;
use crate::held::{Form, element_value};
use crate::history::{caption_of, is_beside};
use crate::papers::{Read, text_of};
use crate::view::{
    self, Acknowledgement, CandidateNote, ConsentGroup, ConsentItem, ConsentOption, ConsentQuery, Line,
    Lines, Necessity, PartyTrust, Recipient, RecipientSource, StatusView, Text, Warning,
};

/// The identifier of an item on the consent screen: query, paper and place.
pub(super) fn item_id(query: &str, paper: &str, path: &ClaimPath) -> String {
    let place = serde_json::to_string(path).unwrap_or_default();
    format!("{query}/{paper}/{place}")
}

impl Wallet {
    /// Builds the screen. The session's identifier is filled in once it is kept.
    pub(super) fn consent(
        &self,
        request: &AuthenticatedRequest,
        solution: &Solution,
        papers: &[Read],
        cross_device: bool,
    ) -> view::Consent {
        let over_asked = request.over_asked().unwrap_or_default();
        let papers: BTreeMap<String, &Read> =
            papers.iter().map(|read| (read.held.paper.id.to_string(), read)).collect();
        let queries: Vec<ConsentQuery> = solution
            .queries
            .iter()
            .map(|answers| ConsentQuery {
                id: answers.query.id.as_str().to_owned(),
                candidates: candidates(answers, &papers, &over_asked),
                multiple: answers.query.multiple,
            })
            .collect();
        let groups = groups(solution, &queries);
        let recipient = recipient(request);
        let items = items_line(&queries);
        let same = |text: Option<Text>| Line { text, ..Line::default() };
        let stated = Statements::of(request, |query| {
            let mut options = groups.iter().flat_map(|group| &group.options);
            options.any(|option| option.query_ids.iter().any(|id| id == query))
        });
        let lines = Lines {
            recipient: same(recipient.name.clone()),
            purpose: stated.line(PURPOSE),
            items: same(items),
            retention: stated.line(RETENTION),
            refusal: stated.line(REFUSAL),
        };
        let approvals = super::transactions::approvals(request, self.today_date()).unwrap_or_default();
        let mut warnings = Vec::new();
        let over_captions: Vec<Text> = over_asked
            .iter()
            .map(|over| {
                let kind = request.query().credential(over.query.as_str()).and_then(kind_of);
                match &over.claim {
                    Some(claim) => caption_of(kind, claim).into(),
                    None => kind.map_or_else(|| Text::same(over.query.as_str()), |kind| kind.name.into()),
                }
            })
            .collect();
        if !over_captions.is_empty() {
            warnings.push(Warning::OverAsked { captions: over_captions });
        }
        match recipient.trust {
            PartyTrust::Registered => {}
            PartyTrust::Authenticated => warnings.push(Warning::Unregistered),
            PartyTrust::Unauthenticated => warnings.push(Warning::Unauthenticated),
        }
        if stated.any(RETENTION, |kept| kept.ko.contains("무기한")) {
            warnings.push(Warning::NoRetentionLimit);
        }
        if cross_device {
            warnings.push(Warning::CrossDevice);
        }
        // Of whom no list speaks nothing is the older for it.
        if let (true, Some(at)) = (request.client().is_authenticated(), self.old_list_fetched_at()) {
            warnings.push(Warning::TrustListOld { as_of: at.unix_seconds() });
        }
        view::Consent {
            session_id: String::new(),
            must_acknowledge: must_acknowledge(&lines, &warnings, &approvals),
            recipient,
            lines,
            queries,
            groups,
            approvals,
            warnings,
            cross_device,
            shown: super::offline::shown_mode(request),
            needs_unlock: false,
            expires_at: None,
        }
    }
}

fn recipient(request: &AuthenticatedRequest) -> Recipient {
    let client = request.client();
    let host = request.destination().to_owned();
    if let Some(name) = statements::registered_name(request) {
        let source = RecipientSource::Registration;
        return Recipient { name: Some(name.into()), host, trust: PartyTrust::Registered, source };
    }
    // Never a name from `client_metadata`: that of whatever vouches for the client.
    let (name, source) = match client.authentication() {
        Authentication::Certificate(_) => {
            (client.certified_name().map(Text::same), RecipientSource::Certificate)
        }
        Authentication::Attestation { .. } => {
            (client.attested_name().map(Text::same), RecipientSource::Attestation)
        }
        _ => match client.known_name() {
            Some(name) => (Some(Text::from(name.clone())), RecipientSource::Profile),
            None => (None, RecipientSource::Address),
        },
    };
    let trust =
        if client.is_authenticated() { PartyTrust::Authenticated } else { PartyTrust::Unauthenticated };
    Recipient { name, host, trust, source }
}

/// Each line that the other side did not state, and each grave warning, takes a yes of its own.
fn must_acknowledge(
    lines: &Lines,
    warnings: &[Warning],
    approvals: &[view::Approval],
) -> Vec<Acknowledgement> {
    let stated = [
        (&lines.recipient, Acknowledgement::Recipient),
        (&lines.purpose, Acknowledgement::Purpose),
        (&lines.items, Acknowledgement::Items),
        (&lines.retention, Acknowledgement::Retention),
        (&lines.refusal, Acknowledgement::Refusal),
    ];
    stated
        .into_iter()
        .filter(|(line, _)| !line.is_stated())
        .map(|(_, what)| what)
        .chain(warnings.iter().filter_map(|warning| match warning {
            Warning::Unregistered => Some(Acknowledgement::Unregistered),
            Warning::Unauthenticated => Some(Acknowledgement::Unauthenticated),
            Warning::OverAsked { .. } => Some(Acknowledgement::OverAsked),
            Warning::ResidentNumber { .. }
            | Warning::NoRetentionLimit
            | Warning::CrossDevice
            | Warning::TrustListOld { .. } => None,
        }))
        .chain(super::transactions::acknowledgements(approvals))
        .collect()
}

/// The captions of what is required, each once, as one line.
fn items_line(queries: &[ConsentQuery]) -> Option<Text> {
    let mut captions: Vec<&Text> = Vec::new();
    let first_candidates = queries.iter().filter_map(|query| query.candidates.first());
    for item in first_candidates.flat_map(|candidate| &candidate.items) {
        if item.necessity == Necessity::Required && !captions.contains(&&item.caption) {
            captions.push(&item.caption);
        }
    }
    let joined = |language: fn(&Text) -> Option<&String>| {
        captions.iter().filter_map(|caption| language(caption)).cloned().collect::<Vec<_>>().join(", ")
    };
    (!captions.is_empty()).then(|| Text {
        ko: Some(joined(|text| text.ko.as_ref())),
        en: Some(joined(|text| text.en.as_ref())),
    })
}

/// One group for each set, options with nothing to offer left out, the least telling option first.
fn groups(solution: &Solution, queries: &[ConsentQuery]) -> Vec<ConsentGroup> {
    let telling = |ids: &[String]| -> usize {
        ids.iter()
            .filter_map(|id| queries.iter().find(|query| query.id == *id))
            .filter_map(|query| query.candidates.first())
            .map(|candidate| candidate.items.len())
            .sum()
    };
    solution
        .sets
        .iter()
        .enumerate()
        .map(|(place, set)| {
            let mut options: Vec<ConsentOption> = set
                .options
                .iter()
                .enumerate()
                .filter(|(_, option)| option.satisfiable)
                .map(|(number, option)| ConsentOption {
                    id: number.to_string(),
                    query_ids: option.queries.iter().map(|query| query.as_str().to_owned()).collect(),
                })
                .collect();
            options.sort_by_key(|option| telling(&option.query_ids));
            ConsentGroup {
                id: place.to_string(),
                purpose: None,
                necessity: if set.required { Necessity::Required } else { Necessity::Optional },
                options,
            }
        })
        .filter(|group| !group.options.is_empty())
        .collect()
}

fn candidates(
    answers: &QueryCandidates,
    papers: &BTreeMap<String, &Read>,
    over_asked: &[openid4vp::holder::OverAsked],
) -> Vec<view::Candidate> {
    let mut candidates: Vec<view::Candidate> = answers
        .candidates
        .iter()
        .filter_map(|candidate| {
            let paper = papers.get(paper_of(&candidate.holding))?;
            Some(candidate_view(answers, candidate, paper, over_asked))
        })
        .collect();
    candidates.sort_by_key(|candidate| candidate.items.len());
    // "Tells the least" is said only where another tells more.
    let least = candidates.first().map_or(0, |first| first.items.len());
    let most = candidates.last().map_or(0, |last| last.items.len());
    if let Some(first) = candidates.first_mut().filter(|_| most > least) {
        first.least_telling = true;
    }
    candidates
}

fn candidate_view(
    answers: &QueryCandidates,
    candidate: &Candidate,
    read: &Read,
    over_asked: &[openid4vp::holder::OverAsked],
) -> view::Candidate {
    let query = answers.query.id.as_str();
    let offered = offered(answers, candidate);
    let is_over = |path: &ClaimPath| {
        over_asked.iter().any(|over| {
            over.query.as_str() == query && over.claim.as_ref().is_none_or(|claim| path.lies_within(claim))
        })
    };
    let form = read.held.forms.iter().find(|form| candidate.holding.ends_with(form.format.as_str()));
    // Whatever would be told has an item, also where its value cannot be drawn or is none.
    let item = |path: &ClaimPath, necessity: Necessity| -> ConsentItem {
        // With everything that its issuer put into the same disclosure.
        let told = form.map_or_else(|| path.clone(), |form| form.told_with(path));
        let value = form
            .and_then(|form| told.select(&form.claims).ok()?.first().map(|value| (*value).clone()))
            .unwrap_or(Value::Null);
        let claim = read.held.kind.and_then(|kind| claim_type(kind, &told));
        let read_value = match is_beside(&told) {
            true => FactValue::Text(LocalizedText::new(
                "이 지갑이 읽을 수 없는 내용",
                "Something that this wallet cannot read",
            )),
            false => shown_value(form, claim.map(|claim| claim.kind), value),
        };
        let image = match &read_value {
            FactValue::Picture(url) => Some(url.clone()),
            _ => None,
        };
        ConsentItem {
            id: item_id(query, &read.held.paper.id.to_string(), path),
            caption: caption_of(read.held.kind, &told).into(),
            value: text_of(&read_value).into(),
            image,
            sensitive: read.held.kind.is_some_and(|kind| is_sensitive(kind, &told)),
            necessity,
            over_asked: is_over(path),
        }
    };
    let items: Vec<ConsentItem> = offered
        .required
        .iter()
        .map(|path| item(path, Necessity::Required))
        .chain(offered.optional.iter().map(|path| item(path, Necessity::Optional)))
        .collect();
    let all = read.facts().len();
    view::Candidate {
        hidden_count: all.saturating_sub(items.len()),
        paper: read.summary(),
        items,
        least_telling: false,
        notes: notes(read, form),
    }
}

fn notes(read: &Read, form: Option<&Form>) -> Vec<CandidateNote> {
    let mut notes = Vec::new();
    // Copies serve in their own format only.
    match form.map_or((0, 0), |form| (form.copies, form.unused_copies)) {
        (_, 0) => notes.push(CandidateNote::ReusedCopy),
        (copies, 1) if copies > 1 => notes.push(CandidateNote::LastCopy),
        _ => {}
    }
    match read.standing.view {
        StatusView::Unknown => notes.push(CandidateNote::StatusUnknown),
        StatusView::Stale => notes.push(CandidateNote::StatusStale),
        _ => {}
    }
    notes
}

/// A value as it stands on the screen. What cannot be drawn is named, and never left out.
fn shown_value(form: Option<&Form>, kind: Option<civic::Kind>, value: Value) -> FactValue {
    let value = match (form.map(|form| form.format), kind) {
        (Some(CredentialFormat::Mdoc), Some(kind)) => element_value(kind, &value),
        _ => value,
    };
    facts::value(kind, &value).unwrap_or_else(|| {
        FactValue::Text(if value.is_null() {
            LocalizedText::new("값 없음", "No value")
        } else {
            LocalizedText::new("사진", "Picture")
        })
    })
}

/// Whether a place holds something sensitive in the sense of the law: itself, as a part, or as a part of it.
fn is_sensitive(kind: &PaperType, path: &ClaimPath) -> bool {
    let names = names_of(path);
    kind.claims.iter().filter(|claim| matches!(claim.sensitivity, Sensitivity::Special(_))).any(|claim| {
        names.starts_with(claim.path)
            || claim.path.starts_with(&names)
            || names.last().is_some_and(|element| claim.element_identifier() == **element)
    })
}

fn names_of(path: &ClaimPath) -> Vec<&str> {
    path.elements()
        .iter()
        .filter_map(|element| match element {
            PathElement::Name(name) => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

/// The catalogue's claim at a place: by its path, or in a mobile document by its element.
fn claim_type(kind: &'static PaperType, path: &ClaimPath) -> Option<&'static civic::ClaimType> {
    let names = names_of(path);
    kind.claim(&names).or_else(|| names.last().and_then(|element| kind.claim_of_element(element)))
}

#[cfg(test)]
mod tests;
