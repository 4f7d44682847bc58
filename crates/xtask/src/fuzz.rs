//! `cargo xtask fuzz`: the fuzz targets of `fuzz/`, a shard at a time.
//!
//! A shard is one run of libFuzzer on one target: a few minutes, then its count is written down in `docs/fuzz/shards.tsv`, so that a run that
//! is stopped loses no more than the shard at hand and the next one continues. `docs/fuzz.md` is written from the shards. What is run is
//! the newest commit, in a copy of its own; inputs that reached something new are kept beside that copy, not in the repository. An input that
//! broke something becomes an ordinary test of its crate and a row of `docs/fuzz/findings.tsv`.

mod record;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::scratch::Scratch;
use crate::shell::{Failure, answer, command, root, run, say};
use record::{Shard, Shards};

/// The version whose options are understood here.
const VERSION: &str = "0.13.2";
/// Inputs that a target is to have seen, in all its shards together.
const GOAL_INPUTS: u64 = 10_000_000;
/// Seconds that do instead.
const GOAL_SECONDS: u64 = 3600;
/// Seconds of one shard, at most.
const SHARD_SECONDS: u64 = 300;
/// Targets at once, at most.
const MOST_JOBS: usize = 64;
/// Megabytes that a target may have in memory at once: the bounds of the parsers and the corpus fit well.
const MEMORY_MEGABYTES: u32 = 1024;
/// Seconds for one input, on a computer that has other work.
const INPUT_SECONDS: u32 = 30;

/// The longest input in bytes. Longer ones than a target needs to reach all its code only cost time; where what is genuine is longer, with
/// certificates or as a picture, so is the bound.
const fn longest_input(target: &str) -> u32 {
    match target.as_bytes() {
        // four bytes are a frame
        b"offline_collector" => 1024,
        b"address" | b"offline_code" | b"offline_frame" => 2048,
        b"issuance" | b"offline_answer" | b"offline_request" | b"offline_unpack" | b"sd_jwt_signed"
        | b"request_client" | b"signed_metadata" | b"status_list" | b"status_token" | b"type_metadata" => {
            4096
        }
        // a width and 48 times 48 pixels
        b"qr_pixels" => 2305,
        _ => 16_384,
    }
}

/// Targets that read pixels or compressed bytes. Such bytes are not compared with words that a fuzzer could learn, and to trace each comparison
/// takes over half of a shard's time: they are built without it, and still follow which code is reached.
const UNTRACED: [&str; 5] = ["offline_collector", "offline_unpack", "qr_picture", "qr_pixels", "status_list"];

/// Where each kind is built.
const TRACED_FOLDER: &str = "target";
const UNTRACED_FOLDER: &str = "target-untraced";
/// As many targets are built by name; more are built all together.
const MOST_NAMED: usize = 8;

/// Runs what follows and says at the end how many seconds of the processor it took, the user's and the system's.
const TIMED: &str = r#"TIMEFORMAT='processor seconds: %0U %0S'; time "$0" "$@""#;

/// Every target and what it reads.
const TARGETS: [(&str, &str); 41] = [
    ("address", "addresses that may be called"),
    ("cbor", "CBOR, COSE keys, status references"),
    ("certificate", "one certificate, DER and PEM"),
    ("chain", "certificate chains and their verification"),
    ("claim_path", "claim paths, dates, base64url"),
    ("cose", "COSE_Sign1, bare and as CWT"),
    ("dcql", "DCQL queries, parsed and solved"),
    ("issuance", "every answer of an issuer to a holder"),
    ("issuer_metadata", "credential issuer metadata"),
    ("json", "strict JSON"),
    ("jwe", "JWE, parsed and decrypted"),
    ("jwk", "JWK and JWK sets"),
    ("jws", "JWS, compact and JSON"),
    ("mdoc", "`IssuerSigned` and its security object"),
    ("mdoc_response", "`DeviceResponse`"),
    ("offer", "credential offers, links and JSON"),
    ("offline_answer", "answers of offline QR, read and opened"),
    ("offline_code", "short codes, keys struck in Hangul mode"),
    ("offline_collector", "frames of several messages, collected"),
    ("offline_frame", "frames of offline QR, as text"),
    ("offline_request", "questions of offline QR"),
    ("offline_unpack", "packed texts, compressed bytes"),
    ("presentation", "SD-JWT with key binding, at a verifier"),
    ("profile", "profile files"),
    ("qr_picture", "pictures with QR codes"),
    ("qr_pixels", "pixels with QR codes"),
    ("registration", "registrations of verifiers"),
    ("request_client", "DID documents, verifier attestations"),
    ("request_link", "authorization requests as links"),
    ("request_object", "signed request objects"),
    ("sd_jwt", "SD-JWT VC as text, parsed and verified"),
    ("sd_jwt_signed", "what a trusted issuer could sign as SD-JWT"),
    ("server_metadata", "authorization server metadata"),
    ("signed_metadata", "signed issuer metadata"),
    ("status_list", "compressed status lists"),
    ("status_token", "status list tokens, JWT and CWT"),
    ("transcript", "session transcripts, element values"),
    ("trust_list", "signed trust lists"),
    ("type_metadata", "SD-JWT VC type metadata"),
    ("vp_response", "the post to a verifier's `response_uri`"),
    ("dc_api_request", "requests of the Digital Credentials API"),
];

