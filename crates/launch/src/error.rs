use demo_government::GovernmentError;
use host::http::HttpClientError;
use host::lock::LockError;
use primitives::{Blame, Left, Refusal};
use vault::StoreError;
use wallet::WalletError;
use wallet::profile::ProfileError;

/// Why there is no wallet to work with. Nothing of one was changed.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// No folder was named, and the environment names no home.
    #[error("no data folder: name one with --data")]
    NoDataFolder,
    /// Another process holds the folder, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The profile file is not there, or cannot be read.
    #[error("the profile file cannot be read")]
    ProfileFile,
    /// The profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// What the folder remembers of its profile cannot be read, or is newer than this program.
    #[error("the folder's profile cannot be read")]
    RememberedProfile,
    /// The demo government did not start.
    #[error(transparent)]
    Government(#[from] GovernmentError),
    /// The HTTP client could not be set up with the profile's roots.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// The folder could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The wallet was not made.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl Refusal for LaunchError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoDataFolder => "data_folder_unknown",
            Self::Lock(error) => error.code(),
            Self::ProfileFile => "profile_file_unreadable",
            Self::Profile(error) => error.code(),
            Self::RememberedProfile => "profile_remembered_unreadable",
            Self::Government(error) => error.code(),
            Self::Http(_) => "profile_tls_roots",
            Self::Store(error) => error.code(),
            Self::Wallet(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Profile(error) => error.rule(),
            _ => "",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NoDataFolder
            | Self::ProfileFile
            | Self::Profile(_)
            | Self::RememberedProfile
            | Self::Http(_) => Blame::Computer,
            Self::Lock(error) => error.blame(),
            Self::Government(error) => error.blame(),
            Self::Store(error) => error.blame(),
            Self::Wallet(error) => error.blame(),
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
