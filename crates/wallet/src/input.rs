//! What the citizen gives to be read: a link, pasted text, what stood in a file or a QR code. Nothing is fetched here.

use std::collections::BTreeMap;

use openid4vci::offer::OfferSource;
use openid4vci::wire::Identifier;
use openid4vp::holder::Invocation;

use crate::app::Wallet;
use crate::error::WalletError;
use crate::view::{Found, NothingWhy};

/// The longest text that is read, in bytes.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Inputs that wait for a yes at once; the oldest make way.
const MAX_WAITING: usize = 8;

/// Something that was read and waits for the citizen's yes.
#[derive(Clone)]
pub(crate) enum Waiting {
    Offer(Box<OfferSource>),
    /// An issuer's own address: the wallet begins.
    Issuer(Identifier),
    /// The link as it was read: what is wrong with it is said on the screen that refuses it.
    Request {
        link: String,
        /// It was read from a picture or a screen, so another device may have shown it.
        cross_device: bool,
    },
}

/// What waits, by identifier.
#[derive(Default)]
pub(crate) struct Inputs {
    waiting: BTreeMap<u64, Waiting>,
    next: u64,
}

impl Inputs {
    /// None yet; the first has the number after this one.
    pub(crate) fn numbered_from(next: u64) -> Self {
        Self { next, ..Self::default() }
    }

    fn keep(&mut self, waiting: Waiting) -> String {
        self.next += 1;
        self.waiting.insert(self.next, waiting);
        while self.waiting.len() > MAX_WAITING {
            self.waiting.pop_first();
        }
        self.next.to_string()
    }

    fn take(&mut self, id: &str) -> Option<Waiting> {
        self.waiting.remove(&id.parse().ok()?)
    }
}

impl Wallet {
    /// Reads a text: an offer, a request, or neither. Nothing is fetched. `cross_device`: it stood in a QR code.
    #[must_use]
    pub fn read_text(&self, text: &str, cross_device: bool) -> Found {
        let text = text.trim();
        if text.is_empty() {
            return Found::Nothing { why: NothingWhy::Empty };
        }
        if text.len() > MAX_TEXT_BYTES {
            return Found::Nothing { why: NothingWhy::TooLarge };
        }
        // An offer says so by its parameters or members; whatever else has a client is a request.
        if (text.contains("credential_offer") || text.contains("\"credential_issuer\""))
            && let Ok(source) = OfferSource::parse(text)
        {
            let host = offer_host(&source);
            let input_id = self.state().inputs.keep(Waiting::Offer(Box::new(source)));
            return Found::Offer { input_id, host };
        }
        // An https address and nothing else is an issuer's; whether one lives there is asked after the yes.
        if let Ok(issuer) = Identifier::parse(text, "credential_issuer") {
            let host = issuer.host();
            let input_id = self.state().inputs.keep(Waiting::Issuer(issuer));
            return Found::Offer { input_id, host };
        }
        if !text.contains("client_id=") {
            return Found::Nothing { why: NothingWhy::NotALink };
        }
        let host = Invocation::parse(text, &self.request_policy())
            .ok()
            .and_then(|invocation| invocation.fetch_host().map(str::to_owned))
            .unwrap_or_default();
        let input_id = self.state().inputs.keep(Waiting::Request { link: text.to_owned(), cross_device });
        Found::Request { input_id, host }
    }

    pub(crate) fn take_input(&self, id: &str) -> Result<Waiting, WalletError> {
        self.state().inputs.take(id).ok_or(WalletError::Unknown("input"))
    }
}

fn offer_host(source: &OfferSource) -> String {
    match source {
        OfferSource::ByValue(offer) => offer.issuer().host(),
        OfferSource::ByReference(fetch) => fetch.url().host_str().unwrap_or_default().to_owned(),
    }
}
