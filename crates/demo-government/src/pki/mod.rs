//! The demo country's certificates: one root for each role, and for issuers one for each agency, so that each may issue only
//! its own types (design, "Trust"; PK-15, PK-18).
//!
//! Roots: TLS, issuer of each agency, verifiers, registrar, wallet provider, trust list, status. Below an agency's root stand an
//! intermediate with the signer of its SD-JWT VCs, and the signer of its mdocs (EKU 1.0.18013.5.1.2).

mod bundle;

use std::collections::BTreeMap;
use std::path::Path;

use primitives::Instant;
use trust::certificate::builder::Purpose;
use vault::files;

pub use bundle::{Authority, Party};
use bundle::{Bundles, LeafSpec};

use crate::error::GovernmentError;
use crate::people::AGENCIES;

/// Signers' certificates are valid for this many days, and renewed when fewer than [`SIGNER_RENEW_DAYS`] are left.
const SIGNER_DAYS: i64 = 3 * 365;
const SIGNER_RENEW_DAYS: i64 = 365;
/// TLS certificates are valid for this many days.
const TLS_DAYS: i64 = 397;
const TLS_RENEW_DAYS: i64 = 30;

/// An agency's anchor and signers.
#[derive(Clone)]
pub struct AgencyKeys {
    /// The anchor that the trust list names for this agency.
    pub root: Authority,
    /// Signs SD-JWT VCs; its chain has an intermediate.
    pub signer: Party,
    /// Signs mdocs.
    pub document_signer: Party,
}

/// Every key of the government.
#[derive(Clone)]
pub struct Pki {
    /// Above every TLS certificate.
    pub tls_root: Authority,
    /// By agency.
    pub agencies: BTreeMap<String, AgencyKeys>,
    /// Above verifiers' certificates.
    pub verifier_root: Authority,
    /// Above the registrar.
    pub registrar_root: Authority,
    /// Signs registrations of verifiers.
    pub registrar: Party,
    /// Above the wallet provider.
    pub wallet_provider_root: Authority,
    /// Signs wallet attestations.
    pub wallet_provider: Party,
    /// Above the signer of trust lists.
    pub trust_list_root: Authority,
    /// Signs the trust list.
    pub trust_list_signer: Party,
    /// Above the signer of status lists.
    pub status_root: Authority,
    /// Signs status lists of all agencies.
    pub status_signer: Party,
    folder: std::path::PathBuf,
    now: Instant,
}

fn signer(common_name: &str, organisation: &str) -> LeafSpec {
    LeafSpec {
        common_name: common_name.to_owned(),
        organisation: organisation.to_owned(),
        dns_names: Vec::new(),
        purpose: None,
        days: SIGNER_DAYS,
        renew_days: SIGNER_RENEW_DAYS,
    }
}

impl Pki {
    /// Reads the keys of the folder and makes what is missing.
    pub(crate) fn load(state: &Path, now: Instant) -> Result<Self, GovernmentError> {
        let folder = state.join("keys");
        files::make_folder(&folder)?;
        let bundles = Bundles { folder: &folder, now };
        let root = |name: &str, label: &str| bundles.root(name, &format!("시연용 {label} 루트"));
        let mut agencies = BTreeMap::new();
        for agency in AGENCIES {
            agencies.insert(agency.id.to_owned(), agency_keys(&bundles, agency.id, agency.ko)?);
        }
        let registrar_root = root("registrar-root", "등록기관")?;
        let wallet_provider_root = root("wallet-provider-root", "지갑 제공자")?;
        let trust_list_root = root("trust-list-root", "신뢰목록")?;
        let status_root = root("status-root", "상태목록")?;
        Ok(Self {
            tls_root: root("tls-root", "TLS")?,
            agencies,
            verifier_root: root("verifier-root", "검증자")?,
            registrar: bundles.leaf(
                "registrar",
                &registrar_root,
                false,
                &signer("시연용 등록기관", "누리 검증자등록소(시연)"),
            )?,
            registrar_root,
            wallet_provider: bundles.leaf(
                "wallet-provider",
                &wallet_provider_root,
                false,
                &signer("시연용 지갑 제공자", "누리 지갑제공자(시연)"),
            )?,
            wallet_provider_root,
            trust_list_signer: bundles.leaf(
                "trust-list-signer",
                &trust_list_root,
                false,
                &signer("시연용 신뢰목록 서명", "누리 신뢰목록(시연)"),
            )?,
            trust_list_root,
            status_signer: bundles.leaf(
                "status-signer",
                &status_root,
                false,
                &signer("시연용 상태목록 서명", "누리 상태목록(시연)"),
            )?,
            status_root,
            folder,
            now,
        })
    }

    /// The TLS certificate of a host, made if it is not there and renewed when it ends soon.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub fn tls(&self, host: &str) -> Result<Party, GovernmentError> {
        let spec = LeafSpec {
            common_name: host.to_owned(),
            organisation: "누리 시연국(시연)".to_owned(),
            dns_names: vec![host.to_owned()],
            purpose: Some(Purpose::ServerAuthentication),
            days: TLS_DAYS,
            renew_days: TLS_RENEW_DAYS,
        };
        self.bundles().leaf(&format!("tls-{host}"), &self.tls_root, false, &spec)
    }

    /// The certificate with which a verifier signs its requests, for `x509_san_dns:HOST` and `x509_hash:`. Where it is not
    /// `registered`, it stands under a root of its own that no trust list names.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub fn verifier(
        &self,
        id: &str,
        name: &str,
        host: &str,
        registered: bool,
    ) -> Result<Party, GovernmentError> {
        let bundles = self.bundles();
        let spec = LeafSpec { dns_names: vec![host.to_owned()], ..signer(host, name) };
        if registered {
            return bundles.leaf(&format!("verifier-{id}"), &self.verifier_root, false, &spec);
        }
        let stranger = bundles.root(&format!("stranger-{id}-root"), "어디에도 등록되지 않은 루트")?;
        bundles.leaf(&format!("verifier-{id}"), &stranger, false, &spec)
    }

    fn bundles(&self) -> Bundles<'_> {
        Bundles { folder: &self.folder, now: self.now }
    }
}

fn agency_keys(bundles: &Bundles<'_>, id: &str, name: &str) -> Result<AgencyKeys, GovernmentError> {
    let host = format!("{id}.localhost");
    let root = bundles.root(&format!("issuer-{id}-root"), &format!("{name} 발급 루트"))?;
    let authority = bundles.intermediate(&format!("issuer-{id}-ca"), &format!("{name} 발급 중간"), &root)?;
    let spec = LeafSpec { dns_names: vec![host], ..signer(&format!("{name} 발급"), name) };
    let document = LeafSpec { purpose: Some(Purpose::MdocDocumentSigner), ..spec.clone() };
    Ok(AgencyKeys {
        signer: bundles.leaf(&format!("issuer-{id}"), &authority, true, &spec)?,
        document_signer: bundles.leaf(&format!("document-signer-{id}"), &root, false, &document)?,
        root,
    })
}
