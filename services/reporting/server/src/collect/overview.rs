use allmende_reporting_domain::Word;
use allmende_reporting_domain::table::{Cell, Kind, Row, Table};

/// The report at a glance. Its cells are those of other tables, so it tells nothing that they do not.
#[derive(Debug, Default)]
pub(super) struct Overview(Vec<(Word, Cell)>);

impl Overview {
    pub(super) fn tell(&mut self, what: Word, cell: Cell) {
        self.0.push((what, cell));
    }

    /// The table, if there is anything to tell.
    pub(super) fn table(self) -> Option<Table> {
        let row = |(what, cell): (Word, Cell)| Row { labels: vec![what.into()], cells: vec![cell] };
        (!self.0.is_empty()).then(|| Table {
            kind: Kind::Overview,
            subject: String::new(),
            row_headings: vec![Word::KeyFigure.into()],
            columns: vec![Word::Number.into()],
            rows: self.0.into_iter().map(row).collect(),
        })
    }
}
