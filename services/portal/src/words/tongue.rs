//! Words that are in German on a page that is not: what the town and its people wrote. They carry marks until the page is
//! written; then the element that they fill says so, or one around them (WCAG 3.1.2). Nowhere else is a mark left.

/// Before and behind such words; of the private use area, where no writing is.
const BEGIN: char = '\u{e0de}';
const END: char = '\u{e0df}';
const ATTRIBUTE: &str = " lang=\"de\"";
/// Elements that hold no others.
const PLAIN: &[&str] = &["title", "option", "textarea"];

/// Marks words, if there are any.
pub(super) fn marked(words: &str) -> String {
    let plain = unmarked(words);
    if plain.is_empty() { plain } else { format!("{BEGIN}{plain}{END}") }
}

/// Text from outside, where a mark would be none of ours.
pub(crate) fn unmarked(text: &str) -> String {
    text.replace([BEGIN, END], "")
}

/// Whether a character is one of the marks.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, BEGIN | END)
}

/// Words that were cut off, with the mark at their end that was cut off with the rest.
pub(super) fn closed(mut words: String) -> String {
    if words.rfind(BEGIN) > words.rfind(END) {
        words.push(END);
    }
    words
}

/// HTML with what the marks say, and without them.
pub(crate) fn written(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    // Where the tag that was opened last ends, and its name.
    let (mut tag_end, mut tag) = (0, "");
    let mut is_in_span = false;
    // Ends are looked for once, however many begin.
    let mut ends = html.match_indices(END).map(|(at, _)| at).peekable();
    while let Some(at) = rest.find([BEGIN, END, '<']) {
        out.push_str(&rest[..at]);
        let after = &rest[at..];
        if let Some(markup) = after.strip_prefix('<') {
            let end = markup.find('>').map_or(markup.len(), |end| end + 1);
            let whole = &after[..=end.min(after.len() - 1)];
            // Marks in attributes say nothing.
            out.extend(whole.chars().filter(|c| !is_mark(*c)));
            (tag_end, tag) = (out.len(), name(markup));
            rest = &after[whole.len()..];
        } else if let Some(words) = after.strip_prefix(BEGIN) {
            rest = words;
            let start = html.len() - words.len();
            while ends.next_if(|end| *end < start).is_some() {}
            let end = ends.peek().map(|end| end - start);
            let is_whole = end.is_none_or(|end| words[end + END.len_utf8()..].starts_with("</"));
            let is_alone = end.is_some_and(|end| !words[..end].contains(['<', BEGIN]));
            if out.len() == tag_end && is_whole && !tag.is_empty() {
                out.insert_str(tag_end - 1, ATTRIBUTE);
                // An element says it once.
                tag_end = usize::MAX;
            } else if is_alone && !PLAIN.contains(&tag) {
                out.push_str("<span");
                out.push_str(ATTRIBUTE);
                out.push('>');
                is_in_span = true;
            }
        } else {
            rest = &after[END.len_utf8()..];
            if std::mem::take(&mut is_in_span) {
                out.push_str("</span>");
            }
        }
    }
    out.push_str(rest);
    out
}

/// The name of an element that begins; empty for one that ends.
fn name(markup: &str) -> &str {
    let end = markup.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(markup.len());
    &markup[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> String {
        written(&html.replace('[', &BEGIN.to_string()).replace(']', &END.to_string()))
    }

    #[test]
    fn the_element_that_words_fill_says_their_language() {
        assert_eq!(of("<h1 dir=\"auto\">[Ziele]</h1>"), "<h1 dir=\"auto\" lang=\"de\">Ziele</h1>");
        assert_eq!(of("<div>[<p>Eins</p><p>Zwei</p>]</div>"), "<div lang=\"de\"><p>Eins</p><p>Zwei</p></div>");
        assert_eq!(of("<option value=\"1\">[Park]</option>"), "<option value=\"1\" lang=\"de\">Park</option>");
        // Cut off, it fills the element all the same.
        assert_eq!(of("<a href=\"/\">[Leitlinien …</a> x"), "<a href=\"/\" lang=\"de\">Leitlinien …</a> x");
    }

    #[test]
    fn words_among_others_get_an_element_of_their_own() {
        assert_eq!(of("<p>Text: [Ziele], 2</p>"), "<p>Text: <span lang=\"de\">Ziele</span>, 2</p>");
        assert_eq!(of("<h2>[Ziele] <b>new</b></h2>"), "<h2><span lang=\"de\">Ziele</span> <b>new</b></h2>");
        assert_eq!(of("<p><b>x</b>[Ziele]</p>"), "<p><b>x</b><span lang=\"de\">Ziele</span></p>");
    }

    #[test]
    fn no_mark_is_left_and_none_says_what_it_should_not() {
        assert_eq!(of("<title>[Ziele] – Town</title>"), "<title>Ziele – Town</title>");
        assert_eq!(of("<a title=\"[Ziele]\">x</a>"), "<a title=\"Ziele\">x</a>");
        assert_eq!(of("<p>a [b <i>c</i></p>"), "<p>a b <i>c</i></p>");
        assert_eq!(of("a] [b] [c"), "a <span lang=\"de\">b</span> c");
        assert_eq!(of("<"), "<");
        assert_eq!(of("<p [x"), "<p x");
        assert_eq!(marked("\u{e0de}x\u{e0df}"), "\u{e0de}x\u{e0df}");
        assert_eq!(unmarked("a\u{e0de}b\u{e0df}\u{e0df}c"), "abc");
        assert_eq!(marked(""), "");
    }

    #[test]
    fn many_marks_make_no_page_long() {
        let many = 100_000;
        let said = "<p lang=\"de\">x</p>";
        assert_eq!(of(&format!("<p>{}x</p>", "[".repeat(many))), said);
        let in_one = format!("<p>{}x]</p>", "[".repeat(many));
        assert_eq!(of(&in_one), "<p lang=\"de\"><span lang=\"de\">x</span></p>");
        assert_eq!(of(&format!("<p>{}</p>", "[x".repeat(many))).len(), said.len() - 1 + many);
        assert_eq!(of(&format!("<p>{}x</p>", "]".repeat(many))), "<p>x</p>");
        let each = "<span lang=\"de\">x</span>".len();
        assert!(of(&format!("<p>{}</p>", "[x]".repeat(many))).len() <= "<p></p>".len() + ATTRIBUTE.len() + each * many);
    }
}
