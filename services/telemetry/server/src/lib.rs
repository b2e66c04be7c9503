//! Telemetry.

mod wire;
