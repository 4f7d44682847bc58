//! Each step of path validation, left out: PK-2 to PK-15, PK-18.

use const_oid::ObjectIdentifier;
use crypto::Signer;
use primitives::test_support::SequenceEntropy;
use trust::certificate::builder::{CertificateBuilder, KeyUsages, Purpose, Subject};
use trust::{
    AnchorError, AnchorStore, Certificate, CertificateChain, ChainFault, ChainPolicy, CredentialType, Issuer,
    IssuerEntitlements, NotEntitled, TrustAnchor, Verifier, WalletProvider, verify_chain,
};

use crate::people::*;

fn fault(chain: &CertificateChain, anchors: &AnchorStore<Issuer>) -> ChainFault {
    verify_chain(chain, anchors, now(), &ChainPolicy::role_only()).unwrap_err().fault
}

fn fault_of(change: impl FnOnce(Recipe) -> Recipe) -> ChainFault {
    let tree = change(recipe("가람", 1)).grow();
    fault(&tree.chain(), &tree.issuers())
}

/// The chain with one byte of the given certificate's signature changed.
fn with_broken_signature(chain: &CertificateChain, at: usize) -> CertificateChain {
    let mut ders = chain.to_der();
    *ders[at].last_mut().unwrap() ^= 1;
    CertificateChain::from_der(&ders).unwrap()
}

#[test]
fn a_chain_in_order_holds_and_names_its_anchor() {
    let tree = Tree::named("가람", 1);
    let verified = verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::role_only()).unwrap();
    assert_eq!(verified.anchor().certificate(), &tree.root);
    assert_eq!(*verified.leaf_key(), tree.leaf_key.public_key());
}

#[test]
fn a_leaf_directly_under_the_anchor_holds() {
    let tree = Tree::named("가람", 1);
    let certificate = leaf("바로")
        .issued_by(&key(8).public_key(), &tree.root, &tree.root_key, &SequenceEntropy::new(8))
        .unwrap();
    let chain = CertificateChain::new(vec![certificate]).unwrap();
    assert!(verify_chain(&chain, &tree.issuers(), now(), &ChainPolicy::role_only()).is_ok());
}

// rule: PK-2
#[test]
fn a_changed_signature_of_the_leaf_is_refused() {
    let tree = Tree::named("가람", 1);
    assert_eq!(fault(&with_broken_signature(&tree.chain(), 0), &tree.issuers()), ChainFault::Signature);
}

// rule: PK-2
#[test]
fn a_changed_signature_of_an_intermediate_is_refused() {
    let tree = Tree::named("가람", 1);
    assert_eq!(fault(&with_broken_signature(&tree.chain(), 1), &tree.issuers()), ChainFault::Signature);
}

// rule: PK-2
#[test]
fn a_leaf_signed_by_another_key_of_the_same_name_is_refused() {
    let tree = Tree::named("가람", 1);
    let forged = leaf("가람(시연)")
        .issued_by(&key(9).public_key(), &tree.middle, &key(9), &SequenceEntropy::new(9))
        .unwrap();
    let chain = CertificateChain::new(vec![forged, tree.middle.clone()]).unwrap();
    assert_eq!(fault(&chain, &tree.issuers()), ChainFault::Signature);
}

// rule: PK-3
#[test]
fn an_expired_certificate_anywhere_is_refused() {
    let of = |name: &str| Subject::new(name).organisation(name);
    assert_eq!(
        fault_of(|it| Recipe { leaf: CertificateBuilder::leaf(of("잎"), gone()), ..it }),
        ChainFault::Expired
    );
    assert_eq!(
        fault_of(|it| Recipe { middle: CertificateBuilder::authority(of("중간"), gone()), ..it }),
        ChainFault::Expired
    );
    assert_eq!(
        fault_of(|it| Recipe { root: CertificateBuilder::authority(of("뿌리"), gone()), ..it }),
        ChainFault::Expired
    );
}

