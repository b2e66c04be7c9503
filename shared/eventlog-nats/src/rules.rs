/// The rules that keep history one, each of which a test can switch off to see that its absence is found.
///
/// There is no way to make one but [`Rules::default`] outside this crate's tests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Rule 2: a group counts once this member's reader has found it, not when it is acknowledged.
    pub(crate) own_reader: bool,
    /// Rule 3: an unknown outcome is resolved before anything else is published.
    pub(crate) resolve: bool,
    /// Rule 4: what is answered waits for a group behind it.
    pub(crate) confirm: bool,
    /// Rule 5: heads are compared before a barrier.
    pub(crate) compare: bool,
    /// The replica's last message is compared with the stream's whenever reading begins.
    pub(crate) overlap: bool,
    /// States that are ahead of the disk are forgotten with the term.
    pub(crate) forget: bool,
    /// A leader that was deposed tells everyone who waits.
    pub(crate) depose: bool,
    /// What is told to be there and does not come is resolved as what is unknown.
    pub(crate) insist: bool,
    /// A candidate that does not know what became of its barrier publishes the same again.
    pub(crate) same_barrier: bool,
    /// Of two replicas that differ the stream tells which one is wrong.
    pub(crate) ask_stream: bool,
    /// A candidate publishes nothing before it has found its last message in the stream.
    pub(crate) match_first: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            own_reader: true,
            resolve: true,
            confirm: true,
            compare: true,
            overlap: true,
            forget: true,
            depose: true,
            insist: true,
            same_barrier: true,
            ask_stream: true,
            match_first: true,
        }
    }
}
