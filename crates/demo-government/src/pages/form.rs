//! A form that was sent from our own page: same origin, and with the token that only our pages carry.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use url::form_urlencoded;

use crate::world::World;

/// The field with the token against requests that another site makes the browser send.
pub(crate) const CSRF_FIELD: &str = "csrf";

/// The fields of a form; a field that stands twice keeps its values in order.
pub(crate) struct Form(BTreeMap<String, Vec<String>>);

impl Form {
    /// The form, if it is one of ours.
    pub(crate) fn of(world: &World, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
        let own = world.addresses.pages_origin();
        // browsers send Origin with every POST; programs that send none have to know the token all the same
        if header(header::ORIGIN).is_some_and(|origin| origin != own) {
            return None;
        }
        let kind = header(header::CONTENT_TYPE).unwrap_or("");
        if primitives::http::essence(kind) != "application/x-www-form-urlencoded" {
            return None;
        }
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            fields.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        let form = Self(fields);
        let token = form.text(CSRF_FIELD).unwrap_or("");
        crypto::constant_time_eq(token.as_bytes(), world.csrf.as_bytes()).then_some(form)
    }

    /// The value of a field that stands once.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)?.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }

    /// All values of a field.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The hidden field for our own forms.
pub(crate) fn csrf(world: &World) -> String {
    format!("<input type=\"hidden\" name=\"{CSRF_FIELD}\" value=\"{}\">", super::html::escaped(&world.csrf))
}
