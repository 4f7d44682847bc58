//! The query as it travels (OpenID4VP 1.0 section 6), before any rule was applied.
//!
//! Unknown properties are dropped everywhere (VP-D1). A verifier builds one of these, or JSON, and turns it into a
//! [`Query`](crate::Query); a wallet does the same with what it received. Only the `Query` is believed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A DCQL query (section 6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireQuery {
    /// The Credential Queries.
    pub credentials: Vec<WireCredential>,
    /// Which combinations are asked for; absent means all of `credentials`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_sets: Option<Vec<WireCredentialSet>>,
}

/// A Credential Query (section 6.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireCredential {
    /// The name of this Credential Query in the response.
    pub id: String,
    /// The Credential Format Identifier.
    pub format: String,
    /// Whether several presentations may answer; absent means `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple: Option<bool>,
    /// What the format says about types; required, may be empty.
    pub meta: Map<String, Value>,
    /// The authorities that the verifier accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_authorities: Option<Vec<WireAuthority>>,
    /// Whether a proof of possession is asked for; absent means `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_cryptographic_holder_binding: Option<bool>,
    /// The claims asked for; absent means nothing that is selectively disclosable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<WireClaim>>,
    /// Combinations of claims, the preferred one first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_sets: Option<Vec<Vec<String>>>,
}

/// A Trusted Authorities Query (section 6.1.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireAuthority {
    /// `aki`, `etsi_tl`, `openid_federation` or another word.
    #[serde(rename = "type")]
    pub kind: String,
    /// Names of authorities in the manner of the type.
    pub values: Vec<String>,
}

/// A Claims Query (section 6.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireClaim {
    /// The name of this claim for `claim_sets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The claims path pointer (section 7): strings, nulls and non-negative integers.
    pub path: Vec<Value>,
    /// The values that the claim may have: strings, integers, booleans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
    /// ISO mdoc only: whether the verifier means to keep the element (appendix B.2.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_to_retain: Option<bool>,
}

/// A Credential Set Query (section 6.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireCredentialSet {
    /// Each option is a list of Credential Query identifiers that together suffice.
    pub options: Vec<Vec<String>>,
    /// Whether the set must be satisfied; absent means `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
}
