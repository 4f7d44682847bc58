//! A wallet's screen and a desk beside it, without a network: the demo government's papers, real time, codes as a camera reads them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use image::{GrayImage, ImageFormat, Luma};
use launch::Desk;
use support::Stage;
use wallet::view::*;

/// What a camera sees of a frame.
fn photographed(frame: &QrFrame) -> Vec<u8> {
    let modules = primitives::base64url::decode_standard(&frame.modules).unwrap();
    let side = u32::try_from(frame.side).unwrap();
    let pixels = (side + 8) * 4;
    let picture = GrayImage::from_fn(pixels, pixels, |x, y| {
        let place = |at: u32| (at / 4).checked_sub(4).filter(|at| *at < side);
        let dark = match (place(x), place(y)) {
            (Some(x), Some(y)) => {
                let bit = (y * side + x) as usize;
                modules[bit / 8] >> (7 - bit % 8) & 1 == 1
            }
            _ => false,
        };
        Luma([if dark { 20 } else { 235 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

fn consent(started: PresentStarted) -> Consent {
    match started {
        PresentStarted::Consent(consent) => *consent,
        PresentStarted::Refusal(refusal) => panic!("{} {:?}", refusal.code, refusal.rule),
    }
}

/// Yes, by this one of the ways to answer.
fn yes(consent: &Consent, way: usize) -> Selection {
    let mut selection = Selection { acknowledged: consent.must_acknowledge.clone(), ..Selection::default() };
    let group = &consent.groups[0];
    let option = &group.options[way.min(group.options.len() - 1)];
    selection.options.insert(group.id.clone(), Some(option.id.clone()));
    for query in &consent.queries {
        if let Some(first) = query.candidates.first() {
            selection.papers.insert(query.id.clone(), vec![first.paper.id.clone()]);
        }
    }
    selection
}

async fn shown(stage: &Stage, consent: &Consent, way: usize) -> ShowingStarted {
    match stage.wallet().present_send(&consent.session_id, &yes(consent, way)).await.unwrap() {
        PresentSent::Showing(showing) => showing,
        PresentSent::Sent(_) => panic!("sent"),
        PresentSent::Refusal(refusal) => panic!("{} {:?}", refusal.code, refusal.rule),
    }
}

/// Holds the desk's camera before the wallet's screen; every third picture is lost.
fn verdict(stage: &Stage, desk: &Desk, desk_id: &str, showing: &ShowingStarted) -> DeskVerdict {
    for from in 0..60 {
        let frames = stage.wallet().show_frames(&showing.session_id, from, 1, FrameSize::Small).unwrap();
        if from % 3 == 1 {
            continue;
        }
        match desk.picture(desk_id, &photographed(&frames.frames[0])).unwrap() {
            DeskFed::Waiting { .. } => {}
            DeskFed::Verdict { verdict } => return *verdict,
        }
    }
    panic!("no verdict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_reads_the_wallets_screen_with_every_server_down() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    stage.wallet().refresh().await.unwrap();
    let kit = stage.folder.path().join("kit");
    stage.government().desk_kit("v-air", &kit, 8480).await.unwrap();
    for (service, _) in stage.government().services().await.unwrap() {
        stage.government().stop_service(&service).await.unwrap();
    }
    let desk = Desk::new(Arc::clone(stage.wallet()));
    let ways = {
        let consent = consent(stage.wallet().present_one_way(1).unwrap());
        consent.groups[0].options.len()
    };
    assert!(ways >= 1);
    for (number, question, caption, value) in
        [(1, "age-over-19", "만 19세 이상", "예"), (2, "residence", "사는 시·군·구", "가람시")]
    {
        for way in 0..ways {
            // By a code.
            let begun = desk.begin(question, ShownMode::Code).unwrap();
            let asked = stage.wallet().present_by_code(begun.code.as_deref().unwrap()).unwrap();
            let consent_ = consent(asked);
            assert_eq!(consent_.must_acknowledge, [Acknowledgement::Unauthenticated]);
            let showing = shown(&stage, &consent_, way).await;
            assert!(showing.status_list_as_of.is_some());
            let verdict_ = verdict(&stage, &desk, &begun.desk_id, &showing);
            assert!(verdict_.outcome == DeskOutcome::Confirmed, "{question} {way}: {}", reasons(&verdict_));
            let answer = &verdict_.answers[0];
            assert_eq!(
                (answer.caption.ko.as_deref(), answer.value.ko.as_deref()),
                (Some(caption), Some(value))
            );
            assert!(!serde_json::to_string(&verdict_.answers).unwrap().contains("이도담"));
            stage.wallet().show_stop(&showing.session_id);
            // By nobody: the same answer, and a weaker confirmation.
            let begun = desk.begin(question, ShownMode::OneWay).unwrap();
            let consent_ = consent(stage.wallet().present_one_way(number).unwrap());
            let showing = shown(&stage, &consent_, way).await;
            let weak = verdict(&stage, &desk, &begun.desk_id, &showing);
            assert!(weak.outcome == DeskOutcome::ConfirmedWeak, "{question} {way}: {}", reasons(&weak));
            // A lock in the middle.
            stage.wallet().lock();
            assert!(stage.wallet().show_frames(&showing.session_id, 0, 1, FrameSize::Small).is_err());
            stage.wallet().unlock(None).unwrap();
            assert!(stage.wallet().show_frames(&showing.session_id, 0, 1, FrameSize::Small).is_err());
        }
    }
    // By a signed request, read off the desk's screen: who somebody is, and the portrait only if it was ticked.
    let files = texts_in(&kit);
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    for way in 0..ways {
        let begun = desk.begin("identity", ShownMode::Request).unwrap();
        let consent_ = consent(request_off(&stage, &desk, &begun.desk_id).await);
        assert!(
            consent_.shown == Some(ShownMode::Request) && consent_.recipient.trust == PartyTrust::Registered
        );
        let showing = shown(&stage, &consent_, way).await;
        assert_eq!(showing.item_count, 2, "no portrait that was not ticked");
        let who = verdict(&stage, &desk, &begun.desk_id, &showing);
        assert!(who.outcome == DeskOutcome::Confirmed, "{way}: {}", reasons(&who));
        let said = serde_json::to_string(&who.answers).unwrap();
        assert!(
            said.contains("이도담") && who.answers.iter().all(|answer| answer.picture.is_none()),
            "{said}"
        );
    }
    let line = stage.history().remove(0);
    assert_eq!(line.shown, Some(ShownMode::Request));
    assert_eq!(line.party.and_then(|party| party.ko).as_deref(), Some("가상공항 국내선"));
    let line = stage.history().remove(ways);
    assert!(line.left && line.shown == Some(ShownMode::OneWay));
    assert_eq!(line.party.and_then(|party| party.ko).as_deref(), Some("알 수 없는 곳"));
    stage.nothing_on_disk_says(&["이도담"]);
}

/// A request in several codes, as the codes' pictures.
fn request_in_pictures(desk: &Desk, desk_id: &str) -> Vec<Vec<u8>> {
    let count = desk.request_frames(desk_id, 0, 1, FrameSize::Small).unwrap().count;
    let frames = desk.request_frames(desk_id, 0, u16::from(count), FrameSize::Small).unwrap().frames;
    assert!(frames.len() > 2, "a request in several codes: {}", frames.len());
    frames.iter().map(photographed).collect()
}

/// What was read of a request that is not whole yet.
fn pieces(found: &Found) -> (usize, usize) {
    match found {
        Found::Progress { have, need, foreign: false } => (usize::from(*have), usize::from(*need)),
        _ => panic!("no piece of this request"),
    }
}

/// The request is whole: who asks is known without anything having been fetched.
async fn asked_by_the_airport(stage: &Stage, found: Found) {
    let Found::Request { input_id, host } = found else { panic!("not whole") };
    assert_eq!(host, "", "nothing is fetched");
    let asked = consent(stage.wallet().present_start(&input_id).await.unwrap());
    assert!(asked.shown == Some(ShownMode::Request) && asked.recipient.trust == PartyTrust::Registered);
    stage.wallet().present_decline(&asked.session_id, false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_several_codes_is_read_from_pictures_and_from_what_was_copied() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let kit = stage.folder.path().join("kit");
    stage.government().desk_kit("v-air", &kit, 8480).await.unwrap();
    let desk = Desk::new(Arc::clone(stage.wallet()));
    let files = texts_in(&kit);
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    let begun = desk.begin("identity", ShownMode::Request).unwrap();
    let pictures = request_in_pictures(&desk, &begun.desk_id);
    let need = pictures.len();
    let wallet = stage.wallet();

    // One picture file after another, in any order, one of them twice; each says how much of it is here.
    for (at, png) in pictures.iter().rev().enumerate() {
        let codes = host::qr::texts_in_picture(png).unwrap();
        let mut found = wallet.read_codes(&codes);
        if at == 0 {
            found = wallet.read_codes(&codes);
        }
        if at + 1 < need {
            assert_eq!(pieces(&found), (at + 1, need));
        } else {
            asked_by_the_airport(&stage, found).await;
        }
    }
    // One by one as pixels of the clipboard; a code of something else between them changes nothing.
    for (at, png) in pictures.iter().enumerate() {
        let copied = image::load_from_memory(png).unwrap().to_rgba8();
        let codes = host::qr::texts_in_rgba(copied.as_raw(), copied.width(), copied.height()).unwrap();
        let found = wallet.read_codes(&codes);
        if at + 1 < need {
            assert_eq!(pieces(&found), (at + 1, need));
            assert!(matches!(
                wallet.read_codes(&["WIFI:S:guest;;"]),
                Found::Nothing { why: NothingWhy::NotALink }
            ));
        } else {
            asked_by_the_airport(&stage, found).await;
        }
    }
    // Copied as text, a code a line.
    let lines: Vec<String> =
        pictures.iter().map(|png| host::qr::texts_in_picture(png).unwrap().remove(0)).collect();
    assert_eq!(pieces(&wallet.read_text(&lines[0], false)), (1, need));
    asked_by_the_airport(&stage, wallet.read_text(&lines[1..].join("\n"), false)).await;
}

/// The texts of a folder by name.
fn texts_in(folder: &std::path::Path) -> BTreeMap<String, String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Holds the wallet's camera before the desk's screen; every third picture is lost.
async fn request_off(stage: &Stage, desk: &Desk, desk_id: &str) -> PresentStarted {
    for from in 0..120 {
        let frames = desk.request_frames(desk_id, from, 1, FrameSize::Small).unwrap();
        if from % 3 == 1 {
            continue;
        }
        let codes = host::qr::texts_in_picture(&photographed(&frames.frames[0])).unwrap();
        match stage.wallet().read_codes(&codes) {
            Found::Request { input_id, .. } => return stage.wallet().present_start(&input_id).await.unwrap(),
            Found::Progress { have, need, foreign } => assert!(have < need && !foreign),
            Found::Offer { .. } | Found::Nothing { .. } => panic!("no frame"),
        }
    }
    panic!("no request");
}

fn reasons(verdict: &DeskVerdict) -> String {
    serde_json::to_string(&verdict.reasons).unwrap()
}
