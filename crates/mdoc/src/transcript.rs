//! `SessionTranscript` for OpenID4VP (ISO/IEC 18013-5 9.1.5.1; OpenID4VP 1.0 B.2.6; VP-H2, VP-H3, VP-H4; MD-30), and for an
//! answer that is shown on a screen (MD-35).
//!
//! A transcript is the bytes that both sides sign or verify, never a tree to be encoded anew.

use primitives::{Blame, Instant, Left, Refusal};

use crate::cbor::{Bounds, Item, write};

/// Bytes of a transcript given from outside, at most. A hash is 32 bytes, an NFC or QR engagement some hundred.
pub const MAX_TRANSCRIPT_BYTES: usize = 16 * 1024;

/// The SHA-256 thumbprint (RFC 7638) of the verifier's key that the response is encrypted to.
pub type JwkThumbprint = [u8; 32];

/// What ties a device signature to one request: the CBOR array `[DeviceEngagementBytes, EReaderKeyBytes, Handover]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionTranscript {
    bytes: Vec<u8>,
}

/// Bytes that are not a session transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a session transcript: an array of three of at most {MAX_TRANSCRIPT_BYTES} bytes")]
pub struct NotATranscript;

impl Refusal for NotATranscript {
    fn code(&self) -> &'static str {
        "session_transcript_malformed"
    }

    fn rule(&self) -> &'static str {
        "MD-30"
    }

    fn blame(&self) -> Blame {
        Blame::Application
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl SessionTranscript {
    /// For a request by redirect (OpenID4VP B.2.6.1, VP-H3).
    ///
    /// `client_id` is the whole of it, prefix included (VP-C9); `nonce` and `response_uri` (or the `redirect_uri` of a response mode
    /// without one) stand exactly as in the request, signed values where it is signed. `encryption_key` is the thumbprint of the key
    /// actually encrypted to, `None` if the response is not encrypted.
    #[must_use]
    pub fn openid4vp_redirect(
        client_id: &str,
        nonce: &str,
        encryption_key: Option<&JwkThumbprint>,
        response_uri: &str,
    ) -> Self {
        let mut info = Vec::new();
        write::array(&mut info, 4);
        write::text(&mut info, client_id);
        write::text(&mut info, nonce);
        write_thumbprint(&mut info, encryption_key);
        write::text(&mut info, response_uri);
        Self::with_handover("OpenID4VPHandover", &info)
    }

    /// For a request over the Digital Credentials API (OpenID4VP B.2.6.2, VP-H4). `origin` as the platform gave it, without `origin:`.
    #[must_use]
    pub fn openid4vp_dc_api(origin: &str, nonce: &str, encryption_key: Option<&JwkThumbprint>) -> Self {
        let mut info = Vec::new();
        write::array(&mut info, 3);
        write::text(&mut info, origin);
        write::text(&mut info, nonce);
        write_thumbprint(&mut info, encryption_key);
        Self::with_handover("OpenID4VPDCAPIHandover", &info)
    }

    /// For an answer that is shown as QR on the holder's screen (MD-35; `docs/offline-qr.md`): a handover of its own, so that nobody who
    /// asked in another way accepts it, and the moment of signing in it, since a device signature has none.
    ///
    /// `audience` is whom the answer is for, the whole client identifier or the name of a question that nobody signed. `issued_at` is the
    /// moment that the message with the answer names. `encryption_key` is the thumbprint of the key encrypted to, `None` if there is none.
    #[must_use]
    pub fn offline_qr(
        audience: &str,
        nonce: &str,
        issued_at: Instant,
        encryption_key: Option<&JwkThumbprint>,
    ) -> Self {
        let mut info = Vec::new();
        write::array(&mut info, 4);
        write::text(&mut info, audience);
        write::text(&mut info, nonce);
        write::integer(&mut info, issued_at.unix_seconds());
        write_thumbprint(&mut info, encryption_key);
        Self::with_handover("OfflineQRHandover", &info)
    }

    /// A transcript made elsewhere, such as that of an engagement over NFC or of another protocol's handover.
    ///
    /// # Errors
    /// [`NotATranscript`] if the bytes are not one CBOR array of three within bounds.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotATranscript> {
        let bounds = Bounds { bytes: MAX_TRANSCRIPT_BYTES, depth: crate::MAX_NESTING, items: 256 };
        let item = Item::parse(bytes, bounds).map_err(|_| NotATranscript)?;
        match item.as_array() {
            Some([_, _, _]) => Ok(Self { bytes: bytes.to_vec() }),
            _ => Err(NotATranscript),
        }
    }

    /// The CBOR.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `[null, null, [name, SHA-256(info)]]`.
    fn with_handover(name: &str, info: &[u8]) -> Self {
        let mut bytes = Vec::new();
        write::array(&mut bytes, 3);
        write::null(&mut bytes);
        write::null(&mut bytes);
        write::array(&mut bytes, 2);
        write::text(&mut bytes, name);
        write::bytes(&mut bytes, &crypto::sha256(info));
        Self { bytes }
    }
}

fn write_thumbprint(out: &mut Vec<u8>, thumbprint: Option<&JwkThumbprint>) {
    match thumbprint {
        Some(thumbprint) => write::bytes(out, thumbprint),
        None => write::null(out),
    }
}
