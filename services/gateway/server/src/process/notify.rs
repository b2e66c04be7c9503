//! Tells people by mail what became of what they wrote: follows participation's log and queues mails in gateway's own.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{CommitView, Direction, EventLog, Filter, Origin, ReadError, Request, Subscription};
use allmende_gateway_domain::mail::Kind;
use allmende_kernel::{Position, Revision, StreamName, SubjectId, TenantId};
use allmende_proto::participation::events::v1 as stored;
use bytes::Bytes;
use lru::LruCache;
use prost::Message as _;
use uuid::Uuid;

use crate::app::{App, Recipient};
use crate::error::Error;

const CATEGORY: &str = "contribution";
const PREFIX: &str = "allmende.participation.events.v1.";
/// Authors that are remembered; others are looked up.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// How long is waited after something failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Follows participation. Goes on after the last commit that led to a mail: what stands between is looked at again and
/// leads to the same mails, of which there is one each.
pub(crate) async fn notify(app: Arc<App>, source: Arc<dyn EventLog>) {
    loop {
        let partition = source.partition().to_string();
        let from = match app.look_up(move |reader| Ok(reader.reacted_to(&partition)?)).await {
            Ok(from) => from,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "what was told is not known");
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        if follow(&app, &source, from).await {
            return;
        }
        tokio::time::sleep(AFTER_FAILURE).await;
    }
}

/// Whether the source has ended; otherwise something failed, and it is to be followed anew.
async fn follow(app: &App, source: &Arc<dyn EventLog>, from: Position) -> bool {
    let filter = Filter { category: Some(CATEGORY.to_owned()), ..Filter::default() };
    // The commit's group may hold others, which were not looked at: they come again, and change nothing.
    let after = Position::new(from.group.saturating_sub(1), 0);
    let mut subscription = Subscription::start(Arc::clone(source), after, filter);
    let mut authors = Authors { source: Arc::clone(source), known: LruCache::new(REMEMBERED) };
    while let Some(delivery) = subscription.next().await {
        let delivery = match delivery {
            Ok(delivery) => delivery,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "what people are told of cannot be read");
                return false;
            }
        };
        for commit in delivery.commits() {
            let notices = match notices(&mut authors, commit) {
                Ok(notices) => notices,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "an author cannot be looked up");
                    return false;
                }
            };
            for (step, notice) in (0..).zip(notices) {
                if let Err(error) = tell(app, source, commit.position(), step, notice).await {
                    tracing::error!(error = &error as &dyn std::error::Error, "a mail cannot be queued");
                    return false;
                }
            }
        }
    }
    true
}

/// Somebody is to be told something.
#[derive(Debug, Clone, PartialEq)]
struct Notice {
    tenant: TenantId,
    contribution: Uuid,
    author: SubjectId,
    kind: Kind,
}

/// Who wrote what, as the log has it.
struct Authors {
    source: Arc<dyn EventLog>,
    known: LruCache<StreamName, Option<SubjectId>>,
}

impl Authors {
    /// The author of a contribution: its first event says it. Absent for what came on paper.
    fn of(&mut self, stream: &StreamName) -> Result<Option<SubjectId>, ReadError> {
        if let Some(known) = self.known.get(stream) {
            return Ok(*known);
        }
        let first = self.source.read_stream(stream, Revision(1), Direction::Forward, 1)?;
        let author = first.first().and_then(|event| author(event.view().event_type(), event.view().payload()));
        self.known.put(stream.clone(), author);
        Ok(author)
    }
}

fn author(event_type: &str, payload: &[u8]) -> Option<SubjectId> {
    if event_type.strip_prefix(PREFIX)? != "ContributionSubmitted" {
        return None;
    }
    let submitted = stored::ContributionSubmitted::decode(payload).ok()?;
    Uuid::from_slice(&submitted.author).ok().map(SubjectId::new)
}

/// What people are told of a commit: the last of each contribution's events counts.
fn notices(authors: &mut Authors, commit: CommitView<'_>) -> Result<Vec<Notice>, ReadError> {
    let mut notices: HashMap<StreamName, Kind> = HashMap::new();
    for write in commit.writes() {
        let (_, category, _) = write.stream_parts();
        let Some(stream) = write.stream_name().filter(|_| category == CATEGORY) else { continue };
        for event in write.events() {
            if let Some(kind) = event.event_type().strip_prefix(PREFIX).and_then(kind) {
                notices.insert(stream.clone(), kind);
            }
        }
    }
    let mut told = Vec::new();
    for (stream, kind) in notices {
        let (Ok(tenant), Ok(contribution)) = (TenantId::parse(stream.tenant()), Uuid::try_parse(stream.id())) else {
            continue;
        };
        if let Some(author) = authors.of(&stream)? {
            told.push(Notice { tenant, contribution, author, kind });
        }
    }
    // In the same order each time: steps are counted.
    told.sort_by_key(|notice| notice.contribution);
    Ok(told)
}

fn kind(event: &str) -> Option<Kind> {
    match event {
        "ContributionSubmitted" => Some(Kind::ContributionReceived),
        "ContributionPublished" => Some(Kind::ContributionPublished),
        "ContributionRejected" | "ContributionHidden" | "ContributionRedacted" => Some(Kind::ContributionNotPublished),
        "ContributionAnswered" | "ProposalAnswered" => Some(Kind::ContributionAnswered),
        _ => None,
    }
}

/// Queues the mail: once for this commit and step, whatever happens between.
async fn tell(
    app: &App,
    source: &Arc<dyn EventLog>,
    position: Position,
    step: u32,
    notice: Notice,
) -> Result<(), Error> {
    let Notice { tenant, contribution, author, kind } = notice;
    let account = app.look_up(move |reader| {
        let Some(home) = reader.home(author)? else { return Ok(None) };
        let language = reader.person(&home, author)?.account().map(|account| account.details.language);
        Ok(language.map(|language| Recipient { subject: author, home, language }))
    });
    // Who was vouched for elsewhere, or was forgotten, has no address here.
    let Some(to) = account.await? else { return Ok(()) };
    let mail = app.mail_about(&tenant, kind, to, Some(contribution), &position.to_string());
    let origin = Origin::Process { source: source.partition().clone(), position, step };
    let request = Request { origin, actor: None, trace: None };
    let done = app.commands.execute(&request, |transaction, now| {
        mail.queue(transaction, now)?;
        Ok(Bytes::new())
    });
    done.await.map(drop).map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_what_became_of_what_they_wrote() {
        assert_eq!(kind("ContributionSubmitted"), Some(Kind::ContributionReceived));
        assert_eq!(kind("ContributionHidden"), Some(Kind::ContributionNotPublished));
        assert_eq!(kind("ThemeAssigned"), None);
        let submitted = stored::ContributionSubmitted {
            author: Bytes::copy_from_slice(Uuid::from_u128(5).as_bytes()),
            ..stored::ContributionSubmitted::default()
        };
        let bytes = submitted.encode_to_vec();
        let event = "allmende.participation.events.v1.ContributionSubmitted";
        assert_eq!(author(event, &bytes), Some(SubjectId::new(Uuid::from_u128(5))));
        let offline = stored::ContributionSubmitted::default().encode_to_vec();
        assert_eq!(author(event, &offline), None);
        assert_eq!(author("allmende.participation.events.v1.ContributionPublished", &[]), None);
    }
}
