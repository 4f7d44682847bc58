//! What is published is read again as it was: status lists, trust lists and registrations, for everything that they can say.

use std::collections::BTreeSet;

use primitives::{ClaimPath, LocalizedText, PathElement};
use proptest::prelude::*;
use trust::registration::{RegisteredItem, RegisteredVerifier, Registration, SignedRegistration};
use trust::status::{
    Bits, Publication, StatusAuthority, StatusListBuilder, StatusListToken, StatusReference, StatusState,
};
use trust::trust_list::{ServiceRole, SignedTrustList, TrustList, TrustedEntity, TrustedService};
use trust::{AnchorStore, ChainPolicy, CredentialType, StatusScope, Verifier, verify_chain};

use crate::people::*;

fn any_words() -> impl Strategy<Value = LocalizedText> {
    ("[가-힣a-z \"\\\\]{1,12}", "\\PC{1,12}").prop_map(|(ko, en)| LocalizedText::new(ko, en))
}

fn any_type() -> impl Strategy<Value = CredentialType> {
    ("[a-z:.]{1,12}", any::<bool>()).prop_map(|(name, mdoc)| match mdoc {
        true => CredentialType::mdoc(name),
        false => CredentialType::sd_jwt_vc(name),
    })
}

fn any_path() -> impl Strategy<Value = ClaimPath> {
    let element = prop_oneof![
        "\\PC{0,6}".prop_map(PathElement::Name),
        any::<u32>().prop_map(PathElement::Index),
        Just(PathElement::All),
    ];
    prop::collection::vec(element, 1..5).prop_map(|elements| ClaimPath::new(elements).unwrap())
}

fn any_service() -> impl Strategy<Value = TrustedService> {
    let role = prop_oneof![
        prop::collection::btree_set(any_type(), 1..4).prop_map(ServiceRole::Issuer),
        Just(ServiceRole::Verifier),
        Just(ServiceRole::WalletProvider),
        Just(ServiceRole::Registrar),
        Just(ServiceRole::StatusSigner(StatusScope::of(&Tree::named("행안", 1).root))),
    ];
    (any_words(), role, 1..3_u64, any::<bool>()).prop_map(|(name, role, many, granted)| TrustedService {
        name,
        role,
        certificates: (0..many).map(|at| Tree::named("기관", 700 + 10 * at).root).collect(),
        granted,
    })
}

fn any_list() -> impl Strategy<Value = TrustList> {
    let services = prop::collection::vec(any_service(), 0..3);
    let entity = (any_words(), prop::option::of("https://[a-z]{1,8}\\.example/[a-z]{0,4}"), services)
        .prop_map(|(name, information_uri, services)| TrustedEntity { name, information_uri, services });
    (1..u64::MAX / 2, any_words(), any_words(), "[A-Z]{2}", prop::collection::vec(entity, 0..3)).prop_map(
        |(sequence_number, operator, scheme, territory, entities)| TrustList {
            sequence_number,
            issued_at: now() - DAY,
            next_update: now() + DAY,
            operator,
            scheme,
            territory,
            entities,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    // rule: TL-4, TL-9
    #[test]
    fn a_trust_list_is_read_as_it_was_signed(list in any_list()) {
        let operator = Tree::named("신뢰목록", 500);
        let token = list.sign(&operator.chain(), &operator.leaf_key).unwrap();
        let verified = SignedTrustList::parse(&token).unwrap().verify(&operator.anchors(), None, now()).unwrap();
        prop_assert_eq!(verified.list(), &list);
        let again = verified.list().sign(&operator.chain(), &operator.leaf_key).unwrap();
        let again = SignedTrustList::parse(&again).unwrap();
        prop_assert!(again.verify(&operator.anchors(), Some(&verified.accepted()), now()).is_ok());
    }

    // rule: PK-20
    #[test]
    fn a_registration_is_read_as_it_was_signed(
        name in any_words(),
        optional in prop::collection::vec(prop::option::of(any_words()), 4),
        items in prop::collection::vec((any_type(), prop::collection::vec(any_path(), 0..4)), 0..4),
    ) {
        let (verifier, registrar) = (Tree::named("도서관", 1), Tree::named("등록", 300));
        let [retention, consequences_of_refusal, legal_basis, resident_number_basis] = <[_; 4]>::try_from(optional).unwrap();
        let registration = Registration {
            verifier: RegisteredVerifier::of_certificate(&verifier.leaf),
            issued_at: now() - DAY,
            expires_at: now() + DAY,
            purpose: name.clone(),
            name,
            items: items.into_iter().map(|(credential, claims)| RegisteredItem { credential, claims }).collect(),
            retention,
            consequences_of_refusal,
            legal_basis,
            resident_number_basis,
        };
        let token = registration.sign(&registrar.chain(), &registrar.leaf_key).unwrap();
        let chain = verify_chain::<Verifier>(&verifier.chain(), &verifier.anchors(), now(), &ChainPolicy::role_only()).unwrap();
        let read = SignedRegistration::parse(&token).unwrap().verify(&chain, &registrar.anchors(), now()).unwrap();
        prop_assert_eq!(read.registration(), &registration);
        for item in &registration.items {
            for claim in &item.claims {
                prop_assert!(read.registration().covers(&item.credential, claim));
            }
        }
    }

    // rule: ST-7, ST-9
    #[test]
    fn a_status_list_says_of_each_index_what_was_set(
        width in 0..4_usize,
        count in 1..600_u64,
        values in prop::collection::btree_map(0..600_u64, any::<u8>(), 0..40),
        binary in any::<bool>(),
        time_to_live in prop::option::of(1..u64::from(u32::MAX)),
    ) {
        const URI: &str = "https://status.example/1";
        let (bits, most) = [(Bits::One, 1_u8), (Bits::Two, 3), (Bits::Four, 15), (Bits::Eight, 255)][width];
        let mut list = StatusListBuilder::new(bits, count).unwrap();
        let values: Vec<(u64, u8)> = values.into_iter().filter(|(index, _)| *index < count).map(|(index, value)| (index, value & most)).collect();
        for (index, value) in &values {
            list.set(*index, StatusState::from_value(*value)).unwrap();
        }
        let issuer = Tree::named("행안", 1);
        let publication = Publication { uri: URI.to_owned(), issued_at: now(), expires_at: Some(now() + DAY), time_to_live };
        let token = if binary {
            StatusListToken::parse_cwt(&list.sign_cwt(&publication, &issuer.chain(), &issuer.leaf_key).unwrap())
        } else {
            StatusListToken::parse_jwt(&list.sign_jwt(&publication, &issuer.chain(), &issuer.leaf_key).unwrap())
        };
        let (credential, signers) = (issuer.issuer_anchor(), AnchorStore::new());
        let authority = StatusAuthority { credential: &credential, signers: &signers };
        let at = |index| StatusReference::new(URI, index).unwrap();
        let read = token.unwrap().verify(&at(0), &authority, now()).unwrap();
        prop_assert_eq!((read.time_to_live(), read.expires_at()), (time_to_live, publication.expires_at));
        let set: BTreeSet<u64> = values.iter().map(|(index, _)| *index).collect();
        for (index, value) in values {
            prop_assert_eq!(read.state(&at(index)).unwrap().value(), value);
        }
        for index in (0..count).filter(|index| !set.contains(index)) {
            prop_assert_eq!(read.state(&at(index)).unwrap(), StatusState::Valid);
        }
        prop_assert!(read.state(&at(read.count())).is_err());
    }
}
