//! Condition endpoints.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::header;
use serde_json::Value;
use test_support::{
    Host, LookUps, Outbound, Reply, Setup, assert_rows, case,
    order::{DELIVERY_LIMIT, accepted, order, processing_status, settled, statuses},
    setup,
};
use tokio::time::{Instant, sleep};

/// The endpoint's name, which leads to this machine.
const NAME: &str = "conditions.example.no";

/// An endpoint whose path decides its answer.
struct Endpoint {
    server: Outbound,
    /// The values of `Host` in the requests so far.
    hosts: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    async fn start() -> Self {
        let hosts = Arc::<Mutex<Vec<_>>>::default();
        let seen = Arc::clone(&hosts);
        let server = Outbound::start(move |request| {
            let host = request.headers().get(header::HOST);
            let host = host.map_or("", |host| host.to_str().unwrap_or("?"));
            seen.lock().unwrap().push(host.to_owned());
            let path = request
                .uri()
                .path_and_query()
                .map_or("", |path| path.as_str());
            let json = |text: &'static str| Reply::content("application/json", text);
            match path {
                "/yes?id=1" => json(r#"{"sendNotification":true}"#),
                "/no" => json(r#"{"sendNotification":false}"#),
                "/moved" => Reply::redirect("/yes?id=1"),
                _ => json("perhaps"),
            }
        });
        Self {
            server: server.await,
            hosts,
        }
    }

    /// Returns how many requests it got. Asserts that they all named it.
    fn requests(&self) -> usize {
        let hosts = self.hosts.lock().unwrap();
        assert!(hosts.iter().all(|host| host.starts_with(NAME)), "{hosts:?}");
        hosts.len()
    }

    /// Returns an order with this endpoint as its condition.
    fn order(&self, path: &str) -> Value {
        let mut order = order();
        order["conditionEndpoint"] = format!("http://{}{path}", self.authority()).into();
        order
    }

    fn authority(&self) -> String {
        format!("{NAME}:{}", self.server.port())
    }
}

/// Starts a host for which the endpoint's name leads to this machine.
async fn host_with(look_ups: Option<LookUps>) -> Host {
    Host::start(Setup {
        local_names: vec![NAME.to_owned()],
        look_ups,
        ..setup(&[])
    })
    .await
}

/// Starts a host on which a look-up of the endpoint's name gives the component these addresses.
async fn host_with_addresses(addresses: &[&str]) -> Host {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let names = BTreeMap::from([(NAME.to_owned(), addresses)]);
    host_with(Some(LookUps::Known(names))).await
}

#[case]
async fn condition_true_sends_and_false_does_not() {
    let endpoint = Endpoint::start().await;
    let host = host_with(None).await;
    let mut rows = Vec::new();
    for (path, status, sent) in [
        ("/yes?id=1", "Completed", vec!["Delivered".to_owned()]),
        ("/no", "SendConditionNotMet", vec![]),
    ] {
        let id = accepted(&host, &endpoint.order(path)).await;
        settled(&host, &id).await;
        let got = (
            processing_status(&host, &id).await,
            statuses(&host, &id).await,
        );
        rows.push((path, got, (status.to_owned(), sent)));
    }
    assert_rows(rows);
    assert_eq!(endpoint.requests(), 2);
    host.stop().await;
}

#[case]
async fn other_condition_answer_leaves_the_order_in_processing() {
    let endpoint = Endpoint::start().await;
    let host = host_with(None).await;
    for (number, path) in ["/perhaps", "/moved"].into_iter().enumerate() {
        let id = accepted(&host, &endpoint.order(path)).await;
        assert_inconclusive(&host, &id).await;
        assert_eq!(endpoint.requests(), number + 1, "{path}: {}", host.log());
    }
    host.stop().await;
}

#[case]
async fn name_with_public_addresses_is_asked() {
    let endpoint = Endpoint::start().await;
    let host = host_with_addresses(&["1.1.1.1", "2606:4700:4700::1111"]).await;
    let id = accepted(&host, &endpoint.order("/no")).await;
    settled(&host, &id).await;
    let status = processing_status(&host, &id).await;
    assert_eq!(status, "SendConditionNotMet", "{}", host.log());
    assert_eq!(endpoint.requests(), 1);
    host.stop().await;
}

#[case]
async fn name_with_a_private_address_is_not_asked() {
    let endpoint = Endpoint::start().await;
    for addresses in [&["10.0.0.1"][..], &["1.1.1.1", "127.0.0.1"], &["::1"]] {
        let host = host_with_addresses(addresses).await;
        let id = accepted(&host, &endpoint.order("/no")).await;
        assert_inconclusive(&host, &id).await;
        assert_eq!(endpoint.requests(), 0, "{addresses:?}");
        host.stop().await;
    }
}

#[case]
async fn failed_look_up_is_inconclusive() {
    let endpoint = Endpoint::start().await;
    let host = host_with(Some(LookUps::Known(BTreeMap::new()))).await;
    let id = accepted(&host, &endpoint.order("/no")).await;
    assert_inconclusive(&host, &id).await;
    assert_eq!(endpoint.requests(), 0);
    host.stop().await;
}

/// The look-up and the exchange have five seconds together.
#[case]
async fn hanging_look_up_is_inconclusive_after_five_seconds() {
    let endpoint = Endpoint::start().await;
    let host = host_with(Some(LookUps::Hanging)).await;
    let id = accepted(&host, &endpoint.order("/no")).await;
    let begun = Instant::now();
    assert_inconclusive(&host, &id).await;
    assert!(begun.elapsed() > Duration::from_secs(4));
    assert_eq!(endpoint.requests(), 0);
    host.stop().await;
}

/// Waits until the condition of an order was found inconclusive, and asserts that nothing was sent.
async fn assert_inconclusive(host: &Host, id: &str) {
    let begun = Instant::now();
    let is_logged = || {
        let log = host.log();
        let mut lines = log.lines();
        lines.any(|line| line.contains(id) && line.contains("send condition inconclusive"))
    };
    while !is_logged() {
        assert!(begun.elapsed() < DELIVERY_LIMIT, "{}", host.log());
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(processing_status(host, id).await, "Processing");
    assert_eq!(statuses(host, id).await, Vec::<String>::new());
}
