//! The application behind the window: started beside it, so that the window never waits; locked by itself; told of links.
//!
//! What blocks (keyring, Argon2id, database, screen) runs on threads of its own. What a paper, a request or a person means is
//! decided in `wallet`; how a wallet comes to be, in `launch`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use host::SystemClock;
use host::lock::LockError;
use host::qr::CameraReader;
use launch::{Desk, DeskError, Holder, LaunchError, Launched, Options, launch};
use primitives::{CivilDate, Clock as _, Refusal};
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use wallet::view::{
    AppError, DemoPersona, DeskFed, DeskRefreshed, DeskSaved, Found, Input, KeyringProblem, Marking,
    NetworkView, ProfileMark, Settings, Status, Text, WalletState,
};
use wallet::{Wallet, WalletError, keyring_problem};

use crate::idle::{Due, Idle};
use crate::links::Links;
use crate::{camera, demo, events, reading};

/// How long a command waits until the wallet is there. The demo government makes its keys at its first start.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long the first answer waits for the keyring, so that a quick one shows no waiting.
const KEYRING_PATIENCE: Duration = Duration::from_millis(700);
/// How often it is looked whether somebody is still here.
const IDLE_TICK: Duration = Duration::from_secs(1);

/// The application, one for each process.
pub(crate) struct Desktop {
    handle: AppHandle,
    options: Options,
    stage: watch::Sender<Stage>,
    memory: Mutex<Memory>,
    camera: Arc<Mutex<CameraReader>>,
    pub(crate) links: Links,
}

/// How far the start is.
#[derive(Clone)]
enum Stage {
    Starting,
    Running(Arc<Running>),
    Stopped(Arc<LaunchError>),
}

/// A wallet, and what lives as long as it does.
pub(crate) struct Running {
    pub(crate) launched: Launched,
    /// The verifier's desk beside it.
    desk: Desk,
    /// The people of the demo.
    personas: Vec<DemoPersona>,
    /// The socket for other processes of the user; absent where there is none.
    _holder: Option<Holder>,
}

/// What the window remembers beside the wallet.
struct Memory {
    /// What the keyring said at the last try, and whether the page was told.
    problem: Option<(KeyringProblem, bool)>,
    /// The person chosen at the first run of the demo.
    persona: Option<String>,
    /// The keyring is being asked, without a passphrase.
    opening: bool,
    idle: Idle,
}

impl Memory {
    /// What the page is told of it; `heard`: it listens.
    fn tell(&mut self, heard: bool) -> (Option<KeyringProblem>, Option<String>) {
        if let Some((_, told)) = &mut self.problem {
            *told |= heard;
        }
        (self.problem.map(|(problem, _)| problem), self.persona.clone())
    }
}

