//! Passphrase, lock, and what the keyring does not give.

use super::bench::{Bench, Keyring};
use super::person::Person;

const PASSPHRASE: &str = "물결 도서관 자전거 초록 열두 번째";

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_is_set_and_only_the_right_one_opens() {
    let bench = Bench::new("passphrase", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    person.goes_to("#/settings").await;
    person.presses("pass-open-set").await;
    person.types("pass-fresh", "1234").await;
    person
        .until("a weak one is said to be weak", async || !person.reads("pass-strength").await.is_empty())
        .await;
    person.picture("1-weak").await;
    person.types("pass-fresh", PASSPHRASE).await;
    person.types("pass-again", PASSPHRASE).await;
    person.picture("2-strong").await;
    person.presses("pass-submit").await;
    person.until("it is set", async || person.has("pass-open-change").await).await;
    person.picture("3-set").await;
    person.presses("lock").await;
    person.sees("locked").await;
    assert!(!person.words().await.contains("이도담"), "nothing of the person stays on the page");
    person.picture("4-locked").await;
    person.types("unlock-passphrase", "틀린 비밀번호 하나 둘 셋").await;
    person.presses("unlock").await;
    person.until("it is said to be wrong", async || !person.reads("unlock-wrong").await.is_empty()).await;
    person.picture("5-wrong").await;
    // The next try waits a moment; the page says how long.
    person
        .until("the right one opens", async || {
            if person.has("shelf-id").await {
                return true;
            }
            if person.has("unlock-passphrase").await && person.has("unlock").await {
                person.types("unlock-passphrase", PASSPHRASE).await;
                if let Some(button) = person.all("unlock").await.first() {
                    let _ = button.click().await;
                }
                tokio::time::sleep(std::time::Duration::from_millis(900)).await;
            }
            false
        })
        .await;
    person.picture("6-open").await;
    // A new start asks for it at once.
    person.leaves().await;
    let person = Person::sits_down(&bench).await;
    person.sees("locked").await;
    assert!(person.has("unlock-passphrase").await);
    person.types("unlock-passphrase", PASSPHRASE).await;
    person.presses("unlock").await;
    person.sees("shelf-id").await;
    // Removed again: the wallet opens by itself.
    person.goes_to("#/settings").await;
    person.presses("pass-open-remove").await;
    person.types("pass-current", PASSPHRASE).await;
    person.presses("pass-submit").await;
    person.until("it is removed", async || person.has("pass-open-set").await).await;
    person.leaves().await;
    let person = Person::sits_down(&bench).await;
    person.sees("shelf-id").await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_passphrase_lock_takes_everything_away_and_a_press_brings_it_back() {
    let bench = Bench::new("lock", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    person.goes_to("#/ids").await;
    person.sees("paper").await;
    person.keys(&["ctrl+l"]).await;
    person.sees("locked").await;
    assert!(!person.words().await.contains("이도담"));
    person.picture("1-locked").await;
    person.presses("unlock").await;
    person.sees("shelf-id").await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_service_the_wallet_says_so_and_goes_on_when_there_is_one() {
    let bench = Bench::new("no-keyring", Keyring::None);
    let person = Person::sits_down(&bench).await;
    person.presses("persona-p1").await;
    person.presses("first-continue").await;
    let problem = person.sees("trouble").await.attr("data-problem").await.unwrap();
    assert_eq!(problem.as_deref(), Some("keyring.noService"));
    person.picture("1-first-run").await;
    bench.start_keyring(Keyring::Unlocked);
    person.presses("trouble-again").await;
    person.begins_as("p1").await;
    person.leaves().await;
    // The same with a wallet that is there: nothing of it is lost.
    bench.stop_keyring();
    let person = Person::sits_down(&bench).await;
    let problem = person.sees("trouble").await.attr("data-problem").await.unwrap();
    assert_eq!(problem.as_deref(), Some("keyring.noService"));
    person.picture("2-wallet").await;
    bench.start_keyring(Keyring::Unlocked);
    person.presses("trouble-again").await;
    person.sees("shelf-id").await;
    assert!(person.words().await.contains("이도담"));
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keyring_is_told_apart_within_seconds() {
    let bench = Bench::new("locked-keyring", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    person.leaves().await;
    bench.stop_keyring();
    bench.start_keyring(Keyring::Locked);
    let person = Person::sits_down(&bench).await;
    let begun = std::time::Instant::now();
    person
        .until("the keyring is said to be locked", async || {
            let Some(trouble) = person.all("trouble").await.pop() else { return false };
            let problem = trouble.attr("data-problem").await.ok().flatten();
            matches!(problem.as_deref(), Some("keyring.locked" | "keyring.waiting"))
        })
        .await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    person.picture("1-locked").await;
    bench.stop_keyring();
    bench.start_keyring(Keyring::Unlocked);
    person.presses("trouble-again").await;
    person.sees("shelf-id").await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_in_use_elsewhere_is_said_to_be_and_another_process_can_lock_this_one() {
    let bench = Bench::new("in-use", Keyring::Unlocked);
    let folder = bench.path("wallet");
    let elsewhere = host::lock::FolderLock::acquire(&folder).unwrap();
    let person = Person::sits_down(&bench).await;
    let problem = person.sees("trouble").await.attr("data-problem").await.unwrap();
    assert_eq!(problem.as_deref(), Some("trouble.inUse"));
    person.picture("1-in-use").await;
    drop(elsewhere);
    person.presses("trouble-again").await;
    person.begins_as("p1").await;
    let status = launch::ask_holder(&folder, launch::Ask::Lock).await.unwrap();
    assert!(matches!(status.state, wallet::view::WalletState::Locked { .. }));
    person.sees("locked").await;
    assert!(!person.words().await.contains("이도담"));
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_passphrase_the_wallet_warns_and_locks_when_nobody_is_there() {
    let bench = Bench::new("idle", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let minute = "const done = arguments[0]; const tell = window.__TAURI_INTERNALS__.invoke;
        tell('status').then((status) => tell('set_settings', { request: { ...status.settings, lockAfterMinutes: 1 } }))
            .then(() => done('set'), (error) => done(JSON.stringify(error)))";
    assert_eq!(person.window.execute_async(minute, Vec::new()).await.unwrap(), "set");
    person.goes_to("#/settings").await;
    person.presses("pass-open-set").await;
    person.types("pass-fresh", PASSPHRASE).await;
    person.types("pass-again", PASSPHRASE).await;
    person.presses("pass-submit").await;
    person.until("it is set", async || person.has("pass-open-change").await).await;
    tokio::time::sleep(std::time::Duration::from_secs(36)).await;
    assert!(!person.has("locked").await);
    person.sees("locking").await;
    person.picture("1-warned").await;
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    person.sees("locked").await;
    person.picture("2-locked").await;
    person.leaves().await;
}
