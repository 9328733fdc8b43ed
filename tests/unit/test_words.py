"""What the service says to people: in every language, from the same values."""

from __future__ import annotations

import ast
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import BaseModel

from app.deals.conflicts import Overlap
from app.deals.lifecycle import WORDS, State
from app.words import (
    ENGLISH,
    Inside,
    Money,
    Names,
    Said,
    Titles,
    counted,
    from_facts,
    json_of,
    recognised,
    say,
    tongue_of,
)
from app.words.extracting import APP, faults

DE, ES, JA = tongue_of("de_DE"), tongue_of("es"), tongue_of("ja")
#: Rooms whose sentences readers of the pages meet, and what only admins read there.
ROOMS = ("approvals", "deals", "partners", "records", "web")
ADMINS = (
    "approvals/commands.py", "approvals/document", "approvals/forms", "approvals/process",
    "approvals/crm.py", "approvals/roles.py", "approvals/store.py", "approvals/mail.py",
    "approvals/attachments/scanning.py", "partners/commands.py", "partners/adoption.py",
    "web/commands.py", "web/identity.py", "web/assertions.py", "web/oauth.py",
)  # fmt: skip
ERRORS = {"BadInput", "Conflict", "NotAllowed", "NotAuthenticated", "NotFound", "TooMany", "Unavailable"}


def test_every_sentence_is_there_in_every_language_with_the_same_places() -> None:
    assert faults() == []


def test_no_sentence_is_the_english_one_in_another_language() -> None:
    from app.words.extracting import found

    same = {
        (tongue.language, one.message)
        for one in found()
        for tongue in (DE, ES, JA)
        if " " in one.message.partition("{")[0].strip()
        and tongue.says(say(one.message)) == one.message
        and not one.message.startswith("{")
    }
    assert same == set()


def test_errors_for_readers_of_the_pages_are_sentences_with_translations() -> None:
    plain = []
    for room in ROOMS:
        for file in sorted((APP / room).rglob("*.py")):
            if str(file.relative_to(APP)).startswith(ADMINS):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                    texts = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "remedy")]
                    plain += [f"{file.name}:{one.lineno}" for one in texts if _is_text(one)]
    assert plain == []


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.Constant)


def test_a_day_an_amount_and_a_list_are_written_as_the_reader_writes_them() -> None:
    sentence = say("The deal is protected until {day}.", day=date(2027, 3, 14))
    assert sentence == "The deal is protected until 14 March 2027."
    assert tongue_of("en_US").says(sentence) == "The deal is protected until March 14, 2027."
    assert DE.says(sentence) == "Das Geschäft ist bis 14. März 2027 geschützt."
    assert ES.says(sentence) == "La operación está protegida hasta el 14 de marzo de 2027."
    assert JA.says(sentence) == "案件は 2027年3月14日 まで保護されます。"
    amount = Money(Decimal("1250.50"), "EUR")
    assert [one.shows(amount) for one in (DE, tongue_of("de_AT"), JA)] == [
        "1.250,50\xa0€",
        "€\xa01.250,50",
        "€1,250.50",
    ]
    assert DE.shows(Names(("Ann", "Kim", "Robin"), "or")) == "Ann, Kim oder Robin"


def test_a_moment_is_told_in_the_readers_zone() -> None:
    moment = datetime(2027, 3, 14, 20, tzinfo=UTC)
    assert ENGLISH.shows(moment) == "14 March 2027 20:00 UTC"
    assert tongue_of("ja_JP", zone="Asia/Tokyo").shows(moment) == "2027年3月15日 5:00 JST"


def test_one_is_told_otherwise_than_several() -> None:
    one, two = (counted("One field is missing.", "{count} fields are missing.", count=n) for n in (1, 2))
    assert [DE.says(one), DE.says(two)] == ["Ein Feld fehlt.", "2 Felder fehlen."]
    assert [ES.says(one), ES.says(two)] == ["Falta un campo.", "Faltan 2 campos."]
    assert JA.says(one) == "未入力の項目が 1 件あります。"


