"""What a registration says: its fields, which of them it needs, and what a request carries of them.

Amounts and dates are text in JSON: `"1250.00"`, `"2027-03-14"`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from sqlalchemy.orm import Session

from app.deals import customers
from app.deals.customers import country_code
from app.deals.models import DealRegistration
from app.kernel.errors import BadInput
from app.web.fields import Line, Money, Prose, Strict, Text20, Text40, Text80, no_float
from app.words import counted, one_of, say

_MAIL = re.compile(r"[^@\s<>\"']+@[^@\s<>\"'.]+(\.[^@\s<>\"'.]+)+")


def _country(text: str) -> str:
    code = country_code(text) if text else ""
    if text and not code:
        raise ValueError(say("Write a country's two-letter code, such as DE."))
    return code


def _mail(text: str) -> str:
    if text and not _MAIL.fullmatch(text):
        raise ValueError(say("Write a mail address, such as name@company.com."))
    return text.lower()


def _currency(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError(say("Write a currency's three-letter code, such as EUR."))
    return text.upper()


class DealFields(Strict):
    """What a registration says. Nothing is required before it is submitted."""

    customer_name: Line = ""
    customer_country: Annotated[Text80, AfterValidator(_country)] = ""
    customer_postal_code: Text20 = ""
    customer_city: Text40 = ""
    customer_website: Line = ""
    contact_first_name: Text40 = ""
    contact_last_name: Text80 = ""
    contact_email: Annotated[Text80, AfterValidator(_mail)] = ""
    contact_phone: Text40 = ""
    product_family: Text80 = ""
    products: Annotated[list[Text80], Field(max_length=50)] = []
    amount: Annotated[Money | None, BeforeValidator(no_float)] = None
    currency: Annotated[Text20, AfterValidator(_currency)] = ""
    close_date: date | None = None
    description: Prose = ""


#: Without these there is neither lead nor opportunity, whatever the form of the workflow asks for.
NEEDED: Mapping[str, str] = {
    "customer_name": say("Name the end customer."),
    "customer_country": say("Choose the end customer's country."),
    "contact_last_name": say("Name the person you speak with at the end customer."),
    "product_family": say("Choose the product family."),
    "amount": say("Give the amount you expect."),
    "currency": say("Choose the currency of the amount."),
    "close_date": say("Give the day on which you expect the order."),
}

#: By these it is compared with others: they stay as they were handed in.
IDENTITY = ("customer_name", "customer_country", "customer_postal_code", "customer_website", "product_family")


def take(
    session: Session, registration: DealRegistration, values: Mapping[str, Any], *, fixed: str = ""
) -> None:
    """Put the values of a request into its registration; values that it has no field for stay the request's.

    fixed: why the customer and the product family cannot change any more; empty while they can. Raises
    pydantic's ValidationError and BadInput, with a sentence for each field.
    """
    known = {name: value for name, value in values.items() if name in DealFields.model_fields}
    if known.get("products"):
        known["products"] = [
            line.get("product", "") if isinstance(line, Mapping) else line for line in known["products"]
        ]
    read = DealFields.model_validate(known).model_dump(exclude_unset=True)
    if read.get("product_family"):
        read["product_family"] = _family(session, read["product_family"])
    changed = {name for name, value in read.items() if getattr(registration, name) != value}
    if fixed and (others := [name for name in IDENTITY if name in changed]):
        raise BadInput(
            fixed, fields=dict.fromkeys(others, say("Withdraw this registration and register anew."))
        )
    if changed.intersection(IDENTITY):
        registration.customer_account_id = None
    for name in changed:
        setattr(registration, name, read[name])


def complete(registration: DealRegistration) -> None:
    """Refuse a registration that lacks something, with a sentence for each field. Raises BadInput."""
    missing = {
        name: sentence for name, sentence in NEEDED.items() if getattr(registration, name) in (None, "")
    }
    if missing:
        what = counted("One field is missing.", "{count} fields are missing.", count=len(missing))
        raise BadInput(what, fields=missing, remedy=say("Fill in and submit again."))


def as_values(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a request carries of fields as JSON has them: products are lines of its form."""
    values = dict(fields)
    if values.get("product_family"):
        values["product_family"] = _family(session, values["product_family"])
    if values.get("products"):
        values["products"] = [{"product": product} for product in values["products"]]
    further: dict[str, Any] = values.pop("further", {})
    return further | values


def written(session: Session, registration: DealRegistration) -> dict[str, Any]:
    """The values that a request carries of a registration."""
    fields = DealFields.model_validate(
        {name: getattr(registration, name) for name in DealFields.model_fields}
    )
    given = fields.model_dump(mode="json")
    return as_values(session, {name: value for name, value in given.items() if value})


def title(registration: DealRegistration) -> str:
    """How a list calls the request: customer and product family, as far as they are known."""
    return " – ".join(filter(None, (registration.customer_name, registration.product_family)))


def _family(session: Session, family: str) -> str:
    known = customers.families(session)
    match = {one.casefold(): one for one in known}.get(family.strip().casefold())
    if known and match is None:
        raise BadInput(
            say("The catalogue has no such product family."),
            fields={"product_family": one_of(known)},
        )
    return match or family.strip()
