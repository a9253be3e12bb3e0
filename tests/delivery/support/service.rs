//! The project's own application, with a sender and contacts of the test's choice.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use local_host::Options;
use serde_json::Value;
use test_issuer::{Algorithm, Issuers};
use tokio::time::sleep;
use toml::Table;

use super::{
    App, Host,
    host::{ROOT, table},
};

const SCOPE: &str = "altinn:serviceowner/notifications.create";
const TRIGGER_KEY: &str = "a-key-for-tests";

/// A host that serves the project's application.
pub(crate) struct Service {
    host: Host,
    token: String,
}

impl Service {
    /// The application as `spin.toml` has it, but for these.
    pub(crate) async fn start(app: App) -> Self {
        Self::with(app, &[]).await
    }

    /// The same with these variables besides.
    pub(crate) async fn with(app: App, more: &[(&str, &str)]) -> Self {
        let (token, variables) = trusted(more);
        Self {
            host: Host::start(&manifest(&app), variables).await,
            token,
        }
    }

    /// The same with these variables besides, and served in another way than usual.
    pub(crate) async fn adjusted(
        app: App,
        more: &[(&str, &str)],
        adjust: impl FnOnce(&mut Options),
    ) -> Self {
        let (token, variables) = trusted(more);
        let host = Host::adjusted(&manifest(&app), |options| {
            options.variables = variables;
            adjust(options);
        })
        .await;
        Self { host, token }
    }

    /// Places an order that must be accepted; gives the answer.
    pub(crate) async fn place(&self, order: &Value) -> Value {
        let answer = self.post("/order/email", &self.token, order).await;
        document(&answer, StatusCode::ACCEPTED)
    }

    /// Calls the trigger.
    pub(crate) async fn trigger(&self) -> Value {
        let nothing = Value::Null;
        let answer = self
            .post("/trigger/pastdueorders", TRIGGER_KEY, &nothing)
            .await;
        document(&answer, StatusCode::OK)
    }

    /// Reports of deliveries.
    pub(crate) async fn report(&self, sender: &str, report: &Value) -> Value {
        let path = format!("/delivery-report/{sender}");
        let answer = self.post(&path, TRIGGER_KEY, report).await;
        document(&answer, StatusCode::OK)
    }

    /// The notifications of an order of which none is left to be sent, or sent again.
    pub(crate) async fn settled(&self, id: &str) -> Vec<Value> {
        let begun = Instant::now();
        while self.status(id).await != "Completed" {
            assert!(begun.elapsed() < Duration::from_mins(1), "{id} is stuck");
            sleep(Duration::from_millis(50)).await;
        }
        self.notifications(id).await
    }

    /// The notifications of an order once it is completed, with a call of the trigger now and then.
    pub(crate) async fn retried(&self, id: &str) -> Vec<Value> {
        let begun = Instant::now();
        // Longer than the first pause between attempts.
        while self.status(id).await != "Completed" {
            assert!(begun.elapsed() < Duration::from_mins(3), "{id} is stuck");
            self.trigger().await;
            sleep(Duration::from_secs(1)).await;
        }
        self.notifications(id).await
    }

    async fn status(&self, id: &str) -> String {
        let status = self.get(&format!("/order/{id}/status")).await;
        let name = status["processingStatus"]["status"].as_str();
        name.expect("a status").to_owned()
    }

    /// The notifications of an order.
    pub(crate) async fn notifications(&self, id: &str) -> Vec<Value> {
        let path = format!("/order/{id}/notifications/email");
        let document = self.get(&path).await;
        document["notifications"]
            .as_array()
            .expect("a list")
            .clone()
    }

    /// The emails that the sandbox has kept.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        let list = self.host.json("/dev/mail").await;
        let mut mails = Vec::new();
        for mail in list["mails"].as_array().expect("a list") {
            let id = mail["id"].as_str().expect("an id");
            mails.push(self.host.json(&format!("/dev/mail/{id}?format=json")).await);
        }
        mails
    }

    /// The host that serves it.
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) async fn stop(self) {
        self.host.stop().await;
    }

    async fn get(&self, path: &str) -> Value {
        let request = Request::get(path).header(header::HOST, "test");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let answer = self.host.call(request.body(Bytes::new())).await;
        document(&answer, StatusCode::OK)
    }

    async fn post(&self, path: &str, token: &str, document: &Value) -> Response<Bytes> {
        let request = Request::post(path)
            .header(header::HOST, "test")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.host
            .call(request.body(document.to_string().into()))
            .await
    }
}

/// The statuses of notifications.
pub(crate) fn statuses(notifications: &[Value]) -> Vec<&str> {
    notifications
        .iter()
        .map(|one| one["sendStatus"]["status"].as_str().expect("a status"))
        .collect()
}

#[track_caller]
fn document(answer: &Response<Bytes>, status: StatusCode) -> Value {
    let text = String::from_utf8_lossy(answer.body());
    assert_eq!(answer.status(), status, "{text}");
    serde_json::from_slice(answer.body()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The project's manifest, with the sender and the contacts of an application.
fn manifest(app: &App) -> Table {
    let text = fs::read_to_string(format!("{ROOT}/spin.toml")).expect("spin.toml");
    let mut manifest: Table = text.parse().expect("a manifest");
    for (_, component) in table(&mut manifest, &["component"]).iter_mut() {
        let source = component.get_mut("source").expect("a source");
        let path = source.as_str().expect("a path");
        *source = format!("{ROOT}/{path}").into();
    }
    let orders = table(&mut manifest, &["component", "email-orders"]);
    let (hosts, variables) = app.configuration();
    let allowed = orders.get_mut("allowed_outbound_hosts");
    let allowed = allowed.and_then(toml::Value::as_array_mut).expect("hosts");
    allowed.extend(hosts.into_iter().map(toml::Value::from));
    table(orders, &["variables"]).extend(variables);
    let dependencies = table(orders, &["dependencies"]);
    for (_, dependency) in dependencies.iter_mut() {
        let path = dependency.get_mut("path").expect("a path");
        *path = format!("{ROOT}/{}", path.as_str().expect("a path")).into();
    }
    dependencies.extend(app.dependencies());
    manifest
}

/// Returns a token, and the variables that let it in, with these besides.
fn trusted(more: &[(&str, &str)]) -> (String, BTreeMap<String, String>) {
    let issuers = Issuers::generate().expect("keys");
    let claims = issuers.bearer.claims().scope(SCOPE).org("ttd");
    let token = issuers.bearer.key(Algorithm::EdDsa).token(&claims);
    let mut variables = BTreeMap::from([
        ("bearer_issuers".to_owned(), issuers.bearer_variable()),
        ("trigger_key".to_owned(), TRIGGER_KEY.to_owned()),
        ("dev_mail".to_owned(), "open".to_owned()),
    ]);
    let more = more.iter();
    variables.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    (token.expect("a token"), variables)
}
