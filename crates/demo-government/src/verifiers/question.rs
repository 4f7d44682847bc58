//! From what the data say that a verifier asks to a query (OpenID4VP 1.0 section 6), by way of the catalogue.

use civic::{Catalogue, ClaimType, PaperType};
use dcql::Query;
use primitives::{ClaimPath, PathElement};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trust::CredentialType;
use trust::registration::RegisteredItem;
use verifier::{Caption, Title};

use super::statements::Statements;
use crate::error::GovernmentError;

/// A verifier as the data have it.
#[derive(Clone, Deserialize)]
pub(crate) struct VerifierData {
    pub(crate) id: String,
    pub(crate) ko: String,
    pub(crate) purpose: String,
    pub(crate) ask: Map<String, Value>,
    pub(crate) optional: Map<String, Value>,
    pub(crate) retention: String,
    pub(crate) basis: String,
}

/// What a verifier asks, in every form that is needed of it.
pub(crate) struct Asked {
    pub(crate) query: Query,
    pub(crate) captions: Vec<Caption>,
    pub(crate) titles: Vec<Title>,
    pub(crate) items: Vec<RegisteredItem>,
}

/// Collects the parts of the query.
#[derive(Default)]
struct Builder {
    credentials: Vec<Value>,
    captions: Vec<Caption>,
    titles: Vec<Title>,
    items: Vec<RegisteredItem>,
}

impl Asked {
    /// The question of a verifier.
    pub(crate) fn of(data: &VerifierData, said: &Statements) -> Result<Self, GovernmentError> {
        let mut builder = Builder::default();
        let mut sets: Vec<Value> = Vec::new();
        match data.ask.get("any") {
            // Each option is one paper; the data have the least telling first.
            Some(options) => {
                let mut ids = Vec::new();
                for option in options.as_array().ok_or(GovernmentError::Data)? {
                    let option = option.as_object().ok_or(GovernmentError::Data)?;
                    let (key, claims) = option.iter().next().ok_or(GovernmentError::Data)?;
                    ids.push(json!([builder.paper(key, &names(claims)?, &[], true)?]));
                }
                sets.push(json!({ "options": ids }));
            }
            None => {
                let mut required = Vec::new();
                for (key, claims) in &data.ask {
                    // What is optional of the same paper is a larger set of its claims.
                    let more = data.optional.get(key).map(names).transpose()?.unwrap_or_default();
                    required.push(builder.paper(key, &names(claims)?, &more, false)?);
                }
                let mut options = vec![json!(required)];
                if said.mobile_document {
                    let mut documents = Vec::new();
                    for (key, claims) in &data.ask {
                        documents.push(builder.mobile_document(key, &names(claims)?)?);
                    }
                    options.push(json!(documents));
                }
                let mut optional = Vec::new();
                for (key, claims) in data.optional.iter().filter(|(key, _)| !data.ask.contains_key(*key)) {
                    let id = builder.paper(key, &names(claims)?, &[], false)?;
                    optional.push(json!({ "options": [[id]], "required": false }));
                }
                if options.len() > 1 || !optional.is_empty() {
                    sets.push(json!({ "options": options }));
                    sets.extend(optional);
                }
            }
        }
        let mut query = json!({ "credentials": builder.credentials });
        if !sets.is_empty()
            && let Some(members) = query.as_object_mut()
        {
            members.insert("credential_sets".to_owned(), Value::Array(sets));
        }
        Ok(Self {
            query: Query::from_value(query).map_err(|_| GovernmentError::Data)?,
            captions: builder.captions,
            titles: builder.titles,
            items: builder.items,
        })
    }

    /// The items of a registration that covers only these claims.
    pub(crate) fn registered_only(&self, names: &[&str]) -> Vec<RegisteredItem> {
        let covered = |path: &ClaimPath| names.iter().any(|name| *path == ClaimPath::top_level(*name));
        let item = |item: &RegisteredItem| RegisteredItem {
            credential: item.credential.clone(),
            claims: item.claims.iter().filter(|path| covered(path)).cloned().collect(),
        };
        self.items.iter().map(item).collect()
    }
}

