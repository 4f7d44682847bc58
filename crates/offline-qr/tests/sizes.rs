//! How many bytes five Korean claims of a twelve-claim credential are, with an issuer certificate of 609 bytes: the sizes to beat.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use offline_qr::{FrameSize, Frames, Kind, ShortCode, answer_message, code_binding};
use openid4vp::holder::AuthenticatedRequest;
use support::*;

struct Sizes {
    plain: usize,
    code: usize,
    sealed: usize,
    frames: u8,
}

fn sizes(world: &World, query: fn(&[&str]) -> dcql::Query) -> Sizes {
    let code = ShortCode::draw(7, &world.entropy).unwrap();
    let binding = code_binding(&code).unwrap();
    let request = AuthenticatedRequest::of_offline_question(query(&SHOWN), binding, world.now).unwrap();
    let shown = world.answer(&request, world.now);
    let plain = shown.vp_token["q0"][0].as_str().unwrap().len();
    let message = answer_message(&shown, &world.entropy).unwrap();
    let asked = world.ask(query(&SHOWN));
    let object = world.request_object(&asked);
    let sealed = answer_message(&world.answer(&world.read(&object), world.now), &world.entropy).unwrap();
    let frames = Frames::new(Kind::Answer, &sealed, FrameSize::Standard, &world.entropy).unwrap();
    Sizes { plain, code: message.len(), sealed: sealed.len(), frames: frames.count() }
}

#[test]
fn the_sizes_of_the_issue_are_beaten() {
    let world = World::new();
    assert_eq!(world.issuer.chain.leaf().der().len(), 609);

    let card = sizes(&world, card_query);
    let mdoc = sizes(&world, mdoc_query);
    for (name, sizes) in [("SD-JWT", &card), ("mdoc", &mdoc)] {
        println!(
            "{name}: {} characters as it is posted, {} bytes as message by code, {} encrypted, {} frames",
            sizes.plain, sizes.code, sizes.sealed, sizes.frames
        );
    }
    assert!(card.sealed < 2068 && card.code < 2068);
    assert!(mdoc.sealed < 1838 && mdoc.code < 1838);
    assert!(card.frames <= 4 && mdoc.frames <= 4);
}
