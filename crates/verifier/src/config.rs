//! The configuration file of the program `verifier` (version 1; `docs/verifier.md` has an example). Reading files is the caller's: this
//! takes their texts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use crypto::PrivateKey;
use dcql::Query;
use host::http::PortSet;
use host::{AddressPolicy, TlsRoots};
use primitives::{LocalizedText, json};
use serde::Deserialize;
use serde_json::{Value, json};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, StatusScope,
    StatusSigner, TrustAnchor, TrustListSigner,
};
use url::Url;

use crate::offline::{MAX_KEPT_LISTS, TimePolicy, UnknownStatus};
use crate::settings::{Addresses, Caption, Identity, Limits, Settings, Title};

/// Longest configuration file, and longest file that it names, in bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// Most anchors, signers, captions and titles of each kind, a count.
const MAX_ENTRIES: usize = 256;
const VERSION: u32 = 1;

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not the JSON of a configuration of version 1; with where.
    #[error("the configuration is not understood: {0}")]
    Shape(String),
    /// A file that it names cannot be read.
    #[error("the file {0} cannot be read")]
    File(String),
    /// A file holds no key, certificate or chain of the kind that is needed.
    #[error("the file {0} does not hold what is needed")]
    Content(String),
    /// The question is not a valid query.
    #[error("the question is not a valid query: {0}")]
    Question(dcql::QueryError),
    /// A type is neither `vct:…`, `doctype:…` nor `*`.
    #[error("a type is none of vct:…, doctype:… and *: {0}")]
    Type(String),
    /// `client` asks for a key that is not named.
    #[error("key and chain are needed to sign requests")]
    Unsigned,
    /// Of the protocol's address, where it listens, and TLS, some are there and some not.
    #[error("addresses.protocol, listen.protocol and tls belong together")]
    Door,
    /// An address does not end with `/`, or is no http or https address.
    #[error("the address {0} is not usable")]
    Address(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    version: u32,
    name: LocalizedText,
    purpose: LocalizedText,
    #[serde(default)]
    demo: bool,
    client: WireClient,
    key: Option<String>,
    chain: Option<String>,
    registration: Option<String>,
    question: Value,
    #[serde(default)]
    titles: BTreeMap<String, LocalizedText>,
    #[serde(default)]
    captions: Vec<WireCaption>,
    issuers: Vec<WireIssuer>,
    #[serde(default)]
    status_signers: Vec<WireStatusSigner>,
    #[serde(default = "yes")]
    encrypted: bool,
    #[serde(default)]
    request_by_post: bool,
    #[serde(default = "openid4vp")]
    scheme: String,
    addresses: WireAddresses,
    listen: WireListen,
    tls: Option<WireTls>,
    #[serde(default)]
    tls_roots: Vec<String>,
    #[serde(default = "yes")]
    system_roots: bool,
    #[serde(default)]
    loopback: bool,
    #[serde(default)]
    limits: WireLimits,
    #[serde(default)]
    offline: WireOffline,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireClient {
    X509Hash,
    X509SanDns(String),
    RedirectUri,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCaption {
    #[serde(rename = "type")]
    credential_type: String,
    path: primitives::ClaimPath,
    text: LocalizedText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireIssuer {
    anchor: String,
    types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireStatusSigner {
    anchor: String,
    issuers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAddresses {
    protocol: Option<Url>,
    pages: Url,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireListen {
    protocol: Option<SocketAddr>,
    pages: SocketAddr,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTls {
    key: String,
    chain: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct WireLimits {
    sessions: usize,
    lifetime_seconds: i64,
    result_seconds: i64,
}

impl Default for WireLimits {
    fn default() -> Self {
        let Limits { sessions, lifetime_seconds, result_seconds } = Limits::default();
        Self { sessions, lifetime_seconds, result_seconds }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct WireOffline {
    folder: Option<String>,
    trust_list: Option<WireTrustList>,
    status_lists: Vec<String>,
    status_green_hours: Option<u32>,
    status_amber_hours: Option<u32>,
    trust_list_days: Option<u32>,
    unknown_status: Option<WireUnknown>,
    receipts: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTrustList {
    address: Url,
    anchor: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireUnknown {
    Amber,
    Red,
}

fn yes() -> bool {
    true
}

fn openid4vp() -> String {
    "openid4vp".to_owned()
}

/// A configuration, understood. It has no `Debug`: it holds keys.
pub struct Config {
    /// What the desk is told.
    pub settings: Settings,
    /// Who may sign status lists beside the issuers themselves.
    pub status_signers: AnchorStore<StatusSigner>,
    /// Where to listen for wallets, over TLS, and with what; `None`: for a desk that only looks at screens.
    pub protocol: Option<(SocketAddr, Tls)>,
    /// Where to listen for browsers.
    pub pages: SocketAddr,
    /// Whose TLS certificates the servers of status lists may have.
    pub roots: TlsRoots,
    /// Which addresses status lists may have.
    pub policy: AddressPolicy,
    /// The desk that looks at screens.
    pub offline: Offline,
}

/// What a TLS server shows. It has no `Debug`: it holds a key.
pub struct Tls {
    /// The key, PKCS#8 PEM.
    pub key: String,
    /// The chain, PEM, leaf first.
    pub chain: String,
}

/// The desk that looks at screens, without a network.
pub struct Offline {
    /// Where lists and the count are kept, relative to the configuration.
    pub folder: String,
    /// Where the trust list is, if there is one.
    pub trust_list: Option<Url>,
    /// Who signs it.
    pub trust_list_signers: AnchorStore<TrustListSigner>,
    /// The addresses of the status lists to keep.
    pub status_lists: Vec<String>,
    /// How old lists may be.
    pub policy: TimePolicy,
    /// Whether a receipt is signed for each verdict.
    pub receipts: bool,
}

/// Reads the texts of files by the names that the configuration gives them.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Understands a configuration.
    ///
    /// # Errors
    /// A [`ConfigError`].
    pub fn parse(text: &str, read: ReadFile<'_>) -> Result<Self, ConfigError> {
        let shape = |error: &dyn std::fmt::Display| ConfigError::Shape(error.to_string());
        let value = json::parse_strict(text.as_bytes(), MAX_FILE_BYTES).map_err(|error| shape(&error))?;
        let mut wire: Wire = serde_json::from_value(value).map_err(|error| shape(&error))?;
        let counts = [wire.titles.len(), wire.captions.len(), wire.issuers.len(), wire.status_signers.len()];
        if wire.version != VERSION || counts.iter().any(|count| *count > MAX_ENTRIES) {
            return Err(ConfigError::Shape("version or number of entries".to_owned()));
        }
        for address in wire.addresses.protocol.iter().chain([&wire.addresses.pages]) {
            if !address.path().ends_with('/') || !matches!(address.scheme(), "https" | "http") {
                return Err(ConfigError::Address(address.to_string()));
            }
        }
        let files = Files { read };
        let protocol = match (&wire.addresses.protocol, wire.listen.protocol, &wire.tls) {
            (Some(_), Some(listen), Some(tls)) => {
                Some((listen, Tls { key: files.text(&tls.key)?, chain: files.text(&tls.chain)? }))
            }
            (None, None, None) => None,
            _ => return Err(ConfigError::Door),
        };
        let offline = files.offline(std::mem::take(&mut wire.offline))?;
        let settings = Settings {
            identity: files.identity(&wire)?,
            registration: wire.registration.as_deref().map(|name| files.text(name)).transpose()?,
            issuers: files.issuers(&wire.issuers)?,
            question: question(wire.question)?,
            name: wire.name,
            purpose: wire.purpose,
            captions: wire.captions.into_iter().map(WireCaption::into).collect(),
            titles: wire
                .titles
                .into_iter()
                .map(|(credential_type, text)| Title { credential_type, text })
                .collect(),
            encrypted: wire.encrypted,
            request_by_post: wire.request_by_post,
            scheme: wire.scheme,
            addresses: Addresses {
                protocol: wire.addresses.protocol.unwrap_or_else(|| wire.addresses.pages.clone()),
                pages: wire.addresses.pages,
            },
            limits: Limits {
                sessions: wire.limits.sessions,
                lifetime_seconds: wire.limits.lifetime_seconds,
                result_seconds: wire.limits.result_seconds,
            },
            loopback_http: false,
            demo: wire.demo,
        };
        let named = wire.tls_roots.iter().map(|name| Ok(files.certificate(name)?.der().to_vec()));
        let named = named.collect::<Result<Vec<_>, ConfigError>>()?;
        Ok(Self {
            settings,
            status_signers: files.status_signers(&wire.status_signers)?,
            protocol,
            pages: wire.listen.pages,
            roots: TlsRoots { named, system: wire.system_roots },
            policy: match wire.loopback {
                true => AddressPolicy::with_loopback(PortSet::Any, false),
                false => AddressPolicy::public_only(),
            },
            offline,
        })
    }
}

impl From<WireCaption> for Caption {
    fn from(wire: WireCaption) -> Self {
        Self { credential_type: wire.credential_type, path: wire.path, text: wire.text }
    }
}

/// A whole query, or the short form: one type, some claims.
fn question(value: Value) -> Result<Query, ConfigError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Short {
        vct: String,
        claims: Vec<primitives::ClaimPath>,
    }
    let query = match serde_json::from_value::<Short>(value.clone()) {
        Err(_) => value,
        Ok(short) => json!({ "credentials": [{
            "id": "paper",
            "format": "dc+sd-jwt",
            "meta": { "vct_values": [short.vct] },
            "claims": short.claims.iter().map(|path| json!({ "path": path })).collect::<Vec<_>>(),
        }] }),
    };
    Query::from_value(query).map_err(ConfigError::Question)
}

struct Files<'a> {
    read: ReadFile<'a>,
}

impl Files<'_> {
    fn text(&self, name: &str) -> Result<String, ConfigError> {
        let text = (self.read)(name).ok_or_else(|| ConfigError::File(name.to_owned()))?;
        Ok(text.trim().to_owned())
    }

    fn certificate(&self, name: &str) -> Result<Certificate, ConfigError> {
        Certificate::from_pem(&self.text(name)?).map_err(|_| ConfigError::Content(name.to_owned()))
    }

    fn identity(&self, wire: &Wire) -> Result<Identity, ConfigError> {
        let (key, chain) = match (&wire.client, &wire.key, &wire.chain) {
            (WireClient::RedirectUri, _, _) => return Ok(Identity::Unsigned),
            (_, Some(key), Some(chain)) => (key, chain),
            _ => return Err(ConfigError::Unsigned),
        };
        let dns_name = match &wire.client {
            WireClient::X509SanDns(name) => Some(name.clone()),
            _ => None,
        };
        signing_identity(dns_name, &self.text(key)?, &self.text(chain)?).map_err(|wrong| {
            ConfigError::Content(match wrong {
                NotAnIdentity::Key => key.clone(),
                NotAnIdentity::Chain => chain.clone(),
            })
        })
    }

    fn issuers(&self, wire: &[WireIssuer]) -> Result<AnchorStore<Issuer>, ConfigError> {
        let mut store = AnchorStore::new();
        for issuer in wire {
            let types = match issuer.types.as_slice() {
                [any] if any == "*" => IssuerEntitlements::any_for_developer_profile(),
                types => IssuerEntitlements::types(
                    types.iter().map(|name| credential_type(name)).collect::<Result<Vec<_>, _>>()?,
                ),
            };
            let anchor = TrustAnchor::for_issuer(self.certificate(&issuer.anchor)?, types);
            store.add(anchor.map_err(|_| ConfigError::Content(issuer.anchor.clone()))?);
        }
        Ok(store)
    }

    fn offline(&self, wire: WireOffline) -> Result<Offline, ConfigError> {
        if wire.status_lists.len() > MAX_KEPT_LISTS {
            return Err(ConfigError::Shape("number of status lists".to_owned()));
        }
        if let Some(address) = wire.status_lists.iter().find(|address| Url::parse(address).is_err()) {
            return Err(ConfigError::Address(address.clone()));
        }
        let mut trust_list_signers = AnchorStore::new();
        if let Some(list) = &wire.trust_list {
            let anchor = TrustAnchor::new(self.certificate(&list.anchor)?);
            trust_list_signers.add(anchor.map_err(|_| ConfigError::Content(list.anchor.clone()))?);
        }
        let house = TimePolicy::default();
        let seconds =
            |hours: Option<u32>, otherwise| hours.map_or(otherwise, |hours| i64::from(hours) * 3600);
        let days = wire.trust_list_days.map(|days| i64::from(days) * 24 * 3600);
        let status_green = seconds(wire.status_green_hours, house.status_green);
        Ok(Offline {
            folder: wire.folder.unwrap_or_else(|| "desk".to_owned()),
            trust_list: wire.trust_list.map(|list| list.address),
            trust_list_signers,
            status_lists: wire.status_lists,
            policy: TimePolicy {
                status_green,
                status_amber: seconds(wire.status_amber_hours, house.status_amber).max(status_green),
                unknown_status: match wire.unknown_status {
                    None => house.unknown_status,
                    Some(WireUnknown::Amber) => UnknownStatus::Amber,
                    Some(WireUnknown::Red) => UnknownStatus::Red,
                },
                trust_list: days.unwrap_or(house.trust_list),
            },
            receipts: wire.receipts,
        })
    }

    fn status_signers(&self, wire: &[WireStatusSigner]) -> Result<AnchorStore<StatusSigner>, ConfigError> {
        let mut store = AnchorStore::new();
        for signer in wire {
            let mut scope = StatusScope::default();
            for issuer in &signer.issuers {
                scope.issuer_anchors.insert(self.certificate(issuer)?.hash());
            }
            let anchor = TrustAnchor::for_status_signer(self.certificate(&signer.anchor)?, scope);
            store.add(anchor.map_err(|_| ConfigError::Content(signer.anchor.clone()))?);
        }
        Ok(store)
    }
}

/// Which of the two is not usable.
pub(crate) enum NotAnIdentity {
    Key,
    Chain,
}

/// Who asks, from a PKCS#8 PEM key and PEM certificates, leaf first; with a DNS name, `x509_san_dns`, else `x509_hash`.
pub(crate) fn signing_identity(
    dns_name: Option<String>,
    key: &str,
    chain: &str,
) -> Result<Identity, NotAnIdentity> {
    let signer = PrivateKey::from_pkcs8_pem(key).map_err(|_| NotAnIdentity::Key)?;
    let certificates = pem_blocks(chain)
        .iter()
        .map(|block| Certificate::from_pem(block).map_err(|_| NotAnIdentity::Chain))
        .collect::<Result<Vec<_>, _>>()?;
    // HAIP 1.0 (HA-6): a wallet refuses a self-signed leaf and a chain that brings its root along, so none is sent.
    if certificates.iter().any(Certificate::is_self_issued) {
        return Err(NotAnIdentity::Chain);
    }
    let chain = CertificateChain::new(certificates).map_err(|_| NotAnIdentity::Chain)?;
    if chain.leaf().public_key().ok() != Some(crypto::Signer::public_key(&signer)) {
        return Err(NotAnIdentity::Key);
    }
    let signer = Arc::new(signer);
    Ok(match dns_name {
        Some(name) => Identity::X509SanDns { name, chain, signer },
        None => Identity::X509Hash { chain, signer },
    })
}

fn credential_type(name: &str) -> Result<CredentialType, ConfigError> {
    match name.split_once(':') {
        Some(("vct", vct)) if !vct.is_empty() => Ok(CredentialType::sd_jwt_vc(vct)),
        Some(("doctype", doctype)) if !doctype.is_empty() => Ok(CredentialType::mdoc(doctype)),
        _ => Err(ConfigError::Type(name.to_owned())),
    }
}

/// The blocks of a PEM file, each whole.
fn pem_blocks(text: &str) -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = text.split_inclusive(END).filter(|block| block.contains("-----BEGIN CERTIFICATE-----"));
    blocks.map(|block| block.trim().to_owned()).collect()
}
