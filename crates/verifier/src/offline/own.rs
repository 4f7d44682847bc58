//! Questions that were made at the desk: items of one type of paper, under a name, for a purpose. They are asked by signed requests only, like
//! the question of a configuration: nobody decided that their answers identify nobody.

use civic::catalogue::{Catalogue, ClaimType, PaperType};
use dcql::Query;
use primitives::{Blame, Left, LocalizedText, Refusal, json};
use serde::{Deserialize, Serialize};

use super::question::{OWN_QUESTION, Question};

const VERSION: u32 = 1;
/// Most questions that are kept, a count.
pub const MAX_OWN_QUESTIONS: usize = 12;
/// Longest name, and longest purpose, in characters.
pub const MAX_OWN_LETTERS: usize = 80;
/// Longest form in which they are kept, in bytes.
const MAX_KEPT_BYTES: usize = 16 * 1024;

/// Why a question is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnQuestionError {
    /// As many as there may be are kept.
    #[error("no more questions are kept")]
    Full,
    /// It has no name.
    #[error("the question has no name")]
    Name,
    /// It says not what for.
    #[error("the question has no purpose")]
    Purpose,
    /// Name or purpose is longer than [`MAX_OWN_LETTERS`], or holds what is no letter.
    #[error("name or purpose is too long, or no plain text")]
    Text,
    /// The catalogue has no such paper.
    #[error("there is no such paper")]
    Paper,
    /// Nothing is asked.
    #[error("nothing is asked")]
    Nothing,
    /// The paper has no such item, or it is there twice.
    #[error("the paper has no such item")]
    Item,
    /// What is asked is no valid query.
    #[error("the question is not a valid query")]
    Query,
    /// There is no such question.
    #[error("there is no such question")]
    Unknown,
}

impl Refusal for OwnQuestionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Full => "desk_own_full",
            Self::Name => "desk_own_unnamed",
            Self::Purpose => "desk_own_without_purpose",
            Self::Text => "desk_own_text",
            Self::Paper => "desk_own_paper",
            Self::Nothing => "desk_own_empty",
            Self::Item => "desk_own_item",
            Self::Query => "desk_own_query",
            Self::Unknown => "desk_question_unknown",
        }
    }
    fn rule(&self) -> &'static str {
        ""
    }
    fn blame(&self) -> Blame {
        Blame::You
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// A question as somebody makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDraft {
    /// What is asked, in a few words; 1 to [`MAX_OWN_LETTERS`] characters.
    pub name: String,
    /// What for; 1 to [`MAX_OWN_LETTERS`] characters.
    pub purpose: String,
    /// The type of paper, by its key in the catalogue.
    pub paper: String,
    /// What is asked of it, by [`item_name`]; at least one, each once.
    pub items: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    number: u32,
    name: String,
    purpose: String,
    paper: String,
    items: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptAll {
    version: u32,
    next: u32,
    questions: Vec<Kept>,
}

/// The questions of a desk. A number is given once: what a receipt calls `own-3` is never another question.
#[derive(Clone)]
pub struct OwnQuestions {
    next: u32,
    kept: Vec<Kept>,
}

impl Default for OwnQuestions {
    fn default() -> Self {
        Self::starting_at(1)
    }
}

impl OwnQuestions {
    /// From what was kept; `None` where it is not readable.
    pub fn from_kept(text: &str) -> Option<Self> {
        let value = json::parse_strict(text.as_bytes(), MAX_KEPT_BYTES).ok()?;
        let all: KeptAll = serde_json::from_value(value).ok()?;
        let whole = all.version == VERSION && all.questions.len() <= MAX_OWN_QUESTIONS;
        whole.then_some(Self { next: all.next, kept: all.questions })
    }

    /// None, of which the first is called by this number.
    pub fn starting_at(next: u32) -> Self {
        Self { next, kept: Vec::new() }
    }

    /// As they are kept: JSON.
    ///
    /// # Errors
    /// [`OwnQuestionError::Full`] where that is longer than a setting of the vault may be.
    pub fn to_kept(&self) -> Result<String, OwnQuestionError> {
        let all = KeptAll { version: VERSION, next: self.next, questions: self.kept.clone() };
        let text = serde_json::to_string(&all).ok().filter(|text| text.len() <= MAX_KEPT_BYTES);
        text.ok_or(OwnQuestionError::Full)
    }

    /// Takes a question; what it is called at the desk from now on.
    ///
    /// # Errors
    /// [`OwnQuestionError`]; nothing is taken then.
    pub fn add(&mut self, draft: OwnDraft) -> Result<String, OwnQuestionError> {
        if self.kept.len() >= MAX_OWN_QUESTIONS {
            return Err(OwnQuestionError::Full);
        }
        let kept = Kept {
            number: self.next,
            name: plain(&draft.name, OwnQuestionError::Name)?,
            purpose: plain(&draft.purpose, OwnQuestionError::Purpose)?,
            paper: draft.paper,
            items: draft.items,
        };
        let question = kept.question()?;
        self.next = self.next.checked_add(1).ok_or(OwnQuestionError::Full)?;
        self.kept.push(kept);
        Ok(question.id)
    }

    /// Forgets a question.
    ///
    /// # Errors
    /// [`OwnQuestionError::Unknown`].
    pub fn remove(&mut self, id: &str) -> Result<(), OwnQuestionError> {
        let place = self.kept.iter().position(|kept| kept.id() == id).ok_or(OwnQuestionError::Unknown)?;
        self.kept.remove(place);
        Ok(())
    }

    /// What can be asked: all of them, but for one that the catalogue of this program has no more.
    pub fn questions(&self) -> Vec<Question> {
        self.kept.iter().filter_map(|kept| kept.question().ok()).collect()
    }
}

impl Kept {
    fn id(&self) -> String {
        format!("{OWN_QUESTION}-{}", self.number)
    }

    fn question(&self) -> Result<Question, OwnQuestionError> {
        let query = query_of(&self.paper, &self.items)?;
        let same = |text: &str| LocalizedText::new(text, text);
        Ok(Question {
            purpose: Some(same(&self.purpose)),
            ..Question::of_verifier(self.id(), same(&self.name), query)
        })
    }
}

/// What an item is called in an [`OwnDraft`]: its member names joined by a dot.
pub fn item_name(claim: &ClaimType) -> String {
    claim.path.join(".")
}

fn query_of(paper: &str, items: &[String]) -> Result<Query, OwnQuestionError> {
    let kind: &PaperType = Catalogue.by_key(paper).ok_or(OwnQuestionError::Paper)?;
    let asked = |claim: &&ClaimType| items.iter().any(|item| *item == item_name(claim));
    // In the order of the paper, whatever the order in which they were ticked.
    let claims: Vec<&ClaimType> = kind.claims.iter().filter(asked).collect();
    if items.is_empty() {
        return Err(OwnQuestionError::Nothing);
    }
    if claims.len() != items.len() {
        return Err(OwnQuestionError::Item);
    }
    Query::from_value(civic::questions::of_paper(kind, &claims)).map_err(|_| OwnQuestionError::Query)
}

/// Without blanks around it; nothing that is not seen, and nothing that turns the direction of writing.
fn plain(text: &str, missing: OwnQuestionError) -> Result<String, OwnQuestionError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(missing);
    }
    if text.chars().count() > MAX_OWN_LETTERS || text.chars().any(civic::format::is_hidden) {
        return Err(OwnQuestionError::Text);
    }
    Ok(text.to_owned())
}
