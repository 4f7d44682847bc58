//! SD-JWT VC: a credential of a type, by an issuer that may issue it (draft-ietf-oauth-sd-jwt-vc-13; HAIP 1.0 section 6.1).

use crypto::{PublicJwk, PublicKey};
use primitives::{ClaimPath, Instant, PathElement};
use serde_json::Value;
use trust::status::StatusReference;
use trust::{
    AnchorStore, Certificate, CertificateChain, ChainPolicy, CredentialType, VerifiedChain, verify_chain,
};

use crate::error::{ParseError, PresentError, VerifyError};
use crate::sd_jwt::{UnverifiedSdJwt, Validity, VerifiedSdJwt};
use crate::selection::Selection;

/// The `typ` of an SD-JWT VC (SV-1).
pub const TYP: &str = "dc+sd-jwt";

/// The `typ` of an SD-JWT VC until November 2024.
pub const LEGACY_TYP: &str = "vc+sd-jwt";

/// Claims that no disclosure may carry, since the verdict depends on them (SV-3).
pub const NEVER_DISCLOSABLE: [&str; 7] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];

/// What is asked of a credential beyond the specification's musts. The default is HAIP's: draft -13, and no more than it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VcPolicy {
    /// Whether `vc+sd-jwt` is taken for `dc+sd-jwt` (SV-1).
    pub accept_legacy_typ: bool,
    /// What an https `iss` has to do with the certificate (SV-8).
    pub issuer_identifier: IssuerIdentifier,
    /// Whether a credential without `cnf` is refused (SV-10).
    pub require_holder_key: bool,
}

/// What an https `iss` has to do with the issuer's certificate (SV-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IssuerIdentifier {
    /// The certificate's subject is the issuer, whatever `iss` says (drafts from -10 on; -13 section 3.5, which HAIP 1.0 section 6.1.1 takes
    /// as it is). Who it is, and what it may issue, is its anchor's to say (SV-6, SV-7), and nothing else goes by `iss`.
    #[default]
    NotCompared,
    /// The certificate also names the host of `iss` as a `dNSName`: for an ecosystem that keeps to drafts up to -09.
    NamedByCertificate,
}

/// A credential that has been read and not yet believed.
#[derive(Clone)]
pub struct UnverifiedSdJwtVc(UnverifiedSdJwt);

impl UnverifiedSdJwtVc {
    /// Reads a credential as issued, without a key binding JWT.
    ///
    /// # Errors
    /// See [`ParseError`].
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        UnverifiedSdJwt::parse_issued(text).map(Self)
    }

    pub(crate) fn of_presentation(text: &str) -> Result<Self, ParseError> {
        UnverifiedSdJwt::parse(text).map(Self)
    }

    /// Decides whether the credential is to be believed at `now`: type of token, chain to an issuer anchor, signature,
    /// disclosures, times, type and the issuer's entitlement to it, issuer identifier, holder's key, status reference.
    ///
    /// A wallet that opens what it stored passes the time it took the credential in, and asks
    /// [`VerifiedSdJwtVc::validity`] whether it still holds.
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn verify(
        self,
        anchors: &AnchorStore<trust::Issuer>,
        now: Instant,
        policy: &VcPolicy,
    ) -> Result<VerifiedSdJwtVc, VerifyError> {
        let Self(sd_jwt) = self;
        // SV-5
        let x5c = sd_jwt.issuer_signed().header().x5c();
        let chain = CertificateChain::from_der(x5c).map_err(|_| VerifyError::NoCertificates)?;
        // SV-6
        let issuer =
            verify_chain(&chain, anchors, now, &ChainPolicy::role_only()).map_err(VerifyError::Chain)?;
        // SV-1
        let types: &[&str] = if policy.accept_legacy_typ { &[TYP, LEGACY_TYP] } else { &[TYP] };
        let sd_jwt = sd_jwt.verify(issuer.leaf_key(), types, now)?;
        // SV-3
        if sd_jwt.placements().iter().any(|placement| lies_in_the_open(&placement.path)) {
            return Err(VerifyError::DisclosableRegisteredClaim);
        }
        let claims = sd_jwt.claims();
        // SV-2
        let vct = match claims.get("vct") {
            Some(Value::String(vct)) if !vct.is_empty() => vct.clone(),
            _ => return Err(VerifyError::NoType),
        };
        // SV-7
        issuer.may_issue(&CredentialType::sd_jwt_vc(vct.clone())).map_err(|_| VerifyError::NotEntitled)?;
        check_issuer_identifier(claims.get("iss"), issuer.leaf(), policy.issuer_identifier)?;
        let holder_key = claims.get("cnf").map(holder_key).transpose()?;
        // SV-10
        if policy.require_holder_key && holder_key.is_none() {
            return Err(VerifyError::NotBound);
        }
        // SV-11
        let status = claims
            .get("status")
            .map(|status| StatusReference::from_json(status).map_err(|_| VerifyError::Status))
            .transpose()?;
        Ok(VerifiedSdJwtVc { vct, issuer, holder_key, status, sd_jwt })
    }
}

