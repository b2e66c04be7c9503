use std::collections::HashMap;
use std::fmt::{self, Display};

use tonic::Status;
use tonic_types::StatusExt as _;

use super::Problem;

/// The rule that a field breaks, as the violation's `reason` names it. There are no others: whoever shows violations to
/// people has a sentence for each. The bounds of a rule travel in `ErrorInfo.metadata`, as `min_0` and `max_0` of the
/// first violation, `min_1` and `max_1` of the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It must be there.
    Required,
    /// So many characters.
    Length(u64, u64),
    /// So many items.
    Count(u64, u64),
    /// A number within bounds.
    Number(i64, i64),
    /// At most so many bytes.
    Size(u64),
    /// No control characters.
    Visible,
    /// One line.
    Line,
    /// A UUID.
    Id,
    /// A value of its enumeration.
    Value,
    /// A token as it was given.
    Token,
    /// A day of the calendar.
    Day,
    /// A moment within what is believed.
    Moment,
    /// Not before where the range begins.
    Order,
    /// No longer a range than that.
    Span,
    /// An e-mail address.
    Email,
    /// Each item once.
    Once,
    /// Not together with another field.
    Alone,
    /// Whatever else the words say: the form of a name, of an address, of a code.
    Form,
}

/// What is said of a rule where nobody says more.
const WORDS: &[(Rule, &str)] = &[
    (Rule::Required, "must be set"),
    (Rule::Required, "must not be empty"),
    (Rule::Visible, "must not have control characters"),
    (Rule::Line, "must be of one line"),
    (Rule::Id, "must be a UUID like 0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57"),
    (Rule::Value, "must be one of the values of its type"),
    (Rule::Token, "must be empty or a next_page_token as it was given"),
    (Rule::Token, "must be empty or a consistency_token as it was given"),
    (Rule::Token, "must be as it was given"),
    (Rule::Order, "must not be before first_day"),
    (Rule::Order, "must not be before the first day"),
    (Rule::Order, "must be after the beginning of the range"),
    (Rule::Once, "must not be listed twice"),
];

impl Rule {
    /// One of each.
    pub const ALL: &[Self] = &[
        Self::Required,
        Self::Length(1, 200),
        Self::Count(1, 10),
        Self::Number(0, 6),
        Self::Size(1_024),
        Self::Visible,
        Self::Line,
        Self::Id,
        Self::Value,
        Self::Token,
        Self::Day,
        Self::Moment,
        Self::Order,
        Self::Span,
        Self::Email,
        Self::Once,
        Self::Alone,
        Self::Form,
    ];

    /// A problem with this rule, in words of its own.
    pub fn says(self, text: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
        Problem { rule: self, text: text.into() }
    }

    /// The rule that these words stand for everywhere.
    pub(super) fn of(words: &str) -> Self {
        WORDS.iter().find(|(_, known)| *known == words).map_or(Self::Form, |(rule, _)| *rule)
    }

