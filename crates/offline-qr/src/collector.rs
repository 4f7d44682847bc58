//! Frames in any order, with losses, from several screens at once: the message once it is whole (OQ-25 to OQ-28).
//!
//! Each series is collected apart from the others; a frame says on which pieces it stands, and Gaussian elimination over GF(2) finds them
//! as soon as enough frames are there, whichever they are. What is kept is bounded by [`MAX_SERIES`] messages, however many frames come.

use crate::fountain::{self, Sampler};
use crate::frame::{Frame, FrameError, Series};
use crate::mode::Kind;

/// Messages that are collected side by side, at most.
pub const MAX_SERIES: usize = 4;
/// Frames of others after which a series that nothing came of is forgotten.
const FORGOTTEN_AFTER_FRAMES: u32 = 64;

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Frames that told something new.
    pub have: u8,
    /// Frames that are needed.
    pub need: u8,
}

/// A message that is whole: its CRC-32 holds. It has no `Debug`: it holds what was shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What its frames said of it.
    pub series: Series,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What a text did.
#[derive(Clone, PartialEq, Eq)]
pub enum Fed {
    /// It told something new of its message.
    New(Progress),
    /// It told nothing new: a frame seen before, or one that follows from others, or one of a message that is complete already.
    Known(Progress),
    /// It belongs to another message than the one that has come furthest, whose progress this is; it is kept apart.
    Foreign(Progress),
    /// A frame that goes the other way: a request where an answer is collected, or the reverse.
    OtherWay,
    /// A frame with a wrong checksum, or one that contradicts others of its series.
    Damaged,
    /// A frame of another version.
    Version,
    /// No frame at all.
    NotOurs,
    /// The message is whole.
    Complete(Message),
}

/// Collects the messages of one kind.
pub struct Collector {
    kind: Kind,
    collecting: Vec<Collecting>,
    /// What was given away already.
    done: Vec<Series>,
    fed: u32,
}

impl Collector {
    /// Nothing yet.
    pub fn new(kind: Kind) -> Self {
        Self { kind, collecting: Vec::new(), done: Vec::new(), fed: 0 }
    }

    /// The message that has come furthest; of several the one that was fed last.
    pub fn progress(&self) -> Progress {
        self.leading().map(Collecting::progress).unwrap_or_default()
    }

    /// How many messages are being collected side by side.
    pub fn series(&self) -> usize {
        self.collecting.len()
    }

    /// Takes in a code's text.
    pub fn feed(&mut self, text: &str) -> Fed {
        match Frame::parse(text) {
            Ok(frame) => self.feed_frame(&frame),
            Err(FrameError::NotOurs) => Fed::NotOurs,
            Err(FrameError::Version) => Fed::Version,
            Err(FrameError::Damaged) => Fed::Damaged,
        }
    }

    /// Takes in a frame that was read already.
    pub fn feed_frame(&mut self, frame: &Frame) -> Fed {
        if frame.series.kind != self.kind {
            return Fed::OtherWay;
        }
        if self.done.contains(&frame.series) {
            return Fed::Known(Progress { have: frame.series.pieces, need: frame.series.pieces });
        }
        self.fed = self.fed.wrapping_add(1);
        let fed = self.fed;
        self.collecting.retain(|one| fed.wrapping_sub(one.last_fed) <= FORGOTTEN_AFTER_FRAMES);
        let leading = self.leading().map(|one| one.series);
        let place = self.place_of(frame.series);
        let Some(one) = self.collecting.get_mut(place) else { return Fed::Damaged };
        one.last_fed = fed;
        let taken = one.take(frame);
        let progress = one.progress();
        match taken {
            Taken::Contradiction => Fed::Damaged,
            Taken::Nothing | Taken::Piece if leading.is_some_and(|leading| leading != frame.series) => {
                Fed::Foreign(self.progress())
            }
            Taken::Nothing => Fed::Known(progress),
            Taken::Piece => Fed::New(progress),
            Taken::All => {
                let one = self.collecting.remove(place);
                match one.message() {
                    Some(bytes) => {
                        // As many as are collected: a screen shows its frames for a while after they were read.
                        if self.done.len() == MAX_SERIES {
                            self.done.remove(0);
                        }
                        self.done.push(one.series);
                        Fed::Complete(Message { series: one.series, bytes })
                    }
                    // The frames fit each other and yet are not the message that they name: all of them are dropped.
                    None => Fed::Damaged,
                }
            }
        }
    }

