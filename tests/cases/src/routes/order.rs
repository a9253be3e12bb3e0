//! `GET /order/{id}`

use http::Method;
use serde_json::{Value, json};
use test_support::{
    Call, Host, assert_rows, case, get,
    order::{FAMILIES, accepted, get_order, order, order_with},
    tokens,
};
use uuid::Uuid;

#[case]
async fn order_is_shown_as_registered(host: &Host) {
    let order = order_with(json!({
        "subject": "Hello $recipientName$",
        "body": "<p>Text</p>",
        "contentType": "Html",
        "requestedSendTime": "2030-01-31T08:00:00+01:00",
        "ignoreReservation": false,
        "resourceId": "urn:altinn:resource:my-service",
        "resourceAction": "read",
        "conditionEndpoint": "https://api.example.no/send?id=1",
        "recipients": [
            { "emailAddress": "someone@example.no" },
            { "organizationNumber": "123456789" },
            { "nationalIdentityNumber": "16069412345" },
        ],
    }));
    let id = accepted(host, &order).await;
    for family in FAMILIES {
        let path = format!("{}/{id}", family.orders);
        let answer = get(&path)
            .bearer(tokens::bearer())
            .send(host)
            .await
            .expect(200);
        let mut got = answer.json();
        let created = got.as_object_mut().unwrap().remove("created");
        assert!(
            created.is_some_and(|created| created.is_string()),
            "{answer}"
        );
        let expected = json!({
            "id": id,
            "sendersReference": order["sendersReference"],
            "requestedSendTime": "2030-01-31T07:00:00Z",
            "creator": tokens::ORG,
            "notificationChannel": "Email",
            "ignoreReservation": false,
            "resourceId": "urn:altinn:resource:my-service",
            "resourceAction": "read",
            "conditionEndpoint": "https://api.example.no/send?id=1",
            "recipients": order["recipients"],
            "emailTemplate": {
                "fromAddress": "noreply@altinn.cloud",
                "subject": "Hello $recipientName$",
                "body": "<p>Text</p>",
                "contentType": "Html",
            },
            "links": { "self": path, "status": format!("{path}/status") },
        });
        assert_eq!(got, expected);
    }
}

#[case]
async fn id_in_any_spelling_matches(host: &Host) {
    let id = accepted(host, &order()).await;
    let simple = id.replace('-', "");
    let mut rows = Vec::new();
    for path in [
        format!("/order/{id}"),
        format!("/order/{id}/"),
        format!("/order/{id}?x=1"),
        format!("/order/{}", id.to_uppercase()),
        format!("/order/{simple}"),
        format!("/order/{}", simple.to_uppercase()),
        format!("/ORDER/{id}"),
        format!("/order/{}", encoded(&id)),
        format!("/%6Frder/{}/", encoded(&simple)),
        format!("/Notifications/api/V1/orders/{simple}/"),
    ] {
        let answer = get(&path)
            .bearer(tokens::bearer())
            .send(host)
            .await
            .expect(200);
        rows.push((path, answer.json()["id"].clone(), json!(id)));
    }
    assert_rows(rows);
}

/// Percent-encodes every character.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[case]
async fn malformed_id_is_400(host: &Host) {
    let id = Uuid::new_v4().to_string();
    let mut rows = Vec::new();
    for text in [
        "x".to_owned(),
        "1".to_owned(),
        "0".repeat(31),
        "0".repeat(33),
        format!("{id}0"),
        id[1..].to_owned(),
        id.replace('-', "_"),
        format!("%7B{id}%7D"),
        format!("urn:uuid:{id}"),
        format!("{}g", &id[..35]),
        format!("{id}%00"),
        format!("{id}%20"),
        "%00".to_owned(),
        "%ff%fe".to_owned(),
        "%C3%A6".to_owned(),
        "..".replace('.', "%2E"),
        id.replace('-', "%2F"),
        format!("{id}%2Fstatus"),
        "'%20OR%201=1".to_owned(),
        "$ref".to_owned(),
        "x".repeat(5000),
    ] {
        for family in FAMILIES {
            let path = format!("{}/{text}", family.orders);
            let answer = get(&path).bearer(tokens::bearer()).send(host).await;
            rows.push((path, answer.outcome(), (400, vec!["id".to_owned()])));
        }
    }
    assert_rows(rows);
}

#[case]
async fn order_of_another_creator_is_404_like_an_unknown_one(host: &Host) {
    let id = accepted(host, &order()).await;
    let unknown = Uuid::new_v4().to_string();
    let other = tokens::bearer_of(tokens::OTHER_ORG);

    let problem_of = async |id: &str, call: Call| {
        let answer = call.send(host).await.expect(404);
        let mut problem = answer.problem();
        problem.trace_id.clear();
        problem.detail = problem.detail.replace(id, "{id}");
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (problem, names)
    };
    let expected = problem_of(&unknown, get_order(&unknown)).await;
    let path = format!("/order/{id}");
    assert_eq!(problem_of(&id, get(&path).bearer(&other)).await, expected);
    let platform = get(&path).platform(tokens::platform());
    assert_eq!(problem_of(&id, platform).await, expected);
    let both = get(&path)
        .bearer(tokens::bearer())
        .platform(tokens::platform());
    assert_eq!(problem_of(&id, both).await, expected);

    get_order(&id).send(host).await.expect(200);
}

#[case]
async fn order_without_credentials_is_401_or_403(host: &Host) {
    let id = accepted(host, &order()).await;
    let no_scope = tokens::bearer_with(&tokens::bearer_claims().org(tokens::ORG));
    let no_creator = tokens::bearer_claims().scope(tokens::SCOPE);
    let no_creator = tokens::bearer_with(&no_creator);
    for path in [format!("/order/{id}"), format!("/order/{}", Uuid::new_v4())] {
        get(&path).send(host).await.expect(401).problem();
        get(&path)
            .bearer("x")
            .send(host)
            .await
            .expect(401)
            .problem();
        get(&path)
            .bearer(&no_scope)
            .send(host)
            .await
            .expect(403)
            .problem();
        get(&path)
            .bearer(&no_creator)
            .send(host)
            .await
            .expect(403)
            .problem();
    }
    get("/order/x").send(host).await.expect(401).problem();
}

#[case]
async fn head_of_order_has_no_body(host: &Host) {
    let id = accepted(host, &order()).await;
    for (id, status) in [
        (id.as_str(), 200),
        ("x", 400),
        (&Uuid::new_v4().to_string(), 404),
    ] {
        let path = format!("/order/{id}");
        let get = get(&path)
            .bearer(tokens::bearer())
            .send(host)
            .await
            .expect(status);
        let head = Call::new(Method::HEAD.as_str(), &path)
            .bearer(tokens::bearer())
            .send(host)
            .await
            .expect(status);
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{head}");
        }
    }
    Call::new("HEAD", format!("/order/{id}"))
        .send(host)
        .await
        .expect(401);
}

#[case]
async fn body_of_get_is_ignored(host: &Host) {
    let id = accepted(host, &order()).await;
    let mut rows = Vec::new();
    for body in ["", "{", "x"] {
        let answer = get_order(&id).body(body).send(host).await.expect(200);
        rows.push((body, answer.json()["id"].clone(), Value::from(id.as_str())));
    }
    assert_rows(rows);
}
