//! The words of the command line (`docs/command-line.md`).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// 시민지갑 · Citizen Wallet
#[derive(Parser)]
#[command(name = "wallet", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args)]
pub(crate) struct Global {
    /// JSON으로 답합니다 / answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// 내가 동의함: 묻지 않고 필수 항목만 냅니다 / my explicit yes, to required items only
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// 지갑 폴더 / data folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// 프로필: demo 또는 파일 / profile: demo or a file
    #[arg(long, global = true, value_name = "demo|FILE")]
    pub(crate) profile: Option<String>,
    /// 지갑 열쇠를 둘 곳 / where the wallet's key is kept
    #[arg(long, global = true, value_enum, default_value_t = SecretStore::Keyring)]
    pub(crate) secret_store: SecretStore,
    /// 비밀번호를 읽을 파일 번호 / file descriptor to read the passphrase from
    #[arg(long, global = true, value_name = "N")]
    pub(crate) passphrase_fd: Option<u32>,
    /// 말 / language
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// 시연 정부의 폴더 / the demo government's folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) government: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretStore {
    Keyring,
    File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    Ko,
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShelfName {
    Id,
    Notice,
    Benefit,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// 지갑을 만듭니다 / make the wallet
    Init,
    /// 서류를 받습니다 / receive papers
    Accept(Accept),
    /// 발급기관에 가서 서류를 받습니다 / receive papers from an issuer's address
    Receive(Receive),
    /// 요청에 답합니다 / answer a request
    Present(Present),
    /// 서류함을 봅니다 / list papers
    List {
        /// 서류함 / shelf
        #[arg(value_enum)]
        shelf: Option<ShelfName>,
        /// 찾을 말 / words to look for
        #[arg(long, value_name = "WORDS", default_value = "")]
        search: String,
    },
    /// 서류 하나를 봅니다 / show a paper
    Show {
        /// 서류의 번호 / the paper's identifier
        id: String,
        /// 가린 값도 봅니다 / masked values too
        #[arg(long)]
        reveal: bool,
        /// 서명된 원본을 봅니다 / the signed original
        #[arg(long)]
        original: bool,
    },
    /// 서류를 지웁니다 / remove a paper
    Remove {
        /// 서류의 번호 / the paper's identifier
        id: String,
    },
    /// 효력을 다시 확인하거나, 서류 하나의 사본을 새로 받습니다 / ask for statuses and deferred papers, or fetch one paper's copies anew
    Refresh {
        /// 새로 받을 서류의 번호 / the paper to fetch anew
        id: Option<String>,
    },
    /// 연결을 기다리는 답을 봅니다 / answers that wait for a connection
    Queued {
        /// 거둘 답의 번호 / the answer to take back
        #[arg(long, value_name = "ID")]
        withdraw: Option<String>,
    },
    /// 연결을 기다리던 답을 보냅니다 / send the answers that waited for a connection
    SendQueued,
    /// 기록을 봅니다 / the history
    History {
        /// 이 줄보다 오래된 것 / older than this line
        #[arg(long, value_name = "LINE")]
        before: Option<String>,
    },
    /// 오늘 할 일 / what is to be done
    Today,
    /// 비밀번호 / the passphrase
    Passphrase {
        #[command(subcommand)]
        act: PassphraseAct,
    },
    /// 바로 잠급니다 / lock at once
    Lock,
    /// 프로필 / the profile
    Profile {
        #[command(subcommand)]
        act: ProfileAct,
    },
    /// 지갑의 상태 / how the wallet stands
    Status,
    /// 시연: 서류 셋을 받아 확인기관에 냅니다 / the demonstration
    Demo,
    /// 시연 정부를 돌립니다 / run the demo government
    Government,
}

#[derive(Args)]
pub(crate) struct Accept {
    /// 링크, 파일, - (표준 입력), QR 사진 / link, file, - or a picture with a QR code
    pub(crate) offer: String,
    /// 받기 번호 / transaction code
    #[arg(long, value_name = "C")]
    pub(crate) tx_code: Option<String>,
    /// 나중에 오는 서류를 기다릴 초 / seconds to wait for deferred papers
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) wait: u64,
}

