//! What crosses to a screen: the mirror of `ui/src/lib/contract.ts`.
//!
//! These types exist for that purpose only (design, "States and errors"): no key, no credential, no nonce is in them,
//! and a masked value crosses when it is asked for. Sentences do not cross; a code and typed parameters do. They have
//! no `Debug`, because some hold values of the citizen.

mod approval;
mod desk;
mod input;
mod outcome;
mod page;
mod paper;
mod present;
mod queue;
mod receive;
mod showing;
mod state;

pub use approval::*;
pub use desk::*;
pub use input::*;
pub use outcome::*;
pub use page::*;
pub use paper::*;
pub use present::*;
pub use queue::*;
pub use receive::*;
pub use showing::*;
pub use state::*;

use std::collections::BTreeMap;

use primitives::{Blame, LocalizedText};
use serde::{Deserialize, Serialize};

/// What somebody wrote, in the languages they wrote it in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Korean.
    pub ko: Option<String>,
    /// English.
    pub en: Option<String>,
}

impl Text {
    /// The same words in both languages: names, numbers.
    #[must_use]
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { ko: Some(text.clone()), en: Some(text) }
    }
}

impl From<LocalizedText> for Text {
    fn from(text: LocalizedText) -> Self {
        Self { ko: Some(text.ko), en: Some(text.en) }
    }
}

impl From<civic::Words> for Text {
    fn from(words: civic::Words) -> Self {
        words.localized().into()
    }
}

/// A parameter of a sentence.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    /// A whole number.
    Number(i64),
    /// Words that are the same in every language.
    Words(String),
    /// Words in both languages.
    Text(Text),
}

/// A sentence: its key in `locales` and its parameters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// The key.
    pub code: String,
    /// The parameters, by the names that the sentence uses.
    pub params: BTreeMap<String, Parameter>,
}

impl Sentence {
    /// A sentence without parameters.
    #[must_use]
    pub fn plain(code: impl Into<String>) -> Self {
        Self { code: code.into(), params: BTreeMap::new() }
    }
}

/// The party to blame, as it crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BlameView {
    /// The citizen.
    You,
    /// The issuer.
    Issuer,
    /// The verifier.
    Verifier,
    /// The network between.
    Network,
    /// This computer.
    Computer,
    /// This application.
    Application,
}

impl From<Blame> for BlameView {
    fn from(blame: Blame) -> Self {
        match blame {
            Blame::You => Self::You,
            Blame::Issuer => Self::Issuer,
            Blame::Verifier => Self::Verifier,
            Blame::Network => Self::Network,
            Blame::Computer => Self::Computer,
            Blame::Application => Self::Application,
        }
    }
}
