//! Condition endpoints, which have the last word.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use local_host::Options;
use serde_json::{Value, json};
use test_hosts::Setup;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, lookup_host},
    time::{Duration, sleep},
};

use super::{PATIENCE, get_status, settled, statuses};
use crate::support::{
    Host, assert_rows,
    host::setup,
    order::{accepted, order_with},
};

/// A name of the endpoint, which leads to this machine.
const NAME: &str = "conditions.example.no";
/// Why a test leaves itself out on Spin.
const NAMES: &str =
    "conditions.example.no does not lead to 127.0.0.1, as a line in /etc/hosts could say";

/// A server that answers with what its path asks for, and counts.
struct Endpoint {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Endpoint {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(answer(stream));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// An order with this endpoint as its condition.
    fn order(&self, path: &str) -> Value {
        let url = format!("http://{NAME}:{}{path}", self.port);
        order_with(json!({ "conditionEndpoint": url }))
    }
}

async fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return;
        }
        request.push(byte[0]);
    }
    let request = String::from_utf8(request).unwrap();
    assert!(request.contains(&format!("host: {NAME}")), "{request}");
    let path = request.strip_prefix("GET ").expect("a GET");
    let (status, body) = match path.split_whitespace().next().unwrap() {
        "/yes?id=1" => ("200 OK", r#"{"sendNotification":true}"#),
        "/no" => ("200 OK", r#"{"sendNotification":false}"#),
        "/moved" => ("302 Found\r\nlocation: /yes?id=1", ""),
        _ => ("200 OK", "perhaps"),
    };
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    drop(stream.write_all(text.as_bytes()).await);
}

/// A host for which the endpoint's name leads to this machine.
///
/// The local host is told so. Spin asks the system, so there a line in `/etc/hosts` has to say it.
async fn host_to(setup: Setup) -> Option<Host> {
    let leads_here = |options: &mut Options| {
        let name = NAME.to_owned();
        options.names.insert(name, Ipv4Addr::LOCALHOST.into());
    };
    let found = lookup_host((NAME, 80)).await;
    let leads_here_anyway = found.is_ok_and(|mut all| all.any(|one| one.ip().is_loopback()));
    if leads_here_anyway {
        Host::start(&setup).await
    } else {
        Host::local(NAMES, &setup, leads_here).await
    }
}

#[tokio::test]
async fn true_sends_and_false_does_not() {
    let endpoint = Endpoint::start().await;
    let Some(host) = host_to(setup(&[])).await else {
        return;
    };
    let mut rows = Vec::new();
    for (path, status, sent) in [
        ("/yes?id=1", "Completed", vec!["Delivered".to_owned()]),
        ("/no", "SendConditionNotMet", vec![]),
    ] {
        let id = accepted(&host, &endpoint.order(path)).await;
        let document = settled(&host, &id).await;
        let became = document["processingStatus"]["status"].clone();
        let of_order = (became, statuses(&host, &id).await);
        rows.push((path, of_order, (json!(status), sent)));
    }
    assert_rows(rows);
    assert_eq!(endpoint.asked(), 2);
    host.stop().await;
}

#[tokio::test]
async fn any_other_answer_is_asked_for_again_later() {
    let endpoint = Endpoint::start().await;
    let Some(host) = host_to(setup(&[])).await else {
        return;
    };
    for (number, path) in ["/perhaps", "/moved"].into_iter().enumerate() {
        let id = accepted(&host, &endpoint.order(path)).await;
        said_nothing(&host, &id).await;
        assert_eq!(endpoint.asked(), number + 1, "{path}: {}", host.log());
    }
    host.stop().await;
}

#[tokio::test]
async fn a_name_that_leads_into_a_private_network_is_not_followed() {
    let endpoint = Endpoint::start().await;
    let setup = Setup {
        blocks_private_networks: true,
        ..setup(&[])
    };
    let Some(host) = host_to(setup).await else {
        return;
    };
    let id = accepted(&host, &endpoint.order("/no")).await;
    said_nothing(&host, &id).await;
    assert_eq!(endpoint.asked(), 0);
    host.stop().await;
}

/// Waits until the endpoint of an order was asked, and holds that it did not say anything.
async fn said_nothing(host: &Host, id: &str) {
    let begun = Instant::now();
    let inconclusive = || {
        let log = host.log();
        log.lines()
            .any(|line| line.contains(id) && line.contains("send condition inconclusive"))
    };
    while !inconclusive() {
        assert!(begun.elapsed() < PATIENCE, "{}", host.log());
        sleep(Duration::from_millis(20)).await;
    }
    let document = get_status(id).send(host).await.expect(200).json();
    assert_eq!(document["processingStatus"]["status"], "Processing");
    assert_eq!(statuses(host, id).await, Vec::<String>::new());
}
