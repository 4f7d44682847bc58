//! The SD-JWT itself: the compact form and the verification of RFC 9901 sections 4 and 7.1, whatever the credential.

use std::collections::HashMap;

use crypto::PublicKey;
use crypto::jws::{JwsError, UnverifiedJws};
use primitives::{Instant, PathElement};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::CLOCK_SKEW_SECONDS;
use crate::disclosure::Disclosure;
use crate::error::{ParseError, SdJwtError};
use crate::limits::{MAX_BYTES, MAX_DISCLOSURES, MAX_KEY_BINDING_BYTES};
use crate::process::{Place, Placement, Processed, process};

/// An SD-JWT or SD-JWT+KB that has been read and not yet believed.
#[derive(Clone)]
pub struct UnverifiedSdJwt {
    /// The issuer-signed JWT as received: it is presented as it came (SJ-32).
    issuer_signed_text: String,
    issuer_signed: UnverifiedJws,
    disclosures: Vec<Disclosure>,
    key_binding: Option<UnverifiedJws>,
}

impl UnverifiedSdJwt {
    /// Reads the compact form, with or without a key binding JWT (SJ-1, SJ-3).
    ///
    /// # Errors
    /// See [`ParseError`]; never [`ParseError::KeyBindingUnexpected`].
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::TooLarge);
        }
        let (issuer_signed, rest) = text.split_once('~').ok_or(ParseError::Form)?;
        let (disclosures, key_binding) = match rest.rsplit_once('~') {
            Some((disclosures, key_binding)) => (Some(disclosures), key_binding),
            None => (None, rest),
        };
        let mut parsed = Vec::new();
        for disclosure in disclosures.into_iter().flat_map(|disclosures| disclosures.split('~')) {
            if disclosure.is_empty() {
                return Err(ParseError::Form);
            }
            if parsed.len() >= MAX_DISCLOSURES {
                return Err(ParseError::TooManyDisclosures);
            }
            parsed.push(Disclosure::parse(disclosure)?);
        }
        let key_binding = match key_binding {
            "" => None,
            text if text.len() > MAX_KEY_BINDING_BYTES => return Err(ParseError::KeyBindingJwt),
            text => Some(UnverifiedJws::parse(text).map_err(|_| ParseError::KeyBindingJwt)?),
        };
        Ok(Self {
            issuer_signed: UnverifiedJws::parse(issuer_signed).map_err(|_| ParseError::Jwt)?,
            issuer_signed_text: issuer_signed.to_owned(),
            disclosures: parsed,
            key_binding,
        })
    }

    /// Reads what an issuer gave: an SD-JWT without a key binding JWT (SJ-2).
    ///
    /// # Errors
    /// See [`ParseError`].
    pub fn parse_issued(text: &str) -> Result<Self, ParseError> {
        let parsed = Self::parse(text)?;
        match parsed.key_binding {
            None => Ok(parsed),
            Some(_) => Err(ParseError::KeyBindingUnexpected),
        }
    }

    pub(crate) fn issuer_signed(&self) -> &UnverifiedJws {
        &self.issuer_signed
    }

    /// Verifies the token's type (one of `types`), signature, disclosures and times (SJ-3 to SJ-17). That the key is the
    /// issuer's is the caller's to know: credentials go through [`crate::UnverifiedSdJwtVc::verify`].
    ///
    /// # Errors
    /// See [`SdJwtError`].
    pub fn verify(
        self,
        issuer_key: &PublicKey,
        types: &[&str],
        now: Instant,
    ) -> Result<VerifiedSdJwt, SdJwtError> {
        let payload = self.issuer_signed.verify_one_of(issuer_key, types).map_err(|error| match error {
            JwsError::Type => SdJwtError::Typ,
            _ => SdJwtError::Signature,
        })?;
        let payload = payload.claims().map_err(|_| SdJwtError::Payload)?;
        let Processed { claims, placements } = process(&payload, &self.disclosures)?;
        let validity = Validity::of(&claims)?;
        validity.check(now)?;
        let by_place =
            placements.iter().enumerate().map(|(index, placement)| (placement.path.clone(), index)).collect();
        Ok(VerifiedSdJwt {
            issuer_signed: self.issuer_signed_text,
            disclosures: self.disclosures,
            key_binding: self.key_binding,
            claims: Value::Object(claims),
            placements,
            by_place,
            validity,
        })
    }
}

