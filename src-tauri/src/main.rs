//! `citizen-wallet`: the window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use launch::{Options, ProfileChoice, SecretStoreChoice};

/// Citizen Wallet (시민지갑), the window. 시연용 앱입니다. 실제 정부 서비스가 아닙니다.
#[derive(Parser)]
#[command(name = "citizen-wallet", version)]
struct Arguments {
    /// The data folder; the platform's if absent.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// `demo`, or a profile file; what the folder remembers if absent.
    #[arg(long, value_name = "demo|FILE")]
    profile: Option<String>,
    /// Where the wallet secret is kept. `file` gives up the keyring's protection: for servers and tests.
    #[arg(long, value_enum, default_value_t = SecretStore::Keyring)]
    secret_store: SecretStore,
    /// Where the demo government keeps its keys and lists; its own folder if absent.
    #[arg(long, value_name = "DIR")]
    government: Option<PathBuf>,
    /// An offer or a request (openid-credential-offer:, haip-vci:, openid4vp:, haip-vp:).
    link: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum SecretStore {
    Keyring,
    File,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = Options {
        data: arguments.data,
        profile: arguments.profile.as_deref().map(ProfileChoice::of),
        secret_store: match arguments.secret_store {
            SecretStore::Keyring => SecretStoreChoice::Keyring,
            SecretStore::File => SecretStoreChoice::File,
        },
        government_folder: arguments.government,
        ..Options::default()
    };
    // The window system would end the program with a message of its own kind.
    if !has_display() {
        return fail(
            "there is no display (DISPLAY, WAYLAND_DISPLAY); the program `wallet` does the same without a window",
        );
    }
    match citizen_wallet::run(options, arguments.link) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("the window did not open: {error}")),
    }
}

fn has_display() -> bool {
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || named("DISPLAY") || named("WAYLAND_DISPLAY")
}

/// Status 6: this computer, as of the command line.
fn fail(reason: &str) -> ExitCode {
    // Nobody may be reading: then the exit status says it alone.
    let _ = writeln!(std::io::stderr(), "citizen-wallet: {reason}");
    ExitCode::from(6)
}
