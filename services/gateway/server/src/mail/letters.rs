//! What stands in mails, in German and English. Plain words; no text of anybody else's, so that nothing that was not
//! looked at goes out under a town's name.

use allmende_gateway_domain::Language;
use allmende_gateway_domain::mail::{Kind, Mail};
use jiff::civil::Date;

/// Subject and body of a mail; `town` is the tenant's name.
pub(super) fn letter(mail: &Mail, town: &str, link: &str) -> (String, String) {
    let deadline = mail.deadline.as_deref().and_then(|day| day.parse().ok());
    match mail.language {
        Language::German => german(mail.kind, town, link, deadline),
        Language::English => english(mail.kind, town, link, deadline),
    }
}

fn german(kind: Kind, town: &str, link: &str, deadline: Option<Date>) -> (String, String) {
    let until = deadline.map(|day| day.strftime(" mit dem %-d.%-m.%Y").to_string()).unwrap_or_default();
    let (subject, text) = match kind {
        Kind::ConfirmEmail => (
            "Bitte bestätigen Sie Ihre E-Mail-Adresse",
            format!(
                "mit dieser Adresse wurde auf der Beteiligungsplattform ein Konto angelegt.\n\
                 Bitte bestätigen Sie die Adresse innerhalb eines Tages über diesen Link:\n\n{link}\n\n\
                 Wenn Sie kein Konto angelegt haben, müssen Sie nichts tun."
            ),
        ),
        Kind::AlreadyRegistered => (
            "Sie haben bereits ein Konto",
            format!(
                "mit dieser Adresse wollte jemand ein Konto anlegen. Es gibt schon eines.\n\
                 Wenn Sie das waren und Ihr Passwort nicht mehr wissen, können Sie hier ein neues setzen:\n\n{link}\n\n\
                 Wenn Sie es nicht waren, müssen Sie nichts tun."
            ),
        ),
        Kind::ResetPassword => (
            "Neues Passwort setzen",
            format!(
                "über diesen Link können Sie innerhalb einer Stunde ein neues Passwort setzen:\n\n{link}\n\n\
                 Wenn Sie das nicht wollten, müssen Sie nichts tun. Ihr Passwort bleibt, wie es ist."
            ),
        ),
        Kind::PasswordChanged => (
            "Ihr Passwort wurde geändert",
            format!(
                "das Passwort Ihres Kontos wurde geändert. Alle Anmeldungen von vorher sind beendet.\n\
                 Wenn Sie das nicht waren, setzen Sie bitte gleich ein neues:\n\n{link}"
            ),
        ),
        Kind::ContributionReceived => (
            "Ihr Beitrag ist angekommen",
            format!(
                "vielen Dank für Ihren Beitrag. Er wird nun gelesen und dann veröffentlicht.\n\
                 So steht es um ihn:\n\n{link}"
            ),
        ),
        Kind::ContributionPublished => {
            ("Ihr Beitrag ist veröffentlicht", format!("Ihr Beitrag ist nun für alle zu lesen:\n\n{link}"))
        }
        Kind::ContributionNotPublished => (
            "Zu Ihrem Beitrag wurde entschieden",
            format!(
                "Ihr Beitrag ist nicht, nicht mehr oder nicht als Ganzes öffentlich. Den Grund sehen Sie hier:\n\n{link}\n\n\
                 Sie können widersprechen; dann entscheidet eine andere Person."
            ),
        ),
        Kind::ContributionAnswered => (
            "Es gibt eine Antwort auf Ihren Beitrag",
            format!("die Verwaltung hat auf Ihren Beitrag geantwortet:\n\n{link}"),
        ),
        Kind::DeadlineNear => (
            "Eine Frist endet bald",
            format!("in einem Verfahren, an dem Sie teilnehmen, endet{until} eine Frist:\n\n{link}"),
        ),
        Kind::ErasureReceived => (
            "Ihr Antrag auf Löschung ist angekommen",
            format!(
                "über Ihren Antrag auf Löschung wird innerhalb eines Monats entschieden. So steht es um ihn:\n\n{link}"
            ),
        ),
        Kind::ErasureDecided => (
            "Über Ihren Antrag auf Löschung wurde entschieden",
            format!(
                "über Ihren Antrag auf Löschung wurde entschieden. Was gelöscht werden kann, wird nun gelöscht.\n\
                 Wird etwas aus rechtlichen Gründen aufbewahrt, können Sie die Gründe bei uns erfragen und sich\n\
                 bei der Datenschutz-Aufsicht beschweren:\n\n{link}"
            ),
        ),
        Kind::ProviderLinked => (
            "Ihr Konto hat einen weiteren Anmeldeweg",
            format!(
                "bei Ihrem Konto können Sie sich nun auch mit einem weiteren Anmeldedienst anmelden.\n\
                 Wenn Sie ihn nicht selbst verknüpft haben, lösen Sie ihn bitte gleich wieder,\n\
                 und setzen Sie ein neues Passwort, falls Ihr Konto eines hat:\n\n{link}"
            ),
        ),
        Kind::ProviderUnlinked => (
            "Ihr Konto hat einen Anmeldeweg weniger",
            format!(
                "ein Anmeldedienst ist nicht mehr mit Ihrem Konto verknüpft. Alle Anmeldungen von vorher sind beendet.\n\
                 Wenn Sie ihn nicht selbst gelöst haben, setzen Sie bitte gleich ein neues Passwort, falls Ihr Konto\n\
                 eines hat, und sehen Sie nach der Anmeldung nach, welche Anmeldewege es hat:\n\n{link}"
            ),
        ),
    };
    (subject.to_owned(), format!("Guten Tag,\n\n{text}\n\nFreundliche Grüße\n{town}\n"))
}

