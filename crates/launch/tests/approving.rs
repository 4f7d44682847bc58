//! Journeys of approving, over HTTP: a notice that is paid and an application that is signed by the same answer that shows the papers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use support::*;
use wallet::view::*;

async fn consent_of(stage: &Stage, verifier: &str) -> Consent {
    let asked = stage.asked(verifier).await;
    match stage.consent(&asked.link).await {
        PresentStarted::Consent(consent) => *consent,
        PresentStarted::Refusal(refusal) => panic!("{verifier}: {} {:?}", refusal.code, refusal.rule),
    }
}

async fn approve(stage: &Stage, verifier: &str, what: Acknowledgement) -> (Approval, serde_json::Value) {
    let consent = consent_of(stage, verifier).await;
    assert_eq!(consent.must_acknowledge, [what]);
    let mut selection = everything_required(&consent);
    selection.acknowledged.clear();
    match stage.wallet().present_send(&consent.session_id, &selection).await.unwrap() {
        PresentSent::Refusal(refusal) => assert_eq!(refusal.code, "choice_incomplete"),
        PresentSent::Sent(_) | PresentSent::Showing(_) => panic!("sent without the yes to it"),
    }
    selection.acknowledged = vec![what];
    match stage.wallet().present_send(&consent.session_id, &selection).await.unwrap() {
        PresentSent::Sent(sent) => assert!(sent.opened_browser, "{verifier}"),
        PresentSent::Showing(_) => panic!("{verifier}: shown"),
        PresentSent::Refusal(refusal) => panic!("{verifier}: {} {:?}", refusal.code, refusal.rule),
    }
    let verdict = stage.verdict().await;
    assert_eq!(verdict["outcome"], "confirmed", "{verdict}");
    (consent.approvals.into_iter().next().unwrap(), verdict)
}

// rule: VP-T1, VP-T2, VP-T3
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_paid_and_an_application_signed() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    stage.hold("p1", &["p1n-resident"]).await;
    let held = stage.papers().into_iter().find(|paper| paper.silhouette == Silhouette::Slip).unwrap();
    let said = stage.wallet().paper(&held.id).unwrap().notice.unwrap();
    let (approval, verdict) = approve(&stage, "v-pay", Acknowledgement::Payment).await;
    let Approval::Payment { payee, amount, notice_number, due, overdue, .. } = approval else {
        panic!("no payment")
    };
    // What is to be paid is what the held notice says: today's amount, its own due date, which is over.
    assert_eq!((payee.ko.as_deref(), amount, overdue), (Some("가람시(시연)"), said.amount_now, true));
    assert_eq!((amount, due), (11_330, said.due));
    assert_eq!(verdict["approved"][0]["ko"], "주민세(개인분)");
    let line = stage.history().remove(0);
    let approved: Vec<_> = line.approvals.iter().filter_map(|one| one.ko.as_deref()).collect();
    assert_eq!(approved, ["고지서 납부 승인"]);
    let told: Vec<_> = line.items.iter().filter_map(|item| item.ko.as_deref()).collect();
    assert!(told.contains(&"성명") && !told.contains(&"고지서 납부 승인"), "{told:?}");
    // The history names what was approved, and keeps neither number nor amount.
    stage.nothing_on_disk_says(&[&notice_number]);
    // The agency takes what was approved for paid: the notice says so after the next refresh, with the day.
    let result = stage.wallet().refresh().await.unwrap();
    assert_eq!((result.failed, result.changed.len()), (0, 1));
    let today = primitives::CivilDate::of(primitives::Clock::now(&host::SystemClock)).to_string();
    let notice = stage.papers().into_iter().find(|paper| paper.silhouette == Silhouette::Slip).unwrap();
    assert!(matches!(&notice.state, PaperState::Paid { date } if *date == Some(today.clone())));
    let page = stage.wallet().paper(&notice.id).unwrap();
    let paid = page.notice.unwrap().paid.unwrap();
    assert_eq!((paid.date, paid.amount), (Some(today), 11_330));
    assert_eq!(stage.wallet().refresh().await.unwrap().changed.len(), 0, "once");

    let (approval, verdict) = approve(&stage, "v-apply", Acknowledgement::Signature).await;
    let Approval::Signature { statement, digest, .. } = approval else { panic!("no signature") };
    assert!(statement.ko.unwrap().contains("신청합니다"));
    assert_eq!(digest.len(), 71);
    assert_eq!(verdict["approved"][0]["ko"], "청년 월세 디딤돌 신청서");
}
