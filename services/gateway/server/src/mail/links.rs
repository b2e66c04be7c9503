//! Where links in mails lead: pages of the portal, and the only thing of it that gateway knows.

use allmende_gateway_domain::mail::Kind;
use allmende_kernel::TenantId;
use uuid::Uuid;

/// The page that a mail leads to.
pub(super) fn link(base: &str, tenant: &TenantId, kind: Kind, about: Option<Uuid>, code: Option<&str>) -> String {
    let base = base.trim_end_matches('/');
    let about = about.map(|id| id.to_string()).unwrap_or_default();
    let code = code.unwrap_or_default();
    match kind {
        Kind::ConfirmEmail => format!("{base}/{tenant}/konto/bestaetigen?code={code}"),
        Kind::ResetPassword => format!("{base}/{tenant}/konto/passwort?code={code}"),
        Kind::AlreadyRegistered | Kind::PasswordChanged => format!("{base}/{tenant}/konto/passwort-vergessen"),
        Kind::ContributionReceived
        | Kind::ContributionPublished
        | Kind::ContributionNotPublished
        | Kind::ContributionAnswered => format!("{base}/{tenant}/beitraege/{about}"),
        Kind::DeadlineNear => format!("{base}/{tenant}/verfahren/{about}"),
        Kind::ErasureReceived => format!("{base}/{tenant}/konto/loeschung/{about}"),
        Kind::ProviderLinked => format!("{base}/{tenant}/konto/anmeldewege"),
        // Whoever did it may have the password as well.
        Kind::ProviderUnlinked => format!("{base}/{tenant}/konto/passwort-vergessen"),
        Kind::ErasureDecided => format!("{base}/{tenant}/datenschutz"),
    }
}
