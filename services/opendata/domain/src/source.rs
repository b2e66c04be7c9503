use std::fmt;

use allmende_kernel::{MONTHS_IN_ENGLISH, MONTHS_IN_GERMAN, PartitionName, Position};
use uuid::Uuid;

/// Where a dataset's content is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Uploaded by staff.
    Manual,
    /// A station's observations of an air-quality month.
    Observations {
        /// The station.
        station: Uuid,
        /// The month, in UTC+1.
        month: Month,
    },
    /// The published contributions of a procedure.
    Contributions {
        /// The procedure.
        procedure: Uuid,
    },
    /// The synopsis of the consultation on a document.
    Synopsis {
        /// The document.
        document: Uuid,
    },
}

impl Source {
    /// Whether the platform fills the dataset by itself.
    pub const fn is_filled(self) -> bool {
        !matches!(self, Self::Manual)
    }

    /// The id of a filled dataset, from which a client can tell it without asking; `None` for an uploaded one.
    pub fn dataset_name(self) -> Option<String> {
        match self {
            Self::Manual => None,
            Self::Observations { station, month } => Some(format!("observations/{station}/{month}")),
            Self::Contributions { procedure } => Some(format!("contributions/{procedure}")),
            Self::Synopsis { document } => Some(format!("synopsis/{document}")),
        }
    }
}

/// A month of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(u32);

impl Month {
    /// Month 1 to 12 of a year from 0 to 9999.
    pub const fn new(year: u32, month: u32) -> Option<Self> {
        if year <= 9_999 && month >= 1 && month <= 12 { Some(Self(year * 12 + month - 1)) } else { None }
    }

    /// Parses `2018-07`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// Months since January of year 0.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The month of that number.
    pub const fn from_number(number: u32) -> Option<Self> {
        Self::new(number / 12, number % 12 + 1)
    }

    /// Its year.
    pub const fn year(self) -> u32 {
        self.0 / 12
    }

    /// 1 to 12.
    pub const fn of_year(self) -> u32 {
        self.0 % 12 + 1
    }

    /// As people say it in German: März 2020.
    pub fn in_german(self) -> String {
        format!("{} {}", MONTHS_IN_GERMAN[self.of_year() as usize - 1], self.year())
    }

    /// As people say it in English: March 2020.
    pub fn in_english(self) -> String {
        format!("{} {}", MONTHS_IN_ENGLISH[self.of_year() as usize - 1], self.year())
    }

    /// How many days it has.
    pub const fn days(self) -> u32 {
        let year = self.year();
        match self.of_year() {
            4 | 6 | 9 | 11 => 30,
            2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
            2 => 28,
            _ => 31,
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.of_year())
    }
}

/// A position in the log of the service that content is from: the same position gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePosition {
    /// Which log.
    pub partition: PartitionName,
    /// Up to where it was read.
    pub position: Position,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_know_their_days_and_names() {
        for (text, days) in [("2018-07", 31), ("2024-02", 29), ("2100-02", 28), ("2000-02", 29), ("0000-01", 31)] {
            let month = Month::parse(text).unwrap();
            assert_eq!((month.to_string().as_str(), month.days()), (text, days));
            assert_eq!(Month::from_number(month.number()), Some(month));
        }
        for wrong in ["", "2018", "2018-7", "2018-13", "2018-00", "+018-07", "18-07", "2018-07-01"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }
}
