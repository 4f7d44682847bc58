//! Name constraints (PK-9) of every form: kept where they are understood, and where they are not, nothing below is believed.

use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::Ia5String;
use trust::certificate::builder::CertificateBuilder;
use trust::{ChainFault, ChainPolicy, verify_chain};
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;

use crate::people::*;

const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");

fn subtree(base: GeneralName) -> Vec<GeneralSubtree> {
    vec![GeneralSubtree { base, minimum: 0, maximum: None }]
}

fn dns(name: &str) -> GeneralName {
    GeneralName::DnsName(Ia5String::new(name).unwrap())
}

/// An authority with these constraints.
fn constrained(permitted: Option<GeneralName>, excluded: Option<GeneralName>) -> CertificateBuilder {
    let constraints = NameConstraints {
        permitted_subtrees: permitted.map(subtree),
        excluded_subtrees: excluded.map(subtree),
    };
    authority("가람 중간(시연)").with_extension(NAME_CONSTRAINTS, true, constraints.to_der().unwrap())
}

fn verdict(middle: CertificateBuilder, leaf: CertificateBuilder) -> Result<(), ChainFault> {
    let tree = Recipe { middle, leaf, ..recipe("가람", 1) }.grow();
    verify_chain(&tree.chain(), &tree.issuers(), now(), &ChainPolicy::role_only())
        .map(|_| ())
        .map_err(|error| error.fault)
}

// rule: PK-9
#[test]
fn an_excluded_name_is_refused_and_its_neighbour_is_not() {
    let with = |name: &str| {
        verdict(constrained(None, Some(dns("naru.example"))), leaf("잎(시연)").with_dns_name(name))
    };
    assert_eq!(with("garam.example"), Ok(()));
    assert_eq!(with("naru.example"), Err(ChainFault::NameConstraint));
    assert_eq!(with("library.naru.example"), Err(ChainFault::NameConstraint));
    assert_eq!(with("otherNaru.example"), Ok(()));
}

// rule: PK-9
#[test]
fn one_of_several_names_outside_is_enough_to_refuse() {
    let both = leaf("잎(시연)").with_dns_name("a.garam.example").with_dns_name("naru.example");
    assert_eq!(verdict(constrained(Some(dns("garam.example")), None), both), Err(ChainFault::NameConstraint));
}

// rule: PK-9
#[test]
fn a_constraint_on_directory_names_refuses_all_that_stands_below_it() {
    // Every certificate has a directory name. The constraint is not compared, so nothing can be said to keep it.
    let tree = Tree::named("가람", 1);
    let subject = <x509_cert::name::Name as der::Decode>::from_der(tree.leaf.subject_der()).unwrap();
    for constrained in [
        constrained(Some(GeneralName::DirectoryName(subject.clone())), None),
        constrained(None, Some(GeneralName::DirectoryName(subject))),
    ] {
        assert_eq!(verdict(constrained, leaf("잎(시연)")), Err(ChainFault::NameConstraint));
    }
}

// rule: PK-9
#[test]
fn constraints_that_nobody_can_read_refuse_the_chain() {
    let broken = authority("가람 중간(시연)").with_extension(
        NAME_CONSTRAINTS,
        true,
        vec![0x30, 0x03, 0xa0, 0x05, 0x00],
    );
    assert!(verdict(broken, leaf("잎(시연)").with_dns_name("garam.example")).is_err());
}