// rule: PK-3
#[test]
fn a_certificate_not_yet_valid_anywhere_is_refused() {
    let of = |name: &str| Subject::new(name).organisation(name);
    assert_eq!(
        fault_of(|it| Recipe { leaf: CertificateBuilder::leaf(of("잎"), to_come()), ..it }),
        ChainFault::NotYetValid
    );
    assert_eq!(
        fault_of(|it| Recipe { middle: CertificateBuilder::authority(of("중간"), to_come()), ..it }),
        ChainFault::NotYetValid
    );
    assert_eq!(
        fault_of(|it| Recipe { root: CertificateBuilder::authority(of("뿌리"), to_come()), ..it }),
        ChainFault::NotYetValid
    );
}

// rule: PK-3
#[test]
fn both_ends_of_the_validity_are_inside_it() {
    let tree = Tree::named("가람", 1);
    let holds = |at| verify_chain(&tree.chain(), &tree.issuers(), at, &ChainPolicy::role_only()).is_ok();
    assert!(holds(year().not_before) && holds(year().not_after));
    assert!(!holds(year().not_before - 1) && !holds(year().not_after + 1));
}

// rule: PK-4
#[test]
fn an_intermediate_that_is_no_authority_is_refused() {
    assert_eq!(
        fault_of(|it| Recipe { middle: it.middle.with_authority(false), ..it }),
        ChainFault::NotAuthority
    );
    let usage = Some(KeyUsages::KeyCertSign | KeyUsages::DigitalSignature);
    assert_eq!(
        fault_of(|it| Recipe { middle: leaf("가람 중간(시연)").with_key_usage(usage), ..it }),
        ChainFault::NotAuthority
    );
}

// rule: PK-4
#[test]
fn an_authority_as_leaf_is_refused() {
    assert_eq!(
        fault_of(|it| Recipe { leaf: it.leaf.with_authority(true), ..it }),
        ChainFault::LeafIsAuthority
    );
}

// rule: PK-4
#[test]
fn a_certificate_that_is_no_authority_makes_no_anchor() {
    let tree = Tree::named("가람", 1);
    assert_eq!(TrustAnchor::<Verifier>::new(tree.leaf).unwrap_err(), AnchorError::NotAuthority);
}

// rule: PK-5
#[test]
fn the_path_length_of_an_intermediate_is_kept() {
    let tree =
        Recipe { middle: authority("가람 중간(시연)").with_path_length(0), ..recipe("가람", 1) }.grow();
    let entropy = SequenceEntropy::new(4);
    let below = authority("더 아래(시연)")
        .issued_by(&key(40).public_key(), &tree.middle, &tree.middle_key, &entropy)
        .unwrap();
    let last = leaf("맨 아래(시연)").issued_by(&key(41).public_key(), &below, &key(40), &entropy).unwrap();
    let chain = CertificateChain::new(vec![last, below, tree.middle.clone()]).unwrap();
    assert_eq!(fault(&chain, &tree.issuers()), ChainFault::PathLength);
    assert!(verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::role_only()).is_ok());
}

// rule: PK-5
#[test]
fn the_path_length_of_the_anchor_is_kept() {
    assert_eq!(fault_of(|it| Recipe { root: it.root.with_path_length(0), ..it }), ChainFault::PathLength);
    let tree = Recipe { root: authority("뿌리(시연)").with_path_length(1), ..recipe("가람", 1) }.grow();
    assert!(verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::role_only()).is_ok());
}

// rule: PK-6
#[test]
fn a_leaf_whose_key_may_not_sign_documents_is_refused() {
    assert_eq!(fault_of(|it| Recipe { leaf: it.leaf.with_key_usage(None), ..it }), ChainFault::LeafKeyUsage);
    let usage = Some(KeyUsages::KeyAgreement.into());
    assert_eq!(fault_of(|it| Recipe { leaf: it.leaf.with_key_usage(usage), ..it }), ChainFault::LeafKeyUsage);
}

// rule: PK-7
#[test]
fn an_intermediate_whose_key_may_not_sign_certificates_is_refused() {
    assert_eq!(
        fault_of(|it| Recipe { middle: it.middle.with_key_usage(None), ..it }),
        ChainFault::AuthorityKeyUsage
    );
    let usage = Some(KeyUsages::DigitalSignature.into());
    assert_eq!(
        fault_of(|it| Recipe { middle: it.middle.with_key_usage(usage), ..it }),
        ChainFault::AuthorityKeyUsage
    );
}

