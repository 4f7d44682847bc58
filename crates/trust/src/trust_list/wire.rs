//! The JSON of a trust list: ETSI TS 119 602 V1.1.1 clause 6, as far as this product needs it. Unknown members are ignored,
//! critical extensions are not (TL-10).

use std::collections::BTreeSet;

use primitives::{Instant, LocalizedText};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    MAX_CERTIFICATES, MAX_ENTITIES, MAX_SERVICES, MAX_TRUST_LIST_BYTES, MAX_TYPES, ServiceRole, TrustList,
    TrustListError, TrustedEntity, TrustedService,
};
use crate::certificate::{Certificate, MAX_CERTIFICATE_BYTES};
use crate::entitlement::CredentialType;
use crate::role::StatusScope;

/// TS 119 602 6.3.1 (TL-4).
const VERSION: u64 = 1;
/// What kind of list this is (TS 119 602 6.3.3; TL-14): the only one whose services and extensions are read here.
const LIST_TYPE: &str = "https://citizen-wallet.kr.example/trust/list/v1";
const GRANTED: &str = "http://uri.etsi.org/19602/Status/granted";
const ISSUER: &str = "https://citizen-wallet.kr.example/trust/service/issuer";
const VERIFIER: &str = "https://citizen-wallet.kr.example/trust/service/verifier";
const WALLET_PROVIDER: &str = "https://citizen-wallet.kr.example/trust/service/wallet-provider";
const STATUS_SIGNER: &str = "https://citizen-wallet.kr.example/trust/service/status-signer";
const REGISTRAR: &str = "https://citizen-wallet.kr.example/trust/service/registrar";
/// The extension that names the types an issuer may issue (TL-9).
const ISSUABLE: &str = "https://citizen-wallet.kr.example/trust/extension/issuable-types";
/// The extension that names the issuer anchors a status signer speaks for (TL-13).
const STATUS_FOR: &str = "https://citizen-wallet.kr.example/trust/extension/status-for";

