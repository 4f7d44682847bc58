//! Making the wallet, its passphrase, locking it, and how it stands.

use std::path::Path;
use std::time::Duration;

use host::lock::{FolderLock, LockError};
use host::socket::SocketError;
use launch::{Ask, LaunchError, Reach, ask_holder};
use serde_json::{Value, json};
use wallet::view::{Marking, UnauthenticatedVerifiers, WalletState};
use wallet::{Wallet, WalletError};

use crate::arguments::{Global, PassphraseAct};
use crate::console::{Console, number, words};
use crate::open::{self, Secrets};
use crate::outcome::{Done, Exit, Failure};

pub(crate) async fn init(global: &Global, console: &mut Console) -> Done {
    let opened = open::closed(global, console, Reach::OtherSides).await?;
    let launched = &opened.launched;
    launched.initialize()?;
    let folder = launched.wallet.folder().display().to_string();
    console.say("cli.init.done", &[("folder", words(folder.as_str()))]);
    banner(console, &launched.wallet);
    console.say(if launched.keyring.is_some() { "cli.init.loss" } else { "cli.fileStore" }, &[]);
    Ok(json!({ "folder": folder, "profile": launched.wallet.profile_view().hash }))
}

/// The profile is always visible.
pub(super) fn banner(console: &Console, wallet: &Wallet) {
    let status = wallet.status(None, Vec::new());
    match status.profile.marking {
        Marking::Demo => console.progress(&console.t("banner.demo", &[])),
        Marking::Developer => {
            let name = console.text(&status.profile.name).to_owned();
            console.progress(&console.t("banner.developer", &[("profile", words(name))]));
        }
        Marking::Real => {}
    }
}

pub(crate) async fn passphrase(global: &Global, console: &mut Console, act: PassphraseAct) -> Done {
    let opened = open::closed(global, console, Reach::FolderOnly).await?;
    let wallet = &opened.launched.wallet;
    if wallet.wallet_state() == WalletState::NeedsSetup {
        return Err(WalletError::NotSetUp.into());
    }
    let secrets = Secrets::of(global)?;
    let is_set = wallet.has_passphrase();
    let own = |code: &str| Failure::own(code, Exit::Usage);
    match (act, is_set) {
        (PassphraseAct::Set, true) => return Err(own("passphrase_already_set")),
        (PassphraseAct::Change | PassphraseAct::Remove, false) => return Err(own("passphrase_not_set")),
        _ => {}
    }
    let present = is_set.then(|| secrets.present(console, "cli.passphrase")).transpose()?;
    wallet.unlock(present.clone())?;
    let new = match act {
        PassphraseAct::Remove => None,
        _ => Some(new_passphrase(&secrets, usize::from(is_set), console)?),
    };
    wallet.set_passphrase(present, new)?;
    console.say(
        match act {
            PassphraseAct::Set => "cli.passphrase.set",
            PassphraseAct::Change => "cli.passphrase.changed",
            PassphraseAct::Remove => "cli.passphrase.removed",
        },
        &[],
    );
    Ok(json!({ "hasPassphrase": wallet.has_passphrase() }))
}

fn new_passphrase(secrets: &Secrets, place: usize, console: &Console) -> Result<String, Box<Failure>> {
    let new = secrets.line(place, console, "cli.passphrase.new")?;
    if !Wallet::judge_passphrase(&new).enough {
        return Err(Failure::own("passphrase_too_weak", Exit::Usage));
    }
    // Typed unseen, so typed twice.
    if secrets.typed() && secrets.line(place, console, "cli.passphrase.again")? != new {
        return Err(Failure::own("passphrase_differs", Exit::Usage));
    }
    Ok(new)
}

pub(crate) async fn lock(global: &Global, console: &mut Console) -> Done {
    let folder = launch::data_folder(global.data.as_deref())?;
    match ask_holder(&folder, Ask::Lock).await {
        Ok(status) => {
            console.say("cli.locked", &[]);
            Ok(json!({ "state": status.state }))
        }
        // Nobody offers it: nobody has it open, or somebody who does not listen. Or the holder ended, because it was locked,
        // before its answer was written: then the folder is free in a moment.
        Err(SocketError::NobodyListens | SocketError::PathTooLong | SocketError::Failed)
            if folder.is_dir() =>
        {
            match acquire_soon(&folder).await {
                Ok(_) => {
                    console.say("cli.lockedAlready", &[]);
                    Ok(json!({ "state": { "kind": "locked" } }))
                }
                Err(error) => Err(LaunchError::from(error).into()),
            }
        }
        Err(SocketError::NobodyListens) => Err(WalletError::NotSetUp.into()),
        Err(error) => Err(Failure::of(&error)),
    }
}

