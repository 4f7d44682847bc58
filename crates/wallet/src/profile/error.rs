use primitives::{Blame, Left, Refusal};
use trust::{AnchorError, CertificateError};

/// Why a profile cannot be used. Nothing of the wallet was touched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not JSON, too large, or a member stands twice.
    #[error("the profile is not JSON")]
    NotJson,
    /// A member is missing, unknown or of another type.
    #[error("the profile has a member that is missing, unknown or of another type")]
    Shape,
    /// Its version is newer than this program knows.
    #[error("the profile's version is not known")]
    Version,
    /// A certificate or key is not PEM.
    #[error("{0} is not PEM")]
    NotPem(&'static str),
    /// A certificate cannot be read.
    #[error("a certificate in {0} cannot be read")]
    Certificate(&'static str, #[source] CertificateError),
    /// A certificate may not be an anchor.
    #[error("a certificate in {0} may not be an anchor")]
    Anchor(&'static str, #[source] AnchorError),
    /// Too many anchors of one role.
    #[error("too many anchors in {0}")]
    TooMany(&'static str),
    /// `*` stands outside a developer's profile.
    #[error("an issuer of any type is for a developer's profile only")]
    AnyType,
    /// An issuer's type is neither a `vct:` nor a `doctype:`.
    #[error("an issuer's type begins neither with vct: nor with doctype:")]
    CredentialType,
    /// A trust list without a signer, or a signer without a list.
    #[error("a trust list needs its signer, and a signer its list")]
    TrustList,
    /// A verifier that is named is malformed, has no usable key, or stands twice.
    #[error("an entry of {0} cannot be used")]
    KnownVerifier(&'static str),
    /// A registration names no client or no key, or a server has two.
    #[error("an entry of clients cannot be used")]
    Client,
    /// An address is not https.
    #[error("{0} is not an https address")]
    NotHttps(&'static str),
}

impl Refusal for ProfileError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotJson => "profile_not_json",
            Self::Shape => "profile_shape",
            Self::Version => "profile_version",
            Self::NotPem(_) => "profile_not_pem",
            Self::Certificate(..) => "profile_certificate",
            Self::Anchor(..) => "profile_anchor",
            Self::TooMany(_) => "profile_too_many",
            Self::AnyType => "profile_any_type",
            Self::CredentialType => "profile_credential_type",
            Self::TrustList => "profile_trust_list",
            Self::KnownVerifier(_) => "profile_known_verifier",
            Self::Client => "profile_client",
            Self::NotHttps(_) => "profile_not_https",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Certificate(_, error) => error.rule(),
            Self::Anchor(_, error) => error.rule(),
            Self::AnyType => "PK-18",
            _ => "",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Computer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
