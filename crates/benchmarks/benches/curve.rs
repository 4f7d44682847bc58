//! Which library verifies P-256 (docs/decisions/0005-ring-verifies.md), and what the room `crypto` adds to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use crypto::{PrivateKey, PublicKey, SecretBytes, Signature, Signer as _};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{SigningKey, VerifyingKey};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use support::cpu::CpuTime;

/// Bytes of the message: about those of a request object.
const MESSAGE_BYTES: usize = 2048;

fn verification(criterion: &mut Criterion<CpuTime>) {
    let message = vec![0x5a; MESSAGE_BYTES];
    let signing = SigningKey::from_slice(&[7; 32]).unwrap();
    let verifying: VerifyingKey = *signing.verifying_key();
    let signature: p256::ecdsa::Signature = signing.sign(&message);
    let bytes = signature.to_bytes();
    let sec1 = verifying.to_sec1_point(false).as_bytes().to_vec();
    let ours = PublicKey::from_sec1(&sec1).unwrap();
    let ours_signature = Signature::from_slice(&bytes).unwrap();

    let mut group = criterion.benchmark_group("P-256 verification");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| black_box(&ours).verify(black_box(&message), black_box(&ours_signature)).unwrap());
    });
    group.bench_function("bare: ring", |bencher| {
        bencher.iter(|| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, black_box(&sec1))
                .verify(black_box(&message), black_box(&bytes))
                .unwrap();
        });
    });
    group.bench_function("p256", |bencher| {
        bencher.iter(|| black_box(&verifying).verify(black_box(&message), black_box(&signature)).unwrap());
    });
    group.finish();
}

fn signing(criterion: &mut Criterion<CpuTime>) {
    let message = vec![0x5a; MESSAGE_BYTES];
    let signing = SigningKey::from_slice(&[7; 32]).unwrap();
    let ours = PrivateKey::from_scalar(&SecretBytes::new(&[7; 32])).unwrap();

    let mut group = criterion.benchmark_group("P-256 signature");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| black_box(&ours).sign(black_box(&message)).unwrap());
    });
    group.bench_function("bare: p256", |bencher| {
        bencher.iter(|| {
            let signature: p256::ecdsa::Signature = black_box(&signing).sign(black_box(&message));
            signature
        });
    });
    group.finish();
}

criterion_group!(name = benches; config = support::cpu::criterion(); targets = verification, signing);
criterion_main!(benches);
