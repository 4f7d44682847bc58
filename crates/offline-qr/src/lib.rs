//! A presentation, and its question, as animated QR frames, and its check, without any network (`docs/offline-qr.md`; rules OQ- of
//! `docs/rules.md`).
//!
//! | who | does what |
//! |---|---|
//! | verifier, asking | a signed request object → [`RequestMessage`] → [`Frames`]; or draws a [`ShortCode`] |
//! | wallet, asked | codes seen → [`Collector`] → [`RequestMessage`]; or [`ShortCode::parse`]; or nothing |
//! | wallet, answering | presentations → [`answer_message`] → [`Frames`] |
//! | verifier, checking | codes seen → [`Collector`] → [`Session::open`] → what its presentations prove |
//!
//! Nothing here does I/O; pictures are made and read by others. What is read comes from anybody's screen: each bound is a constant here.

pub mod base45;
mod code;
mod collector;
pub mod deflate;
mod dictionary;
mod fountain;
mod frame;
mod frames;
mod hangul;
mod holder;
mod message;
mod mode;
pub mod pack;
mod session;

pub use code::{CODE_CHARACTERS, CodeError, DrawError, ShortCode};
pub use collector::{Collector, Fed, MAX_SERIES, Message, Progress};
pub use frame::{
    FRAME_OVERHEAD_BYTES, FRAME_PREFIX, Frame, FrameError, MAX_FRAME_CHARACTERS, MAX_MESSAGE_BYTES,
    MAX_PIECES, Series,
};
pub use frames::{
    FrameSize, Frames, FramesError, is_frame_of, is_frame_of_another_version, looks_like_frame,
};
pub use hangul::{is_typed_in_hangul, untype};
pub use holder::{NotShown, answer_message, code_binding, one_way_binding};
pub use message::{
    Answer, AnswerMessage, MAX_PRESENTATIONS, MAX_QUERIES, MAX_QUERY_ID_CHARACTERS, MessageError,
    ONE_WAY_NONCE_BYTES, RequestMessage,
};
pub use mode::{AUDIENCE_PREFIX, Kind, Mode, ONE_WAY_RENEWAL_SECONDS, QUESTION_NUMBERS, audience};
pub use session::{AnswerRefused, Session, SessionError};
