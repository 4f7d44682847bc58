//! The whole way without a network: the window answers a code, its frames are what the camera of a verifier's browser sees, lost, blurred,
//! turned and unevenly lit, and the desk's page says 확인됨.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use verifier::config::Config;
use verifier::{OpenDesk, screen_router};

use super::bench::{Bench, Keyring};
use super::browser::{Browser, Camera, HEIGHT, PICTURES_A_CODE, WIDTH};
use super::person::Person;
use super::scene::{Lens, Scene, missed};

/// A code as the window draws it: the side of its picture in pixels, and which are dark.
type Drawn = (i32, Vec<bool>);

impl Person<'_> {
    /// So many different codes, as the window draws them, in the order in which it shows them.
    async fn photographs_codes(&self, count: usize) -> Vec<Drawn> {
        // Where it stands in the window: the driver's own picture of one element is now and then of a place beside it.
        let place = "const code = document.querySelector('[data-testid=qr]:not([hidden])');
            if (!code) return null;
            code.scrollIntoView({ block: 'nearest' });
            const { left, top, width, height } = code.querySelector('canvas').getBoundingClientRect();
            return [Number(code.dataset.sequence), ...[left, top, width, height].map(Math.round)]";
        let mut codes: BTreeMap<u64, Drawn> = BTreeMap::new();
        let mut lens: Option<(i32, Lens)> = None;
        let begun = Instant::now();
        let mut unread = 0;
        while codes.len() < count {
            if begun.elapsed() > Duration::from_secs(50) {
                self.picture("failed").await;
                let found = codes.len();
                panic!(
                    "{found} codes, {unread} that could not be read; the page says: {}",
                    self.words().await
                );
            }
            let stood = self.run(place).await;
            let picture = self.window.screenshot().await.unwrap();
            // What turned while it was photographed is looked at again.
            let stands = self.run(place).await == stood;
            let Some(at) = stood.as_array().filter(|_| stands) else { continue };
            let [left, top, width, height] =
                [1, 2, 3, 4].map(|number| u32::try_from(at[number].as_i64().unwrap().max(0)).unwrap());
            let sequence = at[0].as_u64().unwrap();
            let picture =
                image::load_from_memory(&picture).unwrap().crop_imm(left, top, width, height).to_luma8();
            let side = picture.width().min(picture.height());
            let dark: Vec<bool> =
                (0..side * side).map(|at| picture.get_pixel(at % side, at / side).0[0] < 128).collect();
            let side = i32::try_from(side).unwrap();
            let known = lens.take().filter(|(known, _)| *known == side);
            let (_, sharp) =
                lens.insert(known.unwrap_or_else(|| (side, Scene::sharp(WIDTH, HEIGHT).lens(side))));
            if host::qr::texts_in_luma(sharp.picture(&dark), WIDTH, HEIGHT).is_err() {
                unread += 1;
                continue;
            }
            codes.insert(sequence, (side, dark));
        }
        codes.into_values().collect()
    }
}

/// Codes of the wallet that become a film.
const CODES: usize = 16;
/// Films at most: what the window shows lives for a minute.
const FILMS: usize = 2;

/// The codes as a camera sees them, two a second, with some lost.
fn film(codes: &[Drawn], scene: Scene, lost_in_a_hundred: usize) -> Vec<Vec<u8>> {
    let mut lens: Option<(i32, Lens)> = None;
    let mut pictures = Vec::new();
    for ((side, dark), missed) in codes.iter().zip(missed(codes.len(), lost_in_a_hundred)) {
        let picture = if missed {
            vec![200; (WIDTH * HEIGHT) as usize]
        } else {
            let known = lens.take().filter(|(known, _)| known == side);
            lens.insert(known.unwrap_or_else(|| (*side, scene.lens(*side)))).1.picture(dark)
        };
        pictures.extend(std::iter::repeat_n(picture, PICTURES_A_CODE));
    }
    pictures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_the_window_shows_is_confirmed_by_the_page_of_a_desk_without_a_network() {
    let bench = Bench::new("desk-page", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;
    let government = person.government().await;

    // The store has its kit from before; from here on it needs nobody.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let kit = bench.path("kit");
    government.desk_kit("v-store", &kit, port).await.unwrap();
    let configuration = std::fs::read_to_string(kit.join("verifier.json")).unwrap();
    let config = Config::parse(&configuration, &|name| std::fs::read_to_string(kit.join(name)).ok()).unwrap();
    let (clock, entropy) = (Arc::new(host::SystemClock), Arc::new(crypto::SystemEntropy));
    let desk = OpenDesk::new(&config, &kit, clock, entropy).unwrap();
    tokio::spawn(async move { axum::serve(listener, screen_router(desk.pages)).await });

    std::fs::create_dir_all(bench.path("desk")).unwrap();
    let camera = Camera::new(&bench.path("desk"));
    let browser = Browser::open(&camera, &bench.path("desk"));
    browser.goes_to(&format!("http://127.0.0.1:{port}/"));
    browser.run("document.querySelector('[value=age-over-19]').click(); document.querySelector('[value=code]').click()", &[]);
    browser.presses("#begin");
    let scenes = [
        (10, Scene { blur: 1, ..Scene::sharp(WIDTH, HEIGHT) }),
        (30, Scene { degrees: 3.0, share: 0.92, ..Scene::sharp(WIDTH, HEIGHT) }),
        (50, Scene { shade: 0.45, noise: 12, degrees: -2.0, ..Scene::sharp(WIDTH, HEIGHT) }),
    ];
    for (index, (lost, scene)) in scenes.into_iter().enumerate() {
        browser.until("the desk asks", || !browser.reads("#code").is_empty());
        let code = browser.reads("#code");
        person.types_code(&code).await;
        person.agrees_to_show().await;
        // What is lost only costs time: one film in a hundred of which half is lost holds too little, and the window goes on.
        let (begun, mut films) = (Instant::now(), 0);
        while films < FILMS {
            films += 1;
            let codes = person.photographs_codes(CODES).await;
            camera.shows(&film(&codes, scene, lost));
            if browser.sees_a_verdict_in_a_film() {
                break;
            }
        }
        let word = browser.waits_for_a_verdict();
        assert_eq!(word, "확인됨", "{}", browser.reads("body"));
        println!("{lost} % lost: {films} films of {CODES} codes, {:.1} s", begun.elapsed().as_secs_f32());
        assert!(browser.reads("#facts").contains("만 19세 이상"), "{}", browser.reads("#facts"));
        assert!(!browser.reads("body").contains("이도담"));
        if index == 0 {
            browser.presses("#hold");
            browser.picture("window-confirmed");
        }
        camera.shows(&[vec![90; (WIDTH * HEIGHT) as usize]]);
        browser.presses("#result [data-next]");
        person.presses("show-stop").await;
    }
    assert_eq!(browser.log(), "");
    let asked = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)", &[]);
    let own = format!("http://127.0.0.1:{port}/");
    assert!(asked.as_array().unwrap().iter().all(|one| one.as_str().unwrap().starts_with(&own)), "{asked}");
    assert_ne!(asked, json!([]));
    person.leaves().await;
}
