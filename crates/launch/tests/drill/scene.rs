//! The scene: the demo government over real HTTP and TLS, a wallet, a desk, and one clock for all three.

use std::sync::{Arc, Mutex};

use crypto::SystemEntropy;
use demo_government::{Bundle, Config, Government};
use host::http::PortSet;
use host::{AddressPolicy, FileSecretStore, HttpClient, SystemClock, TlsRoots};
use primitives::http::{HttpError, Request, Response};
use primitives::ports::BoxFuture;
use primitives::test_support::FixedClock;
use primitives::{Clock as _, Http, Instant};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;
use verifier::offline::{Begun, Mode};
use wallet::profile::Profile;
use wallet::view::*;
use wallet::{Ports, Wallet};

use crate::desk::ScreenDrill;
use crate::network::Network;
use crate::support::browser::Browser;
use crate::support::{PLAIN, everything_required, said};

pub const HOUR: i64 = 3600;
pub const DAY: i64 = 24 * HOUR;
/// The drill begins so long ago, in seconds, and its servers come back before now: TLS goes by this computer's clock.
const AGO: i64 = 9 * DAY;

/// Counts what was answered, by address.
struct Counting {
    http: HttpClient,
    answered: Arc<Mutex<Vec<String>>>,
}

impl Http for Counting {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        let address = request.url.to_string();
        Box::pin(async move {
            let answer = self.http.send(request).await;
            if answer.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status)) {
                self.answered.lock().unwrap().push(address);
            }
            answer
        })
    }
}

pub struct Scene {
    /// Everything that is kept.
    _folder: TempDir,
    network: Network,
    start: Instant,
    clock: Arc<FixedClock>,
    pub government: Government,
    pub wallet: Arc<Wallet>,
    browser: Browser,
    http: Arc<Counting>,
    pub desk: ScreenDrill,
}

