use allmende_eventlog::{Aggregate, CommitView, EventView, Origin};
use allmende_gateway_domain::mail::Progress;
use allmende_gateway_domain::{
    ErasureId, FeedbackId, MailId, SessionId, erasure, feedback, grants, mail, person, session, tenant,
};
use allmende_kernel::{Decider as _, Duration, SubjectId, Timestamp};
use allmende_views::{Keys, Order, Table, Tables as _, View, ViewError, WriteSet};
use uuid::Uuid;

use super::keys::{
    ABANDONED, CHANGED, ENDED, ENDED_AT, ERASURE_RANKS, ERASURES, ERASURES_DUE, FEEDBACK, FEEDBACK_DUE, FEEDBACK_OF,
    FEEDBACK_TIMES, GRANTS, GRANTS_OF, MAIL_TIMES, MAILS, MAILS_DUE, MEMBERS, PEOPLE, REACTIONS, STANDINGS, TENANTS,
    UNCONFIRMED, abandoned_key, erasure_rank_key, feedback_key, feedback_of_key, grant_key, grant_of_key, id_at_end,
    mail_due_key, mail_time_key, position_bytes, tenant_key, tenant_prefix, time_bytes, time_of, unconfirmed_key,
};
use super::standing::Sessions;
use crate::wire::{Erasure, Feedback, Grants, Mail, Person, Record, Session, Tenant};

/// How long a session that was ended is remembered: longer than an access token is good.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// How many are forgotten at once.
const FORGOTTEN_AT_ONCE: usize = 16;

/// Everything gateway is asked.
pub(crate) struct GatewayView;

impl View for GatewayView {
    const NAME: &'static str = "gateway";
    const VERSION: u32 = 5;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        for write in commit.writes() {
            let (tenant, category, id) = write.stream_parts();
            for event in write.events() {
                let at = Event { event, tenant, id };
                match category {
                    person::Model::CATEGORY => at.fold_person(tables)?,
                    session::Model::CATEGORY => at.fold_session(tables)?,
                    grants::Model::CATEGORY => at.fold_grants(tables)?,
                    tenant::Model::CATEGORY => at.record::<Tenant>(tables, TENANTS, tenant.as_bytes()).map(drop)?,
                    feedback::Model::CATEGORY => at.fold_feedback(tables)?,
                    erasure::Model::CATEGORY => at.fold_erasure(tables)?,
                    mail::Model::CATEGORY => at.fold_mail(tables)?,
                    _ => {}
                }
            }
        }
        if let Origin::Process { source, position, .. } = commit.origin() {
            let reached = position_bytes(position);
            let key = source.as_str().as_bytes();
            // Positions of equal length sort as they follow each other.
            if tables.get(REACTIONS, key)?.is_none_or(|before| *before < *reached) {
                tables.put(REACTIONS, key, reached);
            }
        }
        Ok(())
    }
}

/// An event with its place.
#[derive(Clone, Copy)]
struct Event<'a> {
    event: EventView<'a>,
    tenant: &'a str,
    id: &'a str,
}

