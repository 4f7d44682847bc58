//! What registrars state of a request: who asks, what for, how long it is kept, what refusing means (VP-R13; 개인정보 보호법 제17조).
//!
//! A request may carry several registrations, each for some of its queries (OpenID4VP 1.0 section 5.1, `credential_ids`). What one states
//! counts for the queries that it speaks of: it says nothing of the others, and hides nothing of what another says.

use dcql::CredentialQuery;
use openid4vp::holder::AuthenticatedRequest;
use primitives::LocalizedText;
use trust::registration::Registration;

use super::choice::{kind_of, type_ids};
use crate::history::caption_of;
use crate::view::{Line, LinePart, Text};

/// The most characters that the history keeps of what several registrations state. The screen shows all of it.
const MAX_KEPT_CHARACTERS: usize = 4000;

/// One of the statements of a registration; `None`: it does not state it.
pub(super) type Stated = fn(&Registration) -> Option<&LocalizedText>;

/// 목적.
pub(super) const PURPOSE: Stated = |registration| Some(&registration.purpose);
/// 보유·이용기간.
pub(super) const RETENTION: Stated = |registration| registration.retention.as_ref();
/// 거부할 권리와 불이익.
pub(super) const REFUSAL: Stated = |registration| registration.consequences_of_refusal.as_ref();

/// What is asked, each query with the registrations that speak of it.
pub(super) struct Statements<'request> {
    asked: Vec<(&'request CredentialQuery, Vec<&'request Registration>)>,
}

/// A statement and the queries that it is of; without words: nothing is stated of these.
struct Part<'request> {
    words: Option<&'request LocalizedText>,
    queries: Vec<&'request CredentialQuery>,
}

impl<'request> Statements<'request> {
    /// What is stated of the queries whose identifiers `is_meant` takes.
    pub(super) fn of(request: &'request AuthenticatedRequest, is_meant: impl Fn(&str) -> bool) -> Self {
        let asked = request.query().credentials().iter().filter(|query| is_meant(query.id.as_str()));
        let asked = asked.map(|query| {
            let registrations = request.registrations_of(&query.id).map(|one| one.registration());
            (query, registrations.collect())
        });
        Self { asked: asked.collect() }
    }

    /// One of the five lines.
    pub(super) fn line(&self, stated: Stated) -> Line {
        let parts = self.parts(stated);
        if let [] | [_] = parts.as_slice() {
            let words = parts.first().and_then(|part| part.words);
            return Line { text: words.cloned().map(Text::from), ..Line::default() };
        }
        let part = |part: &Part<'_>| LinePart {
            papers: self.papers(part).into_iter().map(Text::from).collect(),
            text: part.words.cloned().map(Text::from),
        };
        Line { text: None, parts: parts.iter().map(part).collect() }
    }

    /// The same as one text, for the history; `None`: nothing is stated.
    pub(super) fn words(&self, stated: Stated) -> Option<LocalizedText> {
        let parts = self.parts(stated);
        if let [] | [_] = parts.as_slice() {
            return parts.first().and_then(|part| part.words).cloned();
        }
        parts.iter().any(|part| part.words.is_some()).then(|| {
            let not_stated = LocalizedText::new("상대가 밝히지 않음", "Not stated by the other side");
            let said = |part: &Part<'_>, of: fn(&LocalizedText) -> &str| {
                let words = of(part.words.unwrap_or(&not_stated)).to_owned();
                let papers: Vec<String> =
                    self.papers(part).iter().map(|paper| of(paper).to_owned()).collect();
                if papers.is_empty() { words } else { format!("{}: {words}", papers.join(", ")) }
            };
            let all = |of: fn(&LocalizedText) -> &str| {
                joined(parts.iter().map(|part| said(part, of)), MAX_KEPT_CHARACTERS)
            };
            LocalizedText::new(all(|text| &text.ko), all(|text| &text.en))
        })
    }

    /// Whether any statement is like this.
    pub(super) fn any(&self, stated: Stated, is_so: impl Fn(&LocalizedText) -> bool) -> bool {
        self.asked
            .iter()
            .flat_map(|(_, registrations)| registrations)
            .filter_map(|one| stated(one))
            .any(is_so)
    }

    /// Each statement once, in the order of the request, with the queries that it is of.
    fn parts(&self, stated: Stated) -> Vec<Part<'request>> {
        let mut parts: Vec<Part<'request>> = Vec::new();
        for (query, registrations) in &self.asked {
            let mut all: Vec<Option<&LocalizedText>> = registrations.iter().map(|one| stated(one)).collect();
            if all.is_empty() {
                all.push(None);
            }
            for words in all {
                match parts.iter_mut().find(|part| part.words == words) {
                    Some(part) if part.queries.iter().any(|known| known.id == query.id) => {}
                    Some(part) => part.queries.push(query),
                    None => parts.push(Part { words, queries: vec![query] }),
                }
            }
        }
        parts
    }

    /// The papers that a statement is of, with what is asked of them; none named where it is of all.
    fn papers(&self, part: &Part<'_>) -> Vec<LocalizedText> {
        if part.queries.len() == self.asked.len() {
            return Vec::new();
        }
        part.queries.iter().map(|query| paper(query)).collect()
    }
}

/// The name that registrars give to who asks: every name, where they differ. `None`: there is no registration.
pub(super) fn registered_name(request: &AuthenticatedRequest) -> Option<LocalizedText> {
    let mut names: Vec<&LocalizedText> = Vec::new();
    for registration in request.registrations() {
        let name = &registration.registration().name;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let all = |of: fn(&LocalizedText) -> &str| {
        joined(names.iter().map(|name| of(name).to_owned()), MAX_KEPT_CHARACTERS)
    };
    match names.as_slice() {
        [] => None,
        [only] => Some((*only).clone()),
        _ => Some(LocalizedText::new(all(|name| &name.ko), all(|name| &name.en))),
    }
}

/// A paper and what is asked of it: `모바일 주민등록증 (성명, 생년월일)`.
fn paper(query: &CredentialQuery) -> LocalizedText {
    let kind = kind_of(query);
    let name = kind.map_or_else(
        || {
            let id = type_ids(query).first().copied().unwrap_or_default();
            LocalizedText::new(id, id)
        },
        |kind| kind.name.localized(),
    );
    let captions: Vec<LocalizedText> =
        query.claims.iter().map(|claim| caption_of(kind, &claim.path)).collect();
    if captions.is_empty() {
        return name;
    }
    let with = |of: fn(&LocalizedText) -> &str| {
        let captions: Vec<&str> = captions.iter().map(of).collect();
        format!("{} ({})", of(&name), captions.join(", "))
    };
    LocalizedText::new(with(|text| &text.ko), with(|text| &text.en))
}

/// Texts behind each other, at most so many characters of them.
fn joined(texts: impl Iterator<Item = String>, most: usize) -> String {
    let whole = texts.collect::<Vec<_>>().join(" / ");
    if whole.chars().count() <= most {
        return whole;
    }
    whole.chars().take(most).chain(['…']).collect()
}
