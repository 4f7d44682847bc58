//! Showing as QR, without a network: a typed code, the consent, frames that a camera reads off the window, pause, more time, the end; and
//! the way back, the request of a desk's screen through the wallet's camera.

use std::time::{Duration, Instant};

use offline_qr::{Collector, Fed, Kind, Session, ShortCode};
use primitives::Clock as _;
use serde_json::json;

use super::bench::{Bench, Keyring};
use super::person::Person;

/// The ready-made question whether somebody is 19 or older.
const AGE: u8 = 1;
/// What is typed on a keyboard in Hangul mode, by the key: the two-set layout.
const HANGUL: [(char, char); 22] = [
    ('A', 'ㅁ'),
    ('B', 'ㅠ'),
    ('C', 'ㅊ'),
    ('D', 'ㅇ'),
    ('E', 'ㄷ'),
    ('F', 'ㄹ'),
    ('G', 'ㅎ'),
    ('H', 'ㅗ'),
    ('J', 'ㅓ'),
    ('K', 'ㅏ'),
    ('M', 'ㅡ'),
    ('N', 'ㅜ'),
    ('P', 'ㅔ'),
    ('Q', 'ㅂ'),
    ('R', 'ㄱ'),
    ('S', 'ㄴ'),
    ('T', 'ㅅ'),
    ('V', 'ㅍ'),
    ('W', 'ㅈ'),
    ('X', 'ㅌ'),
    ('Y', 'ㅛ'),
    ('Z', 'ㅋ'),
];

fn draw() -> ShortCode {
    ShortCode::draw(AGE, &crypto::SystemEntropy).unwrap()
}

/// The code as it comes out of a keyboard that stands in Hangul mode.
fn in_hangul_mode(code: &ShortCode) -> String {
    let key = |letter| HANGUL.iter().find(|(key, _)| *key == letter).map_or(letter, |(_, jamo)| *jamo);
    code.grouped().chars().map(key).collect()
}

