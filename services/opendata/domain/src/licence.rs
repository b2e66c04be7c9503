/// An open licence, by the vocabulary `http://dcat-ap.de/def/licenses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Licence {
    /// Datenlizenz Deutschland, attribution, 2.0.
    DlByDe2,
    /// Datenlizenz Deutschland, zero, 2.0.
    DlZeroDe2,
    /// Creative Commons, attribution, 4.0.
    CcBy4,
    /// Creative Commons, attribution, share alike, 4.0.
    CcBySa4,
    /// Creative Commons Zero 1.0.
    CcZero,
    /// Open Database License 1.0.
    Odbl,
    /// Official works, free of copyright (§ 5 UrhG).
    OfficialWork,
}

impl Licence {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::DlByDe2, Self::DlZeroDe2, Self::CcBy4, Self::CcBySa4, Self::CcZero, Self::Odbl, Self::OfficialWork];

    /// The last part of its IRI in the vocabulary.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DlByDe2 => "dl-by-de/2.0",
            Self::DlZeroDe2 => "dl-zero-de/2.0",
            Self::CcBy4 => "cc-by/4.0",
            Self::CcBySa4 => "cc-by-sa/4.0",
            Self::CcZero => "cc-zero",
            Self::Odbl => "odbl",
            Self::OfficialWork => "officialWork",
        }
    }

    /// The licence of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|licence| licence.code() == code)
    }

    /// Whether its users have to name somebody.
    pub const fn needs_attribution(self) -> bool {
        matches!(self, Self::DlByDe2 | Self::CcBy4 | Self::CcBySa4 | Self::Odbl)
    }

    /// Whether what is passed on has to stay under this very licence.
    pub const fn is_share_alike(self) -> bool {
        matches!(self, Self::CcBySa4 | Self::Odbl)
    }
}

/// A licence, and whom its users have to name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LicenceTerms {
    /// The licence.
    pub licence: Licence,
    /// Whom to name; empty where nobody has to be.
    pub attribution: String,
}
