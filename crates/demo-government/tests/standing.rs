//! What the console changes, what lasts over restarts, and what an outage looks like.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use demo_government::{Bundle, Config, Government, GovernmentError, GrantKind, NewNotice, PAID};
use primitives::Http as _;
use primitives::http::Request;
use support::*;
use trust::status::{StatusFormat, StatusState};
use trust::{ChainPolicy, CredentialType};

fn plain() -> GrantKind {
    GrantKind::PreAuthorized { tx_code: None }
}

async fn papers(
    government: &Government,
    wallet: &TestWallet,
    person: &str,
    papers: &[&str],
    count: usize,
) -> Vec<openid4vci::holder::ReceivedCopies> {
    let bundle = Bundle::Papers(papers.iter().map(|it| (*it).to_owned()).collect());
    let link = government.offer(person, bundle, plain()).await.unwrap();
    let authorized = wallet.authorized(&link, None).await;
    wallet.collect(authorized, count).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standing_shows_in_the_status_list_and_lasts_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let copies = papers(&government, &wallet, "p2", &["p2n-car", "p2-register"], 2).await;
    let notice = &copies[0].copies.as_slice()[1];
    let register = &copies[1].copies.as_slice()[0];
    assert_eq!(wallet.status(notice, StatusFormat::Jwt).await, StatusState::Valid);
    government.mark_paid("p2n-car").await.unwrap();
    government.revoke("p2-register").await.unwrap();
    assert_eq!(wallet.status(notice, StatusFormat::Jwt).await, PAID);
    assert_eq!(wallet.status(register, StatusFormat::Jwt).await, StatusState::Invalid);
    assert_eq!(wallet.status(register, StatusFormat::Cwt).await, StatusState::Invalid);
    assert_eq!(government.mark_paid("p2-register").await, Err(GovernmentError::NotANotice));
    assert_eq!(government.revoke("p9-nothing").await, Err(GovernmentError::UnknownPaper));

    let profile = government.profile_json().to_owned();
    government.stop().await;
    let government = start(folder.path()).await;
    assert_eq!(government.profile_json(), profile, "a vault holds on to the profile's hash");
    let again = TestWallet::new(&government).await;
    assert_eq!(again.list.accepted(), wallet.list.accepted(), "nothing changed, so the number did not");
    assert_eq!(again.status(notice, StatusFormat::Jwt).await, PAID);
    assert_eq!(again.status(register, StatusFormat::Jwt).await, StatusState::Invalid);
    government.suspend("p2-register").await.unwrap();
    assert_eq!(again.status(register, StatusFormat::Jwt).await, StatusState::Suspended);
    government.restore("p2-register").await.unwrap();
    assert_eq!(again.status(register, StatusFormat::Jwt).await, StatusState::Valid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_notice_reaches_its_payer() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let notice = |agency: &str, amount| NewNotice {
        kind: "LocalTaxNotice".to_owned(),
        agency: agency.to_owned(),
        title: "등록면허세(시연)".to_owned(),
        amount,
        due_in_days: 9,
    };
    let id = government.issue_notice("p6", notice("garam", 27_000)).await.unwrap();
    let copies = papers(&government, &wallet, "p6", &[&id], 1).await;
    assert_eq!(copies.len(), 1);
    let tax = government.issue_notice("p6", notice("nuri-nts", 27_000)).await;
    assert_eq!(tax, Err(GovernmentError::UnknownService), "a tax office issues no local tax");
    assert_eq!(government.issue_notice("p6", notice("garam", 0)).await, Err(GovernmentError::NoticeBounds));
    assert_eq!(
        government.issue_notice("p0", notice("garam", 100)).await,
        Err(GovernmentError::UnknownPerson)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_issues_its_own_types_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let copies = papers(&government, &wallet, "p1", &["p1-jobseeker"], 1).await;
    let issuer = copies[0].copies.as_slice()[0].credential().issuer();
    assert!(issuer.may_issue(&CredentialType::sd_jwt_vc("urn:nuri-demo:JobSeekerCertificate:1")).is_ok());
    assert!(issuer.may_issue(&CredentialType::sd_jwt_vc("urn:nuri-demo:MobileResidentCard:1")).is_err());
    assert_eq!(issuer.chain().iter().count(), 2, "leaf and intermediate, without the anchor");
    let provider = trust::verify_chain(
        issuer.chain(),
        &wallet.anchors.wallet_providers,
        primitives::Clock::now(&host::SystemClock),
        &ChainPolicy::role_only(),
    );
    assert!(provider.is_err(), "an agency is no wallet provider");
    let mixed = Bundle::Papers(vec!["p1-jobseeker".to_owned(), "p1-resident".to_owned()]);
    assert_eq!(government.offer("p1", mixed, plain()).await, Err(GovernmentError::SeveralAgencies));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_service_answers_nothing_and_the_others_do() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let metadata = |agency: &str| {
        let origin = government.addresses().origin(agency);
        Request::get(url::Url::parse(&format!("{origin}/.well-known/openid-credential-issuer")).unwrap())
    };
    government.stop_service("garam").await.unwrap();
    assert!(wallet.client.send(metadata("garam")).await.is_err());
    assert_eq!(wallet.client.send(metadata("naru")).await.unwrap().status, 200);
    assert!(government.services().await.unwrap().contains(&("garam".to_owned(), false)));
    government.start_service("garam").await.unwrap();
    assert_eq!(wallet.client.send(metadata("garam")).await.unwrap().status, 200);
    assert_eq!(government.stop_service("nobody").await, Err(GovernmentError::UnknownService));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_attaches_and_commands_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let second =
        Government::start(Config { folder: Some(folder.path().to_owned()), port_base: None }).await.unwrap();
    assert!(second.is_attached() && !first.is_attached());
    assert_eq!(second.profile_json(), first.profile_json());
    assert_eq!(second.personas().await.unwrap(), first.personas().await.unwrap());
    assert_eq!(second.revoke("p9-nothing").await, Err(GovernmentError::UnknownPaper));
    let wallet = TestWallet::new(&second).await;
    let link = second.offer("p3", Bundle::FirstCard, plain()).await.unwrap();
    let authorized = wallet.authorized(&link, None).await;
    assert_eq!(wallet.collect(authorized, 1).await.len(), 1);
    second.stop().await;
    assert!(first.personas().await.is_ok(), "who attached does not end it");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path().join("keys")).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        files += 1;
    }
    assert!(files > 40, "{files}");
    drop(government);
}

