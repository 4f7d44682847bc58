//! What can go wrong for the holder, one enum for each operation.

use mdoc::MdocError;
use primitives::{Blame, Left, Refusal};
use sd_jwt_vc::{ParseError, VerifyError};

pub use crate::claims::SigningFailed;
use crate::http::AnswerError;
use crate::metadata::{SignedMetadataError, Unusable};
use crate::oauth::OAuthErrorCode;
use crate::wire::WireError;

/// Who is to blame when a server refused: a client that it does not take is this application's; the rest is its own.
fn blame_of(error: &AnswerError) -> Blame {
    match error {
        AnswerError::Refused(refused) => match refused.code {
            OAuthErrorCode::InvalidRequest
            | OAuthErrorCode::InvalidClient
            | OAuthErrorCode::InvalidDpopProof
            | OAuthErrorCode::InvalidProof
            | OAuthErrorCode::InvalidCredentialRequest => Blame::Application,
            _ => Blame::Issuer,
        },
        _ => Blame::Issuer,
    }
}

/// Whether a server is down, overloaded or failed, and has judged nothing: another time it may take the same.
fn may_pass(error: &AnswerError) -> bool {
    match error {
        AnswerError::Refused(refused) => {
            matches!(refused.status, 429 | 500..) || refused.code == OAuthErrorCode::TemporarilyUnavailable
        }
        _ => false,
    }
}

