//! Chains of certificates as sent: leaf first, the anchor left out. RFC 7515 4.1.6 (`x5c`), RFC 9360 section 2 (`x5chain`).

use primitives::{Blame, Left, Refusal};

use super::{Certificate, CertificateError};

/// The most certificates in one chain, leaf included (PK-1).
pub const MAX_CHAIN_CERTIFICATES: usize = 6;

/// Why a list of certificates is not a chain that this product reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainParseError {
    /// No certificate at all.
    #[error("the certificate chain is empty")]
    Empty,
    /// More than [`MAX_CHAIN_CERTIFICATES`].
    #[error("the certificate chain is longer than {MAX_CHAIN_CERTIFICATES} certificates")]
    TooMany,
    /// An element of `x5c` is not base64, or `x5chain` is neither a byte string nor an array of them.
    #[error("the certificate chain is not encoded as it should be")]
    Encoding,
    /// One of the certificates cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl Refusal for ChainParseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "certificate_chain_empty",
            Self::TooMany => "certificate_chain_too_long",
            Self::Encoding => "certificate_chain_malformed",
            Self::Certificate(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Certificate(error) => error.rule(),
            _ => "PK-1",
        }
    }
    fn blame(&self) -> Blame {
        Blame::Issuer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// One to [`MAX_CHAIN_CERTIFICATES`] certificates, leaf first. Parsed, not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateChain {
    leaf: Certificate,
    above: Vec<Certificate>,
}

impl CertificateChain {
    /// A chain of already parsed certificates, leaf first.
    ///
    /// # Errors
    /// [`ChainParseError::Empty`], [`ChainParseError::TooMany`].
    pub fn new(certificates: Vec<Certificate>) -> Result<Self, ChainParseError> {
        if certificates.len() > MAX_CHAIN_CERTIFICATES {
            return Err(ChainParseError::TooMany);
        }
        let mut certificates = certificates.into_iter();
        let leaf = certificates.next().ok_or(ChainParseError::Empty)?;
        Ok(Self { leaf, above: certificates.collect() })
    }

    /// Reads DER certificates, leaf first: what `crypto`'s JWS header gives of `x5c`.
    ///
    /// # Errors
    /// [`ChainParseError`]; the number is checked before anything is parsed.
    pub fn from_der<B: AsRef<[u8]>>(certificates: &[B]) -> Result<Self, ChainParseError> {
        if certificates.len() > MAX_CHAIN_CERTIFICATES {
            return Err(ChainParseError::TooMany);
        }
        let parsed: Result<Vec<_>, _> =
            certificates.iter().map(|bytes| Certificate::from_der(bytes.as_ref())).collect();
        Self::new(parsed?)
    }

    /// Reads the value of a JOSE `x5c` header: base64 (with padding) of DER, leaf first (RFC 7515 4.1.6).
    ///
    /// # Errors
    /// [`ChainParseError`].
    pub fn from_x5c<S: AsRef<str>>(values: &[S]) -> Result<Self, ChainParseError> {
        if values.len() > MAX_CHAIN_CERTIFICATES {
            return Err(ChainParseError::TooMany);
        }
        let decoded: Result<Vec<_>, _> = values
            .iter()
            .map(|value| match value.as_ref() {
                long if long.len() > super::MAX_CERTIFICATE_BYTES / 3 * 4 + 4 => {
                    Err(ChainParseError::Certificate(CertificateError::TooLong))
                }
                value => primitives::base64url::decode_standard(value).map_err(|_| ChainParseError::Encoding),
            })
            .collect();
        Self::from_der(&decoded?)
    }

    /// Reads the value of a COSE `x5chain` header: one byte string, or an array of two or more (RFC 9360 section 2).
    ///
    /// # Errors
    /// [`ChainParseError`].
    pub fn from_x5chain(value: &crypto::cbor::Value) -> Result<Self, ChainParseError> {
        match value {
            crypto::cbor::Value::Bytes(leaf) => Self::from_der(&[leaf]),
            crypto::cbor::Value::Array(values) => {
                if values.len() > MAX_CHAIN_CERTIFICATES {
                    return Err(ChainParseError::TooMany);
                }
                let bytes: Option<Vec<&Vec<u8>>> = values.iter().map(crypto::cbor::Value::as_bytes).collect();
                Self::from_der(&bytes.ok_or(ChainParseError::Encoding)?)
            }
            _ => Err(ChainParseError::Encoding),
        }
    }

    /// The certificate whose key signs.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The certificates above the leaf, each certifying the one before.
    #[must_use]
    pub fn above(&self) -> &[Certificate] {
        &self.above
    }

    /// All certificates, leaf first.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.leaf).chain(&self.above)
    }

    /// The DER of all certificates, leaf first: what `crypto`'s JWS signing takes as `x5c`.
    #[must_use]
    pub fn to_der(&self) -> Vec<Vec<u8>> {
        self.iter().map(|certificate| certificate.der().to_vec()).collect()
    }

    /// The value for a JOSE `x5c` header.
    #[must_use]
    pub fn to_x5c(&self) -> Vec<String> {
        self.iter().map(|certificate| primitives::base64url::encode_standard(certificate.der())).collect()
    }

    /// The value for a COSE `x5chain` header.
    #[must_use]
    pub fn to_x5chain(&self) -> crypto::cbor::Value {
        if self.above.is_empty() {
            return crypto::cbor::Value::Bytes(self.leaf.der().to_vec());
        }
        crypto::cbor::Value::Array(
            self.iter().map(|one| crypto::cbor::Value::Bytes(one.der().to_vec())).collect(),
        )
    }

    /// The key identifiers that DCQL's `aki` is compared with: the `authorityKeyIdentifier` of each certificate (VP-D9).
    #[must_use]
    pub fn authority_key_ids(&self) -> Vec<Vec<u8>> {
        self.iter().filter_map(|certificate| certificate.authority_key_id().map(<[u8]>::to_vec)).collect()
    }
}
