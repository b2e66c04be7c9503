//! Codes of the EU's authority tables, as far as they are used.

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code in the authority table.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The one of this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }
        }
    };
}

codes! {
    /// A data theme: `http://publications.europa.eu/resource/authority/data-theme`.
    Theme {
        /// Agriculture, fisheries, forestry and food.
        Agriculture = "AGRI",
        /// Economy and finance.
        Economy = "ECON",
        /// Education, culture and sport.
        Education = "EDUC",
        /// Energy.
        Energy = "ENER",
        /// Environment.
        Environment = "ENVI",
        /// Government and public sector.
        Government = "GOVE",
        /// Health.
        Health = "HEAL",
        /// International issues.
        International = "INTR",
        /// Justice, legal system and public safety.
        Justice = "JUST",
        /// Regions and cities.
        Regions = "REGI",
        /// Population and society.
        Society = "SOCI",
        /// Science and technology.
        Technology = "TECH",
        /// Transport.
        Transport = "TRAN",
    }
}

codes! {
    /// How often a new version is to be expected: `http://publications.europa.eu/resource/authority/frequency`.
    Frequency {
        /// Continuously.
        Continuous = "CONT",
        /// Every day.
        Daily = "DAILY",
        /// Every week.
        Weekly = "WEEKLY",
        /// Every month.
        Monthly = "MONTHLY",
        /// Every year.
        Annual = "ANNUAL",
        /// At no fixed times.
        Irregular = "IRREG",
        /// No more.
        Never = "NEVER",
    }
}
