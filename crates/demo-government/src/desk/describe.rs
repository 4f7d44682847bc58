//! What an agency says about itself: issuer and authorization server metadata, from the catalogue.

use std::collections::BTreeSet;

use civic::{Catalogue, PaperType};
use crypto::PublicKey;
use openid4vci::key_attestation::ISO_18045_BASIC;
use openid4vci::metadata::{
    ClaimDescription, Configuration, ConfigurationEntry, IssuerMetadata, KeyAttestationRequirement,
    ProofSupport, ProofType, RequestEncryption, ResponseEncryption, ServerMetadata,
};
use openid4vci::offer::{AUTHORIZATION_CODE_GRANT, PRE_AUTHORIZED_CODE_GRANT, REFRESH_TOKEN_GRANT};
use openid4vci::wire::{Display, Endpoint, Identifier};
use primitives::{ClaimPath, PathElement};
use serde_json::Value;
use trust::CredentialType;

use crate::error::GovernmentError;
use crate::issue::MDOC_SUFFIX;
use crate::people::{Country, agency_of};
use crate::world::Addresses;

/// The agency that takes and gives nothing unencrypted; the others leave it to the wallet.
const ENCRYPTING_AGENCY: &str = "nuri-nts";
/// The type whose holder keys must be attested.
const ATTESTED_TYPE: &str = "MobileDriverLicense";
/// What the mobile document of a paper is for, in the order of the languages.
const DOCUMENT_PURPOSE: [&str; 2] = [
    "국제 표준(ISO 18013-5) 형식입니다. 이 형식을 달라는 곳에 냅니다.",
    "In the international format ISO 18013-5, for those who ask for it.",
];
/// Most copies in one batch.
const BATCH: u32 = 5;

fn display(name: &str, locale: &str) -> Display {
    Display {
        name: Some(name.to_owned()),
        locale: Some(locale.to_owned()),
        description: None,
        logo: None,
        background_color: None,
        text_color: None,
    }
}

/// The types that an agency issues: those of its papers in the data.
pub(crate) fn types_of(agency: &str, country: &Country) -> Vec<&'static PaperType> {
    let mut keys = BTreeSet::new();
    for person in &country.personas {
        keys.extend(person.credentials.iter().filter(|it| it.issuer == agency).map(|it| it.kind.as_str()));
        for document in person.notices.iter().chain(&person.benefit_docs) {
            let text = |name: &str| document.get(name).and_then(Value::as_str);
            if text("issuer") == Some(agency) {
                keys.extend(text("type"));
            }
        }
    }
    Catalogue.types().filter(|kind| keys.contains(kind.key)).collect()
}

/// The types in the terms of trust lists and profiles.
pub(crate) fn entitlements(agency: &str, country: &Country) -> BTreeSet<CredentialType> {
    let mut types = BTreeSet::new();
    for kind in types_of(agency, country) {
        types.insert(CredentialType::sd_jwt_vc(kind.vct));
        types.extend(kind.mobile_document.map(|document| CredentialType::mdoc(document.doctype)));
    }
    types
}

fn claims(kind: &PaperType, namespace: Option<&str>) -> Vec<ClaimDescription> {
    let described = |claim: &civic::ClaimType| {
        let path = match namespace {
            None => claim.claim_path()?,
            Some(namespace) => ClaimPath::new(vec![
                PathElement::Name(namespace.to_owned()),
                PathElement::Name(claim.element_identifier()),
            ])
            .ok()?,
        };
        let display = vec![display(claim.caption.ko, "ko"), display(claim.caption.en, "en")];
        // what stands in the open is always there or was never part of this paper; the wallet need not know which
        Some(ClaimDescription { path, mandatory: false, display })
    };
    kind.claims.iter().filter_map(described).collect()
}

/// What is asked as proof of keys: of driver licences an attestation of them, with a proof of each for the one form and alone for the
/// other; of everything else a proof of each.
fn proofs(kind: &PaperType, mobile: bool) -> ProofSupport {
    let required = || ProofType {
        key_attestation: Some(KeyAttestationRequirement {
            key_storage: vec![ISO_18045_BASIC.to_owned()],
            user_authentication: Vec::new(),
        }),
    };
    match (kind.key, mobile) {
        (ATTESTED_TYPE, false) => ProofSupport::Bound { jwt: Some(required()), attestation: None },
        (ATTESTED_TYPE, true) => ProofSupport::Bound { jwt: None, attestation: Some(required()) },
        _ => ProofSupport::default(),
    }
}

