//! The citizen's choice over what is asked: from the words of the command line, or asked line by line on the terminal.
//!
//! `--yes` is the yes to the required items and to nothing else. What takes a step of its own in the window takes a word of its
//! own here: optional items `--include`, missing lines, warnings and sensitive items `--acknowledge`. Where several papers or
//! several options would do, `--choose` says which; nothing is picked for the citizen.

use serde_json::json;
use wallet::Wallet;
use wallet::view::{
    Acknowledgement, Candidate, Consent, ConsentItem, ConsentQuery, Missing, Necessity, Preview, Selection,
};

use super::papers::one_line;
use super::present::{item_line, recipient};
use crate::arguments::{Present, What};
use crate::console::{Console, number, words};
use crate::outcome::{Exit, Failure};

/// What was chosen with the words of the command line, before anybody is asked.
pub(super) fn from_arguments(
    consent: &Consent,
    present: &Present,
    console: &Console,
) -> Result<Selection, Box<Failure>> {
    let mut selection = Selection::default();
    for (query, paper) in &present.choose {
        let query =
            consent.queries.iter().find(|known| known.id == *query).ok_or_else(|| choices(consent))?;
        let paper = paper_of(query, paper).ok_or_else(|| choices(consent))?;
        let chosen = selection.papers.entry(query.id.clone()).or_default();
        if !chosen.contains(&paper) {
            chosen.push(paper);
        }
    }
    // A query that was chosen says which option of its group is meant.
    for group in &consent.groups {
        let wanted = |option: &&wallet::view::ConsentOption| {
            option.query_ids.iter().any(|query| selection.papers.contains_key(query))
        };
        let mut options = group.options.iter().filter(wanted);
        if let (Some(option), None) = (options.next(), options.next()) {
            selection.options.insert(group.id.clone(), Some(option.id.clone()));
        }
    }
    for item in &present.include {
        let optional = consent
            .queries
            .iter()
            .flat_map(|query| query.candidates.iter().map(move |candidate| (query, candidate)))
            .filter(|(query, candidate)| {
                selection.papers.get(&query.id).is_none_or(|chosen| chosen.contains(&candidate.paper.id))
            })
            .flat_map(|(_, candidate)| &candidate.items)
            .filter(|known| known.necessity == Necessity::Optional && is_called(known, item, console));
        let ids: Vec<&ConsentItem> = optional.collect();
        if ids.is_empty() {
            return Err(Failure::own("item_unknown", Exit::Usage).with(json!({ "item": item })));
        }
        for item in ids {
            selection.items.push(item.id.clone());
            // Naming it is its own yes.
            if item.sensitive {
                selection.sensitive_yes.push(item.id.clone());
            }
        }
    }
    selection.acknowledged = present.acknowledge.iter().filter_map(|what| acknowledgement(*what)).collect();
    if present.acknowledge.contains(&What::Sensitive) {
        let items = consent.queries.iter().flat_map(|query| &query.candidates).flat_map(|one| &one.items);
        let required = items.filter(|item| item.sensitive && item.necessity == Necessity::Required);
        selection.sensitive_yes.extend(required.map(|item| item.id.clone()));
    }
    Ok(selection)
}

/// A paper of a query by its identifier or the beginning of one.
fn paper_of(query: &ConsentQuery, typed: &str) -> Option<String> {
    let mut fitting = query.candidates.iter().filter(|candidate| candidate.paper.id.starts_with(typed));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) if !typed.is_empty() => Some(one.paper.id.clone()),
        _ => None,
    }
}

/// An item by its identifier, its caption, or its place (`phone`, `address.sigungu`).
fn is_called(item: &ConsentItem, typed: &str, console: &Console) -> bool {
    let caption = [&item.caption.ko, &item.caption.en].into_iter().flatten().any(|caption| caption == typed);
    caption
        || item.id == typed
        || console.text(&item.caption) == typed
        || place(&item.id) == Some(typed.to_owned())
}

/// The place in an item's identifier (`QUERY/PAPER/["address","sigungu"]`), with dots.
pub(super) fn place(id: &str) -> Option<String> {
    let path = id.splitn(3, '/').nth(2)?;
    let elements: Vec<serde_json::Value> = serde_json::from_str(path).ok()?;
    let words = elements.iter().map(|element| match element {
        serde_json::Value::String(name) => name.clone(),
        serde_json::Value::Null => "*".to_owned(),
        other => other.to_string(),
    });
    Some(words.collect::<Vec<_>>().join("."))
}

