//! How a command ends: its exit status (`docs/command-line.md`), and what is said of a failure.

use std::collections::BTreeMap;

use primitives::{Left, Refusal};
use serde_json::{Value, json};
use wallet::view::{self, BlameView, Parameter};

use crate::sentences::Language;

/// The version of the envelope that `--json` prints.
pub(crate) const JSON_VERSION: u32 = 1;

/// Exit statuses. They never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Wrong usage.
    Usage = 2,
    /// Refused by the wallet.
    Refused = 3,
    /// Declined by the person.
    Declined = 4,
    /// The other side or the network failed.
    OtherSide = 5,
    /// This computer: keyring, disk, locked, in use.
    Computer = 6,
}

/// What a command did.
pub(crate) type Done = Result<Value, Box<Failure>>;

/// Why a command did not do what it was asked.
#[derive(Clone)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) rule: Option<String>,
    pub(crate) blame: BlameView,
    pub(crate) left: bool,
    pub(crate) params: BTreeMap<String, Parameter>,
    pub(crate) exit: Exit,
    /// More for a program: the party, what may be chosen.
    pub(crate) details: Value,
}

impl Failure {
    pub(crate) fn of(error: &dyn Refusal) -> Box<Self> {
        let blame = error.blame().into();
        Box::new(Self {
            exit: exit_of(error.code(), blame),
            code: error.code().to_owned(),
            rule: Some(error.rule().to_owned()).filter(|rule| !rule.is_empty()),
            blame,
            left: error.left() == Left::Something,
            params: BTreeMap::new(),
            details: Value::Null,
        })
    }

    /// A refusal of a flow.
    pub(crate) fn of_flow(refusal: &view::Refusal) -> Box<Self> {
        Box::new(Self {
            exit: exit_of(&refusal.code, refusal.blame),
            code: refusal.code.clone(),
            rule: refusal.rule.clone(),
            blame: refusal.blame,
            left: refusal.left,
            params: BTreeMap::new(),
            details: json!({
                "party": refusal.party,
                "papers": refusal.papers,
                "purpose": refusal.facts.purpose,
                "asked": refusal.facts.asked,
            }),
        })
    }

    /// A failure that this program itself found.
    pub(crate) fn own(code: &str, exit: Exit) -> Box<Self> {
        let blame = match exit {
            Exit::Usage | Exit::Declined | Exit::Refused => BlameView::You,
            Exit::OtherSide => BlameView::Issuer,
            Exit::Computer => BlameView::Computer,
        };
        Box::new(Self {
            code: code.to_owned(),
            rule: None,
            blame,
            left: false,
            params: BTreeMap::new(),
            exit,
            details: Value::Null,
        })
    }

    pub(crate) fn declined() -> Box<Self> {
        Self::own("declined", Exit::Declined)
    }

    pub(crate) fn with(mut self: Box<Self>, details: Value) -> Box<Self> {
        self.details = details;
        self
    }

    pub(crate) fn message(&self, language: Language) -> String {
        language.error(&self.code, self.blame, &self.params)
    }

    pub(crate) fn json(&self, language: Language) -> Value {
        let mut error = json!({
            "code": self.code,
            "rule": self.rule,
            "blame": self.blame,
            "left": self.left,
            "message": self.message(language),
        });
        if let (Value::Object(error), Value::Object(details)) = (&mut error, &self.details) {
            let said = details.iter().filter(|(_, value)| {
                !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
            });
            error.extend(said.map(|(name, value)| (name.clone(), value.clone())));
        }
        json!({ "version": JSON_VERSION, "error": error })
    }
}

impl From<wallet::WalletError> for Box<Failure> {
    fn from(error: wallet::WalletError) -> Self {
        let mut failure = Failure::of(&error);
        failure.params = error.view().params;
        failure
    }
}