#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(rename = "LoTE")]
    list: List,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    list_and_scheme_information: Scheme,
    #[serde(default)]
    trusted_entities_list: Vec<Entity>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Scheme {
    #[serde(rename = "LoTEVersionIdentifier")]
    version: u64,
    #[serde(rename = "LoTESequenceNumber")]
    sequence_number: u64,
    #[serde(rename = "LoTEType")]
    list_type: String,
    scheme_operator_name: Vec<Text>,
    scheme_name: Vec<Text>,
    scheme_territory: String,
    #[serde(with = "primitives::time::rfc3339")]
    list_issue_date_time: Instant,
    #[serde(with = "primitives::time::rfc3339")]
    next_update: Instant,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scheme_extensions: Vec<Extension>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entity {
    trusted_entity_information: EntityInformation,
    trusted_entity_services: Vec<Service>,
}

#[derive(Serialize, Deserialize)]
struct EntityInformation {
    #[serde(rename = "TEName")]
    name: Vec<Text>,
    #[serde(rename = "TEInformationURI", default, skip_serializing_if = "Vec::is_empty")]
    information_uri: Vec<TextUri>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    service_information: ServiceInformation,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceInformation {
    service_name: Vec<Text>,
    service_type_identifier: String,
    /// An [`Identity`], in a service that makes anchors; in another whatever it may be.
    #[serde(default)]
    service_digital_identity: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_status: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    service_information_extensions: Vec<Extension>,
}

#[derive(Serialize, Deserialize)]
struct Identity {
    #[serde(rename = "X509Certificates", default)]
    certificates: Vec<EncodedCertificate>,
}

#[derive(Serialize, Deserialize)]
struct EncodedCertificate {
    val: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Extension {
    /// An extension that does not say is taken as critical.
    #[serde(default = "critical")]
    critical: bool,
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    value: Value,
}

fn critical() -> bool {
    true
}

/// A type that an issuer may issue, by its format.
#[derive(Deserialize)]
#[serde(tag = "format")]
enum ListedType {
    #[serde(rename = "dc+sd-jwt")]
    SdJwtVc { vct: String },
    #[serde(rename = "mso_mdoc")]
    Mdoc { doctype: String },
    /// A format that nobody here reads: nothing of it can come from this issuer.
    #[serde(other)]
    Other,
}

impl ListedType {
    fn known(self) -> Option<CredentialType> {
        match self {
            Self::SdJwtVc { vct } => Some(CredentialType::SdJwtVc { vct }),
            Self::Mdoc { doctype } => Some(CredentialType::Mdoc { doctype }),
            Self::Other => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Text {
    lang: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextUri {
    lang: String,
    uri_value: String,
}

pub(super) fn encode(list: &TrustList) -> serde_json::Result<Vec<u8>> {
    let entities = list.entities.iter().map(encode_entity).collect::<serde_json::Result<Vec<_>>>()?;
    serde_json::to_vec(&Claims {
        list: List {
            list_and_scheme_information: Scheme {
                version: VERSION,
                sequence_number: list.sequence_number,
                list_type: LIST_TYPE.to_owned(),
                scheme_operator_name: texts(&list.operator),
                scheme_name: texts(&list.scheme),
                scheme_territory: list.territory.clone(),
                list_issue_date_time: list.issued_at,
                next_update: list.next_update,
                scheme_extensions: Vec::new(),
            },
            trusted_entities_list: entities,
        },
    })
}

fn encode_entity(entity: &TrustedEntity) -> serde_json::Result<Entity> {
    let services = entity.services.iter().map(encode_service).collect::<serde_json::Result<Vec<_>>>()?;
    let uri = |uri: &String| TextUri { lang: "ko".to_owned(), uri_value: uri.clone() };
    Ok(Entity {
        trusted_entity_information: EntityInformation {
            name: texts(&entity.name),
            information_uri: entity.information_uri.iter().map(uri).collect(),
        },
        trusted_entity_services: services,
    })
}

fn encode_service(service: &TrustedService) -> serde_json::Result<Service> {
    let extension = |kind: &str, value| Extension { critical: true, kind: kind.to_owned(), value };
    let (kind, extensions) = match &service.role {
        ServiceRole::Issuer(types) => (ISSUER, vec![extension(ISSUABLE, serde_json::to_value(types)?)]),
        ServiceRole::Verifier => (VERIFIER, Vec::new()),
        ServiceRole::WalletProvider => (WALLET_PROVIDER, Vec::new()),
        ServiceRole::StatusSigner(scope) => {
            let hashes =
                scope.issuer_anchors.iter().map(|hash| primitives::base64url::encode(hash)).collect();
            (STATUS_SIGNER, vec![extension(STATUS_FOR, hashes)])
        }
        ServiceRole::Registrar => (REGISTRAR, Vec::new()),
        ServiceRole::Unknown(kind) => (kind.as_str(), Vec::new()),
    };
    let encoded = |certificate: &Certificate| EncodedCertificate {
        val: primitives::base64url::encode_standard(certificate.der()),
    };
    Ok(Service {
        service_information: ServiceInformation {
            service_name: texts(&service.name),
            service_type_identifier: kind.to_owned(),
            service_digital_identity: serde_json::to_value(Identity {
                certificates: service.certificates.iter().map(encoded).collect(),
            })?,
            service_status: (!service.granted)
                .then(|| "http://uri.etsi.org/19602/Status/withdrawn".to_owned())
                .or_else(|| Some(GRANTED.to_owned())),
            service_information_extensions: extensions,
        },
    })
}

/// From the signed payload to the list: shape, version, kind, bounds, critical extensions (TL-4, TL-8 to TL-12, TL-14).
pub(super) fn decode(payload: &[u8]) -> Result<TrustList, TrustListError> {
    let value = primitives::json::parse_strict(payload, MAX_TRUST_LIST_BYTES)
        .map_err(|_| TrustListError::Malformed)?;
    // The version stands before the shape: another version may well have another shape.
    let version = value.pointer("/LoTE/ListAndSchemeInformation/LoTEVersionIdentifier");
    if version.and_then(Value::as_u64).is_some_and(|version| version != VERSION) {
        return Err(TrustListError::Version);
    }
    let claims: Claims = serde_json::from_value(value).map_err(|_| TrustListError::Malformed)?;
    let scheme = claims.list.list_and_scheme_information;
    if scheme.list_type != LIST_TYPE {
        return Err(TrustListError::Kind);
    }
    if scheme.scheme_extensions.iter().any(|extension| extension.critical) {
        return Err(TrustListError::CriticalExtension);
    }
    if scheme.sequence_number == 0 || scheme.next_update <= scheme.list_issue_date_time {
        return Err(TrustListError::Malformed);
    }
    let entities = bounded(claims.list.trusted_entities_list, MAX_ENTITIES)?;
    Ok(TrustList {
        sequence_number: scheme.sequence_number,
        issued_at: scheme.list_issue_date_time,
        next_update: scheme.next_update,
        operator: localized(scheme.scheme_operator_name)?,
        scheme: localized(scheme.scheme_name)?,
        territory: scheme.scheme_territory,
        entities: entities.into_iter().map(decode_entity).collect::<Result<_, _>>()?,
    })
}

fn decode_entity(entity: Entity) -> Result<TrustedEntity, TrustListError> {
    let services = bounded(entity.trusted_entity_services, MAX_SERVICES)?;
    let information = entity.trusted_entity_information;
    Ok(TrustedEntity {
        name: localized(information.name)?,
        information_uri: information.information_uri.into_iter().next().map(|uri| uri.uri_value),
        services: services.into_iter().map(decode_service).collect::<Result<_, _>>()?,
    })
}

/// A service makes anchors if its type is known and it is granted (TL-8, TL-11). What of another cannot be read is left out: it concerns
/// nobody here, and keeps no list from counting.
fn decode_service(service: Service) -> Result<TrustedService, TrustListError> {
    let information = service.service_information;
    let granted = information.service_status.is_none_or(|status| status == GRANTED);
    let kind = information.service_type_identifier;
    let mut issuable = BTreeSet::new();
    let mut scope = StatusScope::default();
    for extension in information.service_information_extensions {
        match extension.kind.as_str() {
            ISSUABLE if kind == ISSUER => issuable.extend(needed(granted, decode_types(extension.value))?),
            STATUS_FOR if kind == STATUS_SIGNER => {
                scope.issuer_anchors.extend(needed(granted, decode_hashes(extension.value))?);
            }
            _ if extension.critical => return Err(TrustListError::CriticalExtension),
            _ => {}
        }
    }
    let role = match kind.as_str() {
        ISSUER => ServiceRole::Issuer(issuable),
        VERIFIER => ServiceRole::Verifier,
        WALLET_PROVIDER => ServiceRole::WalletProvider,
        STATUS_SIGNER => ServiceRole::StatusSigner(scope),
        REGISTRAR => ServiceRole::Registrar,
        _ => ServiceRole::Unknown(kind),
    };
    let makes_anchors = granted && !matches!(role, ServiceRole::Unknown(_));
    let certificates = decode_certificates(information.service_digital_identity);
    Ok(TrustedService {
        name: localized(information.service_name)?,
        role,
        certificates: needed(makes_anchors, certificates)?,
        granted,
    })
}

/// What was read, where anchors are made of it; elsewhere nothing may stand for what could not be read.
fn needed<T: Default>(needed: bool, read: Result<T, TrustListError>) -> Result<T, TrustListError> {
    if needed { read } else { Ok(read.unwrap_or_default()) }
}

/// TL-9.
fn decode_types(value: Value) -> Result<Vec<CredentialType>, TrustListError> {
    let types: Vec<ListedType> = serde_json::from_value(value).map_err(|_| TrustListError::Malformed)?;
    Ok(bounded(types, MAX_TYPES)?.into_iter().filter_map(ListedType::known).collect())
}

/// TL-13.
fn decode_hashes(value: Value) -> Result<Vec<[u8; 32]>, TrustListError> {
    let hashes: Vec<String> = serde_json::from_value(value).map_err(|_| TrustListError::Malformed)?;
    let decode = |hash: String| {
        let hash = primitives::base64url::decode(&hash).map_err(|_| TrustListError::Malformed)?;
        hash.try_into().map_err(|_| TrustListError::Malformed)
    };
    bounded(hashes, MAX_TYPES)?.into_iter().map(decode).collect()
}

fn decode_certificates(identity: Value) -> Result<Vec<Certificate>, TrustListError> {
    let identity: Identity = serde_json::from_value(identity).map_err(|_| TrustListError::Malformed)?;
    bounded(identity.certificates, MAX_CERTIFICATES)?.iter().map(decode_certificate).collect()
}

fn decode_certificate(encoded: &EncodedCertificate) -> Result<Certificate, TrustListError> {
    if encoded.val.len() > MAX_CERTIFICATE_BYTES / 3 * 4 + 4 {
        return Err(TrustListError::TooLong);
    }
    let der = primitives::base64url::decode_standard(&encoded.val).map_err(|_| TrustListError::Malformed)?;
    Ok(Certificate::from_der(&der)?)
}

fn bounded<T>(values: Vec<T>, most: usize) -> Result<Vec<T>, TrustListError> {
    if values.len() > most { Err(TrustListError::TooLong) } else { Ok(values) }
}

fn texts(text: &LocalizedText) -> Vec<Text> {
    let one = |lang: &str, value: &String| Text { lang: lang.to_owned(), value: value.clone() };
    vec![one("ko", &text.ko), one("en", &text.en)]
}

/// The two languages we speak; where one is missing the other stands in, and where both are, the first that there is.
fn localized(texts: Vec<Text>) -> Result<LocalizedText, TrustListError> {
    let find = |lang: &str| texts.iter().find(|text| text.lang == lang).map(|text| text.value.clone());
    let any = texts.first().map(|text| text.value.clone()).ok_or(TrustListError::Malformed)?;
    let (ko, en) = (find("ko"), find("en"));
    let korean = ko.clone().or_else(|| en.clone()).unwrap_or_else(|| any.clone());
    Ok(LocalizedText::new(korean, en.or(ko).unwrap_or(any)))
}
