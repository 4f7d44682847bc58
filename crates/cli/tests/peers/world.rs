//! The peers as processes, a developer's profile that names them, and the wallet's command line.

#![allow(dead_code, unreachable_pub)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The folder of the peers' programs.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers").canonicalize().unwrap()
}

/// Installs the peers' packages as the lock file has them, once for each state of the lock file.
fn install() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        for program in ["node", "npm"] {
            let runs = Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success());
            assert!(
                runs,
                "`{program}` is missing: the independent peers are Node programs (Node 20 or later, with npm)"
            );
        }
        let folder = folder();
        // Several test programs may come here at once.
        let lock = std::fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers.lock")).unwrap();
        lock.lock().unwrap();
        let wanted = std::fs::read(folder.join("package-lock.json")).unwrap();
        let installed = folder.join("node_modules/.installed-from");
        if std::fs::read(&installed).is_ok_and(|present| present == wanted) {
            return;
        }
        let install = || {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(&folder)
                .output()
                .unwrap()
        };
        // A registry may fail once.
        let out = Some(install()).filter(|out| out.status.success()).unwrap_or_else(install);
        assert!(
            out.status.success(),
            "`npm ci` in tests/peers failed: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        std::fs::write(installed, wanted).unwrap();
    });
}

/// A peer that runs until it is dropped. An order is one line of JSON, its answer another.
pub struct Peer {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    hello: Value,
    log: PathBuf,
}

