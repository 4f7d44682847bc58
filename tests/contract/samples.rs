//! One value of everything that crosses, full and sparse, and every word of every list of words.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use wallet::view::*;

pub fn of<T: Serialize>(name: &'static str, value: T) -> (&'static str, Value) {
    (name, serde_json::to_value(value).unwrap())
}

pub fn text() -> Text {
    Text { ko: Some("가".to_owned()), en: None }
}

fn day() -> String {
    "2026-11-21".to_owned()
}

fn sentence() -> Sentence {
    let params = [
        ("amount".to_owned(), Parameter::Number(1)),
        ("name".to_owned(), Parameter::Words("가".to_owned())),
        ("issuer".to_owned(), Parameter::Text(text())),
    ];
    Sentence { code: "late.local".to_owned(), params: params.into() }
}

fn states() -> Vec<PaperState> {
    let date = day;
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
        PaperState::Unknown,
        PaperState::Stale { as_of: 1 },
    ]
}

fn summary(full: bool) -> PaperSummary {
    PaperSummary {
        id: "1".to_owned(),
        shelf: Shelf::Id,
        silhouette: Silhouette::Card,
        name: text(),
        issuer: text(),
        state: PaperState::Valid,
        detail: full.then(text),
        amount: full.then_some(1),
        due: full.then(day),
        valid_until: full.then(day),
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

fn entry(kind: HistoryKind, full: bool) -> HistoryEntry {
    HistoryEntry {
        id: "1".to_owned(),
        at: 1,
        kind,
        party: full.then(text),
        purpose: full.then(text),
        papers: vec![HistoryPaper { id: None, name: text(), silhouette: Silhouette::Sheet }],
        items: vec![text()],
        approvals: vec![text()],
        code: full.then(|| "x".to_owned()),
        rule: full.then(|| "SJ-1".to_owned()),
        left: false,
        retention: full.then(text),
    }
}

fn notice(full: bool) -> Notice {
    Notice {
        parts: vec![AmountPart { caption: text(), amount: 1, late_addition: full.then_some(1) }],
        amount_in_due: 1,
        amount_after_due: full.then_some(1),
        amount_now: 1,
        due: day(),
        late_rule: full.then(sentence),
        reckoned_differs: full.then_some(Reckoned { printed: 1, reckoned: 2 }),
        options: vec![PayOption {
            id: "x".to_owned(),
            caption: text(),
            amount: 1,
            until: full.then(day),
            condition: full.then(text),
            evidence: full.then(|| Evidence { paper_id: "1".to_owned(), name: text() }),
            missing_evidence: vec![text()],
        }],
        best_option_id: full.then(|| "x".to_owned()),
        ways_to_pay: vec![WayToPay { caption: text(), value: "1".to_owned(), note: full.then(text) }],
        object: full.then(text),
        reason: full.then(text),
        paid: full.then(|| Payment { date: full.then(day), amount: 1 }),
    }
}

fn paper(full: bool, status: StatusView, format: FormatView, signature: SignatureState) -> Paper {
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
            valid_from: Some(day()),
            valid_until: None,
            usable_for: vec![text()],
            region: None,
            uses: vec![VoucherUse { date: day(), place: text(), amount: 1 }],
        }),
        history: vec![entry(HistoryKind::Received, full)],
        received_at: 1,
        valid_from: full.then(day),
        valid_until: full.then(day),
        foreign_type: full.then(|| "x".to_owned()),
        can_reissue: true,
        renewable: full,
        not_presentable: full.then(sentence),
    }
}

fn status(state: WalletState, full: bool) -> Status {
    Status {
        state,
        profile: ProfileMark { name: text(), marking: Marking::Demo },
        settings: Settings::default(),
        has_passphrase: false,
        owner: full.then(text),
        network: NetworkView::Unknown,
        status_list_as_of: full.then_some(1),
        status_list_stale: false,
        overdue_count: 0,
        personas: vec![DemoPersona {
            id: "p1".to_owned(),
            name: "이도담".to_owned(),
            age: 25,
            summary: text(),
            portrait: None,
        }],
        now: 1,
        today: day(),
        version: "0.1.0".to_owned(),
    }
}

fn refusal(why: RefusalWhy, full: bool) -> Refusal {
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
    }
}

