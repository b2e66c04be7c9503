//! Reminds people by mail of the deadlines of procedures that they take part in.
//!
//! Who had written or supported something [`NOTICE`] before a deadline, and has not taken it back, is told of it between
//! then and the deadline. Nothing is noted but the mails: their ids follow from person, procedure and deadline, so that a
//! start after a crash looks at everybody again, and writes to those who were not reached.

mod calendar;
mod taking_part;

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{EventLog, ReadError};
use allmende_gateway_domain::mail::Kind;
use allmende_kernel::{SubjectId, Timestamp};

use crate::app::{App, Letter, Recipient};
use crate::error::Error;
use calendar::{Calendar, Deadline};
use taking_part::TakingPart;

/// How long before a deadline people are told.
const NOTICE: allmende_kernel::Duration = allmende_kernel::Duration::from_secs(3 * 86_400);
/// The longest wait: a clock that was set is noticed after it.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The shortest: under load the calendar is not read for every commit.
const SHORTEST_WAIT: Duration = Duration::from_millis(250);
/// How long is waited after something failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Follows participation's procedures and texts, and tells people in time.
pub(crate) async fn remind(app: Arc<App>, source: Arc<dyn EventLog>) {
    let mut head = source.head();
    let mut calendar = Calendar::new(Arc::clone(&source));
    loop {
        head.borrow_and_update();
        let pause = match round(&app, &source, &mut calendar).await {
            Ok(next) => {
                let wait = next.map(|at| u64::try_from(at.since(app.now()).as_micros()).unwrap_or_default());
                wait.map_or(LONGEST_WAIT, Duration::from_micros).clamp(SHORTEST_WAIT, LONGEST_WAIT)
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "people cannot be told of a deadline");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            moved = head.changed() => {
                if moved.is_err() {
                    return;
                }
                tokio::time::sleep(SHORTEST_WAIT).await;
            }
        }
    }
}

/// Why people were not told.
#[derive(Debug, thiserror::Error)]
enum Unreached {
    #[error(transparent)]
    Source(#[from] ReadError),
    #[error(transparent)]
    Own(#[from] Error),
}

/// Tells people of what is near; when the next deadline will be.
async fn round(
    app: &Arc<App>,
    source: &Arc<dyn EventLog>,
    calendar: &mut Calendar,
) -> Result<Option<Timestamp>, Unreached> {
    let now = app.now();
    calendar.catch_up(now).await?;
    while let Some(deadline) = calendar.due(now) {
        tell(app, source, &deadline).await?;
        calendar.told(&deadline);
    }
    Ok(calendar.next())
}

async fn tell(app: &Arc<App>, source: &Arc<dyn EventLog>, deadline: &Deadline) -> Result<(), Unreached> {
    let mut people = TakingPart::new(Arc::clone(source), deadline.clone());
    while let Some(some) = people.next().await? {
        let letters = letters(app, deadline, some).await?;
        if !letters.is_empty() {
            app.queue_all(&letters).await?;
        }
    }
    Ok(())
}

/// Mails to those who have an account, and were not written to yet.
async fn letters(app: &Arc<App>, deadline: &Deadline, people: Vec<SubjectId>) -> Result<Vec<Letter>, Error> {
    let (writer, deadline) = (Arc::clone(app), deadline.clone());
    let letters = app.look_up(move |reader| {
        let mut letters = Vec::new();
        for subject in people {
            // Who was vouched for elsewhere, or was forgotten, has no address here.
            let Some(home) = reader.home(subject)? else { continue };
            let Some(language) = reader.person(&home, subject)?.account().map(|account| account.details.language)
            else {
                continue;
            };
            let to = Recipient { subject, home, language };
            let (about, mark) = (Some(deadline.procedure), deadline.closes.as_micros().to_string());
            let mut letter = writer.mail_about(&deadline.tenant, Kind::DeadlineNear, to, about, &mark);
            letter.mail.deadline = Some(deadline.last_day.clone());
            if reader.mail(&letter.tenant, letter.id)?.is_none() {
                letters.push(letter);
            }
        }
        Ok(letters)
    });
    letters.await
}
