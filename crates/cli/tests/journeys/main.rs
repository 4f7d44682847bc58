//! The program itself, driven as a user would, against a demo government that runs in this process and is attached to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod browser;
mod clients;
mod queue;
mod screen;
mod stage;

use std::io::{BufRead as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use demo_government::GrantKind;
use serde_json::Value;
use stage::*;

#[test]
fn a_wallet_is_made_filled_shown_presented_and_emptied() {
    let stage = Stage::new();
    stage.error(&["list"], 6, "wallet_not_set_up");
    stage.ok(&["init"]);
    stage.error(&["init"], 2, "wallet_already_set_up");
    stage.hold("p1", "p1-resident");
    stage.hold("p1", "p1n-resident");
    let shelves = stage.ok(&["list"]);
    assert_eq!(shelves["shelves"][0]["papers"].as_array().unwrap().len(), 1);
    assert_eq!(stage.ok(&["list", "notice"])["shelves"][0]["papers"][0]["state"]["kind"], "overdue");
    let id = shelves["shelves"][0]["papers"][0]["id"].as_str().unwrap().to_owned();
    let masked = stage.ok(&["show", &id[..8]]).to_string();
    let revealed = stage.ok(&["show", &id[..8], "--reveal"]).to_string();
    assert!(!masked.contains("000-0000-9999") && revealed.contains("000-0000-9999"));
    assert!(stage.ok(&["show", &id, "--original"])["text"].as_str().unwrap().starts_with("eyJ"));
    assert!(stage.ok(&["today"])["todoCount"].as_u64().unwrap() >= 1);
    assert_eq!(stage.ok(&["refresh"])["failed"], 0);
    // Presenting, with the page of the verifier opened in $BROWSER.
    let (link, cookie) = stage.asked("v-library");
    let sent = stage.ok(&["present", &link, "--yes"]);
    assert_eq!((sent["status"].as_str(), sent["itemCount"].as_u64()), (Some("sent"), Some(2)));
    let verdict = stage.verdict(&cookie);
    assert_eq!(verdict["outcome"], "confirmed");
    assert!(!verdict.to_string().contains("9999"), "--yes takes no optional item");
    // The verifier gives a request once.
    stage.error(&["present", &link, "--yes"], 5, "request_fetch_status");
    let history = stage.ok(&["history"]);
    assert_eq!(history["chainHolds"], true);
    // Removing asks; without anybody to ask the answer is no.
    assert_eq!(stage.error(&["remove", &id], 4, "declined")["left"], false);
    stage.ok(&["remove", &id, "--yes"]);
    stage.error(&["show", &id], 2, "not_found");
    assert_eq!(stage.ok(&["profile", "show"])["marking"], "demo");
    assert_eq!(stage.ok(&["status"])["state"]["kind"], "locked");
}

#[test]
fn without_a_yes_nothing_is_received_and_nothing_is_sent() {
    let stage = Stage::with_wallet();
    let offer = stage.offer("p1", &["p1-resident"], PLAIN);
    stage.error(&["accept", &offer], 4, "declined");
    assert_eq!(stage.ok(&["list", "id"])["shelves"][0]["total"], 0);
    stage.ok(&["accept", &offer, "--yes"]);
    let (link, _) = stage.asked("v-library");
    let error = stage.error(&["present", &link], 4, "declined");
    assert_eq!((&error["left"], &error["told"]), (&Value::Bool(false), &Value::Bool(false)));
    // Nothing was told, so the request stands.
    assert_eq!(stage.ok(&["present", &link, "--yes"])["status"], "sent");
}

#[test]
fn what_takes_a_step_of_its_own_takes_a_word_of_its_own() {
    let stage = Stage::with_wallet();
    stage.hold("p1", "p1-resident");
    let (link, _) = stage.asked("v-petition");
    let error = stage.error(&["present", &link, "--yes"], 4, "consent_incomplete");
    assert!(error["acknowledge"].as_array().unwrap().contains(&Value::from("unauthenticated")), "{error}");
    let mut words = vec!["present", &link, "--yes"];
    for what in ["recipient", "purpose", "retention", "refusal", "unauthenticated"] {
        words.extend(["--acknowledge", what]);
    }
    assert_eq!(stage.ok(&words)["itemCount"], 1);
    stage.error(&words, 3, "request_already_answered");
    // An optional item by its place; one that is not asked for is not taken by accident.
    let (link, cookie) = stage.asked("v-library");
    stage.error(&["present", &link, "--yes", "--include", "birth"], 2, "item_unknown");
    assert_eq!(stage.ok(&["present", &link, "--yes", "--include", "phone"])["itemCount"], 3);
    assert!(stage.verdict(&cookie).to_string().contains("9999"));
    // What goes beyond the registration takes a word of its own.
    let (link, cookie) = stage.asked("v-parcel");
    let error = stage.error(&["present", &link, "--yes"], 4, "consent_incomplete");
    assert_eq!(error["acknowledge"], serde_json::json!(["overAsked"]));
    assert_eq!(stage.ok(&["present", &link, "--yes", "--acknowledge", "over-asked"])["itemCount"], 3);
    assert_eq!(stage.verdict(&cookie)["outcome"], "confirmed");
    // The two bad ones, and one that nothing fits.
    let (link, _) = stage.asked("v-bad1");
    assert_eq!(stage.error(&["present", &link, "--yes"], 3, "request_resident_number")["left"], false);
    let (link, _) = stage.asked("v-bad2");
    let error = stage.error(&["present", &link, "--yes"], 3, "request_signature_invalid");
    assert_eq!((error["rule"].as_str(), error["blame"].as_str()), (Some("VP-C4"), Some("verifier")));
    let (link, _) = stage.asked("v-fine");
    assert_eq!(stage.error(&["present", &link, "--yes"], 3, "nothing_fits")["told"], true);
}

#[test]
fn a_choice_between_papers_is_the_citizens() {
    let stage = Stage::with_wallet();
    stage.hold("p3", "p3-resident");
    stage.hold("p3", "p3-veteran");
    let (link, _) = stage.asked("v-metro");
    let error = stage.error(&["present", &link, "--yes"], 2, "choice_incomplete");
    let choices = error["choices"].as_array().unwrap();
    let veteran = choices
        .iter()
        .find(|choice| choice["query"].as_str().unwrap().contains("Veteran"))
        .expect("a choice");
    let choose = format!(
        "{}={}",
        veteran["query"].as_str().unwrap(),
        &veteran["papers"][0]["paper"].as_str().unwrap()[..6]
    );
    let (exit, answer) =
        stage.json(&["present", &link, "--yes", "--choose", &choose, "--acknowledge", "sensitive"]);
    assert_eq!((exit, answer["ok"]["paperCount"].as_u64()), (0, Some(1)), "{answer}");
}

#[test]
fn codes_deferred_papers_and_inputs_of_every_kind() {
    let stage = Stage::with_wallet();
    let grant = GrantKind::PreAuthorized { tx_code: Some("493536".to_owned()) };
    let offer = stage.offer("p1", &["p1-resident"], grant);
    stage.error(&["accept", &offer, "--yes"], 2, "transaction_code_missing");
    stage.error(&["accept", &offer, "--yes", "--tx-code", "000000"], 2, "transaction_code_wrong");
    // From a picture with a QR code in it.
    let picture = stage.folder.path().join("offer.png");
    let code = qrcode::QrCode::new(offer.as_bytes()).unwrap();
    let modules = code.to_colors();
    let (width, scale, margin) = (code.width(), 4, 16);
    let side = u32::try_from(width * scale + 2 * margin).unwrap();
    let drawn = image::GrayImage::from_fn(side, side, |x, y| {
        let module =
            |at: u32| (at as usize).checked_sub(margin).map(|at| at / scale).filter(|at| *at < width);
        let dark = match (module(x), module(y)) {
            (Some(x), Some(y)) => modules[y * width + x] == qrcode::Color::Dark,
            _ => false,
        };
        image::Luma([if dark { 0 } else { 255 }])
    });
    drawn.save(&picture).unwrap();
    stage.ok(&["accept", picture.to_str().unwrap(), "--yes", "--tx-code", "493536"]);
    // Deferred: not waited for, then waited for.
    let offer = stage.offer("p4", &["p4-business"], PLAIN);
    let file = stage.folder.path().join("offer.txt");
    std::fs::write(&file, &offer).unwrap();
    let pending = stage.ok(&["accept", file.to_str().unwrap(), "--yes", "--wait", "0"]);
    assert_eq!((pending["status"].as_str(), pending["pending"].as_u64()), (Some("pending"), Some(1)));
    let offer = stage.offer("p4", &["p4-business"], PLAIN);
    let mut child = stage
        .command(&["accept", "-", "--yes", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(offer.as_bytes()).unwrap();
    let (exit, answer) = answer(&child.wait_with_output().unwrap());
    assert_eq!((exit, answer["ok"]["status"].as_str()), (0, Some("done")), "{answer}");
    stage.error(&["accept", "hello", "--yes"], 2, "input_unreadable");
    stage.error(
        &["accept", "openid4vp://?client_id=x&request_uri=https%3A%2F%2Fa.example", "--yes"],
        2,
        "input_is_a_request",
    );
    let (link, _) = stage.asked("v-store");
    stage.error(&["accept", &link, "--yes"], 2, "input_is_a_request");
    stage.error(&["present", &offer, "--yes"], 2, "input_is_an_offer");
    let used = stage.offer("p1", &["p1-income"], PLAIN);
    stage.ok(&["accept", &used, "--yes"]);
    let (exit, answer) = stage.json(&["accept", &used, "--yes"]);
    assert_eq!((exit, answer["error"]["blame"].as_str()), (5, Some("issuer")), "{answer}");
    stage.runtime.block_on(stage.government.stop_service("nuri-nts")).unwrap();
    let offer = stage.offer("p4", &["p4-taxcert"], PLAIN);
    let (exit, answer) = stage.json(&["accept", &offer, "--yes"]);
    assert_eq!((exit, answer["error"]["blame"].as_str()), (5, Some("network")), "{answer}");
}

#[test]
fn a_passphrase_is_set_asked_for_changed_and_removed() {
    let stage = Stage::with_wallet();
    assert_eq!(
        with_passphrases(&stage, &["passphrase", "set"], "1234\n").1["error"]["code"],
        "passphrase_too_weak"
    );
    assert_eq!(with_passphrases(&stage, &["passphrase", "set"], &format!("{STRONG}\n")).0, 0);
    stage.error(&["list"], 6, "passphrase_needed");
    let (exit, answer) = with_passphrases(&stage, &["list"], "wrong wrong wrong\n");
    assert_eq!((exit, answer["error"]["code"].as_str()), (6, Some("passphrase_wrong")));
    assert_eq!(with_passphrases(&stage, &["list"], STRONG).0, 0);
    let other = "연필 소나기 우체국 만두 골목 자전거";
    assert_eq!(with_passphrases(&stage, &["passphrase", "change"], &format!("{STRONG}\n{other}\n")).0, 0);
    let (_, answer) = with_passphrases(&stage, &["list"], STRONG);
    assert_eq!(answer["error"]["code"], "passphrase_wrong");
    assert_eq!(with_passphrases(&stage, &["passphrase", "remove"], other).0, 0);
    stage.ok(&["list"]);
    stage.error(&["passphrase", "remove"], 2, "passphrase_not_set");
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A wallet that waits for somebody in the browser.
fn waiting(stage: &Stage) -> Child {
    let offer = stage.offer("p1", &["p1-resident"], GrantKind::AuthorizationCode);
    let child = stage.command(&["accept", &offer, "--yes", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    wait_for("the page is opened", || stage.folder.path().join("opened").exists());
    child
}

#[test]
fn a_second_process_locks_the_first_or_hears_that_it_is_in_use() {
    let stage = Stage::with_wallet();
    let child = waiting(&stage);
    let error = stage.error(&["list"], 6, "wallet_in_use");
    assert_eq!(error["blame"], "computer");
    assert_eq!(stage.ok(&["status"])["state"]["kind"], "unlocked");
    assert_eq!(stage.ok(&["lock"])["state"]["kind"], "locked");
    let (exit, answer) = answer(&child.wait_with_output().unwrap());
    assert_eq!((exit, answer["error"]["code"].as_str()), (6, Some("wallet_locked")), "{answer}");
    stage.ok(&["lock"]);
    assert_eq!(stage.ok(&["list", "id"])["shelves"][0]["total"], 0);
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_a_receiving_and_a_wait() {
    let stage = Stage::with_wallet();
    let interrupt = |child: &Child| {
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    };
    let child = waiting(&stage);
    interrupt(&child);
    let (exit, value) = answer(&child.wait_with_output().unwrap());
    assert_eq!((exit, value["error"]["code"].as_str()), (4, Some("stopped")), "{value}");
    assert_eq!(stage.ok(&["list", "id"])["shelves"][0]["total"], 0);
    let offer = stage.offer("p4", &["p4-business"], PLAIN);
    let mut command = stage.command(&["accept", &offer, "--yes", "--wait", "600"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("나중에 오는 서류")), "it waits");
    std::thread::sleep(Duration::from_millis(400));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.code() == Some(0) && text.contains("아직 오지 않았습니다"), "{text}");
}

#[test]
fn killed_in_the_middle_of_receiving_it_keeps_nothing_by_halves() {
    let stage = Stage::with_wallet();
    stage.hold("p1", "p1-income");
    let mut child = waiting(&stage);
    child.kill().unwrap();
    child.wait().unwrap();
    // And at any moment of a receiving that goes by itself.
    for milliseconds in [60, 120, 180, 240, 300, 360] {
        let offer = stage.offer("p1", &["p1-lease"], PLAIN);
        let mut child = stage
            .command(&["accept", &offer, "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        let _ = child.kill();
        child.wait().unwrap();
        let shelves = stage.ok(&["list"]);
        for paper in shelves["shelves"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|shelf| shelf["papers"].as_array().unwrap())
        {
            let page = stage.ok(&["show", paper["id"].as_str().unwrap()]);
            assert_eq!(
                (page["trust"]["signature"].as_str(), page["trust"]["copies"]["total"].as_u64()),
                (Some("holds"), Some(5))
            );
        }
        assert_eq!(stage.ok(&["history"])["chainHolds"], true);
    }
    stage.hold("p1", "p1-resident");
}

#[test]
fn a_wallet_that_cannot_be_read_is_left_as_it_is() {
    let stage = Stage::with_wallet();
    let header = stage.folder.path().join("wallet/wallet.header");
    let whole = std::fs::read(&header).unwrap();
    let newer = String::from_utf8(whole.clone()).unwrap().replacen("\"version\": 1", "\"version\": 99", 1);
    for (bytes, code) in
        [(newer.as_bytes(), "vault_newer_version"), (b"nothing".as_slice(), "vault_database_damaged")]
    {
        assert!(bytes != whole);
        std::fs::write(&header, bytes).unwrap();
        stage.error(&["list"], 6, code);
        stage.error(&["init"], 2, "wallet_already_set_up");
        assert_eq!(stage.ok(&["status"])["state"]["kind"], "vaultProblem");
        assert_eq!(std::fs::read(&header).unwrap(), bytes);
    }
    std::fs::write(&header, &whole).unwrap();
    stage.ok(&["list"]);
    // A folder of one profile is not opened with another.
    let profile = stage.folder.path().join("other.json");
    let text = r#"{"version":1,"name":{"ko":"다른 것","en":"Other"},"marking":"developer","unauthenticatedVerifiers":"refuse"}"#;
    std::fs::write(&profile, text).unwrap();
    stage.error(&["list", "--profile", profile.to_str().unwrap()], 6, "wallet_other_profile");
    let remembered = stage.folder.path().join("wallet/profile.json");
    let whole = std::fs::read(&remembered).unwrap();
    std::fs::write(&remembered, br#"{"version":2,"kind":"demo","text":"{}"}"#).unwrap();
    stage.error(&["list"], 6, "profile_remembered_unreadable");
    std::fs::write(&remembered, &whole).unwrap();
    // The key is gone: said, and nothing is thrown away.
    let secrets = stage.folder.path().join("wallet/secrets");
    std::fs::rename(&secrets, stage.folder.path().join("elsewhere")).unwrap();
    stage.error(&["list"], 6, "keyring_secret_missing");
    std::fs::rename(stage.folder.path().join("elsewhere"), &secrets).unwrap();
    stage.ok(&["list"]);
}

#[test]
fn wrong_words_a_closed_pipe_and_languages() {
    let stage = Stage::with_wallet();
    let (exit, answer) = stage.json(&["present"]);
    assert_eq!((exit, answer["error"]["code"].as_str()), (2, Some("usage")));
    let output = stage.command(&["--bogus"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let english = stage.command(&["today", "--lang", "en"]).output().unwrap();
    assert!(String::from_utf8_lossy(&english.stdout).is_ascii());
    stage.error(&["list", "--profile", "/no/such/file"], 2, "profile_file_unreadable");
    // Nobody reads the answer: no panic, no other exit status.
    let mut child =
        stage.command(&["profile", "show"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_each_yes_is_asked_for_and_no_is_the_default() {
    if !is_there("script") {
        println!("left out: 1 case of a terminal (no script here)");
        return;
    }
    let stage = Stage::with_wallet();
    let offer = stage.offer("p1", &["p1-resident"], PLAIN);
    assert_eq!(on_a_terminal(&stage, &["accept", &offer], "\n").0, 4);
    let (exit, said) = on_a_terminal(&stage, &["accept", &offer], "y\n");
    assert_eq!(exit, 0, "{said}");
    // The optional item no, then the act; an empty line is a no, and nobody is told.
    let (link, cookie) = stage.asked("v-library");
    let (exit, said) = on_a_terminal(&stage, &["present", &link], "\n\n\n");
    assert_eq!(exit, 4, "{said}");
    for line in [
        "받는 곳: 가람시(시연) 도서관",
        "목적: 회원증 발급",
        "항목: ",
        "보유 기간: 탈퇴 때까지",
        "거부할 권리: ",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    assert!(said.contains("[필수] 성명: 이도담") && said.contains("[선택] 전화번호: "), "{said}");
    let (exit, said) = on_a_terminal(&stage, &["present", &link], "n\ny\n");
    assert_eq!(exit, 0, "{said}");
    let verdict = stage.verdict(&cookie);
    assert_eq!(
        (verdict["outcome"].as_str(), verdict["answers"].as_array().unwrap().len()),
        (Some("confirmed"), 2)
    );
    // A line that was not stated takes a yes of its own: the first no is the end.
    let (link, _) = stage.asked("v-petition");
    let (exit, said) = on_a_terminal(&stage, &["present", &link], "y\nn\n\n");
    assert_eq!(exit, 4, "{said}");
    assert!(said.contains("상대가 밝히지 않음"), "{said}");
    let (exit, said) = on_a_terminal(&stage, &["present", &link], "y\ny\ny\ny\ny\ny\n");
    assert_eq!(exit, 0, "{said}");
}

#[test]
fn the_demonstration_runs_with_a_real_keyring_and_says_so_without_one() {
    let wallet = env!("CARGO_BIN_EXE_wallet");
    let home = tempfile::tempdir().unwrap();
    let without = Command::new(wallet)
        .args(["demo", "--json"])
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .output()
        .unwrap();
    let (exit, value) = answer(&without);
    assert_eq!((exit, &value["ok"]["keyring"]), (0, &Value::Bool(false)), "{value}");
    assert_eq!(value["ok"]["verdict"]["outcome"], "confirmed");
    if !is_there("gnome-keyring-daemon") || !is_there("dbus-run-session") {
        println!("left out: 1 case of a real keyring (no gnome-keyring here)");
        return;
    }
    let script = format!(
        "printf 'secret' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && \
         '{wallet}' demo --json && '{wallet}' init --data \"$HOME/w\" --government \"$HOME/g\" --json >&2 && \
         '{wallet}' status --data \"$HOME/w\" --json >&2 && '{wallet}' list --data \"$HOME/w\" --json >&2"
    );
    let with = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (exit, value) = answer(&with);
    assert_eq!(exit, 0, "{}", String::from_utf8_lossy(&with.stderr));
    assert_eq!(value["ok"]["keyring"], true);
    assert_eq!(value["ok"]["verdict"]["outcome"], "confirmed");
}
