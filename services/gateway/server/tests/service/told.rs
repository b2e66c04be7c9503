//! What participation's log leads to: mails to those whom it concerns, each once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{EventLog as _, MemoryLog, NewCommit, NewEvent, Origin, StreamAppend, Window};
use allmende_gateway::Sources;
use allmende_kernel::{Clock as _, Duration as Span, ExpectedRevision, PartitionName, StreamName, Timestamp};
use allmende_proto::gateway::v1 as pb;
use allmende_proto::participation::events::v1 as stored;
use allmende_testkit::ManualClock;
use bytes::Bytes;
use prost::Message;
use uuid::Uuid;

use crate::support::{NOW, Running, mails, start, start_with};

const DAY: Span = Span::from_secs(86_400);

/// Participation as far as its log is concerned.
struct Town {
    log: Arc<MemoryLog>,
    clock: Arc<ManualClock>,
}

impl Town {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let partition = PartitionName::parse("participation-0").unwrap();
        Self { log: Arc::new(MemoryLog::new(partition, clock.clone(), Window::default())), clock }
    }

    async fn write(&self, category: &str, id: impl ToString, event: &'static str, message: &impl Message) {
        let id = id.to_string();
        let stream = StreamName::parse(&format!("koeln/{category}/{id}")).unwrap();
        let event_type: &'static str = format!("allmende.participation.events.v1.{event}").leak();
        let events = vec![NewEvent { event_type, payload: message.encode_to_vec().into() }];
        let commit = NewCommit {
            origin: Origin::Unlinked,
            admitted_at: self.clock.now(),
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
            outcome: Bytes::new(),
        };
        self.log.submit(commit).unwrap().wait().await.unwrap();
    }

    /// A procedure that takes ideas until a moment.
    async fn open(&self, procedure: Uuid, until: Timestamp) {
        let schedule = Some(schedule(until));
        self.write(
            "procedure",
            procedure,
            "ProcedureOpened",
            &stored::ProcedureOpened { schedule, ..Default::default() },
        )
        .await;
    }

    async fn contribute(&self, procedure: Uuid, contribution: Uuid, author: &str) {
        let submitted = stored::ContributionSubmitted {
            procedure_id: bytes(procedure),
            author: author.parse().map(bytes).unwrap_or_default(),
            ..Default::default()
        };
        self.write("contribution", contribution, "ContributionSubmitted", &submitted).await;
    }

    async fn support(&self, contribution: Uuid, person: &str, event: &'static str) {
        self.write("support", format!("{contribution}.{person}"), event, &stored::SupportGiven::default()).await;
    }

    /// Time passes here and there, and something happens, so that everybody looks at the clock.
    async fn later(&self, running: &Running, span: Span) {
        running.clock.advance(span);
        self.clock.advance(span);
        self.write("theme", Uuid::from_u128(999), "ThemeDefined", &stored::ThemeDefined::default()).await;
    }

    fn watched_by(&self, mut running: Running) -> Running {
        running.gateway.follow(Sources { participation: Some(self.log.clone()) });
        running
    }
}

