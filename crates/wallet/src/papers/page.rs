//! One paper in full: facts, trust, history, and what it says as a notice or a voucher.

use std::collections::BTreeSet;

use civic::facts::{Fact, FactValue};
use civic::late::LateRule;
use civic::notice::{Notice, PrintedAmount};
use civic::{Catalogue, Group, Sensitivity, mask};
use primitives::LocalizedText;
use serde_json::Value;
use vault::CredentialFormat;

use super::face::text_of;
use super::{Read, SEEN};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::view::{self, PaperState, Sentence};

impl Wallet {
    /// One paper's page; from then on it no longer counts as new.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn paper(&self, id: &str) -> Result<view::Paper, WalletError> {
        let id = Self::paper_id(id)?;
        let read = self.read_paper(self.held(id)?)?;
        if read.is_new {
            let now = self.now();
            self.transaction(|transaction| transaction.mark_seen(&format!("{SEEN}{id}"), now))?;
        }
        let history = self.history_of(id)?;
        let (one_time, anchors) = (read.held.paper.copies > 1, self.anchors());
        let listed = read.held.forms.iter().any(|form| {
            anchors.issuers.iter().any(|anchor| anchor.certificate() == form.anchor.certificate())
        });
        let holders = match &read.notice {
            Some(notice) => self.evidence(notice)?,
            None => Vec::new(),
        };
        let kept = read.held.paper.unused_copies as usize;
        let renewable = self.read(|transaction| transaction.has_source(id))?;
        Ok(view::Paper {
            groups: groups(&read.facts()),
            trust: view::Trust {
                signature: if read.held.signature_holds() {
                    view::SignatureState::Holds
                } else {
                    view::SignatureState::DoesNotHold
                },
                signed_by: read.held.signed_by().map(view::Text::same),
                issuer_listed: listed,
                status: read.standing.view,
                status_as_of: read.standing.as_of.map(primitives::Instant::unix_seconds),
                copies: view::Copies { left: kept, total: read.held.paper.copies as usize, one_time },
                format: format_of(&read),
            },
            notice: read.notice_view(&holders),
            voucher: read.voucher_view(),
            history,
            received_at: read.held.paper.received_at.unix_seconds(),
            valid_from: read.held.first_day().map(|day| day.to_string()),
            valid_until: read.held.last_day().map(|day| day.to_string()),
            foreign_type: read.held.kind.is_none().then(|| read.held.paper.type_key.clone()),
            can_reissue: true,
            renewable,
            not_presentable: read.not_presentable(),
            summary: read.summary(),
        })
    }

    /// The papers in force that open one of a notice's ways to pay less; the others are not even read.
    fn evidence(&self, notice: &Notice) -> Result<Vec<(String, view::Evidence)>, WalletError> {
        let wanted: BTreeSet<&str> =
            notice.reductions.iter().flat_map(|way| &way.evidence).map(String::as_str).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut holders = Vec::new();
        for held in self.held_papers()?.into_iter().filter(|held| wanted.contains(held.key())) {
            let other = self.read_paper(held)?;
            if other.is_in_force() {
                let evidence =
                    view::Evidence { paper_id: other.held.paper.id.to_string(), name: other.name() };
                holders.push((other.held.key().to_owned(), evidence));
            }
        }
        Ok(holders)
    }

    /// A masked value, asked for.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn reveal_fact(&self, paper: &str, fact: &str) -> Result<view::Text, WalletError> {
        let read = self.read_paper(self.held(Self::paper_id(paper)?)?)?;
        read.facts()
            .iter()
            .find(|known| fact_id(known) == fact)
            .map(|known| text_of(&known.value).into())
            .ok_or(WalletError::Unknown("fact"))
    }
}

/// A fact's identifier: its member names as a JSON pointer without the leading slash.
pub(crate) fn fact_id(fact: &Fact) -> String {
    fact.path.join("/")
}

