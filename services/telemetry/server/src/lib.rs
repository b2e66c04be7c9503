//! Telemetry.

mod views;
mod wire;
