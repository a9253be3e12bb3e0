"""A person reads the documentation, pastes a token and places an order."""

import json
import os

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DESKTOP = (1280, 1024)
PHONE = (375, 812)
PLACE_ORDER = "[id^='operations-'][id$='-placeOrder']"


def shown(page, selector):
    """Returns the first visible element of a selector, once there is one."""

    def found(driver):
        elements = driver.find_elements(By.CSS_SELECTOR, selector)
        return next((element for element in elements if element.is_displayed()), None)

    return WebDriverWait(page.driver, 20).until(found, f"nothing shows {selector}")


def expand(page, operation):
    shown(page, f"{operation} .opblock-summary-control").click()
    shown(page, f"{operation} .opblock-body")


def authorize(page, token):
    shown(page, ".btn.authorize").click()
    shown(page, ".auth-container input[type='text']").send_keys(token)
    shown(page, ".auth-btn-wrapper .authorize").click()
    shown(page, ".auth-btn-wrapper .btn-done").click()


def paths_of(document):
    methods = {"get", "put", "post", "delete", "head", "options"}
    return sum(len(methods & item.keys()) for item in document["paths"].values())


def test_an_order_is_placed_from_the_page(open_page):
    page = open_page(*DESKTOP)
    shown(page, PLACE_ORDER)
    served = page.driver.execute_async_script(
        "const done = arguments[0]; fetch('/openapi.json').then(a => a.text()).then(done);"
    )
    listed = page.driver.find_elements(By.CSS_SELECTOR, ".opblock")
    assert len(listed) == paths_of(json.loads(served))
    page.screenshot("desktop")

    authorize(page, os.environ["BEARER_TOKEN"])
    expand(page, PLACE_ORDER)
    for _ in range(2):
        shown(page, f"{PLACE_ORDER} .execute").click()
        status = shown(page, f"{PLACE_ORDER} .live-responses-table tbody .response-col_status")
        assert status.text.split()[0] == "202"
        shown(page, f"{PLACE_ORDER} .btn-clear").click()
    shown(page, f"{PLACE_ORDER} .execute").click()
    shown(page, f"{PLACE_ORDER} .live-responses-table")
    page.screenshot("desktop-answer")

    assert page.complaints() == []
    assert page.foreign_requests() == []


def test_the_page_fits_a_phone(open_page):
    page = open_page(*PHONE)
    shown(page, PLACE_ORDER)
    page.screenshot("phone")
    assert page.overflow() == 0
    expand(page, PLACE_ORDER)
    page.screenshot("phone-operation")
    assert page.overflow() == 0
    assert page.complaints() == []
    assert page.foreign_requests() == []
