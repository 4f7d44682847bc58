//! Bounded reading of foreign CBOR, with the original bytes of every item kept (MD-1, MD-2, MD-3).
//!
//! RFC 8949: 3 (heads), 5.3 (validity), 5.6 (duplicate keys), 10 (security). Heads are read by `ciborium-ll`; this module adds what
//! a decoder of values cannot give: the exact bytes an item came in, which digests and signatures of ISO/IEC 18013-5 cover.

use ciborium_ll::{Decoder, Header, simple};

/// How much of foreign CBOR is read (MD-1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes of the whole input.
    pub(crate) bytes: usize,
    /// Items inside items, the outermost counted as 1.
    pub(crate) depth: usize,
    /// Items of all kinds together, keys and tags counted too.
    pub(crate) items: usize,
}

/// Bounds of a `DeviceResponse` or an `IssuerSigned`: one portrait and some hundred elements fit many times over.
pub(crate) const STRUCTURE_BOUNDS: Bounds =
    Bounds { bytes: crate::MAX_STRUCTURE_BYTES, depth: crate::MAX_NESTING, items: crate::MAX_ITEMS };

/// Why bytes are not the CBOR that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// More bytes than allowed ([`crate::MAX_STRUCTURE_BYTES`]).
    #[error("the CBOR is too large")]
    TooLarge,
    /// Nested deeper than allowed ([`crate::MAX_NESTING`]).
    #[error("the CBOR is nested too deeply")]
    TooDeep,
    /// More items than allowed ([`crate::MAX_ITEMS`]).
    #[error("the CBOR has too many items")]
    TooManyItems,
    /// The bytes end before the item does, or are not CBOR at all.
    #[error("the CBOR is malformed")]
    Malformed,
    /// A length that is only told at the end.
    #[error("the CBOR has an item of indefinite length")]
    IndefiniteLength,
    /// Text that is not UTF-8.
    #[error("the CBOR has text that is not UTF-8")]
    NotUtf8,
    /// A map key that is neither integer, text nor byte string.
    #[error("the CBOR has a map key of an unexpected kind")]
    UnexpectedKey,
    /// The same key twice in one map (MD-2).
    #[error("the CBOR has a map with the same key twice")]
    DuplicateKey,
    /// Bytes after the one item.
    #[error("bytes follow the CBOR")]
    TrailingBytes,
}

/// One item and the bytes it came in.
#[derive(Clone)]
pub(crate) struct Item<'a> {
    /// The item's bytes, head included, as received.
    pub(crate) raw: &'a [u8],
    /// What it is.
    pub(crate) kind: Kind<'a>,
}

