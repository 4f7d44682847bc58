//! The publisher's side: a list that is set, encoded and signed. Sections 4 and 5 of the draft.

use crypto::Signer;
use crypto::cbor::Value as Cbor;
use crypto::cose::{self, Sign1Builder};
use crypto::jws::HeaderBuilder;
use primitives::{Blame, Instant, Left, Refusal};
use serde_json::{Map, Value as Json};

use super::list::{Bits, StatusBits, StatusState};
use super::token::{
    CLAIM_EXPIRES, CLAIM_ISSUED, CLAIM_STATUS_LIST, CLAIM_SUBJECT, CLAIM_TIME_TO_LIVE, CWT_TYPE, JWT_TYPE,
};
use crate::certificate::CertificateChain;

/// CBOR tag of a COSE_Sign1 (RFC 9052 section 2).
const TAG_SIGN1: u64 = 18;

/// Why a list cannot be set or published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The index lies outside the list.
    #[error("the index is not in the list")]
    OutOfRange,
    /// The status does not fit into the list's bits.
    #[error("the status does not fit into the list's bits")]
    Status,
    /// The list would be longer than can be read, or the stored list is malformed.
    #[error("the list cannot be made")]
    List,
    /// The signer did not sign.
    #[error("the list could not be signed")]
    Signing,
}

impl Refusal for PublishError {
    fn code(&self) -> &'static str {
        match self {
            Self::OutOfRange => "status_index_out_of_range",
            Self::Status => "status_value_too_large",
            Self::List => "status_list_malformed",
            Self::Signing => "signing_failed",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::OutOfRange => "ST-9",
            Self::Status => "ST-7",
            Self::List => "ST-8",
            Self::Signing => "",
        }
    }
    fn blame(&self) -> Blame {
        Blame::Application
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// What a published token says beside its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The list's address: `sub`, equal to the `uri` of the credentials' references.
    pub uri: String,
    /// `iat`.
    pub issued_at: Instant,
    /// `exp`.
    pub expires_at: Option<Instant>,
    /// `ttl`, in seconds, positive.
    pub time_to_live: Option<u64>,
}

/// A status list in the hands of its publisher.
#[derive(Clone)]
pub struct StatusListBuilder {
    list: StatusBits,
}

impl StatusListBuilder {
    /// A list of at least `count` statuses, all valid.
    ///
    /// # Errors
    /// [`PublishError::List`] when it would be longer than [`super::MAX_INFLATED_BYTES`].
    pub fn new(bits: Bits, count: u64) -> Result<Self, PublishError> {
        StatusBits::all_valid(bits, count).map(|list| Self { list }).ok_or(PublishError::List)
    }

    /// A list as [`Self::compressed`] gave it, for a publisher that was restarted.
    ///
    /// # Errors
    /// [`PublishError::List`].
    pub fn from_compressed(bits: Bits, compressed: &[u8]) -> Result<Self, PublishError> {
        StatusBits::inflate(bits, compressed).map(|list| Self { list }).map_err(|_| PublishError::List)
    }

    /// Sets the status at `index`.
    ///
    /// # Errors
    /// [`PublishError::OutOfRange`], [`PublishError::Status`].
    pub fn set(&mut self, index: u64, state: StatusState) -> Result<(), PublishError> {
        match self.list.set(index, state.value()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(PublishError::Status),
            Err(_) => Err(PublishError::OutOfRange),
        }
    }

    /// The status at `index`.
    ///
    /// # Errors
    /// [`PublishError::OutOfRange`].
    pub fn get(&self, index: u64) -> Result<StatusState, PublishError> {
        self.list.get(index).map(StatusState::from_value).map_err(|_| PublishError::OutOfRange)
    }

    /// How many statuses the list holds.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.list.count()
    }

    /// The ZLIB stream of the list (section 4.1).
    ///
    /// # Errors
    /// [`PublishError::List`].
    pub fn compressed(&self) -> Result<Vec<u8>, PublishError> {
        self.list.deflate().map_err(|_| PublishError::List)
    }

    /// The list as a signed JWT with the signer's chain (section 5.1; HA-9).
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn sign_jwt(
        &self,
        publication: &Publication,
        chain: &CertificateChain,
        signer: &dyn Signer,
    ) -> Result<String, PublishError> {
        let list = serde_json::json!({
            "bits": self.list.bits().number(),
            "lst": primitives::base64url::encode(&self.compressed()?),
        });
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), Json::from(publication.uri.as_str()));
        claims.insert("iat".to_owned(), Json::from(publication.issued_at.unix_seconds()));
        if let Some(end) = publication.expires_at {
            claims.insert("exp".to_owned(), Json::from(end.unix_seconds()));
        }
        if let Some(seconds) = publication.time_to_live {
            claims.insert("ttl".to_owned(), Json::from(seconds));
        }
        claims.insert("status_list".to_owned(), list);
        HeaderBuilder::new(JWT_TYPE)
            .x5c(&chain.to_der())
            .sign_claims(&claims, signer)
            .map_err(|_| PublishError::Signing)
    }

    /// The list as a signed CWT with the signer's chain (section 5.2).
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn sign_cwt(
        &self,
        publication: &Publication,
        chain: &CertificateChain,
        signer: &dyn Signer,
    ) -> Result<Vec<u8>, PublishError> {
        let text = |value: &str| Cbor::Text(value.to_owned());
        let list = Cbor::Map(vec![
            (text("bits"), Cbor::from(self.list.bits().number())),
            (text("lst"), Cbor::Bytes(self.compressed()?)),
        ]);
        let mut claims = vec![
            (Cbor::from(CLAIM_SUBJECT), text(&publication.uri)),
            (Cbor::from(CLAIM_ISSUED), Cbor::from(publication.issued_at.unix_seconds())),
        ];
        if let Some(end) = publication.expires_at {
            claims.push((Cbor::from(CLAIM_EXPIRES), Cbor::from(end.unix_seconds())));
        }
        if let Some(seconds) = publication.time_to_live {
            claims.push((Cbor::from(CLAIM_TIME_TO_LIVE), Cbor::from(seconds)));
        }
        claims.push((Cbor::from(CLAIM_STATUS_LIST), list));
        let signed = Sign1Builder::new()
            .protected(cose::TYP, text(CWT_TYPE))
            .x5chain(&chain.to_der())
            .sign(signer, &crypto::cbor::encode(&Cbor::Map(claims)), &[])
            .map_err(|_| PublishError::Signing)?;
        Ok(crypto::cbor::encode(&Cbor::Tag(TAG_SIGN1, Box::new(signed.to_value()))))
    }
}
