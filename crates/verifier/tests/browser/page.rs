//! The desk's page in a headless browser whose camera looks at a wallet's screen: codes that are lost, blurred, turned and lit unevenly, no
//! network but this computer. Pictures of it lie in `artefacts/verifier`.

use std::time::{Duration, Instant};

use crate::browser::{Browser, Camera, HEIGHT, PICTURES_A_CODE, WIDTH};
use crate::offline::*;
use crate::scene::{Lens, Scene, missed};
use crate::served::serve;
use offline_qr::{Collector, Fed as Collected, Frames, Kind, RequestMessage};
use primitives::LocalizedText;
use qrcode::{Color, EcLevel, QrCode};
use serde_json::json;
use verifier::offline::*;

/// A desk on loopback, a browser before it, a wallet's screen before the browser's camera.
struct Journey {
    world: World,
    browser: Browser,
    camera: Camera,
    address: String,
    _folder: tempfile::TempDir,
}

impl Journey {
    async fn begin(change: impl FnOnce(&mut ScreenSettings)) -> Self {
        let world = World::with(change);
        let name = LocalizedText::new("가상편의점(시연)", "Shop (demo)");
        let address = format!("http://127.0.0.1:{}/", serve(&world, name, true).await);
        let folder = tempfile::tempdir().unwrap();
        let camera = Camera::new(folder.path());
        let browser = Browser::open(&camera, folder.path());
        browser.goes_to(&address);
        Self { world, browser, camera, address, _folder: folder }
    }

    fn asks(&self, question: &str, mode: &str) {
        let choose = "for (const [name, value] of arguments)
            document.querySelector(`[name=${name}][value=${value}]`).click()";
        self.browser.run(choose, &[json!(["question", question]), json!(["mode", mode])]);
        self.browser.presses("#begin");
        self.browser.until("the desk asks", || !self.browser.reads("#asked").is_empty());
    }

    /// The wallet answers the code on the page.
    fn answers_code(&self, question: &str, holds: Holds) -> Frames {
        let code = self.browser.reads("#code");
        let request = self.world.by_code(&code, self.world.query(question));
        frames(&message(&self.world.answer(&request, holds)))
    }

    /// The wallet reads the page's request with a camera of its own.
    fn answers_request(&self, holds: Holds) -> Frames {
        let there = "return document.getElementById('request').naturalWidth";
        self.browser.until("the request is there", || self.browser.run(there, &[]) != 0);
        let mut collector = Collector::new(Kind::Request);
        for _ in 0..60 {
            let picture = self.browser.photograph("#request");
            for text in host::qr::texts_in_picture(&picture).unwrap_or_default() {
                if let Collected::Complete(whole) = collector.feed(&text) {
                    let object = RequestMessage::decode(&whole.bytes).unwrap().request_object;
                    let request = self.world.try_read(&object, &self.world.shop).unwrap();
                    return frames(&message(&self.world.answer(&request, holds)));
                }
            }
            std::thread::sleep(Duration::from_millis(150));
        }
        panic!("the request was not read");
    }

    /// Shows a wallet's first codes to the camera, none of them lost.
    fn shows(&self, frames: &Frames, scene: Scene) {
        self.camera.shows(&film(frames, 0, scene, 0));
    }

    /// Shows a wallet's codes to the camera, with this share of them lost, and goes on to further codes as a screen does.
    fn shows_on(&self, frames: &Frames, scene: Scene, lost_in_a_hundred: usize) {
        for begin in [0, CODES, 2 * CODES] {
            self.camera.shows(&film(frames, begin, scene, lost_in_a_hundred));
            if self.browser.sees_a_verdict_in_a_film() {
                return;
            }
        }
    }

    /// The verdict, by its word.
    fn verdict(&self) -> String {
        self.browser.waits_for_a_verdict()
    }

    fn next(&self) {
        self.camera.shows(&[vec![90; (WIDTH * HEIGHT) as usize]]);
        self.browser.presses("#result [data-next]");
        self.browser.until("the desk asks again", || !self.browser.reads("#asked").is_empty());
    }

    /// Whether nothing scrolls sideways.
    fn fits(&self) -> bool {
        let script = "const page = document.documentElement; return page.scrollWidth <= page.clientWidth";
        self.browser.run(script, &[]) == true
    }

    /// What the browser complained about, but that a picture of the request was gone: it asks for the next one until it knows the verdict,
    /// which ends the check.
    fn complaints(&self) -> Vec<String> {
        let gone = |line: &str| line.contains("/screen/request/") && line.contains("404");
        self.browser.log().lines().filter(|line| !gone(line)).map(str::to_owned).collect()
    }