/// What was asked for on the command line.
struct Wish {
    targets: Vec<&'static str>,
    inputs: u64,
    limit: Option<Duration>,
    /// Targets that run at once.
    jobs: usize,
}

impl Wish {
    fn parse(words: &[&str]) -> Option<Self> {
        let mut wish = Self { targets: Vec::new(), inputs: GOAL_INPUTS, limit: None, jobs: 1 };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--inputs" => wish.inputs = words.next()?.parse().ok()?,
                "--seconds" => wish.limit = Some(Duration::from_secs(words.next()?.parse().ok()?)),
                "--jobs" => {
                    wish.jobs = words.next()?.parse().ok().filter(|jobs| (1..=MOST_JOBS).contains(jobs))?
                }
                name => wish.targets.push(TARGETS.iter().find(|(known, _)| *known == name)?.0),
            }
        }
        if wish.targets.is_empty() {
            wish.targets = TARGETS.iter().map(|(name, _)| *name).collect();
        }
        Some(wish)
    }
}

/// Runs shards until every target asked for has seen its inputs, or the time is over, which begins when the targets are built. Fails
/// where an input broke something.
pub(crate) fn fuzz(words: &[&str]) -> Result<(), Failure> {
    let wish = Wish::parse(words).ok_or_else(|| {
        Failure::new("usage: cargo xtask fuzz [TARGET]... [--inputs N] [--seconds N] [--jobs N]")
    })?;
    let shards = Shards::read()?;
    let mut waiting: Vec<&'static str> =
        wish.targets.iter().copied().filter(|target| !shards.is_done(target, wish.inputs)).collect();
    // No time at all: only the page is written.
    if waiting.is_empty() || wish.limit == Some(Duration::ZERO) {
        return shards.report();
    }
    let bench = Bench::prepare(&waiting)?;
    // From behind: the fastest first, so that most is done soon; a target that never ran comes before them.
    waiting.sort_by_key(|target| shards.pace(target));
    let run = Run {
        end: wish.limit.map(|limit| Instant::now() + limit),
        inputs: wish.inputs,
        bench,
        waiting: Mutex::new(waiting),
        shards: Mutex::new(shards),
        broken: Mutex::new(Vec::new()),
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..wish.jobs).map(|_| scope.spawn(|| run.work())).collect();
        // Each is waited for, also where one failed: what the others did is written down.
        let ends: Vec<_> = workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        ends.into_iter().try_for_each(|end| end.unwrap_or_else(|_| Err(Failure::new("a worker broke off"))))
    })?;
    held(&run.shards).report()?;
    let broken = held(&run.broken);
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "found something: {}; the inputs are in {}",
        broken.join(", "),
        run.bench.found.display()
    )))
}

/// What the workers share.
struct Run {
    end: Option<Instant>,
    inputs: u64,
    bench: Bench,
    waiting: Mutex<Vec<&'static str>>,
    shards: Mutex<Shards>,
    broken: Mutex<Vec<&'static str>>,
}

impl Run {
    /// One target after the other, until none waits or the time is over.
    fn work(&self) -> Result<(), Failure> {
        while let Some(target) = self.next() {
            while !held(&self.shards).is_done(target, self.inputs) {
                let seconds = self.end.map_or(SHARD_SECONDS, |end| {
                    end.saturating_duration_since(Instant::now()).as_secs().min(SHARD_SECONDS)
                });
                if seconds == 0 {
                    return Ok(());
                }
                let inputs = self.inputs.saturating_sub(held(&self.shards).inputs(target));
                let shard = self.bench.run(target, inputs, seconds)?;
                let found = shard.findings;
                say(&format!("{target}: {} inputs in {} s, {found} findings", shard.inputs, shard.seconds));
                held(&self.shards).add(shard)?;
                if found > 0 {
                    held(&self.broken).push(target);
                    break;
                }
            }
        }
        Ok(())
    }

