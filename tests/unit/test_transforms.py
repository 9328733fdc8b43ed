"""Values pass from Salesforce to Tandem and back without changing on the way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync.mapping.transforms import NAMES, Transform, TransformError, transform, translate
from app.sync.mapping.values import SF_TYPES, BadValue, canonical


@pytest.mark.parametrize(
    ("raw", "sf_type", "scale", "wanted"),
    [
        ("  Siemens AG ", "string", 0, "Siemens AG"),
        ("a\r\nb\rc", "string", 0, "a\nb\nc"),
        ("   ", "string", 0, None),
        ("NA", "string", 0, "NA"),
        ("None", "string", 0, "None"),
        (None, "boolean", 0, False),
        ("true", "boolean", 0, True),
        (Decimal("5.0"), "int", 0, 5),
        ("12", "int", 0, 12),
        (Decimal("12.3"), "decimal", 2, "12.30"),
        ("0.005", "decimal", 2, "0.01"),
        ("-0.001", "decimal", 2, "0.00"),
        (1200, "decimal", 0, "1200"),
        ("", "decimal", 2, None),
        ("2026-03-31", "date", 0, "2026-03-31"),
        ("2026-03-31T23:04:07.000+0000", "datetime", 0, "2026-03-31T23:04:07Z"),
        ("2026-04-01T01:04:07.900+02:00", "datetime", 0, "2026-03-31T23:04:07Z"),
        ("001000000000001", "id", 0, "001000000000001AAA"),
        ("0015g00000XyZgN", "id", 0, "0015g00000XyZgNAAV"),
        ("C;A;B;A", "multipicklist", 0, "A;B;C"),
        ({"B", "A"}, "multipicklist", 0, "A;B"),
    ],
)
def test_a_value_has_one_canonical_form(raw, sf_type, scale, wanted):
    assert canonical(raw, sf_type, scale) == wanted


@pytest.mark.parametrize(
    ("raw", "sf_type", "says"),
    [
        (12.5, "decimal", "not an exact number"),
        (True, "decimal", "not an exact number"),
        ("1,5", "decimal", "not a number"),
        ("NaN", "decimal", "not a number"),
        ("1.5", "int", "not a whole number"),
        ("yes", "boolean", "neither true nor false"),
        ("2026-02-30", "date", "not a date"),
        (datetime(2026, 3, 31, tzinfo=UTC), "date", "not a date"),
        ("2026-03-31T10:00:00", "datetime", "no time zone"),
        ("00100000000001", "id", "not a Salesforce id"),
        ({"street": "x"}, "string", "not text"),
    ],
)
def test_a_value_of_another_type_is_refused_with_a_sentence(raw, sf_type, says):
    with pytest.raises(BadValue, match=says):
        canonical(raw, sf_type, 2)


def test_ids_that_differ_by_letter_case_stay_two_ids():
    assert canonical("001A00000GNyGNy", "id") != canonical("001A00000gnygny", "id")
    assert str(canonical("001A00000GNyGNy", "id")).lower() != str(canonical("001A00000gnygny", "id")).lower()


RAW = {
    "string": st.none() | st.text(max_size=40),
    "picklist": st.none() | st.text(max_size=20),
    "boolean": st.none() | st.booleans(),
    "int": st.none() | st.integers(-(10**12), 10**12),
    "decimal": st.none() | st.decimals(-(10**12), 10**12, places=4),
    "date": st.none() | st.dates().map(date.isoformat),
    "datetime": st.none()
    | st.datetimes(
        min_value=datetime(1700, 1, 2),  # noqa: DTZ001  # hypothesis adds the zone itself
        max_value=datetime(4000, 12, 30),  # noqa: DTZ001
        timezones=st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h))),
    ).map(datetime.isoformat),
    "id": st.none() | st.from_regex(r"[0-9A-Za-z]{15}", fullmatch=True),
    "multipicklist": st.none() | st.lists(st.sampled_from(["A", "B b", "C"])).map(";".join),
}


def _every_transform() -> list[tuple[str, int, Transform]]:
    made = []
    for sf_type in SF_TYPES:
        scale = 2 if sf_type == "decimal" else 0
        for name in NAMES:
            try:
                made.append(
                    (sf_type, scale, transform("left(5)" if name == "left" else name, sf_type, scale))
                )
            except TransformError:
                continue
        if sf_type in {"string", "picklist"}:
            made.append((sf_type, 0, translate({"Hot": "A", "Cold": "B"}, sf_type)))
            made.append((sf_type, 0, translate({"A": "B", "B": "A"}, sf_type)))
            made.append((sf_type, 0, translate({"A": "B", "B": "C"}, sf_type)))
    return made


@given(st.sampled_from(_every_transform()), st.data())
def test_what_went_out_and_came_back_is_no_change(made, data):
    sf_type, scale, found = made
    theirs = canonical(
        data.draw(RAW[sf_type] | st.sampled_from(["A", "B", "C"]) if sf_type == "string" else RAW[sf_type]),
        sf_type,
        scale,
    )
    assert json.loads(json.dumps(theirs)) == theirs
    local = found.to_local(theirs)
    if found.to_salesforce is None:
        assert found.keeps == "one_way"
        return
    back = found.to_salesforce(local)
    if found.keeps == "exact":
        assert back == theirs
    # In the normal form nothing changes any more, however often it goes round.
    assert found.to_salesforce(found.to_local(back)) == back
    assert canonical(back, sf_type, scale) == back


@given(st.dates(), st.integers(-12, 14))
def test_a_date_is_the_same_day_in_every_time_zone(day, hours):
    found = transform("same", "date")
    assert found.to_local(canonical(day.isoformat(), "date")) == day
    assert found.to_salesforce is not None
    assert found.to_salesforce(day) == day.isoformat()
    with pytest.raises(BadValue):
        found.to_salesforce(datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(hours=hours))))


def test_local_values_have_the_type_of_their_column():
    assert transform("same", "decimal", 2).to_local("12.30") == Decimal("12.30")
    assert transform("same", "datetime").to_local("2026-03-31T23:04:07Z") == datetime(
        2026, 3, 31, 23, 4, 7, tzinfo=UTC
    )
    assert transform("same", "multipicklist").to_local("A;B") == ["A", "B"]
    assert transform("utc_day", "datetime").to_local("2026-03-31T23:04:07Z") == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("name", "sf_type", "scale", "theirs", "local"),
    [
        ("lower", "string", 0, "Anna@Example.COM", "anna@example.com"),
        ("upper", "picklist", 0, "de", "DE"),
        ("trim", "string", 0, "Acme   Inc", "Acme Inc"),
        ("phone", "string", 0, "+49 (89) 636-00 ext. 12", "+4989" + "63600x12"),
        ("phone", "string", 0, "0049 89 63600", "+498963600"),
        ("phone", "string", 0, "call us", "call us"),
        ("negate", "boolean", 0, True, False),
        ("fraction", "decimal", 2, "12.50", Decimal("0.1250")),
        ("minor_units", "decimal", 2, "12.34", 1234),
        ("left(5)", "string", 0, "Acme Inc", "Acme"),
        ("plain_text", "string", 0, "<p>A &amp; B</p><p>C</p>", "A & B\nC"),
    ],
)
def test_each_transform_does_what_its_name_says(name, sf_type, scale, theirs, local):
    assert transform(name, sf_type, scale).to_local(theirs) == local


def test_a_table_of_values_goes_back_only_when_no_two_values_meet():
    both = translate({"Customer - Direct": "direct", "Customer - Channel": "channel"}, "picklist")
    assert both.to_local("Customer - Direct") == "direct"
    assert both.to_local("Prospect") == "Prospect"
    assert both.to_salesforce is not None
    assert both.to_salesforce("channel") == "Customer - Channel"
    meeting = translate({"Customer - Direct": "customer", "Customer - Channel": "customer"}, "picklist")
    assert not meeting.invertible
    assert both != translate({"Customer - Direct": "channel", "Customer - Channel": "direct"}, "picklist")


@pytest.mark.parametrize(
    ("name", "sf_type", "says"),
    [
        ("shout", "string", "There is no transform 'shout'; there are fraction, left,"),
        ("lower", "date", "is for picklist and string fields, not for date"),
        ("left", "string", "takes a number in brackets"),
        ("lower(3)", "string", "takes no arguments"),
        ("left(0)", "string", "at least one character"),
        ("__import__('os')", "string", "There is no transform"),
    ],
)
def test_a_transform_that_does_not_fit_is_refused_with_a_sentence(name, sf_type, says):
    with pytest.raises(TransformError, match=says):
        transform(name, sf_type)