impl Event<'_> {
    fn unreadable(&self) -> ViewError {
        ViewError::unreadable(self.event)
    }

    fn uuid(&self) -> Result<Uuid, ViewError> {
        Uuid::try_parse(self.id).map_err(|_| self.unreadable())
    }

    fn decode<A: Aggregate>(&self) -> Result<<A::Model as allmende_kernel::Decider>::Event, ViewError> {
        A::decode(self.event.event_type(), self.event.payload()).map_err(|_| self.unreadable())
    }

    /// Adds the event to the record under `key`; the states before and after it.
    #[allow(clippy::type_complexity)]
    fn record<A: Aggregate>(
        &self,
        tables: &mut WriteSet<'_>,
        table: Table,
        key: &[u8],
    ) -> Result<(<A::Model as allmende_kernel::Decider>::State, <A::Model as allmende_kernel::Decider>::State), ViewError>
    {
        let mut record = Record::from_bytes(tables.get(table, key)?.as_deref());
        let before = record.state::<A>().map_err(|_| ViewError::Row(table))?;
        record.push(self.event).map_err(|_| ViewError::Row(table))?;
        let after = record.state::<A>().map_err(|_| self.unreadable())?;
        tables.put(table, key, record.into_bytes());
        Ok((before, after))
    }

    fn fold_person(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let subject = SubjectId::new(self.uuid()?);
        let happened = self.decode::<Person>()?;
        let since = match happened {
            // Not shown, and as many as somebody likes to try.
            person::Event::SignInFailed { .. }
            | person::Event::SignInSucceeded { .. }
            | person::Event::PasswordResetRequested { .. } => return Ok(()),
            person::Event::EmailConfirmed { .. } | person::Event::ProviderLinked { .. } => None,
            person::Event::Registered { at, .. }
            | person::Event::PasswordChanged { at, .. }
            | person::Event::ProviderUnlinked { at, .. } => Some(Sessions::Since(at)),
            person::Event::Erased { .. } | person::Event::Abandoned { .. } => Some(Sessions::None),
        };
        let key = tenant_key(self.tenant, subject.as_bytes());
        let (before, after) = self.record::<Person>(tables, PEOPLE, &key)?;
        let until = |state: &person::State| state.account().and_then(person::Account::expires);
        if let Some(until) = until(&before) {
            tables.delete(UNCONFIRMED, &unconfirmed_key(until, self.tenant, subject));
        }
        if let Some(until) = until(&after) {
            tables.put(UNCONFIRMED, &unconfirmed_key(until, self.tenant, subject), []);
        }
        if let person::Event::Abandoned { .. } = happened {
            // There never was anybody.
            tables.delete(MEMBERS, &key);
            tables.put(ABANDONED, &abandoned_key(self.event.position(), self.tenant, subject), []);
        } else {
            tables.put(MEMBERS, &key, []);
        }
        if let Some(sessions) = since {
            tables.put(STANDINGS, subject.as_bytes(), sessions.to_bytes(self.tenant));
            self.note_change(tables);
        }
        Ok(())
    }

    /// Voids what is remembered of anybody's standing.
    fn note_change(&self, tables: &mut WriteSet<'_>) {
        tables.put(CHANGED, &[], position_bytes(self.event.position()));
    }

    fn fold_session(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let session::Event::Ended { at, .. } = self.decode::<Session>()? else { return Ok(()) };
        let session = SessionId::new(self.uuid()?);
        forget_ended(tables, at)?;
        tables.put(ENDED, session.as_bytes(), []);
        tables.put(ENDED_AT, &[time_bytes(at).as_slice(), session.as_bytes()].concat(), []);
        self.note_change(tables);
        Ok(())
    }

    fn fold_grants(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let subject = SubjectId::new(self.uuid()?);
        let member = tenant_key(self.tenant, subject.as_bytes());
        match self.decode::<Grants>()? {
            grants::Event::Granted(grant, given) => {
                let value = [given.by.as_bytes().as_slice(), &time_bytes(given.at)].concat();
                tables.put(GRANTS, &grant_key(self.tenant, subject, &grant), value.clone());
                tables.put(GRANTS_OF, &grant_of_key(subject, self.tenant, &grant), value);
                tables.put(MEMBERS, &member, []);
            }
            grants::Event::Revoked(grant, _) => {
                tables.delete(GRANTS, &grant_key(self.tenant, subject, &grant));
                tables.delete(GRANTS_OF, &grant_of_key(subject, self.tenant, &grant));
                let others = tables.scan(GRANTS, &Keys::prefix(&member), Order::Ascending).next().transpose()?;
                if others.is_none() && tables.get(PEOPLE, &member)?.is_none() {
                    tables.delete(MEMBERS, &member);
                }
            }
        }
        self.note_change(tables);
        Ok(())
    }

    fn fold_feedback(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let id = FeedbackId::new(self.uuid()?);
        let named = tenant_key(self.tenant, id.as_bytes());
        let sent_at = match self.decode::<Feedback>()? {
            feedback::Event::Sent(told) => {
                tables.put(FEEDBACK_TIMES, &named, time_bytes(told.at));
                if let Some(by) = told.by {
                    tables.put(FEEDBACK_OF, &feedback_of_key(by, self.tenant, id), []);
                }
                told.at
            }
            feedback::Event::Erased { .. } => {
                let time = tables.get(FEEDBACK_TIMES, &named)?;
                let time = time.and_then(|time| Some(time_of(time.as_ref().try_into().ok()?)));
                time.ok_or(ViewError::Row(FEEDBACK_TIMES))?
            }
        };
        let (_, after) = self.record::<Feedback>(tables, FEEDBACK, &feedback_key(self.tenant, sent_at, id))?;
        if let Some(told) = after.filter(|told| told.erased_at.is_some()) {
            tables.delete(FEEDBACK_DUE, &named);
            if let Some(by) = told.feedback.by {
                tables.delete(FEEDBACK_OF, &feedback_of_key(by, self.tenant, id));
            }
        }
        Ok(())
    }

    fn fold_erasure(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let id = ErasureId::new(self.uuid()?);
        let key = tenant_key(self.tenant, id.as_bytes());
        let (before, after) = self.record::<Erasure>(tables, ERASURES, &key)?;
        let rank = |erasure: &erasure::Erasure| {
            let decided = erasure.decision.as_ref().map(|decision| decision.at);
            erasure_rank_key(self.tenant, erasure.request.due.until, decided, id)
        };
        if let Some(before) = &before {
            tables.delete(ERASURE_RANKS, &rank(before));
        }
        if let Some(after) = &after {
            tables.put(ERASURE_RANKS, &rank(after), []);
            // Until the account is gone, its owner may tell more.
            let taken = |state: &erasure::Erasure| (state.decision.is_some(), state.executed_at.is_some());
            if before.is_some_and(|before| taken(&before) != taken(after)) && after.takes_what_was_told() {
                note_feedback_due(tables, self.tenant, &after.request)?;
            }
            match after.takes_the_account() && after.executed_at.is_none() {
                true => tables.put(ERASURES_DUE, &key, []),
                false => tables.delete(ERASURES_DUE, &key),
            }
        }
        Ok(())
    }

    fn fold_mail(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let id = MailId::new(self.uuid()?);
        let key = tenant_key(self.tenant, id.as_bytes());
        let (before, after) = self.record::<Mail>(tables, MAILS, &key)?;
        let due = |queued: &mail::Queued| match queued.progress {
            Progress::Waiting { next_at } => Some(mail_due_key(next_at, self.tenant, id)),
            Progress::Sent | Progress::GivenUp | Progress::Dropped => None,
        };
        if let Some(due) = before.as_ref().and_then(due) {
            tables.delete(MAILS_DUE, &due);
        }
        if let Some(after) = &after {
            tables.put(MAIL_TIMES, &mail_time_key(self.tenant, after.queued_at, id), []);
            if let Some(due) = due(after) {
                tables.put(MAILS_DUE, &due, []);
            }
        }
        Ok(())
    }
}

