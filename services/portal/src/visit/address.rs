//! Where a reader is: the page that a request belongs to, for links that lead back to it.

use axum::extract::Query;
use axum::http::Uri;

use super::Visit;
use crate::words::Language;

/// Addresses of buttons: they are sent to and show nothing, their page is so many steps up.
const BUTTONS: &[(&str, usize)] = &[
    ("/abmelden", 1),
    ("/unterstuetzen", 1),
    ("/nicht-mehr-unterstuetzen", 1),
    ("/zurueckziehen", 1),
    ("/entziehen", 1),
    ("/erneut", 2),
    ("/verwerfen", 2),
    ("/loeschen", 2),
    ("/verknuepfen", 2),
    ("/loesen", 2),
];

/// What is told of a page once, and of the language that it is in now.
const PASSING: &[&str] = &["lang", "ok"];

/// Where the lists of a page are: the page of each, and what was chosen to choose from.
const PLACES: &[&str] = &["seite", "texte", "themen", "vorhaben", "personen", "text", "reihe", "aus"];

/// The longest address that is taken from outside, in bytes.
const LONGEST: usize = 4_000;

impl Visit {
    /// The address of the page that is shown, or that a button was pressed on, without what stands behind `?`.
    pub(crate) fn page(&self) -> &str {
        page_of(&self.path)
    }

    /// The same page in another language.
    pub(crate) fn in_language(&self, language: Language) -> String {
        format!("{}?{}lang={}", self.page(), self.kept_query(""), language.code())
    }

    /// The same page with another value behind `?`; without it, if there is none.
    pub(crate) fn at(&self, name: &str, value: &str) -> String {
        let kept = self.kept_query(name);
        match (value.is_empty(), kept.trim_end_matches('&')) {
            (true, "") => self.path.clone(),
            (true, kept) => format!("{}?{kept}", self.path),
            _ => format!("{}?{kept}{name}={}", self.path, encoded(value)),
        }
    }

    /// The page with the places of its lists, and nothing else behind `?`: where its forms are sent, so that one that
    /// comes back has the same to choose from.
    pub(crate) fn here(&self) -> String {
        with_places(&self.path, &self.query)
    }

    /// A page of this tenant by an address that came from outside: with the places of its lists, and nothing else
    /// behind `?`. Absent if it leads elsewhere.
    pub(crate) fn own_page(&self, address: &str) -> Option<String> {
        let uri = (address.len() <= LONGEST).then(|| address.parse::<Uri>().ok()).flatten()?;
        let path = address.split_once('?').map_or(address, |(path, _)| path);
        let query = Query::<Vec<(String, String)>>::try_from_uri(&uri).ok()?.0;
        self.is_own_page(path).then(|| with_places(path, &query))
    }

    /// What stands behind `?` but what passes and what has this name, each with `&` behind it.
    fn kept_query(&self, without: &str) -> String {
        let kept = self.query.iter().filter(|(name, _)| !PASSING.contains(&name.as_str()) && name != without);
        kept.map(|(name, value)| format!("{}={}&", encoded(name), encoded(value))).collect()
    }
}

fn with_places(path: &str, query: &[(String, String)]) -> String {
    let places = query.iter().filter(|(name, value)| PLACES.contains(&name.as_str()) && !value.is_empty());
    let places: Vec<_> = places.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if places.is_empty() { path.to_owned() } else { format!("{path}?{}", places.join("&")) }
}

/// A text as it stands behind `?`.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
        encoded
    })
}

fn page_of(path: &str) -> &str {
    let steps = BUTTONS.iter().find(|(button, _)| path.ends_with(button)).map_or(0, |(_, steps)| *steps);
    (0..steps).fold(path, |page, _| page.rsplit_once('/').map_or(page, |(above, _)| above))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AUTHORIZATION;

    #[test]
    fn whatever_is_sent_to_belongs_to_a_page() {
        let routes: Vec<&str> = AUTHORIZATION.iter().map(|(route, _)| *route).collect();
        let sent_to = routes.iter().filter_map(|route| route.strip_prefix("POST "));
        let lost: Vec<&str> =
            sent_to.filter(|path| !routes.contains(&format!("GET {}", page_of(path)).as_str())).collect();
        assert_eq!(lost, [] as [&str; 0]);
        assert!(routes.iter().filter_map(|route| route.strip_prefix("GET ")).all(|path| page_of(path) == path));
    }

    #[test]
    fn what_stands_behind_the_question_mark_is_encoded() {
        assert_eq!(encoded("a/b-1 ü&=?"), "a/b-1%20%C3%BC%26%3D%3F");
        let query = [("seite", "a&b"), ("next", "x"), ("text", ""), ("aus", "1")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(with_places("/a", &query), "/a?seite=a%26b&aus=1");
        assert_eq!(with_places("/a", &query[1..3]), "/a");
    }
}
