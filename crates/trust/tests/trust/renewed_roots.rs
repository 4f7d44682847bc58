//! An authority whose certificate was renewed: two certificates of one name and key, each with an entry of its own (PK-18, ST-13).

use primitives::Instant;
use primitives::test_support::SequenceEntropy;
use trust::certificate::builder::{CertificateBuilder, Subject, Validity};
use trust::status::{StatusAuthority, StatusListToken, VerifiedStatusList};
use trust::{
    AnchorStore, Certificate, ChainError, ChainFault, ChainPolicy, CredentialType, Issuer,
    IssuerEntitlements, StatusScope, StatusSigner, TrustAnchor, VerifiedChain, verify_chain,
};

use crate::people::*;
use crate::status_lists::{at, list, publication};

const CARD: &str = "urn:example:card";
const LICENCE: &str = "urn:example:licence";

/// Another certificate of the tree's root.
fn renewed(tree: &Tree, certificate: CertificateBuilder) -> Certificate {
    certificate.self_signed(&tree.root_key, &SequenceEntropy::new(77)).unwrap()
}

fn root_of(validity: Validity) -> CertificateBuilder {
    CertificateBuilder::authority(
        Subject::new("가람 최상위(시연)").organisation("가람 최상위(시연)").country("KR"),
        validity,
    )
}

fn issuer(certificate: &Certificate, types: &[&str]) -> TrustAnchor<Issuer> {
    let types = types.iter().map(|vct| CredentialType::sd_jwt_vc(*vct));
    TrustAnchor::for_issuer(certificate.clone(), IssuerEntitlements::types(types)).unwrap()
}

fn verified(
    tree: &Tree,
    anchors: impl IntoIterator<Item = TrustAnchor<Issuer>>,
    when: Instant,
) -> Result<VerifiedChain<Issuer>, ChainError> {
    let anchors: AnchorStore<Issuer> = anchors.into_iter().collect();
    verify_chain(&tree.chain(), &anchors, when, &ChainPolicy::role_only())
}

/// Whether the chain may issue the card, and the licence.
fn may_issue(tree: &Tree, anchors: [TrustAnchor<Issuer>; 2]) -> [bool; 2] {
    let verified = verified(tree, anchors, now()).unwrap();
    [CARD, LICENCE].map(|vct| verified.may_issue(&CredentialType::sd_jwt_vc(vct)).is_ok())
}

// rule: PK-18
#[test]
fn what_each_certificate_of_an_authority_may_issue_counts_while_it_holds() {
    let tree = Tree::named("가람", 1);
    let new = renewed(&tree, root_of(Validity::days(now() - DAY, 3650)));
    assert!(new.is_same_party(&tree.root) && new != tree.root);
    let (old_entry, new_entry) = (issuer(&tree.root, &[CARD]), issuer(&new, &[LICENCE]));
    assert_eq!(may_issue(&tree, [old_entry.clone(), new_entry.clone()]), [true, true]);
    assert_eq!(may_issue(&tree, [new_entry.clone(), old_entry.clone()]), [true, true]);
    let both = verified(&tree, [old_entry.clone(), new_entry], now()).unwrap();
    assert_eq!(both.anchor().certificate(), &tree.root);
    assert_eq!(both.anchor().certificates().collect::<Vec<_>>(), [&tree.root, &new]);
    // One that is over, that is to come, or that vouches for no such chain, adds nothing.
    let without_middle = root_of(year()).with_path_length(0);
    for idle in [root_of(gone()), root_of(to_come()), without_middle] {
        let idle = issuer(&renewed(&tree, idle), &[LICENCE]);
        assert_eq!(may_issue(&tree, [old_entry.clone(), idle.clone()]), [true, false]);
        assert_eq!(may_issue(&tree, [idle, old_entry.clone()]), [true, false]);
    }
    // Nor does another party of the same name.
    let namesake = Tree::named("가람", 500);
    assert_eq!(may_issue(&tree, [old_entry, issuer(&namesake.root, &[LICENCE])]), [true, false]);
}

