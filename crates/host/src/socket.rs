//! The socket of the process that holds the wallet (design, "One wallet, several processes"): a second process sends it one JSON
//! message a line and gets one back for each.
//!
//! Only the user opens it: the folder is 0700, the socket 0600, and the caller's user is checked. Messages are bounded in bytes, callers
//! in number, silences in time. On Windows there is no such socket: a second process says "in use".

use primitives::{Blame, Left, Refusal};

/// File name of the socket (decision 0001).
pub const SOCKET_FILE: &str = "wallet.socket";

/// The longest message, in bytes, its line end not counted.
pub const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// Callers served at once, a count.
pub const MAX_CALLERS: usize = 8;

/// Why there is no answer, or no socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    /// Nobody listens, or this platform has no such socket: the wallet is in use, or not at all.
    #[error("nobody listens on the wallet's socket")]
    NobodyListens,
    /// The data folder's path is too long for a socket.
    #[error("the path of the wallet's folder is too long for a socket")]
    PathTooLong,
    /// The socket belongs to another user.
    #[error("the wallet's socket belongs to another user")]
    Denied,
    /// The message or the answer is longer than [`MAX_MESSAGE_BYTES`], or not JSON.
    #[error("the message is not one of ours")]
    BadMessage,
    /// No answer in time.
    #[error("the wallet's process did not answer in time")]
    TimedOut,
    /// The socket failed in another way.
    #[error("the wallet's socket failed")]
    Failed,
}

