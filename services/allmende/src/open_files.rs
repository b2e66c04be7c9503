use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Lets this process have as many files and connections open as the system allows it.
///
/// What a process begins with is often 1,024, for old programs' sake.
pub(crate) fn allow_all() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

/// Has both ports together take no more connections than half of the files that may be open: logs have their next segments
/// to open, and views their tables, however many connections there are.
pub(crate) fn within_limit(config: Config) -> Config {
    within(config, getrlimit(Resource::Nofile).current)
}

fn within(mut config: Config, files: Option<u64>) -> Config {
    let half = files.map_or(usize::MAX, |files| usize::try_from(files / 2).unwrap_or(usize::MAX));
    let (grpc, http) = (&mut config.server.limits.max_connections, &mut config.gateway.http.max_connections);
    let wanted = grpc.saturating_add(*http);
    if wanted > half {
        tracing::warn!(
            wanted,
            most = half,
            "fewer connections are taken than are set: the system lets few files be open"
        );
        let share = half as f64 / wanted as f64;
        // Ports that are set unlike stay so.
        for most in [grpc, http] {
            *most = (*most as f64 * share) as usize;
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_allowed_as_the_system_lets() {
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(512), ..limit }).unwrap();
        allow_all().unwrap();
        assert_eq!(getrlimit(Resource::Nofile), Rlimit { current: limit.maximum, ..limit });
    }

    #[test]
    fn connections_leave_files_for_what_is_kept() {
        let most = |config: &Config| (config.server.limits.max_connections, config.gateway.http.max_connections);
        let set = most(&Config::default());
        assert_eq!(most(&within(Config::default(), None)), set);
        assert_eq!(most(&within(Config::default(), Some(1 << 20))), set);
        assert_eq!(most(&within(Config::default(), Some(1_024))), (256, 256));
        let mut unlike = Config::default();
        (unlike.server.limits.max_connections, unlike.gateway.http.max_connections) = (3_000, 1_000);
        assert_eq!(most(&within(unlike, Some(4_000))), (1_500, 500));
    }
}
