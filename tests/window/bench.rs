//! The bench: a display, a D-Bus session, a keyring, a browser stand-in and a driver of their own for each test, and in
//! them the program as a citizen starts it. Nothing of it is mocked; nothing of the developer's session is touched.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use serde_json::json;

/// What must be there, and the package of Debian and Ubuntu that brings it.
const PROGRAMS: [(&str, &str); 9] = [
    ("Xvfb", "xvfb"),
    ("dbus-run-session", "dbus"),
    ("dbus-send", "dbus"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("xdotool", "xdotool"),
    ("gio", "libglib2.0-bin"),
    ("xdg-mime", "xdg-utils"),
    ("update-desktop-database", "desktop-file-utils"),
];

/// A bus that starts no service by itself: without a keyring there is none.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#;

/// Keeps the pages that the wallet opens; the test plays the person in the browser.
const BROWSER: &str = "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$(dirname \"$0\")/pages.txt\"\n";

const KEYRING_PASSWORD: &str = "login-password";
/// How long a part of the bench may take to stand.
const PATIENCE: Duration = Duration::from_secs(40);

/// Which keyring the session has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    Unlocked,
    /// The service runs, and its collection stays locked.
    Locked,
    None,
}

/// Everything a window stands on.
pub struct Bench {
    name: &'static str,
    root: tempfile::TempDir,
    display: String,
    bus: String,
    driver: String,
    children: Mutex<Vec<(&'static str, Child)>>,
}

fn check_programs() {
    let missing: Vec<String> = PROGRAMS
        .iter()
        .filter(|(program, _)| {
            !std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
                .any(|folder| folder.join(program).is_file())
        })
        .map(|(program, package)| format!("{program} (apt-get install {package})"))
        .collect();
    assert!(missing.is_empty(), "the window cannot be tested, missing: {}", missing.join(", "));
}

impl Bench {
    /// Sets the bench up. `name` names its pictures.
    pub fn new(name: &'static str, keyring: Keyring) -> Self {
        check_programs();
        let root = tempfile::Builder::new().prefix("cw-").tempdir().unwrap();
        let mut bench = Self {
            name,
            root,
            display: String::new(),
            bus: String::new(),
            driver: String::new(),
            children: Mutex::new(Vec::new()),
        };
        for folder in ["home", "run", "data", "config", "cache"] {
            let folder = bench.path(folder);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        }
        std::fs::write(bench.path("bus.conf"), BUS).unwrap();
        std::fs::write(bench.path("browser.sh"), BROWSER).unwrap();
        std::fs::set_permissions(bench.path("browser.sh"), PermissionsExt::from_mode(0o700)).unwrap();
        let number = bench.first_line(
            "Xvfb",
            Command::new("Xvfb").args(["-displayfd", "1", "-screen", "0", "1280x832x24", "-nolisten", "tcp"]),
        );
        bench.display = format!(":{number}");
        let mut bus = Command::new("dbus-run-session");
        bus.arg("--config-file").arg(bench.path("bus.conf"));
        // Lives until its standard input ends, which is with this process.
        bus.args(["--", "sh", "-c", "echo \"$DBUS_SESSION_BUS_ADDRESS\"; exec cat >/dev/null"]);
        bench.bus = bench.first_line("dbus-run-session", &mut bus);
        bench.start_keyring(keyring);
        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        driver.arg(format!("--port={port}")).env("TAURI_WEBVIEW_AUTOMATION", "true");
        bench.spawn("WebKitWebDriver", bench.at_home(&mut driver));
        bench.driver = format!("http://127.0.0.1:{port}");
        wait_for("the driver", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        bench
    }

    /// A path on the bench.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The demo government's folder: the wallet starts it there, the test attaches to it.
    pub fn government_folder(&self) -> PathBuf {
        self.path("government")
    }

    /// The program with its arguments, and those of the test.
    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let path = |name: &str| self.path(name).to_string_lossy().into_owned();
        let mut arguments =
            vec!["--data".to_owned(), path("wallet"), "--government".to_owned(), path("government")];
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        arguments
    }

    /// Starts the program in the bench's folders and drives its window.
    pub async fn open(&self, more: &[&str]) -> Client {
        self.open_with(self.arguments(more)).await
    }

