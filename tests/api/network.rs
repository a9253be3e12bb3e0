//! Condition endpoints in private networks.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use test_hosts::{Host, Launch, leads_here, not_here};
use test_support::{
    Outbound, Reply, case,
    order::{DELIVERY_LIMIT, accepted, order, processing_status},
    setup,
};
use tokio::time::{Instant, sleep};

const NAME: &str = "conditions.example.no";

/// The host refuses the connection, because it blocks private networks.
#[case]
async fn condition_endpoint_in_a_blocked_network_is_not_asked() {
    let requests = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&requests);
    let server = Outbound::start(move |_| {
        counted.fetch_add(1, SeqCst);
        Reply::content("application/json", r#"{"sendNotification":false}"#)
    });
    let server = server.await;
    let launch = Launch {
        blocks_private_networks: true,
        ..Launch::of(&setup(&[]))
    };
    let host = if leads_here(NAME).await {
        Host::start(&launch).await
    } else {
        Host::local(&not_here(NAME), &launch, |options| {
            let name = NAME.to_owned();
            options.names.insert(name, Ipv4Addr::LOCALHOST.into());
        })
        .await
    };
    let mut order = order();
    order["conditionEndpoint"] = format!("http://{NAME}:{}/no", server.port()).into();
    let id = accepted(&host, &order).await;
    let begun = Instant::now();
    while !host.log().contains("send condition inconclusive") {
        assert!(begun.elapsed() < DELIVERY_LIMIT, "{}", host.log());
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(processing_status(&host, &id).await, "Processing");
    assert_eq!(requests.load(SeqCst), 0);
    host.stop().await;
}
