//! What the government can be told to do, as values: by the program that runs it, by its console, and by another process of the same user.

use openid4vci::offer::{
    AuthorizationCodeGrant, CredentialOffer, Grants, InputMode, PreAuthorizedCodeGrant, TransactionCode,
};
use primitives::{CivilDate, UniqueNonEmpty};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use civic::Catalogue;
use civic::catalogue::Shelf;

use crate::desk::{Desk, OfferContext, types_of};
use crate::error::GovernmentError;
use crate::issue::{Form, MDOC_SUFFIX, of_identifier};
use crate::papers::{AddedNotice, Paper, Standing, portrait_address};
use crate::people::agency_of;
use crate::verifiers::kit::kit;
use crate::world::World;

/// The scheme of offer links.
const OFFER_SCHEME: &str = "openid-credential-offer";
/// Most notices that the console adds.
const ADDED_MAX: usize = 500;
/// Bounds of an added notice: won, days from today, characters of the title.
const AMOUNT_MIN: i64 = 10;
const AMOUNT_MAX: i64 = 1_000_000_000;
const DAYS_MAX: i64 = 366;
const TITLE_MAX: usize = 60;

/// How the wallet gets its access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GrantKind {
    /// A pre-authorized code in the offer; with this transaction code, if there is one (4 to 8 digits).
    PreAuthorized {
        /// The code that the person types in.
        tx_code: Option<String>,
    },
    /// The page in the browser.
    AuthorizationCode,
}

/// Which papers an offer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bundle {
    /// The person's first card, as SD-JWT VC.
    FirstCard,
    /// Everything that this agency has for the person, cards in both forms.
    Agency(String),
    /// These papers of one agency; an id with `.mdoc` is the card as mdoc.
    Papers(Vec<String>),
}

/// A notice to be issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewNotice {
    /// The type: a key of the catalogue's notices.
    pub kind: String,
    /// The agency; it has to issue this type.
    pub agency: String,
    /// The title.
    pub title: String,
    /// Won by the due date.
    pub amount: i64,
    /// The due date, in days from today.
    pub due_in_days: i64,
}

/// A person, as the first-run screen and the console show one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The day of birth, `YYYY-MM-DD`.
    pub birth_date: String,
    /// The drawn portrait as a `data:` address, a JPEG.
    pub portrait: String,
    /// A sentence about this invented person.
    pub story: String,
    /// The papers.
    pub papers: Vec<PaperView>,
}

/// A paper, without its claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaperView {
    /// The id.
    pub id: String,
    /// The type's key.
    pub kind: String,
    /// The title.
    pub title: String,
    /// The agency's id.
    pub agency: String,
    /// The shelf it lies on.
    pub shelf: String,
    /// Whether it exists as mdoc too.
    pub mobile_document: bool,
    /// Where it stands.
    pub standing: Standing,
}

/// One offer, as two links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferLinks {
    /// With the offer in it.
    pub by_value: String,
    /// With the address at which the offer is fetched: short, for QR codes.
    pub by_reference: String,
}

/// A command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Command {
    People,
    Offer {
        person: String,
        bundle: Bundle,
        grant: GrantKind,
    },
    /// The same, as a link by value and one by reference.
    OfferLinks {
        person: String,
        bundle: Bundle,
        grant: GrantKind,
    },
    AllOffers {
        person: String,
        grant: GrantKind,
    },
    SetStanding {
        paper: String,
        standing: Standing,
    },
    IssueNotice {
        person: String,
        notice: NewNotice,
    },
    SetStopped {
        service: String,
        stop: bool,
    },
    /// What a verifier needs to check screens without a network.
    DeskKit {
        verifier: String,
        port: u16,
    },
    Services,
}

