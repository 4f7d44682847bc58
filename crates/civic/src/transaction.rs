//! The two transactions that a citizen can approve with a paper (`transaction_data` of OpenID4VP 1.0 section 8.4; VP-T1): paying a notice
//! and signing an application. How they travel and what binds the answer to them is the protocol's; what they say stands here.
//!
//! A type is strict: a member that is unknown, missing, of another kind or out of bounds makes the whole transaction unreadable, for what is
//! not shown must not be approved. `docs/papers.md` has both with their members.

use primitives::{CivilDate, LocalizedText, base64url};
use serde_json::{Map, Value};

/// The type of [`Payment`].
pub const PAYMENT: &str = "urn:nuri-demo:NoticePayment:1";
/// The type of [`Signature`].
pub const SIGNATURE: &str = "urn:nuri-demo:ApplicationSignature:1";
/// The name space in which a mobile document carries what its device approved (VP-T4).
pub const NAME_SPACE: &str = "kr.example.nuri.transaction.1";
/// The element for payments in [`NAME_SPACE`].
pub const PAYMENT_ELEMENT: &str = "notice_payment_hashes";
/// The element for signatures in [`NAME_SPACE`].
pub const SIGNATURE_ELEMENT: &str = "application_signature_hashes";

/// The most characters of a name or title.
const MAX_NAME_CHARACTERS: usize = 120;
/// The most characters of the words that are signed.
const MAX_STATEMENT_CHARACTERS: usize = 2000;
/// The most characters of a number printed on a notice or an application.
const MAX_NUMBER_CHARACTERS: usize = 40;
/// The most won of one payment: a million million.
const MAX_WON: i64 = 1_000_000_000_000;

/// Something that is approved together with a presentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transaction {
    /// 고지서 납부.
    Payment(Payment),
    /// 신청서 서명.
    Signature(Signature),
}

/// The payment of one notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Who is paid.
    pub payee: LocalizedText,
    /// What for, as printed on the notice.
    pub title: LocalizedText,
    /// The number printed on the notice.
    pub notice_number: String,
    /// Won, at least 1.
    pub amount: i64,
    /// The last day for this amount.
    pub due: CivilDate,
}

/// The signing of one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Who is applied to.
    pub agency: LocalizedText,
    /// What the application is called.
    pub title: LocalizedText,
    /// The number that the agency gave it.
    pub number: String,
    /// The words that are signed.
    pub statement: LocalizedText,
    /// SHA-256 of the document that is signed.
    pub digest: [u8; 32],
}

impl Transaction {
    /// Reads the members of a transaction of this type, without those that OpenID4VP itself gives to every type. `None`: the type is none of
    /// the two, or the members are not exactly its own.
    #[must_use]
    pub fn read(type_name: &str, members: &Map<String, Value>) -> Option<Self> {
        match type_name {
            PAYMENT => payment(members).map(Self::Payment),
            SIGNATURE => signature(members).map(Self::Signature),
            _ => None,
        }
    }

    /// The type's name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Payment(_) => PAYMENT,
            Self::Signature(_) => SIGNATURE,
        }
    }

    /// The members, as [`read`](Self::read) takes them.
    #[must_use]
    pub fn to_members(&self) -> Map<String, Value> {
        let words = |text: &LocalizedText| -> Value {
            Map::from_iter([
                ("ko".to_owned(), text.ko.clone().into()),
                ("en".to_owned(), text.en.clone().into()),
            ])
            .into()
        };
        let members: Vec<(&str, Value)> = match self {
            Self::Payment(payment) => vec![
                ("payee", words(&payment.payee)),
                ("notice_title", words(&payment.title)),
                ("notice_number", payment.notice_number.clone().into()),
                ("amount", payment.amount.into()),
                ("currency", "KRW".into()),
                ("due_date", payment.due.to_string().into()),
            ],
            Self::Signature(signature) => vec![
                ("agency", words(&signature.agency)),
                ("application_title", words(&signature.title)),
                ("application_number", signature.number.clone().into()),
                ("statement", words(&signature.statement)),
                ("document_digest", base64url::encode(&signature.digest).into()),
                ("document_digest_alg", "sha-256".into()),
            ],
        };
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn payment(members: &Map<String, Value>) -> Option<Payment> {
    only(members, &["payee", "notice_title", "notice_number", "amount", "currency", "due_date"])?;
    (members.get("currency")?.as_str()? == "KRW").then_some(())?;
    let amount = members.get("amount")?.as_i64().filter(|won| (1..=MAX_WON).contains(won))?;
    Some(Payment {
        payee: words(members.get("payee")?, MAX_NAME_CHARACTERS)?,
        title: words(members.get("notice_title")?, MAX_NAME_CHARACTERS)?,
        notice_number: number(members.get("notice_number")?)?,
        amount,
        due: CivilDate::parse(members.get("due_date")?.as_str()?).ok()?,
    })
}

fn signature(members: &Map<String, Value>) -> Option<Signature> {
    const OWN: [&str; 6] = [
        "agency",
        "application_title",
        "application_number",
        "statement",
        "document_digest",
        "document_digest_alg",
    ];
    only(members, &OWN)?;
    (members.get("document_digest_alg")?.as_str()? == "sha-256").then_some(())?;
    let digest = base64url::decode(members.get("document_digest")?.as_str()?).ok()?;
    Some(Signature {
        agency: words(members.get("agency")?, MAX_NAME_CHARACTERS)?,
        title: words(members.get("application_title")?, MAX_NAME_CHARACTERS)?,
        number: number(members.get("application_number")?)?,
        statement: words(members.get("statement")?, MAX_STATEMENT_CHARACTERS)?,
        digest: digest.try_into().ok()?,
    })
}

/// Nothing beside these members.
fn only(members: &Map<String, Value>, own: &[&str]) -> Option<()> {
    members.keys().all(|name| own.contains(&name.as_str())).then_some(())
}

/// Words in Korean and English, both, and nothing beside.
fn words(value: &Value, most: usize) -> Option<LocalizedText> {
    let members = value.as_object()?;
    only(members, &["ko", "en"])?;
    let text = |language: &str| plain(members.get(language)?.as_str()?, most);
    Some(LocalizedText::new(text("ko")?, text("en")?))
}

/// A text that can be shown as it is: not empty, bounded, without characters that hide or turn other characters around.
fn plain(text: &str, most: usize) -> Option<String> {
    let fits = !text.trim().is_empty()
        && text.chars().count() <= most
        && !text.chars().any(crate::format::is_hidden);
    fits.then(|| text.to_owned())
}

/// A printed number: digits, Latin letters and hyphens.
fn number(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let fits = !text.is_empty()
        && text.len() <= MAX_NUMBER_CHARACTERS
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
