//! Why an SD-JWT, a credential or a presentation is refused: one enum for each operation, each variant with its rule.
//!
//! No error carries a claim, a salt or a key.

use primitives::{Blame, EntropyUnavailable, Left, Refusal};
use thiserror::Error;

/// Gives an enum its [`Refusal`]: each variant with code and rule, and one party to blame. Nothing of this crate sends anything.
macro_rules! refusal {
    ($error:ty, $blame:expr, { $($pattern:pat => ($code:expr, $rule:expr)),+ $(,)? }) => {
        impl Refusal for $error {
            fn code(&self) -> &'static str {
                match self { $($pattern => $code),+ }
            }
            fn rule(&self) -> &'static str {
                match self { $($pattern => $rule),+ }
            }
            fn blame(&self) -> Blame {
                $blame(self)
            }
            fn left(&self) -> Left {
                Left::Nothing
            }
        }
    };
}

/// Why a text is not an SD-JWT in the compact form (RFC 9901 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Longer than [`crate::limits::MAX_BYTES`].
    #[error("the SD-JWT is too large")]
    TooLarge,
    /// More disclosures than [`crate::limits::MAX_DISCLOSURES`].
    #[error("the SD-JWT has too many disclosures")]
    TooManyDisclosures,
    /// No tilde behind the issuer-signed JWT, or one missing behind a disclosure.
    #[error("the SD-JWT is not JWT, disclosures and tildes")]
    Form,
    /// The issuer-signed JWT is not a compact JWS of three parts with a readable header.
    #[error("the issuer-signed JWT cannot be read")]
    Jwt,
    /// A disclosure is not base64url of a JSON array of two or three fitting elements.
    #[error("a disclosure cannot be read")]
    Disclosure,
    /// A disclosure discloses a claim named `_sd`, `...` or `_sd_alg`.
    #[error("a disclosure uses a reserved name")]
    ReservedName,
    /// What is behind the last tilde is not a compact JWS of at most [`crate::limits::MAX_KEY_BINDING_BYTES`].
    #[error("the key binding JWT cannot be read")]
    KeyBindingJwt,
    /// A key binding JWT, where an issued SD-JWT is expected.
    #[error("an issued SD-JWT has no key binding JWT")]
    KeyBindingUnexpected,
}

refusal!(ParseError, |_: &ParseError| Blame::Issuer, {
    Self::TooLarge => ("sd_jwt_too_large", "SJ-3"),
    Self::TooManyDisclosures => ("sd_jwt_too_many_disclosures", "SJ-3"),
    Self::Form => ("sd_jwt_form_invalid", "SJ-1"),
    Self::Jwt => ("sd_jwt_unreadable", "SJ-3"),
    Self::Disclosure => ("sd_jwt_disclosure_unreadable", "SJ-7"),
    Self::ReservedName => ("sd_jwt_disclosure_name_reserved", "SJ-10"),
    Self::KeyBindingJwt => ("sd_jwt_key_binding_unreadable", "SJ-1"),
    Self::KeyBindingUnexpected => ("sd_jwt_key_binding_unexpected", "SJ-2"),
});

/// Why disclosures and digests do not fit together (RFC 9901 section 7.1, steps 3 to 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProcessError {
    /// `_sd_alg` is not `sha-256`.
    #[error("the hash algorithm of the SD-JWT is not accepted")]
    HashAlgorithm,
    /// `_sd_alg` stands below the top level.
    #[error("the hash algorithm of the SD-JWT is named inside a claim")]
    HashAlgorithmNested,
    /// `_sd` is not an array of strings, or `...` is not alone, not a string, or not in an array element.
    #[error("a digest stands where none may")]
    DigestMisplaced,
    /// The same digest stands twice.
    #[error("a digest stands twice")]
    DigestRepeated,
    /// More digests than [`crate::limits::MAX_DIGESTS`].
    #[error("the SD-JWT has too many digests")]
    TooManyDigests,
    /// Deeper nesting than [`crate::limits::MAX_DEPTH`].
    #[error("the claims are nested too deeply")]
    TooDeep,
    /// The same disclosure came twice.
    #[error("a disclosure comes twice")]
    DisclosureRepeated,
    /// No digest stands for this disclosure.
    #[error("no digest stands for a disclosure")]
    DisclosureUnreferenced,
    /// A disclosure of an array element for a digest in `_sd`.
    #[error("a disclosure of an array element is named among the members of an object")]
    PropertyShape,
    /// A disclosure of an object's member for a digest in an array.
    #[error("a disclosure of a member is named among the elements of an array")]
    ElementShape,
    /// The disclosed name already stands at its level.
    #[error("a disclosure would overwrite a claim")]
    NameTaken,
}

