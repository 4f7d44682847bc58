//! The program's listeners: TLS for wallets, plain http for browsers. Connections are bounded in number and time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// Most connections at once on one port, a count.
const CONNECTIONS_MAX: usize = 256;
/// How long a greeting, and the headers of a request, may take.
const GREETING: Duration = Duration::from_secs(10);
/// How long a connection lives.
const CONNECTION: Duration = Duration::from_secs(60);

/// The TLS side from PEM texts; `None` where they hold no key or chain that fit.
pub(crate) fn tls(key: &str, chain: &str) -> Option<TlsAcceptor> {
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).ok()?;
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>().ok()?;
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .ok()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .ok()?;
    Some(TlsAcceptor::from(Arc::new(config)))
}

/// Serves wallets until it is dropped.
pub(crate) async fn protocol(listener: TcpListener, tls: TlsAcceptor, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (tls, router) = (tls.clone(), router.clone());
        tokio::spawn(async move {
            let _place = place;
            if let Ok(Ok(stream)) = tokio::time::timeout(GREETING, tls.accept(stream)).await {
                speak(stream, router).await;
            }
        });
    }
}

/// Serves browsers until it is dropped.
pub(crate) async fn pages(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else { continue };
        let router = router.clone();
        tokio::spawn(async move {
            let _place = place;
            speak(stream, router).await;
        });
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, router: Router) {
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(GREETING);
    let connection = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A peer that goes away or talks nonsense concerns nobody else.
    let _ = tokio::time::timeout(CONNECTION, connection).await;
}
