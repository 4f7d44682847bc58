//! What a desk asks: the ready-made questions of `civic`, and its own.

use civic::catalogue::{Catalogue, ClaimType, Kind, PaperType, Words};
use dcql::{CredentialQuery, Format, Query, TypeConstraint};
use primitives::{ClaimPath, LocalizedText};

use crate::settings::{Asked, Caption, Settings, Title};

/// The identifier of the question of the desk's configuration; those that were made at the desk have a number behind it.
pub const OWN_QUESTION: &str = "own";

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name at this desk: the code of a ready-made one, [`OWN_QUESTION`], or that of one of [`super::OwnQuestions`].
    pub id: String,
    /// The number of a ready-made question, which a short code carries.
    pub number: Option<u8>,
    /// What is asked.
    pub text: LocalizedText,
    /// What for, where the desk wrote it down. It is for the desk's own screen: a wallet shows the purpose of the signed registration.
    pub purpose: Option<LocalizedText>,
    /// The caption of the answer.
    pub answer: LocalizedText,
    /// The answer where the paper alone gives it and none of its claims is told.
    pub held: Option<LocalizedText>,
    /// Whether the answer says who somebody is.
    pub identifying: bool,
    /// The query.
    pub query: Query,
    /// What its claims are called.
    pub captions: Vec<Caption>,
    /// What its papers are called.
    pub titles: Vec<Title>,
}

impl Question {
    /// The ready-made questions. One whose query is not well-formed is left out; a test says that none is.
    pub fn ready_made() -> Vec<Self> {
        civic::questions::all().iter().filter_map(Self::of_civic).collect()
    }

    fn of_civic(question: &civic::questions::Question) -> Option<Self> {
        let query = Query::from_value(question.dcql()).ok()?;
        Some(Self {
            id: question.code.to_owned(),
            number: Some(question.number),
            text: question.question.localized(),
            purpose: None,
            answer: question.answer.localized(),
            held: question.held.map(Words::localized),
            identifying: question.identifying,
            captions: match question.has_one_answer() {
                // What is asked has a caption of its own.
                true => captions_with(&query, |_| question.answer),
                false => captions_of(&query),
            },
            titles: titles_of(&query),
            query,
        })
    }

    /// The question of the desk's own configuration.
    pub fn own(settings: &Settings) -> Self {
        Self {
            captions: [settings.captions.clone(), captions_of(&settings.question)].concat(),
            titles: [settings.titles.clone(), titles_of(&settings.question)].concat(),
            ..Self::of_verifier(OWN_QUESTION.to_owned(), settings.purpose.clone(), settings.question.clone())
        }
    }

    /// A question that the verifier wrote. It counts as one that identifies, and has no number for a code: nobody decided that it does not.
    pub(super) fn of_verifier(id: String, text: LocalizedText, query: Query) -> Self {
        Self {
            id,
            number: None,
            answer: text.clone(),
            text,
            purpose: None,
            held: None,
            identifying: true,
            captions: captions_of(&query),
            titles: titles_of(&query),
            query,
        }
    }

    /// What the answer holds: the captions of what is asked, each once.
    pub fn items(&self) -> Vec<LocalizedText> {
        let asked = self.asked();
        let mut items = Vec::new();
        for credential in self.query.credentials().iter() {
            for claim in &credential.claims {
                let caption = types_of(credential)
                    .first()
                    .map_or_else(|| asked.caption("", &claim.path), |name| asked.caption(name, &claim.path));
                if !items.contains(&caption) {
                    items.push(caption);
                }
            }
        }
        if items.is_empty() {
            items.push(self.answer.clone());
        }
        items
    }

    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked { question: &self.query, captions: &self.captions, titles: &self.titles }
    }
}

fn types_of(credential: &CredentialQuery) -> &[String] {
    match &credential.types {
        TypeConstraint::OneOf(names) => names,
        _ => &[],
    }
}

/// The type of paper in the catalogue, by `vct` or doctype.
pub(crate) fn paper_type(name: &str) -> Option<&'static PaperType> {
    Catalogue.by_vct(name).or_else(|| Catalogue.by_doctype(name))
}

/// What the catalogue calls a claim: by its path, or by name space and element.
pub(crate) fn catalogue_claim(
    kind: &'static PaperType,
    format: &Format,
    path: &ClaimPath,
) -> Option<&'static ClaimType> {
    let names = path.names()?;
    match (format, names.as_slice()) {
        (Format::Mdoc, [_, element]) => kind.claim_of_element(element),
        (Format::Mdoc, _) => None,
        _ => kind.claim(&names),
    }
}

/// How the catalogue reads a claim of this `vct` or doctype; `None`: it does not know it.
#[must_use]
pub fn claim_kind(credential_type: &str, path: &ClaimPath) -> Option<Kind> {
    let names = path.names()?;
    let claim = match Catalogue.by_vct(credential_type) {
        Some(kind) => kind.claim(&names),
        None => Catalogue.by_doctype(credential_type)?.claim_of_element(names.get(1)?),
    };
    claim.map(|claim| claim.kind)
}

fn captions_of(query: &Query) -> Vec<Caption> {
    captions_with(query, |claim| claim.caption)
}

fn captions_with(query: &Query, caption: impl Fn(&'static ClaimType) -> Words) -> Vec<Caption> {
    let mut captions = Vec::new();
    for credential in query.credentials() {
        for name in types_of(credential) {
            let Some(kind) = paper_type(name) else { continue };
            for claim in &credential.claims {
                if let Some(known) = catalogue_claim(kind, &credential.format, &claim.path) {
                    captions.push(Caption {
                        credential_type: name.clone(),
                        path: claim.path.clone(),
                        text: caption(known).localized(),
                    });
                }
            }
        }
    }
    captions
}

fn titles_of(query: &Query) -> Vec<Title> {
    let names = query.credentials().iter().flat_map(types_of);
    names
        .filter_map(|name| {
            Some(Title { credential_type: name.clone(), text: paper_type(name)?.name.localized() })
        })
        .collect()
}