    /// Starts the program with these arguments and no other.
    pub async fn open_with(&self, arguments: Vec<String>) -> Client {
        let capabilities = json!({
            "webkitgtk:browserOptions": { "binary": program(), "args": arguments }
        });
        let serde_json::Value::Object(capabilities) = capabilities else { unreachable!() };
        let connecting = async {
            ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                .capabilities(capabilities)
                .connect(&self.driver)
                .await
        };
        tokio::time::timeout(PATIENCE, connecting).await.expect("the window opens in time").unwrap()
    }

    /// Starts the program a second time, as a link from another program does, and waits for its end.
    pub fn start_again(&self, link: &str) -> std::process::ExitStatus {
        let mut command = Command::new(program());
        command.args(self.arguments(&[link]));
        let mut child = self.at_home(&mut command).spawn().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if begun.elapsed() > PATIENCE {
                let _ = child.kill();
                panic!("the second start did not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The last page that the wallet opened in the browser, waited for.
    pub fn page_opened(&self) -> String {
        let file = self.path("pages.txt");
        let read = || std::fs::read_to_string(&file).unwrap_or_default();
        wait_for("a page in the browser", || read().ends_with('\n'));
        read().lines().last().unwrap().to_owned()
    }

    /// The page that the wallet opened in the browser after so many others, waited for.
    pub fn page_opened_after(&self, others: usize) -> String {
        let file = self.path("pages.txt");
        let read = || std::fs::read_to_string(&file).unwrap_or_default();
        wait_for("one more page in the browser", || read().matches('\n').count() > others);
        read().lines().nth(others).unwrap().to_owned()
    }

    /// Runs a program of the desktop (xdotool) on the bench's display.
    pub fn desktop(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        let output = self.at_home(command.args(arguments)).stdout(Stdio::piped()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Where pictures go.
    pub fn picture(&self, step: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artefacts").join("window").join(self.name);
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(format!("{step}.png"))
    }

    pub fn start_keyring(&self, keyring: Keyring) {
        if keyring == Keyring::None {
            return;
        }
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--components=secrets", "--foreground"]);
        command.arg(if keyring == Keyring::Unlocked { "--unlock" } else { "--start" });
        self.at_home(&mut command).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(KEYRING_PASSWORD.as_bytes()).unwrap();
        self.children.lock().unwrap().push(("gnome-keyring-daemon", child));
        wait_for("the keyring", || {
            self.desktop(
                "dbus-send",
                &[
                    "--session",
                    "--print-reply=literal",
                    "--dest=org.freedesktop.DBus",
                    "/",
                    "org.freedesktop.DBus.NameHasOwner",
                    "string:org.freedesktop.secrets",
                ],
            )
            .contains("true")
        });
    }

    /// Ends the keyring of the session.
    pub fn stop_keyring(&self) {
        self.stop("gnome-keyring-daemon");
    }

    fn stop(&self, name: &str) {
        let mut children = self.children.lock().unwrap();
        while let Some(at) = children.iter().rposition(|(known, _)| *known == name) {
            end(&mut children.remove(at).1);
        }
    }

    /// The environment of a citizen who has just logged in, and nothing of ours.
    fn at_home<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", path)
            .env("LANG", "C.UTF-8")
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", self.path("home"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("BROWSER", self.path("browser.sh"))
            // Nobody reads the screen here; the bus has no service for it.
            .env("NO_AT_BRIDGE", "1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(if std::env::var_os("CITIZEN_WALLET_LOUD").is_some() {
                Stdio::inherit()
            } else {
                Stdio::null()
            })
    }

    fn spawn(&self, name: &'static str, command: &mut Command) {
        // A group of its own: whatever it starts ends with it.
        let child = command.process_group(0).spawn().unwrap();
        self.children.lock().unwrap().push((name, child));
    }

    /// Starts a part of the bench that says in its first line where it is.
    fn first_line(&self, name: &'static str, command: &mut Command) -> String {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.children.lock().unwrap().push((name, child));
        assert!(!line.trim().is_empty(), "{name} did not start");
        line.trim().to_owned()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // The last first: the driver and its window before the bus and the display.
        for (_, child) in self.children.lock().unwrap().iter_mut().rev() {
            end(child);
        }
    }
}

/// Ends a process and what it started.
fn end(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-TERM", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.kill();
    let _ = child.wait();
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_citizen-wallet")
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until something is so.
pub fn wait_for(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
