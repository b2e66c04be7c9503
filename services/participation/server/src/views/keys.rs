//! Keys in the order in which rows are read: tenant, what is asked for, then time, all big-endian.

use allmende_kernel::Timestamp;
use allmende_views::Table;

/// Contribution → its row.
pub(super) const CONTRIBUTIONS: Table = Table::new(1);
/// Contribution → how many support it.
pub(super) const SUPPORT_COUNTS: Table = Table::new(2);
/// Contribution, person → nothing: who supports it.
pub(super) const SUPPORTS: Table = Table::new(3);
/// Procedure, time, contribution → kind and channel: what is public.
pub(super) const BY_PROCEDURE: Table = Table::new(4);
/// Document, section, time, contribution → nothing: public comments and amendments.
pub(super) const BY_SECTION: Table = Table::new(5);
/// Proposal, time, contribution → nothing: public comments.
pub(super) const BY_PROPOSAL: Table = Table::new(6);
/// Person, time, contribution → nothing: what they wrote, whatever its state.
pub(super) const BY_AUTHOR: Table = Table::new(7);
/// Procedure, time, contribution → why: what waits for a moderator.
pub(super) const QUEUE: Table = Table::new(8);
/// Document, time, contribution → nothing: public comments without an answer.
pub(super) const UNANSWERED: Table = Table::new(9);
/// Theme, contribution → nothing: everything in it.
pub(super) const BY_THEME: Table = Table::new(10);
/// Procedure, supports downwards, time, contribution → nothing: public proposals.
pub(super) const BY_SUPPORTS: Table = Table::new(11);
/// What is counted → how many.
pub(super) const COUNTS: Table = Table::new(12);
/// Procedure → its row.
pub(super) const PROCEDURES: Table = Table::new(13);
/// Time, procedure → nothing.
pub(super) const PROCEDURES_BY_TIME: Table = Table::new(14);
/// Theme → its row.
pub(super) const THEMES: Table = Table::new(15);
/// Procedure, time, theme → nothing.
pub(super) const THEMES_OF: Table = Table::new(16);
/// Document → its row.
pub(super) const DOCUMENTS: Table = Table::new(17);
/// Procedure, time, document → nothing.
pub(super) const DOCUMENTS_OF: Table = Table::new(18);
/// Document, version → its sections.
pub(super) const VERSIONS: Table = Table::new(19);
/// Document, section → heading and version in which the section stood last.
pub(super) const SECTIONS: Table = Table::new(20);
/// Project → its row.
pub(super) const PROJECTS: Table = Table::new(21);
/// Time, project → nothing.
pub(super) const PROJECTS_BY_TIME: Table = Table::new(22);
/// Procedure, time, project → nothing.
pub(super) const PROJECTS_OF: Table = Table::new(23);

/// Person, time, contribution → nothing: what they told about others' texts in words of their own.
pub(super) const BY_REPORTER: Table = Table::new(24);
/// Person, tenant → nothing: for whom they wrote anything. The one table that is not a tenant's.
pub(super) const WROTE_FOR: Table = Table::new(25);

/// File, as its content hashes → bytes of the plain one: what texts name.
pub(super) const ATTACHMENTS: Table = Table::new(26);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Counted {
    /// Procedure, channel: all that came in.
    Received = 1,
    /// Procedure, channel: of it, what is public.
    Published = 2,
    /// Procedure, channel: of that, what has an answer.
    Answered = 3,
    /// Procedure: what waits for a moderator.
    Waiting = 4,
    /// Document: public comments without an answer.
    Unanswered = 5,
    /// Document, section: public comments.
    OnSection = 6,
    /// Proposal: public comments.
    OnProposal = 7,
    /// Theme: public texts.
    InTheme = 8,
}

/// A key in the making. The zero byte, which no name holds, keeps `koeln` and `koeln-mitte` apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// What a tenant's keys begin with.
    pub(crate) fn of(tenant: &str) -> Self {
        Self(Vec::with_capacity(80)).name(tenant)
    }

    pub(super) fn counted(tenant: &str, counted: Counted) -> Self {
        Self::of(tenant).byte(counted as u8)
    }

    pub(crate) fn id(mut self, id: &[u8]) -> Self {
        self.0.extend_from_slice(id);
        self
    }

    /// Sorts like the moment.
    pub(super) fn moment(mut self, at_us: i64) -> Self {
        self.0.extend_from_slice(&(at_us as u64 ^ 1 << 63).to_be_bytes());
        self
    }

    /// What begins with a person, over all tenants.
    pub(super) fn wrote_for(person: &[u8], tenant: &str) -> Self {
        Self([person, tenant.as_bytes()].concat())
    }

    pub(super) fn number(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(super) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub(super) fn name(mut self, name: &str) -> Self {
        self.0.extend_from_slice(name.as_bytes());
        self.byte(0)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The id at the end of a key.
pub(super) fn id_at_end(key: &[u8]) -> Option<[u8; 16]> {
    key.split_last_chunk().map(|(_, id)| *id)
}

/// The moment in front of that id.
pub(super) fn moment_before_id(key: &[u8]) -> Option<Timestamp> {
    let moment = *key[..key.len().checked_sub(16)?].last_chunk()?;
    Some(Timestamp::from_micros((u64::from_be_bytes(moment) ^ 1 << 63) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_by_what_they_are_made_of() {
        let key = |tenant: &str, at| Key::of(tenant).id(&[7; 16]).moment(at).id(&[9; 16]).into_bytes();
        assert!(key("koeln", -5) < key("koeln", 5) && key("koeln", 5) < key("koeln", 6));
        assert!(!key("koeln-mitte", 0).starts_with(Key::of("koeln").as_bytes()));
        assert_eq!(id_at_end(&key("koeln", 1)), Some([9; 16]));
        assert_eq!(moment_before_id(&key("koeln", -5)), Some(Timestamp::from_micros(-5)));
    }
}
