//! The claims path vectors of OpenID4VP 1.0 section 7, read from the shared vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use primitives::claim_path::{ClaimPathError, MAX_PATH_ELEMENTS};
use primitives::{ClaimPath, PathElement, PathError};
use proptest::prelude::*;
use serde_json::{Value, json};

const FILE: &str = "openid4vp/claims-path.json";

fn vectors() -> Option<Value> {
    let folder = std::env::var("CITIZEN_WALLET_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
    let text = std::fs::read_to_string(format!("{folder}/{FILE}")).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

// rule: VP-D11
#[test]
fn the_vectors_of_section_7_hold() {
    let Some(vectors) = vectors() else {
        println!("left out: all cases of {FILE} (vectors absent)");
        return;
    };
    let mut run = 0;
    for group in vectors["groups"].as_array().unwrap() {
        let credential = &group["credential"];
        for case in group["cases"].as_array().unwrap() {
            let path = serde_json::from_value::<ClaimPath>(case["path"].clone());
            match case.get("error").map(|error| error.as_str().unwrap()) {
                None => {
                    let selected = path.unwrap().select(credential).unwrap();
                    let selected: Vec<Value> = selected.into_iter().cloned().collect();
                    assert_eq!(Value::from(selected), case["selected"], "{case}");
                }
                Some("component" | "empty path" | "empty") => assert!(path.is_err(), "{case}"),
                Some(error) => {
                    let expected = match error {
                        "not an object" => PathError::NotAnObject,
                        "not an array" => PathError::NotAnArray,
                        "nothing selected" => PathError::NothingSelected,
                        other => panic!("unknown error {other}"),
                    };
                    assert_eq!(path.unwrap().select(credential), Err(expected), "{case}");
                }
            }
            run += 1;
        }
    }
    println!("{run} cases of {FILE}");
    assert!(run > 0);
}

fn path(value: Value) -> ClaimPath {
    serde_json::from_value(value).unwrap()
}

// rule: VP-D11
#[test]
fn each_step_that_cannot_be_taken_is_refused() {
    let credential = json!({"a": {"b": 1}, "list": [{"c": 1}, {}], "empty": []});
    let select = |elements| path(elements).select(&credential).map(|values| values.len());
    assert_eq!(select(json!(["a", "b", "c"])), Err(PathError::NotAnObject));
    assert_eq!(select(json!(["list", "c"])), Err(PathError::NotAnObject));
    assert_eq!(select(json!(["a", null])), Err(PathError::NotAnArray));
    assert_eq!(select(json!(["a", 0])), Err(PathError::NotAnArray));
    assert_eq!(select(json!(["list", 2])), Err(PathError::NothingSelected));
    assert_eq!(select(json!(["missing"])), Err(PathError::NothingSelected));
    assert_eq!(select(json!(["empty", null])), Err(PathError::NothingSelected));
    assert_eq!(select(json!(["list", null, "c"])), Ok(1));
}

// rule: VP-D11
#[test]
fn what_is_no_path_is_refused() {
    for elements in [
        json!([]),
        json!("a"),
        json!(["a", -1]),
        json!(["a", 1.5]),
        json!(["a", true]),
        json!([{}]),
        json!([4294967296u64]),
    ] {
        assert!(serde_json::from_value::<ClaimPath>(elements.clone()).is_err(), "{elements}");
    }
    let long = vec![PathElement::All; MAX_PATH_ELEMENTS + 1];
    assert!(serde_json::from_value::<ClaimPath>(json!(vec![Value::Null; MAX_PATH_ELEMENTS + 1])).is_err());
    assert!(serde_json::from_value::<ClaimPath>(json!(vec![Value::Null; MAX_PATH_ELEMENTS])).is_ok());
    assert_eq!(ClaimPath::new(long), Err(ClaimPathError::TooLong));
    assert_eq!(ClaimPath::new(vec![]), Err(ClaimPathError::Empty));
}

#[test]
fn places_prefixes_and_names() {
    let credential = json!({"list": [{"c": 1}, {}, {"c": 3}]});
    let located = path(json!(["list", null, "c"])).locate(&credential).unwrap();
    let places: Vec<String> = located.iter().map(|(place, _)| place.to_string()).collect();
    assert_eq!(places, [r#"["list",0,"c"]"#, r#"["list",2,"c"]"#]);
    assert!(path(json!(["list", 2, "c"])).starts_with(&path(json!(["list", null]))));
    assert!(!path(json!(["list"])).starts_with(&path(json!(["list", null]))));
    assert!(!path(json!(["list", "x"])).starts_with(&path(json!(["list", null]))));
    assert_eq!(path(json!(["ns", "element"])).names(), Some(vec!["ns", "element"]));
    assert_eq!(path(json!(["ns", null])).names(), None);
    assert_eq!(ClaimPath::top_level("a").child("b").unwrap(), path(json!(["a", "b"])));
    assert_eq!(ClaimPath::of_names(["a\"b", "시"]).unwrap().to_string(), r#"["a\"b","시"]"#);
}

#[test]
fn one_value_is_selected_as_many_are() {
    let claims = json!({ "a": { "b": [1, { "c": 2 }] }, "d": null });
    let steps = [json!("a"), json!("b"), json!("c"), json!("d"), json!(0), json!(1), json!(2), Value::Null];
    let mut paths: Vec<Vec<Value>> = vec![Vec::new()];
    for _ in 0..4 {
        let longer = paths
            .iter()
            .flat_map(|path| steps.iter().map(|step| [path.as_slice(), std::slice::from_ref(step)].concat()));
        paths = longer.collect();
        for elements in &paths {
            let wanted = path(json!(elements));
            let many = wanted.select(&claims).ok().filter(|_| !wanted.has_wildcard());
            assert_eq!(wanted.select_one(&claims), many.map(|many| many[0]), "{wanted}");
            assert_eq!(wanted.has_wildcard(), elements.contains(&Value::Null));
        }
    }
}

// rule: VP-D11
#[test]
fn members_are_found_in_objects_of_every_size() {
    for size in 0..20_usize {
        let object: serde_json::Map<String, Value> =
            (0..size).map(|number| (format!("m{number}"), json!(number))).collect();
        let claims = json!({ "within": object });
        for number in 0..=size {
            let wanted = path(json!(["within", format!("m{number}")]));
            let there = (number < size).then(|| json!(number));
            assert_eq!(wanted.select_one(&claims), there.as_ref(), "{wanted} of {size}");
            assert_eq!(wanted.select(&claims).ok().map(|all| all[0]), there.as_ref(), "{wanted} of {size}");
        }
    }
}

fn any_path() -> impl Strategy<Value = ClaimPath> {
    let element = prop_oneof![
        "\\PC{0,6}".prop_map(PathElement::Name),
        any::<u32>().prop_map(PathElement::Index),
        Just(PathElement::All),
    ];
    prop::collection::vec(element, 1..=MAX_PATH_ELEMENTS)
        .prop_map(|elements| ClaimPath::new(elements).unwrap())
}

proptest! {
    #[test]
    fn a_path_survives_json_and_its_display_is_its_json(path in any_path()) {
        let json = serde_json::to_string(&path).unwrap();
        prop_assert_eq!(&path.to_string(), &json);
        prop_assert_eq!(serde_json::from_str::<ClaimPath>(&json).unwrap(), path);
    }

    #[test]
    fn every_located_place_selects_its_value_alone(depth in 0u32..3, width in 1usize..4) {
        let mut credential = json!({"leaf": 1});
        let mut elements = Vec::new();
        for _ in 0..depth {
            credential = json!(vec![credential; width]);
            elements.push(PathElement::All);
        }
        elements.push(PathElement::Name("leaf".into()));
        let path = ClaimPath::new(elements).unwrap();
        let located = path.locate(&credential).unwrap();
        prop_assert_eq!(located.len(), width.pow(depth));
        for (place, value) in located {
            prop_assert_eq!(place.select(&credential).unwrap(), vec![value]);
            prop_assert!(place.starts_with(&path));
            prop_assert!(place.lies_within(&path));
            prop_assert_eq!(path.lies_within(&place), path == place);
        }
    }
}
