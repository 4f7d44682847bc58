//! One SD-JWT VC and one mdoc: presented, from the bytes of the request to the encrypted answer, and verified, from the bytes of the
//! answer to the verdict. Each beside the bare cryptography that it cannot avoid.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dcql::{CredentialType, Pick, Selection};
use mdoc::IssuerSigned;
use openid4vp::holder::Copy;
use openid4vp::verifier::Outcome;
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy};
use support::bare::{Bare, Bench};
use support::cpu::CpuTime;
use support::world::{DOCTYPE, VCT, World, card_query, mdoc_query};
use test_world::holding;

/// What both presentations cost. Verified: the request and its sender's certificate, the registration and its signer's. Signed: the
/// holder's proof. Key pairs: the holder's, derived for this presentation, and the ephemeral one that agrees with the verifier's.
const PRESENTED: Bare = Bare {
    verifications: 4,
    signatures: 1,
    key_pairs: 2,
    agreements: 1,
    digests: 8,
    sealed: 3000,
    message: 1500,
    digested: 600,
};
/// What the verifier's side costs: the issuer's certificate, the issuer's signature, the holder's; the digests are those of what was
/// disclosed and of what it was bound to.
const VERIFIED: Bare = Bare {
    verifications: 3,
    signatures: 0,
    key_pairs: 0,
    agreements: 1,
    digests: 6,
    sealed: 3000,
    message: 1500,
    digested: 600,
};

fn beside(criterion: &mut Criterion<CpuTime>, name: &str, bare: Bare, mut ours: impl FnMut()) {
    let mut group = criterion.benchmark_group(name);
    group.bench_function("ours", |bencher| bencher.iter(&mut ours));
    let bench = Bench::new(bare);
    group.bench_function(format!("bare: {bare}"), |bencher| bencher.iter(|| bench.run()));
    group.finish();
}

fn only(id: &str) -> Selection {
    Selection {
        options: [(0, 0)].into(),
        picks: [(id.to_owned(), vec![Pick { holding: id.to_owned(), combination: None }])].into(),
    }
}

/// As the wallet does it: the stored copy is believed only after it was verified again, as of when it was received.
fn present_card(world: &World, link: &str, object: &str) -> Vec<u8> {
    let request = world.receive(link, object);
    let stored = UnverifiedSdJwtVc::parse(&world.card).unwrap();
    let card = stored.verify(&world.issuers, world.now, &VcPolicy::default()).unwrap();
    let holding = holding("card", CredentialType::SdJwtVc { vct: VCT }, card.claims());
    let solution = request.solve(&[holding]);
    let key = world.holder_key(1);
    let copy = Copy::SdJwtVc { credential: &card, signer: Some(&key) };
    let answer = request.respond(&solution, &only("card"), &[copy], world.now, &world.entropy).unwrap();
    answer.into_delivery().into_post().unwrap().body
}

fn present_mdoc(world: &World, link: &str, object: &str) -> Vec<u8> {
    let request = world.receive(link, object);
    let stored = IssuerSigned::parse_base64url(&world.mdoc).unwrap();
    let claims = stored.unverified_claims().into_json();
    let holding = holding("mdoc", CredentialType::Mdoc { doctype: DOCTYPE }, &claims);
    let solution = request.solve(&[holding]);
    let key = world.holder_key(2);
    let copy = Copy::Mdoc { issuer_signed: &stored, signer: &key };
    let answer = request.respond(&solution, &only("mdoc"), &[copy], world.now, &world.entropy).unwrap();
    answer.into_delivery().into_post().unwrap().body
}

fn benches(criterion: &mut Criterion<CpuTime>) {
    let world = World::new();
    let card_request = world.prepare(card_query());
    let mdoc_request = world.prepare(mdoc_query());
    let (card_link, card_object) = world.request(&card_request);
    let (mdoc_link, mdoc_object) = world.request(&mdoc_request);

    // The stored copy's issuer and its certificate are verified, too.
    let card = Bare { verifications: 6, digests: 18, ..PRESENTED };
    beside(criterion, "an SD-JWT VC presented", card, || {
        black_box(present_card(&world, black_box(&card_link), black_box(&card_object)));
    });
    beside(criterion, "an mdoc presented", PRESENTED, || {
        black_box(present_mdoc(&world, black_box(&mdoc_link), black_box(&mdoc_object)));
    });

    let card_answer = present_card(&world, &card_link, &card_object);
    let mdoc_answer = present_mdoc(&world, &mdoc_link, &mdoc_object);
    for (name, request, answer) in [
        ("an SD-JWT VC verified", &card_request, &card_answer),
        ("an mdoc verified", &mdoc_request, &mdoc_answer),
    ] {
        beside(criterion, name, VERIFIED, || {
            let verdict = request.session().validate(black_box(answer), &world.issuers, world.now).unwrap();
            assert!(matches!(verdict, Outcome::Verified(_)));
        });
    }
}

criterion_group!(name = group; config = support::cpu::criterion(); targets = benches);
criterion_main!(group);
