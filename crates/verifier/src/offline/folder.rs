//! Lists and memory of a desk as files, so that it works with no network and after a restart.
//!
//! | file | holds |
//! |---|---|
//! | `trust-list` | the trust list accepted last, as it was signed |
//! | `status-HASH` | a status list token, as it was signed |
//! | `desk.json` | the record: [`DeskRecord`] |
//!
//! The lists have a line of JSON before them that says where they are from and when they were fetched. Nothing else of a file is believed:
//! a list is verified when it is read, and its age is that of its signature. An older list never replaces a newer one (OQ-36). A file that
//! does not hold is left as it is, not used, and named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host::files;
use primitives::http::Request;
use primitives::{Clock, Http, Instant, Refusal as _, base64url, json};
use serde::{Deserialize, Serialize};
use trust::status::{MAX_TOKEN_BYTES, StatusAuthority, StatusFormat, StatusListToken, StatusReference};
use trust::trust_list::{
    AcceptedList, MAX_TRUST_LIST_BYTES, SignedTrustList, TrustListError, VerifiedTrustList,
};
use trust::{AnchorStore, Issuer, StatusSigner, TrustAnchor, TrustListSigner};
use url::Url;

use super::lists::{KeptToken, Lists, ListsError, Trust, TrustListDates};
use super::memory::{DeskMemory, DeskRecord, MAX_RECORD_BYTES, MemoryError};
use crate::status::FETCH_TIMEOUT;

/// Most status lists kept, a count; the one signed longest ago makes room.
pub const MAX_KEPT_LISTS: usize = 64;
/// Longest line before a list, in bytes.
const MAX_HEAD_BYTES: usize = 4096;
const TRUST_LIST: &str = "trust-list";
const RECORD: &str = "desk.json";
const STATUS_PREFIX: &str = "status-";
const VERSION: u32 = 1;

/// Whose word counts, as the configuration says.
#[derive(Clone, Default)]
pub struct Anchors {
    /// Issuers that the configuration names itself.
    pub issuers: AnchorStore<Issuer>,
    /// Signers of status lists that the configuration names itself.
    pub status_signers: AnchorStore<StatusSigner>,
    /// Who signs trust lists; none: there is no trust list.
    pub trust_list_signers: AnchorStore<TrustListSigner>,
}

/// A file that was found and is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Its name in the folder.
    pub file: String,
    /// Why: a stable code.
    pub code: &'static str,
}

/// What came of fetching lists anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refreshed {
    /// Lists that came and hold, a count.
    pub renewed: usize,
    /// Addresses whose list did not come or does not hold, with a stable code.
    pub failed: Vec<(String, &'static str)>,
}

impl Refreshed {
    /// What is to be told after `before` was: which lists do not come or do not hold, with the code, and which of those come again
    /// (`None`). What was told already is not told again.
    pub fn news<'a>(&'a self, before: &'a Self) -> Vec<(&'a str, Option<&'static str>)> {
        let new = self.failed.iter().filter(|one| !before.failed.contains(one));
        let fails = |address: &str| self.failed.iter().any(|(failed, _)| failed == address);
        let again = before.failed.iter().filter(|(address, _)| !fails(address));
        new.map(|(address, code)| (address.as_str(), Some(*code)))
            .chain(again.map(|(address, _)| (address.as_str(), None)))
            .collect()
    }
}

async fn fetched(http: &dyn Http, request: Request) -> Option<Vec<u8>> {
    let response = http.send(request.with_timeout(FETCH_TIMEOUT)).await.ok()?;
    (response.status == 200).then_some(response.body)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Head {
    version: u32,
    uri: String,
    fetched_at: i64,
}

/// A list is kept by its address and the authority under which its signer stands, by name and key: an issuer's own, or that of a status
/// signer, whose one list counts for several issuers. It does not depend on who else is trusted, nor on the order, nor on which of its
/// certificates are listed while it is renewed; so of one signer's lists there is one at an address, and another party's list of the same
/// address never takes its place.
type Key = (String, [u8; 32]);

/// A status list that is kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    issued_at: Instant,
    /// The name of its file.
    file: String,
}

#[derive(Default)]
struct State {
    trust: Trust,
    accepted: Option<AcceptedList>,
    status: BTreeMap<Key, Kept>,
    unusable: Vec<Unusable>,
}

