use allmende_eventlog::Request;
use allmende_gateway_domain::tenant::{Command, Profile, Rejection as Refused, Tenant};
use allmende_kernel::{TenantId, Timestamp};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::streams::tenant_stream;
use super::{Answer, App, Listing};
use crate::error::{Error, Rejection};
use crate::views::{Page, TenantRow};
use crate::wire;

impl App {
    /// Adds a tenant.
    pub(crate) async fn register_tenant(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        profile: Profile,
        demo: bool,
    ) -> Result<Answer<Tenant>, Error> {
        self.change_tenant(tenant.id(), request, |at| Command::Register { profile: profile.clone(), demo, at }).await
    }

    /// Replaces a tenant's properties.
    pub(crate) async fn update_tenant(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        profile: Profile,
    ) -> Result<Answer<Tenant>, Error> {
        self.change_tenant(tenant.id(), request, |at| Command::Update { profile: profile.clone(), at }).await
    }

    async fn change_tenant(
        &self,
        tenant: &TenantId,
        request: &Request,
        command: impl Fn(Timestamp) -> Command,
    ) -> Result<Answer<Tenant>, Error> {
        let stream = tenant_stream(tenant);
        self.commands.warm::<wire::Tenant>(&stream).await?;
        let done = self.commands.execute(request, |transaction, now| {
            let decided = transaction.decide::<wire::Tenant>(&stream, &(), &command(now));
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            Ok(Bytes::new())
        });
        let seen = self.queries.seen(done.await?.position);
        // A repetition is answered with what is there now: texts are too long to keep with each request.
        self.get_tenant(tenant, &seen).await
    }

    /// A tenant.
    pub(crate) async fn get_tenant(
        &self,
        tenant: &TenantId,
        token: &ConsistencyToken,
    ) -> Result<Answer<Tenant>, Error> {
        let tenant = tenant.clone();
        let read = self
            .read(token, move |reader| reader.tenant(&tenant)?.ok_or_else(|| Rejection::from(Refused::Unknown).into()));
        read.await
    }

    /// All tenants.
    pub(crate) async fn list_tenants(
        &self,
        Listing { after, max }: Listing,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<TenantRow>>, Error> {
        self.read(token, move |reader| Ok(reader.tenants(after.as_deref(), max)?)).await
    }
}
