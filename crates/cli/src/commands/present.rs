//! Presenting: a request is looked at, chosen from, agreed to, and answered.

use launch::Reach;
use serde_json::{Value, json};
use wallet::Wallet;
use wallet::view::{
    Candidate, CandidateNote, Consent, ConsentItem, Necessity, PartyTrust, PresentSent, PresentStarted,
    Refusal, Warning,
};

use super::consent;
use super::papers::{moment, one_line};
use super::queue;
use super::setup::{banner, json_of};
use super::showing;
use super::stated;
use crate::arguments::{Global, Present};
use crate::console::{Console, number, words};
use crate::input::{self, Wanted};
use crate::open;
use crate::outcome::{Done, Exit, Failure};

pub(crate) async fn present(global: &Global, console: &mut Console, present: &Present) -> Done {
    console.object_only = present.dc_api || present.frames.as_deref() == Some(std::path::Path::new("-"));
    // Where the answer is shown nothing is called, and no government has to run.
    let unasked = present.code.is_some() || present.one_way.is_some();
    let reach =
        if unasked || input::are_frames(&present.request)? { Reach::FolderOnly } else { Reach::OtherSides };
    let opened = open::unlocked(global, console, reach).await?;
    answer(&opened.launched.wallet, console, present).await
}

/// Answers with an open wallet.
pub(super) async fn answer(wallet: &Wallet, console: &Console, present: &Present) -> Done {
    banner(console, wallet);
    let consent = match start(wallet, console, present).await? {
        (PresentStarted::Consent(consent), _) => consent,
        (PresentStarted::Refusal(refusal), protocol_error) => {
            let failure = refused(wallet, console, &refusal).await;
            return Err(with_protocol_error(failure, protocol_error));
        }
    };
    showing::has_place(&consent, present)?;
    show(console, &consent);
    let chosen = consent::from_arguments(&consent, present, console)
        .and_then(|selection| consent::complete(wallet, &consent, selection, console));
    let (selection, preview) = match chosen {
        Ok(chosen) => chosen,
        Err(failure) => return Err(ended(wallet, console, &consent, failure).await),
    };
    if !consent::agreed(console, &consent, &preview) {
        return Err(ended(wallet, console, &consent, Failure::declined()).await);
    }
    let (sent, handed) = wallet.present_send_to(&consent.session_id, &selection).await?;
    match sent {
        PresentSent::Sent(sent) => {
            let recipient =
                sent.recipient.as_ref().map_or(sent.host.as_str(), |name| console.text(name)).to_owned();
            let title = [("recipient", words(recipient)), ("count", number(sent.item_count))];
            console.say("present.sent.title", &title);
            if sent.opened_browser {
                console.say("present.sent.browser", &[]);
            }
            if let Some(url) = &sent.open_url {
                console.line(&format!("{} {url}", console.t("cli.openYourself", &[])));
            }
            let mut done = json_of(&sent)?;
            if let Some(done) = done.as_object_mut() {
                done.insert("status".to_owned(), json!("sent"));
            }
            if let Some(handed) = handed {
                let object = handed.to_json();
                console.object(&object);
                // For a program: the object for the browser, beside what is said of the sending.
                if let (Some(done), Value::Object(object)) = (done.as_object_mut(), object) {
                    done.extend(object);
                }
            }
            Ok(done)
        }
        PresentSent::Showing(started) => showing::write(wallet, console, present, &started),
        PresentSent::Refusal(refusal) => {
            queue::or_wait(wallet, console, present, &consent.session_id, &refusal)
        }
    }
}

/// Reads the request and finds out who asks. Beside it, for a request over the browser, the protocol's own name of what is wrong with it.
async fn start(
    wallet: &Wallet,
    console: &Console,
    present: &Present,
) -> Result<(PresentStarted, Option<&'static str>), Box<Failure>> {
    if let Some(code) = &present.code {
        return Ok((wallet.present_by_code(code)?, None));
    }
    if let Some(question) = &present.one_way {
        let known = wallet.offline_questions();
        let known = known.iter().find(|one| one.code == *question || one.number.to_string() == *question);
        let number = known.ok_or_else(|| Failure::own("offline_question_unknown", Exit::Usage))?.number;
        return Ok((wallet.present_one_way(number)?, None));
    }
    if let (true, Some(origin)) = (present.dc_api, &present.origin) {
        let given = input::read(present.request.first().map_or("-", String::as_str))?;
        let [given] = given.as_slice() else { return Err(Failure::own("input_several", Exit::Usage)) };
        console.progress(&format!("{} ({origin})", console.t("present.asking", &[])));
        return Ok(wallet.present_start_dc_api_to(given.text.as_bytes(), origin).await?);
    }
    let (input, host) = input::take(wallet, &present.request, Wanted::Request)?;
    // A request that stands in the link itself is fetched from nowhere.
    let from = if host.is_empty() { String::new() } else { format!(" ({host})") };
    console.progress(&format!("{}{from}", console.t("present.asking", &[])));
    Ok((wallet.present_start(&input).await?, None))
}

/// A request that cannot be answered. The other side may be told, if it was authenticated; the act is the citizen's.
async fn refused(wallet: &Wallet, console: &Console, refusal: &Refusal) -> Box<Failure> {
    let failure = Failure::of_flow(refusal);
    match (&refusal.session_id, refusal.can_tell) {
        (Some(session), true) => with_told(wallet, console, session, failure).await,
        _ => failure,
    }
}

/// A request over the browser that is refused outright gets no object back: a refusal is silent ("How a wallet must behave", 1). A platform
/// that owes the page an error all the same (OpenID4VP 1.0 appendix A.4) finds its code here.
fn with_protocol_error(mut failure: Box<Failure>, code: Option<&str>) -> Box<Failure> {
    if let (Some(code), Some(details)) = (code, failure.details.as_object_mut()) {
        details.insert("protocolError".to_owned(), json!(code));
    }
    failure
}

