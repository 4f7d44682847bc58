//! What lasts over restarts: standings of papers, notices of the console, the index of issued copies, ports. Written whole or not at all.

use std::collections::BTreeMap;
use std::path::Path;

use openid4vci::issuer::RefreshToken;
use primitives::Instant;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vault::files;

use crate::error::GovernmentError;
use crate::papers::{AddedNotice, Standing};

/// The file with the state.
const STATE_FILE: &str = "state.json";
/// The file with the ports; another process reads it to attach.
pub(crate) const PORTS_FILE: &str = "ports.json";
/// The profile for wallets.
pub(crate) const PROFILE_FILE: &str = "profile.json";
/// The trust list as it was signed last.
pub(crate) const TRUST_LIST_FILE: &str = "trust-list.jwt";
/// The largest file that is read, in bytes.
pub(crate) const FILE_MAX_BYTES: u64 = 32 * 1024 * 1024;
const VERSION: u32 = 1;

/// One issued copy, by its place in its agency's status list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IssuedCopy {
    /// The paper that it is a copy of.
    pub(crate) paper: String,
    /// When it ends; its place can be used again some time after.
    pub(crate) until: Instant,
}

/// The state.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    version: u32,
    /// When this government was started for the first time.
    pub(crate) first_started: Instant,
    /// Standings that the console changed, by paper.
    pub(crate) standings: BTreeMap<String, Standing>,
    /// When notices were paid, by paper.
    #[serde(default)]
    pub(crate) paid: BTreeMap<String, Instant>,
    /// Notices that the console added.
    pub(crate) notices: Vec<AddedNotice>,
    /// The number of the next one.
    pub(crate) next_notice: u32,
    /// Issued copies, by agency and place.
    pub(crate) issued: BTreeMap<String, BTreeMap<u64, IssuedCopy>>,
    /// Refresh tokens by agency and hash, each with its end: copies are fetched anew after a restart too.
    #[serde(default)]
    pub(crate) refresh: BTreeMap<String, BTreeMap<String, (RefreshToken, Instant)>>,
}

/// The ports and the token that a second process needs.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ports {
    /// TLS: agencies, wallet provider, lists, verifiers.
    pub(crate) https: u16,
    /// Plain http: pages for the browser.
    pub(crate) pages: u16,
    /// Another one at each start; who can read this file is this user and may command.
    pub(crate) control: String,
}

impl State {
    pub(crate) fn load(folder: &Path, now: Instant) -> Result<Self, GovernmentError> {
        match read_json::<Self>(folder, STATE_FILE)? {
            Some(state) if state.version == VERSION => Ok(state),
            Some(_) => Err(GovernmentError::Damaged),
            None => Ok(Self {
                version: VERSION,
                first_started: now,
                standings: BTreeMap::new(),
                paid: BTreeMap::new(),
                notices: Vec::new(),
                next_notice: 1,
                issued: BTreeMap::new(),
                refresh: BTreeMap::new(),
            }),
        }
    }

    pub(crate) fn save(&self, folder: &Path) -> Result<(), GovernmentError> {
        write_json(folder, STATE_FILE, self)
    }
}

pub(crate) fn read_json<T: DeserializeOwned>(
    folder: &Path,
    name: &str,
) -> Result<Option<T>, GovernmentError> {
    let Some(bytes) = files::read_bounded(&folder.join(name), FILE_MAX_BYTES)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| GovernmentError::Damaged)
}

pub(crate) fn write_json<T: Serialize>(folder: &Path, name: &str, value: &T) -> Result<(), GovernmentError> {
    let bytes = serde_json::to_vec(value).map_err(|_| GovernmentError::Files)?;
    Ok(files::write_atomically(folder, name, &bytes)?)
}
