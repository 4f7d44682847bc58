//! Answers that are shown as QR: frames as texts and as pictures, asked by a code and by nobody.

use offline_qr::{AnswerMessage, Collector, Fed, Kind, ShortCode};

use super::*;

fn collected(texts: impl IntoIterator<Item = String>) -> AnswerMessage {
    let mut collector = Collector::new(Kind::Answer);
    for text in texts {
        if let Fed::Complete(message) = collector.feed(&text) {
            return AnswerMessage::decode(&message.bytes).unwrap();
        }
    }
    panic!("not whole");
}

/// The words that choose the first way to answer.
fn chosen(error: &Value) -> String {
    let choice =
        &error["choices"].as_array().unwrap().iter().find(|one| one["papers"][0].is_object()).unwrap();
    format!("{}={}", choice["query"].as_str().unwrap(), choice["papers"][0]["paper"].as_str().unwrap())
}

#[test]
fn an_answer_is_shown_to_a_code_and_to_nobody_in_texts_and_in_pictures() {
    let stage = Stage::with_wallet();
    stage.hold("p1", "p1-resident");
    let frames = stage.folder.path().join("frames");
    let place = frames.to_str().unwrap();
    // What is no code, no question, and what identifies.
    stage.error(&["present", "--code", "1234", "--frames", place, "--yes"], 2, "offline_code_length");
    stage.error(&["present", "--one-way", "9", "--frames", place, "--yes"], 2, "offline_question_unknown");
    let error = stage.error(
        &["present", "--one-way", "identity", "--frames", place],
        3,
        "offline_question_identifying",
    );
    assert_eq!((error["left"].as_bool(), error["rule"].as_str()), (Some(false), Some("OQ-5")));
    let usage = stage.command(&["present", "--one-way", "1", "--yes"]).output().unwrap();
    assert_eq!(usage.status.code(), Some(2), "without a place for the frames");
    // Nobody asked, in texts. What is unknown takes a word of its own.
    let mut words = vec!["present", "--one-way", "age-over-19", "--frames", "-", "--yes"];
    let choose;
    let (exit, answer) = stage.json(&words);
    if answer["error"]["code"] == "choice_incomplete" {
        choose = chosen(&answer["error"]);
        words.extend(["--choose", &choose]);
    }
    assert_ne!(exit, 0);
    assert_eq!(
        stage.error(&words, 4, "consent_incomplete")["acknowledge"],
        serde_json::json!(["unauthenticated"])
    );
    words.extend(["--acknowledge", "unauthenticated"]);
    let shown = stage.ok(&words);
    assert_eq!((shown["status"].as_str(), shown["mode"].as_str()), (Some("shown"), Some("oneWay")));
    assert_eq!((shown["itemCount"].as_u64(), shown["recipient"].is_null()), (Some(1), true));
    let texts = |value: &Value| -> Vec<String> {
        value["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&shown).len() as u64, 2 * shown["pieces"].as_u64().unwrap());
    let AnswerMessage::OneWay(answer) = collected(texts(&shown)) else { panic!("another way") };
    assert_eq!(answer.question, Some(1));
    let plain = stage.command(&words).output().unwrap();
    let lines: Vec<String> = String::from_utf8(plain.stdout).unwrap().lines().map(str::to_owned).collect();
    assert!(lines.iter().all(|line| line.starts_with("OQ1:")), "nothing else on standard output");
    let AnswerMessage::OneWay(again) = collected(lines) else { panic!("another way") };
    assert!(again.nonce != answer.nonce);
    // A code, in pictures; each code is answered once.
    let code = ShortCode::draw(1, &crypto::SystemEntropy).unwrap().grouped().to_lowercase();
    let mut words = vec!["present", "--code", &code, "--frames", place, "--size", "small", "--yes"];
    words.extend(["--acknowledge", "unauthenticated", "--keep-frames"]);
    let choose;
    let (_, answer) = stage.json(&words);
    if answer["error"]["code"] == "choice_incomplete" {
        choose = chosen(&answer["error"]);
        words.extend(["--choose", &choose]);
        let shown = stage.ok(&words);
        assert_eq!((&shown["mode"], &shown["readable"]), (&Value::from("code"), &Value::Bool(true)));
        assert!(shown["deletedInSeconds"].is_null());
    }
    let mut pictures = pictures_in(&frames);
    pictures.sort();
    let texts =
        pictures.iter().flat_map(|path| host::qr::texts_in_picture(&std::fs::read(path).unwrap()).unwrap());
    assert!(matches!(collected(texts), AnswerMessage::Code(answer) if answer.question == Some(1)));
    stage.error(&words, 3, "request_already_answered");
    let history = stage.ok(&["history"]);
    assert_eq!(
        (&history["chainHolds"], &history["entries"][1]["shown"]),
        (&Value::Bool(true), &Value::from("code"))
    );
}

fn pictures_in(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|it| it == "png")).collect()
}

