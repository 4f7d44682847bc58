//! A presentation over the screen: what making and reading it costs, how many of a camera's pictures are read a second, how many frames it takes when some are lost, and how many characters
//! other formats need for the same content. The two tables that need no clock are left for `cargo xtask bench` in the folder of results.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;
// The twelve-claim credentials that the sizes to beat are told for, with an issuer certificate of 609 bytes.
#[path = "../../offline-qr/tests/support/mod.rs"]
mod world;
// What a camera sees of a code.
#[path = "../../host/tests/support/scene.rs"]
mod scene;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group};
use host::qr::CameraReader;
use offline_qr::{Collector, Fed, FrameSize, Frames, Kind, Session, answer_message, is_frame_of};
use scene::Scene;
use support::bare::{Bare, Bench};
use support::cpu::CpuTime;
use support::offline;
use world::{SHOWN, World, card_query, mdoc_query};

/// Asks for claims.
type Asks = fn(&[&str]) -> dcql::Query;

/// The formats: what is called what, how it is asked for, and the hashes that are due to verify it.
const FORMATS: [(&str, Asks, usize); 2] = [("SD-JWT VC", card_query, 8), ("mdoc", mdoc_query, 6)];

fn shown(criterion: &mut Criterion<CpuTime>) {
    let world = World::new();
    for (name, query, _) in FORMATS {
        let request = world.read(&world.request_object(&world.ask(query(&SHOWN))));
        let answer = world.answer(&request, world.now);
        let bare = Bare { key_pairs: 1, agreements: 1, sealed: 1300, ..Bare::default() };
        let mut group = criterion.benchmark_group(format!("an answer of one {name} made into frames"));
        group.bench_function("ours", |bencher| {
            bencher.iter(|| {
                let message = answer_message(black_box(&answer), &world.entropy).unwrap();
                let frames =
                    Frames::new(Kind::Answer, &message, FrameSize::Standard, &world.entropy).unwrap();
                (0..u16::from(frames.count())).map(|sequence| frames.text(sequence).len()).sum::<usize>()
            });
        });
        let bench = Bench::new(bare);
        group.bench_function(format!("bare: {bare}"), |bencher| bencher.iter(|| bench.run()));
        group.finish();
    }
}

fn read(criterion: &mut Criterion<CpuTime>) {
    let world = World::new();
    for (name, query, digests) in FORMATS {
        let asked = world.ask(query(&SHOWN));
        let request = world.read(&world.request_object(&asked));
        let message = answer_message(&world.answer(&request, world.now), &world.entropy).unwrap();
        let frames = Frames::new(Kind::Answer, &message, FrameSize::Standard, &world.entropy).unwrap();
        // The first piece is lost: it has to be solved for.
        let texts: Vec<String> =
            (1..=u16::from(frames.count()) + 6).map(|sequence| frames.text(sequence)).collect();
        let session = Session::asked(asked.into_session()).ok().unwrap();
        assert!(session.open(&message, &world.issuers, world.now).is_ok());
        let bare = Bare {
            verifications: 3,
            agreements: 1,
            digests,
            sealed: 1300,
            message: 1200,
            digested: 100,
            ..Bare::default()
        };
        let mut group = criterion.benchmark_group(format!("frames of one {name} collected and verified"));
        group.throughput(Throughput::Elements(1));
        group.bench_function("ours", |bencher| {
            bencher.iter(|| {
                let mut collector = Collector::new(Kind::Answer);
                let message = texts.iter().find_map(|text| match collector.feed(black_box(text)) {
                    Fed::Complete(message) => Some(message.bytes),
                    _ => None,
                });
                // It was answered before, which is asked last: everything is verified all the same.
                black_box(session.open(&message.unwrap(), &world.issuers, world.now).is_ok())
            });
        });
        let bench = Bench::new(bare);
        group.bench_function(format!("bare: {bare}"), |bencher| bencher.iter(|| bench.run()));
        group.finish();
    }
}

/// Pictures of a camera, one after the other, as the desk and the wallet read them.
fn seen(criterion: &mut Criterion<CpuTime>) {
    let world = World::new();
    let request = world.read(&world.request_object(&world.ask(card_query(&SHOWN))));
    let message = answer_message(&world.answer(&request, world.now), &world.entropy).unwrap();
    let frames = Frames::new(Kind::Answer, &message, FrameSize::Standard, &world.entropy).unwrap();
    for (width, height) in [(640, 480), (1280, 720)] {
        // Two codes by turns: a screen goes on, and one that stands still is looked at for longer.
        let of = |scene: Scene| [0, 1].map(|at| scene.of_20_m(&frames.text(at)));
        let pictures = [
            ("with a sharp code of 20-M", true, of(Scene { share: 0.88, ..Scene::sharp(width, height) })),
            ("with a worn code of 20-M", true, of(Scene { share: 0.88, ..Scene::worn(width, height) })),
            ("without a code", false, [0, 1].map(|_| vec![120; (width * height) as usize])),
        ];
        for (what, has_code, pictures) in pictures {
            let mut group =
                criterion.benchmark_group(format!("a picture of {width} by {height} {what} read"));
            group.throughput(Throughput::Elements(1));
            let mut reader = CameraReader::new();
            let mut turns = pictures.iter().cycle();
            let mut read = || {
                let picture = turns.next().cloned().unwrap_or_default();
                reader
                    .texts(black_box(picture), width, height, |text| is_frame_of(Kind::Answer, text))
                    .is_ok()
            };
            assert_eq!(read(), has_code, "{width} {what}");
            group.bench_function("ours", |bencher| bencher.iter(&mut read));
            group.finish();
        }
    }
}

criterion_group! { name = benches; config = support::cpu::criterion(); targets = shown, read, seen }

fn main() {
    benches();
    let world = World::new();
    let mut contents = Vec::new();
    for (name, query, _) in FORMATS {
        let request = world.read(&world.request_object(&world.ask(query(&SHOWN))));
        let answer = world.answer(&request, world.now);
        let message = answer_message(&answer, &world.entropy).unwrap();
        let presentation = answer.vp_token["q0"][0].as_str().unwrap().to_owned();
        contents.push(offline::Content { name, presentation, answer, message });
    }
    offline::leave_tables(&contents);
}
