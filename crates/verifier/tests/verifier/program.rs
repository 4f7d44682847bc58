//! The program: a configuration file, TLS, one session, the verdict as JSON, the exit status.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use crate::support::*;
use crypto::SystemEntropy;
use host::http::{AddressPolicy, PortSet};
use host::{HttpClient, SystemClock, TlsRoots};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use openid4vp::holder::{AuthenticatedRequest, Invocation, Next, Policy};
use primitives::{Clock as _, Http as _, Instant, LocalizedText};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio_rustls::TlsAcceptor;
use trust::certificate::builder::Purpose;
use trust::status::{Bits, Publication, StatusListBuilder};
use trust::trust_list::TrustList;
use verifier::Identity;
use verifier::config::{Config, ConfigError};
use verifier::offline::{
    Anchors, DeskIdentity, FrameSize, ListFolder, MAX_IDENTITY_BYTES, Question, Refreshed, TimePolicy,
    UnknownStatus,
};

struct Stage {
    folder: tempfile::TempDir,
    party: Party,
    issuer: Party,
    tls: Party,
    config: Value,
}

/// Two ports that were free just now.
fn free_ports() -> [u16; 2] {
    let both = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    both.map(|one| one.local_addr().unwrap().port())
}

impl Stage {
    fn new() -> Self {
        let now = SystemClock.now();
        let tls = party("localhost", now).purpose(Purpose::ServerAuthentication).make(&SystemEntropy);
        let issuer = party("Issuer", now).document_signer().make(&SystemEntropy);
        let party = party("Library", now).make(&SystemEntropy);
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("key.pem", party.key.to_pkcs8_pem().unwrap().expose_str().unwrap());
        write("chain.pem", &party.chain.leaf().to_pem().unwrap());
        write(
            "chain-with-root.pem",
            &[party.chain.leaf(), &party.root].map(|one| one.to_pem().unwrap()).concat(),
        );
        write("root.pem", &party.root.to_pem().unwrap());
        write("issuer.pem", &issuer.root.to_pem().unwrap());
        write("tls-key.pem", tls.key.to_pkcs8_pem().unwrap().expose_str().unwrap());
        write("tls-chain.pem", &tls.chain.leaf().to_pem().unwrap());
        let [protocol, pages] = free_ports();
        let config = json!({
            "version": 1,
            "name": { "ko": "도서관", "en": "Library" },
            "purpose": { "ko": "회원증 발급", "en": "Membership card" },
            "client": "x509_hash",
            "key": "key.pem",
            "chain": "chain.pem",
            "question": { "vct": VCT, "claims": [["name"], ["ageOver19"]] },
            "issuers": [{ "anchor": "issuer.pem", "types": [format!("vct:{VCT}")] }],
            "addresses": {
                "protocol": format!("https://localhost:{protocol}/"),
                "pages": format!("http://127.0.0.1:{pages}/")
            },
            "listen": { "protocol": format!("127.0.0.1:{protocol}"), "pages": format!("127.0.0.1:{pages}") },
            "tls": { "key": "tls-key.pem", "chain": "tls-chain.pem" },
            "systemRoots": false,
            "loopback": true
        });
        Self { folder, party, issuer, tls, config }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let path = self.folder.path().join("verifier.json");
        std::fs::write(&path, self.config.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_verifier"));
        command.arg(&path).args(arguments).stdout(Stdio::piped());
        command
    }

    fn start(&self, arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
        let mut child = self.command(arguments).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        (child, out)
    }

    fn http(&self) -> HttpClient {
        let roots = TlsRoots::only(vec![self.tls.root.der().to_vec()]);
        HttpClient::new(AddressPolicy::with_loopback(PortSet::Any, true), &roots).unwrap()
    }

    /// What serves as the program does.
    fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::from_pem_slice(self.tls.key.to_pkcs8_pem().unwrap().expose()).unwrap();
        let chain = vec![CertificateDer::from(self.tls.chain.leaf().der().to_vec())];
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    async fn receive(&self, link: &str) -> AuthenticatedRequest {
        let Next::Fetch(fetch) =
            Invocation::parse(link, &Policy::STRICT).unwrap().next(&SystemEntropy).unwrap()
        else {
            panic!("nothing to fetch")
        };
        let response = self.http().send(fetch.request().clone()).await.unwrap();
        let request = fetch.receive(&response).unwrap();
        knowing(&self.party, |trust| request.authenticate(trust, SystemClock.now(), &Policy::STRICT)).unwrap()
    }

    async fn answer(&self, request: &AuthenticatedRequest) {
        let now = SystemClock.now();
        let mut claims = card_claims();
        claims["ageOver19"] = json!(true);
        let papers = Papers {
            vct: VCT,
            claims,
            doctype: DOCTYPE,
            name_space: NAME_SPACE,
            elements: json!({ "name": "홍길동" }),
            reference: None,
            dates: now - 60..now + 3600,
        };
        let (wallet, _) = Wallet::of(&self.issuer, papers, now);
        let post = wallet.respond(request, &[Holds::SdJwt], now).into_delivery().into_post().unwrap();
        assert_eq!(self.http().send(post).await.unwrap().status, 200);
    }
}

async fn serve_tls(listener: tokio::net::TcpListener, tls: TlsAcceptor, router: axum::Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, router) = (tls.clone(), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            let stream = TokioIo::new(tls.accept(stream).await.unwrap());
            hyper::server::conn::http1::Builder::new().serve_connection(stream, router).await
        });
    }
}

