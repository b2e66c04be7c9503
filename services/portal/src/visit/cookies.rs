use allmende_proto::gateway::v1::Session;
use allmende_runtime::authorize::SESSION_COOKIE;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Service;

const YEAR_S: i64 = 365 * 24 * 3_600;
/// As long as the gateway takes what comes back.
const PROVIDER_S: i64 = 600;

/// What a browser keeps for the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The access token, also for the routes of other services.
    Access,
    /// The refresh token.
    Refresh,
    /// What the browser is known by when somebody signs in; it stays when they sign out.
    Device,
    /// A random number that forms are bound to.
    Visit,
    Language,
    /// The position of the last change.
    Seen,
    /// A sign-in that was begun with an identity provider, and where it leads to.
    SignIn,
    /// The same to link an identity to an account.
    Link,
}

impl Cookie {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Access => SESSION_COOKIE,
            Self::Refresh => "allmende-refresh",
            Self::Device => "allmende-device",
            Self::Visit => "allmende-visit",
            Self::Language => "allmende-language",
            Self::Seen => "allmende-seen",
            Self::SignIn => "allmende-sign-in",
            Self::Link => "allmende-link",
        }
    }

    /// Its value in a request. One that is there twice was planted by a neighbouring host, and is none.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
        let mut values = all.filter_map(|cookie| cookie.trim().strip_prefix(self.name())?.strip_prefix('='));
        values.next().filter(|value| !value.is_empty() && values.next().is_none())
    }

    /// The header that sets it; kept until the browser is closed without `max_age_s`.
    pub(crate) fn set(self, value: &str, max_age_s: Option<i64>, https: bool) -> Option<HeaderValue> {
        let age = max_age_s.map(|age| format!("; Max-Age={age}")).unwrap_or_default();
        let secure = if https { "; Secure" } else { "" };
        HeaderValue::from_str(&format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}", self.name())).ok()
    }

    pub(super) fn drop(self, https: bool) -> Option<HeaderValue> {
        self.set("", Some(0), https)
    }
}

/// A number that nobody can guess, for [`Cookie::Visit`].
pub(crate) fn fresh_visit() -> String {
    let mut bytes = [0; 18];
    // Without randomness the operating system is broken; an empty visit has no good form.
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn language(code: &str, https: bool) -> Option<HeaderValue> {
    Cookie::Language.set(code, Some(YEAR_S), https)
}

/// Cookies of a session. With a sign-in the visit begins anew, under this number, so that a form from before it is not
/// good after it.
pub(crate) fn begin_session(session: &Session, device: &str, visit: &str, https: bool) -> Vec<HeaderValue> {
    let mut cookies = continue_session(session, https);
    cookies.extend(Cookie::Visit.set(visit, None, https));
    if !device.is_empty() {
        cookies.extend(Cookie::Device.set(device, Some(YEAR_S), https));
    }
    cookies
}

/// What the browser is known by, to sign in with; empty where nobody has signed in.
pub(crate) fn device(headers: &HeaderMap) -> String {
    Cookie::Device.read(headers).unwrap_or_default().to_owned()
}

pub(super) fn continue_session(session: &Session, https: bool) -> Vec<HeaderValue> {
    let now = super::session::now_s();
    let age = |end_us: i64| Some((end_us / 1_000_000 - now).max(1));
    let access = Cookie::Access.set(&session.access_token, age(session.expires_at_us), https);
    let refresh = Cookie::Refresh.set(&session.refresh_token, age(session.session_ends_at_us), https);
    access.into_iter().chain(refresh).collect()
}

/// Keeps a sign-in that was begun with an identity provider; both parts hold no `~`.
pub(crate) fn begin_provider(sign_in: &str, onward: &str, https: bool) -> Option<HeaderValue> {
    Cookie::SignIn.set(&format!("{sign_in}~{onward}"), Some(PROVIDER_S), https)
}

/// The sign-in that this browser has begun, and where it leads to.
pub(crate) fn provider_sign_in(headers: &HeaderMap) -> Option<(String, String)> {
    let (sign_in, onward) = Cookie::SignIn.read(headers)?.split_once('~')?;
    Some((sign_in.to_owned(), onward.to_owned()))
}

pub(crate) fn end_provider(https: bool) -> Option<HeaderValue> {
    Cookie::SignIn.drop(https)
}

/// Keeps what was begun with an identity provider to link an identity.
pub(crate) fn begin_link(link: &str, https: bool) -> Option<HeaderValue> {
    Cookie::Link.set(link, Some(PROVIDER_S), https)
}

/// What this browser has begun to link an identity with.
pub(crate) fn provider_link(headers: &HeaderMap) -> Option<String> {
    Cookie::Link.read(headers).map(str::to_owned)
}

pub(crate) fn end_link(https: bool) -> Option<HeaderValue> {
    Cookie::Link.drop(https)
}

/// Takes the session's cookies away; the visit begins anew, under this number.
pub(crate) fn end_session(visit: &str, https: bool) -> Vec<HeaderValue> {
    let cookies = [Cookie::Access.drop(https), Cookie::Refresh.drop(https), Cookie::Visit.set(visit, None, https)];
    cookies.into_iter().flatten().collect()
}

/// Remembers the position of a change for the pages that follow it.
pub(crate) fn remember(service: Service, token: &str, https: bool) -> Option<HeaderValue> {
    let fits = !token.is_empty() && token.len() <= 2_000 && token.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = fits && !token.contains([';', ',', '"', '\\']);
    fits.then(|| Cookie::Seen.set(&format!("{}.{token}", service.code()), Some(60), https)).flatten()
}

pub(super) fn seen(headers: &HeaderMap) -> Option<(String, String)> {
    let (service, token) = Cookie::Seen.read(headers)?.split_once('.')?;
    Some((service.to_owned(), token.to_owned()))
}

impl super::Visit {
    /// The header by which the next pages show a change.
    pub(crate) fn remember(&self, service: Service, token: &str) -> Option<HeaderValue> {
        remember(service, token, self.https)
    }
}
