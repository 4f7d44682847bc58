//! The holder's side: from an offer to verified copies, without I/O.
//!
//! ```text
//! OfferSource ─► CredentialOffer ─► Discovery ─► ResolvedOffer ─┬─► TokenExchange ◄────────────── AwaitingCallback
//!                                                               └─► PushedAuthorization ─────────────────┘
//! TokenExchange ─► Authorized ─► CredentialExchange ─► Issued { Received | Deferred }     DeferredSession ─► DeferredExchange
//!                                                      NotificationTicket ─► NotificationExchange
//! ```
//!
//! Every state that waits for an answer is an [`Exchange`]: the caller builds its request, sends it, and gives the answer back, which yields either the next
//! request of the same step (a nonce was demanded, a challenge had to be fetched) or the next state. A request is built anew each time it is asked
//! for, with a fresh proof. An error consumes the state; what can still be done then is in the error.
//!
//! Clauses: OpenID4VCI 1.0 sections 4 to 11; HAIP 1.0 section 4; CI-1 to CI-24.

mod access;
mod attestor;
mod authorization;
mod callback;
mod client;
mod credential;
mod deferred;
mod discovery;
mod errors;
mod notification;
mod proofs;
mod received;
mod token;

use std::sync::Arc;

pub use access::{Authorized, PaperRequest, StoredAccess};
pub use attestor::{Attesting, KeyAttestor};
pub use authorization::PushedAuthorization;
pub use callback::AwaitingCallback;
pub use client::{Client, ClientAttestation, ClientMethod, DpopKey, Registration};
pub use credential::{CredentialExchange, CredentialFailure, Issued, Outcome};
use crypto::Signer;
pub use deferred::{
    DeferredExchange, DeferredFailure, DeferredOutcome, DeferredSession, StoredDeferredSession,
};
pub use discovery::{Discovery, DiscoveryPolicy, IssuerDiscovery, ResolvedOffer, SignedMetadata};
pub use errors::{
    AuthorizationError, CredentialError, DiscoveryError, NotificationError, PaperRefused, SigningFailed,
    TokenError,
};
pub use notification::{
    NotificationEvent, NotificationExchange, NotificationTicket, StoredNotificationTicket,
};
use primitives::http::{Request, Response};
use primitives::{Entropy, Instant, NonEmpty};
pub use received::{ReceivedCopies, ReceivedCopy, StoredArrival, VerifiedCredential};
pub use token::TokenExchange;
use trust::AnchorStore;

/// What a step needs of the world.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Now.
    pub now: Instant,
    /// Randomness for `jti`, `state` and code verifiers.
    pub entropy: &'a dyn Entropy,
    /// Whose credentials, and which signed metadata, are believed.
    pub issuers: &'a AnchorStore<trust::Issuer>,
}

/// A state that waits for the answer to a request.
pub trait Exchange: Sized {
    /// The state after the last answer.
    type Next;
    /// What can go wrong.
    type Error;
    /// Most answers that this step takes; a side that asks for more only wants to keep us busy.
    const ANSWERS_MAX: usize = 8;

    /// Builds the request to send now.
    ///
    /// # Errors
    /// A key would not sign, or the computer gave no randomness.
    fn request(&self, context: &Context<'_>) -> Result<Request, Self::Error>;

    /// Takes the answer.
    ///
    /// # Errors
    /// The step has ended; see the error type.
    fn receive(
        self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, Self::Next>, Self::Error>;

    /// No answer came: how it goes on all the same. `None`, as for nearly every step: not at all.
    fn unanswered(self) -> Option<Step<Self, Self::Next>> {
        None
    }

    /// No answer came, and nobody else is to be waited for: the next state, where what came before suffices for it. `None`, as for nearly every
    /// step: it does not.
    fn given_up(self) -> Option<Self::Next> {
        None
    }
}

/// What an answer led to.
#[derive(Debug)]
pub enum Step<Again, Next> {
    /// The step needs another request.
    Again(Again),
    /// The step is done.
    Done(Next),
}

/// A holder key for one copy: it signs its proof, and its public half must come back in the credential.
#[derive(Clone)]
pub struct HolderKey {
    signer: Arc<dyn Signer>,
    reference: String,
}

impl HolderKey {
    /// A key and the reference under which the wallet finds it again. The reference is durable before the proof leaves.
    #[must_use]
    pub fn new(signer: Arc<dyn Signer>, reference: String) -> Self {
        Self { signer, reference }
    }

    /// The key.
    #[must_use]
    pub fn signer(&self) -> &dyn Signer {
        self.signer.as_ref()
    }
}

/// The keys of one paper's copies: their references are distinct, and so must their public halves be (CI-15).
pub type HolderKeys = NonEmpty<HolderKey>;