/// A folder with lists.
pub struct ListFolder {
    folder: PathBuf,
    anchors: Anchors,
    state: Mutex<State>,
}

impl ListFolder {
    /// Opens the folder, which is made if it is not there, and reads what is in it.
    ///
    /// # Errors
    /// [`ListsError::Unwritable`], and [`ListsError::TrustList`] where a trust list is kept that does not hold: without it nobody could be
    /// confirmed, so whoever runs the desk has to know.
    pub fn open(folder: &Path, anchors: Anchors) -> Result<Self, ListsError> {
        files::make_folder(folder).map_err(|_| ListsError::Unwritable)?;
        let this = Self { folder: folder.to_owned(), anchors, state: Mutex::new(State::default()) };
        this.use_trust(None);
        this.load_trust_list()?;
        this.load_status()?;
        Ok(this)
    }

    /// What was found in the folder and is not used.
    pub fn unusable(&self) -> Vec<Unusable> {
        self.state().unusable.clone()
    }

    /// The addresses of the lists that are kept, each once, for fetching them anew.
    pub fn addresses(&self) -> Vec<String> {
        let mut addresses: Vec<String> = self.state().status.keys().map(|(uri, _)| uri.clone()).collect();
        addresses.dedup();
        addresses
    }

    /// Takes a trust list into use and keeps it.
    ///
    /// # Errors
    /// [`ListsError::TrustList`], with [`TrustListError::Rollback`] for one that is older than the one in use, which stays in use.
    pub fn take_trust_list(&self, signed: &str, now: Instant) -> Result<(), ListsError> {
        let previous = self.state().accepted;
        let list = SignedTrustList::parse(signed)?;
        let verified = list.verify(&self.anchors.trust_list_signers, previous.as_ref(), now)?;
        self.write(TRUST_LIST, "", now, signed.trim_ascii().as_bytes())?;
        self.use_trust(Some(&verified));
        Ok(())
    }

    /// Keeps the status list of this address.
    ///
    /// # Errors
    /// [`ListsError::Status`] where it does not hold for any issuer, [`ListsError::Older`] where a newer one is kept, which stays.
    pub fn take_status_token(&self, uri: &str, token: &[u8], now: Instant) -> Result<(), ListsError> {
        let trust = self.trust();
        let (party, issued_at) = verified(&trust, uri, token, now)?;
        let key = (uri.to_owned(), party);
        if self.state().status.get(&key).is_some_and(|kept| kept.issued_at > issued_at) {
            return Err(ListsError::Older);
        }
        let file = status_file(uri, party);
        self.write(&file, uri, now, token)?;
        let mut state = self.state();
        let before = state.status.insert(key, Kept { issued_at, file: file.clone() });
        if let Some(before) = before.filter(|before| before.file != file) {
            self.remove(&before);
        }
        let superfluous = state.status.len().saturating_sub(MAX_KEPT_LISTS);
        for _ in 0..superfluous {
            let oldest =
                state.status.iter().min_by_key(|(_, kept)| kept.issued_at).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest.and_then(|oldest| state.status.remove(&oldest)) {
                self.remove(&oldest);
            }
        }
        Ok(())
    }

    /// Of a file that stays behind the next start finds that it is superfluous.
    fn remove(&self, kept: &Kept) {
        let _ = std::fs::remove_file(self.folder.join(&kept.file));
    }

