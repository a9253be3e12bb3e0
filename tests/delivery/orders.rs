//! From an order to what leaves, through the whole application with each sender.

use serde_json::{Value, json};

use crate::support::{App, Azure, Contacts, Features, Relay, Sender, Service, statuses};

/// Through a real SMTP server, with contacts from a list.
async fn through_smtp(relay: &Relay) -> Service {
    let app = App {
        sender: Sender::Smtp {
            relay: relay.address().to_owned(),
            from_name: "Påminnelser",
        },
        contacts: contacts(),
        ..App::default()
    };
    Service::start(app).await
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

fn id(accepted: &Value) -> &str {
    accepted["orderId"].as_str().expect("an id")
}

#[tokio::test]
async fn what_a_server_receives_is_what_was_ordered() {
    let Some(relay) = Relay::start(Features::default()) else {
        return;
    };
    let service = through_smtp(&relay).await;
    let plain = order(json!([{ "emailAddress": "åse@example.no" }]));
    let mut html = order(json!([{ "nationalIdentityNumber": "16069412345" }]));
    html["subject"] = "Hei $recipientName$".into();
    html["body"] = "<p>Hei, $recipientName$: blåbær &amp; rømme</p>".into();
    html["contentType"] = "Html".into();
    let mut ids = Vec::new();
    for order in [&plain, &html] {
        let accepted = service.place(order).await;
        let notifications = service.settled(id(&accepted)).await;
        assert_eq!(statuses(&notifications), ["Succeeded"]);
        ids.push(notifications[0]["id"].clone());
    }
    service.stop().await;

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

#[tokio::test]
async fn five_hundred_recipients_get_an_email_each() {
    const COUNT: usize = 500;
    let Some(relay) = Relay::start(Features::default()) else {
        return;
    };
    let service = through_smtp(&relay).await;
    let recipient = |number| json!({ "emailAddress": format!("{number}@example.no") });
    let recipients: Vec<_> = (0..COUNT).map(recipient).collect();
    let accepted = service.place(&order(recipients.into())).await;
    let notifications = service.settled(id(&accepted)).await;
    assert_eq!(statuses(&notifications), vec!["Succeeded"; COUNT]);
    service.stop().await;
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

/// The first pause between attempts is about a minute.
#[tokio::test]
async fn what_is_refused_for_now_is_sent_later_and_what_is_refused_is_not() {
    let Some(relay) = Relay::start(Features::default()) else {
        return;
    };
    let service = through_smtp(&relay).await;
    let accepted = service
        .place(&order(json!([
            { "emailAddress": "once.451.4-3-0@example.no" },
            { "emailAddress": "reply.550.5-1-1@example.no" },
            { "emailAddress": "data.554.5-7-1@example.no" },
            { "emailAddress": "kari@example.no" },
        ])))
        .await;
    let id = id(&accepted);
    while service.notifications(id).await.len() < 4
        || statuses(&service.notifications(id).await).contains(&"Sending")
    {
        tokio::task::yield_now().await;
    }
    let others = ["Failed_Bounced", "Failed", "Succeeded"];
    let now = service.notifications(id).await;
    assert_eq!(statuses(&now)[0], "Failed_TransientError");
    assert_eq!(statuses(&now)[1..], others);
    let later = service.retried(id).await;
    assert_eq!(statuses(&later)[0], "Succeeded");
    assert_eq!(statuses(&later)[1..], others);
    service.stop().await;
    let received = relay.stop();
    let received: Vec<_> = received
        .iter()
        .map(|message| &message.rcpt_tos[0])
        .collect();
    assert_eq!(received, ["kari@example.no", "once.451.4-3-0@example.no"]);
}

#[tokio::test]
async fn azure_takes_an_order_and_reports_of_it() {
    let azure = Azure::start().await;
    let app = App {
        sender: Sender::Acs {
            endpoint: azure.endpoint(),
            key: Azure::key(),
            follow_seconds: 4,
        },
        ..App::default()
    };
    let service = Service::start(app).await;
    let accepted = service
        .place(&order(json!([{ "emailAddress": "kari@example.no" }])))
        .await;
    let notifications = service.settled(id(&accepted)).await;
    assert_eq!(statuses(&notifications), ["Succeeded"]);
    assert_eq!(azure.refused(), Vec::<String>::new());
    let operations = azure.operations();
    let operation = notifications[0]["id"].as_str().unwrap();
    assert!(operations.contains_key(operation), "{operations:?}");

    let event = json!([{
        "eventType": "Microsoft.Communication.EmailDeliveryReportReceived",
        "data": { "messageId": operation, "status": "Delivered" },
    }]);
    let taken = service.report("acs", &event).await;
    assert_eq!(taken, json!({ "received": 1, "changed": 1 }));
    let notifications = service.notifications(id(&accepted)).await;
    assert_eq!(statuses(&notifications), ["Delivered"]);
    service.stop().await;
}

#[tokio::test]
async fn a_sender_of_ones_own_takes_the_place_of_ours() {
    let app = App {
        sender: Sender::Own,
        ..App::default()
    };
    let service = Service::start(app).await;
    let accepted = service
        .place(&order(json!([
            { "emailAddress": "kari@example.no" },
            { "emailAddress": "kari@elsewhere.example" },
        ])))
        .await;
    let notifications = service.settled(id(&accepted)).await;
    assert_eq!(
        statuses(&notifications),
        ["Succeeded", "Failed_SupressedRecipient"]
    );
    // It is known by the name that this sender gave it.
    let name = format!("own-{}", notifications[0]["id"].as_str().unwrap());
    let report = json!({ "providerId": name, "status": "Failed_Quarantined" });
    let taken = service.report("own", &report).await;
    assert_eq!(taken, json!({ "received": 1, "changed": 1 }));
    let notifications = service.notifications(id(&accepted)).await;
    assert_eq!(statuses(&notifications)[0], "Failed_Quarantined");
    service.stop().await;
}

#[tokio::test]
async fn recipients_are_looked_up_when_they_are_ordered_and_when_they_are_sent_to() {
    let app = App {
        contacts: contacts(),
        ..App::default()
    };
    let service = Service::start(app).await;
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
    let accepted = service.place(&order).await;
    assert_eq!(
        accepted["recipientLookup"],
        json!({
            "status": "PartialSuccess",
            "isReserved": ["02056260016"],
            "missingContact": ["123456789"],
        })
    );
    let notifications = service.settled(id(&accepted)).await;
    assert_eq!(
        statuses(&notifications),
        [
            "Delivered",
            "Delivered",
            "Failed_RecipientReserved",
            "Delivered",
            "Failed_RecipientNotIdentified",
            "Delivered",
        ]
    );
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
    let mut mails: Vec<_> = service
        .mails()
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
            // Whoever is ordered by address gets the text as it is.
            [
                "someone@example.no",
                "Til $recipientName$",
                "Nr. $recipientNumber$"
            ],
        ]
    );

    // Who ignores the reservation reaches her.
    order["ignoreReservation"] = true.into();
    order["recipients"] = json!([{ "nationalIdentityNumber": "02056260016" }]);
    let accepted = service.place(&order).await;
    assert_eq!(accepted["recipientLookup"]["status"], "Success");
    let notifications = service.settled(id(&accepted)).await;
    assert_eq!(statuses(&notifications), ["Delivered"]);
    service.stop().await;
}
