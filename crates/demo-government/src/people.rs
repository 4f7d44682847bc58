//! The synthetic people and their papers, as `data/personas.json` has them: read once, with dates that still count from today.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::GovernmentError;

/// An agency that issues.
#[derive(Debug, Clone, Copy)]
pub struct Agency {
    /// Its id, and the first label of its host `ID.localhost`.
    pub id: &'static str,
    /// Its name.
    pub ko: &'static str,
    /// Its name in English.
    pub en: &'static str,
}

const fn agency(id: &'static str, ko: &'static str, en: &'static str) -> Agency {
    Agency { id, ko, en }
}

/// The agencies of the data, with the English names that the data have not.
pub const AGENCIES: &[Agency] = &[
    agency("nuri-mois", "누리행정부(시연)", "Nuri Ministry of the Interior (demo)"),
    agency("nuri-police", "누리경찰청(시연)", "Nuri Police (demo)"),
    agency("nuri-mpva", "누리보훈부(시연)", "Nuri Ministry of Veterans Affairs (demo)"),
    agency("nuri-justice", "누리출입국(시연)", "Nuri Immigration Service (demo)"),
    agency("nuri-mohw", "누리복지부(시연)", "Nuri Ministry of Welfare (demo)"),
    agency("nuri-nts", "누리국세청(시연)", "Nuri Tax Service (demo)"),
    agency("nuri-nhis", "누리건강보험공단(시연)", "Nuri Health Insurance (demo)"),
    agency("nuri-court", "누리가족등록(시연)", "Nuri Family Register (demo)"),
    agency("nuri-moel", "누리고용부(시연)", "Nuri Ministry of Employment (demo)"),
    agency("nuri-mafra", "누리농림부(시연)", "Nuri Ministry of Agriculture (demo)"),
    agency("nuri-edu", "한빛도교육청(시연)", "Hanbit Office of Education (demo)"),
    agency("nuri-energy", "누리에너지재단(시연)", "Nuri Energy Foundation (demo)"),
    agency("garam", "한빛도 가람시(시연)", "Garam City (demo)"),
    agency("naru", "한빛도 나루군(시연)", "Naru County (demo)"),
];

/// The agency with this id.
#[must_use]
pub(crate) fn agency_of(id: &str) -> Option<&'static Agency> {
    AGENCIES.iter().find(|agency| agency.id == id)
}

/// What the data say in one file.
#[derive(Deserialize)]
pub(crate) struct Country {
    /// Names of the agencies by id.
    pub(crate) issuers: Map<String, Value>,
    /// The people.
    pub(crate) personas: Vec<Person>,
    /// The verifiers, for the module that runs them.
    pub(crate) verifiers: Vec<Value>,
}

/// A synthetic person.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) birth_date: String,
    pub(crate) region: Region,
    pub(crate) story: String,
    #[serde(default)]
    pub(crate) credentials: Vec<Credential>,
    #[serde(default)]
    pub(crate) notices: Vec<Map<String, Value>>,
    #[serde(default)]
    pub(crate) benefit_docs: Vec<Map<String, Value>>,
    /// The drawn portrait as a data URI, once it was drawn.
    #[serde(skip)]
    pub(crate) portrait: OnceLock<String>,
}

/// Where a person lives.
#[derive(Clone, Deserialize)]
pub(crate) struct Region {
    pub(crate) sido: String,
    pub(crate) sigungu: String,
}

/// A card or certificate.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) ko: String,
    pub(crate) issuer: String,
    pub(crate) issued: Value,
    pub(crate) valid_until: Value,
    pub(crate) claims: Map<String, Value>,
}

impl Country {
    /// The data that come with the program.
    pub(crate) fn load() -> Result<Self, GovernmentError> {
        let mut country: Self =
            serde_json::from_str(include_str!("../data/personas.json")).map_err(|_| GovernmentError::Data)?;
        crate::verifiers::approvals::add_to(&mut country.verifiers)?;
        crate::verifiers::overasking::add_to(&mut country.verifiers)?;
        let complete = country.issuers.keys().all(|id| agency_of(id).is_some());
        if complete { Ok(country) } else { Err(GovernmentError::Data) }
    }

    /// The person with this id.
    pub(crate) fn person(&self, id: &str) -> Option<&Person> {
        self.personas.iter().find(|person| person.id == id)
    }
}