// rule: CI-13
#[tokio::test(flavor = "multi_thread")]
async fn copies_are_fetched_anew_after_a_restart() {
    use openid4vci::holder::{Client, ClientAttestation};
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let dpop = dpop_key();
    let link = government.offer("p1", Bundle::FirstCard, plain()).await.unwrap();
    let resolved = wallet.resolve(&link).await;
    let issuer = resolved_issuer(&link);
    let attestation: ClientAttestation = wallet.attested_client().await.attestation().unwrap().clone();
    let client = Client::attested(attestation, dpop.clone());
    let authorized = wallet.drive(resolved.pre_authorized(client, &[], None).unwrap()).await.unwrap();
    let stored = authorized.stored_access();
    assert!(stored.can_refresh());
    government.stop().await;

    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let ids = primitives::UniqueNonEmpty::one("MobileResidentCard".to_owned());
    let renewal = wallet.resolve_offer(openid4vci::offer::CredentialOffer::renewal(issuer, ids)).await;
    let attestation = wallet.attested_client().await.attestation().unwrap().clone();
    let exchange = renewal.refresh(Client::attested(attestation, dpop), stored).unwrap();
    let authorized = wallet.drive(exchange).await.unwrap();
    assert_eq!(wallet.collect(authorized, 5).await[0].copies.as_slice().len(), 5);
}

