"""Passkeys as a person has them: our own page, a real browser and its virtual authenticator."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.access.policy import Role
from dispatch.bootstrap import PAGE
from tests.e2e.browser import Browser, Page
from tests.live import Service

GOOD = "nine herons over grey water"
ASK = "form button:not(.primary):not(.quiet)"
"""The one that asks the browser for a passkey."""

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

pytestmark = pytest.mark.skipif(not (PAGE / "index.html").is_file(), reason="the page is not built: ./run page")


def who(page: Page) -> dict[str, Any]:
    """The session as the service sees this browser."""
    found: dict[str, Any] = page.evaluate("fetch('/api/session').then((answer) => answer.json())")
    return found


def fill(page: Page, complete: str, text: str) -> None:
    page.click(f"input[autocomplete={complete}]")
    page.type(text)


def test_a_passkey_is_made_in_the_page_and_signs_in_alone(browser: Browser, service: Service) -> None:
    administrator = service.person(Role.ADMINISTRATOR)
    made = administrator.call("POST", "/api/accounts", {"name": "li.na", "role": "dispatcher"})
    page = browser.page(service.base.replace("127.0.0.1", "localhost"))
    page.forgive("401")
    page.call("WebAuthn.enable")
    key = page.call("WebAuthn.addVirtualAuthenticator", options=AUTHENTICATOR)["authenticatorId"]

    fill(page, "username", "li.na")
    fill(page, "current-password", made["one_time_password"])
    page.click("button.primary")
    fill(page, "new-password", GOOD)
    page.click("button.primary")
    page.wait("document.querySelector('form figure img') !== null")
    page.click(ASK)
    page.wait("!document.querySelector('main.door')")
    assert (who(page)["account"], who(page)["stage"]) == ("li.na", "ready")
    (credential,) = page.call("WebAuthn.getCredentials", authenticatorId=key)["credentials"]
    assert (credential["rpId"], credential["isResidentCredential"]) == ("localhost", True)
    held = service.access.registry.accounts["li.na"]
    assert [each.site for each in held.passkeys] == ["localhost"]
    assert held.factor is None

    page.call("Network.clearBrowserCookies")
    page.reload()
    page.click(ASK)
    page.wait("!document.querySelector('main.door')")
    assert (who(page)["account"], who(page)["stage"]) == ("li.na", "ready")
    assert service.access.registry.accounts["li.na"].passkeys[0].count > 0

    page.call("Network.clearBrowserCookies")
    page.call("WebAuthn.setUserVerified", authenticatorId=key, isUserVerified=False)  # another finger
    page.reload()
    page.click(ASK)
    page.wait("document.querySelector('.door-problem[role=alert]') !== null")
    assert who(page)["account"] is None


def test_at_an_address_the_page_offers_no_passkey(browser: Browser, service: Service) -> None:
    page = browser.page(service.base)
    page.forgive("401")
    page.wait("document.querySelector('input[autocomplete=username]') !== null")
    assert page.evaluate(f"document.querySelector('{ASK}') === null")