#[derive(Args)]
pub(crate) struct Receive {
    /// 발급기관의 주소 / the issuer's address
    pub(crate) issuer: String,
    /// 받을 서류; 없으면 무엇을 주는지 보여 줍니다 / a paper to receive; without it, what there is
    #[arg(long = "type", value_name = "ID")]
    pub(crate) types: Vec<String>,
    /// 나중에 오는 서류를 기다릴 초 / seconds to wait for deferred papers
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) wait: u64,
}

#[derive(Args)]
pub(crate) struct Present {
    /// 링크, 파일, - (표준 입력), QR 사진; QR이 여러 장이면 모두 / link, file, - or pictures with QR codes: all of them
    #[arg(required_unless_present_any = ["dc_api", "code", "one_way"], conflicts_with_all = ["code", "one_way"])]
    pub(crate) request: Vec<String>,
    /// 상대 화면의 코드에 QR로 답합니다 / answer the code on the other screen, as QR
    #[arg(long, value_name = "CODE", requires = "frames", conflicts_with_all = ["dc_api", "one_way"])]
    pub(crate) code: Option<String>,
    /// 묻지 않은 상대에게 QR로 보입니다: 질문의 번호나 이름 / show the answer to a question that nobody asked: its number or name
    #[arg(long, value_name = "QUESTION", requires = "frames", conflicts_with = "dc_api")]
    pub(crate) one_way: Option<String>,
    /// QR 그림을 둘 폴더, 또는 - (글로 표준 출력에) / the folder for the QR pictures, or - for their texts on standard output
    #[arg(long, value_name = "DIR", conflicts_with = "dc_api")]
    pub(crate) frames: Option<PathBuf>,
    /// 암호화되지 않은 QR 그림도 지우지 않고 둡니다 / leave the pictures there, also those that nobody encrypted
    #[arg(long, requires = "frames")]
    pub(crate) keep_frames: bool,
    /// QR 한 장의 크기 / how much one QR code holds
    #[arg(long, value_enum, default_value_t = Size::Standard, requires = "frames")]
    pub(crate) size: Size,
    /// QR을 몇 장 만들지; 없으면 꼭 필요한 수의 두 배 / how many QR codes; twice as many as are needed by itself
    #[arg(long, value_name = "N", requires = "frames", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) count: Option<u16>,
    /// 브라우저가 넘긴 요청에 답해 그 답만 적습니다 / answer a request of the Digital Credentials API, and print the answer
    #[arg(long, requires = "origin")]
    pub(crate) dc_api: bool,
    /// 그 요청을 낸 사이트의 주소 / the origin that asks, as the browser gives it
    #[arg(long, value_name = "ORIGIN", requires = "dc_api")]
    pub(crate) origin: Option<String>,
    /// 연결되지 않으면 두었다가 연결될 때 보냅니다 / if there is no connection, keep the answer and send it when there is one
    #[arg(long, conflicts_with = "dc_api")]
    pub(crate) when_connected: bool,
    /// 물음에 낼 서류 / the paper for a query
    #[arg(long, value_name = "QUERY=PAPER", value_parser = query_and_paper)]
    pub(crate) choose: Vec<(String, String)>,
    /// 함께 낼 선택 항목 / an optional item to send as well
    #[arg(long, value_name = "ITEM")]
    pub(crate) include: Vec<String>,
    /// 알고 보냄: 밝히지 않은 줄, 경고, 민감정보 / what was not stated, is warned of or is sensitive
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) acknowledge: Vec<What>,
}

/// How much one QR code holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Size {
    /// 요즘 카메라 / cameras of today
    #[default]
    Standard,
    /// 약한 카메라 / weak cameras
    Small,
    /// 한 장에 모두 / everything in one, if it fits
    Still,
}

/// What takes a yes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    Recipient,
    Purpose,
    Items,
    Retention,
    Refusal,
    Unregistered,
    Unauthenticated,
    OverAsked,
    Sensitive,
    /// 고지서 납부 / paying a notice
    Payment,
    /// 신청서 서명 / signing an application
    Signature,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum PassphraseAct {
    /// 겁니다 / set
    Set,
    /// 바꿉니다 / change
    Change,
    /// 없앱니다 / remove
    Remove,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ProfileAct {
    /// 보여 줍니다 / show
    Show,
    /// 등록된 이름과 공개 열쇠 / the client registrations, with their public keys
    Clients,
}

fn query_and_paper(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((query, paper)) if !query.is_empty() && !paper.is_empty() => {
            Ok((query.to_owned(), paper.to_owned()))
        }
        _ => Err("QUERY=PAPER".to_owned()),
    }
}
