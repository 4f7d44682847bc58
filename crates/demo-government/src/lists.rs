//! The signed trust list (ETSI TS 119 602 shape) and the profile for wallets.
//!
//! The list is signed once and kept: its number rises when its content changes or its end comes near, and never otherwise (TL-5).

use primitives::LocalizedText;
use primitives::http::{Method, Request, Response};
use serde_json::{Value, json};
use trust::certificate::Certificate;
use trust::trust_list::{
    MAX_TRUST_LIST_BYTES, ServiceRole, SignedTrustList, TrustList, TrustedEntity, TrustedService,
};
use trust::{AnchorStore, CredentialType, StatusScope, TrustAnchor};
use vault::files;

use crate::desk::entitlements;
use crate::error::GovernmentError;
use crate::people::AGENCIES;
use crate::pki::{Party, Pki};
use crate::provider;
use crate::state::TRUST_LIST_FILE;
use crate::world::{Addresses, TRUST, WALLET_PROVIDER, World};

/// How long a list is valid, and how long before its end the next one is signed, in seconds.
const VALID_SECONDS: i64 = 90 * 24 * 60 * 60;
const RENEW_SECONDS: i64 = 75 * 24 * 60 * 60;

/// The path of the list.
const PATH: &str = "/list";

fn text(ko: &str, en: &str) -> LocalizedText {
    LocalizedText::new(ko.to_owned(), en.to_owned())
}

fn service(role: ServiceRole, name: LocalizedText, certificate: &Certificate) -> TrustedService {
    TrustedService { name, role, certificates: vec![certificate.clone()], granted: true }
}

fn entity(name: LocalizedText, service: TrustedService) -> TrustedEntity {
    TrustedEntity { name, information_uri: None, services: vec![service] }
}

fn entities(world: &World) -> Vec<TrustedEntity> {
    let pki = &world.pki;
    let mut scope = StatusScope::default();
    let mut list = Vec::new();
    for agency in AGENCIES {
        let Some(keys) = pki.agencies.get(agency.id) else { continue };
        scope.issuer_anchors.insert(keys.root.certificate.hash());
        let role = ServiceRole::Issuer(entitlements(agency.id, &world.country));
        let name = text(agency.ko, agency.en);
        list.push(entity(name.clone(), service(role, name, &keys.root.certificate)));
    }
    let further = [
        (
            ServiceRole::StatusSigner(scope),
            text("누리 상태목록(시연)", "Nuri status lists (demo)"),
            &pki.status_root,
        ),
        (
            ServiceRole::Verifier,
            text("누리 검증자 인증(시연)", "Nuri verifier authority (demo)"),
            &pki.verifier_root,
        ),
        (
            ServiceRole::Registrar,
            text("누리 검증자등록소(시연)", "Nuri verifier registrar (demo)"),
            &pki.registrar_root,
        ),
        (
            ServiceRole::WalletProvider,
            text("누리 지갑제공자(시연)", "Nuri wallet provider (demo)"),
            &pki.wallet_provider_root,
        ),
    ];
    for (role, name, root) in further {
        list.push(entity(name.clone(), service(role, name, &root.certificate)));
    }
    list
}

/// The list to publish now: the kept one, or the next.
pub(crate) fn trust_list(world: &World) -> Result<String, GovernmentError> {
    let now = world.now();
    let path = world.folder.join(TRUST_LIST_FILE);
    let kept = files::read_bounded(&path, MAX_TRUST_LIST_BYTES as u64)?;
    let kept = kept.and_then(|bytes| String::from_utf8(bytes).ok());
    let entities = entities(world);
    let mut signers = AnchorStore::new();
    let root = world.pki.trust_list_root.certificate.clone();
    signers.add(TrustAnchor::new(root).map_err(|_| GovernmentError::Certificates)?);
    // the number goes on from the kept list's even where that list itself is not to be used any more
    let mut sequence = 0;
    if let Some(kept) = kept
        && let Ok(list) = SignedTrustList::parse(&kept)
        && let Ok(verified) = list.verify(&signers, None, now)
    {
        sequence = verified.list().sequence_number;
        let fresh = verified.list().next_update > now + RENEW_SECONDS;
        if fresh && verified.list().entities == entities {
            return Ok(kept);
        }
    }
    let sequence = (sequence + 1).max(next_after_expiry(now.unix_seconds(), sequence));
    let list = TrustList {
        sequence_number: sequence,
        issued_at: now,
        next_update: now + VALID_SECONDS,
        operator: text("누리 시연국", "Nuri demo country"),
        scheme: text("시연용 신뢰목록", "Trust list (demo)"),
        territory: "XN".to_owned(),
        entities,
    };
    let Party { key, chain } = &world.pki.trust_list_signer;
    let signed = list.sign(chain, key).map_err(|_| GovernmentError::Certificates)?;
    files::write_atomically(&world.folder, TRUST_LIST_FILE, signed.as_bytes())?;
    Ok(signed)
}

