// The client that openapi-typescript and openapi-fetch make from the document, as its users write
// it. Most of the test is that it compiles.
//
// BASE_URL names a host that serves the API, and BEARER_TOKEN is a token that it accepts.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

type OrderRequest = components["schemas"]["OrderRequest"];
type Problem = components["schemas"]["Problem"];

const DELIVERY_MILLISECONDS = 30_000;

const baseUrl = variable("BASE_URL");
const client = createClient<paths>({
  baseUrl,
  headers: { authorization: `Bearer ${variable("BEARER_TOKEN")}` },
});

function variable(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

function request(emailAddress = "someone@example.no"): OrderRequest {
  return { subject: "Hello", body: "A text.", recipients: [{ emailAddress }] };
}

async function placed(body: OrderRequest): Promise<string> {
  const { data, error, response } = await client.POST("/order/email", { body });
  assert(data?.orderId, error?.detail);
  assert.equal(response.status, 202);
  return data.orderId;
}

async function completed(id: string): Promise<components["schemas"]["OrderStatus"]> {
  const deadline = Date.now() + DELIVERY_MILLISECONDS;
  for (;;) {
    const { data, error } = await client.GET("/order/{id}/status", { params: { path: { id } } });
    assert(data, error?.detail);
    if (data.processingStatus.status === "Completed") {
      return data;
    }
    assert(Date.now() < deadline, `the order is ${data.processingStatus.status}`);
    await sleep(100);
  }
}

test("order placed and followed gives typed objects", async () => {
  const sendersReference = `typescript-${randomUUID()}`;
  const id = await placed({ ...request(), sendersReference });

  const order = await client.GET("/order/{id}", { params: { path: { id } } });
  assert.equal(order.data?.id, id);
  assert.equal(order.data.emailTemplate.subject, "Hello");
  assert.deepEqual(order.data.recipients, [{ emailAddress: "someone@example.no" }]);

  const found = await client.GET("/order", { params: { query: { sendersReference } } });
  assert.equal(found.data?.count, 1);
  assert.equal(found.data.orders[0]?.id, id);

  const status = await completed(id);
  assert.equal(status.notificationsStatusSummary?.email.succeeded, 1);
  const { data } = await client.GET("/order/{id}/notifications/email", {
    params: { path: { id } },
  });
  assert.deepEqual(
    data?.notifications.map((notification) => notification.sendStatus.status),
    ["Delivered"],
  );
});

test("order with other recipients returns their look-up", async () => {
  const { data } = await client.POST("/order/email", {
    body: {
      ...request(),
      recipients: [{ organizationNumber: "123456789" }, { nationalIdentityNumber: "16069412345" }],
    },
  });
  assert.deepEqual(data?.recipientLookup?.missingContact.toSorted(), ["123456789", "16069412345"]);
});

test("dry run returns no order id", async () => {
  const { data, response } = await client.POST("/order/email", {
    params: { query: { dryRun: true } },
    body: request(),
  });
  assert.equal(response.status, 200);
  assert(data);
  assert.equal(data.orderId, undefined);
});

test("repeat with the same key returns the same order", async () => {
  const header = { "Idempotency-Key": `typescript-${randomUUID()}` };
  const repeat = () => client.POST("/order/email", { params: { header }, body: request() });
  const first = await repeat();
  const second = await repeat();
  assert(first.data?.orderId);
  assert.equal(second.data?.orderId, first.data.orderId);
});

test("invalid order returns a problem", async () => {
  const { data, error } = await client.POST("/order/email", { body: request("someone") });
  assert.equal(data, undefined);
  const problem: Problem | undefined = error;
  assert.equal(problem?.status, 400);
  assert.deepEqual(Object.keys(problem.errors ?? {}), ["Recipients[0].EmailAddress"]);
});

test("request without a token returns a problem", async () => {
  const anonymous = createClient<paths>({ baseUrl });
  const { error } = await anonymous.GET("/order/{id}", { params: { path: { id: randomUUID() } } });
  assert.equal(error?.status, 401);
});
