//! The life of an order, as its creator follows it. Other organisations find nothing.

use serde_json::{Value, json};
use test_support::{
    Call, Host, case, get,
    order::{FAMILIES, Family, order_with},
    post, tokens,
};
use uuid::Uuid;

/// A client of the API.
#[derive(Clone, Copy)]
enum Client {
    Bearer,
    Platform,
    /// A bearer of another organisation.
    Stranger,
}

impl Client {
    fn authorize(self, call: Call) -> Call {
        match self {
            Self::Bearer => call.bearer(tokens::bearer()),
            Self::Platform => call.platform(tokens::platform()),
            Self::Stranger => call.bearer(tokens::bearer_of(tokens::OTHER_ORG)),
        }
    }
}

#[case]
async fn order_is_placed_listed_followed_and_cancelled(host: &Host) {
    for family in &FAMILIES {
        for client in [Client::Bearer, Client::Platform] {
            walk(host, family, client).await;
        }
    }
}

async fn walk(host: &Host, family: &Family, client: Client) {
    let reference = Uuid::new_v4().to_string();
    let order = order_with(json!({
        "sendersReference": reference,
        "requestedSendTime": "2030-01-31T08:00:00+01:00",
    }));
    let placed = client.authorize(post(family.order_email)).json(&order);
    let placed = placed.send(host).await.expect(202);
    let location = placed.header("location").expect("a location").to_owned();
    let id = placed.json()["orderId"].as_str().unwrap().to_owned();
    assert_eq!(location, format!("{}/{id}", family.orders));

    let list = format!("{}?sendersReference={reference}", family.orders);
    let status = format!("{location}/status");
    let notifications = format!("{location}/notifications/email");
    let cancel = format!("{location}/cancel");

    let shown = client
        .authorize(get(&location))
        .send(host)
        .await
        .expect(200)
        .json();
    assert_eq!(
        shown["links"],
        json!({ "self": location, "status": status })
    );

    let listed = client
        .authorize(get(&list))
        .send(host)
        .await
        .expect(200)
        .json();
    assert_eq!(listed, json!({ "count": 1, "orders": [shown] }));

    let registered = client
        .authorize(get(&status))
        .send(host)
        .await
        .expect(200)
        .json();
    assert_eq!(registered["processingStatus"]["status"], "Registered");
    assert_eq!(
        registered["processingStatus"]["lastUpdate"],
        shown["created"]
    );
    assert_shares_registration(&registered, &shown);

    let nothing = client
        .authorize(get(&notifications))
        .send(host)
        .await
        .expect(200)
        .json();
    assert_eq!(
        nothing,
        json!({
            "orderId": id, "sendersReference": reference,
            "generated": 0, "succeeded": 0, "notifications": [],
        })
    );

    stranger_finds_nothing(host, [&location, &status, &notifications], &cancel, &list).await;

    let put = || client.authorize(Call::new("PUT", &cancel));
    let cancelled = put().send(host).await.expect(200).json();
    assert_eq!(cancelled["processingStatus"]["status"], "Cancelled");
    assert_shares_registration(&cancelled, &shown);
    let after = client
        .authorize(get(&status))
        .send(host)
        .await
        .expect(200)
        .json();
    assert_eq!(after, cancelled);
    let again = put().send(host).await.expect(200).json();
    assert_eq!(again, cancelled);
}

/// Asserts that a status document has the members of its order up to the condition endpoint.
fn assert_shares_registration(status: &Value, order: &Value) {
    let mut shared = status.as_object().unwrap().clone();
    assert!(shared.remove("processingStatus").is_some());
    let mut expected = order.as_object().unwrap().clone();
    for member in ["recipients", "emailTemplate", "links"] {
        assert!(expected.remove(member).is_some(), "{member}");
    }
    assert_eq!(shared, expected);
}

async fn stranger_finds_nothing(host: &Host, places: [&String; 3], cancel: &str, list: &str) {
    for place in places {
        let answer = Client::Stranger.authorize(get(place)).send(host).await;
        answer.expect(404).problem();
    }
    let answer = Client::Stranger
        .authorize(Call::new("PUT", cancel))
        .send(host)
        .await;
    answer.expect(404).problem();
    let listed = Client::Stranger
        .authorize(get(list))
        .send(host)
        .await
        .expect(200);
    assert_eq!(listed.json(), json!({ "count": 0, "orders": [] }));
}
