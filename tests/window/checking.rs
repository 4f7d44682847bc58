//! 확인하기 with questions of one's own and signed receipts: a shop takes its key over, makes a question with the keyboard, shows its
//! request, reads the answer through the camera, and saves the receipt.

use std::time::{Duration, Instant};

use offline_qr::{Collector, Fed, Kind};
use serde_json::{Value, json};
use verifier::offline::{DeskIdentity, Receipt};

use super::bench::{Bench, Keyring};
use super::person::Person;

/// Files that the person chooses; no file dialogue of the system can be driven.
const CHOOSES: &str = "const [files] = arguments;
    const input = document.querySelector('[data-testid=check-import-files]');
    const chosen = new DataTransfer();
    for (const [name, text] of Object.entries(files)) chosen.items.add(new File([text], name));
    input.files = chosen.files;
    input.dispatchEvent(new Event('change', { bubbles: true }))";

/// A canvas in the camera's place, since no computer of tests has one; grey until somebody shows something.
const CAMERA: &str = "const canvas = document.createElement('canvas');
    canvas.width = 1280; canvas.height = 720;
    const context = canvas.getContext('2d');
    context.fillStyle = '#9a9a9a'; context.fillRect(0, 0, 1280, 720);
    window.filmed = canvas;
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia: async () => canvas.captureStream(15) } })";

/// The citizen's wallet, which is the same program here, reads the request, says yes to what is required, and shows its frames to the camera.
const ANSWERS: &str = "const [texts, done] = arguments;
    const invoke = (command, request) => window.__TAURI_INTERNALS__.invoke(command, { request });
    (async () => {
        let consent = null;
        for (const text of texts) {
            const found = await invoke('read_input', { kind: 'text', text });
            if (found.kind === 'request') { consent = await invoke('present_start', { inputId: found.inputId }); break; }
        }
        if (consent?.kind !== 'consent') return { error: consent };
        const first = consent.queries.filter((query) => query.candidates.length > 0);
        const group = (one) => one.options.find((option) => option.queryIds?.every((id) => first.some((query) => query.id === id))) ?? one.options[0];
        const selection = {
            options: Object.fromEntries(consent.groups.map((one) => [one.id, group(one).id])),
            papers: Object.fromEntries(first.map((query) => [query.id, [query.candidates[0].paper.id]])),
            items: [], sensitiveYes: [], sensitiveNo: [], acknowledged: consent.mustAcknowledge };
        const shown = await invoke('present_send', { sessionId: consent.sessionId, selection, passphrase: null });
        if (shown.kind !== 'showing') return { error: shown };
        const { frames } = await invoke('show_frames', { sessionId: shown.sessionId, from: 0, count: 24, size: 'standard' });
        const context = window.filmed.getContext('2d');
        let at = 0;
        const draw = () => {
            const { side, modules } = frames[at++ % frames.length];
            const bits = Uint8Array.from(atob(modules), (letter) => letter.charCodeAt(0));
            const size = Math.floor(660 / (side + 8));
            context.fillStyle = '#e8e8e8'; context.fillRect(300, 20, size * (side + 8), size * (side + 8));
            context.fillStyle = '#202020';
            for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
                const bit = y * side + x;
                if (bits[bit >> 3] >> (7 - (bit & 7)) & 1) context.fillRect(300 + (x + 4) * size, 20 + (y + 4) * size, size, size);
            }
        };
        draw();
        window.drawing = setInterval(draw, 450);
        return { recipient: consent.recipient, queries: consent.queries, items: consent.lines.items };
    })().then(done, (error) => done({ error: JSON.stringify(error) + String(error) }))";

