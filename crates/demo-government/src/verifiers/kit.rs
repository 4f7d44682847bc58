//! The kit of a verifier that checks screens without a network: a folder for `verifier verifier.json --desk`, with its key, certificates and
//! registration, the trust list and the status lists as they are now.

use std::collections::{BTreeMap, BTreeSet};

use dcql::{Format, TypeConstraint};
use primitives::ClaimPath;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trust::CredentialType;
use trust::registration::RegisteredItem;
use verifier::offline::Question;

use super::question::{Asked, VerifierData};
use super::statements::{Client, statements};
use super::{IMPOSTOR, registration, request_key};
use crate::error::GovernmentError;
use crate::people::AGENCIES;
use crate::world::World;
use crate::{lists, status};

/// The configuration's file.
pub(crate) const CONFIGURATION: &str = "verifier.json";
/// The folder of the lists.
pub(crate) const LISTS: &str = "lists";
/// The anchor of the trust list.
pub(crate) const TRUST_ANCHOR: &str = "trust-list-root.pem";

/// A kit, as it crosses between two processes of the same user.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kit {
    /// Files by name.
    pub(crate) files: BTreeMap<String, String>,
    /// The signed trust list.
    pub(crate) trust_list: String,
    /// When it was made, Unix seconds.
    pub(crate) made_at: i64,
    /// Status list tokens by address.
    pub(crate) status_lists: BTreeMap<String, String>,
}

/// Makes the kit of a verifier whose pages are at this port of 127.0.0.1.
///
/// # Errors
/// [`GovernmentError::UnknownService`] for one that is not there, or has no registered key.
pub(crate) fn kit(world: &World, id: &str, port: u16) -> Result<Kit, GovernmentError> {
    let known = |data: &&serde_json::Value| data.get("id").and_then(serde_json::Value::as_str) == Some(id);
    let data = world.country.verifiers.iter().find(known).ok_or(GovernmentError::UnknownService)?;
    let data: VerifierData = serde_json::from_value(data.clone()).map_err(|_| GovernmentError::Data)?;
    let said = statements(&data.id).ok_or(GovernmentError::Data)?;
    if data.id == IMPOSTOR || said.client == Client::Unsigned {
        return Err(GovernmentError::UnknownService);
    }
    let mut asked = Asked::of(&data, said)?;
    asked.items.extend(ready_made());
    let (chain, _) = request_key(&world.pki, &data)?;
    let party = world.pki.verifier(&data.id, &data.ko, &format!("{}.localhost", data.id), true)?;
    let key = party.key.to_pkcs8_pem().map_err(|_| GovernmentError::Certificates)?;
    let key = std::str::from_utf8(key.expose()).map_err(|_| GovernmentError::Certificates)?.to_owned();
    let mut certificates = String::new();
    for certificate in chain.iter() {
        certificates.push_str(&lists::pem(certificate)?);
    }
    let addresses: Vec<String> = AGENCIES.iter().map(|agency| status::uri(world, agency.id)).collect();
    let configuration = json!({
        "version": 1,
        "demo": true,
        "name": { "ko": data.ko, "en": said.name_en },
        "purpose": { "ko": data.purpose, "en": said.purpose_en },
        "client": "x509_hash",
        "key": "key.pem",
        "chain": "chain.pem",
        "registration": "registration.jwt",
        "question": serde_json::to_value(asked.query.as_wire()).map_err(|_| GovernmentError::Data)?,
        "issuers": [],
        "addresses": { "pages": format!("http://127.0.0.1:{port}/") },
        "listen": { "pages": format!("127.0.0.1:{port}") },
        "tlsRoots": ["tls-root.pem"],
        "systemRoots": false,
        "loopback": true,
        "offline": {
            "folder": LISTS,
            "trustList": { "address": lists::address(world), "anchor": TRUST_ANCHOR },
            "statusLists": addresses,
        },
    });
    let configuration = serde_json::to_string_pretty(&configuration).map_err(|_| GovernmentError::Data)?;
    let files = [
        (CONFIGURATION, configuration),
        ("key.pem", key),
        ("chain.pem", certificates),
        ("registration.jwt", registration(world, &data, said, &asked, &chain)?),
        ("tls-root.pem", lists::pem(&world.pki.tls_root.certificate)?),
        (TRUST_ANCHOR, lists::pem(&world.pki.trust_list_root.certificate)?),
    ];
    let mut status_lists = BTreeMap::new();
    for agency in AGENCIES {
        status_lists.insert(status::uri(world, agency.id), status::token(world, agency.id)?);
    }
    Ok(Kit {
        files: files.map(|(name, text)| (name.to_owned(), text)).into(),
        trust_list: lists::trust_list(world)?,
        made_at: world.now().unix_seconds(),
        status_lists,
    })
}

/// What a registration has to cover for every ready-made question.
fn ready_made() -> Vec<RegisteredItem> {
    let mut items: BTreeMap<CredentialType, BTreeSet<ClaimPath>> = BTreeMap::new();
    for question in Question::ready_made() {
        for credential in question.query.credentials() {
            let TypeConstraint::OneOf(types) = &credential.types else { continue };
            for name in types.iter() {
                let kind = match credential.format {
                    Format::Mdoc => CredentialType::mdoc(name.as_str()),
                    _ => CredentialType::sd_jwt_vc(name.as_str()),
                };
                items
                    .entry(kind)
                    .or_default()
                    .extend(credential.claims.iter().map(|claim| claim.path.clone()));
            }
        }
    }
    let item = |(credential, claims): (CredentialType, BTreeSet<ClaimPath>)| RegisteredItem {
        credential,
        claims: claims.into_iter().collect(),
    };
    items.into_iter().map(item).collect()
}
