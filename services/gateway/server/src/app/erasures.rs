use allmende_eventlog::{CommandError, Request};
use allmende_gateway_domain::erasure::{
    AtHome, Command, Decision, Due, Erasure, Rejection as Refused, Request as Wish, Scope, Verdict,
};
use allmende_gateway_domain::grants::{Command as GrantCommand, Given, Giver};
use allmende_gateway_domain::mail::Kind;
use allmende_gateway_domain::person::{self, State};
use allmende_gateway_domain::{ErasureId, Language};
use allmende_kernel::{Role, SubjectId, TenantId, Timestamp};
use allmende_keyring::KeyId;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;
use jiff::{ToSpan as _, civil};

use super::linked_providers::release;
use super::mails::{Letter, Recipient};
use super::streams::{erasure_stream, grants_stream, person_stream, platform};
use super::{Answer, App, Listing};
use crate::error::{Error, Rejection};
use crate::views::{ErasureRow, Page};
use crate::wire::{self, Grants, Person};

/// A request to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestErasure {
    pub(crate) id: ErasureId,
    pub(crate) subject: SubjectId,
    pub(crate) scope: Scope,
}

impl App {
    /// Takes a request, and tells whoever made it by mail.
    pub(crate) async fn request_erasure(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        RequestErasure { id, subject, scope }: RequestErasure,
    ) -> Result<Answer<Erasure>, Error> {
        let account = self.account_of(subject).await?;
        let at_home = AtHome(account.as_ref().is_some_and(|(home, _)| home == tenant.id()));
        let mail =
            account.as_ref().and_then(|account| self.mail_on(tenant.id(), Kind::ErasureReceived, id, subject, account));
        let stream = erasure_stream(tenant.id(), id);
        let done = self.commands.execute(request, |transaction, now| {
            let wish = Wish { subject, scope: scope.clone(), due: due(now), at: now };
            let decided = transaction.decide::<wire::Erasure>(&stream, &at_home, &Command::Request(wish));
            let decided = decided.map_err(|error| error.map_rejection(Rejection::from))?;
            if let (false, Some(mail)) = (decided.is_empty(), &mail) {
                mail.queue(transaction, now)?;
            }
            Ok(Bytes::new())
        });
        let seen = self.queries.seen(done.await?.position);
        self.get_erasure(tenant.id(), id, &seen).await
    }

    /// Decides a request. What was accepted is then erased by everybody who follows the log.
    pub(crate) async fn decide_erasure(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: ErasureId,
        verdict: Verdict,
        by: SubjectId,
    ) -> Result<Answer<Erasure>, Error> {
        let stream = erasure_stream(tenant.id(), id);
        self.commands.warm::<wire::Erasure>(&stream).await?;
        let unknown = || CommandError::Rejected(Rejection::from(Refused::Unknown));
        let before =
            self.glance(|transaction| transaction.state::<wire::Erasure>(&stream)?.clone().ok_or_else(unknown));
        let before = before.await?;
        let subject = before.request.subject;
        let account = self.account_of(subject).await?;
        let mail = match &account {
            Some(account) if before.decision.is_none() => self.farewell(tenant.id(), id, subject, account).await?,
            // What was decided was told.
            _ => None,
        };
        let done = self.commands.execute(request, |transaction, now| {
            let decision = Decision { verdict: verdict.clone(), by, at: now };
            // Whether the account is here was asked when the request was made.
            let decided = transaction.decide::<wire::Erasure>(&stream, &AtHome(true), &Command::Decide(decision));
            let decided = decided.map_err(|error| error.map_rejection(Rejection::from))?;
            if let (false, Some(mail)) = (decided.is_empty(), &mail) {
                mail.queue(transaction, now)?;
            }
            Ok(Bytes::new())
        });
        let seen = self.queries.seen(done.await?.position);
        self.get_erasure(tenant.id(), id, &seen).await
    }

