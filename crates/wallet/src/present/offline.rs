//! Questions of a desk without a network (`docs/offline-qr.md`; OQ-1 to OQ-5): by a request read off another screen, by a typed code, or by
//! nobody. In the latter two nobody knows who reads the answer, so only ready-made questions are answered, and only with claims that say
//! nothing of who somebody is.

use civic::Question;
use civic::questions;
use dcql::{Query, Solution};
use offline_qr::{RequestMessage, ShortCode, code_binding, one_way_binding};
use openid4vp::holder::{AuthenticatedRequest, RequestError, RequestTrust, Resolution, ScreenRequest};
use openid4vp::screen::{OfflineBinding, ScreenMode};
use primitives::{Blame, Instant, Left, LocalizedText, Refusal};
use vault::HistoryItem;

use super::choice::keep_candidates;
use super::{Came, ConsentSession, ShowError};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;
use crate::history::HELD;
use crate::papers::Read;
use crate::view::{
    self, Acknowledgement, ConsentItem, Line, Necessity, OfflineQuestion, PresentStarted, ShownMode, Text,
};

/// Why a question is not answered where nobody knows who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfflineError {
    /// What was typed is no code.
    #[error(transparent)]
    Code(#[from] offline_qr::CodeError),
    /// A number that no ready-made question has here.
    #[error("there is no question of this number")]
    UnknownQuestion,
    /// Its answer says who somebody is (OQ-5).
    #[error("the answer to this question identifies")]
    Identifying,
}

