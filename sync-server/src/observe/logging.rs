//! Logs: JSON lines on standard error, one object an event, with the request's id in its span.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::{Config, LogFormat};

/// Starts logging, once per process. Standard output stays free for what programs read.
///
/// # Errors
/// When logging was started before.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let filter: Targets = config.log_filter.parse()?;
    let layer = match config.log_format {
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_writer(std::io::stderr)
            .boxed(),
        LogFormat::Text => fmt::layer().with_writer(std::io::stderr).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()?;
    Ok(())
}
