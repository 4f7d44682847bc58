//! The network, to be cut: a network namespace of the drill's own, in which the loopback interface is all there is, and is taken down and up.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Says to the drill that it runs in a namespace of its own, and where its table goes.
const TABLE: &str = "CITIZEN_WALLET_DRILL_TABLE";

/// Where the drill runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// In a namespace of its own: there is no way out, and the loopback interface is the drill's to cut.
    Own,
    /// On this computer's, which is nobody's to cut.
    Shared,
}

/// What became of starting the drill in a namespace.
pub enum Started {
    /// This is it: goes on here, and the table goes to this file.
    Here(Network, Option<PathBuf>),
    /// It ran in another process, which printed this table.
    Elsewhere { succeeded: bool, table: String, said: String },
}

/// Starts this very test again in a namespace, unless this is one already, or none is allowed.
pub fn enter(test: &str) -> Started {
    if let Some(table) = std::env::var_os(TABLE) {
        let network = if loopback_alone() { Network::Own } else { Network::Shared };
        if network == Network::Own {
            assert!(ip(&["link", "set", "lo", "up"]), "the namespace's loopback interface");
        }
        return Started::Here(network, Some(table.into()));
    }
    let Some(mut command) = namespace() else { return Started::Here(Network::Shared, None) };
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table");
    let output = command
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(TABLE, &table)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Started::Elsewhere {
        succeeded: output.status.success(),
        table: fs::read_to_string(&table).unwrap_or_default(),
        said: said.concat(),
    }
}

/// How a namespace is entered here: as root, or as a user who becomes root in it.
fn namespace() -> Option<Command> {
    let ways: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
    let allowed = |way: &&&[&str]| {
        let tried = Command::new("unshare").args(**way).args(["ip", "link", "set", "lo", "up"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let way = ways.iter().find(allowed)?;
    let mut command = Command::new("unshare");
    command.args(*way);
    Some(command)
}

/// Whether loopback is the only interface: never is another network touched.
fn loopback_alone() -> bool {
    let Ok(devices) = fs::read_to_string("/proc/self/net/dev") else { return false };
    let mut names =
        devices.lines().skip(2).filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim());
    names.all(|name| name == "lo")
}

fn ip(words: &[&str]) -> bool {
    Command::new("ip").args(words).status().is_ok_and(|status| status.success())
}

impl Network {
    /// Takes the last interface down, with its address, where it is ours.
    pub fn cut(self) {
        if self == Self::Own {
            assert!(loopback_alone());
            assert!(ip(&["link", "set", "lo", "down"]) && ip(&["address", "flush", "dev", "lo"]));
        }
    }

    pub fn restore(self) {
        if self == Self::Own {
            assert!(loopback_alone());
            assert!(ip(&["address", "add", "127.0.0.1/8", "dev", "lo"]) && ip(&["link", "set", "lo", "up"]));
        }
    }
}
