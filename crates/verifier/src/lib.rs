//! The verifier as a library and a service: requests, sessions, results, its page.
//!
//! A [`Desk`] asks one question, again and again. [`Desk::create`] begins a session and gives its two links, one for a wallet on the
//! same device and one for a wallet on another (the QR code). The wallet fetches the request object and posts its answer to
//! [`protocol_router`]; the person at the screen uses [`pages_router`]. The two have different doors on purpose: what a wallet calls is
//! TLS, what a browser opens may be plain http on loopback.
//!
//! What is kept: an open session, then its verdict until it was shown once or [`Limits::result_seconds`] have passed, then the outcome
//! without a claim until the session ends. Nothing is logged and nothing is written.
//!
//! Rules VP-R, VP-S, VP-H and VP-D of `docs/rules.md` are kept by `openid4vp`; ST-14 (how long a status list counts) here.

pub mod config;
mod desk;
mod error;
pub mod offline;
mod opening;
mod qr;
mod session;
mod settings;
mod status;
mod verdict;
pub mod web;
mod words;

pub use desk::{Created, Desk, MAX_REJECTED, Observer, Progress, Stage};
pub use error::{CreateError, RedeemError, RequestUnavailable, ResponseRejected};
pub use opening::{OpenDesk, OpenError};
pub use session::{SessionId, Way};
pub use settings::{Addresses, Approval, Approvals, Caption, Identity, Limits, Settings, Title};
pub use status::{FETCH_TIMEOUT, MAX_LISTS, StatusChecker, StatusFinding};
pub use verdict::{Answer, Binding, Outcome, PaperFinding, Reason, Summary, VERDICT_VERSION, Verdict};
pub use web::{ScreenObserver, ScreenPages, pages_router, protocol_router, screen_router};
pub use words::{outcome_word, sentence};
