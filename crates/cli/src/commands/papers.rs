//! The shelves, a paper, what is to be done, the history.

use launch::Reach;
use serde_json::{Value, json};
use wallet::Wallet;
use wallet::view::{
    self, HistoryKind, PaperState, PaperSummary, Parameter, QueueResult, Received, Shelf, SignatureState,
    StatusView, TodayWhat,
};

use super::accept::show_replaced;
use super::queue;
use super::setup::{banner, json_of};
use crate::arguments::{Global, ShelfName};
use crate::console::{Console, number, words};
use crate::open;
use crate::outcome::{Done, Exit, Failure};

/// How much of an identifier a person has to type.
const SHORT: usize = 8;

pub(crate) async fn list(
    global: &Global,
    console: &mut Console,
    shelf: Option<ShelfName>,
    search: &str,
) -> Done {
    let opened = open::unlocked(global, console, Reach::FolderOnly).await?;
    let wallet = &opened.launched.wallet;
    banner(console, wallet);
    let mut shelves = Vec::new();
    for (name, title) in [
        (Shelf::Id, "cli.shelf.id"),
        (Shelf::Notice, "cli.shelf.notice"),
        (Shelf::Benefit, "cli.shelf.benefit"),
    ] {
        if shelf.is_some_and(|wanted| of_name(wanted) != name) {
            continue;
        }
        let mut found = wallet.shelf(name, search)?;
        console.line(&format!("{} ({})", console.t(title, &[]), found.papers.len()));
        for paper in &mut found.papers {
            console.line(&format!("  {}", one_line(console, paper)));
            without_picture(paper);
        }
        shelves.push(json_of(&found)?);
    }
    Ok(json!({ "shelves": shelves }))
}

const fn of_name(name: ShelfName) -> Shelf {
    match name {
        ShelfName::Id => Shelf::Id,
        ShelfName::Notice => Shelf::Notice,
        ShelfName::Benefit => Shelf::Benefit,
    }
}

/// Pictures are for `show`: a list of many lines of base64 helps nobody.
pub(super) fn without_picture(paper: &mut PaperSummary) {
    if let Some(card) = &mut paper.card {
        card.portrait = None;
    }
}

pub(super) fn one_line(console: &Console, paper: &PaperSummary) -> String {
    let mut parts = vec![
        paper.id.chars().take(SHORT).collect::<String>(),
        console.text(&paper.name).to_owned(),
        console.text(&paper.issuer).to_owned(),
        state_text(console, &paper.state),
    ];
    parts.extend(paper.amount.map(|amount| console.language.won(amount)));
    parts
        .extend(paper.valid_until.as_ref().map(|date| console.t("until", &[("date", words(date.as_str()))])));
    if paper.is_new {
        parts.push(console.t("cli.new", &[]));
    }
    parts.join(" · ")
}

pub(super) fn state_text(console: &Console, state: &PaperState) -> String {
    let days = |key: &str, days: &i64| console.t(key, &[("days", Parameter::Number(*days))]);
    match state {
        PaperState::Valid => console.t("state.valid", &[]),
        PaperState::Expiring { days: 0, .. } | PaperState::Due { days: 0, .. } => {
            console.t("state.lastDay", &[])
        }
        PaperState::Expiring { days: left, .. } | PaperState::Due { days: left, .. } => {
            days("state.daysLeft", left)
        }
        PaperState::Overdue { days: past, .. } => days("state.overdue", past),
        PaperState::NotYet { date } => console.t("state.notYet", &[("date", words(date.as_str()))]),
        PaperState::Expired { .. } => console.t("state.expired", &[]),
        PaperState::Paid { .. } => console.t("state.paid", &[]),
        PaperState::AutoDebit { .. } => console.t("state.autoDebit", &[]),
        PaperState::Revoked { .. } => console.t("state.revoked", &[]),
        PaperState::Suspended => console.t("state.suspended", &[]),
        PaperState::NotValid => console.t("state.notValid", &[]),
        PaperState::Unknown => console.t("state.unknown", &[]),
        PaperState::Stale { as_of } => console.t("state.stale", &[("ago", words(moment(*as_of)))]),
    }
}

/// A paper's identifier, or the only one that begins so.
pub(super) fn paper_id(wallet: &Wallet, typed: &str) -> Result<String, Box<Failure>> {
    let mut ids = Vec::new();
    for shelf in [Shelf::Id, Shelf::Notice, Shelf::Benefit] {
        ids.extend(wallet.shelf(shelf, "")?.papers.into_iter().map(|paper| paper.id));
    }
    let mut fitting = ids.into_iter().filter(|id| !typed.is_empty() && id.starts_with(typed));
    match (fitting.next(), fitting.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(Failure::own("paper_id_ambiguous", Exit::Usage)),
        (None, _) => Err(wallet::WalletError::Unknown("paper").into()),
    }
}

