//! The signed status list: sections 5 and 8.3 of the draft; ST-2 to ST-9, ST-12, ST-13, ST-15.

use std::fmt;

use crypto::PublicKey;
use crypto::cbor::Value as Cbor;
use crypto::cose::{self, CoseError, UnverifiedSign1};
use crypto::jws::{JwsError, UnverifiedJws};
use primitives::{Blame, Instant, Left, Refusal};
use serde_json::Value as Json;

use super::cbor;
use super::list::{Bits, InflateError, StatusBits, StatusState};
use super::reference::StatusReference;
use crate::CLOCK_LEEWAY_SECONDS;
use crate::anchor::{AnchorStore, TrustAnchor};
use crate::certificate::{Certificate, CertificateChain, ChainParseError};
use crate::role::{Issuer, StatusSigner};
use crate::verify::{ChainError, ChainFault, ChainPolicy, verify_chain};

/// The longest status list token read, in bytes (ST-15). `crypto` reads a CWT up to 1 MiB.
pub const MAX_TOKEN_BYTES: usize = 4 * 1024 * 1024;

/// `typ` of the JWT (ST-2).
pub(super) const JWT_TYPE: &str = "statuslist+jwt";
/// Type (16) of the CWT (ST-2).
pub(super) const CWT_TYPE: &str = "application/statuslist+cwt";
pub(super) const CLAIM_SUBJECT: i64 = 2;
pub(super) const CLAIM_EXPIRES: i64 = 4;
pub(super) const CLAIM_NOT_BEFORE: i64 = 5;
pub(super) const CLAIM_ISSUED: i64 = 6;
pub(super) const CLAIM_STATUS_LIST: i64 = 65533;
pub(super) const CLAIM_TIME_TO_LIVE: i64 = 65534;

/// The encoding of a status list token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFormat {
    /// `application/statuslist+jwt`.
    Jwt,
    /// `application/statuslist+cwt`.
    Cwt,
}

impl StatusFormat {
    /// The media type, for `Accept` and `Content-Type` (section 8.1).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jwt => "application/statuslist+jwt",
            Self::Cwt => CWT_TYPE,
        }
    }

    /// What a reader asks for in `Accept`: either encoding.
    #[must_use]
    pub fn accept() -> String {
        format!("{}, {}", Self::Jwt.media_type(), Self::Cwt.media_type())
    }

    /// The encoding that a media type names, in lower case and without parameters; `None`: not a status list token.
    #[must_use]
    pub fn from_media_type(essence: &str) -> Option<Self> {
        [Self::Jwt, Self::Cwt].into_iter().find(|format| format.media_type() == essence)
    }

    /// The encoding of a token that was kept without its media type: a compact JWS is ASCII, and a COSE_Sign1, tagged or
    /// not, never begins with an ASCII byte (RFC 8949 3: major types 4 and 6).
    #[must_use]
    pub fn of_kept(token: &[u8]) -> Self {
        if token.first().is_some_and(u8::is_ascii) { Self::Jwt } else { Self::Cwt }
    }
}

/// Why a status list says nothing about a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// Longer than [`MAX_TOKEN_BYTES`] (ST-15).
    #[error("the status list token is too long")]
    TooLong,
    /// Not a JWT or CWT, or a claim is missing or of the wrong kind.
    #[error("the status list token is malformed")]
    Malformed,
    /// The type is not that of a status list token (ST-2).
    #[error("the token is not a status list token")]
    Type,
    /// No certificate chain says who signed (ST-12).
    #[error("the status list token does not say who signed it")]
    NoCertificates,
    /// The chain cannot be read.
    #[error(transparent)]
    Certificates(#[from] ChainParseError),
    /// The signer is neither of the credential's own anchor nor a status signer named for it (ST-13).
    #[error("the status list is signed by a party that may not: {0}")]
    Signer(ChainError),
    /// The signature does not verify, or is not ES256 (ST-12).
    #[error("the status list token's signature is invalid")]
    Signature,
    /// `sub` is not the reference's `uri` (ST-3).
    #[error("the status list token is that of another list")]
    Subject,
    /// `iat` or `nbf` lies in the future (ST-4).
    #[error("the status list token is not valid yet")]
    NotYetValid,
    /// `exp` is past (ST-5).
    #[error("the status list token has expired")]
    Expired,
    /// `ttl` is not a positive number (ST-6).
    #[error("the status list token's time to live is not a positive number")]
    TimeToLive,
    /// `bits` is not 1, 2, 4 or 8 (ST-7).
    #[error("the status list has an unknown number of bits")]
    Bits,
    /// `lst` is not one ZLIB stream (ST-8).
    #[error("the status list cannot be decompressed")]
    List,
    /// `lst` inflates beyond the bound (ST-8).
    #[error("the status list is too long")]
    ListTooLong,
    /// The index lies outside the list (ST-9).
    #[error("the credential's index is not in the status list")]
    OutOfRange,
}

