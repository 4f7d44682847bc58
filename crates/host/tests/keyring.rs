//! The keyring, for real: gnome-keyring in a D-Bus session of its own, with its own home.
//!
//! Each scene runs in a child: this same test program, started again inside `dbus-run-session`.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)]

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crypto::SystemEntropy;
use host::KeyringSecretStore;
use host::secret_stores::DEFAULT_KEYRING_LIMIT;
use vault::{
    LockedVault, ProfileHash, SecretItem, SecretStore as _, SecretStoreError, UnlockedVault, WalletId,
};

const SCENE: &str = "CITIZEN_WALLET_KEYRING_SCENE";
const ROOT: &str = "CITIZEN_WALLET_KEYRING_ROOT";

/// A bus that starts no service by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#;

const UNLOCKED: &str =
    "printf %s login-password | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null";
const NOT_UNLOCKED: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null";

fn wanted() -> bool {
    if std::env::var("CITIZEN_WALLET_NO_KEYRING_TESTS").is_ok_and(|value| value == "1") {
        println!("left out: the keyring (CITIZEN_WALLET_NO_KEYRING_TESTS=1)");
        return false;
    }
    for (program, package) in [("dbus-run-session", "dbus"), ("gnome-keyring-daemon", "gnome-keyring")] {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
        assert!(
            found.status.success(),
            "{program} is missing: install the package {package} (apt-get install {package}), or set CITIZEN_WALLET_NO_KEYRING_TESTS=1"
        );
    }
    true
}

/// This program again, with a home of its own and nothing of our session.
fn alone(command: &mut Command, scene: &str, root: &Path) {
    let folder = |name: &str| {
        let folder = root.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        folder
    };
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL"] {
        command.env_remove(name);
    }
    command
        .env("HOME", folder("home"))
        .env("XDG_RUNTIME_DIR", folder("run"))
        .env("XDG_DATA_HOME", folder("data"))
        .env("XDG_CONFIG_HOME", folder("config"))
        .env("XDG_CACHE_HOME", folder("cache"))
        .env(SCENE, scene)
        .env(ROOT, root);
}

/// Plays a scene in a D-Bus session of its own, after `setup` in a shell.
fn play(scene: &str, root: &Path, setup: &str) {
    let bus = root.join("bus.conf");
    std::fs::write(&bus, BUS).unwrap();
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("dbus-run-session");
    command.arg("--config-file").arg(&bus).args(["--", "sh", "-c"]);
    command.arg(format!("{setup}\n\"$0\" --exact the_child --nocapture --test-threads=1")).arg(&program);
    alone(&mut command, scene, root);
    passed(scene, &command.output().unwrap());
}

fn passed(scene: &str, output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{scene}: {}{}", text(&output.stdout), text(&output.stderr));
}

