//! Raw DEFLATE (RFC 1951) with the preset dictionary `offline-qr/v1`, and inflating within bounds (OQ-13, OQ-14).

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

pub use crate::dictionary::DICTIONARY;

/// Bytes of what is inflated, at most: 64 KiB.
pub const MAX_INFLATED_BYTES: usize = 64 * 1024;
/// How many times its compressed size something may inflate to, at most, beyond [`FREE_BYTES`].
pub const MAX_RATIO: usize = 32;
/// Bytes that anything may inflate to: much of a small message may come out of the dictionary.
pub const FREE_BYTES: usize = 8 * 1024;

/// Why compressed bytes are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// Not one whole DEFLATE stream and nothing after it.
    #[error("the compressed bytes are malformed")]
    Malformed,
    /// More than [`MAX_INFLATED_BYTES`] or [`MAX_RATIO`].
    #[error("the compressed bytes inflate to too much")]
    TooLarge,
}

/// Compresses.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    // What the dictionary compresses to ends with an empty stored block, at a whole byte; what follows refers back to it.
    let mut encoder = Compress::new(Compression::best(), false);
    let mut out = Vec::new();
    let primed = run_encoder(&mut encoder, DICTIONARY, FlushCompress::Sync, &mut out);
    let start = out.len();
    let ended = primed && run_encoder(&mut encoder, bytes, FlushCompress::Finish, &mut out);
    let deflated = out.split_off(start);
    if ended && deflated.len() < stored_length(bytes) { deflated } else { stored(bytes, true) }
}

fn run_encoder(encoder: &mut Compress, bytes: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> bool {
    let start = encoder.total_in();
    loop {
        let taken = usize::try_from(encoder.total_in() - start).unwrap_or(usize::MAX);
        let rest = bytes.get(taken..).unwrap_or_default();
        out.reserve(bytes.len() / 2 + 256);
        let before = out.len();
        match encoder.compress_vec(rest, out, flush) {
            Ok(Status::StreamEnd) => return true,
            // All is taken in, and there was room for more than came out.
            Ok(_) if rest.is_empty() && flush == FlushCompress::Sync && out.len() < out.capacity() => {
                return true;
            }
            Ok(_) if rest.is_empty() && out.len() == before => return false,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Decompresses.
///
/// # Errors
/// See [`InflateError`].
pub fn inflate(bytes: &[u8]) -> Result<Vec<u8>, InflateError> {
    let most = MAX_INFLATED_BYTES.min(FREE_BYTES.max(bytes.len().saturating_mul(MAX_RATIO)));
    let mut decoder = Decompress::new(false);
    let mut out = vec![0; DICTIONARY.len() + most + 1];
    // The dictionary goes in as a stored block before the rest: the window is then as the writer's was.
    for input in [&stored(DICTIONARY, false)[..], bytes] {
        let (read_before, written) = (decoder.total_in(), position(decoder.total_out()));
        let room = out.get_mut(written..).unwrap_or_default();
        let status = decoder.decompress(input, room, FlushDecompress::None);
        let status = status.map_err(|_| InflateError::Malformed)?;
        if position(decoder.total_out()) > DICTIONARY.len() + most {
            return Err(InflateError::TooLarge);
        }
        let whole = decoder.total_in() - read_before == u64::try_from(input.len()).unwrap_or(u64::MAX);
        if !whole || (status == Status::StreamEnd) != std::ptr::eq(input, bytes) {
            return Err(InflateError::Malformed);
        }
    }
    out.truncate(position(decoder.total_out()));
    Ok(out.split_off(DICTIONARY.len()))
}

fn position(total: u64) -> usize {
    usize::try_from(total).unwrap_or(usize::MAX)
}

const STORED_BLOCK_BYTES: usize = u16::MAX as usize;

fn stored_length(bytes: &[u8]) -> usize {
    bytes.len() + 5 * bytes.len().div_ceil(STORED_BLOCK_BYTES).max(1)
}

/// As stored blocks (RFC 1951 section 3.2.4).
fn stored(bytes: &[u8], last: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(stored_length(bytes));
    let mut rest = bytes;
    loop {
        let (block, after) = rest.split_at(rest.len().min(STORED_BLOCK_BYTES));
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(last && after.is_empty()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
        if after.is_empty() {
            return out;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests;
