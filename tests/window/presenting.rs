//! Presenting: consent, choice, refusal, and what the other side then says.

use demo_government::GrantKind;

use super::bench::{Bench, Keyring};
use super::elsewhere::Browser;
use super::person::Person;

impl Person<'_> {
    /// Everything that the government has for a person.
    async fn receives_all(&self, id: &str) {
        let plain = GrantKind::PreAuthorized { tx_code: None };
        let government = self.government().await;
        for offer in government.all_offers(id, plain).await.unwrap() {
            self.receives(&offer, None).await;
        }
    }

    /// Reads a request and waits for its consent.
    pub async fn is_asked(&self, link: &str) {
        self.reads_link("#/present", link).await;
        self.presses("host-continue").await;
        self.sees("consent").await;
    }

    /// Waits for the act at the foot and gives what it does and says.
    pub async fn act(&self) -> (String, String) {
        let act = self.sees_css("[data-testid=\"consent-act\"][data-ready=\"true\"]").await;
        let does = act.attr("data-act").await.unwrap().unwrap();
        (does, act.text().await.unwrap())
    }

    /// The yes, through every step that it takes. Gives the words of the button that sent.
    pub async fn says_yes(&self) -> String {
        let words = self.comes_to_send().await;
        self.presses("consent-act").await;
        self.sees("sent").await;
        words
    }

    /// The yes, through every step before the last press. Gives the words of the button that would send.
    pub async fn comes_to_send(&self) -> String {
        self.presses("agree-yes").await;
        for _ in 0..4 {
            self.until("the act follows the yes", async || self.act().await.0 != "agree").await;
            let (does, words) = self.act().await;
            match does.as_str() {
                "send" => return words,
                "sensitive" => {
                    self.presses("consent-act").await;
                    self.sees("sensitive-step").await;
                    for at in 0..self.count("sensitive-yes").await {
                        self.all("sensitive-yes").await[at].click().await.unwrap();
                    }
                    self.picture("sensitive").await;
                    self.until("the sensitive step is answered", async || self.act().await.0 == "confirm")
                        .await;
                }
                "confirm" => {
                    self.presses("consent-act").await;
                    self.sees("last-look").await;
                    self.picture("last-look").await;
                    self.until("the last look can send", async || self.act().await.0 == "send").await;
                }
                other => panic!("the yes leads to {other}: {words}"),
            }
        }
        panic!("the yes does not end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_papers_go_to_the_land_ministry_and_its_page_believes_them() {
    let bench = Bench::new("rent", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    person.receives_all("p1").await;
    let government = person.government().await;
    let browser = Browser::new();
    let asked = browser.begins(&government, "v-rent");
    person.is_asked(&asked.link).await;
    for line in ["recipient", "purpose", "items", "retention", "refusal"] {
        let stated = person.sees(&format!("line-{line}")).await.attr("data-stated").await.unwrap();
        assert_eq!(stated.as_deref(), Some("true"), "{line}");
    }
    assert_eq!(person.sees("party").await.attr("data-trust").await.unwrap().as_deref(), Some("registered"));
    person.picture("1-consent").await;
    // Where two cards could answer, the person chooses.
    person.chooses_first_papers().await;
    assert_eq!(person.act().await.0, "agree", "nothing is agreed beforehand");
    let button = person.says_yes().await;
    assert!(button.contains("누리국토부(시연)") && button.contains("가지 정보 보내기"), "{button}");
    person.picture("2-sent").await;
    assert!(person.reads("sent-count").await.contains('4'));
    let page = bench.page_opened();
    let verdict = browser.opens(&page);
    assert!(verdict.contains("확인됨"), "{verdict}");
    // The same request is not answered twice.
    person.reads_link("#/present", &asked.link).await;
    person.presses("host-continue").await;
    let refusal = person.sees("refusal").await;
    assert_eq!(refusal.attr("data-left").await.unwrap().as_deref(), Some("false"));
    person.picture("3-again").await;
    person.goes_to("#/history").await;
    person.sees_css("[data-testid=\"history-row\"][data-kind=\"presented\"]").await;
    person.presses("history-row").await;
    person.sees("history-entry").await;
    person.picture("4-history").await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_chooses_what_to_show_the_railway_and_says_no_to_another() {
    let bench = Bench::new("metro", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p3").await;
    person.receives_all("p3").await;
    let government = person.government().await;
    let browser = Browser::new();

    let asked = browser.begins(&government, "v-metro");
    person.is_asked(&asked.link).await;
    person.picture("1-choice").await;
    let options = person.all_css("[data-testid^=\"option-\"]").await;
    assert!(options.len() >= 3, "three ways to answer: {}", options.len());
    assert_eq!(person.act().await.0, "answer", "nothing is chosen beforehand");
    options[0].click().await.unwrap();
    person.chooses_first_papers().await;
    person.until("the choice is taken", async || person.act().await.0 == "agree").await;
    person.picture("2-chosen").await;
    let button = person.says_yes().await;
    assert!(button.contains("가상철도"), "{button}");
    person.picture("3-sent").await;
    let page = bench.page_opened();
    assert!(browser.opens(&page).contains("확인됨"));

    // A no sends nothing, and is told only where the person wants it.
    let asked = browser.begins(&government, "v-clinic");
    person.is_asked(&asked.link).await;
    person.picture("4-clinic").await;
    person.presses("agree-no").await;
    person.until("the act ends", async || person.act().await.0 == "end").await;
    person.presses("consent-act").await;
    person.sees("ended").await;
    person.picture("5-declined").await;
    person.goes_to("#/history").await;
    person.sees_css("[data-testid=\"history-row\"][data-kind=\"declined\"]").await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_in_words_and_nothing_is_sent() {
    let bench = Bench::new("bad-requests", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let browser = Browser::new();
    for (verifier, code, words) in [
        ("v-bad1", "request_resident_number", "주민등록번호"),
        ("v-bad2", "request_signature_invalid", "보낸 요청이 아닙니다"),
        ("v-loan", "nothing_fits", "없습니다"),
    ] {
        let asked = browser.begins(&government, verifier);
        person.reads_link("#/present", &asked.link).await;
        person.presses("host-continue").await;
        let refusal = person.sees("refusal").await;
        person.picture(verifier).await;
        assert_eq!(refusal.attr("data-code").await.unwrap().as_deref(), Some(code), "{verifier}");
        assert_eq!(refusal.attr("data-left").await.unwrap().as_deref(), Some("false"), "{verifier}");
        let said = refusal.text().await.unwrap();
        assert!(said.contains(words), "{verifier}: {said}");
        assert!(person.reads("refusal-left").await.contains("아무것도 나가지 않았습니다"), "{verifier}");
        assert!(!person.has("consent-act").await, "{verifier}: there is nothing to send");
        person.presses("refusal-close").await;
    }
    // Rubbish is said to be rubbish.
    person.goes_to("#/").await;
    person.sees("shelf-id").await;
    person.goes_to("#/present").await;
    person.pastes("reader-text", "openid4vp:// not a link").await;
    person.presses("reader-read").await;
    person.until("it is said", async || !person.reads("reader-wrong").await.is_empty()).await;
    assert!(!bench.path("pages.txt").exists(), "no page was opened");
    person.goes_to("#/history").await;
    person
        .until("both refusals are kept", async || {
            person.count_css("[data-testid=\"history-row\"][data-kind=\"refused\"]").await >= 2
        })
        .await;
    person.picture("history").await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_given_with_the_keyboard_alone() {
    let bench = Bench::new("keyboard", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let asked = Browser::new().begins(&government, "v-library");
    // Ctrl+5 is 내기; from there on Tab, Space, Enter and typing.
    person.keys(&["ctrl+5"]).await;
    person.sees("reader").await;
    person.tabs_to("reader-text").await;
    person.keys_text(&asked.link).await;
    person.tabs_to("reader-read").await;
    person.keys(&["Return"]).await;
    person.sees("host").await;
    person.tabs_to("host-continue").await;
    person.keys(&["Return"]).await;
    person.sees("consent").await;
    person.sees_css("[data-testid=\"consent-act\"][data-ready=\"true\"]").await;
    person.tabs_to("agree-yes").await;
    person.keys(&["space"]).await;
    person.until("the act follows the yes", async || person.act().await.0 != "agree").await;
    person.picture("1-agreed").await;
    person.tabs_to("consent-act").await;
    for _ in 0..3 {
        let (does, _) = person.act().await;
        match does.as_str() {
            "send" => break,
            "sensitive" => {
                person.keys(&["Return"]).await;
                person.sees("sensitive-step").await;
                person.tabs_to("sensitive-yes").await;
                person.keys(&["space"]).await;
                person.until("the act follows", async || person.act().await.0 != "sensitive").await;
                person.tabs_to("consent-act").await;
            }
            _ => {
                person.keys(&["Return"]).await;
                person.sees("last-look").await;
                person.tabs_to("consent-act").await;
            }
        }
    }
    person.picture("2-before").await;
    person.keys(&["Return"]).await;
    person.sees("sent").await;
    person.picture("3-sent").await;
    person.leaves().await;
}