fn groups(facts: &[Fact]) -> Vec<view::FactGroup> {
    Group::ALL
        .into_iter()
        .map(|group| view::FactGroup {
            caption: group.title().into(),
            facts: facts.iter().filter(|fact| fact.group == group).map(shown).collect(),
        })
        .filter(|group| !group.facts.is_empty())
        .collect()
}

fn shown(fact: &Fact) -> view::Fact {
    let sensitive = fact.sensitivity != Sensitivity::Plain;
    let value =
        if sensitive { LocalizedText::new(mask::hidden(), mask::hidden()) } else { text_of(&fact.value) };
    view::Fact {
        id: fact_id(fact),
        caption: fact.caption.clone().into(),
        value: value.into(),
        sensitive,
        image: match &fact.value {
            FactValue::Picture(url) if !sensitive => Some(url.clone()),
            _ => None,
        },
    }
}

fn format_of(read: &Read) -> view::FormatView {
    let has = |format: CredentialFormat| read.held.paper.formats.contains(&format);
    match (has(CredentialFormat::SdJwtVc), has(CredentialFormat::Mdoc)) {
        (true, true) => view::FormatView::Both,
        (_, false) => view::FormatView::SdJwtVc,
        (false, true) => view::FormatView::Mdoc,
    }
}

impl Read {
    /// Whether it may count as evidence and be presented.
    pub(crate) fn is_in_force(&self) -> bool {
        self.held.signature_holds() && self.not_presentable().is_none()
    }

    /// Why it may not be presented now.
    pub(crate) fn not_presentable(&self) -> Option<Sentence> {
        let code = match &self.state {
            _ if !self.held.signature_holds() => "notPresentable.signature",
            PaperState::Revoked { .. } => "notPresentable.revoked",
            PaperState::Suspended => "notPresentable.suspended",
            PaperState::NotValid => "notPresentable.notValid",
            PaperState::Expired { .. } => "notPresentable.expired",
            PaperState::NotYet { .. } => "notPresentable.notYet",
            // A notice stays due after its paper ended; as a proof it is none.
            _ if self.held.has_ended(self.now) => "notPresentable.expired",
            _ if !self.held.has_begun(self.now) => "notPresentable.notYet",
            _ => return None,
        };
        Some(Sentence::plain(code))
    }

    fn is_withdrawn(&self) -> bool {
        matches!(self.state, PaperState::Revoked { .. } | PaperState::Suspended | PaperState::NotValid)
    }

    fn notice_view(&self, holders: &[(String, view::Evidence)]) -> Option<view::Notice> {
        let notice = self.notice.as_ref()?;
        let due = notice.due?;
        let text = |name: &str| self.held.claims.get(name).and_then(Value::as_str).map(view::Text::same);
        let holds = |key: &str| holders.iter().any(|(held, _)| held == key);
        let paid = match &self.state {
            PaperState::Paid { date } => Some(view::Payment {
                date: date.clone(),
                // On the day it was paid; where nobody says when, what was asked for in time.
                amount: notice.paid_on.and_then(|day| notice.amount_on(day)).or(notice.amount_in_due)?,
            }),
            _ => None,
        };
        Some(view::Notice {
            parts: self.parts(),
            amount_in_due: notice.amount_in_due?,
            amount_after_due: notice.amount_after_due,
            amount_now: notice.amount_on(self.today)?,
            due: due.to_string(),
            late_rule: notice.rule.map(|rule| Sentence::plain(late_rule_code(rule))),
            reckoned_differs: match (notice.printed_amount(), notice.amount_after_due) {
                (PrintedAmount::Differs(reckoned), Some(printed)) => {
                    Some(view::Reckoned { printed, reckoned })
                }
                _ => None,
            },
            options: notice
                .reductions
                .iter()
                .map(|way| view::PayOption {
                    id: way.code.clone(),
                    caption: view::Text::same(way.name.as_str()),
                    amount: way.amount,
                    until: Some(due.to_string()),
                    condition: way.condition.clone().map(view::Text::same),
                    evidence: way.evidence.iter().find_map(|key| {
                        holders.iter().find(|(held, _)| held == key).map(|(_, evidence)| evidence.clone())
                    }),
                    missing_evidence: if way.evidence.iter().any(|key| holds(key)) {
                        Vec::new()
                    } else {
                        way.evidence.iter().map(|key| type_name(key)).collect()
                    },
                })
                .collect(),
            best_option_id: notice.best_reduction(holds).map(|way| way.code.clone()),
            // A notice whose issuer is not vouched for offers no way to pay: forged notices are the commonest fraud.
            // One that was taken back is not to be paid either.
            ways_to_pay: if self.held.signature_holds() && !self.is_withdrawn() {
                self.ways_to_pay()
            } else {
                Vec::new()
            },
            object: text("taxObject"),
            reason: text("violation"),
            paid,
        })
    }

