use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;

/// How a marker was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// As it is, in UTF-8.
    Plain,
    /// In lower case, as an index keeps words.
    LowerCase,
    /// In a JSON string, other than plain.
    Json,
    /// In HTML or XML, other than plain.
    Html,
    /// In a URL.
    Percent,
    /// In a mail.
    QuotedPrintable,
    /// In base64, standard or for URLs, at any offset.
    Base64,
}

/// Words or phrases to look for, in all forms that something on disk may write them in.
pub struct Marker(Vec<(Form, Finder<'static>)>);

/// Fewer bytes occur by chance.
const LEAST_BYTES: usize = 8;

impl Marker {
    /// Takes what occurs nowhere else: finding one of them is finding the marker. A long text is given by its most telling
    /// words. An index of words keeps no sentences, and stems: one of the words has to be of letters and digits only, and
    /// end with digits (`Quittengelee7f3a91`).
    ///
    /// # Panics
    /// If one is shorter than eight bytes.
    pub fn new(words: &[&str]) -> Self {
        let mut patterns: Vec<(Form, Vec<u8>)> = Vec::new();
        for word in words {
            assert!(word.len() >= LEAST_BYTES, "{word:?} would be found by chance");
            for (form, pattern) in forms(word) {
                // A form that is the same as another says nothing of its own.
                if !patterns.iter().any(|(_, known)| *known == pattern) {
                    patterns.push((form, pattern));
                }
            }
        }
        Self(patterns.into_iter().map(|(form, pattern)| (form, Finder::new(&pattern).into_owned())).collect())
    }

    /// The forms in which it is in these bytes, each once.
    pub(super) fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Form> + 'a {
        self.0.iter().filter(|(_, pattern)| pattern.find(bytes).is_some()).map(|(form, _)| *form)
    }
}

fn forms(word: &str) -> Vec<(Form, Vec<u8>)> {
    let mut forms = vec![(Form::Plain, word.as_bytes().to_vec())];
    let mut add = |form, pattern: String| forms.push((form, pattern.into_bytes()));
    add(Form::LowerCase, word.to_lowercase());
    let utf8 = serde_json::to_string(word).unwrap();
    add(Form::Json, utf8[1..utf8.len() - 1].to_owned());
    for hex in [|unit: u16| format!("\\u{unit:04x}"), |unit: u16| format!("\\u{unit:04X}")] {
        add(
            Form::Json,
            escaped(&utf8[1..utf8.len() - 1], |c| c.encode_utf16(&mut [0; 2]).iter().map(|unit| hex(*unit)).collect()),
        );
    }
    add(Form::Html, html(word, "&#39;", "&quot;"));
    add(Form::Html, html(word, "&#x27;", "&quot;"));
    add(Form::Html, html(word, "&apos;", "&#34;"));
    add(Form::Percent, encoded(word, '%', |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
    add(
        Form::Percent,
        encoded(word, '%', |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)).replace("%20", "+"),
    );
    add(Form::QuotedPrintable, encoded(word, '=', |byte| (b' '..=b'~').contains(&byte) && byte != b'='));
    // What stands before decides on the bits that a character takes; the ends depend on neighbours and are left out.
    for offset in 0..3 {
        let bytes = [&vec![0; offset], word.as_bytes()].concat();
        let whole = bytes.len() / 3 * 4;
        let from = [0, 2, 3][offset];
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            add(Form::Base64, text[from..whole].to_owned());
        }
    }
    forms
}

fn escaped(word: &str, escape: impl Fn(char) -> String) -> String {
    word.chars().map(|c| if c.is_ascii() { c.to_string() } else { escape(c) }).collect()
}

fn html(word: &str, apostrophe: &str, quote: &str) -> String {
    let word = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    word.replace('\'', apostrophe).replace('"', quote)
}

fn encoded(word: &str, sign: char, plain: impl Fn(u8) -> bool) -> String {
    word.bytes().fold(String::new(), |mut text, byte| {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "{sign}{byte:02X}").unwrap();
        }
        text
    })
}