impl Refusal for OfflineError {
    fn code(&self) -> &'static str {
        match self {
            Self::Code(error) => error.code(),
            Self::UnknownQuestion => "offline_question_unknown",
            Self::Identifying => "offline_question_identifying",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Code(error) => error.rule(),
            Self::UnknownQuestion | Self::Identifying => "OQ-5",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Code(error) => error.blame(),
            Self::UnknownQuestion => Blame::You,
            Self::Identifying => Blame::Verifier,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Wallet {
    /// The ready-made questions. Those that identify are answered to a signed request only.
    #[must_use]
    pub fn offline_questions(&self) -> Vec<OfflineQuestion> {
        questions::all().iter().map(OfflineQuestion::from).collect()
    }

    /// What a typed code asks. Nothing begins.
    ///
    /// # Errors
    /// [`WalletError::Offline`] where it is no code, or names no question known here.
    pub fn read_code(&self, typed: &str) -> Result<OfflineQuestion, WalletError> {
        let code = ShortCode::parse(typed).map_err(OfflineError::Code)?;
        Ok(OfflineQuestion::from(question(code.question())?))
    }

    /// Works out what could answer the question of a typed code.
    ///
    /// # Errors
    /// As [`read_code`](Self::read_code), and [`WalletError::Locked`]. That the answer would identify, or that nothing fits, is a
    /// [`PresentStarted::Refusal`].
    pub fn present_by_code(&self, typed: &str) -> Result<PresentStarted, WalletError> {
        let code = ShortCode::parse(typed).map_err(OfflineError::Code)?;
        let question = question(code.question())?;
        self.ask_offline(question, code_binding(&code).map_err(ShowError::from)?)
    }

    /// Works out what could answer a question that the citizen chose, for whoever will look.
    ///
    /// # Errors
    /// As [`present_by_code`](Self::present_by_code).
    pub fn present_one_way(&self, number: u8) -> Result<PresentStarted, WalletError> {
        let question = question(number)?;
        let binding = one_way_binding(question.number, self.ports.entropy.as_ref());
        self.ask_offline(question, binding.map_err(ShowError::from)?)
    }

    fn ask_offline(
        &self,
        question: &'static Question,
        binding: OfflineBinding,
    ) -> Result<PresentStarted, WalletError> {
        let epoch = self.epoch()?;
        match offline_request(question, binding, self.now()) {
            Ok(request) => {
                let came = Came { question: Some(question), ..Came::default() };
                self.offer_choice(request, came, epoch)
            }
            Err(fault) => Ok(PresentStarted::Refusal(Box::new(self.refuse(&fault, None, None)))),
        }
    }

    /// Authenticates a request that was read off a screen. Nothing is fetched but the DID document of a `did:web` client.
    pub(super) async fn authenticate_shown(&self, message: &[u8]) -> Result<AuthenticatedRequest, Fault> {
        let message = RequestMessage::decode(message)?;
        let policy = self.request_policy();
        let anchors = self.anchors();
        let trust = RequestTrust::new(&anchors.verifiers, &anchors.registrars)
            .with_known(&self.profile.known_verifiers);
        let request = match ScreenRequest::parse(&message.request_object)?.resolve(&trust, &policy)? {
            Resolution::Request(request) => *request,
            Resolution::Fetch(fetch) => {
                let document = self.call(fetch.request()).await?;
                fetch.receive(&document)?
            }
        };
        Ok(request.authenticate(&trust, self.now(), &policy)?)
    }
}

/// The ready-made question of a number.
fn question(number: u8) -> Result<&'static Question, OfflineError> {
    questions::by_number(number).ok_or(OfflineError::UnknownQuestion)
}

/// A ready-made question as a request of nobody. This is the only place that makes one, and it refuses what identifies (OQ-5).
pub(super) fn offline_request(
    question: &Question,
    binding: OfflineBinding,
    now: Instant,
) -> Result<AuthenticatedRequest, Fault> {
    if question.identifying {
        return Err(OfflineError::Identifying.into());
    }
    let query = Query::from_value(question.dcql()).map_err(RequestError::Query)?;
    Ok(AuthenticatedRequest::of_offline_question(query, binding, now)?)
}

/// How an answer to this request is shown; `None`: it is sent.
pub(super) fn shown_mode(request: &AuthenticatedRequest) -> Option<ShownMode> {
    request.screen().map(|mode| match mode {
        ScreenMode::Request => ShownMode::Request,
        ScreenMode::Code => ShownMode::Code,
        ScreenMode::OneWay => ShownMode::OneWay,
    })
}

/// Who is written down where nobody knows who reads.
pub(super) fn unknown_recipient() -> LocalizedText {
    LocalizedText::new("알 수 없는 곳", "Unknown recipient")
}

/// Leaves only candidates that tell nothing of who somebody is, whatever their issuer shows in every presentation or put into the same
/// disclosure as what is asked for (OQ-5). What the protocol itself puts into every presentation (the issuer, the key of the copy, its times,
/// type and place in a status list) may ride along as long as it says no more than that; asked for by its path it is no harmless answer.
pub(super) fn keep_harmless(solution: &mut Solution, papers: &[Read]) {
    keep_candidates(solution, papers, |form, answers, candidate| {
        let combinations = candidate.combinations.iter();
        let mut told = combinations
            .flat_map(|number| answers.discloses(candidate, *number).unwrap_or_default())
            .flat_map(|found| found.paths)
            .map(|path| form.told_with(&path))
            .chain(candidate.always_disclosed.iter().cloned());
        !told.any(|path| questions::identifies(&path))
    });
}

/// What the history says where the paper alone was the answer.
pub(super) fn history_item(session: &ConsentSession, told: &[HistoryItem]) -> Option<HistoryItem> {
    let question = session.question.filter(|question| question.held.is_some() && told.is_empty())?;
    let kind = civic::Catalogue.types().find(|kind| question.asks_for(kind))?;
    Some(HistoryItem { type_key: kind.key.to_owned(), path: primitives::ClaimPath::top_level(HELD) })
}

/// What the screen says where nobody knows who reads: one second step for all that nobody stated, since what is told identifies nobody; and
/// the paper itself as what is told where it alone answers.
pub(super) fn word_consent(consent: &mut view::Consent, question: &Question) {
    if let Some(held) = question.held {
        let item = |query: &str, paper: &str| ConsentItem {
            id: format!("{query}/{paper}/held"),
            caption: question.answer.into(),
            value: held.into(),
            image: None,
            sensitive: false,
            necessity: Necessity::Required,
            over_asked: false,
        };
        for query in &mut consent.queries {
            for candidate in query.candidates.iter_mut().filter(|candidate| candidate.items.is_empty()) {
                candidate.items.push(item(&query.id, &candidate.paper.id));
            }
        }
    }
    if consent.lines.items.text.is_none() {
        consent.lines.items = Line { text: Some(Text::from(question.answer)), ..Line::default() };
    }
    consent.must_acknowledge = vec![Acknowledgement::Unauthenticated];
}
