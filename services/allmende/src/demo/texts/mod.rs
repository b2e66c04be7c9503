//! What the nine demo tenants write about, each something that the municipality of its name tried in *Modellkommune Open
//! Government*. The words are made up.

mod bonn;
mod brandis;
mod koeln;
mod marburg_biedenkopf;
mod merzenich;
mod moers;
mod oldenburg;
mod saalekreis;
mod tengen;

use allmende_proto::gateway::v1::TenantKind;

/// In the order in which they are shown.
pub(super) static MUNICIPALITIES: [&Municipality; 9] = [
    &brandis::TOWN,
    &moers::TOWN,
    &koeln::TOWN,
    &bonn::TOWN,
    &oldenburg::TOWN,
    &merzenich::TOWN,
    &tengen::TOWN,
    &saalekreis::TOWN,
    &marburg_biedenkopf::TOWN,
];

/// A demo tenant.
pub(super) struct Municipality {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: TenantKind,
    /// Amtlicher Regionalschlüssel; empty where it does not matter.
    pub(super) regional_key: &'static str,
    /// Somewhere in its middle.
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    /// How many citizens' boxes there are, beside a reference station.
    pub(super) boxes: usize,
    /// What begins soon.
    pub(super) announced: (&'static str, &'static str),
    /// What ideas are asked for now.
    pub(super) ideas: Call,
    /// The text that people are asked about now.
    pub(super) text: Draft,
    /// Whose proposals are being evaluated.
    pub(super) proposals: Call,
    /// What is over.
    pub(super) closed: Call,
    /// What became of it.
    pub(super) project: (&'static str, &'static str),
    pub(super) table: Table,
    pub(super) indicator: Indicator,
}

/// A procedure that collects ideas or proposals.
pub(super) struct Call {
    pub(super) title: &'static str,
    pub(super) summary: &'static str,
    /// Title and body of what people write.
    pub(super) entries: &'static [(&'static str, &'static str)],
    /// Under which some of it is answered together.
    pub(super) theme: &'static str,
    pub(super) answer: &'static str,
}

/// A text in three sections, and what people say about it.
pub(super) struct Draft {
    pub(super) title: &'static str,
    pub(super) summary: &'static str,
    pub(super) sections: [Section; 3],
    /// Comments by the number of their section.
    pub(super) comments: [(usize, &'static str); 4],
    /// Another wording for the second section, and why.
    pub(super) amendment: (&'static str, &'static str),
    pub(super) answer: &'static str,
}

pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) text: &'static str,
}

/// A table that staff upload.
pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// Name and description of each column; the last one holds numbers.
    pub(super) columns: &'static [(&'static str, &'static str)],
    pub(super) rows: &'static [&'static [&'static str]],
}

/// What a report follows.
pub(super) struct Indicator {
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) baseline: f64,
    pub(super) readings: [f64; 3],
    pub(super) aim: f64,
    /// What is done for it.
    pub(super) activity: &'static str,
}

impl Draft {
    /// As Markdown, with other words for the second section if there are any.
    pub(super) fn markdown(&self, second: Option<&str>) -> String {
        let mut markdown = format!("# {} {{#einleitung}}\n\n{}\n", self.title, self.summary);
        for (number, section) in self.sections.iter().enumerate() {
            let text = second.filter(|_| number == 1).unwrap_or(section.text);
            markdown.push_str(&format!("\n## {} {{#{}}}\n\n{text}\n", section.heading, section.id));
        }
        markdown
    }
}
