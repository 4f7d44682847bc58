//! How the keys of a batch are attested once the issuer's nonce is known.
//!
//! Clauses: OpenID4VCI 1.0 appendix D; HAIP 1.0 section 4.5.1; CI-17, CI-18, HA-4. What is said between a wallet and its provider is theirs alone; here it is
//! a request and its answer, or an attestation that is there at once.

use primitives::http::{Request, Response};

use super::{Context, HolderKey, SigningFailed};
use crate::metadata::KeyAttestationPower;

/// Somebody who attests keys: a wallet provider's service, or a developer's own key.
pub trait KeyAttestor: Send + Sync {
    /// What every attestation says.
    fn power(&self) -> KeyAttestationPower;

    /// Asks for one attestation of all of these keys with this nonce.
    ///
    /// # Errors
    /// A key would not sign, or the computer gave no randomness.
    fn ask(
        &self,
        keys: &[HolderKey],
        nonce: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Attesting, SigningFailed>;

    /// The attestation in the answer to the request, if there is one.
    fn answer(&self, response: &Response) -> Option<String>;
}

/// What asking led to.
#[derive(Debug, Clone)]
pub enum Attesting {
    /// The attestation.
    Done(String),
    /// A request to send; its answer is given to [`KeyAttestor::answer`].
    Ask(Box<Request>),
}
