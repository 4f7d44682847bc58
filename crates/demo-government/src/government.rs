//! The government as a value: started in this process, or attached to where it already runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host::lock::{FolderLock, LockError};
use host::{AddressPolicy, HttpClient, TlsRoots};
use primitives::http::Request;
use primitives::{Clock, Http as _};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;
use vault::files;

use crate::command::{Bundle, Command, GrantKind, NewNotice, OfferLinks, PersonView, execute};
use crate::error::GovernmentError;
use crate::lists;
use crate::pages;
use crate::papers::Standing;
use crate::people::Country;
use crate::pki::Pki;
use crate::provider::Provider;
use crate::server;
use crate::state::{self, PORTS_FILE, PROFILE_FILE, Ports, State};
use crate::status;
use verifier::protocol_router;

use crate::verifiers::Verifiers;
use crate::verifiers::identification::{self, Identification};
use crate::world::{Addresses, ENTROPY, STATUS, TRUST, WALLET_PROVIDER, World};

/// The folder's name in the user's data folder.
const FOLDER_NAME: &str = "citizen-wallet-demo-government";
/// The ports of a first start where nobody says otherwise: this one and the next.
const PORT_BASE: u16 = 27_443;
/// How often, and how far apart, a process that holds the folder is asked whether it is there.
const ATTACH_TRIES: u32 = 40;
const ATTACH_PAUSE: Duration = Duration::from_millis(250);
/// The largest answer of a government to an attached process, in bytes.
const ANSWER_MAX_BYTES: usize = 4 * 1024 * 1024;

/// How the government is started.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where its state is; the user's data folder where this is `None`.
    pub folder: Option<PathBuf>,
    /// Its ports at the first start: this one and the next; `Some(0)` takes any two that are free. Later starts keep the ports,
    /// since papers name them.
    pub port_base: Option<u16>,
}

/// The demo government (시연용).
pub struct Government {
    folder: PathBuf,
    addresses: Addresses,
    profile: String,
    side: Side,
}

enum Side {
    Running(Box<Running>),
    Attached { client: HttpClient, control: String },
}

struct Running {
    world: Arc<World>,
    listeners: Vec<JoinHandle<()>>,
    doors: Doors,
    _lock: FolderLock,
}

/// What answers behind the two ports.
#[derive(Clone)]
struct Doors {
    config: Arc<rustls::ServerConfig>,
    services: BTreeMap<String, axum::Router>,
    pages: axum::Router,
}

impl Doors {
    fn open(&self, world: &Arc<World>, tls: TcpListener, plain: TcpListener) -> Vec<JoinHandle<()>> {
        let Self { config, services, pages } = self.clone();
        vec![
            tokio::spawn(server::serve_tls(tls, Arc::clone(world), config, services)),
            tokio::spawn(server::serve_pages(plain, Arc::clone(world), pages)),
        ]
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}

impl Government {
    /// Starts the government, or attaches to the one that runs on the same folder.
    ///
    /// Inside a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn start(config: Config) -> Result<Self, GovernmentError> {
        Self::start_at(config, Arc::new(host::SystemClock)).await
    }

    /// The same by a clock of the caller's; one that is attached to keeps its own. TLS goes by the clock of this computer all the same.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn start_at(config: Config, clock: Arc<dyn Clock>) -> Result<Self, GovernmentError> {
        let folder = match config.folder {
            Some(folder) => folder,
            None => default_folder().ok_or(GovernmentError::NoFolder)?,
        };
        match FolderLock::acquire(&folder) {
            Ok(lock) => run(folder, config.port_base, lock, clock).await,
            Err(LockError::InUse) => attach(folder).await,
            Err(LockError::Denied | LockError::Failed) => Err(GovernmentError::Files),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The folder with its state.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The profile file for wallets (version 1).
    #[must_use]
    pub fn profile_json(&self) -> &str {
        &self.profile
    }

    /// The console page.
    #[must_use]
    pub fn console(&self) -> String {
        format!("{}/", self.addresses.pages_origin())
    }

    /// Whether the government runs in another process.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        matches!(self.side, Side::Attached { .. })
    }

