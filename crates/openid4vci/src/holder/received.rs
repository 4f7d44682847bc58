//! From the credentials of a response to verified copies: all of them, or none.
//!
//! Clauses: OpenID4VCI 1.0 sections 8.3, 11.1, A.2.4 and A.3.4; CI-20, CI-23; "How a wallet must behave", 9 and 12.

use crypto::PublicKey;
use mdoc::{IssuerSigned, VerifiedMdoc};
use primitives::NonEmpty;
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde::{Deserialize, Serialize};
use trust::CredentialType;

use super::{Context, NotificationTicket, PaperRefused, PaperRequest, StoredNotificationTicket};

/// A holder key as it is needed to recognise its copy: reference and public half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExpectedKey {
    pub(super) reference: String,
    pub(super) jwk: crypto::PublicJwk,
}

/// What a paper must be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ExpectedPaper {
    pub(super) configuration_id: String,
    pub(super) credential_identifier: Option<String>,
    pub(super) credential_type: CredentialType,
    pub(super) keys: Vec<ExpectedKey>,
}

/// A credential that verified to an issuer anchor.
#[derive(Clone)]
pub enum VerifiedCredential {
    /// An SD-JWT VC.
    SdJwtVc(Box<VerifiedSdJwtVc>),
    /// An mdoc.
    Mdoc(Box<VerifiedMdoc>),
}

impl VerifiedCredential {
    /// The issuer's chain.
    #[must_use]
    pub fn issuer(&self) -> &trust::VerifiedChain<trust::Issuer> {
        match self {
            Self::SdJwtVc(credential) => credential.issuer(),
            Self::Mdoc(credential) => credential.issuer(),
        }
    }

    /// Where its status is told, if anywhere.
    #[must_use]
    pub fn status(&self) -> Option<&trust::status::StatusReference> {
        match self {
            Self::SdJwtVc(credential) => credential.status(),
            Self::Mdoc(credential) => credential.status(),
        }
    }
}

/// One verified copy and the key that it is bound to.
#[derive(Clone)]
pub struct ReceivedCopy {
    credential: VerifiedCredential,
    key: Option<(String, PublicKey)>,
    text: String,
}

impl ReceivedCopy {
    /// The credential.
    #[must_use]
    pub fn credential(&self) -> &VerifiedCredential {
        &self.credential
    }

    /// The wallet's reference to the holder key; `None` if the copy is bound to no key.
    #[must_use]
    pub fn key_reference(&self) -> Option<&str> {
        self.key.as_ref().map(|(reference, _)| reference.as_str())
    }

    /// The holder key; `None` if the copy is bound to no key.
    #[must_use]
    pub fn holder_key(&self) -> Option<&PublicKey> {
        self.key.as_ref().map(|(_, key)| key)
    }

    /// The credential as it came: the SD-JWT, or the base64url of the `IssuerSigned` (CI-20: never encoded anew).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The copies of one paper, all verified.
#[derive(Clone)]
pub struct ReceivedCopies {
    /// The paper that was asked for.
    pub paper: PaperRequest,
    /// Its type.
    pub credential_type: CredentialType,
    /// The copies: at least one, at most as many as there were keys.
    pub copies: NonEmpty<ReceivedCopy>,
    /// The holder keys for which no copy came.
    pub unused_key_references: Vec<String>,
    /// With which the issuer is told that the paper was stored, or was not.
    pub notification: Option<NotificationTicket>,
}

impl std::fmt::Debug for ReceivedCopies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceivedCopies")
            .field("paper", &self.paper)
            .field("copies", &self.copies.as_slice().len())
            .finish_non_exhaustive()
    }
}

/// What came for a paper, as it is written into the vault until it is stored: not verified, whatever it was when it came.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredArrival {
    pub(super) credentials: Vec<String>,
    pub(super) notification: Option<StoredNotificationTicket>,
}

impl ReceivedCopies {
    /// What came, to be kept until it is stored: an issuer gives a deferred paper once (section 9.1).
    #[must_use]
    pub fn to_stored(&self) -> StoredArrival {
        StoredArrival {
            credentials: self.copies.iter().map(|copy| copy.text.clone()).collect(),
            notification: self.notification.as_ref().map(NotificationTicket::to_stored),
        }
    }
}

impl ExpectedPaper {
    /// Verifies every credential and gives each to its key; one that fails refuses the paper.
    pub(super) fn verify(
        &self,
        credentials: Vec<String>,
        notification: Option<NotificationTicket>,
        context: &Context<'_>,
    ) -> Result<ReceivedCopies, PaperRefused> {
        if credentials.is_empty() {
            return Err(PaperRefused::Empty);
        }
        // one without keys: copies that are bound to none are all the same
        if credentials.len() > self.keys.len().max(1) {
            return Err(PaperRefused::TooMany);
        }
        let mut free: Vec<&ExpectedKey> = self.keys.iter().collect();
        let mut copies = Vec::with_capacity(credentials.len());
        for text in credentials {
            let (credential, holder_key) = self.verify_one(&text, context)?;
            let Some(holder_key) = holder_key else {
                if !self.keys.is_empty() {
                    return Err(PaperRefused::ForeignKey);
                }
                copies.push(ReceivedCopy { credential, key: None, text });
                continue;
            };
            // in any order (CI-20); a key serves one copy only
            let at = free.iter().position(|key| *key.jwk.key() == holder_key);
            let Some(at) = at else {
                let known = self.keys.iter().any(|key| *key.jwk.key() == holder_key);
                return Err(if known { PaperRefused::KeyTwice } else { PaperRefused::ForeignKey });
            };
            let key = Some((free.remove(at).reference.clone(), holder_key));
            copies.push(ReceivedCopy { credential, key, text });
        }
        Ok(ReceivedCopies {
            paper: PaperRequest {
                configuration_id: self.configuration_id.clone(),
                credential_identifier: self.credential_identifier.clone(),
            },
            credential_type: self.credential_type.clone(),
            copies: NonEmpty::new(copies).map_err(|_| PaperRefused::Empty)?,
            unused_key_references: free.into_iter().map(|key| key.reference.clone()).collect(),
            notification,
        })
    }

    fn verify_one(
        &self,
        text: &str,
        context: &Context<'_>,
    ) -> Result<(VerifiedCredential, Option<PublicKey>), PaperRefused> {
        match &self.credential_type {
            CredentialType::SdJwtVc { vct } => {
                // bound where keys were given; what comes bound without that is to a foreign key
                let policy = VcPolicy { require_holder_key: !self.keys.is_empty(), ..VcPolicy::default() };
                let credential = UnverifiedSdJwtVc::parse(text).map_err(PaperRefused::SdJwtMalformed)?;
                let credential =
                    credential.verify(context.issuers, context.now, &policy).map_err(PaperRefused::SdJwt)?;
                if credential.vct() != vct {
                    return Err(PaperRefused::OtherType);
                }
                let key = credential.holder_key().copied();
                Ok((VerifiedCredential::SdJwtVc(Box::new(credential)), key))
            }
            CredentialType::Mdoc { doctype } => {
                let credential =
                    IssuerSigned::parse_base64url(text).map_err(|error| PaperRefused::Mdoc(error.into()))?;
                let credential = credential
                    .verify(doctype, context.issuers, context.now)
                    .map_err(|error| PaperRefused::Mdoc(error.into()))?;
                if credential.doc_type() != doctype {
                    return Err(PaperRefused::OtherType);
                }
                let key = *credential.device_key();
                Ok((VerifiedCredential::Mdoc(Box::new(credential)), Some(key)))
            }
        }
    }
}
