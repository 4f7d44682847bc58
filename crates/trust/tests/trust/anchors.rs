//! What a store of anchors holds: each certificate once, with all that its entries allow (PK-15, PK-18, ST-13).

use std::collections::BTreeSet;

use trust::{
    AnchorStore, CredentialType, Issuer, IssuerEntitlements, StatusScope, StatusSigner, TrustAnchor,
};

use crate::people::*;

fn issuer(tree: &Tree, doctypes: &[&str]) -> TrustAnchor<Issuer> {
    let types = doctypes.iter().map(|doctype| CredentialType::mdoc(*doctype));
    TrustAnchor::for_issuer(tree.root.clone(), IssuerEntitlements::types(types)).unwrap()
}

// rule: PK-18
#[test]
fn the_same_certificate_is_one_anchor_with_what_every_entry_allows() {
    let (first, second) = (Tree::named("가람", 1), Tree::named("나루", 100));
    let mut store = AnchorStore::<Issuer>::new();
    assert!(store.is_empty() && store.iter().next().is_none());
    store.add(issuer(&first, &["a"]));
    assert!(!store.is_empty());
    store.extend([issuer(&first, &["b"]), issuer(&second, &["c"])].into_iter().collect());
    assert_eq!(store.len(), 2);
    let allowed: Vec<Vec<CredentialType>> =
        store.iter().map(|anchor| anchor.grant().listed().into_iter().flatten().cloned().collect()).collect();
    let mdoc = |doctypes: &[&str]| doctypes.iter().map(|one| CredentialType::mdoc(*one)).collect::<Vec<_>>();
    assert_eq!(allowed, [mdoc(&["a", "b"]), mdoc(&["c"])]);
    assert_eq!(IssuerEntitlements::any_for_developer_profile().listed(), None);
}

// rule: ST-13
#[test]
fn a_status_signer_of_two_entries_speaks_for_the_anchors_of_both() {
    let (first, second, signer) =
        (Tree::named("가람", 1), Tree::named("나루", 100), Tree::named("상태", 200));
    let entry = |tree: &Tree| {
        TrustAnchor::for_status_signer(signer.root.clone(), StatusScope::of(&tree.root)).unwrap()
    };
    let store: AnchorStore<StatusSigner> = [entry(&first), entry(&second)].into_iter().collect();
    assert_eq!(store.len(), 1);
    let anchors = store.iter().flat_map(|one| one.grant().issuer_anchors.clone()).collect::<BTreeSet<_>>();
    assert_eq!(anchors, BTreeSet::from([first.root.hash(), second.root.hash()]));
}
