//! The same on every key-value provider, with its faults.

use local_host::Provider;
use serde_json::{Value, json};
use test_cases::routes::{
    list::race_orders_with_one_reference,
    order_email::idempotency::{race_different_requests, race_identical_requests},
};
use test_hosts::{Host, Launch, reasons};
use test_support::{
    TRIGGER_KEY, assert_rows, case,
    order::{accepted, order_to, processing_status, settled, statuses, trigger},
    setup,
};

const PROVIDERS: [Provider; 4] = [
    Provider::Sqlite,
    Provider::Redis,
    Provider::Cosmos,
    Provider::Dynamo,
];

async fn host_on(provider: Provider) -> Host {
    let launch = Launch::of(&setup(&[("trigger_key", TRIGGER_KEY)]));
    Host::local(reasons::PROVIDERS, &launch, |options| {
        options.provider = provider
    })
    .await
}

#[case]
async fn order_is_delivered_on_every_provider() {
    let recipients = || {
        let addresses = (0..30).map(|number| format!("{number}@example.no"));
        let addresses = addresses.chain(["bounced@example.no".to_owned()]);
        addresses
            .map(|address| json!({ "emailAddress": address }))
            .collect::<Value>()
    };
    let mut expected = vec!["Delivered"; 30];
    expected.push("Failed_Bounced");
    let mut rows = Vec::new();
    for provider in PROVIDERS {
        let host = host_on(provider).await;
        let id = accepted(&host, &order_to(recipients())).await;
        settled(&host, &id).await;
        let name = format!("{provider:?}");
        rows.push((
            name.clone(),
            json!(statuses(&host, &id).await),
            json!(expected),
        ));

        // A run in whose minute every order is settled.
        let run = trigger().send(&host).await.expect(200).json();
        let zeros = json!({ "due": 0, "processed": 0, "more": false });
        rows.push((format!("{name}: trigger"), run, zeros));
        let status = processing_status(&host, &id).await;
        rows.push((format!("{name}: status"), status.into(), "Completed".into()));
        let log = host.log();
        assert!(!log.contains(r#""level":"error""#), "{name}: {log}");
        host.stop().await;
    }
    assert_rows(rows);
}

#[case]
async fn concurrent_requests_with_one_key_store_one_order_on_every_provider() {
    for provider in PROVIDERS {
        eprintln!("on {provider:?}");
        let host = host_on(provider).await;
        race_identical_requests(&host).await;
        race_different_requests(&host).await;
        // All hosts of this process share one pool of instances, which is as large as Spin's.
        host.stop().await;
    }
}

#[case]
async fn concurrent_orders_with_one_reference_are_all_found_on_every_provider() {
    for provider in PROVIDERS {
        eprintln!("on {provider:?}");
        let host = host_on(provider).await;
        race_orders_with_one_reference(&host).await;
        host.stop().await;
    }
}