fn line(out: &mut BufReader<ChildStdout>) -> Value {
    let mut text = String::new();
    out.read_line(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn one_session_ends_with_its_verdict_in_json() {
    let stage = Stage::new();
    let (mut child, mut out) = stage.start(&["--json", "--once"]);
    assert!(line(&mut out)["pages"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let begun = line(&mut out);
    let request = stage.receive(begun["cross_device_link"].as_str().unwrap()).await;
    assert!(request.client().is_authenticated());
    stage.answer(&request).await;
    let verdict = line(&mut out);
    assert_eq!(verdict["outcome"], "confirmed");
    assert_eq!(verdict["session"], begun["session"]);
    assert_eq!(verdict["answers"][1]["value"], true);
    assert!(!verdict.to_string().contains("1988"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_wallet_that_declines_ends_with_4_and_no_claim() {
    let stage = Stage::new();
    let (mut child, mut out) = stage.start(&["--json", "--once"]);
    line(&mut out);
    let begun = line(&mut out);
    let request = stage.receive(begun["link"].as_str().unwrap()).await;
    assert_eq!(
        stage.http().send(request.decline(&SystemEntropy).into_post().unwrap()).await.unwrap().status,
        200
    );
    assert_eq!(line(&mut out)["outcome"], "declined");
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

/// The page of a desk at its address, as text.
fn page(port: u16) -> String {
    request(port, "GET", "/", "", "")
}

/// What a desk on this port replies, head and all.
fn request(port: u16, method: &str, path: &str, headers: &str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_desk_for_screens_needs_no_door_for_wallets_and_serves_this_computer_only() {
    let mut stage = Stage::new();
    let config = stage.config.as_object_mut().unwrap();
    config.remove("tls");
    config["addresses"].as_object_mut().unwrap().remove("protocol");
    config["listen"].as_object_mut().unwrap().remove("protocol");
    config.insert(
        "offline".to_owned(),
        json!({ "folder": "kept", "statusLists": ["https://lists.example/1"] }),
    );
    let (mut child, mut out) = stage.start(&["--desk", "--json"]);
    let address = line(&mut out)["pages"].as_str().unwrap().parse::<url::Url>().unwrap();
    let page = page(address.port().unwrap());
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    // The ready-made questions, and the configuration's own.
    assert!(page.contains("만 19세 이상입니까?") && page.contains("회원증 발급"), "{page}");
    assert!(stage.folder.path().join("kept").is_dir());
    // One line for each verdict, also for one that is worth nothing.
    let post = |path: &str, body: &str| {
        let port = address.port().unwrap();
        let cookies = page.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookies.filter_map(|cookie| cookie.split(';').next());
        let cookie =
            cookie.into_iter().find(|cookie| cookie.starts_with(&format!("screen_desk_{port}="))).unwrap();
        request(port, "POST", path, &format!("cookie: {cookie}\r\norigin: http://127.0.0.1:{port}\r\n"), body)
    };
    let begun = post("/screen/begin", &json!({ "question": "age-over-19", "mode": "code" }).to_string());
    assert!(begun.contains("waiting"), "{begun}");
    let frames =
        offline_qr::Frames::new(offline_qr::Kind::Answer, b"no answer", FrameSize::Standard, &SystemEntropy);
    let shown = post("/screen/text", &frames.unwrap().text(0));
    assert!(shown.contains("not_confirmed"), "{shown}");
    let verdict = line(&mut out);
    assert_eq!((&verdict["outcome"], &verdict["offline"]["mode"]), (&json!("not_confirmed"), &json!("code")));
    assert_eq!(verdict["reasons"][0]["code"], "offline_message_malformed");
    child.kill().unwrap();
    child.wait().unwrap();

    // For wallets there is nothing to serve them with.
    assert_eq!(stage.start(&[]).0.wait().unwrap().code(), Some(2));
    // Never for others than this computer.
    stage.config["listen"]["pages"] = json!(format!("0.0.0.0:{}", free_ports()[0]));
    assert_eq!(stage.start(&["--desk"]).0.wait().unwrap().code(), Some(2));
}

/// A trust list of this number that names nobody, and a status list without a claim to it, each signed then.
fn signed_lists(stage: &Stage, number: u64, uri: &str, at: Instant) -> (String, String) {
    let text = LocalizedText::new("목록", "List");
    let list = TrustList {
        sequence_number: number,
        issued_at: at,
        next_update: at + 2 * DAY,
        operator: text.clone(),
        scheme: text,
        territory: "XN".to_owned(),
        entities: Vec::new(),
    };
    let publication =
        Publication { uri: uri.to_owned(), issued_at: at, expires_at: None, time_to_live: None };
    let status = StatusListBuilder::new(Bits::Two, 16).unwrap();
    (
        list.sign(&stage.party.chain, &stage.party.key).unwrap(),
        status.sign_jwt(&publication, &stage.issuer.chain, &stage.issuer.key).unwrap(),
    )
}

// rule: TL-5, OQ-36
#[tokio::test(flavor = "multi_thread")]
async fn lists_that_do_not_come_or_are_older_are_told_to_who_runs_the_desk() {
    let mut stage = Stage::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let uri = format!("{at}/status");
    let now = SystemClock.now();
    // Kept are the second trust list and a status list of now; what comes are the first, and one of an hour ago.
    let (kept_trust, kept_status) = signed_lists(&stage, 2, &uri, now);
    let (older_trust, older_status) = signed_lists(&stage, 1, &uri, now - 3600);
    std::fs::write(stage.folder.path().join("tls-root.pem"), stage.tls.root.to_pem().unwrap()).unwrap();
    let config = stage.config.as_object_mut().unwrap();
    config.insert("tlsRoots".to_owned(), json!(["tls-root.pem"]));
    // Nobody opens the page: whichever port is free.
    config["listen"]["pages"] = json!("127.0.0.1:0");
    config.insert(
        "offline".to_owned(),
        json!({
            "folder": "kept", "statusLists": [uri, format!("{at}/none")],
            "trustList": { "address": format!("{at}/trust"), "anchor": "root.pem" }
        }),
    );
    let config = understood(stage.folder.path(), &stage.config).ok().unwrap();
    let anchors = Anchors {
        issuers: config.settings.issuers,
        status_signers: config.status_signers,
        trust_list_signers: config.offline.trust_list_signers,
    };
    let kept = ListFolder::open(&stage.folder.path().join("kept"), anchors).unwrap();
    kept.take_trust_list(&kept_trust, now).unwrap();
    kept.take_status_token(&uri, kept_status.as_bytes(), now).unwrap();
    let router = axum::Router::new()
        .route("/trust", axum::routing::get(async move || older_trust))
        .route("/status", axum::routing::get(async move || older_status));
    tokio::spawn(serve_tls(listener, stage.acceptor(), router));

    let mut child = stage.command(&["--desk"]).stderr(Stdio::piped()).spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap()).lines().take(3);
    let told: Vec<String> = told.map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let expected = [
        format!("{at}/trust is not renewed: trust_list_rollback"),
        format!("{at}/none is not renewed: list_unreachable"),
        format!("{uri} is not renewed: status_list_older"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_became_of_a_list_is_told_once() {
    let failed = |lists: &[(&str, &'static str)]| {
        let failed = lists.iter().map(|(address, code)| ((*address).to_owned(), *code)).collect();
        Refreshed { renewed: 0, failed }
    };
    let none = Refreshed::default();
    let (first, second) = (failed(&[("a", "x"), ("b", "x")]), failed(&[("a", "x"), ("b", "y"), ("c", "x")]));
    assert_eq!(first.news(&none), [("a", Some("x")), ("b", Some("x"))]);
    assert_eq!(first.news(&first), []);
    assert_eq!(second.news(&first), [("b", Some("y")), ("c", Some("x"))]);
    assert_eq!(none.news(&second), [("a", None), ("b", None), ("c", None)]);
}

fn understood(folder: &Path, config: &Value) -> Result<Config, ConfigError> {
    Config::parse(&config.to_string(), &|name| std::fs::read_to_string(folder.join(name)).ok())
}

#[test]
fn a_configuration_is_understood_whole_or_refused() {
    let stage = Stage::new();
    let with = |pointer: &str, value: Value| {
        let mut config = stage.config.clone();
        match config.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => {
                config.as_object_mut().unwrap().insert(pointer.trim_start_matches('/').to_owned(), value);
            }
        }
        understood(stage.folder.path(), &config).err()
    };
    assert_eq!(with("/version", json!(1)), None);
    assert_eq!(with("/client", json!({ "x509_san_dns": "localhost" })), None);
    assert_eq!(with("/client", json!("redirect_uri")), None);
    assert_eq!(
        with("/question", json!({ "credentials": [{ "id": "a", "format": "mso_mdoc", "meta": {} }] })),
        None
    );
    assert_eq!(
        with("/offline", json!({ "statusGreenHours": 1, "unknownStatus": "red", "receipts": true })),
        None
    );
    assert_eq!(
        with(
            "/offline",
            json!({ "trustList": { "address": "https://lists.example/trust", "anchor": "root.pem" } })
        ),
        None
    );
    assert!(matches!(with("/offline", json!({ "statusGreenHours": -1 })), Some(ConfigError::Shape(_))));
    assert!(matches!(with("/offline", json!({ "unknownStatus": "green" })), Some(ConfigError::Shape(_))));
    assert!(matches!(with("/offline", json!({ "statusLists": ["nowhere"] })), Some(ConfigError::Address(_))));
    assert_eq!(with("/tls", Value::Null), Some(ConfigError::Door));
    assert!(matches!(with("/version", json!(2)), Some(ConfigError::Shape(_))));
    assert!(matches!(with("/unknown", json!(1)), Some(ConfigError::Shape(_))));
    assert!(matches!(with("/question", json!({ "credentials": [] })), Some(ConfigError::Question(_))));
    assert_eq!(with("/key", json!("none.pem")), Some(ConfigError::File("none.pem".to_owned())));
    assert_eq!(with("/chain", json!("key.pem")), Some(ConfigError::Content("key.pem".to_owned())));
    // The key of another certificate.
    assert_eq!(with("/key", json!("tls-key.pem")), Some(ConfigError::Content("tls-key.pem".to_owned())));
    assert_eq!(with("/key", Value::Null), Some(ConfigError::Unsigned));
    assert_eq!(with("/issuers/0/types", json!(["card"])), Some(ConfigError::Type("card".to_owned())));
    assert_eq!(
        with("/issuers/0/anchor", json!("chain.pem")),
        Some(ConfigError::Content("chain.pem".to_owned()))
    );
    for address in ["https://localhost/desk", "ftp://localhost/"] {
        assert!(matches!(with("/addresses/protocol", json!(address)), Some(ConfigError::Address(_))));
    }
}

// rule: OQ-31
#[test]
fn the_configuration_decides_how_old_lists_may_be() {
    let stage = Stage::new();
    let policy = |offline: Value| {
        let mut config = stage.config.clone();
        config["offline"] = offline;
        understood(stage.folder.path(), &config).ok().unwrap().offline.policy
    };
    let house = TimePolicy::default();
    assert_eq!(policy(json!({})), house);
    let all =
        json!({ "statusGreenHours": 1, "statusAmberHours": 2, "trustListDays": 3, "unknownStatus": "red" });
    let expected = TimePolicy {
        status_green: 3600,
        status_amber: 2 * 3600,
        trust_list: 3 * 24 * 3600,
        unknown_status: UnknownStatus::Red,
    };
    assert_eq!(policy(all), expected);
    // Each by itself; what nobody decided stays as the house has it.
    assert_eq!(policy(json!({ "statusGreenHours": 1 })), TimePolicy { status_green: 3600, ..house });
    assert_eq!(policy(json!({ "statusAmberHours": 48 })), TimePolicy { status_amber: 48 * 3600, ..house });
    assert_eq!(policy(json!({ "trustListDays": 1 })), TimePolicy { trust_list: 24 * 3600, ..house });
    // What counts as new is never old as well.
    let long = policy(json!({ "statusGreenHours": 48, "statusAmberHours": 1 }));
    assert_eq!((long.status_green, long.status_amber), (48 * 3600, 48 * 3600));
}

// rule: HA-6, PK-11, PK-12
#[test]
fn an_anchor_is_never_sent_and_a_self_signed_leaf_neither() {
    let stage = Stage::new();
    for file in ["chain-with-root.pem", "root.pem"] {
        let mut config = stage.config.clone();
        config["chain"] = json!(file);
        let refused = understood(stage.folder.path(), &config).err();
        assert_eq!(refused, Some(ConfigError::Content(file.to_owned())));
    }
}

#[test]
fn the_documented_example_is_a_configuration() {
    let stage = Stage::new();
    let document = include_str!("../../../../docs/verifier.md");
    let example = document.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    let config = understood(stage.folder.path(), &example).ok().unwrap();
    assert_eq!(config.settings.question.credentials().first().claims.len(), 2);
    assert_eq!((config.settings.issuers.len(), config.status_signers.len()), (1, 1));
}

#[test]
fn what_a_configuration_calls_things_stands_before_what_the_catalogue_calls_them() {
    let (stage, vct) = (Stage::new(), crate::offline::VCT);
    let mut config = stage.config.clone();
    config["question"]["vct"] = json!(vct);
    let question =
        |config: &Value| Question::own(&understood(stage.folder.path(), config).ok().unwrap().settings);
    let caption = |question: &Question| question.items()[0].ko.clone();
    let title = |question: &Question| question.titles.first().map(|title| title.text.ko.clone());
    let plain = question(&config);
    assert_eq!((caption(&plain).as_str(), title(&plain).as_deref()), ("성명", Some("모바일 주민등록증")));
    config["captions"] = json!([{ "type": vct, "path": ["name"], "text": { "ko": "이름", "en": "Name" } }]);
    config["titles"] = json!({ vct: { "ko": "도서관 회원의 신분증", "en": "Card" } });
    let own = question(&config);
    assert_eq!((caption(&own).as_str(), title(&own).as_deref()), ("이름", Some("도서관 회원의 신분증")));
    assert_eq!((own.captions.len(), own.titles.len()), (plain.captions.len() + 1, plain.titles.len() + 1));
}

// rule: OQ-1
#[test]
fn an_identity_is_kept_with_its_key_and_read_in_its_version_alone() {
    let stage = Stage::new();
    let read = |name: &str| std::fs::read_to_string(stage.folder.path().join(name)).ok();
    let identity = DeskIdentity::of_configuration(&stage.config.to_string(), &read).ok().unwrap();
    let kept = identity.to_kept().unwrap();
    let again = DeskIdentity::from_kept(&kept).unwrap();
    assert_eq!(again.name().ko, "도서관");
    assert_eq!(again.to_kept().unwrap(), kept);
    let Some(Identity::X509Hash { chain, .. }) = again.identity() else { panic!("no key") };
    assert_eq!(chain.to_der(), stage.party.chain.to_der());
    for (known, other) in [("\"version\":1", "\"version\":2"), ("\"key\":", "\"secret\":")] {
        assert!(DeskIdentity::from_kept(&kept.replace(known, other)).is_none(), "{other}");
    }
    assert!(DeskIdentity::from_kept(&format!("{kept}{}", " ".repeat(MAX_IDENTITY_BYTES))).is_none());
}

#[test]
fn a_configuration_that_is_not_understood_ends_with_2() {
    let stage = Stage::new();
    let stage = Stage { config: json!({ "version": 1 }), ..stage };
    let (mut child, _) = stage.start(&[]);
    assert_eq!(child.wait().unwrap().code(), Some(2));
}
