//! What the system must have beside git, Rust and Node: found out, said, and installed by apt on Debian and Ubuntu.

use std::process::Command;

use crate::shell::{Failure, command, has_program, run, say, succeeds};

/// How a need is found to be met.
enum Probe {
    /// A program on the PATH.
    Program(&'static str),
    /// A library that pkg-config knows.
    Library(&'static str),
}

/// Something the project needs.
struct Need {
    probe: Probe,
    package: &'static str,
    purpose: &'static str,
}

const fn need(probe: Probe, package: &'static str, purpose: &'static str) -> Need {
    Need { probe, package, purpose }
}

/// Everything, in the order in which it is used.
const NEEDS: &[Need] = &[
    need(Probe::Program("pkg-config"), "pkg-config", "finds the libraries"),
    need(Probe::Library("webkit2gtk-4.1"), "libwebkit2gtk-4.1-dev", "draws the window"),
    need(Probe::Library("libcrypto"), "libssl-dev", "the cipher of the vault (SQLCipher)"),
    need(Probe::Program("gio"), "libglib2.0-bin", "opens pages in the browser"),
    need(Probe::Program("xdg-open"), "xdg-utils", "opens pages in the browser"),
    need(Probe::Program("update-desktop-database"), "desktop-file-utils", "links that open the wallet"),
    need(Probe::Program("dbus-run-session"), "dbus", "a session of its own for the tests' keyring"),
    need(Probe::Program("gnome-keyring-daemon"), "gnome-keyring", "a real Secret Service for the tests"),
    need(Probe::Program("Xvfb"), "xvfb", "a display for the tests' window"),
    need(Probe::Program("xauth"), "xauth", "a display for the tests' window"),
    need(Probe::Program("WebKitWebDriver"), "webkit2gtk-driver", "drives the tests' window"),
    need(Probe::Program("ip"), "iproute2", "cuts the network in the outage drill"),
    need(Probe::Program("xdotool"), "xdotool", "the keyboard before the tests' window"),
    need(Probe::Program("import"), "imagemagick", "pictures of the tests' window"),
    need(Probe::Program("chromium"), "chromium", "a browser for the tests"),
    need(Probe::Program("chromedriver"), "chromium-driver", "drives the tests' browser"),
];

impl Need {
    fn is_met(&self) -> bool {
        match self.probe {
            Probe::Program(name) => has_program(name),
            Probe::Library(name) => succeeds("pkg-config", &["--exists", name]),
        }
    }
}

/// Installs what is lacking, after saying what and why.
pub(crate) fn set_up() -> Result<(), Failure> {
    require("node", "Node 20 or later, from https://nodejs.org or your distribution")?;
    require("npm", "npm, which comes with Node")?;
    if !cfg!(target_os = "linux") {
        say(
            "xtask: this system's own web view, keyring and certificate store are used; nothing is installed.",
        );
        return Ok(());
    }
    let lacking: Vec<&Need> = NEEDS.iter().filter(|need| !need.is_met()).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let mut packages: Vec<&str> = lacking.iter().map(|need| need.package).collect();
    packages.dedup();
    if !has_program("apt-get") {
        return Err(Failure::new(format!(
            "please install, by the names that your distribution uses: {}. On Debian and Ubuntu that is\n  {}",
            packages.join(", "),
            apt_line(&packages)
        )));
    }
    say("The following is needed and not here yet:");
    for need in &lacking {
        say(&format!("  {:<24} {}", need.package, need.purpose));
    }
    let administrator = is_root();
    if !administrator && !has_program("sudo") {
        return Err(Failure::new(format!("please run as root:\n  {}", apt_line(&packages))));
    }
    say(&format!("About to run: {}", apt_line(&packages)));
    run(apt(administrator, &["update", "-qq"]))?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(&packages);
    run(apt(administrator, &arguments))?;
    match NEEDS.iter().find(|need| !need.is_met()) {
        None => Ok(()),
        Some(need) => Err(Failure::new(format!("{} is installed and still not found", need.package))),
    }
}

fn require(program: &str, what: &str) -> Result<(), Failure> {
    if has_program(program) {
        Ok(())
    } else {
        Err(Failure::new(format!("{program} is not here; please install {what}")))
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt(administrator: bool, arguments: &[&str]) -> Command {
    let mut words = vec!["apt-get"];
    words.extend(arguments);
    let mut prepared = if administrator {
        command("env", &[&["DEBIAN_FRONTEND=noninteractive"], words.as_slice()].concat())
    } else {
        command("sudo", &[&["env", "DEBIAN_FRONTEND=noninteractive"], words.as_slice()].concat())
    };
    prepared.stdin(std::process::Stdio::inherit());
    prepared
}

fn apt_line(packages: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {}", packages.join(" "))
}