    fn next(&self) -> Option<&'static str> {
        held(&self.waiting).pop()
    }
}

/// What a worker that broke off held is whole all the same: nothing is changed in two steps.
fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The built targets of the newest commit, and where their inputs are kept.
struct Bench {
    /// Below the folder of either instrumentation.
    programs: PathBuf,
    corpus: PathBuf,
    found: PathBuf,
    scratch: Scratch,
}

impl Bench {
    fn prepare(targets: &[&str]) -> Result<Self, Failure> {
        let tool = tool()?;
        let scratch = Scratch::prepare("citizen-wallet-fuzz")?;
        let (untraced, traced): (Vec<&str>, Vec<&str>) =
            targets.iter().partition(|target| UNTRACED.contains(target));
        for (targets, folder, options) in
            [(traced, TRACED_FOLDER, &[][..]), (untraced, UNTRACED_FOLDER, &["--no-trace-compares"])]
        {
            // The tool takes one name or none for all.
            let names: Vec<Option<&str>> = match targets.as_slice() {
                few if few.len() <= MOST_NAMED => few.iter().copied().map(Some).collect(),
                _ => vec![None],
            };
            for name in names {
                let mut build = Command::new(&tool);
                build.args(["fuzz", "build", "--fuzz-dir", ".", "--sanitizer", "none"]).args(options);
                build.arg("--target-dir").arg(scratch.folder.join(folder));
                if targets.contains(&"profile") {
                    build.args(["--features", "application"]);
                }
                build.args(name);
                // The instrumentation's options are the compiler's own and open to the stable one; the tool asks for no more with this
                // sanitizer.
                build.env("RUSTC_BOOTSTRAP", "1").current_dir(scratch.copy.join("fuzz"));
                run(build)?;
            }
        }
        let host = answer(Command::new("rustc").arg("-vV"))?;
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
        let (corpus, found) = (scratch.folder.join("corpus"), scratch.folder.join("found"));
        make(&found)?;
        Ok(Self { programs: Path::new(&host).join("release"), corpus, found, scratch })
    }

    fn program(&self, target: &str) -> PathBuf {
        let folder = if UNTRACED.contains(&target) { UNTRACED_FOLDER } else { TRACED_FOLDER };
        self.scratch.folder.join(folder).join(&self.programs).join(target)
    }

    /// One shard.
    fn run(&self, target: &str, inputs: u64, seconds: u64) -> Result<Shard, Failure> {
        let corpus = self.corpus.join(target);
        make(&corpus)?;
        let before = files(&self.found, target);
        let dictionary = root().join("fuzz/dictionaries").join(format!("{}.dict", dictionary_of(target)));
        // The shell tells the processor's time: the clock's says little on a computer that has other work.
        let mut fuzzer = Command::new("bash");
        fuzzer.args(["-c", TIMED]).arg(self.program(target)).arg(&corpus).args([
            format!("-runs={inputs}"),
            format!("-max_total_time={seconds}"),
            format!("-rss_limit_mb={MEMORY_MEGABYTES}"),
            format!("-timeout={INPUT_SECONDS}"),
            format!("-artifact_prefix={}/{target}-", self.found.display()),
            format!("-dict={}", dictionary.display()),
            "-print_final_stats=1".to_owned(),
            format!("-max_len={}", longest_input(target)),
        ]);
        let vectors = std::env::var_os("CITIZEN_WALLET_VECTORS")
            .map_or_else(|| root().join("../shared/vectors"), PathBuf::from);
        fuzzer.env("CITIZEN_WALLET_VECTORS", vectors).env("CITIZEN_WALLET_FUZZ_SEEDS", &corpus);
        let output = fuzzer
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Failure::new(format!("{target}: {error}")))?;
        let printed = String::from_utf8_lossy(&output.stderr);
        let (inputs, seconds) = executed(&printed).zip(processor_seconds(&printed)).ok_or_else(|| {
            Failure::new(format!("{target} ended with {}:\n{}", output.status, tail(&printed)))
        })?;
        let findings = files(&self.found, target).saturating_sub(before);
        if findings == 0 && !output.status.success() {
            return Err(Failure::new(format!("{target} ended with {}:\n{}", output.status, tail(&printed))));
        }
        if findings > 0 {
            say(&tail(&printed));
        }
        Ok(Shard {
            target: target.to_owned(),
            inputs,
            seconds,
            findings,
            commit: self.scratch.commit.clone(),
            date: date()?,
        })
    }
}

