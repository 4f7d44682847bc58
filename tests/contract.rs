//! The contract between the page and the application (`ui/src/lib/contract.ts`) is kept on this side too: every command is
//! granted and registered, and what crosses has exactly the members that the page expects, of the types it expects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    unreachable_pub,
    missing_docs
)]

#[path = "contract/desk.rs"]
mod desk;
#[path = "contract/pieces.rs"]
mod pieces;
#[path = "contract/samples.rs"]
mod samples;
#[path = "contract/typescript.rs"]
mod typescript;

use std::collections::BTreeSet;
use std::path::Path;

use typescript::{Contract, Type};

fn contract() -> Contract {
    Contract::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib"))
}

/// `receiveStart` is `receive_start`, as in `bridge.ts`.
fn snake(name: &str) -> String {
    name.chars()
        .flat_map(|letter| {
            let upper = letter.is_ascii_uppercase();
            upper.then_some('_').into_iter().chain([letter.to_ascii_lowercase()])
        })
        .collect()
}

#[test]
fn every_command_of_the_contract_is_granted_and_registered_and_no_other() {
    let contract = contract();
    let Type::Object(members) = &contract.types["Commands"] else { panic!("Commands is an interface") };
    let wanted: BTreeSet<String> = members.iter().map(|(name, _)| snake(name)).collect();
    assert_eq!(wanted.len(), 62);
    let permissions = include_str!("../src-tauri/permissions/wallet.toml");
    let granted: BTreeSet<String> =
        permissions.split('"').map(str::to_owned).filter(|word| wanted.contains(word)).collect();
    assert_eq!(granted, wanted, "permissions/wallet.toml");
    let listed = permissions.lines().filter(|line| line.trim_start().starts_with('"')).count();
    assert_eq!(listed, wanted.len(), "permissions/wallet.toml grants nothing else");
    let shell = include_str!("../src-tauri/src/lib.rs");
    let registered: BTreeSet<String> = shell
        .lines()
        .filter_map(|line| line.trim().strip_prefix("commands::")?.strip_suffix(','))
        .filter_map(|path| path.rsplit("::").next())
        .map(str::to_owned)
        .collect();
    assert_eq!(registered, wanted, "generate_handler!");
}

#[test]
fn what_crosses_has_the_members_that_the_page_expects() {
    let contract = contract();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, value) in samples::all().into_iter().chain(desk::all()) {
        seen.insert(name);
        if let Err(error) = contract.check(&value, &Type::Name(name.to_owned())) {
            wrong.push(format!("{name}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Every answer of a command has a sample, by itself or inside another.
    for name in [
        "Status",
        "Found",
        "Strength",
        "Today",
        "ShelfView",
        "Paper",
        "Text",
        "Original",
        "History",
        "HistoryEntry",
        "Offer",
        "Refusal",
        "ReceiveDone",
        "ReceiveAgain",
        "Cancelled",
        "Consent",
        "Preview",
        "Sent",
        "ShowingStarted",
        "Frames",
        "OfflineQuestion",
        "QueuedAnswer",
        "QueueResult",
        "RefreshResult",
        "ProfileView",
        "Desk",
        "DeskBegun",
        "DeskFed",
        "DeskPaperType",
        "DeskDraft",
        "DeskRefreshed",
        "DeskSaved",
        "AppError",
        "Input",
        "Selection",
        "Settings",
    ] {
        assert!(seen.contains(name), "{name} has no sample");
    }
}

/// A type in a file that nobody hands on would be checked by nobody, and of two of one name only one.
#[test]
fn a_file_that_is_not_handed_on_and_a_name_given_twice_are_found() {
    let read = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("contract")).unwrap();
        for (file, text) in files {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        std::panic::catch_unwind(|| Contract::read(folder.path()).types.len()).ok()
    };
    let index =
        ("contract.ts", "/** a */\nexport type * from './contract/a';\nexport type * from './contract/b';\n");
    let first = ("contract/a.ts", "export interface A { one: string }\n");
    let second = ("contract/b.ts", "import type { A } from './a';\n\nexport type B = A | null;\n");
    assert_eq!(read(&[index, first, second]), Some(2));
    assert_eq!(read(&[index, first]), None, "handed on and not there");
    assert_eq!(read(&[index, first, second, ("contract/c.ts", "export type C = string;\n")]), None);
    assert_eq!(read(&[index, first, ("contract/b.ts", "export type A = number;\n")]), None);
    let renamed = "import type { A as C } from './a';\n\nexport type B = C | null;\n";
    assert_eq!(read(&[index, first, ("contract/b.ts", renamed)]), None);
}

#[test]
fn a_missing_a_spare_and_a_misspelt_member_are_found() {
    let contract = contract();
    let text = Type::Name("Text".to_owned());
    let holds = |value: serde_json::Value| contract.check(&value, &text).is_ok();
    assert!(holds(serde_json::json!({ "ko": "가", "en": null })));
    assert!(!holds(serde_json::json!({ "ko": "가" })));
    assert!(!holds(serde_json::json!({ "ko": "가", "en": null, "ja": null })));
    assert!(!holds(serde_json::json!({ "ko": 1, "en": null })));
    let state = Type::Name("WalletState".to_owned());
    assert!(contract.check(&serde_json::json!({ "kind": "unlocked" }), &state).is_ok());
    assert!(contract.check(&serde_json::json!({ "kind": "open" }), &state).is_err());
    assert!(
        contract
            .check(&serde_json::json!({ "kind": "locked", "failed_attempts": 1, "waitSeconds": 0 }), &state)
            .is_err()
    );
}
