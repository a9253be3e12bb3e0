"""The client that openapi-python-client generates from the document, as its users write it.

BASE_URL names a host that serves the API, and BEARER_TOKEN is a token that it accepts.
"""

import os
import time
import uuid
from http import HTTPStatus

import pytest
from email_orders_client import AuthenticatedClient, Client
from email_orders_client.api.orders import (
    cancel_order,
    find_orders,
    get_notifications,
    get_order,
    get_order_status,
    place_order,
)
from email_orders_client.models import (
    AcceptedOrder,
    NotificationStatus,
    Order,
    OrderRequest,
    OrderStatus,
    PlacedOrder,
    Problem,
    ProcessingStatus,
    RecipientRequest,
)
from email_orders_client.types import UNSET

BASE_URL = os.environ["BASE_URL"]
DELIVERY_SECONDS = 30


@pytest.fixture
def client():
    return AuthenticatedClient(base_url=BASE_URL, token=os.environ["BEARER_TOKEN"])


def request(address="someone@example.no", **members):
    recipients = [RecipientRequest(email_address=address)]
    return OrderRequest(subject="Hello", body="A text.", recipients=recipients, **members)


def placed(client, **members):
    answer = place_order.sync(client=client, body=request(**members))
    assert isinstance(answer, AcceptedOrder), answer
    assert isinstance(answer.order_id, uuid.UUID)
    return str(answer.order_id)


def completed(client, order_id):
    """Waits until the order is delivered."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    while time.monotonic() < deadline:
        status = get_order_status.sync(order_id, client=client)
        assert isinstance(status, OrderStatus), status
        if status.processing_status.status == ProcessingStatus.COMPLETED:
            return status
        time.sleep(0.1)
    pytest.fail(f"the order is not completed: {status}")


def test_order_placed_and_followed_gives_typed_objects(client):
    reference = f"python-{uuid.uuid4()}"
    order_id = placed(client, senders_reference=reference)

    order = get_order.sync(order_id, client=client)
    assert isinstance(order, Order)
    assert str(order.id) == order_id
    assert order.senders_reference == reference
    assert order.email_template.subject == "Hello"
    assert [recipient.email_address for recipient in order.recipients] == ["someone@example.no"]

    found = find_orders.sync(client=client, senders_reference=reference)
    assert found.count == 1
    assert str(found.orders[0].id) == order_id

    status = completed(client, order_id)
    assert status.notifications_status_summary.email.succeeded == 1
    notifications = get_notifications.sync(order_id, client=client).notifications
    assert [item.send_status.status for item in notifications] == [NotificationStatus.DELIVERED]


def test_order_with_other_recipients_returns_their_look_up(client):
    recipients = [
        RecipientRequest(organization_number="123456789"),
        RecipientRequest(national_identity_number="16069412345"),
    ]
    body = OrderRequest(subject="Hello", body="A text.", recipients=recipients)
    answer = place_order.sync(client=client, body=body)
    assert isinstance(answer, AcceptedOrder), answer
    assert sorted(answer.recipient_lookup.missing_contact) == ["123456789", "16069412345"]


def test_dry_run_returns_no_order_id(client):
    answer = place_order.sync_detailed(client=client, body=request(), dry_run=True)
    assert answer.status_code == HTTPStatus.OK
    assert isinstance(answer.parsed, PlacedOrder)
    assert answer.parsed.order_id is UNSET


def test_repeat_with_the_same_key_returns_the_same_order(client):
    key = f"python-{uuid.uuid4()}"
    ids = {
        place_order.sync(client=client, body=request(), idempotency_key=key).order_id
        for _ in range(2)
    }
    assert len(ids) == 1


def test_invalid_order_returns_a_problem(client):
    problem = place_order.sync(client=client, body=request(address="someone"))
    assert isinstance(problem, Problem)
    assert problem.status == HTTPStatus.BAD_REQUEST
    assert list(problem.errors.additional_properties) == ["Recipients[0].EmailAddress"]
    assert problem.trace_id.startswith("00-")


def test_late_cancellation_returns_a_problem(client):
    order_id = placed(client)
    problem = cancel_order.sync(order_id, client=client)
    assert isinstance(problem, Problem)
    assert problem.status == HTTPStatus.CONFLICT


def test_request_without_a_token_returns_a_problem():
    problem = get_order.sync(str(uuid.uuid4()), client=Client(base_url=BASE_URL))
    assert isinstance(problem, Problem)
    assert problem.status == HTTPStatus.UNAUTHORIZED
