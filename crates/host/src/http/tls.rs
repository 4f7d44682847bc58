//! TLS 1.2 and 1.3 on rustls with ring, with the roots that the profile names.

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls_pki_types::CertificateDer;

/// Whose certificates a server may have.
#[derive(Debug, Clone, Default)]
pub struct TlsRoots {
    /// Roots that the profile names, DER.
    pub named: Vec<Vec<u8>>,
    /// Whether the system's roots count as well. Never for `demo`: it speaks to its own root only.
    pub system: bool,
}

impl TlsRoots {
    /// Only these roots, DER.
    #[must_use]
    pub fn only(named: Vec<Vec<u8>>) -> Self {
        Self { named, system: false }
    }

    /// The system's roots, and these besides, DER.
    #[must_use]
    pub fn system_and(named: Vec<Vec<u8>>) -> Self {
        Self { named, system: true }
    }
}

/// Why there are no roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    /// A root that the profile names is not a certificate.
    #[error("a TLS root of the profile is not a certificate")]
    NotACertificate,
    /// The system has no usable root.
    #[error("this computer has no TLS roots")]
    NoSystemRoots,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Setup,
}

/// The configuration: our provider by value, never the process-wide one; no resumption, which would link two visits; no key log.
pub(super) fn client_config(roots: &TlsRoots) -> Result<ClientConfig, RootsError> {
    let mut store = rustls::RootCertStore::empty();
    for root in &roots.named {
        store.add(CertificateDer::from(root.as_slice())).map_err(|_| RootsError::NotACertificate)?;
    }
    if roots.system {
        // Some system stores hold certificates that are not usable; the others count.
        let (added, _) = store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if added == 0 {
            return Err(RootsError::NoSystemRoots);
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| RootsError::Setup)?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}
