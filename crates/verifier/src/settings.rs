//! What a desk is told when it is set up.

use std::sync::Arc;

use crypto::Signer;
use dcql::Query;
use openid4vp::TransactionType;
use primitives::{ClaimPath, LocalizedText};
use serde_json::{Map, Value};
use trust::{AnchorStore, CertificateChain, Issuer};
use url::Url;

/// Who asks, and how requests are signed.
#[derive(Clone)]
pub enum Identity {
    /// `x509_hash:` of the chain's leaf (HA-6).
    X509Hash {
        /// Leaf first, without the anchor.
        chain: CertificateChain,
        /// The leaf's key.
        signer: Arc<dyn Signer>,
    },
    /// `x509_san_dns:` with a name of the chain's leaf; the protocol address must be on this host.
    X509SanDns {
        /// The DNS name.
        name: String,
        /// Leaf first, without the anchor.
        chain: CertificateChain,
        /// The leaf's key.
        signer: Arc<dyn Signer>,
    },
    /// `redirect_uri:`, unsigned: the link is the whole request, and a wallet shows nobody's name.
    Unsigned,
}

/// Where the desk is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The base of what a wallet calls, with a final `/`: https, or http on loopback where the settings allow it.
    pub protocol: Url,
    /// The base of what a browser opens, with a final `/`.
    pub pages: Url,
}

/// Bounds in number and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most sessions at once, a count; more are not begun.
    pub sessions: usize,
    /// How long a request can be answered, in seconds.
    pub lifetime_seconds: i64,
    /// How long a verdict is kept until somebody looks, in seconds; then its claims are forgotten unseen.
    pub result_seconds: i64,
}

impl Default for Limits {
    /// 256 sessions, five minutes, thirty seconds.
    fn default() -> Self {
        Self { sessions: 256, lifetime_seconds: 300, result_seconds: 30 }
    }
}

/// What a claim is called on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// `vct` or doctype.
    pub credential_type: String,
    /// The claim, as the question names it.
    pub path: ClaimPath,
    /// The caption.
    pub text: LocalizedText,
}

/// What a type of paper is called on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// `vct` or doctype.
    pub credential_type: String,
    /// The title.
    pub text: LocalizedText,
}

/// Something that the holder is asked to approve together with the answer (VP-T1).
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// Its type.
    pub kind: TransactionType,
    /// The Credential Queries of the question any one of which can carry it.
    pub queries: Vec<String>,
    /// The type's own members.
    pub details: Map<String, Value>,
    /// What it is called on the page.
    pub title: LocalizedText,
}

/// Says what a session that begins now asks to have approved, since an amount or a date may be another tomorrow; `None` where it cannot
/// be said now, and then no session begins.
pub type Approvals = Arc<dyn Fn() -> Option<Vec<Approval>> + Send + Sync>;

/// Everything a desk is told. It has no `Debug`: it holds a key.
#[derive(Clone)]
pub struct Settings {
    /// Who asks, for the page. A wallet takes the name from the certificate and the registration.
    pub name: LocalizedText,
    /// What for, for the page.
    pub purpose: LocalizedText,
    /// Who asks, for the wallet.
    pub identity: Identity,
    /// The question.
    pub question: Query,
    /// What the claims are called.
    pub captions: Vec<Caption>,
    /// What the papers are called.
    pub titles: Vec<Title>,
    /// The signed registration for `verifier_info`.
    pub registration: Option<String>,
    /// Whether answers are to be encrypted (`direct_post.jwt`); only `false` for `direct_post`.
    pub encrypted: bool,
    /// Whether the link asks for `request_uri_method=post`.
    pub request_by_post: bool,
    /// The scheme of the links, without `://`: `openid4vp` or `haip-vp`.
    pub scheme: String,
    /// Whose credentials are believed, each anchor with the types it may issue.
    pub issuers: AnchorStore<Issuer>,
    /// Where the desk is reached.
    pub addresses: Addresses,
    /// Bounds.
    pub limits: Limits,
    /// Whether http is allowed for the protocol on loopback; for tests and developers.
    pub loopback_http: bool,
    /// Whether the pages carry the mark of a demonstration.
    pub demo: bool,
}

impl Settings {
    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked { question: &self.question, captions: &self.captions, titles: &self.titles }
    }
}

/// What was asked, and what papers and claims are called.
pub(crate) struct Asked<'a> {
    pub(crate) question: &'a Query,
    pub(crate) captions: &'a [Caption],
    pub(crate) titles: &'a [Title],
}

impl Asked<'_> {
    /// The caption of a claim; its path where it has none.
    pub(crate) fn caption(&self, credential_type: &str, path: &ClaimPath) -> LocalizedText {
        self.known_caption(credential_type, path).unwrap_or_else(|| {
            let text = path.names().map_or_else(|| path.to_string(), |names| names.join("."));
            LocalizedText::new(text.clone(), text)
        })
    }

    /// The caption of a claim, if it has one.
    pub(crate) fn known_caption(&self, credential_type: &str, path: &ClaimPath) -> Option<LocalizedText> {
        let is_this =
            |caption: &&Caption| caption.credential_type == credential_type && caption.path == *path;
        self.captions.iter().find(is_this).map(|caption| caption.text.clone())
    }

    /// The title of a type of paper; its identifier where it has none.
    pub(crate) fn title(&self, credential_type: &str) -> LocalizedText {
        let known = self.titles.iter().find(|title| title.credential_type == credential_type);
        known.map_or_else(|| LocalizedText::new(credential_type, credential_type), |title| title.text.clone())
    }
}