fn configurations(agency: &str, country: &Country) -> Vec<(String, ConfigurationEntry)> {
    let mut entries = Vec::new();
    for kind in types_of(agency, country) {
        let entry = |id: String, credential_type, namespace: Option<&str>| {
            let mut names = vec![display(kind.name.ko, "ko"), display(kind.name.en, "en")];
            if namespace.is_some() {
                // Two entries of one name: what the second is for is said where one chooses.
                for (name, purpose) in names.iter_mut().zip(DOCUMENT_PURPOSE) {
                    name.description = Some(purpose.to_owned());
                }
            }
            let configuration = Configuration {
                id: id.clone(),
                credential_type,
                scope: Some(id.clone()),
                proof: proofs(kind, namespace.is_some()),
                display: names,
                claims: claims(kind, namespace),
            };
            (id, ConfigurationEntry::Usable(Box::new(configuration)))
        };
        entries.push(entry(kind.key.to_owned(), CredentialType::sd_jwt_vc(kind.vct), None));
        if let Some(document) = kind.mobile_document {
            let id = format!("{}{MDOC_SUFFIX}", kind.key);
            entries.push(entry(id, CredentialType::mdoc(document.doctype), Some(document.namespace)));
        }
    }
    entries
}

fn endpoint(origin: &str, path: &'static str) -> Result<Endpoint, GovernmentError> {
    Endpoint::parse(&format!("{origin}{path}"), "endpoint").map_err(|_| GovernmentError::Data)
}

/// The identifier of an agency, issuer and authorization server in one.
pub(crate) fn identifier(agency: &str, addresses: Addresses) -> Result<Identifier, GovernmentError> {
    Identifier::parse(&addresses.origin(agency), "credential_issuer").map_err(|_| GovernmentError::Data)
}

pub(crate) fn issuer_metadata(
    agency: &str,
    country: &Country,
    addresses: Addresses,
    request_key: &PublicKey,
) -> Result<IssuerMetadata, GovernmentError> {
    let origin = addresses.origin(agency);
    let known = agency_of(agency).ok_or(GovernmentError::Data)?;
    let required = agency == ENCRYPTING_AGENCY;
    let encryptions = || vec!["A128GCM".to_owned(), "A256GCM".to_owned()];
    Ok(IssuerMetadata {
        issuer: identifier(agency, addresses)?,
        authorization_servers: None,
        credential_endpoint: endpoint(&origin, "/credential")?,
        nonce_endpoint: Some(endpoint(&origin, "/nonce")?),
        deferred_credential_endpoint: Some(endpoint(&origin, "/deferred")?),
        notification_endpoint: Some(endpoint(&origin, "/notification")?),
        request_encryption: Some(RequestEncryption {
            keys: vec![
                request_key.to_jwk().with_alg("ECDH-ES").with_use("enc").with_kid("request").to_value(),
            ],
            encryptions: encryptions(),
            required,
        }),
        response_encryption: Some(ResponseEncryption {
            algorithms: vec!["ECDH-ES".to_owned()],
            encryptions: encryptions(),
            required,
        }),
        batch_size: BATCH,
        display: vec![display(known.ko, "ko"), display(known.en, "en")],
        configurations: configurations(agency, country),
        signer: None,
    })
}

pub(crate) fn server_metadata(agency: &str, addresses: Addresses) -> Result<ServerMetadata, GovernmentError> {
    let origin = addresses.origin(agency);
    let page = format!("{}/authorize/{agency}", addresses.pages_origin());
    Ok(ServerMetadata {
        issuer: identifier(agency, addresses)?,
        authorization_endpoint: Some(url::Url::parse(&page).map_err(|_| GovernmentError::Data)?),
        token_endpoint: endpoint(&origin, "/token")?,
        pushed_authorization_request_endpoint: Some(endpoint(&origin, "/par")?),
        challenge_endpoint: Some(endpoint(&origin, "/challenge")?),
        grant_types: [AUTHORIZATION_CODE_GRANT, PRE_AUTHORIZED_CODE_GRANT, REFRESH_TOKEN_GRANT]
            .map(str::to_owned)
            .into(),
        pkce_s256: true,
        dpop: true,
        response_iss: true,
        anonymous_pre_authorized: false,
        client_attestation: true,
        private_key_jwt: true,
        public_clients: false,
        authorization_details: true,
    })
}
