//! A wallet and the demo government in one process: real HTTP and TLS on loopback, a real vault, a file for the key.
#![allow(dead_code, unreachable_pub)]

pub mod browser;
pub mod hostile;

use std::path::Path;
use std::sync::Arc;

use browser::Browser;
use demo_government::{Bundle, Government, GrantKind};
use launch::{Launched, Options, ProfileChoice, Reach, SecretStoreChoice, launch};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;
use wallet::Wallet;
use wallet::view::*;

pub struct Stage {
    pub folder: TempDir,
    pub browser: Browser,
    pub launched: Launched,
}

pub const PLAIN: GrantKind = GrantKind::PreAuthorized { tx_code: None };

pub fn options(folder: &Path, browser: &Browser) -> Options {
    Options {
        data: Some(folder.join("wallet")),
        profile: Some(ProfileChoice::Demo),
        secret_store: SecretStoreChoice::File,
        reach: Reach::OtherSides,
        government_folder: Some(folder.join("government")),
        pages: Some(Arc::new(browser.clone())),
    }
}

impl Stage {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let browser = Browser::new();
        let launched = launch(options(folder.path(), &browser)).await.unwrap();
        launched.initialize().unwrap();
        Self { folder, browser, launched }
    }

    pub fn wallet(&self) -> &Arc<Wallet> {
        &self.launched.wallet
    }

    pub fn government(&self) -> &Government {
        self.launched.government.as_ref().unwrap()
    }

    pub async fn offer(&self, person: &str, papers: &[&str], grant: GrantKind) -> String {
        let papers = papers.iter().map(|id| (*id).to_owned()).collect();
        self.government().offer(person, Bundle::Papers(papers), grant).await.unwrap()
    }

    /// Papers of a person, taken by pre-authorized code.
    pub async fn hold(&self, person: &str, papers: &[&str]) -> Vec<PaperSummary> {
        let offer = self.offer(person, papers, PLAIN).await;
        match self.receive(&offer, None).await {
            Received::Done { papers, .. } => papers,
            other => panic!("{}", said(&other)),
        }
    }

    pub async fn started(&self, link: &str) -> ReceiveStarted {
        let Found::Offer { input_id, .. } = self.wallet().read_text(link, false) else { panic!("{link}") };
        self.wallet().receive_start(&input_id).await.unwrap()
    }

    pub async fn offered(&self, link: &str) -> Offer {
        match self.started(link).await {
            ReceiveStarted::Offer(offer) => *offer,
            ReceiveStarted::Refusal(refusal) => panic!("{} {:?}", refusal.code, refusal.rule),
        }
    }

    pub async fn receive(&self, link: &str, tx_code: Option<&str>) -> Received {
        let offer = self.offered(link).await;
        self.wallet().receive_continue(&offer.session_id, tx_code, &|_| ()).await.unwrap()
    }

    pub fn papers(&self) -> Vec<PaperSummary> {
        [Shelf::Id, Shelf::Notice, Shelf::Benefit]
            .into_iter()
            .flat_map(|shelf| self.wallet().shelf(shelf, "").unwrap().papers)
            .collect()
    }

    pub fn history(&self) -> Vec<HistoryEntry> {
        let history = self.wallet().history(None).unwrap();
        assert!(history.chain_holds);
        history.entries
    }

    /// A verifier's desk, at its page's start button.
    pub async fn asked(&self, verifier: &str) -> Asked {
        let pages = self.government().addresses().pages_origin();
        let base = Url::parse(&format!("{pages}/verifiers/{verifier}/")).unwrap();
        let page = self.browser.call("POST", &base.join("sessions").unwrap(), &[], "").await;
        assert_eq!(page.status, 200, "{}", page.body);
        let body: Value = serde_json::from_str(&page.body).unwrap();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Asked {
            base,
            session: text("session"),
            link: text("link"),
            cross_device_link: text("cross_device_link"),
        }
    }

    pub async fn consent(&self, link: &str) -> PresentStarted {
        let Found::Request { input_id, .. } = self.wallet().read_text(link, false) else { panic!("{link}") };
        self.wallet().present_start(&input_id).await.unwrap()
    }

    /// What the verifier's desk says of itself.
    pub async fn stage_of(&self, asked: &Asked) -> Value {
        let url = asked.base.join(&format!("session/{}/state", asked.session)).unwrap();
        serde_json::from_str(&self.browser.call("GET", &url, &[], "").await.body).unwrap()
    }

    /// The verdict as the page has it that the wallet opened last.
    pub async fn verdict(&self) -> Value {
        let page = self.browser.opened().pop().expect("the wallet opened the verifier's page");
        let page = self.browser.call("GET", &page, &[("Accept", "application/json")], "").await;
        assert_eq!(page.status, 200, "{}", page.body);
        serde_json::from_str(&page.body).unwrap()
    }

    /// The file sizes of the vault's folder tell nothing; its text must not hold this.
    pub fn nothing_on_disk_says(&self, words: &[&str]) {
        let mut folders = vec![self.folder.path().join("wallet")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap();
                for word in words {
                    let found = bytes.windows(word.len()).any(|part| part == word.as_bytes());
                    assert!(!found, "{word} stands in {}", path.display());
                }
            }
        }
    }
}

pub struct Asked {
    pub base: Url,
    pub session: String,
    pub link: String,
    pub cross_device_link: String,
}

/// Everything that is required, with the first paper that fits and the first option of what must be chosen.
pub fn everything_required(consent: &Consent) -> Selection {
    let mut selection = Selection::default();
    for group in consent.groups.iter().filter(|group| group.necessity == Necessity::Required) {
        selection.options.insert(group.id.clone(), group.options.first().map(|option| option.id.clone()));
    }
    for query in &consent.queries {
        if let Some(candidate) = query.candidates.first() {
            selection.papers.insert(query.id.clone(), vec![candidate.paper.id.clone()]);
            let sensitive = candidate.items.iter().filter(|item| item.sensitive);
            selection.sensitive_yes.extend(sensitive.map(|item| item.id.clone()));
        }
    }
    selection.acknowledged.clone_from(&consent.must_acknowledge);
    selection
}

pub fn said(received: &Received) -> String {
    match received {
        Received::Done { papers, deferred, .. } => format!("done {} {}", papers.len(), deferred.len()),
        Received::TxCodeWrong { .. } => "transaction code wrong".to_owned(),
        Received::Refusal(refusal) => format!("{} {:?} {:?}", refusal.code, refusal.rule, refusal.blame),
        Received::Cancelled => "cancelled".to_owned(),
    }
}

pub fn refused(received: Received) -> Refusal {
    match received {
        Received::Refusal(refusal) => *refusal,
        other => panic!("{}", said(&other)),
    }
}