/// Does it.
pub(crate) fn execute(world: &World, command: Command) -> Result<Value, GovernmentError> {
    match command {
        Command::People => value(&people(world)?),
        Command::Offer { person, bundle, grant } => {
            let papers = chosen(world, &person, &bundle)?;
            value(&offer(world, &person, &papers, &grant)?.1.link(OFFER_SCHEME))
        }
        Command::OfferLinks { person, bundle, grant } => {
            let papers = chosen(world, &person, &bundle)?;
            let (desk, offer) = offer(world, &person, &papers, &grant)?;
            let reference = desk.publish_offer(offer.to_json(), world.now())?;
            value(&OfferLinks {
                by_value: offer.link(OFFER_SCHEME),
                by_reference: CredentialOffer::link_by_reference(OFFER_SCHEME, &reference),
            })
        }
        Command::AllOffers { person, grant } => value(&all_offers(world, &person, &grant)?),
        Command::SetStanding { paper, standing } => {
            set_standing(world, &paper, standing).map(|()| Value::Null)
        }
        Command::IssueNotice { person, notice } => value(&issue_notice(world, &person, &notice)?),
        Command::SetStopped { service, stop } => world.set_stopped(&service, stop).map(|()| Value::Null),
        Command::DeskKit { verifier, port } => value(&kit(world, &verifier, port)?),
        Command::Services => {
            let services: Vec<(String, bool)> = world
                .services()
                .into_iter()
                .map(|service| {
                    let running = !world.is_stopped(&service);
                    (service, running)
                })
                .collect();
            value(&services)
        }
    }
}

fn value<T: Serialize>(result: &T) -> Result<Value, GovernmentError> {
    serde_json::to_value(result).map_err(|_| GovernmentError::Data)
}

fn view(world: &World, paper: &Paper) -> PaperView {
    PaperView {
        id: paper.id.clone(),
        kind: paper.kind.key.to_owned(),
        title: paper.title.clone(),
        agency: paper.agency.clone(),
        shelf: paper.kind.shelf.key().to_owned(),
        mobile_document: paper.kind.mobile_document.is_some(),
        standing: world.standing(paper),
    }
}

pub(crate) fn people(world: &World) -> Result<Vec<PersonView>, GovernmentError> {
    let person = |person: &crate::people::Person| {
        let papers = world.papers_of(&person.id)?;
        Ok(PersonView {
            id: person.id.clone(),
            name: person.name.clone(),
            birth_date: person.birth_date.clone(),
            portrait: portrait_address(person)?,
            story: person.story.clone(),
            papers: papers.iter().map(|paper| view(world, paper)).collect(),
        })
    };
    world.country.personas.iter().map(person).collect()
}

/// The credential identifiers of a bundle.
fn chosen(world: &World, person: &str, bundle: &Bundle) -> Result<Vec<String>, GovernmentError> {
    let papers = world.papers_of(person)?;
    match bundle {
        Bundle::FirstCard => {
            let card = papers.iter().find(|paper| paper.kind.shelf == Shelf::Identity);
            Ok(vec![card.ok_or(GovernmentError::UnknownPaper)?.id.clone()])
        }
        Bundle::Agency(agency) => Ok(of_agency(&papers, agency)),
        Bundle::Papers(ids) => Ok(ids.clone()),
    }
}

fn of_agency(papers: &[Paper], agency: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for paper in papers.iter().filter(|paper| paper.agency == agency) {
        ids.push(paper.id.clone());
        if paper.kind.mobile_document.is_some() {
            ids.push(format!("{}{MDOC_SUFFIX}", paper.id));
        }
    }
    ids
}

/// The configuration that a credential identifier belongs to.
pub(crate) fn configuration_of(paper: &Paper, form: Form) -> Result<String, GovernmentError> {
    match form {
        Form::SdJwtVc => Ok(paper.kind.key.to_owned()),
        Form::Mdoc if paper.kind.mobile_document.is_some() => Ok(format!("{}{MDOC_SUFFIX}", paper.kind.key)),
        Form::Mdoc => Err(GovernmentError::UnknownPaper),
    }
}

