use super::*;

fn words(text: &str) -> Parameter {
    Parameter::Words(text.to_owned())
}

#[test]
fn particles_money_and_plurals_agree() {
    let fill = |template: &str, value: Parameter, language| {
        super::fill(template, |name| (name == "x").then_some(&value), language)
    };
    let korean = |template: &str, value| fill(template, value, Language::Korean);
    assert_eq!(korean("{x:이/가} 왔다", words("가람시")), "가람시가 왔다");
    assert_eq!(korean("{x:이/가} 왔다", words("정부24")), "정부24가 왔다");
    assert_eq!(korean("{x:을/를}", words("나루군(시연)")), "나루군(시연)을");
    assert_eq!(korean("{x:으로/로}", words("서울")), "서울로");
    assert_eq!(korean("{x#won:이/가}", Parameter::Number(77_040)), "77,040원이");
    assert_eq!(korean("{y}/{x}{", Parameter::Number(-1_000)), "/-1,000{");
    assert_eq!(fill("{x:paper/papers}", Parameter::Number(1), Language::English), "1 paper");
    assert_eq!(fill("{x:paper/papers}", Parameter::Number(1_200), Language::English), "1,200 papers");
}

#[test]
fn an_error_has_its_own_sentence_or_its_familys_or_that_of_whom_it_blames() {
    let say = |code: &str| Language::Korean.error(code, BlameView::Network, &BTreeMap::new());
    assert_eq!(say("disk_full"), KOREAN["error.disk_full"]);
    assert_eq!(say("request_no_such_code"), KOREAN["error.family.request_"]);
    assert_eq!(say("no_such_family"), KOREAN["error.blame.network"]);
}

/// Every sentence that this crate names is there in both languages, and every sentence of the command line is named.
#[test]
fn the_command_lines_sentences_are_there_and_used() {
    assert_eq!(KOREAN.keys().collect::<Vec<_>>(), ENGLISH.keys().collect::<Vec<_>>());
    let mut source = String::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                source.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let prefixes = [
        "cli.", "present.", "receive.", "line.", "items.", "warning.", "left.", "history.", "trust.",
        "profile.",
    ];
    let named = source.split('"').filter(|word| {
        prefixes.iter().any(|prefix| word.starts_with(prefix))
            && !word.ends_with('.')
            && !word.ends_with(".json")
            && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.')
    });
    for key in named {
        assert!(KOREAN.contains_key(key), "{key} has no sentence");
    }
    for key in KOREAN.keys().filter(|key| key.starts_with("cli.")) {
        assert!(source.contains(&format!("\"{key}\"")), "{key} is never said");
    }
}
