//! The names of the events that the page hears (`Events` in `ui/src/lib/contract.ts`).

pub(crate) const PROGRESS: &str = "progress";
pub(crate) const LINK: &str = "link";
pub(crate) const CHANGED: &str = "changed";
pub(crate) const LOCKING: &str = "locking";
