//! The listeners: TLS with one certificate for each `SERVICE.localhost` on one port, and plain http for pages on another, both on
//! 127.0.0.1. Connections are bounded in number and time, bodies in bytes. A stopped service answers nothing: the connection ends
//! at the TLS greeting.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response as HttpResponse};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use openid4vci::issuer::CREDENTIAL_REQUEST_MAX_BYTES;
use primitives::http::{Method, Request, Response};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::LazyConfigAcceptor;
use url::Url;

use crate::error::GovernmentError;
use crate::pki::Party;
use crate::world::World;

/// Most connections at once on one port.
const CONNECTIONS_MAX: usize = 256;
/// How long a greeting, and the headers of a request, may take.
const GREETING: Duration = Duration::from_secs(10);
/// How long nothing is accepted after accepting failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long a connection lives.
const CONNECTION: Duration = Duration::from_secs(120);

/// The name of a service by its host: what stands before `.localhost`.
fn service_of(host: &str) -> Option<&str> {
    host.strip_suffix(".localhost").filter(|name| !name.is_empty() && !name.contains('.'))
}

/// The certificates by host.
#[derive(Debug)]
struct Certificates(BTreeMap<String, Arc<CertifiedKey>>);

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.get(hello.server_name()?).cloned()
    }
}

/// The TLS configuration with a certificate for each service.
pub(crate) fn tls_config(
    world: &World,
    services: impl Iterator<Item = String>,
) -> Result<Arc<rustls::ServerConfig>, GovernmentError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut certificates = BTreeMap::new();
    for service in services {
        let host = format!("{service}.localhost");
        let party = world.pki.tls(&host)?;
        certificates.insert(host, Arc::new(certified(&party, &provider)?));
    }
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| GovernmentError::Certificates)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Certificates(certificates)));
    Ok(Arc::new(config))
}

fn certified(
    party: &Party,
    provider: &rustls::crypto::CryptoProvider,
) -> Result<CertifiedKey, GovernmentError> {
    let pem = party.key.to_pkcs8_pem().map_err(|_| GovernmentError::Certificates)?;
    let key = PrivateKeyDer::from_pem_slice(pem.expose()).map_err(|_| GovernmentError::Certificates)?;
    let key = provider.key_provider.load_private_key(key).map_err(|_| GovernmentError::Certificates)?;
    let chain = party.chain.to_der().into_iter().map(CertificateDer::from).collect();
    Ok(CertifiedKey::new(chain, key))
}

/// Accepts TLS connections until it is dropped.
pub(crate) async fn serve_tls(
    listener: TcpListener,
    world: Arc<World>,
    config: Arc<rustls::ServerConfig>,
    services: BTreeMap<String, Router>,
) {
    let services = Arc::new(services);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        let Some(stream) = accepted(&listener).await else { continue };
        let (world, config, services) = (Arc::clone(&world), Arc::clone(&config), Arc::clone(&services));
        connections.spawn(async move {
            let _place = place;
            let acceptor = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream);
            let Ok(Ok(start)) = tokio::time::timeout(GREETING, acceptor).await else { return };
            let host = start.client_hello().server_name().map(str::to_owned).unwrap_or_default();
            let Some(service) = service_of(&host) else { return };
            if world.is_stopped(service) {
                return;
            }
            let Some(router) = services.get(service).cloned() else { return };
            let Ok(Ok(stream)) = tokio::time::timeout(GREETING, start.into_stream(config)).await else {
                return;
            };
            let authority = format!("{host}:{}", world.addresses.https);
            let router = guarded(while_running(router, &world, service), authority);
            speak(stream, router).await;
        });
    }
}

/// Accepts plain connections for the pages until it is dropped.
pub(crate) async fn serve_pages(listener: TcpListener, world: Arc<World>, pages: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let pages = guarded(pages, format!("127.0.0.1:{}", world.addresses.pages));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        let Some(stream) = accepted(&listener).await else { continue };
        let pages = pages.clone();
        connections.spawn(async move {
            let _place = place;
            speak(stream, pages).await;
        });
    }
}

/// A connection that was open before its service was stopped gets no further answers either.
fn while_running(router: Router, world: &Arc<World>, service: &str) -> Router {
    let (world, service) = (Arc::clone(world), service.to_owned());
    router.layer(axum::middleware::from_fn(
        move |request: axum::extract::Request, next: axum::middleware::Next| {
            let stopped = world.is_stopped(&service);
            async move {
                if stopped {
                    StatusCode::SERVICE_UNAVAILABLE.into_response()
                } else {
                    next.run(request).await
                }
            }
        },
    ))
}

/// The next connection; without one (no more file descriptors, say) a moment passes before the next try.
async fn accepted(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => Some(stream),
        Err(_) => {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Only requests to this very host and port are answered: a name that somebody points at 127.0.0.1 is another.
fn guarded(router: Router, authority: String) -> Router {
    router.layer(axum::middleware::from_fn(
        move |request: axum::extract::Request, next: axum::middleware::Next| {
            let fits = request.headers().get(header::HOST).is_some_and(|host| host == authority.as_str());
            async move {
                if fits { next.run(request).await } else { StatusCode::MISDIRECTED_REQUEST.into_response() }
            }
        },
    ))
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, router: Router) {
    let service = TowerToHyperService::new(router);
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(GREETING);
    let connection = server.serve_connection(TokioIo::new(stream), service);
    // a peer that goes away or talks nonsense concerns nobody else
    let _ = tokio::time::timeout(CONNECTION, connection).await;
}

/// A service that answers requests as values.
pub(crate) fn service(
    world: &Arc<World>,
    name: &str,
    answer: impl Fn(&World, &Request) -> Response + Send + Sync + 'static,
) -> Router {
    let (world, answer, name) = (Arc::clone(world), Arc::new(answer), name.to_owned());
    Router::new().fallback(move |request: axum::extract::Request| {
        let (world, answer, name) = (Arc::clone(&world), Arc::clone(&answer), name.clone());
        async move {
            let Some(request) = read(&world, &name, request).await else {
                return StatusCode::BAD_REQUEST.into_response();
            };
            // signatures take milliseconds: off the threads that move bytes
            let answered = tokio::task::spawn_blocking(move || answer(&world, &request)).await;
            answered.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), written)
        }
    })
}

async fn read(world: &World, service: &str, request: axum::extract::Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let method = match parts.method {
        axum::http::Method::GET => Method::Get,
        axum::http::Method::POST => Method::Post,
        _ => return None,
    };
    let path = parts.uri.path_and_query()?.as_str();
    let url = Url::parse(&format!("{}{path}", world.addresses.origin(service))).ok()?;
    let body = axum::body::to_bytes(body, CREDENTIAL_REQUEST_MAX_BYTES).await.ok()?;
    let mut request = match method {
        Method::Get => Request::get(url),
        Method::Post => Request::post(url),
    };
    // each as it came: a header that stands twice must be seen twice
    for (name, value) in &parts.headers {
        request.headers.push((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
    }
    request.body = body.to_vec();
    Some(request)
}

fn written(response: Response) -> HttpResponse {
    let mut builder = HttpResponse::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder
        .body(Body::from(response.body))
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
