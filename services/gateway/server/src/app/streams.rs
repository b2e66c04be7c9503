//! Where aggregates are.

use allmende_gateway_domain::{
    AddressKey, ErasureId, FeedbackId, MailId, PLATFORM_TENANT, SessionId, address, attempts, erasure, feedback,
    grants, mail, person, session, tenant,
};
use allmende_kernel::{Decider, StreamName, SubjectId, TenantId};

pub(crate) fn platform() -> TenantId {
    TenantId::parse(PLATFORM_TENANT).expect("the constant is a tenant's name")
}

fn stream<D: Decider>(tenant: &TenantId, id: &str) -> StreamName {
    StreamName::new(tenant, D::CATEGORY, id).expect("ids are UUIDs, digits or constants")
}

pub(crate) fn person_stream(home: &TenantId, subject: SubjectId) -> StreamName {
    stream::<person::Model>(home, &subject.to_string())
}

pub(crate) fn address_stream(address: AddressKey) -> StreamName {
    stream::<address::Model>(&platform(), &address.to_hex())
}

pub(crate) fn attempts_stream(counted: AddressKey) -> StreamName {
    stream::<attempts::Model>(&platform(), &counted.to_hex())
}

pub(crate) fn session_stream(home: &TenantId, session: SessionId) -> StreamName {
    stream::<session::Model>(home, &session.to_string())
}

pub(crate) fn grants_stream(tenant: &TenantId, subject: SubjectId) -> StreamName {
    stream::<grants::Model>(tenant, &subject.to_string())
}

pub(crate) fn tenant_stream(tenant: &TenantId) -> StreamName {
    stream::<tenant::Model>(tenant, tenant::STREAM_ID)
}

pub(crate) fn feedback_stream(tenant: &TenantId, id: FeedbackId) -> StreamName {
    stream::<feedback::Model>(tenant, &id.to_string())
}

pub(crate) fn erasure_stream(tenant: &TenantId, id: ErasureId) -> StreamName {
    stream::<erasure::Model>(tenant, &id.to_string())
}

pub(crate) fn mail_stream(tenant: &TenantId, id: MailId) -> StreamName {
    stream::<mail::Model>(tenant, &id.to_string())
}
