//! What lists show of a paper: its name, its silhouette's face, its state.

use civic::Sensitivity;
use civic::facts::{self, Fact, FactValue};
use primitives::{CivilDate, LocalizedText};
use serde_json::Value;

use super::{Read, shelf_of};
use crate::view;

impl Read {
    /// The title that the paper gives itself, or the name of its type.
    pub(crate) fn name(&self) -> view::Text {
        // Of a veteran's card `title` is a rank, not the name of the paper: only types that say so are named by it.
        let titled = self.held.kind.is_some_and(|kind| kind.telling == Some(&["title"][..]));
        if let Some(title) = self.held.claims.get("title").and_then(Value::as_str).filter(|_| titled) {
            return view::Text::same(title);
        }
        self.held.kind.map_or_else(|| summary_name(&self.held.paper.summary), |kind| kind.name.into())
    }

    pub(crate) fn issuer(&self) -> view::Text {
        self.held.paper.issuer.display.clone().into()
    }

    fn silhouette(&self) -> view::Silhouette {
        match (self.held.kind, shelf_of(&self.held)) {
            (Some(kind), _) => kind.silhouette.into(),
            (None, civic::Shelf::Identity) => view::Silhouette::Card,
            (None, civic::Shelf::Notices) => view::Silhouette::Slip,
            (None, civic::Shelf::Benefits) => view::Silhouette::Sheet,
        }
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        match self.held.kind {
            Some(kind) => facts::of(kind, &self.held.claims),
            None => facts::generic(&self.held.claims),
        }
    }

    /// What tells this paper from others of its name; never a masked value.
    fn detail(&self) -> Option<view::Text> {
        let kind = self.held.kind?;
        let path = kind.telling?;
        if path == ["title"] {
            return None;
        }
        let fact = self.facts().into_iter().find(|fact| fact.path == path)?;
        match fact.value {
            FactValue::Text(text) if fact.sensitivity == Sensitivity::Plain => Some(text.into()),
            _ => None,
        }
    }

    pub(crate) fn summary(&self) -> view::PaperSummary {
        let text = |day: CivilDate| day.to_string();
        let amount = match (&self.notice, &self.voucher, &self.state) {
            (Some(_), _, view::PaperState::Paid { .. }) => None,
            (Some(notice), _, _) => notice.amount_on(self.today),
            (_, Some(voucher), _) => voucher.balance,
            _ => None,
        };
        let valid_until = self
            .voucher
            .as_ref()
            .and_then(|voucher| voucher.valid_until)
            .into_iter()
            .chain(self.held.last_day())
            .min();
        view::PaperSummary {
            id: self.held.paper.id.to_string(),
            shelf: shelf_of(&self.held).into(),
            silhouette: self.silhouette(),
            name: self.name(),
            issuer: self.issuer(),
            state: self.state.clone(),
            detail: self.detail(),
            amount,
            due: self.notice.as_ref().and_then(|notice| notice.due).map(text),
            valid_until: valid_until.map(text),
            card: self.card(),
            ticket: self.ticket(),
            is_new: self.is_new,
        }
    }

    fn card(&self) -> Option<view::CardFace> {
        if self.silhouette() != view::Silhouette::Card {
            return None;
        }
        let facts = self.facts();
        let holder = facts
            .iter()
            .find(|fact| fact.path == ["name"])
            .map_or_else(|| view::Text::same(""), |fact| text_of(&fact.value).into());
        let portrait = facts.iter().find_map(|fact| match &fact.value {
            FactValue::Picture(url) => Some(url.clone()),
            _ => None,
        });
        let captioned = |fact: &Fact| view::CaptionedValue {
            caption: fact.caption.clone().into(),
            value: text_of(&fact.value).into(),
        };
        let shown = match self.held.kind {
            Some(kind) => kind
                .face
                .iter()
                .filter_map(|path| facts.iter().find(|fact| fact.path == *path))
                .map(captioned)
                .collect(),
            // Of a type that nobody described nothing is known to be harmless.
            None => Vec::new(),
        };
        Some(view::CardFace { holder, portrait, facts: shown })
    }

    fn ticket(&self) -> Option<view::TicketFace> {
        let voucher = self.voucher.as_ref()?;
        let usable_for = self.held.claims.get("usableFor").and_then(Value::as_array);
        Some(view::TicketFace {
            granted: voucher.granted?,
            used: voucher.used.unwrap_or(0),
            balance: voucher.balance?,
            region: voucher.region.clone().map(view::Text::same),
            usable_for: usable_for
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .take(20)
                .map(view::Text::same)
                .collect(),
        })
    }
}

/// A fact's value in words.
pub(crate) fn text_of(value: &FactValue) -> LocalizedText {
    match value {
        FactValue::Text(text) => text.clone(),
        FactValue::Picture(_) => LocalizedText::new("사진", "Picture"),
        FactValue::Rows(rows) => {
            let line = |language: fn(&LocalizedText) -> &str| {
                rows.iter()
                    .map(|cells| cells.iter().map(|(_, cell)| language(cell)).collect::<Vec<_>>().join(" · "))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            if rows.is_empty() {
                LocalizedText::new("없음", "None")
            } else {
                LocalizedText::new(line(|cell| &cell.ko), line(|cell| &cell.en))
            }
        }
    }
}

/// The name under which a paper of an unknown type was received.
fn summary_name(summary: &Value) -> view::Text {
    let name =
        |language: &str| summary.get("name").and_then(|name| name.get(language)).and_then(Value::as_str);
    view::Text { ko: name("ko").map(str::to_owned), en: name("en").map(str::to_owned) }
}
