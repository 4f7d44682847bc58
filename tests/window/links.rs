//! Links from outside: at the start, while the wallet runs, while it is locked; and pictures.

use demo_government::{Bundle, Config, Government, GrantKind};

use super::bench::{Bench, Keyring};
use super::elsewhere::Browser;
use super::person::Person;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_reaches_the_window_that_runs_and_waits_for_one_that_is_locked() {
    let bench = Bench::new("links", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let plain = || GrantKind::PreAuthorized { tx_code: None };
    let coupon = Bundle::Papers(vec!["p1v-coupon".to_owned()]);
    let offer = government.offer("p1", coupon, plain()).await.unwrap();

    // While it runs: the second start ends at once, the first shows the host.
    assert!(bench.start_again(&offer).success());
    person.sees("host").await;
    assert_eq!(person.reads("host-name").await, "nuri-mois.localhost");
    person.picture("1-second-start").await;
    person.accepts(None).await;

    // While it is locked: nothing is shown until it is open.
    person.presses("lock").await;
    person.sees("locked").await;
    let request = Browser::new().begins(&government, "v-library");
    assert!(bench.start_again(&request.link).success());
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(person.has("locked").await && !person.has("host").await);
    person.presses("unlock").await;
    person.sees("host").await;
    person.picture("2-after-unlock").await;
    person.leaves().await;

    // Started by the link.
    let request = {
        let person = Person::sits_down(&bench).await;
        person.sees("shelf-id").await;
        let request = Browser::new().begins(&person.government().await, "v-library");
        person.leaves().await;
        request
    };
    let person = Person::follows(&bench, &request.link).await;
    person.sees("host").await;
    person.picture("3-cold-start").await;
    person.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_the_desktop_opens_reaches_the_window() {
    let bench = Bench::new("desktop-links", Keyring::Unlocked);
    // As a citizen starts it: no argument, the folders of the user.
    let person = Person { bench: &bench, window: bench.open_with(Vec::new()).await };
    person.begins_as("p1").await;
    let config = Config { folder: Some(bench.path("data/citizen-wallet-demo-government")), port_base: None };
    let government = Government::start(config).await.unwrap();
    assert!(government.is_attached());
    let request = Browser::new().begins(&government, "v-library");
    bench.desktop("gio", &["open", &request.link]);
    person.sees("host").await;
    person.picture("1-request").await;
    person.leaves().await;
}

/// The code in black on white, with its quiet zone, six pixels a module.
fn draw(code: &qrcode::QrCode) -> image::GrayImage {
    const PIXELS: u32 = 6;
    const QUIET: i64 = 4;
    let width = code.width() as i64;
    let side = (width + 2 * QUIET) as u32 * PIXELS;
    image::GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (i64::from(x / PIXELS) - QUIET, i64::from(y / PIXELS) - QUIET);
        let inside = (0..width).contains(&x) && (0..width).contains(&y);
        let dark = inside && code[(x as usize, y as usize)] == qrcode::Color::Dark;
        image::Luma([if dark { 0 } else { 255 }])
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qr_code_is_read_from_a_picture_file_and_from_the_screen() {
    let bench = Bench::new("pictures", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;
    let asked = Browser::new().begins(&government, "v-library");
    let code = qrcode::QrCode::new(asked.cross_device_link.as_bytes()).unwrap();
    let png = bench.path("code.png");
    draw(&code).save(&png).unwrap();

    person.goes_to("#/present").await;
    person.sees("reader").await;
    person.sees("reader-file-input").await.send_keys(png.to_str().unwrap()).await.unwrap();
    person.sees("host").await;
    person.picture("1-file").await;
    person.presses("host-continue").await;
    // Shown on another screen, as far as the wallet can know: said before anything is sent.
    person.sees("warning-crossDevice").await;
    person.picture("2-cross-device").await;
    person.presses("consent-stop").await;

    // The same code lies on the desktop beside the window.
    person.goes_to("#/").await;
    person.sees("shelf-id").await;
    person.goes_to("#/present").await;
    person.sees("reader").await;
    person.presses("reader-screen").await;
    person
        .until("no code is said to be found", async || !person.reads("reader-wrong").await.is_empty())
        .await;
    person.picture("3-no-code").await;
    person
        .window
        .execute(
            "const code = new Image(); code.src = arguments[0]; code.style = 'position:fixed;right:0;bottom:0;z-index:9'; document.body.append(code)",
            vec![serde_json::json!(format!("data:image/png;base64,{}", primitives::base64url::encode_standard(&std::fs::read(&png).unwrap())))],
        )
        .await
        .unwrap();
    // A picture that is not painted yet is not found: who looks again finds it.
    person
        .until("the code is found", async || {
            if let Some(look) = person.all("reader-screen").await.pop() {
                // It is gone with the first look that finds the code.
                let _ = look.click().await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(600)).await;
            person.has("host").await
        })
        .await;
    person.picture("4-screen").await;
    person.leaves().await;
}
