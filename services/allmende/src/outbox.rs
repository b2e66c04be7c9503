//! `allmende outbox …`: mails of a running platform. Nothing here tells an address or a text: the platform tells none.

use std::process::ExitCode;

use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::mail_service_client::MailServiceClient;
use allmende_runtime::clock::SystemClock;
use allmende_runtime::ids;
use clap::{Args, Subcommand, ValueEnum};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;

use crate::cli::Connection;
use crate::client::{self, Token};
use crate::terminal;

/// The most mails asked for at once.
const AT_ONCE: u32 = 500;

/// What can be done with mails.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// A tenant's mails, the latest first: when, what for, how they fared. No addresses.
    #[command(after_help = "Example:\n  allmende outbox list --tenant brandis --state given-up --limit 100")]
    List {
        /// Whose.
        #[arg(long)]
        tenant: String,
        /// Only those in this state.
        #[arg(long)]
        state: Option<State>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Where to.
        #[command(flatten)]
        connection: Connection,
    },
    /// Have a mail tried once more now: one that waits, or was given up.
    #[command(
        after_help = "Example:\n  allmende outbox retry 0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57 --tenant brandis\n\n\
        A mail of an account that was erased since has no address any more, and is given up again."
    )]
    Retry(Mail),
    /// Have a mail not tried any more.
    #[command(
        after_help = "Example:\n  allmende outbox drop 0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57 --tenant brandis\n\n\
        It cannot be taken back. An attempt that is being made is not called back."
    )]
    Drop(Mail),
}

/// Which mail.
#[derive(Debug, Args)]
pub struct Mail {
    /// Its id, as `outbox list` shows it.
    pub mail_id: String,
    /// Whose.
    #[arg(long)]
    pub tenant: String,
    /// Where to.
    #[command(flatten)]
    pub connection: Connection,
}

/// How a mail fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// Not tried yet.
    Queued,
    /// Taken by the mail server.
    Sent,
    /// Not taken; it is tried again.
    Failed,
    /// Not taken, and not tried again.
    GivenUp,
    /// Dropped by an operator.
    Dropped,
}

impl From<State> for pb::MailState {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Sent => Self::Sent,
            State::Failed => Self::Failed,
            State::GivenUp => Self::GivenUp,
            State::Dropped => Self::Dropped,
        }
    }
}

type Outbox = MailServiceClient<InterceptedService<Channel, Token>>;

/// Runs a command.
pub fn run(command: OutboxCommand) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            OutboxCommand::List { tenant, state, limit, connection } => {
                list(&mut client::outbox(&connection)?, tenant, state, limit).await
            }
            OutboxCommand::Retry(mail) => retry(&mut client::outbox(&mail.connection)?, mail).await,
            OutboxCommand::Drop(mail) => drop_mail(&mut client::outbox(&mail.connection)?, mail).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn list(outbox: &mut Outbox, tenant: String, state: Option<State>, limit: usize) -> anyhow::Result<()> {
    let state = state.map_or(pb::MailState::Unspecified, Into::into).into();
    let mut request = pb::ListOutboxRequest { tenant, state, ..Default::default() };
    let mut left = limit;
    while left > 0 {
        request.page_size = u32::try_from(left).unwrap_or(AT_ONCE).min(AT_ONCE);
        let page = outbox.list_outbox(request.clone()).await.map_err(|status| client::explain(&status))?.into_inner();
        left -= page.mails.len().min(left);
        page.mails.iter().for_each(show);
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
    terminal::note("There are more (--limit).");
    Ok(())
}

async fn retry(outbox: &mut Outbox, Mail { mail_id, tenant, .. }: Mail) -> anyhow::Result<()> {
    let request = pb::RetryMailRequest { tenant, request_id: request_id(), mail_id };
    let answer = client::with_retries(async || outbox.retry_mail(request.clone()).await).await;
    answer.map_err(|status| client::explain(&status))?.into_inner().mail.iter().for_each(show);
    Ok(())
}

async fn drop_mail(outbox: &mut Outbox, Mail { mail_id, tenant, .. }: Mail) -> anyhow::Result<()> {
    let request = pb::DropMailRequest { tenant, request_id: request_id(), mail_id };
    let answer = client::with_retries(async || outbox.drop_mail(request.clone()).await).await;
    answer.map_err(|status| client::explain(&status))?.into_inner().mail.iter().for_each(show);
    Ok(())
}

fn request_id() -> String {
    ids::request_id(&SystemClock).to_string()
}

fn show(mail: &pb::Mail) {
    terminal::line(&line(mail));
}

fn line(mail: &pb::Mail) -> String {
    let word = |name: &str, prefix: &str| name.trim_start_matches(prefix).to_lowercase().replace('_', "-");
    let kind = word(mail.kind().as_str_name(), "MAIL_KIND_");
    let state = word(mail.state().as_str_name(), "MAIL_STATE_");
    let tried = match (mail.attempts, mail.reply_code) {
        (0, _) => String::new(),
        (attempts, 0) => format!(", tried {attempts} times, last {}", moment(mail.tried_at_us)),
        (attempts, code) => format!(", tried {attempts} times, last {} with {code}", moment(mail.tried_at_us)),
    };
    format!("{} {} {state:<8} {kind}{tried}", mail.mail_id, moment(mail.queued_at_us))
}

/// To the second, as anything finer says nothing to people.
fn moment(micros: i64) -> String {
    jiff::Timestamp::from_second(micros.div_euclid(1_000_000)).map_or_else(|_| micros.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_a_line_that_names_nobody() {
        let mail = pb::Mail {
            mail_id: "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into(),
            kind: pb::MailKind::DeadlineNear.into(),
            state: pb::MailState::GivenUp.into(),
            attempts: 2,
            queued_at_us: 1_790_000_000_123_456,
            tried_at_us: 1_790_000_060_000_000,
            reply_code: 550,
        };
        let id = &mail.mail_id;
        let expected = format!(
            "{id} 2026-09-21T14:13:20Z given-up deadline-near, tried 2 times, last 2026-09-21T14:14:20Z with 550"
        );
        assert_eq!(line(&mail), expected);
        let fresh = pb::Mail { attempts: 0, state: pb::MailState::Queued.into(), ..mail };
        assert!(line(&fresh).ends_with("Z queued   deadline-near"), "{}", line(&fresh));
    }
}
