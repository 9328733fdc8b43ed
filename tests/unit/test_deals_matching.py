"""When two end customers are the same."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deals.matching import Customer, alike, customer, domain_of, name_key, overlapping, postal_key, same


@pytest.mark.parametrize(
    "written",
    [
        "Müller Maschinenbau GmbH",
        "MÜLLER MASCHINENBAU G.m.b.H.",
        "Muller Maschinenbau GmbH & Co. KG",
        "  Müller   Maschinenbau, GmbH ",
        "Mu\u0308ller Maschinenbau AG",
    ],
)
def test_case_accents_spaces_and_legal_forms_do_not_make_another_company(written: str) -> None:
    assert name_key(written) == "muller maschinenbau"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Acme, Inc.", "acme"),
        ("The Acme Company Ltd", "acme"),
        ("Philips N.V.", "philips"),
        ("Telefónica S.A.", "telefonica"),
        ("A.P. Møller - Mærsk A/S", "ap moller maersk"),
        ("Toyota K.K.", "toyota"),
        ("株式会社日立製作所", "日立製作所"),
        ("AT&T Inc.", "at&t"),
        ("Procter & Gamble Co.", "procter gamble"),
        ("Grupo Bimbo, S.A.B. de C.V.", "grupo bimbo"),
        ("SA", "sa"),
        ("Co.", "co"),
    ],
)
def test_a_name_is_known_by_what_is_left_without_its_legal_form(written: str, key: str) -> None:
    assert name_key(written) == key


@given(st.text(max_size=60))
def test_the_key_of_a_key_is_itself(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("https://www.Bosch.de/en/products", "bosch.de"),
        ("shop.bosch.de", "bosch.de"),
        ("http://www.hitachi.co.jp:8080", "hitachi.co.jp"),
        ("eva.keller@mail.bosch.de", "bosch.de"),
        ("eva@gmail.com", ""),
        ("someone@t-online.de", ""),
        ("https://acme.wordpress.com", ""),
        ("https://www.rhein.example/x", "rhein.example"),
        ("192.168.1.4", ""),
        ("localhost", ""),
        ("co.uk", ""),
        ("not a website", ""),
        ("", ""),
    ],
)
def test_a_domain_is_the_part_that_a_company_registers(written: str, domain: str) -> None:
    assert domain_of(written) == domain


def test_a_website_counts_before_a_mail_address() -> None:
    assert customer("Acme", "US", website="acme.com", email="x@other.com").domain == "acme.com"
    assert customer("Acme", "US", email="x@other.com").domain == "other.com"


def test_two_accounts_of_one_group_are_one_customer() -> None:
    ours, sister = Customer("a", "DE", account_id=UUID(int=7)), Customer("b", "FR", account_id=UUID(int=8))
    assert same(ours, ours) == "account"
    assert same(ours, sister, tree={UUID(int=7), UUID(int=8)}) == "account"
    assert same(ours, sister, tree={UUID(int=7)}) is None
    assert same(Customer("a", "DE"), Customer("b", "DE"), tree={UUID(int=7)}) is None


def test_one_domain_is_one_customer_whatever_the_names() -> None:
    one = customer("Bosch Rexroth", "DE", website="boschrexroth.com")
    other = customer("BR Drives", "US", website="www.boschrexroth.com")
    assert same(one, other) == "domain"


def test_a_typing_error_in_the_name_is_forgiven_where_the_postal_code_agrees() -> None:
    one = customer("Siemens Energy AG", "DE", postal_code="81739")
    assert same(one, customer("Simens Energy", "DE", postal_code="81739")) == "name"
    assert same(one, customer("Simens Energy", "DE", postal_code="10115")) is None
    assert same(one, customer("Simens Energy", "AT", postal_code="81739")) is None


def test_names_that_only_share_a_word_are_two_customers() -> None:
    assert same(customer("Siemens AG", "DE"), customer("Siemens Energy AG", "DE")) is None
    assert same(customer("Bosch Rexroth", "DE"), customer("Bosch Power Tools", "DE")) is None


def test_without_a_name_nothing_is_the_same() -> None:
    assert same(Customer("", "DE"), Customer("", "DE")) is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_does_not_depend_on_who_is_first(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)


def test_the_key_of_a_customer_is_its_strongest_sign() -> None:
    assert (
        customer("Acme Inc", "US", website="acme.com", account_id=UUID(int=1)).key == f"account:{UUID(int=1)}"
    )
    assert customer("Acme Inc", "US", website="acme.com").key == "domain:acme.com"
    assert customer("Acme Inc", "us", postal_code="94105-1234").key == "name:US:94105:acme"


@pytest.mark.parametrize(
    ("written", "key"), [("SW1A 1AA", "SW1A1AA"), ("97 816", "97816"), ("１００", "100")]
)
def test_postal_codes_are_compared_without_spaces(written: str, key: str) -> None:
    assert postal_key(written) == key


def test_families_overlap_whatever_their_case() -> None:
    assert overlapping(["Servo Drives"], [" servo drives"])
    assert not overlapping(["Servo Drives"], ["Servo Motors"])
