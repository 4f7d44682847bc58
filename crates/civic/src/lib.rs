//! What the papers of a country mean: the catalogue of paper types and what a notice, certificate or voucher says.
//!
//! Pure: no clock, no network, no storage. A newcomer looks here for the answer to "which claim is called what, how
//! sensitive is it, on which shelf does the paper lie, and how much is due on which day?". The protocols are not
//! Korean; this catalogue is. Types that it does not know are shown through [`facts::generic`].
//!
//! Sources: the field lists of `docs/papers.md` (mobile ID, notices, certificates and vouchers as they are printed
//! today). Rates that a law may change stand in [`late::Rates`] with their date and how sure they are, and what is
//! computed from them is shown as 참고용.

pub mod catalogue;
pub mod facts;
pub mod format;
pub mod late;
pub mod mask;
pub mod notice;
pub mod questions;
pub mod transaction;
pub mod voucher;

pub use catalogue::{Catalogue, ClaimType, Group, Kind, PaperType, Sensitivity, Shelf, Special, Words};
pub use questions::Question;
