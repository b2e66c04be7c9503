//! What the commands print: results on standard output, everything else on standard error.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// Prints a line of a result. Whoever has stopped reading has enough.
pub fn line(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Prints a remark.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints an error with its causes.
pub fn error(error: &anyhow::Error) {
    let _ = writeln!(io::stderr(), "error: {error:#}");
}

/// A progress bar over `total` steps of `unit`; silent where standard error is no terminal.
pub fn progress(total: u64, unit: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style =
        ProgressStyle::with_template(&format!("{{wide_bar}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left"));
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// `1234567` as `1 234 567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!((count(7), count(1_000), count(31_442_000)), ("7".into(), "1 000".into(), "31 442 000".into()));
    }
}
