//! Metrics, in an explicit registry: two servers in one process do not share them.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What a request is counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    /// The route's pattern, never the path itself.
    pub(crate) route: String,
    /// The method.
    pub(crate) method: String,
    /// The status of the answer.
    pub(crate) status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabels {
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StandingLabels {
    standing: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    limit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EvictionLabels {
    why: &'static str,
}

/// All metrics of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Histogram,
    envelopes: Family<VerdictLabels, Counter>,
    relayed: Family<StandingLabels, Counter>,
    sync_seconds: Histogram,
    rate_limited: Family<LimitLabels, Counter>,
    event_streams: Gauge,
    browser_sessions: Gauge,
    hosted_replicas: Gauge,
    hosted_bytes: Gauge,
    hosted_evictions: Family<EvictionLabels, Counter>,
    hosted_open_seconds: Histogram,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let mut registry = Registry::with_prefix("roadbook");
        let metrics = Self {
            requests: Family::default(),
            request_seconds: seconds(),
            envelopes: Family::default(),
            relayed: Family::default(),
            sync_seconds: seconds(),
            rate_limited: Family::default(),
            event_streams: Gauge::default(),
            browser_sessions: Gauge::default(),
            hosted_replicas: Gauge::default(),
            hosted_bytes: Gauge::default(),
            hosted_evictions: Family::default(),
            hosted_open_seconds: seconds(),
            registry: Registry::default(),
        };
        registry.register(
            "http_requests",
            "Requests by route, method and status",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "Time from a request to the head of its answer",
            metrics.request_seconds.clone(),
        );
        registry.register("envelopes", "Pushed envelopes by verdict", metrics.envelopes.clone());
        registry.register(
            "relayed",
            "Envelopes handed back after a restore, by where they stand",
            metrics.relayed.clone(),
        );
        registry.register(
            "sync_seconds",
            "Time that an exchange takes in the tenant",
            metrics.sync_seconds.clone(),
        );
        registry.register(
            "rate_limited",
            "Requests refused by a limit",
            metrics.rate_limited.clone(),
        );
        registry.register(
            "event_streams",
            "Devices that wait for events",
            metrics.event_streams.clone(),
        );
        metrics.register_browser(&mut registry);
        Self { registry, ..metrics }
    }

    fn register_browser(&self, registry: &mut Registry) {
        registry.register(
            "browser_sessions",
            "Sessions of browsers that are open",
            self.browser_sessions.clone(),
        );
        registry.register(
            "hosted_replicas",
            "Replicas that are open for browsers",
            self.hosted_replicas.clone(),
        );
        registry.register(
            "hosted_replica_bytes",
            "Room that they take on the disk",
            self.hosted_bytes.clone(),
        );
        registry.register(
            "hosted_evictions",
            "Replicas that were closed, by why",
            self.hosted_evictions.clone(),
        );
        registry.register(
            "hosted_open_seconds",
            "Time that it takes to make and fill one",
            self.hosted_open_seconds.clone(),
        );
    }

    /// How many sessions of browsers are open.
    pub(crate) const fn browser_sessions(&self) -> &Gauge {
        &self.browser_sessions
    }

    /// How many replicas are open for browsers.
    pub(crate) const fn hosted_replicas(&self) -> &Gauge {
        &self.hosted_replicas
    }

    /// How much room they take.
    pub(crate) const fn hosted_bytes(&self) -> &Gauge {
        &self.hosted_bytes
    }

    /// Notes how long it took to make and fill one.
    pub(crate) fn hosted_opened(&self, took: Duration) {
        self.hosted_open_seconds.observe(took.as_secs_f64());
    }

    /// Counts one that was closed.
    pub(crate) fn hosted_evicted(&self, why: &'static str) {
        self.hosted_evictions.get_or_create(&EvictionLabels { why }).inc();
    }

    /// Counts a request that was answered.
    pub(crate) fn answered(&self, labels: &RequestLabels, took: Duration) {
        self.requests.get_or_create(labels).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// Counts an exchange and its verdicts.
    pub(crate) fn synced(&self, verdicts: impl Iterator<Item = &'static str>, took: Duration) {
        for verdict in verdicts {
            self.envelopes.get_or_create(&VerdictLabels { verdict }).inc();
        }
        self.sync_seconds.observe(took.as_secs_f64());
    }

    /// Counts an envelope that was handed back after a restore.
    pub(crate) fn relayed(&self, standing: &'static str) {
        self.relayed.get_or_create(&StandingLabels { standing }).inc();
    }

    /// Counts a request that a limit refused.
    pub(crate) fn limited(&self, limit: &'static str) {
        self.rate_limited.get_or_create(&LimitLabels { limit }).inc();
    }

    /// How many devices wait for events.
    pub(crate) const fn event_streams(&self) -> &Gauge {
        &self.event_streams
    }

    /// All metrics in the OpenMetrics text format.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        encode(&mut out, &self.registry).expect("writing into a string does not fail");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_in_the_text() {
        let metrics = Metrics::new();
        let labels = RequestLabels { route: "/v1/sync".into(), method: "POST".into(), status: 200 };
        metrics.answered(&labels, Duration::from_millis(3));
        metrics.synced(["applied", "applied", "denied"].into_iter(), Duration::from_millis(1));
        metrics.relayed("in_log");
        metrics.limited("tenant");
        let text = metrics.text();
        for line in [
            "roadbook_http_requests_total{route=\"/v1/sync\",method=\"POST\",status=\"200\"} 1",
            "roadbook_envelopes_total{verdict=\"applied\"} 2",
            "roadbook_envelopes_total{verdict=\"denied\"} 1",
            "roadbook_relayed_total{standing=\"in_log\"} 1",
            "roadbook_sync_seconds_count 1",
            "roadbook_rate_limited_total{limit=\"tenant\"} 1",
            "roadbook_event_streams 0",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