const fn acknowledgement(what: What) -> Option<Acknowledgement> {
    Some(match what {
        What::Recipient => Acknowledgement::Recipient,
        What::Purpose => Acknowledgement::Purpose,
        What::Items => Acknowledgement::Items,
        What::Retention => Acknowledgement::Retention,
        What::Refusal => Acknowledgement::Refusal,
        What::Unregistered => Acknowledgement::Unregistered,
        What::Unauthenticated => Acknowledgement::Unauthenticated,
        What::OverAsked => Acknowledgement::OverAsked,
        What::Payment => Acknowledgement::Payment,
        What::Signature => Acknowledgement::Signature,
        What::Sensitive => return None,
    })
}

const fn acknowledgement_key(what: Acknowledgement) -> &'static str {
    match what {
        Acknowledgement::Recipient => "ack.recipient",
        Acknowledgement::Purpose => "ack.purpose",
        Acknowledgement::Items => "ack.items",
        Acknowledgement::Retention => "ack.retention",
        Acknowledgement::Refusal => "ack.refusal",
        Acknowledgement::Unregistered => "ack.unregistered",
        Acknowledgement::Unauthenticated => "ack.unauthenticated",
        Acknowledgement::OverAsked => "ack.overAsked",
        Acknowledgement::Payment => "ack.payment",
        Acknowledgement::Signature => "ack.signature",
    }
}

/// What may be chosen, for whoever chose nothing or something else.
fn choices(consent: &Consent) -> Box<Failure> {
    let queries: Vec<_> = consent
        .queries
        .iter()
        .map(|query| {
            let papers: Vec<_> = query
                .candidates
                .iter()
                .map(|one| json!({ "paper": one.paper.id, "name": one.paper.name, "detail": one.paper.detail }))
                .collect();
            json!({ "query": query.id, "papers": papers, "multiple": query.multiple })
        })
        .collect();
    Failure::own("choice_incomplete", Exit::Usage)
        .with(json!({ "choices": queries, "groups": consent.groups }))
}

/// The whole choice: what the command line left open is asked for where somebody can be asked, and refused elsewhere.
pub(super) fn complete(
    wallet: &Wallet,
    consent: &Consent,
    mut selection: Selection,
    console: &Console,
) -> Result<(Selection, Preview), Box<Failure>> {
    let asking = !console.yes && console.can_ask();
    let mut asked_optional = false;
    // Each round answers at least one thing; what is asked for is bounded by what stands in the request.
    for _ in 0..1000 {
        let preview = wallet.present_preview(&consent.session_id, &selection)?;
        let Some(missing) = preview.missing.first() else {
            if asking && !asked_optional {
                asked_optional = true;
                offer_optional(consent, &preview, &mut selection, console);
                continue;
            }
            return Ok((selection, preview));
        };
        if !asking {
            return Err(unanswered(consent, &preview));
        }
        match missing {
            Missing::Option { group_id } => ask_option(consent, group_id, &mut selection, console)?,
            Missing::Paper { query_id } => ask_paper(consent, query_id, &mut selection, console)?,
            Missing::Sensitive { item_ids } => ask_sensitive(consent, item_ids, &mut selection, console)?,
            // A no to what is required is the end: nothing else is left to choose.
            Missing::RequiredRefused { .. } => return Err(Failure::declined()),
            Missing::Acknowledge { what } => {
                if !console.confirm(&console.t(acknowledgement_key(*what), &[])) {
                    return Err(Failure::declined());
                }
                selection.acknowledged.push(*what);
            }
        }
    }
    Err(choices(consent))
}

/// Without a person to ask: a choice is wrong usage, a yes that was not given is a no.
fn unanswered(consent: &Consent, preview: &Preview) -> Box<Failure> {
    let choice = |missing: &Missing| matches!(missing, Missing::Option { .. } | Missing::Paper { .. });
    if preview.missing.iter().any(choice) {
        return choices(consent);
    }
    let needed: Vec<_> = preview
        .missing
        .iter()
        .map(|missing| match missing {
            Missing::Acknowledge { what } => json!(what),
            _ => json!("sensitive"),
        })
        .collect();
    Failure::own("consent_incomplete", Exit::Declined).with(json!({ "acknowledge": needed }))
}

fn pick(console: &Console, count: usize) -> Result<usize, Box<Failure>> {
    let typed =
        console.ask(&console.t("cli.pick", &[("count", number(count))])).ok_or_else(Failure::declined)?;
    match typed.parse::<usize>() {
        Ok(place) if (1..=count).contains(&place) => Ok(place - 1),
        _ => Err(Failure::declined()),
    }
}