// rule: ST-13
#[test]
fn a_status_signer_is_named_for_any_certificate_of_the_authority() {
    let (tree, signer) = (Tree::named("가람", 1), Tree::named("상태", 200));
    let new = renewed(&tree, root_of(Validity::days(now() - DAY, 3650)));
    let token = list().sign_jwt(&publication(), &signer.chain(), &signer.leaf_key).unwrap();
    let accepted = |anchors: &[&Certificate], named: &Certificate| {
        let anchors = anchors.iter().map(|certificate| issuer(certificate, &[CARD]));
        let credential = verified(&tree, anchors, now()).unwrap();
        let scope = StatusScope::of(named);
        let signer = TrustAnchor::for_status_signer(signer.root.clone(), scope).unwrap();
        let signers: AnchorStore<StatusSigner> = [signer].into_iter().collect();
        let authority = StatusAuthority { credential: credential.anchor(), signers: &signers };
        StatusListToken::parse_jwt(&token).unwrap().verify(&at(0), &authority, now()).is_ok()
    };
    assert!(accepted(&[&tree.root, &new], &new) && accepted(&[&tree.root, &new], &tree.root));
    assert!(accepted(&[&new, &tree.root], &new) && accepted(&[&new, &tree.root], &tree.root));
    // A certificate that does not vouch for the credential names nobody.
    assert!(!accepted(&[&tree.root], &new));
    let gone = renewed(&tree, root_of(gone()));
    assert!(!accepted(&[&tree.root, &gone], &gone));
}

// rule: ST-13
#[test]
fn an_issuers_own_list_counts_by_the_certificate_that_still_holds() {
    let tree = Tree::named("가람", 1);
    let ending = renewed(&tree, root_of(Validity::days(now() - DAY - DAY / 2, 2)));
    let credential = verified(&tree, [issuer(&ending, &[CARD]), issuer(&tree.root, &[CARD])], now()).unwrap();
    let token = list().sign_jwt(&publication(), &tree.chain(), &tree.leaf_key).unwrap();
    let list_at = |anchor: &TrustAnchor<Issuer>, when: Instant| -> Result<VerifiedStatusList, _> {
        let authority = StatusAuthority { credential: anchor, signers: &AnchorStore::new() };
        StatusListToken::parse_jwt(&token).unwrap().verify(&at(0), &authority, when)
    };
    let later = ending.not_after() + 1;
    assert!(later < publication().expires_at.unwrap(), "the list itself still holds");
    assert_eq!(list_at(credential.anchor(), now()).unwrap().anchor(), ending.hash());
    assert_eq!(list_at(credential.anchor(), later).unwrap().anchor(), tree.root.hash());
    let alone = verified(&tree, [issuer(&ending, &[CARD])], now()).unwrap();
    assert!(list_at(alone.anchor(), later).is_err());
    assert_eq!(
        verified(&tree, [issuer(&ending, &[CARD])], later).err().map(|error| error.fault),
        Some(ChainFault::Expired)
    );
}

// rule: ST-13, OQ-36
#[test]
fn a_list_is_kept_by_whom_it_is_of_whichever_certificate_vouches_for_it() {
    let tree = Tree::named("가람", 1);
    let new = renewed(&tree, root_of(Validity::days(now() - DAY, 3650)));
    let (namesake, same_key_elsewhere) =
        (Tree::named("가람", 500), Subject::new("나루 최상위(시연)").country("KR"));
    let elsewhere = renewed(&tree, CertificateBuilder::authority(same_key_elsewhere, year()));
    assert_eq!(new.party(), tree.root.party());
    // Another key, or another name, is somebody else: as it is for who is the same party.
    for other in [&namesake.root, &elsewhere] {
        assert!(!other.is_same_party(&tree.root));
        assert_ne!(other.party(), tree.root.party());
    }
    assert_ne!(namesake.root.party(), elsewhere.party());
    let token = list().sign_jwt(&publication(), &tree.chain(), &tree.leaf_key).unwrap();
    for certificate in [&tree.root, &new] {
        let credential = verified(&tree, [issuer(certificate, &[CARD])], now()).unwrap();
        let authority = StatusAuthority { credential: credential.anchor(), signers: &AnchorStore::new() };
        let list = StatusListToken::parse_jwt(&token).unwrap().verify(&at(0), &authority, now()).unwrap();
        assert_eq!((list.anchor(), list.party()), (certificate.hash(), tree.root.party()));
    }
}
