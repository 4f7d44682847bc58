//! How many of a camera's pictures the window's desk (확인하기) reads a second: the whole way from the video through the page and the program's
//! reader to the desk and back. The figure is printed and not judged, since other work on the computer is in it.

use std::time::{Duration, Instant};

use offline_qr::{FrameSize, Frames, Kind};
use qrcode::{Color, EcLevel, QrCode, Version};
use serde_json::{Value, json};

use super::bench::{Bench, Keyring};
use super::person::Person;

/// How long is counted.
const COUNTED: Duration = Duration::from_secs(6);

/// A canvas in the camera's place, thirty pictures a second, of codes that change twice a second, a little turned and unevenly lit. What the
/// program says of each picture is noted as it comes.
const CAMERA: &str = "const [codes, side, width, height] = arguments;
    const canvas = document.createElement('canvas');
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext('2d');
    const size = 0.9 * height / (side + 8);
    const pictures = codes.map((code) => {
        const picture = document.createElement('canvas');
        picture.width = width; picture.height = height;
        const paint = picture.getContext('2d');
        paint.fillStyle = '#6e6e6e'; paint.fillRect(0, 0, width, height);
        paint.translate(width / 2, height / 2); paint.rotate(0.05);
        paint.translate(-size * side / 2, -size * side / 2);
        paint.fillStyle = '#ececec'; paint.fillRect(-4 * size, -4 * size, size * (side + 8), size * (side + 8));
        paint.fillStyle = '#1c1c1c';
        [...code].forEach((dark, at) => { if (dark === '1') paint.fillRect(at % side * size, Math.floor(at / side) * size, size, size); });
        paint.resetTransform();
        const shade = paint.createLinearGradient(0, 0, width, 0);
        shade.addColorStop(0, 'rgba(0,0,0,0)'); shade.addColorStop(1, 'rgba(0,0,0,0.35)');
        paint.fillStyle = shade; paint.fillRect(0, 0, width, height);
        return picture;
    });
    let at = 0;
    window.drawing = setInterval(() => { context.drawImage(pictures[Math.floor(at / 15) % pictures.length], 0, 0); at += 1; }, 33);
    const getUserMedia = async () => canvas.captureStream(30);
    Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
    window.answers = 0; window.codes = 0;
    const fetch = window.fetch;
    window.fetch = (...request) => {
        const answer = fetch.apply(window, request);
        if (String(request[0]).endsWith('desk_camera'))
            answer.then((response) => response.clone().json()).then(({ foreign }) => { window.answers += 1; window.codes = foreign; });
        return answer;
    };";

/// Codes of version 20-M, row by row, and their side: frames that go the other way, so that the desk counts each that is read.
fn codes() -> (Vec<String>, usize) {
    let message: Vec<u8> = (0..1608_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let frames = Frames::new(Kind::Request, &message, FrameSize::Standard, &crypto::SystemEntropy).unwrap();
    let drawn = |sequence| {
        let code = QrCode::with_version(frames.text(sequence), Version::Normal(20), EcLevel::M).unwrap();
        code.to_colors().into_iter().map(|colour| if colour == Color::Dark { '1' } else { '0' }).collect()
    };
    ((0..6).map(drawn).collect(), 97)
}

impl Person<'_> {
    /// Pictures that the program answered, and codes that it read in them, until now.
    async fn answered(&self) -> (Instant, [f64; 2]) {
        let counts = self.run("return [window.answers, window.codes]").await;
        let count = |at: usize| counts[at].as_f64().unwrap();
        (Instant::now(), [count(0), count(1)])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_windows_desk_reads_a_cameras_pictures_as_they_come() {
    let bench = Bench::new("camera-rate", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let _government = person.government().await;
    let (codes, side) = codes();
    for (width, height) in [(640, 480), (1280, 720)] {
        let camera: Vec<Value> = vec![json!(codes), json!(side), json!(width), json!(height)];
        person.window.execute(CAMERA, camera).await.unwrap();
        person.goes_to("#/check").await;
        for css in [
            "[data-testid=\"check-question\"][value=\"age-over-19\"]",
            "[data-testid=\"check-mode\"][value=\"code\"]",
        ] {
            person.sees_css(css).await;
            person
                .window
                .execute("document.querySelector(arguments[0]).click()", vec![json!(css)])
                .await
                .unwrap();
        }
        person.presses("check-start").await;
        person.sees_css("[data-testid=\"check-camera\"][data-on=\"true\"]").await;
        person.until("a code was read", async || person.answered().await.1[1] > 0.0).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (begun, before) = person.answered().await;
        tokio::time::sleep(COUNTED).await;
        let (ended, after) = person.answered().await;
        person.picture(&format!("{width}")).await;
        let seconds = (ended - begun).as_secs_f64();
        let [pictures, read] = [0, 1].map(|at| (after[at] - before[at]) / seconds);
        println!("{width}x{height}: {pictures:.1} pictures a second, in {read:.1} of them a code was read");
        assert!(read > 0.0, "no code was read");
        person.presses("check-stop").await;
        person.sees("check-ask").await;
        person.run("clearInterval(window.drawing)").await;
        // The page begins anew, without what was put into it. A page that is about to go answers no script: the driver waits for it.
        person.window.refresh().await.unwrap();
        assert!(person.run("return window.answers").await.is_null(), "the page is there anew");
        person.sees("check-ask").await;
    }
    person.leaves().await;
}