impl From<launch::LaunchError> for Box<Failure> {
    fn from(error: launch::LaunchError) -> Self {
        match error {
            launch::LaunchError::Wallet(error) => error.into(),
            // A profile that cannot be used was named on this command line, most often.
            launch::LaunchError::ProfileFile | launch::LaunchError::Profile(_) => {
                let mut failure = Failure::of(&error);
                failure.exit = Exit::Usage;
                failure
            }
            _ => Failure::of(&error),
        }
    }
}

impl From<demo_government::GovernmentError> for Box<Failure> {
    fn from(error: demo_government::GovernmentError) -> Self {
        Failure::of(&error)
    }
}

/// Codes of what was typed wrongly.
const USAGE: [&str; 16] = [
    "not_found",
    "invalid_value",
    "choice_incomplete",
    "wallet_already_set_up",
    "vault_already_exists",
    "transaction_code_missing",
    "transaction_code_misfit",
    "transaction_code_wrong",
    "offline_code_length",
    "offline_code_character",
    "offline_code_mistyped",
    "offline_code_question",
    "offline_question_unknown",
    "passphrase_too_weak",
    "passphrase_not_set",
    "passphrase_already_set",
];
/// Codes of a wallet that is not open.
const CLOSED: [&str; 7] = [
    "wallet_locked",
    "wallet_busy",
    "wallet_not_set_up",
    "wallet_other_profile",
    "passphrase_needed",
    "passphrase_wrong",
    "passphrase_wait",
];
/// Codes of a person's no, here or in the browser.
const DECLINED: [&str; 4] = ["declined", "stopped", "authorization_denied", "page_timed_out"];
/// Beginnings of codes that say: the other side answered with an error, or not as it should at this step.
const FAILED: [&str; 6] =
    ["server_", "answer_", "request_fetch_", "http_status", "attestation_answer", "deferred_"];

fn exit_of(code: &str, blame: BlameView) -> Exit {
    if USAGE.contains(&code) {
        return Exit::Usage;
    }
    if CLOSED.contains(&code) {
        return Exit::Computer;
    }
    if DECLINED.contains(&code) {
        return Exit::Declined;
    }
    // It was this wallet that would not call the address.
    if code == "http_address_refused" {
        return Exit::Refused;
    }
    match blame {
        BlameView::Computer | BlameView::Application => Exit::Computer,
        BlameView::Network => Exit::OtherSide,
        BlameView::Issuer | BlameView::Verifier if FAILED.iter().any(|begin| code.starts_with(begin)) => {
            Exit::OtherSide
        }
        BlameView::Issuer | BlameView::Verifier | BlameView::You => Exit::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_statuses_follow_the_party_and_the_code() {
        use BlameView::{Application, Computer, Issuer, Network, Verifier, You};
        for (code, blame, exit) in [
            ("request_signature_invalid", Verifier, Exit::Refused),
            ("sd_jwt_signature_invalid", Issuer, Exit::Refused),
            ("nothing_fits", You, Exit::Refused),
            ("http_address_refused", Network, Exit::Refused),
            ("http_timeout", Network, Exit::OtherSide),
            ("http_redirect_refused", Network, Exit::OtherSide),
            ("server_refused_invalid_grant", Issuer, Exit::OtherSide),
            ("answer_not_accepted", Verifier, Exit::OtherSide),
            ("request_fetch_status", Verifier, Exit::OtherSide),
            ("authorization_denied", Issuer, Exit::Declined),
            ("wallet_in_use", Computer, Exit::Computer),
            ("wallet_locked", You, Exit::Computer),
            ("disk_full", Computer, Exit::Computer),
            ("keyring_no_service", Computer, Exit::Computer),
            ("server_refused_invalid_client", Application, Exit::Computer),
            ("not_found", You, Exit::Usage),
            ("transaction_code_wrong", You, Exit::Usage),
        ] {
            assert_eq!(exit_of(code, blame), exit, "{code}");
        }
    }
}
