//! The ready-made questions of somebody who checks papers across a desk: what is asked, in words and as a query (OpenID4VP 1.0 section 6),
//! and whether the answer says who somebody is.
//!
//! A question that does not identify is all that may be answered where nobody knows who reads the answer: by a typed code or unasked
//! (`docs/offline-qr.md`). What identifies is decided here by a short list of claims that do not; everything else does.

use primitives::ClaimPath;
use serde_json::{Map, Value, json};

use crate::catalogue::{Catalogue, ClaimType, PaperType, Words, words};

#[cfg(test)]
mod tests;

/// One ready-made question. Number and code never change their meaning: a typed code carries the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// From 1 to 31, as one character of a typed code.
    pub number: u8,
    /// The stable name, for the command line and scripts.
    pub code: &'static str,
    /// What is asked, as a question.
    pub question: Words,
    /// The caption of the answer.
    pub answer: Words,
    /// The answer where the paper alone gives it and none of its claims is told.
    pub held: Option<Words>,
    /// Whether the answer says who somebody is.
    pub identifying: bool,
    parts: &'static [Part<'static>],
}

/// Papers of which one answers.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    /// The papers, by their keys in the catalogue.
    papers: &'a [&'static str],
    /// What is asked of each; none: that there is such a paper.
    claims: &'a [&'static [&'static str]],
    /// What may be told beside it.
    optional: &'static [&'static [&'static str]],
    /// The only value of the first claim that is an answer: any other is not told.
    only: Option<i64>,
    /// Whether it may be left out.
    required: bool,
}

/// Claims that do not say who somebody is, for thousands share each of their values. Every other claim identifies, alone or beside others.
const NOT_IDENTIFYING: &[&[&str]] = &[
    &["ageOver14"],
    &["ageOver19"],
    &["ageOver65"],
    &["address", "sido"],
    &["address", "sigungu"],
    &["arrears"],
];

const QUESTIONS: &[Question] = &[
    Question {
        number: 1,
        code: "age-over-19",
        question: words("만 19세 이상입니까?", "Are you 19 or older?"),
        answer: words("만 19세 이상", "19 or older"),
        held: None,
        identifying: false,
        parts: &[Part {
            papers: &["MobileResidentCard", "MobileDriverLicense", "AlienRegistrationCard", "YouthCard"],
            claims: &[&["ageOver19"]],
            optional: &[],
            only: None,
            required: true,
        }],
    },
    Question {
        number: 2,
        code: "residence",
        question: words("어느 시·군·구에 삽니까?", "Which city or county do you live in?"),
        answer: words("사는 시·군·구", "City or county"),
        held: None,
        identifying: false,
        parts: &[Part {
            papers: &["MobileResidentCard", "MobileDriverLicense", "AlienRegistrationCard", "YouthCard"],
            claims: &[&["address", "sigungu"]],
            optional: &[],
            only: None,
            required: true,
        }],
    },
    Question {
        number: 3,
        code: "livelihood-support",
        question: words("기초생활 수급 자격이 있습니까?", "Do you receive basic livelihood support?"),
        answer: words("기초생활 수급 자격", "Basic livelihood support"),
        held: Some(words("있음", "Yes")),
        identifying: false,
        // The kinds of support and the household stay untold: that the paper is there and in force is the answer.
        parts: &[Part {
            papers: &["BasicLivelihoodCertificate"],
            claims: &[],
            optional: &[],
            only: None,
            required: true,
        }],
    },
    Question {
        number: 4,
        code: "identity",
        question: words("누구입니까?", "Who are you?"),
        answer: words("본인 확인", "Identity"),
        held: None,
        identifying: true,
        parts: &[Part {
            papers: &[
                "MobileResidentCard",
                "MobileDriverLicense",
                "AlienRegistrationCard",
                "YouthCard",
                "VeteranCard",
            ],
            claims: &[&["name"], &["birth"]],
            optional: &[&["portrait"]],
            only: None,
            required: true,
        }],
    },
    Question {
        number: 5,
        code: "tax-paid",
        question: words("밀린 국세가 없습니까?", "Are your national taxes paid?"),
        answer: words("밀린 세금", "Tax arrears"),
        held: None,
        // The certificate can say "0 won" and nothing else; whoever owes something tells nothing, not the amount.
        identifying: false,
        parts: &[
            Part {
                papers: &["NationalTaxPaymentCertificate"],
                claims: &[&["arrears"]],
                optional: &[],
                only: Some(0),
                required: true,
            },
            Part {
                papers: &["LocalTaxPaymentCertificate"],
                claims: &[&["arrears"]],
                optional: &[],
                only: Some(0),
                required: false,
            },
        ],
    },
];

/// Every question, by its number.
#[must_use]
pub fn all() -> &'static [Question] {
    QUESTIONS
}

