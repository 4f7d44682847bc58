//! What the person gives to be read, turned into texts: a file, the clipboard, the screen. What a text is, the wallet says.

use host::qr::{self, QrError};
use primitives::base64url;
use wallet::Wallet;
use wallet::view::{Found, Input, NothingWhy};

/// The largest file, in bytes before it is encoded; the same bound as the page's.
pub(crate) const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;
/// The same encoded with padding.
const MAX_ENCODED_BYTES: usize = MAX_FILE_BYTES.div_ceil(3) * 4;

/// Reads an input. Blocks for the clipboard and the screen, and while a picture is searched.
pub(crate) fn read(wallet: &Wallet, input: Input) -> Found {
    let read = match input {
        Input::Text { text } => return wallet.read_text(&text, false),
        Input::File { base64, .. } => file(&base64),
        Input::Clipboard => clipboard(),
        Input::Screen => screen(),
    };
    match read {
        Ok(Read::Text(text)) => wallet.read_text(&text, false),
        Ok(Read::Codes(codes)) => wallet.read_codes(&codes),
        Err(why) => Found::Nothing { why },
    }
}

enum Read {
    Text(String),
    /// From a picture: another device may have shown it.
    Codes(Vec<String>),
}

/// What the codes of a camera's picture mean.
pub(crate) fn codes(wallet: &Wallet, texts: Result<Vec<String>, QrError>) -> Found {
    match texts {
        Ok(texts) => wallet.read_codes(&texts),
        Err(error) => Found::Nothing { why: nothing(error) },
    }
}

fn file(base64: &str) -> Result<Read, NothingWhy> {
    if base64.len() > MAX_ENCODED_BYTES {
        return Err(NothingWhy::TooLarge);
    }
    let bytes = base64url::decode_standard(base64).map_err(|_| NothingWhy::Unsupported)?;
    if bytes.is_empty() {
        return Err(NothingWhy::Empty);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Read::Text(text)),
        Err(error) => qr::texts_in_picture(error.as_bytes()).map(Read::Codes).map_err(nothing),
    }
}

fn clipboard() -> Result<Read, NothingWhy> {
    let mut clipboard = arboard::Clipboard::new().map_err(|_| NothingWhy::Unsupported)?;
    if let Ok(text) = clipboard.get_text()
        && !text.trim().is_empty()
    {
        return Ok(Read::Text(text));
    }
    let picture = clipboard.get_image().map_err(|_| NothingWhy::Empty)?;
    let side = |pixels: usize| u32::try_from(pixels).map_err(|_| NothingWhy::TooLarge);
    qr::texts_in_rgba(&picture.bytes, side(picture.width)?, side(picture.height)?)
        .map(Read::Codes)
        .map_err(nothing)
}

fn screen() -> Result<Read, NothingWhy> {
    let picture = host::screen::picture().map_err(|_| NothingWhy::NoScreen)?;
    picture.texts().map(Read::Codes).map_err(nothing)
}

fn nothing(error: QrError) -> NothingWhy {
    match error {
        QrError::TooLarge => NothingWhy::TooLarge,
        QrError::NotAPicture => NothingWhy::Unsupported,
        QrError::NoCode => NothingWhy::NoQr,
    }
}
