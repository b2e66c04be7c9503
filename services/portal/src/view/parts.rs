use askama::Template;

use crate::visit::Visit;
use crate::words::{self, Messages};

/// A box with a message.
#[derive(Debug, Clone, Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice {
    text: String,
    tone: &'static str,
}

impl Notice {
    pub(crate) fn plain(text: &str) -> Self {
        Self { text: words::clean(text), tone: "" }
    }

    pub(crate) fn warning(text: &str) -> Self {
        Self { text: words::clean(text), tone: "warn" }
    }
}

#[derive(Debug, Clone, Template)]
#[template(path = "heading.html")]
pub(crate) struct Heading {
    text: String,
    id: &'static str,
    /// Heard, but not seen: it says what the page's own heading shows.
    is_hidden: bool,
}

impl Heading {
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self { text: words::clean(text.as_ref()), id: "", is_hidden: false }
    }

    /// For a page that is one list, called as the page is.
    pub(crate) fn hidden(text: &str) -> Self {
        Self { is_hidden: true, ..Self::new(text) }
    }

    /// A heading that links lead to.
    pub(crate) fn anchored(text: &str, id: &'static str) -> Self {
        Self { text: words::clean(text), id, is_hidden: false }
    }
}

/// Plain text with its line breaks.
#[derive(Debug, Clone, Template)]
#[template(path = "paragraph.html")]
pub(crate) struct Paragraph {
    text: String,
    is_soft: bool,
}

impl Paragraph {
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self { text: words::clean(text.as_ref()), is_soft: false }
    }

    pub(crate) fn soft(text: impl AsRef<str>) -> Self {
        Self { text: words::clean(text.as_ref()), is_soft: true }
    }
}

/// An official text.
#[derive(Debug, Clone, Template)]
#[template(path = "prose.html")]
pub(crate) struct Prose {
    html: String,
}

impl Prose {
    /// Of Markdown; its largest heading stands below the page's.
    pub(crate) fn markdown(text: &str) -> Self {
        Self { html: crate::markdown::render(&words::clean(text), 2) }
    }

    /// The same of a text that is in German on every page.
    pub(crate) fn theirs(visit: &Visit, text: &str) -> Self {
        Self { html: visit.theirs(Self::markdown(text).html) }
    }
}

/// One of several things that lead to pages of their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Card {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) kicker: String,
    pub(crate) text: String,
    pub(crate) badge: String,
    pub(crate) tone: &'static str,
    pub(crate) note: String,
}

#[derive(Debug, Clone, Template)]
#[template(path = "cards.html")]
pub(crate) struct Cards {
    pub(crate) items: Vec<Card>,
}

/// Properties and their values.
#[derive(Debug, Clone, Template)]
#[template(path = "facts.html")]
pub(crate) struct Facts {
    pub(crate) rows: Vec<(String, String)>,
}

/// Numbers at a glance.
#[derive(Debug, Clone, Template)]
#[template(path = "figures.html")]
pub(crate) struct Figures {
    pub(crate) rows: Vec<(String, String)>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) is_number: bool,
}

impl Cell {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self { text: words::clean(text.as_ref()), ..Self::default() }
    }

    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_number: true, ..Self::default() }
    }

    pub(crate) fn link(href: impl Into<String>, text: impl AsRef<str>) -> Self {
        Self { text: words::clean(text.as_ref()), href: href.into(), is_number: false }
    }
}

/// A table; the first cell of a row names it.
#[derive(Debug, Clone, Template)]
#[template(path = "table.html")]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) heads: Vec<Cell>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Whether its rows become boxes where there is no room for its columns: many columns, but not of mere numbers.
    fn is_stacked(&self) -> bool {
        let texts = self.heads.iter().filter(|head| !head.is_number).count();
        self.heads.len() > 2 && texts > 1 && self.rows.len() <= 30
    }

    /// What a column is called: above it, and beside each value where rows are boxes.
    fn head(&self, place: usize) -> String {
        self.heads.get(place).map(|head| words::capital(&head.text)).unwrap_or_default()
    }
}

/// What was said over time, the latest first: when, and what.
#[derive(Debug, Clone, Template)]
#[template(path = "updates.html")]
pub(crate) struct Updates {
    pub(crate) items: Vec<(String, String)>,
}

