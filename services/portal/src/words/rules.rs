//! What is wrong with a field, by the rule that it broke.

use allmende_runtime::errors::Rule;

use super::{Language, fill};

/// A sentence for whoever filled the field in.
pub(crate) fn problem(rule: Rule, language: Language) -> String {
    let count = |number: u64| grouped(number, language);
    let (german, english, values): (_, _, Vec<String>) = match rule {
        Rule::Required => ("Bitte füllen Sie dieses Feld aus.", "Please fill in this field.", vec![]),
        Rule::Length(0 | 1, max) => ("Höchstens {} Zeichen.", "At most {} characters.", vec![count(max)]),
        Rule::Length(min, max) => {
            ("Bitte {} bis {} Zeichen.", "Please enter {} to {} characters.", vec![count(min), count(max)])
        }
        Rule::Count(0, max) => ("Höchstens {} davon.", "At most {} of them.", vec![count(max)]),
        Rule::Count(min, max) => {
            ("Bitte {} bis {} auswählen.", "Please choose {} to {}.", vec![count(min), count(max)])
        }
        Rule::Number(min, max) => (
            "Bitte eine Zahl von {} bis {}.",
            "Please enter a number from {} to {}.",
            vec![signed(min, language), signed(max, language)],
        ),
        Rule::Size(max) => {
            ("Das ist zu groß: höchstens {}.", "This is too large: at most {}.", vec![super::bytes(max, language)])
        }
        Rule::Visible => (
            "Bitte ohne Steuerzeichen: Hier steht etwas, das man nicht sieht.",
            "Please leave out control characters: there is something here that cannot be seen.",
            vec![],
        ),
        Rule::Line => ("Bitte in einer Zeile.", "Please enter one line.", vec![]),
        Rule::Id => ("Das ist keine Kennung.", "This is no identifier.", vec![]),
        Rule::Value => ("Bitte wählen Sie eine der Möglichkeiten.", "Please choose one of the options.", vec![]),
        Rule::Token => (
            "Das ist nicht mehr gültig. Laden Sie die Seite neu.",
            "This is not valid any more. Load the page again.",
            vec![],
        ),
        Rule::Day => (
            "Bitte geben Sie einen Tag an, den es im Kalender gibt.",
            "Please enter a day that is in the calendar.",
            vec![],
        ),
        Rule::Moment => (
            "Dieser Zeitpunkt kann nicht sein. Bitte prüfen Sie ihn.",
            "This date and time is not possible. Please check it.",
            vec![],
        ),
        Rule::Order => ("Das Ende liegt vor dem Anfang.", "The end is before the beginning.", vec![]),
        Rule::Span => ("Dieser Zeitraum ist zu lang.", "This period is too long.", vec![]),
        Rule::Email => (
            "Bitte eine E-Mail-Adresse, zum Beispiel name@example.org.",
            "Please enter an e-mail address, for example name@example.org.",
            vec![],
        ),
        Rule::Once => ("Das steht schon einmal da.", "This is already listed.", vec![]),
        Rule::Alone => (
            "Das geht nicht zusammen mit den anderen Angaben.",
            "This does not go together with what else was entered.",
            vec![],
        ),
        Rule::Form => {
            ("Diese Angabe passt nicht. Bitte prüfen Sie sie.", "This does not fit. Please check it.", vec![])
        }
    };
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    fill(language.of(german, english), &values)
}

fn signed(number: i64, language: Language) -> String {
    let minus = if number < 0 { "-" } else { "" };
    format!("{minus}{}", grouped(number.unsigned_abs(), language))
}

/// A number with its thousands apart; one of four digits is written as a year is.
fn grouped(number: u64, language: Language) -> String {
    let digits = number.to_string();
    if digits.len() <= 4 {
        return digits;
    }
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect::<Vec<_>>();
    groups.join(language.of(".", ","))
}

#[cfg(test)]
mod tests {
    use super::Language::{English, German};
    use super::*;

    #[test]
    fn every_rule_has_a_sentence_in_each_language() {
        for rule in Rule::ALL {
            let (german, english) = (problem(*rule, German), problem(*rule, English));
            for sentence in [&german, &english] {
                assert!(sentence.ends_with('.') && !sentence.contains("{}"), "{rule:?}: {sentence}");
                assert!(!sentence.to_lowercase().contains("must"), "{rule:?}: {sentence}");
            }
            assert_ne!(german, english, "{rule:?}");
        }
    }

    #[test]
    fn bounds_are_written_as_the_language_does() {
        assert_eq!(problem(Rule::Length(0, 10_000), German), "Höchstens 10.000 Zeichen.");
        assert_eq!(problem(Rule::Length(10, 256), English), "Please enter 10 to 256 characters.");
        assert_eq!(problem(Rule::Number(-90, 10_000_000), English), "Please enter a number from -90 to 10,000,000.");
        assert_eq!(problem(Rule::Count(1, 20), German), "Bitte 1 bis 20 auswählen.");
        assert_eq!(problem(Rule::Number(1_900, 2_099), German), "Bitte eine Zahl von 1900 bis 2099.");
        assert_eq!(problem(Rule::Length(0, 4_000), English), "At most 4000 characters.");
    }
}
