//! A desk that reads screens, with lists of its own in a folder of its own: it shares nothing with the wallet but the light between them.

use std::path::Path;
use std::sync::Arc;

use crypto::{PrivateKey, SystemEntropy};
use primitives::test_support::FixedClock;
use primitives::{Http, LocalizedText};
use serde_json::json;
use trust::{Certificate, CertificateChain};
use url::Url;
use verifier::offline::*;
use verifier::{Identity, Outcome};
use wallet::profile::{Profile, TrustListSource};

/// The desk's own question: whether somebody is registered as looking for work.
pub const OWN: &str = "own";
/// A ready-made one that identifies nobody, and its number.
pub const ADULT: (&str, u8) = ("age-over-19", 1);
/// A ready-made one that identifies.
pub const IDENTITY: &str = "identity";

pub struct ScreenDrill {
    desk: ScreenDesk,
    lists: Arc<ListFolder>,
    clock: Arc<FixedClock>,
    trust_list: Url,
    status_lists: Vec<String>,
}

impl ScreenDrill {
    /// The airport's desk, with the key that the registrar of the demo government certified.
    pub fn new(
        folder: &Path,
        government: &Path,
        profile: &Profile,
        status: &[String],
        clock: Arc<FixedClock>,
    ) -> Self {
        let TrustListSource { uri, signers } = profile.trust_list.clone().unwrap();
        let anchors = Anchors { trust_list_signers: signers, ..Anchors::default() };
        let lists = Arc::new(ListFolder::open(&folder.join("desk"), anchors).unwrap());
        let mut questions = Question::ready_made();
        questions.push(own());
        let settings = ScreenSettings {
            name: LocalizedText::new("가상공항 국내선", "Virtual Airport"),
            identity: Some(identity(&government.join("keys/verifier-v-air.pem"))),
            registration: None,
            questions,
            policy: TimePolicy::default(),
            limits: ScreenLimits::default(),
            receipts: false,
        };
        let ports = ScreenPorts {
            lists: Arc::clone(&lists) as _,
            memory: Arc::clone(&lists) as _,
            clock: Arc::clone(&clock) as _,
            entropy: Arc::new(SystemEntropy),
        };
        let desk = ScreenDesk::new(settings, ports).unwrap();
        Self { desk, lists, clock, trust_list: uri, status_lists: status.to_vec() }
    }

    /// Fetches its lists; says how many came.
    pub async fn refresh(&self, http: &dyn Http) -> String {
        let done =
            self.lists.refresh(http, Some(&self.trust_list), &self.status_lists, self.clock.as_ref()).await;
        format!("{} came, {} did not", done.renewed, done.failed.len())
    }

    pub fn begin(&self, question: &str, mode: Mode) -> Begun {
        self.desk.begin(question, mode).unwrap()
    }

    /// What its screen shows of a request.
    pub fn request(&self, begun: &Begun) -> Vec<String> {
        let frames = self.desk.request_frames(&begun.id, 0, u16::from(begun.frames), FrameSize::Standard);
        frames.unwrap().into_iter().map(|frame| frame.text).collect()
    }

    /// Reads a screen.
    pub fn read(&self, begun: &Begun, frames: &[String]) -> String {
        match self.desk.feed(&begun.id, &frames.join("\n")).unwrap() {
            Fed::Waiting { have, need, .. } => format!("waiting, {have} of {need}"),
            Fed::Verdict(verdict) => word(&verdict),
        }
    }

    /// What it makes of the age of its trust list.
    pub fn trust_list(&self) -> String {
        self.desk.ages().trust_list.unwrap().grade.code().to_owned()
    }
}

/// The colour, and the reasons where it is not green.
fn word(verdict: &ScreenVerdict) -> String {
    let verdict = &verdict.verdict;
    let colour = match verdict.outcome {
        Outcome::Confirmed => "green",
        Outcome::ConfirmedWeak => "amber",
        Outcome::NotConfirmed => "red",
        Outcome::Declined => "declined",
    };
    let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code).collect();
    if reasons.is_empty() { colour.to_owned() } else { format!("{colour}: {}", reasons.join(", ")) }
}

fn own() -> Question {
    let query = json!({ "credentials": [{
        "id": "job",
        "format": "dc+sd-jwt",
        "meta": { "vct_values": [civic::Catalogue.by_key("JobSeekerCertificate").unwrap().vct] },
        "claims": [{ "path": ["registered"] }],
    }] });
    let text = LocalizedText::new("구직 등록을 했습니까?", "Are you registered as looking for work?");
    Question {
        id: OWN.to_owned(),
        number: None,
        answer: text.clone(),
        text,
        purpose: None,
        held: None,
        identifying: true,
        query: dcql::Query::from_value(query).unwrap(),
        captions: Vec::new(),
        titles: Vec::new(),
    }
}

/// Key and certificates as the demo government keeps them.
fn identity(file: &Path) -> Identity {
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
    let text = std::fs::read_to_string(file).unwrap();
    let mut parts = text.split(CERTIFICATE);
    let key = PrivateKey::from_pkcs8_pem(parts.next().unwrap().trim()).unwrap();
    let chain = parts.map(|part| Certificate::from_pem(&format!("{CERTIFICATE}{part}")).unwrap()).collect();
    Identity::X509Hash { chain: CertificateChain::new(chain).unwrap(), signer: Arc::new(key) }
}