    fn parts(&self) -> Vec<view::AmountPart> {
        let rows = self.held.claims.get("components").and_then(Value::as_array);
        rows.into_iter()
            .flatten()
            .take(50)
            .filter_map(|row| {
                Some(view::AmountPart {
                    caption: view::Text::same(row.get("ko").and_then(Value::as_str)?),
                    amount: row.get("amount").and_then(Value::as_i64)?,
                    late_addition: row.get("lateAddition").and_then(Value::as_i64),
                })
            })
            .collect()
    }

    fn ways_to_pay(&self) -> Vec<view::WayToPay> {
        let claims = &self.held.claims;
        let number = |name: &str, ko: &str, en: &str| {
            claims.get(name).and_then(Value::as_str).map(|value| view::WayToPay {
                caption: LocalizedText::new(ko, en).into(),
                value: value.to_owned(),
                note: None,
            })
        };
        let accounts = claims.get("virtualAccounts").and_then(Value::as_array).into_iter().flatten().take(10);
        [
            number("ePayNumber", "전자납부번호", "Electronic payment number"),
            number("giroNumber", "지로번호", "Giro number"),
        ]
        .into_iter()
        .flatten()
        .chain(accounts.filter_map(|row| {
            Some(view::WayToPay {
                caption: LocalizedText::new("가상계좌", "Virtual account").into(),
                value: row.get("number").and_then(Value::as_str)?.to_owned(),
                note: row.get("bank").and_then(Value::as_str).map(view::Text::same),
            })
        }))
        .collect()
    }

    fn voucher_view(&self) -> Option<view::Voucher> {
        let voucher = self.voucher.as_ref()?;
        let ticket = self.summary().ticket?;
        let uses = self.held.claims.get("uses").and_then(Value::as_array);
        Some(view::Voucher {
            granted: ticket.granted,
            used: ticket.used,
            balance: ticket.balance,
            valid_from: voucher.valid_from.map(|day| day.to_string()),
            valid_until: voucher.valid_until.map(|day| day.to_string()),
            usable_for: ticket.usable_for,
            region: ticket.region,
            uses: uses
                .into_iter()
                .flatten()
                .take(100)
                .filter_map(|row| {
                    Some(view::VoucherUse {
                        date: row.get("on").and_then(Value::as_str)?.to_owned(),
                        place: view::Text::same(row.get("place").and_then(Value::as_str)?),
                        amount: row.get("amount").and_then(Value::as_i64)?,
                    })
                })
                .collect(),
        })
    }
}

fn type_name(key: &str) -> view::Text {
    Catalogue.by_key(key).map_or_else(|| view::Text::same(key), |kind| kind.name.into())
}

const fn late_rule_code(rule: LateRule) -> &'static str {
    match rule {
        LateRule::Local => "late.local",
        LateRule::National => "late.national",
        LateRule::SocialInsurance => "late.insurance",
        LateRule::Fine => "late.fine",
        LateRule::Utility => "late.utility",
    }
}