impl Desktop {
    pub(crate) fn new(handle: AppHandle, options: Options) -> Self {
        let memory = Memory { problem: None, persona: None, opening: false, idle: Idle::new() };
        Self {
            handle,
            options,
            stage: watch::Sender::new(Stage::Starting),
            memory: Mutex::new(memory),
            camera: Arc::default(),
            links: Links::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ── start ──

    /// Starts the wallet; the window stands already.
    pub(crate) async fn start(self: Arc<Self>) {
        match launch(self.options.clone()).await {
            Ok(launched) => {
                let this = Arc::clone(&self);
                // Without the socket the wallet works; another process then only knows that it is in use.
                let holder = launched.serve(move || this.tell_changed()).ok();
                let personas = demo::personas(&launched, CivilDate::of(SystemClock.now())).await;
                let desk = Desk::new(Arc::clone(&launched.wallet));
                let running = Arc::new(Running { launched, desk, personas, _holder: holder });
                self.stage.send_replace(Stage::Running(Arc::clone(&running)));
                self.open_alone(&running);
            }
            Err(error) => {
                self.stage.send_replace(Stage::Stopped(Arc::new(error)));
            }
        }
    }

    /// The wallet, waited for while it starts.
    async fn running(&self) -> Result<Arc<Running>, AppError> {
        let mut stage = self.stage.subscribe();
        let settled =
            tokio::time::timeout(START_LIMIT, stage.wait_for(|stage| !matches!(stage, Stage::Starting)));
        match settled.await.map(|stage| stage.map(|stage| stage.clone())) {
            Ok(Ok(Stage::Running(running))) => Ok(running),
            Ok(Ok(Stage::Stopped(error))) => Err(AppError::of(error.as_ref())),
            _ => Err(AppError::of(&Fault::NotStarted)),
        }
    }

    /// Opens a wallet without a passphrase: asks the keyring, without the page.
    fn open_alone(self: &Arc<Self>, running: &Arc<Running>) {
        let wallet = Arc::clone(&running.launched.wallet);
        if !matches!(wallet.wallet_state(), WalletState::Locked { .. }) || wallet.has_passphrase() {
            self.memory().problem = None;
            return;
        }
        self.memory().opening = true;
        let this = Arc::clone(self);
        spawn_blocking(move || {
            let opened = wallet.unlock(None);
            let _ = this.note_keyring(opened);
            this.memory().opening = false;
            this.tell_changed();
        });
    }

    /// What the keyring did not give is remembered and shown as a state; every other error is the command's.
    fn note_keyring(&self, result: Result<(), WalletError>) -> Result<(), WalletError> {
        let problem = match &result {
            Ok(()) => None,
            Err(error) => match error.secret_store() {
                Some(store) => Some(keyring_problem(store)),
                None => return result,
            },
        };
        self.memory().problem = problem.map(|problem| (problem, false));
        Ok(())
    }

    // ── commands ──

    /// A command that blocks.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Wallet) -> Result<T, WalletError> + Send + 'static,
    ) -> Result<T, AppError> {
        let running = self.running().await?;
        joined(spawn_blocking(move || work(&running.launched.wallet))).await?.map_err(|error| error.view())
    }

    /// A command that waits for the other side. It is carried to its end even where the page no longer listens.
    pub(crate) async fn flow<T, F>(
        &self,
        flow: impl FnOnce(Arc<Wallet>) -> F + Send + 'static,
    ) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, WalletError>> + Send + 'static,
    {
        let wallet = Arc::clone(&self.running().await?.launched.wallet);
        joined(tokio::spawn(flow(wallet))).await?.map_err(|error| error.view())
    }

    /// The state, asked for by the page at its beginning and when the person says "try again".
    pub(crate) async fn first_status(self: &Arc<Self>) -> Result<Status, AppError> {
        self.links.page_listens();
        let again = self.stage.send_if_modified(|stage| {
            let stopped = matches!(stage, Stage::Stopped(_));
            if stopped {
                *stage = Stage::Starting;
            }
            stopped
        });
        if again {
            // Whatever stood in the way may be gone.
            tauri::async_runtime::spawn(Arc::clone(self).start());
        }
        let running = match self.running().await {
            Ok(running) => running,
            Err(error) => return self.in_use().ok_or(error),
        };
        if self.memory().problem.is_some_and(|(_, told)| told) && !self.memory().opening {
            self.open_alone(&running);
        }
        let patience = tokio::time::Instant::now() + KEYRING_PATIENCE;
        while self.memory().opening && tokio::time::Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let status = self.status().await?;
        self.deliver_link(&running.launched.wallet);
        Ok(status)
    }

    /// The state, as the page is told.
    pub(crate) async fn status(&self) -> Result<Status, AppError> {
        let running = self.running().await?;
        let (problem, persona) = self.memory().tell(true);
        joined(spawn_blocking(move || status_of(&running, problem, persona.as_deref()))).await
    }

    /// The state where another process holds the folder: there is no wallet here to ask.
    fn in_use(&self) -> Option<Status> {
        match &*self.stage.borrow() {
            Stage::Stopped(error) if matches!(**error, LaunchError::Lock(LockError::InUse)) => Some(Status {
                state: WalletState::InUse,
                profile: ProfileMark { name: Text { ko: None, en: None }, marking: Marking::Demo },
                settings: Settings::default(),
                has_passphrase: false,
                owner: None,
                network: NetworkView::Unknown,
                status_list_as_of: None,
                status_list_stale: false,
                old_trust_list_as_of: None,
                overdue_count: 0,
                personas: Vec::new(),
                now: 0,
                today: String::new(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            }),
            _ => None,
        }
    }

    /// First run. What the keyring does not give is the state that is answered.
    pub(crate) async fn initialize(&self, persona: Option<String>) -> Result<Status, AppError> {
        let running = self.running().await?;
        let made = joined(spawn_blocking(move || running.launched.initialize())).await?;
        match made {
            Ok(()) => self.memory().persona = persona,
            Err(LaunchError::Wallet(error)) => {
                self.note_keyring(Err(error)).map_err(|error| error.view())?;
            }
            Err(error) => return Err(AppError::of(&error)),
        }
        self.touch();
        self.status().await
    }

    /// The first offer for the person who was chosen, read and waiting for the yes.
    pub(crate) async fn demo_offer(&self) -> Result<Option<Found>, AppError> {
        let running = self.running().await?;
        let Some(persona) = self.memory().persona.clone() else { return Ok(None) };
        let link = demo::first_offer(&running.launched, &persona).await;
        Ok(link.map(|link| running.launched.wallet.read_text(&link, false)))
    }

    pub(crate) async fn unlock(&self, passphrase: Option<String>) -> Result<Status, AppError> {
        let running = self.running().await?;
        let opened = {
            let running = Arc::clone(&running);
            joined(spawn_blocking(move || running.launched.wallet.unlock(passphrase))).await?
        };
        self.note_keyring(opened).map_err(|error| error.view())?;
        self.touch();
        let status = self.status().await?;
        self.deliver_link(&running.launched.wallet);
        Ok(status)
    }

    pub(crate) async fn lock(&self) -> Result<Status, AppError> {
        self.work(|wallet| {
            wallet.lock();
            Ok(())
        })
        .await?;
        self.running().await?.desk.close();
        self.status().await
    }

    pub(crate) async fn set_passphrase(
        &self,
        present: Option<String>,
        new: Option<String>,
    ) -> Result<Status, AppError> {
        self.work(move |wallet| wallet.set_passphrase(present, new)).await?;
        self.touch();
        self.status().await
    }

    pub(crate) async fn read_input(&self, input: Input) -> Result<Found, AppError> {
        self.work(move |wallet| Ok(reading::read(wallet, input))).await
    }

    /// A picture of the camera.
    pub(crate) async fn read_camera(&self, picture: Vec<u8>) -> Result<Found, AppError> {
        let camera = Arc::clone(&self.camera);
        self.work(move |wallet| {
            let mut camera = camera.lock().unwrap_or_else(PoisonError::into_inner);
            let texts = camera::texts(&mut camera, &picture, Wallet::looks_for);
            drop(camera);
            Ok(reading::codes(wallet, texts))
        })
        .await
    }

    /// At the verifier's desk.
    pub(crate) async fn desk<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Desk) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<T, AppError> {
        let running = self.running().await?;
        let done = joined(spawn_blocking(move || what(&running.desk))).await?;
        done.map_err(|error| AppError::of(&error))
    }

    /// A picture of the camera, for the check at hand.
    pub(crate) async fn desk_camera(&self, picture: Vec<u8>) -> Result<DeskFed, AppError> {
        let camera = Arc::clone(&self.camera);
        self.desk(move |desk| {
            let mut camera = camera.lock().unwrap_or_else(PoisonError::into_inner);
            let texts = camera::texts(&mut camera, &picture, Desk::looks_for);
            drop(camera);
            desk.seen(texts)
        })
        .await
    }

    /// Fetches the desk's lists.
    pub(crate) async fn desk_refresh(&self) -> Result<DeskRefreshed, AppError> {
        let running = self.running().await?;
        running.desk.refresh().await.map_err(|error| AppError::of(&error))
    }

    /// Writes a receipt into the person's folder for downloads; where there is none, into their home. The page names no path.
    pub(crate) async fn desk_receipt_save(&self, receipt: String) -> Result<DeskSaved, AppError> {
        let folders = self.handle.path();
        let folder = folders.download_dir().ok().filter(|folder| folder.is_dir());
        let folder = folder.or_else(|| folders.home_dir().ok());
        self.desk(move |desk| {
            let folder = folder.ok_or(DeskError::ReceiptUnwritten)?;
            let path = desk.save_receipt(&receipt, &folder)?;
            Ok(DeskSaved { path: path.to_string_lossy().into_owned() })
        })
        .await
    }

    pub(crate) async fn open_external(&self, url: String) -> Result<(), AppError> {
        let running = self.running().await?;
        let opened = joined(spawn_blocking(move || running.launched.wallet.open_external(&url))).await?;
        opened.map_err(|error| AppError::of(&error))
    }

    /// Somebody is here.
    pub(crate) fn touch(&self) {
        self.memory().idle = Idle::new();
    }

    // ── by itself ──

    /// A link from outside: kept until the wallet is open and the page listens.
    pub(crate) fn link(&self, link: String) {
        self.links.put(link);
        if let Stage::Running(running) = self.stage.borrow().clone() {
            self.deliver_link(&running.launched.wallet);
        }
    }

    fn deliver_link(&self, wallet: &Wallet) {
        if wallet.is_unlocked()
            && let Some(link) = self.links.take()
        {
            self.tell(events::LINK, wallet.read_text(&link, false));
        }
    }

    /// Locks when nobody was here for as long as the settings say; warns before. Runs on a thread of its own.
    pub(crate) fn watch_idleness(&self) {
        loop {
            std::thread::sleep(IDLE_TICK);
            let Stage::Running(running) = self.stage.borrow().clone() else { continue };
            let wallet = &running.launched.wallet;
            let minutes = wallet.settings().lock_after_minutes;
            if minutes == 0 || !wallet.is_unlocked() || !wallet.has_passphrase() {
                self.touch();
                continue;
            }
            let receiving = wallet.is_receiving();
            let due = {
                let idle = &mut self.memory().idle;
                idle.due(idle.elapsed(), Duration::from_secs(u64::from(minutes) * 60), receiving)
            };
            match due {
                Due::Nothing => {}
                Due::Warn(seconds) => self.tell(events::LOCKING, Locking { in_seconds: seconds }),
                Due::Lock => {
                    wallet.lock();
                    running.desk.close();
                    self.tell_changed();
                }
            }
        }
    }

    /// Tells the page that the state changed by itself.
    fn tell_changed(&self) {
        let Stage::Running(running) = self.stage.borrow().clone() else { return };
        let (problem, persona) = self.memory().tell(self.links.page_hears());
        self.tell(events::CHANGED, status_of(&running, problem, persona.as_deref()));
        self.deliver_link(&running.launched.wallet);
    }

    fn tell<T: serde::Serialize + Clone>(&self, event: &str, payload: T) {
        // A window that is gone hears nothing.
        let _ = self.handle.emit(event, payload);
    }
}

/// The wallet locks by itself in so many seconds.
#[derive(Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Locking {
    in_seconds: u64,
}