    fn changes(&self) {
        self.camera.shows(&[vec![90; (WIDTH * HEIGHT) as usize]]);
        self.browser.presses("section:not([hidden]) [data-change]");
    }
}

fn modules(text: &str) -> (i32, Vec<bool>) {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    (code.width() as i32, code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect())
}

/// Codes in a film.
const CODES: u16 = 24;

/// Twelve seconds of a wallet's screen, two codes a second, from this sequence on.
fn film(frames: &Frames, begin: u16, scene: Scene, lost_in_a_hundred: usize) -> Vec<Vec<u8>> {
    let mut lens: Option<(i32, Lens)> = None;
    let mut pictures = Vec::new();
    for (sequence, missed) in (begin..).zip(missed(usize::from(CODES), lost_in_a_hundred)) {
        let picture = if missed {
            vec![200; (WIDTH * HEIGHT) as usize]
        } else {
            let (side, dark) = modules(&frames.text(sequence));
            let known = lens.take().filter(|(known, _)| *known == side);
            let (_, lens) = lens.insert(known.unwrap_or_else(|| (side, scene.lens(side))));
            lens.picture(&dark)
        };
        pictures.extend(std::iter::repeat_n(picture, PICTURES_A_CODE));
    }
    pictures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_wallets_screen_is_confirmed_through_a_camera_without_a_network() {
    let _one = crate::ONE_BROWSER.lock().await;
    let journey = Journey::begin(|_| {}).await;
    let browser = &journey.browser;
    browser.picture("screen-1-choice");
    journey.asks(AGE, "code");
    let scenes = [
        ("sharp", 0, Scene::sharp(WIDTH, HEIGHT)),
        ("blurred", 10, Scene { blur: 1, ..Scene::sharp(WIDTH, HEIGHT) }),
        ("turned", 30, Scene { blur: 1, degrees: 4.0, share: 0.88, ..Scene::sharp(WIDTH, HEIGHT) }),
        ("unevenly lit", 50, Scene::worn(WIDTH, HEIGHT)),
    ];
    for (index, (what, lost, scene)) in scenes.into_iter().enumerate() {
        let holds = if index == 2 { Holds::Mdoc } else { Holds::SdJwt };
        let frames = journey.answers_code(AGE, holds);
        let begun = Instant::now();
        if index == 0 {
            journey.shows(&frames, scene);
            browser.until("a piece was read", || !browser.reads("#pieces").starts_with(['–', '0']));
            browser.picture("screen-2-reading");
        } else {
            journey.shows_on(&frames, scene, lost);
        }
        assert_eq!(journey.verdict(), "확인됨", "{what}");
        println!("{what}, {lost} % lost, {} pieces: {:.1} s", frames.count(), begun.elapsed().as_secs_f32());
        assert!(browser.reads("#facts").contains("만 19세 이상\n예"), "{}", browser.reads("#facts"));
        assert!(browser.reads("#today").contains(&format!("오늘 {}번", index + 1)));
        browser.picture(&format!("screen-3-verdict-{lost}"));
        journey.next();
    }
    assert_eq!(journey.complaints(), Vec::<String>::new());
}

/// What a keyboard of the Dubeolsik layout types for a letter with Shift held, as a scanner holds it.
fn in_hangul(text: &str) -> String {
    const LETTERS: &str = "ㅁㅠㅊㅇㄸㄹㅎㅗㅑㅓㅏㅣㅡㅜㅒㅖㅃㄲㄴㅆㅕㅍㅉㅌㅛㅋ";
    let letters: Vec<char> = LETTERS.chars().collect();
    let typed = |letter: char| match letter {
        'A'..='Z' => letters[letter as usize - 'A' as usize],
        other => other,
    };
    text.chars().map(typed).collect()
}

/// Strikes the keys of a text as a hand scanner does, in the Korean input mode, and Enter unless the text ends with a pause.
const SCANNER: &str = r#"
    const [text, enter] = arguments;
    const shifted = { "$": "Digit4", "%": "Digit5", "*": "Digit8", "+": "Equal", ":": "Semicolon" };
    const plain = { " ": "Space", "-": "Minus", ".": "Period", "/": "Slash" };
    const strike = (code, shiftKey) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { code, shiftKey, key: "ㅁ", bubbles: true, cancelable: true }));
    for (const c of text) {
        if (shifted[c]) strike(shifted[c], true);
        else if (plain[c]) strike(plain[c], false);
        else strike(/[0-9]/.test(c) ? `Digit${c}` : `Key${c}`, /[A-Z]/.test(c));
    }
    if (enter) strike("Enter", false);
