//! Every stored event as it was first written; see `tests/golden`.