impl Refusal for SocketError {
    fn code(&self) -> &'static str {
        match self {
            Self::NobodyListens => "wallet_in_use",
            Self::PathTooLong => "socket_path_too_long",
            Self::Denied => "socket_denied",
            Self::BadMessage => "socket_bad_message",
            Self::TimedOut => "socket_timed_out",
            Self::Failed => "socket_failed",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        match self {
            Self::BadMessage => Blame::Application,
            _ => Blame::Computer,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

#[cfg(unix)]
pub use unix::{SocketServer, call};

#[cfg(not(unix))]
pub use elsewhere::call;

#[cfg(not(unix))]
mod elsewhere {
    use std::path::Path;
    use std::time::Duration;

    /// There is no socket on this platform.
    ///
    /// # Errors
    /// Always [`super::SocketError::NobodyListens`].
    pub async fn call(
        _: &Path,
        _: &serde_json::Value,
        _: Duration,
    ) -> Result<serde_json::Value, super::SocketError> {
        Err(super::SocketError::NobodyListens)
    }
}

#[cfg(unix)]
mod unix {
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::Value;
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::{UnixListener, UnixStream};
    use tokio::sync::Semaphore;

    use super::{MAX_CALLERS, MAX_MESSAGE_BYTES, SOCKET_FILE, SocketError};
    use crate::lock::FolderLock;

    /// How long a caller may be silent between its messages.
    const CALLER_SILENCE: Duration = Duration::from_secs(30);

    /// How long a caller may take to read its answer.
    const ANSWER_LIMIT: Duration = Duration::from_secs(10);

    /// Longest path of a Unix socket, in bytes: 104 on macOS, 108 on Linux, with the closing zero.
    const MAX_SOCKET_PATH: usize = 103;

    /// The listening end. The file is removed when it is dropped.
    #[derive(Debug)]
    pub struct SocketServer {
        listener: UnixListener,
        path: PathBuf,
        user: u32,
    }

    impl SocketServer {
        /// Listens in the locked folder. Who holds the lock may remove what a crashed holder left. Needs a tokio runtime.
        ///
        /// # Errors
        /// See [`SocketError`].
        pub fn bind(lock: &FolderLock) -> Result<Self, SocketError> {
            let path = path_in(lock.folder())?;
            match std::fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(of_io(&error)),
            }
            let user = lock.owner().map_err(|error| of_io(&error))?;
            let listener = UnixListener::bind(&path).map_err(|error| of_io(&error))?;
            // Between bind and this line the folder's own 0700 and the check of each caller's user hold.
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
                .map_err(|error| of_io(&error))?;
            Ok(Self { listener, path, user })
        }

        /// Serves callers until the future is dropped. `handle` makes the answer of each message.
        pub async fn serve<H, F>(&self, handle: H)
        where
            H: Fn(Value) -> F + Send + Sync + 'static,
            F: Future<Output = Value> + Send,
        {
            let handle = Arc::new(handle);
            let places = Arc::new(Semaphore::new(MAX_CALLERS));
            // Dropped with this future, and every caller with it.
            let mut callers = tokio::task::JoinSet::new();
            loop {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                let Ok((stream, _)) = self.listener.accept().await else {
                    // Out of file descriptors, most likely: a moment's rest rather than a busy loop.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                while callers.try_join_next().is_some() {}
                if !stream.peer_cred().is_ok_and(|caller| caller.uid() == self.user) {
                    continue;
                }
                let handle = Arc::clone(&handle);
                callers.spawn(async move {
                    let _ = serve_caller(stream, &*handle).await;
                    drop(place);
                });
            }
        }
    }

    impl Drop for SocketServer {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    async fn serve_caller<H, F>(stream: UnixStream, handle: &H) -> Result<(), SocketError>
    where
        H: Fn(Value) -> F,
        F: Future<Output = Value>,
    {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        loop {
            let line = tokio::time::timeout(CALLER_SILENCE, read_line(&mut reader)).await;
            let Some(message) = line.map_err(|_| SocketError::TimedOut)?? else { return Ok(()) };
            let answer = encode(&handle(message).await)?;
            let written = tokio::time::timeout(ANSWER_LIMIT, writer.write_all(&answer)).await;
            written.map_err(|_| SocketError::TimedOut)?.map_err(|error| of_io(&error))?;
        }
    }

    /// Sends one message to the process that holds the folder and waits for its answer.
    ///
    /// # Errors
    /// See [`SocketError`].
    pub async fn call(folder: &Path, message: &Value, limit: Duration) -> Result<Value, SocketError> {
        tokio::time::timeout(limit, exchange(folder, message)).await.map_err(|_| SocketError::TimedOut)?
    }

    async fn exchange(folder: &Path, message: &Value) -> Result<Value, SocketError> {
        let mut stream = UnixStream::connect(path_in(folder)?).await.map_err(|error| of_io(&error))?;
        stream.write_all(&encode(message)?).await.map_err(|error| of_io(&error))?;
        read_line(&mut BufReader::new(stream)).await?.ok_or(SocketError::Failed)
    }

    /// One line of JSON, read no further than its bound; `None` at the end.
    async fn read_line<R: tokio::io::AsyncRead + Unpin>(
        reader: &mut BufReader<R>,
    ) -> Result<Option<Value>, SocketError> {
        let mut line = Vec::new();
        let bound = MAX_MESSAGE_BYTES as u64 + 1;
        reader.take(bound).read_until(b'\n', &mut line).await.map_err(|error| of_io(&error))?;
        match line.split_last() {
            None => Ok(None),
            Some((b'\n', message)) => {
                serde_json::from_slice(message).map(Some).map_err(|_| SocketError::BadMessage)
            }
            Some(_) => Err(SocketError::BadMessage),
        }
    }

    /// serde_json writes no line ends into a message.
    fn encode(message: &Value) -> Result<Vec<u8>, SocketError> {
        let mut line = message.to_string().into_bytes();
        if line.len() > MAX_MESSAGE_BYTES {
            return Err(SocketError::BadMessage);
        }
        line.push(b'\n');
        Ok(line)
    }

    fn path_in(folder: &Path) -> Result<PathBuf, SocketError> {
        let path = folder.join(SOCKET_FILE);
        if path.as_os_str().len() > MAX_SOCKET_PATH { Err(SocketError::PathTooLong) } else { Ok(path) }
    }

    fn of_io(error: &std::io::Error) -> SocketError {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => SocketError::NobodyListens,
            ErrorKind::PermissionDenied => SocketError::Denied,
            _ => SocketError::Failed,
        }
    }
}
