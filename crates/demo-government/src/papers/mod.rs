//! The papers of a person as the agencies hold them today: claims named as in the catalogue, dates counted from today, and what
//! the verifiers ask for beyond the data (ages, an address in parts, a drawn portrait).

mod portrait;
mod resolve;

use civic::catalogue::Shelf;
use civic::{Catalogue, PaperType};
use primitives::base64url;
use primitives::{CivilDate, Instant};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::GovernmentError;
use crate::people::{Credential, Person};
use resolve::{date_of, resolved};

/// Where a paper stands with its agency: what the status list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// In force.
    #[default]
    Valid,
    /// Revoked (1).
    Revoked,
    /// Suspended (2).
    Suspended,
    /// A notice that is paid (3).
    Paid,
}

/// A paper as its agency holds it.
#[derive(Clone)]
pub(crate) struct Paper {
    /// Its id in the data.
    pub(crate) id: String,
    /// Who issues it.
    pub(crate) agency: String,
    /// Its type.
    pub(crate) kind: &'static PaperType,
    /// Its title.
    pub(crate) title: String,
    /// The day it is valid from; never in the future.
    pub(crate) issued: CivilDate,
    /// Its last day; `None` where it has none.
    pub(crate) valid_until: Option<CivilDate>,
    /// Where it stands before anybody changes it.
    pub(crate) initial: Standing,
    claims: Map<String, Value>,
}

/// A notice that was added on the console.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddedNotice {
    /// Its id.
    pub(crate) id: String,
    /// Whose it is.
    pub(crate) person: String,
    /// Its type in the catalogue: one of the notices.
    pub(crate) kind: String,
    /// Its agency.
    pub(crate) agency: String,
    /// Its title.
    pub(crate) title: String,
    /// Won by the due date.
    pub(crate) amount: i64,
    /// The due date.
    pub(crate) due: CivilDate,
    /// When it was issued.
    pub(crate) issued: CivilDate,
}

impl Paper {
    /// The claims. For the issuer alone: they are a person's.
    #[must_use]
    pub(crate) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Whether it is a notice.
    #[must_use]
    pub(crate) fn is_notice(&self) -> bool {
        self.kind.shelf == Shelf::Notices
    }

    /// Valid from.
    #[must_use]
    pub(crate) fn starts_at(&self) -> Instant {
        self.issued.starts_at()
    }

    /// Every paper of the person.
    pub(crate) fn of_person(
        person: &Person,
        added: &[AddedNotice],
        today: CivilDate,
    ) -> Result<Vec<Self>, GovernmentError> {
        let mut papers = Vec::new();
        for credential in &person.credentials {
            papers.push(of_credential(person, credential, today)?);
        }
        for notice in &person.notices {
            papers.push(of_document(person, notice, today)?);
        }
        for benefit in &person.benefit_docs {
            papers.push(of_document(person, benefit, today)?);
        }
        for notice in added.iter().filter(|notice| notice.person == person.id) {
            papers.push(of_added(person, notice, today)?);
        }
        Ok(papers)
    }
}

fn kind_of(key: &str) -> Result<&'static PaperType, GovernmentError> {
    Catalogue.by_key(key).ok_or(GovernmentError::Data)
}

fn of_credential(
    person: &Person,
    credential: &Credential,
    today: CivilDate,
) -> Result<Paper, GovernmentError> {
    let kind = kind_of(&credential.kind)?;
    let mut claims = Map::new();
    for (name, value) in &credential.claims {
        claims.insert(name.clone(), resolved(value, today));
    }
    complete(kind, person, &credential.ko, &mut claims, today)?;
    let issued = date_of(&credential.issued, today).ok_or(GovernmentError::Data)?;
    Ok(Paper {
        id: credential.id.clone(),
        agency: credential.issuer.clone(),
        kind,
        title: credential.ko.clone(),
        issued: issued.min(today),
        valid_until: date_of(&credential.valid_until, today),
        initial: Standing::Valid,
        claims,
    })
}

/// A notice, voucher or decision: one flat object, of which the catalogue's claims are issued.
fn of_document(
    person: &Person,
    document: &Map<String, Value>,
    today: CivilDate,
) -> Result<Paper, GovernmentError> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).ok_or(GovernmentError::Data);
    let kind = kind_of(text("type")?)?;
    let mut claims = Map::new();
    for (name, value) in document {
        if kind.claim(&[name]).is_some() {
            claims.insert(name.clone(), resolved(value, today));
        }
    }
    let status = text("status")?;
    if status == "autoDebit" {
        claims.insert("autoDebit".to_owned(), Value::Bool(true));
    }
    if let Some(base) = document.get("taxBase") {
        claims.insert("taxBase".to_owned(), Value::String(tax_base(base)));
    }
    complete(kind, person, text("ko")?, &mut claims, today)?;
    let first = ["decided", "validFrom"].iter().find_map(|name| date_of(document.get(*name)?, today));
    let due = ["due", "opinionDeadline"].iter().find_map(|name| date_of(document.get(*name)?, today));
    let issued = first.or(due.map(|due| due.plus_days(-20))).unwrap_or(today).min(today);
    let notice = kind.shelf == Shelf::Notices;
    let valid_until = document.get("validUntil").and_then(|value| date_of(value, today));
    Ok(Paper {
        id: text("id")?.to_owned(),
        agency: text("issuer")?.to_owned(),
        kind,
        title: text("ko")?.to_owned(),
        issued,
        valid_until: if notice { Some(today.plus_months(12)) } else { valid_until },
        initial: if status == "paid" { Standing::Paid } else { Standing::Valid },
        claims,
    })
}

