//! The commands.

mod accept;
mod consent;
mod demo;
mod papers;
mod present;
mod queue;
mod setup;
mod showing;
mod stated;

use crate::arguments::{Arguments, Command, ProfileAct};
use crate::console::Console;
use crate::outcome::Done;

pub(crate) async fn run(arguments: &Arguments, console: &mut Console) -> Done {
    let global = &arguments.global;
    match &arguments.command {
        Command::Init => setup::init(global, console).await,
        Command::Accept(accept) => accept::accept(global, console, accept).await,
        Command::Receive(receive) => accept::from_issuer(global, console, receive).await,
        Command::Present(present) => present::present(global, console, present).await,
        Command::List { shelf, search } => papers::list(global, console, *shelf, search).await,
        Command::Show { id, reveal, original } => papers::show(global, console, id, *reveal, *original).await,
        Command::Remove { id } => papers::remove(global, console, id).await,
        Command::Refresh { id: None } => papers::refresh(global, console).await,
        Command::Refresh { id: Some(id) } => papers::renew(global, console, id).await,
        Command::Queued { withdraw } => queue::queued(global, console, withdraw.as_deref()).await,
        Command::SendQueued => queue::send(global, console).await,
        Command::History { before } => papers::history(global, console, before.as_deref()).await,
        Command::Today => papers::today(global, console).await,
        Command::Passphrase { act } => setup::passphrase(global, console, *act).await,
        Command::Lock => setup::lock(global, console).await,
        Command::Profile { act: ProfileAct::Show } => setup::profile(global, console).await,
        Command::Profile { act: ProfileAct::Clients } => setup::clients(global, console).await,
        Command::Status => setup::status(global, console).await,
        Command::Demo => demo::demo(global, console).await,
        Command::Government => demo::government(global, console).await,
    }
}
