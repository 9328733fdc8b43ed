"""Forms: what a reader meets, what is accepted, and what a form's author is told."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.approvals.forms import Record, check, draft, read_form, resolve
from app.approvals.forms.kinds import mask_example, mask_pattern
from app.approvals.forms.places import countries, currencies, language_of
from app.approvals.forms.resolve import ResolvedField, ResolvedForm
from app.approvals.forms.words import summary
from app.kernel.errors import BadInput

TODAY = date(2026, 11, 22)
PARTNER = {"user": {"scope": "partner", "kind": "reseller"}, "partner": {"kind": "reseller", "level": "Gold"}}
STAFF = {"user": {"scope": "staff", "kind": "rep", "roles": ["rep"]}, "partner": {"level": "Gold"}}


def fields(*parts: dict[str, Any], rules: Any = (), **more: Any) -> dict[str, Any]:
    """A form with one section of these fields; a label is made where there is none."""
    made = [{"label": part["key"].capitalize(), **part} for part in parts]
    return {"sections": [{"key": "all", "title": "All", "fields": made}], "rules": list(rules), **more}


def text(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "type": "text", **more}


def field(form: ResolvedForm, name: str) -> ResolvedField:
    return next(one for section in form.sections for one in section.fields if one.name == name)


def names(form: ResolvedForm) -> list[str]:
    return [one.name for section in form.sections for one in section.fields if one.visible]


def refused(document: dict[str, Any], language: str = "en", **record: Any) -> dict[str, str]:
    with pytest.raises(BadInput) as error:
        check(read_form(document), Record(today=TODAY, **record), language)
    assert error.value.error_code == "form_faults"
    return error.value.fields


def accepted(document: dict[str, Any], **record: Any) -> dict[str, Any]:
    return check(read_form(document), Record(today=TODAY, **record))


# -- values of each type -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "given", "kept"),
    [
        ({"type": "text"}, "  Bosch Rexroth  ", "Bosch Rexroth"),
        ({"type": "long_text"}, "one\r\ntwo\n", "one\ntwo"),
        ({"type": "email"}, "Eva.Keller@BOSCH.de", "eva.keller@bosch.de"),
        ({"type": "phone"}, "+49 (0) 89 123-456", "+49 (0) 89 123-456"),
        ({"type": "url"}, "www.bosch.com/de", "www.bosch.com/de"),
        ({"type": "integer"}, "12", 12),
        ({"type": "integer"}, 0, 0),
        ({"type": "decimal"}, "1250.50", "1250.50"),
        ({"type": "money", "currency": "EUR"}, "1250.5", "1250.50"),
        ({"type": "money", "currency": "EUR"}, 1250, "1250.00"),
        ({"type": "money", "currency": "JPY"}, "500000", "500000"),
        ({"type": "money", "currency": "KWD"}, "1.5", "1.500"),
        ({"type": "date"}, "2027-03-14", "2027-03-14"),
        ({"type": "country"}, "DE", "DE"),
        ({"type": "currency"}, "CHF", "CHF"),
        ({"type": "choice", "options": ["a", "b"]}, "b", "b"),
        ({"type": "multi_choice", "options": ["a", "b", "c"]}, ["c", "a"], ["a", "c"]),
        ({"type": "boolean"}, False, False),
        ({"type": "reference", "reference": "product_family"}, "Servo Drives", "Servo Drives"),
    ],
)
def test_a_value_is_kept_in_one_form(part: dict[str, Any], given: Any, kept: Any) -> None:
    assert accepted(fields({"key": "x", **part}), values={"x": given}) == {"x": kept}
    again = accepted(fields({"key": "x", **part}), values={"x": kept}, stored={"x": kept})
    assert again == {"x": kept}


ONE_LINE = "takes one line without control characters. Write it on one line."
A_NUMBER = "takes a number. Write it with a point before the decimals, such as 1250.50."


@pytest.mark.parametrize(
    ("part", "given", "sentence"),
    [
        ({"type": "text"}, "two\nlines", ONE_LINE),
        ({"type": "text"}, "bell\x07", ONE_LINE),
        ({"type": "text"}, 5, "takes text. Write text."),
        ({"type": "text", "max_length": 3}, "four", "is too long. Write at most 3 characters."),
        ({"type": "text", "min_length": 3}, "ab", "is too short. Write at least 3 characters."),
        ({"type": "text", "mask": "AA-9+"}, "A-1", "looks different. Write it like AA-111."),
        ({"type": "email"}, "eva", "is no mail address. Write it like name@company.com."),
        ({"type": "phone"}, "call me", "is no phone number. Write it like +49 89 1234567."),
        ({"type": "url"}, "javascript:alert(1)", "is no web address. Write it like https://www.company.com."),
        ({"type": "integer"}, "1.5", "takes a whole number. Write it in digits, such as 12."),
        ({"type": "integer"}, True, "takes a whole number. Write it in digits, such as 12."),
        ({"type": "integer", "max": 1000}, 1001, "is too large. Give 1,000 or less."),
        ({"type": "decimal"}, 0.1, A_NUMBER),
        ({"type": "decimal"}, "1.250,50", A_NUMBER),
        ({"type": "decimal", "decimals": 1}, "0.25", "has too many decimals. Write at most 1."),
        ({"type": "money", "currency": "JPY"}, "100.5", "has too many decimals for JPY. Write at most 0."),
        ({"type": "money", "currency": "EUR", "min": "10.00"}, "9.99", "is too small. Give €10.00 or more."),
        ({"type": "date"}, "14.03.2027", "takes a day. Write it as YYYY-MM-DD, such as 2027-03-14."),
        ({"type": "date"}, "2027-02-29", "takes a day. Write it as YYYY-MM-DD, such as 2027-03-14."),
        ({"type": "date", "min": "today"}, "2026-11-21", "is too early. Choose November 22, 2026 or later."),
        ({"type": "date", "max": "today+30"}, "2026-12-23",
         "is too late. Choose December 22, 2026 or earlier."),
        ({"type": "country"}, "Germany", "takes a country's two-letter code. Choose a country, such as DE."),
        ({"type": "currency"}, "DEM",
         "takes a currency's three-letter code. Choose a currency, such as EUR."),
        ({"type": "choice", "options": ["a"]}, "b",
         "does not offer this. Choose one of the offered answers."),
        ({"type": "multi_choice", "options": ["a", "b"]}, ["a", "a"],
         "takes several answers. Choose each once."),
        ({"type": "multi_choice", "options": ["a", "b"], "max_count": 1}, ["a", "b"],
         "has too many entries. Give at most 1."),
        ({"type": "boolean"}, "yes", "takes yes or no. Choose one."),
        ({"type": "boolean", "must_be": True}, False, "has to be answered with yes to continue."),
        ({"type": "file"}, ["some-id"], "takes files. Attach them, rather than writing here."),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_with_what_to_do(
    part: dict[str, Any], given: Any, sentence: str
) -> None:
    assert refused(fields({"key": "x", **part}), values={"x": given}) == {"x": f"“X” {sentence}"}


def test_limits_hold_at_their_ends() -> None:
    form = fields(
        {"key": "amount", "type": "money", "min": {"EUR": "10.00", "JPY": 1000}, "max": {"EUR": "20.00"}},
        {"key": "currency", "type": "currency"},
    )
    assert accepted(form, values={"amount": "10.00", "currency": "EUR"})["amount"] == "10.00"
    assert accepted(form, values={"amount": "20.00", "currency": "EUR"})["amount"] == "20.00"
    assert "€20.00" in refused(form, values={"amount": "20.01", "currency": "EUR"})["amount"]
    assert "¥1,000" in refused(form, values={"amount": "999", "currency": "JPY"})["amount"]
    assert accepted(form, values={"amount": "9000000", "currency": "CHF"})["amount"] == "9000000.00"


def test_every_missing_field_is_named_at_once() -> None:
    form = fields(
        text("name", required=True),
        {"key": "kind", "type": "choice", "options": ["a"], "required": True},
        {"key": "proof", "type": "file", "required": True},
        {"key": "lines", "type": "lines", "required": True, "fields": [text("code", label="Code")]},
        text("note"),
    )
    assert refused(form, values={"name": "  ", "lines": []}) == {
        "name": "“Name” is missing. Fill it in.",
        "kind": "“Kind” is missing. Choose one of the offered answers.",
        "proof": "“Proof” is missing. Attach a file.",
        "lines": "“Lines” has no line yet. Add at least one.",
    }
    done = accepted(
        form, values={"name": "x", "kind": "a", "lines": [{"code": "1"}]}, files={"proof": ["id-1"]}
    )
    assert done == {"name": "x", "kind": "a", "proof": ["id-1"], "lines": [{"code": "1"}]}


def test_a_reference_must_point_to_something() -> None:
    form = fields({"key": "family", "type": "reference", "reference": "product_family"})
    known = Record(values={"family": "Servo Drives"}, exists=lambda kind, value: value == "Servo Drives")
    assert check(read_form(form), known) == {"family": "Servo Drives"}
    unknown = refused(form, values={"family": "Rockets"}, exists=lambda kind, value: value == "Servo Drives")
    assert unknown == {"family": "“Family” is not known here. Search for it and choose it from the list."}


# -- lines ---------------------------------------------------------------------------------------------

LINES = fields(
    {"key": "currency", "type": "currency", "default": "EUR"},
    {
        "key": "products",
        "type": "lines",
        "label": {"en": "Products", "de": "Produkte"},
        "max_count": 3,
        "fields": [
            {"key": "code", "type": "text", "label": {"en": "Part", "de": "Teil"}, "required": True},
            {"key": "number", "type": "integer", "label": "Number", "min": 1, "default": 1},
            {"key": "reason", "type": "text", "label": "Reason",
             "required": {"field": "number", "op": "gt", "value": 100}},
        ],
    },
)  # fmt: skip


def test_each_line_is_checked_and_named() -> None:
    rows = [{"code": "A", "number": 100}, {"number": 0}, {"code": "C", "number": 101}]
    assert refused(LINES, "de", values={"products": rows}) == {
        "products.1.code": "Zeile 2: „Teil“ fehlt. Bitte ausfüllen.",
        "products.1.number": "Zeile 2: „Number“ ist zu klein. Bitte 1 oder mehr angeben.",
        "products.2.reason": "Zeile 3: „Reason“ fehlt. Bitte ausfüllen.",
    }
    assert accepted(LINES, values={"products": [{"code": " A "}]})["products"] == [{"code": "A", "number": 1}]


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ("A", "products"), ({"code": "A"}, "products"), (["A"], "products"),
        ([{"code": "A", "price": 1}], "products.0.price"), ([{"code": "A"}] * 4, "products"),
        ([{"code": "A"}] * 201, "products"),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_are_refused(lines: Any, path: str) -> None:
    assert list(refused(LINES, values={"products": lines})) == [path]


def test_how_many_lines_there_are_is_a_fact() -> None:
    form = copy.deepcopy(LINES)
    form["sections"][0]["fields"].append({**text("why"), "label": "Why"})
    form["rules"] = [{"when": {"field": "products.count", "op": "gt", "value": 1}, "require": ["why"]}]
    assert accepted(form, values={"products": [{"code": "A"}]})
    assert list(refused(form, values={"products": [{"code": "A"}, {"code": "B"}]})) == ["why"]


# -- who reads, and what the record says ---------------------------------------------------------------

DEAL = fields(
    text("name", required=True),
    {"key": "amount", "type": "money"},
    {"key": "currency", "type": "currency", "default": "EUR", "options": ["EUR", "USD"]},
    text("margin", visible={"field": "user.scope", "op": "eq", "value": "staff"}),
    {"key": "rival", "type": "boolean"},
    text("rival_name", visible={"field": "rival", "op": "eq", "value": True}, required=True),
    {"key": "discount", "type": "integer", "default": 5},
    {"key": "proof", "type": "file"},
    {"key": "support", "type": "choice", "options": ["mail", "phone", "visit"]},
    rules=[
        {"when": {"field": "amount", "op": "above", "value": {"EUR": "100000.00"}}, "require": ["proof"],
         "help": {"proof": "A deal of this size needs evidence."}, "limit": {"discount": {"max": 20}}},
        {"when": {"field": "user.scope", "op": "eq", "value": "partner"}, "lock": ["discount"]},
        {"when": {"not": {"field": "partner.level", "op": "eq", "value": "Gold"}},
         "options": {"support": ["mail"]}, "default": {"support": "mail"}},
    ],
)  # fmt: skip


def deal(facts: dict[str, Any], **values: Any) -> ResolvedForm:
    return resolve(read_form(DEAL), Record(facts=facts, values=values, today=TODAY))


def test_a_partner_and_a_rep_meet_different_fields_in_the_same_form() -> None:
    partner, rep = deal(PARTNER), deal(STAFF)
    assert "margin" in names(rep)
    assert "margin" not in [one.name for section in partner.sections for one in section.fields]
    assert (field(partner, "discount").read_only, field(rep, "discount").read_only) == (True, False)
    assert field(partner, "discount").value == 5


def test_what_the_record_says_shows_requires_and_limits() -> None:
    small, large = deal(STAFF, amount="100000.00"), deal(STAFF, amount="100000.01", rival=True)
    assert (field(small, "proof").required, field(large, "proof").required) == (False, True)
    assert field(large, "proof").help == "A deal of this size needs evidence."
    assert (field(small, "discount").max, field(large, "discount").max) == (None, "20")
    assert (field(small, "rival_name").visible, field(large, "rival_name").visible) == (False, True)
    assert field(large, "rival_name").required
    assert not field(small, "rival_name").required
    assert [one.name for one in large.sections[0].fields if one.drives] == ["amount", "currency", "rival"]


def test_the_level_of_the_partner_decides_what_is_offered() -> None:
    gold, silver = deal(PARTNER), deal(PARTNER | {"partner": {"level": "Silver"}})
    assert [one.value for one in field(gold, "support").options or ()] == ["mail", "phone", "visit"]
    assert [one.value for one in field(silver, "support").options or ()] == ["mail"]
    assert (field(gold, "support").value, field(silver, "support").value) == (None, "mail")
    silver_facts = PARTNER | {"partner": {"level": "Silver"}}
    assert list(refused(DEAL, facts=silver_facts, values={"name": "x", "support": "visit"})) == ["support"]


def test_hidden_locked_and_unknown_fields_are_refused_unless_unchanged() -> None:
    stored = {"name": "x", "margin": "40", "discount": 7}
    sent = {"name": "y", "margin": "99", "discount": 50, "state": "approved", "rival_name": "Acme"}
    assert refused(DEAL, facts=PARTNER, values=sent, stored=stored) == {
        "state": "The form has no such field. Leave it out.",
        "margin": "The form has no such field. Leave it out.",
        "rival_name": "The form has no such field. Leave it out.",
        "discount": "“Discount” cannot be changed here. Leave it as it is.",
    }
    kept = accepted(DEAL, facts=PARTNER, values=stored | {"name": "y"}, stored=stored)
    assert kept == {"name": "y", "currency": "EUR", "margin": "40", "discount": 7}


def test_what_others_put_in_stays_and_what_lost_its_cause_goes() -> None:
    stored = {"name": "x", "margin": "40", "rival": True, "rival_name": "Acme"}
    kept = accepted(DEAL, facts=PARTNER, values={"rival": False}, stored=stored)
    assert "rival_name" not in kept
    assert (kept["margin"], kept["rival"]) == ("40", False)


def test_a_field_that_is_locked_by_the_record_falls_back_to_its_default() -> None:
    form = fields(
        {"key": "units", "type": "integer"},
        {"key": "discount", "type": "integer", "default": 0,
         "read_only": {"field": "units", "op": "lt", "value": 100}},
    )  # fmt: skip
    large = accepted(form, values={"units": 100, "discount": 30})
    assert large == {"units": 100, "discount": 30}
    assert accepted(form, values={"units": 5}, stored=large) == {"units": 5, "discount": 0}


def test_later_rules_win_and_a_section_without_cause_is_not_there() -> None:
    form = fields(
        text("a"),
        text("b"),
        rules=[{"require": ["a", "b"]}, {"when": {"field": "b", "op": "present"}, "optional": ["a"]}],
    )
    form["sections"].append(
        {"key": "more", "title": "More", "when": {"field": "a", "op": "eq", "value": "more"},
         "fields": [{**text("c", required=True), "label": "C"}]}
    )  # fmt: skip
    assert list(refused(form, values={})) == ["a", "b"]
    assert accepted(form, values={"b": "x"}) == {"b": "x"}
    assert list(refused(form, values={"a": "more", "b": "x"})) == ["c"]
    assert [section.key for section in resolve(read_form(form), Record()).sections] == ["all"]


def test_one_of_two_fields_can_be_demanded() -> None:
    form = fields(
        text("mail", required={"field": "phone", "op": "absent"}),
        text("phone", required={"field": "mail", "op": "absent"}),
    )
    assert list(refused(form, values={})) == ["mail", "phone"]
    assert accepted(form, values={"phone": "1"}) == {"phone": "1"}


# -- what is filled in ---------------------------------------------------------------------------------


def test_known_values_are_filled_in_and_say_where_they_come_from() -> None:
    form = fields(text("name", required=True, prefill="account.name"), text("mail", prefill="user.email"))
    record = Record(known={"account.name": "Nordwind GmbH", "user.email": "anna@nordwind.de"})
    shown = resolve(read_form(form), record, "de")
    assert field(shown, "name").value == "Nordwind GmbH"
    assert field(shown, "name").provenance == "aus Ihrem Firmendatensatz"
    assert field(shown, "mail").provenance == "aus Ihrem Benutzerdatensatz"
    assert shown.complete
    assert check(read_form(form), record) == {"name": "Nordwind GmbH", "mail": "anna@nordwind.de"}
    changed = Record(values={"name": "Nordwind AG", "mail": ""}, known=record.known)
    emptied = check(read_form(form), changed)
    assert emptied == {"name": "Nordwind AG", "mail": None}
    assert check(read_form(form), Record(stored=emptied, known=record.known)) == emptied
    assert field(resolve(read_form(form), changed), "name").provenance == ""


def test_what_the_crm_knows_is_not_filled_in_where_it_does_not_fit() -> None:
    form = fields({"key": "site", "type": "url", "prefill": "account.website"})
    assert check(read_form(form), Record(known={"account.website": "none yet!"})) == {}


def test_a_draft_keeps_what_was_typed_but_not_what_may_not_be_written() -> None:
    form = read_form(DEAL)
    typed = {"name": "", "amount": "a lot", "rival": True, "rival_name": "Acme"}
    kept = draft(form, Record(facts=PARTNER, values=typed))
    assert kept == {"amount": "a lot", "rival": True, "rival_name": "Acme"}
    shown = resolve(form, Record(facts=PARTNER, values=kept, stored=kept))
    assert field(shown, "amount").value == "a lot"
    assert sorted(shown.errors) == ["amount", "name"]
    for forbidden in ({"margin": "1"}, {"discount": 99}, {"state": "approved"}, {"name": "nul\x00"}):
        with pytest.raises(BadInput) as error:
            draft(form, Record(facts=PARTNER, values=forbidden))
        assert list(error.value.fields) == list(forbidden)


def test_too_much_is_refused() -> None:
    long_text = {"key": "x", "type": "long_text", "max_length": 4000}
    many = fields(*[{**long_text, "key": f"x{n}"} for n in range(80)])
    values = {f"x{n}": "y" * 3900 for n in range(80)}
    assert list(refused(many, values=values)) == ["values"]


# -- languages -----------------------------------------------------------------------------------------


def test_numbers_and_days_are_written_as_the_reader_writes_them() -> None:
    form = fields({"key": "amount", "type": "money", "currency": "EUR", "max": "1250.50"},
                  {"key": "day", "type": "date", "min": "today"})  # fmt: skip
    values = {"amount": "99999.00", "day": "2026-11-21"}
    said = {language: refused(form, language, values=values) for language in ("en_US", "de-AT", "es", "ja")}
    assert "€1,250.50" in said["en_US"]["amount"]
    assert "1.250,50\xa0€" in said["de-AT"]["amount"]
    assert "22. November 2026" in said["de-AT"]["day"]
    assert "22 de noviembre de 2026" in said["es"]["day"]
    assert "2026年11月22日" in said["ja"]["day"]


def test_an_unknown_language_reads_english() -> None:
    assert [language_of(one) for one in ("de_DE", "JA", "es-MX", "fr", "")] == ["de", "ja", "es", "en", "en"]
    assert summary(1200, "de")[0] == "1.200 Felder brauchen Ihre Aufmerksamkeit."


def test_countries_and_currencies_are_those_of_today() -> None:
    assert {"DE", "JP", "XK", "TW"} <= countries()
    assert not {"EU", "ZZ", "XA"} & countries()
    assert {"EUR", "JPY", "USD"} <= currencies()
    assert not {"DEM", "XXX", "XAU"} & currencies()


# -- faults of a form ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        ([], "form", "Write a mapping"),
        ({"sections": []}, "form.sections", "at least one"),
        (fields({"key": "Bad Key", "type": "text"}), "form.sections[0].fields[0].key", "small letters"),
        (fields({"key": "x", "type": "html"}), "form.sections[0].fields[0].type", "Choose"),
        (fields(text("x", color="red")), "form.sections[0].fields[0].color", "nothing of this name"),
        (fields(text("x"), text("x")), "form.sections[0].fields[1].key", "there twice"),
        (fields(text("user")), "form.sections[0].fields[0].key", "means something else"),
        (fields(text("x", min=1)), "form.sections[0].fields[0].min", "type text has no min"),
        (fields({"key": "x", "type": "choice"}), "form.sections[0].fields[0].options", "needs options"),
        (fields({"key": "x", "type": "lines"}), "form.sections[0].fields[0].fields", "needs fields"),
        (fields({"key": "x", "type": "money"}), "form.sections[0].fields[0].currency_field", "needs a field"),
        (fields({"key": "x", "type": "integer", "min": 5, "max": 4}), "form.sections[0].fields[0].max",
         "nothing fits"),
        (fields({"key": "x", "type": "decimal", "min": 0.5}), "form.sections[0].fields[0].min", "quotes"),
        (fields({"key": "x", "type": "integer", "default": "many"}), "form.sections[0].fields[0].default",
         "own default"),
        (fields({"key": "x", "type": "country", "options": ["DE", "ZZ"]}),
         "form.sections[0].fields[0].options", "no country ZZ"),
        (fields({"key": "x", "type": "file", "accept": ["exe"]}), "form.sections[0].fields[0].accept",
         "cannot be checked"),
        (fields(text("x", prefill="account.secret")), "form.sections[0].fields[0].prefill", "no source"),
        (fields(text("x", mask="A+A+A+")), "form.sections[0].fields[0].mask", "at most two"),
        (fields(text("x", required={"field": "y", "op": "present"})),
         "form.sections[0].fields[0].required", "asks for y"),
        (fields(text("x"), rules=[{"when": {"field": "x", "op": "is"}, "hide": ["x"]}]),
         "form.rules[0].when.op", "no such comparison"),
        (fields(text("x"), rules=[{"hide": ["y"]}]), "form.rules[0].hide.y", "no field y"),
        (fields(text("x"), rules=[{"when": {"field": "x", "op": "present"}}]), "form.rules[0]",
         "does nothing"),
        (fields(text("x"), rules=[{"limit": {"x": {"max": 5}}}]), "form.rules[0].limit.x.max", "has no max"),
        (fields({"key": "x", "type": "choice", "options": ["a"]}, rules=[{"options": {"x": ["b"]}}]),
         "form.rules[0].options.x", "no option b"),
        (fields(text("x", visible={"field": "y", "op": "present"}),
                text("y", visible={"field": "x", "op": "present"})),
         "form.rules", "x, y depend on each other in a circle"),
        (fields(text("x", label={"en": "X"}), languages=["en", "ja"]), "form.sections[0].fields[0].label",
         "missing in ja"),
        (fields(text("x", label={"fr": "X"})), "form.sections[0].fields[0].label", "no language fr"),
        (fields(*[text(f"x{n}", required=True) for n in range(9)], max_required=8), "form.max_required",
         "9 required fields"),
        (fields(*[text(f"x{n}", required={"field": "user.kind", "op": "eq", "value": "rep"})
                  for n in range(9)], max_required=8), "form.max_required", "rep meets 9 required fields"),
    ],
)  # fmt: skip
def test_a_fault_of_a_form_is_named_with_its_place(document: Any, path: str, words: str) -> None:
    with pytest.raises(BadInput) as error:
        read_form(document)
    assert error.value.error_code == "bad_form"
    assert path in error.value.fields, error.value.fields
    assert words in error.value.fields[path]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(BadInput) as error:
        read_form(fields(text("x", min=1), {"key": "y", "type": "choice"}, rules=[{"hide": ["z"]}]))
    assert len(error.value.fields) == 3


@pytest.mark.parametrize(
    ("mask", "fits", "fails", "example"),
    [
        ("AA-9+", ["ab-1", "XY-123"], ["a-1", "ab-", "ab-x"], "AA-111"),
        (r"\A9.X", ["A1.b"], ["B1.b", "A1xb"], "A1.A"),
        ("99999", ["01234"], ["1234", "１２３４５"], "11111"),
    ],
)
def test_a_mask_says_which_signs_stand_where(
    mask: str, fits: list[str], fails: list[str], example: str
) -> None:
    form = fields(text("x", mask=mask))
    assert [accepted(form, values={"x": one})["x"] for one in fits] == fits
    assert [list(refused(form, values={"x": one})) for one in fails] == [["x"]] * len(fails)
    assert mask_example(mask) == example
    assert mask_pattern(mask)


# -- laws ----------------------------------------------------------------------------------------------

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["EUR", "a", "visit", "2027-01-01", "100000.01"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4) | st.sampled_from(["code", "number"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FORMS = [read_form(DEAL), read_form(LINES)]
keys = st.sampled_from([*FORMS[0].fields, *FORMS[1].fields, "state"])
values = st.dictionaries(keys, json, max_size=6)


@given(st.sampled_from(FORMS), st.sampled_from([PARTNER, STAFF]), values, values)
def test_any_input_is_accepted_or_refused_in_words(
    form: Any, facts: dict[str, Any], typed: dict[str, Any], stored: dict[str, Any]
) -> None:
    record = Record(facts=facts, values=typed, stored=stored, today=TODAY)
    shown = resolve(form, record)
    errors: dict[str, str] = {}
    try:
        cleaned = check(form, record)
    except BadInput as error:
        errors = error.fields
    assert shown.errors == errors
    if not errors:
        again = Record(facts=facts, values=cleaned, stored=cleaned, today=TODAY)
        assert check(form, again) == cleaned
    assert all(errors.values())


@given(st.sampled_from(FORMS), values)
def test_no_partner_ever_writes_or_reads_what_is_hidden(form: Any, typed: dict[str, Any]) -> None:
    record = Record(facts=PARTNER, values=typed, stored={"margin": "40"}, today=TODAY)
    assert "margin" not in names(resolve(form, record))
    try:
        cleaned = draft(form, record)
    except BadInput:
        return
    assert cleaned.get("margin", "40") == "40"


@given(json)
def test_any_document_is_read_or_refused_in_words(document: Any) -> None:
    for whole in (document, {"sections": document}, {"sections": [{"key": "a", "title": document}]}):
        refusal: BadInput | None = None
        try:
            read_form(whole)
        except BadInput as error:
            refusal = error
        assert refusal is not None
        assert refusal.fields
