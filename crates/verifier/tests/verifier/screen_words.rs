//! What the desk's page is told to show: the answer as people say it, who issued the paper, as of when, and how old the lists are.

use crate::door::Door;
use crate::offline::*;
use serde_json::{Value, json};
use trust::status::StatusState;
use verifier::offline::TrustListDates;

/// A check by a code from beginning to end, as the page sees it.
fn verdict(door: &Door, question: &str) -> Value {
    let browser = door.browser();
    let begun = door.begin(&browser, question, "code").json();
    let request = door.world.by_code(begun["code"].as_str().unwrap(), door.world.query(question));
    let shown = frames(&message(&door.world.answer(&request, Holds::SdJwt)));
    let texts: Vec<String> = (0..u16::from(shown.count())).map(|at| shown.text(at)).collect();
    let told = door.post("/screen/text", &browser, texts.join("\n").as_bytes()).json();
    assert_eq!(told["state"], "verdict", "{told}");
    told
}

fn fact<'a>(verdict: &'a Value, caption: &str) -> &'a str {
    let facts = verdict["facts"].as_array().unwrap();
    facts.iter().find(|fact| fact["caption"] == caption).unwrap_or_else(|| panic!("{verdict}"))["value"]
        .as_str()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_that_a_paper_is_stands_on_the_page() {
    let door = Door::of(World::holding(livelihood(), |_| {})).await;
    let told = verdict(&door, "livelihood-support");
    assert_eq!((&told["tone"], &told["word"]), (&json!("confirmed"), &json!("확인됨")));
    assert_eq!(told["answers"], json!([{ "caption": "기초생활 수급 자격", "value": "있음" }]));
    assert_eq!(fact(&told, "서류"), "기초생활수급자 증명서");
    assert!(!told.to_string().contains("최한결"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_is_in_won_on_the_page() {
    let door = Door::of(World::holding(taxes(0), |_| {})).await;
    let told = verdict(&door, "tax-paid");
    assert_eq!(told["tone"], "confirmed");
    assert_eq!(told["answers"], json!([{ "caption": "밀린 국세", "value": "0원", "no": false }]));
}

// rule: OQ-31
#[tokio::test(flavor = "multi_thread")]
async fn how_old_the_lists_are_is_said_anew_with_each_check_and_verdict() {
    let door = Door::new().await;
    let fresh = "상태 목록: 1시간 안에 서명됨";
    assert!(door.page().body.contains(&format!("id=\"ages\">{fresh}")));
    assert!(verdict(&door, AGE)["ages"].as_str().unwrap().starts_with(fresh));
    // The page stays open while there is no network.
    let browser = door.browser();
    door.world.clock.advance(8 * DAY);
    let old = "상태 목록: 8일 전 (너무 오래됨)";
    let begun = door.begin(&browser, AGE, "code").json();
    assert!(begun["ages"].as_str().unwrap().starts_with(old), "{begun}");
    let told = verdict(&door, AGE);
    assert!(told["tone"] == "not_confirmed" && told["ages"].as_str().unwrap().starts_with(old), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_green_as_to_the_check_and_no_leave_to_accept() {
    let claims = json!({ "name": "이도담", "birth": "2010-06-14", "ageOver19": false });
    let young = || Papers { claims: claims.clone(), ..card() };
    let door = Door::of(World::holding(young(), |_| {})).await;
    let told = verdict(&door, AGE);
    assert_eq!((&told["tone"], &told["word"]), (&json!("confirmed"), &json!("확인됨")));
    assert_eq!(told["answers"], json!([{ "caption": "만 19세 이상", "value": "아니요", "no": true }]));
    assert_eq!(told["line"], "확인은 됐지만 ‘아니요’인 답이 있습니다. 답을 보고 정하세요");
    // By an old list as well.
    door.world.clock.advance(2 * DAY);
    let told = verdict(&door, AGE);
    assert_eq!(told["tone"], "confirmed_weak");
    assert_eq!(told["line"], "‘아니요’인 답이 있습니다. 사람과 서류도 직접 한 번 더 확인해 주세요");
    // A yes may be accepted, and of a paper that holds no longer nothing is answered.
    let door = Door::new().await;
    assert_eq!(verdict(&door, AGE)["line"], "받아도 됩니다");
    let door = Door::of(World::holding(young(), |_| {})).await;
    door.world.keep(StatusState::Invalid);
    assert_eq!(verdict(&door, AGE)["line"], "받지 마세요");
}

// rule: OQ-22
#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_newer_kind_is_said_to_be_one_until_a_piece_is_read() {
    let door = Door::new().await;
    let browser = door.browser();
    let begun = door.begin(&browser, AGE, "code").json();
    let told = |text: &str| door.post("/screen/text", &browser, text.as_bytes()).json();
    assert!(told("menu")["note"].as_str().unwrap().starts_with("읽은 QR이 이 확인의 답이 아닙니다"));
    let newer =
        "이 프로그램이 모르는 새 방식의 QR입니다. 프로그램을 새 버전으로 바꾸거나 다른 방법으로 확인하세요.";
    assert_eq!(told("OQ2:ABC")["note"], newer);
    // The pictures after it hold nothing.
    assert_eq!(told("")["note"], newer);
    let request = door.world.by_code(begun["code"].as_str().unwrap(), door.world.query(AGE));
    let shown = frames(&message(&door.world.answer(&request, Holds::SdJwt)));
    assert!(told(&shown.text(0))["note"].as_str().unwrap().starts_with("읽고 있습니다"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_is_pasted_at_once() {
    let door = Door::new().await;
    let browser = door.browser();
    let begun = door.begin(&browser, AGE, "code").json();
    let request = door.world.by_code(begun["code"].as_str().unwrap(), door.world.query(AGE));
    let shown = frames(&message(&door.world.answer(&request, Holds::SdJwt)));
    // What the longest answer takes: as many pieces as there can be, the needed ones last.
    let texts: Vec<String> = (0..128).rev().map(|at| shown.text(at)).collect();
    assert!(texts.join("\n").len() > 32 * 1024);
    assert_eq!(door.post("/screen/text", &browser, texts.join("\n").as_bytes()).json()["state"], "verdict");
}

#[test]
fn sentences_accuse_nobody_for_a_clock_and_name_no_button_that_is_not_there() {
    let old = verifier::sentence("response_proof_too_old");
    let (clocks, film) = (old.ko.find("시계가 맞는지").unwrap(), old.ko.find("사진이나 영상").unwrap());
    assert!(clocks < film, "{}", old.ko);
    assert!(old.en.find("clocks of this computer").unwrap() < old.en.find("picture").unwrap(), "{}", old.en);
    for code in ["desk_check_over", "desk_check_unknown"] {
        // It is said where the next check is begun, by the button that begins one.
        assert!(!verifier::sentence(code).ko.contains("다음 사람"), "{code}");
    }
    let newer = verifier::sentence("offline_message_version");
    assert!(newer.ko.contains("새 방식") && !newer.ko.contains("다시 보여"), "{}", newer.ko);
}

// rule: OQ-30, OQ-31
#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_who_issued_the_paper_and_as_of_when() {
    let world = World::new();
    let issued_at = world.now();
    world.lists.trust.lock().unwrap().trust_list =
        Some(TrustListDates { sequence_number: 1, issued_at, next_update: None });
    let door = Door::of(world).await;
    door.world.clock.advance(3 * 3600);
    let told = verdict(&door, AGE);
    assert_eq!(fact(&told, "발급"), "Issuer");
    assert_eq!(fact(&told, "본인 것"), "방금 이 코드에 서명함");
    assert_eq!(fact(&told, "효력"), "유효 · 3시간 전 상태 목록");
    assert_eq!(fact(&told, "발급 기관 목록"), "3시간 전");
    assert!(
        door.page().body.contains("상태 목록: 3시간 전 · 발급 기관 목록: 3시간 전"),
        "{}",
        door.page().body
    );
    // Suspended meanwhile: the word of the status, and no word of the person.
    door.world.keep(StatusState::Suspended);
    let told = verdict(&door, AGE);
    assert_eq!(told["tone"], "not_confirmed");
    assert_eq!(fact(&told, "효력"), "효력 정지 중 · 방금 확인");
    assert_eq!(told["answers"], json!([]));
}

// rule: OQ-31
#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_how_old_the_lists_are_and_what_that_amounts_to() {
    let world = World::new();
    let issued_at = world.now();
    world.lists.trust.lock().unwrap().trust_list =
        Some(TrustListDates { sequence_number: 1, issued_at, next_update: None });
    let door = Door::of(world).await;
    let says = |what: &str, language: &str| {
        let page = door.send("GET", &format!("/screen?lang={language}"), &[], b"").body;
        assert!(page.contains(what), "{what}: {page}");
    };
    says("상태 목록: 1시간 안에 서명됨 · 발급 기관 목록: 1시간 안에 서명됨", "ko");
    says("Status lists: signed within the hour", "en");
    door.world.clock.advance(2 * DAY);
    says("상태 목록: 2일 전 (오래됨) · 발급 기관 목록: 2일 전", "ko");
    says("2 days old (old)", "en");
    let told = verdict(&door, AGE);
    assert_eq!((&told["tone"], &told["word"]), (&json!("confirmed_weak"), &json!("오래된 확인")));
    assert_eq!(fact(&told, "효력"), "유효 · 2일 전 상태 목록");
    door.world.clock.advance(30 * DAY);
    says("상태 목록: 32일 전 (너무 오래됨) · 발급 기관 목록: 32일 전 (너무 오래됨)", "ko");
    door.world.lists.tokens.lock().unwrap().clear();
    says("상태 목록: 없음", "ko");
}

// rule: OQ-30
#[tokio::test(flavor = "multi_thread")]
async fn each_word_has_a_shape_of_its_own() {
    let page = Door::new().await.page().body;
    let shape = |outcome: &str| {
        let begun = page.split(&format!("<template id=\"shape-{outcome}\">")).nth(1).unwrap();
        begun.split("</template>").next().unwrap().to_owned()
    };
    let shapes = ["confirmed", "confirmed_weak", "not_confirmed"].map(shape);
    // A circle with a tick, a triangle, an octagon: told apart without colour.
    assert!(
        shapes[0].contains("<circle") && !shapes[1].contains("<circle") && !shapes[2].contains("<circle")
    );
    assert!(shapes[1].contains("M12 3 22 21H2Z") && shapes[2].contains("M8 2h8l6 6v8l-6 6H8l-6-6V8Z"));
    assert!(shapes.iter().all(|shape| shape.contains("aria-hidden")), "the word is what is read out");
}