// rule: PK-7
#[test]
fn an_authority_whose_key_may_not_sign_certificates_makes_no_anchor() {
    let tree = Recipe { root: authority("뿌리(시연)").with_key_usage(None), ..recipe("가람", 1) }.grow();
    assert_eq!(TrustAnchor::<Verifier>::new(tree.root).unwrap_err(), AnchorError::KeyUsage);
}

// rule: PK-8
#[test]
fn a_leaf_made_for_another_purpose_is_refused() {
    let for_tls = recipe("가람", 1).leaf.with_purpose(Purpose::ServerAuthentication);
    assert_eq!(fault_of(|it| Recipe { leaf: for_tls.clone(), ..it }), ChainFault::Purpose);
    let tree = Recipe { leaf: for_tls, ..recipe("가람", 1) }.grow();
    let policy = ChainPolicy::role_only();
    assert!(verify_chain(&tree.chain(), &tree.anchors::<Verifier>(), now(), &policy).is_ok());
    let refused = verify_chain(&tree.chain(), &tree.anchors::<WalletProvider>(), now(), &policy);
    assert_eq!(refused.unwrap_err().fault, ChainFault::Purpose);
}

// rule: PK-8
#[test]
fn an_mdoc_needs_a_document_signer() {
    let holds = |leaf: CertificateBuilder| {
        let tree = Recipe { leaf, ..recipe("가람", 1) }.grow();
        verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::mdoc_document_signer())
            .map(|_| ())
            .map_err(|error| error.fault)
    };
    assert_eq!(holds(leaf("서명(시연)").with_purpose(Purpose::MdocDocumentSigner)), Ok(()));
    assert_eq!(holds(leaf("서명(시연)")), Err(ChainFault::Purpose));
    assert_eq!(holds(leaf("서명(시연)").with_purpose(Purpose::MdocReader)), Err(ChainFault::Purpose));
    // anyExtendedKeyUsage is not the purpose that ISO demands by name.
    let any = der::Encode::to_der(&vec![ObjectIdentifier::new_unwrap("2.5.29.37.0")]).unwrap();
    let for_anything =
        leaf("서명(시연)").with_extension(ObjectIdentifier::new_unwrap("2.5.29.37"), false, any);
    assert_eq!(holds(for_anything), Err(ChainFault::Purpose));
}

// rule: PK-8
#[test]
fn a_leaf_for_any_purpose_fits_a_role_that_demands_none() {
    let any = der::Encode::to_der(&vec![ObjectIdentifier::new_unwrap("2.5.29.37.0")]).unwrap();
    let for_anything =
        leaf("가람(시연)").with_extension(ObjectIdentifier::new_unwrap("2.5.29.37"), false, any);
    let tree = Recipe { leaf: for_anything, ..recipe("가람", 1) }.grow();
    assert!(verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::role_only()).is_ok());
}

// rule: PK-8
#[test]
fn the_purpose_of_an_intermediate_limits_what_stands_below() {
    assert_eq!(
        fault_of(|it| Recipe { middle: it.middle.with_purpose(Purpose::ServerAuthentication), ..it }),
        ChainFault::Purpose
    );
}

// rule: PK-9
#[test]
fn name_constraints_are_kept() {
    let tree = Recipe {
        middle: authority("가람 중간(시연)").with_permitted_dns("garam.example"),
        ..recipe("가람", 1)
    }
    .grow();
    let inside = tree.issue(leaf("안").with_dns_name("library.garam.example"), &key(30).public_key());
    assert!(verify_chain(&inside, &tree.issuers(), now(), &ChainPolicy::role_only()).is_ok());
    let outside = tree.issue(leaf("밖").with_dns_name("library.naru.example"), &key(30).public_key());
    assert_eq!(fault(&outside, &tree.issuers()), ChainFault::NameConstraint);
}