    /// Fetches the trust list, and the status lists at these addresses and of those that are kept, each once, while there is a network. What
    /// does not come, or does not hold, leaves what is kept as it is.
    pub async fn refresh(
        &self,
        http: &dyn Http,
        trust_list: Option<&Url>,
        addresses: &[String],
        clock: &dyn Clock,
    ) -> Refreshed {
        let mut refreshed = Refreshed::default();
        let mut note = |address: &str, done: Result<(), &'static str>| match done {
            Ok(()) => refreshed.renewed += 1,
            Err(code) => refreshed.failed.push((address.to_owned(), code)),
        };
        if let Some(url) = trust_list {
            let request = Request::get(url.clone()).with_max_response_bytes(MAX_TRUST_LIST_BYTES);
            let done = match fetched(http, request).await {
                None => Err("list_unreachable"),
                Some(body) => match std::str::from_utf8(&body) {
                    Err(_) => Err(TrustListError::Malformed.code()),
                    Ok(text) => self.take_trust_list(text, clock.now()).map_err(|error| error.code()),
                },
            };
            note(url.as_str(), done);
        }
        let mut all: BTreeSet<String> = addresses.iter().cloned().collect();
        all.extend(self.addresses());
        for address in all.iter().take(MAX_KEPT_LISTS) {
            let Ok(url) = Url::parse(address) else { continue };
            let request = Request::get(url)
                .with_header("accept", StatusFormat::accept())
                .with_max_response_bytes(MAX_TOKEN_BYTES);
            let done = match fetched(http, request).await {
                None => Err("list_unreachable"),
                Some(body) => {
                    self.take_status_token(address, &body, clock.now()).map_err(|error| error.code())
                }
            };
            note(address, done);
        }
        refreshed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn use_trust(&self, verified: Option<&VerifiedTrustList>) {
        let mut issuers = self.anchors.issuers.clone();
        let mut status_signers = self.anchors.status_signers.clone();
        let mut state = self.state();
        if let Some(verified) = verified {
            let listed = verified.anchors().clone();
            issuers.extend(listed.issuers);
            status_signers.extend(listed.status_signers);
            state.accepted = Some(verified.accepted());
            let list = verified.list();
            state.trust.trust_list = Some(TrustListDates {
                sequence_number: list.sequence_number,
                issued_at: list.issued_at,
                next_update: Some(list.next_update),
            });
        }
        state.trust.issuers = Arc::new(issuers);
        state.trust.status_signers = Arc::new(status_signers);
    }

    fn load_trust_list(&self) -> Result<(), ListsError> {
        let Some((head, signed)) = self.read(TRUST_LIST, MAX_TRUST_LIST_BYTES)? else { return Ok(()) };
        let signed = std::str::from_utf8(&signed).map_err(|_| TrustListError::Malformed)?;
        // As of then: how old it is by now is for the policy, not for the loader.
        let at = Instant::from_unix_seconds(head.fetched_at);
        let verified = SignedTrustList::parse(signed)?.verify(&self.anchors.trust_list_signers, None, at)?;
        self.use_trust(Some(&verified));
        Ok(())
    }

    fn load_status(&self) -> Result<(), ListsError> {
        let entries = std::fs::read_dir(&self.folder).map_err(|_| ListsError::Unreadable)?;
        let trust = self.trust();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let names = names.filter(|name| name.starts_with(STATUS_PREFIX) && !name.ends_with(".new"));
        // As many as are ever kept, and as many more that somebody else put there.
        for name in names.take(MAX_KEPT_LISTS * 2) {
            let code = match self.read(&name, MAX_TOKEN_BYTES) {
                Ok(Some((head, token))) => {
                    let at = Instant::from_unix_seconds(head.fetched_at);
                    match verified(&trust, &head.uri, &token, at) {
                        Ok((party, issued_at)) if is_name_of(&name, &head.uri, party, &trust) => {
                            let mut state = self.state();
                            let key = (head.uri, party);
                            let has_place =
                                state.status.len() < MAX_KEPT_LISTS || state.status.contains_key(&key);
                            let kept = Kept { issued_at, file: name };
                            if has_place && state.status.get(&key).is_none_or(|other| *other < kept) {
                                state.status.insert(key, kept);
                            }
                            continue;
                        }
                        Ok(_) => "status_file_misplaced",
                        Err(error) => error.code(),
                    }
                }
                Ok(None) => continue,
                Err(error) => error.code(),
            };
            self.state().unusable.push(Unusable { file: name, code });
        }
        Ok(())
    }

    fn write(&self, name: &str, uri: &str, now: Instant, body: &[u8]) -> Result<(), ListsError> {
        let head = Head { version: VERSION, uri: uri.to_owned(), fetched_at: now.unix_seconds() };
        let mut bytes = serde_json::to_vec(&head).map_err(|_| ListsError::Unwritable)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(body);
        files::write_atomically(&self.folder, name, &bytes).map_err(|_| ListsError::Unwritable)
    }

