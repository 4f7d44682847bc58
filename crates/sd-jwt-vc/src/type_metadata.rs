//! Type metadata: what an issuer or a standards body says about a `vct` (SD-JWT VC sections 6 to 9; SV-16 to SV-21).
//!
//! Read and checked here, never fetched: resolution, caching and the chain of `extends` are the caller's. What it says is
//! its publisher's word about presentation and proves nothing about a credential (section 10.7).

use crypto::{sha256, sha384, sha512};
use primitives::ClaimPath;
use primitives::base64url::encode_standard;
use primitives::json::{JsonError, parse_strict};
use serde::Deserialize;

use crate::error::TypeMetadataError;
use crate::limits::{MAX_TYPE_METADATA_BYTES, MAX_TYPE_METADATA_ENTRIES};

/// A type metadata document. Members that are not understood, SVG templates among them, are ignored (SV-16).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TypeMetadata {
    /// The type it describes.
    pub vct: String,
    /// A name for developers.
    #[serde(default)]
    pub name: Option<String>,
    /// A description for developers.
    #[serde(default)]
    pub description: Option<String>,
    /// The type that this one extends (SV-21).
    #[serde(default)]
    pub extends: Option<String>,
    /// Integrity of the metadata of [`Self::extends`].
    #[serde(default, rename = "extends#integrity")]
    pub extends_integrity: Option<String>,
    /// The type in the languages of people.
    #[serde(default)]
    pub display: Vec<TypeDisplay>,
    /// The claims.
    #[serde(default)]
    pub claims: Vec<ClaimMetadata>,
}

/// The type for the speakers of one language (SV-19).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TypeDisplay {
    /// A language tag (RFC 5646). Drafts up to -11 call it `lang`.
    #[serde(alias = "lang")]
    pub locale: String,
    /// The type's name.
    pub name: String,
    /// A description.
    #[serde(default)]
    pub description: Option<String>,
    /// Logo and colours.
    #[serde(default)]
    pub rendering: Option<Rendering>,
}

/// How to draw a credential.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Rendering {
    /// The method `simple`.
    #[serde(default)]
    pub simple: Option<SimpleRendering>,
}

/// Logo, background and colours (section 8.1.1).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SimpleRendering {
    /// The logo.
    #[serde(default)]
    pub logo: Option<Image>,
    /// The background.
    #[serde(default)]
    pub background_image: Option<Image>,
    /// The background's colour, as CSS writes it. To be parsed before it is used anywhere.
    #[serde(default)]
    pub background_color: Option<String>,
    /// The text's colour, as CSS writes it. To be parsed before it is used anywhere.
    #[serde(default)]
    pub text_color: Option<String>,
}

/// An image, by reference or as a data URI.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Image {
    /// Where it is.
    pub uri: String,
    /// Integrity of the image, to be checked with [`integrity_matches`].
    #[serde(default, rename = "uri#integrity")]
    pub integrity: Option<String>,
    /// What it shows, in words.
    #[serde(default)]
    pub alt_text: Option<String>,
}

/// One claim, or the claims that one path names (SV-20).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ClaimMetadata {
    /// The claim.
    pub path: ClaimPath,
    /// The claim in the languages of people.
    #[serde(default)]
    pub display: Vec<ClaimDisplay>,
    /// Whether each credential of the type has it.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether it can be kept back.
    #[serde(default)]
    pub sd: SelectiveDisclosure,
}

/// Whether issuers make a claim selectively disclosable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SelectiveDisclosure {
    /// They must.
    Always,
    /// They may.
    #[default]
    Allowed,
    /// They must not.
    Never,
}

/// A claim for the speakers of one language (SV-19).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ClaimDisplay {
    /// A language tag (RFC 5646). Drafts up to -11 call it `lang`.
    #[serde(alias = "lang")]
    pub locale: String,
    /// The claim's label.
    pub label: String,
    /// A description.
    #[serde(default)]
    pub description: Option<String>,
}

impl TypeMetadata {
    /// Reads the metadata of a credential's type: `vct` as in the credential, and its `vct#integrity` if it has one.
    ///
    /// # Errors
    /// [`TypeMetadataError`] if the document is too large, of another shape, about another type, or not the one the
    /// integrity value stands for.
    pub fn parse(bytes: &[u8], vct: &str, integrity: Option<&str>) -> Result<Self, TypeMetadataError> {
        if bytes.len() > MAX_TYPE_METADATA_BYTES {
            return Err(TypeMetadataError::TooLarge);
        }
        // SV-18
        if integrity.is_some_and(|integrity| !integrity_matches(integrity, bytes)) {
            return Err(TypeMetadataError::Integrity);
        }
        let document = parse_strict(bytes, MAX_TYPE_METADATA_BYTES).map_err(|error| match error {
            JsonError::TooLarge | JsonError::TooDeep => TypeMetadataError::TooLarge,
            _ => TypeMetadataError::Unreadable,
        })?;
        if !document.is_object() {
            return Err(TypeMetadataError::Unreadable);
        }
        let metadata: Self = serde_json::from_value(document).map_err(|_| TypeMetadataError::Unreadable)?;
        let lists = [metadata.display.len(), metadata.claims.len()];
        let of_claims = metadata.claims.iter().map(|claim| claim.display.len());
        if lists.into_iter().chain(of_claims).any(|length| length > MAX_TYPE_METADATA_ENTRIES) {
            return Err(TypeMetadataError::TooLarge);
        }
        // SV-17
        if metadata.vct == vct { Ok(metadata) } else { Err(TypeMetadataError::OtherType) }
    }
}

/// Whether bytes match an integrity value (W3C Subresource Integrity section 3.3.5): of the hashes with the strongest
/// known algorithm one has to match. Without a known algorithm nothing matches: a browser would let it pass (SV-18).
#[must_use]
pub fn integrity_matches(integrity: &str, bytes: &[u8]) -> bool {
    let hashes = |algorithm: &'static str| {
        integrity
            .split_ascii_whitespace()
            .filter_map(move |one| one.strip_prefix(algorithm)?.strip_prefix('-'))
            // Options after a question mark are reserved and ignored.
            .map(|hash| hash.split_once('?').map_or(hash, |(hash, _)| hash))
    };
    let matches = |algorithm, digest: &[u8]| {
        let mut of_algorithm = hashes(algorithm).peekable();
        of_algorithm.peek()?;
        let digest = encode_standard(digest);
        Some(of_algorithm.any(|hash| hash == digest))
    };
    matches("sha512", &sha512(bytes))
        .or_else(|| matches("sha384", &sha384(bytes)))
        .or_else(|| matches("sha256", &sha256(bytes)))
        .unwrap_or(false)
}
