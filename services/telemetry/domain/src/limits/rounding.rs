/// Decimal places to which means are taken as exact; what lies beyond is left over from sums of binary fractions.
const EXACT_PLACES: usize = 10;
/// Significant digits that a double holds of any decimal number.
const EXACT_DIGITS: usize = f64::DIGITS as usize;

/// Rounds to `decimals` places, a half up, as people do on paper: 50.5 becomes 51, and 0.285 becomes 0.29 though its
/// nearest binary fraction lies below.
///
/// What lies within 10⁻¹⁰ of a half is taken as one, as means of exact halves come out that far off.
pub fn round_half_up(value: f64, decimals: u8) -> f64 {
    let decimals = usize::from(decimals).min(EXACT_PLACES);
    // From 10¹⁵ on a double has no decimal places to round; an infinity has none either.
    if !value.is_finite() || value.abs() >= 1e15 {
        return value;
    }
    let whole_digits = format!("{:.0}", value.abs().trunc()).len();
    let places = EXACT_PLACES.min(EXACT_DIGITS - whole_digits.min(EXACT_DIGITS)).max(decimals);
    let digits: String = format!("{value:.places$}").chars().filter(|c| *c != '.').collect();
    let Ok(exact) = digits.parse::<i128>() else { return value };
    let unit = 10i128.pow((places - decimals) as u32);
    let units = (exact + unit / 2).div_euclid(unit);
    // Both are whole and exact in any case that matters, so the quotient is the double nearest to the decimal.
    units as f64 / 10f64.powi(decimals as i32)
}
