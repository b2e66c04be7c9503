//! Markdown becomes sections at its headings.

use allmende_participation_domain::document::{InvalidOutline, MAX_SECTIONS, parse};

fn outline(markdown: &str) -> Vec<(u8, String, String, Option<String>)> {
    let drafts = parse(markdown).unwrap();
    drafts.into_iter().map(|d| (d.level, d.heading, d.text, d.anchor.map(|id| id.to_string()))).collect()
}

fn plain(level: u8, heading: &str, text: &str) -> (u8, String, String, Option<String>) {
    (level, heading.into(), text.into(), None)
}

#[test]
fn a_text_is_cut_at_its_headings() {
    let markdown = "Vorab.\n\n# Leitfaden ##\n\nFür alle.\r\n\n## Ziele #1\n- eins\n- zwei\n\n\n## Wege\n";
    assert_eq!(
        outline(markdown),
        [
            plain(0, "", "Vorab."),
            plain(1, "Leitfaden", "Für alle."),
            plain(2, "Ziele #1", "- eins\n- zwei"),
            plain(2, "Wege", ""),
        ]
    );
}

#[test]
fn code_and_what_only_looks_like_a_heading_is_text() {
    let markdown =
        "# A\n```sh\n# kein Titel\n```\n#kein Titel\n    # Code\n~~~\n# x\n```\n# y\n~~~\n####### sieben\n# B";
    let sections = outline(markdown);
    assert_eq!(sections.iter().map(|section| section.1.as_str()).collect::<Vec<_>>(), ["A", "B"]);
}

#[test]
fn an_anchor_can_be_written_down() {
    let sections = outline("# Ziele {#goals}\n# Über {uns}\n");
    assert_eq!((sections[0].1.as_str(), sections[0].3.as_deref()), ("Ziele", Some("goals")));
    assert_eq!((sections[1].1.as_str(), sections[1].3.as_deref()), ("Über {uns}", None));
    assert_eq!(parse("# A\n\n# B {#Groß}"), Err(InvalidOutline::Anchor { line: 3 }));
    assert_eq!(parse("# A {#x}\n# B {#x}"), Err(InvalidOutline::AnchorTwice { line: 2 }));
}

#[test]
fn it_has_bounds() {
    assert_eq!(parse(" \n\n"), Err(InvalidOutline::Empty));
    assert_eq!(parse(&"# A\n".repeat(MAX_SECTIONS)).unwrap().len(), MAX_SECTIONS);
    assert_eq!(parse(&"# A\n".repeat(MAX_SECTIONS + 1)), Err(InvalidOutline::TooManySections));
    assert!(matches!(parse(&"a".repeat((1 << 20) + 1)), Err(InvalidOutline::TooLong(_))));
}