fn english(kind: Kind, town: &str, link: &str, deadline: Option<Date>) -> (String, String) {
    let until = deadline.map(|day| day.strftime(" with %-d %B %Y").to_string()).unwrap_or_default();
    let (subject, text) = match kind {
        Kind::ConfirmEmail => (
            "Please confirm your e-mail address",
            format!(
                "an account was made with this address on the participation platform.\n\
                 Please confirm the address within a day:\n\n{link}\n\n\
                 If you did not make an account, you need not do anything."
            ),
        ),
        Kind::AlreadyRegistered => (
            "You already have an account",
            format!(
                "somebody wanted to make an account with this address. There already is one.\n\
                 If that was you, and you do not know your password any more, you can set a new one here:\n\n{link}\n\n\
                 If it was not you, you need not do anything."
            ),
        ),
        Kind::ResetPassword => (
            "Set a new password",
            format!(
                "with this link you can set a new password within an hour:\n\n{link}\n\n\
                 If you did not want that, you need not do anything. Your password stays as it is."
            ),
        ),
        Kind::PasswordChanged => (
            "Your password was changed",
            format!(
                "the password of your account was changed. All earlier sign-ins have ended.\n\
                 If that was not you, please set a new one at once:\n\n{link}"
            ),
        ),
        Kind::ContributionReceived => (
            "Your contribution has arrived",
            format!(
                "thank you for your contribution. It will be read and then published.\nThis is how it stands:\n\n{link}"
            ),
        ),
        Kind::ContributionPublished => {
            ("Your contribution is public", format!("your contribution can now be read by everybody:\n\n{link}"))
        }
        Kind::ContributionNotPublished => (
            "A decision about your contribution",
            format!(
                "your contribution is not, no longer, or not as a whole public. The reason is here:\n\n{link}\n\n\
                 You can object; somebody else will then decide."
            ),
        ),
        Kind::ContributionAnswered => {
            ("Your contribution was answered", format!("the administration has answered your contribution:\n\n{link}"))
        }
        Kind::DeadlineNear => {
            ("A deadline is near", format!("in a procedure that you take part in a deadline ends{until}:\n\n{link}"))
        }
        Kind::ErasureReceived => (
            "Your request for erasure has arrived",
            format!("your request for erasure will be decided within a month. This is how it stands:\n\n{link}"),
        ),
        Kind::ErasureDecided => (
            "Your request for erasure was decided",
            format!(
                "your request for erasure was decided. What can be erased is erased now.\n\
                 If something is kept for legal reasons, you can ask us for them, and complain to the supervisory\n\
                 authority for data protection:\n\n{link}"
            ),
        ),
        Kind::ProviderLinked => (
            "Your account has another way to sign in",
            format!(
                "you can now sign in to your account with one more identity provider.\n\
                 If you did not link it yourself, please unlink it at once,\n\
                 and set a new password, if your account has one:\n\n{link}"
            ),
        ),
        Kind::ProviderUnlinked => (
            "Your account has one way to sign in less",
            format!(
                "an identity provider is no longer linked to your account. All earlier sign-ins have ended.\n\
                 If you did not unlink it yourself, please set a new password at once, if your account has one,\n\
                 and look after signing in which ways to sign in it has:\n\n{link}"
            ),
        ),
    };
    (subject.to_owned(), format!("Good day,\n\n{text}\n\nKind regards\n{town}\n"))
}
