//! What can go wrong with the demo government itself. The errors of the protocols are those of their crates.

use primitives::{Blame, Left, Refusal};

/// Why the government does not start, or does not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GovernmentError {
    /// No folder for its state is known: this computer names no data folder.
    #[error("no folder for the demo government's state is known")]
    NoFolder,
    /// Its state cannot be read or written.
    #[error("the demo government's state could not be read or written")]
    Files,
    /// What stands in its folder is damaged, or of a newer version.
    #[error("the demo government's state is damaged")]
    Damaged,
    /// A port of a government that was here before is in use by another program; papers name these ports.
    #[error("port {0} is in use by another program")]
    PortTaken(u16),
    /// Another process holds the folder and does not answer.
    #[error("another demo government holds the folder and does not answer")]
    NoAnswer,
    /// A key, certificate or list could not be made.
    #[error("a key, certificate or list could not be made")]
    Certificates,
    /// The data that come with the program are not as expected.
    #[error("the demo government's own data are not as expected")]
    Data,
    /// There is no such person.
    #[error("there is no such person")]
    UnknownPerson,
    /// There is no such paper.
    #[error("there is no such paper")]
    UnknownPaper,
    /// There is no such agency or service.
    #[error("there is no such agency or service")]
    UnknownService,
    /// An offer is made by one agency: these papers are of several.
    #[error("the papers of one offer come from one agency")]
    SeveralAgencies,
    /// Only notices can be marked as paid.
    #[error("only a notice can be marked as paid")]
    NotANotice,
    /// The transaction code is not 4 to 8 digits.
    #[error("a transaction code has 4 to 8 digits")]
    TransactionCode,
    /// More than the demo government keeps at once.
    #[error("the demo government keeps no more of these at once")]
    Full,
    /// The amount is not between 10 won and 1,000,000,000 won, or the day is not within a year.
    #[error("the notice's amount or day is out of bounds")]
    NoticeBounds,
}

impl Refusal for GovernmentError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoFolder => "government_no_folder",
            Self::Files => "government_files",
            Self::Damaged => "government_damaged",
            Self::PortTaken(_) => "government_port_taken",
            Self::NoAnswer => "government_no_answer",
            Self::Certificates => "government_certificates",
            Self::Data => "government_data",
            Self::UnknownPerson => "government_unknown_person",
            Self::UnknownPaper => "government_unknown_paper",
            Self::UnknownService => "government_unknown_service",
            Self::SeveralAgencies => "government_several_agencies",
            Self::NotANotice => "government_not_a_notice",
            Self::TransactionCode => "government_transaction_code",
            Self::Full => "government_full",
            Self::NoticeBounds => "government_notice_bounds",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NoFolder | Self::Files | Self::Damaged | Self::PortTaken(_) | Self::NoAnswer => {
                Blame::Computer
            }
            Self::Certificates | Self::Data => Blame::Application,
            _ => Blame::You,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl GovernmentError {
    /// The error of a stable code, for a process that attached to a running government.
    pub(crate) fn from_code(code: &str) -> Self {
        let known = [
            Self::Files,
            Self::Damaged,
            Self::Certificates,
            Self::Data,
            Self::UnknownPerson,
            Self::UnknownPaper,
            Self::UnknownService,
            Self::SeveralAgencies,
            Self::NotANotice,
            Self::TransactionCode,
            Self::Full,
            Self::NoticeBounds,
        ];
        known.into_iter().find(|error| error.code() == code).unwrap_or(Self::NoAnswer)
    }
}

impl From<vault::StoreError> for GovernmentError {
    fn from(error: vault::StoreError) -> Self {
        match error {
            vault::StoreError::Damaged => Self::Damaged,
            _ => Self::Files,
        }
    }
}
