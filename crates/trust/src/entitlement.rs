//! What an issuer may issue: a library cannot issue identity cards (design, "Trust"; PK-18, TL-9).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The type of a credential, by the name its format gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "format")]
pub enum CredentialType {
    /// An SD-JWT VC (`dc+sd-jwt`), by its `vct`.
    #[serde(rename = "dc+sd-jwt")]
    SdJwtVc {
        /// The `vct` claim, compared as a string.
        vct: String,
    },
    /// An mdoc (`mso_mdoc`), by its document type.
    #[serde(rename = "mso_mdoc")]
    Mdoc {
        /// The `docType`, compared as a string.
        doctype: String,
    },
}

impl CredentialType {
    /// The type of an SD-JWT VC.
    #[must_use]
    pub fn sd_jwt_vc(vct: impl Into<String>) -> Self {
        Self::SdJwtVc { vct: vct.into() }
    }

    /// The type of an mdoc.
    #[must_use]
    pub fn mdoc(doctype: impl Into<String>) -> Self {
        Self::Mdoc { doctype: doctype.into() }
    }
}

/// The types an issuer anchor's issuers may issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerEntitlements(Extent);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Extent {
    Types(BTreeSet<CredentialType>),
    Any,
}

impl IssuerEntitlements {
    /// Exactly these types. An empty set entitles to nothing.
    #[must_use]
    pub fn types(types: impl IntoIterator<Item = CredentialType>) -> Self {
        Self(Extent::Types(types.into_iter().collect()))
    }

    /// Any type at all. For the anchors of a developer's own profile only: never for a list received from elsewhere.
    #[must_use]
    pub fn any_for_developer_profile() -> Self {
        Self(Extent::Any)
    }

    /// Whether the type is among them (PK-18).
    #[must_use]
    pub fn allows(&self, wanted: &CredentialType) -> bool {
        match &self.0 {
            Extent::Types(types) => types.contains(wanted),
            Extent::Any => true,
        }
    }

    /// The types, or `None` for "any".
    #[must_use]
    pub fn listed(&self) -> Option<&BTreeSet<CredentialType>> {
        match &self.0 {
            Extent::Types(types) => Some(types),
            Extent::Any => None,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Extent::Types(mut first), Extent::Types(second)) => {
                first.extend(second);
                Self(Extent::Types(first))
            }
            _ => Self(Extent::Any),
        }
    }
}