    /// Erases the account of an accepted request: the key, all addresses, the grants. Again it changes nothing, and cut
    /// off anywhere it is done again from the beginning.
    pub(crate) async fn execute_erasure(&self, tenant: &TenantId, id: ErasureId) -> Result<(), Error> {
        let erasure = self.get_erasure(tenant, id, &ConsistencyToken::default()).await?.value;
        let subject = erasure.request.subject;
        let by = erasure.decision.as_ref().map_or(subject, |decision| decision.by);
        // First the key: what is noted as done must be done.
        self.keyring.erase(tenant, KeyId::person(subject)).await?;
        self.erase_account(id, subject).await?;
        // Nobody gives them grants from here on.
        let grants = self.look_up(move |reader| Ok(reader.grants_of(subject)?)).await?;
        let done = self.act(|transaction, now| {
            for row in &grants {
                let giver =
                    Giver { operator: row.grant.role == Role::PlatformOperator, platform: row.tenant == platform() };
                let revoke = GrantCommand::Revoke(row.grant, Given { by, at: now });
                let decided = transaction.decide::<Grants>(&grants_stream(&row.tenant, subject), &giver, &revoke);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
            }
            let note = Command::NoteExecution { at: now };
            let decided = transaction.decide::<wire::Erasure>(&erasure_stream(tenant, id), &AtHome(true), &note);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.in_force(done.position).await
    }

    /// Has nothing lead to an account any more, and forgets it.
    async fn erase_account(&self, id: ErasureId, subject: SubjectId) -> Result<(), Error> {
        let Some(home) = self.home_of(subject).await? else { return Ok(()) };
        let stream = person_stream(&home, subject);
        self.commands.warm::<Person>(&stream).await?;
        let done = self.act(|transaction, now| {
            let Some(account) = transaction.state::<Person>(&stream)?.account() else { return Ok(Bytes::new()) };
            for address in account.addresses() {
                release(transaction, address, subject)?;
            }
            let erase = person::Command::Erase { erasure: id, at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &erase);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            Ok(Bytes::new())
        });
        self.in_force(done.await?.position).await
    }

    /// One request.
    pub(crate) async fn get_erasure(
        &self,
        tenant: &TenantId,
        id: ErasureId,
        token: &ConsistencyToken,
    ) -> Result<Answer<Erasure>, Error> {
        let tenant = tenant.clone();
        let read = self.read(token, move |reader| {
            reader.erasure(&tenant, id)?.ok_or_else(|| Rejection::from(Refused::Unknown).into())
        });
        read.await
    }

    /// Those of a tenant.
    pub(crate) async fn list_erasures(
        &self,
        tenant: &AuthorizedTenant,
        Listing { after, max }: Listing,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<ErasureRow>>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| Ok(reader.erasures(&tenant, after.as_deref(), max)?)).await
    }

    fn mail_on(
        &self,
        tenant: &TenantId,
        kind: Kind,
        id: ErasureId,
        subject: SubjectId,
        (home, state): &(TenantId, State),
    ) -> Option<Letter> {
        let language = state.account().map_or(Language::default(), |account| account.details.language);
        state.account()?;
        let to = Recipient { subject, home: home.clone(), language };
        Some(self.mail_about(tenant, kind, to, Some(id.as_uuid()), ""))
    }

    /// The mail that tells the decision, with its address: the account may be gone before it is sent.
    async fn farewell(
        &self,
        tenant: &TenantId,
        id: ErasureId,
        subject: SubjectId,
        account: &(TenantId, State),
    ) -> Result<Option<Letter>, Error> {
        let Some(mail) = self.mail_on(tenant, Kind::ErasureDecided, id, subject, account) else { return Ok(None) };
        let Some(present) = account.1.account() else { return Ok(None) };
        match self.open_person(&account.0, subject, present)? {
            Some((email, _)) => self.carry_address(mail, &email).await.map(Some),
            None => Ok(None),
        }
    }
}

/// One month from now: the last day, in Europe/Berlin, and the first moment after it. Where the month has no such day
/// it is the month's last (Regulation (EEC, Euratom) No 1182/71, article 3(2)(c)).
fn due(now: Timestamp) -> Due {
    let moment = jiff::Timestamp::from_microsecond(now.as_micros()).unwrap_or_default();
    // The time zones are built in, so that there is always this one.
    let today = moment.in_tz(BERLIN).map_or_else(|_| civil::Date::default(), |moment| moment.date());
    let day = today.saturating_add(1.month());
    let after = day.saturating_add(1.day()).in_tz(BERLIN);
    let until = after.map_or(now, |after| Timestamp::from_micros(after.timestamp().as_microsecond()));
    Due { day: day.to_string(), until }
}

const BERLIN: &str = "Europe/Berlin";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_calendar_month_in_berlin() {
        let due_at =
            |text: &str| due(Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond()));
        let until = |text: &str| Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
        let one = due_at("2026-11-24T10:00:00Z");
        assert_eq!((one.day.as_str(), one.until), ("2026-12-24", until("2026-12-24T23:00:00Z")));
        // In Berlin it is the day after already.
        assert_eq!(due_at("2026-11-24T23:30:00Z").day, "2026-12-25");
        assert_eq!(due_at("2026-01-31T10:00:00Z").day, "2026-02-28");
        // Over the change to summer time: the day ends at 22:00 UTC.
        assert_eq!(due_at("2026-03-01T10:00:00Z").until, until("2026-04-01T22:00:00Z"));
    }
}
