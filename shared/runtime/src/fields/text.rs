use std::ops::RangeInclusive;

use crate::errors::{Problem, Rule};

/// Plain text of so many characters, its lines ended alike. Blanks around it do not count.
pub fn text(text: &str, length: RangeInclusive<usize>) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let (min, max) = (length.start(), length.end());
    match text.chars().count() {
        characters if length.contains(&characters) => {}
        _ => return Err(Rule::Length(*min as u64, *max as u64).into()),
    }
    // Controls, and marks that turn the direction of what follows them, also outside the text.
    let hidden = |character: char| match character {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        character => character.is_control(),
    };
    if text.contains(hidden) {
        return Err(Rule::Visible.into());
    }
    Ok(text.to_owned())
}

/// The same of one line.
pub fn line(line: &str, length: RangeInclusive<usize>) -> Result<String, Problem> {
    if line.contains(['\n', '\r', '\t']) {
        return Err(Rule::Line.into());
    }
    text(line, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_text_do_not_count() {
        assert_eq!(text("  Hecke\r\nam Bach\n", 1..=13), Ok("Hecke\nam Bach".to_owned()));
        assert_eq!(line(" Hecke ", 1..=5), Ok("Hecke".to_owned()));
        assert_eq!(line("  ", 0..=5), Ok(String::new()));
        for blank in ["", " ", "\u{a0}\u{2003}"] {
            assert_eq!(text(blank, 1..=5).unwrap_err().as_str(), "must have 1 to 5 characters");
        }
        assert_eq!(text("öäüßé!", 0..=5).unwrap_err().as_str(), "must have at most 5 characters");
    }

    #[test]
    fn nothing_turns_or_hides_what_is_read() {
        for wrong in ["a\u{0}b", "a\u{202e}b", "a\u{2066}b", "a\u{7f}b", "a\u{85}b", "a\rb"] {
            assert!(text(wrong, 1..=9).is_err() && line(wrong, 1..=9).is_err(), "{wrong:?}");
        }
        for lines in ["a\nb", "a\tb", "a\n"] {
            assert!(text(lines, 1..=9).is_ok() && line(lines, 1..=9).is_err(), "{lines:?}");
        }
    }
}
