//! The process that holds the folder, and what a second one may ask of it (design, "One wallet, several processes").
//!
//! Two things and no more: to lock, and how it stands. Nothing of a paper crosses this socket.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use host::socket::{self, SocketError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wallet::Wallet;
use wallet::view::WalletState;

use crate::Launched;

const VERSION: u32 = 1;
/// How long the holder may take to answer: locking is immediate.
const LIMIT: Duration = Duration::from_secs(5);

/// What a second process asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// To lock at once.
    Lock,
    /// How it stands.
    Status,
}

/// How the holder stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HolderStatus {
    /// Where its wallet stands.
    pub state: WalletState,
    /// Whether a passphrase is set.
    pub has_passphrase: bool,
}

#[derive(Serialize, Deserialize)]
struct Message {
    version: u32,
    command: Ask,
}

/// The socket of the process that holds the folder. Dropping it ends the listening.
pub struct Holder {
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Launched {
    /// Listens for other processes of the user. Needs a tokio runtime. `locked` is told after each lock that came this way.
    ///
    /// # Errors
    /// [`SocketError`]: the wallet works without it, and a second process says "in use".
    #[cfg(unix)]
    pub fn serve(&self, locked: impl Fn() + Send + Sync + 'static) -> Result<Holder, SocketError> {
        let server = socket::SocketServer::bind(self.lock())?;
        // Not a wallet that this task keeps alive: its database would be closed by whichever thread drops the task, which may
        // be after the process has begun to end.
        let (wallet, locked) = (Arc::downgrade(&self.wallet), Arc::new(locked));
        let task = tokio::spawn(async move {
            server
                .serve(move |message| {
                    let answer =
                        wallet.upgrade().map_or_else(refused, |wallet| answer(&wallet, message, &*locked));
                    async move { answer }
                })
                .await;
        });
        Ok(Holder { task })
    }

    /// There is no such socket on this platform.
    ///
    /// # Errors
    /// Always [`SocketError::NobodyListens`].
    #[cfg(not(unix))]
    pub fn serve(&self, _: impl Fn() + Send + Sync + 'static) -> Result<Holder, SocketError> {
        Err(SocketError::NobodyListens)
    }
}

fn answer(wallet: &Wallet, message: Value, locked: &dyn Fn()) -> Value {
    match serde_json::from_value::<Message>(message) {
        Ok(Message { version: VERSION, command }) => {
            if command == Ask::Lock {
                wallet.lock();
                locked();
            }
            let status =
                HolderStatus { state: wallet.wallet_state(), has_passphrase: wallet.has_passphrase() };
            json!({ "version": VERSION, "ok": status })
        }
        _ => refused(),
    }
}

fn refused() -> Value {
    json!({ "version": VERSION, "error": { "code": "socket_bad_message" } })
}

/// Asks the process that holds this folder.
///
/// # Errors
/// [`SocketError::NobodyListens`]: nobody offers it; the wallet is in use, or not at all.
pub async fn ask_holder(folder: &Path, ask: Ask) -> Result<HolderStatus, SocketError> {
    let message = json!({ "version": VERSION, "command": ask });
    let mut answer = socket::call(folder, &message, LIMIT).await?;
    let status = answer.get_mut("ok").map(Value::take).ok_or(SocketError::BadMessage)?;
    serde_json::from_value(status).map_err(|_| SocketError::BadMessage)
}