    /// The people and their papers.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn personas(&self) -> Result<Vec<PersonView>, GovernmentError> {
        self.told(Command::People).await
    }

    /// An offer link (`openid-credential-offer://…`) for papers of one agency.
    ///
    /// # Errors
    /// [`GovernmentError`]: unknown person or papers, papers of several agencies.
    pub async fn offer(
        &self,
        person: &str,
        bundle: Bundle,
        grant: GrantKind,
    ) -> Result<String, GovernmentError> {
        self.told(Command::Offer { person: person.to_owned(), bundle, grant }).await
    }

    /// The same offer as a link by value and a short one by reference, for a QR code.
    ///
    /// # Errors
    /// As [`Self::offer`].
    pub async fn offer_links(
        &self,
        person: &str,
        bundle: Bundle,
        grant: GrantKind,
    ) -> Result<OfferLinks, GovernmentError> {
        self.told(Command::OfferLinks { person: person.to_owned(), bundle, grant }).await
    }

    /// One offer link for each agency that has something for the person.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn all_offers(&self, person: &str, grant: GrantKind) -> Result<Vec<String>, GovernmentError> {
        self.told(Command::AllOffers { person: person.to_owned(), grant }).await
    }

    /// Registers a wallet as a client that authenticates itself at an agency with this key (`private_key_jwt`), until the government ends.
    ///
    /// # Errors
    /// [`GovernmentError::UnknownService`]: there is no such agency, or another process runs the government.
    pub fn register_client(
        &self,
        agency: &str,
        client_id: &str,
        key: crypto::PublicKey,
    ) -> Result<(), GovernmentError> {
        let Side::Running(running) = &self.side else { return Err(GovernmentError::UnknownService) };
        let desk = running.world.desks.get(agency).ok_or(GovernmentError::UnknownService)?;
        desk.register_client(client_id, key);
        Ok(())
    }

    /// Revokes every copy of a paper.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn revoke(&self, paper: &str) -> Result<(), GovernmentError> {
        self.set_standing(paper, Standing::Revoked).await
    }

    /// Suspends every copy of a paper.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn suspend(&self, paper: &str) -> Result<(), GovernmentError> {
        self.set_standing(paper, Standing::Suspended).await
    }

    /// Puts a paper back in force.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn restore(&self, paper: &str) -> Result<(), GovernmentError> {
        self.set_standing(paper, Standing::Valid).await
    }

    /// Marks a notice as paid.
    ///
    /// # Errors
    /// [`GovernmentError`]; [`GovernmentError::NotANotice`].
    pub async fn mark_paid(&self, notice: &str) -> Result<(), GovernmentError> {
        self.set_standing(notice, Standing::Paid).await
    }

    async fn set_standing(&self, paper: &str, standing: Standing) -> Result<(), GovernmentError> {
        self.told(Command::SetStanding { paper: paper.to_owned(), standing }).await
    }

    /// Issues a new notice to a person and gives its id; an offer for it is made with [`Government::offer`].
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn issue_notice(&self, person: &str, notice: NewNotice) -> Result<String, GovernmentError> {
        self.told(Command::IssueNotice { person: person.to_owned(), notice }).await
    }

    /// Stops a service: connections to it end without an answer.
    ///
    /// # Errors
    /// [`GovernmentError::UnknownService`].
    pub async fn stop_service(&self, service: &str) -> Result<(), GovernmentError> {
        self.told(Command::SetStopped { service: service.to_owned(), stop: true }).await
    }

    /// Starts a stopped service.
    ///
    /// # Errors
    /// [`GovernmentError::UnknownService`].
    pub async fn start_service(&self, service: &str) -> Result<(), GovernmentError> {
        self.told(Command::SetStopped { service: service.to_owned(), stop: false }).await
    }

    /// Every service, and whether it runs.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub async fn services(&self) -> Result<Vec<(String, bool)>, GovernmentError> {
        self.told(Command::Services).await
    }

    /// An outage: nothing listens any more and every connection ends, until [`Self::restore_power`]. What the services know stays. Nothing
    /// happens where the government runs in another process.
    pub async fn cut_power(&mut self) {
        if let Side::Running(running) = &mut self.side {
            for listener in std::mem::take(&mut running.listeners) {
                listener.abort();
                // aborted: the error says so
                let _ = listener.await;
            }
        }
    }

    /// The end of an outage: the same services at the same ports.
    ///
    /// # Errors
    /// [`GovernmentError::PortTaken`]: somebody else listens there by now.
    pub async fn restore_power(&mut self) -> Result<(), GovernmentError> {
        let Side::Running(running) = &mut self.side else { return Ok(()) };
        if running.listeners.is_empty() {
            let (tls, plain) = (bind(self.addresses.https).await?, bind(self.addresses.pages).await?);
            running.listeners = running.doors.open(&running.world, tls, plain);
        }
        Ok(())
    }

    /// Ends the government if it runs in this process: its connections end, its ports and its folder are free again.
    pub async fn stop(mut self) {
        self.cut_power().await;
    }

    pub(crate) async fn told<T: DeserializeOwned>(&self, command: Command) -> Result<T, GovernmentError> {
        let answer = match &self.side {
            Side::Running(running) => {
                let world = Arc::clone(&running.world);
                let done = tokio::task::spawn_blocking(move || execute(&world, command)).await;
                done.map_err(|_| GovernmentError::Data)??
            }
            Side::Attached { client, control } => self.ask(client, control, &command).await?,
        };
        serde_json::from_value(answer).map_err(|_| GovernmentError::NoAnswer)
    }

    async fn ask(
        &self,
        client: &HttpClient,
        control: &str,
        command: &Command,
    ) -> Result<Value, GovernmentError> {
        let url = Url::parse(&format!("{}{}", self.addresses.pages_origin(), pages::CONTROL_PATH))
            .map_err(|_| GovernmentError::NoAnswer)?;
        let command = serde_json::to_value(command).map_err(|_| GovernmentError::Data)?;
        let request = Request::post_json(url, &command)
            .with_header("authorization", format!("Bearer {control}"))
            .with_max_response_bytes(ANSWER_MAX_BYTES);
        let response = client.send(request).await.map_err(|_| GovernmentError::NoAnswer)?;
        let body = response.json().map_err(|_| GovernmentError::NoAnswer)?;
        if response.status == 200 {
            return Ok(body);
        }
        Err(body
            .get("error")
            .and_then(Value::as_str)
            .map_or(GovernmentError::NoAnswer, GovernmentError::from_code))
    }
}

