//! The demonstration, visibly and step by step, and the government that it plays against (시연용).

use std::sync::{Arc, Mutex, PoisonError};

use demo_government::{Bundle, Config, Government, GrantKind};
use host::http::PortSet;
use host::pages::LoopbackRedirect;
use host::{AddressPolicy, HttpClient, TlsRoots};
use launch::{LaunchError, Launched, ProfileChoice, Reach};
use primitives::http::{Request, Response};
use primitives::ports::BoxFuture;
use primitives::{Http as _, PageError, Pages, PendingRedirect};
use serde_json::{Value, json};
use url::Url;

use super::papers::summaries;
use super::{accept, present};
use crate::arguments::{Accept, Global, Present, SecretStore};
use crate::console::{Console, words};
use crate::open;
use crate::outcome::{Done, Exit, Failure};

/// Whose papers: 이도담, who does not exist.
const PERSON: &str = "p1";
/// A card, a tax notice and a voucher of a support programme.
const PAPERS: [&str; 3] = ["p1-resident", "p1n-resident", "p1v-coupon"];
/// The verifier: the library, which asks for name and 시군구.
const VERIFIER: &str = "v-library";
/// The largest answer of a verifier's page, in bytes.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Runs the main job of the wallet against the demo government, without a window.
pub(crate) async fn demo(global: &Global, console: &mut Console) -> Done {
    console.say("cli.demo.title", &[]);
    let temporary = match &global.data {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(|_| Failure::own("files_failed", Exit::Computer))?),
    };
    let browser = Browser::default();
    let launched = open_wallet(global, console, temporary.as_ref().map(|it| it.path()), &browser).await?;
    let played = play(&launched, console, &browser).await;
    if temporary.is_some() {
        launched.forget_key()?;
        launched.close().await;
        console.say("cli.demo.done", &[]);
    } else {
        console.say("cli.demo.doneKept", &[]);
    }
    played
}

/// Opens or makes the wallet of the demonstration: with the keyring where there is one, else with a file, and says which.
async fn open_wallet(
    global: &Global,
    console: &Console,
    temporary: Option<&std::path::Path>,
    browser: &Browser,
) -> Result<Launched, Box<Failure>> {
    console.say("cli.demo.government", &[]);
    let mut options = open::options(global, Reach::OtherSides);
    options.profile = Some(ProfileChoice::Demo);
    options.pages = Some(Arc::new(browser.clone()));
    if let Some(folder) = temporary {
        options.data = Some(folder.join("wallet"));
        options.government_folder = global.government.clone().or_else(|| Some(folder.join("government")));
    }
    let launched = launch::launch(options.clone()).await?;
    console.say("cli.demo.folder", &[("folder", words(launched.wallet.folder().display().to_string()))]);
    console.say("cli.demo.wallet", &[]);
    let made = make(&launched);
    let launched = match made {
        Err(LaunchError::Wallet(error))
            if error.secret_store().is_some()
                && global.secret_store == SecretStore::Keyring
                && temporary.is_some() =>
        {
            let why = Failure::of(&error).message(console.language);
            console.say("cli.demo.noKeyring", &[("why", words(why))]);
            // The lock and the government are this process's: given back before they are taken again.
            launched.close().await;
            options.secret_store = launch::SecretStoreChoice::File;
            let launched = launch::launch(options).await?;
            make(&launched)?;
            launched
        }
        Err(error) => return Err(error.into()),
        Ok(()) => launched,
    };
    console.say(if launched.keyring.is_some() { "cli.demo.keyring" } else { "cli.fileStore" }, &[]);
    Ok(launched)
}

fn make(launched: &Launched) -> Result<(), LaunchError> {
    match launched.wallet.wallet_state() {
        wallet::view::WalletState::NeedsSetup => launched.initialize(),
        _ => Ok(launched.wallet.unlock(None)?),
    }
}

