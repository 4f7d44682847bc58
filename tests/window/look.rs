//! Language, text size, contrast, narrow windows, and what axe says of the main screens.

use super::bench::{Bench, Keyring};
use super::person::Person;

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/node_modules/axe-core/axe.min.js");

impl Person<'_> {
    /// What axe finds on the page as it is, for WCAG 2.2 A and AA.
    async fn is_accessible(&self, step: &str) {
        let axe = std::fs::read_to_string(AXE).expect("the UI's packages are installed (npm ci in ui/)");
        let _ = self.run(&format!("{axe}; return 1")).await;
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(
                (found) => done(found.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' | '))),
                (error) => done([String(error)]))";
        let found = self.window.execute_async(script, Vec::new()).await.unwrap();
        assert_eq!(found, serde_json::json!([]), "{step}");
    }

    /// Whether the page is no wider than its window.
    async fn fits(&self, step: &str) {
        let script = "const wide = [...document.querySelectorAll('body, main')].filter((one) => one.scrollWidth > one.clientWidth + 1);
            return wide.map((one) => one.tagName + ' ' + one.scrollWidth + ' of ' + one.clientWidth)";
        assert_eq!(self.run(script).await, serde_json::json!([]), "{step} scrolls sideways");
    }

    pub async fn looks(&self, step: &str) {
        self.picture(step).await;
        self.fits(step).await;
        self.is_accessible(step).await;
    }
}

const PLACES: [(&str, &str); 6] = [
    ("#/", "shelf-id"),
    ("#/ids", "paper"),
    ("#/receive", "reader"),
    ("#/present", "reader"),
    ("#/history", "history-row"),
    ("#/settings", "about"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_holds_in_english_large_and_in_high_contrast() {
    let bench = Bench::new("look", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.sees("first-run").await;
    person.looks("first-run").await;
    person.begins_as("p1").await;
    for (place, sign) in PLACES {
        person.goes_to(place).await;
        person.sees(sign).await;
        person.looks(&format!("light-{}", place.trim_start_matches("#/"))).await;
    }
    person.sets(&["language-en", "size-1.5", "contrast-high"]).await;
    for (place, sign) in PLACES {
        person.goes_to(place).await;
        person.sees(sign).await;
        person.looks(&format!("high-{}", place.trim_start_matches("#/"))).await;
    }
    // What was set stays, and stands before the first paint of the next start.
    person.leaves().await;
    let person = Person::sits_down(&bench).await;
    person.sees("shelf-id").await;
    let look =
        "const d = document.documentElement; return [d.lang, d.dataset.size, d.dataset.krdsMode].join(' ')";
    assert_eq!(person.run(look).await, "en 1.5 high-contrast");
    // The window's own title follows the page.
    let titles = bench.desktop("xdotool", &["search", "--onlyvisible", "--name", "Citizen Wallet|시민지갑"]);
    assert!(!titles.is_empty(), "the window is found by its title");
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_window_has_its_bar_and_scrolls_nowhere_sideways() {
    let bench = Bench::new("narrow", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let id = bench.desktop("xdotool", &["search", "--onlyvisible", "--name", "시민지갑"]);
    let id = id.lines().last().unwrap_or_default();
    bench.desktop("xdotool", &["windowsize", "--sync", id, "360", "720"]);
    person
        .until("the window is narrow", async || {
            person.run("return innerWidth").await.as_u64().is_some_and(|width| width <= 400)
        })
        .await;
    person.sees("bar-today").await;
    for (place, sign) in PLACES {
        person.goes_to(place).await;
        person.sees(sign).await;
        person.looks(&format!("narrow-{}", place.trim_start_matches("#/"))).await;
    }
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_keeps_to_its_content_policy() {
    let bench = Bench::new("policy", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.run("window.broken = []; document.addEventListener('securitypolicyviolation', (event) => window.broken.push(event.violatedDirective + ' ' + event.blockedURI))").await;
    person.begins_as("p1").await;
    for (place, sign) in PLACES {
        person.goes_to(place).await;
        person.sees(sign).await;
    }
    assert_eq!(person.run("return window.broken").await, serde_json::json!([]));
    // What the policy forbids does not happen: no network, no inline script, no other place.
    let script = "const done = arguments[0]; fetch('http://127.0.0.1:1/').then(() => done('fetched'), () => done('refused'))";
    assert_eq!(person.window.execute_async(script, Vec::new()).await.unwrap(), "refused");
    let broken = person.run("return window.broken.length").await;
    assert!(broken.as_u64().is_some_and(|count| count > 0), "it was the policy that refused");
    person.run("location.href = 'http://127.0.0.1:1/'").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    person.sees("main").await;
    // A command outside the contract does not exist for the page.
    let script = "const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('plugin:window|set_size', {}).then(() => done('done'), (error) => done(String(error)))";
    let answer = person.window.execute_async(script, Vec::new()).await.unwrap();
    assert!(answer.as_str().unwrap().contains("not allowed"), "{answer}");
    person.leaves().await;
}
