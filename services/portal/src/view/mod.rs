//! What pages are made of: parts that render themselves, and the frame around them.

mod chart;
mod entry;
mod page;
mod parts;

pub(crate) use chart::{Chart, Point};
pub(crate) use entry::{Entries, Entry};
pub(crate) use page::Page;
pub(crate) use parts::{
    Card, Cards, Cell, Contents, Diff, DiffPart, Facts, Figures, Heading, Hit, Hits, Links, Notice, Pager, Paragraph,
    Phase, Phases, Prose, Search, Section, Table, Updates,
};
