"""Row locks: a write waits for them as long as the org is told to, and is then refused."""

from __future__ import annotations

import threading
import time

import requests

from tests.fixtures.org import OrgProcess


def change(org: OrgProcess, account: str) -> requests.Response:
    return requests.patch(
        f"{org.http}/services/data/v67.0/sobjects/Account/{account}",
        json={"Phone": "555-0100"},
        headers={"Authorization": f"Bearer {org.access_token}"},
        timeout=30,
    )


def test_a_write_that_meets_a_lock_waits_and_is_then_refused(org: OrgProcess) -> None:
    org.admin("settings", lock_wait_seconds=0.4)
    account = org.insert("Account", Name="Northwind")
    org.act("lock", ids=[account])
    began = time.monotonic()
    refused = change(org, account)
    assert time.monotonic() - began >= 0.4
    assert refused.json() == [
        {
            "message": f"unable to obtain exclusive access to this record or 1 records: {account}",
            "errorCode": "UNABLE_TO_LOCK_ROW",
            "fields": [],
        }
    ]
    assert org.get("Account", account, "Phone") == {"Phone": None}


def test_a_write_goes_on_as_soon_as_the_lock_is_gone_and_others_do_not_wait(org: OrgProcess) -> None:
    org.admin("settings", lock_wait_seconds=20)
    held, free = org.insert("Account", Name="Northwind"), org.insert("Account", Name="Southwind")
    org.act("lock", ids=[held])
    answers: list[requests.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(change(org, held)))
    waiting.start()
    assert change(org, free).status_code == 204
    assert answers == []
    org.act("unlock", ids=[held])
    waiting.join(timeout=10)
    assert [answer.status_code for answer in answers] == [204]
    assert org.get("Account", held, "Phone") == {"Phone": "555-0100"}