pub(crate) async fn show(
    global: &Global,
    console: &mut Console,
    id: &str,
    reveal: bool,
    original: bool,
) -> Done {
    let opened = open::unlocked(global, console, Reach::FolderOnly).await?;
    let wallet = &opened.launched.wallet;
    let id = paper_id(wallet, id)?;
    if original {
        let original = wallet.original(&id)?;
        console.line(&original.text);
        return json_of(&original);
    }
    let mut paper = wallet.paper(&id)?;
    if reveal {
        for fact in paper.groups.iter_mut().flat_map(|group| &mut group.facts).filter(|fact| fact.sensitive) {
            fact.value = wallet.reveal_fact(&id, &fact.id)?;
        }
    }
    banner(console, wallet);
    console.line(&one_line(console, &paper.summary));
    for group in &paper.groups {
        console.line(&format!("[{}]", console.text(&group.caption)));
        for fact in &group.facts {
            console.line(&format!("  {}: {}", console.text(&fact.caption), console.text(&fact.value)));
        }
    }
    trust(console, &paper);
    serde_json::to_value(&paper).map_err(|_| Failure::own("computer_json", Exit::Computer))
}

fn trust(console: &Console, paper: &view::Paper) {
    console.line(&format!("[{}]", console.t("trust.title", &[])));
    let signature = match paper.trust.signature {
        SignatureState::Holds => "trust.holds",
        SignatureState::DoesNotHold => "trust.doesNotHold",
    };
    console.line(&format!("  {}", console.t(signature, &[])));
    if let Some(name) = &paper.trust.signed_by {
        let name = [("name", words(console.text(name)))];
        console.line(&format!("  {}", console.t("trust.signedBy", &name)));
    }
    if !paper.trust.issuer_listed {
        console.line(&format!("  {}", console.t("trust.notListed", &[])));
    }
    let status = match paper.trust.status {
        StatusView::Valid => "trust.status.valid",
        StatusView::Revoked => "trust.status.revoked",
        StatusView::Suspended => "trust.status.suspended",
        StatusView::NotValid => "trust.status.notValid",
        StatusView::Stale => "trust.status.stale",
        StatusView::Unknown => "trust.status.unknown",
        StatusView::None => "trust.status.none",
    };
    let as_of = paper.trust.status_as_of.map(|at| format!(" ({})", moment(at))).unwrap_or_default();
    console.line(&format!("  {}{as_of}", console.t(status, &[])));
    let copies = [("left", number(paper.trust.copies.left)), ("total", number(paper.trust.copies.total))];
    console.line(&format!("  {}", console.t("trust.copies", &copies)));
}

/// A moment, in UTC as the computer's tools read it.
pub(super) fn moment(unix_seconds: i64) -> String {
    primitives::Instant::from_unix_seconds(unix_seconds).to_string()
}

pub(crate) async fn remove(global: &Global, console: &mut Console, id: &str) -> Done {
    let opened = open::unlocked(global, console, Reach::OtherSides).await?;
    let wallet = &opened.launched.wallet;
    let id = paper_id(wallet, id)?;
    let name = console.text(&wallet.paper(&id)?.summary.name).to_owned();
    console.show(&console.t("paper.removeSub", &[]));
    if !console.yes && !console.confirm(&console.t("paper.removeTitle", &[("name", words(name.as_str()))])) {
        return Err(Failure::declined());
    }
    wallet.remove_paper(&id).await?;
    console.say("paper.removed", &[("name", words(name))]);
    Ok(json!({ "removed": id }))
}

pub(crate) async fn refresh(global: &Global, console: &mut Console) -> Done {
    let opened = open::unlocked(global, console, Reach::OtherSides).await?;
    let mut result = opened.launched.wallet.refresh().await?;
    console.say("cli.refreshed", &[("checked", number(result.checked)), ("failed", number(result.failed))]);
    for paper in &mut result.changed {
        console.line(&format!("  {}", one_line(console, paper)));
        without_picture(paper);
    }
    if result.queue != QueueResult::default() {
        queue::say(console, &result.queue);
    }
    json_of(&result)
}

