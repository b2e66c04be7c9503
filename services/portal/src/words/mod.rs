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
pub(crate) use reasons::{is_reason, reason};
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

/// A word as it stands alone: with a capital, but for a unit, which has its own letters.
pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if first.is_lowercase() && first != 'µ' => first.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

/// The beginning of a text, cut at a word. What is marked as German still is, where it is cut within.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = text.char_indices().filter(|(_, c)| !tongue::is_mark(*c));
    let Some((end, _)) = letters.nth(most) else { return text };
    let cut = &text[..end];
    tongue::closed(format!("{} …", cut.rsplit_once(' ').map_or(cut, |(whole, _)| whole)))
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
    fn a_word_alone_has_a_capital() {
        assert_eq!(
            ["herausgegeben", "über", "µg/m³", "Stand", "–", ""].map(capital),
            ["Herausgegeben", "Über", "µg/m³", "Stand", "–", ""]
        );
    }

    #[test]
    fn a_text_is_cut_at_a_word() {
        assert_eq!(excerpt("eins  zwei\ndrei", 14), "eins zwei drei");
        assert_eq!(excerpt("eins zwei drei", 13), "eins zwei …");
        assert_eq!(excerpt("Straßenbäume", 6), "Straße …");
    }

    #[test]
    fn what_is_cut_is_in_its_language_still() {
        let title = theirs("Leitlinien für die Bürgerbeteiligung", Language::English);
        let html = |text: &str, most| written(&format!("<p>{} <b>x</b></p>", excerpt(text, most)));
        for (most, expected) in [
            (36, "<p><span lang=\"de\">Leitlinien für die Bürgerbeteiligung</span> <b>x</b></p>"),
            (35, "<p><span lang=\"de\">Leitlinien für die …</span> <b>x</b></p>"),
            (3, "<p><span lang=\"de\">Lei …</span> <b>x</b></p>"),
        ] {
            assert_eq!(html(&title, most), expected);
        }
        // Another one after it is in its language, and nothing in between.
        let two = format!("<p>{} and {}</p>", excerpt(&title, 20), excerpt(&title, 12));
        let expected = "<p><span lang=\"de\">Leitlinien für die …</span> and <span lang=\"de\">Leitlinien …</span></p>";
        assert_eq!(written(&two), expected);
        assert_eq!(html(&format!("Text: {title}"), 12), "<p>Text: … <b>x</b></p>");
    }

    #[test]
    fn characters_that_do_something_are_taken_out() {
        assert_eq!(clean("a\u{202e}b\u{0}c\r\nd\te"), "a\u{fffd}b\u{fffd}c\nd\te");
    }
}