impl Refusal for StatusError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "status_token_too_long",
            Self::Malformed => "status_token_malformed",
            Self::Type => "status_token_type",
            Self::NoCertificates => "status_token_without_chain",
            Self::Certificates(error) => error.code(),
            Self::Signer(_) => "status_signer_not_allowed",
            Self::Signature => "status_signature_invalid",
            Self::Subject => "status_subject_differs",
            Self::NotYetValid => "status_not_yet_valid",
            Self::Expired => "status_expired",
            Self::TimeToLive => "status_time_to_live",
            Self::Bits => "status_bits",
            Self::List => "status_list_malformed",
            Self::ListTooLong => "status_list_too_long",
            Self::OutOfRange => "status_index_out_of_range",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::TooLong => "ST-15",
            Self::Type | Self::Malformed => "ST-2",
            Self::Subject => "ST-3",
            Self::NotYetValid => "ST-4",
            Self::Expired => "ST-5",
            Self::TimeToLive => "ST-6",
            Self::Bits => "ST-7",
            Self::List | Self::ListTooLong => "ST-8",
            Self::OutOfRange => "ST-9",
            Self::NoCertificates | Self::Signature => "ST-12",
            Self::Signer(_) => "ST-13",
            Self::Certificates(error) => error.rule(),
        }
    }
    fn blame(&self) -> Blame {
        Blame::Issuer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Who may sign the status list of a credential (ST-13).
#[derive(Debug, Clone, Copy)]
pub struct StatusAuthority<'a> {
    /// The anchor that vouched for the credential: [`crate::VerifiedChain::anchor`].
    pub credential: &'a TrustAnchor<Issuer>,
    /// The status signers of the profile and the trust list; only those named for the anchor count.
    pub signers: &'a AnchorStore<StatusSigner>,
}

/// A status list token as fetched: parsed, not verified.
#[derive(Clone)]
pub struct StatusListToken {
    form: Form,
}

#[derive(Clone)]
enum Form {
    Jwt(Box<UnverifiedJws>),
    Cwt(UnverifiedSign1),
}

/// What a token whose signature holds says, before its claims are judged.
pub(super) struct SignedClaims {
    pub(super) subject: String,
    pub(super) issued_at: Instant,
    pub(super) not_before: Option<Instant>,
    pub(super) expires_at: Option<Instant>,
    pub(super) time_to_live: Option<TimeToLive>,
    pub(super) bits: u64,
    pub(super) compressed: Vec<u8>,
}

/// `ttl` as written: a number of seconds, or something that is none (ST-6).
pub(super) type TimeToLive = Option<u64>;

impl StatusListToken {
    /// Parses a token of the media type that was answered.
    ///
    /// # Errors
    /// As [`Self::parse_jwt`] and [`Self::parse_cwt`].
    pub fn parse(format: StatusFormat, bytes: &[u8]) -> Result<Self, StatusError> {
        match format {
            StatusFormat::Jwt => {
                Self::parse_jwt(std::str::from_utf8(bytes).map_err(|_| StatusError::Malformed)?.trim_ascii())
            }
            StatusFormat::Cwt => Self::parse_cwt(bytes),
        }
    }

