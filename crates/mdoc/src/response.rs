//! `DeviceResponse` as a verifier reads it (ISO/IEC 18013-5 8.3.2.1.2.2, 9.1.3, 9.3; HA-9; MD-25 to MD-29).

use crypto::PublicKey;
use crypto::cose::{CoseError, UnverifiedSign1};
use primitives::{Blame, Instant, Left, Refusal};
use trust::status::StatusReference;
use trust::{AnchorStore, Issuer, VerifiedChain};

use crate::cbor::{CborError, Item, STRUCTURE_BOUNDS};
use crate::disclosure::device_authentication_bytes;
use crate::issuer_signed::{Claims, IssuerSigned, IssuerSignedError};
use crate::json;
use crate::mso::{DigestAlgorithm, Validity};
use crate::transcript::SessionTranscript;
use crate::verify::{IssuerDataError, verify_issuer_data};

/// Why a response is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceResponseError {
    /// Not base64url without padding, or too long (VP-H2).
    #[error("the device response is not base64url")]
    NotBase64Url,
    /// Not CBOR within bounds (MD-1, MD-2).
    #[error("the device response is not readable: {0}")]
    Cbor(#[from] CborError),
    /// A member is absent or of another type; names the member.
    #[error("the device response has no valid {0}")]
    Member(&'static str),
    /// `version` has another major number (MD-25).
    #[error("the device response has an unknown version")]
    Version,
    /// The wallet reports an error: 10 general, 11 decoding, 12 validation (8.3.2.1.2.3) (MD-25).
    #[error("the wallet answered with status {0}")]
    Status(u64),
    /// Not exactly one document (MD-26).
    #[error("the device response has not exactly one document")]
    DocumentCount,
    /// What the issuer signed cannot be read.
    #[error(transparent)]
    IssuerSigned(#[from] IssuerSignedError),
    /// Device authentication by MAC (MD-28).
    #[error("the device authenticated with a MAC, which is not accepted")]
    DeviceMac,
    /// `deviceAuth` is neither a signature nor a MAC, or both, or no COSE_Sign1 with a detached payload (MD-27).
    #[error("the device signature is malformed")]
    DeviceAuth,
    /// The device signed with something else than ES256 (MD-27).
    #[error("the device signature is not ES256")]
    DeviceAlgorithm,
    /// What the issuer signed does not count.
    #[error(transparent)]
    Issuer(#[from] IssuerDataError),
    /// The device's signature does not verify: another key, another request, other elements (MD-27, MD-30).
    #[error("the device signature does not belong to this request and document")]
    DeviceSignature,
    /// The device signed an element that the issuer did not authorise it to sign (MD-29).
    #[error("the device signed an element it is not authorised to sign")]
    DeviceElementNotAuthorised,
}

impl Refusal for DeviceResponseError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotBase64Url | Self::Cbor(_) | Self::Member(_) => "device_response_malformed",
            Self::Version => "device_response_version",
            Self::Status(_) => "device_response_status",
            Self::DocumentCount => "device_response_document_count",
            Self::IssuerSigned(error) => error.code(),
            Self::DeviceMac => "device_mac_unsupported",
            Self::DeviceAuth => "device_signature_malformed",
            Self::DeviceAlgorithm => "device_signature_algorithm_unsupported",
            Self::Issuer(error) => error.code(),
            Self::DeviceSignature => "device_signature_invalid",
            Self::DeviceElementNotAuthorised => "device_element_not_authorised",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::NotBase64Url => "VP-H2",
            Self::Cbor(CborError::DuplicateKey) => "MD-2",
            Self::Cbor(_) => "MD-1",
            Self::Member(_) | Self::Version | Self::Status(_) => "MD-25",
            Self::DocumentCount => "MD-26",
            Self::IssuerSigned(error) => error.rule(),
            Self::DeviceMac => "MD-28",
            Self::DeviceAuth | Self::DeviceAlgorithm | Self::DeviceSignature => "MD-27",
            Self::Issuer(error) => error.rule(),
            Self::DeviceElementNotAuthorised => "MD-29",
        }
    }

    /// The verifier reads this about the person in front of it, or about their issuer.
    fn blame(&self) -> Blame {
        match self {
            Self::IssuerSigned(_) => Blame::Issuer,
            Self::Issuer(error) => error.blame(),
            _ => Blame::You,
        }
    }

    /// Said by the verifier, who has the response already.
    fn left(&self) -> Left {
        Left::Something
    }
}

