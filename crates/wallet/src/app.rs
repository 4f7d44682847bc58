//! The application's one value: the vault, locked or not, the profile, the ports and the flows that are under way.
//!
//! Locking is immediate and never waits for the network or the keyring: what blocks (keyring, Argon2id) is done on a
//! vault that was taken out of the state, and a lock that comes meanwhile wins.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use primitives::{Entropy, Instant};
use tokio::sync::Notify;
use vault::{
    LockedVault, OpenError, Passphrase, ProfileHash, SecretStoreError, StoreError, Transaction, UnlockError,
    UnlockedVault,
};

use crate::error::WalletError;
use crate::flow::{Session, Sessions};
use crate::held::Shelves;
use crate::input::Inputs;
use crate::ports::Ports;
use crate::present::{ConsentSession, settle_expired, settle_unfinished};
use crate::profile::{Anchors, Profile};
use crate::settings::SettingsFile;
use crate::trust_list::ListInUse;
use crate::view::{KeyringProblem, NetworkView, Settings, VaultProblem, WalletState};

/// The wallet, shared by the window, the command line and the tests.
pub struct Wallet {
    pub(crate) ports: Ports,
    pub(crate) profile: Arc<Profile>,
    folder: PathBuf,
    state: Mutex<State>,
    /// Wakes every call that waits for the network when the wallet locks.
    pub(crate) locked: Notify,
    /// Deferred papers are asked for by one at a time: an issuer gives each once.
    pub(crate) polling: tokio::sync::Mutex<()>,
    /// Tokens are exchanged one at a time: one that is exchanged twice at once is taken for a stolen one. Taken while `polling` is
    /// held, never the other way round.
    pub(crate) granting: tokio::sync::Mutex<()>,
}

pub(crate) struct State {
    pub(crate) vault: VaultState,
    /// Counts locks: what began before one may not end after it as if nothing had been.
    pub(crate) epoch: u64,
    pub(crate) settings: Settings,
    pub(crate) network: NetworkView,
    /// The profile's anchors with those of the trust list in use.
    pub(crate) anchors: Arc<Anchors>,
    /// The trust list in use.
    pub(crate) trust_list: Option<ListInUse>,
    /// The latest time that somebody signed, as the vault has it; `None` while it is locked.
    pub(crate) signed_time: Option<Instant>,
    /// Papers as read from the vault; empty while it is locked.
    pub(crate) shelves: Shelves,
    /// What was read and waits for a yes.
    pub(crate) inputs: Inputs,
    /// Flows under way.
    pub(crate) sessions: Sessions,
    /// How much is under way that would be lost if the vault were away.
    pub(crate) working: usize,
}

/// Where the vault is.
pub(crate) enum VaultState {
    Absent,
    Locked(LockedVault),
    /// Taken out by a call that blocks.
    Busy {
        lock_asked: bool,
    },
    Unlocked(Box<UnlockedVault>),
    Problem(VaultProblem),
}

/// Where the numbers of inputs and flows begin: elsewhere in each process, so that a yes that was said to a screen of an earlier
/// process (a second program that stayed open) never meets another flow. Without randomness nothing can be signed anyway.
fn first_number(entropy: &dyn Entropy) -> u64 {
    let mut bytes = [0; 8];
    match entropy.fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes) >> 1,
        Err(_) => 0,
    }
}

