//! Opening a page in the system's browser (design, "Network"): one argument, never through a shell, and only pages that may be shown.

use std::process::{Command, Stdio};

use primitives::{Blame, Left, Refusal};
use url::Url;

use crate::http::{AddressPolicy, is_loopback_host};

/// The longest address handed to a browser, in bytes.
pub const MAX_PAGE_BYTES: usize = 8 * 1024;

/// Why the page was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// Neither https nor an allowed page on loopback, or with user info, or too long.
    #[error("this page may not be opened")]
    Refused,
    /// There is no program to open pages with.
    #[error("no browser was found")]
    NoBrowser,
    /// `$BROWSER` holds no command, or an unfinished quotation.
    #[error("$BROWSER does not hold a command")]
    BadCommand,
}

/// Whether a page may be opened: https, or http on loopback where the profile allows it; without user info; of bounded length. The
/// browser resolves the name itself, so private networks are left to it.
///
/// # Errors
/// [`BrowserError::Refused`].
pub fn check_page(url: &Url, policy: &AddressPolicy) -> Result<(), BrowserError> {
    let plain = url.scheme() == "http";
    let loopback = url.host().is_some_and(|host| is_loopback_host(&host));
    let allowed = (plain || url.scheme() == "https")
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_PAGE_BYTES
        && if loopback { policy.permits(url) } else { !plain };
    if allowed { Ok(()) } else { Err(BrowserError::Refused) }
}

/// Opens a page: with the command in `$BROWSER` if that is set, else with the system's. Does not wait for the browser.
///
/// # Errors
/// See [`BrowserError`].
pub fn open_page(url: &Url, policy: &AddressPolicy) -> Result<(), BrowserError> {
    check_page(url, policy)?;
    if let Some(command) = std::env::var("BROWSER").ok().filter(|command| !command.trim().is_empty()) {
        let words = split_words(&command).ok_or(BrowserError::BadCommand)?;
        return start(&words, url);
    }
    let mut last = BrowserError::NoBrowser;
    for candidate in system_commands() {
        let words: Vec<String> = candidate.iter().map(|word| (*word).to_owned()).collect();
        match start(&words, url) {
            Ok(()) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// `gio` first: the bare `xdg-open` of Debian 12 knows fewer desktops.
fn system_commands() -> &'static [&'static [&'static str]] {
    if cfg!(target_os = "macos") {
        &[&["open"]]
    } else if cfg!(target_os = "windows") {
        &[&["rundll32", "url.dll,FileProtocolHandler"]]
    } else {
        &[&["gio", "open"], &["xdg-open"]]
    }
}

/// Starts the command with the address as its last argument and lets it run.
fn start(words: &[String], url: &Url) -> Result<(), BrowserError> {
    let (program, arguments) = words.split_first().ok_or(BrowserError::BadCommand)?;
    let child = Command::new(program)
        .args(arguments)
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.map_err(|_| BrowserError::NoBrowser)?;
    // Reaped when it ends, so that no zombie stays; nobody waits for this thread.
    let _ = std::thread::Builder::new().name("browser".to_owned()).spawn(move || child.wait());
    Ok(())
}

/// Splits a command into words: spaces part, quotation marks join, a backslash takes the next character as it is. No variables, no
/// substitution: this is not a shell. `None` for an unfinished quotation or no word.
fn split_words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(characters.next()?),
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    (quote.is_none() && !words.is_empty()).then_some(words)
}

impl Refusal for BrowserError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused => "page_refused",
            Self::NoBrowser => "browser_not_found",
            Self::BadCommand => "browser_command_unusable",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Refused => Blame::Network,
            Self::NoBrowser | Self::BadCommand => Blame::Computer,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::PortSet;

    #[test]
    fn words_are_split_without_a_shell() {
        let split = |text: &str| split_words(text);
        assert_eq!(
            split("firefox  -P 'my profile' \"a b\""),
            Some(["firefox", "-P", "my profile", "a b"].map(String::from).into())
        );
        assert_eq!(
            split(r"/opt/my\ browser $HOME ''"),
            Some(["/opt/my browser", "$HOME", ""].map(String::from).into())
        );
        assert_eq!(split("firefox 'x"), None);
        assert_eq!(split("   "), None);
    }

    #[test]
    fn only_pages_that_may_be_shown_are_opened() {
        let policy = AddressPolicy::with_loopback(PortSet::These([8080].into()), true);
        let check = |text: &str| check_page(&Url::parse(text).unwrap(), &policy);
        for allowed in ["https://issuer.example/a?b#c", "http://127.0.0.1:8080/", "http://x.localhost:8080/"]
        {
            assert_eq!(check(allowed), Ok(()), "{allowed}");
        }
        for refused in [
            "http://issuer.example/",
            "https://user@issuer.example/",
            "https://user:pw@issuer.example/",
            "http://127.0.0.1:81/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "openid4vp://x",
        ] {
            assert_eq!(check(refused), Err(BrowserError::Refused), "{refused}");
        }
        assert_eq!(
            check(&format!("https://issuer.example/{}", "a".repeat(MAX_PAGE_BYTES))),
            Err(BrowserError::Refused)
        );
        let none = AddressPolicy::public_only();
        assert_eq!(
            check_page(&Url::parse("http://127.0.0.1:8080/").unwrap(), &none),
            Err(BrowserError::Refused)
        );
    }
}