    /// Parses a JWT (section 5.1).
    ///
    /// # Errors
    /// [`StatusError::TooLong`], [`StatusError::Malformed`], [`StatusError::Signature`] for another algorithm.
    pub fn parse_jwt(compact: &str) -> Result<Self, StatusError> {
        let form = UnverifiedJws::parse_bounded(compact, MAX_TOKEN_BYTES).map_err(jws_fault)?;
        Ok(Self { form: Form::Jwt(Box::new(form)) })
    }

    /// Parses a CWT (section 5.2).
    ///
    /// # Errors
    /// [`StatusError::TooLong`], [`StatusError::Malformed`], [`StatusError::Signature`] for another algorithm.
    pub fn parse_cwt(bytes: &[u8]) -> Result<Self, StatusError> {
        if bytes.len() > MAX_TOKEN_BYTES {
            return Err(StatusError::TooLong);
        }
        let form = UnverifiedSign1::parse_cwt_bounded(bytes, MAX_TOKEN_BYTES).map_err(cose_fault)?;
        Ok(Self { form: Form::Cwt(form) })
    }

    /// Verifies the token for a credential that refers to it (section 8.3 steps 3 to 5).
    ///
    /// # Errors
    /// [`StatusError`] with the first fault found.
    pub fn verify(
        &self,
        reference: &StatusReference,
        authority: &StatusAuthority<'_>,
        now: Instant,
    ) -> Result<VerifiedStatusList, StatusError> {
        let (key, standing) = signer(&self.chain()?, authority, now)?;
        let claims = self.signed_claims(&key)?;
        claims.judge(reference, standing, now)
    }

    /// Verifies the token of a list that is kept before a credential refers to it: it counts if it would for a credential of any of these
    /// issuers. Whoever reads a status from it later verifies it for that credential's own issuer.
    ///
    /// # Errors
    /// [`StatusError`]: of the issuer whose list it is; where it is nobody's, why the first one's chain does not hold.
    pub fn verify_for_any(
        &self,
        uri: &str,
        issuers: &AnchorStore<Issuer>,
        signers: &AnchorStore<StatusSigner>,
        now: Instant,
    ) -> Result<VerifiedStatusList, StatusError> {
        let reference = StatusReference::new(uri, 0).map_err(|_| StatusError::Subject)?;
        let mut first = None;
        for credential in issuers.iter() {
            match self.verify(&reference, &StatusAuthority { credential, signers }, now) {
                Err(StatusError::Signer(error)) => {
                    first.get_or_insert(StatusError::Signer(error));
                }
                said => return said,
            }
        }
        Err(first.unwrap_or(StatusError::NoCertificates))
    }

    fn chain(&self) -> Result<CertificateChain, StatusError> {
        let certificates = match &self.form {
            Form::Jwt(jws) => jws.header().x5c().to_vec(),
            Form::Cwt(sign1) => sign1.x5chain().map_err(cose_fault)?,
        };
        if certificates.is_empty() {
            return Err(StatusError::NoCertificates);
        }
        Ok(CertificateChain::from_der(&certificates)?)
    }

    /// Type (ST-2) and signature (ST-12), then the claims as they stand.
    pub(super) fn signed_claims(&self, key: &PublicKey) -> Result<SignedClaims, StatusError> {
        match &self.form {
            Form::Jwt(jws) => {
                let verified = jws.verify(key, JWT_TYPE).map_err(jws_fault)?;
                SignedClaims::from_json(&Json::Object(verified.claims().map_err(jws_fault)?))
            }
            Form::Cwt(sign1) => {
                if sign1.protected(cose::TYP).and_then(Cbor::as_text) != Some(CWT_TYPE) {
                    return Err(StatusError::Type);
                }
                let verified = sign1.verify(key, &[]).map_err(cose_fault)?;
                let claims = crypto::cbor::parse(verified.payload(), MAX_TOKEN_BYTES)
                    .map_err(|_| StatusError::Malformed)?;
                SignedClaims::from_cbor(&claims)
            }
        }
    }
}

