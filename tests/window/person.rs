//! The person at the window: finds things by the names of `ui/README.md`, presses, types, looks.

use std::time::{Duration, Instant};

use demo_government::{Config, Government};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::bench::{Bench, wait_for};

/// How long the window may take to show something.
const PATIENCE: Duration = Duration::from_secs(30);

/// A window and who sits before it.
pub struct Person<'a> {
    pub bench: &'a Bench,
    pub window: Client,
}

fn named(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}

impl<'a> Person<'a> {
    /// Opens the window.
    pub async fn sits_down(bench: &'a Bench) -> Self {
        Self { bench, window: bench.open(&[]).await }
    }

    /// Opens the window with a link.
    pub async fn follows(bench: &'a Bench, link: &str) -> Self {
        Self { bench, window: bench.open(&[link]).await }
    }

    /// Closes the window and waits for the program's end: one that still ends would take the next start for its own.
    pub async fn leaves(self) {
        self.window.close().await.unwrap();
        let folder = self.bench.path("wallet");
        wait_for("the program's end", || host::lock::FolderLock::acquire(&folder).is_ok());
    }

    /// Waits for what a selector finds.
    pub async fn sees_css(&self, css: &str) -> Element {
        match self.window.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("failed").await;
                panic!("{css} was not seen ({error}); the page says: {}", self.words().await);
            }
        }
    }

    /// Waits for a named thing.
    pub async fn sees(&self, id: &str) -> Element {
        self.sees_css(&named(id)).await
    }

    /// Whether a named thing is there now.
    pub async fn has(&self, id: &str) -> bool {
        !self.window.find_all(Locator::Css(&named(id))).await.unwrap().is_empty()
    }

    /// The words of a named thing, waited for.
    pub async fn reads(&self, id: &str) -> String {
        self.sees(id).await.text().await.unwrap()
    }

    /// Waits until a named thing says something.
    pub async fn waits_to_read(&self, id: &str, words: &str) {
        self.until(&format!("{id} says {words}"), async || {
            match self.window.find(Locator::Css(&named(id))).await {
                Ok(element) => element.text().await.is_ok_and(|text| text.contains(words)),
                Err(_) => false,
            }
        })
        .await;
    }

    /// Waits until something is so.
    pub async fn until(&self, what: &str, so: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !so().await {
            if begun.elapsed() > PATIENCE {
                self.picture("failed").await;
                panic!("waited too long until {what}; the page says: {}", self.words().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// All words on the page.
    pub async fn words(&self) -> String {
        let words = self.run("return document.body.innerText").await;
        words.as_str().unwrap_or_default().to_owned()
    }

    /// Presses a named thing.
    pub async fn presses(&self, id: &str) {
        self.presses_css(&named(id)).await;
    }

    /// Presses what a selector finds. A page that is drawn anew meanwhile gets a second press.
    pub async fn presses_css(&self, css: &str) {
        let begun = Instant::now();
        loop {
            match self.sees_css(css).await.click().await {
                Ok(()) => return,
                Err(error) => {
                    if begun.elapsed() > PATIENCE {
                        self.picture("failed").await;
                        panic!("{css} could not be pressed: {error}");
                    }
                    // What lies outside of what is scrolled is brought into the middle, as a person does before pressing.
                    let script = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })";
                    self.window.execute(script, vec![json!(css)]).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Types into a named field.
    pub async fn types(&self, id: &str, text: &str) {
        let field = self.sees(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Puts a text into a named field as pasting does.
    pub async fn pastes(&self, id: &str, text: &str) {
        self.sees(id).await;
        let script =
            "const field = document.querySelector(arguments[0]); field.focus(); field.value = arguments[1];
            field.dispatchEvent(new InputEvent('input', { bubbles: true }))";
        self.window.execute(script, vec![json!(named(id)), json!(text)]).await.unwrap();
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.window.execute(script, Vec::new()).await.unwrap()
    }

    /// Goes to a place by its address.
    pub async fn goes_to(&self, place: &str) {
        self.window.execute("location.hash = arguments[0]", vec![json!(place)]).await.unwrap();
    }

    /// All named things that are there now.
    pub async fn all(&self, id: &str) -> Vec<Element> {
        self.all_css(&named(id)).await
    }

    /// All that a selector finds now.
    pub async fn all_css(&self, css: &str) -> Vec<Element> {
        self.window.find_all(Locator::Css(css)).await.unwrap()
    }

    /// How many named things are there now.
    pub async fn count(&self, id: &str) -> usize {
        self.all(id).await.len()
    }

    /// How many a selector finds now.
    pub async fn count_css(&self, css: &str) -> usize {
        self.all_css(css).await.len()
    }

    /// Where several papers fit, takes the first, which tells least.
    pub async fn chooses_first_papers(&self) {
        let script = "for (const query of document.querySelectorAll('[data-testid=query]'))
            if (!query.querySelector('input:checked')) query.querySelector('input')?.click()";
        self.run(script).await;
    }

    /// Presses keys on the window as a keyboard does, each after the one before was seen: under load a display loses keys, and one that
    /// arrives late would come after what it was pressed for was looked at.
    pub async fn keys(&self, keys: &[&str]) {
        for key in keys {
            let before = self.keys_seen().await;
            let begun = Instant::now();
            let mut pressed = 0;
            while self.keys_seen().await == before {
                if begun.elapsed() > PATIENCE {
                    self.picture("failed").await;
                    panic!("the page does not see {key}; it says: {}", self.words().await);
                }
                if begun.elapsed() >= pressed * Duration::from_secs(5) {
                    self.bench.desktop("xdotool", &["key", "--clearmodifiers", key]);
                    pressed += 1;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }

    /// How many keys, Shift and the like left out, the page saw go up since it was first asked.
    async fn keys_seen(&self) -> Value {
        self.run(
            "if (window.keysSeen === undefined) {
                window.keysSeen = 0;
                addEventListener('keyup', ({ key }) => { if (!/^(Control|Shift|Alt|Meta)/.test(key)) window.keysSeen += 1 }, true);
            }
            return window.keysSeen",
        )
        .await
    }

    /// Types a text into the field that has the focus as a keyboard does, and reads it over: under load a display loses keys.
    pub async fn keys_text(&self, text: &str) {
        for delay in ["2", "12", "40"] {
            self.bench.desktop("xdotool", &["type", "--delay", delay, text]);
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(5) {
                if self.run("return document.activeElement?.value").await == json!(text) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            self.keys(&["ctrl+a", "Delete"]).await;
        }
        self.picture("failed").await;
        panic!("what is typed does not arrive; the page says: {}", self.words().await);
    }

    /// Presses Tab until a named thing has the focus. Every one of them is reached this way or the test fails.
    pub async fn tabs_to(&self, id: &str) {
        for _ in 0..60 {
            let focused = self.run("return document.activeElement?.dataset?.testid ?? ''").await;
            if focused == json!(id) {
                return;
            }
            self.keys(&["Tab"]).await;
        }
        self.picture("failed").await;
        panic!("{id} is not reached with Tab");
    }

    /// Keeps a picture of the window, after what was drawn last is on the screen.
    pub async fn picture(&self, step: &str) {
        let painted = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 150)))";
        let _ = self.window.execute_async(painted, Vec::new()).await;
        if let Ok(picture) = self.window.screenshot().await {
            std::fs::write(self.bench.picture(step), picture).unwrap();
        }
    }

    /// Sets what the settings offer to choose from, by the names of the choices. The page may grow under the pointer: a press may miss, and
    /// the next one does not.
    pub async fn sets(&self, ids: &[&str]) {
        self.goes_to("#/settings").await;
        for id in ids {
            self.until("it is set", async || {
                self.presses(id).await;
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                self.count_css(&format!("[data-testid=\"{id}\"]:checked")).await == 1
            })
            .await;
        }
    }

    /// Attaches to the government that the wallet started.
    pub async fn government(&self) -> Government {
        let config = Config { folder: Some(self.bench.government_folder()), port_base: Some(0) };
        Government::start(config).await.unwrap()
    }

    /// A verifier's key and name for a desk: its configuration, and the files that it names.
    pub async fn desk_kit(&self, government: &Government, verifier: &str) -> [Value; 2] {
        let kit = self.bench.path("desk");
        government.desk_kit(verifier, &kit, 9000).await.unwrap();
        let texts = |entry: std::fs::DirEntry| {
            let text = std::fs::read_to_string(entry.path()).ok()?;
            Some((entry.file_name().to_string_lossy().into_owned(), json!(text)))
        };
        let mut files: serde_json::Map<String, Value> =
            std::fs::read_dir(&kit).unwrap().filter_map(|entry| texts(entry.unwrap())).collect();
        let configuration = files.remove("verifier.json").expect("a kit has its configuration");
        [configuration, json!(files)]
    }

    /// The first run of a person of the demo, up to the first card.
    pub async fn begins_as(&self, persona: &str) {
        self.sees("first-run").await;
        if self.has("personas-all").await {
            self.presses("personas-all").await;
        }
        self.presses(&format!("persona-{persona}")).await;
        self.presses("first-continue").await;
        self.accepts(None).await;
        self.presses("received-today").await;
        self.sees("shelf-id").await;
    }

    /// From the host that was read to the papers: with a transaction code where the issuer asks for one.
    pub async fn accepts(&self, code: Option<&str>) {
        self.presses("host-continue").await;
        self.sees("offer").await;
        if let Some(code) = code {
            self.types("tx-code", code).await;
        }
        self.presses("receive-accept").await;
        self.sees("received").await;
    }

    /// Pastes an offer or request at its place.
    pub async fn reads_link(&self, place: &str, link: &str) {
        // From another place, so that what the last flow left is gone.
        self.goes_to("#/").await;
        self.sees("shelf-id").await;
        self.goes_to(place).await;
        self.pastes("reader-text", link).await;
        self.presses("reader-read").await;
        self.sees("host").await;
    }

    /// Receives what a link offers.
    pub async fn receives(&self, link: &str, code: Option<&str>) {
        self.reads_link("#/receive", link).await;
        self.accepts(code).await;
    }
}