fn status_of(running: &Running, problem: Option<KeyringProblem>, persona: Option<&str>) -> Status {
    let launched = &running.launched;
    let asking = launched.keyring.as_ref().is_some_and(|keyring| keyring.is_waiting());
    let problem = problem.map(|problem| if asking { KeyringProblem::Waiting } else { problem });
    let mut status = launched.wallet.status(problem, running.personas.clone());
    if status.owner.is_none() && status.state == WalletState::Unlocked {
        status.owner = persona.and_then(|id| {
            status
                .personas
                .iter()
                .find(|person| person.id == id)
                .map(|person| Text::same(person.name.as_str()))
        });
    }
    status
}

async fn joined<T>(task: JoinHandle<T>) -> Result<T, AppError> {
    task.await.map_err(|_| AppError::of(&Fault::Stopped))
}

/// What only the shell can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Fault {
    /// The wallet did not start in time.
    #[error("the wallet did not start in time")]
    NotStarted,
    /// A command ended in the middle.
    #[error("the command ended in the middle")]
    Stopped,
}

impl Refusal for Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::NotStarted => "application_not_started",
            Self::Stopped => "application_stopped",
        }
    }
    fn rule(&self) -> &'static str {
        ""
    }
    fn blame(&self) -> primitives::Blame {
        primitives::Blame::Application
    }
    fn left(&self) -> primitives::Left {
        primitives::Left::Nothing
    }
}
