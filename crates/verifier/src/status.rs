//! Is a presented credential still valid? Fetches status lists through the `Http` port and keeps them as long as they count (ST-14).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use primitives::http::Request;
use primitives::{Http, Instant, Refusal as _};
use trust::status::{
    Age, Freshness, FreshnessPolicy, MAX_TOKEN_BYTES, StatusAuthority, StatusFormat, StatusListToken,
    StatusReference, StatusState, VerifiedStatusList,
};
use trust::{AnchorStore, Issuer, StatusSigner, VerifiedChain};
use url::Url;

/// Most lists kept at once, a count; the one fetched longest ago makes room. One that expired is kept as long as there is
/// room, for what it withdrew (ST-18).
pub const MAX_LISTS: usize = 64;
/// How long a list may take to come.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// What was found out about one credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFinding {
    /// The credential names no list: it is valid as long as its dates say.
    NotOffered,
    /// The list says so.
    Listed {
        /// What it says.
        state: StatusState,
        /// When the list was signed.
        as_of: Instant,
        /// Whether a newer list should have been had and could not be.
        stale: bool,
    },
    /// No list could be had.
    Unreachable,
    /// What was had is not the list of this credential: the code of [`trust::status::StatusError`].
    NotBelieved {
        /// The stable code.
        code: &'static str,
        /// The rule.
        rule: &'static str,
    },
}

struct Kept {
    list: VerifiedStatusList,
    freshness: Freshness,
}

/// The lists that were fetched, by address and by the anchor they were verified for.
pub struct StatusChecker {
    http: Arc<dyn Http>,
    signers: AnchorStore<StatusSigner>,
    policy: FreshnessPolicy,
    kept: Mutex<BTreeMap<([u8; 32], String), Kept>>,
}

impl StatusChecker {
    /// A checker that fetches through `http` and believes the issuers' own lists and those of `signers`.
    pub fn new(http: Arc<dyn Http>, signers: AnchorStore<StatusSigner>, policy: FreshnessPolicy) -> Self {
        Self { http, signers, policy, kept: Mutex::new(BTreeMap::new()) }
    }

    /// What the list says of the credential that `issuer` issued.
    pub async fn check(
        &self,
        issuer: &VerifiedChain<Issuer>,
        reference: Option<&StatusReference>,
        now: Instant,
    ) -> StatusFinding {
        let Some(reference) = reference else { return StatusFinding::NotOffered };
        let key = (issuer.anchor().certificate().hash(), reference.uri().to_owned());
        if let Some(finding) = self.kept_finding(&key, reference, now, Age::Fresh) {
            return finding;
        }
        let authority = StatusAuthority { credential: issuer.anchor(), signers: &self.signers };
        let Some((format, body)) = self.fetch(reference).await else {
            return self.without_answer(&key, reference, now);
        };
        let token = StatusListToken::parse(format, &body);
        let list = match token.and_then(|token| token.verify(reference, &authority, now)) {
            Ok(list) => list,
            Err(error) => return StatusFinding::NotBelieved { code: error.code(), rule: error.rule() },
        };
        // An older list never undoes what a newer one said: it is as if there had been no answer.
        if self.knows_newer(&key, &list) {
            return self.without_answer(&key, reference, now);
        }
        let finding = finding(&list, reference, false);
        self.keep(key, list, now);
        finding
    }

    /// What is left to say when no list was had: what an older one says that has not expired, its age shown; or, however
    /// long ago, that the credential was not valid any more (ST-18).
    fn without_answer(
        &self,
        key: &([u8; 32], String),
        reference: &StatusReference,
        now: Instant,
    ) -> StatusFinding {
        let stale = self.kept_finding(key, reference, now, Age::Stale);
        let withdrawn = || {
            let expired = self.kept_finding(key, reference, now, Age::Expired)?;
            matches!(expired, StatusFinding::Listed { state, .. } if !state.is_valid()).then_some(expired)
        };
        stale.or_else(withdrawn).unwrap_or(StatusFinding::Unreachable)
    }

    fn knows_newer(&self, key: &([u8; 32], String), list: &VerifiedStatusList) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).is_some_and(|kept| kept.list.issued_at() > list.issued_at())
    }

    fn kept_finding(
        &self,
        key: &([u8; 32], String),
        reference: &StatusReference,
        now: Instant,
        oldest: Age,
    ) -> Option<StatusFinding> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(key)?;
        let age = kept.freshness.at(now);
        let usable = match age {
            Age::Fresh => true,
            Age::Stale => oldest != Age::Fresh,
            Age::Expired => oldest == Age::Expired,
        };
        usable.then(|| finding(&kept.list, reference, age != Age::Fresh))
    }

    fn keep(&self, key: ([u8; 32], String), list: VerifiedStatusList, now: Instant) {
        let freshness = Freshness::of(&list, now, &self.policy);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= MAX_LISTS && !kept.contains_key(&key) {
            let oldest =
                kept.iter().min_by_key(|(_, one)| one.freshness.fetched_at).map(|(key, _)| key.clone());
            match oldest {
                Some(oldest) => kept.remove(&oldest),
                None => break,
            };
        }
        kept.insert(key, Kept { list, freshness });
    }

    async fn fetch(&self, reference: &StatusReference) -> Option<(StatusFormat, Vec<u8>)> {
        let request = Request::get(Url::parse(reference.uri()).ok()?)
            .with_header("accept", StatusFormat::accept())
            .with_max_response_bytes(MAX_TOKEN_BYTES)
            .with_timeout(FETCH_TIMEOUT);
        let response = self.http.send(request).await.ok().filter(|response| response.status == 200)?;
        let format = StatusFormat::from_media_type(&response.content_type()?)?;
        Some((format, response.body))
    }
}

fn finding(list: &VerifiedStatusList, reference: &StatusReference, stale: bool) -> StatusFinding {
    match list.state(reference) {
        Ok(state) => StatusFinding::Listed { state, as_of: list.issued_at(), stale },
        Err(error) => StatusFinding::NotBelieved { code: error.code(), rule: error.rule() },
    }
}