/// What an item is.
#[derive(Clone)]
pub(crate) enum Kind<'a> {
    /// Major types 0 and 1.
    Integer(i128),
    /// Major type 2.
    Bytes(&'a [u8]),
    /// Major type 3.
    Text(&'a str),
    /// Major type 4.
    Array(Vec<Item<'a>>),
    /// Major type 5, in the order received.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// Major type 6.
    Tag(u64, Box<Item<'a>>),
    /// `true` or `false`.
    Boolean(bool),
    /// A float of any width.
    Float(f64),
    /// `null`.
    Null,
    /// `undefined` and every other simple value.
    Simple,
}

impl<'a> Item<'a> {
    /// The one item of `input`.
    pub(crate) fn parse(input: &'a [u8], bounds: Bounds) -> Result<Self, CborError> {
        if input.len() > bounds.bytes {
            return Err(CborError::TooLarge);
        }
        let mut reader = Reader { rest: input, items_left: bounds.items };
        let item = reader.item(bounds.depth)?;
        if reader.rest.is_empty() { Ok(item) } else { Err(CborError::TrailingBytes) }
    }

    /// The value of a text key, if this is a map that has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Item<'a>> {
        self.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
    }

    pub(crate) fn as_map(&self) -> Option<&[(Item<'a>, Item<'a>)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Item<'a>]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bytes(&self) -> Option<&'a [u8]> {
        match self.kind {
            Kind::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn as_integer(&self) -> Option<i128> {
        match self.kind {
            Kind::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    /// The content of a tag of this number.
    pub(crate) fn as_tagged(&self, number: u64) -> Option<&Item<'a>> {
        match &self.kind {
            Kind::Tag(tag, content) if *tag == number => Some(content),
            _ => None,
        }
    }

    /// The same as the tree that `crypto` and `trust` read keys and status references from.
    pub(crate) fn to_value(&self) -> Option<crypto::cbor::Value> {
        crypto::cbor::parse(self.raw, self.raw.len()).ok()
    }

    /// The encoded CBOR inside `#6.24(bstr)` (RFC 8949 3.4.5.1). The item's `raw` still is the whole, tag included.
    pub(crate) fn as_embedded(&self) -> Option<&'a [u8]> {
        self.as_tagged(EMBEDDED)?.as_bytes()
    }
}

/// Tag of an encoded CBOR data item (RFC 8949 3.4.5.1).
pub(crate) const EMBEDDED: u64 = 24;
/// Tag of a date and time (RFC 8949 3.4.1), ISO/IEC 18013-5's `tdate`.
pub(crate) const DATE_TIME: u64 = 0;
/// Tag of a date without time (RFC 8943), ISO/IEC 18013-5's `full-date`.
pub(crate) const FULL_DATE: u64 = 1004;

struct Reader<'a> {
    rest: &'a [u8],
    items_left: usize,
}

impl<'a> Reader<'a> {
    fn item(&mut self, depth_left: usize) -> Result<Item<'a>, CborError> {
        let depth_left = depth_left.checked_sub(1).ok_or(CborError::TooDeep)?;
        self.items_left = self.items_left.checked_sub(1).ok_or(CborError::TooManyItems)?;
        let start = self.rest;
        let kind = match self.head()? {
            Header::Positive(value) => Kind::Integer(i128::from(value)),
            Header::Negative(value) => Kind::Integer(-1 - i128::from(value)),
            Header::Float(value) => Kind::Float(value),
            Header::Simple(simple::FALSE) => Kind::Boolean(false),
            Header::Simple(simple::TRUE) => Kind::Boolean(true),
            Header::Simple(simple::NULL) => Kind::Null,
            Header::Simple(_) => Kind::Simple,
            Header::Break => return Err(CborError::Malformed),
            Header::Bytes(length) => Kind::Bytes(self.take(length)?),
            Header::Text(length) => {
                let text = core::str::from_utf8(self.take(length)?);
                Kind::Text(text.map_err(|_| CborError::NotUtf8)?)
            }
            Header::Tag(number) => Kind::Tag(number, Box::new(self.item(depth_left)?)),
            Header::Array(length) => Kind::Array(self.array(length, depth_left)?),
            Header::Map(length) => Kind::Map(self.map(length, depth_left)?),
        };
        let consumed = start.len().saturating_sub(self.rest.len());
        let raw = start.get(..consumed).ok_or(CborError::Malformed)?;
        Ok(Item { raw, kind })
    }

    fn head(&mut self) -> Result<Header, CborError> {
        let mut decoder = Decoder::from(self.rest);
        let header = decoder.pull().map_err(|_| CborError::Malformed)?;
        let length = decoder.offset();
        self.rest = self.rest.get(length..).ok_or(CborError::Malformed)?;
        Ok(header)
    }

    fn take(&mut self, length: Option<usize>) -> Result<&'a [u8], CborError> {
        let length = length.ok_or(CborError::IndefiniteLength)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(CborError::Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The number of entries announced, if that many may still come: a short head must not make us reserve for millions (MD-1).
    fn announced(&self, length: Option<usize>, items_each: usize) -> Result<usize, CborError> {
        let length = length.ok_or(CborError::IndefiniteLength)?;
        match length.checked_mul(items_each) {
            Some(items) if items <= self.items_left => Ok(length),
            _ => Err(CborError::TooManyItems),
        }
    }

    fn array(&mut self, length: Option<usize>, depth_left: usize) -> Result<Vec<Item<'a>>, CborError> {
        (0..self.announced(length, 1)?).map(|_| self.item(depth_left)).collect()
    }

    fn map(
        &mut self,
        length: Option<usize>,
        depth_left: usize,
    ) -> Result<Vec<(Item<'a>, Item<'a>)>, CborError> {
        let mut seen = std::collections::HashSet::new();
        let mut entries = Vec::new();
        for _ in 0..self.announced(length, 2)? {
            let key = self.item(depth_left)?;
            if !seen.insert(Key::of(&key)?) {
                return Err(CborError::DuplicateKey);
            }
            entries.push((key, self.item(depth_left)?));
        }
        Ok(entries)
    }
}

/// A map key by its value, so that two spellings of one key count as the same (MD-2).
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Integer(i128),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> Key<'a> {
    fn of(item: &Item<'a>) -> Result<Self, CborError> {
        match item.kind {
            Kind::Integer(integer) => Ok(Key::Integer(integer)),
            Kind::Text(text) => Ok(Key::Text(text)),
            Kind::Bytes(bytes) => Ok(Key::Bytes(bytes)),
            _ => Err(CborError::UnexpectedKey),
        }
    }
}

/// Writing, where bytes that exist already must stand inside new ones unchanged (MD-3).
pub(crate) mod write {
    use ciborium_ll::{Encoder, Header};

    fn head(out: &mut Vec<u8>, header: Header) {
        // Writing into a vector cannot fail: the error belongs to writers that can be full.
        drop(Encoder::from(out).push(header));
    }

    pub(crate) fn array(out: &mut Vec<u8>, length: usize) {
        head(out, Header::Array(Some(length)));
    }

    pub(crate) fn map(out: &mut Vec<u8>, length: usize) {
        head(out, Header::Map(Some(length)));
    }

    pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
        head(out, Header::Text(Some(text.len())));
        out.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
        head(out, Header::Bytes(Some(bytes.len())));
        out.extend_from_slice(bytes);
    }

    pub(crate) fn integer(out: &mut Vec<u8>, integer: i64) {
        // In CBOR the negative integer n is written as -1 - n, which is the bitwise complement.
        head(
            out,
            match u64::try_from(integer) {
                Ok(positive) => Header::Positive(positive),
                Err(_) => Header::Negative(!integer as u64),
            },
        );
    }

    pub(crate) fn unsigned(out: &mut Vec<u8>, integer: u64) {
        head(out, Header::Positive(integer));
    }

    pub(crate) fn boolean(out: &mut Vec<u8>, boolean: bool) {
        let simple = if boolean { super::simple::TRUE } else { super::simple::FALSE };
        head(out, Header::Simple(simple));
    }

    pub(crate) fn null(out: &mut Vec<u8>) {
        head(out, Header::Simple(super::simple::NULL));
    }

    pub(crate) fn tag(out: &mut Vec<u8>, number: u64) {
        head(out, Header::Tag(number));
    }

    pub(crate) fn value(out: &mut Vec<u8>, value: &crypto::cbor::Value) {
        out.extend_from_slice(&crypto::cbor::encode(value));
    }

    /// `#6.24(bstr .cbor …)` around bytes that are CBOR already.
    pub(crate) fn embedded(out: &mut Vec<u8>, encoded: &[u8]) {
        tag(out, super::EMBEDDED);
        bytes(out, encoded);
    }
}

#[cfg(test)]
mod tests;