/// The folder's lock, waited for a little: a holder that is ending needs a moment.
async fn acquire_soon(folder: &Path) -> Result<FolderLock, LockError> {
    const TRIES: u32 = 20;
    for _ in 0..TRIES {
        match FolderLock::acquire(folder) {
            Err(LockError::InUse) => tokio::time::sleep(Duration::from_millis(50)).await,
            decided => return decided,
        }
    }
    FolderLock::acquire(folder)
}

pub(crate) async fn status(global: &Global, console: &mut Console) -> Done {
    let folder = launch::data_folder(global.data.as_deref())?;
    match open::closed(global, console, Reach::FolderOnly).await {
        Ok(opened) => {
            let status = opened.launched.wallet.status(None, Vec::new());
            console.say(state_key(&status.state), &[]);
            if status.has_passphrase {
                console.say("cli.status.passphrase", &[]);
            }
            banner(console, &opened.launched.wallet);
            Ok(json!({
                "state": status.state,
                "hasPassphrase": status.has_passphrase,
                "profile": status.profile,
                "version": status.version,
                "inUse": false,
            }))
        }
        Err(failure) if failure.code == IN_USE => {
            let status = ask_holder(&folder, Ask::Status).await.map_err(|_| failure)?;
            console.say("cli.status.inUse", &[]);
            console.say(state_key(&status.state), &[]);
            Ok(json!({ "state": status.state, "hasPassphrase": status.has_passphrase, "inUse": true }))
        }
        Err(failure) if failure.code == "wallet_not_set_up" => {
            console.say(state_key(&WalletState::NeedsSetup), &[]);
            Ok(json!({ "state": WalletState::NeedsSetup, "inUse": false }))
        }
        Err(failure) => Err(failure),
    }
}

/// The code of [`host::lock::LockError::InUse`].
const IN_USE: &str = "wallet_in_use";

const fn state_key(state: &WalletState) -> &'static str {
    match state {
        WalletState::NeedsSetup => "cli.state.needsSetup",
        WalletState::Locked { .. } => "cli.state.locked",
        WalletState::Unlocked => "cli.state.unlocked",
        WalletState::KeyringProblem { .. } => "cli.state.keyring",
        WalletState::InUse => "cli.status.inUse",
        WalletState::VaultProblem { .. } => "cli.state.vault",
    }
}

pub(crate) async fn profile(global: &Global, console: &mut Console) -> Done {
    let opened = open::closed(global, console, Reach::FolderOnly).await?;
    let wallet = &opened.launched.wallet;
    // The trust list brings most of the anchors and lies in the vault; without a key that opens it the profile's own are shown.
    if wallet.wallet_state() != WalletState::NeedsSetup && !wallet.has_passphrase() {
        let _ = wallet.unlock(None);
    }
    let view = wallet.profile_view();
    console.line(console.text(&view.name));
    banner(console, wallet);
    console.line(&format!("{}: {}", console.t("profile.hash", &[]), view.hash));
    console.say("profile.issuers", &[("count", number(view.issuers.len()))]);
    for issuer in &view.issuers {
        let types: Vec<&str> = issuer.types.iter().map(|kind| console.text(kind)).collect();
        let any = console.t("profile.anyType", &[]);
        let types = if issuer.any_type { any } else { types.join(", ") };
        console.line(&format!("  {}: {types}", console.text(&issuer.name)));
    }
    console.say("profile.verifiers", &[("count", number(view.verifiers.len()))]);
    let unauthenticated = match view.unauthenticated_verifiers {
        UnauthenticatedVerifiers::Refuse => "profile.unauthenticated.refuse",
        UnauthenticatedVerifiers::Warn => "profile.unauthenticated.warn",
    };
    console.line(&format!(
        "{}: {}",
        console.t("profile.unauthenticated", &[]),
        console.t(unauthenticated, &[])
    ));
    json_of(&view)
}

/// What the servers have to be given at which the profile names this wallet as a client.
pub(crate) async fn clients(global: &Global, console: &mut Console) -> Done {
    let opened = open::unlocked(global, console, Reach::FolderOnly).await?;
    let wallet = &opened.launched.wallet;
    let clients = wallet.registered_clients()?;
    if clients.is_empty() {
        console.say("cli.clients.none", &[]);
    }
    let mut told = Vec::new();
    for client in clients {
        let names = [("server", words(client.server.as_str())), ("client", words(client.client_id.as_str()))];
        console.say("cli.clients.name", &names);
        if let Some(keys) = &client.keys {
            console.line(&keys.to_string());
        }
        told.push(json!({ "server": client.server, "clientId": client.client_id, "jwks": client.keys }));
    }
    Ok(json!({ "clients": told }))
}

/// A view as JSON.
pub(super) fn json_of(view: &impl serde::Serialize) -> Result<Value, Box<Failure>> {
    serde_json::to_value(view).map_err(|_| Failure::own("computer_json", Exit::Computer))
}
