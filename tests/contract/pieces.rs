//! The pieces that samples are made of, full and sparse.

use serde::Serialize;
use serde_json::Value;
use wallet::view::*;

pub fn of<T: Serialize>(name: &'static str, value: T) -> (&'static str, Value) {
    (name, serde_json::to_value(value).unwrap())
}

pub fn text() -> Text {
    Text { ko: Some("가".to_owned()), en: None }
}

pub fn some_day() -> String {
    "2026-11-21".to_owned()
}

pub fn sentence() -> Sentence {
    let params = [
        ("amount".to_owned(), Parameter::Number(1)),
        ("name".to_owned(), Parameter::Words("가".to_owned())),
        ("issuer".to_owned(), Parameter::Text(text())),
    ];
    Sentence { code: "late.local".to_owned(), params: params.into() }
}

pub fn states() -> Vec<PaperState> {
    let date = some_day;
    vec![
        PaperState::Valid,
        PaperState::Expiring { days: 1, date: date() },
        PaperState::NotYet { date: date() },
        PaperState::Expired { date: date() },
        PaperState::Due { days: 1, date: date() },
        PaperState::Overdue { days: 1, date: date() },
        PaperState::Paid { date: None },
        PaperState::Paid { date: Some(date()) },
        PaperState::AutoDebit { date: date() },
        PaperState::Revoked { date: None },
        PaperState::Suspended,
        PaperState::NotValid,
        PaperState::Unknown,
        PaperState::Stale { as_of: 1 },
    ]
}

pub fn summary(full: bool) -> PaperSummary {
    PaperSummary {
        id: "1".to_owned(),
        shelf: Shelf::Id,
        silhouette: Silhouette::Card,
        name: text(),
        issuer: text(),
        state: PaperState::Valid,
        detail: full.then(text),
        amount: full.then_some(1),
        due: full.then(some_day),
        valid_until: full.then(some_day),
        card: full.then(|| CardFace {
            holder: text(),
            portrait: None,
            facts: vec![CaptionedValue { caption: text(), value: text() }],
        }),
        ticket: full.then(|| TicketFace {
            granted: 1,
            used: 0,
            balance: 1,
            region: Some(text()),
            usable_for: vec![text()],
        }),
        is_new: true,
    }
}

pub fn entry(kind: HistoryKind, full: bool) -> HistoryEntry {
    HistoryEntry {
        id: "1".to_owned(),
        at: 1,
        kind,
        party: full.then(text),
        purpose: full.then(text),
        papers: vec![HistoryPaper { id: None, name: text(), silhouette: Silhouette::Sheet }],
        items: vec![text()],
        approvals: vec![text()],
        shown: full.then_some(ShownMode::Request),
        code: full.then(|| "x".to_owned()),
        rule: full.then(|| "SJ-1".to_owned()),
        left: false,
        retention: full.then(text),
    }
}

pub fn notice(full: bool) -> Notice {
    Notice {
        parts: vec![AmountPart { caption: text(), amount: 1, late_addition: full.then_some(1) }],
        amount_in_due: 1,
        amount_after_due: full.then_some(1),
        amount_now: 1,
        due: some_day(),
        late_rule: full.then(sentence),
        reckoned_differs: full.then_some(Reckoned { printed: 1, reckoned: 2 }),
        options: vec![PayOption {
            id: "x".to_owned(),
            caption: text(),
            amount: 1,
            until: full.then(some_day),
            condition: full.then(text),
            evidence: full.then(|| Evidence { paper_id: "1".to_owned(), name: text() }),
            missing_evidence: vec![text()],
        }],
        best_option_id: full.then(|| "x".to_owned()),
        ways_to_pay: vec![WayToPay { caption: text(), value: "1".to_owned(), note: full.then(text) }],
        object: full.then(text),
        reason: full.then(text),
        paid: full.then(|| Payment { date: full.then(some_day), amount: 1 }),
    }
}