/// Not a test of its own: the child of the others. Without a scene it does nothing.
#[test]
fn the_child() {
    let (Ok(scene), Some(root)) = (std::env::var(SCENE), std::env::var_os(ROOT)) else { return };
    let folder = Path::new(&root).join("wallet");
    let store = KeyringSecretStore::default();
    let id = WalletId::parse(&"ab".repeat(16)).unwrap();
    let item = SecretItem::new(vec![0, 255, 10, 1, 7]).unwrap();
    if !scene.starts_with("no-service") {
        // The daemon takes its name on the bus a moment after it is in the background.
        let begun = Instant::now();
        while store.load(&id).err() == Some(SecretStoreError::NoService)
            && begun.elapsed() < Duration::from_secs(10)
        {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let now = primitives::Instant::from_unix_seconds(1_790_000_000);
    match scene.as_str() {
        "keeps" => {
            assert_eq!(store.load(&id).err(), Some(SecretStoreError::NoEntry));
            store.save(&id, &item).unwrap();
            assert!(store.load(&id).unwrap() == item);
            let other = SecretItem::new(vec![9; 2048]).unwrap();
            store.save(&id, &other).unwrap();
            assert!(store.load(&id).unwrap() == other);
            store.delete(&id).unwrap();
            assert_eq!(store.load(&id).err(), Some(SecretStoreError::NoEntry));
            assert_eq!(store.delete(&id).err(), Some(SecretStoreError::NoEntry));
            assert!(!store.is_waiting());
            // A vault, for the scenes after this one.
            drop(
                UnlockedVault::create(&folder, &store, None, ProfileHash::new([1; 32]), &SystemEntropy)
                    .unwrap(),
            );
        }
        "opens" => {
            let vault = LockedVault::open(&folder).unwrap().unlock(&store, None, now);
            assert!(vault.is_ok(), "{:?}", vault.err().map(|failure| failure.error));
        }
        "locked" => {
            let begun = Instant::now();
            let failure = LockedVault::open(&folder).unwrap().unlock(&store, None, now).unwrap_err();
            assert!(
                matches!(failure.error, vault::UnlockError::SecretStore(SecretStoreError::Locked)),
                "{:?}",
                failure.error
            );
            assert_eq!(store.save(&failure.vault.wallet_id(), &item).err(), Some(SecretStoreError::Locked));
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        "no-collection" => {
            assert_eq!(store.load(&id).err(), Some(SecretStoreError::NoEntry));
            assert_eq!(store.save(&id, &item).err(), Some(SecretStoreError::NoCollection));
        }
        "no-service" => {
            let begun = Instant::now();
            assert_eq!(store.load(&id).err(), Some(SecretStoreError::NoService));
            assert_eq!(store.save(&id, &item).err(), Some(SecretStoreError::NoService));
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        "blocks" => {
            store.save(&id, &item).unwrap();
            signal_daemon("STOP");
            let begun = Instant::now();
            assert_eq!(store.load(&id).err(), Some(SecretStoreError::TimedOut));
            assert!(begun.elapsed() < Duration::from_secs(20));
            assert!(store.is_waiting());
            signal_daemon("CONT");
            assert!(store.load(&id).unwrap() == item);
            assert!(!store.is_waiting());
        }
        other => panic!("no such scene: {other}"),
    }
}

/// Stops or continues the keyring daemon of this session: the one that owns the bus name here.
fn signal_daemon(signal: &str) {
    let pid =
        std::fs::read_to_string(Path::new(&std::env::var_os(ROOT).unwrap()).join("daemon.pid")).unwrap();
    assert!(Command::new("kill").args([&format!("-{signal}"), pid.trim()]).status().unwrap().success());
}

#[test]
fn a_secret_is_kept_over_a_restart_and_a_locked_keyring_says_so() {
    if !wanted() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    play("keeps", root.path(), UNLOCKED);
    play("opens", root.path(), UNLOCKED);
    play("locked", root.path(), NOT_UNLOCKED);
    // A locked keyring lost nothing.
    play("opens", root.path(), UNLOCKED);
}

#[test]
fn a_service_without_a_default_keyring_says_so() {
    if wanted() {
        let root = tempfile::tempdir().unwrap();
        play("no-collection", root.path(), NOT_UNLOCKED);
    }
}

#[test]
fn a_bus_without_a_service_says_so() {
    if wanted() {
        let root = tempfile::tempdir().unwrap();
        play("no-service", root.path(), "true");
    }
}

#[test]
fn no_bus_at_all_says_so() {
    let root = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "the_child", "--nocapture"]);
    alone(&mut command, "no-service", root.path());
    passed("no-service", &command.output().unwrap());
}

#[test]
fn a_keyring_that_does_not_answer_never_hangs_the_caller() {
    assert!(DEFAULT_KEYRING_LIMIT < Duration::from_secs(5));
    if wanted() {
        let root = tempfile::tempdir().unwrap();
        // In the foreground, so that its process id is known.
        let setup = "printf %s login-password | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 &\n\
                     echo $! > \"$CITIZEN_WALLET_KEYRING_ROOT/daemon.pid\"";
        play("blocks", root.path(), setup);
    }
}
