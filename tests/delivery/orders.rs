//! From an order to its emails, through the whole application with each sender.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{
    Host, TRIGGER_KEY, case,
    order::{
        accepted, await_statuses, get_notifications, order_id, post_order, processing_status,
        settled, statuses, trigger,
    },
    post,
};
use tokio::time::{Instant, sleep};

use crate::{
    app::{App, Contacts, Sender, Serving},
    probe::json as get_json,
    servers::{Azure, Features, Relay},
};

/// Serves the application with a real SMTP server, and with contacts from a list.
async fn through_smtp(relay: &Relay) -> Serving {
    let app = App {
        sender: Sender::Smtp {
            relay: relay.address().to_owned(),
            from_name: "Påminnelser",
        },
        contacts: contacts(),
        ..App::default()
    };
    app.serve(&[]).await
}

fn contacts() -> Contacts {
    let list = json!({
        "persons": {
            "16069412345": { "addresses": ["kare@example.no"], "name": "Kåre Ærlig" },
            "02056260016": { "addresses": ["eva@example.no"], "reserved": true },
        },
        "organizations": {
            "991825827": {
                "addresses": ["post@example.no", "arkiv@example.no"],
                "name": "Blåbær & Sønn AS",
            },
        },
    });
    Contacts::Static(list.to_string())
}

fn order(recipients: Value) -> Value {
    json!({
        "subject": "Påminnelse om blåbærsyltetøy",
        "body": "Kjære Åse Øy,\r\n\r\nhusk syltetøyet på Ærøy.\r\n",
        "recipients": recipients,
    })
}

/// Returns the notifications of an order.
async fn notifications(host: &Host, id: &str) -> Vec<Value> {
    let document = get_notifications(id).send(host).await.expect(200).json();
    document["notifications"]
        .as_array()
        .expect("a list")
        .clone()
}

/// Returns the emails that the sandbox has kept.
async fn mails(host: &test_hosts::Host) -> Vec<Value> {
    let list = get_json(host, "/dev/mail").await;
    let mut mails = Vec::new();
    for mail in list["mails"].as_array().expect("a list") {
        let id = mail["id"].as_str().expect("an id");
        mails.push(get_json(host, &format!("/dev/mail/{id}?format=json")).await);
    }
    mails
}

/// Reports the delivery of one email, which must change its status.
async fn report(host: &Host, sender: &str, report: &Value) {
    let call = post(format!("/delivery-report/{sender}")).bearer(TRIGGER_KEY);
    let result = call.json(report).send(host).await.expect(200).json();
    assert_eq!(result, json!({ "accepted": 1, "ignored": 0 }));
}

#[case]
async fn smtp_server_receives_what_was_ordered() {
    let relay = Relay::start(Features::default());
    let host = through_smtp(&relay).await;
    let plain = order(json!([{ "emailAddress": "åse@example.no" }]));
    let mut html = order(json!([{ "nationalIdentityNumber": "16069412345" }]));
    html["subject"] = "Hei $recipientName$".into();
    html["body"] = "<p>Hei, $recipientName$: blåbær &amp; rømme</p>".into();
    html["contentType"] = "Html".into();
    let mut ids = Vec::new();
    for order in [&plain, &html] {
        let id = accepted(&host, order).await;
        settled(&host, &id).await;
        assert_eq!(statuses(&host, &id).await, ["Succeeded"]);
        ids.push(notifications(&host, &id).await[0]["id"].clone());
    }
    host.stop().await;

    let received = relay.stop();
    let [first, second] = &received[..] else {
        panic!("{received:?}")
    };
    assert_eq!(first.rcpt_tos, ["åse@example.no"]);
    assert_eq!(first.subject, "Påminnelse om blåbærsyltetøy");
    assert_eq!(first.body, plain["body"].as_str().unwrap());
    assert_eq!(first.media_type, "text/plain");
    assert_eq!(first.from_name, "Påminnelser");
    assert_eq!(first.from, "noreply@altinn.cloud");
    assert_eq!(second.rcpt_tos, ["kare@example.no"]);
    assert_eq!(second.subject, "Hei Kåre Ærlig");
    assert_eq!(
        second.body.trim_end(),
        "<p>Hei, Kåre Ærlig: blåbær &amp; rømme</p>"
    );
    assert_eq!(second.media_type, "text/html");
    for (message, id) in received.iter().zip(ids) {
        let id = id.as_str().unwrap();
        assert_eq!(message.message_id, format!("<{id}@altinn.cloud>"));
        assert_eq!(message.defects, Vec::<String>::new());
    }
}