fn item(necessity: Necessity) -> ConsentItem {
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

const ACKNOWLEDGEMENTS: [Acknowledgement; 10] = [
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

fn consent(source: RecipientSource, trust: PartyTrust, full: bool) -> Consent {
    let line = || Line { text: full.then(text) };
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
        ],
        must_acknowledge: ACKNOWLEDGEMENTS.to_vec(),
        cross_device: false,
        needs_unlock: false,
        expires_at: full.then_some(1),
    }
}

fn preview() -> Preview {
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

fn offer(grant: GrantView, full: bool) -> Offer {
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
    }
}

fn wallet_states() -> Vec<WalletState> {
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

/// Everything, each under the name of its type in the contract.
pub fn all() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        of("Text", text()),
        of(
            "ShelfView",
            ShelfView {
                shelf: Shelf::Notice,
                papers: vec![summary(true)],
                total: 1,
                unpaid_count: 1,
                auto_debit_count: 0,
            },
        ),
        of("Original", Original { format: "dc+sd-jwt".to_owned(), text: "x".to_owned() }),
        of("History", History { entries: Vec::new(), chain_holds: true, more: false }),
        of(
            "ReceiveDone",
            Received::Done {
                papers: vec![summary(false)],
                deferred: vec![text()],
                replaced: vec![Replaced {
                    paper_id: "1".to_owned(),
                    name: text(),
                    changes: vec![
                        Change { caption: text(), before: Some(text()), after: None, sensitive: false },
                        Change { caption: text(), before: None, after: Some(text()), sensitive: true },
                    ],
                }],
            },
        ),
        of("ReceiveAgain", Received::TxCodeWrong { session_id: "1".to_owned() }),
        of("Cancelled", Received::Cancelled),
        of("Preview", preview()),
        of(
            "AppError",
            AppError {
                code: "x".to_owned(),
                rule: None,
                blame: BlameView::Computer,
                left: false,
                params: BTreeMap::from([("seconds".to_owned(), Parameter::Number(1))]),
            },
        ),
        of(
            "Today",
            Today {
                owner: None,
                today: day(),
                todo_count: 1,
                overdue: vec![OverdueItem {
                    paper_id: "1".to_owned(),
                    name: text(),
                    issuer: text(),
                    days: 12,
                    amount_now: 11_330,
                    amount_in_due: 11_000,
                    late_addition: 330,
                }],
                upcoming: [TodayWhat::Pay, TodayWhat::Left, TodayWhat::Come, TodayWhat::Expires]
                    .map(|what| TodayItem {
                        paper_id: "1".to_owned(),
                        name: text(),
                        issuer: text(),
                        date: day(),
                        days: 1,
                        amount: None,
                        what,
                        detail: None,
                    })
                    .into(),
                arrived: vec![summary(false)],
                trouble: vec![summary(true)],
                shelves: vec![ShelfCount {
                    shelf: Shelf::Id,
                    count: 1,
                    unpaid: 0,
                    overdue: 0,
                    names: vec![text()],
                }],
            },
        ),
    ];
    for full in [false, true] {
        all.push(of(
            "RefreshResult",
            RefreshResult {
                checked: 1,
                changed: vec![summary(full)],
                failed: 0,
                status_list_as_of: full.then_some(1),
            },
        ));
        all.push(of(
            "Sent",
            PresentSent::Sent(Sent {
                recipient: full.then(text),
                host: "x.example".to_owned(),
                at: 1,
                item_count: 1,
                paper_count: 1,
                history_id: "1".to_owned(),
                opened_browser: full,
                open_url: full.then(|| "https://x.example/".to_owned()),
            }),
        ));
        all.push(of("PaperSummary", summary(full)));
        all.push(of("Notice", notice(full)));
        all.extend(wallet_states().into_iter().map(|state| of("Status", status(state, full))));
        for grant in [GrantView::PreAuthorized, GrantView::AuthorizationCode] {
            all.push(of("Offer", ReceiveStarted::Offer(offer(grant, full))));
        }
        for source in [
            RecipientSource::Certificate,
            RecipientSource::Registration,
            RecipientSource::Attestation,
            RecipientSource::Profile,
            RecipientSource::Address,
        ] {
            for trust in [PartyTrust::Registered, PartyTrust::Authenticated, PartyTrust::Unauthenticated] {
                let consent = PresentStarted::Consent(Box::new(consent(source, trust, full)));
                all.push(of("Consent", consent));
            }
        }
        for why in [
            RefusalWhy::Missing,
            RefusalWhy::NotGenuine,
            RefusalWhy::ConditionNotMet,
            RefusalWhy::Invalid,
            RefusalWhy::Network,
            RefusalWhy::Computer,
        ] {
            all.push(of("Refusal", ReceiveStarted::Refusal(Box::new(refusal(why, full)))));
            all.push(of("Refusal", Received::Refusal(Box::new(refusal(why, full)))));
            all.push(of("Refusal", PresentStarted::Refusal(Box::new(refusal(why, full)))));
            all.push(of("Refusal", PresentSent::Refusal(Box::new(refusal(why, full)))));
        }
        for kind in [
            HistoryKind::Received,
            HistoryKind::Presented,
            HistoryKind::Declined,
            HistoryKind::Refused,
            HistoryKind::Failed,
            HistoryKind::Removed,
            HistoryKind::Refreshed,
        ] {
            all.push(of("HistoryEntry", entry(kind, full)));
        }
    }
    for status in [
        StatusView::Valid,
        StatusView::Revoked,
        StatusView::Suspended,
        StatusView::Unknown,
        StatusView::Stale,
        StatusView::None,
    ] {
        all.push(of("Paper", paper(true, status, FormatView::SdJwtVc, SignatureState::Holds)));
        all.push(of("Paper", paper(false, status, FormatView::Mdoc, SignatureState::DoesNotHold)));
        all.push(of("Paper", paper(false, status, FormatView::Both, SignatureState::Holds)));
    }
    all.extend(states().into_iter().map(|state| of("PaperState", state)));
    for advice in [Advice::TooShort, Advice::Common, Advice::Repeats, Advice::AddWords, Advice::Good] {
        all.push(of("Strength", Strength { bits: 1, enough: false, advice }));
    }
    for marking in [Marking::Demo, Marking::Developer, Marking::Real] {
        for unauthenticated_verifiers in [UnauthenticatedVerifiers::Refuse, UnauthenticatedVerifiers::Warn] {
            all.push(of(
                "ProfileView",
                ProfileView {
                    name: text(),
                    marking,
                    hash: "00".to_owned(),
                    trust_list_sequence: None,
                    trust_list_date: None,
                    issuers: vec![ProfileIssuer { name: text(), types: vec![text()], any_type: false }],
                    verifiers: vec!["x".to_owned()],
                    unauthenticated_verifiers,
                    loopback_allowed: true,
                },
            ));
        }
    }
    let input_id = || "1".to_owned();
    all.push(of("Found", Found::Offer { input_id: input_id(), host: "x.example".to_owned() }));
    all.push(of("Found", Found::Request { input_id: input_id(), host: "x.example".to_owned() }));
    for why in [
        NothingWhy::Empty,
        NothingWhy::NotALink,
        NothingWhy::NoQr,
        NothingWhy::TooLarge,
        NothingWhy::Unsupported,
        NothingWhy::NoScreen,
    ] {
        all.push(of("Found", Found::Nothing { why }));
    }
    for language in [LanguageView::Ko, LanguageView::En] {
        for contrast in [Contrast::Light, Contrast::High, Contrast::System] {
            for text_size in [0.9, 1.0, 1.1, 1.3, 1.5] {
                all.push(of("Settings", Settings { language, contrast, text_size, ..Settings::default() }));
            }
        }
    }
    all.push(of("Input", Input::Text { text: "x".to_owned() }));
    all.push(of("Input", Input::Clipboard));
    all.push(of("Input", Input::File { name: "x".to_owned(), base64: "eA==".to_owned() }));
    all.push(of("Input", Input::Screen));
    all.push(of(
        "Selection",
        Selection {
            options: BTreeMap::from([("g".to_owned(), None), ("h".to_owned(), Some("o".to_owned()))]),
            papers: BTreeMap::from([("q".to_owned(), vec!["1".to_owned()])]),
            acknowledged: ACKNOWLEDGEMENTS.to_vec(),
            ..Selection::default()
        },
    ));
    for step in [
        ProgressStep::Metadata,
        ProgressStep::Authorize,
        ProgressStep::Browser,
        ProgressStep::Token,
        ProgressStep::Credential,
        ProgressStep::Verify,
        ProgressStep::Store,
    ] {
        let progress = Progress { session_id: "1".to_owned(), step, count: 1, of: 2 };
        let events = json!({
            "progress": serde_json::to_value(progress).unwrap(),
            "link": serde_json::to_value(Found::Nothing { why: NothingWhy::Empty }).unwrap(),
            "changed": serde_json::to_value(status(WalletState::Unlocked, true)).unwrap(),
            "locking": { "inSeconds": 20 },
        });
        all.push(("Events", events));
    }
    all
}
