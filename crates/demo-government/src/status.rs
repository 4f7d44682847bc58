//! Status lists: one for each agency, two bits a copy: 0 valid, 1 revoked, 2 suspended, 3 paid (a notice).
//!
//! A copy's place is drawn at random, so that neighbours in the list say nothing about one another (Token Status List section 12).

use primitives::Instant;
use primitives::http::{Method, Request, Response};
use trust::status::{Bits, Publication, StatusListBuilder, StatusState};

use crate::error::GovernmentError;
use crate::papers::{Paper, Standing};
use crate::state::IssuedCopy;
use crate::world::{ENTROPY, STATUS, World};

/// Places in one list.
const PLACES: u64 = 1 << 16;
/// Copies in one list: beyond this a random place is not found soon.
const COPIES_MAX: usize = 50_000;
/// A place is used again so long after its copy's end.
const KEEP_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How long a list may be kept by who fetched it, and how long it is valid: an outage of some days must not end every paper.
const TIME_TO_LIVE_SECONDS: u64 = 60;
const VALID_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What the list says of a notice that is paid.
pub const PAID: StatusState = StatusState::ApplicationSpecific(3);

/// The address of an agency's list.
pub(crate) fn uri(world: &World, agency: &str) -> String {
    format!("{}/{agency}/1", world.addresses.origin(STATUS))
}

/// Takes `count` places for copies of the paper.
pub(crate) fn reserve(
    world: &World,
    paper: &Paper,
    count: usize,
    until: Instant,
) -> Result<Vec<u64>, GovernmentError> {
    let now = world.now();
    world.change(|state| {
        let issued = state.issued.entry(paper.agency.clone()).or_default();
        issued.retain(|_, copy| copy.until + KEEP_SECONDS > now);
        if issued.len() + count > COPIES_MAX {
            return Err(GovernmentError::Full);
        }
        let mut places = Vec::with_capacity(count);
        while places.len() < count {
            let random = crypto::random::bytes::<8>(&ENTROPY).map_err(|_| GovernmentError::Certificates)?;
            let place = u64::from_le_bytes(random) % PLACES;
            if let std::collections::btree_map::Entry::Vacant(free) = issued.entry(place) {
                free.insert(IssuedCopy { paper: paper.id.clone(), until });
                places.push(place);
            }
        }
        Ok(places)
    })
}

fn state_of(standing: Standing) -> StatusState {
    match standing {
        Standing::Valid => StatusState::Valid,
        Standing::Revoked => StatusState::Invalid,
        Standing::Suspended => StatusState::Suspended,
        Standing::Paid => PAID,
    }
}

fn list(world: &World, agency: &str) -> Result<StatusListBuilder, GovernmentError> {
    let copies = world.state().issued.get(agency).cloned().unwrap_or_default();
    let mut list = StatusListBuilder::new(Bits::Two, PLACES).map_err(|_| GovernmentError::Certificates)?;
    let mut standings = std::collections::BTreeMap::new();
    for (place, copy) in &copies {
        let standing =
            *standings.entry(copy.paper.clone()).or_insert_with(|| match world.paper(&copy.paper) {
                Ok(paper) => world.standing(&paper),
                // what the agency no longer knows it does not vouch for
                Err(_) => Standing::Revoked,
            });
        list.set(*place, state_of(standing)).map_err(|_| GovernmentError::Certificates)?;
    }
    Ok(list)
}

/// Answers requests to `status.localhost`: `/AGENCY/1`, as JWT, or as CWT to who asks for that.
pub(crate) fn answer(world: &World, request: &Request) -> Response {
    let path = request.url.path();
    let agency = path.strip_prefix('/').and_then(|path| path.strip_suffix("/1")).unwrap_or("");
    if request.method != Method::Get || !world.desks.contains_key(agency) {
        return Response::new(404, "");
    }
    published(world, agency, request.header("accept")).unwrap_or_else(|_| Response::new(500, ""))
}

fn publication(world: &World, agency: &str) -> Publication {
    let now = world.now();
    Publication {
        uri: uri(world, agency),
        issued_at: now,
        expires_at: Some(now + VALID_SECONDS),
        time_to_live: Some(TIME_TO_LIVE_SECONDS),
    }
}

/// An agency's list as it is now, as JWT.
pub(crate) fn token(world: &World, agency: &str) -> Result<String, GovernmentError> {
    let signer = &world.pki.status_signer;
    let token = list(world, agency)?.sign_jwt(&publication(world, agency), &signer.chain, &signer.key);
    token.map_err(|_| GovernmentError::Certificates)
}

fn published(world: &World, agency: &str, accept: Option<&str>) -> Result<Response, GovernmentError> {
    const CWT: &str = "application/statuslist+cwt";
    const JWT: &str = "application/statuslist+jwt";
    let list = list(world, agency)?;
    let publication = publication(world, agency);
    let signer = &world.pki.status_signer;
    let binary = accept.is_some_and(|accept| accept.contains(CWT) && !accept.contains(JWT));
    let (kind, body) = if binary {
        (CWT, list.sign_cwt(&publication, &signer.chain, &signer.key))
    } else {
        (JWT, list.sign_jwt(&publication, &signer.chain, &signer.key).map(String::into_bytes))
    };
    let body = body.map_err(|_| GovernmentError::Certificates)?;
    Ok(Response::new(200, body).with_header("content-type", kind).with_header("cache-control", "no-store"))
}
