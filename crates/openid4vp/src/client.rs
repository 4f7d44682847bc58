//! Client identifiers and their prefixes (OpenID4VP 1.0 section 5.9; VP-C1 to VP-C9).

use crate::limits;

/// What the text before the first `:` of a client identifier says, with the rest of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientIdPrefix {
    /// `x509_san_dns:`; the rest is a DNS name (VP-C3).
    X509SanDns(String),
    /// `x509_hash:`; the rest is the base64url SHA-256 of the leaf certificate (VP-C4).
    X509Hash(String),
    /// `redirect_uri:`; the rest is the response URI (VP-C2).
    RedirectUri(String),
    /// `decentralized_identifier:`; the rest is a DID (VP-C5).
    DecentralizedIdentifier(String),
    /// `verifier_attestation:`; the rest is the `sub` of an attestation (VP-C6).
    VerifierAttestation(String),
    /// `openid_federation:` (VP-C7).
    OpenIdFederation,
    /// `origin:`, never accepted (VP-C8).
    Origin,
    /// No `:`: a client registered in advance.
    PreRegistered,
    /// Anything else.
    Unknown,
}

/// A whole client identifier, prefix included. It is used whole everywhere: `aud`, handover, screens (VP-C9).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Takes a text of 1 to [`limits::MAX_CLIENT_ID_BYTES`] bytes.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty() && text.len() <= limits::MAX_CLIENT_ID_BYTES).then_some(Self(text))
    }

    /// The whole identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the identifier is to be understood.
    pub fn prefix(&self) -> ClientIdPrefix {
        let Some((prefix, rest)) = self.0.split_once(':') else {
            return ClientIdPrefix::PreRegistered;
        };
        match prefix {
            "x509_san_dns" => ClientIdPrefix::X509SanDns(rest.to_owned()),
            "x509_hash" => ClientIdPrefix::X509Hash(rest.to_owned()),
            "redirect_uri" => ClientIdPrefix::RedirectUri(rest.to_owned()),
            "decentralized_identifier" => ClientIdPrefix::DecentralizedIdentifier(rest.to_owned()),
            "verifier_attestation" => ClientIdPrefix::VerifierAttestation(rest.to_owned()),
            "openid_federation" => ClientIdPrefix::OpenIdFederation,
            "origin" => ClientIdPrefix::Origin,
            _ => ClientIdPrefix::Unknown,
        }
    }
}

impl std::fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: VP-C1
    #[test]
    fn the_text_before_the_first_colon_decides() {
        let prefix = |text: &str| ClientId::new(text).unwrap().prefix();
        assert_eq!(prefix("example-client"), ClientIdPrefix::PreRegistered);
        assert_eq!(prefix("redirect_uri:https://a/b"), ClientIdPrefix::RedirectUri("https://a/b".to_owned()));
        assert_eq!(prefix("x509_hash:x509_san_dns:a"), ClientIdPrefix::X509Hash("x509_san_dns:a".to_owned()));
        assert_eq!(prefix("https://client.example"), ClientIdPrefix::Unknown);
        assert_eq!(prefix("X509_HASH:a"), ClientIdPrefix::Unknown);
        assert_eq!(prefix(":a"), ClientIdPrefix::Unknown);
        assert_eq!(prefix("origin:https://a"), ClientIdPrefix::Origin);
        let did = ClientIdPrefix::DecentralizedIdentifier("did:web:a".to_owned());
        assert_eq!(prefix("decentralized_identifier:did:web:a"), did);
        assert_eq!(prefix("did:web:a"), ClientIdPrefix::Unknown);
        assert_eq!(ClientId::new(""), None);
        assert_eq!(ClientId::new("a".repeat(limits::MAX_CLIENT_ID_BYTES + 1)), None);
        let longest = "a".repeat(limits::MAX_CLIENT_ID_BYTES);
        assert_eq!(ClientId::new(longest.clone()).unwrap().as_str(), longest);
    }
}
