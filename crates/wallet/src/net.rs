//! One way out: every call of the application goes through here, and whether the network answered is remembered.

use primitives::http::{HttpError, Request, Response};
use primitives::{Blame, Left, Refusal};

use crate::app::Wallet;
use crate::view::NetworkView;

/// Why a call gave no usable answer. What had left by then is the flow's to say.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The call failed.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An answer that is no success.
    #[error("the other side answered with status {0}")]
    Status(u16),
}

impl Refusal for NetError {
    fn code(&self) -> &'static str {
        match self {
            Self::Http(error) => error.code(),
            Self::Status(_) => "http_status",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Http(error) => error.rule(),
            Self::Status(_) => "",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Http(error) => error.blame(),
            Self::Status(_) => Blame::Network,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Wallet {
    /// Makes a call and remembers whether the network was there. Nothing is called while the wallet is locked, and a lock ends
    /// what is under way (design, "Network").
    pub(crate) async fn call(&self, request: Request) -> Result<Response, HttpError> {
        let mut locked = std::pin::pin!(self.locked.notified());
        // From here on a lock is heard; whether one came before is asked after that.
        locked.as_mut().enable();
        if !self.is_unlocked() {
            return Err(HttpError::Cancelled);
        }
        let answer = tokio::select! {
            biased;
            () = locked => return Err(HttpError::Cancelled),
            answer = self.ports.http.send(request) => answer,
        };
        self.state().network = match &answer {
            Ok(_) | Err(HttpError::TooLarge | HttpError::RedirectRefused) => NetworkView::Online,
            Err(HttpError::Unreachable | HttpError::Connection | HttpError::Timeout) => NetworkView::Offline,
            Err(_) => return answer,
        };
        answer
    }
}
