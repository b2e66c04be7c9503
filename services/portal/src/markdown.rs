//! Official texts, which are Markdown, as HTML. Markup in them is shown as text, pictures are left out, and links lead to
//! pages and mail addresses only.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// HTML of a text whose largest heading becomes one of `top` (2 to 6).
pub(crate) fn render(text: &str, top: u8) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let levels = Parser::new_ext(text, options).filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(level as usize),
        _ => None,
    });
    let largest = levels.min().unwrap_or(1);
    let lower = |level| lower(level, largest, top);
    let mut pictures = 0_usize;
    let mut links = Vec::new();
    let events = Parser::new_ext(text, options).filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) => {
            pictures += 1;
            None
        }
        Event::End(TagEnd::Image) => {
            pictures = pictures.saturating_sub(1);
            None
        }
        Event::Start(Tag::Heading { level, classes: _, attrs: _, id: _ }) => {
            let level = lower(level);
            Some(Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        Event::Start(Tag::Link { link_type, dest_url, title: _, id: _ }) => {
            let good = is_harmless(&dest_url);
            links.push(good);
            let empty = CowStr::Borrowed("");
            // Within a text a link leads to a section, whose id on a page begins with this.
            let dest_url = match dest_url.strip_prefix('#') {
                Some(section) => CowStr::from(format!("#a-{section}")),
                None => dest_url,
            };
            good.then_some(Event::Start(Tag::Link { link_type, dest_url, title: empty.clone(), id: empty }))
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or(false).then_some(Event::End(TagEnd::Link)),
        other => Some(other),
    });
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, events);
    out
}

/// The heading as far below `top` as it is below the largest one.
fn lower(level: HeadingLevel, largest: usize, top: u8) -> HeadingLevel {
    let number = (level as usize - largest + usize::from(top.max(1))).min(6);
    HeadingLevel::try_from(number).unwrap_or(HeadingLevel::H6)
}

fn is_harmless(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    ["https://", "http://", "mailto:", "tel:", "#"].iter().any(|scheme| url.starts_with(scheme))
        || (url.starts_with('/') && !url.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_is_text() {
        let html = render("Hallo <script>alert(1)</script>\n\n<iframe src=x></iframe>\n", 2);
        assert!(!html.contains("<script") && !html.contains("<iframe"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn links_lead_to_pages_only() {
        let html =
            render("[a](javascript:alert) [b](https://example.org) [c](data:text/html,x) ![d](https://e/x.png)", 2);
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(!html.contains("<img") && !html.contains("javascript"), "{html}");
    }

    #[test]
    fn a_link_to_a_section_leads_to_it_and_not_to_the_page_s_own_parts() {
        assert!(render("[hin](#inhalt)", 2).contains("href=\"#a-inhalt\""));
    }

    #[test]
    fn headings_stand_below_the_page_s_own() {
        assert_eq!(render("# Ziele\n", 2).trim(), "<h2>Ziele</h2>");
        // A text need not begin with the largest heading there is.
        assert_eq!(render("## Ziele\n\n### Wege\n", 3), "<h3>Ziele</h3>\n<h4>Wege</h4>\n");
        assert_eq!(render("# Ziele\n\n###### Wege\n", 3), "<h3>Ziele</h3>\n<h6>Wege</h6>\n");
    }
}