/// Addresses and what is there.
#[derive(Debug, Clone, Template)]
#[template(path = "links.html")]
pub(crate) struct Links {
    items: Vec<(String, String)>,
    is_buttons: bool,
    chosen: Option<usize>,
    /// What is said of links that open a window of their own; empty if they do not.
    beside: &'static str,
}

impl Links {
    pub(crate) fn list(items: Vec<(String, String)>) -> Self {
        Self { items, is_buttons: false, chosen: None, beside: "" }
    }

    /// What a page can show; it shows the one that is chosen.
    pub(crate) fn choices(items: Vec<(String, String)>, chosen: usize) -> Self {
        Self { items, is_buttons: false, chosen: Some(chosen), beside: "" }
    }

    /// In windows of their own, so that what was typed on the page is not lost.
    pub(crate) fn beside(self, m: &'static Messages) -> Self {
        Self { beside: m.new_window, ..self }
    }

    /// What there is to do on a page; the first is the chief thing.
    pub(crate) fn buttons(items: Vec<(String, String)>) -> Option<Self> {
        (!items.is_empty()).then_some(Self { items, is_buttons: true, chosen: None, beside: "" })
    }
}

/// The way to the next page of a list.
#[derive(Debug, Clone, Template)]
#[template(path = "pager.html")]
pub(crate) struct Pager {
    m: &'static Messages,
    /// The list, where a page has several.
    about: String,
    first: String,
    next: String,
}

impl Pager {
    /// Absent if all is on this page.
    pub(crate) fn new(visit: &Visit, next_page_token: &str) -> Option<Self> {
        Self::of(visit, "seite", "", next_page_token)
    }

    /// Of one list among several on a page: the name that the address has for its place, and what it is called.
    pub(crate) fn of(visit: &Visit, name: &str, about: &str, next_page_token: &str) -> Option<Self> {
        let is_first = visit.query(name).is_empty();
        let first = if is_first { String::new() } else { visit.at(name, "") };
        let next = if next_page_token.is_empty() { String::new() } else { visit.at(name, next_page_token) };
        let about = about.to_owned();
        (!first.is_empty() || !next.is_empty()).then_some(Self { m: visit.m, about, first, next })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Phase {
    pub(crate) name: &'static str,
    pub(crate) days: String,
    pub(crate) is_open: bool,
}

#[derive(Debug, Clone, Template)]
#[template(path = "phases.html")]
pub(crate) struct Phases {
    pub(crate) m: &'static Messages,
    pub(crate) items: Vec<Phase>,
}

/// Where to find what on a long page: address, name and depth.
#[derive(Debug, Clone, Template)]
#[template(path = "contents.html")]
pub(crate) struct Contents {
    pub(crate) m: &'static Messages,
    pub(crate) items: Vec<(String, String, u32)>,
}

/// A section of a text that people are asked about.
#[derive(Debug, Clone, Template)]
#[template(path = "section.html")]
pub(crate) struct Section {
    pub(crate) id: String,
    pub(crate) heading: String,
    pub(crate) level: u32,
    pub(crate) html: String,
    /// Where it is talked about; empty on that page itself.
    pub(crate) href: String,
    pub(crate) talk: String,
}

#[derive(Debug, Clone)]
pub(crate) struct DiffPart {
    pub(crate) heading: String,
    pub(crate) change: &'static str,
    pub(crate) tone: &'static str,
    /// `ins`, `del` or nothing, and the text.
    pub(crate) spans: Vec<(String, String)>,
}

/// What changed between two versions.
#[derive(Debug, Clone, Template)]
#[template(path = "diff.html")]
pub(crate) struct Diff {
    pub(crate) m: &'static Messages,
    pub(crate) parts: Vec<DiffPart>,
}

#[derive(Debug, Clone, Template)]
#[template(path = "search.html")]
pub(crate) struct Search {
    pub(crate) m: &'static Messages,
    pub(crate) action: String,
    pub(crate) query: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) kind: &'static str,
    pub(crate) href: String,
    pub(crate) title: String,
    /// Whether the words were looked for, and the text.
    pub(crate) spans: Vec<(bool, String)>,
}

#[derive(Debug, Clone, Template)]
#[template(path = "hits.html")]
pub(crate) struct Hits {
    pub(crate) items: Vec<Hit>,
}
