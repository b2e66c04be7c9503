//! Events between the domain and their stored form, `allmende.gateway.events.v1`.
//!
//! What was ever stored is read for ever: a message that gets a successor keeps its branch in `decode`, and each has a
//! golden file under `tests/golden`.

mod address;
mod attempts;
mod erasure;
mod feedback;
mod grants;
mod mail;
mod person;
mod record;
mod session;
mod tenant;

use allmende_eventlog::{NewEvent, UnknownEvent};
use allmende_gateway_domain::Language;
use allmende_kernel::{Level, Role, Sealed, SubjectId, TenantId, Timestamp};
use allmende_proto::gateway::events::v1 as stored;
use bytes::Bytes;
use prost::Message;
use uuid::Uuid;

pub(crate) use address::Address;
pub(crate) use attempts::Attempts;
pub(crate) use erasure::Erasure;
pub(crate) use feedback::Feedback;
pub(crate) use grants::Grants;
pub(crate) use mail::Mail;
pub(crate) use person::Person;
pub(crate) use record::Record;
pub(crate) use session::Session;
pub(crate) use tenant::Tenant;

/// Golden files are tests of the crate's own, so what they need is here for them.
#[cfg(test)]
mod golden;

/// A message whose bytes or values are not what this version writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

fn event(event_type: &'static str, message: &impl Message) -> NewEvent {
    NewEvent { event_type, payload: message.encode_to_vec().into() }
}

fn unknown(event_type: &str) -> UnknownEvent {
    UnknownEvent { event_type: event_type.to_owned() }
}

/// Reads a message and turns it into an event; whatever is wrong with it, the event cannot be read.
fn read<M: Message + Default, E>(
    event_type: &str,
    payload: &[u8],
    into: impl FnOnce(M) -> Result<E, Malformed>,
) -> Result<E, UnknownEvent> {
    let message = M::decode(payload).map_err(|_| unknown(event_type))?;
    into(message).map_err(|Malformed| unknown(event_type))
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn uuid(bytes: &[u8]) -> Result<Uuid, Malformed> {
    Uuid::from_slice(bytes).map_err(|_| Malformed)
}

fn subject(bytes: &[u8]) -> Result<SubjectId, Malformed> {
    uuid(bytes).map(SubjectId::new)
}

fn tenant_id(name: &str) -> Result<TenantId, Malformed> {
    TenantId::parse(name).map_err(|_| Malformed)
}

fn id_bytes(id: &[u8; 16]) -> Bytes {
    Bytes::copy_from_slice(id)
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], Malformed> {
    bytes.try_into().map_err(|_| Malformed)
}

fn hash_bytes(hash: &[u8; 32]) -> Bytes {
    Bytes::copy_from_slice(hash)
}

fn sealed(bytes: &Bytes) -> Sealed {
    Sealed::from_bytes(bytes.to_vec())
}

/// Empty bytes are nothing: a box is never empty.
fn maybe_sealed(bytes: &Bytes) -> Option<Sealed> {
    (!bytes.is_empty()).then(|| sealed(bytes))
}

fn sealed_bytes(sealed: &Sealed) -> Bytes {
    Bytes::copy_from_slice(sealed.as_bytes())
}

fn maybe_sealed_bytes(sealed: Option<&Sealed>) -> Bytes {
    sealed.map(sealed_bytes).unwrap_or_default()
}

/// Both directions of an enum, which are one table.
macro_rules! same_values {
    ($to:ident, $from:ident: $domain:ty = $message:ty { $($ours:ident = $theirs:ident),* $(,)? }) => {
        #[allow(dead_code, reason = "some are needed one way only")]
        pub(crate) fn $to(value: $domain) -> $message {
            match value { $(<$domain>::$ours => <$message>::$theirs),* }
        }

        #[allow(dead_code, reason = "some are needed one way only")]
        pub(crate) fn $from(value: $message) -> Result<$domain, crate::wire::Malformed> {
            match value {
                $(<$message>::$theirs => Ok(<$domain>::$ours),)*
                <$message>::Unspecified => Err(crate::wire::Malformed),
            }
        }
    };
}

pub(crate) use same_values;

same_values!(language_message, language_of: Language = stored::Language { German = De, English = En });
same_values!(level_message, level_of: Level = stored::Level {
    None = None, Email = Email, Substantial = Substantial, High = High,
});
same_values!(role_message, role_of: Role = stored::Role {
    Participant = Participant,
    Moderator = Moderator,
    CaseWorker = CaseWorker,
    ProcedureOwner = ProcedureOwner,
    Approver = Approver,
    Surveyor = Surveyor,
    DeviceOwner = DeviceOwner,
    DataSteward = DataSteward,
    DataProtectionOfficer = DataProtectionOfficer,
    Auditor = Auditor,
    TenantAdministrator = TenantAdministrator,
    Integrator = Integrator,
    PlatformOperator = PlatformOperator,
});
