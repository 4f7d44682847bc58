//! The doors of the desk's page: only the browser that began, only from the page itself, only so many bytes.

use std::io::Write as _;
use std::net::TcpStream;

use crate::door::Door;
use crate::offline::*;
use crate::scene;
use serde_json::json;
use verifier::offline::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_allows_its_own_script_the_camera_and_nothing_else() {
    let door = Door::new().await;
    let page = door.page();
    assert_eq!(page.status, 200);
    for header in [
        "default-src 'none'",
        "script-src 'self'",
        "require-trusted-types-for 'script'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "camera=(self), microphone=()",
        "cross-origin-resource-policy: same-origin",
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
    ] {
        assert!(page.head.contains(header), "{header}: {}", page.head);
    }
    assert!(!page.head.contains("unsafe-"), "{}", page.head);
    // No script and no style stands in the page itself.
    assert_eq!(page.body.matches("<script").count(), page.body.matches("<script src=").count());
    assert!(
        !page.body.contains("<style") && !page.body.contains("style=") && !page.body.contains(" onclick")
    );
    assert!(page.body.contains("&lt;가게&gt;") && page.body.contains("lang=\"ko\""));
    let english = door.send("GET", "/screen?lang=en", &[], b"");
    assert!(english.body.contains("lang=\"en\"") && english.body.contains("Are you 19 or older?"));
    for file in ["/screen.js", "/screen.css", "/desk.css"] {
        assert_eq!(door.send("GET", file, &[], b"").status, 200, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_browser_that_began_goes_on() {
    let door = Door::new().await;
    let (ours, other) = (door.browser(), door.browser());
    let begun = door.begin(&ours, AGE, "code");
    assert_eq!(begun.status, 200, "{}", begun.body);
    let code = begun.json()["code"].as_str().unwrap().to_owned();
    let request = door.world.by_code(&code, door.world.query(AGE));
    let shown = frames(&message(&door.world.answer(&request, Holds::SdJwt)));
    let first = shown.text(0);
    // Another browser of the same desk has no check; who has no cookie has nothing.
    let theirs = door.post("/screen/text", &other, first.as_bytes()).json();
    assert_eq!((&theirs["state"], &theirs["code"]), (&json!("over"), &json!("desk_check_unknown")));
    for path in ["/screen/text", "/screen/camera/8/8", "/screen/picture", "/screen/stop", "/screen/begin"] {
        let body = json!({ "question": AGE, "mode": "code" }).to_string();
        for cookie in [String::new(), format!("{}=", door.seat()), format!("{}=guessed", door.seat())] {
            assert_eq!(door.post(path, &cookie, body.as_bytes()).status, 403, "{path} {cookie}");
        }
    }
    let waiting = door.post("/screen/text", &ours, first.as_bytes()).json();
    assert_eq!(
        (&waiting["state"], &waiting["have"], &waiting["need"]),
        (&json!("waiting"), &json!(1), &json!(2))
    );
    let verdict = door.post("/screen/text", &ours, shown.text(1).as_bytes()).json();
    assert_eq!((&verdict["tone"], &verdict["word"]), (&json!("confirmed"), &json!("확인됨")));
    assert_eq!(verdict["answers"][0]["value"], "예");
    assert!(!verdict.to_string().contains("이도담") && !verdict.to_string().contains("1988"));
    // Shown once.
    let again = door.post("/screen/text", &ours, first.as_bytes()).json();
    assert_eq!(again["state"], "over");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_page_sends_is_turned_away() {
    let door = Door::new().await;
    let cookie = ("cookie", door.browser());
    let choice = json!({ "question": AGE, "mode": "code" }).to_string();
    let own_origin = format!("http://127.0.0.1:{}", door.port);
    let post = |headers: Vec<(&'static str, String)>| {
        let headers: Vec<_> = headers.into_iter().chain([cookie.clone()]).collect();
        door.send("POST", "/screen/begin", &headers, choice.as_bytes()).status
    };
    let text = str::to_owned;
    assert_eq!(post(vec![]), 403, "neither header");
    assert_eq!(post(vec![("origin", text("https://evil.example"))]), 403);
    assert_eq!(post(vec![("origin", text("null"))]), 403);
    assert_eq!(post(vec![("sec-fetch-site", text("same-origin"))]), 403, "no origin");
    assert_eq!(post(vec![("origin", own_origin.clone()), ("sec-fetch-site", text("cross-site"))]), 403);
    assert_eq!(post(vec![("origin", own_origin.clone()), ("sec-fetch-site", text("same-site"))]), 403);
    let elsewhere = text("evil.example");
    assert_eq!(post(vec![("origin", own_origin.clone()), ("host", elsewhere)]), 421);
    assert_eq!(post(vec![("origin", own_origin)]), 200, "a browser without fetch metadata");
    // The page may be opened from anywhere; a picture of the request is for the page alone.
    let navigates = [("sec-fetch-site", text("cross-site")), ("sec-fetch-mode", text("navigate"))];
    assert_eq!(door.send("GET", "/screen", &navigates, b"").status, 200);
    let framed = |dest: &str| {
        let dest = ("sec-fetch-dest", dest.to_owned());
        let headers: Vec<_> = navigates.iter().cloned().chain([dest]).collect();
        door.send("GET", "/screen", &headers, b"").status
    };
    assert_eq!(framed("document"), 200);
    // In somebody's frame it would take a place from a browser of the desk's.
    for dest in ["iframe", "frame", "embed", "object"] {
        assert_eq!(framed(dest), 403, "{dest}");
    }
    let embeds =
        [("sec-fetch-site", text("cross-site")), ("sec-fetch-mode", text("no-cors")), cookie.clone()];
    assert_eq!(door.send("GET", "/screen/request/1-0.svg", &embeds, b"").status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_another_site_opens_leaves_the_check_as_it_is() {
    let door = Door::new().await;
    let ours = door.browser();
    let begun = door.begin(&ours, AGE, "code").json();
    let request = door.world.by_code(begun["code"].as_str().unwrap(), door.world.query(AGE));
    // The browser sends the cookie with what a link opens (`SameSite=Lax`), and with nothing else of another site's.
    let opened = [
        ("sec-fetch-site", "cross-site".to_owned()),
        ("sec-fetch-mode", "navigate".to_owned()),
        ("sec-fetch-dest", "document".to_owned()),
        ("cookie", ours.clone()),
    ];
    let page = door.send("GET", "/", &opened, b"");
    assert_eq!(page.status, 200);
    assert!(!page.head.contains(&door.seat()), "no second seat: {}", page.head);
    // The desk of another port has a seat of its own in the same browser.
    let other = Door::new().await;
    assert_ne!(other.seat(), door.seat());
    let both = format!("{}; {ours}", other.browser());
    let shown = frames(&message(&door.world.answer(&request, Holds::SdJwt)));
    let waiting = door.post("/screen/text", &both, shown.text(0).as_bytes()).json();
    assert_eq!((&waiting["state"], &waiting["have"]), (&json!("waiting"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_is_shown_piece_by_piece_to_who_began() {
    let door = Door::new().await;
    let (ours, other) = (door.browser(), door.browser());
    let begun = door.begin(&ours, WHO, "request").json();
    assert!(begun["frames"].as_u64().unwrap() >= 1 && begun["code"].is_null());
    let get = |cookie: &str, name: &str| {
        let headers = [("cookie", cookie.to_owned()), ("sec-fetch-site", "same-origin".to_owned())];
        door.send("GET", &format!("/screen/request/{name}"), &headers, b"")
    };
    let picture = get(&ours, "1-0.svg");
    assert_eq!(picture.status, 200);
    assert!(picture.body.contains("<svg") && picture.head.contains("image/svg+xml"));
    for name in ["1-0", "0.svg", "1-99999.svg", "1-x.svg"] {
        assert_eq!(get(&ours, name).status, 404, "{name}");
    }
    assert_eq!(get(&other, "1-0.svg").status, 404);
    // Nobody authenticated asks who somebody is.
    for mode in ["code", "one-way"] {
        assert_eq!(door.begin(&ours, WHO, mode).json()["state"], "over", "{mode}");
    }
    assert_eq!(door.begin(&ours, "nothing", "code").json()["code"], "desk_question_unknown");
    assert_eq!(door.begin(&ours, AGE, "by-mind-reading").status, 400);
    assert_eq!(door.post("/screen/begin", &ours, b"{}").status, 400);
    // A new check, and stopping, end the one before.
    assert_eq!(get(&ours, "1-0.svg").status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_or_too_long_is_refused_and_the_check_goes_on() {
    let door = Door::new().await;
    let ours = door.browser();
    door.begin(&ours, AGE, "code");
    assert_eq!(door.post("/screen/camera/8/8", &ours, &[0; 63]).status, 400);
    assert_eq!(door.post("/screen/camera/0/8", &ours, &[]).status, 400);
    assert_eq!(door.post("/screen/camera/4294967295/4294967295", &ours, &[0; 8]).status, 400);
    assert_eq!(door.post("/screen/camera/-1/8", &ours, &[0; 8]).status, 400);
    assert_eq!(door.post("/screen/camera/2000/2000", &ours, &vec![0; 4_000_000]).status, 413);
    assert_eq!(door.post("/screen/text", &ours, &vec![b'A'; 513 * 1024]).status, 413);
    assert_eq!(door.post("/screen/text", &ours, &[0xff, 0xfe]).status, 400);
    assert_eq!(door.post("/screen/picture", &ours, b"%PDF-1.7").status, 422);
    assert_eq!(door.post("/screen/begin", &ours, &vec![b' '; 2000]).status, 413);
    let grey = door.post("/screen/camera/64/64", &ours, &[120; 64 * 64]).json();
    assert_eq!((&grey["state"], &grey["need"]), (&json!("waiting"), &json!(0)));
    // Another answer's code, and something else altogether, are said to be foreign.
    let other = door.post("/screen/text", &ours, b"https://somewhere.example/menu").json();
    assert_eq!(other["state"], "waiting");
    assert_ne!(other["note"], grey["note"]);
    assert_eq!(door.post("/screen/stop", &ours, b"").status, 200);
    assert_eq!(door.post("/screen/text", &ours, b"OQ1:").json()["state"], "over");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_pictures_at_once_than_there_are_places_are_refused_in_words() {
    let door = Door::new().await;
    let ours = door.browser();
    door.begin(&ours, AGE, "code");
    // Files that never come whole hold their places for a while: of one more at each try, some four are taken, and then no other.
    let hangs = || {
        let mut stream = TcpStream::connect(("127.0.0.1", door.port)).unwrap();
        let head = format!(
            "POST /screen/picture HTTP/1.1\r\nhost: 127.0.0.1:{0}\r\norigin: http://127.0.0.1:{0}\r\ncookie: {ours}\r\ncontent-length: 9\r\n\r\n",
            door.port
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let mut hanging = Vec::new();
    let picture = || door.post("/screen/picture", &ours, b"%PDF-1.7");
    let busy = (0..40).find_map(|_| {
        hanging.push(hangs());
        std::thread::sleep(std::time::Duration::from_millis(20));
        Some(picture()).filter(|reply| reply.status == 503)
    });
    let busy = busy.expect("there is always a place").json();
    assert_eq!((&busy["code"], &busy["state"]), (&json!("desk_picture_busy"), &json!("refused")));
    assert_eq!(busy["note"], "다른 그림을 읽고 있습니다. 잠시 뒤에 다시 고르세요.");
    // The camera is not held up, and with the places free again pictures are read.
    assert_eq!(door.post("/screen/camera/64/64", &ours, &[120; 64 * 64]).json()["state"], "waiting");
    drop(hanging);
    let read = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        Some(picture()).filter(|reply| reply.status != 503)
    });
    let read = read.expect("there is a place again");
    assert_eq!((read.status, &read.json()["code"]), (422, &json!("picture_unreadable")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_camera_finds_the_screen_beside_a_smaller_code_on_the_counter() {
    let door = Door::new().await;
    let ours = door.browser();
    door.begin(&ours, AGE, "code");
    // Always the same piece of an answer: which pictures of two codes a reader can read depends a little on what stands in them.
    let piece = offline_qr::Frame {
        series: offline_qr::Series {
            kind: offline_qr::Kind::Answer,
            session: [7; 4],
            length: 1200,
            pieces: 2,
            checksum: 7,
        },
        sequence: 0,
        data: (0..600_u32).map(|at| ((at * 7919) >> 3) as u8).collect(),
    };
    let piece = piece.to_text();
    let (picture, width, height) = scene::side_by_side(&piece, "https://pay.example/shop/1024", false);
    let path = format!("/screen/camera/{width}/{height}");
    let read = (0..=host::qr::LONG_LOOK_AFTER).map(|_| door.post(&path, &ours, &picture).json());
    let have: Vec<_> = read.map(|told| told["have"].as_u64().unwrap()).collect();
    assert_eq!(have, [0, 0, 0, 0, 0, 1]);
    // What goes the other way, what is damaged and what is something else is not looked for.
    let question = door.world.desk.begin(AGE, Mode::Request).unwrap();
    let asked = door.world.desk.request_frames(&question.id, 0, 1, FrameSize::Standard).unwrap();
    assert!(ScreenDesk::looks_for(&piece) && !ScreenDesk::looks_for(&asked[0].text));
    for other in ["OQ1:0", "OQ2:ABC", "https://pay.example/", ""] {
        assert!(!ScreenDesk::looks_for(other), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_browsers_than_there_are_places_take_the_place_of_the_idlest() {
    let door = Door::new().await;
    let first = door.browser();
    assert_eq!(door.begin(&first, AGE, "code").status, 200);
    // Pages that are only opened take the place of one another, not of a check.
    for _ in 0..20 {
        door.browser();
    }
    assert_eq!(door.begin(&first, AGE, "code").status, 200);
    // Of those that check, the idlest goes.
    for _ in 0..8 {
        let busy = door.browser();
        assert_eq!(door.begin(&busy, AGE, "code").status, 200);
    }
    assert_eq!(door.begin(&first, AGE, "code").status, 403);
    let last = door.browser();
    assert_eq!(door.begin(&last, AGE, "code").status, 200);
}
