use allmende_eventlog::{CommitView, Filter};

use crate::error::ViewError;
use crate::write_set::WriteSet;

/// A read model of one partition.
pub trait View: Send + Sync + 'static {
    /// Its name in the store: 1 to 60 characters of `a-z`, `0-9` and `-`.
    const NAME: &'static str;

    /// To be raised with every change of what [`apply`](Self::apply) writes or [`filter`](Self::filter) admits; the
    /// view is then folded anew.
    const VERSION: u32;

    /// Which commits the fold needs; all of them, unless said otherwise.
    fn filter(&self) -> Filter {
        Filter::default()
    }

    /// Folds one commit: a function of the commit and of what the tables hold, and of nothing else.
    ///
    /// Called for every commit that the filter admits, in order, once each as far as the tables can tell: what is
    /// written is kept with the commit's position or not at all. Event types that the view has no use for are passed
    /// over; what it needs and cannot read is an error, which stops the view.
    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError>;

    /// Called once after the last commit of a batch, before it is written: for what is worth doing once for many
    /// commits. What [`apply`](Self::apply) has left for it is in [`WriteSet::pending`].
    ///
    /// Where a batch ends must make no difference to what the tables hold after the last one.
    fn finish(&self, _tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        Ok(())
    }
}
