//! An issuer over real TLS on loopback that does what it is told to do wrongly, and the wallet of a developer who trusts it.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crypto::{PrivateKey, PublicKey, Signer as _, SystemEntropy};
use host::SystemClock;
use launch::{Launched, Options, ProfileChoice, Reach, SecretStoreChoice, launch};
use primitives::{ClaimPath, Clock as _, Instant};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_world::{DAY, Party, Recipe};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use trust::Certificate;
use trust::certificate::builder::{Purpose, Validity};
use wallet::view::*;

pub const VCT: &str = "urn:nuri-demo:Hostile:1";

/// What is wrong with the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    Signature,
    Expired,
    NotYetValid,
    ForeignKey,
    ChangedDisclosure,
    DigestMissing,
    UnknownIssuer,
    OtherType,
    MdocDigest,
    HugeMetadata,
    HugePaper,
    Drips,
    Silence,
    RedirectToPrivate,
    NamesPrivateAddress,
    NotJson,
    HangsUp,
    /// Of a verifier: what it says to the answer.
    AnswerHuge,
    AnswerStatus,
    AnswerHangsUp,
    AnswerRedirects,
    AnswerOpensPrivate,
    /// Of a verifier: what it gives for a request.
    RequestHuge,
    RequestDrips,
    RequestNotSigned,
    RequestRedirects,
}

pub fn now() -> Instant {
    SystemClock.now()
}

fn party(name: &str) -> Recipe {
    Party::named(name).host("localhost").valid(Validity::days(now() - 400 * DAY, 1000))
}

fn pem(certificate: &Certificate) -> String {
    let base64 = primitives::base64url::encode_standard(certificate.der());
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

struct Desk {
    origin: String,
    wrong: Mutex<Wrong>,
    issuer: Party,
    stranger: Party,
    calls: Mutex<Vec<String>>,
}

pub struct Hostile {
    pub folder: TempDir,
    pub launched: Launched,
    desk: Arc<Desk>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Hostile {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tls = party("TLS").purpose(Purpose::ServerAuthentication).make(&SystemEntropy);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let desk = Arc::new(Desk {
            origin,
            wrong: Mutex::new(Wrong::Nothing),
            issuer: party("Issuer").document_signer().make(&SystemEntropy),
            stranger: party("Stranger").document_signer().make(&SystemEntropy),
            calls: Mutex::default(),
        });
        let profile = folder.path().join("developer.json");
        std::fs::write(&profile, profile_text(&desk.issuer.root, &tls.root)).unwrap();
        let launched = open(folder.path(), Some(profile)).await;
        launched.initialize().unwrap();
        let server = tokio::spawn(serve(listener, tls, Arc::clone(&desk)));
        Self { folder, launched, desk, server }
    }

    /// Offers a paper and takes the citizen's yes. Whatever happens, what was before is still there and usable.
    pub async fn receive(&self, wrong: Wrong) -> Received {
        self.try_receive(wrong).await.unwrap()
    }

    pub async fn try_receive(&self, wrong: Wrong) -> Result<Received, wallet::WalletError> {
        *self.desk.wrong.lock().unwrap() = wrong;
        let configuration = if wrong == Wrong::MdocDigest { "mdoc" } else { "paper" };
        let offer = json!({
            "credential_issuer": self.desk.origin,
            "credential_configuration_ids": [configuration],
            "grants": { "urn:ietf:params:oauth:grant-type:pre-authorized_code": { "pre-authorized_code": "x" } },
        });
        let Found::Offer { input_id, .. } = self.launched.wallet.read_text(&offer.to_string(), false) else {
            panic!("no offer")
        };
        match self.launched.wallet.receive_start(&input_id).await? {
            ReceiveStarted::Refusal(refusal) => Ok(Received::Refusal(refusal)),
            ReceiveStarted::Offer(offer) => {
                self.launched.wallet.receive_continue(&offer.session_id, None, &|_| ()).await
            }
        }
    }

    /// An unsigned request for the name, answered at this desk.
    pub fn request(&self, wrong: Wrong, state: &str) -> String {
        *self.desk.wrong.lock().unwrap() = wrong;
        let answer = format!("{}/response", self.desk.origin);
        let query = json!({ "credentials": [{
            "id": "q", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }],
        }] });
        let formats = json!({ "vp_formats_supported": { "dc+sd-jwt": {
            "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] } } });
        let mut link = url::Url::parse("openid4vp://").unwrap();
        link.query_pairs_mut()
            .append_pair("client_id", &format!("redirect_uri:{answer}"))
            .append_pair("response_type", "vp_token")
            .append_pair("response_mode", "direct_post")
            .append_pair("response_uri", &answer)
            .append_pair("nonce", &format!("nonce-{state}"))
            .append_pair("state", state)
            .append_pair("client_metadata", &formats.to_string())
            .append_pair("dcql_query", &query.to_string());
        link.into()
    }

    /// A request that is to be fetched here.
    pub fn request_by_reference(&self, wrong: Wrong) -> String {
        *self.desk.wrong.lock().unwrap() = wrong;
        let mut link = url::Url::parse("openid4vp://").unwrap();
        link.query_pairs_mut()
            .append_pair("client_id", "x509_san_dns:localhost")
            .append_pair("request_uri", &format!("{}/request", self.desk.origin));
        link.into()
    }

    pub async fn asked(&self, link: &str) -> PresentStarted {
        let Found::Request { input_id, .. } = self.launched.wallet.read_text(link, false) else {
            panic!("{link}")
        };
        self.launched.wallet.present_start(&input_id).await.unwrap()
    }

    pub fn papers(&self) -> usize {
        self.launched.wallet.shelf(Shelf::Benefit, "").unwrap().total
    }

    pub fn calls(&self) -> Vec<String> {
        self.desk.calls.lock().unwrap().clone()
    }

    pub fn origin(&self) -> &str {
        &self.desk.origin
    }
}

pub async fn open(folder: &Path, profile: Option<std::path::PathBuf>) -> Launched {
    let options = Options {
        data: Some(folder.join("wallet")),
        profile: profile.map(ProfileChoice::File),
        secret_store: SecretStoreChoice::File,
        reach: Reach::OtherSides,
        ..Options::default()
    };
    launch(options).await.unwrap()
}

fn profile_text(issuer: &Certificate, tls: &Certificate) -> String {
    json!({
        "version": 1,
        "name": { "ko": "시험", "en": "Test" },
        "marking": "developer",
        "anchors": { "issuers": [{ "certificate": pem(issuer), "types": ["*"] }] },
        "tlsRoots": [pem(tls)],
        "loopback": { "plainHttp": true },
        "unauthenticatedVerifiers": "warn",
    })
    .to_string()
}

async fn serve(listener: tokio::net::TcpListener, tls: Party, desk: Arc<Desk>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pem = tls.key.to_pkcs8_pem().unwrap();
    let chain = tls.chain.to_der().into_iter().map(CertificateDer::from).collect();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(pem.expose()).unwrap())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, desk) = (acceptor.clone(), Arc::clone(&desk));
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut request = Vec::new();
            let mut chunk = [0u8; 4096];
            let (head, body) = loop {
                let Ok(read @ 1..) = stream.read(&mut chunk).await else { return };
                request.extend_from_slice(&chunk[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
                });
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    break (head.to_owned(), body.to_owned());
                }
            };
            let path = head.split(' ').nth(1).unwrap().to_owned();
            desk.calls.lock().unwrap().push(path.clone());
            // A caller that had enough hangs up.
            let _ = desk.answer(&path, &body, &mut stream).await;
            let _ = stream.shutdown().await;
        });
    }
}

