//! The command line. Options that Spin has have the same names here.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Parser, ValueEnum};
use local_host::{Call, Hook, Options, Output, Provider, Reuse, Storage, faults};

/// Serves the application of a spin.toml as `spin up` does
#[derive(Debug, Parser)]
#[command(name = "local-host", version, about)]
pub(crate) struct Arguments {
    /// The manifest, or its folder
    #[arg(
        short = 'f',
        long = "manifest",
        alias = "from",
        default_value = "spin.toml"
    )]
    manifest: PathBuf,

    /// The address to serve on; port 0 means any free port
    #[arg(long, env = "SPIN_HTTP_LISTEN_ADDR", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,

    /// The folder of the key-value file and the components' logs [default: .spin beside the manifest]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,

    /// The folder of the components' logs [default: logs/ in the state's folder]
    #[arg(short = 'L', long, value_name = "DIR")]
    log_dir: Option<PathBuf>,

    /// Keep key-value pairs in memory, and write logs only if --state-dir or --log-dir names a folder
    #[arg(long)]
    memory: bool,

    /// The key-value provider of Spin to model
    #[arg(long, value_enum, default_value_t = ProviderName::Sqlite)]
    provider: ProviderName,

    /// A variable's value; `SPIN_VARIABLE_<NAME>` in the environment or in .env sets one, too
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = pair)]
    variables: Vec<(String, String)>,

    /// The number of requests that an instance serves in all
    #[arg(long, value_name = "N", default_value_t = Reuse::default().count)]
    max_instance_reuse_count: usize,

    /// The number of requests that an instance serves at a time
    #[arg(long, value_name = "N", default_value_t = Reuse::default().concurrent)]
    max_instance_concurrent_reuse_count: usize,

    /// How long an instance waits for another request: seconds, or a number with s, ms, us or ns
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    idle_instance_timeout: Duration,

    /// The time limit of a request and the work after its response [default: none]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    request_timeout: Option<Duration>,

    /// Do not print the components' output
    #[arg(short, long)]
    quiet: bool,

    /// Also trust the certificates in this PEM file for outbound HTTPS
    #[arg(long, value_name = "FILE")]
    tls_root: Vec<PathBuf>,

    /// Refuse outbound connections to these networks, like Spin's runtime configuration
    #[arg(long, value_enum)]
    block_networks: Option<Networks>,

    /// Serve statistics on this loopback address: GET returns them, DELETE resets them
    #[arg(long, value_name = "ADDR")]
    stats: Option<SocketAddr>,

    /// Count fuel; an instance then serves one request at a time
    #[arg(long)]
    fuel: bool,

    /// Delay every call to the host
    #[arg(long, value_name = "TIME", value_parser = duration)]
    latency: Option<Duration>,

    /// Make every Nth call of a kind fail, such as `set_many:3`
    #[arg(long, value_name = "CALL:N", value_parser = failure)]
    fail: Vec<(Call, u64)>,

    /// How long requests in flight, and work after their responses, may take once the host is told
    /// to stop
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    grace: Duration,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProviderName {
    Sqlite,
    Redis,
    Cosmos,
    Dynamo,
}

/// Networks that have a name in Spin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Networks {
    Private,
}

impl From<ProviderName> for Provider {
    fn from(name: ProviderName) -> Self {
        match name {
            ProviderName::Sqlite => Self::Sqlite,
            ProviderName::Redis => Self::Redis,
            ProviderName::Cosmos => Self::Cosmos,
            ProviderName::Dynamo => Self::Dynamo,
        }
    }
}

impl Arguments {
    pub(crate) fn into_options(self) -> Result<Options, dotenvy::Error> {
        let manifest = if self.manifest.is_dir() {
            self.manifest.join("spin.toml")
        } else {
            self.manifest.clone()
        };
        let beside = || manifest.parent().unwrap_or(Path::new("")).join(".spin");
        let state = match (&self.state_dir, self.memory) {
            (Some(directory), _) => Some(directory.clone()),
            (None, false) => Some(beside()),
            (None, true) => None,
        };
        let storage = match &state {
            Some(directory) if !self.memory => Storage::Directory(directory.clone()),
            _ => Storage::Memory,
        };
        let mut variables = environment()?;
        variables.extend(self.variables.iter().cloned());
        Ok(Options {
            listen: self.listen,
            variables,
            storage,
            provider: self.provider.into(),
            reuse: Reuse {
                count: self.max_instance_reuse_count,
                concurrent: self.max_instance_concurrent_reuse_count,
                idle: self.idle_instance_timeout,
                request_timeout: self.request_timeout,
            },
            fuel: self.fuel,
            stats: self.stats,
            hook: self.hook(),
            output: Output {
                terminal: !self.quiet,
                directory: self
                    .log_dir
                    .or_else(|| state.map(|directory| directory.join("logs"))),
                broken: false,
            },
            tls_roots: self.tls_root,
            grace: self.grace,
            block_private_networks: self.block_networks == Some(Networks::Private),
            ..Options::new(manifest)
        })
    }

