//! Where a reader is: the page that a request belongs to, for links that lead back to it.

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
];

/// What is told of a page once, and of the language that it is in now.
const PASSING: &[&str] = &["lang", "ok"];

impl Visit {
    /// The address of the page that is shown, or that a button was pressed on, without what stands behind `?`.
    pub(crate) fn page(&self) -> &str {
        page_of(&self.path)
    }

    /// The same page in another language.
    pub(crate) fn in_language(&self, language: Language) -> String {
        let kept = self.query.iter().filter(|(name, _)| !PASSING.contains(&name.as_str()));
        let kept: String = kept.map(|(name, value)| format!("{}={}&", encoded(name), encoded(value))).collect();
        format!("{}?{kept}lang={}", self.page(), language.code())
    }
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
    }
}
