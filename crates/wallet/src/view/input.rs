//! What was read: an offer, a request, or neither.

use serde::{Deserialize, Serialize};

/// What the citizen gives to be read.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    /// Pasted text or a link.
    Text {
        /// The text.
        text: String,
    },
    /// The clipboard.
    Clipboard,
    /// A file.
    File {
        /// Its name, for the screen only.
        name: String,
        /// Its bytes, base64 with padding.
        base64: String,
    },
    /// The screen.
    Screen,
}

/// Why nothing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NothingWhy {
    /// It is empty.
    Empty,
    /// It is no link of this wallet's kinds.
    NotALink,
    /// A QR code of another version than this wallet reads (OQ-22).
    Newer,
    /// No QR code is in the picture.
    NoQr,
    /// Too large.
    TooLarge,
    /// A kind that cannot be read.
    Unsupported,
    /// The screen cannot be read here.
    NoScreen,
}

/// What was found; nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Found {
    /// A credential offer.
    Offer {
        /// For `receive_start`, once.
        input_id: String,
        /// Whom it would call.
        host: String,
    },
    /// A presentation request.
    Request {
        /// For `present_start`, once.
        input_id: String,
        /// Whom it would call.
        host: String,
    },
    /// A request that comes in several codes: some of it is here.
    Progress {
        /// Pieces that are here.
        have: u8,
        /// Pieces that make it whole.
        need: u8,
        /// This one was of another request.
        foreign: bool,
    },
    /// Neither.
    Nothing {
        /// Why.
        why: NothingWhy,
    },
}
