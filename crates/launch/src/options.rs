use std::path::PathBuf;
use std::sync::Arc;

use primitives::Pages;

/// Which profile was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileChoice {
    /// The demo government of this program.
    Demo,
    /// A profile file.
    File(PathBuf),
}

impl ProfileChoice {
    /// `demo`, or the path of a file. A file of that name is `./demo`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text == "demo" { Self::Demo } else { Self::File(PathBuf::from(text)) }
    }
}

/// Where the wallet secret is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretStoreChoice {
    /// The keyring of this computer.
    #[default]
    Keyring,
    /// A file in the data folder; `host::FileSecretStore` says what that gives up.
    File,
}

/// What the wallet is opened for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// The other sides are called: with the demo profile its government is started, or attached to where it runs already.
    #[default]
    OtherSides,
    /// Only what is in the folder is looked at. A demo wallet that was set up once needs no government for that.
    FolderOnly,
}

/// How to open the wallet.
#[derive(Clone, Default)]
pub struct Options {
    /// The data folder; the platform's if absent (decision 0001).
    pub data: Option<PathBuf>,
    /// The profile; the one that the folder remembers if absent, and `demo` where it remembers none.
    pub profile: Option<ProfileChoice>,
    /// Where the wallet secret is kept.
    pub secret_store: SecretStoreChoice,
    /// What the wallet is opened for.
    pub reach: Reach,
    /// Where the demo government keeps its keys and lists; its own folder if absent.
    pub government_folder: Option<PathBuf>,
    /// The person's browser; the system's if absent.
    pub pages: Option<Arc<dyn Pages>>,
}