async fn play(launched: &Launched, console: &Console, browser: &Browser) -> Done {
    let wallet = &launched.wallet;
    let government =
        launched.government.as_ref().ok_or_else(|| Failure::own("government_no_answer", Exit::Computer))?;
    // Each act below is the citizen's in earnest use; here the demonstration is the citizen.
    let acting = Console::new(console.json, true, console.language);
    for paper in PAPERS {
        let bundle = Bundle::Papers(vec![paper.to_owned()]);
        let grant = GrantKind::PreAuthorized { tx_code: None };
        let offer = government.offer(PERSON, bundle, grant).await?;
        console.line("");
        console.say("cli.demo.receive", &[("name", words(paper))]);
        accept::receive(wallet, &acting, &Accept { offer, tx_code: None, wait: 30 }).await?;
    }
    console.line("");
    console.say("cli.demo.present", &[("name", words(VERIFIER))]);
    let desk = Visit::begin(government, VERIFIER).await?;
    let request = Present {
        request: vec![desk.link.clone()],
        code: None,
        one_way: None,
        frames: None,
        keep_frames: false,
        size: crate::arguments::Size::Standard,
        count: None,
        dc_api: false,
        when_connected: false,
        origin: None,
        choose: Vec::new(),
        include: Vec::new(),
        acknowledge: Vec::new(),
    };
    let sent = present::answer(wallet, &acting, &request).await?;
    let verdict = desk.verdict(browser).await?;
    let confirmed = verdict.get("outcome").and_then(Value::as_str) == Some("confirmed");
    let word = console.t(if confirmed { "cli.demo.accepted" } else { "cli.demo.rejected" }, &[]);
    console.say("cli.demo.verdict", &[("name", words(VERIFIER)), ("verdict", words(word))]);
    for answer in verdict.get("answers").and_then(Value::as_array).into_iter().flatten() {
        let caption = answer.get("caption").and_then(|caption| caption.get("ko")).and_then(Value::as_str);
        let value =
            answer.get("value").map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        console.line(&format!("  {}: {}", caption.unwrap_or_default(), value.unwrap_or_default()));
    }
    console.line("");
    console.say("cli.demo.history", &[]);
    let history = wallet.history(None)?;
    for entry in &history.entries {
        console.line(&format!("  {}", super::papers::history_line(console, entry)));
    }
    let mut papers = Vec::new();
    for shelf in [wallet::view::Shelf::Id, wallet::view::Shelf::Notice, wallet::view::Shelf::Benefit] {
        papers.extend(wallet.shelf(shelf, "")?.papers);
    }
    if !confirmed {
        return Err(Failure::own("answer_not_accepted", Exit::OtherSide).with(json!({ "verdict": verdict })));
    }
    Ok(json!({
        "papers": summaries(&mut papers)?,
        "sent": sent,
        "verdict": verdict,
        "historyHolds": history.chain_holds,
        "keyring": launched.keyring.is_some(),
    }))
}

/// A visit to a verifier's desk: what its page does, as calls.
struct Visit {
    http: HttpClient,
    link: String,
    cookie: String,
}

impl Visit {
    async fn begin(government: &Government, verifier: &str) -> Result<Self, Box<Failure>> {
        let failed = || Failure::own("answer_reply_malformed", Exit::OtherSide);
        let addresses = government.addresses();
        let policy = AddressPolicy::with_loopback(PortSet::These([addresses.pages].into()), true);
        let http = HttpClient::new(policy, &TlsRoots::only(Vec::new())).map_err(|_| failed())?;
        let url = format!("{}/verifiers/{verifier}/sessions", addresses.pages_origin());
        let request = Request::post(Url::parse(&url).map_err(|_| failed())?);
        let answer = send(&http, request).await?;
        let body: Value = answer.json().map_err(|_| failed())?;
        let link = body.get("link").and_then(Value::as_str).ok_or_else(failed)?.to_owned();
        let cookies: Vec<&str> = answer
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next())
            .collect();
        Ok(Self { http, link, cookie: cookies.join("; ") })
    }

    /// The verdict on the page that the wallet opened, as the browser that began sees it.
    async fn verdict(&self, browser: &Browser) -> Result<Value, Box<Failure>> {
        let failed = || Failure::own("answer_reply_malformed", Exit::OtherSide);
        let page = browser.last().ok_or_else(failed)?;
        let request = Request::get(page)
            .with_header("accept", "application/json")
            .with_header("cookie", self.cookie.as_str());
        send(&self.http, request).await?.json().map_err(|_| failed())
    }
}

async fn send(http: &HttpClient, request: Request) -> Result<Response, Box<Failure>> {
    http.send(request.with_max_response_bytes(MAX_ANSWER_BYTES)).await.map_err(|error| Failure::of(&error))
}

/// The demonstration's browser: it remembers what it was to open.
#[derive(Clone, Default)]
struct Browser(Arc<Mutex<Vec<Url>>>);

impl Browser {
    fn last(&self) -> Option<Url> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()
    }
}

impl Pages for Browser {
    fn open(&self, page: &Url) -> Result<(), PageError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(page.clone());
        Ok(())
    }

    fn await_redirect(&self) -> BoxFuture<'_, Result<Box<dyn PendingRedirect>, PageError>> {
        Box::pin(async {
            let waiting = LoopbackRedirect::listen(host::pages::DEFAULT_REDIRECT_LIMIT).await?;
            Ok(Box::new(waiting) as Box<dyn PendingRedirect>)
        })
    }
}

/// Runs the government until Ctrl+C.
pub(crate) async fn government(global: &Global, console: &mut Console) -> Done {
    let config =
        Config { folder: global.government.clone(), port_base: global.government.is_some().then_some(0) };
    let government = Government::start(config).await?;
    let attached = government.is_attached();
    console.say("banner.demo", &[]);
    console.say("cli.government.console", &[("address", words(government.console()))]);
    let folder = government.folder().display().to_string();
    let profile = government.folder().join("profile.json").display().to_string();
    if attached {
        console.say("cli.government.attached", &[]);
    } else {
        console.say("cli.government.running", &[]);
        // Without a signal to wait for it would end at once; then it ends at once.
        let _ = tokio::signal::ctrl_c().await;
    }
    let done = json!({ "console": government.console(), "folder": folder, "profile": profile, "attached": attached });
    government.stop().await;
    Ok(done)
}
