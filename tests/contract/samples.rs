//! One value of everything that crosses, full and sparse, and every word of every list of words.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wallet::view::*;

pub use super::pieces::*;

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
                today: some_day(),
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
                        date: some_day(),
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
    all.push(of(
        "Frames",
        Frames {
            frames: vec![QrFrame { sequence: 0, side: 97, modules: "AA==".to_owned() }],
            count: 1,
            seconds_left: 60,
            round: 0,
        },
    ));
    all.push(of(
        "OfflineQuestion",
        OfflineQuestion { number: 1, code: "x".to_owned(), question: text(), identifying: false },
    ));
    for full in [false, true] {
        all.push(of(
            "RefreshResult",
            RefreshResult {
                checked: 1,
                changed: vec![summary(full)],
                failed: 0,
                status_list_as_of: full.then_some(1),
                queue: queue(full),
            },
        ));
        all.push(of("QueuedAnswer", queued(full)));
        all.push(of("QueueResult", queue(full)));
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
        let mode = if full { ShownMode::Request } else { ShownMode::OneWay };
        all.push(of(
            "ShowingStarted",
            PresentSent::Showing(ShowingStarted {
                session_id: "1".to_owned(),
                mode,
                recipient: full.then(text),
                item_count: 1,
                paper_count: 1,
                history_id: "1".to_owned(),
                seconds_left: 60,
                status_list_as_of: full.then_some(1),
            }),
        ));
        all.push(of("PaperSummary", summary(full)));
        all.push(of("Notice", notice(full)));
        all.extend(wallet_states().into_iter().map(|state| of("Status", status(state, full))));
        for grant in [GrantView::PreAuthorized, GrantView::AuthorizationCode] {
            all.push(of("Offer", ReceiveStarted::Offer(Box::new(offer(grant, full)))));
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
            RefusalWhy::Withheld,
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
        StatusView::NotValid,
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
    all.push(of("Found", Found::Progress { have: 1, need: 2, foreign: false }));
    all.push(of("Found", Found::Request { input_id: input_id(), host: "x.example".to_owned() }));
    for why in [
        NothingWhy::Empty,
        NothingWhy::NotALink,
        NothingWhy::Newer,
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