    /// Its name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::Length(..) => "LENGTH",
            Self::Count(..) => "COUNT",
            Self::Number(..) => "NUMBER",
            Self::Size(_) => "SIZE",
            Self::Visible => "CONTROL_CHARACTERS",
            Self::Line => "ONE_LINE",
            Self::Id => "ID",
            Self::Value => "UNKNOWN_VALUE",
            Self::Token => "TOKEN",
            Self::Day => "DAY",
            Self::Moment => "MOMENT",
            Self::Order => "ORDER",
            Self::Span => "SPAN",
            Self::Email => "EMAIL",
            Self::Once => "LISTED_TWICE",
            Self::Alone => "NOT_TOGETHER",
            Self::Form => "FORM",
        }
    }

    /// Its bounds, as they stand in metadata.
    pub(super) fn bounds(self) -> Option<(String, String)> {
        match self {
            Self::Length(min, max) | Self::Count(min, max) => Some((min.to_string(), max.to_string())),
            Self::Number(min, max) => Some((min.to_string(), max.to_string())),
            Self::Size(max) => Some(("0".to_owned(), max.to_string())),
            _ => None,
        }
    }

    /// The rule of this name; what is not known, or comes without its bounds, is [`Rule::Form`].
    fn named(code: &str, bound: impl Fn(&str) -> Option<i64>) -> Self {
        let both = || Some((bound("min")?, bound("max")?));
        let whole = || both().and_then(|(min, max)| Some((u64::try_from(min).ok()?, u64::try_from(max).ok()?)));
        let known = Self::ALL.iter().find(|rule| rule.code() == code).copied();
        let with_bounds = match known {
            Some(Self::Length(..)) => whole().map(|(min, max)| Self::Length(min, max)),
            Some(Self::Count(..)) => whole().map(|(min, max)| Self::Count(min, max)),
            Some(Self::Number(..)) => both().map(|(min, max)| Self::Number(min, max)),
            Some(Self::Size(_)) => whole().map(|(_, max)| Self::Size(max)),
            other => other,
        };
        with_bounds.unwrap_or(Self::Form)
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(0, max) => write!(f, "must have at most {max} characters"),
            Self::Length(min, max) => write!(f, "must have {min} to {max} characters"),
            Self::Count(0, max) => write!(f, "must be at most {max}"),
            Self::Count(min, max) => write!(f, "must be {min} to {max}"),
            Self::Number(min, max) => write!(f, "must be {min} to {max}"),
            Self::Size(max) => write!(f, "must have at most {max} bytes"),
            Self::Day => f.write_str("must be a day like 2026-11-24"),
            Self::Moment => f.write_str("must be a moment that can be"),
            Self::Span => f.write_str("must not be so far from the beginning of the range"),
            Self::Email => f.write_str("must be an e-mail address"),
            Self::Alone => f.write_str("must not be set together with the other"),
            Self::Form => f.write_str("must have another form"),
            rule => f.write_str(WORDS.iter().find(|(known, _)| known == rule).map_or("must fit", |(_, words)| words)),
        }
    }
}

impl From<Rule> for Problem {
    fn from(rule: Rule) -> Self {
        rule.says(rule.to_string())
    }
}

/// A field of a request and the rule that it broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its path.
    pub field: String,
    /// The rule.
    pub rule: Rule,
}

/// The violations that an answer names.
pub fn violations(status: &Status) -> Vec<Violation> {
    let details = status.get_error_details();
    let none = HashMap::new();
    let metadata = details.error_info().map_or(&none, |info| &info.metadata);
    let named = details.bad_request().map_or(&[][..], |request| &request.field_violations);
    let violation = |(index, named): (usize, &tonic_types::FieldViolation)| {
        let bound = |end: &str| metadata.get(&format!("{end}_{index}"))?.parse().ok();
        Violation { field: named.field.clone(), rule: Rule::named(&named.reason, bound) }
    };
    named.iter().enumerate().map(violation).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Violations, invalid_field};
    use super::*;

    #[test]
    fn a_rule_arrives_with_its_bounds() {
        let mut all = Violations::default();
        for rule in Rule::ALL {
            all.add(rule.code(), *rule);
        }
        let status = all.finish(|| None::<()>).unwrap_err();
        let arrived = violations(&status);
        assert_eq!(arrived.len(), Rule::ALL.len());
        for (violation, rule) in arrived.iter().zip(Rule::ALL) {
            assert_eq!((violation.field.as_str(), violation.rule), (rule.code(), *rule));
        }
        assert!(status.details().len() < 4_096, "{}", status.details().len());
    }

    #[test]
    fn codes_are_unlike_each_other_and_well_formed() {
        let mut codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Rule::ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')));
    }

    #[test]
    fn words_that_stand_for_a_rule_everywhere_carry_its_code() {
        for (rule, words) in WORDS {
            assert_eq!(violations(&invalid_field("a", *words))[0].rule, *rule, "{words}");
        }
        assert_eq!(violations(&invalid_field("a", "must be of bronze"))[0].rule, Rule::Form);
    }

    #[test]
    fn a_code_of_another_release_is_a_rule_all_the_same() {
        assert_eq!(Rule::named("OF_TOMORROW", |_| None), Rule::Form);
        assert_eq!(Rule::named("LENGTH", |_| None), Rule::Form);
        assert_eq!(Rule::named("LENGTH", |end| Some(if end == "min" { -1 } else { 5 })), Rule::Form);
        assert_eq!(Rule::named("NUMBER", |end| Some(if end == "min" { -1 } else { 5 })), Rule::Number(-1, 5));
    }
}