refusal!(ProcessError, |_: &ProcessError| Blame::Issuer, {
    Self::HashAlgorithm => ("sd_jwt_hash_algorithm_unknown", "SJ-5"),
    Self::HashAlgorithmNested => ("sd_jwt_hash_algorithm_misplaced", "SJ-6"),
    Self::DigestMisplaced => ("sd_jwt_digest_misplaced", "SJ-15"),
    Self::DigestRepeated => ("sd_jwt_digest_repeated", "SJ-13"),
    Self::TooManyDigests => ("sd_jwt_too_many_digests", "SJ-3"),
    Self::TooDeep => ("sd_jwt_too_deep", "SJ-3"),
    Self::DisclosureRepeated => ("sd_jwt_disclosure_repeated", "SJ-12"),
    Self::DisclosureUnreferenced => ("sd_jwt_disclosure_unreferenced", "SJ-14"),
    Self::PropertyShape => ("sd_jwt_disclosure_shape_invalid", "SJ-8"),
    Self::ElementShape => ("sd_jwt_disclosure_shape_invalid", "SJ-9"),
    Self::NameTaken => ("sd_jwt_disclosure_overwrites", "SJ-11"),
});

/// Why an SD-JWT is not accepted, its issuer's key being known (RFC 9901 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SdJwtError {
    /// `typ` is not the expected one: for a credential `dc+sd-jwt`, or `vc+sd-jwt` where the policy allows it.
    #[error("the SD-JWT is of another type")]
    Typ,
    /// The signature is not the issuer's, or its algorithm is not ES256.
    #[error("the issuer's signature is not valid")]
    Signature,
    /// The payload is not a JSON object without repeated names.
    #[error("the credential's payload cannot be read")]
    Payload,
    /// The disclosures do not fit the payload.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// `exp` or `nbf` is not a time.
    #[error("a time in the credential cannot be read")]
    Time,
    /// `exp` has passed.
    #[error("the credential has expired")]
    Expired,
    /// `nbf` is still to come.
    #[error("the credential is not valid yet")]
    NotYetValid,
    /// `iat` is in the future.
    #[error("the credential claims to be issued in the future")]
    IssuedInFuture,
}