fn resolved_issuer(link: &str) -> openid4vci::wire::Identifier {
    match openid4vci::offer::OfferSource::parse(link).unwrap() {
        openid4vci::offer::OfferSource::ByValue(offer) => offer.issuer().clone(),
        openid4vci::offer::OfferSource::ByReference(_) => panic!("by value"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_reads_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let profile = wallet::profile::Profile::parse(government.profile_json().as_bytes());
    let profile = profile.map_err(|error| error.to_string()).unwrap();
    assert_eq!(profile.marking, wallet::profile::Marking::Demo);
    assert_eq!(profile.anchors.issuers.len(), demo_government::AGENCIES.len());
    let addresses = government.addresses();
    assert!(profile.allows_loopback(addresses.https) && profile.allows_loopback(addresses.pages));
    assert!(!profile.allows_loopback(22));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_is_given_to_nobody_again() {
    use primitives::Refusal as _;
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    government.revoke("p1-jobseeker").await.unwrap();
    let bundle = Bundle::Papers(vec!["p1-jobseeker".to_owned()]);
    let link = government.offer("p1", bundle, plain()).await.unwrap();
    let authorized = wallet.authorized(&link, None).await;
    let paper = authorized.papers()[0].clone();
    let exchange = authorized.request_credential(&paper, holder_keys(1), None, &wallet.context()).unwrap();
    let refused = wallet.drive(exchange).await.map(drop).unwrap_err();
    assert_eq!(refused.error.code(), openid4vci::holder::CredentialError::Denied.code());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_papers_name_is_not_given_up_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let port = government.addresses().pages;
    government.stop().await;
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let config = Config { folder: Some(folder.path().to_owned()), port_base: Some(0) };
    assert_eq!(Government::start(config).await.map(drop), Err(GovernmentError::PortTaken(port)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_its_own_is_attached_to_and_killed_without_harm() {
    use std::io::BufRead as _;
    let folder = tempfile::tempdir().unwrap();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_demo-government"))
        .args(["--port-base", "0", "--state"])
        .arg(folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(program.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("시연용"));
    assert!(lines.next().unwrap().unwrap().contains("http://127.0.0.1:"));
    let attached = start(folder.path()).await;
    assert!(attached.is_attached());
    let wallet = TestWallet::new(&attached).await;
    let copies = papers(&attached, &wallet, "p4", &["p4n-vat"], 1).await;
    attached.mark_paid("p4n-vat").await.unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(attached.personas().await.is_err(), "nobody answers any more");

    let own = start(folder.path()).await;
    assert!(!own.is_attached());
    assert_eq!(own.profile_json(), attached.profile_json());
    let copy = &copies[0].copies.as_slice()[0];
    assert_eq!(wallet.status(copy, StatusFormat::Jwt).await, PAID);
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_said_and_not_repaired_over() {
    let folder = tempfile::tempdir().unwrap();
    start(folder.path()).await.stop().await;
    for name in ["state.json", "ports.json", "keys/issuer-garam-root.pem", "keys/tls-garam.localhost.pem"] {
        let path = folder.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let config = Config { folder: Some(folder.path().to_owned()), port_base: Some(0) };
        assert_eq!(Government::start(config).await.map(drop), Err(GovernmentError::Damaged), "{name}");
        assert_eq!(std::fs::read(&path).unwrap().len(), whole.len() / 2, "{name} is left as it was");
        std::fs::write(&path, &whole).unwrap();
    }
    start(folder.path()).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_from_before_the_stop_gets_no_answer_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let root = certificate(&wallet.profile["tlsRoots"][0]).der().to_vec();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.into()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let port = government.addresses().https;
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from("garam.localhost").unwrap();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let mut stream = connector.connect(name, stream).await.unwrap();
    let mut ask = async |host: String| {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let request = format!("GET /nothing HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..read]).split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(ask(format!("garam.localhost:{port}")).await, "404");
    assert_eq!(ask(format!("naru.localhost:{port}")).await, "421", "another host than that of the greeting");
    government.stop_service("garam").await.unwrap();
    assert_eq!(ask(format!("garam.localhost:{port}")).await, "503");
}
