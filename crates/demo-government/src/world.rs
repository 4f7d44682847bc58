//! Everything that the services share: data, keys, addresses, the state that lasts, what is stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::SystemEntropy;
use host::SystemClock;
use openid4vci::issuer::RefreshToken;
use primitives::{CivilDate, Clock, Instant};

use crate::desk::Desk;
use crate::error::GovernmentError;
use crate::papers::{Paper, Standing};
use crate::people::Country;
use crate::pki::Pki;
use crate::state::State;

/// The randomness of the government.
pub(crate) const ENTROPY: SystemEntropy = SystemEntropy;
/// The services beside the agencies.
pub(crate) const WALLET_PROVIDER: &str = "wallet-provider";
pub(crate) const TRUST: &str = "trust";
pub(crate) const STATUS: &str = "status";

/// Most refresh tokens of one agency.
const REFRESH_TOKENS_MAX: usize = 1000;

/// Where the government is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// The port of everything that a wallet calls, over TLS.
    pub https: u16,
    /// The port of the pages for the browser, plain http on 127.0.0.1.
    pub pages: u16,
}

impl Addresses {
    /// `https://SERVICE.localhost:PORT`.
    #[must_use]
    pub fn origin(&self, service: &str) -> String {
        format!("https://{service}.localhost:{}", self.https)
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn pages_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.pages)
    }
}

/// What the services share.
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) country: Country,
    pub(crate) pki: Pki,
    pub(crate) addresses: Addresses,
    pub(crate) desks: BTreeMap<String, Desk>,
    /// Who commands from another process or a page proves that it has read this.
    pub(crate) control: String,
    pub(crate) csrf: String,
    pub(crate) clock: Arc<dyn Clock>,
    state: Mutex<State>,
    stopped: Mutex<BTreeSet<String>>,
}

impl World {
    pub(crate) fn new(
        folder: PathBuf,
        country: Country,
        pki: Pki,
        addresses: Addresses,
        control: String,
        csrf: String,
        state: State,
    ) -> Result<Self, GovernmentError> {
        let mut desks = BTreeMap::new();
        for id in country.issuers.keys() {
            desks.insert(id.clone(), Desk::new(id, &country, &pki, addresses)?);
        }
        let stopped = Mutex::new(BTreeSet::new());
        let (clock, state) = (Arc::new(SystemClock), Mutex::new(state));
        Ok(Self { folder, country, pki, addresses, desks, control, csrf, clock, state, stopped })
    }

    /// The same by another clock.
    pub(crate) fn at(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn today(&self) -> CivilDate {
        CivilDate::of(self.now())
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and saves it; where it cannot be saved nothing has changed.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, GovernmentError>,
    ) -> Result<T, GovernmentError> {
        let mut state = self.state();
        let mut next = state.clone();
        let result = change(&mut next)?;
        next.save(&self.folder)?;
        *state = next;
        Ok(result)
    }

    /// The papers of a person, as they are today.
    pub(crate) fn papers_of(&self, person: &str) -> Result<Vec<Paper>, GovernmentError> {
        let person = self.country.person(person).ok_or(GovernmentError::UnknownPerson)?;
        let notices = self.state().notices.clone();
        Paper::of_person(person, &notices, self.today())
    }

    /// The paper with this id.
    pub(crate) fn paper(&self, id: &str) -> Result<Paper, GovernmentError> {
        for person in &self.country.personas {
            // ids begin with their person's
            if id.starts_with(&person.id) {
                let mut papers = self.papers_of(&person.id)?.into_iter();
                if let Some(paper) = papers.find(|paper| paper.id == id) {
                    return Ok(paper);
                }
            }
        }
        Err(GovernmentError::UnknownPaper)
    }

    /// Where a paper stands.
    pub(crate) fn standing(&self, paper: &Paper) -> Standing {
        self.state().standings.get(&paper.id).copied().unwrap_or(paper.initial)
    }

    /// Says where a paper stands from now on; of a notice that is paid also the day.
    pub(crate) fn set_standing(&self, paper: &str, standing: Standing) -> Result<(), GovernmentError> {
        let now = self.now();
        self.change(|state| {
            state.standings.insert(paper.to_owned(), standing);
            if standing == Standing::Paid {
                state.paid.entry(paper.to_owned()).or_insert(now);
            } else {
                state.paid.remove(paper);
            }
            Ok(())
        })
    }

    /// The day on which a notice was paid, if it was.
    pub(crate) fn paid_on(&self, paper: &Paper) -> Option<CivilDate> {
        self.state().paid.get(&paper.id).copied().map(CivilDate::of)
    }

    /// Takes a notice for paid, by its electronic payment number: as if the money had come with the approval.
    pub(crate) fn pay(&self, notice_number: &str) -> Result<(), GovernmentError> {
        self.set_standing(&self.notice(notice_number)?.id, Standing::Paid)
    }

    /// The notice with this number.
    pub(crate) fn notice(&self, number: &str) -> Result<Paper, GovernmentError> {
        let is_meant = |paper: &Paper| {
            paper.claims().get("ePayNumber").and_then(serde_json::Value::as_str) == Some(number)
        };
        for person in &self.country.personas {
            if let Some(paper) = self.papers_of(&person.id)?.into_iter().find(is_meant) {
                return Ok(paper);
            }
        }
        Err(GovernmentError::UnknownPaper)
    }

    /// The refresh token that an agency keeps under this key.
    pub(crate) fn refresh_token(&self, agency: &str, key: &str) -> Option<RefreshToken> {
        self.state().refresh.get(agency)?.get(key).map(|(token, _)| token.clone())
    }

    /// Keeps a refresh token; the one that ends first makes room.
    pub(crate) fn keep_refresh_token(
        &self,
        agency: &str,
        token: RefreshToken,
        until: Instant,
    ) -> Result<(), GovernmentError> {
        let now = self.now();
        self.change(|state| {
            let kept = state.refresh.entry(agency.to_owned()).or_default();
            kept.retain(|_, (_, end)| *end > now);
            while kept.len() >= REFRESH_TOKENS_MAX {
                let first = kept.iter().min_by_key(|(_, (_, end))| *end).map(|(key, _)| key.clone());
                kept.remove(&first.ok_or(GovernmentError::Full)?);
            }
            kept.insert(token.key().to_owned(), (token, until));
            Ok(())
        })
    }

    /// Every service that can be stopped: agencies, the three beside them, verifiers.
    pub(crate) fn services(&self) -> Vec<String> {
        let beside = [WALLET_PROVIDER, TRUST, STATUS].map(str::to_owned);
        let verifiers = self.country.verifiers.iter().filter_map(|it| it.get("id")?.as_str());
        self.desks.keys().cloned().chain(beside).chain(verifiers.map(str::to_owned)).collect()
    }

    pub(crate) fn is_stopped(&self, service: &str) -> bool {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner).contains(service)
    }

    pub(crate) fn set_stopped(&self, service: &str, stop: bool) -> Result<(), GovernmentError> {
        if !self.services().iter().any(|known| known == service) {
            return Err(GovernmentError::UnknownService);
        }
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if stop {
            stopped.insert(service.to_owned());
        } else {
            stopped.remove(service);
        }
        Ok(())
    }
}