    fn read(&self, name: &str, limit: usize) -> Result<Option<(Head, Vec<u8>)>, ListsError> {
        let limit = (MAX_HEAD_BYTES + 1 + limit) as u64;
        let bytes =
            files::read_bounded(&self.folder.join(name), limit).map_err(|_| ListsError::Unreadable)?;
        let Some(bytes) = bytes else { return Ok(None) };
        let line = bytes.iter().take(MAX_HEAD_BYTES).position(|byte| *byte == b'\n');
        let (head, rest) = line
            .and_then(|line| bytes.split_at_checked(line))
            .and_then(|(head, rest)| Some((head, rest.split_first()?.1)))
            .ok_or(ListsError::Damaged)?;
        let head: Head = json::parse_strict(head, MAX_HEAD_BYTES)
            .ok()
            .and_then(|value| serde_json::from_value(value).ok())
            .filter(|head: &Head| head.version == VERSION)
            .ok_or(ListsError::Damaged)?;
        Ok(Some((head, rest.to_vec())))
    }
}

/// Under whose anchor the signer of a list stands that counts for any issuer, and when it was signed.
fn verified(trust: &Trust, uri: &str, token: &[u8], at: Instant) -> Result<([u8; 32], Instant), ListsError> {
    let token = StatusListToken::parse(StatusFormat::of_kept(token), token)?;
    let list = token.verify_for_any(uri, &trust.issuers, &trust.status_signers, at)?;
    Ok((list.party(), list.issued_at()))
}

fn status_file(uri: &str, signer: [u8; 32]) -> String {
    let name = [uri.as_bytes(), &signer].concat();
    format!("{STATUS_PREFIX}{}", base64url::encode(&crypto::sha256(&name)))
}

/// Whether a list of this address and authority is kept under this name: by its name and key, or, as older versions did, by one of the
/// certificates that are trusted.
fn is_name_of(name: &str, uri: &str, party: [u8; 32], trust: &Trust) -> bool {
    let issuers = trust.issuers.iter().map(|anchor| anchor.certificate().hash());
    let signers = trust.status_signers.iter().map(|anchor| anchor.certificate().hash());
    std::iter::once(party).chain(issuers).chain(signers).any(|one| status_file(uri, one) == name)
}

impl Lists for ListFolder {
    fn trust(&self) -> Trust {
        self.state().trust.clone()
    }

    fn status_token(&self, uri: &str, anchor: &TrustAnchor<Issuer>) -> Option<KeptToken> {
        let state = self.state();
        let mut dated: Vec<(Kept, [u8; 32])> = state
            .status
            .iter()
            .filter(|((known, _), _)| known == uri)
            .map(|((_, signer), kept)| (kept.clone(), *signer))
            .collect();
        let trust = state.trust.clone();
        drop(state);
        // Newest first: the issuer itself and a status signer may both have signed one.
        dated.sort_unstable_by(|left, right| right.cmp(left));
        let read = |kept: &Kept| {
            let (head, token) = self.read(&kept.file, MAX_TOKEN_BYTES).ok()??;
            let fetched_at = Instant::from_unix_seconds(head.fetched_at);
            (head.uri == uri).then_some(KeptToken { token, fetched_at })
        };
        let authority = StatusAuthority { credential: anchor, signers: &trust.status_signers };
        let reference = StatusReference::new(uri, 0).ok()?;
        let counts = |kept: &KeptToken| {
            let token = StatusListToken::parse(StatusFormat::of_kept(&kept.token), &kept.token);
            token.is_ok_and(|token| token.verify(&reference, &authority, kept.fetched_at).is_ok())
        };
        let mut lists = dated.iter().filter_map(|(kept, _)| read(kept));
        // Where none counts, the issuer's own says what is wrong with it.
        let own = || dated.iter().find(|(_, signer)| *signer == anchor.certificate().party());
        lists.find(counts).or_else(|| read(&own()?.0))
    }

    fn status_dates(&self) -> Vec<Instant> {
        self.state().status.values().map(|kept| kept.issued_at).collect()
    }
}

impl DeskMemory for ListFolder {
    fn load(&self) -> Result<DeskRecord, MemoryError> {
        let read = files::read_bounded(&self.folder.join(RECORD), MAX_RECORD_BYTES as u64);
        let Some(bytes) = read.map_err(|_| MemoryError::Unreadable)? else {
            return Ok(DeskRecord::default());
        };
        DeskRecord::from_kept(&bytes)
    }

    fn save(&self, record: &DeskRecord) -> Result<(), MemoryError> {
        let kept = record.to_kept()?;
        files::write_atomically(&self.folder, RECORD, kept.as_bytes()).map_err(|_| MemoryError::Unwritable)
    }
}
