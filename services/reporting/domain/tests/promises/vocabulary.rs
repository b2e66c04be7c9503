//! What is stored by a key is read by that key.

use std::collections::BTreeSet;

use allmende_reporting_domain::table::Kind;
use allmende_reporting_domain::{InvalidText, Text, Word};

#[test]
fn words_and_kinds_are_known_by_their_keys() {
    let keys: BTreeSet<&str> = Word::ALL.iter().map(|word| word.key()).collect();
    assert_eq!(keys.len(), Word::ALL.len());
    for word in Word::ALL {
        assert_eq!(Word::from_key(word.key()), Some(*word));
    }
    for kind in Kind::ALL {
        assert_eq!(Kind::from_key(kind.key()), Some(kind));
    }
    assert_eq!((Word::from_key("telescope"), Kind::from_key("telescope")), (None, None));
}

#[test]
fn a_text_is_german_first() {
    let both = Text::new("Luft", "Air").unwrap();
    assert_eq!((both.de(), both.en()), ("Luft", Some("Air")));
    assert_eq!(Text::new("Luft", "").unwrap().en(), None);
    assert_eq!(Text::new("", "Air"), Err(InvalidText::Length));
    assert_eq!(Text::new("  ", ""), Err(InvalidText::Length));
    assert_eq!(Text::new("ä".repeat(501), ""), Err(InvalidText::Length));
    assert!(Text::new("ä".repeat(500), "").is_ok());
    assert_eq!(Text::new("a\u{7}b", ""), Err(InvalidText::Control));
}
