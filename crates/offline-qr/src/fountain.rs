//! Which pieces a fountain frame mixes: BCR-2024-001 (Multipart UR), the same choice bit by bit, so that its published vectors hold here
//! and a reader of that format can be turned into one of ours (OQ-24).
//!
//! Xoshiro256** (Blackman, Vigna 2018) seeded with SHA-256; the degree from 1/d by Vose's alias method; then a shuffle. Sequence `s` here,
//! counted from 0, is part `s + 1` there.

/// The generator, as BC-UR seeds and reads it.
pub(crate) struct Xoshiro256 {
    state: [u64; 4],
}

impl Xoshiro256 {
    /// Seeded with the SHA-256 of `seed`, as four big-endian numbers.
    pub(crate) fn seeded(seed: &[u8]) -> Self {
        let hash = crypto::sha256(seed);
        let mut state = [0; 4];
        for (word, bytes) in state.iter_mut().zip(hash.chunks(8)) {
            *word = bytes.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        }
        Self { state }
    }

    pub(crate) fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let number = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        number
    }

    /// From 0 up to, not including, 1.
    #[allow(clippy::cast_precision_loss)]
    fn next_fraction(&mut self) -> f64 {
        // 2⁶⁴: the rounding of the number to 53 bits is part of the format.
        self.next() as f64 / 18_446_744_073_709_551_616.0
    }

    /// From 0 up to, not including, `end`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    pub(crate) fn next_below(&mut self, end: usize) -> usize {
        (self.next_fraction() * end as f64) as usize
    }

    /// One element after the other, drawn from those that are left.
    pub(crate) fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        let mut shuffled = Vec::with_capacity(items.len());
        while !items.is_empty() {
            // A number just below 2⁶⁴ rounds up to 1: the last element, not one after it.
            let place = self.next_below(items.len()).min(items.len() - 1);
            shuffled.push(items.remove(place));
        }
        shuffled
    }
}

/// Vose's alias method: draws a place with a probability proportional to its weight.
pub(crate) struct Sampler {
    places: Vec<Place>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    /// How likely the place itself is once it was hit.
    own: f64,
    /// The place that is taken otherwise.
    alias: usize,
}

impl Sampler {
    /// Of these weights, none negative, not all 0.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mut scaled: Vec<f64> =
            weights.iter().map(|weight| weight * (weights.len() as f64 / total)).collect();
        let mut places = vec![Place::default(); weights.len()];
        // From the last to the first, so that the first is taken first.
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for (place, weight) in scaled.iter().enumerate().rev() {
            if *weight < 1.0 { small.push(place) } else { large.push(place) }
        }
        while let (Some(less), Some(more)) = (small.last().copied(), large.last().copied()) {
            small.pop();
            large.pop();
            let own = scaled.get(less).copied().unwrap_or_default();
            if let Some(place) = places.get_mut(less) {
                *place = Place { own, alias: more };
            }
            if let Some(rest) = scaled.get_mut(more) {
                *rest += own - 1.0;
                if *rest < 1.0 { small.push(more) } else { large.push(more) }
            }
        }
        for left in small.into_iter().chain(large) {
            if let Some(place) = places.get_mut(left) {
                place.own = 1.0;
            }
        }
        Self { places }
    }

    /// The weights of degrees 1 to `pieces`: 1/d.
    pub(crate) fn of_degrees(pieces: u8) -> Self {
        let weights: Vec<f64> = (1..=pieces).map(|degree| 1.0 / f64::from(degree)).collect();
        Self::new(&weights)
    }

    pub(crate) fn next(&self, random: &mut Xoshiro256) -> usize {
        let hit = random.next_below(self.places.len()).min(self.places.len().saturating_sub(1));
        let second = random.next_fraction();
        self.places.get(hit).map_or(0, |place| if second < place.own { hit } else { place.alias })
    }
}

/// The pieces that a frame of this sequence is the exclusive or of, as a set of bits: bit `i` for piece `i`.
pub(crate) fn mixed(sequence: u16, pieces: u8, checksum: u32, degrees: &Sampler) -> u128 {
    if sequence < u16::from(pieces) {
        return 1 << sequence;
    }
    let part = u32::from(sequence) + 1;
    let mut random = Xoshiro256::seeded(&[part.to_be_bytes(), checksum.to_be_bytes()].concat());
    let degree = degrees.next(&mut random) + 1;
    let places: Vec<u8> = (0..pieces).collect();
    random.shuffled(places).into_iter().take(degree).fold(0, |set, piece| set | (1 << piece))
}

/// Exclusive or of the second into the first.
pub(crate) fn xor_into(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to ^= from);
}

#[cfg(test)]
mod tests;