#[case]
async fn five_hundred_recipients_get_an_email_each() {
    const COUNT: usize = 500;
    let relay = Relay::start(Features::default());
    let host = through_smtp(&relay).await;
    let recipient = |number| json!({ "emailAddress": format!("{number}@example.no") });
    let recipients: Vec<_> = (0..COUNT).map(recipient).collect();
    let id = accepted(&host, &order(recipients.into())).await;
    settled(&host, &id).await;
    assert_eq!(statuses(&host, &id).await, vec!["Succeeded"; COUNT]);
    host.stop().await;
    let mut received: Vec<_> = relay
        .stop()
        .into_iter()
        .flat_map(|message| message.rcpt_tos)
        .collect();
    assert_eq!(received.len(), COUNT);
    received.sort_unstable();
    received.dedup();
    assert_eq!(received.len(), COUNT);
}

/// Longer than the delay before the first retry, which is about a minute.
const RETRY_LIMIT: Duration = Duration::from_mins(3);

#[case]
async fn temporary_refusal_is_retried_and_permanent_one_is_not() {
    let relay = Relay::start(Features::default());
    let host = through_smtp(&relay).await;
    let order = order(json!([
        { "emailAddress": "once.451.4-3-0@example.no" },
        { "emailAddress": "reply.550.5-1-1@example.no" },
        { "emailAddress": "data.554.5-7-1@example.no" },
        { "emailAddress": "kari@example.no" },
    ]));
    let id = accepted(&host, &order).await;
    let with_first = |first| [first, "Failed_Bounced", "Failed", "Succeeded"];
    await_statuses(&host, &id, &with_first("Failed_TransientError")).await;
    let begun = Instant::now();
    while processing_status(&host, &id).await != "Completed" {
        assert!(begun.elapsed() < RETRY_LIMIT, "{id} is stuck");
        trigger().send(&host).await.expect(200);
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(statuses(&host, &id).await, with_first("Succeeded"));
    host.stop().await;
    let received = relay.stop();
    let received: Vec<_> = received
        .iter()
        .map(|message| &message.rcpt_tos[0])
        .collect();
    assert_eq!(received, ["kari@example.no", "once.451.4-3-0@example.no"]);
}

#[case]
async fn azure_sends_an_order_and_reports_its_delivery() {
    let azure = Azure::start().await;
    let app = App {
        sender: Sender::Acs {
            endpoint: azure.endpoint(),
            key: Azure::key(),
            follow_seconds: 4,
        },
        ..App::default()
    };
    let host = app.serve(&[]).await;
    let order = order(json!([{ "emailAddress": "kari@example.no" }]));
    let id = accepted(&host, &order).await;
    settled(&host, &id).await;
    assert_eq!(statuses(&host, &id).await, ["Succeeded"]);
    assert_eq!(azure.refused(), Vec::<String>::new());
    let operations = azure.operations();
    let notifications = notifications(&host, &id).await;
    let operation = notifications[0]["id"].as_str().unwrap();
    assert!(operations.contains_key(operation), "{operations:?}");

    let event = json!([{
        "eventType": "Microsoft.Communication.EmailDeliveryReportReceived",
        "data": { "messageId": operation, "status": "Delivered" },
    }]);
    report(&host, "acs", &event).await;
    assert_eq!(statuses(&host, &id).await, ["Delivered"]);
    host.stop().await;
}

#[case]
async fn sender_of_another_team_replaces_ours() {
    let app = App {
        sender: Sender::Own,
        ..App::default()
    };
    let host = app.serve(&[]).await;
    let order = order(json!([
        { "emailAddress": "kari@example.no" },
        { "emailAddress": "kari@elsewhere.example" },
    ]));
    let id = accepted(&host, &order).await;
    settled(&host, &id).await;
    let expected = ["Succeeded", "Failed_SupressedRecipient"];
    assert_eq!(statuses(&host, &id).await, expected);
    // Reports may use the id that this sender has given the email.
    let notifications = notifications(&host, &id).await;
    let provider_id = format!("own-{}", notifications[0]["id"].as_str().unwrap());
    let quarantined = json!({ "providerId": provider_id, "status": "Failed_Quarantined" });
    report(&host, "own", &quarantined).await;
    assert_eq!(statuses(&host, &id).await[0], "Failed_Quarantined");
    host.stop().await;
}

#[case]
async fn contacts_are_looked_up_for_the_answer_and_for_the_emails() {
    let app = App {
        contacts: contacts(),
        ..App::default()
    };
    let host = app.serve(&[]).await;
    let recipients = json!([
        { "organizationNumber": "991825827" },
        { "nationalIdentityNumber": "02056260016" },
        { "nationalIdentityNumber": "16069412345" },
        { "organizationNumber": "123456789" },
        { "emailAddress": "someone@example.no" },
    ]);
    let mut order = order(recipients);
    order["subject"] = "Til $recipientName$".into();
    order["body"] = "Nr. $recipientNumber$".into();
    let answer = post_order(&order).send(&host).await.expect(202);
    assert_eq!(
        answer.json()["recipientLookup"],
        json!({
            "status": "PartialSuccess",
            "isReserved": ["02056260016"],
            "missingContact": ["123456789"],
        })
    );
    let id = order_id(&answer);
    settled(&host, &id).await;
    assert_eq!(
        statuses(&host, &id).await,
        [
            "Delivered",
            "Delivered",
            "Failed_RecipientReserved",
            "Delivered",
            "Failed_RecipientNotIdentified",
            "Delivered",
        ]
    );
    let notifications = notifications(&host, &id).await;
    let recipients: Vec<_> = notifications.iter().map(|one| &one["recipient"]).collect();
    assert_eq!(
        recipients,
        [
            &json!({ "emailAddress": "arkiv@example.no", "organizationNumber": "991825827" }),
            &json!({ "emailAddress": "post@example.no", "organizationNumber": "991825827" }),
            &json!({ "emailAddress": "", "nationalIdentityNumber": "02056260016" }),
            &json!({ "emailAddress": "kare@example.no", "nationalIdentityNumber": "16069412345" }),
            &json!({ "emailAddress": "", "organizationNumber": "123456789" }),
            &json!({ "emailAddress": "someone@example.no" }),
        ]
    );
    let mut mails: Vec<_> = mails(&host)
        .await
        .iter()
        .map(|mail| {
            ["to", "subject", "body"].map(|member| mail[member].as_str().unwrap().to_owned())
        })
        .collect();
    mails.sort_unstable();
    assert_eq!(
        mails,
        [
            ["arkiv@example.no", "Til Blåbær & Sønn AS", "Nr. 991825827"],
            ["kare@example.no", "Til Kåre Ærlig", "Nr. "],
            ["post@example.no", "Til Blåbær & Sønn AS", "Nr. 991825827"],
            // Keywords stay as they are for recipients by address.
            [
                "someone@example.no",
                "Til $recipientName$",
                "Nr. $recipientNumber$"
            ],
        ]
    );

    // An order that ignores the reservation reaches her.
    order["ignoreReservation"] = true.into();
    order["recipients"] = json!([{ "nationalIdentityNumber": "02056260016" }]);
    let answer = post_order(&order).send(&host).await.expect(202);
    assert_eq!(answer.json()["recipientLookup"]["status"], "Success");
    let id = order_id(&answer);
    settled(&host, &id).await;
    assert_eq!(statuses(&host, &id).await, ["Delivered"]);
    host.stop().await;
}
