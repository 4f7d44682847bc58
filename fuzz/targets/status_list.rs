//! A compressed status list, the first byte being its bits: bounded when inflated; written and read again.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use trust::status::{Bits, StatusListBuilder, StatusState};

fuzz_target!(
    init: plant(|| {
        let mut seeds = Vec::new();
        for (bits, number) in [(Bits::One, 1), (Bits::Two, 2), (Bits::Four, 4), (Bits::Eight, 8)] {
            let mut list = StatusListBuilder::new(bits, 100).unwrap();
            list.set(3, StatusState::Invalid).unwrap();
            seeds.push([vec![number], list.compressed().unwrap()].concat());
        }
        let zlib = vector_bytes(&["status-list"], |bytes| bytes.first() == Some(&0x78));
        seeds.extend(zlib.into_iter().map(|bytes| [vec![1], bytes].concat()));
        seeds
    }),
    |data: &[u8]| {
        let Some((bits, compressed)) = data.split_first() else { return };
        let Some(bits) = Bits::from_number(u64::from(*bits)) else { return };
        let Ok(list) = StatusListBuilder::from_compressed(bits, compressed) else { return };
        let count = list.count();
        assert!(count <= 16 * 1024 * 1024 * 8 / u64::from(bits.number()));
        assert!(list.get(count).is_err() && list.get(u64::MAX).is_err());
        assert_eq!(count == 0, list.get(0).is_err());
        if count < 512 {
            let again = StatusListBuilder::from_compressed(bits, &list.compressed().unwrap()).unwrap();
            assert_eq!(again.count(), count);
            for index in 0..count {
                assert_eq!(again.get(index).unwrap(), list.get(index).unwrap());
            }
        }
    }
);
