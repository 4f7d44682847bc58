//! Chains: each certificate after two bytes of its length. What holds is what the root signed.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use trust::{CertificateChain, ChainPolicy, verify_chain};

fn joined(certificates: &[Vec<u8>]) -> Vec<u8> {
    certificates
        .iter()
        .flat_map(|der| [&u16::try_from(der.len()).unwrap().to_be_bytes()[..], der].concat())
        .collect()
}

fn split(mut data: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let (part, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        parts.push(part);
        data = rest;
    }
    Some(parts)
}

fuzz_target!(
    init: plant(|| {
        let world = world();
        let parties = [&world.issuer, &world.verifier, &world.registrar];
        parties
            .iter()
            .flat_map(|party| {
                let leaf = party.chain.leaf().der().to_vec();
                let root = party.root.der().to_vec();
                [joined(&[leaf.clone()]), joined(&[leaf.clone(), root.clone()]), joined(&[root, leaf])]
            })
            .collect()
    }),
    |data: &[u8]| {
        let Some(parts) = split(data) else { return };
        let Ok(chain) = CertificateChain::from_der(&parts) else { return };
        assert!(CertificateChain::from_x5c(&chain.to_x5c()).unwrap() == chain);
        assert!(CertificateChain::from_x5chain(&chain.to_x5chain()).unwrap() == chain);
        let world = world();
        let policy = ChainPolicy::role_only();
        if let Ok(held) = verify_chain(&chain, &world.issuers, now(), &policy) {
            assert!(held.chain() == &world.issuer.chain);
        }
        if let Ok(held) = verify_chain(&chain, &world.verifiers, now(), &policy) {
            assert!(held.chain() == &world.verifier.chain);
        }
    }
);