/// The anchor under which a signer stands.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Standing {
    certificate: [u8; 32],
    party: [u8; 32],
}

impl Standing {
    fn under(anchor: &Certificate) -> Self {
        Self { certificate: anchor.hash(), party: anchor.party() }
    }
}

/// ST-13: the credential's own anchor, else a status signer named for that anchor; nobody else. The signer's key, and where it stands.
fn signer(
    chain: &CertificateChain,
    authority: &StatusAuthority<'_>,
    now: Instant,
) -> Result<(PublicKey, Standing), StatusError> {
    let own: AnchorStore<Issuer> = authority.credential.each().collect();
    let policy = ChainPolicy::role_only();
    match verify_chain(chain, &own, now, &policy) {
        Ok(verified) => {
            return Ok((*verified.leaf_key(), Standing::under(verified.anchor().certificate())));
        }
        Err(error) if error.fault != ChainFault::UnknownAnchor => return Err(StatusError::Signer(error)),
        Err(_) => {}
    }
    let issuer: Vec<[u8; 32]> = authority.credential.certificates().map(Certificate::hash).collect();
    let is_named = |signer: &&TrustAnchor<StatusSigner>| {
        issuer.iter().any(|hash| signer.grant().issuer_anchors.contains(hash))
    };
    let named: AnchorStore<StatusSigner> = authority.signers.iter().filter(is_named).cloned().collect();
    let verified = verify_chain(chain, &named, now, &policy).map_err(StatusError::Signer)?;
    Ok((*verified.leaf_key(), Standing::under(verified.anchor().certificate())))
}

impl SignedClaims {
    fn from_json(claims: &Json) -> Result<Self, StatusError> {
        let date = |name| match claims.get(name) {
            None => Ok(None),
            Some(value) => {
                serde_json::from_value(value.clone()).map(Some).map_err(|_| StatusError::Malformed)
            }
        };
        let list = claims.get("status_list").ok_or(StatusError::Malformed)?;
        let compressed = list.get("lst").and_then(Json::as_str).ok_or(StatusError::Malformed)?;
        Ok(Self {
            subject: claims.get("sub").and_then(Json::as_str).ok_or(StatusError::Malformed)?.to_owned(),
            issued_at: date("iat")?.ok_or(StatusError::Malformed)?,
            not_before: date("nbf")?,
            expires_at: date("exp")?,
            time_to_live: claims.get("ttl").map(Json::as_u64),
            bits: list.get("bits").and_then(Json::as_u64).ok_or(StatusError::Bits)?,
            compressed: primitives::base64url::decode(compressed).map_err(|_| StatusError::List)?,
        })
    }

    fn from_cbor(claims: &Cbor) -> Result<Self, StatusError> {
        let claim =
            |name: i64| cbor::integer_entry(claims, i128::from(name)).map_err(|_| StatusError::Malformed);
        let date = |name| match claim(name)? {
            None => Ok(None),
            Some(value) => {
                let seconds = value.as_integer().and_then(|number| i64::try_from(number).ok());
                seconds.map(|seconds| Some(Instant::from_unix_seconds(seconds))).ok_or(StatusError::Malformed)
            }
        };
        let list = claim(CLAIM_STATUS_LIST)?.ok_or(StatusError::Malformed)?;
        let entry = |name| cbor::text_entry(list, name).map_err(|_| StatusError::Malformed);
        Ok(Self {
            subject: claim(CLAIM_SUBJECT)?.and_then(Cbor::as_text).ok_or(StatusError::Malformed)?.to_owned(),
            issued_at: date(CLAIM_ISSUED)?.ok_or(StatusError::Malformed)?,
            not_before: date(CLAIM_NOT_BEFORE)?,
            expires_at: date(CLAIM_EXPIRES)?,
            time_to_live: claim(CLAIM_TIME_TO_LIVE)?.map(cbor::unsigned),
            bits: entry("bits")?.and_then(cbor::unsigned).ok_or(StatusError::Bits)?,
            compressed: entry("lst")?.and_then(Cbor::as_bytes).ok_or(StatusError::Malformed)?.clone(),
        })
    }