fn of_added(person: &Person, notice: &AddedNotice, today: CivilDate) -> Result<Paper, GovernmentError> {
    let kind = kind_of(&notice.kind)?;
    let fine = kind.claim(&["baseAmount"]).is_some();
    let rule = match notice.kind.as_str() {
        "LocalTaxNotice" => "local",
        "NationalTaxNotice" => "national",
        "SocialInsuranceNotice" => "nhis",
        "FinePriorNotice" => "fine",
        _ => "utility",
    };
    let written = if fine {
        json!({
            "violation": notice.title,
            "baseAmount": notice.amount,
            "opinionDeadline": notice.due,
            "options": [{"code": "selfPay", "ko": "자진납부 20% 감경", "amount": notice.amount / 10 * 8}],
            "lateRule": rule,
        })
    } else {
        json!({
            "period": "수시",
            "components": [{"code": "main", "ko": notice.title, "amount": notice.amount}],
            "amountInDue": notice.amount,
            "due": notice.due,
            "lateRule": rule,
        })
    };
    let mut claims = written.as_object().cloned().unwrap_or_default();
    complete(kind, person, &notice.title, &mut claims, today)?;
    Ok(Paper {
        id: notice.id.clone(),
        agency: notice.agency.clone(),
        kind,
        title: notice.title.clone(),
        issued: notice.issued.min(today),
        valid_until: Some(notice.issued.plus_months(12)),
        initial: Standing::Valid,
        claims,
    })
}

/// Adds what the catalogue has and the data have not, drops what says nothing, and checks that nothing is left which the
/// catalogue does not know.
fn complete(
    kind: &'static PaperType,
    person: &Person,
    title: &str,
    claims: &mut Map<String, Value>,
    today: CivilDate,
) -> Result<(), GovernmentError> {
    let knows = |path: &[&str]| kind.claim(path).is_some();
    let birth = claims.get("birth").and_then(Value::as_str).unwrap_or(&person.birth_date);
    let birth = CivilDate::parse(birth).map_err(|_| GovernmentError::Data)?;
    let mut put = |name: &str, value: Value| {
        claims.entry(name.to_owned()).or_insert(value);
    };
    if knows(&["title"]) {
        put("title", Value::from(title));
    }
    for name in ["payer", "name"] {
        if knows(&[name]) {
            put(name, Value::from(person.name.as_str()));
        }
    }
    for (name, age) in [("ageOver14", 14), ("ageOver19", 19), ("ageOver65", 65)] {
        if knows(&[name]) {
            put(name, Value::Bool(birth.age_on(today) >= age));
        }
    }
    if knows(&["phone"]) {
        put("phone", Value::from("000-0000-9999"));
    }
    if knows(&["portrait"]) {
        put("portrait", Value::from(portrait_address(person)?));
    }
    if knows(&["address", "full"])
        && let Some(full) = claims.get("address").and_then(Value::as_str)
    {
        let parts = json!({"full": full, "sido": person.region.sido, "sigungu": person.region.sigungu});
        claims.insert("address".to_owned(), parts);
    }
    claims.retain(|_, value| !value.is_null());
    if unknown_claim(kind, claims).is_none() { Ok(()) } else { Err(GovernmentError::Data) }
}

/// How a portrait begins in JSON.
pub(crate) const JPEG: &str = "data:image/jpeg;base64,";

/// The person's drawn portrait as a `data:` address: another for each, drawn once.
pub(crate) fn portrait_address(person: &Person) -> Result<String, GovernmentError> {
    if let Some(drawn) = person.portrait.get() {
        return Ok(drawn.clone());
    }
    let picture = portrait::draw(person.id.bytes().last().map_or(0, usize::from))?;
    let drawn = format!("{JPEG}{}", base64url::encode_standard(&picture));
    Ok(person.portrait.get_or_init(|| drawn).clone())
}

/// The first claim that the type does not have.
pub(crate) fn unknown_claim(kind: &PaperType, claims: &Map<String, Value>) -> Option<String> {
    claims.iter().find_map(|(name, value)| {
        if kind.claim(&[name]).is_some() {
            return None;
        }
        let parts = value.as_object().filter(|parts| !parts.is_empty());
        match parts {
            Some(parts) if parts.keys().all(|part| kind.claim(&[name, part]).is_some()) => None,
            _ => Some(name.clone()),
        }
    })
}

/// `1,598 cc`: the value and the unit in one text, as notices print it.
fn tax_base(base: &Value) -> String {
    let value = base.get("value").and_then(Value::as_i64).unwrap_or(0);
    let unit = base.get("unit").and_then(Value::as_str).unwrap_or("");
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if unit == "원" { text + unit } else { format!("{text} {unit}") }
}

#[cfg(test)]
mod tests;
