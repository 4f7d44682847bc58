//! A folder, a demo government in this process, and the program beside it.
#![allow(unreachable_pub)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use demo_government::{Bundle, Config, Government, GrantKind};
use serde_json::Value;
use tempfile::TempDir;

pub struct Stage {
    pub folder: TempDir,
    pub government: Government,
    pub runtime: tokio::runtime::Runtime,
    /// Pages that were open when somebody was asked last.
    opened_before: AtomicUsize,
}

pub const PLAIN: GrantKind = GrantKind::PreAuthorized { tx_code: None };
pub const STRONG: &str = "고무신 달빛 라디오 구름 열차 서랍";

impl Stage {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let config = Config { folder: Some(folder.path().join("government")), port_base: Some(0) };
        let government = runtime.block_on(Government::start(config)).unwrap();
        Self { folder, government, runtime, opened_before: AtomicUsize::new(0) }
    }

    pub fn with_wallet() -> Self {
        let stage = Self::new();
        stage.ok(&["init"]);
        stage
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wallet"));
        command
            .arg("--data")
            .arg(self.folder.path().join("wallet"))
            .arg("--government")
            .arg(self.folder.path().join("government"))
            .args(["--secret-store", "file"])
            .args(words)
            .env("BROWSER", self.browser())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            // Nor is the bus found of whoever runs the tests.
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// A browser that notes what it was given.
    pub fn browser(&self) -> String {
        let script = self.folder.path().join("browser.sh");
        if !script.exists() {
            let log = self.folder.path().join("opened");
            std::fs::write(&script, format!("printf '%s\\n' \"$1\" >> '{}'\n", log.display())).unwrap();
        }
        format!("sh '{}'", script.display())
    }

    fn pages(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("opened")).unwrap_or_default();
        text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
    }

    /// The page that the wallet opened since somebody was asked last. The browser runs on after the wallet has ended.
    pub fn opened(&self) -> String {
        for _ in 0..100 {
            if let Some(page) = self.pages().drain(self.opened_before.load(SeqCst)..).next_back() {
                return page;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("no page was opened");
    }

    pub fn json(&self, words: &[&str]) -> (i32, Value) {
        let output = self.command(words).arg("--json").output().unwrap();
        answer(&output)
    }

    pub fn ok(&self, words: &[&str]) -> Value {
        let (exit, answer) = self.json(words);
        assert_eq!(exit, 0, "{words:?}: {answer}");
        answer["ok"].clone()
    }

    pub fn error(&self, words: &[&str], exit: i32, code: &str) -> Value {
        let (found, answer) = self.json(words);
        assert_eq!((found, answer["error"]["code"].as_str()), (exit, Some(code)), "{words:?}: {answer}");
        answer["error"].clone()
    }

    pub fn offer(&self, person: &str, papers: &[&str], grant: GrantKind) -> String {
        let papers = papers.iter().map(|id| (*id).to_owned()).collect();
        self.runtime.block_on(self.government.offer(person, Bundle::Papers(papers), grant)).unwrap()
    }

    pub fn hold(&self, person: &str, paper: &str) {
        let offer = self.offer(person, &[paper], PLAIN);
        assert_eq!(self.ok(&["accept", &offer, "--yes"])["status"], "done");
    }

    /// Plain http to the pages: status line and head, body.
    pub fn page(&self, method: &str, path: &str, headers: &str) -> (String, String) {
        let host = format!("127.0.0.1:{}", self.government.addresses().pages);
        plain_http(&host, method, path, headers, "")
    }

    /// Agrees on an agency's page, as this person, and follows the way back to the wallet.
    pub fn consent(&self, page: &str, person: &str) {
        let own = self.government.addresses().pages_origin();
        let path = page.strip_prefix(&own).expect("a page of the government");
        let (_, shown) = self.page("GET", path, "");
        let (_, csrf) = shown.split_once("name=\"csrf\" value=\"").expect("a form");
        let form = format!("csrf={}&answer=agree&person={person}", csrf.split('"').next().unwrap());
        let (host, kind) =
            (own.trim_start_matches("http://"), "Content-Type: application/x-www-form-urlencoded\r\n");
        let (head, body) = plain_http(host, "POST", path, kind, &form);
        let back = head.lines().find_map(|line| line.strip_prefix("location: ")).expect(&body);
        let (host, path) = back.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (head, _) = plain_http(host, "GET", &format!("/{path}"), "", "");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }

    pub fn asked(&self, verifier: &str) -> (String, String) {
        self.opened_before.store(self.pages().len(), SeqCst);
        let (head, body) = self.page("POST", &format!("/verifiers/{verifier}/sessions"), "");
        let body: Value = serde_json::from_str(&body).unwrap();
        let cookies: Vec<&str> = head
            .lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "))
            .filter_map(|cookie| cookie.split(';').next())
            .collect();
        (body["link"].as_str().unwrap().to_owned(), cookies.join("; "))
    }

    pub fn verdict(&self, cookie: &str) -> Value {
        let opened = self.opened();
        let path =
            opened.split_once(&format!(":{}", self.government.addresses().pages)).unwrap().1.to_owned();
        let (_, body) = self.page("GET", &path, &format!("Cookie: {cookie}\r\nAccept: application/json\r\n"));
        serde_json::from_str(&body).unwrap()
    }
}

fn plain_http(host: &str, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

pub fn answer(output: &Output) -> (i32, Value) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(
        text.lines().count(),
        1,
        "one line of JSON: {text} {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["version"], 1);
    (output.status.code().expect("an exit status"), value)
}

pub fn with_passphrases(stage: &Stage, words: &[&str], lines: &str) -> (i32, Value) {
    let mut command = stage.command(words);
    command.args(["--passphrase-fd", "0", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    answer(&child.wait_with_output().unwrap())
}

/// On a terminal, with these lines typed: what was said, and the exit status.
#[cfg(target_os = "linux")]
pub fn on_a_terminal(stage: &Stage, words: &[&str], typed: &str) -> (i32, String) {
    let plain = stage.command(words);
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_str().unwrap());
    let line: Vec<String> =
        std::iter::once(plain.get_program()).chain(plain.get_args()).map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line.join(" "), "/dev/null"]).env("BROWSER", stage.browser());
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).exists())
}
