use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crypto::SystemEntropy;
use demo_government::Government;
use host::http::PortSet;
use host::lock::FolderLock;
use host::{
    AddressPolicy, FileSecretStore, HttpClient, KeyringSecretStore, SystemClock, SystemPages, TlsRoots,
};
use vault::{LockedVault, SecretStore, UnlockError};
use wallet::profile::{Loopback, Profile};
use wallet::{Ports, Wallet, WalletError};

use crate::profile::{Kind, Plan, Remembered, plan};
use crate::{LaunchError, Options, Reach, SecretStoreChoice, data_folder, government};

/// How long a government that ran here is waited for.
const CLOSING_LIMIT: Duration = Duration::from_secs(5);
/// Folder of `--secret-store file` within the data folder.
const SECRETS_FOLDER: &str = "secrets";

/// A wallet, and what must live as long as it does.
pub struct Launched {
    /// The wallet.
    pub wallet: Arc<Wallet>,
    /// The demo government, started here or attached to; absent with another profile and for [`Reach::FolderOnly`].
    pub government: Option<Government>,
    /// The keyring, where that is the secret store: whether it is still asking the person.
    pub keyring: Option<Arc<KeyringSecretStore>>,
    secrets: Arc<dyn SecretStore>,
    profile: Remembered,
    lock: FolderLock,
}

impl Launched {
    /// Makes key and vault and remembers the profile. Blocks for the keyring.
    ///
    /// # Errors
    /// [`LaunchError`]; the folder then holds no vault, or the one it held before.
    pub fn initialize(&self) -> Result<(), LaunchError> {
        // First the profile: a vault without its profile would be a riddle, a profile without a vault is a first run.
        if self.wallet.wallet_state() == wallet::view::WalletState::NeedsSetup {
            self.profile.write(self.lock.folder())?;
        }
        Ok(self.wallet.initialize()?)
    }

    /// Locks the wallet and forgets its key: what lies in the folder can never be opened again. For the demonstration, which
    /// leaves nothing behind.
    ///
    /// # Errors
    /// [`LaunchError`]; the key then may still be there.
    pub fn forget_key(&self) -> Result<(), LaunchError> {
        self.wallet.lock();
        let vault = LockedVault::open(self.lock.folder()).map_err(WalletError::from)?;
        Ok(self
            .secrets
            .delete(&vault.wallet_id())
            .map_err(|error| WalletError::Unlock(UnlockError::SecretStore(error)))?)
    }

    /// Closes everything: the wallet is locked, a government that ran here is stopped, and the folder is free again.
    pub async fn close(self) {
        self.wallet.lock();
        if let Some(government) = self.government {
            // It ends with this process in any case.
            let _ = tokio::time::timeout(CLOSING_LIMIT, government.stop()).await;
        }
    }

    /// The lock on the data folder.
    #[must_use]
    pub fn lock(&self) -> &FolderLock {
        &self.lock
    }

    /// Whether the profile is that of the demo government.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.profile.kind == Kind::Demo
    }
}

/// Takes the folder's lock, reads the profile, and opens the wallet. Needs a tokio runtime.
///
/// # Errors
/// [`LaunchError`]; [`host::lock::LockError::InUse`] where another process holds the folder.
pub async fn launch(options: Options) -> Result<Launched, LaunchError> {
    let folder = data_folder(options.data.as_deref())?;
    let lock = FolderLock::acquire(&folder)?;
    let (profile, government) = match plan(options.profile.as_ref(), Remembered::read(&folder)?)? {
        Plan::Text(remembered) if remembered.kind == Kind::Demo && options.reach == Reach::OtherSides => {
            // What is remembered stays what counts: a government with other keys is another profile, and the vault says so.
            let government = government::start(options.government_folder.as_deref()).await?;
            (remembered, Some(government))
        }
        Plan::Text(remembered) => (remembered, None),
        // Nothing was ever set up here, and nothing is started to say so.
        Plan::AskGovernment if options.reach == Reach::FolderOnly => return Err(WalletError::NotSetUp.into()),
        Plan::AskGovernment => {
            let government = government::start(options.government_folder.as_deref()).await?;
            (Remembered::new(Kind::Demo, government.profile_json().to_owned()), Some(government))
        }
    };
    if let Some(government) = &government
        && government.profile_json() != profile.text
    {
        return Err(WalletError::OtherProfile.into());
    }
    let parsed = Profile::parse(profile.text.as_bytes())?;
    let policy = address_policy(&parsed);
    let roots = TlsRoots { named: parsed.tls_roots.clone(), system: parsed.system_tls_roots };
    let keyring =
        (options.secret_store == SecretStoreChoice::Keyring).then(|| Arc::new(KeyringSecretStore::default()));
    let secrets = secrets(keyring.as_ref(), &folder);
    let ports = Ports {
        http: Arc::new(HttpClient::new(policy.clone(), &roots)?),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        secrets: Arc::clone(&secrets),
        pages: options
            .pages
            .unwrap_or_else(|| Arc::new(SystemPages::new(policy).at_port(parsed.redirect_port))),
    };
    let wallet = Arc::new(Wallet::open(ports, parsed, &folder));
    Ok(Launched { wallet, government, keyring, secrets, profile, lock })
}

fn secrets(keyring: Option<&Arc<KeyringSecretStore>>, folder: &Path) -> Arc<dyn SecretStore> {
    match keyring {
        Some(keyring) => Arc::clone(keyring) as Arc<dyn SecretStore>,
        None => Arc::new(FileSecretStore::new(folder.join(SECRETS_FOLDER))),
    }
}

/// What may be called, as the profile says.
fn address_policy(profile: &Profile) -> AddressPolicy {
    match &profile.loopback {
        Loopback::Refused => AddressPolicy::public_only(),
        Loopback::Allowed { ports, plain_http } => {
            let ports =
                if ports.is_empty() { PortSet::Any } else { PortSet::These(ports.iter().copied().collect()) };
            AddressPolicy::with_loopback(ports, *plain_http)
        }
    }
}
