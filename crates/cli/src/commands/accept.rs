//! Receiving: an offer is looked at, agreed to, and its papers are stored.

use std::time::{Duration, Instant};

use launch::Reach;
use serde_json::json;
use wallet::Wallet;
use wallet::view::{
    GrantView, Offer, PaperSummary, PartyTrust, Progress, ProgressStep, ReceiveStarted, Received, Replaced,
    Text, TxCodeSpec,
};

use super::papers::{moment, one_line, summaries};
use super::setup::{banner, json_of};
use crate::arguments::{Accept, Global, Receive};
use crate::console::{Console, number, words};
use crate::input::{self, Wanted};
use crate::open;
use crate::outcome::{Done, Exit, Failure};

/// How often a transaction code may be typed.
const CODE_TRIES: u32 = 3;
/// How often deferred papers are asked for; the wallet itself waits as long as the issuer wants.
const DEFERRED_PAUSE: Duration = Duration::from_millis(500);

pub(crate) async fn accept(global: &Global, console: &mut Console, accept: &Accept) -> Done {
    let opened = open::unlocked(global, console, Reach::OtherSides).await?;
    receive(&opened.launched.wallet, console, accept).await
}

/// Receives with an open wallet.
pub(super) async fn receive(wallet: &Wallet, console: &Console, accept: &Accept) -> Done {
    banner(console, wallet);
    let (input, host) = input::take(wallet, std::slice::from_ref(&accept.offer), Wanted::Offer)?;
    console.progress(&format!("{} ({host})", console.t("receive.asking", &[])));
    let offer = match wallet.receive_start(&input).await? {
        ReceiveStarted::Offer(offer) => offer,
        ReceiveStarted::Refusal(refusal) => return Err(Failure::of_flow(&refusal)),
    };
    // An issuer's address is no offer: there the papers are named.
    if offer.choose && offer.papers.len() > 1 {
        return offered(wallet, console, &offer);
    }
    take(wallet, console, &offer, accept.tx_code.as_deref(), accept.wait).await
}

/// Receives from an issuer's address, without an offer; without a type it says what there is.
pub(crate) async fn from_issuer(global: &Global, console: &mut Console, receive: &Receive) -> Done {
    let opened = open::unlocked(global, console, Reach::OtherSides).await?;
    let wallet = &opened.launched.wallet;
    banner(console, wallet);
    let (input, host) = input::take(wallet, std::slice::from_ref(&receive.issuer), Wanted::Offer)?;
    console.progress(&format!("{} ({host})", console.t("receive.asking", &[])));
    let mut offer = match wallet.receive_start(&input).await? {
        ReceiveStarted::Offer(offer) => offer,
        ReceiveStarted::Refusal(refusal) => return Err(Failure::of_flow(&refusal)),
    };
    if receive.types.is_empty() {
        return offered(wallet, console, &offer);
    }
    if wallet.receive_choose(&offer.session_id, &receive.types).is_err() {
        let shown = offered(wallet, console, &offer)?;
        return Err(Failure::own("offer_configuration_unknown", Exit::Usage).with(shown));
    }
    offer.papers.retain(|paper| receive.types.contains(&paper.configuration_id));
    take(wallet, console, &offer, None, receive.wait).await
}

/// What the issuer has. Nothing is asked for.
fn offered(wallet: &Wallet, console: &Console, offer: &Offer) -> Done {
    wallet.receive_cancel(&offer.session_id);
    console.say("cli.offered", &[("issuer", words(console.text(&offer.issuer.name)))]);
    for paper in &offer.papers {
        console.line(&format!("  {} · {}", paper.configuration_id, console.text(&paper.name)));
    }
    Ok(json!({ "status": "offered", "papers": json_of(&offer.papers)? }))
}

/// Shows an offer, asks for the yes, and waits for what is deferred.
async fn take(wallet: &Wallet, console: &Console, offer: &Offer, tx_code: Option<&str>, wait: u64) -> Done {
    show_offer(console, offer);
    if !console.yes && !console.confirm(&agree(console, offer)) {
        wallet.receive_cancel(&offer.session_id);
        return Err(Failure::declined().with(json!({ "offer": json_of(offer)? })));
    }
    let Came { mut papers, deferred, replaced } = continue_receiving(wallet, console, offer, tx_code).await?;
    let mut still = deferred.len();
    if still > 0 {
        console.progress(&console.t("receive.deferred", &[("count", number(still))]));
        let end = Instant::now() + Duration::from_secs(wait);
        let mut came = 0;
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        loop {
            let (new, waiting) = wallet.poll_deferred().await?;
            came += new.len();
            papers.extend(new);
            still = waiting;
            if still == 0 || Instant::now() >= end {
                break;
            }
            // Who does not want to wait on still has the paper coming: it is asked for again another time.
            tokio::select! {
                () = tokio::time::sleep(DEFERRED_PAUSE) => {}
                _ = &mut interrupted => break,
            }
        }
        if still == 0 && came < deferred.len() {
            return Err(Failure::own("deferred_not_issued", Exit::OtherSide));
        }
    }
    console.say("receive.done.title", &[("count", number(papers.len()))]);
    for paper in &papers {
        console.line(&format!("  {}", one_line(console, paper)));
    }
    show_replaced(console, &replaced);
    if still > 0 {
        console.say("cli.pending", &[("count", number(still))]);
    }
    Ok(json!({
        "status": if still > 0 { "pending" } else { "done" },
        "papers": summaries(&mut papers)?,
        "pending": still,
        "replaced": json_of(&replaced)?,
    }))
}