/// Whether the place is one of [`NEVER_DISCLOSABLE`] or within one.
pub(crate) fn lies_in_the_open(place: &[PathElement]) -> bool {
    matches!(place.first(), Some(PathElement::Name(name)) if NEVER_DISCLOSABLE.contains(&name.as_str()))
}

/// SV-8.
fn check_issuer_identifier(
    iss: Option<&Value>,
    certificate: &Certificate,
    rule: IssuerIdentifier,
) -> Result<(), VerifyError> {
    let iss = match iss {
        None => return Ok(()),
        Some(Value::String(iss)) => iss,
        Some(_) => return Err(VerifyError::IssuerUnreadable),
    };
    if rule == IssuerIdentifier::NotCompared {
        return Ok(());
    }
    let url = match url::Url::parse(iss) {
        Ok(url) if url.scheme() == "https" => url,
        Err(_) if iss.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:")) => {
            return Err(VerifyError::IssuerUnreadable);
        }
        Ok(_) | Err(_) => return Ok(()),
    };
    let host_is_named = url.host_str().is_some_and(|host| certificate.names_dns(host));
    if host_is_named { Ok(()) } else { Err(VerifyError::IssuerMismatch) }
}

/// SV-9: a `jwk` on P-256, without a private part.
pub(crate) fn holder_key(cnf: &Value) -> Result<PublicKey, VerifyError> {
    let jwk = cnf.get("jwk").ok_or(VerifyError::HolderKey)?;
    PublicJwk::from_value(jwk).map(|jwk| *jwk.key()).map_err(|_| VerifyError::HolderKey)
}

/// A credential that is believed. Made by [`UnverifiedSdJwtVc::verify`] only.
///
/// It holds the citizen's claims: there is no `Debug` and no `Serialize`.
#[derive(Clone)]
pub struct VerifiedSdJwtVc {
    sd_jwt: VerifiedSdJwt,
    vct: String,
    issuer: VerifiedChain<trust::Issuer>,
    holder_key: Option<PublicKey>,
    status: Option<StatusReference>,
}

impl VerifiedSdJwtVc {
    /// The type.
    #[must_use]
    pub fn vct(&self) -> &str {
        &self.vct
    }

    /// The processed payload, an object: all that was disclosed (to a holder: everything), without digests.
    #[must_use]
    pub fn claims(&self) -> &Value {
        self.sd_jwt.claims()
    }

    /// The issuer: the chain that was verified. Its name is that of the certificate, never `iss`.
    #[must_use]
    pub fn issuer(&self) -> &VerifiedChain<trust::Issuer> {
        &self.issuer
    }

    /// The holder's key from `cnf`, if the credential is bound to one.
    #[must_use]
    pub fn holder_key(&self) -> Option<&PublicKey> {
        self.holder_key.as_ref()
    }

    /// Where the credential's status is told, if anywhere.
    #[must_use]
    pub fn status(&self) -> Option<&StatusReference> {
        self.status.as_ref()
    }

    /// The times that bound the credential.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.sd_jwt.validity()
    }

    /// `vct#integrity`, if the issuer named one (SV-18).
    #[must_use]
    pub fn type_integrity(&self) -> Option<&str> {
        self.claims().get("vct#integrity").and_then(Value::as_str)
    }

    /// The SD-JWT below: disclosures and what they stand for.
    #[must_use]
    pub fn sd_jwt(&self) -> &VerifiedSdJwt {
        &self.sd_jwt
    }

    /// The credential as it was received, without a key binding JWT: what a wallet stores.
    #[must_use]
    pub fn text(&self) -> String {
        self.sd_jwt.text()
    }

    /// Whether a claim at this place can be kept back; see [`VerifiedSdJwt::is_selectively_disclosable`].
    #[must_use]
    pub fn is_selectively_disclosable(&self, place: &ClaimPath) -> bool {
        self.sd_jwt.is_selectively_disclosable(place)
    }

    /// Selects the claims to present; see [`VerifiedSdJwt::select`].
    ///
    /// # Errors
    /// [`PresentError::PathSelectsNothing`].
    pub fn select(&self, paths: &[ClaimPath]) -> Result<Selection<'_>, PresentError> {
        self.sd_jwt.select(paths)
    }
}
