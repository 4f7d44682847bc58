//! Papers that are fetched without an offer: copies anew from a paper's page, and what an issuer's own address has.

use super::bench::{Bench, Keyring};
use super::elsewhere::Browser;
use super::person::Person;

/// What is open of the original.
const ORIGINAL: &str = "return document.querySelector('[data-testid=paper-original] pre')?.textContent ?? ''";

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_fetched_anew_on_a_papers_page_and_what_changed_is_said() {
    let bench = Bench::new("renewing", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    // One copy is used up.
    let asked = Browser::new().begins(&government, "v-library");
    person.is_asked(&asked.link).await;
    person.says_yes().await;
    person.goes_to("#/ids").await;
    person.presses("paper").await;
    let used = person.reads("trust-copies").await;
    person.presses_css("[data-testid=\"paper-original\"] summary").await;
    person.until("the original is shown", async || person.run(ORIGINAL).await != "").await;
    let before = person.run(ORIGINAL).await;
    person.picture("1-used").await;

    person.presses("paper-renew").await;
    let said = person.reads("replaced").await;
    assert!(said.contains("주민등록증") && said.contains("내용은 그대로"), "{said}");
    assert!(!person.has("change").await, "nothing changed");
    person.until("the copies are new", async || person.reads("trust-copies").await != used).await;
    person.until("the original is the new one", async || person.run(ORIGINAL).await != before).await;
    person.picture("2-renewed").await;

    // What was revoked does not come anew; what is there stays.
    government.revoke("p1-resident").await.unwrap();
    person.presses("paper-renew").await;
    person.sees("renew-refused").await;
    person.picture("3-refused").await;
    assert!(person.has("paper-view").await && !person.has("replaced").await);
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_an_issuers_own_address_papers_are_chosen_from_its_list() {
    let bench = Bench::new("issuer-address", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    person.reads_link("#/receive", &government.addresses().origin("nuri-mois")).await;
    person.picture("1-host").await;
    person.presses("host-continue").await;
    person.sees("offer").await;
    person.picture("2-list").await;
    assert!(person.count("choose").await > 1, "there is something to choose from");
    let ticked = "[data-testid=\"choose\"]:checked";
    assert_eq!(person.count_css(ticked).await, 0, "nothing is ticked beforehand");
    person.presses("receive-accept").await;
    person.sees("choose-wrong").await;
    person.picture("3-none-chosen").await;
    assert!(!bench.path("pages.txt").exists(), "no page was opened");

    person.presses_css("#choose-MobileResidentCard").await;
    person.until("one is ticked", async || person.count_css(ticked).await == 1).await;
    person.waits_to_read("receive-accept", "1장").await;
    person.picture("4-chosen").await;
    person.presses("receive-accept").await;
    Browser::new().agrees(&bench.page_opened(), "p1");
    person.sees("received").await;
    // The card was there already: it is replaced, and that is said.
    assert!(person.reads("replaced").await.contains("주민등록증"));
    person.picture("5-received").await;
    person.goes_to("#/ids").await;
    person.until("there is one card still", async || person.count("paper").await == 1).await;
    person.leaves().await;
}
