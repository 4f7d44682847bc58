//! What the wallet holds, as the solver needs to see it.

use primitives::ClaimPath;
use serde_json::Value;

/// The format of a credential together with its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialType<'a> {
    /// `dc+sd-jwt`.
    SdJwtVc {
        /// The `vct` claim.
        vct: &'a str,
    },
    /// `mso_mdoc`.
    Mdoc {
        /// The doctype of the mobile security object.
        doctype: &'a str,
    },
}

/// One credential that could be presented. It has no `Debug`, because it shows the claims.
///
/// The wallet gives one holding for each paper (or for each copy, if it wants them told apart); claims are borrowed, so that ten
/// thousand holdings cost no copy of anything.
#[derive(Clone, Copy)]
pub struct Holding<'a> {
    /// The wallet's own name for it; unique among the holdings of one call.
    pub id: &'a str,
    /// Format and type.
    pub credential_type: CredentialType<'a>,
    /// All claims, disclosed and disclosable: the processed payload of an SD-JWT VC; for an mdoc an object of namespaces, each an
    /// object of elements in JSON (VP-D4).
    pub claims: &'a Value,
    /// The `keyIdentifier`s of the AuthorityKeyIdentifier extensions in the credential's certificate chain (VP-D9).
    pub authority_key_identifiers: &'a [Vec<u8>],
    /// Whether the wallet holds the key that the credential is bound to.
    pub holder_binding: bool,
    /// The claims that go out with every presentation because they are not selectively disclosable, as far as a person should be
    /// told of them; empty for an mdoc.
    pub always_disclosed: &'a [ClaimPath],
}