pub fn paper(full: bool, status: StatusView, format: FormatView, signature: SignatureState) -> Paper {
    Paper {
        summary: summary(full),
        groups: vec![FactGroup {
            caption: text(),
            facts: vec![Fact {
                id: "name".to_owned(),
                caption: text(),
                value: text(),
                sensitive: true,
                image: None,
            }],
        }],
        trust: Trust {
            signature,
            signed_by: full.then(text),
            issuer_listed: true,
            status,
            status_as_of: full.then_some(1),
            copies: Copies { left: 1, total: 5, one_time: true },
            format,
        },
        notice: full.then(|| notice(full)),
        voucher: full.then(|| Voucher {
            granted: 1,
            used: 0,
            balance: 1,
            valid_from: Some(some_day()),
            valid_until: None,
            usable_for: vec![text()],
            region: None,
            uses: vec![VoucherUse { date: some_day(), place: text(), amount: 1 }],
        }),
        history: vec![entry(HistoryKind::Received, full)],
        received_at: 1,
        valid_from: full.then(some_day),
        valid_until: full.then(some_day),
        foreign_type: full.then(|| "x".to_owned()),
        can_reissue: true,
        renewable: full,
        not_presentable: full.then(sentence),
    }
}

pub fn status(state: WalletState, full: bool) -> Status {
    Status {
        state,
        profile: ProfileMark { name: text(), marking: Marking::Demo },
        settings: Settings::default(),
        has_passphrase: false,
        owner: full.then(text),
        network: NetworkView::Unknown,
        status_list_as_of: full.then_some(1),
        status_list_stale: false,
        old_trust_list_as_of: full.then_some(1),
        overdue_count: 0,
        personas: vec![DemoPersona {
            id: "p1".to_owned(),
            name: "이도담".to_owned(),
            age: 25,
            summary: text(),
            portrait: None,
        }],
        now: 1,
        today: some_day(),
        version: "0.1.0".to_owned(),
    }
}

pub fn refusal(why: RefusalWhy, full: bool) -> Refusal {
    Refusal {
        why,
        code: "x".to_owned(),
        rule: full.then(|| "VP-C4".to_owned()),
        blame: BlameView::Verifier,
        left: false,
        party: full.then(text),
        papers: vec![text()],
        facts: RefusalFacts { purpose: full.then(text), asked: vec![text()], available: full.then(text) },
        session_id: full.then(|| "1".to_owned()),
        can_tell: full,
        wait_until: full.then_some(1),
    }
}

pub fn queued(over: bool) -> QueuedAnswer {
    QueuedAnswer {
        id: "1".to_owned(),
        recipient: text(),
        item_count: 1,
        items: vec![text()],
        approvals: vec![text()],
        approved_at: 1,
        expires_at: 2,
        over,
    }
}

pub fn queue(full: bool) -> QueueResult {
    QueueResult {
        sent: if full { vec![text()] } else { Vec::new() },
        open_urls: if full { vec!["https://x.example/".to_owned()] } else { Vec::new() },
        failed: 1,
        expired: 1,
        refused: 1,
        waiting: 1,
    }
}

pub fn item(necessity: Necessity) -> ConsentItem {
    ConsentItem {
        id: "x".to_owned(),
        caption: text(),
        value: text(),
        image: None,
        sensitive: false,
        necessity,
        over_asked: false,
    }
}

pub const ACKNOWLEDGEMENTS: [Acknowledgement; 10] = [
    Acknowledgement::Recipient,
    Acknowledgement::Purpose,
    Acknowledgement::Items,
    Acknowledgement::Retention,
    Acknowledgement::Refusal,
    Acknowledgement::Unregistered,
    Acknowledgement::Unauthenticated,
    Acknowledgement::OverAsked,
    Acknowledgement::Payment,
    Acknowledgement::Signature,
];

