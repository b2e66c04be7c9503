use allmende_eventlog::Request;
use allmende_gateway_domain::address::Holder;
use allmende_gateway_domain::grants::{Command, Given, Giver, Grant};
use allmende_gateway_domain::person::{Rejection as Refused, State};
use allmende_kernel::{Role, SubjectId, TenantId};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::accounts::Email;
use super::streams::{grants_stream, platform};
use super::{Answer, App, Listing};
use crate::error::{Error, Rejection};
use crate::views::{GrantRow, Page};
use crate::wire::Grants;

/// Whom a grant is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// A person by id, who may have no account here.
    Subject(SubjectId),
    /// The account of an address, once it is confirmed.
    Email(Email),
}

/// A grant to be given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeGrant {
    pub(crate) whom: Whom,
    pub(crate) grant: Grant,
    /// Who gives or takes it.
    pub(crate) by: SubjectId,
    /// Whether they run the platform.
    pub(crate) operator: bool,
}

impl App {
    /// Gives a grant. Every call after the answer counts with it.
    pub(crate) async fn grant_role(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        change: ChangeGrant,
    ) -> Result<Answer<GrantRow>, Error> {
        self.change_grant(tenant, request, change, Command::Grant).await
    }

    /// Takes a grant back. No call after the answer counts with it.
    pub(crate) async fn revoke_role(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        change: ChangeGrant,
    ) -> Result<Answer<GrantRow>, Error> {
        self.change_grant(tenant, request, change, Command::Revoke).await
    }

    async fn change_grant(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        change: ChangeGrant,
        command: fn(Grant, Given) -> Command,
    ) -> Result<Answer<GrantRow>, Error> {
        let ChangeGrant { whom, grant, by, operator } = change;
        let subject = self.whom(whom).await?;
        // What is for all tenants belongs to none of them.
        let tenant = if grant.role == Role::PlatformOperator { platform() } else { tenant.id().clone() };
        let giver = Giver { operator, platform: tenant == platform() };
        let stream = grants_stream(&tenant, subject);
        self.commands.warm::<Grants>(&stream).await?;
        let mut given = Given { by, at: self.now() };
        let done = self.commands.execute(request, |transaction, now| {
            let decided = transaction.decide::<Grants>(&stream, &giver, &command(grant, Given { by, at: now }));
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            let before = transaction.state::<Grants>(&stream)?.get(&grant).copied();
            given = before.unwrap_or(Given { by, at: now });
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.in_force(done.position).await?;
        let seen = self.queries.seen(done.position);
        Ok(Answer { value: GrantRow { subject, tenant, grant, given }, seen })
    }

    async fn whom(&self, whom: Whom) -> Result<SubjectId, Error> {
        let (subject, state) = match whom {
            Whom::Email(email) => {
                let found = self.account_at(self.address(&email)).await?;
                // Before somebody has read mail at the address it is anybody's.
                let confirmed = |(_, state): &(Holder, State)| match state {
                    State::Present(account) => account.confirmed_at.is_some(),
                    State::Absent | State::Erased { .. } => true,
                };
                let (holder, state) = found.filter(confirmed).ok_or(Rejection::from(Refused::Unknown))?;
                (holder.subject, state)
            }
            Whom::Subject(subject) => {
                let state = self.look_up(move |reader| match reader.home(subject)? {
                    Some(home) => Ok(reader.person(&home, subject)?),
                    None => Ok(State::Absent),
                });
                (subject, state.await?)
            }
        };
        match state {
            State::Erased { .. } => Err(Rejection::from(Refused::Erased).into()),
            State::Absent | State::Present(_) => Ok(subject),
        }
    }

    /// Who may do what in a tenant.
    pub(crate) async fn list_grants(
        &self,
        tenant: &AuthorizedTenant,
        Listing { after, max }: Listing,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<GrantRow>>, Error> {
        let tenant: TenantId = tenant.id().clone();
        self.read(token, move |reader| Ok(reader.grants(&tenant, after.as_deref(), max)?)).await
    }
}