impl Person<'_> {
    /// The desk's request, read off the window as a camera does.
    async fn reads_the_desks_request(&self) -> Vec<String> {
        let mut collector = Collector::new(Kind::Request);
        let mut texts = Vec::new();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(40) {
            let picture = self.window.screenshot().await.unwrap();
            for text in host::qr::texts_in_picture(&picture).unwrap_or_default() {
                let fed = collector.feed(&text);
                texts.push(text);
                if let Fed::Complete(_) = fed {
                    return texts;
                }
            }
        }
        self.picture("failed").await;
        panic!("the request does not come together: {:?}", collector.progress());
    }

    /// Opens the desk anew, from another place.
    async fn goes_to_the_desk(&self) {
        self.goes_to("#/").await;
        self.sees("shelf-id").await;
        self.goes_to("#/check").await;
        self.sees("check-ask").await;
    }

    async fn goes_to_the_questions(&self) {
        self.goes_to_the_desk().await;
        self.presses("check-own").await;
        self.sees("own").await;
    }

    async fn chooses_paper(&self, key: &str) {
        self.presses_css(&format!("[data-testid=own-paper][data-paper={key}]")).await;
        self.sees("own-item").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_made_at_the_desk_is_asked_and_answered_and_its_receipt_is_saved() {
    let bench = Bench::new("checking", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.begins_as("p1").await;

    // Without a key it is said why not, of both.
    person.goes_to("#/check").await;
    assert!(person.reads("check-own-why").await.contains("열쇠"));
    assert!(person.reads("check-receipts-why").await.contains("열쇠"));
    assert!(!person.has("check-own").await && !person.has("check-receipts").await);
    person.looks("1-without-a-key").await;

    let government = person.government().await;
    let kit = bench.path("desk");
    government.desk_kit("v-store", &kit, 9000).await.unwrap();
    let files: serde_json::Map<String, Value> = std::fs::read_dir(&kit)
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.unwrap();
            let text = std::fs::read_to_string(entry.path()).ok()?;
            Some((entry.file_name().to_string_lossy().into_owned(), json!(text)))
        })
        .collect();
    person.window.execute(CHOOSES, vec![json!(files)]).await.unwrap();
    person.sees("check-own").await;
    person.presses("check-refresh").await;
    assert!(!person.has("check-own-why").await);
    let identity = DeskIdentity::of_configuration(files["verifier.json"].as_str().unwrap(), &|name| {
        files.get(name).and_then(Value::as_str).map(str::to_owned)
    });
    let identity = identity.unwrap().identity().unwrap();

    // A question, with the keyboard; nothing is ticked beforehand.
    person.tabs_to("check-own").await;
    person.keys(&["Return"]).await;
    person.sees("own").await;
    assert!(person.has("own-none").await);
    person.looks("2-no-question-yet").await;
    person.tabs_to("own-name").await;
    person.keys_text("Can you join the library?").await;
    person.tabs_to("own-purpose").await;
    person.keys_text("Membership card").await;
    person.tabs_to("own-paper").await;
    // The first of the row; the next one and back again, as radio buttons go.
    person.keys(&["space", "Down", "Up"]).await;
    person.sees_css("[data-testid=own-paper][data-paper=MobileResidentCard]:checked").await;
    person.sees("own-item").await;
    assert_eq!(person.count_css("[data-testid=own-item]:checked").await, 0);
    assert!(person.reads("own-save").await.contains("받을 것"));
    person.tabs_to("own-item").await;
    // Past the portrait to the name.
    person.keys(&["Tab", "space"]).await;
    person.presses_css("[data-testid=own-item][data-item='address.sigungu']").await;
    assert_eq!(person.count_css("[data-testid=own-item][data-item=name]:checked").await, 1);
    person.looks("3-question").await;
    person.tabs_to("own-save").await;
    person.keys(&["Return"]).await;
    let kept = person.reads("own-kept").await;
    assert!(kept.contains("Can you join the library?") && kept.contains("성명, 시·군·구"), "{kept}");
    person.looks("4-kept").await;
    person.presses("own-back").await;

    // Receipts are off until they are switched on.
    person.presses_css("[data-testid=check-question][data-question=own-1]").await;
    assert_eq!(person.count("check-mode").await, 1);
    person.presses_css("[data-testid=check-mode][data-mode=request]").await;
    assert_eq!(person.count_css("[data-testid=check-receipts]:checked").await, 0);
    person.tabs_to("check-receipts").await;
    person.keys(&["space"]).await;
    person.sees_css("[data-testid=check-receipts]:checked").await;
    person.looks("5-asking").await;
    person.run(CAMERA).await;
    person.presses("check-start").await;
    person.sees_css("[data-testid=qr]:not([hidden])").await;
    person.picture("6-request").await;
    let texts = person.reads_the_desks_request().await;
    assert!(person.reads("check-read").await.contains("Membership card"));

    // The citizen sees who asks and what for by the registration, and says yes.
    let answered = person.window.execute_async(ANSWERS, vec![json!(texts)]).await.unwrap();
    assert!(answered.get("error").is_none(), "{answered}");
    assert_eq!(answered["recipient"]["trust"], "registered", "{answered}");
    assert!(!answered.to_string().contains("Membership card"), "the desk's own words stay at the desk");
    person.sees("verdict").await;
    person.run("clearInterval(window.drawing)").await;
    person.presses("verdict-hold").await;
    assert_eq!(person.reads("verdict-word").await, "확인됨", "{}", person.words().await);
    let answers = person.words().await;
    assert!(answers.contains("성명: 이도담") && answers.contains("시·군·구: "), "{answers}");
    person.picture("7-verdict").await;

    // The receipt is saved by a press, and says nothing of the person.
    person.presses("verdict-receipt-save").await;
    person.waits_to_read("verdict-receipt-saved", "receipt-").await;
    person.run("document.querySelector('[data-testid=verdict-receipt-saved]').scrollIntoView({ block: 'center' })").await;
    person.looks("8-receipt").await;
    let said = person.reads("verdict-receipt-saved").await;
    let path = said.split_once(": ").unwrap().1.trim();
    assert!(path.starts_with(bench.path("home").to_str().unwrap()), "{path}");
    let receipt = std::fs::read_to_string(path).unwrap();
    let read = Receipt::verify(&receipt, &identity).expect("the desk signed it");
    assert_eq!(
        (read.question.as_str(), read.mode.as_str(), read.outcome.as_str()),
        ("own-1", "request", "confirmed")
    );
    let payload = primitives::base64url::decode(receipt.split('.').nth(1).unwrap()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    assert!(!payload.contains("이도담") && !payload.contains("가람시"), "{payload}");

    // Locked and unlocked the question is there, and receipts are off.
    person.keys(&["ctrl+l"]).await;
    person.sees("locked").await;
    person.presses("unlock").await;
    person.sees("shelf-id").await;
    person.goes_to_the_desk().await;
    person.sees_css("[data-testid=check-question][data-question=own-1]").await;
    assert_eq!(person.count_css("[data-testid=check-receipts]:checked").await, 0);

    // In English, large, in high contrast; and narrow.
    person.sets(&["language-en"]).await;
    person.goes_to_the_desk().await;
    person.looks("9-english").await;
    person.goes_to_the_questions().await;
    person.chooses_paper("MobileDriverLicense").await;
    person.looks("10-english-question").await;
    person.sets(&["size-1.5", "contrast-high"]).await;
    person.goes_to_the_desk().await;
    person.looks("11-large").await;
    person.goes_to_the_questions().await;
    person.chooses_paper("MobileDriverLicense").await;
    person.looks("12-large-question").await;
    person.sets(&["language-ko", "size-1", "contrast-light"]).await;
    let id = bench.desktop("xdotool", &["search", "--onlyvisible", "--name", "시민지갑"]);
    let id = id.lines().last().unwrap_or_default();
    bench.desktop("xdotool", &["windowsize", "--sync", id, "360", "720"]);
    person
        .until("the window is narrow", async || {
            person.run("return innerWidth").await.as_u64().is_some_and(|width| width <= 400)
        })
        .await;
    person.goes_to_the_desk().await;
    person.looks("13-narrow").await;
    person.goes_to_the_questions().await;
    person.chooses_paper("MobileResidentCard").await;
    person.looks("14-narrow-question").await;

    // Deleted, it is gone; without the key the desk says so again.
    person.presses("own-remove").await;
    person.sees("own-none").await;
    person.presses("own-back").await;
    person.presses("check-forget").await;
    person.sees("check-own-why").await;
    assert_eq!(person.count_css("[data-testid=check-question][data-question=own-1]").await, 0);
    person.looks("15-narrow-without-a-key").await;
    person.leaves().await;
}
