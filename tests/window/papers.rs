//! Receiving in every way, today, shelves, one paper, history.

use demo_government::{Bundle, GrantKind};

use super::bench::{Bench, Keyring};
use super::elsewhere::Browser;
use super::person::Person;

fn papers(ids: &[&str]) -> Bundle {
    Bundle::Papers(ids.iter().map(|id| (*id).to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_and_vouchers_come_by_link_with_a_code_and_by_the_browser() {
    let bench = Bench::new("papers", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;

    // Two notices with a transaction code; the first try has a slip of the finger.
    let with_code = GrantKind::PreAuthorized { tx_code: Some("471100".to_owned()) };
    let notices = government.offer("p1", papers(&["p1n-resident", "p1n-water"]), with_code).await.unwrap();
    person.reads_link("#/receive", &notices).await;
    person.presses("host-continue").await;
    person.types("tx-code", "471101").await;
    person.presses("receive-accept").await;
    person
        .until("the code is said to be wrong", async || {
            person.has("tx-wrong").await && !person.reads("tx-wrong").await.is_empty()
        })
        .await;
    person.picture("1-wrong-code").await;
    person.types("tx-code", "471100").await;
    person.presses("receive-accept").await;
    person.sees("received").await;
    person.picture("2-notices").await;

    // A voucher without a code.
    let plain = GrantKind::PreAuthorized { tx_code: None };
    let voucher = government.offer("p1", papers(&["p1v-coupon"]), plain).await.unwrap();
    person.receives(&voucher, None).await;

    // Two certificates by the browser, where the person agrees on the agency's page.
    let by_browser = GrantKind::AuthorizationCode;
    let sheets = government.offer("p1", papers(&["p1-register", "p1-lease"]), by_browser).await.unwrap();
    person.reads_link("#/receive", &sheets).await;
    person.presses("host-continue").await;
    person.presses("receive-accept").await;
    let page = bench.page_opened();
    person.picture("3-browser").await;
    Browser::new().agrees(&page, "p1");
    person.sees("received").await;
    person.picture("4-certificates").await;

    // 오늘: the overdue notice with its amount.
    person.goes_to("#/").await;
    let overdue = person.reads("overdue").await;
    assert!(
        overdue.contains("주민세")
            && overdue.contains("11,330원")
            && (overdue.contains("12일") || overdue.contains("13일")),
        "{overdue}"
    );
    person.picture("5-today").await;

    // Shelves and their search.
    person.goes_to("#/notices").await;
    person.sees("paper").await;
    person.picture("6-notices").await;
    person.types("shelf-search", "수도").await;
    person.until("one notice is left", async || person.count("paper").await == 1).await;
    assert!(person.reads("paper").await.contains("상하수도"));
    person.types("shelf-search", "없는 것").await;
    person.sees("search-empty").await;
    person.types("shelf-search", "주민세").await;
    person.until("the notice is found", async || person.count("paper").await == 1).await;
    person.presses("paper").await;
    let notice = person.reads("notice").await;
    assert!(notice.contains("11,330"), "{notice}");
    person.picture("7-notice").await;
    person.goes_to("#/papers").await;
    person.sees("paper").await;
    person.picture("8-benefits").await;

    // A masked value is shown when asked for, and hidden again.
    person.goes_to("#/ids").await;
    person.presses("paper").await;
    person.sees("trust-signature").await;
    person.picture("9-card").await;
    let masked = "[data-testid=\"fact\"]:has([data-testid=\"fact-reveal\"])";
    person.sees_css(masked).await;
    let facts = person.reads("paper-view").await;
    assert!(!facts.contains("물결로 101"), "the street is masked: {facts}");
    person.presses_css(&format!("{masked}[data-fact-id*=\"address\"] button")).await;
    person
        .until("the street is shown", async || person.reads("paper-view").await.contains("물결로 101"))
        .await;
    person.picture("10-revealed").await;
    person.presses_css(&format!("{masked}[data-fact-id*=\"address\"] button")).await;
    person
        .until("the street is hidden again", async || {
            !person.reads("paper-view").await.contains("물결로 101")
        })
        .await;

    // The history has every receiving, and no value.
    person.goes_to("#/history").await;
    person.sees("history-row").await;
    assert!(person.count_css("[data-testid=\"history-row\"][data-kind=\"received\"]").await >= 4);
    person.picture("11-history").await;

    // Removing takes a yes of its own.
    person.goes_to("#/papers").await;
    let before = person.all("paper").await.len();
    person.presses("paper").await;
    person.presses("paper-remove").await;
    person.sees("remove-dialog").await;
    person.picture("12-remove").await;
    person.presses("remove-confirm").await;
    person.until("the paper is gone", async || person.count("paper").await == before - 1).await;

    // After a new start everything is still there, without a question.
    person.leaves().await;
    let person = Person::sits_down(&bench).await;
    assert!(person.reads("overdue").await.contains("11,330원"));
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_was_paid_and_a_card_that_was_revoked_are_seen_after_a_refresh() {
    let bench = Bench::new("refresh", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let plain = GrantKind::PreAuthorized { tx_code: None };
    let notice = government.offer("p1", papers(&["p1n-resident"]), plain).await.unwrap();
    person.receives(&notice, None).await;
    government.mark_paid("p1n-resident").await.unwrap();
    government.revoke("p1-resident").await.unwrap();
    person.goes_to("#/settings").await;
    person.presses("refresh").await;
    person.waits_to_read("refreshed", "").await;
    person.until("the refresh has ended", async || !person.reads("refreshed").await.is_empty()).await;
    person.picture("1-refreshed").await;
    person.goes_to("#/").await;
    person.sees("today-trouble").await;
    person.picture("2-revoked").await;
    assert!(!person.has("overdue").await, "a paid notice is no longer overdue");
    person.leaves().await;
}
