//! What OFFER and REQUEST may be: a link, a file, `-` for standard input, or a picture with a QR code in it.

use std::io::Read as _;
use std::path::Path;

use host::qr::{self, MAX_PICTURE_BYTES};
use serde_json::json;
use wallet::Wallet;
use wallet::view::{Found, NothingWhy};

use crate::outcome::{Exit, Failure};

/// What was given, as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) text: String,
    /// It stood in a picture, so another device may have shown it.
    pub(crate) from_picture: bool,
}

/// Which of the two is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Offer,
    Request,
}

/// Reads what was given. Nothing is fetched.
pub(crate) fn read(argument: &str) -> Result<Vec<Given>, Box<Failure>> {
    if argument == "-" {
        return of_bytes(&bounded(std::io::stdin().lock())?);
    }
    // A file that is there wins over a link of the same letters; a link is never the name of a file by accident.
    let path = Path::new(argument);
    if path.is_file() {
        let file = std::fs::File::open(path).map_err(|_| unreadable())?;
        return of_bytes(&bounded(file)?);
    }
    if argument.contains(':') {
        return Ok(vec![Given { text: argument.to_owned(), from_picture: false }]);
    }
    Err(unreadable())
}

fn unreadable() -> Box<Failure> {
    Failure::own("input_unreadable", Exit::Usage)
}

fn bounded(source: impl std::io::Read) -> Result<Vec<u8>, Box<Failure>> {
    let mut bytes = Vec::new();
    source.take(MAX_PICTURE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|_| unreadable())?;
    Ok(bytes)
}

fn of_bytes(bytes: &[u8]) -> Result<Vec<Given>, Box<Failure>> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        // A blank at the end of a QR frame belongs to it.
        let text = text.trim_start().trim_end_matches(['\r', '\n']).to_owned();
        return Ok(vec![Given { text, from_picture: false }]);
    }
    let texts = qr::texts_in_picture(bytes).map_err(|error| {
        let mut failure = Failure::of(&error);
        failure.exit = Exit::Usage;
        failure
    })?;
    Ok(texts.into_iter().map(|text| Given { text, from_picture: true }).collect())
}

/// Whether all of it are QR frames of a request that a screen showed. What standard input has is not known beforehand.
pub(crate) fn are_frames(arguments: &[String]) -> Result<bool, Box<Failure>> {
    if arguments.is_empty() || arguments.iter().any(|argument| argument == "-") {
        return Ok(false);
    }
    let mut frames = true;
    for argument in arguments {
        let given = read(argument)?;
        frames &= given.iter().any(|given| given.text.lines().any(wallet::looks_like_frame));
    }
    Ok(frames)
}

/// Hands it to the wallet; gives the input's identifier and the host that would be called.
pub(crate) fn take(
    wallet: &Wallet,
    arguments: &[String],
    wanted: Wanted,
) -> Result<(String, String), Box<Failure>> {
    let mut fitting = Vec::new();
    let mut why = NothingWhy::NotALink;
    let mut other_kind = false;
    let mut progress = None;
    let mut all = Vec::new();
    for argument in arguments {
        all.extend(read(argument)?);
    }
    for given in all {
        match (wallet.read_text(&given.text, given.from_picture), wanted) {
            (Found::Offer { input_id, host }, Wanted::Offer)
            | (Found::Request { input_id, host }, Wanted::Request) => fitting.push((input_id, host)),
            (Found::Nothing { why: found }, _) => why = found,
            (Found::Progress { have, need, .. }, Wanted::Request) => progress = Some((have, need)),
            _ => other_kind = true,
        }
    }
    let several = fitting.len() > 1;
    match fitting.pop() {
        // Which of several codes in a picture is meant is the person's to say, with a picture of that one.
        Some(_) if several => Err(Failure::own("input_several", Exit::Usage)),
        Some(found) => Ok(found),
        // Some of its QR codes, and not all.
        None if let Some((have, need)) = progress => {
            Err(Failure::own("input_incomplete", Exit::Usage).with(json!({ "have": have, "need": need })))
        }
        None if other_kind && wanted == Wanted::Offer => Err(Failure::own("input_is_a_request", Exit::Usage)),
        None if other_kind => Err(Failure::own("input_is_an_offer", Exit::Usage)),
        None => Err(Failure::own("input_not_a_link", Exit::Usage).with(json!({ "why": why }))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_files_and_pictures_are_told_apart() {
        let read = |argument: &str| super::read(argument).map_err(|failure| failure.code.clone());
        assert_eq!(
            read("openid4vp://?client_id=x").unwrap(),
            [Given { text: "openid4vp://?client_id=x".to_owned(), from_picture: false }]
        );
        assert_eq!(read("/no/such/file").unwrap_err(), "input_unreadable");
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("offer.txt");
        std::fs::write(&text, "  openid4vp://?client_id=x\n").unwrap();
        assert_eq!(read(text.to_str().unwrap()).unwrap()[0].text, "openid4vp://?client_id=x");
        let noise = folder.path().join("noise.png");
        std::fs::write(&noise, b"\x89PNG\r\n\x1a\nnothing").unwrap();
        assert_eq!(read(noise.to_str().unwrap()).unwrap_err(), "picture_unreadable");
    }
}
