//! What source files may name, and how long they are.

use super::Violation;
use crate::arch_rules::{ADAPTERS, LONG_FILE_LINES};
use std::path::Path;

/// In a server crate, adapters are named by `wiring.rs` or below `wiring/` and nowhere else.
pub(super) fn adapter_outside_wiring(file: &Path, text: &str) -> Vec<Violation> {
    if !in_server(file) || in_wiring(file) {
        return Vec::new();
    }
    let named = ADAPTERS.iter().filter(|adapter| text.contains(**adapter));
    let violation = |adapter| Violation {
        file: file.to_owned(),
        rule: "wiring",
        detail: format!("only wiring.rs, or a file below wiring/, may name {adapter}"),
    };
    named.map(violation).collect()
}

/// `services/*/server/src/**`
fn in_server(file: &Path) -> bool {
    let parts: Vec<_> = file.iter().collect();
    parts.len() > 4 && parts[0] == "services" && parts[2] == "server" && parts[3] == "src"
}

fn in_wiring(file: &Path) -> bool {
    let mut below_src = file.iter().skip(4);
    below_src.any(|part| part == "wiring" || part == "wiring.rs")
}

/// The number of lines, if it is more than a file should have.
pub(super) fn too_long(text: &str) -> Option<usize> {
    let lines = text.lines().count();
    (lines > LONG_FILE_LINES).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES_ADAPTER: &str = "use allmende_eventlog_sled::Log;";

    fn violations(file: &str) -> usize {
        adapter_outside_wiring(Path::new(file), NAMES_ADAPTER).len()
    }

    #[test]
    fn an_adapter_named_outside_wiring_is_refused() {
        assert_eq!(violations("services/telemetry/server/src/lib.rs"), 1);
        assert_eq!(violations("services/telemetry/server/src/app/record.rs"), 1);
        assert_eq!(violations("services/telemetry/server/src/app/rewiring.rs"), 1);
    }

    #[test]
    fn wiring_and_other_crates_may_name_it() {
        assert_eq!(violations("services/telemetry/server/src/wiring.rs"), 0);
        assert_eq!(violations("services/telemetry/server/src/wiring/log.rs"), 0);
        assert_eq!(violations("services/telemetry/server/tests/restart.rs"), 0);
        assert_eq!(violations("services/allmende/src/main.rs"), 0);
    }

    #[test]
    fn a_file_is_long_from_601_lines() {
        assert_eq!(too_long(&"x\n".repeat(600)), None);
        assert_eq!(too_long(&"x\n".repeat(601)), Some(601));
    }
}
