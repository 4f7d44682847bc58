//! Consent to more than showing: a payment that the same press approves, and an item that is beyond a registration.

use demo_government::{Bundle, GrantKind};

use super::bench::{Bench, Keyring};
use super::elsewhere::Browser;
use super::person::Person;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_read_in_full_before_its_own_yes_and_what_is_over_asked_is_marked() {
    let bench = Bench::new("approving", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let browser = Browser::new();
    let plain = GrantKind::PreAuthorized { tx_code: None };
    let bundle = Bundle::Papers(vec!["p1n-resident".to_owned()]);
    let notice = government.offer("p1", bundle, plain).await.unwrap();
    person.receives(&notice, None).await;

    // The payment stands there whole, before anything was chosen.
    let asked = browser.begins(&government, "v-pay");
    person.is_asked(&asked.link).await;
    let payment = person.reads("approval-payment").await;
    person.picture("1-payment").await;
    for part in
        ["가람시(시연)", "주민세(개인분)", "11,330원", "99999-1-26-01-000001012", "납부 기한 (지났음)"]
    {
        assert!(payment.contains(part), "{part} is not in: {payment}");
    }
    let ticked = "[data-testid=\"ack-payment\"]:checked";
    assert_eq!(person.count_css(ticked).await, 0, "nothing is ticked beforehand");

    // A yes to showing the papers is no yes to the payment; the press leads to what is missing.
    person.presses("agree-yes").await;
    let (does, says) = person.act().await;
    assert_eq!(does, "answer", "{says}");
    assert!(says.contains("납부"), "{says}");
    person.presses("consent-act").await;
    person
        .until("the tick of the payment has the focus", async || {
            person.run("return document.activeElement?.dataset?.testid").await == "ack-payment"
        })
        .await;
    assert!(!person.has("sent").await, "nothing was sent");
    assert!(!bench.path("pages.txt").exists(), "no page was opened");
    person.picture("2-not-yet").await;
    person.presses("ack-payment").await;
    person.sees_css(ticked).await;
    person.until("the act follows the tick", async || person.act().await.0 != "answer").await;
    person.picture("3-ready").await;
    let button = person.says_yes().await;
    assert!(button.contains("11,330원") && button.contains("가람시(시연)"), "{button}");
    let approved = person.reads("sent-approval").await;
    assert!(approved.contains("주민세(개인분)") && approved.contains("11,330원"), "{approved}");
    person.picture("4-sent").await;
    let verdict = browser.opens(&bench.page_opened_after(0));
    assert!(verdict.contains("확인됨") && verdict.contains("주민세(개인분)"), "{verdict}");

    // A locker that registered a name and a number asks for the birthday too.
    let asked = browser.begins(&government, "v-parcel");
    person.is_asked(&asked.link).await;
    person.picture("5-over-asked").await;
    let marked = "[data-testid=\"item\"]:has(.tag)";
    assert_eq!(person.count_css(marked).await, 1, "one item is beyond the registration");
    let item = person.sees_css(marked).await.text().await.unwrap();
    assert!(item.contains("생년월일") && item.contains("등록"), "{item}");
    assert!(person.reads("warning-overAsked").await.contains("생년월일"));
    person.presses("agree-yes").await;
    assert_eq!(person.act().await.0, "answer", "it takes a yes of its own");
    person.presses("ack-overAsked").await;
    person.until("the act follows the tick", async || person.act().await.0 != "answer").await;
    person.says_yes().await;
    assert!(browser.opens(&bench.page_opened_after(1)).contains("확인됨"));

    // The history names both.
    person.goes_to("#/history").await;
    person
        .until("both are in the history", async || {
            person.count_css("[data-testid=\"history-row\"][data-kind=\"presented\"]").await == 2
        })
        .await;
    person.picture("6-history").await;
    person.leaves().await;
}