/// An SD-JWT whose signature, disclosures and times hold. Made by [`UnverifiedSdJwt::verify`] only.
///
/// It holds the citizen's claims: there is no `Debug` and no `Serialize`.
#[derive(Clone)]
pub struct VerifiedSdJwt {
    issuer_signed: String,
    disclosures: Vec<Disclosure>,
    key_binding: Option<UnverifiedJws>,
    claims: Value,
    placements: Vec<Placement>,
    by_place: HashMap<Place, usize>,
    validity: Validity,
}

impl VerifiedSdJwt {
    /// The processed payload, an object: all that was disclosed, without digests (SJ-16).
    #[must_use]
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// The disclosures, in the order received.
    #[must_use]
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// The times that bound the credential.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    pub(crate) fn placements(&self) -> &[Placement] {
        &self.placements
    }

    /// The disclosure whose claim stands at exactly this place.
    pub(crate) fn disclosure_at(&self, place: &[PathElement]) -> Option<usize> {
        self.by_place.get(place).copied()
    }

    pub(crate) fn key_binding(&self) -> Option<&UnverifiedJws> {
        self.key_binding.as_ref()
    }

    /// `<JWT>~<Disclosure>~…~` with the disclosures of these indexes, in the order received, as received (SJ-22, SJ-32).
    pub(crate) fn text_with(&self, wanted: impl Fn(usize) -> bool) -> String {
        let mut text = self.issuer_signed.clone();
        text.push('~');
        for (index, disclosure) in self.disclosures.iter().enumerate() {
            if wanted(index) {
                text.push_str(disclosure.encoded());
                text.push('~');
            }
        }
        text
    }

    /// The SD-JWT as it was received, without a key binding JWT: what a wallet stores.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_with(|_| true)
    }
}

/// The times of a credential, each as its issuer wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// `nbf`: not valid before.
    pub not_before: Option<Instant>,
    /// `exp`: not valid at this time and later.
    pub expires: Option<Instant>,
    /// `iat`, where it is disclosed.
    pub issued_at: Option<Instant>,
}

impl Validity {
    fn of(claims: &Map<String, Value>) -> Result<Self, SdJwtError> {
        Ok(Self {
            not_before: time(claims, "nbf")?,
            expires: time(claims, "exp")?,
            issued_at: time(claims, "iat")?,
        })
    }

    /// Whether the credential is valid at `now`, with a skew of [`CLOCK_SKEW_SECONDS`] (SJ-17, SV-12).
    ///
    /// # Errors
    /// [`SdJwtError::Expired`], [`SdJwtError::NotYetValid`] or [`SdJwtError::IssuedInFuture`].
    pub fn check(&self, now: Instant) -> Result<(), SdJwtError> {
        let latest = now + CLOCK_SKEW_SECONDS;
        if self.expires.is_some_and(|expires| expires + CLOCK_SKEW_SECONDS <= now) {
            Err(SdJwtError::Expired)
        } else if self.not_before.is_some_and(|not_before| not_before > latest) {
            Err(SdJwtError::NotYetValid)
        } else if self.issued_at.is_some_and(|issued_at| issued_at > latest) {
            Err(SdJwtError::IssuedInFuture)
        } else {
            Ok(())
        }
    }
}

fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Instant>, SdJwtError> {
    claims.get(name).map(|value| numeric_date(value).ok_or(SdJwtError::Time)).transpose()
}

/// A NumericDate (RFC 7519 section 2); of a fraction of a second the whole seconds count.
pub(crate) fn numeric_date(value: &Value) -> Option<Instant> {
    Instant::deserialize(value).ok()
}