/// A request that is not answered. Words that were wrong or missing on the command line are no act: nobody is told, and the
/// request can be answered with better ones.
async fn ended(wallet: &Wallet, console: &Console, consent: &Consent, failure: Box<Failure>) -> Box<Failure> {
    if failure.code != "declined" {
        return failure;
    }
    with_told(wallet, console, &consent.session_id, failure).await
}

/// "I hold nothing that fits" and "I decline" are the same step and the same bytes ("How a wallet must behave", 2). A person at
/// the terminal is asked; `--yes` is such an act; without either, nobody is told.
async fn with_told(
    wallet: &Wallet,
    console: &Console,
    session: &str,
    mut failure: Box<Failure>,
) -> Box<Failure> {
    let tell = if console.yes { true } else { console.confirm(&console.t("refusal.tell", &[])) };
    match wallet.present_decline_to(session, tell).await {
        Ok((told, handed)) => {
            let handed = handed.map(|handed| handed.to_json());
            if let Some(object) = &handed {
                console.object(object);
            }
            if told {
                console.progress(&console.t("left.toldDenied", &[]));
            }
            if !failure.details.is_object() {
                failure.details = json!({});
            }
            if let Some(details) = failure.details.as_object_mut() {
                details.insert("told".to_owned(), json!(told));
                if let Some(Value::Object(object)) = handed {
                    details.extend(object);
                }
            }
            failure
        }
        Err(error) => error.into(),
    }
}

fn show(console: &Console, consent: &Consent) {
    let name = recipient(console, consent);
    let title = if consent.shown.is_some() { "show.consent.titleTo" } else { "present.title" };
    console.show(&console.t(title, &[("recipient", words(name))]));
    let trust = match consent.recipient.trust {
        PartyTrust::Registered => "party.verifier.registered",
        PartyTrust::Authenticated => "party.verifier.authenticated",
        PartyTrust::Unauthenticated => "party.verifier.unauthenticated",
    };
    let host = Some(consent.recipient.host.as_str()).filter(|host| !host.is_empty());
    let host = host.map_or_else(String::new, |host| format!("{host} · "));
    console.show(&format!("  {host}{}", console.t(trust, &[])));
    showing::explain(console, consent);
    let lines = &consent.lines;
    for (key, line) in [
        ("line.recipient", &lines.recipient),
        ("line.purpose", &lines.purpose),
        ("line.items", &lines.items),
        ("line.retention", &lines.retention),
        ("line.refusal", &lines.refusal),
    ] {
        stated::line(console, key, line).iter().for_each(|line| console.show(line));
    }
    for approval in &consent.approvals {
        stated::approval(console, approval).iter().for_each(|line| console.show(line));
    }
    for warning in &consent.warnings {
        console.show(&format!("  ! {}", warning_text(console, warning)));
    }
    for query in &consent.queries {
        for candidate in &query.candidates {
            show_candidate(console, &query.id, candidate);
        }
    }
}

/// Who is told, in a word: the name, the host, or whoever looks.
pub(super) fn recipient(console: &Console, consent: &Consent) -> String {
    match (&consent.recipient.name, consent.recipient.host.as_str()) {
        (Some(name), _) => console.text(name).to_owned(),
        (None, "") => console.t("show.someone", &[]),
        (None, host) => host.to_owned(),
    }
}

fn show_candidate(console: &Console, query: &str, candidate: &Candidate) {
    console.show(&format!("  [{query}] {}", one_line(console, &candidate.paper)));
    for item in &candidate.items {
        let necessity = match item.necessity {
            Necessity::Required => "items.required",
            Necessity::Optional => "items.optional",
        };
        console.show(&format!("    {} {}", console.t(necessity, &[]), item_line(console, item)));
    }
    console.show(&format!("    {}", console.t("items.hidden", &[("count", number(candidate.hidden_count))])));
    for note in &candidate.notes {
        let key = match note {
            CandidateNote::LastCopy => "items.note.lastCopy",
            CandidateNote::ReusedCopy => "items.note.reusedCopy",
            CandidateNote::StatusUnknown => "items.note.statusUnknown",
            CandidateNote::StatusStale => "items.note.statusStale",
        };
        console.show(&format!("    {}", console.t(key, &[])));
    }
}

/// An item with its value, and what is particular about it.
pub(super) fn item_line(console: &Console, item: &ConsentItem) -> String {
    let mut line = format!("{}: {}", console.text(&item.caption), console.text(&item.value));
    if item.sensitive {
        line.push_str(&format!(" ({})", console.t("present.step.sensitive", &[])));
    }
    if item.over_asked {
        line.push_str(&format!(" ({})", console.t("items.overAsked", &[])));
    }
    line
}

fn warning_text(console: &Console, warning: &Warning) -> String {
    let key = match warning {
        Warning::ResidentNumber { .. } => "warning.residentNumber",
        Warning::OverAsked { .. } => "warning.overAsked",
        Warning::Unregistered => "warning.unregistered",
        Warning::Unauthenticated => "warning.unauthenticated",
        Warning::NoRetentionLimit => "warning.noRetentionLimit",
        Warning::CrossDevice => "warning.crossDevice",
        Warning::TrustListOld { as_of } => {
            return console.t("warning.trustListOld", &[("ago", words(moment(*as_of)))]);
        }
    };
    let mut text = console.t(key, &[]);
    if let Warning::ResidentNumber { captions } | Warning::OverAsked { captions } = warning {
        let captions: Vec<&str> = captions.iter().map(|caption| console.text(caption)).collect();
        text.push_str(&format!(": {}", captions.join(", ")));
    }
    text
}