impl Scene {
    pub async fn new(network: Network) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = SystemClock.now() - AGO;
        let clock = Arc::new(FixedClock::new(start));
        let config = Config { folder: Some(folder.path().join("government")), port_base: Some(0) };
        let government = Government::start_at(config, Arc::clone(&clock) as _).await.unwrap();
        let profile = Profile::parse(government.profile_json().as_bytes()).unwrap();
        let addresses = government.addresses();
        let policy =
            AddressPolicy::with_loopback(PortSet::These([addresses.https, addresses.pages].into()), true);
        let roots = TlsRoots::only(profile.tls_roots.clone());
        let http = HttpClient::new(policy, &roots).unwrap();
        let http = Arc::new(Counting { http, answered: Arc::default() });
        let browser = Browser::new();
        let data = folder.path().join("wallet");
        vault::files::make_folder(&data).unwrap();
        let ports = Ports {
            http: Arc::clone(&http) as _,
            clock: Arc::clone(&clock) as _,
            entropy: Arc::new(SystemEntropy),
            secrets: Arc::new(FileSecretStore::new(data.join("secrets"))),
            pages: Arc::new(browser.clone()),
        };
        let lists = ["nuri-mois", "nuri-moel"];
        let lists = lists.map(|agency| format!("{}/{agency}/1", addresses.origin("status")));
        let government_folder = government.folder().to_owned();
        let desk = ScreenDrill::new(folder.path(), &government_folder, &profile, &lists, Arc::clone(&clock));
        let wallet = Arc::new(Wallet::open(ports, profile, &data));
        wallet.initialize().unwrap();
        Self { _folder: folder, network, start, clock, government, wallet, browser, http, desk }
    }

    /// So many seconds after the beginning.
    pub fn clock(&self, seconds: i64) {
        self.clock.set(self.start + seconds);
    }

    /// Every server stops, and the network is gone.
    pub async fn outage(&mut self) {
        self.government.cut_power().await;
        self.network.cut();
    }

    pub async fn comes_back(&mut self) {
        self.network.restore();
        self.government.restore_power().await.unwrap();
    }

    /// What a program finds that calls a server all the same.
    pub async fn called(&self) -> &'static str {
        let address = ("127.0.0.1", self.government.addresses().https);
        match tokio::net::TcpStream::connect(address).await {
            Ok(_) => "somebody answers",
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => "nobody listens",
            Err(_) => "no network",
        }
    }

    pub async fn hold(&self, papers: &[&str]) -> usize {
        let papers = papers.iter().map(|id| (*id).to_owned()).collect();
        let offer = self.government.offer("p1", Bundle::Papers(papers), PLAIN).await.unwrap();
        let Found::Offer { input_id, .. } = self.wallet.read_text(&offer, false) else { panic!("{offer}") };
        let ReceiveStarted::Offer(offer) = self.wallet.receive_start(&input_id).await.unwrap() else {
            panic!("refused")
        };
        match self.wallet.receive_continue(&offer.session_id, None, &|_| ()).await.unwrap() {
            Received::Done { papers, .. } => papers.len(),
            other => panic!("{}", said(&other)),
        }
    }

    pub fn papers(&self) -> Vec<PaperSummary> {
        let shelves = [Shelf::Id, Shelf::Notice, Shelf::Benefit].into_iter();
        shelves.flat_map(|shelf| self.wallet.shelf(shelf, "").unwrap().papers).collect()
    }

    /// Papers that are read, each with its signature verified anew.
    pub fn readable(&self) -> String {
        let papers = self.papers();
        let read = papers.iter().filter(|paper| self.wallet.paper(&paper.id).is_ok()).count();
        format!("{read} of {} papers", papers.len())
    }

    pub fn paper(&self, name: &str) -> PaperSummary {
        let named = |paper: &PaperSummary| paper.name.ko.as_deref().is_some_and(|ko| ko.contains(name));
        self.papers().into_iter().find(named).unwrap_or_else(|| panic!("{name}"))
    }

    /// How many calls of this service's endpoint succeeded.
    pub fn answered(&self, service: &str, endpoint: &str) -> usize {
        let origin = self.government.addresses().origin(service);
        let answered = self.http.answered.lock().unwrap();
        answered.iter().filter(|address| address.starts_with(&origin) && address.contains(endpoint)).count()
    }

    pub fn http(&self) -> &dyn Http {
        self.http.as_ref()
    }

    /// A request of an office, read while there is a network.
    pub async fn asked(&self, office: &str) -> Box<Consent> {
        let pages = self.government.addresses().pages_origin();
        let url = Url::parse(&format!("{pages}/verifiers/{office}/sessions")).unwrap();
        let page = self.browser.call("POST", &url, &[], "").await;
        let body: Value = serde_json::from_str(&page.body).unwrap();
        let Found::Request { input_id, .. } = self.wallet.read_text(body["link"].as_str().unwrap(), false)
        else {
            panic!("no request")
        };
        match self.wallet.present_start(&input_id).await.unwrap() {
            PresentStarted::Consent(consent) => consent,
            PresentStarted::Refusal(refusal) => panic!("{}", refusal.code),
        }
    }

    /// The verdict on the page that the office wants opened.
    pub async fn verdict(&self, page: &str) -> String {
        let page = Url::parse(page).unwrap();
        let page = self.browser.call("GET", &page, &[("Accept", "application/json")], "").await;
        let verdict: Value = serde_json::from_str(&page.body).unwrap();
        verdict["outcome"].as_str().unwrap().to_owned()
    }

    /// Answers that wait for the network.
    pub fn waiting(&self) -> String {
        format!("{} waits", self.wallet.queued_answers().unwrap().len())
    }

    /// Asked by the desk in this way, agreed to by the citizen, read off the wallet's screen.
    pub async fn checked(&self, question: (&str, u8), mode: Mode) -> String {
        let begun = self.desk.begin(question.0, mode);
        match self.shown(&begun, question.1).await {
            Ok(frames) => self.desk.read(&begun, &frames),
            Err(code) => format!("not shown: {code}"),
        }
    }

    /// What the wallet's screen shows to a check.
    pub async fn shown(&self, begun: &Begun, number: u8) -> Result<Vec<String>, String> {
        let started = match begun.mode {
            Mode::Request => {
                let frames = self.desk.request(begun).join("\n");
                let Found::Request { input_id, .. } = self.wallet.read_text(&frames, true) else {
                    panic!("no request")
                };
                self.wallet.present_start(&input_id).await.unwrap()
            }
            Mode::Code => self.wallet.present_by_code(begun.code.as_deref().unwrap()).unwrap(),
            Mode::OneWay => self.wallet.present_one_way(number).unwrap(),
        };
        let consent = match started {
            PresentStarted::Consent(consent) => consent,
            PresentStarted::Refusal(refusal) => return Err(refusal.code),
        };
        let sent = self.wallet.present_send(&consent.session_id, &everything_required(&consent)).await;
        match sent.unwrap() {
            PresentSent::Showing(showing) => {
                let frames = self.wallet.show_texts(&showing.session_id, 0, 32, FrameSize::Standard);
                self.wallet.show_stop(&showing.session_id);
                Ok(frames.unwrap())
            }
            PresentSent::Refusal(refusal) => Err(refusal.code),
            PresentSent::Sent(_) => panic!("sent"),
        }
    }
}