impl Refusal for SigningFailed {
    fn code(&self) -> &'static str {
        SigningFailed::code(*self)
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Key | Self::Entropy => "",
            Self::Attestation => "CI-12",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Key | Self::Entropy => Blame::Computer,
            Self::Attestation => Blame::Application,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why the issuer's or the authorization server's metadata cannot be used. Nothing of the citizen's has left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// An answer that is no metadata.
    #[error("the metadata could not be fetched: {0}")]
    Answer(#[from] AnswerError),
    /// The issuer's metadata are malformed, or another issuer's.
    #[error("the issuer's metadata are malformed: {0}")]
    Issuer(WireError),
    /// Signed metadata that do not hold.
    #[error("the issuer's signed metadata are refused: {0}")]
    Signed(#[from] SignedMetadataError),
    /// The authorization server's metadata are malformed, or another server's.
    #[error("the authorization server's metadata are malformed: {0}")]
    Server(WireError),
    /// The offer names a server that the issuer does not list.
    #[error("the offer names an authorization server that the issuer does not list")]
    ServerNotListed,
    /// The server that granted what is to be fetched anew is no longer the issuer's.
    #[error("the issuer no longer lists the authorization server that granted it")]
    GrantingServerGone,
    /// No listed server takes the offer's grant.
    #[error("no authorization server takes the offer")]
    NoServerFits,
    /// The offer names a configuration that the issuer does not have.
    #[error("the issuer does not have what the offer names")]
    UnknownConfiguration,
    /// Nothing in the offer is of a kind that this wallet takes; why, of the first that is offered.
    #[error("this wallet takes nothing of what is offered: {0:?}")]
    NothingUsable(Unusable),
    /// The authorization page is plain http where the profile does not allow it.
    #[error("the authorization page is not https")]
    AuthorizationPage,
}

impl Refusal for DiscoveryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Answer(error) => error.code(),
            Self::Issuer(_) => "issuer_metadata_malformed",
            Self::Signed(error) => error.code(),
            Self::Server(_) => "server_metadata_malformed",
            Self::ServerNotListed => "offer_server_not_listed",
            // what it means for the citizen has a sentence: it is received from the beginning
            Self::GrantingServerGone => "renew_no_longer",
            Self::NoServerFits => "offer_no_server_fits",
            Self::UnknownConfiguration => "offer_configuration_unknown",
            Self::NothingUsable(why) => why.code(),
            Self::AuthorizationPage => "authorization_page_not_https",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Answer(_) | Self::Issuer(_) => "CI-3",
            Self::Signed(_) => "CI-4",
            Self::Server(_) | Self::NoServerFits => "CI-5",
            Self::ServerNotListed | Self::UnknownConfiguration => "CI-2",
            Self::GrantingServerGone => "CI-13",
            Self::NothingUsable(why) => why.rule(),
            Self::AuthorizationPage => "CI-6",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NothingUsable(_) => Blame::Application,
            _ => Blame::Issuer,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why the authorization code flow stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The offer or the server does not have this flow, or a configuration is not offered.
    #[error("the authorization code flow is not offered for this")]
    GrantNotOffered,
    /// No pushed authorization requests, or no PKCE with S256.
    #[error("the authorization server lacks pushed authorization requests or PKCE")]
    ServerTooWeak,
    /// The wallet has no `client_id` for this server.
    #[error("the wallet has no name at this authorization server")]
    NoClientId,
    /// No token could be made.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// An answer that is not the one awaited.
    #[error("the authorization server's answer is refused: {0}")]
    Answer(#[from] AnswerError),
    /// The browser came back to another place, with a parameter twice, or with neither code nor error.
    #[error("the browser came back with something else")]
    CallbackMalformed,
    /// `state` is missing or another session's.
    #[error("the browser came back with another session's answer")]
    CallbackState,
    /// `iss` is missing or another server's.
    #[error("the browser came back from another authorization server")]
    CallbackIssuer,
    /// The citizen, or the server, declined.
    #[error("the authorization was declined")]
    Denied,
}

impl Refusal for AuthorizationError {
    fn code(&self) -> &'static str {
        match self {
            Self::GrantNotOffered => "authorization_not_offered",
            Self::ServerTooWeak => "authorization_server_too_weak",
            Self::NoClientId => "authorization_no_client_id",
            Self::Signing(error) => error.code(),
            Self::Answer(error) => error.code(),
            Self::CallbackMalformed => "authorization_callback_malformed",
            Self::CallbackState => "authorization_callback_state",
            Self::CallbackIssuer => "authorization_callback_issuer",
            Self::Denied => "authorization_denied",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::GrantNotOffered => "CI-2",
            Self::NoClientId => "HA-3",
            Self::Signing(error) => error.rule(),
            _ => "CI-8",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NoClientId => Blame::Application,
            Self::Signing(error) => error.blame(),
            Self::Answer(error) => blame_of(error),
            Self::Denied => Blame::You,
            _ => Blame::Issuer,
        }
    }

    fn left(&self) -> Left {
        // the wallet's name and keys for this issuer, and no claim of the citizen's
        Left::Nothing
    }
}

/// Why no access token was had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The offer has no pre-authorized code, or a configuration is not offered.
    #[error("the offer has no pre-authorized code for this")]
    GrantNotOffered,
    /// A transaction code is asked for.
    #[error("a transaction code is needed")]
    TransactionCodeMissing,
    /// No transaction code is asked for.
    #[error("no transaction code is asked for")]
    TransactionCodeNotAsked,
    /// What was typed has another length or other characters: nothing was sent.
    #[error("the transaction code has another length or other characters")]
    TransactionCodeMisfit,
    /// The server says that code or transaction code are wrong: another try with a clone of the offer.
    #[error("the transaction code, or the offer, is wrong or no longer valid")]
    TransactionCodeWrong,
    /// The token is of another type than DPoP.
    #[error("the access token is not bound to the wallet's key")]
    TokenType,
    /// No proof could be made.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// An answer that is not the one awaited.
    #[error("the authorization server's answer is refused: {0}")]
    Answer(#[from] AnswerError),
}

impl Refusal for TokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::GrantNotOffered => "pre_authorized_code_not_offered",
            Self::TransactionCodeMissing => "transaction_code_missing",
            Self::TransactionCodeNotAsked => "transaction_code_not_asked",
            Self::TransactionCodeMisfit => "transaction_code_misfit",
            Self::TransactionCodeWrong => "transaction_code_wrong",
            Self::TokenType => "token_not_bound",
            Self::Signing(error) => error.code(),
            Self::Answer(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::TokenType => "DP-19",
            Self::Signing(error) => error.rule(),
            Self::Answer(_) => "CI-11",
            _ => "CI-9",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::TransactionCodeMissing
            | Self::TransactionCodeNotAsked
            | Self::TransactionCodeMisfit
            | Self::TransactionCodeWrong => Blame::You,
            Self::Signing(error) => error.blame(),
            Self::Answer(error) => blame_of(error),
            Self::GrantNotOffered | Self::TokenType => Blame::Issuer,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a paper that arrived was refused, whole.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PaperRefused {
    /// No credential.
    #[error("the issuer sent no credential")]
    Empty,
    /// More credentials than keys.
    #[error("the issuer sent more credentials than keys were given")]
    TooMany,
    /// A credential bound to a key that is not the wallet's, or to none.
    #[error("a credential is bound to a key that this wallet does not hold")]
    ForeignKey,
    /// Two credentials bound to one key.
    #[error("two credentials are bound to one key")]
    KeyTwice,
    /// Another type than the configuration says.
    #[error("a credential is of another type than was offered")]
    OtherType,
    /// Not an SD-JWT.
    #[error("a credential is malformed: {0}")]
    SdJwtMalformed(ParseError),
    /// An SD-JWT VC that does not hold.
    #[error("a credential is refused: {0}")]
    SdJwt(VerifyError),
    /// Not an mdoc, or one that does not hold.
    #[error("a credential is refused: {0}")]
    Mdoc(MdocError),
}

impl Refusal for PaperRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "paper_empty",
            Self::TooMany => "paper_too_many_copies",
            Self::ForeignKey => "paper_foreign_key",
            Self::KeyTwice => "paper_key_twice",
            Self::OtherType => "paper_other_type",
            Self::SdJwtMalformed(error) => error.code(),
            Self::SdJwt(error) => error.code(),
            Self::Mdoc(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::SdJwtMalformed(error) => error.rule(),
            Self::SdJwt(error) => error.rule(),
            Self::Mdoc(error) => error.rule(),
            _ => "CI-20",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Issuer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a paper was not received.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CredentialError {
    /// The token does not fetch this paper.
    #[error("this paper was not authorized")]
    PaperNotAuthorized,
    /// Keys for a paper that is bound to none, or none for one that is.
    #[error("there are keys for what is bound to none, or none for what is bound")]
    KeysMisfit,
    /// More keys than the issuer takes at once.
    #[error("the issuer does not issue so many copies at once")]
    TooManyKeys,
    /// The same key twice.
    #[error("the same key was given twice")]
    SameKeyTwice,
    /// The issuer demands a proof of the keys that this wallet cannot give.
    #[error("the issuer demands a proof of keys that cannot be given: {0:?}")]
    Unprovable(Unusable),
    /// The wallet provider's answer is no attestation of these keys for this nonce, or says more of them than is true. It was not sent.
    #[error("the wallet provider's answer is no attestation of these keys")]
    KeyAttestation,
    /// The issuer requires an encryption that this wallet does not have.
    #[error("the issuer requires an encryption that this wallet does not have")]
    EncryptionUnsupported,
    /// The response was to be encrypted and was not.
    #[error("the response was not encrypted")]
    NotEncrypted,
    /// The response could not be decrypted.
    #[error("the response could not be decrypted")]
    Decryption,
    /// The issuer defers without a place to ask again.
    #[error("the issuer defers without saying where to ask again")]
    NoDeferredEndpoint,
    /// The issuer answered for another transaction.
    #[error("the issuer answered for another transaction")]
    TransactionChanged,
    /// A stored session cannot be resumed.
    #[error("the stored session cannot be resumed")]
    StoredSession,
    /// The issuer will not issue it (final).
    #[error("the issuer denied the paper")]
    Denied,
    /// No proof could be made.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// An answer that is not the one awaited.
    #[error("the issuer's answer is refused: {0}")]
    Answer(#[from] AnswerError),
    /// The paper arrived and was refused.
    #[error(transparent)]
    Refused(#[from] PaperRefused),
}

impl Refusal for CredentialError {
    fn code(&self) -> &'static str {
        match self {
            Self::PaperNotAuthorized => "paper_not_authorized",
            Self::KeysMisfit => "paper_keys_misfit",
            Self::TooManyKeys => "paper_too_many_keys",
            Self::SameKeyTwice => "paper_same_key_twice",
            Self::Unprovable(why) => why.code(),
            Self::KeyAttestation => "attestation_of_keys",
            Self::EncryptionUnsupported => "issuer_encryption_unsupported",
            Self::NotEncrypted => "issuer_answer_not_encrypted",
            Self::Decryption => "issuer_answer_decryption",
            Self::NoDeferredEndpoint => "deferred_no_endpoint",
            Self::TransactionChanged => "deferred_transaction_changed",
            Self::StoredSession => "deferred_session_unusable",
            Self::Denied => OAuthErrorCode::CredentialRequestDenied.stable_code(),
            Self::Signing(error) => error.code(),
            Self::Answer(error) => error.code(),
            Self::Refused(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::PaperNotAuthorized => "CI-10",
            Self::KeysMisfit | Self::TooManyKeys | Self::SameKeyTwice => "CI-15",
            Self::Unprovable(why) => why.rule(),
            Self::KeyAttestation => "CI-18",
            Self::EncryptionUnsupported | Self::NotEncrypted | Self::Decryption => "CI-24",
            Self::NoDeferredEndpoint | Self::TransactionChanged | Self::StoredSession => "CI-22",
            Self::Denied | Self::Answer(_) => "CI-21",
            Self::Signing(error) => error.rule(),
            Self::Refused(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::PaperNotAuthorized | Self::KeysMisfit | Self::TooManyKeys | Self::SameKeyTwice => {
                Blame::Application
            }
            Self::Unprovable(_) | Self::EncryptionUnsupported => Blame::Application,
            Self::KeyAttestation => Blame::Network,
            Self::StoredSession => Blame::Computer,
            Self::Signing(error) => error.blame(),
            Self::Answer(error) => blame_of(error),
            _ => Blame::Issuer,
        }
    }

    fn left(&self) -> Left {
        // proofs of fresh keys, and no claim of the citizen's
        Left::Nothing
    }
}

/// Why the issuer was not told. The paper is not concerned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotificationError {
    /// No proof could be made.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// The issuer did not take it.
    #[error("the issuer did not take the notification: {0}")]
    Answer(#[from] AnswerError),
}

impl Refusal for NotificationError {
    fn code(&self) -> &'static str {
        match self {
            Self::Signing(error) => error.code(),
            Self::Answer(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        "CI-23"
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Signing(error) => error.blame(),
            Self::Answer(error) if may_pass(error) => Blame::Network,
            Self::Answer(_) => Blame::Issuer,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
