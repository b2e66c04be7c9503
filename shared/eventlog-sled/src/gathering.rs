use std::time::Duration;

/// How long the writer waits for more commits before it takes a group.
///
/// Those who were answered together come again together. If the first of them is written alone, all others wait for two
/// syncs. So where several commits made a group, the next one waits for as many, though never longer than half a sync:
/// what comes alone waits for nobody.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    /// Commits of the last two groups: a lone latecomer between two full groups does not end it.
    last: [u32; 2],
    sync: Duration,
}

/// For disks whose sync is slow: there what arrives during one fills the next group anyway.
const LONGEST: Duration = Duration::from_micros(200);

impl Gathering {
    /// A group of so many commits took so long to be durable.
    pub(crate) fn wrote(&mut self, commits: u32, sync: Duration) {
        self.last = [commits, self.last[0]];
        self.sync = sync;
    }

    /// How many commits are waited for.
    pub(crate) fn company(&self) -> u32 {
        self.last[0].max(self.last[1])
    }

    /// How long they are waited for at most.
    pub(crate) fn patience(&self) -> Duration {
        (self.sync / 2).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_alone_waits_for_nobody() {
        let mut gathering = Gathering::default();
        assert_eq!((gathering.company(), gathering.patience()), (0, Duration::ZERO));
        gathering.wrote(1, Duration::from_micros(80));
        gathering.wrote(1, Duration::from_micros(80));
        assert_eq!(gathering.company(), 1);
    }

    #[test]
    fn as_many_are_waited_for_as_came_before_for_half_a_sync_at_most() {
        let mut gathering = Gathering::default();
        gathering.wrote(16, Duration::from_micros(80));
        assert_eq!((gathering.company(), gathering.patience()), (16, Duration::from_micros(40)));
        gathering.wrote(1, Duration::from_millis(10));
        assert_eq!((gathering.company(), gathering.patience()), (16, LONGEST));
        gathering.wrote(1, Duration::from_micros(80));
        assert_eq!(gathering.company(), 1);
    }
}
