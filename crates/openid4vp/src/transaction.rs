//! Transaction data (OpenID4VP 1.0 sections 5.1, 8.4, B.2.4 and B.3.3; VP-T1 to VP-T4): what a citizen approves together with a
//! presentation, bound to it by a hash over the text as it was received.
//!
//! What a type means is the application's: it hands in the [`TransactionType`]s that it can show. A request with any other is refused whole.

use dcql::{CredentialQuery, Identifier, Query};
use primitives::{base64url, json};
use serde_json::{Map, Value};

use crate::limits;

/// The only hash over transaction data (VP-T3).
pub(crate) const HASH: &str = "sha-256";

/// A type of transaction that the application knows how to show.
#[derive(Debug, Clone, Copy)]
pub struct TransactionType {
    /// `type`.
    pub name: &'static str,
    /// Whether an object's own members, those of OpenID4VP left out, are exactly what the type asks for (VP-T1).
    pub fits: fn(&Map<String, Value>) -> bool,
    /// The name space and element in which a mobile document's device carries the hashes, if the issuer lets it (VP-T4).
    pub element: (&'static str, &'static str),
}

impl PartialEq for TransactionType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.element == other.element
    }
}

impl Eq for TransactionType {}

/// One transaction of a request, of a known type and whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    kind: TransactionType,
    credential_ids: Vec<Identifier>,
    details: Map<String, Value>,
    text: String,
    names_algorithm: bool,
}

impl Transaction {
    /// `type`.
    pub fn type_name(&self) -> &'static str {
        self.kind.name
    }

    /// The type's own members, which fit it.
    pub fn details(&self) -> &Map<String, Value> {
        &self.details
    }

    /// The Credential Queries any one of whose presentations can carry the approval.
    pub fn credential_ids(&self) -> &[Identifier] {
        &self.credential_ids
    }

    /// The name space and element for mobile documents (VP-T4).
    pub fn element(&self) -> (&'static str, &'static str) {
        self.kind.element
    }

    /// The string of the request, never decoded and encoded again.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn names_algorithm(&self) -> bool {
        self.names_algorithm
    }

    /// The hash that stands for it in a presentation: over the string as received (VP-T3).
    pub(crate) fn hash(&self) -> String {
        base64url::encode(&crypto::sha256(self.text.as_bytes()))
    }

    pub(crate) fn may_be_carried_by(&self, query: &Identifier) -> bool {
        self.credential_ids.contains(query)
    }
}

/// Why `transaction_data` is refused (VP-T1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not an array of strings that each are a base64url JSON object with what every type has, or members that are not its type's.
    Malformed,
    /// A type or a hash algorithm that is not known.
    Unsupported,
    /// `credential_ids` names no Credential Query, or one without holder binding, which could not carry it.
    Credentials,
}

/// Reads `transaction_data` of a request: all of it, or none.
pub(crate) fn read(
    value: &Value,
    types: &[TransactionType],
    query: &Query,
) -> Result<Vec<Transaction>, Fault> {
    let entries = value.as_array().filter(|entries| !entries.is_empty()).ok_or(Fault::Malformed)?;
    if entries.len() > limits::MAX_TRANSACTION_DATA {
        return Err(Fault::Malformed);
    }
    let mut transactions: Vec<Transaction> = Vec::new();
    for entry in entries {
        let transaction = one(entry.as_str().ok_or(Fault::Malformed)?, types, query)?;
        // The same text twice has one hash: which of the two was approved could not be said.
        if transactions.iter().any(|known| known.text == transaction.text) {
            return Err(Fault::Malformed);
        }
        transactions.push(transaction);
    }
    Ok(transactions)
}

fn one(text: &str, types: &[TransactionType], query: &Query) -> Result<Transaction, Fault> {
    if text.len() > limits::MAX_TRANSACTION_DATA_BYTES {
        return Err(Fault::Malformed);
    }
    let bytes = base64url::decode(text).map_err(|_| Fault::Malformed)?;
    let mut details = json::parse_strict_object(&bytes, limits::MAX_TRANSACTION_DATA_BYTES)
        .map_err(|_| Fault::Malformed)?;
    let name = details.remove("type").ok_or(Fault::Malformed)?;
    let name = name.as_str().ok_or(Fault::Malformed)?;
    let credential_ids = details.remove("credential_ids").ok_or(Fault::Malformed)?;
    let credential_ids = non_empty_texts(&credential_ids).ok_or(Fault::Malformed)?;
    let algorithms = details.remove("transaction_data_hashes_alg");
    let kind = types.iter().find(|known| known.name == name).ok_or(Fault::Unsupported)?;
    if let Some(algorithms) = &algorithms
        && !non_empty_texts(algorithms).ok_or(Fault::Malformed)?.contains(&HASH)
    {
        return Err(Fault::Unsupported);
    }
    let credential_ids: Option<Vec<Identifier>> =
        credential_ids.iter().map(|id| carrier(query.credential(id)?)).collect();
    let credential_ids = credential_ids.ok_or(Fault::Credentials)?;
    if !(kind.fits)(&details) {
        return Err(Fault::Malformed);
    }
    Ok(Transaction {
        kind: *kind,
        credential_ids,
        details,
        text: text.to_owned(),
        names_algorithm: algorithms.is_some(),
    })
}

/// B.3.3: what is presented without a proof of the holder carries no approval.
fn carrier(query: &CredentialQuery) -> Option<Identifier> {
    query.holder_binding_required.then(|| query.id.clone())
}

fn non_empty_texts(value: &Value) -> Option<Vec<&str>> {
    let entries = value.as_array().filter(|entries| !entries.is_empty())?;
    entries.iter().map(Value::as_str).collect()
}

/// A transaction as a verifier asks for it: the string for `transaction_data`.
pub(crate) fn encode(name: &str, credential_ids: &[String], details: &Map<String, Value>) -> String {
    let mut object = Map::new();
    object.insert("type".to_owned(), name.into());
    object.insert("credential_ids".to_owned(), credential_ids.into());
    object.insert("transaction_data_hashes_alg".to_owned(), Value::from(vec![HASH]));
    object.extend(details.clone());
    base64url::encode(Value::Object(object).to_string().as_bytes())
}

/// The elements in which a mobile document's device carries these transactions: name space, element, hashes in the order of the request.
pub(crate) fn device_elements(transactions: &[&Transaction]) -> Vec<(&'static str, &'static str, Value)> {
    let mut elements: Vec<(&'static str, &'static str, Vec<Value>)> = Vec::new();
    for transaction in transactions {
        let (name_space, element) = transaction.element();
        let hash = Value::from(transaction.hash());
        match elements.iter_mut().find(|(space, name, _)| (*space, *name) == (name_space, element)) {
            Some((_, _, hashes)) => hashes.push(hash),
            None => elements.push((name_space, element, vec![hash])),
        }
    }
    elements.into_iter().map(|(space, name, hashes)| (space, name, Value::Array(hashes))).collect()
}
