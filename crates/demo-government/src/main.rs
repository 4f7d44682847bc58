//! The demo government as a program of its own (시연용).

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use demo_government::{Config, Government, GovernmentError};
use primitives::Refusal as _;

/// 시연용 누리 시연국: agencies, wallet provider, lists and verifiers on loopback. 실제 정부 서비스가 아닙니다.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where keys, ports and lists are kept.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// The ports of a first start: this one and the next; 0 takes any that are free.
    #[arg(long, value_name = "N")]
    port_base: Option<u16>,
    #[command(subcommand)]
    command: Option<Task>,
}

/// What is done instead of running the government until it is stopped.
#[derive(Subcommand)]
enum Task {
    /// Writes the kit of a verifier for `verifier FOLDER/verifier.json --desk`: key, certificates, registration, lists as of now.
    Desk {
        /// The verifier: v-store (가상편의점), v-air (가상공항 국내선), or another that is registered.
        verifier: String,
        /// Where the kit is written.
        folder: PathBuf,
        /// The port of its page on 127.0.0.1.
        #[arg(long, default_value_t = 8480)]
        port: u16,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match Government::start(Config { folder: options.state, port_base: options.port_base }).await {
        Ok(government) => {
            if let Some(Task::Desk { verifier, folder, port }) = &options.command {
                let written = government.desk_kit(verifier, folder, *port).await;
                government.stop().await;
                return match written {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(error) => fail(&error),
                };
            }
            let attached = government.is_attached();
            let addresses = government.addresses();
            let mut out = std::io::stdout();
            // who reads this through a pipe may have gone away
            let _ = writeln!(
                out,
                "시연용 - 실제 정부 서비스가 아닙니다 (demonstration, not a real government)\n\
                 console   {}\n\
                 agencies  https://AGENCY.localhost:{}\n\
                 profile   {}{}",
                government.console(),
                addresses.https,
                government.folder().join("profile.json").display(),
                if attached { "\nruns in another process already" } else { "" },
            );
            let _ = out.flush();
            if !attached {
                let _ = tokio::signal::ctrl_c().await;
                government.stop().await;
            }
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn fail(error: &GovernmentError) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{} ({})", error, error.code());
    ExitCode::from(6)
}
