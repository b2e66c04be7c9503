//! The service in this process, over a real channel, with a clock that stands still.

mod bad_input;
mod commands;
mod means;
mod paging;
mod quality;
mod real_box;
mod restart;
mod streaming;
mod support;
mod zz_measure;
