//! The OS keyring: Secret Service, Keychain, Credential Manager, through `keyring-core`.
//!
//! A locked Secret Service with a display opens a system prompt and blocks its caller until the person answers. So each call runs on
//! a thread of its own and is waited for a few seconds; then the caller is told, and the prompt stays. The next call waits for that
//! one to end first, so that there is never more than one prompt. A collection is not created here: that would ask the person for a
//! new keyring password in our name; [`SecretStoreError::NoCollection`] says what is missing.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keyring_core::{CredentialStore, Entry, Error};
use vault::{SecretItem, SecretStore, SecretStoreError, WalletId};

/// The keyring's service name (decision 0001).
pub const KEYRING_SERVICE: &str = "citizen-wallet";

/// How long a call may take before the caller is told: 4 seconds, so that a command says so within 5.
pub const DEFAULT_KEYRING_LIMIT: Duration = Duration::from_secs(4);

/// What the person sees in a keyring manager.
#[cfg(target_os = "linux")]
const LABEL: &str = "Citizen Wallet 시민지갑";

/// The keyring of this computer.
#[derive(Debug)]
pub struct KeyringSecretStore {
    limit: Duration,
    /// A call that outlived its limit; it sends `()` or hangs up when it ends.
    pending: Mutex<Option<Receiver<()>>>,
}

impl Default for KeyringSecretStore {
    fn default() -> Self {
        Self::new(DEFAULT_KEYRING_LIMIT)
    }
}

impl KeyringSecretStore {
    /// A store whose calls are waited for at most this long.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { limit, pending: Mutex::new(None) }
    }

    /// Whether a call that outlived its limit still runs: most likely a system prompt waits for the person.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let mut pending = self.pending();
        match pending.as_ref().map(Receiver::try_recv) {
            None => false,
            Some(Err(std::sync::mpsc::TryRecvError::Empty)) => true,
            Some(_) => {
                *pending = None;
                false
            }
        }
    }

    fn call<T: Send + 'static>(
        &self,
        id: &WalletId,
        act: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, SecretStoreError> {
        let deadline = Instant::now() + self.limit;
        // Held over the whole call: one at a time.
        let mut pending = self.pending();
        if let Some(earlier) = pending.as_ref() {
            if earlier.recv_timeout(self.limit) == Err(RecvTimeoutError::Timeout) {
                return Err(SecretStoreError::TimedOut);
            }
            *pending = None;
        }
        let (answer, answered) = channel();
        let (end, ended) = channel();
        let user = id.to_string();
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                // The receiver may be gone by then.
                let _ = answer.send(entry(&user).and_then(|entry| act(&entry).map_err(|error| told(&error))));
                let _ = end.send(());
            })
            .map_err(|_| SecretStoreError::Failed)?;
        match answered.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                *pending = Some(ended);
                Err(SecretStoreError::TimedOut)
            }
            Err(RecvTimeoutError::Disconnected) => Err(SecretStoreError::Failed),
        }
    }

    fn pending(&self) -> MutexGuard<'_, Option<Receiver<()>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for KeyringSecretStore {
    fn load(&self, id: &WalletId) -> Result<SecretItem, SecretStoreError> {
        let bytes = self.call(id, |entry| entry.get_secret())?;
        SecretItem::new(bytes).ok_or(SecretStoreError::Unusable)
    }

    fn save(&self, id: &WalletId, item: &SecretItem) -> Result<(), SecretStoreError> {
        let item = item.clone();
        self.call(id, move |entry| entry.set_secret(item.expose()))
    }

    fn delete(&self, id: &WalletId) -> Result<(), SecretStoreError> {
        self.call(id, |entry| entry.delete_credential())
    }
}

/// The entry of a wallet. A store that cannot be reached at all is no service.
fn entry(user: &str) -> Result<Entry, SecretStoreError> {
    let store = platform_store().map_err(|error| match told(&error) {
        SecretStoreError::Failed => SecretStoreError::NoService,
        other => other,
    })?;
    #[cfg(target_os = "linux")]
    let modifiers = Some(std::collections::HashMap::from([("label", LABEL)]));
    #[cfg(not(target_os = "linux"))]
    let modifiers: Option<std::collections::HashMap<&str, &str>> = None;
    store.build(KEYRING_SERVICE, user, modifiers.as_ref()).map_err(|error| told(&error))
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn platform_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn platform_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// What a keyring's error means, as measured with gnome-keyring (`tests/keyring.rs` plays each case).
fn told(error: &Error) -> SecretStoreError {
    match error {
        Error::NoEntry => SecretStoreError::NoEntry,
        Error::NoStorageAccess(cause) => platform_cause(cause.as_ref()).unwrap_or(SecretStoreError::Locked),
        Error::PlatformFailure(cause) => platform_cause(cause.as_ref()).unwrap_or(SecretStoreError::Failed),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) | Error::Ambiguous(_) => {
            SecretStoreError::Unusable
        }
        _ => SecretStoreError::Failed,
    }
}

#[cfg(target_os = "linux")]
fn platform_cause(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<SecretStoreError> {
    use secret_service::Error as Cause;
    match cause.downcast_ref::<Cause>()? {
        Cause::Locked | Cause::Prompt | Cause::PromptDisconnected => Some(SecretStoreError::Locked),
        // No default collection: the alias leads nowhere.
        Cause::NoResult => Some(SecretStoreError::NoCollection),
        Cause::Unavailable => Some(SecretStoreError::NoService),
        // The service names its refusals in the error's name; the type is not re-exported, so its text is looked at.
        other => {
            let text = other.to_string();
            let says = |word: &str| text.contains(word);
            if says("Secret.Error.IsLocked") {
                Some(SecretStoreError::Locked)
            } else if says("ServiceUnknown") || says("NameHasNoOwner") || says("Disconnected") {
                Some(SecretStoreError::NoService)
            } else if says("AccessDenied") {
                Some(SecretStoreError::Denied)
            } else {
                None
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn platform_cause(_: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<SecretStoreError> {
    None
}