/// A response, parsed and **not verified**: [`DeviceResponse::verify`] makes a [`VerifiedDeviceResponse`] of it.
///
/// No `Debug`: it holds claims.
#[derive(Clone)]
pub struct DeviceResponse {
    doc_type: String,
    pub(crate) issuer_signed: IssuerSigned,
    /// `DeviceNameSpacesBytes`, tag included, as received (MD-3).
    device_name_spaces: Vec<u8>,
    device_claims: Claims,
    device_signature: UnverifiedSign1,
}

impl DeviceResponse {
    /// Reads one entry of a `vp_token` (VP-H2): base64url without padding.
    ///
    /// # Errors
    /// [`DeviceResponseError`], see its variants.
    pub fn parse_base64url(text: &str) -> Result<Self, DeviceResponseError> {
        Self::parse(&crate::decode_base64url(text).ok_or(DeviceResponseError::NotBase64Url)?)
    }

    /// Reads the CBOR.
    ///
    /// # Errors
    /// [`DeviceResponseError`], see its variants.
    pub fn parse(bytes: &[u8]) -> Result<Self, DeviceResponseError> {
        use DeviceResponseError::Member;
        let response = Item::parse(bytes, STRUCTURE_BOUNDS)?;
        let version = response.member("version").and_then(Item::as_text).ok_or(Member("version"))?;
        if !crate::is_version_1(version) {
            return Err(DeviceResponseError::Version);
        }
        let status = response.member("status").and_then(Item::as_integer);
        match status.and_then(|status| u64::try_from(status).ok()).ok_or(Member("status"))? {
            0 => {}
            other => return Err(DeviceResponseError::Status(other)),
        }
        let document = match response.member("documents").map(Item::as_array) {
            Some(Some([document])) => document,
            Some(Some(_)) | None => return Err(DeviceResponseError::DocumentCount),
            Some(None) => return Err(Member("documents")),
        };
        let doc_type = document.member("docType").and_then(Item::as_text).ok_or(Member("docType"))?;
        let issuer_signed = document.member("issuerSigned").ok_or(Member("issuerSigned"))?;
        let issuer_signed = IssuerSigned::from_item(issuer_signed)?;
        let device_signed = document.member("deviceSigned").ok_or(Member("deviceSigned"))?;
        let name_spaces = device_signed.member("nameSpaces").ok_or(Member("deviceSigned nameSpaces"))?;
        Ok(Self {
            doc_type: doc_type.to_owned(),
            issuer_signed,
            device_name_spaces: name_spaces.raw.to_vec(),
            device_claims: parse_device_claims(name_spaces)?,
            device_signature: parse_device_auth(
                device_signed.member("deviceAuth").ok_or(Member("deviceAuth"))?,
            )?,
        })
    }

