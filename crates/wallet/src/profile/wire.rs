//! The profile as it is written in the file, version 1.

use std::num::NonZeroU16;

use crypto::SecretVec;
use openid4vci::holder::SignedMetadata;
use primitives::LocalizedText;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use trust::{AnchorStore, Certificate, CredentialType, IssuerEntitlements, Role, StatusScope, TrustAnchor};
use url::Url;

use super::{
    Anchors, Loopback, MAX_ANCHORS, Marking, ProfileError, TrustListSource, UnauthenticatedVerifiers,
    WalletProviderAccess, clients, known,
};

const VERSION: u32 = 1;
/// How old a status list may be where the profile does not say: a day.
const DEFAULT_STATUS_HOURS: u32 = 24;
/// A year; more is as good as never.
const LONGEST_STATUS_HOURS: u32 = 24 * 366;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Profile {
    version: u32,
    name: LocalizedText,
    marking: MarkingWord,
    #[serde(default)]
    anchors: AnchorLists,
    #[serde(default)]
    trust_list: Option<TrustList>,
    #[serde(default)]
    tls_roots: Vec<String>,
    #[serde(default)]
    system_tls_roots: bool,
    #[serde(default)]
    wallet_provider: Option<Provider>,
    #[serde(default)]
    clients: Vec<clients::Entry>,
    #[serde(default)]
    issuer_metadata: MetadataWord,
    #[serde(default)]
    loopback: Option<LoopbackRule>,
    #[serde(default)]
    redirect_port: Option<NonZeroU16>,
    #[serde(default)]
    known_verifiers: known::Lists,
    unauthenticated_verifiers: UnauthenticatedWord,
    #[serde(default)]
    status_max_age_hours: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum MarkingWord {
    Demo,
    Developer,
    Real,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum UnauthenticatedWord {
    Refuse,
    Warn,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
enum MetadataWord {
    Unsigned,
    #[default]
    Prefer,
    Require,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnchorLists {
    #[serde(default)]
    issuers: Vec<IssuerAnchor>,
    #[serde(default)]
    verifiers: Vec<String>,
    #[serde(default)]
    registrars: Vec<String>,
    #[serde(default)]
    status_signers: Vec<StatusSignerAnchor>,
    #[serde(default)]
    wallet_providers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerAnchor {
    certificate: String,
    /// `vct:…`, `doctype:…`, or the one word `*`.
    types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusSignerAnchor {
    certificate: String,
    /// The issuer anchor for whose papers it speaks.
    issuer: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustList {
    uri: Url,
    signers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Provider {
    Service { attestation: Url, key_attestation: Option<Url> },
    Developer { private_key: String, certificates: Vec<String>, client_id: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LoopbackRule {
    /// Absent: every port.
    #[serde(default)]
    ports: Vec<u16>,
    #[serde(default)]
    plain_http: bool,
}

impl Profile {
    pub(super) fn into_profile(self, hash: [u8; 32]) -> Result<super::Profile, ProfileError> {
        if self.version != VERSION {
            return Err(ProfileError::Version);
        }
        let marking = match self.marking {
            MarkingWord::Demo => Marking::Demo,
            MarkingWord::Developer => Marking::Developer,
            MarkingWord::Real => Marking::Real,
        };
        let anchors = self.anchors.into_anchors(marking)?;
        let trust_list = match self.trust_list {
            None => None,
            Some(TrustList { signers, .. }) if signers.is_empty() => return Err(ProfileError::TrustList),
            Some(TrustList { uri, signers }) => Some(TrustListSource {
                uri: https("trustList.uri", uri)?,
                signers: plain("trustList.signers", &signers)?,
            }),
        };
        if self.tls_roots.len() > MAX_ANCHORS {
            return Err(ProfileError::TooMany("tlsRoots"));
        }
        Ok(super::Profile {
            name: self.name,
            marking,
            anchors,
            trust_list,
            tls_roots: self.tls_roots.iter().map(|root| der("tlsRoots", root)).collect::<Result<_, _>>()?,
            system_tls_roots: self.system_tls_roots,
            wallet_provider: self.wallet_provider.map(Provider::into_access).transpose()?,
            clients: clients::clients(self.clients)?,
            issuer_metadata: match self.issuer_metadata {
                MetadataWord::Unsigned => SignedMetadata::Ignore,
                MetadataWord::Prefer => SignedMetadata::Prefer,
                MetadataWord::Require => SignedMetadata::Require,
            },
            loopback: self.loopback.map_or(Loopback::Refused, |rule| Loopback::Allowed {
                ports: rule.ports,
                plain_http: rule.plain_http,
            }),
            redirect_port: self.redirect_port,
            known_verifiers: self.known_verifiers.into_known()?,
            unauthenticated_verifiers: match self.unauthenticated_verifiers {
                UnauthenticatedWord::Refuse => UnauthenticatedVerifiers::Refuse,
                UnauthenticatedWord::Warn => UnauthenticatedVerifiers::Warn,
            },
            status_max_age: i64::from(
                self.status_max_age_hours.unwrap_or(DEFAULT_STATUS_HOURS).min(LONGEST_STATUS_HOURS),
            ) * 3600,
            hash,
        })
    }
}

impl AnchorLists {
    fn into_anchors(self, marking: Marking) -> Result<Anchors, ProfileError> {
        if self.issuers.len() > MAX_ANCHORS {
            return Err(ProfileError::TooMany("anchors.issuers"));
        }
        if self.status_signers.len() > MAX_ANCHORS {
            return Err(ProfileError::TooMany("anchors.statusSigners"));
        }
        Ok(Anchors {
            issuers: self
                .issuers
                .iter()
                .map(|entry| {
                    let entitlements = entitlements(&entry.types, marking)?;
                    anchor("anchors.issuers", &entry.certificate, entitlements)
                })
                .collect::<Result<_, _>>()?,
            verifiers: plain("anchors.verifiers", &self.verifiers)?,
            registrars: plain("anchors.registrars", &self.registrars)?,
            status_signers: self
                .status_signers
                .iter()
                .map(|entry| {
                    let scope = StatusScope::of(&certificate("anchors.statusSigners", &entry.issuer)?);
                    anchor("anchors.statusSigners", &entry.certificate, scope)
                })
                .collect::<Result<_, _>>()?,
            wallet_providers: plain("anchors.walletProviders", &self.wallet_providers)?,
        })
    }
}

impl Provider {
    fn into_access(self) -> Result<WalletProviderAccess, ProfileError> {
        match self {
            Self::Service { attestation, key_attestation } => Ok(WalletProviderAccess::Service {
                attestation: https("walletProvider.attestation", attestation)?,
                key_attestation: key_attestation
                    .map(|it| https("walletProvider.keyAttestation", it))
                    .transpose()?,
            }),
            Self::Developer { private_key, certificates, client_id } => Ok(WalletProviderAccess::Developer {
                private_key_pem: SecretVec::new(private_key.into_bytes()),
                chain: certificates
                    .iter()
                    .map(|pem| der("walletProvider.certificates", pem))
                    .collect::<Result<_, _>>()?,
                client_id,
            }),
        }
    }
}

/// The types of an issuer; `*` alone and only for a developer (PK-18).
fn entitlements(types: &[String], marking: Marking) -> Result<IssuerEntitlements, ProfileError> {
    if types == ["*"] {
        return match marking {
            Marking::Developer => Ok(IssuerEntitlements::any_for_developer_profile()),
            Marking::Demo | Marking::Real => Err(ProfileError::AnyType),
        };
    }
    types
        .iter()
        .map(|text| match text.split_once(':') {
            Some(("vct", vct)) => Ok(CredentialType::sd_jwt_vc(vct)),
            Some(("doctype", doctype)) => Ok(CredentialType::mdoc(doctype)),
            _ => Err(ProfileError::CredentialType),
        })
        .collect::<Result<Vec<_>, _>>()
        .map(IssuerEntitlements::types)
}

pub(super) fn plain<R: Role<Grant = ()>>(
    place: &'static str,
    pems: &[String],
) -> Result<AnchorStore<R>, ProfileError> {
    if pems.len() > MAX_ANCHORS {
        return Err(ProfileError::TooMany(place));
    }
    pems.iter().map(|pem| anchor(place, pem, ())).collect()
}

fn anchor<R: Role>(place: &'static str, pem: &str, grant: R::Grant) -> Result<TrustAnchor<R>, ProfileError> {
    TrustAnchor::with_grant(certificate(place, pem)?, grant)
        .map_err(|error| ProfileError::Anchor(place, error))
}

fn certificate(place: &'static str, pem: &str) -> Result<Certificate, ProfileError> {
    Certificate::from_der(&der(place, pem)?).map_err(|error| ProfileError::Certificate(place, error))
}

fn der(place: &'static str, pem: &str) -> Result<Vec<u8>, ProfileError> {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .map(|der| der.as_ref().to_vec())
        .map_err(|_| ProfileError::NotPem(place))
}

fn https(place: &'static str, url: Url) -> Result<Url, ProfileError> {
    if url.scheme() == "https" { Ok(url) } else { Err(ProfileError::NotHttps(place)) }
}