impl Peer {
    pub fn start(program: &str) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        install();
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("peer-{number}-{program}.log"));
        let mut child = Command::new("node")
            .arg(program)
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut peer = Self { child, orders, answers, hello: Value::Null, log };
        peer.hello = peer.line();
        peer
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the peer ended; what it said stands in {}", self.log.display());
        serde_json::from_str(&line).unwrap()
    }

    pub fn ask(&mut self, order: &Value) -> Value {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
        let answer = self.line();
        assert_eq!(answer.get("error").filter(|_| order["do"] != "verdict"), None, "{order}");
        answer
    }

    pub fn text(&self, name: &str) -> &str {
        self.hello[name].as_str().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.orders = None;
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the wallet's command line said.
#[derive(Debug)]
pub struct Said {
    pub exit: i32,
    pub json: Value,
}

impl Said {
    pub fn ok(&self) -> &Value {
        assert_eq!(self.exit, 0, "{}", self.json);
        &self.json["ok"]
    }

    /// The code of a refusal by the wallet, with which nothing left it.
    pub fn refused(&self) -> &str {
        assert_eq!((self.exit, &self.json["error"]["left"]), (3, &json!(false)), "{}", self.json);
        self.json["error"]["code"].as_str().unwrap()
    }
}

/// The peers and a wallet whose profile names them.
pub struct World {
    pub issuer: Peer,
    pub verifier: Peer,
    folder: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        Self::with_profile(|_| ())
    }

    /// A world whose profile differs.
    pub fn with_profile(change: impl FnOnce(&mut Value)) -> Self {
        let issuer = Peer::start("issuer.mjs");
        let mut verifier = Peer::start("verifier.mjs");
        verifier
            .ask(&json!({ "do": "trust", "pem": issuer.text("anchor"), "tlsRoot": issuer.text("tlsRoot") }));
        let provider = &issuer.hello["provider"];
        let mut profile = json!({
            "version": 1,
            "name": { "ko": "독립 구현 시험", "en": "Independent peers" },
            "marking": "developer",
            "anchors": {
                "issuers": [{ "certificate": issuer.text("anchor"), "types": ["*"] }],
                "verifiers": [verifier.text("anchor")],
            },
            "tlsRoots": [issuer.text("tlsRoot"), verifier.text("tlsRoot")],
            "walletProvider": {
                "kind": "developer",
                "privateKey": provider["privateKey"],
                "certificates": [provider["certificate"]],
                "clientId": "https://wallet.peers.example",
            },
            "loopback": { "ports": [issuer.hello["port"], verifier.hello["port"]], "plainHttp": false },
            "unauthenticatedVerifiers": "refuse",
        });
        change(&mut profile);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("profile.json"), profile.to_string()).unwrap();
        let roots = format!("{}{}", issuer.text("tlsRoot"), verifier.text("tlsRoot"));
        std::fs::write(folder.path().join("roots.pem"), roots).unwrap();
        let world = Self { issuer, verifier, folder };
        let profile = world.folder.path().join("profile.json");
        world.wallet(&["init", "--profile", profile.to_str().unwrap()]).ok();
        world
    }

    /// Runs the command line.
    pub fn wallet(&self, words: &[&str]) -> Said {
        let out = Command::new(env!("CARGO_BIN_EXE_wallet"))
            .args(["--json", "--secret-store", "file", "--lang", "en", "--data"])
            .arg(self.folder.path().join("data"))
            .args(words)
            .current_dir(folder())
            .env("BROWSER", "node browser.mjs")
            .env("NODE_EXTRA_CA_CERTS", self.folder.path().join("roots.pem"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        let json = serde_json::from_str(&said)
            .unwrap_or_else(|error| panic!("{error}: {said} {}", String::from_utf8_lossy(&out.stderr)));
        let exit = out.status.code();
        Said { exit: exit.unwrap_or_else(|| panic!("{}: {said}", out.status)), json }
    }

    /// An offer of the issuing peer: its name there, and the link.
    pub fn offer(&mut self, order: Value) -> (Value, String) {
        let mut order = order;
        order["do"] = json!("offer");
        let answer = self.issuer.ask(&order);
        (answer["id"].clone(), answer["offer"].as_str().unwrap().to_owned())
    }

    /// What the issuing peer says of one of its offers.
    pub fn report(&mut self, id: &Value) -> Value {
        self.issuer.ask(&json!({ "do": "report", "id": id }))
    }

    /// Both cards from the house that asks for least; gives their identifiers, SD-JWT VC first.
    pub fn hold_both(&mut self) -> [String; 2] {
        self.hold_both_with("L-2031-0077")
    }

    /// Both cards with this number: another number is another card, the same takes the place of what is held.
    pub fn hold_both_with(&mut self, number: &str) -> [String; 2] {
        let (_, offer) = self.offer(json!({
            "house": "plain", "configurations": ["card-sd-jwt", "card-mdoc"], "cardNumber": number,
        }));
        let said = self.wallet(&["accept", &offer, "--yes"]);
        let papers = said.ok()["papers"].as_array().unwrap().clone();
        [0, 1].map(|place| papers[place]["id"].as_str().unwrap().to_owned())
    }

    /// Whether no paper is stored.
    pub fn holds_nothing(&self) -> bool {
        let said = self.wallet(&["list"]);
        said.ok()["shelves"].as_array().unwrap().iter().all(|shelf| shelf["papers"] == json!([]))
    }

    /// A request of the verifying peer: its name there, and the link.
    pub fn request(&mut self, order: Value) -> (Value, String) {
        let mut order = order;
        order["do"] = json!("request");
        let answer = self.verifier.ask(&order);
        (answer["id"].clone(), answer["request"].as_str().unwrap().to_owned())
    }

    /// What the verifying peer makes of the answer, once this holds of it.
    pub fn verdict(&mut self, id: &Value, holds: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let verdict = self.verifier.ask(&json!({ "do": "verdict", "id": id }));
            if holds(&verdict) || Instant::now() > end {
                return verdict;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The query for some of each card.
    pub fn query(&self) -> Value {
        let (vct, doctype) = (self.issuer.text("vct"), self.issuer.text("doctype"));
        json!({
            "credentials": [
                {
                    "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [vct] },
                    "claims": [{ "path": ["given_name"] }, { "path": ["address", "city"] }, { "path": ["branches", 1] }],
                },
                {
                    "id": "mobile", "format": "mso_mdoc", "meta": { "doctype_value": doctype },
                    "claims": [{ "path": [doctype, "given_name"] }, { "path": [doctype, "adult"], "values": [true] }],
                },
            ],
        })
    }
}

/// The yes to each line that a verifier without a registration leaves open.
pub const ACKNOWLEDGED: [&str; 10] = [
    "--acknowledge",
    "purpose",
    "--acknowledge",
    "items",
    "--acknowledge",
    "retention",
    "--acknowledge",
    "refusal",
    "--acknowledge",
    "unregistered",
];