    /// Section 8.3 steps 4 and 5: ST-3 to ST-8.
    pub(super) fn judge(
        self,
        reference: &StatusReference,
        signer: Standing,
        now: Instant,
    ) -> Result<VerifiedStatusList, StatusError> {
        if self.subject != reference.uri() {
            return Err(StatusError::Subject);
        }
        let latest_start = self.not_before.map_or(self.issued_at, |start| start.max(self.issued_at));
        if latest_start > now + CLOCK_LEEWAY_SECONDS {
            return Err(StatusError::NotYetValid);
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(StatusError::Expired);
        }
        let time_to_live = match self.time_to_live {
            None => None,
            Some(Some(seconds)) if seconds > 0 => Some(seconds),
            Some(_) => return Err(StatusError::TimeToLive),
        };
        let bits = Bits::from_number(self.bits).ok_or(StatusError::Bits)?;
        let list = StatusBits::inflate(bits, &self.compressed).map_err(|fault| match fault {
            InflateError::Malformed => StatusError::List,
            InflateError::TooLong => StatusError::ListTooLong,
        })?;
        Ok(VerifiedStatusList {
            uri: self.subject,
            signer,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            time_to_live,
            list,
        })
    }
}

/// A status list that holds for the reference it was verified with. Made by [`StatusListToken::verify`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedStatusList {
    uri: String,
    signer: Standing,
    issued_at: Instant,
    expires_at: Option<Instant>,
    time_to_live: Option<u64>,
    list: StatusBits,
}

impl VerifiedStatusList {
    /// What the list says of a credential (ST-9 to ST-11). The credential itself is verified before (ST-16).
    ///
    /// # Errors
    /// [`StatusError::Subject`] when the reference names another list, [`StatusError::OutOfRange`].
    pub fn state(&self, reference: &StatusReference) -> Result<StatusState, StatusError> {
        if reference.uri() != self.uri {
            return Err(StatusError::Subject);
        }
        let value = self.list.get(reference.index()).map_err(|_| StatusError::OutOfRange)?;
        Ok(StatusState::from_value(value))
    }

    /// The address of the list.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Under whose anchor the signer stands, the credential's own or a status signer's: the hash of its certificate.
    #[must_use]
    pub fn anchor(&self) -> [u8; 32] {
        self.signer.certificate
    }

    /// Whose anchor that is, whichever of its certificates are listed and in which order: [`Certificate::party`].
    #[must_use]
    pub fn party(&self) -> [u8; 32] {
        self.signer.party
    }

    /// `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Instant {
        self.issued_at
    }

    /// `exp`.
    #[must_use]
    pub fn expires_at(&self) -> Option<Instant> {
        self.expires_at
    }

    /// `ttl`, in seconds.
    #[must_use]
    pub fn time_to_live(&self) -> Option<u64> {
        self.time_to_live
    }

    /// How many bits a status takes.
    #[must_use]
    pub fn bits(&self) -> Bits {
        self.list.bits()
    }

    /// How many statuses the list holds.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.list.count()
    }
}

impl fmt::Debug for VerifiedStatusList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifiedStatusList")
            .field("uri", &self.uri)
            .field("issued_at", &self.issued_at)
            .field("count", &self.list.count())
            .finish_non_exhaustive()
    }
}

fn jws_fault(error: JwsError) -> StatusError {
    match error {
        JwsError::TooLarge => StatusError::TooLong,
        JwsError::Type => StatusError::Type,
        JwsError::Algorithm | JwsError::Signature => StatusError::Signature,
        _ => StatusError::Malformed,
    }
}

fn cose_fault(error: CoseError) -> StatusError {
    match error {
        CoseError::Algorithm | CoseError::Signature => StatusError::Signature,
        _ => StatusError::Malformed,
    }
}
