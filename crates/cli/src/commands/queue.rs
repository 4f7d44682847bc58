//! Answers that wait for the network: kept by a yes of their own, listed, taken back, sent.

use launch::Reach;
use serde_json::json;
use wallet::Wallet;
use wallet::view::{QueueResult, QueuedAnswer, Refusal};

use super::papers::moment;
use super::setup::{banner, json_of};
use crate::arguments::{Global, Present};
use crate::console::{Console, number, words};
use crate::open;
use crate::outcome::{Done, Failure};

/// An answer that was not sent: if nothing of it left and its request still counts, the person may let it wait.
pub(super) fn or_wait(
    wallet: &Wallet,
    console: &Console,
    present: &Present,
    session_id: &str,
    refusal: &Refusal,
) -> Done {
    let failure = Failure::of_flow(refusal);
    let Some(until) = wallet.can_wait_until(session_id) else { return Err(failure) };
    let question = console.t("cli.queue.ask", &[("until", words(moment(until)))]);
    // The yes to sending is no yes to keeping.
    if !(present.when_connected || (!console.yes && console.confirm(&question))) {
        return Err(failure);
    }
    let kept = wallet.queue_answer(session_id)?;
    console.say("cli.queue.kept", &[]);
    console.line(&one_line(console, &kept));
    let mut done = json_of(&kept)?;
    if let Some(done) = done.as_object_mut() {
        done.insert("status".to_owned(), json!("waiting"));
    }
    Ok(done)
}

/// `wallet queued`.
pub(crate) async fn queued(global: &Global, console: &mut Console, withdraw: Option<&str>) -> Done {
    let opened = open::unlocked(global, console, Reach::FolderOnly).await?;
    let wallet = &opened.launched.wallet;
    banner(console, wallet);
    if let Some(id) = withdraw {
        wallet.withdraw_queued(id)?;
        console.say("cli.queue.withdrawn", &[]);
    }
    let waiting = wallet.queued_answers()?;
    if waiting.is_empty() {
        console.say("cli.queue.none", &[]);
    }
    for answer in &waiting {
        console.line(&one_line(console, answer));
    }
    Ok(json!({ "waiting": waiting.iter().map(json_of).collect::<Result<Vec<_>, _>>()? }))
}

/// `wallet send-queued`.
pub(crate) async fn send(global: &Global, console: &mut Console) -> Done {
    let opened = open::unlocked(global, console, Reach::OtherSides).await?;
    let wallet = &opened.launched.wallet;
    banner(console, wallet);
    let result = wallet.send_queued().await?;
    say(console, &result);
    json_of(&result)
}

/// What became of answers that waited.
pub(super) fn say(console: &Console, result: &QueueResult) {
    let counts = [
        ("sent", number(result.sent.len())),
        ("failed", number(result.failed)),
        ("expired", number(result.expired)),
        ("refused", number(result.refused)),
        ("waiting", number(result.waiting)),
    ];
    console.say("cli.queue.sent", &counts);
    for url in &result.open_urls {
        console.line(&format!("{} {url}", console.t("cli.openYourself", &[])));
    }
}

fn one_line(console: &Console, answer: &QueuedAnswer) -> String {
    let params = [
        ("recipient", words(console.text(&answer.recipient))),
        ("count", number(answer.item_count)),
        ("until", words(moment(answer.expires_at))),
    ];
    format!("  {} · {}", answer.id, console.t("cli.queue.one", &params))
}
