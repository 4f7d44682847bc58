//! The verifier as a program: one desk with one question, or one that looks at screens, from a configuration file
//! (`docs/verifier.md`).

mod screen;
mod serve;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use crypto::SystemEntropy;
use host::{HttpClient, SystemClock};
use primitives::Refusal as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use trust::status::FreshnessPolicy;
use verifier::config::{Config, MAX_FILE_BYTES};
use verifier::{Desk, Outcome, StatusChecker, Verdict, outcome_word, pages_router, protocol_router};

/// Most verdicts that wait to be printed, a count; more are not printed.
const MAX_WAITING: usize = 64;
/// With `--once`, how long the reply to the wallet may still take.
const LAST_REPLY: Duration = Duration::from_secs(1);

/// Asks wallets one question over OpenID4VP and says what the answers prove.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The configuration file (JSON).
    config: PathBuf,
    /// Print one line of JSON for each verdict, with the claims that were asked for.
    #[arg(long)]
    json: bool,
    /// Begin one session, print its links, end with its verdict: 0 confirmed, 1 weak, 3 not confirmed, 4 declined, 5 no answer.
    #[arg(long)]
    once: bool,
    /// Check what citizens show on their screens, without a network: the page at `addresses.pages`, on this computer only.
    #[arg(long, conflicts_with_all = ["once"])]
    desk: bool,
}

/// A verdict as it is printed.
struct Printed {
    outcome: Outcome,
    line: String,
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    // Who reads this through a pipe may have gone away.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// For whoever runs the program.
fn say_aside(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A verdict in one line for a person: its word and its codes, and no claim.
fn in_words(verdict: &Verdict) -> String {
    let word = outcome_word(verdict.outcome);
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code).collect();
    format!("{} / {} {}", word.ko, word.en, codes.join(" ")).trim_end().to_owned()
}

fn fail(code: u8, text: &str) -> ExitCode {
    say_aside(text);
    ExitCode::from(code)
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options).await {
        Ok(code) | Err(code) => code,
    }
}

/// A file beside the configuration, within the bound.
fn read(folder: &Path, name: &str) -> Option<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(folder.join(name)).ok()?;
    file.take(MAX_FILE_BYTES as u64 + 1).read_to_string(&mut text).ok()?;
    (text.len() <= MAX_FILE_BYTES).then_some(text)
}

async fn run(options: &Options) -> Result<ExitCode, ExitCode> {
    let folder = options.config.parent().unwrap_or(Path::new("."));
    let text = options.config.file_name().and_then(|name| read(folder, name.to_str()?));
    let text = text.ok_or_else(|| fail(2, "the configuration file cannot be read"))?;
    let config =
        Config::parse(&text, &|name| read(folder, name)).map_err(|error| fail(2, &error.to_string()))?;
    if options.desk {
        return screen::run(config, folder, options.json).await;
    }
    let (protocol, tls) = config.protocol.ok_or_else(|| {
        fail(2, "addresses.protocol, listen.protocol and tls are needed for wallets; without them there is --desk")
    })?;
    let http =
        HttpClient::new(config.policy.clone(), &config.roots).map_err(|error| fail(6, &error.to_string()))?;
    let tls =
        serve::tls(&tls.key, &tls.chain).ok_or_else(|| fail(2, "the TLS key and chain are not usable"))?;
    let bind = async |address| TcpListener::bind(address).await.map_err(|_| fail(6, "a port is in use"));
    let (protocol, pages) = (bind(protocol).await?, bind(config.pages).await?);

    let status = StatusChecker::new(Arc::new(http), config.status_signers, FreshnessPolicy::default());
    let (verdicts, mut printed) = mpsc::channel::<Printed>(MAX_WAITING);
    let json_wanted = options.json;
    let desk = Desk::new(config.settings, status, Arc::new(SystemClock), Arc::new(SystemEntropy))
        .with_observer(Arc::new(move |session, verdict| {
            let line = if json_wanted {
                let mut line = verdict.to_json();
                if let Some(members) = line.as_object_mut() {
                    members.insert("session".to_owned(), session.as_str().into());
                }
                line.to_string()
            } else {
                in_words(verdict)
            };
            let _ = verdicts.try_send(Printed { outcome: verdict.outcome, line });
        }));
    let desk = Arc::new(desk);
    let addresses = desk.settings().addresses.clone();
    tokio::spawn(serve::protocol(protocol, tls, protocol_router(Arc::clone(&desk))));
    tokio::spawn(serve::pages(pages, pages_router(Arc::clone(&desk))));
    match options.json {
        true => {
            say(&json!({ "version": 1, "pages": addresses.pages, "protocol": addresses.protocol })
                .to_string())
        }
        false => say(&format!("pages     {}\nprotocol  {}", addresses.pages, addresses.protocol)),
    }
    if options.once {
        let begun = desk.create().map_err(|error| fail(6, error.code()))?;
        match options.json {
            true => say(&json!({
                "version": 1, "session": begun.id.as_str(), "link": begun.link,
                "cross_device_link": begun.cross_device_link,
            })
            .to_string()),
            false => say(&format!("link      {}", begun.cross_device_link)),
        }
        let seconds = u64::try_from(desk.settings().limits.lifetime_seconds).unwrap_or(0);
        let waited = tokio::time::timeout(Duration::from_secs(seconds), printed.recv()).await;
        let Ok(Some(verdict)) = waited else { return Err(fail(5, "nobody answered")) };
        say(&verdict.line);
        tokio::time::sleep(LAST_REPLY).await;
        return Ok(ExitCode::from(match verdict.outcome {
            Outcome::Confirmed => 0,
            Outcome::ConfirmedWeak => 1,
            Outcome::NotConfirmed => 3,
            Outcome::Declined => 4,
        }));
    }
    loop {
        tokio::select! {
            verdict = printed.recv() => match verdict {
                Some(verdict) => say(&verdict.line),
                None => return Ok(ExitCode::SUCCESS),
            },
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
        }
    }
}
