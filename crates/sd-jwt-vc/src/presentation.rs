//! The presentation of an SD-JWT VC: made by the holder, verified by the verifier (RFC 9901 sections 7.2, 7.3; VP-H1).

use crypto::{PublicKey, Signer};
use primitives::Instant;
use serde_json::Value;
use trust::AnchorStore;

use crate::credential::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc, holder_key};
use crate::error::{KeyBindingError, PresentError, PresentationError};
use crate::key_binding::{self, ExpectedKeyBinding, KeyBinding, VerifiedKeyBinding};
use crate::sd_jwt::VerifiedSdJwt;
use crate::selection::Selection;

impl Selection<'_> {
    /// The presentation `<JWT>~<Disclosure>~…~<KB-JWT>`, bound to verifier and request by the credential's key.
    ///
    /// # Errors
    /// [`PresentError::NotBound`] if the credential names no key, [`PresentError::WrongKey`] if the signer's key is not
    /// that key, [`PresentError::TooManyTransactions`] or [`PresentError::Signer`].
    pub fn with_key_binding(
        &self,
        binding: &KeyBinding<'_>,
        signer: &dyn Signer,
    ) -> Result<String, PresentError> {
        let cnf = self.sd_jwt().claims().get("cnf").ok_or(PresentError::NotBound)?;
        let key = holder_key(cnf).map_err(|_| PresentError::NotBound)?;
        if signer.public_key() != key {
            return Err(PresentError::WrongKey);
        }
        let mut presented = self.text();
        let jwt = key_binding::sign(&presented, binding, signer)?;
        presented.push_str(&jwt);
        Ok(presented)
    }

    /// The presentation `<JWT>~<Disclosure>~…~` of a credential that is bound to no key (SV-14).
    ///
    /// # Errors
    /// [`PresentError::Bound`] if the credential is bound to a key: it is presented with its key, even where the verifier
    /// does not ask for the proof.
    pub fn without_key_binding(&self) -> Result<String, PresentError> {
        match self.sd_jwt().claims().get("cnf") {
            None => Ok(self.text()),
            Some(_) => Err(PresentError::Bound),
        }
    }
}

/// A presentation that a verifier accepts. Made by [`verify_presentation`] only.
///
/// It holds a citizen's claims: there is no `Debug` and no `Serialize`.
#[derive(Clone)]
pub struct VerifiedPresentation {
    credential: VerifiedSdJwtVc,
    key_binding: Option<VerifiedKeyBinding>,
}

impl VerifiedPresentation {
    /// The credential with what was disclosed of it: claims, type, issuer, validity, status reference.
    #[must_use]
    pub fn credential(&self) -> &VerifiedSdJwtVc {
        &self.credential
    }

    /// The claims that were disclosed and those that always are.
    #[must_use]
    pub fn claims(&self) -> &Value {
        self.credential.claims()
    }

    /// The proof of possession of the holder's key; `None` only where it was not required and did not come.
    #[must_use]
    pub fn key_binding(&self) -> Option<&VerifiedKeyBinding> {
        self.key_binding.as_ref()
    }
}

/// Verifies a presentation: the credential as [`UnverifiedSdJwtVc::verify`] does, and the holder's proof for this request
/// (SJ-24 to SJ-31). Status is not looked up here; the reference is in the credential.
///
/// # Errors
/// See [`PresentationError`].
pub fn verify_presentation(
    text: &str,
    expected: &ExpectedKeyBinding<'_>,
    anchors: &AnchorStore<trust::Issuer>,
    now: Instant,
    policy: &VcPolicy,
) -> Result<VerifiedPresentation, PresentationError> {
    let credential = UnverifiedSdJwtVc::of_presentation(text)?.verify(anchors, now, policy)?;
    check_audience(credential.claims(), expected.audience)?;
    let key_binding = check_key_binding(credential.sd_jwt(), credential.holder_key(), expected, now)?;
    Ok(VerifiedPresentation { credential, key_binding })
}

/// SJ-17: a credential with an `aud` is for those alone.
fn check_audience(claims: &Value, audience: &str) -> Result<(), PresentationError> {
    let named = match claims.get("aud") {
        None => true,
        Some(Value::Array(audiences)) => audiences.iter().any(|one| one.as_str() == Some(audience)),
        Some(one) => one.as_str() == Some(audience),
    };
    if named { Ok(()) } else { Err(PresentationError::CredentialAudience) }
}

/// Checks the holder's proof of any verified SD-JWT, its key being the `jwk` in `cnf` (SJ-24 to SJ-31).
/// Credentials go through [`verify_presentation`].
///
/// # Errors
/// See [`KeyBindingError`].
pub fn verify_key_binding(
    sd_jwt: &VerifiedSdJwt,
    expected: &ExpectedKeyBinding<'_>,
    now: Instant,
) -> Result<Option<VerifiedKeyBinding>, KeyBindingError> {
    let key = sd_jwt.claims().get("cnf").and_then(|cnf| holder_key(cnf).ok());
    check_key_binding(sd_jwt, key.as_ref(), expected, now)
}

/// SJ-30, SJ-31: what the verifier requires decides, not what came; what came is checked in any case.
fn check_key_binding(
    sd_jwt: &VerifiedSdJwt,
    holder_key: Option<&PublicKey>,
    expected: &ExpectedKeyBinding<'_>,
    now: Instant,
) -> Result<Option<VerifiedKeyBinding>, KeyBindingError> {
    let Some(jwt) = sd_jwt.key_binding() else {
        // Transactions are agreed to with the key, or not at all.
        let missing = expected.required || !expected.transaction_data.strings.is_empty();
        return if missing { Err(KeyBindingError::Missing) } else { Ok(None) };
    };
    let holder_key = holder_key.ok_or(KeyBindingError::NoHolderKey)?;
    key_binding::check(jwt, &sd_jwt.text(), holder_key, expected, now).map(Some)
}
