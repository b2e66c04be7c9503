//! Who reads a page, in which language, of which tenant, and what they may ask the services.

mod accompany;
mod address;
mod cookies;
mod session;

use std::sync::{Arc, OnceLock};

use allmende_proto::gateway::v1 as gateway;
use allmende_runtime::limits::Origin;
use axum::Extension;
use tonic::metadata::{Ascii, MetadataValue};
use uuid::Uuid;

pub(crate) use accompany::{Portal, accompany, changes, missing};
pub(crate) use address::encoded;
pub(crate) use cookies::{
    begin_link, begin_provider, begin_session, device, end_link, end_provider, end_session, fresh_visit, provider_link,
    provider_sign_in,
};
pub(crate) use session::refresh_token;

use crate::api::Api;
use crate::config::FormKey;
use crate::forms::Kept;
use crate::words::{self, Language, Messages};

/// The extractor by which a handler learns of the visit.
pub(crate) type Visiting = Extension<Arc<Visit>>;

/// The services whose positions a page waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Gateway,
    Participation,
    Opendata,
    Reporting,
    Telemetry,
}

impl Service {
    fn code(self) -> &'static str {
        match self {
            Self::Gateway => "g",
            Self::Participation => "p",
            Self::Opendata => "o",
            Self::Reporting => "r",
            Self::Telemetry => "t",
        }
    }
}

/// One request of a browser.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) api: Api,
    pub(crate) language: Language,
    pub(crate) m: &'static Messages,
    /// The address without what stands behind `?`.
    pub(crate) path: String,
    /// Absent on pages of the whole installation.
    pub(crate) tenant: Option<gateway::Tenant>,
    /// Absent for visitors.
    pub(crate) person: Option<gateway::GetMeResponse>,
    /// What the forms of the answer carry.
    pub(crate) csrf: String,
    /// What a form carries that is sent with this request. Another one, if the session has ended meanwhile.
    pub(crate) csrf_before: String,
    pub(crate) https: bool,
    key: FormKey,
    kept: OnceLock<Kept>,
    query: Vec<(String, String)>,
    bearer: Option<MetadataValue<Ascii>>,
    /// Where the request comes from, if that is known.
    origin: Option<Origin>,
    seen: Option<(String, String)>,
}

impl Visit {
    /// The tenant's name in addresses; empty without one.
    pub(crate) fn slug(&self) -> &str {
        self.tenant.as_ref().map_or("", |tenant| &tenant.tenant)
    }

    /// The tenant's name for request messages.
    pub(crate) fn of_tenant(&self) -> String {
        self.slug().to_owned()
    }

    /// The address of a page of the tenant.
    pub(crate) fn to(&self, page: &str) -> String {
        format!("/{}{page}", self.slug())
    }

    /// A request to a service, with the reader's token and a deadline.
    pub(crate) fn ask<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = self.ask_as_visitor(message);
        if let Some(bearer) = &self.bearer {
            request.metadata_mut().insert("authorization", bearer.clone());
        }
        request
    }

    /// The same without the token.
    pub(crate) fn ask_as_visitor<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.set_timeout(self.api.timeout());
        // What others wait for is shared by who asks in the end, however they ask.
        if let Some(origin) = self.origin {
            origin.tell(request.metadata_mut());
        }
        request
    }

    /// The position of the reader's last change in this service, if it was just now.
    pub(crate) fn seen(&self, service: Service) -> String {
        match &self.seen {
            Some((of, token)) if of == service.code() => token.clone(),
            _ => String::new(),
        }
    }

    /// The position of the reader's last change in any service, if it was just now.
    pub(crate) fn seen_anywhere(&self) -> String {
        self.seen.as_ref().map(|(_, token)| token.clone()).unwrap_or_default()
    }

    /// What stands behind `?` under this name; empty if nothing does.
    pub(crate) fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// What the town or its people wrote, which is in German on every page.
    pub(crate) fn theirs(&self, text: impl AsRef<str>) -> String {
        words::theirs(text.as_ref(), self.language)
    }

    /// Keeps what was typed until the request is answered.
    pub(crate) fn keep(&self, kept: Option<Kept>) {
        if let Some(kept) = kept {
            // A request has one form.
            let _ = self.kept.set(kept);
        }
    }

    /// What was typed into the form of this request, to be given back if it is not taken.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        self.kept.get()
    }

    pub(crate) fn is_signed_in(&self) -> bool {
        self.person.is_some()
    }

    /// Whether the reader has one of these roles here, for the whole tenant or for some procedure of it. For what is
    /// offered only: what is allowed is decided by the services.
    pub(crate) fn has_any(&self, roles: &[gateway::Role]) -> bool {
        let grants = self.person.iter().flat_map(|person| &person.grants);
        grants
            .filter(|grant| grant.tenant.is_empty() || grant.tenant == self.slug())
            .any(|grant| roles.contains(&grant.role()))
    }

    /// Whether there is work for the reader in the administration.
    pub(crate) fn is_staff(&self) -> bool {
        use gateway::Role;
        self.has_any(&[
            Role::Moderator,
            Role::CaseWorker,
            Role::ProcedureOwner,
            Role::Approver,
            Role::Surveyor,
            Role::DeviceOwner,
            Role::DataSteward,
            Role::DataProtectionOfficer,
            Role::Auditor,
            Role::TenantAdministrator,
            Role::PlatformOperator,
        ])
    }

    /// What the reader is called on pages.
    pub(crate) fn name(&self) -> String {
        let person = self.person.as_ref().and_then(|me| me.person.as_ref());
        match person {
            Some(person) if !person.name.is_empty() => crate::words::clean(&person.name),
            Some(person) if !person.email.is_empty() => crate::words::clean(&person.email),
            _ => self.m.my_account.to_owned(),
        }
    }
}

/// A fresh id for a request or a new thing.
pub(crate) fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}