impl Builder {
    /// Asks for claims of a paper; with `more`, rather for those too. Gives the name of the Credential Query.
    fn paper(
        &mut self,
        key: &str,
        claims: &[&str],
        more: &[&str],
        must_be_true: bool,
    ) -> Result<String, GovernmentError> {
        let kind = kind_of(key)?;
        let mut queries = Vec::new();
        let mut paths = Vec::new();
        for name in claims.iter().chain(more) {
            let (path, known) = claim_of(kind, name)?;
            let mut query = json!({ "id": format!("c{}", queries.len()), "path": path });
            // A ticket at a reduced fare is for those to whom it applies: a "no" is no answer.
            if must_be_true
                && known.is_some_and(|claim| claim.kind == civic::Kind::Boolean)
                && let Some(members) = query.as_object_mut()
            {
                members.insert("values".to_owned(), json!([true]));
            }
            queries.push(query);
            self.caption(kind.vct, &path, known);
            paths.push(path);
        }
        let mut credential = json!({
            "id": key,
            "format": "dc+sd-jwt",
            "meta": { "vct_values": [kind.vct] },
            "claims": queries,
        });
        if !more.is_empty()
            && let Some(members) = credential.as_object_mut()
        {
            let id = |place: usize| format!("c{place}");
            let all: Vec<String> = (0..claims.len() + more.len()).map(id).collect();
            let fewer: Vec<String> = (0..claims.len()).map(id).collect();
            members.insert("claim_sets".to_owned(), json!([all, fewer]));
        }
        self.credentials.push(credential);
        self.add(kind, kind.vct, CredentialType::sd_jwt_vc(kind.vct), paths);
        Ok(key.to_owned())
    }

    /// Asks for the same claims of the mobile document.
    fn mobile_document(&mut self, key: &str, claims: &[&str]) -> Result<String, GovernmentError> {
        let kind = kind_of(key)?;
        let document = kind.mobile_document.ok_or(GovernmentError::Data)?;
        let mut paths = Vec::new();
        for name in claims {
            let known = claim_of(kind, name)?.1.ok_or(GovernmentError::Data)?;
            let element = known.element_identifier();
            let path = ClaimPath::of_names([document.namespace, element.as_str()])
                .map_err(|_| GovernmentError::Data)?;
            self.caption(document.doctype, &path, Some(known));
            paths.push(path);
        }
        let id = format!("{key}-mdoc");
        self.credentials.push(json!({
            "id": id,
            "format": "mso_mdoc",
            "meta": { "doctype_value": document.doctype },
            "claims": paths.iter().map(|path| json!({ "path": path })).collect::<Vec<_>>(),
        }));
        self.add(kind, document.doctype, CredentialType::mdoc(document.doctype), paths);
        Ok(id)
    }

    fn add(&mut self, kind: &PaperType, type_name: &str, credential: CredentialType, claims: Vec<ClaimPath>) {
        self.titles.push(Title { credential_type: type_name.to_owned(), text: kind.name.localized() });
        self.items.push(RegisteredItem { credential, claims });
    }

    fn caption(&mut self, type_name: &str, path: &ClaimPath, known: Option<&ClaimType>) {
        let Some(known) = known else { return };
        self.captions.push(Caption {
            credential_type: type_name.to_owned(),
            path: path.clone(),
            text: known.caption.localized(),
        });
    }
}

fn kind_of(key: &str) -> Result<&'static PaperType, GovernmentError> {
    Catalogue.by_key(key).ok_or(GovernmentError::Data)
}

fn names(claims: &Value) -> Result<Vec<&str>, GovernmentError> {
    let claims = claims.as_array().ok_or(GovernmentError::Data)?;
    claims.iter().map(|name| name.as_str().ok_or(GovernmentError::Data)).collect()
}

/// The claim that a name of the data stands for: `age>=19`, `address.sigungu`, a whole address where it has parts, or, where the paper
/// has no such claim (a whole resident number), just the name: it is asked for and never answered.
fn claim_of(
    kind: &PaperType,
    name: &str,
) -> Result<(ClaimPath, Option<&'static ClaimType>), GovernmentError> {
    let age = name.strip_prefix("age>=").map(|years| format!("ageOver{years}"));
    let parts: Vec<&str> = match &age {
        Some(age) => vec![age],
        None => name.split('.').collect(),
    };
    let whole: Vec<&str> = parts.iter().copied().chain(["full"]).collect();
    let known = kind.claim(&parts).or_else(|| kind.claim(&whole));
    let path = match known {
        Some(claim) => claim.claim_path().ok_or(GovernmentError::Data)?,
        None => {
            let elements = parts.iter().map(|part| PathElement::Name((*part).to_owned())).collect();
            ClaimPath::new(elements).map_err(|_| GovernmentError::Data)?
        }
    };
    Ok((path, known))
}