fn offer<'w>(
    world: &'w World,
    person: &str,
    identifiers: &[String],
    grant: &GrantKind,
) -> Result<(&'w Desk, CredentialOffer), GovernmentError> {
    let papers = world.papers_of(person)?;
    let mut agency: Option<&str> = None;
    let mut pairs: Vec<(String, String)> = Vec::new();
    for identifier in identifiers {
        let (id, form) = of_identifier(identifier);
        let paper = papers.iter().find(|paper| paper.id == id).ok_or(GovernmentError::UnknownPaper)?;
        if agency.is_some_and(|agency| agency != paper.agency) {
            return Err(GovernmentError::SeveralAgencies);
        }
        agency = Some(&paper.agency);
        let pair = (configuration_of(paper, form)?, identifier.clone());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    let desk = world.desks.get(agency.ok_or(GovernmentError::UnknownPaper)?);
    let desk = desk.ok_or(GovernmentError::UnknownService)?;
    let mut configurations: Vec<String> = Vec::new();
    for (configuration, _) in &pairs {
        if !configurations.contains(configuration) {
            configurations.push(configuration.clone());
        }
    }
    let context = OfferContext { person: person.to_owned(), papers: pairs };
    let mut grants = Grants::default();
    match grant {
        GrantKind::PreAuthorized { tx_code } => {
            let described = tx_code.as_deref().map(described).transpose()?;
            let code = desk.pre_authorize(&context, tx_code.as_deref(), world.now())?;
            grants.pre_authorized_code = Some(PreAuthorizedCodeGrant::new(code, described));
        }
        GrantKind::AuthorizationCode => {
            let state = desk.remember_offer(context, world.now())?;
            grants.authorization_code =
                Some(AuthorizationCodeGrant { issuer_state: Some(state), authorization_server: None });
        }
    }
    let configurations = UniqueNonEmpty::new(configurations).map_err(|_| GovernmentError::UnknownPaper)?;
    Ok((desk, CredentialOffer::new(desk.identifier.clone(), configurations, grants)))
}

fn described(code: &str) -> Result<TransactionCode, GovernmentError> {
    let fits = (4..=8).contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit());
    if !fits {
        return Err(GovernmentError::TransactionCode);
    }
    Ok(TransactionCode {
        input_mode: InputMode::Numeric,
        length: u32::try_from(code.len()).ok(),
        description: Some("시연 콘솔에 보이는 번호를 넣으세요".to_owned()),
    })
}

/// One offer for each agency that has something for the person.
fn all_offers(world: &World, person: &str, grant: &GrantKind) -> Result<Vec<String>, GovernmentError> {
    let papers = world.papers_of(person)?;
    let in_force = |paper: &&Paper| matches!(world.standing(paper), Standing::Valid | Standing::Paid);
    let papers: Vec<Paper> = papers.iter().filter(in_force).cloned().collect();
    let mut agencies: Vec<&str> = Vec::new();
    for paper in &papers {
        if !agencies.contains(&paper.agency.as_str()) {
            agencies.push(&paper.agency);
        }
    }
    let link = |agency: &&str| {
        offer(world, person, &of_agency(&papers, agency), grant).map(|(_, offer)| offer.link(OFFER_SCHEME))
    };
    agencies.iter().map(link).collect()
}

fn set_standing(world: &World, id: &str, standing: Standing) -> Result<(), GovernmentError> {
    let paper = world.paper(id)?;
    if standing == Standing::Paid && !paper.is_notice() {
        return Err(GovernmentError::NotANotice);
    }
    world.set_standing(&paper.id, standing)
}

/// Adds the notice and gives its id.
fn issue_notice(world: &World, person: &str, notice: &NewNotice) -> Result<String, GovernmentError> {
    if world.country.person(person).is_none() {
        return Err(GovernmentError::UnknownPerson);
    }
    let kind = Catalogue.by_key(&notice.kind).filter(|kind| kind.shelf == Shelf::Notices);
    let kind = kind.ok_or(GovernmentError::NotANotice)?;
    if agency_of(&notice.agency).is_none() {
        return Err(GovernmentError::UnknownService);
    }
    if !types_of(&notice.agency, &world.country).iter().any(|known| known.key == kind.key) {
        return Err(GovernmentError::UnknownService);
    }
    let title = notice.title.trim();
    let fits = (AMOUNT_MIN..=AMOUNT_MAX).contains(&notice.amount)
        && (0..=DAYS_MAX).contains(&notice.due_in_days)
        && !title.is_empty()
        && title.chars().count() <= TITLE_MAX
        && !civic::mask::looks_like_resident_number(title);
    if !fits {
        return Err(GovernmentError::NoticeBounds);
    }
    let today: CivilDate = world.today();
    world.change(|state| {
        if state.notices.len() >= ADDED_MAX {
            return Err(GovernmentError::Full);
        }
        let id = format!("{person}n-new-{}", state.next_notice);
        state.next_notice += 1;
        state.notices.push(AddedNotice {
            id: id.clone(),
            person: person.to_owned(),
            kind: kind.key.to_owned(),
            agency: notice.agency.clone(),
            title: title.to_owned(),
            amount: notice.amount / 10 * 10,
            due: today.plus_days(notice.due_in_days),
            issued: today,
        });
        Ok(id)
    })
}