/// Where no kept list tells the number, it begins with the day, so that it still rises after a list that expired.
fn next_after_expiry(seconds: i64, known: u64) -> u64 {
    if known > 0 { known + 1 } else { u64::try_from(seconds / (24 * 60 * 60)).unwrap_or(1) }
}

/// The list's address.
pub(crate) fn address(world: &World) -> String {
    format!("{}{PATH}", world.addresses.origin(TRUST))
}

/// Answers requests to `trust.localhost`.
pub(crate) fn answer(world: &World, request: &Request) -> Response {
    if request.method != Method::Get || request.url.path() != PATH {
        return Response::new(404, "");
    }
    match trust_list(world) {
        Ok(list) => Response::new(200, list)
            .with_header("content-type", "application/jwt")
            .with_header("cache-control", "no-store"),
        Err(_) => Response::new(500, ""),
    }
}

pub(crate) fn pem(certificate: &Certificate) -> Result<String, GovernmentError> {
    certificate.to_pem().map_err(|_| GovernmentError::Certificates)
}

/// The profile file (version 1): what a wallet needs to know of this government. The same bytes as long as keys and ports are the same.
pub(crate) fn profile(
    pki: &Pki,
    country: &crate::people::Country,
    addresses: Addresses,
) -> Result<String, GovernmentError> {
    let mut issuers = Vec::new();
    let mut status_signers = Vec::new();
    for agency in AGENCIES {
        let keys = pki.agencies.get(agency.id).ok_or(GovernmentError::Data)?;
        let certificate = pem(&keys.root.certificate)?;
        let types: Vec<String> = entitlements(agency.id, country).iter().map(type_word).collect();
        status_signers
            .push(json!({"certificate": pem(&pki.status_root.certificate)?, "issuer": certificate}));
        issuers.push(json!({"certificate": certificate, "types": types}));
    }
    let profile = json!({
        "version": 1,
        "name": {"ko": "시연용 누리 시연국", "en": "Nuri demo country (demonstration)"},
        "marking": "demo",
        "anchors": {
            "issuers": issuers,
            "verifiers": [pem(&pki.verifier_root.certificate)?],
            "registrars": [pem(&pki.registrar_root.certificate)?],
            "statusSigners": status_signers,
            "walletProviders": [pem(&pki.wallet_provider_root.certificate)?],
        },
        "trustList": {
            "uri": format!("{}{PATH}", addresses.origin(TRUST)),
            "signers": [pem(&pki.trust_list_root.certificate)?],
        },
        "tlsRoots": [pem(&pki.tls_root.certificate)?],
        "systemTlsRoots": false,
        "walletProvider": {
            "kind": "service",
            "attestation": format!("{}{}", addresses.origin(WALLET_PROVIDER), provider::PATH),
            "keyAttestation": format!("{}{}", addresses.origin(WALLET_PROVIDER), provider::KEYS_PATH),
        },
        "loopback": {"ports": [addresses.https, addresses.pages], "plainHttp": true},
        "unauthenticatedVerifiers": "warn",
        "statusMaxAgeHours": 24,
    });
    serde_json::to_string_pretty::<Value>(&profile).map_err(|_| GovernmentError::Data)
}

fn type_word(credential: &CredentialType) -> String {
    match credential {
        CredentialType::SdJwtVc { vct } => format!("vct:{vct}"),
        CredentialType::Mdoc { doctype } => format!("doctype:{doctype}"),
    }
}
