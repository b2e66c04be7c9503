//! Everything the portal says, in the languages it speaks.

mod accepted;
mod catalogue;
mod data_words;
mod dates;
mod messages;
mod places;
mod reasons;
mod rules;
mod staff;
mod tongue;
mod vocabulary;

pub(crate) use data_words::*;
pub(crate) use dates::{day, days, micros, moment};
pub(crate) use messages::Messages;
pub(crate) use places::{coordinates, degrees, id_in, parse_place, place};
pub(crate) use reasons::reason;
pub(crate) use rules::problem;
pub(crate) use staff::StaffMessages;
pub(crate) use tongue::{unmarked, written};
pub(crate) use vocabulary::*;

/// A language of the portal. German first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    German,
    English,
}

impl Language {
    /// The code in `lang`, in the cookie and in addresses.
    pub(crate) fn code(self) -> &'static str {
        self.of("de", "en")
    }

    /// The language of this code, if the portal speaks it.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        match code {
            "de" => Some(Self::German),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// What a browser would rather read, by its `Accept-Language`.
    pub(crate) fn preferred(accept: &str) -> Option<Self> {
        accepted::preferred(accept)
    }

    /// The one that is this language.
    pub(crate) fn of<T>(self, german: T, english: T) -> T {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }

    /// The other language.
    pub(crate) fn other(self) -> Self {
        self.of(Self::English, Self::German)
    }

    /// What the language calls itself.
    pub(crate) fn own_name(self) -> &'static str {
        self.of("Deutsch", "English")
    }

    /// The catalogue.
    pub(crate) fn messages(self) -> &'static Messages {
        self.of(&messages::GERMAN, &messages::ENGLISH)
    }

    /// The catalogue of the administration's pages.
    pub(crate) fn staff(self) -> &'static StaffMessages {
        self.of(&staff::GERMAN, &staff::ENGLISH)
    }

    /// A number as the language writes it.
    pub(crate) fn number(self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        self.of(text.replace('.', ","), text)
    }
}

/// A message with its gaps, each written `{}`, filled in order.
pub(crate) fn fill(message: &str, values: &[&str]) -> String {
    let mut parts = message.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (part, value) in parts.zip(values.iter().chain(std::iter::repeat(&""))) {
        filled.push_str(value);
        filled.push_str(part);
    }
    filled
}

/// What somebody wrote, without characters that do something instead of standing for themselves: control characters,
/// and those that turn the direction of what follows.
pub(crate) fn clean(text: &str) -> String {
    let harmful = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
    };
    text.replace("\r\n", "\n").chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// What the town or its people wrote, for a page in this language.
pub(crate) fn theirs(text: &str, page: Language) -> String {
    let text = clean(text);
    match page {
        Language::German => text,
        Language::English => tongue::marked(&text),
    }
}

/// The beginning of a text, cut at a word.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let cut: String = text.chars().take(most).collect();
    format!("{} …", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_in_order() {
        assert_eq!(fill("{} von {}", &["1", "2"]), "1 von 2");
        assert_eq!(fill("ohne", &["1"]), "ohne");
        assert_eq!(fill("{} fehlt", &[]), " fehlt");
    }

    #[test]
    fn characters_that_do_something_are_taken_out() {
        assert_eq!(clean("a\u{202e}b\u{0}c\r\nd\te"), "a\u{fffd}b\u{fffd}c\nd\te");
    }
}
