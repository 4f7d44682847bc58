//! Who signed a request object: the key that its client identifier stands for, prefix by prefix (OpenID4VP 1.0 section 5.9; VP-C1 to VP-C8,
//! HA-6).

use crypto::PublicKey;
use crypto::jws::{JwsError, UnverifiedJws, VerifiedJws};
use primitives::Instant;
use trust::{AnchorStore, CertificateChain, ChainPolicy, Registrar, VerifiedChain, Verifier, verify_chain};

use super::did::{Did, DidDocument};
use super::error::{KeySource, RequestError, UnsupportedPrefix};
use super::invocation::{Policy, REQUEST_OBJECT_TYPE, Unauthenticated};
use super::known::{KnownVerifiers, chosen};
use super::request::{Authentication, Client};
use super::{attestation, known};
use crate::client::{ClientId, ClientIdPrefix};

/// Whom the profile trusts to ask.
#[derive(Clone, Copy)]
pub struct RequestTrust<'a> {
    /// The anchors for verifiers.
    pub verifiers: &'a AnchorStore<Verifier>,
    /// The anchors for those who register verifiers.
    pub registrars: &'a AnchorStore<Registrar>,
    /// Those whom the profile knows by name.
    pub known: &'a KnownVerifiers,
}

impl<'a> RequestTrust<'a> {
    /// These anchors, and nobody known by name.
    #[must_use]
    pub fn new(verifiers: &'a AnchorStore<Verifier>, registrars: &'a AnchorStore<Registrar>) -> Self {
        Self { verifiers, registrars, known: &known::NOBODY }
    }

    /// The same with those whom the profile knows by name.
    #[must_use]
    pub fn with_known(self, known: &'a KnownVerifiers) -> Self {
        Self { known, ..self }
    }
}

/// Gives the error for a client of a kind that this wallet never answers, or that nobody registered.
pub(crate) fn refused_client(id: &ClientId, known: &KnownVerifiers) -> Option<RequestError> {
    match id.prefix() {
        ClientIdPrefix::X509SanDns(_)
        | ClientIdPrefix::X509Hash(_)
        | ClientIdPrefix::RedirectUri(_)
        | ClientIdPrefix::DecentralizedIdentifier(_)
        | ClientIdPrefix::VerifierAttestation(_) => None,
        ClientIdPrefix::OpenIdFederation => {
            Some(RequestError::PrefixUnsupported(UnsupportedPrefix::OpenIdFederation))
        }
        ClientIdPrefix::Origin => Some(RequestError::PrefixOrigin),
        // Section 5.9.2: what is no prefix may be a client that was registered as a whole.
        ClientIdPrefix::PreRegistered | ClientIdPrefix::Unknown => {
            known.client(id).is_none().then_some(RequestError::PrefixUnknown)
        }
    }
}

/// Verifies the signature of a request object, whatever way it came, with the key that its client identifier stands for. `documents`
/// are those that were fetched for `did:web`.
pub(crate) fn verify_signature(
    jws: &UnverifiedJws,
    id: &ClientId,
    documents: &[DidDocument],
    trust: &RequestTrust<'_>,
    policy: &Policy,
    now: Instant,
) -> Result<(VerifiedJws, Client), RequestError> {
    if let Some(error) = refused_client(id, trust.known) {
        return Err(error);
    }
    let (verified, authentication) = match id.prefix() {
        ClientIdPrefix::X509Hash(_) | ClientIdPrefix::X509SanDns(_) => {
            let chain = certified(jws, &id.prefix(), trust, now)?;
            let verified = verified_by(jws, chain.leaf_key(), RequestError::Signature)?;
            (verified, Authentication::Certificate(chain))
        }
        ClientIdPrefix::DecentralizedIdentifier(did) => {
            let name = may_ask(&did, trust.known, policy)?;
            let own = match Did::parse(&did)? {
                Did::Own(own) => Some(own),
                Did::Web(_) => None,
            };
            let fetched = documents.iter().find_map(|document| document.of(&did));
            let document = own.as_ref().or(fetched).ok_or(RequestError::DidDocument)?;
            let key = jws.header().kid().and_then(|kid| document.key(kid)).ok_or(RequestError::DidKey)?;
            let verified = verified_by(jws, key, RequestError::SignatureOf(KeySource::Did))?;
            (verified, Authentication::Did { name })
        }
        ClientIdPrefix::VerifierAttestation(subject) => {
            let attestation = attestation::verify(jws, &subject, trust.known, now)?;
            let by = RequestError::SignatureOf(KeySource::Attestation);
            let verified = verified_by(jws, &attestation.key, by)?;
            let redirect_uris = attestation.redirect_uris;
            (verified, Authentication::Attestation { subject, redirect_uris })
        }
        ClientIdPrefix::RedirectUri(_) => return Err(RequestError::SignatureExcluded),
        _ => {
            let client = trust.known.client(id).ok_or(RequestError::PrefixUnknown)?;
            if !client.signs() {
                return Err(RequestError::SignatureExcluded);
            }
            let by = RequestError::SignatureOf(KeySource::Registered);
            let key = chosen(&client.request_keys, jws.header().kid()).ok_or(by)?;
            (
                verified_by(jws, key, by)?,
                Authentication::Registered { name: client.name.clone(), signed: true },
            )
        }
    };
    Ok((verified, Client { id: id.clone(), authentication }))
}

/// The name of a DID that the profile knows. One that it does not know may ask only where the profile lets anybody ask.
pub(crate) fn may_ask(
    did: &str,
    known: &KnownVerifiers,
    policy: &Policy,
) -> Result<Option<primitives::LocalizedText>, RequestError> {
    match (known.did(did), policy.unauthenticated) {
        (Some(known), _) => Ok(Some(known.name.clone())),
        (None, Unauthenticated::Warn) => Ok(None),
        (None, Unauthenticated::Refuse) => Err(RequestError::DidUnknown),
    }
}

fn verified_by(
    jws: &UnverifiedJws,
    key: &PublicKey,
    otherwise: RequestError,
) -> Result<VerifiedJws, RequestError> {
    jws.verify(key, REQUEST_OBJECT_TYPE).map_err(|error| match error {
        JwsError::Type => RequestError::RequestObjectType,
        _ => otherwise,
    })
}

fn certified(
    jws: &UnverifiedJws,
    prefix: &ClientIdPrefix,
    trust: &RequestTrust<'_>,
    now: Instant,
) -> Result<VerifiedChain<Verifier>, RequestError> {
    if jws.header().x5c().is_empty() {
        return Err(RequestError::Certificate);
    }
    let chain = CertificateChain::from_der(jws.header().x5c()).map_err(|_| RequestError::Certificate)?;
    let chain = verify_chain(&chain, trust.verifiers, now, &ChainPolicy::role_only())?;
    match prefix {
        ClientIdPrefix::X509Hash(hash) if !chain.is_x509_hash(hash) => Err(RequestError::CertificateHash),
        ClientIdPrefix::X509SanDns(name) if !chain.is_x509_san_dns(name) => {
            Err(RequestError::CertificateName)
        }
        _ => Ok(chain),
    }
}
