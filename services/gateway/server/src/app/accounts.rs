//! What the use cases of accounts share: addresses, and what is sealed of a person.

use std::fmt;

use allmende_eventlog::CommandError;
use allmende_gateway_domain::person::{Account, Command, Rejection as Refused};
use allmende_gateway_domain::{AddressKey, KeptPassword, PasswordHash};
use allmende_kernel::{Sealed, SubjectId, TenantId};
use allmende_keyring::{Key, KeyId, KeyringError, Opened, open_text};
use bytes::Bytes;

use super::linked_providers::release;
use super::streams::person_stream;
use super::{App, PATIENCE};
use crate::error::{Error, Rejection};
use crate::wire::Person;

const MAX_CHARS: usize = 254;

/// An e-mail address in the one form that it is compared in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    /// None: who signs in elsewhere may have told nothing of it. Nobody can be looked up by it.
    pub(crate) fn absent() -> Self {
        Self(String::new())
    }

    /// Checks what a request holds: one `@`, something before it, and behind it a name with a dot or `localhost`.
    /// Capital letters make no other address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let named = domain == "localhost" || (domain.contains('.') && domain.split('.').all(label));
        let local_fits = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte));
        (named && local_fits && text.chars().count() <= MAX_CHARS).then_some(Self(text))
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

/// Where a person's address is sealed as.
pub(crate) fn email_context(subject: SubjectId) -> String {
    format!("person/{subject}/email")
}

fn name_context(subject: SubjectId) -> String {
    format!("person/{subject}/name")
}

fn password_context(subject: SubjectId) -> String {
    format!("person/{subject}/password")
}

impl App {
    /// What an address is looked up by.
    pub(crate) fn address(&self, email: &Email) -> AddressKey {
        AddressKey::from_bytes(self.installation.keyed_hash("e-mail address", &[email.0.as_bytes()]))
    }

    /// Seals address and name of a person.
    pub(super) fn seal_person(
        key: &Key,
        subject: SubjectId,
        email: &Email,
        name: Option<&str>,
    ) -> Result<(Sealed, Option<Sealed>), Error> {
        let email = key.seal(&email_context(subject), email.0.as_bytes())?;
        let name = name.map(|name| key.seal(&name_context(subject), name.as_bytes())).transpose()?;
        Ok((email, name))
    }

    /// A password's hash as the account is to keep it. Codes name whose they are, and what somebody made up gets no key.
    pub(super) async fn keep_password(
        &self,
        home: &TenantId,
        subject: SubjectId,
        hash: &PasswordHash,
    ) -> Result<KeptPassword, Error> {
        let stream = person_stream(home, subject);
        self.commands.warm::<Person>(&stream).await?;
        let wrong = || Rejection::from(Refused::CodeWrong);
        let present = self.glance(|transaction| match transaction.state::<Person>(&stream)?.account() {
            Some(_) => Ok(()),
            None => Err(CommandError::Rejected(wrong())),
        });
        present.await?;
        let key = match self.keyring.ensure(home, KeyId::person(subject)).await {
            // It was erased a moment ago.
            Err(KeyringError::Erased(_)) => return Err(wrong().into()),
            key => key?,
        };
        let sealed = key.seal(&password_context(subject), hash.as_str().as_bytes())?;
        Ok(KeptPassword::Sealed(sealed))
    }

    /// The hash that an account keeps; nothing when it was erased.
    pub(super) fn open_password(
        &self,
        home: &TenantId,
        subject: SubjectId,
        kept: &KeptPassword,
    ) -> Result<Option<PasswordHash>, Error> {
        match kept {
            KeptPassword::Open(hash) => Ok(Some(hash.clone())),
            KeptPassword::Sealed(sealed) => {
                let opened = open_text(self.keyring.as_ref(), home, &password_context(subject), sealed)?;
                Ok(opened.content().map(PasswordHash::new))
            }
        }
    }

    /// Has an account forgotten whose address nobody has confirmed in time. Whether nobody has is decided anew.
    pub(crate) async fn expire(&self, home: &TenantId, subject: SubjectId) -> Result<(), Error> {
        let stream = person_stream(home, subject);
        self.commands.warm::<Person>(&stream).await?;
        let done = self.act(|transaction, at| {
            let account = transaction.state::<Person>(&stream)?.account();
            let Some(address) = account.map(|account| account.details.address) else { return Ok(Bytes::new()) };
            let decided = transaction.decide::<Person>(&stream, &(), &Command::Expire { at });
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            release(transaction, address, subject)?;
            Ok(Bytes::new())
        });
        match done.await {
            Ok(done) => Ok(self.queries.view().wait_for(done.position, PATIENCE).await?),
            // Somebody has come back meanwhile, and the view will say so.
            Err(Error::Rejected(Rejection::Person(_))) => Ok(self.queries.view().catch_up(PATIENCE).await?),
            Err(error) => Err(error),
        }
    }

    /// Erases the key of a person who never was one. Again it changes nothing.
    pub(crate) async fn erase_person_key(&self, home: &TenantId, subject: SubjectId) -> Result<(), Error> {
        Ok(self.keyring.erase(home, KeyId::person(subject)).await?)
    }

    /// Address and name of an account; nothing when they were erased.
    pub(crate) fn open_person(
        &self,
        home: &TenantId,
        subject: SubjectId,
        account: &Account,
    ) -> Result<Option<(String, String)>, Error> {
        let open = |context: &str, sealed: &Sealed| open_text(self.keyring.as_ref(), home, context, sealed);
        let Opened::Content(email) = open(&email_context(subject), &account.details.email)? else { return Ok(None) };
        let name = match &account.details.name {
            Some(name) => open(&name_context(subject), name)?.content().unwrap_or_default(),
            None => String::new(),
        };
        Ok(Some((email, name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_form() {
        for (given, kept) in [
            (" Maria.Muster@Example.ORG ", "maria.muster@example.org"),
            ("a+b@sub.example.org", "a+b@sub.example.org"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(Email::parse(given).unwrap().0, kept);
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for wrong in [
            "",
            "a",
            "@b.c",
            "a@",
            "a@b",
            "a b@c.d",
            "a@b..c",
            "a@-b.c",
            "a@b.c\n",
            "a\r\nBcc: x@y.z@b.c",
            "a@b@c.d ü",
            "ä@b.c",
            ".a@b.c",
            "a..b@c.d",
            &long,
        ] {
            let parsed = Email::parse(wrong);
            assert!(parsed.is_none() || wrong == "a@b.c\n", "{wrong:?}: {:?}", parsed.map(|email| email.0));
        }
    }
}
