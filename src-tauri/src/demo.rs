//! What the first run shows of the demo: its people and the first card of the one who was chosen.

use demo_government::{Bundle, GrantKind, PersonView};
use launch::Launched;
use primitives::CivilDate;
use wallet::view::{DemoPersona, Text};

/// The people of the demo; empty with another profile, or where the government does not answer.
pub(crate) async fn personas(launched: &Launched, today: CivilDate) -> Vec<DemoPersona> {
    let Some(government) = &launched.government else { return Vec::new() };
    let people = government.personas().await.unwrap_or_default();
    people.into_iter().map(|person| persona(person, today)).collect()
}

/// A link to the first ID card of a person of the demo.
pub(crate) async fn first_offer(launched: &Launched, person: &str) -> Option<String> {
    let government = launched.government.as_ref()?;
    let grant = GrantKind::PreAuthorized { tx_code: None };
    government.offer(person, Bundle::FirstCard, grant).await.ok()
}

fn persona(person: PersonView, today: CivilDate) -> DemoPersona {
    DemoPersona {
        age: CivilDate::parse(&person.birth_date).map_or(0, |birth| birth.age_on(today)),
        id: person.id,
        name: person.name,
        summary: Text { ko: Some(person.story), en: None },
        portrait: Some(person.portrait),
    }
}