    fn leading(&self) -> Option<&Collecting> {
        // Shares are compared crosswise: have/need of one against the other's.
        self.collecting.iter().max_by(|left, right| {
            let share =
                |one: &Collecting, other: &Collecting| u32::from(one.rank()) * u32::from(other.series.pieces);
            share(left, right).cmp(&share(right, left)).then(left.last_fed.cmp(&right.last_fed))
        })
    }

    /// Where this series is collected; a new one takes the place of the one that was fed least lately, if there is none left.
    fn place_of(&mut self, series: Series) -> usize {
        if let Some(place) = self.collecting.iter().position(|one| one.series == series) {
            return place;
        }
        if self.collecting.len() >= MAX_SERIES {
            let oldest = self.collecting.iter().enumerate().min_by_key(|(_, one)| one.last_fed);
            if let Some(oldest) = oldest.map(|(place, _)| place) {
                self.collecting.remove(oldest);
            }
        }
        self.collecting.push(Collecting::new(series));
        self.collecting.len() - 1
    }
}

/// One message on its way.
struct Collecting {
    series: Series,
    degrees: Sampler,
    /// At place `i` the equation whose lowest piece is `i`: which pieces it mixes, and the mixture.
    rows: Vec<Option<(u128, Vec<u8>)>>,
    last_fed: u32,
}

enum Taken {
    Nothing,
    Piece,
    Contradiction,
    All,
}

impl Collecting {
    fn new(series: Series) -> Self {
        let rows = vec![None; usize::from(series.pieces)];
        Self { series, degrees: Sampler::of_degrees(series.pieces), rows, last_fed: 0 }
    }

    fn rank(&self) -> u8 {
        u8::try_from(self.rows.iter().flatten().count()).unwrap_or(u8::MAX)
    }

    fn progress(&self) -> Progress {
        Progress { have: self.rank(), need: self.series.pieces }
    }

    fn take(&mut self, frame: &Frame) -> Taken {
        let series = &self.series;
        let mut set = fountain::mixed(frame.sequence, series.pieces, series.checksum, &self.degrees);
        let mut data = frame.data.clone();
        while set != 0 {
            let lowest = usize::try_from(set.trailing_zeros()).unwrap_or_default();
            match self.rows.get_mut(lowest) {
                Some(Some((known, mixture))) => {
                    set ^= *known;
                    fountain::xor_into(&mut data, mixture);
                }
                Some(free) => {
                    *free = Some((set, data));
                    let all = self.rows.iter().all(Option::is_some);
                    return if all { Taken::All } else { Taken::Piece };
                }
                None => return Taken::Contradiction,
            }
        }
        // What follows from the others must be what follows from the others.
        if data.iter().all(|byte| *byte == 0) { Taken::Nothing } else { Taken::Contradiction }
    }

    /// Solves from the last piece to the first, and asks the checksum.
    fn message(&self) -> Option<Vec<u8>> {
        let mut pieces: Vec<Vec<u8>> = vec![Vec::new(); self.rows.len()];
        for (place, row) in self.rows.iter().enumerate().rev() {
            let (set, mixture) = row.as_ref()?;
            let mut piece = mixture.clone();
            for (other, known) in pieces.iter().enumerate().skip(place + 1) {
                if set >> other & 1 == 1 {
                    fountain::xor_into(&mut piece, known);
                }
            }
            *pieces.get_mut(place)? = piece;
        }
        let mut message = pieces.concat();
        let filling = message.split_off(usize::from(self.series.length).min(message.len()));
        let holds =
            filling.iter().all(|byte| *byte == 0) && crc32fast::hash(&message) == self.series.checksum;
        holds.then_some(message)
    }
}

#[cfg(test)]
mod tests;