impl Wallet {
    /// Looks into the data folder. The file lock is the caller's: one process at a time.
    ///
    /// A folder that cannot be read is a state of the wallet, not an error: the screen says so.
    #[must_use]
    pub fn open(ports: Ports, profile: Profile, folder: &Path) -> Self {
        let vault = match LockedVault::open(folder) {
            Ok(locked) if locked.profile() != ProfileHash::new(profile.hash()) => {
                VaultState::Problem(VaultProblem::OtherProfile)
            }
            Ok(locked) => VaultState::Locked(locked),
            Err(OpenError::NoVault) => VaultState::Absent,
            Err(OpenError::NewerVersion { .. }) => VaultState::Problem(VaultProblem::Newer),
            Err(_) => VaultState::Problem(VaultProblem::Damaged),
        };
        let anchors = Arc::new(profile.anchors.clone());
        let first = first_number(ports.entropy.as_ref());
        let state = State {
            vault,
            epoch: 0,
            settings: SettingsFile::at(folder).read(),
            network: NetworkView::Unknown,
            anchors,
            trust_list: None,
            signed_time: None,
            shelves: Shelves::default(),
            inputs: Inputs::numbered_from(first),
            sessions: Sessions::numbered_from(first),
            working: 0,
        };
        Self {
            ports,
            profile: Arc::new(profile),
            folder: folder.to_owned(),
            state: Mutex::new(state),
            locked: Notify::new(),
            polling: tokio::sync::Mutex::new(()),
            granting: tokio::sync::Mutex::new(()),
        }
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The state. A thread that panicked while it held the lock left a state whose parts are each whole.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Instant {
        self.ports.clock.now()
    }

    /// Makes key and vault. Blocks for the keyring.
    ///
    /// # Errors
    /// [`WalletError`]; the folder then holds no vault, or the one it held before.
    pub fn initialize(&self) -> Result<(), WalletError> {
        {
            let mut state = self.state();
            match state.vault {
                VaultState::Absent => state.vault = VaultState::Busy { lock_asked: false },
                VaultState::Busy { .. } => return Err(WalletError::Busy),
                _ => return Err(WalletError::AlreadySetUp),
            }
        }
        let made = UnlockedVault::create(
            &self.folder,
            self.ports.secrets.as_ref(),
            None,
            ProfileHash::new(self.profile.hash()),
            self.ports.entropy.as_ref(),
        );
        let mut state = self.state();
        match made {
            // A lock that came meanwhile wins.
            Ok(vault) if matches!(state.vault, VaultState::Busy { lock_asked: true }) => {
                state.vault = VaultState::Locked(vault.lock());
                Err(WalletError::Locked)
            }
            Ok(vault) => {
                state.vault = VaultState::Unlocked(Box::new(vault));
                Ok(())
            }
            Err(error) => {
                state.vault = VaultState::Absent;
                Err(error.into())
            }
        }
    }

    /// Unlocks. Blocks for the keyring and, with a passphrase, for Argon2id.
    ///
    /// # Errors
    /// [`WalletError`]; the wallet then stays locked.
    pub fn unlock(&self, passphrase: Option<String>) -> Result<(), WalletError> {
        let passphrase = match passphrase {
            None => None,
            Some(typed) => Some(Passphrase::new(typed).ok_or(WalletError::PassphraseNeeded)?),
        };
        let locked = {
            let mut state = self.state();
            match std::mem::replace(&mut state.vault, VaultState::Busy { lock_asked: false }) {
                VaultState::Locked(locked) => locked,
                other => {
                    let answer = match &other {
                        VaultState::Unlocked(_) => Ok(()),
                        VaultState::Absent => Err(WalletError::NotSetUp),
                        VaultState::Problem(VaultProblem::OtherProfile) => Err(WalletError::OtherProfile),
                        VaultState::Problem(_) => Err(WalletError::Unlock(UnlockError::Damaged)),
                        VaultState::Busy { .. } | VaultState::Locked(_) => Err(WalletError::Busy),
                    };
                    state.vault = other;
                    return answer;
                }
            }
        };
        let unlocked = locked.unlock(self.ports.secrets.as_ref(), passphrase.as_ref(), self.now());
        let mut state = self.state();
        let lock_asked = matches!(state.vault, VaultState::Busy { lock_asked: true });
        match unlocked {
            Ok(vault) if lock_asked => {
                state.vault = VaultState::Locked(vault.lock());
                Err(WalletError::Locked)
            }
            Ok(mut vault) => {
                // The header is not authenticated, the database is: its word on the profile counts.
                if vault.profile() != ProfileHash::new(self.profile.hash()) {
                    drop(vault.lock());
                    state.vault = VaultState::Problem(VaultProblem::OtherProfile);
                    return Err(WalletError::OtherProfile);
                }
                // What a lock or a crash in the middle of something left behind, before anything new begins. That it could not be
                // put right is no reason to stay locked.
                let _ = vault.transaction(|transaction| {
                    settle_unfinished(transaction)?;
                    transaction.release_abandoned_keys()
                });
                state.vault = VaultState::Unlocked(Box::new(vault));
                drop(state);
                self.after_unlock();
                Ok(())
            }
            Err(failure) => {
                state.vault = VaultState::Locked(failure.vault);
                Err(failure.error.into())
            }
        }
    }

    /// Locks at once: keys are wiped, the database is closed, papers in memory are dropped.
    pub fn lock(&self) {
        let mut state = self.state();
        state.epoch = state.epoch.wrapping_add(1);
        state.shelves = Shelves::default();
        state.signed_time = None;
        state.sessions.stop_all();
        self.locked.notify_waiters();
        state.vault = match std::mem::replace(&mut state.vault, VaultState::Absent) {
            VaultState::Unlocked(vault) => VaultState::Locked(vault.lock()),
            VaultState::Busy { .. } => VaultState::Busy { lock_asked: true },
            other => other,
        };
    }

    /// What an open vault is asked first. None of it is a reason to stay locked: what is broken says so where it is used.
    fn after_unlock(&self) {
        let _ = self.load_trust_list();
        if let Ok(signed) = self.read(|transaction| transaction.latest_signed_time()) {
            self.state().signed_time = signed;
        }
        let now = self.known_now();
        let _ = self.transaction(|transaction| settle_expired(transaction, now));
    }

    /// Counts locks: what began under one number does not go on under another.
    pub(crate) fn epoch(&self) -> Result<u64, WalletError> {
        let mut state = self.state();
        state.unlocked()?;
        Ok(state.epoch)
    }

    /// Keeps a flow that waits for the citizen, unless the wallet was locked since it began.
    pub(crate) fn keep_session(&self, epoch: u64, session: Session) -> Result<String, WalletError> {
        let mut state = self.state();
        state.unlocked()?;
        if state.epoch != epoch {
            return Err(WalletError::Locked);
        }
        Ok(state.sessions.keep(session))
    }

    /// Puts a choice back that was taken to be answered, unless the wallet was locked since: what a lock dropped stays dropped.
    pub(crate) fn return_consent(
        &self,
        epoch: u64,
        id: &str,
        session: Box<ConsentSession>,
    ) -> Result<(), WalletError> {
        let mut state = self.state();
        state.unlocked_since(epoch)?;
        state.sessions.put_back(id, Session::Consent(session));
        Ok(())
    }

    /// Whether the wallet was locked since this number was read.
    pub(crate) fn was_locked_since(&self, epoch: u64) -> bool {
        let state = self.state();
        state.epoch != epoch || !matches!(state.vault, VaultState::Unlocked(_))
    }

    /// The time, and never earlier than what somebody signed and we verified: a clock that was set back revives nothing.
    pub(crate) fn known_now(&self) -> Instant {
        let now = self.now();
        self.state().signed_time.map_or(now, |signed| now.max(signed))
    }

    /// Remembers a time that somebody signed, within a transaction that stores what they signed.
    pub(crate) fn saw_signed_time(&self, signed: Instant) {
        let mut state = self.state();
        state.signed_time = Some(state.signed_time.map_or(signed, |known| known.max(signed)));
    }

    /// Whether the wallet is unlocked.
    #[must_use]
    pub fn is_unlocked(&self) -> bool {
        matches!(self.state().vault, VaultState::Unlocked(_))
    }

    /// Whether a passphrase is set.
    #[must_use]
    pub fn has_passphrase(&self) -> bool {
        match &self.state().vault {
            VaultState::Unlocked(vault) => vault.has_passphrase(),
            VaultState::Locked(vault) => vault.needs_passphrase(),
            VaultState::Absent | VaultState::Busy { .. } | VaultState::Problem(_) => false,
        }
    }

    /// Where the wallet stands. A keyring that was found wanting is the last error of [`Self::unlock`].
    #[must_use]
    pub fn wallet_state(&self) -> WalletState {
        match &self.state().vault {
            VaultState::Absent => WalletState::NeedsSetup,
            VaultState::Locked(vault) => {
                let attempts = vault.attempts();
                WalletState::Locked {
                    failed_attempts: attempts.begun,
                    wait_seconds: u64::from(attempts.wait(self.now())),
                }
            }
            VaultState::Busy { .. } => WalletState::KeyringProblem { problem: KeyringProblem::Waiting },
            VaultState::Unlocked(_) => WalletState::Unlocked,
            VaultState::Problem(problem) => WalletState::VaultProblem { problem: *problem },
        }
    }

    /// Sets, changes or removes the passphrase: `present` where one is set, `new` where one is wanted. Blocks for the
    /// keyring and for Argon2id; the wallet is busy meanwhile.
    ///
    /// # Errors
    /// [`WalletError`]; the passphrase then is as it was.
    pub fn set_passphrase(&self, present: Option<String>, new: Option<String>) -> Result<(), WalletError> {
        let typed = |text: Option<String>| match text {
            None => Ok(None),
            Some(text) => Passphrase::new(text).map(Some).ok_or(WalletError::PassphraseNeeded),
        };
        let (present, new) = (typed(present)?, typed(new)?);
        let mut vault = self.take_unlocked()?;
        let (secrets, entropy) = (self.ports.secrets.as_ref(), self.ports.entropy.as_ref());
        let changed = match (&present, &new) {
            (None, Some(new)) => vault.set_passphrase(secrets, new, entropy).map(drop),
            (Some(present), Some(new)) => {
                vault.change_passphrase(secrets, present, new, entropy, self.now()).map(drop)
            }
            (Some(present), None) => vault.remove_passphrase(secrets, present, entropy, self.now()).map(drop),
            (None, None) => return self.put_back(vault, Err(WalletError::PassphraseNeeded)),
        };
        self.put_back(vault, changed.map_err(WalletError::from))
    }

    fn take_unlocked(&self) -> Result<Box<UnlockedVault>, WalletError> {
        let mut state = self.state();
        // What is being received could not be stored meanwhile, and no issuer gives it twice.
        if state.working > 0 && matches!(state.vault, VaultState::Unlocked(_)) {
            return Err(WalletError::Busy);
        }
        match std::mem::replace(&mut state.vault, VaultState::Busy { lock_asked: false }) {
            VaultState::Unlocked(vault) => Ok(vault),
            other => {
                let error = match &other {
                    VaultState::Absent => WalletError::NotSetUp,
                    VaultState::Busy { .. } => WalletError::Busy,
                    _ => WalletError::Locked,
                };
                state.vault = other;
                Err(error)
            }
        }
    }

    fn put_back<T>(
        &self,
        vault: Box<UnlockedVault>,
        result: Result<T, WalletError>,
    ) -> Result<T, WalletError> {
        let mut state = self.state();
        state.vault = if matches!(state.vault, VaultState::Busy { lock_asked: true }) {
            VaultState::Locked(vault.lock())
        } else {
            VaultState::Unlocked(vault)
        };
        result
    }

    /// One transaction on the open vault: stored whole or not at all.
    pub(crate) fn transaction<T>(
        &self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, WalletError> {
        self.state().unlocked()?.transaction(body).map_err(WalletError::Store)
    }

    /// The same, unless the wallet was locked since this number was read.
    pub(crate) fn transaction_since<T>(
        &self,
        epoch: u64,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, WalletError> {
        let mut state = self.state();
        let vault = state.unlocked_since(epoch)?;
        vault.transaction(body).map_err(WalletError::Store)
    }

    /// One reading of the open vault.
    pub(crate) fn read<T>(
        &self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, WalletError> {
        self.state().unlocked()?.read(body).map_err(WalletError::Store)
    }
}

impl State {
    /// The open vault, for what began under this number.
    pub(crate) fn unlocked_since(&mut self, epoch: u64) -> Result<&mut UnlockedVault, WalletError> {
        // Locked meanwhile, and perhaps unlocked again.
        if self.epoch == epoch { self.unlocked() } else { Err(WalletError::Locked) }
    }

    pub(crate) fn unlocked(&mut self) -> Result<&mut UnlockedVault, WalletError> {
        match &mut self.vault {
            VaultState::Unlocked(vault) => Ok(vault),
            VaultState::Absent => Err(WalletError::NotSetUp),
            VaultState::Busy { .. } => Err(WalletError::Busy),
            VaultState::Problem(VaultProblem::OtherProfile) => Err(WalletError::OtherProfile),
            VaultState::Locked(_) | VaultState::Problem(_) => Err(WalletError::Locked),
        }
    }
}

/// What a screen says of a keyring that gave nothing.
#[must_use]
pub fn keyring_problem(error: SecretStoreError) -> KeyringProblem {
    match error {
        SecretStoreError::NoService | SecretStoreError::NoCollection => KeyringProblem::NoService,
        SecretStoreError::Locked | SecretStoreError::TimedOut => KeyringProblem::Locked,
        SecretStoreError::NoEntry => KeyringProblem::Missing,
        _ => KeyringProblem::Refused,
    }
}
