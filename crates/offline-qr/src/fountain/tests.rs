//! The published vectors of BC-UR (its reference implementation's tests of generator, sampler, shuffle, choice and encoder).

use super::*;

impl Xoshiro256 {
    /// From 1 to 10, as the vectors count.
    fn next_within(&mut self, low: usize, high: usize) -> usize {
        self.next_below(high - low + 1) + low
    }

    fn next_bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| u8::try_from(self.next_within(0, 255)).unwrap()).collect()
    }
}

fn message(bytes: usize) -> Vec<u8> {
    Xoshiro256::seeded(b"Wolf").next_bytes(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

// rule: OQ-24
#[test]
fn the_generator_gives_the_published_numbers() {
    let of_text = [
        42, 81, 85, 8, 82, 84, 76, 73, 70, 88, 2, 74, 40, 48, 77, 54, 88, 7, 5, 88, 37, 25, 82, 13, 69, 59,
        30, 39, 11, 82, 19, 99, 45, 87, 30, 15, 32, 22, 89, 44, 92, 77, 29, 78, 4, 92, 44, 68, 92, 69, 1, 42,
        89, 50, 37, 84, 63, 34, 32, 3, 17, 62, 40, 98, 82, 89, 24, 43, 85, 39, 15, 3, 99, 29, 20, 42, 27, 10,
        85, 66, 50, 35, 69, 70, 70, 74, 30, 13, 72, 54, 11, 5, 70, 55, 91, 52, 10, 43, 43, 52,
    ];
    let mut random = Xoshiro256::seeded(b"Wolf");
    assert!(of_text.iter().all(|expected| random.next() % 100 == *expected));
    let of_checksum = [
        88, 44, 94, 74, 0, 99, 7, 77, 68, 35, 47, 78, 19, 21, 50, 15, 42, 36, 91, 11, 85, 39, 64, 22, 57, 11,
        25, 12, 1, 91, 17, 75, 29, 47, 88, 11, 68, 58, 27, 65, 21, 54, 47, 54, 73, 83, 23, 58, 75, 27, 26,
        15, 60, 36, 30, 21, 55, 57, 77, 76, 75, 47, 53, 76, 9, 91, 14, 69, 3, 95, 11, 73, 20, 99, 68, 61, 3,
        98, 36, 98, 56, 65, 14, 80, 74, 57, 63, 68, 51, 56, 24, 39, 53, 80, 57, 51, 81, 3, 1, 30,
    ];
    let mut random = Xoshiro256::seeded(&crc32fast::hash(b"Wolf").to_be_bytes());
    assert!(of_checksum.iter().all(|expected| random.next() % 100 == *expected));
    let within = [
        6, 5, 8, 4, 10, 5, 7, 10, 4, 9, 10, 9, 7, 7, 1, 1, 2, 9, 9, 2, 6, 4, 5, 7, 8, 5, 4, 2, 3, 8, 7, 4, 5,
        1,
    ];
    let mut random = Xoshiro256::seeded(b"Wolf");
    assert!(within.iter().all(|expected| random.next_within(1, 10) == *expected));
}

// rule: OQ-24
#[test]
fn the_checksum_is_that_of_the_published_vectors() {
    assert_eq!(crc32fast::hash(b"Hello, world!"), 0xebe6_c6e6);
    assert_eq!(crc32fast::hash(b"Wolf"), 0x598c_84dc);
    assert_eq!(crc32fast::hash(&message(256)), 23_570_951);
}

// rule: OQ-24
#[test]
fn the_shuffle_gives_the_published_orders() {
    let mut random = Xoshiro256::seeded(b"Wolf");
    for expected in [
        [6, 4, 9, 3, 10, 5, 7, 8, 1, 2],
        [10, 8, 6, 5, 1, 2, 3, 9, 7, 4],
        [6, 4, 5, 8, 9, 3, 2, 1, 7, 10],
        [7, 3, 5, 1, 10, 9, 4, 8, 2, 6],
        [8, 5, 7, 10, 2, 1, 4, 3, 9, 6],
        [4, 3, 5, 6, 10, 2, 7, 8, 9, 1],
        [5, 1, 3, 9, 4, 6, 2, 10, 7, 8],
        [2, 1, 10, 8, 9, 4, 7, 6, 3, 5],
        [6, 7, 10, 4, 8, 9, 2, 3, 1, 5],
        [10, 2, 1, 7, 9, 5, 6, 3, 4, 8],
    ] {
        assert_eq!(random.shuffled((1..=10).collect()), expected);
    }
}

// rule: OQ-24
#[test]
fn the_sampler_gives_the_published_draws_and_degrees() {
    let sampler = Sampler::new(&[1.0, 2.0, 4.0, 8.0]);
    let mut random = Xoshiro256::seeded(b"Wolf");
    for expected in [
        3, 3, 3, 3, 3, 3, 3, 0, 2, 3, 3, 3, 3, 1, 2, 2, 1, 3, 3, 2, 3, 3, 1, 1, 2, 1, 1, 3, 1, 3, 1, 2, 0, 2,
        1, 0, 3, 3, 3, 1, 3, 3, 3, 3, 1, 3, 2, 3, 2, 2, 3, 3, 3, 3, 2, 3, 3, 0, 3, 3, 3, 3, 1, 2, 3, 3, 2, 2,
        2, 1, 2, 2, 1, 2, 3, 1,
    ] {
        assert_eq!(sampler.next(&mut random), expected);
    }
    let degrees = Sampler::of_degrees(11);
    for (nonce, expected) in [
        11, 3, 6, 5, 2, 1, 2, 11, 1, 3, 9, 10, 10, 4, 2, 1, 1, 2, 1, 1, 5, 2, 4, 10, 3, 2, 1, 1, 3, 11, 2, 6,
        2, 9, 9, 2, 6, 7, 2, 5, 2, 4, 3, 1, 6, 11, 2, 11, 3, 1, 6, 3, 1, 4, 5, 3, 6, 1, 1, 3, 1, 2, 2, 1, 4,
        5, 1, 1, 9, 1, 1, 6, 4,
    ]
    .into_iter()
    .enumerate()
    {
        let mut random = Xoshiro256::seeded(format!("Wolf-{}", nonce + 1).as_bytes());
        assert_eq!(degrees.next(&mut random) + 1, expected, "{nonce}");
    }
}

// rule: OQ-24
#[test]
fn the_mixed_pieces_are_the_published_ones() {
    let checksum = crc32fast::hash(&message(1024));
    let degrees = Sampler::of_degrees(11);
    let expected: [&[u8]; 30] = [
        &[0],
        &[1],
        &[2],
        &[3],
        &[4],
        &[5],
        &[6],
        &[7],
        &[8],
        &[9],
        &[10],
        &[9],
        &[2, 5, 6, 8, 9, 10],
        &[8],
        &[1, 5],
        &[1],
        &[0, 2, 4, 5, 8, 10],
        &[5],
        &[2],
        &[2],
        &[0, 1, 3, 4, 5, 7, 9, 10],
        &[0, 1, 2, 3, 5, 6, 8, 9, 10],
        &[0, 2, 4, 5, 7, 8, 9, 10],
        &[3, 5],
        &[4],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        &[0, 1, 3, 4, 5, 6, 7, 9, 10],
        &[6],
        &[5, 6],
        &[7],
    ];
    for (sequence, pieces) in (0..).zip(expected) {
        let set = pieces.iter().fold(0_u128, |set, piece| set | 1 << piece);
        assert_eq!(mixed(sequence, 11, checksum, &degrees), set, "{sequence}");
    }
}

// rule: OQ-24
#[test]
fn the_data_of_frames_are_the_published_ones() {
    let message = message(256);
    let series = crate::Series {
        kind: crate::Kind::Answer,
        session: [0; 4],
        length: 256,
        pieces: 9,
        checksum: crc32fast::hash(&message),
    };
    assert_eq!(series.piece_bytes(), 29);
    let frames = crate::frames::tests_support::cut(&message, series);
    for (sequence, expected) in (0..).zip([
        "916ec65cf77cadf55cd7f9cda1a1030026ddd42e905b77adc36e4f2d3c",
        "cba44f7f04f2de44f42d84c374a0e149136f25b01852545961d55f7f7a",
        "8cde6d0e2ec43f3b2dcb644a2209e8c9e34af5c4747984a5e873c9cf5f",
        "965e25ee29039fdf8ca74f1c769fc07eb7ebaec46e0695aea6cbd60b3e",
        "c4bbff1b9ffe8a9e7240129377b9d3711ed38d412fbb4442256f1e6f59",
        "5e0fc57fed451fb0a0101fb76b1fb1e1b88cfdfdaa946294a47de8fff1",
        "73f021c0e6f65b05c0a494e50791270a0050a73ae69b6725505a2ec8a5",
        "791457c9876dd34aadd192a53aa0dc66b556c0c215c7ceb8248b717c22",
        "951e65305b56a3706e3e86eb01c803bbf915d80edcd64d4d0000000000",
        "330f0f33a05eead4f331df229871bee733b50de71afd2e5a79f196de09",
        "3b205ce5e52d8c24a52cffa34c564fa1af3fdffcd349dc4258ee4ee828",
        "dd7bf725ea6c16d531b5f03254783803048ca08b87148daacd1cd7a006",
        "760be7ad1c6187902bbc04f539b9ee5eb8ea6833222edea36031306c01",
        "5bf4031217d2c3254b088fa7553778b5003632f46e21db129416f65b55",
        "73f021c0e6f65b05c0a494e50791270a0050a73ae69b6725505a2ec8a5",
        "b8546ebfe2048541348910267331c643133f828afec9337c318f71b7df",
        "23dedeea74e3a0fb052befabefa13e2f80e4315c9dceed4c8630612e64",
        "d01a8daee769ce34b6b35d3ca0005302724abddae405bdb419c0a6b208",
        "3171c5dc365766eff25ae47c6f10e7de48cfb8474e050e5fe997a6dc24",
        "e055c2433562184fa71b4be94f262e200f01c6f74c284b0dc6fae6673f",
    ]) {
        assert_eq!(hex(&frames.frame(sequence).data), expected, "{sequence}");
    }
}