// rule: PK-9
#[test]
fn name_constraints_of_the_anchor_are_kept() {
    let tree = Recipe {
        root: authority("뿌리(시연)").with_permitted_dns("garam.example"),
        leaf: leaf("밖").with_dns_name("naru.example"),
        ..recipe("가람", 1)
    }
    .grow();
    assert_eq!(fault(&tree.chain(), &tree.issuers()), ChainFault::NameConstraint);
}

// rule: PK-10
#[test]
fn a_critical_extension_that_nobody_understands_is_refused() {
    let own = ObjectIdentifier::new_unwrap("1.2.3.4.5");
    let with = |critical| recipe("가람", 1).leaf.with_extension(own, critical, vec![5, 0]);
    assert_eq!(fault_of(|it| Recipe { leaf: with(true), ..it }), ChainFault::CriticalExtension);
    let tree = Recipe { leaf: with(false), ..recipe("가람", 1) }.grow();
    assert!(verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::role_only()).is_ok());
}

// rule: PK-11, HA-6, HA-9
#[test]
fn the_anchor_inside_the_chain_is_refused() {
    let tree = Tree::named("가람", 1);
    let with_root =
        CertificateChain::new(vec![tree.leaf.clone(), tree.middle.clone(), tree.root.clone()]).unwrap();
    assert_eq!(fault(&with_root, &tree.issuers()), ChainFault::AnchorInChain);
    let only_root = CertificateChain::new(vec![tree.root.clone()]).unwrap();
    assert_eq!(fault(&only_root, &tree.issuers()), ChainFault::AnchorInChain);
    // An anchor that is itself no root does not belong there either.
    let middle = TrustAnchor::for_issuer(tree.middle.clone(), IssuerEntitlements::types([])).unwrap();
    assert_eq!(fault(&tree.chain(), &std::iter::once(middle).collect()), ChainFault::AnchorInChain);
}

// rule: PK-11
#[test]
fn another_certificate_of_the_anchor_inside_the_chain_is_refused() {
    let tree = Tree::named("가람", 1);
    let renewed: Certificate =
        recipe("가람", 1).root.self_signed(&tree.root_key, &SequenceEntropy::new(77)).unwrap();
    assert_ne!(renewed, tree.root);
    let chain = CertificateChain::new(vec![tree.leaf.clone(), tree.middle.clone(), renewed]).unwrap();
    assert_eq!(fault(&chain, &tree.issuers()), ChainFault::AnchorInChain);
}

// rule: PK-12, HA-6, HA-9
#[test]
fn a_self_signed_leaf_is_refused() {
    let tree = Tree::named("가람", 1);
    let own = leaf("혼자(시연)").self_signed(&key(50), &SequenceEntropy::new(50)).unwrap();
    let chain = CertificateChain::new(vec![own]).unwrap();
    assert_eq!(fault(&chain, &tree.issuers()), ChainFault::SelfSignedLeaf);
}

// rule: PK-13
#[test]
fn a_chain_out_of_order_or_with_more_than_it_needs_is_refused() {
    let (tree, other) = (Tree::named("가람", 1), Tree::named("나루", 100));
    let of = |certificates: &[&Certificate]| {
        CertificateChain::new(certificates.iter().map(|one| (*one).clone()).collect()).unwrap()
    };
    let gap = of(&[&tree.leaf]);
    assert_eq!(fault(&gap, &tree.issuers()), ChainFault::UnknownAnchor);
    let foreign = of(&[&tree.leaf, &tree.middle, &other.middle]);
    assert_eq!(fault(&foreign, &tree.issuers()), ChainFault::Order);
    let twice = of(&[&tree.leaf, &tree.middle, &tree.middle]);
    assert_eq!(fault(&twice, &tree.issuers()), ChainFault::Order);
    let upside_down = of(&[&tree.middle, &tree.leaf]);
    assert_eq!(fault(&upside_down, &tree.issuers()), ChainFault::Order);
}

// rule: PK-13
#[test]
fn a_certificate_of_the_same_name_that_the_path_does_not_need_is_refused() {
    // Two self-issued generations of one authority: the path needs the lower one alone.
    let tree = Tree::named("가람", 1);
    let entropy = SequenceEntropy::new(60);
    let old = authority("가람 최상위(시연)")
        .issued_by(&key(61).public_key(), &tree.root, &tree.root_key, &entropy)
        .unwrap();
    let chain = CertificateChain::new(vec![tree.leaf.clone(), tree.middle.clone(), old]).unwrap();
    assert_eq!(fault(&chain, &tree.issuers()), ChainFault::Order);
}

