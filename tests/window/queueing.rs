//! An answer that was approved and could not leave: the second question, the list, taking it back; and its way out, once, when the other
//! side is back.

use demo_government::{Config, Government};
use serde_json::json;

use super::bench::{Bench, Keyring};
use super::elsewhere::Browser;
use super::person::Person;

/// The government in this process, whose servers can be stopped; the wallet attaches to it.
async fn government(bench: &Bench) -> Government {
    let config = Config { folder: Some(bench.government_folder()), port_base: Some(0) };
    let government = Government::start(config).await.unwrap();
    assert!(!government.is_attached());
    government
}

impl Person<'_> {
    /// Says yes to the library while every server stops, and is asked whether the answer shall wait.
    async fn approves_in_vain(&self, government: &mut Government, browser: &Browser) -> String {
        let asked = browser.begins(government, "v-library");
        self.is_asked(&asked.link).await;
        self.comes_to_send().await;
        government.cut_power().await;
        self.presses("consent-act").await;
        let refusal = self.sees("refusal").await;
        assert_eq!(refusal.attr("data-code").await.unwrap().as_deref(), Some("http_connection"));
        assert_eq!(refusal.attr("data-left").await.unwrap().as_deref(), Some("false"));
        self.sees("wait-ask").await;
        let offline = ["인터넷 없음", "Offline"];
        self.until("the foot says so, too", async || {
            let foot = self.reads("foot-network").await;
            offline.iter().any(|word| foot.contains(word))
        })
        .await;
        asked.link
    }

    async fn queued(&self) -> usize {
        self.count("queued").await
    }

    /// Lines of the history by kind.
    async fn lines(&self, kind: &str) -> usize {
        self.count_css(&format!("[data-testid=\"history-row\"][data-kind=\"{kind}\"]")).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_could_not_leave_waits_after_a_second_yes_is_listed_and_taken_back() {
    let bench = Bench::new("queue-back", Keyring::Unlocked);
    let mut government = government(&bench).await;
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let browser = Browser::new();

    // A no, by closing: nothing waits.
    person.approves_in_vain(&mut government, &browser).await;
    let asked = person.reads("wait-ask").await;
    assert!(
        asked.contains("도서관") && asked.contains("까지") && asked.contains("연결되면 보낼까요"),
        "{asked}"
    );
    let focused = person.run("return document.activeElement?.dataset?.testid ?? ''").await;
    assert!(focused != json!("wait-yes"), "nothing is chosen beforehand: {focused}");
    person.looks("1-asked").await;
    person.presses("refusal-close").await;
    person.sees("reader").await;
    person.goes_to("#/history").await;
    person.sees("history-row").await;
    assert!(!person.has("queue").await, "nothing waits without the second yes");
    assert_eq!(person.lines("failed").await, 1);
    government.restore_power().await.unwrap();

    // A yes: it waits, and says so wherever the person begins.
    let link = person.approves_in_vain(&mut government, &browser).await;
    person.presses("wait-yes").await;
    assert!(person.reads("waits").await.contains("아무것도 나가지 않았습니다"));
    person.looks("2-waits").await;
    person.presses("waits-today").await;
    person.sees("shelf-id").await;
    person.waits_to_read("queue-note", "1개").await;
    person.looks("3-today").await;
    person.presses("queue-note-open").await;
    person.sees("queued").await;
    let listed = person.reads("queue").await;
    for part in ["도서관", "성명", "기다림"] {
        assert!(listed.contains(part), "{part} is not in: {listed}");
    }
    assert!(!listed.contains("이도담"), "by name, never by value: {listed}");
    person.looks("4-list").await;

    // Still nobody there.
    person.presses("queue-send").await;
    person.sees_css("[data-testid=\"queue-done\"][data-sent=\"0\"][data-waiting=\"1\"]").await;
    person.picture("5-still").await;

    // It survives a lock, in English as well.
    person.presses("lock").await;
    person.sees("locked").await;
    person.presses("unlock").await;
    person.sets(&["language-en"]).await;
    person.goes_to("#/history").await;
    person.sees("queued").await;
    person.looks("6-list-english").await;
    person.presses("queued-withdraw").await;
    person.waits_to_read("queue-withdrawn", "taken back").await;
    assert_eq!(person.queued().await, 0);
    person.looks("7-taken-back").await;
    person.until("the history has it", async || person.lines("declined").await == 1).await;

    // It never leaves, and its request can be answered anew.
    government.restore_power().await.unwrap();
    person.goes_to("#/settings").await;
    person.presses("refresh").await;
    person.until("it is refreshed", async || !person.reads("refreshed").await.is_empty()).await;
    assert!(!person.has("queue-done").await);
    assert!(!bench.path("pages.txt").exists(), "no page was opened");
    person.is_asked(&link).await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_out_once_with_a_refresh_when_the_other_side_is_back() {
    let bench = Bench::new("queue-out", Keyring::Unlocked);
    let mut government = government(&bench).await;
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    person.sets(&["language-en"]).await;
    let browser = Browser::new();
    let link = person.approves_in_vain(&mut government, &browser).await;
    person.looks("1-asked-english").await;
    person.presses("wait-yes").await;
    person.sees("waits").await;
    person.looks("2-waits-english").await;
    // While it waits its request is answered.
    government.restore_power().await.unwrap();
    person.reads_link("#/present", &link).await;
    person.presses("host-continue").await;
    person.sees_css("[data-testid=\"refusal\"][data-code=\"request_already_answered\"]").await;

    person.goes_to("#/settings").await;
    person.presses("refresh").await;
    person.sees_css("[data-testid=\"queue-done\"][data-sent=\"1\"][data-waiting=\"0\"]").await;
    person
        .run("document.querySelector('[data-testid=queue-done]').scrollIntoView({ block: 'center' })")
        .await;
    person.looks("3-sent").await;
    assert!(!bench.path("pages.txt").exists(), "nobody sits before it: no page opens by itself");
    person.presses("queue-open").await;
    let verdict = browser.opens(&bench.page_opened());
    assert!(verdict.contains("확인됨") || verdict.contains("Confirmed"), "{verdict}");

    // Once: another refresh has nothing to send.
    person.presses("refresh").await;
    person.until("it is gone", async || !person.has("queue-done").await).await;
    person.until("it is refreshed", async || !person.reads("refreshed").await.is_empty()).await;
    assert!(!person.has("queue-done").await);
    person.goes_to("#/history").await;
    person.sees("history-row").await;
    assert!(!person.has("queue").await);
    assert_eq!(person.lines("presented").await, 1);
    person.looks("4-history").await;
    person.leaves().await;
}
