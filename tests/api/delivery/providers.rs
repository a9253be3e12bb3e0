//! Delivery on every key-value provider, with its faults.

use local_host::Provider;
use serde_json::{Value, json};

use super::{KEY, get_status, settled, statuses, trigger};
use crate::support::{
    Host, assert_rows,
    host::{PROVIDERS, setup},
    order::{accepted, order_to},
};

#[tokio::test]
async fn orders_are_delivered_on_every_provider() {
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
    for provider in [
        Provider::Sqlite,
        Provider::Redis,
        Provider::Cosmos,
        Provider::Dynamo,
    ] {
        let host = Host::local(PROVIDERS, setup(&[("trigger_key", KEY)]), |options| {
            options.provider = provider;
        });
        let Some(host) = host.await else { return };
        let id = accepted(&host, &order_to(recipients())).await;
        settled(&host, &id).await;
        let name = format!("{provider:?}");
        rows.push((
            name.clone(),
            json!(statuses(&host, &id).await),
            json!(expected),
        ));

        // A run that finds a minute with everything settled.
        let run = trigger().send(&host).await.expect(200).json();
        let nothing = json!({ "due": 0, "processed": 0, "more": false });
        rows.push((format!("{name}: trigger"), run, nothing));
        let status = get_status(&id).send(&host).await.expect(200).json();
        let status = status["processingStatus"]["status"].clone();
        rows.push((format!("{name}: status"), status, "Completed".into()));
        let log = host.log();
        assert!(!log.contains(r#""level":"error""#), "{name}: {log}");
        host.stop().await;
    }
    assert_rows(rows);
}
