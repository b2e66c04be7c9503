use std::fmt;

use crate::{Frequency, Theme};

/// The most keywords a dataset has.
pub const MAX_KEYWORDS: usize = 20;
const MAX_KEYWORD: usize = 60;
/// The most characters of a title.
pub const MAX_TITLE: usize = 200;
/// The most characters of a description.
pub const MAX_DESCRIPTION: usize = 4_000;

/// A description that breaks a rule, by the field that does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDescription {
    /// No German title, or one that is too long.
    #[error("must have 1 to {MAX_TITLE} characters, without control characters")]
    Title,
    /// No German description, or one that is too long.
    #[error("must have 1 to {MAX_DESCRIPTION} characters, without control characters other than new lines")]
    Description,
    /// None, too many, or one twice.
    #[error("must be at least one theme, none of them twice")]
    Themes,
    /// Too many, too long, or one twice.
    #[error("must be at most {MAX_KEYWORDS} keywords of 1 to {MAX_KEYWORD} characters, none of them twice")]
    Keywords,
    /// Only one end, or one that is no day.
    #[error("must both be days like 2026-11-24, or both be empty")]
    Days,
    /// The last day before the first.
    #[error("must not be before the first day")]
    Order,
}

/// Words in German and, if somebody wrote them, in English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// German.
    pub de: String,
    /// English; empty if there is none.
    pub en: String,
}

impl Text {
    /// Words in both languages.
    pub fn new(de: impl Into<String>, en: impl Into<String>) -> Self {
        Self { de: de.into(), en: en.into() }
    }

    /// Whether the German words have 1 to `max` characters, the English ones at most as many, and none is a control
    /// character other than what `admits` says.
    pub fn is_sound(&self, max: usize, admits: impl Fn(char) -> bool) -> bool {
        let sound = |text: &str| {
            text.chars().count() <= max && text.chars().all(|letter| !letter.is_control() || admits(letter))
        };
        !self.de.trim().is_empty() && sound(&self.de) && sound(&self.en)
    }
}

/// A day of the Gregorian calendar, written `2018-07-28`; days sort as they follow each other.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(String);

impl Day {
    /// Parses `2018-07-28`.
    pub fn parse(text: &str) -> Option<Self> {
        let (month, day) = text.rsplit_once('-')?;
        let month = crate::Month::parse(month)?;
        let number: u32 = day.parse().ok().filter(|_| day.len() == 2 && !day.starts_with('+'))?;
        (1..=month.days()).contains(&number).then(|| Self(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Day({})", self.0)
    }
}

/// What a description is made of, before it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wording {
    /// Name of the dataset.
    pub title: Text,
    /// What it holds.
    pub description: Text,
    /// What it is about.
    pub themes: Vec<Theme>,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// How often a version is to be expected.
    pub frequency: Option<Frequency>,
    /// First and last day that the data is of; empty for none.
    pub days: (String, String),
}

/// What a dataset is about, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    wording: Wording,
    days: Option<(Day, Day)>,
}

impl Description {
    /// Checks all parts.
    pub fn new(wording: Wording) -> Result<Self, InvalidDescription> {
        if !wording.title.is_sound(MAX_TITLE, |_| false) {
            return Err(InvalidDescription::Title);
        }
        if !wording.description.is_sound(MAX_DESCRIPTION, |letter| letter == '\n') {
            return Err(InvalidDescription::Description);
        }
        if wording.themes.is_empty() || has_twice(&wording.themes) {
            return Err(InvalidDescription::Themes);
        }
        let sound = |keyword: &String| {
            (1..=MAX_KEYWORD).contains(&keyword.chars().count()) && !keyword.chars().any(char::is_control)
        };
        if wording.keywords.len() > MAX_KEYWORDS || !wording.keywords.iter().all(sound) || has_twice(&wording.keywords)
        {
            return Err(InvalidDescription::Keywords);
        }
        let days = match (wording.days.0.as_str(), wording.days.1.as_str()) {
            ("", "") => None,
            (first, last) => match (Day::parse(first), Day::parse(last)) {
                (Some(first), Some(last)) if first <= last => Some((first, last)),
                (Some(_), Some(_)) => return Err(InvalidDescription::Order),
                _ => return Err(InvalidDescription::Days),
            },
        };
        Ok(Self { wording, days })
    }

    /// Its parts.
    pub fn wording(&self) -> &Wording {
        &self.wording
    }

    /// First and last day that the data is of.
    pub fn days(&self) -> Option<&(Day, Day)> {
        self.days.as_ref()
    }
}

fn has_twice<T: PartialEq>(values: &[T]) -> bool {
    values.iter().enumerate().any(|(index, value)| values[..index].contains(value))
}