type Stream = tokio_rustls::server::TlsStream<tokio::net::TcpStream>;

async fn say(stream: &mut Stream, body: &str) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}

/// A body of 100 MB, without a length in its head.
async fn huge(stream: &mut Stream) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"x\":\"";
    stream.write_all(head.as_bytes()).await?;
    for _ in 0..100 {
        stream.write_all(&vec![b'a'; 1024 * 1024]).await?;
    }
    Ok(())
}

impl Desk {
    async fn answer(&self, path: &str, body: &str, stream: &mut Stream) -> std::io::Result<()> {
        let wrong = *self.wrong.lock().unwrap();
        let at = |name: &str| format!("{}/{name}", self.origin);
        match (path, wrong) {
            ("/.well-known/openid-credential-issuer", Wrong::HugeMetadata)
            | ("/request", Wrong::RequestHuge)
            | ("/response", Wrong::AnswerHuge) => huge(stream).await,
            ("/response", Wrong::AnswerHangsUp) => Ok(()),
            ("/response", Wrong::AnswerStatus) => {
                stream.write_all(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n").await
            }
            ("/response", Wrong::AnswerOpensPrivate) => {
                say(stream, r#"{"redirect_uri":"http://192.168.0.1/"}"#).await
            }
            ("/response", Wrong::AnswerRedirects) | ("/request", Wrong::RequestRedirects) => {
                let head = "HTTP/1.1 302 Found\r\nLocation: https://10.0.0.1/\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(head.as_bytes()).await
            }
            ("/request", Wrong::RequestNotSigned) => {
                let body = "eyJhbGciOiJub25lIn0.e30.";
                let head =
                    "HTTP/1.1 200 OK\r\nContent-Type: application/oauth-authz-req+jwt\r\nContent-Length: ";
                stream.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).await
            }
            ("/response", _) => say(stream, "{}").await,
            ("/credential", Wrong::HugePaper) => huge(stream).await,
            ("/credential", Wrong::NotJson) => say(stream, "<html>").await,
            ("/credential", Wrong::HangsUp) => Ok(()),
            ("/token", Wrong::Drips) | ("/request", Wrong::RequestDrips) => {
                stream
                    .write_all(
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n",
                    )
                    .await?;
                loop {
                    stream.write_all(b" ").await?;
                    stream.flush().await?;
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
            ("/token", Wrong::Silence) => std::future::pending().await,
            ("/token", Wrong::RedirectToPrivate) => {
                let head = "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://192.168.0.1/token\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(head.as_bytes()).await
            }
            ("/.well-known/openid-credential-issuer", _) => {
                let credential = if wrong == Wrong::NamesPrivateAddress {
                    "https://192.168.0.1/credential".to_owned()
                } else {
                    at("credential")
                };
                let metadata = json!({
                    "credential_issuer": self.origin,
                    "credential_endpoint": credential,
                    "nonce_endpoint": at("nonce"),
                    "credential_configurations_supported": {
                        "paper": {
                            "format": "dc+sd-jwt",
                            "vct": VCT,
                            "cryptographic_binding_methods_supported": ["jwk"],
                            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
                        },
                        "mdoc": {
                            "format": "mso_mdoc",
                            "doctype": "example.hostile.1",
                            "cryptographic_binding_methods_supported": ["cose_key"],
                            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
                        },
                    },
                });
                say(stream, &metadata.to_string()).await
            }
            ("/.well-known/oauth-authorization-server", _) => {
                let metadata = json!({
                    "issuer": self.origin,
                    "token_endpoint": at("token"),
                    "grant_types_supported": ["urn:ietf:params:oauth:grant-type:pre-authorized_code"],
                    "response_types_supported": ["code"],
                    "dpop_signing_alg_values_supported": ["ES256"],
                    "token_endpoint_auth_methods_supported": ["none"],
                });
                say(stream, &metadata.to_string()).await
            }
            ("/token", _) => {
                say(stream, r#"{"access_token":"token","token_type":"DPoP","expires_in":600}"#).await
            }
            ("/nonce", _) => say(stream, r#"{"c_nonce":"nonce"}"#).await,
            ("/credential", _) => {
                let asked: Value = serde_json::from_str(body).unwrap();
                let copies: Vec<Value> = asked["proofs"]["jwt"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|proof| json!({ "credential": self.paper(wrong, &key_of(proof.as_str().unwrap())) }))
                    .collect();
                say(stream, &json!({ "credentials": copies }).to_string()).await
            }
            _ => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await,
        }
    }

    fn paper(&self, wrong: Wrong, key: &PublicKey) -> String {
        let foreign = PrivateKey::generate(&SystemEntropy).unwrap().public_key();
        let key = if wrong == Wrong::ForeignKey { &foreign } else { key };
        let party = if wrong == Wrong::UnknownIssuer { &self.stranger } else { &self.issuer };
        if wrong == Wrong::MdocDigest {
            return self.mdoc(key);
        }
        let (from, until) = match wrong {
            Wrong::Expired => (now() - 20 * DAY, now() - 10 * DAY),
            Wrong::NotYetValid => (now() + 10 * DAY, now() + 20 * DAY),
            _ => (now() - DAY, now() + 30 * DAY),
        };
        let claims = json!({ "name": "홍길동", "city": "가람시" });
        let vct = if wrong == Wrong::OtherType { "urn:nuri-demo:Voucher:1" } else { VCT };
        let signed = sd_jwt_vc::Issuance::new(vct, claims.as_object().unwrap().clone())
            .disclosable(ClaimPath::top_level("name"))
            .disclosable(ClaimPath::top_level("city"))
            .issued_at(now() - 20 * DAY)
            .not_before(from)
            .expires(until)
            .holder_key(key)
            .sign(&party.key, &party.chain, &SystemEntropy)
            .unwrap();
        let mut parts: Vec<String> = signed.split('~').map(str::to_owned).collect();
        match wrong {
            Wrong::Signature => {
                let (unsigned, signature) = parts[0].rsplit_once('.').unwrap();
                let mut signature = signature.to_owned();
                let other = if signature.starts_with('A') { "B" } else { "A" };
                signature.replace_range(..1, other);
                parts[0] = format!("{unsigned}.{signature}");
            }
            Wrong::ChangedDisclosure => {
                let changed = json!(["c2FsdHNhbHRzYWx0c2FsdA", "name", "임꺽정"]).to_string();
                parts[1] = primitives::base64url::encode(changed.as_bytes());
            }
            Wrong::DigestMissing => {
                let extra = json!(["c2FsdHNhbHRzYWx0c2FsdA", "extra", 1]).to_string();
                parts.insert(1, primitives::base64url::encode(extra.as_bytes()));
            }
            _ => {}
        }
        parts.join("~")
    }

    fn mdoc(&self, key: &PublicKey) -> String {
        let elements = json!({ "name": "AAAAAAAA" });
        let dates = now() - DAY..now() + 30 * DAY;
        let signed = test_world::mdoc("example.hostile.1", "example.hostile.1", elements, dates)
            .sign(key, &self.issuer.key, &self.issuer.chain, &SystemEntropy)
            .unwrap();
        let mut bytes = signed.to_bytes();
        let place = bytes.windows(8).position(|part| part == b"AAAAAAAA").unwrap();
        bytes[place] = b'B';
        primitives::base64url::encode(&bytes)
    }
}

/// The key in the header of a proof.
fn key_of(proof: &str) -> PublicKey {
    let header = primitives::base64url::decode(proof.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    *serde_json::from_value::<crypto::jwk::PublicJwk>(header["jwk"].clone()).unwrap().key()
}