fn ask_option(
    consent: &Consent,
    group: &str,
    selection: &mut Selection,
    console: &Console,
) -> Result<(), Box<Failure>> {
    let group = consent.groups.iter().find(|known| known.id == group).ok_or_else(|| choices(consent))?;
    console.show(&console.t("items.oneOf", &[]));
    for (place, option) in group.options.iter().enumerate() {
        let names: Vec<String> = option
            .query_ids
            .iter()
            .filter_map(|id| consent.queries.iter().find(|query| query.id == *id))
            .filter_map(|query| query.candidates.first())
            .map(|candidate| told(candidate, console))
            .collect();
        console.show(&format!("  {}. {}", place + 1, names.join(" + ")));
    }
    let chosen = pick(console, group.options.len())?;
    let option = group.options.get(chosen).ok_or_else(|| choices(consent))?;
    selection.options.insert(group.id.clone(), Some(option.id.clone()));
    Ok(())
}

fn told(candidate: &Candidate, console: &Console) -> String {
    let items: Vec<&str> = candidate
        .items
        .iter()
        .filter(|item| item.necessity == Necessity::Required)
        .map(|item| console.text(&item.caption))
        .collect();
    format!("{} ({})", console.text(&candidate.paper.name), items.join(", "))
}

fn ask_paper(
    consent: &Consent,
    query: &str,
    selection: &mut Selection,
    console: &Console,
) -> Result<(), Box<Failure>> {
    let query = consent.queries.iter().find(|known| known.id == query).ok_or_else(|| choices(consent))?;
    console.show(&console.t("items.whichPaper", &[]));
    for (place, candidate) in query.candidates.iter().enumerate() {
        console.show(&format!("  {}. {}", place + 1, one_line(console, &candidate.paper)));
    }
    let chosen = pick(console, query.candidates.len())?;
    let candidate = query.candidates.get(chosen).ok_or_else(|| choices(consent))?;
    selection.papers.insert(query.id.clone(), vec![candidate.paper.id.clone()]);
    Ok(())
}

fn ask_sensitive(
    consent: &Consent,
    items: &[String],
    selection: &mut Selection,
    console: &Console,
) -> Result<(), Box<Failure>> {
    console.show(&console.t("sensitive.title", &[]));
    for id in items {
        let item = item_of(consent, id).ok_or_else(|| choices(consent))?;
        if console.confirm(&item_line(console, item)) {
            selection.sensitive_yes.push(id.clone());
        } else {
            selection.sensitive_no.push(id.clone());
        }
    }
    Ok(())
}

fn item_of<'a>(consent: &'a Consent, id: &str) -> Option<&'a ConsentItem> {
    consent
        .queries
        .iter()
        .flat_map(|query| &query.candidates)
        .flat_map(|one| &one.items)
        .find(|item| item.id == id)
}

/// Optional items of the chosen papers, and optional groups, one by one; none is taken by itself.
fn offer_optional(consent: &Consent, preview: &Preview, selection: &mut Selection, console: &Console) {
    let optional = preview.papers.iter().flat_map(|chosen| {
        consent
            .queries
            .iter()
            .filter(|query| query.id == chosen.query_id)
            .flat_map(|query| &query.candidates)
            .filter(|candidate| candidate.paper.id == chosen.paper_id)
            .flat_map(|candidate| &candidate.items)
            .filter(|item| item.necessity == Necessity::Optional)
    });
    for item in optional {
        if !selection.items.contains(&item.id)
            && console.confirm(&format!("{} {}", console.t("items.optional", &[]), item_line(console, item)))
        {
            selection.items.push(item.id.clone());
            if item.sensitive {
                selection.sensitive_yes.push(item.id.clone());
            }
        }
    }
    for group in consent.groups.iter().filter(|group| group.necessity == Necessity::Optional) {
        if selection.options.contains_key(&group.id) {
            continue;
        }
        for option in &group.options {
            let queries = consent.queries.iter().filter(|query| option.query_ids.contains(&query.id));
            let names: Vec<String> =
                queries.filter_map(|query| query.candidates.first()).map(|one| told(one, console)).collect();
            let question = format!("{} {}", console.t("items.optional", &[]), names.join(" + "));
            if console.confirm(&question) {
                selection.options.insert(group.id.clone(), Some(option.id.clone()));
                break;
            }
        }
    }
}

/// The last question: the act itself.
pub(super) fn agreed(console: &Console, consent: &Consent, preview: &Preview) -> bool {
    if console.yes {
        return true;
    }
    let counts = [("papers", number(preview.paper_count)), ("items", number(preview.item_count))];
    console.show(&console.t("present.counts", &counts));
    console.show(&console.t("confirm.cannotUndo", &[]));
    let act = [("recipient", words(recipient(console, consent))), ("count", number(preview.item_count))];
    let key = if consent.shown.is_some() { "cli.shown.act" } else { "act.send" };
    console.confirm(&console.t(key, &act))
}
