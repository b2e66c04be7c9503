//! What a catalogue of messages is: a struct with each message under its name, one of it for each language.

/// Makes a catalogue. A message without one of its languages does not compile; `{}` is a gap, the same number in both.
macro_rules! catalogue {
    ($(#[$doc:meta])* $catalogue:ident; $($name:ident: $german:literal, $english:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[allow(missing_docs)]
        pub(crate) struct $catalogue {
            $(pub(crate) $name: &'static str,)*
        }

        pub(super) static GERMAN: $catalogue = $catalogue { $($name: $german,)* };
        pub(super) static ENGLISH: $catalogue = $catalogue { $($name: $english,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $german, $english),)*];
    };
}

pub(super) use catalogue;

/// Fails where a message is missing in a language, or is the same in both without being meant to.
#[cfg(test)]
pub(super) fn assert_whole(all: &[(&str, &str, &str)], same_in_both: &[&str]) {
    let mut names = std::collections::BTreeSet::new();
    for (name, german, english) in all {
        assert!(names.insert(name), "{name} is there twice");
        assert!(!german.trim().is_empty() && !english.trim().is_empty(), "{name} is empty");
        let gaps = |text: &str| text.matches("{}").count();
        assert_eq!(gaps(german), gaps(english), "{name} has other gaps in English");
    }
    let same: Vec<_> = all.iter().filter(|(_, german, english)| german == english).map(|(name, ..)| *name).collect();
    assert_eq!(same, same_in_both);
}
