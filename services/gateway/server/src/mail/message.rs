use allmende_gateway_domain::MailId;
use allmende_gateway_domain::mail::Mail;
use allmende_kernel::TenantId;
use lettre::address::AddressError as InvalidAddress;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};

use super::config::Config;
use super::letters::letter;
use super::links::link;

/// Whom mail is from cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("mail cannot be from this address")]
pub struct AddressError(#[from] InvalidAddress);

/// Why a mail cannot be written. Trying again does not help.
#[derive(Debug, thiserror::Error)]
pub(super) enum WritingError {
    #[error("the recipient's address is not one")]
    Address(#[from] InvalidAddress),
    #[error("the mail cannot be put together")]
    Message(#[from] lettre::error::Error),
}

/// Writes mails.
pub(crate) struct Writer {
    from: Mailbox,
    public_url: String,
}

/// What is opened and looked up for a mail.
pub(super) struct Details<'a> {
    pub(super) tenant: &'a TenantId,
    /// How the tenant is called.
    pub(super) town: &'a str,
    pub(super) address: &'a str,
    pub(super) code: Option<&'a str>,
}

impl Writer {
    pub(crate) fn new(config: &Config) -> Result<Self, AddressError> {
        Ok(Self { from: config.from.parse()?, public_url: config.public_url.clone() })
    }

    /// The mail. Its Message-ID follows from its id alone, so that a server that gets it twice can tell.
    pub(super) fn write(&self, id: MailId, mail: &Mail, details: &Details<'_>) -> Result<Message, WritingError> {
        let link = link(&self.public_url, details.tenant, mail.kind, mail.about, details.code);
        let (subject, body) = letter(mail, details.town, &link);
        // A name with a line end cannot be written; the sender would stop at it.
        let town: String = details.town.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
        let message = Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .from(Mailbox::new(Some(town), self.from.email.clone()))
            .to(Mailbox::new(None, details.address.parse()?))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body)?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use allmende_gateway_domain::Language;
    use allmende_gateway_domain::mail::Kind;
    use allmende_kernel::SubjectId;
    use uuid::Uuid;

    use super::*;

    const KINDS: [Kind; 13] = [
        Kind::ConfirmEmail,
        Kind::AlreadyRegistered,
        Kind::ResetPassword,
        Kind::PasswordChanged,
        Kind::ContributionReceived,
        Kind::ContributionPublished,
        Kind::ContributionNotPublished,
        Kind::ContributionAnswered,
        Kind::DeadlineNear,
        Kind::ErasureReceived,
        Kind::ErasureDecided,
        Kind::ProviderLinked,
        Kind::ProviderUnlinked,
    ];

    fn mail(kind: Kind, language: Language) -> Mail {
        Mail {
            recipient: SubjectId::new(Uuid::from_u128(1)),
            home: TenantId::parse("koeln").unwrap(),
            kind,
            language,
            code: None,
            about: Some(Uuid::from_u128(7)),
            address: None,
            deadline: (kind == Kind::DeadlineNear).then(|| "2026-09-27".to_owned()),
        }
    }

    #[test]
    fn every_mail_has_words_in_both_languages_and_a_link() {
        let writer = Writer::new(&Config::default()).unwrap();
        let tenant = TenantId::parse("koeln").unwrap();
        let details = Details { tenant: &tenant, town: "Stadt Köln", address: "a@example.org", code: Some("c0de") };
        let id = MailId::new(Uuid::from_u128(9));
        for kind in KINDS {
            let write = |language| writer.write(id, &mail(kind, language), &details).unwrap().formatted();
            let (german, english) = (write(Language::German), write(Language::English));
            assert_ne!(german, english);
            for text in [german, english] {
                let text = String::from_utf8(text).unwrap();
                assert!(text.contains(&format!("Message-ID: <{id}@localhost>")), "{text}");
                assert!(text.contains("To: a@example.org\r\n"), "{text}");
                assert!(text.contains("http://127.0.0.1:7480/koeln/"), "{text}");
            }
        }
    }

    #[test]
    fn a_town_with_line_ends_in_its_name_adds_no_header() {
        let writer = Writer::new(&Config::default()).unwrap();
        let tenant = TenantId::parse("koeln").unwrap();
        let town = "Köln\r\nBcc: x@example.org";
        let details = Details { tenant: &tenant, town, address: "a@example.org", code: None };
        let message =
            writer.write(MailId::new(Uuid::from_u128(9)), &mail(Kind::ConfirmEmail, Language::German), &details);
        let text = String::from_utf8(message.unwrap().formatted()).unwrap();
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
    }
}