/// The folder in the user's data folder, beside the wallet's.
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    host::paths::data_folder().map(|wallet| wallet.with_file_name(FOLDER_NAME))
}

async fn run(
    folder: PathBuf,
    port_base: Option<u16>,
    lock: FolderLock,
    clock: Arc<dyn Clock>,
) -> Result<Government, GovernmentError> {
    let known = state::read_json::<Ports>(&folder, PORTS_FILE)?;
    let (tls, plain) = listeners(known.as_ref(), port_base).await?;
    let addresses = Addresses { https: port(&tls)?, pages: port(&plain)? };
    let now = clock.now();
    let token = || crypto::random::token(&ENTROPY).map_err(|_| GovernmentError::Certificates);
    let (control, csrf) = (token()?, token()?);
    let opened = folder.clone();
    let ports = Ports { https: addresses.https, pages: addresses.pages, control: control.clone() };
    // keys and files: off the threads that move bytes
    let made = tokio::task::spawn_blocking(move || {
        let country = Country::load()?;
        let pki = Pki::load(&opened, now)?;
        let state = State::load(&opened, now)?;
        state.save(&opened)?;
        let profile = lists::profile(&pki, &country, addresses)?;
        files::write_atomically(&opened, PROFILE_FILE, profile.as_bytes())?;
        let world = World::new(opened.clone(), country, pki, addresses, control, csrf, state)?;
        let world = Arc::new(world.at(clock));
        lists::trust_list(&world)?;
        let verifiers = Verifiers::new(&world)?;
        let identification = Arc::new(Identification::new(&world)?);
        let mut services = services(&world, &verifiers);
        services.insert(identification::ID.to_owned(), protocol_router(Arc::clone(&identification.desk)));
        let config = server::tls_config(&world, services.keys().cloned())?;
        Ok::<_, GovernmentError>((world, verifiers, identification, services, config, profile))
    });
    let (world, verifiers, identification, services, config, profile) =
        made.await.map_err(|_| GovernmentError::Certificates)??;
    let pages = pages::router(&world, identification).merge(verifiers.pages());
    let doors = Doors { config, services, pages };
    let listeners = doors.open(&world, tls, plain);
    // last: who reads this file finds everything else there
    state::write_json(&folder, PORTS_FILE, &ports)?;
    let side = Side::Running(Box::new(Running { world, listeners, doors, _lock: lock }));
    Ok(Government { folder, addresses, profile, side })
}

