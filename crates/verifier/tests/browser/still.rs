//! The desk's page in a headless browser without a camera: a check that ends by itself, the request that somebody stops, and what is heard.

use std::time::Duration;

use crate::browser::{Browser, Camera};
use crate::offline::*;
use crate::served::serve;
use primitives::LocalizedText;
use serde_json::{Value, json};
use verifier::offline::*;

/// No camera, and an ear for every tone that is played: its pitch, its length in hundredths of a second, and how long after the beginning.
const EARS: &str = r#"
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error("no camera"));
    window.heard = [];
    window.AudioContext = class {
        currentTime = 7;
        destination = {};
        resume() { return Promise.resolve(); }
        createGain() { return { gain: {}, connect: (to) => to }; }
        createOscillator() {
            const tone = { frequency: {}, connect: (to) => to };
            tone.start = (at) => (tone.at = at);
            tone.stop = (at) => heard.push([tone.frequency.value, Math.round((at - tone.at) * 100), Math.round((tone.at - 7) * 100)]);
            return tone;
        }
    };
"#;

struct Desk {
    world: World,
    browser: Browser,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn opened(change: impl FnOnce(&mut ScreenSettings)) -> Self {
        let world = World::with(change);
        let port = serve(&world, LocalizedText::new("가상편의점(시연)", "Shop (demo)"), true).await;
        let folder = tempfile::tempdir().unwrap();
        let browser = Browser::open(&Camera::new(folder.path()), folder.path());
        browser.goes_to(&format!("http://127.0.0.1:{port}/"));
        browser.run(EARS, &[]);
        Self { world, browser, _folder: folder }
    }

    fn asks(&self, question: &str, mode: &str) {
        let choose = "for (const [name, value] of arguments)
            document.querySelector(`[name=${name}][value=${value}]`).click()";
        self.browser.run(choose, &[json!(["question", question]), json!(["mode", mode])]);
        self.browser.presses("#begin");
        self.browser.until("the desk asks", || !self.browser.reads("#asked").is_empty());
    }

    /// A scanner types a message into the field, frame by frame: one ends by Tab, which leaves the field, the others by nothing. Waits for
    /// the word.
    fn types(&self, message: &[u8]) -> String {
        let shown = frames(message);
        let left = || self.value("return document.getElementById('frame').value") == "";
        for sequence in 0..u16::from(shown.count()) {
            let put = "const [text, event] = arguments; const field = document.getElementById('frame');
                field.value = text; field.dispatchEvent(new Event(event, { bubbles: true }))";
            let ends = if sequence == 0 { "change" } else { "input" };
            self.browser.run(put, &[json!(shown.text(sequence)), json!(ends)]);
            self.browser.until("it is taken", left);
        }
        self.browser.until("there is a verdict", || !self.browser.reads("#word").is_empty());
        self.browser.reads("#word")
    }

    fn value(&self, script: &str) -> Value {
        self.browser.run(script, &[])
    }

    fn changes(&self) {
        self.browser.presses("section:not([hidden]) [data-change]");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_check_that_nobody_answers_ends_on_the_page_without_a_camera() {
    let _one = crate::ONE_BROWSER.lock().await;
    let desk = Desk::opened(|settings| settings.limits.lifetime_seconds = 2).await;
    desk.asks(AGE, "code");
    assert!(!desk.browser.reads("#code").is_empty());
    desk.world.clock.advance(2);
    // Nobody does anything: no picture, no key.
    desk.browser
        .until("it is said", || desk.browser.reads("#plain").starts_with("기다리는 시간이 지났습니다"));
    assert_eq!(desk.browser.reads("#code"), "", "a dead code is typed in vain");
    assert_eq!(desk.value("return document.getElementById('asking').hidden"), true);
    // And the next one begins, with another code; how old the lists are by now is said anew.
    assert!(desk.browser.reads("#ages").starts_with("상태 목록: 1시간 안에 서명됨"));
    desk.world.clock.advance(8 * DAY);
    desk.asks(AGE, "code");
    let aged = || desk.browser.reads("#ages").starts_with("상태 목록: 8일 전 (너무 오래됨)");
    desk.browser.until("the lists are old", aged);
    assert!(!desk.browser.reads("#code").is_empty());
}

/// A camera that the browser asks the person about: `cameras` are those that were asked for, `grant` opens them all.
const CAMERAS: &str = r#"
    window.cameras = [];
    navigator.mediaDevices.getUserMedia = () => new Promise((go) => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 64;
        const context = canvas.getContext("2d");
        let at = 0;
        setInterval(() => { context.fillStyle = `rgb(${at += 1},0,0)`; context.fillRect(0, 0, 64, 64); }, 50);
        const stream = canvas.captureStream(20);
        cameras.push({ grant: () => go(stream), live: () => stream.getTracks().some((track) => track.readyState === "live") });
    });
"#;

impl Desk {
    fn asked_for(&self) -> u64 {
        self.value("return cameras.length").as_u64().unwrap()
    }

