//! What is approved together with a presentation.

use serde::{Deserialize, Serialize};

use super::Text;

/// A transaction, all of it: what does not stand here is not approved.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Approval {
    /// 고지서 납부.
    Payment {
        /// Who is paid.
        payee: Text,
        /// What for.
        title: Text,
        /// The number on the notice.
        notice_number: String,
        /// Won.
        amount: i64,
        /// `YYYY-MM-DD`.
        due: String,
        /// The day is over.
        overdue: bool,
    },
    /// 신청서 서명.
    Signature {
        /// Who is applied to.
        agency: Text,
        /// What the application is called.
        title: Text,
        /// Its number.
        number: String,
        /// The words that are signed.
        statement: Text,
        /// SHA-256 of the document, as 64 hexadecimal digits in groups of eight.
        digest: String,
    },
}

/// A civil date (`YYYY-MM-DD`) as papers write it; what is none stays as it is.
#[must_use]
pub fn day(date: &str) -> Text {
    match primitives::CivilDate::parse(date) {
        Ok(day) => civic::format::date(day).into(),
        Err(_) => Text::same(date),
    }
}
