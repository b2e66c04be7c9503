//! The page's own style sheet: in the page, so that a saved report looks as it did; allowed by its hash, so that a
//! strict policy can forbid everything else.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// The style sheet.
pub(super) const CSS: &str = include_str!("report.css");

/// The policy to serve the page with.
pub(super) fn policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(CSS));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
}

/// The same in the page: what a policy in a page may not say is left out.
pub(super) fn policy_in_page() -> String {
    let policy = policy();
    policy.split_once("; frame-ancestors").map(|(policy, _)| policy.to_owned()).unwrap_or(policy)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::CSS;

    /// The colours by their names, of light and of dark.
    fn palettes() -> Vec<HashMap<&'static str, [f64; 3]>> {
        let blocks = CSS.split(":root{").skip(1).map(|rest| rest.split_once('}').unwrap().0);
        let colour = |declared: &'static str| {
            let (name, hex) = declared.strip_prefix("--")?.split_once(":#")?;
            let doubled: String = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.into() };
            let part = |from: usize| f64::from(u8::from_str_radix(&doubled[from..from + 2], 16).unwrap()) / 255.0;
            Some((name, [part(0), part(2), part(4)]))
        };
        blocks.map(|block| block.split(';').filter_map(colour).collect()).collect()
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(colour: [f64; 3]) -> f64 {
        let linear = |part: f64| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn words_and_charts_can_be_read_in_the_light_and_in_the_dark() {
        let palettes = palettes();
        assert_eq!(palettes.len(), 2);
        for (number, palette) in palettes.iter().enumerate() {
            let held = |least: f64, of: &[&str], on: &[&str]| {
                for (of, on) in of.iter().flat_map(|of| on.iter().map(move |on| (of, on))) {
                    let found = contrast(palette[of], palette[on]);
                    assert!(found >= least, "palette {number}: {of} on {on} is {found:.2}");
                }
            };
            held(4.5, &["ink", "soft", "deep", "over"], &["paper", "wash", "here"]);
            held(4.5, &["good"], &["paper", "here"]);
            held(3.0, &["bar", "over", "deep"], &["paper", "wash", "track"]);
            held(3.0, &["focus"], &["paper", "wash"]);
        }
    }
}