pub fn consent(source: RecipientSource, trust: PartyTrust, full: bool) -> Consent {
    let part = || LinePart { papers: vec![text()], text: full.then(text) };
    let line = || Line { text: full.then(text), parts: vec![part()] };
    Consent {
        session_id: "1".to_owned(),
        recipient: Recipient { name: full.then(text), host: "x.example".to_owned(), trust, source },
        lines: Lines {
            recipient: line(),
            purpose: line(),
            items: line(),
            retention: line(),
            refusal: line(),
        },
        queries: vec![ConsentQuery {
            id: "q".to_owned(),
            candidates: vec![Candidate {
                paper: summary(full),
                items: vec![item(Necessity::Required), item(Necessity::Optional)],
                hidden_count: 1,
                least_telling: true,
                notes: vec![
                    CandidateNote::LastCopy,
                    CandidateNote::ReusedCopy,
                    CandidateNote::StatusUnknown,
                    CandidateNote::StatusStale,
                ],
            }],
            multiple: false,
        }],
        groups: vec![ConsentGroup {
            id: "g".to_owned(),
            purpose: None,
            necessity: Necessity::Required,
            options: vec![ConsentOption { id: "o".to_owned(), query_ids: vec!["q".to_owned()] }],
        }],
        approvals: vec![
            Approval::Payment {
                payee: text(),
                title: text(),
                notice_number: "1".to_owned(),
                amount: 1,
                due: "2026-12-31".to_owned(),
                overdue: false,
            },
            Approval::Signature {
                agency: text(),
                title: text(),
                number: "1".to_owned(),
                statement: text(),
                digest: "00000000".to_owned(),
            },
        ],
        warnings: vec![
            Warning::ResidentNumber { captions: vec![text()] },
            Warning::OverAsked { captions: vec![text()] },
            Warning::Unregistered,
            Warning::Unauthenticated,
            Warning::NoRetentionLimit,
            Warning::CrossDevice,
            Warning::TrustListOld { as_of: 1 },
        ],
        must_acknowledge: ACKNOWLEDGEMENTS.to_vec(),
        cross_device: false,
        shown: full.then_some(ShownMode::Code),
        needs_unlock: false,
        expires_at: full.then_some(1),
    }
}

pub fn preview() -> Preview {
    let ids = || vec!["x".to_owned()];
    let mut missing = vec![
        Missing::Option { group_id: "g".to_owned() },
        Missing::Paper { query_id: "q".to_owned() },
        Missing::Sensitive { item_ids: ids() },
        Missing::RequiredRefused { item_ids: ids() },
    ];
    missing.extend(ACKNOWLEDGEMENTS.map(|what| Missing::Acknowledge { what }));
    Preview {
        paper_count: 1,
        item_count: 1,
        hidden_count: 1,
        papers: vec![PreviewPaper {
            query_id: "q".to_owned(),
            paper_id: "1".to_owned(),
            item_count: 1,
            hidden_count: 1,
        }],
        missing,
    }
}

pub fn offer(grant: GrantView, full: bool) -> Offer {
    Offer {
        session_id: "1".to_owned(),
        issuer: OfferIssuer { name: text(), host: "x.example".to_owned(), trust: PartyTrust::Registered },
        papers: vec![OfferedPaper {
            configuration_id: "x".to_owned(),
            name: text(),
            silhouette: Silhouette::Ticket,
            shelf: Shelf::Benefit,
            copies: 5,
            description: full.then(text),
            entitled: true,
        }],
        grant,
        tx_code: full.then_some(TxCodeSpec { digits_only: true, length: None, description: None }),
        choose: full,
        old_trust_list_as_of: full.then_some(1),
    }
}

pub fn wallet_states() -> Vec<WalletState> {
    let keyring = [
        KeyringProblem::NoService,
        KeyringProblem::Locked,
        KeyringProblem::Refused,
        KeyringProblem::Missing,
        KeyringProblem::Waiting,
    ];
    let vault = [VaultProblem::Newer, VaultProblem::OtherProfile, VaultProblem::Damaged];
    let mut states = vec![
        WalletState::NeedsSetup,
        WalletState::Locked { failed_attempts: 1, wait_seconds: 2 },
        WalletState::Unlocked,
        WalletState::InUse,
    ];
    states.extend(keyring.map(|problem| WalletState::KeyringProblem { problem }));
    states.extend(vault.map(|problem| WalletState::VaultProblem { problem }));
    states
}
