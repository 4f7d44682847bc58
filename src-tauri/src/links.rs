//! Links from outside: the one the program was started with, those of later starts, those of the system.
//!
//! One at a time, the newest; kept as text until the wallet is open and the page listens. Nothing is fetched here (design,
//! "Network").

use std::sync::{Mutex, PoisonError};

/// The schemes of offers and requests.
pub const SCHEMES: [&str; 4] = ["openid4vp", "haip-vp", "openid-credential-offer", "haip-vci"];
/// The longest link that is kept, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// The first argument that is a link of ours.
#[must_use]
pub fn link_in<S: AsRef<str>>(arguments: impl IntoIterator<Item = S>) -> Option<String> {
    arguments.into_iter().map(|argument| argument.as_ref().to_owned()).find(|text| is_link(text))
}

/// Whether a text begins with one of [`SCHEMES`] and is not overlong.
#[must_use]
pub fn is_link(text: &str) -> bool {
    text.len() <= MAX_BYTES
        && text
            .split_once(':')
            .is_some_and(|(scheme, _)| SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)))
}

/// The link that waits.
#[derive(Debug, Default)]
pub(crate) struct Links(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    link: Option<String>,
    page_listens: bool,
}

impl Links {
    pub(crate) fn put(&self, link: String) {
        self.waiting().link = Some(link);
    }

    /// The page asked for the state: it listens by then.
    pub(crate) fn page_listens(&self) {
        self.waiting().page_listens = true;
    }

    /// Whether the page listens.
    pub(crate) fn page_hears(&self) -> bool {
        self.waiting().page_listens
    }

    /// The link, if the page can be told. It is given once.
    pub(crate) fn take(&self) -> Option<String> {
        let mut waiting = self.waiting();
        if waiting.page_listens { waiting.link.take() } else { None }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_among_arguments_and_by_its_scheme_only() {
        let found = link_in(["citizen-wallet", "--data", "/x", "OpenID4VP://authorize?client_id=a"]);
        assert_eq!(found.as_deref(), Some("OpenID4VP://authorize?client_id=a"));
        assert_eq!(link_in(["citizen-wallet", "https://a.example/?openid4vp://", "file:///x"]), None);
        assert!(!is_link(&format!("openid4vp://{}", "a".repeat(MAX_BYTES))));
    }

    #[test]
    fn a_link_waits_for_the_page_and_is_given_once_the_newest_first() {
        let links = Links::default();
        links.put("haip-vp://a".to_owned());
        assert_eq!(links.take(), None);
        links.put("haip-vp://b".to_owned());
        links.page_listens();
        assert_eq!(links.take().as_deref(), Some("haip-vp://b"));
        assert_eq!(links.take(), None);
    }
}
