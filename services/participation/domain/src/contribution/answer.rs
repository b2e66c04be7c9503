use allmende_kernel::Sealed;

/// What the administration says to a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Said {
    /// Sealed under the text's key: it may repeat the text, and goes with it.
    Sealed(Sealed),
    /// In plain: as it was stored before answers were sealed.
    Plain(String),
}

/// The official answer to a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether the administration does it.
    pub accepted: bool,
    /// Why.
    pub reasons: Said,
    /// What it costs, in cents.
    pub cost_cents: Option<u64>,
}
