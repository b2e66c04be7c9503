//! A browser, as far as the portal notices one.

use allmende_portal::{Config, FormKey};
use allmende_runtime::limits::{Network, Origin};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{COOKIE, HeaderName, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt as _;

use crate::fake::Calls;
use crate::town;

/// Where the browser is.
pub(crate) const ADDRESS: &str = "192.0.2.7";

/// The portal over the made-up town, and a browser with its cookies.
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) calls: Calls,
}

pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION)
    }
}

impl Browser {
    pub(crate) async fn visitor() -> Self {
        let calls = Calls::default();
        let channel = town::services(calls.clone()).serve().await;
        let router = allmende_portal::router(Config::default(), FormKey::new([7; 32]), channel);
        Self { router, cookies: Vec::new(), calls }
    }

    /// With the session of somebody who signed in.
    pub(crate) async fn of(token: &str) -> Self {
        let mut browser = Self::visitor().await;
        browser.cookies.push(("allmende-session".to_owned(), token.to_owned()));
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send(Method::GET, path, Vec::new(), Body::empty()).await
    }

    /// Sends a form as a page of the same origin would.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let body = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let headers = vec![
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            (ORIGIN.as_str(), "http://portal".to_owned()),
        ];
        self.send(Method::POST, path, headers, Body::from(body.collect::<Vec<_>>().join("&"))).await
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, headers: Vec<(&str, String)>, body: Body) -> Seen {
        let origin = Origin::Address(Network::of(ADDRESS.parse().unwrap()));
        let mut request = Request::builder().method(method).uri(path).header("host", "portal").extension(origin);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !rest.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let body = to_bytes(body, 64 << 20).await.unwrap();
        Seen { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The hidden value of a form's field.
pub(crate) fn hidden(page: &str, form: &str, name: &str) -> String {
    let start = page.find(&format!("id=\"{form}\"")).unwrap_or_else(|| panic!("no form {form}"));
    let field = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let value = page[start..].split_once(&field).unwrap_or_else(|| panic!("no field {name}")).1;
    value.split('"').next().unwrap().to_owned()
}
