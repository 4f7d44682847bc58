//! Why a request cannot be made, and why a response proves nothing.

use dcql::Identifier;
use primitives::{Blame, EntropyUnavailable, Left, Refusal};

/// Why a request cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// An address is not one that a wallet may call.
    #[error("an address of the request is not allowed")]
    Address,
    /// The client identifier is too long.
    #[error("the client identifier is too long")]
    ClientId,
    /// The certificate is not that of the client identifier, or the key not that of the certificate.
    #[error("the key, the certificate and the client identifier do not belong together")]
    Identity,
    /// `redirect_uri:` requests cannot be signed, the others cannot go unsigned.
    #[error("this kind of client identifier excludes this way of passing the request")]
    Signing,
    /// A transaction names no Credential Query with holder binding, or its members are not those of its type.
    #[error("a transaction of the request is not well-formed")]
    Transaction,
    /// What is to be shown on a screen does without the holder's proof: nothing else would bind it to the question.
    #[error("an answer on a screen needs the holder's proof")]
    HolderBinding,
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] crypto::SignError),
    /// What a wallet posted to `request_uri` is malformed.
    #[error("the wallet asked for the request in a malformed way")]
    WalletPost,
}

impl Refusal for BuildError {
    fn code(&self) -> &'static str {
        match self {
            Self::Entropy(error) => error.code(),
            Self::Address => "verifier_address_not_allowed",
            Self::ClientId => "verifier_client_id_too_long",
            Self::Identity => "verifier_identity_mismatch",
            Self::Signing => "verifier_signing_excluded",
            Self::Sign(error) => error.code(),
            Self::Transaction => "verifier_transaction_malformed",
            Self::HolderBinding => "verifier_screen_without_holder_binding",
            Self::WalletPost => "verifier_wallet_post_malformed",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Entropy(error) => error.rule(),
            Self::Sign(error) => error.rule(),
            Self::Address => "VP-R15",
            Self::ClientId => "VP-C1",
            Self::Transaction => "VP-T1",
            Self::Identity => "VP-C4",
            Self::Signing => "VP-C2",
            Self::HolderBinding => "OQ-2",
            Self::WalletPost => "VP-R10",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Entropy(error) => error.blame(),
            Self::Sign(error) => error.blame(),
            Self::WalletPost => Blame::You,
            _ => Blame::Application,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// What is wrong with one presentation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PresentationFault {
    /// The Credential Query asks for a format that is not verified here.
    #[error("the format is not supported")]
    Format,
    /// An SD-JWT VC does not verify: issuer, disclosures, dates, or the holder's proof for this request.
    #[error(transparent)]
    SdJwtVc(#[from] sd_jwt_vc::PresentationError),
    /// An mdoc does not verify: issuer, digests, dates, or the device signature for this request.
    #[error(transparent)]
    Mdoc(#[from] mdoc::DeviceResponseError),
    /// A mobile document's device approved something else than what was asked.
    #[error("the device approved another transaction")]
    Transaction,
    /// The credential is verified and of a type that was not asked for.
    #[error("the credential is of another type")]
    Type,
    /// The issuer is none of the authorities asked for.
    #[error("the issuer is none of those asked for")]
    Authority,
    /// The proof names another moment than the message that it came in.
    #[error("the proof was made at another moment")]
    Moment,
    /// Claims asked for are missing or have other values.
    #[error("the presentation does not hold what was asked for")]
    Claims,
}

/// Why a response is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// The session is over.
    #[error("the response comes too late")]
    Expired,
    /// It came another way than the request asked for: posted, through a browser, or shown on a screen.
    #[error("the response came another way than it was asked for")]
    Channel,
    /// What was shown on a screen was signed too long ago.
    #[error("what was shown is too old")]
    ProofTooOld,
    /// What was shown on a screen says that it was signed later than now.
    #[error("what was shown lies in the future")]
    ProofInFuture,
    /// Too large, no form, a parameter twice, or neither `vp_token`, `response` nor `error`.
    #[error("the response is malformed")]
    Malformed,
    /// Encryption was asked for and the response is not encrypted.
    #[error("the response is not encrypted")]
    NotEncrypted,
    /// An encrypted response where none was asked for, to another key, with another algorithm, or damaged.
    #[error("the response cannot be decrypted")]
    Decryption,
    /// `state` is absent or another.
    #[error("the response belongs to another request")]
    State,
    /// `vp_token` is not an object of arrays of presentations, or larger than the bounds.
    #[error("the presentations are not in the form asked for")]
    VpToken,
    /// `vp_token` answers a Credential Query that was not asked.
    #[error("the response answers what was not asked")]
    UnknownQuery,
    /// Several presentations where one was asked for.
    #[error("the response holds several presentations where one was asked for")]
    TooMany(Identifier),
    /// A presentation is not accepted, and without it the response is no answer, or it was made for another request.
    #[error("a presentation is not accepted: {fault}")]
    Presentation {
        /// The Credential Query that it answers.
        query: Identifier,
        /// What is wrong with it.
        fault: PresentationFault,
    },
    /// A transaction was approved by no presentation, or by more than one.
    #[error("the transaction was not approved once")]
    Transaction,
    /// Something required is missing.
    #[error("the response does not hold everything that is required")]
    Incomplete,
}

impl Refusal for ResponseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Expired => "response_expired",
            Self::Channel => "response_channel_mismatch",
            Self::ProofTooOld => "response_proof_too_old",
            Self::ProofInFuture => "response_proof_in_future",
            Self::Malformed => "response_malformed",
            Self::NotEncrypted => "response_not_encrypted",
            Self::Decryption => "response_decryption_failed",
            Self::State => "response_state_mismatch",
            Self::VpToken => "response_vp_token_malformed",
            Self::UnknownQuery => "response_query_unknown",
            Self::TooMany(_) => "response_too_many_presentations",
            Self::Presentation { fault, .. } => match fault {
                PresentationFault::Format => "presentation_format_unsupported",
                PresentationFault::SdJwtVc(error) => error.code(),
                PresentationFault::Mdoc(error) => error.code(),
                PresentationFault::Transaction => "presentation_transaction_mismatch",
                PresentationFault::Type => "presentation_type_mismatch",
                PresentationFault::Authority => "presentation_authority_mismatch",
                PresentationFault::Moment => "presentation_moment_mismatch",
                PresentationFault::Claims => "presentation_claims_missing",
            },
            Self::Transaction => "response_transaction_not_approved",
            Self::Incomplete => "response_incomplete",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Expired | Self::Malformed => "VP-S2",
            Self::Channel => "OQ-1",
            Self::ProofTooOld | Self::ProofInFuture => "OQ-3",
            Self::NotEncrypted | Self::Decryption => "VP-S3",
            Self::State => "VP-R7",
            Self::VpToken | Self::UnknownQuery => "VP-S1",
            Self::TooMany(_) => "VP-D7",
            Self::Presentation { fault, .. } => match fault {
                PresentationFault::SdJwtVc(error) => error.rule(),
                PresentationFault::Mdoc(error) => error.rule(),
                PresentationFault::Format | PresentationFault::Type => "VP-D10",
                PresentationFault::Transaction => "VP-T4",
                PresentationFault::Authority => "VP-D9",
                PresentationFault::Moment => "OQ-3",
                PresentationFault::Claims => "VP-D2",
            },
            Self::Transaction => "VP-T2",
            Self::Incomplete => "VP-D5",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Presentation { fault: PresentationFault::SdJwtVc(error), .. } => error.blame(),
            Self::Presentation { fault: PresentationFault::Mdoc(error), .. } => error.blame(),
            _ => Blame::You,
        }
    }

    fn left(&self) -> Left {
        Left::Something
    }
}
