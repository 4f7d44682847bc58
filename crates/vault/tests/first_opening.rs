//! Several threads that open the first databases of a process at the same time.
//!
//! SQLite calls itself initialised before SQLCipher's part of the initialisation has run, so that a second thread that
//! comes in between is told that there is no cipher. It only happens once a process: the test starts many.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use std::process::Command;
use std::sync::Barrier;

use common::{Place, TestStore, at};
use vault::LockedVault;

const CHILD: &str = "CITIZEN_WALLET_VAULT_TEST_FOLDERS";
const PROCESSES: usize = 120;
const THREADS: usize = 8;

// Without the initialisation that happens once, about one process in fifty fails.
#[test]
fn the_first_databases_of_a_process_may_be_opened_at_once() {
    if let Some(folders) = std::env::var_os(CHILD) {
        return open_all(&std::env::split_paths(&folders).collect::<Vec<_>>());
    }
    let places: Vec<Place> = (0..THREADS).map(|_| Place::new()).collect();
    for place in &places {
        place.create(None);
    }
    let folders = std::env::join_paths(places.iter().map(|place| place.directory.path())).unwrap();
    for number in 1..=PROCESSES {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_first_databases_of_a_process_may_be_opened_at_once"])
            .env(CHILD, &folders)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "process {number}: {said}");
    }
}

fn open_all(roots: &[std::path::PathBuf]) {
    let barrier = Barrier::new(roots.len());
    std::thread::scope(|scope| {
        for root in roots {
            let barrier = &barrier;
            scope.spawn(move || {
                let store = TestStore::new(&root.join("secrets"));
                let locked = LockedVault::open(&root.join("wallet")).unwrap();
                barrier.wait();
                assert!(locked.unlock(&store, None, at(0)).is_ok());
            });
        }
    });
}
