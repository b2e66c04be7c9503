//! Datasets publish themselves: looks at what has changed in the sources, issues what is due, withdraws what held
//! something that must not be had any more, and removes files that are to go.
//!
//! It keeps nothing of its own: what is left to do follows from the sources' views and this service's, and every step
//! can be repeated. Killed between any two of them, it goes on where the logs say it is.

mod due;

use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::{Duration as Wait, Position, Timestamp};
use allmende_opendata_domain::Source;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::app::{App, Followed, Reached, dataset_id};
use crate::error::Error;
use crate::sources::Changed;
use due::Due;

/// How often it looks: what changes in between is issued once.
const EVERY: Duration = Duration::from_millis(200);
/// The same for a source of which much changes all the time and little is due: each look reads every dataset that waits.
const EVERY_OF_MANY: Duration = Duration::from_secs(2);
/// How long it waits after a failure.
const AFTER_FAILURE: Wait = Wait::from_secs(10);
/// Rows read at once.
const AT_ONCE: usize = 200;
/// Retractions read at once: more than a commit holds.
const RETRACTIONS: usize = 100_000;
/// Drafts that are looked at again when a licence was declared.
const MOST_DRAFTS: usize = 10_000;

/// What it has seen, by source, and of this service's own log. Forgotten at the end: it is found again.
struct Seen {
    sources: Vec<SeenOfSource>,
    own: Position,
    licences: Position,
}

#[derive(Clone, Copy)]
struct SeenOfSource {
    /// Retractions up to here are carried out.
    retracted: Position,
    /// Changes up to here are issued; those behind it may not be due yet.
    issued: Position,
    /// What was there when it looked last.
    looked_at: Position,
    awaited: Position,
    /// When something that was not due yet is to be looked at again.
    again_at: Option<Timestamp>,
    not_before: Option<Instant>,
}

/// Runs until its task is aborted.
pub(crate) async fn publish(app: Arc<App>) {
    let start = SeenOfSource {
        retracted: Position::START,
        issued: Position::START,
        looked_at: Position::START,
        awaited: Position::START,
        again_at: None,
        not_before: None,
    };
    let mut seen = Seen { sources: vec![start; app.sources.len()], own: Position::START, licences: Position::START };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut not_before = Instant::now();
    let mut swept = false;
    loop {
        ticks.tick().await;
        if Instant::now() < not_before {
            continue;
        }
        let passed = async {
            if !swept {
                let files = app.sweep().await?;
                if files > 0 {
                    tracing::info!(files, "files that no version has are gone");
                }
                swept = true;
            }
            pass(&app, &mut seen).await
        };
        if let Err(error) = passed.await {
            tracing::error!(error = &error as &dyn std::error::Error, "publishing datasets failed and is tried again");
            not_before = Instant::now() + Duration::from_micros(AFTER_FAILURE.as_micros().unsigned_abs());
        }
    }
}

async fn pass(app: &App, seen: &mut Seen) -> Result<(), Error> {
    for (followed, seen) in app.sources.iter().zip(&mut seen.sources) {
        follow(app, followed, seen).await?;
    }
    let own = app.queries.view().applied();
    if own != seen.own {
        retry_drafts(app, seen).await?;
        remove_files(app).await?;
        seen.own = own;
    }
    Ok(())
}

