//! The wallet of a command: folder, lock, profile, and the passphrase where one is set.

use std::io::Read as _;

use launch::{Holder, Launched, Options, ProfileChoice, Reach, SecretStoreChoice};
use wallet::view::{LanguageView, VaultProblem, WalletState};

use crate::arguments::{Global, SecretStore};
use crate::console::Console;
use crate::outcome::{Exit, Failure};
use crate::sentences::Language;

/// The most that is read from a passphrase's file descriptor, in bytes: two lines.
const MAX_SECRET_BYTES: u64 = 16 * 1024;

/// A wallet with what must live beside it.
pub(crate) struct Opened {
    pub(crate) launched: Launched,
    _holder: Option<Holder>,
}

pub(crate) fn options(global: &Global, reach: Reach) -> Options {
    Options {
        data: global.data.clone(),
        profile: global.profile.as_deref().map(ProfileChoice::of),
        secret_store: match global.secret_store {
            SecretStore::Keyring => SecretStoreChoice::Keyring,
            SecretStore::File => SecretStoreChoice::File,
        },
        reach,
        government_folder: global.government.clone(),
        pages: None,
    }
}

/// Opens the folder; the wallet stays locked.
pub(crate) async fn closed(
    global: &Global,
    console: &mut Console,
    reach: Reach,
) -> Result<Opened, Box<Failure>> {
    let launched = launch::launch(options(global, reach)).await?;
    if global.lang.is_none() {
        console.language = match launched.wallet.settings().language {
            LanguageView::Ko => Language::Korean,
            LanguageView::En => Language::English,
        };
    }
    // Another process may ask to lock; without a socket it is told "in use".
    let holder = launched.serve(|| ()).ok();
    Ok(Opened { launched, _holder: holder })
}

/// Opens the folder and unlocks the wallet.
pub(crate) async fn unlocked(
    global: &Global,
    console: &mut Console,
    reach: Reach,
) -> Result<Opened, Box<Failure>> {
    let opened = closed(global, console, reach).await?;
    unlock(&opened.launched, global, console)?;
    Ok(opened)
}

fn unlock(launched: &Launched, global: &Global, console: &Console) -> Result<(), Box<Failure>> {
    let wallet = &launched.wallet;
    match wallet.wallet_state() {
        WalletState::NeedsSetup => return Err(wallet::WalletError::NotSetUp.into()),
        WalletState::Unlocked => return Ok(()),
        WalletState::VaultProblem { problem: VaultProblem::Newer } => {
            return Err(Failure::own("vault_newer_version", Exit::Computer));
        }
        _ => {}
    }
    let passphrase = if wallet.has_passphrase() {
        let secrets = Secrets::of(global)?;
        Some(secrets.present(console, "cli.passphrase")?)
    } else {
        None
    };
    Ok(wallet.unlock(passphrase)?)
}

/// Passphrases from a file descriptor, one a line, or from the terminal.
pub(crate) struct Secrets(Option<Vec<String>>);

impl Secrets {
    pub(crate) fn of(global: &Global) -> Result<Self, Box<Failure>> {
        let Some(number) = global.passphrase_fd else { return Ok(Self(None)) };
        let unreadable = || Failure::own("passphrase_fd_unreadable", Exit::Usage);
        let mut text = String::new();
        std::fs::File::open(format!("/dev/fd/{number}"))
            .map_err(|_| unreadable())?
            .take(MAX_SECRET_BYTES)
            .read_to_string(&mut text)
            .map_err(|_| unreadable())?;
        Ok(Self(Some(text.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect())))
    }

    /// The first line: the passphrase that is set.
    pub(crate) fn present(&self, console: &Console, question: &str) -> Result<String, Box<Failure>> {
        self.line(0, console, question)
    }

    /// A line, or what is typed.
    pub(crate) fn line(
        &self,
        place: usize,
        console: &Console,
        question: &str,
    ) -> Result<String, Box<Failure>> {
        let needed = || Failure::of(&wallet::WalletError::PassphraseNeeded);
        match &self.0 {
            Some(lines) => lines.get(place).filter(|line| !line.is_empty()).cloned().ok_or_else(needed),
            None if console.can_ask() => {
                rpassword::prompt_password(format!("{} ", console.t(question, &[]))).map_err(|_| needed())
            }
            None => Err(needed()),
        }
    }

    /// Whether somebody types, and so may mistype.
    pub(crate) fn typed(&self) -> bool {
        self.0.is_none()
    }
}
