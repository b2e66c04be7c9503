use allmende_gateway_domain::Language;
use allmende_gateway_domain::person::State;
use allmende_kernel::{SubjectId, TenantId, Timestamp};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;

use super::{Answer, App, Listing};
use crate::error::Error;
use crate::views::{GrantRow, Page};

/// What is told of a person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    pub(crate) subject: SubjectId,
    /// Absent for who has no account, or none that is told of.
    pub(crate) home: Option<TenantId>,
    /// Address and name; absent when they were erased.
    pub(crate) words: Option<(String, String)>,
    pub(crate) confirmed: bool,
    pub(crate) language: Language,
    pub(crate) registered_at: Option<Timestamp>,
    pub(crate) erased: bool,
}

/// Who calls, and what they may do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Me {
    pub(crate) person: Option<Known>,
    pub(crate) grants: Vec<GrantRow>,
}

impl App {
    /// The caller.
    pub(crate) async fn get_me(&self, subject: SubjectId, token: &ConsistencyToken) -> Result<Answer<Me>, Error> {
        let read = self.read(token, move |reader| {
            let account = match reader.home(subject)? {
                Some(home) => {
                    let state = reader.person(&home, subject)?;
                    Some((home, state))
                }
                None => None,
            };
            Ok((account, reader.grants_of(subject)?))
        });
        let Answer { value: (account, grants), seen } = read.await?;
        let person = account.map(|account| self.known(subject, Some(account))).transpose()?;
        Ok(Answer { value: Me { person, grants }, seen })
    }

    /// People of a tenant. Who has a role here and the account elsewhere is known by id alone: name and address are
    /// for that tenant's administration.
    pub(crate) async fn list_people(
        &self,
        tenant: &AuthorizedTenant,
        Listing { after, max }: Listing,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Known>>, Error> {
        let of = tenant.id().clone();
        let read = self.read(token, move |reader| Ok(reader.people(&of, after.as_deref(), max)?));
        let Answer { value: page, seen } = read.await?;
        let at_home = |(home, _): &(TenantId, State)| home == tenant.id();
        let people: Result<_, Error> =
            page.items.into_iter().map(|(subject, account)| self.known(subject, account.filter(at_home))).collect();
        Ok(Answer { value: Page { items: people?, next: page.next }, seen })
    }

    fn known(&self, subject: SubjectId, account: Option<(TenantId, State)>) -> Result<Known, Error> {
        let mut known = Known {
            subject,
            home: None,
            words: None,
            confirmed: false,
            language: Language::default(),
            registered_at: None,
            erased: false,
        };
        let Some((home, state)) = account else { return Ok(known) };
        if let Some(account) = state.account() {
            known.words = self.open_person(&home, subject, account)?;
            known.confirmed = account.confirmed_at.is_some();
            known.language = account.details.language;
            known.registered_at = Some(account.registered_at);
        }
        known.erased = matches!(state, State::Erased { .. }) || (state.account().is_some() && known.words.is_none());
        known.home = Some(home);
        Ok(known)
    }
}