    /// Verifies issuer, digests, validity, and that the holder of the device key answered the request of this transcript.
    /// The transcript is computed from what the verifier itself asked (MD-30), never from the response. Whether the doctype is the one
    /// asked for, and whether the mdoc was revoked, the caller checks with the result.
    ///
    /// # Errors
    /// [`DeviceResponseError`], see its variants.
    pub fn verify(
        self,
        transcript: &SessionTranscript,
        anchors: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<VerifiedDeviceResponse, DeviceResponseError> {
        let issuer = verify_issuer_data(&self.issuer_signed, &self.doc_type, anchors, now)?;
        self.verify_device(transcript)?;
        let object = self.issuer_signed.security_object;
        Ok(VerifiedDeviceResponse {
            doc_type: object.doc_type,
            claims: Claims::of(&self.issuer_signed.name_spaces),
            device_claims: self.device_claims,
            device_key: object.device_key,
            digest_algorithm: object.digest_algorithm,
            validity: object.validity,
            status: object.status,
            issuer,
        })
    }

    /// Whether the device key that the document itself names signed it for the request of this transcript, and nothing that it may not sign.
    /// Of the issuer this says nothing: it tells a document that does not count from one that was made for another request.
    #[must_use]
    pub fn is_for(&self, transcript: &SessionTranscript) -> bool {
        self.verify_device(transcript).is_ok()
    }

    /// MD-27, MD-29, MD-30: the device key of the security object signed this transcript, doctype and these device elements.
    pub(crate) fn verify_device(&self, transcript: &SessionTranscript) -> Result<(), DeviceResponseError> {
        let object = &self.issuer_signed.security_object;
        let signed = device_authentication_bytes(transcript, &self.doc_type, &self.device_name_spaces);
        self.device_signature
            .verify_detached(&object.device_key, &signed, &[])
            .map_err(|_| DeviceResponseError::DeviceSignature)?;
        let authorizations = &object.key_authorizations;
        if !self
            .device_claims
            .iter()
            .all(|(name_space, element, _)| authorizations.allow(name_space, element))
        {
            return Err(DeviceResponseError::DeviceElementNotAuthorised);
        }
        Ok(())
    }
}

/// A response whose issuer, digests, validity and device signature were verified; made by [`DeviceResponse::verify`] alone.
///
/// No `Debug`: it holds claims.
#[derive(Clone)]
pub struct VerifiedDeviceResponse {
    /// The type of the document.
    pub doc_type: String,
    /// What the issuer says.
    pub claims: Claims,
    /// What the device says by itself, with the issuer's authorisation.
    pub device_claims: Claims,
    /// The key that answered.
    pub device_key: PublicKey,
    /// How the elements were digested.
    pub digest_algorithm: DigestAlgorithm,
    /// When it was signed and when it is valid.
    pub validity: Validity,
    /// Where it says whether it was revoked; not asked here.
    pub status: Option<StatusReference>,
    /// The issuer's chain: name, anchor, key identifiers.
    pub issuer: VerifiedChain<Issuer>,
}

fn parse_device_claims(name_spaces: &Item<'_>) -> Result<Claims, DeviceResponseError> {
    const WRONG: DeviceResponseError = DeviceResponseError::Member("deviceSigned nameSpaces");
    let encoded = name_spaces.as_embedded().ok_or(WRONG)?;
    let content = Item::parse(encoded, STRUCTURE_BOUNDS)?;
    let mut claims = Claims::none();
    for (name_space, elements) in content.as_map().ok_or(WRONG)? {
        let name_space = name_space.as_text().ok_or(WRONG)?;
        for (element, value) in elements.as_map().ok_or(WRONG)? {
            let value = json::from_cbor(value).map_err(|_| IssuerSignedError::AmbiguousValue)?;
            claims.insert(name_space, element.as_text().ok_or(WRONG)?, value);
        }
    }
    Ok(claims)
}

fn parse_device_auth(device_auth: &Item<'_>) -> Result<UnverifiedSign1, DeviceResponseError> {
    match (device_auth.member("deviceSignature"), device_auth.member("deviceMac")) {
        (Some(signature), None) => UnverifiedSign1::parse(signature.raw).map_err(|error| match error {
            CoseError::Algorithm => DeviceResponseError::DeviceAlgorithm,
            _ => DeviceResponseError::DeviceAuth,
        }),
        (None, Some(_)) => Err(DeviceResponseError::DeviceMac),
        _ => Err(DeviceResponseError::DeviceAuth),
    }
}
