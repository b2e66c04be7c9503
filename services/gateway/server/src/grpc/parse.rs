//! Fields of requests. Nothing that was sent is repeated in a problem's words.

use allmende_gateway_domain::erasure::Ground;
use allmende_gateway_domain::{ContributionId, ErasureId, FeedbackId, Language, MailId, ProcedureId};
use allmende_kernel::{Role, SubjectId};
use allmende_proto::gateway::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields::{self, ConsistencyToken, Paging};
use tonic::Status;

use crate::app::{Email, Listing};
use crate::secrets::Password;
use crate::wire::same_values;

const UNKNOWN_VALUE: &str = "must be one of the values of its type";
const NO_CURSOR: &str = "must be empty or a next_page_token as it was given";
/// Longer than any key's rest that a cursor is.
const MAX_CURSOR: usize = 128;
/// Longer ones were made by nobody here.
const MAX_SECRET: usize = 512;

/// A page that was asked for: what it lists, what it has to show, and how to name the page after it.
pub(super) struct Query {
    pub(super) listing: Listing,
    pub(super) token: ConsistencyToken,
    pub(super) pages: Paging,
}

/// The paging fields of a list; `parameters` are those that decide what is listed.
pub(super) fn query(
    caller: &Caller,
    parameters: &[&[u8]],
    (page_size, default, most): (u32, u32, u32),
    page_token: &str,
    consistency_token: &str,
) -> Result<Query, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(caller.path(), parameters);
    let max = violations.check("page_size", fields::page_size(page_size, default, most));
    let after = pages.cursor(page_token).and_then(|cursor| match cursor {
        Some(cursor) if cursor.is_empty() || cursor.len() > MAX_CURSOR => Err(Problem::from(NO_CURSOR)),
        cursor => Ok(cursor),
    });
    let after = violations.check("page_token", after);
    let token = violations.check("consistency_token", fields::consistency_token(consistency_token));
    violations.finish(|| Some(Query { listing: Listing { after: after?, max: max? }, token: token?, pages }))
}

/// The token of the page that follows.
pub(super) fn next_page(pages: &Paging, next: Option<&Vec<u8>>) -> String {
    next.map(|cursor| pages.token(cursor)).unwrap_or_default()
}

pub(super) fn token(consistency_token: &str) -> Result<ConsistencyToken, Status> {
    let mut violations = Violations::default();
    let token = violations.check("consistency_token", fields::consistency_token(consistency_token));
    violations.finish(|| token)
}

pub(super) fn email(text: &str) -> Result<Email, Problem> {
    Email::parse(text).ok_or_else(|| Rule::Email.says("must be an e-mail address of at most 254 characters"))
}

pub(super) fn password(text: &str) -> Result<Password, Problem> {
    match text.chars().count() {
        10..=256 => Ok(Password::new(text.to_owned())),
        _ => Err(Rule::Length(10, 256).into()),
    }
}

/// A password that is not kept.
pub(super) fn no_or_a_password(text: &str) -> Result<(), Problem> {
    if text.is_empty() { Ok(()) } else { password(text).map(drop) }
}

/// A password that is compared: any that could ever have been set.
pub(super) fn given_password(text: &str) -> Result<Password, Problem> {
    match text.chars().count() {
        1..=256 => Ok(Password::new(text.to_owned())),
        _ => Err(Rule::Length(1, 256).into()),
    }
}

/// A code or a refresh token: whether it is right is not a question of form.
pub(super) fn secret(text: &str) -> Result<&str, Problem> {
    match text.len() {
        1..=MAX_SECRET => Ok(text),
        _ => Err(Problem::from("must be as it was given")),
    }
}

/// What a device is known by, or nothing.
pub(super) fn device(text: &str) -> Result<&str, Problem> {
    if text.is_empty() { Ok(text) } else { secret(text) }
}

/// The path of a page of the portal, or nothing. What stands behind `?` may be what somebody searched for.
pub(super) fn page(text: &str) -> Result<String, Problem> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    match text.is_empty() || (text.starts_with('/') && text.len() <= 200 && text.bytes().all(fits)) {
        true => Ok(text.to_owned()),
        false => {
            Err(Problem::from("must be empty or a path of at most 200 characters of a-z, A-Z, 0-9, /, ., _ and -"))
        }
    }
}

pub(super) fn subject_id(text: &str) -> Result<SubjectId, Problem> {
    fields::uuid(text).map(SubjectId::new)
}

pub(super) fn feedback_id(text: &str) -> Result<FeedbackId, Problem> {
    fields::uuid(text).map(FeedbackId::new)
}

pub(super) fn mail_id(text: &str) -> Result<MailId, Problem> {
    fields::uuid(text).map(MailId::new)
}

pub(super) fn erasure_id(text: &str) -> Result<ErasureId, Problem> {
    fields::uuid(text).map(ErasureId::new)
}

pub(super) fn contribution_id(text: &str) -> Result<ContributionId, Problem> {
    fields::uuid(text).map(ContributionId::new)
}

/// A procedure, or nothing for empty text.
pub(super) fn procedure_id(text: &str) -> Result<Option<ProcedureId>, Problem> {
    match text.is_empty() {
        true => Ok(None),
        false => fields::uuid(text).map(|id| Some(ProcedureId::new(id))),
    }
}

/// A value of an enum of the API.
pub(super) fn value<M: TryFrom<i32>, T, E>(number: i32, of: impl Fn(M) -> Result<T, E>) -> Result<T, Problem> {
    let unknown = || Problem::from(UNKNOWN_VALUE);
    of(M::try_from(number).map_err(|_| unknown())?).map_err(|_| unknown())
}

same_values!(language_message, language_of: Language = pb::Language { German = De, English = En });
same_values!(role_message, role_of: Role = pb::Role {
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
same_values!(ground_message, ground_of: Ground = pb::ErasureGround {
    FreedomOfExpression = FreedomOfExpression,
    LegalObligation = LegalObligation,
    Archiving = Archiving,
    LegalClaims = LegalClaims,
    NotThePerson = NotThePerson,
});

/// German, unless the request says otherwise.
pub(super) fn language(number: i32) -> Result<Language, Problem> {
    match pb::Language::try_from(number) {
        Ok(pb::Language::Unspecified) => Ok(Language::German),
        _ => value(number, language_of),
    }
}