/// Fetches the copies of one paper anew.
pub(crate) async fn renew(global: &Global, console: &mut Console, id: &str) -> Done {
    let opened = open::unlocked(global, console, Reach::OtherSides).await?;
    let wallet = &opened.launched.wallet;
    let id = paper_id(wallet, id)?;
    match wallet.renew_paper(&id).await? {
        Received::Done { mut papers, deferred, replaced } => {
            show_replaced(console, &replaced);
            if !deferred.is_empty() {
                console.say("cli.pending", &[("count", number(deferred.len()))]);
            }
            Ok(json!({
                "status": if deferred.is_empty() { "done" } else { "pending" },
                "papers": summaries(&mut papers)?,
                "pending": deferred.len(),
                "replaced": json_of(&replaced)?,
            }))
        }
        Received::Refusal(refusal) => Err(Failure::of_flow(&refusal)),
        Received::Cancelled | Received::TxCodeWrong { .. } => Err(Failure::own("stopped", Exit::Declined)),
    }
}

pub(crate) async fn history(global: &Global, console: &mut Console, before: Option<&str>) -> Done {
    let opened = open::unlocked(global, console, Reach::FolderOnly).await?;
    let history = opened.launched.wallet.history(before)?;
    if history.entries.is_empty() {
        console.say("history.empty", &[]);
    }
    for entry in &history.entries {
        console.line(&history_line(console, entry));
    }
    if !history.chain_holds {
        console.say("history.chainBroken", &[]);
    }
    json_of(&history)
}

pub(super) fn history_line(console: &Console, entry: &view::HistoryEntry) -> String {
    let kind = match entry.kind {
        HistoryKind::Received => "history.kind.received",
        HistoryKind::Presented => "history.kind.presented",
        HistoryKind::Declined => "history.kind.declined",
        HistoryKind::Refused => "history.kind.refused",
        HistoryKind::Failed => "history.kind.failed",
        HistoryKind::Removed => "history.kind.removed",
        HistoryKind::Refreshed => "history.kind.refreshed",
    };
    let list = |texts: &mut dyn Iterator<Item = &view::Text>| {
        texts.map(|text| console.text(text)).collect::<Vec<_>>().join(", ")
    };
    let mut parts = vec![entry.id.clone(), moment(entry.at), console.t(kind, &[])];
    parts.extend(entry.party.iter().map(|party| console.text(party).to_owned()));
    parts.push(list(&mut entry.papers.iter().map(|paper| &paper.name)));
    parts.push(list(&mut entry.items.iter()));
    parts.push(list(&mut entry.approvals.iter()));
    parts.extend(entry.code.clone());
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

pub(crate) async fn today(global: &Global, console: &mut Console) -> Done {
    let opened = open::unlocked(global, console, Reach::FolderOnly).await?;
    let wallet = &opened.launched.wallet;
    let mut today = wallet.today()?;
    banner(console, wallet);
    let count = ("count", number(today.todo_count));
    match &today.owner {
        Some(owner) => {
            let name = ("name", words(console.text(owner)));
            console.say(if today.todo_count == 0 { "today.nothing" } else { "today.todo" }, &[name, count]);
        }
        None => {
            console.say(
                if today.todo_count == 0 { "today.nothingNoName" } else { "today.todoNoName" },
                &[count],
            );
        }
    }
    for item in &today.overdue {
        let title = [("name", words(console.text(&item.name))), ("days", Parameter::Number(item.days))];
        let amount = console.language.won(item.amount_now);
        console.line(&format!("  {} · {amount}", console.t("today.overdueTitle", &title)));
    }
    for item in &today.upcoming {
        let what = match item.what {
            TodayWhat::Pay => "money.pay",
            TodayWhat::Come => "money.come",
            TodayWhat::Left => "money.left",
            TodayWhat::Expires => "money.expires",
        };
        let amount = item.amount.map(|amount| console.language.won(amount)).unwrap_or_default();
        let name = console.text(&item.name);
        console.line(&format!("  {} · {name} · {} {amount}", item.date, console.t(what, &[])));
    }
    for (title, papers) in [("today.trouble", &today.trouble), ("today.arrived", &today.arrived)] {
        if !papers.is_empty() {
            console.say(title, &[]);
        }
        for paper in papers {
            console.line(&format!("  {}", one_line(console, paper)));
        }
    }
    today.trouble.iter_mut().chain(&mut today.arrived).for_each(without_picture);
    json_of(&today)
}

/// Papers as a flow's answer has them.
pub(super) fn summaries(papers: &mut [PaperSummary]) -> Result<Vec<Value>, Box<Failure>> {
    papers.iter_mut().for_each(without_picture);
    papers.iter().map(json_of).collect()
}
