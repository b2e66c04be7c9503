//! Values of rows, made of the stored events themselves. The view wrote them: one that cannot be read is a fault, not an
//! older form, because a changed form raises the view's version.

use allmende_kernel::{Position, Timestamp};
use allmende_opendata_domain::dataset::{Check, Release, WithdrawalReason};
use allmende_opendata_domain::{DatasetId, Description, Distribution, LicenceTerms, Source, SourcePosition};
use allmende_proto::opendata::events::v1 as stored;
use icu_normalizer::DecomposingNormalizerBorrowed;
use prost::Message;

use crate::wire::{self, Malformed};

#[derive(Clone, PartialEq, Message)]
pub(super) struct DatasetRecord {
    #[prost(message, optional, tag = "1")]
    pub(super) registered: Option<stored::DatasetRegistered>,
    #[prost(message, optional, tag = "2")]
    pub(super) described: Option<stored::DatasetDescribed>,
    #[prost(uint32, tag = "3")]
    pub(super) versions: u32,
    /// The last version that is released and stands; 0 for none.
    #[prost(uint32, tag = "4")]
    pub(super) public: u32,
    /// The last version that is cleared and stands; 0 for none.
    #[prost(uint32, tag = "5")]
    pub(super) cleared: u32,
    #[prost(message, optional, tag = "6")]
    pub(super) deprecated: Option<stored::DatasetDeprecated>,
    #[prost(string, repeated, tag = "7")]
    pub(super) hvd_categories: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct VersionRecord {
    #[prost(message, optional, tag = "1")]
    pub(super) begun: Option<stored::VersionBegun>,
    #[prost(message, repeated, tag = "2")]
    pub(super) distributions: Vec<stored::DistributionAdded>,
    #[prost(message, optional, tag = "3")]
    pub(super) checked: Option<stored::ReleaseChecked>,
    #[prost(message, optional, tag = "4")]
    pub(super) released: Option<stored::VersionReleased>,
    #[prost(message, optional, tag = "5")]
    pub(super) withdrawn: Option<stored::VersionWithdrawn>,
    #[prost(bool, tag = "6")]
    pub(super) files_removed: bool,
}

impl VersionRecord {
    /// How far it is open: not at all, once it was withdrawn.
    pub(super) fn standing(&self) -> Release {
        match (&self.withdrawn, &self.released) {
            (None, Some(released)) => wire::release_of(released.release()).unwrap_or(Release::Draft),
            _ => Release::Draft,
        }
    }
}

/// A dataset as it is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DatasetRow {
    pub(crate) source: Source,
    pub(crate) description: Description,
    pub(crate) registered_at: Timestamp,
    /// When it was registered or described last.
    pub(crate) described_at: Timestamp,
    pub(crate) versions: u32,
    pub(crate) public: u32,
    pub(crate) cleared: u32,
    pub(crate) deprecated: Option<(Option<DatasetId>, Timestamp)>,
    pub(crate) hvd_categories: Vec<String>,
}

impl TryFrom<DatasetRecord> for DatasetRow {
    type Error = Malformed;

    fn try_from(record: DatasetRecord) -> Result<Self, Malformed> {
        let registered = record.registered.ok_or(Malformed)?;
        let described_at = record.described.as_ref().map_or(registered.at_us, |described| described.at_us);
        let description = match record.described {
            Some(described) => described.description,
            None => registered.description,
        };
        let deprecated = record.deprecated.map(|deprecated| {
            let successor = uuid::Uuid::from_slice(&deprecated.successor_id).ok().map(DatasetId::new);
            (successor, Timestamp::from_micros(deprecated.at_us))
        });
        Ok(Self {
            source: wire::source_of(&registered.source.ok_or(Malformed)?)?,
            description: wire::description_of(description)?,
            registered_at: Timestamp::from_micros(registered.at_us),
            described_at: Timestamp::from_micros(described_at),
            versions: record.versions,
            public: record.public,
            cleared: record.cleared,
            deprecated,
            hvd_categories: record.hvd_categories,
        })
    }
}