fn services(world: &Arc<World>, verifiers: &Verifiers) -> BTreeMap<String, axum::Router> {
    let mut services = verifiers.services();
    for agency in world.desks.keys() {
        let id = agency.clone();
        let router = server::service(world, agency, move |world, request| match world.desks.get(&id) {
            Some(desk) => desk.answer(world, request),
            None => primitives::http::Response::new(404, ""),
        });
        services.insert(agency.clone(), router);
    }
    let provider = Provider::new();
    let answer = move |world: &World, request: &Request| provider.answer(world, request);
    services.insert(WALLET_PROVIDER.to_owned(), server::service(world, WALLET_PROVIDER, answer));
    services.insert(TRUST.to_owned(), server::service(world, TRUST, lists::answer));
    services.insert(STATUS.to_owned(), server::service(world, STATUS, status::answer));
    services
}

fn port(listener: &TcpListener) -> Result<u16, GovernmentError> {
    listener.local_addr().map(|address| address.port()).map_err(|_| GovernmentError::Files)
}

async fn bind(port: u16) -> Result<TcpListener, GovernmentError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|_| GovernmentError::PortTaken(port))
}

async fn listeners(
    known: Option<&Ports>,
    base: Option<u16>,
) -> Result<(TcpListener, TcpListener), GovernmentError> {
    match (known, base) {
        (Some(ports), _) => Ok((bind(ports.https).await?, bind(ports.pages).await?)),
        (None, Some(0)) => Ok((bind(0).await?, bind(0).await?)),
        (None, Some(base)) => Ok((bind(base).await?, bind(base.saturating_add(1)).await?)),
        (None, None) => match (bind(PORT_BASE).await, bind(PORT_BASE + 1).await) {
            (Ok(tls), Ok(plain)) => Ok((tls, plain)),
            _ => Ok((bind(0).await?, bind(0).await?)),
        },
    }
}

/// Reads where the running government is and checks that it answers. It may be starting just now.
async fn attach(folder: PathBuf) -> Result<Government, GovernmentError> {
    for _ in 0..ATTACH_TRIES {
        let ports = state::read_json::<Ports>(&folder, PORTS_FILE)?;
        let profile = files::read_bounded(&folder.join(PROFILE_FILE), state::FILE_MAX_BYTES)?;
        if let (Some(ports), Some(profile)) = (ports, profile) {
            let addresses = Addresses { https: ports.https, pages: ports.pages };
            let allowed = host::http::PortSet::These([ports.pages].into());
            let policy = AddressPolicy::with_loopback(allowed, true);
            let client = HttpClient::new(policy, &TlsRoots::only(Vec::new()))
                .map_err(|_| GovernmentError::NoAnswer)?;
            let side = Side::Attached { client, control: ports.control };
            let profile = String::from_utf8(profile).map_err(|_| GovernmentError::Damaged)?;
            let government = Government { folder: folder.clone(), addresses, profile, side };
            if government.services().await.is_ok() {
                return Ok(government);
            }
        }
        tokio::time::sleep(ATTACH_PAUSE).await;
    }
    Err(GovernmentError::NoAnswer)
}