def test_a_state_inside_a_sentence_is_small_in_english_and_as_it_is_in_german() -> None:
    sentence = say(
        "{number} is {state}: this is not possible now.",
        number="DR-1001",
        state=Inside(WORDS[State.INFO_NEEDED]),
    )
    assert sentence == "DR-1001 is information needed: this is not possible now."
    assert DE.says(sentence) == "DR-1001 hat den Stand „Auskunft erbeten“: Das ist jetzt nicht möglich."


@pytest.mark.parametrize(
    ("asked", "locale", "found"),
    [
        ("de", "", "de"),
        ("de-CH", "", "de_CH"),
        ("en-US", "en_GB", "en_GB"),  # Salesforce says en_US of all who read English
        ("de", "de_AT", "de_AT"),
        ("ja", "en_US", "ja"),  # nobody writes Japanese as in the United States
        ("en_US", "", "en_US"),
        ("fr", "fr_FR", "en_FR"),  # English, with days as in France
        ("", "", "en_GB"),
        ("x" * 300, "", "en"),
    ],
)
def test_the_country_belongs_to_the_language(asked: str, locale: str, found: str) -> None:
    assert str(tongue_of(asked, locale).locale) == found


def test_a_stored_sentence_is_read_in_each_language_from_the_same_facts() -> None:
    sentence = say(
        "{who} approved it in the step “{step}”.",
        who=say("{who} (for {behalf})", who="Ann Lee", behalf="Robin Berg"),
        step=Titles({"en": "Finance", "de": "Finanzen", "ja": "財務"}),
    )
    again = from_facts(json.loads(json_of(sentence) or ""), "")
    assert again == sentence == "Ann Lee (for Robin Berg) approved it in the step “Finance”."
    assert DE.says(again) == "Ann Lee (für Robin Berg) hat im Schritt „Finanzen“ genehmigt."
    assert JA.says(again) == "Robin Berg さんの代理の Ann Lee さんがステップ「財務」で承認しました。"
    full = say(
        "{a}", a=Names((date(2027, 1, 2), Decimal("1.50"), 7, True, datetime(2027, 1, 2, tzinfo=UTC)), "and")
    )
    assert from_facts(json.loads(json_of(full) or ""), "") == full


def test_what_was_stored_before_there_were_facts_is_read_as_it_is() -> None:
    assert DE.says(from_facts(None, "The deal was won.")) == "The deal was won."


def test_a_message_that_the_code_no_longer_says_is_still_read_in_english_where_no_catalogue_has_it() -> None:
    old = from_facts({"say": "Formerly {what}.", "with": {"what": "so"}}, "Formerly so.")
    assert JA.says(old) == "Formerly so."


def test_a_name_with_curly_brackets_stays_a_name() -> None:
    assert DE.says(say("{who} answered.", who="{0} {who}")) == "{0} {who} hat geantwortet."


def test_reasons_of_the_service_are_known_again_and_those_of_people_are_not() -> None:
    known = (say("Application {number} approved."), say("Changed in Salesforce."))
    assert DE.says(recognised("Application AP-1001 approved.", known)) == "Antrag AP-1001 genehmigt."
    assert DE.says(recognised("They sell well.", known)) == "They sell well."


def test_an_overlap_says_the_same_to_everybody_in_the_own_language() -> None:
    overlap = Overlap("registration", None, "account", number="DR-1042", until=date(2027, 3, 14))  # type: ignore[arg-type]
    assert overlap.sentence() == (
        "This deal overlaps DR-1042 of another partner (same customer, same product family, open until "
        "14 March 2027). You can add evidence or withdraw."
    )
    assert ES.says(overlap.sentence()) == (
        "Esta operación coincide con DR-1042 de otro partner (mismo cliente, misma familia de productos, "
        "abierta hasta el 14 de marzo de 2027). Puede aportar pruebas o retirarla."
    )


def test_an_answer_is_written_in_the_readers_language() -> None:
    class Answer(BaseModel):
        state_words: Said

    answer = Answer(state_words=WORDS[State.SUBMITTED])
    assert answer.model_dump_json(context={"tongue": JA}) == '{"state_words":"提出済み"}'
    assert answer.model_dump_json() == '{"state_words":"Submitted"}'
    assert Answer.model_json_schema()["properties"]["state_words"]["type"] == "string"