impl Person<'_> {
    /// Types a code at its place and goes on to the consent.
    pub async fn types_code(&self, typed: &str) {
        self.goes_to("#/").await;
        self.sees("shelf-id").await;
        self.goes_to("#/present").await;
        self.pastes("code-text", typed).await;
        let question = self.sees_css("[data-testid=code-read] .question").await;
        assert!(question.text().await.unwrap().contains("19"), "the question that the code names");
        self.presses("code-start").await;
        self.sees("consent").await;
    }

    /// The yes to what is shown, and the first frame.
    pub async fn agrees_to_show(&self) {
        self.chooses_first_papers().await;
        for tick in self.all_css("[data-testid^=\"ack-\"]:not(:checked)").await {
            tick.click().await.unwrap();
        }
        self.presses("agree-yes").await;
        self.until("it can be shown", async || self.act().await.0 == "send").await;
        self.presses("consent-act").await;
        self.sees("showing").await;
        self.until("a frame stands", async || self.sequence().await.is_some()).await;
    }

    /// The number of the frame on the screen.
    async fn sequence(&self) -> Option<u64> {
        let script =
            "return document.querySelector('[data-testid=qr]:not([hidden])')?.dataset.sequence ?? null";
        self.run(script).await.as_str().and_then(|text| text.parse().ok())
    }

    async fn seconds_left(&self) -> u64 {
        let left = self.sees("show-timer").await.attr("data-left").await.unwrap().unwrap();
        left.parse().unwrap()
    }

    async fn shown(&self, name: &str) -> Option<String> {
        self.sees("showing").await.attr(name).await.unwrap()
    }

    /// Looks at the window as a camera does until a message is whole.
    async fn reads_off_the_window(&self) -> (Vec<u8>, usize) {
        let mut collector = Collector::new(Kind::Answer);
        let begun = Instant::now();
        let mut looks = 0;
        while begun.elapsed() < Duration::from_secs(40) {
            looks += 1;
            let picture = self.window.screenshot().await.unwrap();
            for text in host::qr::texts_in_picture(&picture).unwrap_or_default() {
                if let Fed::Complete(message) = collector.feed(&text) {
                    return (message.bytes, looks);
                }
            }
        }
        self.picture("failed").await;
        panic!("the frames do not come together: {:?}", collector.progress());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_code_is_answered_by_frames_that_a_camera_reads_off_the_window() {
    let bench = Bench::new("showing", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    person.goes_to("#/present").await;
    person.sees("offline").await;
    person.picture("1-ways").await;

    // The window may look through the camera; where there is none, it says so and not that it was refused.
    person.presses("reader-camera").await;
    person
        .until("the camera is on or missing", async || {
            person.count_css("[data-testid=\"camera\"][data-on=\"true\"]").await == 1
                || person.has("camera-trouble").await
        })
        .await;
    person.picture("1-camera").await;
    if let Some(trouble) = person.all("camera-trouble").await.pop() {
        assert_eq!(trouble.attr("data-why").await.unwrap().as_deref(), Some("none"));
    }
    person.presses("camera-stop").await;
    person.until("the camera is off", async || !person.has("camera").await).await;

    // A mistyped code is found as it is typed, and a whole one in whatever input mode.
    let code = draw();
    let query = dcql::Query::from_value(civic::questions::by_number(AGE).unwrap().dcql()).unwrap();
    let session = Session::code(&code, query, host::SystemClock.now(), 300).unwrap();
    // One character is another: the check character finds every such code (OQ-8).
    let mut mistyped = code.nonce().to_owned();
    let last = mistyped.pop();
    mistyped.push(if last == Some('A') { 'B' } else { 'A' });
    person.pastes("code-text", &mistyped).await;
    person.until("it is found", async || !person.reads("code-wrong").await.is_empty()).await;
    person.picture("2-mistyped").await;
    person.types_code(&in_hangul_mode(&code)).await;
    assert!(person.reads("unknown-reader").await.contains("누가 읽는지"));
    person.picture("3-consent").await;
    assert!(person.all("qr").await.is_empty(), "nothing is shown before the yes");
    person.agrees_to_show().await;
    person.picture("4-showing").await;
    assert!(person.reads("show-told").await.contains("19세 이상"));
    assert_eq!(person.shown("data-mode").await.as_deref(), Some("code"));
    let focused = person.run("return document.activeElement?.dataset?.testid ?? ''").await;
    assert_eq!(focused, json!("show-pause"), "the focus begins on the pause");

    // Whoever looks has it, verified, with what was asked and no more.
    let (message, looks) = person.reads_off_the_window().await;
    let profile = wallet::profile::Profile::parse(government.profile_json().as_bytes()).unwrap();
    let verified = session.open(&message, &profile.anchors.issuers, host::SystemClock.now()).unwrap();
    assert_eq!(verified.presentations.len(), 1, "after {looks} looks");
    let told = verified.presentations[0].claims.to_string();
    assert!(told.contains("19") && told.contains("true"), "{told}");
    assert!(!told.contains("이도담") && !told.contains("birth"), "{told}");

    // Space pauses, for the focus is there; the time goes on.
    person.keys(&["space"]).await;
    person.until("it stands", async || person.shown("data-paused").await.as_deref() == Some("true")).await;
    let (frame, left) = (person.sequence().await, person.seconds_left().await);
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(person.sequence().await, frame);
    assert!(person.seconds_left().await < left);
    person.picture("5-paused").await;
    person.keys(&["space"]).await;
    person.until("it goes on", async || person.sequence().await != frame).await;

    // More time is a new signature: another message from the first frame on.
    person.presses("show-extend").await;
    person.until("there is a minute again", async || person.seconds_left().await > 55).await;
    let (anew, _) = person.reads_off_the_window().await;
    assert_ne!(anew, message, "signed anew");
    person.presses("show-still").await;
    person
        .until("it stands still", async || person.shown("data-way").await.as_deref() != Some("moving"))
        .await;
    person.picture("6-still").await;
    person.presses("show-moving").await;
    person.presses("show-big").await;
    person.until("the rest is gone", async || !person.has("nav-today").await).await;
    let width = person.run("return document.querySelector('[data-testid=qr] canvas').clientWidth").await;
    assert!(width.as_u64().is_some_and(|width| width > 400), "{width}");
    person.picture("7-big").await;
    person.presses("show-big").await;
    person.sees("nav-today").await;

    // A window that lost its person shows nothing any more after ten seconds.
    person.run("window.dispatchEvent(new Event('blur'))").await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(person.sequence().await.is_some());
    person.sees_css("[data-testid=\"show-over\"][data-why=\"absent\"]").await;
    assert!(person.all("qr").await.is_empty());
    person.picture("8-absent").await;
    person.presses("show-again").await;
    person.until("a frame stands again", async || person.sequence().await.is_some()).await;

    // Esc stops; the history has the line, and locking takes everything away.
    person.run("window.dispatchEvent(new Event('focus'))").await;
    person.keys(&["Escape"]).await;
    person.sees("shown").await;
    person.picture("9-shown").await;
    person.presses("shown-history").await;
    person.sees("history-entry").await;
    assert!(person.reads("history-shown").await.contains("코드"));
    person.picture("10-history").await;
    person.types_code(&draw().nonce().to_ascii_lowercase()).await;
    person.agrees_to_show().await;
    person.keys(&["ctrl+l"]).await;
    person.sees("locked").await;
    assert!(person.all_css("canvas").await.is_empty(), "nothing of the code stays");
    person.picture("11-locked").await;
    person.presses("unlock").await;
    person.sees("shelf-id").await;
    person.goes_to("#/present").await;
    person.sees("offline").await;
    assert!(!person.has("showing").await);
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_holds_in_english_large_in_contrast_and_narrow_and_can_be_read_off() {
    let bench = Bench::new("showing-look", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    // Without a question: one of those that do not say who somebody is.
    person.goes_to("#/present").await;
    person.presses("one-way-1").await;
    person.presses("one-way-start").await;
    person.sees("weak").await;
    person.looks("1-one-way-consent").await;
    person.agrees_to_show().await;
    person.sees("show-weak").await;
    person.looks("2-one-way").await;
    person.presses("show-stop").await;
    person.sees("shown").await;

    person.sets(&["language-en", "size-1.5", "contrast-high"]).await;
    person.goes_to("#/present").await;
    person.sees("offline").await;
    person.looks("3-ways").await;
    person.types_code(&draw().grouped()).await;
    person.looks("4-consent").await;
    person.agrees_to_show().await;
    person.looks("5-showing").await;
    person.run("document.querySelector('[data-testid=show-told]').scrollIntoView()").await;
    person.picture("5-showing-more").await;
    person.presses("show-stop").await;
    person.sees("shown").await;

    person.sets(&["language-ko", "size-1", "contrast-light"]).await;
    let id = bench.desktop("xdotool", &["search", "--onlyvisible", "--name", "시민지갑"]);
    let id = id.lines().last().unwrap_or_default();
    bench.desktop("xdotool", &["windowsize", "--sync", id, "360", "720"]);
    person
        .until("the window is narrow", async || {
            person.run("return innerWidth").await.as_u64().is_some_and(|width| width <= 400)
        })
        .await;
    person.goes_to("#/present").await;
    person.sees("offline").await;
    person.looks("6-narrow-ways").await;
    person.types_code(&draw().grouped()).await;
    person.looks("7-narrow-consent").await;
    person.agrees_to_show().await;
    person.looks("8-narrow").await;
    let width = person.run("return document.querySelector('[data-testid=qr] canvas').clientWidth").await;
    assert!(width.as_u64().is_some_and(|width| width >= 240), "{width}");
    person.run("document.querySelector('[data-testid=qr]').scrollIntoView()").await;
    let _ = person.reads_off_the_window().await;
    person.leaves().await;
}

/// A shop's desk begins a check in the same program, and its frames become the pictures of a camera: a stream of a canvas in the place of
/// the camera's, since no computer of tests has one. What is tested is everything behind the camera.
const DESK: &str = "const [configuration, files, done] = arguments;
    const invoke = window.__TAURI_INTERNALS__.invoke;
    (async () => {
        await invoke('desk_import', { request: { configuration, files } });
        try { await invoke('desk_refresh') } catch (error) { console.log(error) }
        const begun = await invoke('desk_begin', { request: { question: 'identity', mode: 'request' } });
        const { frames } = await invoke('desk_frames', { request: { deskId: begun.deskId, from: 0, count: 25, size: 'standard' } });
        const canvas = document.createElement('canvas');
        canvas.width = 1280; canvas.height = 720;
        const context = canvas.getContext('2d');
        let at = 0;
        const draw = () => {
            const { side, modules } = frames[at % frames.length];
            at += 1;
            // Every third is lost, and in the next round others.
            const lost = at % 3 === 0;
            const bits = Uint8Array.from(atob(modules), (letter) => letter.charCodeAt(0));
            context.fillStyle = '#9a9a9a'; context.fillRect(0, 0, 1280, 720);
            const size = Math.floor(640 / (side + 8));
            context.fillStyle = '#e8e8e8'; context.fillRect(300, 20, size * (side + 8), size * (side + 8));
            context.fillStyle = '#202020';
            for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
                const bit = y * side + x;
                if (!lost && (bits[bit >> 3] >> (7 - (bit & 7)) & 1)) context.fillRect(300 + (x + 4) * size, 20 + (y + 4) * size, size, size);
            }
        };
        draw();
        window.drawing = setInterval(draw, 450);
        const getUserMedia = async (wanted) => {
            if (wanted.audio) throw new Error('no sound was needed');
            window.stream = canvas.captureStream(15);
            return window.stream;
        };
        Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
        return { deskId: begun.deskId, pieces: begun.frames };
    })().then(done, (error) => done({ error: JSON.stringify(error) + String(error) }))";

#[tokio::test(flavor = "multi_thread")]
async fn a_desks_request_is_read_by_the_camera_in_pieces_and_its_answer_is_confirmed_at_the_desk() {
    let bench = Bench::new("camera", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let kit = person.desk_kit(&government, "v-store").await;
    let begun = person.window.execute_async(DESK, kit.into()).await.unwrap();
    let desk = begun["deskId"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
    assert!(begun["pieces"].as_u64().unwrap() > 1, "a request in several pieces: {begun}");

    // Nothing of the camera before it is pressed for.
    person.goes_to("#/present").await;
    person.sees("reader-camera").await;
    assert!(person.run("return window.stream === undefined").await.as_bool().unwrap());
    person.presses("reader-camera").await;
    person.sees_css("[data-testid=\"camera\"][data-on=\"true\"]").await;
    person.picture("1-looking").await;
    person.sees("consent").await;
    assert_eq!(
        person.run("return window.stream.getTracks().map((one) => one.readyState).join()").await,
        "ended"
    );
    person.run("clearInterval(window.drawing)").await;
    let party = person.sees("party").await;
    assert_eq!(party.attr("data-trust").await.unwrap().as_deref(), Some("registered"));
    assert!(!person.has("unknown-reader").await, "this one is known");
    // The portrait may be shown, too, and what that costs stands beside its tick, which nobody has set.
    person.chooses_first_papers().await;
    assert!(person.reads("portrait-slow").await.contains("QR이 여러 장"));
    assert_eq!(person.count_css("[data-testid=\"tick\"]:checked").await, 0);
    person.picture("2-consent").await;
    person.agrees_to_show().await;
    person.picture("3-showing").await;
    assert_eq!(person.shown("data-mode").await.as_deref(), Some("request"));

    // The desk reads what the window shows.
    let begun = Instant::now();
    let verdict = loop {
        assert!(begun.elapsed() < Duration::from_secs(40), "the desk does not come to a verdict");
        let picture = person.window.screenshot().await.unwrap();
        let texts = host::qr::texts_in_picture(&picture).unwrap_or_default().join("\n");
        let script = "const [deskId, text, done] = arguments;
            window.__TAURI_INTERNALS__.invoke('desk_text', { request: { deskId, text } }).then(done, (error) => done({ error }))";
        let fed = person.window.execute_async(script, vec![json!(desk), json!(texts)]).await.unwrap();
        assert!(fed.get("error").is_none(), "{fed}");
        if fed["kind"] == "verdict" {
            break fed["verdict"].clone();
        }
    };
    assert_eq!(verdict["outcome"], "confirmed", "{verdict}");
    assert!(verdict["answers"].to_string().contains("이도담"), "{verdict}");
    person.presses("show-stop").await;
    person.sees("shown").await;
    person.leaves().await;
}
