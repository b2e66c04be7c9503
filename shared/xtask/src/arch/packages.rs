//! A proto file's package is its folder, and stored events have a package of their own.

use super::Violation;
use std::path::Path;

/// `file` is relative to the root: `proto/allmende/telemetry/v1/types.proto`.
pub(super) fn check(file: &Path, text: &str) -> Vec<Violation> {
    let violation = |rule, detail| Violation { file: file.to_owned(), rule, detail };
    let folder: Vec<_> =
        file.parent().into_iter().flat_map(Path::iter).skip(1).map(|part| part.to_string_lossy()).collect();
    let expected = folder.join(".");

    let mut violations = Vec::new();
    match declared_package(text) {
        Some(package) if package == expected => {}
        Some(package) => {
            let detail = format!("package is {package}, the folder says {expected}");
            violations.push(violation("package-is-path", detail));
        }
        None => violations.push(violation("package-is-path", format!("no package; the folder says {expected}"))),
    }
    let below_events = folder.iter().skip_while(|part| *part != "events").skip(1);
    let versions: Vec<_> = below_events.collect();
    if folder.iter().any(|part| part == "events") && !matches!(versions.as_slice(), [version] if is_version(version)) {
        let detail = format!("a package of stored events ends in .events.v1, .events.v2, ...: {expected} does not");
        violations.push(violation("events-package", detail));
    }
    violations
}

fn declared_package(text: &str) -> Option<&str> {
    let statement = text.lines().find_map(|line| line.trim().strip_prefix("package "))?;
    statement.split(';').next().map(str::trim)
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok_and(|number| number > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(file: &str, text: &str) -> Vec<&'static str> {
        check(Path::new(file), text).into_iter().map(|violation| violation.rule).collect()
    }

    #[test]
    fn a_package_that_is_its_path_passes() {
        assert!(rules("proto/allmende/log/v1/envelope.proto", "// a\npackage allmende.log.v1;\n").is_empty());
        assert!(rules("proto/allmende/x/events/v1/events.proto", "package allmende.x.events.v1;").is_empty());
    }

    #[test]
    fn a_package_that_is_not_its_path_is_refused() {
        assert_eq!(rules("proto/allmende/log/v1/a.proto", "package allmende.log.v2;"), ["package-is-path"]);
        assert_eq!(rules("proto/allmende/log/v1/a.proto", "syntax = \"proto3\";"), ["package-is-path"]);
    }

    #[test]
    fn stored_events_without_a_version_are_refused() {
        assert_eq!(rules("proto/allmende/x/events/a.proto", "package allmende.x.events;"), ["events-package"]);
        assert_eq!(
            rules("proto/allmende/x/events/next/a.proto", "package allmende.x.events.next;"),
            ["events-package"]
        );
        assert_eq!(
            rules("proto/allmende/x/events/v1/y/a.proto", "package allmende.x.events.v1.y;"),
            ["events-package"]
        );
    }
}
