//! A request that comes in several codes, read piece by piece: from picture files, from the clipboard, and off the screen.

use demo_government::Government;
use image::{GrayImage, Luma};
use serde_json::{Value, json};

use super::bench::{Bench, Keyring};
use super::person::Person;

/// Pixels of a module's side.
const PIXELS: u32 = 4;
/// Light modules around a code (ISO/IEC 18004).
const QUIET: u32 = 4;

/// A shop's desk begins a check in the same program and gives the codes of its request.
const ASKS: &str = "const [configuration, files, done] = arguments;
    const invoke = window.__TAURI_INTERNALS__.invoke;
    (async () => {
        await invoke('desk_import', { request: { configuration, files } });
        const { deskId } = await invoke('desk_begin', { request: { question: 'identity', mode: 'request' } });
        const some = (count) => invoke('desk_frames', { request: { deskId, from: 0, count, size: 'small' } });
        return (await some((await some(1)).count)).frames;
    })().then(done, (error) => done({ error: JSON.stringify(error) + String(error) }))";

/// One code as a picture file.
fn picture(frame: &Value) -> Vec<u8> {
    let modules = primitives::base64url::decode_standard(frame["modules"].as_str().unwrap()).unwrap();
    let side = u32::try_from(frame["side"].as_u64().unwrap()).unwrap();
    let pixels = (side + 2 * QUIET) * PIXELS;
    let drawn = GrayImage::from_fn(pixels, pixels, |x, y| {
        let place = |at: u32| (at / PIXELS).checked_sub(QUIET).filter(|at| *at < side);
        let dark = place(x).zip(place(y)).is_some_and(|(x, y)| {
            let bit = (y * side + x) as usize;
            modules[bit / 8] >> (7 - bit % 8) & 1 == 1
        });
        Luma([if dark { 0 } else { 255 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    drawn.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

impl Person<'_> {
    /// The codes of a request of the shop's desk, as pictures.
    async fn asked_in_pictures(&self, government: &Government) -> Vec<Vec<u8>> {
        let kit = self.desk_kit(government, "v-store").await;
        let frames = self.window.execute_async(ASKS, kit.into()).await.unwrap();
        let frames = frames.as_array().unwrap_or_else(|| panic!("{frames}"));
        assert!(frames.len() > 2, "a request in several codes: {}", frames.len());
        frames.iter().map(picture).collect()
    }

    async fn has_pieces(&self, have: usize, need: usize) {
        self.waits_to_read("reader-pieces", &format!("{need}조각 가운데 {have}조각")).await;
    }

    /// The request is whole: who asks is known, without anything having been fetched, and it is put away again.
    async fn is_asked_by_the_shop(&self, step: &str) {
        self.sees("consent").await;
        let party = self.sees("party").await;
        assert_eq!(party.attr("data-trust").await.unwrap().as_deref(), Some("registered"), "{step}");
        assert!(party.text().await.unwrap().contains("가상편의점"), "{step}");
        self.picture(step).await;
        self.presses("consent-stop").await;
        self.sees("reader").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_several_codes_is_read_from_pictures_the_clipboard_and_the_screen() {
    let bench = Bench::new("several", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let pictures = person.asked_in_pictures(&government).await;
    let need = pictures.len();
    person.goes_to("#/present").await;
    person.sees("reader").await;

    // Picture files, the last piece first: the order does not matter.
    for (at, png) in pictures.iter().rev().enumerate() {
        let file = bench.path(&format!("piece-{at}.png"));
        std::fs::write(&file, png).unwrap();
        person.sees("reader-file-input").await.send_keys(file.to_str().unwrap()).await.unwrap();
        if at + 1 < need {
            person.has_pieces(at + 1, need).await;
        }
        if at == 0 {
            person.picture("1-first-piece").await;
        }
    }
    person.is_asked_by_the_shop("2-pictures").await;

    // The same as texts, each copied by keyboard as a hand scanner's or another program's would be.
    for (at, png) in pictures.iter().enumerate() {
        let text = host::qr::texts_in_picture(png).unwrap().remove(0);
        person.pastes("reader-text", &text).await;
        person.run("window.copied = false; addEventListener('copy', () => { window.copied = true }, { capture: true, once: true })").await;
        person.keys(&["ctrl+a", "ctrl+c"]).await;
        person.until("it is copied", async || person.run("return window.copied").await == true).await;
        // What stands in the field is not what is read.
        person.pastes("reader-text", "").await;
        person.presses("reader-clipboard").await;
        if at + 1 < need {
            person.has_pieces(at + 1, need).await;
        }
    }
    person.is_asked_by_the_shop("3-clipboard").await;

    // Off the screen: one press looks again and again while the codes follow each other.
    let show = "let code = document.getElementById('piece');
        if (!code) { code = new Image(); code.id = 'piece'; code.style = 'position:fixed;right:0;bottom:0;z-index:9'; document.body.append(code) }
        code.src = arguments[0]";
    for (at, png) in pictures.iter().enumerate() {
        let address = format!("data:image/png;base64,{}", primitives::base64url::encode_standard(png));
        person.window.execute(show, vec![json!(address)]).await.unwrap();
        if at == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(600)).await;
            person.presses("reader-screen").await;
        }
        if at + 1 < need {
            person.has_pieces(at + 1, need).await;
        }
        if at == 1 {
            person.picture("4-screen-pieces").await;
        }
    }
    person.sees("consent").await;
    person.run("document.getElementById('piece').remove()").await;
    person.is_asked_by_the_shop("5-screen").await;
    person.leaves().await;
}