fn agree(console: &Console, offer: &Offer) -> String {
    let key = match offer.grant {
        GrantView::PreAuthorized => "receive.act",
        GrantView::AuthorizationCode => "receive.actBrowser",
    };
    console.t(key, &[("count", number(offer.papers.len()))])
}

fn show_offer(console: &Console, offer: &Offer) {
    let issuer = words(console.text(&offer.issuer.name));
    let title = [("issuer", issuer), ("count", number(offer.papers.len()))];
    console.show(&console.t("receive.offer.title", &title));
    let trust = match offer.issuer.trust {
        PartyTrust::Registered => "party.issuer.registered",
        PartyTrust::Authenticated => "party.issuer.authenticated",
        PartyTrust::Unauthenticated => "party.issuer.unauthenticated",
    };
    console.show(&format!("  {} · {}", offer.issuer.host, console.t(trust, &[])));
    if let Some(at) = offer.old_trust_list_as_of {
        console.show(&format!("  ! {}", console.t("warning.trustListOld", &[("ago", words(moment(at)))])));
    }
    for paper in &offer.papers {
        let copies = console.t("receive.offer.copies", &[("count", Parameter32(paper.copies).into())]);
        console.show(&format!("  - {} · {copies}", console.text(&paper.name)));
        if !paper.entitled {
            console.show(&format!("    {}", console.t("receive.offer.notEntitled", &[])));
        }
    }
    console.show(&console.t("receive.offer.keys", &[]));
}

struct Parameter32(u32);

impl From<Parameter32> for wallet::view::Parameter {
    fn from(number: Parameter32) -> Self {
        Self::Number(i64::from(number.0))
    }
}

/// What came of a receiving.
struct Came {
    papers: Vec<PaperSummary>,
    deferred: Vec<Text>,
    replaced: Vec<Replaced>,
}

/// What took the place of something, and what it says otherwise.
pub(super) fn show_replaced(console: &Console, replaced: &[Replaced]) {
    for one in replaced {
        console.say("receive.replaced.title", &[("name", words(console.text(&one.name)))]);
        if one.changes.is_empty() {
            console.say("receive.replaced.same", &[]);
        }
        for change in &one.changes {
            let value = |value: &Option<Text>| {
                let nothing = || console.t("receive.replaced.nothing", &[]);
                value.as_ref().map_or_else(nothing, |value| console.text(value).to_owned())
            };
            let caption = console.text(&change.caption);
            console.line(&format!("  {caption}: {} → {}", value(&change.before), value(&change.after)));
        }
    }
}

async fn continue_receiving(
    wallet: &Wallet,
    console: &Console,
    offer: &Offer,
    given: Option<&str>,
) -> Result<Came, Box<Failure>> {
    let mut session = offer.session_id.clone();
    let mut code = match (&offer.tx_code, given) {
        (None, _) => None,
        (Some(_), Some(given)) => Some(given.to_owned()),
        (Some(asked), None) => Some(ask_code(console, asked)?),
    };
    let report = |progress: Progress| console.progress(&step(console, &progress));
    for _ in 0..CODE_TRIES {
        let received = {
            let receiving = wallet.receive_continue(&session, code.as_deref(), &report);
            tokio::pin!(receiving);
            tokio::select! {
                received = &mut receiving => received,
                // Stopped by the person: the flow ends by its own rules and says so in the history.
                _ = tokio::signal::ctrl_c() => {
                    wallet.receive_cancel(&session);
                    receiving.await
                }
            }
        }?;
        match received {
            Received::Done { papers, deferred, replaced } => return Ok(Came { papers, deferred, replaced }),
            Received::Cancelled => return Err(Failure::own("stopped", Exit::Declined)),
            Received::Refusal(refusal) => return Err(Failure::of_flow(&refusal)),
            Received::TxCodeWrong { session_id } => {
                let wrong = Failure::own("transaction_code_wrong", Exit::Usage);
                let (Some(asked), true) = (&offer.tx_code, console.can_ask()) else { return Err(wrong) };
                console.note(&console.t("receive.code.wrong", &[]));
                code = Some(ask_code(console, asked)?);
                session = session_id;
            }
        }
    }
    Err(Failure::own("transaction_code_wrong", Exit::Usage))
}

fn ask_code(console: &Console, asked: &TxCodeSpec) -> Result<String, Box<Failure>> {
    let mut question = console.t("receive.code.label", &[]);
    if let Some(length) = asked.length {
        let length = [("length", Parameter32(length).into())];
        question.push_str(&format!(" ({})", console.t("receive.code.length", &length)));
    }
    if let Some(description) = &asked.description {
        question.push_str(&format!(" [{}]", console.text(description)));
    }
    console
        .ask(&question)
        .filter(|typed| !typed.is_empty())
        .ok_or_else(|| Failure::own("transaction_code_missing", Exit::Usage))
}

fn step(console: &Console, progress: &Progress) -> String {
    let key = match progress.step {
        ProgressStep::Metadata => "receive.progress.metadata",
        ProgressStep::Authorize => "receive.progress.authorize",
        ProgressStep::Browser => "receive.progress.browser",
        ProgressStep::Token => "receive.progress.token",
        ProgressStep::Credential => "receive.progress.credential",
        ProgressStep::Verify => "receive.progress.verify",
        ProgressStep::Store => "receive.progress.store",
    };
    console.t(key, &[("count", number(progress.count + 1)), ("of", number(progress.of))])
}