impl Refusal for SdJwtError {
    fn code(&self) -> &'static str {
        match self {
            Self::Typ => "sd_jwt_typ_invalid",
            Self::Signature => "sd_jwt_signature_invalid",
            Self::Payload => "sd_jwt_unreadable",
            Self::Process(error) => error.code(),
            Self::Time => "sd_jwt_time_unreadable",
            Self::Expired => "sd_jwt_expired",
            Self::NotYetValid => "sd_jwt_not_yet_valid",
            Self::IssuedInFuture => "sd_jwt_issued_in_future",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Typ => "SV-1",
            Self::Signature => "SJ-4",
            Self::Payload => "SJ-3",
            Self::Process(error) => error.rule(),
            Self::Time | Self::Expired | Self::NotYetValid => "SJ-17",
            Self::IssuedInFuture => "SV-12",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Issuer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a credential is not accepted (SD-JWT VC section 3.4).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// No `x5c` in the protected header, or one that cannot be read.
    #[error("the credential names no certificate of its issuer")]
    NoCertificates,
    /// The chain does not end at an anchor for issuers.
    #[error("the issuer of the credential is not trusted")]
    Chain(#[source] trust::ChainError),
    /// The SD-JWT itself is not valid.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// `vct` is missing or not a non-empty string.
    #[error("the credential names no type")]
    NoType,
    /// The issuer is trusted, but not for this type.
    #[error("the issuer may not issue credentials of this type")]
    NotEntitled,
    /// A claim that must stand in the open came out of a disclosure.
    #[error("a claim that may not be selectively disclosable is")]
    DisclosableRegisteredClaim,
    /// `iss` is an https URI that the issuer's certificate does not name.
    #[error("the issuer named in the credential is not the one of its certificate")]
    IssuerMismatch,
    /// `iss` is present and not a string.
    #[error("the issuer named in the credential cannot be read")]
    IssuerUnreadable,
    /// `cnf` is not a `jwk` on P-256.
    #[error("the holder's key in the credential cannot be used")]
    HolderKey,
    /// No `cnf` where the policy asks for one.
    #[error("the credential is not bound to a key")]
    NotBound,
    /// `status` is present without a well-formed `status_list`.
    #[error("the credential's status reference cannot be read")]
    Status,
}

impl Refusal for VerifyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoCertificates => "sd_jwt_vc_no_certificates",
            Self::Chain(_) => "sd_jwt_vc_issuer_untrusted",
            Self::SdJwt(error) => error.code(),
            Self::NoType => "sd_jwt_vc_type_missing",
            Self::NotEntitled => "sd_jwt_vc_issuer_not_entitled",
            Self::DisclosableRegisteredClaim => "sd_jwt_vc_registered_claim_disclosable",
            Self::IssuerMismatch => "sd_jwt_vc_issuer_mismatch",
            Self::IssuerUnreadable => "sd_jwt_vc_issuer_unreadable",
            Self::HolderKey => "sd_jwt_vc_holder_key_invalid",
            Self::NotBound => "sd_jwt_vc_not_bound",
            Self::Status => "sd_jwt_vc_status_unreadable",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::NoCertificates => "SV-5",
            Self::Chain(_) => "SV-6",
            Self::SdJwt(error) => error.rule(),
            Self::NoType => "SV-2",
            Self::NotEntitled => "SV-7",
            Self::DisclosableRegisteredClaim => "SV-3",
            Self::IssuerMismatch | Self::IssuerUnreadable => "SV-8",
            Self::HolderKey => "SV-9",
            Self::NotBound => "SV-10",
            Self::Status => "SV-11",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Issuer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a credential cannot be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IssueError {
    /// A claim is named `_sd`, `...` or `_sd_alg`.
    #[error("a claim uses a reserved name")]
    ReservedName,
    /// A registered claim is among the claims instead of being set by its own method.
    #[error("a registered claim is among the claims")]
    RegisteredClaim,
    /// A path to be made disclosable selects nothing.
    #[error("a disclosable path selects nothing")]
    PathSelectsNothing,
    /// More disclosures or digests than a reader of ours would accept, a larger text, or deeper nesting.
    #[error("the credential would be too large")]
    TooLarge,
    /// The chain for `x5c` is empty.
    #[error("there is no certificate of the issuer")]
    NoCertificates,
    /// `vct` is empty.
    #[error("the credential would have no type")]
    NoType,
    /// The computer gave no random bytes.
    #[error(transparent)]
    Entropy(EntropyUnavailable),
    /// The signer did not sign.
    #[error("the credential could not be signed")]
    Signer,
}

refusal!(IssueError, |_: &IssueError| Blame::Application, {
    Self::ReservedName => ("sd_jwt_issue_name_reserved", "SJ-21"),
    Self::RegisteredClaim => ("sd_jwt_issue_registered_claim", "SV-4"),
    Self::PathSelectsNothing => ("sd_jwt_issue_path_selects_nothing", "SV-4"),
    Self::TooLarge => ("sd_jwt_issue_too_large", "SJ-3"),
    Self::NoCertificates => ("sd_jwt_issue_no_certificates", "SV-5"),
    Self::NoType => ("sd_jwt_issue_no_type", "SV-2"),
    Self::Entropy(_) => ("entropy_unavailable", "SJ-18"),
    Self::Signer => ("sd_jwt_issue_unsigned", "SJ-4"),
});

/// Why a presentation cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PresentError {
    /// A selected path selects nothing in this credential.
    #[error("a selected claim is not in the credential")]
    PathSelectsNothing,
    /// The credential has no `cnf`, and so no key to bind with.
    #[error("the credential is not bound to a key")]
    NotBound,
    /// The credential is bound and would go out without its key binding JWT.
    #[error("a bound credential is presented with its key only")]
    Bound,
    /// The signer's key is not the one in `cnf`.
    #[error("this key is not the credential's")]
    WrongKey,
    /// More than [`crate::limits::MAX_TRANSACTION_DATA`] entries of transaction data.
    #[error("too many transactions for one presentation")]
    TooManyTransactions,
    /// The signer did not sign.
    #[error("the presentation could not be signed")]
    Signer,
}

impl Refusal for PresentError {
    fn code(&self) -> &'static str {
        match self {
            Self::PathSelectsNothing => "sd_jwt_present_claim_absent",
            Self::NotBound => "sd_jwt_present_not_bound",
            Self::Bound => "sd_jwt_present_key_required",
            Self::WrongKey => "sd_jwt_present_wrong_key",
            Self::TooManyTransactions => "sd_jwt_present_too_many_transactions",
            Self::Signer => "sd_jwt_present_unsigned",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::PathSelectsNothing => "SJ-23",
            Self::NotBound => "SJ-31",
            Self::Bound => "SV-14",
            Self::WrongKey => "SJ-25",
            Self::TooManyTransactions => "SV-22",
            Self::Signer => "SJ-25",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::PathSelectsNothing | Self::TooManyTransactions => Blame::Verifier,
            Self::NotBound | Self::Bound | Self::WrongKey | Self::Signer => Blame::Application,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a key binding JWT is not accepted (RFC 9901 section 7.3, step 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyBindingError {
    /// None came, and it is required.
    #[error("the presentation does not prove possession of the holder's key")]
    Missing,
    /// The credential names no holder's key.
    #[error("the credential is not bound to a key")]
    NoHolderKey,
    /// `typ` is not `kb+jwt`.
    #[error("the key binding is of another type")]
    Typ,
    /// Not signed by the key in `cnf`, or not with ES256.
    #[error("the key binding's signature is not valid")]
    Signature,
    /// The payload is not a JSON object without repeated names.
    #[error("the key binding cannot be read")]
    Payload,
    /// `iat` is missing or not a time.
    #[error("the key binding does not say when it was made")]
    NoIssuedAt,
    /// `iat` is too long ago.
    #[error("the key binding is too old")]
    TooOld,
    /// `iat` is in the future.
    #[error("the key binding was made in the future")]
    InFuture,
    /// `nonce` is missing or not the expected one.
    #[error("the key binding is for another request")]
    Nonce,
    /// `aud` is missing, not a string, or not the expected one.
    #[error("the key binding is for another verifier")]
    Audience,
    /// `sd_hash` is missing or not the hash of what was presented.
    #[error("the key binding is for another selection of claims")]
    Hash,
    /// `transaction_data_hashes` are not those of the request.
    #[error("the key binding is for other transactions")]
    TransactionData,
}

refusal!(KeyBindingError, |_: &KeyBindingError| Blame::You, {
    Self::Missing => ("key_binding_missing", "SJ-30"),
    Self::NoHolderKey => ("key_binding_no_holder_key", "SJ-31"),
    Self::Typ => ("key_binding_typ_invalid", "SJ-24"),
    Self::Signature => ("key_binding_signature_invalid", "SJ-25"),
    Self::Payload => ("key_binding_unreadable", "SJ-3"),
    Self::NoIssuedAt => ("key_binding_iat_missing", "SJ-26"),
    Self::TooOld => ("key_binding_too_old", "SJ-26"),
    Self::InFuture => ("key_binding_in_future", "SJ-26"),
    Self::Nonce => ("key_binding_nonce_mismatch", "SJ-27"),
    Self::Audience => ("key_binding_audience_mismatch", "SJ-28"),
    Self::Hash => ("key_binding_hash_mismatch", "SJ-29"),
    Self::TransactionData => ("key_binding_transaction_data_mismatch", "SV-22"),
});

/// Why a verifier does not accept a presentation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PresentationError {
    /// The text is not an SD-JWT.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The credential in it is not accepted.
    #[error(transparent)]
    Credential(#[from] VerifyError),
    /// The key binding is not accepted.
    #[error(transparent)]
    KeyBinding(#[from] KeyBindingError),
    /// The credential has an `aud`, and the verifier is not in it.
    #[error("the credential is meant for other verifiers")]
    CredentialAudience,
}

impl Refusal for PresentationError {
    fn code(&self) -> &'static str {
        match self {
            Self::Parse(error) => error.code(),
            Self::Credential(error) => error.code(),
            Self::KeyBinding(error) => error.code(),
            Self::CredentialAudience => "sd_jwt_audience_mismatch",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Parse(error) => error.rule(),
            Self::Credential(error) => error.rule(),
            Self::KeyBinding(error) => error.rule(),
            Self::CredentialAudience => "SJ-17",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Parse(error) => error.blame(),
            Self::Credential(error) => error.blame(),
            Self::KeyBinding(error) => error.blame(),
            Self::CredentialAudience => Blame::You,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a type metadata document is not used (SD-JWT VC section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TypeMetadataError {
    /// Larger than [`crate::limits::MAX_TYPE_METADATA_BYTES`], or a list longer than [`crate::limits::MAX_TYPE_METADATA_ENTRIES`].
    #[error("the type metadata is too large")]
    TooLarge,
    /// Not a JSON object of the shape of section 6.2.
    #[error("the type metadata cannot be read")]
    Unreadable,
    /// Its `vct` is not the credential's.
    #[error("the type metadata describes another type")]
    OtherType,
    /// Its bytes do not match the integrity value of the credential.
    #[error("the type metadata is not the one the issuer meant")]
    Integrity,
}

refusal!(TypeMetadataError, |_: &TypeMetadataError| Blame::Issuer, {
    Self::TooLarge => ("type_metadata_too_large", "SV-16"),
    Self::Unreadable => ("type_metadata_unreadable", "SV-16"),
    Self::OtherType => ("type_metadata_other_type", "SV-17"),
    Self::Integrity => ("type_metadata_integrity_mismatch", "SV-18"),
});
