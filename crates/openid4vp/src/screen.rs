//! What both sides share of presenting over the screen (house, `docs/offline-qr.md`; rules OQ- of `docs/rules/OQ.md`): the answer is shown as
//! QR to a camera, with no network. Crate `offline-qr` makes frames of it; here is what it is bound to.
//!
//! Three ways to ask: by a signed request that a screen shows (response mode [`RESPONSE_MODE`], a name of our own), by a short code that the
//! person types, and not at all. In the latter two nobody is authenticated, and [`OfflineBinding`] says what stands in place of a client.

use crate::client::ClientId;
use crate::uri;

/// The response mode of a request whose answer is shown on the holder's screen. It is none of OpenID4VP's.
pub const RESPONSE_MODE: &str = "offline_qr";

/// How long a proof counts that was shown on a screen, in seconds from the moment that it names (OQ-3).
pub const PROOF_SECONDS: i64 = 60;

/// How far a proof that is shown on a screen may lie in the future, in seconds: what two clocks that were set lately differ by (OQ-3).
pub const CLOCK_SKEW_SECONDS: i64 = 5;

/// What the audience of a question begins with that nobody signed. No client identifier of OpenID4VP does, so no verifier that asked in
/// another way accepts an answer to one (OQ-2).
pub const AUDIENCE_PREFIX: &str = "offline-qr:";

/// How it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenMode {
    /// By a signed request, shown on the verifier's screen.
    Request,
    /// By a short code that the person typed.
    Code,
    /// Not at all: the person chose the question, the wallet drew the nonce.
    OneWay,
}

/// What an answer is bound to whose recipient nobody authenticated (OQ-2): the name of the question, and a nonce that the verifier drew
/// (short code) or the wallet (one-way).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineBinding {
    pub(crate) mode: ScreenMode,
    pub(crate) audience: ClientId,
    pub(crate) nonce: String,
}

impl OfflineBinding {
    /// For a question that a short code asks. `nonce` is the code. `None` unless the audience begins with [`AUDIENCE_PREFIX`] and the
    /// nonce is 1 to [`MAX_TOKEN_BYTES`](crate::limits::MAX_TOKEN_BYTES) URL-safe characters.
    pub fn code(audience: &str, nonce: &str) -> Option<Self> {
        Self::new(ScreenMode::Code, audience, nonce)
    }

    /// For a question that the person chose without being asked. `nonce` was drawn by the wallet and travels in the message. `None` as in
    /// [`code`](Self::code).
    pub fn one_way(audience: &str, nonce: &str) -> Option<Self> {
        Self::new(ScreenMode::OneWay, audience, nonce)
    }

    /// How it was asked.
    pub fn mode(&self) -> ScreenMode {
        self.mode
    }

    fn new(mode: ScreenMode, audience: &str, nonce: &str) -> Option<Self> {
        let fits = audience.starts_with(AUDIENCE_PREFIX) && uri::is_url_safe_token(nonce);
        let audience = ClientId::new(audience).filter(|_| fits)?;
        Some(Self { mode, audience, nonce: nonce.to_owned() })
    }
}