"#;

/// Records a screen that shows these codes as a video, and chooses it as the desk's file.
pub(crate) const VIDEO: &str = r#"
    const [codes, side, done] = arguments;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = (side + 8) * 5;
    const context = canvas.getContext("2d");
    const draw = (code) => {
        context.fillStyle = "white";
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.fillStyle = "black";
        [...code].forEach((module, at) => {
            if (module === "1") context.fillRect((at % side + 4) * 5, (Math.floor(at / side) + 4) * 5, 5, 5);
        });
    };
    const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: "video/webm" });
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
        const chosen = new DataTransfer();
        chosen.items.add(new File(parts, "wallet.webm", { type: "video/webm" }));
        const field = document.getElementById("file");
        field.files = chosen.files;
        field.dispatchEvent(new Event("change"));
        done(parts.length);
    };
    draw(codes[0]);
    recorder.start();
    let next = 1;
    const turning = setInterval(() => {
        if (next < codes.length) draw(codes[next++]);
        else { clearInterval(turning); recorder.stop(); }
    }, 500);
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_request_is_read_off_the_page_and_scanners_pictures_and_videos_are_read_by_it() {
    let _one = crate::ONE_BROWSER.lock().await;
    let journey = Journey::begin(|settings| settings.limits.result_seconds = 4).await;
    let browser = &journey.browser;
    let scene = Scene::sharp(WIDTH, HEIGHT);

    // A question that says who somebody is: by a signed request only, which the wallet reads off the page.
    browser.presses("a[lang=en]");
    browser.until("the page is English", || browser.reads("#setup h1") == "Check");
    journey.asks(WHO, "request");
    assert!(browser.reads("#asking").contains("Seconds left"), "{}", browser.reads("#asking"));
    let shown = journey.answers_request(Holds::SdJwt);
    browser.picture("screen-4-request-en");
    journey.shows(&shown, scene);
    assert_eq!(journey.verdict(), "Confirmed");
    browser.presses("#hold");
    assert!(browser.reads("#facts").contains("이도담"), "{}", browser.reads("#facts"));
    browser.picture("screen-5-verdict-en");
    browser.resizes(360, 800);
    browser.picture("screen-6-verdict-en-360");
    assert!(journey.fits());
    std::thread::sleep(Duration::from_secs(5));
    assert!(browser.reads("#facts").contains("이도담"), "held");
    journey.changes();
    browser.picture("screen-7-choice-en-360");
    assert!(journey.fits());
    browser.presses("a[lang=ko]");
    browser.until("the page is Korean", || browser.reads("#setup h1") == "확인하기");

    // One-way: weak. Nobody holds it: the page clears itself.
    journey.asks(AGE, "one-way");
    let query = journey.world.query(AGE);
    let one_way = journey.world.one_way(1, query);
    let shown = frames(&message(&journey.world.answer(&one_way, Holds::SdJwt)));
    journey.shows(&shown, scene);
    assert_eq!(journey.verdict(), "약한 확인");
    browser.picture("screen-8-weak-360");
    browser.until("it is cleared", || browser.reads("#word").starts_with("지웠습니다"));
    assert_eq!(browser.reads("#facts"), "");
    assert_eq!(browser.run("return document.getElementById('facts').childElementCount", &[]), 0);
    journey.changes();
    browser.resizes(1280, 900);

    // The same codes again, filmed: another check does not take them.
    journey.asks(AGE, "code");
    let first = journey.answers_code(AGE, Holds::SdJwt);
    journey.shows(&first, scene);
    assert_eq!(journey.verdict(), "확인됨");
    browser.presses("#result [data-next]");
    browser.until("the next check does not take them", || browser.reads("#word") == "확인 안 됨");
    browser.presses("#hold");
    browser.picture("screen-9-not-confirmed");
    journey.next();

    // A hand scanner in the Korean input mode: one code ends with Enter, one with a pause.
    let shown = journey.answers_code(AGE, Holds::SdJwt);
    for (sequence, enter) in [(0, true), (1, false)] {
        browser.run(SCANNER, &[json!(shown.text(sequence)), json!(enter)]);
        std::thread::sleep(Duration::from_millis(400));
    }
    assert_eq!(journey.verdict(), "확인됨");
    journey.next();

    // The same typed into a text field, where it becomes Hangul.
    let shown = journey.answers_code(AGE, Holds::SdJwt);
    browser.presses("summary");
    for sequence in 0..u16::from(shown.count()) {
        let put = "const field = document.getElementById('frame'); field.focus(); field.value = arguments[0];
            field.dispatchEvent(new KeyboardEvent('keydown', { code: 'Enter', bubbles: true, cancelable: true }))";
        browser.run(put, &[json!(in_hangul(&shown.text(sequence)))]);
    }
    assert_eq!(journey.verdict(), "확인됨");
    journey.next();

    // Picture files. What is said of them comes late, and the camera does not say before that the check is over.
    let late = "const at_once = window.fetch; window.fetch = async (at, what) => {
        const reply = await at_once(at, what);
        if (String(at).endsWith('/picture')) await new Promise((go) => setTimeout(go, 1500));
        return reply;
    }";
    browser.run(late, &[]);
    let shown = journey.answers_code(AGE, Holds::SdJwt);
    let folder = tempfile::tempdir().unwrap();
    for sequence in 0..u16::from(shown.count()) {
        let (side, dark) = modules(&shown.text(sequence));
        let pixels = Scene::sharp(WIDTH, HEIGHT).of_modules(side, &dark);
        let file = folder.path().join(format!("{sequence}.png"));
        image::GrayImage::from_raw(WIDTH, HEIGHT, pixels).unwrap().save(&file).unwrap();
        browser.types("#file", file.to_str().unwrap());
    }
    assert_eq!(journey.verdict(), "확인됨");
    journey.next();

    // A video file, first one that ends too early. Each piece stands in one picture of it: none is passed over, however slow this is.
    let shown = journey.answers_code(AGE, Holds::SdJwt);
    let codes: Vec<(i32, Vec<bool>)> =
        (0..u16::from(shown.count())).map(|sequence| modules(&shown.text(sequence))).collect();
    let side = codes[0].0;
    let codes: Vec<String> = codes
        .iter()
        .map(|(_, dark)| dark.iter().map(|dark| if *dark { '1' } else { '0' }).collect())
        .collect();
    assert!(codes.len() > 1);
    browser.run_async(VIDEO, &[json!(codes[1..]), json!(side)]);
    browser.until("the film is over", || browser.reads("#note").starts_with("동영상을 끝까지 읽었지만"));
    // The camera goes on, and does not wipe the sentence away.
    std::thread::sleep(Duration::from_secs(1));
    assert!(browser.reads("#note").starts_with("동영상을 끝까지"), "{}", browser.reads("#note"));
    browser.run_async(VIDEO, &[json!(codes), json!(side)]);
    assert_eq!(journey.verdict(), "확인됨");
    assert_eq!(journey.complaints(), Vec::<String>::new());
    // The camera's cable is pulled: the page says so and offers to open it again.
    browser.presses("#result [data-next]");
    browser.until("the desk asks again", || !browser.reads("#asked").is_empty());
    assert_eq!(browser.reads("#open-camera"), "");
    let open = "return !!document.getElementById('camera').srcObject?.active";
    browser.until("the camera is open", || browser.run(open, &[]) == true);
    browser.run("document.getElementById('camera').srcObject.getTracks()[0].stop()", &[]);
    browser.until("it is said", || browser.reads("#note").starts_with("카메라를 켤 수 없습니다"));
    browser.presses("#open-camera");
    journey.shows(&journey.answers_code(AGE, Holds::SdJwt), scene);
    assert_eq!(journey.verdict(), "확인됨");
    // The next check does not begin: nothing says any more that the person before was confirmed.
    browser.run("window.fetch = () => Promise.reject(new TypeError('gone'))", &[]);
    browser.presses("#result [data-next]");
    browser.until("it is said", || !browser.reads("#plain").is_empty());
    assert_eq!(browser.run("return document.getElementById('result').hidden", &[]), true);
    assert_eq!(browser.run("return document.getElementById('verdict').className", &[]), "");
    assert_eq!(browser.run("return document.getElementById('word').textContent", &[]), "");
    // Nothing of anybody stands in an address, and nothing was asked of anybody else.
    let asked = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)", &[]);
    for address in asked.as_array().unwrap() {
        let address = address.as_str().unwrap();
        assert!(address.starts_with(&journey.address) || address.starts_with("blob:"), "{address}");
    }
    assert_eq!(browser.run("return location.href.split('?')[0]", &[]), format!("{}screen", journey.address));
}