    fn hook(&self) -> Option<Hook> {
        let latency = self.latency.map(faults::latency);
        let failures = self
            .fail
            .iter()
            .map(|(call, nth)| faults::fail_every(*call, *nth));
        let hooks: Vec<_> = latency.into_iter().chain(failures).collect();
        (!hooks.is_empty()).then(|| faults::any(hooks))
    }
}

/// Returns the variables that the environment sets, or else `.env`.
fn environment() -> Result<BTreeMap<String, String>, dotenvy::Error> {
    let mut all = BTreeMap::new();
    match dotenvy::from_filename_iter(".env") {
        Ok(file) => all.extend(file.collect::<Result<Vec<_>, _>>()?),
        Err(error) if error.not_found() => {}
        Err(error) => return Err(error),
    }
    all.extend(std::env::vars());
    let variable = |(name, value): (String, String)| {
        let name = name.strip_prefix("SPIN_VARIABLE_")?;
        Some((name.to_ascii_lowercase(), value))
    };
    Ok(all.into_iter().filter_map(variable).collect())
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "must be NAME=VALUE".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let duration = match (number.parse(), unit) {
        (Ok(number), "" | "s") => Some(Duration::from_secs(number)),
        (Ok(number), "ms") => Some(Duration::from_millis(number)),
        (Ok(number), "us") => Some(Duration::from_micros(number)),
        (Ok(number), "ns") => Some(Duration::from_nanos(number)),
        _ => None,
    };
    duration.ok_or_else(|| {
        format!("{text:?} is not a time such as `2`, `2s`, `20ms`, `20us` or `20ns`")
    })
}

fn failure(text: &str) -> Result<(Call, u64), String> {
    let invalid = || {
        let names = Call::ALL.map(Call::name).join(", ");
        format!("must be CALL:N, with N from 1 and one of the calls {names}")
    };
    let (call, nth) = text.split_once(':').ok_or_else(invalid)?;
    let call = Call::ALL.into_iter().find(|known| known.name() == call);
    match (call, nth.parse()) {
        (Some(call), Ok(nth @ 1..)) => Ok((call, nth)),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_is_valid() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn duration_accepts_seconds_and_units() {
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("20ms"), Ok(Duration::from_millis(20)));
        assert_eq!(duration("20us"), Ok(Duration::from_micros(20)));
        assert!(duration("2m").is_err());
        assert!(duration("").is_err());
    }

    #[test]
    fn failure_accepts_call_and_number() {
        assert_eq!(failure("set_many:3"), Ok((Call::SetMany, 3)));
        assert!(failure("set_many:0").is_err());
        assert!(failure("nothing:1").is_err());
    }

    #[test]
    fn into_options_locates_state_and_logs() {
        let parse = |arguments: &[&str]| {
            let arguments = ["local-host"].iter().chain(arguments);
            Arguments::parse_from(arguments).into_options().unwrap()
        };
        let options = parse(&["-f", "app/spin.toml"]);
        assert_eq!(options.storage, Storage::Directory("app/.spin".into()));
        assert_eq!(options.output.directory, Some("app/.spin/logs".into()));
        let options = parse(&["--memory", "--variable", "a=b=c"]);
        assert_eq!(options.storage, Storage::Memory);
        assert_eq!(options.output.directory, None);
        assert_eq!(options.variables.get("a").unwrap(), "b=c");
        let options = parse(&["--memory", "--state-dir", "x"]);
        assert_eq!(options.storage, Storage::Memory);
        assert_eq!(options.output.directory, Some("x/logs".into()));
        let options = parse(&["--state-dir", "x", "--log-dir", "y"]);
        assert_eq!(options.output.directory, Some("y".into()));
    }
}