impl DatasetRow {
    /// What it is sorted by: its German title as dictionaries have it, and for a station's months the month, whose name
    /// says nothing of its place in the year.
    pub(super) fn order(&self) -> String {
        let title = &self.description.wording().title.de;
        match self.source {
            Source::Observations { month, .. } => {
                // Its title ends with the month.
                let station = title.rsplit_once(", ").map_or(title.as_str(), |(station, _)| station);
                format!("{} {month}", folded(station))
            }
            _ => folded(title),
        }
    }
}

/// As dictionaries sort it: without case, and a letter with a mark is the letter. DIN 5007-1.
fn folded(title: &str) -> String {
    let mut folded = String::with_capacity(title.len());
    for letter in DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(title.chars().flat_map(char::to_lowercase)) {
        match letter {
            // What Unicode takes for letters of their own.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            letter if letter.is_alphanumeric() || letter == ' ' => folded.push(letter),
            // Marks of letters, quotation marks and the like.
            _ => {}
        }
    }
    folded
}

/// A version as it is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VersionRow {
    pub(crate) number: u32,
    pub(crate) source: Option<SourcePosition>,
    pub(crate) issued_at: Timestamp,
    pub(crate) distributions: Vec<Distribution>,
    pub(crate) check: Option<Check>,
    pub(crate) release: Release,
    pub(crate) terms: Option<LicenceTerms>,
    pub(crate) withdrawn: Option<(WithdrawalReason, Timestamp)>,
}

impl VersionRow {
    /// The position that it is bound to; the log's start for uploaded content.
    pub(crate) fn position(&self) -> Position {
        self.source.as_ref().map_or(Position::START, |source| source.position)
    }

    /// The file of that name.
    pub(crate) fn distribution(&self, file: &str) -> Option<&Distribution> {
        self.distributions.iter().find(|distribution| distribution.file.as_str() == file)
    }
}

impl TryFrom<VersionRecord> for VersionRow {
    type Error = Malformed;

    fn try_from(record: VersionRecord) -> Result<Self, Malformed> {
        let begun = record.begun.ok_or(Malformed)?;
        let check = match record.checked {
            Some(checked) => Some(Check {
                findings: wire::findings_of(&checked.findings)?,
                at: Timestamp::from_micros(checked.at_us),
            }),
            None => None,
        };
        let (release, terms) = match record.released {
            Some(released) => {
                let terms = wire::terms_of(released.terms.as_ref().ok_or(Malformed)?)?;
                (wire::release_of(released.release())?, Some(terms))
            }
            None => (Release::Draft, None),
        };
        let withdrawn = match record.withdrawn {
            Some(withdrawn) => Some((wire::reason_of(withdrawn.reason())?, Timestamp::from_micros(withdrawn.at_us))),
            None => None,
        };
        Ok(Self {
            number: begun.version,
            source: begun.source.as_ref().map(wire::position_of).transpose()?,
            issued_at: Timestamp::from_micros(begun.at_us),
            distributions: record.distributions.iter().map(wire::distribution_of).collect::<Result<_, _>>()?,
            check,
            release,
            terms,
            withdrawn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a_letter_with_a_mark_is_sorted_as_the_letter() {
        for (title, expected) in [
            ("Ämter", "amter"),
            ("A\u{308}mter", "amter"),
            ("Café Łódź", "cafe lodz"),
            ("ČESKÝ ráj", "cesky raj"),
            ("Øresund, Ærø", "oresund aero"),
            ("Straße STRASSE ẞ", "strasse strasse ss"),
            ("Đakovo und Þingvellir", "dakovo und thingvellir"),
            ("Ağrı IĞDIR İzmir", "agri igdir izmir"),
            ("„ﬁnanzen“ 2020", "finanzen 2020"),
            ("Кёльн", "кельн"),
        ] {
            assert_eq!(folded(title), expected, "{title}");
        }
    }
}
