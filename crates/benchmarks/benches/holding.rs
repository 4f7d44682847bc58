//! What grows with what is held: the query language over papers, and a status list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::hint::black_box;
use std::io::Read as _;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use dcql::{CredentialType, Holding, Query};
use flate2::read::ZlibDecoder;
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy};
use serde_json::{Value, json};
use support::bare::{Bare, Bench};
use support::cpu::CpuTime;
use support::world::World;
use test_world::holding;
use trust::AnchorStore;
use trust::status::{
    Bits, Publication, StatusAuthority, StatusListBuilder, StatusListToken, StatusReference, StatusState,
};

const LIST: &str = "https://status.example/1";
/// Types among which the papers of a full wallet are spread.
const TYPES: usize = 20;
/// Entries of the status list.
const ENTRIES: u64 = 1_000_000;

/// Papers, their ids and their claims.
fn papers(count: usize) -> Vec<(String, String, Value)> {
    (0..count)
        .map(|number| {
            let claims = json!({
                "name": "Hong", "notice": { "number": format!("{number}"), "amount": number },
                "due_date": "2027-01-01", "items": [{ "kind": "a" }, { "kind": "b" }]
            });
            (format!("paper-{number}"), format!("urn:example:type:{}", number % TYPES), claims)
        })
        .collect()
}

fn query(vct: &str, extra: &Value) -> Query {
    let mut claims = vec![json!({ "path": ["name"] }), json!({ "path": ["notice", "amount"] })];
    claims.extend(extra.as_array().into_iter().flatten().cloned());
    let asked = json!({ "credentials": [
        { "id": "one", "format": "dc+sd-jwt", "meta": { "vct_values": [vct] }, "claims": claims },
    ] });
    Query::from_value(asked).unwrap()
}

/// No cryptography is due, so one verification stands beside it as a yardstick.
fn dcql(criterion: &mut Criterion<CpuTime>) {
    let yardstick = Bare { verifications: 1, message: 1500, ..Bare::default() };
    for count in [10, 1_000, 10_000] {
        let papers = papers(count);
        let holdings = |one_type: bool| -> Vec<Holding<'_>> {
            let of_type = |vct| if one_type { "urn:example:type:0" } else { vct };
            papers
                .iter()
                .map(|(id, vct, claims)| holding(id, CredentialType::SdJwtVc { vct: of_type(vct) }, claims))
                .collect()
        };
        for (one_type, extra, what) in [
            (false, json!([]), "of 20 types"),
            (
                true,
                json!([{ "path": ["notice", "number"], "values": ["7"] }]),
                "all of the type asked for, one with the value",
            ),
            (true, json!([]), "each an answer"),
        ] {
            let (holdings, query) = (holdings(one_type), query("urn:example:type:0", &extra));
            assert!(dcql::solve(&query, &holdings).fits());
            let mut group = criterion.benchmark_group(format!("DCQL over {count} papers, {what}"));
            group.bench_function("ours", |bencher| {
                bencher.iter(|| dcql::solve(black_box(&query), black_box(&holdings)));
            });
            let bench = Bench::new(yardstick);
            group.bench_function(format!("bare: {yardstick}"), |bencher| bencher.iter(|| bench.run()));
            group.finish();
        }
    }
}

fn status_list(criterion: &mut Criterion<CpuTime>) {
    let world = World::new();
    let mut list = StatusListBuilder::new(Bits::One, ENTRIES).unwrap();
    // One in a hundred is revoked, scattered as chance would.
    let mut place = 1_u64;
    for _ in 0..ENTRIES / 100 {
        place = place.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.set((place >> 20) % ENTRIES, StatusState::Invalid).unwrap();
    }
    let compressed = list.compressed().unwrap();
    let publication = Publication {
        uri: LIST.to_owned(),
        issued_at: world.now - 60,
        expires_at: Some(world.now + 86_400),
        time_to_live: Some(3600),
    };
    let token = list.sign_jwt(&publication, &world.issuer.chain, &world.issuer.key).unwrap();
    let reference = StatusReference::new(LIST, ENTRIES - 1).unwrap();
    let signers = AnchorStore::new();
    let authority = StatusAuthority { credential: world.issuers.iter().next().unwrap(), signers: &signers };

    let mut group = criterion.benchmark_group("a status list of a million entries");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| {
            let list = StatusListToken::parse_jwt(black_box(&token)).unwrap();
            list.verify(&reference, &authority, world.now).unwrap().state(&reference).unwrap()
        });
    });
    // The signer's certificate and the list; the list's message is the whole token.
    let certificate = Bench::new(Bare { verifications: 1, message: 600, ..Bare::default() });
    let signed = Bench::new(Bare { verifications: 1, message: token.len(), ..Bare::default() });
    group.bench_function("bare: 2 verifications + 1 inflation", |bencher| {
        bencher.iter(|| {
            certificate.run();
            signed.run();
            let mut inflated = Vec::new();
            ZlibDecoder::new(black_box(&compressed[..])).read_to_end(&mut inflated).unwrap();
            inflated
        });
    });
    group.finish();

    let list = StatusListToken::parse_jwt(&token).unwrap().verify(&reference, &authority, world.now).unwrap();
    let mut group = criterion.benchmark_group("one entry of a verified status list");
    group.bench_function("ours", |bencher| bencher.iter(|| list.state(black_box(&reference)).unwrap()));
    group.finish();
}

/// The first reading of every paper after an unlock: each is believed only after its issuer and its certificate were verified anew.
fn first_reading(criterion: &mut Criterion<CpuTime>) {
    let world = World::new();
    for count in [10, 100, 1_000] {
        let bare = Bare {
            verifications: 2 * count,
            digests: 14 * count,
            message: 1500,
            digested: 100,
            ..Bare::default()
        };
        let mut group = criterion.benchmark_group(format!("{count} stored papers read"));
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function("ours", |bencher| {
            bencher.iter(|| {
                for _ in 0..count {
                    let stored = UnverifiedSdJwtVc::parse(black_box(&world.card)).unwrap();
                    black_box(stored.verify(&world.issuers, world.now, &VcPolicy::default()).unwrap());
                }
            });
        });
        let bench = Bench::new(bare);
        group.bench_function(format!("bare: {bare}"), |bencher| bencher.iter(|| bench.run()));
        group.finish();
    }
}

criterion_group!(name = group; config = support::cpu::criterion(); targets = dcql, status_list, first_reading);
criterion_main!(group);