fn bytes(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

fn schedule(until: Timestamp) -> stored::Schedule {
    let day = jiff::Timestamp::from_microsecond(until.as_micros() - 1).unwrap().to_string()[..10].to_owned();
    let days = stored::DayRange { to_day: day, to_us: until.as_micros(), ..Default::default() };
    let phase = stored::Phase { kind: stored::PhaseKind::Submission.into(), days: Some(days) };
    stored::Schedule { phases: vec![phase], ..Default::default() }
}

/// Kinds of the tenant's mails with the text of each, once there are so many that lead to its pages.
async fn told(running: &Running, page: &str, number: usize) -> Vec<String> {
    for _ in 0..6_000 {
        let found: Vec<_> = mails(&running.outbox()).into_iter().filter(|text| text.contains(page)).collect();
        if found.len() >= number {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not {number} mails lead to {page}: {:#?}", mails(&running.outbox()));
}

async fn outbox(running: &Running, kind: pb::MailKind) -> Vec<pb::Mail> {
    let list = pb::ListOutboxRequest { tenant: "koeln".into(), page_size: 500, ..Default::default() };
    let mails = running.operator().mail.list_outbox(list).await.unwrap().into_inner().mails;
    mails.into_iter().filter(|mail| mail.kind() == kind).collect()
}

#[tokio::test]
async fn an_author_is_told_what_became_of_a_text() {
    let town = Town::new();
    let running = town.watched_by(start().await);
    let maria = running.registered("koeln", "maria@example.org").await;
    let (idea, letter) = (Uuid::from_u128(1), Uuid::from_u128(2));
    town.contribute(Uuid::from_u128(7), idea, &maria).await;
    town.contribute(Uuid::from_u128(7), letter, "").await;
    let page = format!("/koeln/beitraege/{idea}");
    let received = told(&running, &page, 1).await;
    assert!(received[0].contains("Ihr Beitrag ist angekommen") && received[0].contains("To: maria@example.org"));
    town.write("contribution", idea, "ContributionPublished", &stored::ContributionPublished::default()).await;
    assert!(told(&running, &page, 2).await.iter().any(|text| text.contains("nun f=C3=BCr alle zu lesen")));
    town.write("contribution", idea, "ContributionAnswered", &stored::ContributionAnswered::default()).await;
    assert!(told(&running, &page, 3).await.iter().any(|text| text.contains("Verwaltung hat auf Ihren")));
    // What came on paper has no address.
    assert!(!mails(&running.outbox()).iter().any(|text| text.contains(&letter.to_string())));
    // Followed once more from the beginning, it leads to the same mails.
    let (data, keyring) = running.stop().await;
    let running = town.watched_by(start_with(data, keyring, NOW, |config| config).await);
    town.write("contribution", idea, "ContributionHidden", &stored::ContributionHidden::default()).await;
    told(&running, &page, 4).await;
    let kinds = [
        pb::MailKind::ContributionReceived,
        pb::MailKind::ContributionPublished,
        pb::MailKind::ContributionAnswered,
        pb::MailKind::ContributionNotPublished,
    ];
    for kind in kinds {
        assert_eq!(outbox(&running, kind).await.len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn who_takes_part_is_reminded_three_days_before_the_end() {
    let town = Town::new();
    let running = town.watched_by(start().await);
    let mut people = Vec::new();
    for name in ["maria", "paul", "late", "gone", "fickle", "other"] {
        people.push(running.registered("koeln", &format!("{name}@example.org")).await);
    }
    let [maria, paul, late, gone, fickle, other] = &people[..] else { unreachable!() };
    let (procedure, elsewhere) = (Uuid::from_u128(7), Uuid::from_u128(8));
    let end = NOW + Span::from_secs(10 * 86_400);
    town.open(procedure, end).await;
    town.open(elsewhere, end + DAY + DAY).await;
    town.contribute(procedure, Uuid::from_u128(1), maria).await;
    town.contribute(procedure, Uuid::from_u128(2), maria).await;
    town.contribute(procedure, Uuid::from_u128(3), gone).await;
    town.write("contribution", Uuid::from_u128(3), "ContributionWithdrawn", &stored::ContributionWithdrawn::default())
        .await;
    town.contribute(elsewhere, Uuid::from_u128(4), other).await;
    town.support(Uuid::from_u128(1), paul, "SupportGiven").await;
    town.support(Uuid::from_u128(1), fickle, "SupportGiven").await;
    town.support(Uuid::from_u128(1), fickle, "SupportTakenBack").await;
    town.later(&running, Span::from_secs(7 * 86_400 - 1)).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(outbox(&running, pb::MailKind::DeadlineNear).await.is_empty(), "a second too early");
    town.later(&running, Span::from_secs(1)).await;
    let page = format!("/koeln/verfahren/{procedure}");
    let reminded = told(&running, &page, 2).await;
    // From now on nobody has to be told that it ends soon.
    town.contribute(procedure, Uuid::from_u128(5), late).await;
    town.later(&running, Span::from_secs(3_600)).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(outbox(&running, pb::MailKind::DeadlineNear).await.len(), 2);
    for name in ["maria", "paul"] {
        let to = format!("To: {name}@example.org");
        let text = reminded.iter().find(|text| text.contains(&to)).unwrap();
        assert!(text.contains("endet mit dem 1.10.2026 eine Frist"), "{text}");
    }
}

#[tokio::test]
async fn an_end_that_moves_is_told_anew_and_one_that_fell_away_is_not() {
    let town = Town::new();
    let running = town.watched_by(start().await);
    let maria = running.registered("koeln", "maria@example.org").await;
    let (moved, closed, text) = (Uuid::from_u128(7), Uuid::from_u128(8), Uuid::from_u128(9));
    let end = NOW + Span::from_secs(4 * 86_400);
    for (number, procedure) in [moved, closed].into_iter().enumerate() {
        town.open(procedure, end).await;
        town.contribute(procedure, Uuid::from_u128(number as u128 + 1), &maria).await;
    }
    let draft = stored::DraftPublished { procedure_id: bytes(closed), ..Default::default() };
    town.write("document", text, "DraftPublished", &draft).await;
    let days = schedule(end).phases.remove(0).days;
    town.write("document", text, "ConsultationOpened", &stored::ConsultationOpened { days, at_us: 0 }).await;
    town.write("procedure", closed, "ProcedureClosed", &stored::ProcedureClosed::default()).await;
    town.later(&running, DAY).await;
    told(&running, &format!("/koeln/verfahren/{moved}"), 1).await;
    let amended = stored::PhasesAmended { schedule: Some(schedule(end + DAY)), ..Default::default() };
    town.write("procedure", moved, "PhasesAmended", &amended).await;
    town.later(&running, DAY).await;
    told(&running, &format!("/koeln/verfahren/{moved}"), 2).await;
    assert_eq!(outbox(&running, pb::MailKind::DeadlineNear).await.len(), 2);
}

#[tokio::test]
async fn however_often_it_is_cut_off_everybody_is_told_once() {
    const PROCEDURES: u128 = 40;
    // They end hour by hour, so that the first runs cannot tell everybody, however fast they are.
    const HOURS: u128 = 4;
    let clock = |run: usize| NOW + DAY + Span::from_secs(3_600 * run.min(HOURS as usize - 1) as i64);
    let town = Town::new();
    let running = start().await;
    let mut people = BTreeSet::new();
    for name in ["maria", "paul", "ruth"] {
        people
            .insert((running.registered("koeln", &format!("{name}@example.org")).await, format!("{name}@example.org")));
    }
    for procedure in 0..PROCEDURES {
        let end = NOW + Span::from_secs(4 * 86_400 + 3_600 * (procedure % HOURS) as i64);
        town.open(Uuid::from_u128(100 + procedure), end).await;
        for (number, (person, _)) in people.iter().enumerate() {
            let contribution = Uuid::from_u128(1_000 + procedure * 10 + number as u128);
            town.contribute(Uuid::from_u128(100 + procedure), contribution, person).await;
        }
    }
    let (mut data, mut keyring) = running.stop().await;
    let expected = PROCEDURES as usize * people.len();
    let (mut cuts, mut whole) = (0, false);
    while !whole {
        let running = town.watched_by(start_with(data, keyring, clock(cuts), |config| config).await);
        let before = (outbox(&running, pb::MailKind::DeadlineNear).await.len(), received(&running).await);
        // Each run does a little more than the one before, and is cut off wherever it is.
        loop {
            let now = (outbox(&running, pb::MailKind::DeadlineNear).await.len(), received(&running).await);
            whole = now == (expected, expected);
            if whole || now != before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        cuts += usize::from(!whole);
        (data, keyring) = running.stop().await;
    }
    assert!(cuts >= 3, "it was cut off {cuts} times only");
    let running = town.watched_by(start_with(data, keyring, clock(cuts), |config| config).await);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(outbox(&running, pb::MailKind::DeadlineNear).await.len(), expected);
    assert_eq!(received(&running).await, expected);
    for procedure in 0..PROCEDURES {
        let page = format!("/koeln/verfahren/{}", Uuid::from_u128(100 + procedure));
        let texts = told(&running, &page, people.len()).await;
        let addresses: BTreeSet<_> =
            texts.iter().flat_map(|text| text.lines().find_map(|line| line.strip_prefix("To: "))).collect();
        assert_eq!((texts.len(), addresses.len()), (people.len(), people.len()), "{page}");
    }
}

async fn received(running: &Running) -> usize {
    outbox(running, pb::MailKind::ContributionReceived).await.len()
}