/// What the person told goes with what they wrote: at the tenant, or with the account at all of them.
fn note_feedback_due(tables: &mut WriteSet<'_>, tenant: &str, request: &erasure::Request) -> Result<(), ViewError> {
    let subject = request.subject.as_bytes().as_slice();
    let prefix = match request.scope {
        erasure::Scope::Account => subject.to_vec(),
        _ => [subject, &tenant_prefix(tenant)].concat(),
    };
    let told: Vec<_> = tables.scan(FEEDBACK_OF, &Keys::prefix(&prefix), Order::Ascending).collect::<Result<_, _>>()?;
    for row in told {
        tables.put(FEEDBACK_DUE, &row.key()[subject.len()..], []);
    }
    Ok(())
}

/// Sessions whose last access token is over by far need not be known any more.
fn forget_ended(tables: &mut WriteSet<'_>, now: Timestamp) -> Result<(), ViewError> {
    let until = Keys::all().before(&time_bytes(now - REMEMBERED));
    let old: Vec<_> =
        tables.scan(ENDED_AT, &until, Order::Ascending).take(FORGOTTEN_AT_ONCE).collect::<Result<_, _>>()?;
    for row in old {
        let session = id_at_end(row.key()).ok_or(ViewError::Row(ENDED_AT))?;
        tables.delete(ENDED, &session);
        tables.delete(ENDED_AT, row.key());
    }
    Ok(())
}