// rule: PK-14
#[test]
fn a_key_identifier_that_is_not_the_issuers_is_refused() {
    assert_eq!(
        fault_of(|it| Recipe { leaf: it.leaf.with_authority_key_id(vec![1; 20]), ..it }),
        ChainFault::KeyIdentifier
    );
    assert_eq!(
        fault_of(|it| Recipe { middle: it.middle.with_authority_key_id(vec![1; 20]), ..it }),
        ChainFault::KeyIdentifier
    );
}

// rule: PK-15
#[test]
fn an_anchor_counts_for_its_role_alone() {
    let (issuer, verifier) = (Tree::named("가람", 1), Tree::named("나루", 100));
    let policy = ChainPolicy::role_only();
    let refused = verify_chain(&verifier.chain(), &issuer.issuers(), now(), &policy).unwrap_err();
    assert_eq!(refused.fault, ChainFault::UnknownAnchor);
    let refused = verify_chain(&issuer.chain(), &verifier.anchors::<Verifier>(), now(), &policy).unwrap_err();
    assert_eq!(refused.fault, ChainFault::UnknownAnchor);
    assert_eq!(fault(&issuer.chain(), &AnchorStore::new()), ChainFault::UnknownAnchor);
}

// rule: PK-18
#[test]
fn an_issuer_issues_what_its_anchor_says_and_nothing_else() {
    let tree = Tree::named("가람", 1);
    let verified = verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::role_only()).unwrap();
    assert_eq!(verified.may_issue(&CredentialType::sd_jwt_vc("urn:kr.example:id")), Ok(()));
    assert_eq!(verified.may_issue(&CredentialType::sd_jwt_vc("urn:kr.example:library")), Err(NotEntitled));
    assert_eq!(verified.may_issue(&CredentialType::mdoc("urn:kr.example:id")), Err(NotEntitled));
    assert!(!IssuerEntitlements::types([]).allows(&CredentialType::mdoc("x")));
    assert!(IssuerEntitlements::any_for_developer_profile().allows(&CredentialType::mdoc("x")));
}

// rule: PK-18
#[test]
fn one_certificate_named_twice_may_issue_what_both_entries_say() {
    let tree = Tree::named("가람", 1);
    let entry = |doctype: &str| {
        let types = IssuerEntitlements::types([CredentialType::mdoc(doctype)]);
        TrustAnchor::for_issuer(tree.root.clone(), types).unwrap()
    };
    let store: AnchorStore<Issuer> = [entry("a"), entry("b")].into_iter().collect();
    assert_eq!(store.len(), 1);
    let verified = verify_chain(&tree.chain(), &store, now(), &ChainPolicy::role_only()).unwrap();
    assert!(verified.may_issue(&CredentialType::mdoc("a")).is_ok());
    assert!(verified.may_issue(&CredentialType::mdoc("b")).is_ok());
    assert!(verified.may_issue(&CredentialType::mdoc("c")).is_err());
}

// rule: VP-C3, VP-C4, PK-16, PK-17
#[test]
fn a_verifier_is_known_by_its_hash_and_its_dns_name() {
    let tree =
        Recipe { leaf: leaf("묻는 이(시연)").with_dns_name("verifier.example"), ..recipe("가람", 1) }.grow();
    let verified =
        verify_chain(&tree.chain(), &tree.anchors::<Verifier>(), now(), &ChainPolicy::role_only()).unwrap();
    let hash = primitives::base64url::encode(&crypto::sha256(tree.leaf.der()));
    assert!(verified.is_x509_hash(&hash));
    assert!(!verified.is_x509_hash(&primitives::base64url::encode(&tree.middle.hash())));
    assert!(!verified.is_x509_hash(""));
    assert!(verified.is_x509_san_dns("verifier.example"));
    assert!(!verified.is_x509_san_dns("other.example"));
}
