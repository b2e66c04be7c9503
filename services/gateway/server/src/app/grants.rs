use allmende_eventlog::{CommandError, Request};
use allmende_gateway_domain::grants::{Command, Given, Giver, Grant};
use allmende_gateway_domain::person::{Rejection as Refused, State};
use allmende_kernel::{Role, SubjectId, TenantId};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::accounts::Email;
use super::glance::confirmed_holder;
use super::streams::{grants_stream, person_stream, platform};
use super::{Answer, App, Listing};
use crate::error::{Error, Rejection};
use crate::views::{GrantRow, Page};
use crate::wire::{Grants, Person};

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
        let (subject, home) = self.whom(whom).await?;
        let account = home.map(|home| person_stream(&home, subject));
        // What is for all tenants belongs to none of them.
        let tenant = if grant.role == Role::PlatformOperator { platform() } else { tenant.id().clone() };
        let giver = Giver { operator, platform: tenant == platform() };
        let stream = grants_stream(&tenant, subject);
        self.commands.warm::<Grants>(&stream).await?;
        let mut given = Given { by, at: self.now() };
        let done = self.commands.execute(request, |transaction, now| {
            if let Some(account) = &account
                && matches!(transaction.state::<Person>(account)?, State::Erased { .. })
            {
                return Err(CommandError::Rejected(Refused::Erased.into()));
            }
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

    /// Whom a grant is for, and where their account is or was.
    async fn whom(&self, whom: Whom) -> Result<(SubjectId, Option<TenantId>), Error> {
        match whom {
            Whom::Email(email) => {
                let address = self.address(&email);
                let unknown = || CommandError::Rejected(Rejection::from(Refused::Unknown));
                let holder =
                    self.glance(|transaction| confirmed_holder(transaction, address)?.ok_or_else(unknown)).await?;
                Ok((holder.subject, Some(holder.home)))
            }
            Whom::Subject(subject) => Ok((subject, self.home_of(subject).await?)),
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