/// Installs cargo-fuzz if it is lacking.
fn tool() -> Result<PathBuf, Failure> {
    let tools = root().join("target/tools");
    let tool = tools.join("bin/cargo-fuzz");
    if !tool.is_file() {
        say(&format!("installing cargo-fuzz {VERSION} into target/tools"));
        let mut install = command("cargo", &["install", "--locked", "cargo-fuzz", "--version", VERSION]);
        install.arg("--root").arg(&tools);
        run(install)?;
    }
    Ok(tool)
}

fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::new(format!("{}: {error}", folder.display())))
}

/// How many inputs a target's findings are kept in.
fn files(folder: &Path, target: &str) -> u64 {
    let prefix = format!("{target}-");
    let ours = |entry: std::fs::DirEntry| {
        // `mdoc-` is no prefix of `mdoc_response-`, and libFuzzer names what it keeps by its kind.
        entry.file_name().to_string_lossy().starts_with(&prefix)
    };
    std::fs::read_dir(folder)
        .map_or(0, |entries| entries.flatten().filter_map(|entry| ours(entry).then_some(1)).sum())
}

/// The words that a format is made of.
fn dictionary_of(target: &str) -> &'static str {
    match target {
        "cbor" | "cose" | "mdoc" | "mdoc_response" | "transcript" => "cbor",
        "offline_answer" | "offline_unpack" => "cbor",
        "offline_collector" | "offline_frame" => "bytes",
        "certificate" | "chain" | "status_list" | "qr_picture" | "qr_pixels" => "bytes",
        _ => "json",
    }
}

/// How many inputs libFuzzer says it ran: its last statistics, or the last `#N` of its lines where it stopped at a finding.
fn executed(printed: &str) -> Option<u64> {
    let statistics = printed
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok());
    let last_line = || {
        printed.lines().rev().find_map(|line| {
            line.strip_prefix('#')?.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
        })
    };
    statistics.or_else(last_line)
}

/// What [`TIMED`] says.
fn processor_seconds(printed: &str) -> Option<u64> {
    let line = printed.lines().rev().find_map(|line| line.strip_prefix("processor seconds: "))?;
    line.split(' ').map(|seconds| seconds.parse::<u64>().ok()).sum()
}

fn tail(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(30)).copied().collect::<Vec<_>>().join("\n")
}

fn date() -> Result<String, Failure> {
    answer(Command::new("date").args(["-u", "+%F"])).map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_targets_here_are_those_of_the_manifest_and_each_has_its_file() {
        let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        let named = manifest.split("[[bin]]").skip(1).filter_map(|part| part.split('"').nth(1));
        let named: BTreeSet<&str> = named.collect();
        let known: BTreeSet<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, known);
        assert_eq!(known.len(), TARGETS.len());
        for target in known {
            assert!(root().join(format!("fuzz/targets/{target}.rs")).is_file(), "{target}");
            let dictionary = format!("fuzz/dictionaries/{}.dict", dictionary_of(target));
            assert!(root().join(dictionary).is_file(), "{target}");
        }
    }

    #[test]
    fn an_unknown_target_or_word_is_refused() {
        let wish = Wish::parse(&["jws", "--inputs", "5", "--seconds", "60", "--jobs", "2"]).unwrap();
        assert!(
            wish.targets == ["jws"]
                && wish.inputs == 5
                && wish.jobs == 2
                && wish.limit == Some(Duration::from_secs(60))
        );
        assert_eq!(Wish::parse(&[]).unwrap().targets.len(), TARGETS.len());
        for words in [&["nothing"][..], &["--inputs"], &["--seconds", "x"], &["--jobs", "0"]] {
            assert!(Wish::parse(words).is_none(), "{words:?}");
        }
    }

    #[test]
    fn the_count_of_inputs_is_read_from_either_ending() {
        let ended = "#7\tDONE cov: 1\nDone 7 runs in 1 second(s)\nstat::number_of_executed_units: 7\n";
        assert_eq!(executed(ended), Some(7));
        assert_eq!(
            executed("#2\tINITED\n#65536\tpulse  cov: 3\n==1== ERROR: libFuzzer: out-of-memory\n"),
            Some(65_536)
        );
        assert_eq!(executed("no such file"), None);
        assert_eq!(processor_seconds("stat::x: 7\nprocessor seconds: 59 2\n"), Some(61));
        assert_eq!(processor_seconds("stat::x: 7\n"), None);
    }
}
