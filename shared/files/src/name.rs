use std::fmt;

/// A file's name: SHA-256 of what was put into it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub [u8; 32]);

impl Name {
    /// From 64 hexadecimal digits in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut name = [0; 32];
        if text.len() != 2 * name.len() || !digits(text) {
            return None;
        }
        for (byte, at) in name.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(name))
    }
}

/// As 64 hexadecimal digits.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_in_no_other_way() {
        let name = Name(std::array::from_fn(|at| at as u8 * 7));
        let text = name.to_string();
        assert_eq!(Name::parse(&text), Some(name));
        for wrong in [&text[1..], &text.to_uppercase(), &format!("{text}0"), &"+1".repeat(32), &"ü".repeat(32)] {
            assert_eq!(Name::parse(wrong), None, "{wrong}");
        }
    }
}