    /// Cameras that are open.
    fn looking(&self) -> bool {
        self.value("return cameras.filter((one) => one.live()).length") != 0
    }

    /// The person lets the browser have the camera.
    fn looks(&self) {
        self.browser.run("cameras.forEach((one) => one.grant())", &[]);
        self.browser.until("pictures are read", || !matches!(self.browser.reads("#rate").as_str(), "" | "0"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_camera_is_asked_for_once_and_closed_when_the_verdict_is_held() {
    let _one = crate::ONE_BROWSER.lock().await;
    let desk = Desk::opened(|_| {}).await;
    desk.asks(AGE, "code");
    desk.browser.until("there is none", || !desk.browser.reads("#open-camera").is_empty());
    desk.browser.run(CAMERAS, &[]);
    // Pressed again while the browser asks.
    desk.browser.presses("#open-camera");
    desk.browser.presses("#open-camera");
    desk.looks();
    assert_eq!(desk.asked_for(), 1);
    let request = desk.world.by_code(&desk.browser.reads("#code"), desk.world.query(AGE));
    assert_eq!(desk.types(&message(&desk.world.answer(&request, Holds::SdJwt))), "확인됨");
    assert!(desk.looking(), "the next check follows at once");
    desk.browser.presses("#hold");
    assert!(!desk.looking());
    assert_eq!(desk.browser.reads("#word"), "확인됨");
    // The next check opens it again.
    desk.browser.presses("#result [data-next]");
    desk.browser.until("it is asked for", || desk.asked_for() == 2);
    desk.browser.presses("section:not([hidden]) [data-change]");
    desk.browser.run("cameras.forEach((one) => one.grant())", &[]);
    desk.browser.until("nobody is looked at", || !desk.looking());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_program_that_is_gone_or_knows_the_page_no_more_is_said_to_be() {
    let _one = crate::ONE_BROWSER.lock().await;
    let desk = Desk::opened(|_| {}).await;
    let gone = "window.fetch = () => Promise.reject(new TypeError('gone'))";
    let unknown = "window.fetch = () => Promise.resolve(new Response('', { status: 403 }))";
    let at_once = "window.atOnce ??= window.fetch";
    for fetch in [gone, unknown] {
        desk.browser.run(at_once, &[]);
        desk.browser.run(CAMERAS, &[]);
        desk.asks(AGE, "code");
        desk.browser.until("it is asked for", || desk.asked_for() == 1);
        desk.looks();
        desk.browser.run(fetch, &[]);
        desk.browser.until("it is said", || {
            desk.browser.reads("#plain").starts_with("확인 프로그램에 닿지 않습니다")
        });
        desk.browser.picture("screen-10-lost");
        assert!(!desk.looking());
        assert_eq!(desk.value("return document.getElementById('asking').hidden"), true);
        desk.browser.run("window.fetch = window.atOnce", &[]);
    }
    // A film: it is not its pieces that are missing.
    desk.asks(AGE, "code");
    desk.browser.run(gone, &[]);
    let codes: Vec<String> = (0..3).map(|at| "10".repeat(200 + at)).collect();
    desk.browser.run_async(crate::page::VIDEO, &[json!(codes), json!(20)]);
    let said = || desk.browser.reads("#note") + &desk.browser.reads("#plain");
    desk.browser.until("it is said", || !matches!(said().as_str(), "" | "지갑의 QR을 기다립니다."));
    assert!(said().starts_with("확인 프로그램에 닿지 않습니다"), "{}", said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn without_a_camera_as_well_no_dead_code_is_typed_when_the_program_is_gone() {
    let _one = crate::ONE_BROWSER.lock().await;
    let scan = "const field = document.getElementById('frame'); field.value = 'OQ1:' + '7'.repeat(30);
        field.dispatchEvent(new Event('change', { bubbles: true }))";
    let picture = "const chosen = new DataTransfer(); chosen.items.add(new File(['x'], 'x.png', { type: 'image/png' }));
        const file = document.getElementById('file'); file.files = chosen.files;
        file.dispatchEvent(new Event('change', { bubbles: true }))";
    let replies =
        |status| format!("window.fetch = () => Promise.resolve(new Response('', {{ status: {status} }}))");
    let gone = "window.fetch = () => Promise.reject(new TypeError('gone'))".to_owned();
    // By a scanner or a hand, by a file, and by nothing at all until the time is over.
    for (lifetime, ways) in [(300, &[scan, picture][..]), (2, &["return"])] {
        let desk = Desk::opened(|settings| settings.limits.lifetime_seconds = lifetime).await;
        let asking = || desk.value("return document.getElementById('asking').hidden") == false;
        desk.value("window.atOnce = window.fetch");
        for way in ways {
            for fetch in [gone.clone(), replies(403)] {
                desk.asks(AGE, "code");
                assert!(asking() && !desk.browser.reads("#code").is_empty());
                desk.value(&fetch);
                desk.value(way);
                let said = || desk.browser.reads("#plain").starts_with("확인 프로그램에 닿지 않습니다");
                desk.browser.until("it is said", said);
                assert!(!asking(), "{way}");
                desk.value("window.fetch = window.atOnce");
            }
        }
        if ways.contains(&scan) {
            // What is too long ends nothing.
            desk.asks(AGE, "code");
            desk.value(&replies(413));
            desk.value(scan);
            let sentence = desk.value("return document.getElementById('desk').dataset.tooLong");
            desk.browser.until("it is said", || desk.browser.reads("#note") == sentence);
            assert!(asking());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn each_end_is_heard_as_none_of_the_others_is() {
    let _one = crate::ONE_BROWSER.lock().await;
    let desk = Desk::opened(|_| {}).await;
    let heard = |desk: &Desk| desk.value("return heard.splice(0)");
    // Beside the tone a shape of its own stands before the word.
    let shape = |desk: &Desk| desk.value("return document.querySelector('#shape svg').innerHTML");
    desk.asks(AGE, "code");
    assert_eq!(heard(&desk), json!([]), "nothing is heard before there is a verdict");
    let code = desk.browser.reads("#code");
    let request = desk.world.by_code(&code, desk.world.query(AGE));
    assert_eq!(desk.types(&message(&desk.world.answer(&request, Holds::SdJwt))), "확인됨");
    let confirmed = heard(&desk);
    assert_eq!(confirmed, json!([[660, 15, 0], [990, 25, 15]]), "rises");
    let circle = shape(&desk);

    desk.changes();
    desk.asks(AGE, "one-way");
    let request = desk.world.one_way(1, desk.world.query(AGE));
    assert_eq!(desk.types(&message(&desk.world.answer(&request, Holds::SdJwt))), "약한 확인");
    assert_eq!(heard(&desk), json!([[520, 15, 0], [520, 15, 23]]), "repeats, with a pause");
    let triangle = shape(&desk);

    desk.changes();
    desk.asks(AGE, "code");
    assert_eq!(desk.types(b"no answer"), "확인 안 됨");
    assert_eq!(heard(&desk), json!([[330, 25, 0], [165, 60, 25]]), "falls, and is long");
    let octagon = shape(&desk);
    assert!(circle != triangle && triangle != octagon && circle != octagon);
    assert!(circle.as_str().unwrap().contains("<circle") && !octagon.as_str().unwrap().contains("<circle"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_moving_request_is_stopped_and_stepped_through_and_is_slower_for_whom_motion_disturbs() {
    let _one = crate::ONE_BROWSER.lock().await;
    let desk = Desk::opened(|_| {}).await;
    let browser = &desk.browser;
    let piece = || browser.reads("#piece");
    desk.asks(WHO, "request");
    let count: usize = piece().split('/').nth(1).unwrap().parse().unwrap();
    assert!(count > 1, "it moves: {}", piece());
    let first = piece();
    browser.until("it moves", || piece() != first);
    browser.presses("#pause");
    assert_eq!(desk.value("return document.getElementById('pause').ariaPressed"), "true");
    let stands = piece();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(piece(), stands, "it stands still");
    // By pressing, one after the other and back; each is the picture that is said.
    let shown = || desk.value("return document.getElementById('request').src").as_str().unwrap().to_owned();
    let seen = shown();
    browser.presses("#following");
    assert!(piece() != stands && shown() != seen);
    browser.presses("#previous");
    assert_eq!((piece(), shown()), (stands.clone(), seen));
    for _ in 0..count {
        browser.presses("#previous");
    }
    assert_eq!(piece(), stands, "round and round");
    browser.presses("#pause");
    browser.until("it moves again", || piece() != stands);
    // Pressing for the next one stops it as well.
    browser.presses("#following");
    let stands = piece();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(piece(), stands);
    desk.changes();

    // Less motion: a piece stands for two seconds.
    browser.wants_less_motion();
    let clock = "window.moved = []; new MutationObserver(() => moved.push(performance.now()))
        .observe(document.getElementById('piece'), { childList: true, characterData: true, subtree: true })";
    desk.asks(WHO, "request");
    browser.run(clock, &[]);
    let moved = || desk.value("return moved.length").as_u64().unwrap();
    browser.until("it moved twice", || moved() >= 2);
    let between = desk.value("return moved[1] - moved[0]").as_f64().unwrap();
    assert!(between > 1500.0, "{between} ms");
    // What has one answer and no request shows no such buttons.
    desk.changes();
    desk.asks(AGE, "code");
    assert_eq!(desk.value("return document.getElementById('wheel').hidden"), true);
}
