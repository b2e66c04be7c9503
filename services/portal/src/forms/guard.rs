//! That a form comes from one of our own pages.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::config::{Config, FormKey};
use crate::failure::Failure;
use crate::visit::changes;

/// What the forms of a visit carry. The cookie alone cannot be turned into it without the key, so a neighbouring host
/// that plants a cookie has no form that fits.
pub(crate) fn token(key: &FormKey, visit: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    mac.update(b"form of visit ");
    mac.update(visit.as_bytes());
    URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..18])
}

/// Refuses a change that another site asks for. Browsers name the origin with every form; programs need not.
pub(crate) fn foreign(method: &Method, headers: &HeaderMap, config: &Config) -> Option<Failure> {
    if !changes(method) {
        return None;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return Some(Failure::Foreign);
    }
    let origin = text(ORIGIN.as_str())?;
    let own = match config.origin() {
        Some(own) => origin == own,
        None => {
            let host = text(HOST.as_str()).unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        }
    };
    (!own).then_some(Failure::Foreign)
}

/// Whether the token of a form is the visit's, found out in constant time.
pub(super) fn fits(shown: &str, expected: &str) -> bool {
    let differs = shown.bytes().zip(expected.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
    !expected.is_empty() && shown.len() == expected.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_its_visit_and_key() {
        let key = FormKey::new([1; 32]);
        assert!(fits(&token(&key, "a"), &token(&key, "a")));
        assert!(!fits(&token(&key, "a"), &token(&key, "b")));
        assert!(!fits(&token(&key, "a"), &token(&FormKey::new([2; 32]), "a")));
        assert!(!fits("", "") && !fits("", &token(&key, "a")));
    }

    #[test]
    fn another_site_s_form_is_refused() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            headers
        };
        let (open, set) = (Config::default(), Config { public_url: "https://a.de/".into(), ..Config::default() });
        let refused = |config: &Config, pairs: &[_]| foreign(&Method::POST, &with(pairs), config).is_some();
        assert!(!refused(&open, &[("host", "a:7480"), ("origin", "http://a:7480")]));
        assert!(refused(&open, &[("host", "a:7480"), ("origin", "http://b:7480")]));
        assert!(refused(&open, &[("host", "a"), ("origin", "null")]));
        assert!(!refused(&set, &[("host", "inner"), ("origin", "https://a.de")]));
        assert!(refused(&set, &[("host", "a.de"), ("origin", "http://a.de")]));
        assert!(refused(&open, &[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&Method::GET, &with(&[("sec-fetch-site", "cross-site")]), &open).is_none());
    }
}
