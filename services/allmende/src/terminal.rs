//! What the commands print.

/// Prints a line to standard output.
#[allow(clippy::print_stdout)]
pub fn line(text: &str) {
    println!("{text}");
}