/// Brings the datasets of one source up to date.
async fn follow(app: &App, followed: &Followed, seen: &mut SeenOfSource) -> Result<(), Error> {
    let now = app.clock.now();
    let head = followed.source.view().applied();
    let awaited = *followed.awaited.borrow();
    let again = seen.again_at.is_some_and(|at| at <= now);
    let nothing_new = head == seen.looked_at && awaited == seen.awaited && !again && head != Position::START;
    if nothing_new || seen.not_before.is_some_and(|not_before| Instant::now() < not_before) {
        return Ok(());
    }
    if !followed.source.is_issued_on_demand() {
        seen.not_before = Some(Instant::now() + EVERY_OF_MANY);
    }
    retract(app, followed, seen).await?;
    let mut after = seen.issued;
    let mut waiting: Option<Position> = None;
    let mut again_at: Option<Timestamp> = None;
    loop {
        let source = Arc::clone(&followed.source);
        let changed = crate::app::blocking(move || Ok(source.changed(after, AT_ONCE)?)).await?;
        let Some(last) = changed.last() else { break };
        let read_all = changed.len() < AT_ONCE;
        // Of one position there may be more than were read at once: those are seen twice.
        let next = before(last.position);
        after = if next > after { next } else { last.position };
        for changed in changed {
            let last = last_version(app, &changed).await?;
            let at = match due::due(&changed, last.as_ref(), now, awaited, &app.config) {
                Due::Issued => continue,
                Due::Now => match app.issue_by_itself(&followed.source, &changed.tenant, changed.source).await {
                    Ok(()) => continue,
                    // One dataset that cannot be made holds up none of the others.
                    Err(error) => {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            tenant = %changed.tenant,
                            dataset = changed.source.dataset_name(),
                            "a dataset could not be issued and is tried again"
                        );
                        now + AFTER_FAILURE
                    }
                },
                Due::At(at) => at,
            };
            waiting.get_or_insert(before(changed.position));
            again_at = Some(again_at.map_or(at, |earliest| earliest.min(at)));
        }
        if read_all {
            break;
        }
    }
    seen.issued = waiting.unwrap_or(head).max(seen.issued);
    (seen.looked_at, seen.awaited, seen.again_at) = (head, awaited, again_at);
    followed.reached.send_replace(Reached { looked_at: head, issued: seen.issued });
    Ok(())
}

async fn retract(app: &App, followed: &Followed, seen: &mut SeenOfSource) -> Result<(), Error> {
    loop {
        let (source, after) = (Arc::clone(&followed.source), seen.retracted);
        let retracted = crate::app::blocking(move || Ok(source.retracted(after, RETRACTIONS)?)).await?;
        let read_all = retracted.len() < RETRACTIONS;
        let Some(last) = retracted.last().map(|last| last.position) else { return Ok(()) };
        for retracted in &retracted {
            app.retract(retracted).await?;
        }
        // A commit's retractions may go on behind what was read at once.
        seen.retracted = if read_all { last } else { before(last) };
        if read_all {
            return Ok(());
        }
    }
}

async fn last_version(app: &App, changed: &Changed) -> Result<Option<crate::views::VersionRow>, Error> {
    let Some(id) = dataset_id(&changed.tenant, changed.source) else { return Ok(None) };
    let tenant = changed.tenant.clone();
    app.read_now(move |reader| match reader.dataset(&tenant, id)? {
        Some(dataset) => Ok(reader.version(&tenant, id, dataset.versions)?),
        None => Ok(None),
    })
    .await
}

/// A position that lies right before another one.
fn before(position: Position) -> Position {
    match position.index {
        0 => Position::new(position.group.saturating_sub(1), u32::MAX),
        index => Position::new(position.group, index - 1),
    }
}

/// Drafts may have waited for a licence that was declared since.
async fn retry_drafts(app: &App, seen: &mut Seen) -> Result<(), Error> {
    let declared = app.read_now(|reader| Ok(reader.last_licence()?)).await?;
    if declared == seen.licences {
        return Ok(());
    }
    let drafts = app.read_now(|reader| Ok(reader.drafts(MOST_DRAFTS)?)).await?;
    for (tenant, id) in drafts {
        let of = tenant.clone();
        let row = app.read_now(move |reader| Ok(reader.dataset(&of, id)?)).await?;
        let source = row.map_or(Source::Manual, |row| row.source);
        if let Some(followed) = app.source_of(source) {
            app.issue_by_itself(&followed.source, &tenant, source).await?;
        }
    }
    seen.licences = declared;
    Ok(())
}

async fn remove_files(app: &App) -> Result<(), Error> {
    loop {
        let versions = app.read_now(|reader| Ok(reader.awaiting_removal(AT_ONCE)?)).await?;
        if versions.is_empty() {
            return Ok(());
        }
        for (tenant, id, version) in versions {
            app.remove_files(&tenant, id, version).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_lies_between_a_position_and_the_one_before() {
        for position in [Position::new(7, 0), Position::new(7, 3)] {
            assert!(before(position) < position);
            assert!(before(position) >= Position::new(6, u32::MAX));
        }
        assert_eq!(before(Position::new(7, 3)), Position::new(7, 2));
    }
}
