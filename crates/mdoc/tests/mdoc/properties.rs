//! Whatever is issued is received, and whatever is selected arrives (MD-24, MD-31); foreign bytes never stop a parser (MD-1).

use std::collections::BTreeMap;

use crate::common::*;
use mdoc::{DeviceResponse, ElementValue, Issuance, IssuerSigned, MobileSecurityObject};
use primitives::{CivilDate, Instant};
use proptest::prelude::*;
use serde_json::Value as Json;

/// What an element may be, printable, because `ElementValue` is not.
#[derive(Debug, Clone)]
enum Sample {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Bytes(Vec<u8>),
    FullDate(CivilDate),
    DateTime(Instant),
    Array(Vec<Sample>),
    Map(BTreeMap<String, Sample>),
}

impl Sample {
    fn value(&self) -> ElementValue {
        match self.clone() {
            Self::Text(text) => ElementValue::Text(text),
            Self::Integer(integer) => ElementValue::Integer(integer),
            Self::Boolean(boolean) => ElementValue::Boolean(boolean),
            Self::Bytes(bytes) => ElementValue::Bytes(bytes),
            Self::FullDate(date) => ElementValue::FullDate(date),
            Self::DateTime(instant) => ElementValue::DateTime(instant),
            Self::Array(samples) => ElementValue::Array(samples.iter().map(Self::value).collect()),
            Self::Map(samples) => {
                ElementValue::Map(samples.into_iter().map(|(name, sample)| (name, sample.value())).collect())
            }
        }
    }

    fn json(&self) -> Json {
        match self.clone() {
            Self::Text(text) => text.into(),
            Self::Integer(integer) => integer.into(),
            Self::Boolean(boolean) => boolean.into(),
            Self::Bytes(bytes) => primitives::base64url::encode(&bytes).into(),
            Self::FullDate(date) => date.to_string().into(),
            Self::DateTime(instant) => instant.to_rfc3339().into(),
            Self::Array(samples) => samples.iter().map(Self::json).collect(),
            Self::Map(samples) => samples.into_iter().map(|(name, sample)| (name, sample.json())).collect(),
        }
    }
}

fn sample() -> impl Strategy<Value = Sample> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Sample::Text),
        any::<i64>().prop_map(Sample::Integer),
        any::<bool>().prop_map(Sample::Boolean),
        any::<Vec<u8>>().prop_map(Sample::Bytes),
        (1900..2100_i32, 1..=12_u8, 1..=28_u8)
            .prop_map(|(year, month, day)| Sample::FullDate(CivilDate::from_ymd(year, month, day).unwrap())),
        (0..4_000_000_000_i64).prop_map(|seconds| Sample::DateTime(Instant::from_unix_seconds(seconds))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Sample::Array),
            proptest::collection::btree_map(any::<String>(), inner, 0..4).prop_map(Sample::Map),
        ]
    })
}

type Elements = BTreeMap<(String, String), (Sample, bool)>;

fn elements() -> impl Strategy<Value = Elements> {
    proptest::collection::btree_map(("[ab]{1}", "\\PC{0,6}"), (sample(), any::<bool>()), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    // rule: MD-24, MD-31, MD-33
    #[test]
    fn what_is_issued_and_selected_arrives(elements in elements()) {
        let world = World::new();
        let mut issuance = Issuance::new(DOC_TYPE, validity());
        for ((name_space, identifier), (sample, _)) in &elements {
            issuance = issuance.element(name_space, identifier.as_str(), sample.value());
        }
        let issued = world.sign(&issuance);
        let verified = world.receive(&issued.to_bytes(), now()).map_err(|error| error.to_string()).unwrap();
        let claims = verified.claims();
        for ((name_space, identifier), (sample, _)) in &elements {
            prop_assert_eq!(claims.value(name_space, identifier), Some(&sample.json()));
        }
        let selected: Vec<_> = elements
            .iter()
            .filter(|(_, (_, selected))| *selected)
            .map(|((name_space, identifier), _)| (name_space.as_str(), identifier.as_str()))
            .collect();
        let disclosure = verified.select(selected.iter().copied()).unwrap();
        let response = disclosure.respond(&transcript(), &world.device_key).unwrap();
        let seen = world.check(&response).map_err(|error| error.to_string()).unwrap();
        let mut arrived: Vec<_> = seen.claims.iter().map(|(space, name, _)| (space, name)).collect();
        arrived.sort_unstable();
        prop_assert_eq!(arrived, selected);
        prop_assert!(seen.claims == disclosure.claims());
    }

    // rule: MD-16, MD-17, MD-27
    #[test]
    fn one_flipped_bit_never_verifies_as_something_else(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let world = World::new();
        let mut response = world.respond(&["age_over_19"]);
        let honest = world.check(&response).map_err(|error| error.to_string()).unwrap();
        let at = at.index(response.len());
        response[at] ^= 1 << bit;
        // What is not covered by a signature (an ignored member's name, the minor version) may change; what is said may not.
        if let Ok(seen) = world.check(&response) {
            prop_assert_eq!(seen.doc_type, honest.doc_type);
            prop_assert!(seen.claims == honest.claims || seen.claims.is_empty());
            prop_assert!(seen.device_claims.is_empty());
            prop_assert_eq!(seen.validity, honest.validity);
            prop_assert_eq!(seen.status, honest.status);
        }
    }

    // rule: MD-1
    #[test]
    fn foreign_bytes_never_stop_a_parser(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = IssuerSigned::parse(&bytes);
        let _ = DeviceResponse::parse(&bytes);
        let _ = MobileSecurityObject::parse(&bytes);
    }
}
