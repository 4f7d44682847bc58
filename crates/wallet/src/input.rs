//! What the citizen gives to be read: a link, pasted text, what stood in a file or a QR code. Nothing is fetched here.

use std::collections::BTreeMap;

use offline_qr::{
    Collector, Fed, Kind, Progress, is_frame_of, is_frame_of_another_version, looks_like_frame,
};
use openid4vci::offer::OfferSource;
use openid4vci::wire::Identifier;
use openid4vp::holder::Invocation;

use crate::app::Wallet;
use crate::error::WalletError;
use crate::view::{Found, NothingWhy};

/// The longest text that is read, in bytes.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// The longest text of QR frames that is read, in bytes.
const MAX_FRAMES_BYTES: usize = 512 * 1024;
/// Codes of one picture that are looked at.
const MAX_CODES: usize = 256;
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
    /// A request that another screen showed, as the message of its frames: what is wrong with it is said on the screen that refuses it.
    Shown {
        message: Vec<u8>,
    },
}

/// What waits, by identifier.
pub(crate) struct Inputs {
    waiting: BTreeMap<u64, Waiting>,
    /// Frames of requests, until one is whole.
    frames: Collector,
    next: u64,
}

impl Inputs {
    /// None yet; the first has the number after this one.
    pub(crate) fn numbered_from(next: u64) -> Self {
        Self { waiting: BTreeMap::new(), frames: Collector::new(Kind::Request), next }
    }

    fn keep(&mut self, waiting: Waiting) -> String {
        self.next += 1;
        self.waiting.insert(self.next, waiting);
        while self.waiting.len() > MAX_WAITING {
            self.waiting.pop_first();
        }
        self.next.to_string()
    }

    /// Takes in one code's text; `None`: it is no frame of a request.
    fn feed(&mut self, text: &str) -> Option<Found> {
        let progress = |Progress { have, need }, foreign| Some(Found::Progress { have, need, foreign });
        match self.frames.feed(text) {
            Fed::New(so_far) | Fed::Known(so_far) => progress(so_far, false),
            Fed::Foreign(so_far) => progress(so_far, true),
            Fed::OtherWay | Fed::Damaged | Fed::Version | Fed::NotOurs => None,
            Fed::Complete(message) => {
                // The same request can be read again, after it was put away.
                self.frames = Collector::new(Kind::Request);
                let input_id = self.keep(Waiting::Shown { message: message.bytes });
                Some(Found::Request { input_id, host: String::new() })
            }
        }
    }

    fn take(&mut self, id: &str) -> Option<Waiting> {
        self.waiting.remove(&id.parse().ok()?)
    }
}

impl Wallet {
    /// Whether a code is one that [`Self::read_codes`] makes something of, for a camera that sees others beside it.
    #[must_use]
    pub fn looks_for(code: &str) -> bool {
        is_frame_of(Kind::Request, code)
            || code.contains("client_id=")
            || OfferSource::parse(code).is_ok()
            || Identifier::parse(code.trim(), "credential_issuer").is_ok()
    }

    /// Reads a text: an offer, a request, or neither. Nothing is fetched. `cross_device`: it stood in a QR code.
    #[must_use]
    pub fn read_text(&self, text: &str, cross_device: bool) -> Found {
        // A frame may end in a blank that belongs to it.
        if text.lines().any(looks_like_frame) {
            return self.read_frames(text);
        }
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
            return Found::Nothing { why: why_nothing(text) };
        }
        let host = Invocation::parse(text, &self.request_policy())
            .ok()
            .and_then(|invocation| invocation.fetch_host().map(str::to_owned))
            .unwrap_or_default();
        let input_id = self.state().inputs.keep(Waiting::Request { link: text.to_owned(), cross_device });
        Found::Request { input_id, host }
    }

    /// Reads the codes of one picture, or of one of a camera's many: a link among them, or frames of a request, which are collected from
    /// picture to picture until it is whole. Nothing is fetched.
    #[must_use]
    pub fn read_codes<S: AsRef<str>>(&self, codes: &[S]) -> Found {
        let mut best =
            Found::Nothing { why: if codes.is_empty() { NothingWhy::NoQr } else { NothingWhy::NotALink } };
        for code in codes.iter().take(MAX_CODES) {
            match self.read_text(code.as_ref(), true) {
                found @ Found::Nothing { why: NothingWhy::Newer }
                    if matches!(best, Found::Nothing { .. }) =>
                {
                    best = found;
                }
                Found::Nothing { .. } => {}
                found @ Found::Progress { .. } => best = found,
                found => return found,
            }
        }
        best
    }

    /// One frame a line, as a hand scanner or a script writes them.
    fn read_frames(&self, text: &str) -> Found {
        if text.len() > MAX_FRAMES_BYTES {
            return Found::Nothing { why: NothingWhy::TooLarge };
        }
        let mut state = self.state();
        let mut best = Found::Nothing { why: why_nothing(text) };
        for line in text.lines().filter(|line| looks_like_frame(line)) {
            match state.inputs.feed(line.trim_start()) {
                None => {}
                Some(found @ Found::Progress { .. }) => best = found,
                Some(found) => return found,
            }
        }
        best
    }

    pub(crate) fn take_input(&self, id: &str) -> Result<Waiting, WalletError> {
        self.state().inputs.take(id).ok_or(WalletError::Unknown("input"))
    }
}

/// What a text is that nothing is made of.
fn why_nothing(text: &str) -> NothingWhy {
    if text.lines().any(is_frame_of_another_version) { NothingWhy::Newer } else { NothingWhy::NotALink }
}

fn offer_host(source: &OfferSource) -> String {
    match source {
        OfferSource::ByValue(offer) => offer.issuer().host(),
        OfferSource::ByReference(fetch) => fetch.url().host_str().unwrap_or_default().to_owned(),
    }
}
