//! The status lists of the draft: 1, 2, 4 and 8 bits, small and with 2^20 entries (ST-7, ST-8, ST-10).

use std::path::PathBuf;

use serde_json::Value;
use trust::status::{Bits, StatusListBuilder};

pub(crate) fn read(file: &str) -> Option<Value> {
    let folder = std::env::var_os("CITIZEN_WALLET_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    let bytes = std::fs::read(folder.join(file)).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

// rule: ST-7, ST-8, ST-10
#[test]
fn the_lists_of_the_draft_say_what_they_should() {
    let Some(file) = read("status-list/lists.json") else {
        println!("left out: 10 cases of status-list/lists.json (vectors absent)");
        return;
    };
    let mut ran = 0;
    for case in file["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let bits = Bits::from_number(case["bits"].as_u64().unwrap()).unwrap();
        let compressed = primitives::base64url::decode(case["lst"].as_str().unwrap()).unwrap();
        let list = StatusListBuilder::from_compressed(bits, &compressed).unwrap();
        assert!(list.count() >= case["entries"].as_u64().unwrap(), "{name}");
        let mut named = 0_u64;
        for status in case["statuses"].as_array().unwrap() {
            let (index, value) = (status[0].as_u64().unwrap(), status[1].as_u64().unwrap());
            assert_eq!(u64::from(list.get(index).unwrap().value()), value, "{name}: index {index}");
            named += u64::from(value != 0);
        }
        let set = (0..list.count()).filter(|index| !list.get(*index).unwrap().is_valid()).count();
        assert_eq!(u64::try_from(set).unwrap(), named, "{name}: every other index is 0");
        let again = StatusListBuilder::from_compressed(bits, &list.compressed().unwrap()).unwrap();
        assert_eq!(again.count(), list.count(), "{name}: our own encoding is read back");
        ran += 1;
    }
    assert!(ran > 0);
}