/// The question with that number.
#[must_use]
pub fn by_number(number: u8) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.number == number)
}

/// The question with that code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.code == code)
}

/// Whether a claim says who somebody is: in a paper by its path, in a mobile document by name space and element. What is not known not to,
/// does.
#[must_use]
pub fn identifies(path: &ClaimPath) -> bool {
    let Some(names) = path.names() else { return true };
    let is_element = |name_space: &str, element: &str| {
        let ours = |kind: &PaperType| kind.mobile_document.is_some_and(|it| it.namespace == name_space);
        Catalogue.types().any(ours) && NOT_IDENTIFYING.iter().any(|known| known.join("_") == element)
    };
    let harmless = NOT_IDENTIFYING.contains(&names.as_slice())
        || matches!(names.as_slice(), [name_space, element] if is_element(name_space, element));
    !harmless
}

/// The query of a question that a verifier chose itself: these claims of one type of paper, all of them, as SD-JWT VC and, where it exists,
/// as mobile document.
#[must_use]
pub fn of_paper(kind: &PaperType, claims: &[&ClaimType]) -> Value {
    let claims: Vec<&'static [&'static str]> = claims.iter().map(|claim| claim.path).collect();
    dcql(&[Part { papers: &[kind.key], claims: &claims, optional: &[], only: None, required: true }])
}

fn dcql(parts: &[Part<'_>]) -> Value {
    let mut credentials = Vec::new();
    let mut sets = Vec::new();
    for part in parts {
        let mut options = Vec::new();
        for kind in part.papers.iter().filter_map(|key| Catalogue.by_key(key)) {
            let mut option = |format: &str, meta: Value, path: &dyn Fn(&[&str]) -> Value| {
                // Short: the names travel in the answer.
                let id = format!("q{}", credentials.len());
                options.push(json!([id]));
                credentials.push(part.credential(&id, format, meta, path));
            };
            option("dc+sd-jwt", json!({ "vct_values": [kind.vct] }), &|path| json!(path));
            if let Some(document) = kind.mobile_document {
                option("mso_mdoc", json!({ "doctype_value": document.doctype }), &|path| {
                    json!([document.namespace, path.join("_")])
                });
            }
        }
        sets.push(json!({ "options": options, "required": part.required }));
    }
    json!({ "credentials": credentials, "credential_sets": sets })
}

impl Question {
    /// The question as a query: for each paper an SD-JWT VC and, where it exists, the mobile document, each an option of its own.
    #[must_use]
    pub fn dcql(&self) -> Value {
        dcql(self.parts)
    }

    /// Whether there is one thing to tell, whichever paper tells it: then [`Self::answer`] is what it is called. Else each is called as its
    /// paper has it.
    #[must_use]
    pub fn has_one_answer(&self) -> bool {
        matches!(self.parts, [part] if part.claims.len() + part.optional.len() == 1)
    }

    /// Whether a paper of this type can answer.
    #[must_use]
    pub fn asks_for(&self, kind: &PaperType) -> bool {
        self.parts.iter().any(|part| part.papers.contains(&kind.key))
    }
}

impl Part<'_> {
    fn credential(&self, id: &str, format: &str, meta: Value, path: &dyn Fn(&[&str]) -> Value) -> Value {
        let mut credential = Map::new();
        credential.insert("id".to_owned(), id.into());
        credential.insert("format".to_owned(), format.into());
        credential.insert("meta".to_owned(), meta);
        let asked = self.claims.iter().chain(self.optional).enumerate();
        let claims: Vec<Value> = asked
            .map(|(place, claim)| {
                let mut claim = json!({ "id": format!("c{place}"), "path": path(claim) });
                if place == 0
                    && let Some(only) = self.only
                    && let Some(members) = claim.as_object_mut()
                {
                    members.insert("values".to_owned(), json!([only]));
                }
                claim
            })
            .collect();
        if !claims.is_empty() {
            credential.insert("claims".to_owned(), Value::Array(claims));
        }
        if !self.optional.is_empty() {
            // The larger combination first: the verifier would rather have it. The wallet starts from the smaller one.
            let names = |count: usize| (0..count).map(|place| format!("c{place}")).collect::<Vec<_>>();
            let (fewer, more) = (names(self.claims.len()), names(self.claims.len() + self.optional.len()));
            credential.insert("claim_sets".to_owned(), json!([more, fewer]));
        }
        Value::Object(credential)
    }
}
