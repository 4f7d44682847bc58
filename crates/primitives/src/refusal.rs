//! What every error of the project can say about itself, so that a person is told who is at fault and whether anything left.

use serde::Serialize;

/// The party at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The person: a wrong passphrase, a refused consent.
    You,
    /// Whoever issued or offers the credential.
    Issuer,
    /// Whoever asks for a presentation.
    Verifier,
    /// The way between the parties.
    Network,
    /// This computer: keyring, disk, clock.
    Computer,
    /// This application: a fault of ours.
    Application,
}

/// Whether anything of the citizen's left the wallet before the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Nothing left.
    Nothing,
    /// Something left, or it cannot be ruled out.
    Something,
}

/// An error with a stable code, the rule it stands for, the party to blame and whether anything left the wallet.
///
/// There are no defaults: each error says all four.
pub trait Refusal: std::error::Error {
    /// The stable code (`request_signature_invalid`): snake case, never reused for another meaning; the key of the sentence in `locales/`.
    fn code(&self) -> &'static str;
    /// The id of the rule in `docs/rules.md` (`VP-C4`); empty where no rule of a specification is concerned.
    fn rule(&self) -> &'static str;
    /// The party at fault.
    fn blame(&self) -> Blame;
    /// Whether anything left the wallet.
    fn left(&self) -> Left;
}
