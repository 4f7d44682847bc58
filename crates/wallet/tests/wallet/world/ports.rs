//! What stands behind the ports: the network, the keyring, the browser.

use super::*;

pub enum Act {
    /// As if nothing were.
    Pass,
    /// No answer.
    Fail(HttpError),
    /// Never any answer.
    Hang,
    /// This answer.
    Answer(Response),
}

pub type Hook = Box<dyn Fn(&Request) -> Act + Send + Sync>;

pub struct Net {
    pub server: Mutex<Server>,
    pub log: Mutex<Vec<Request>>,
    pub hook: Mutex<Option<Arc<Hook>>>,
}

impl Net {
    pub fn hook(&self, hook: impl Fn(&Request) -> Act + Send + Sync + 'static) {
        *self.hook.lock().unwrap() = Some(Arc::new(Box::new(hook)));
    }

    pub fn unhook(&self) {
        *self.hook.lock().unwrap() = None;
    }

    /// How many calls went to addresses with this in them.
    pub fn calls(&self, part: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|request| request.url.as_str().contains(part)).count()
    }
}

impl Http for Net {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            self.log.lock().unwrap().push(request.clone());
            let hook = self.hook.lock().unwrap().clone();
            match hook.map_or(Act::Pass, |hook| hook(&request)) {
                Act::Pass => {}
                Act::Fail(error) => return Err(error),
                Act::Hang => std::future::pending().await,
                Act::Answer(response) => return Ok(response),
            }
            // A real network gives others a turn.
            tokio::task::yield_now().await;
            Ok(self.server.lock().unwrap().answer(&request))
        })
    }
}

/// The clock, and what happens elsewhere at the moment when it is looked at.
pub struct Looked {
    clock: Arc<FixedClock>,
    at_next: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Looked {
    pub fn new(clock: Arc<FixedClock>) -> Self {
        Self { clock, at_next: Mutex::default() }
    }

    /// Does this the next time that somebody looks at the clock.
    pub fn at_next(&self, act: impl FnOnce() + Send + 'static) {
        *self.at_next.lock().unwrap() = Some(Box::new(act));
    }
}

impl Clock for Looked {
    fn now(&self) -> Instant {
        let act = self.at_next.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
        self.clock.now()
    }
}

/// Randomness, and what happens elsewhere at the moment when it is asked for.
#[derive(Default)]
pub struct Random {
    at_next: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Random {
    /// Does this the next time that randomness is drawn.
    pub fn at_next(&self, act: impl FnOnce() + Send + 'static) {
        *self.at_next.lock().unwrap() = Some(Box::new(act));
    }
}

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        let act = self.at_next.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
        SystemEntropy.fill(bytes)
    }
}

/// The keyring.
#[derive(Default)]
pub struct Secrets {
    items: Mutex<HashMap<[u8; 16], Vec<u8>>>,
    pub during_load: Mutex<Option<Box<dyn Fn() + Send>>>,
    pub during_save: Mutex<Option<Box<dyn Fn() + Send>>>,
    pub broken: Mutex<bool>,
}

impl SecretStore for Secrets {
    fn load(&self, id: &WalletId) -> Result<SecretItem, SecretStoreError> {
        if let Some(act) = self.during_load.lock().unwrap().as_ref() {
            act();
        }
        if *self.broken.lock().unwrap() {
            return Err(SecretStoreError::NoService);
        }
        let items = self.items.lock().unwrap();
        items.get(id.as_bytes()).cloned().and_then(SecretItem::new).ok_or(SecretStoreError::NoEntry)
    }

    fn save(&self, id: &WalletId, item: &SecretItem) -> Result<(), SecretStoreError> {
        if let Some(act) = self.during_save.lock().unwrap().as_ref() {
            act();
        }
        self.items.lock().unwrap().insert(*id.as_bytes(), item.expose().to_vec());
        Ok(())
    }

    fn delete(&self, id: &WalletId) -> Result<(), SecretStoreError> {
        self.items.lock().unwrap().remove(id.as_bytes()).map(drop).ok_or(SecretStoreError::NoEntry)
    }
}

/// The browser.
#[derive(Default)]
pub struct TestPages {
    pub opened: Mutex<Vec<Url>>,
    /// What the person comes back with; absent: nobody listens for them.
    pub way_back: Mutex<Option<Arc<WayBack>>>,
}

pub type WayBack = dyn Fn() -> Url + Send + Sync;

/// Where a person comes back to.
pub const REDIRECT: &str = "http://127.0.0.1:4000/back";

/// Waits for what the browser comes back with.
struct ComesBack(Arc<WayBack>);

impl PendingRedirect for ComesBack {
    fn redirect_uri(&self) -> Url {
        REDIRECT.parse().unwrap()
    }

    fn wait<'a>(
        &'a mut self,
        recognises: &'a (dyn Fn(&Url) -> bool + Send + Sync),
    ) -> BoxFuture<'a, Result<Url, PageError>> {
        let callback = (self.0)();
        assert!(recognises(&callback));
        Box::pin(async { Ok(callback) })
    }
}

impl Pages for TestPages {
    fn open(&self, page: &Url) -> Result<(), PageError> {
        self.opened.lock().unwrap().push(page.clone());
        Ok(())
    }

    fn await_redirect(&self) -> BoxFuture<'_, Result<Box<dyn PendingRedirect>, PageError>> {
        let way_back = self.way_back.lock().unwrap().clone();
        let pending = way_back.map(|way_back| -> Box<dyn PendingRedirect> { Box::new(ComesBack(way_back)) });
        Box::pin(async { pending.ok_or(PageError::NoListener) })
    }
}