#[test]
#[cfg(unix)]
fn pictures_that_nobody_encrypted_are_their_users_alone_and_end_with_the_command() {
    use std::io::BufRead as _;
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::with_wallet();
    stage.hold("p1", "p1-resident");
    let frames = stage.folder.path().join("frames");
    let mut words = vec!["--json", "present", "--one-way", "age-over-19", "--frames"];
    words.extend([frames.to_str().unwrap(), "--yes", "--acknowledge", "unauthenticated"]);
    let (_, answer) = stage.json(&["present", "--one-way", "age-over-19", "--frames", "-", "--yes"]);
    let choose = (answer["error"]["code"] == "choice_incomplete").then(|| chosen(&answer["error"]));
    words.extend(choose.iter().flat_map(|choose| ["--choose", choose]));
    let mut command = stage.command(&words);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let shown = serde_json::from_str::<Value>(&said).unwrap()["ok"].clone();
    assert_eq!(shown["readable"], true);
    assert!(shown["deletedInSeconds"].as_u64().is_some_and(|seconds| (1..=60).contains(&seconds)), "{shown}");
    // It stays as long as they count, and the wallet is free meanwhile.
    assert!(child.try_wait().unwrap().is_none());
    stage.ok(&["list"]);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut pictures = pictures_in(&frames);
    pictures.sort();
    assert_eq!((mode(&frames), pictures.len() as u64), (0o700, shown["frames"].as_u64().unwrap()));
    assert!(pictures.iter().all(|picture| mode(picture) == 0o600));
    let texts =
        pictures.iter().flat_map(|path| host::qr::texts_in_picture(&std::fs::read(path).unwrap()).unwrap());
    assert!(matches!(collected(texts), AnswerMessage::OneWay(_)));
    // Stopped, it takes them along.
    let stop = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stop.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!frames.exists());
}

#[test]
fn a_place_that_cannot_be_written_costs_no_copy_and_no_line() {
    let stage = Stage::with_wallet();
    stage.hold("p1", "p1-resident");
    let file = stage.folder.path().join("file");
    std::fs::write(&file, "a file").unwrap();
    let place = file.join("frames");
    let held = || (stage.ok(&["history"])["entries"].clone(), stage.ok(&["list"]));
    let before = held();
    let mut words = vec!["present", "--one-way", "age-over-19", "--frames"];
    words.extend([place.to_str().unwrap(), "--yes", "--acknowledge", "unauthenticated", "--keep-frames"]);
    stage.error(&words, 6, "frames_unwritable");
    assert_eq!(held(), before);
    // Nothing else kept it from being shown.
    let good = stage.folder.path().join("frames");
    words[4] = good.to_str().unwrap();
    let shown = stage.ok(&words);
    assert_eq!(shown["frames"].as_u64(), Some(pictures_in(&good).len() as u64));
    assert_ne!(held(), before);
}

#[test]
fn frames_that_are_not_all_there_and_requests_of_another_way_are_said() {
    let stage = Stage::with_wallet();
    stage.hold("p1", "p1-resident");
    let noise: [u8; 1000] = crypto::random::bytes(&crypto::SystemEntropy).unwrap();
    let request_object = format!("e30.{}.AAAA", primitives::base64url::encode(&noise));
    let message = offline_qr::RequestMessage { request_object }.encode().unwrap();
    let frames = offline_qr::Frames::new(
        Kind::Request,
        &message,
        offline_qr::FrameSize::Small,
        &crypto::SystemEntropy,
    );
    let frames = frames.unwrap();
    let file = stage.folder.path().join("frames.txt");
    let path = file.to_str().unwrap();
    let pieces: Vec<String> = (0..u16::from(frames.count())).map(|sequence| frames.text(sequence)).collect();
    assert!(pieces.len() > 1);
    std::fs::write(&file, format!("{}\n", pieces[0])).unwrap();
    let error = stage.error(&["present", path, "--frames", "-", "--yes"], 2, "input_incomplete");
    assert_eq!((error["have"].as_u64(), error["need"].as_u64()), (Some(1), Some(pieces.len() as u64)));
    // All of it, in two files: read, and refused for what it is.
    let rest = stage.folder.path().join("rest.txt");
    std::fs::write(&rest, pieces[1..].join("\n")).unwrap();
    let words = ["present", path, rest.to_str().unwrap(), "--frames", "-", "--yes"];
    stage.error(&words, 3, "request_object_malformed");
    let (link, _) = stage.asked("v-library");
    stage.error(&["present", &link, "--frames", "-", "--yes"], 2, "frames_not_wanted");
}
