"""The sentences of validation, in every language of forms. `{label}` is the field's, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "required": {
        "en": "“{label}” is missing. Fill it in.",
        "de": "„{label}“ fehlt. Bitte ausfüllen.",
        "es": "Falta «{label}». Complételo.",
        "ja": "「{label}」が未入力です。入力してください。",
    },
    "required_choice": {
        "en": "“{label}” is missing. Choose one of the offered answers.",
        "de": "„{label}“ fehlt. Bitte eine der angebotenen Antworten wählen.",
        "es": "Falta «{label}». Elija una de las respuestas ofrecidas.",
        "ja": "「{label}」が未選択です。表示された選択肢から選んでください。",
    },
    "required_file": {
        "en": "“{label}” is missing. Attach a file.",
        "de": "„{label}“ fehlt. Bitte eine Datei anhängen.",
        "es": "Falta «{label}». Adjunte un archivo.",
        "ja": "「{label}」がありません。ファイルを添付してください。",
    },
    "required_lines": {
        "en": "“{label}” has no line yet. Add at least one.",
        "de": "„{label}“ hat noch keine Zeile. Bitte mindestens eine anlegen.",
        "es": "«{label}» aún no tiene líneas. Añada al menos una.",
        "ja": "「{label}」に明細がありません。1行以上追加してください。",
    },
    "must_be": {
        "en": "“{label}” has to be answered with {value} to continue.",
        "de": "„{label}“ muss mit {value} beantwortet werden, um fortzufahren.",
        "es": "Para continuar, responda {value} a «{label}».",
        "ja": "続けるには「{label}」に{value}と回答してください。",
    },
    "text": {
        "en": "“{label}” takes text. Write text.",
        "de": "„{label}“ nimmt Text auf. Bitte Text schreiben.",
        "es": "«{label}» admite texto. Escriba un texto.",
        "ja": "「{label}」には文字を入力してください。",
    },
    "line": {
        "en": "“{label}” takes one line without control characters. Write it on one line.",
        "de": "„{label}“ nimmt eine Zeile ohne Steuerzeichen auf. Bitte in eine Zeile schreiben.",
        "es": "«{label}» admite una sola línea sin caracteres de control. Escríbalo en una línea.",
        "ja": "「{label}」は制御文字のない1行で入力してください。",
    },
    "too_short": {
        "en": "“{label}” is too short. Write at least {min} characters.",
        "de": "„{label}“ ist zu kurz. Bitte mindestens {min} Zeichen schreiben.",
        "es": "«{label}» es demasiado corto. Escriba al menos {min} caracteres.",
        "ja": "「{label}」が短すぎます。{min}文字以上で入力してください。",
    },
    "too_long": {
        "en": "“{label}” is too long. Write at most {max} characters.",
        "de": "„{label}“ ist zu lang. Bitte höchstens {max} Zeichen schreiben.",
        "es": "«{label}» es demasiado largo. Escriba {max} caracteres como máximo.",
        "ja": "「{label}」が長すぎます。{max}文字以内で入力してください。",
    },
    "mask": {
        "en": "“{label}” looks different. Write it like {example}.",
        "de": "„{label}“ sieht anders aus. Bitte wie {example} schreiben.",
        "es": "«{label}» tiene otro formato. Escríbalo como {example}.",
        "ja": "「{label}」の形式が違います。{example}のように入力してください。",
    },
    "email": {
        "en": "“{label}” is no mail address. Write it like name@company.com.",
        "de": "„{label}“ ist keine E-Mail-Adresse. Bitte wie name@firma.de schreiben.",
        "es": "«{label}» no es una dirección de correo. Escríbala como nombre@empresa.com.",
        "ja": "「{label}」がメールアドレスではありません。name@company.co.jp のように入力してください。",
    },
    "phone": {
        "en": "“{label}” is no phone number. Write it like +49 89 1234567.",
        "de": "„{label}“ ist keine Telefonnummer. Bitte wie +49 89 1234567 schreiben.",
        "es": "«{label}» no es un número de teléfono. Escríbalo como +34 91 1234567.",
        "ja": "「{label}」が電話番号ではありません。+81 3 1234 5678 のように入力してください。",
    },
    "url": {
        "en": "“{label}” is no web address. Write it like https://www.company.com.",
        "de": "„{label}“ ist keine Webadresse. Bitte wie https://www.firma.de schreiben.",
        "es": "«{label}» no es una dirección web. Escríbala como https://www.empresa.com.",
        "ja": "「{label}」がウェブアドレスではありません。https://www.company.jp のように入力してください。",
    },
    "integer": {
        "en": "“{label}” takes a whole number. Write it in digits, such as 12.",
        "de": "„{label}“ nimmt eine ganze Zahl auf. Bitte in Ziffern schreiben, etwa 12.",
        "es": "«{label}» admite un número entero. Escríbalo con cifras, por ejemplo 12.",
        "ja": "「{label}」には整数を入力してください(例: 12)。",
    },
    "decimal": {
        "en": "“{label}” takes a number. Write it with a point before the decimals, such as 1250.50.",
        "de": "„{label}“ nimmt eine Zahl auf. Bitte mit Punkt vor den Dezimalen schreiben, etwa 1250.50.",
        "es": "«{label}» admite un número. Escríbalo con punto antes de los decimales, por ejemplo 1250.50.",
        "ja": "「{label}」には数値を入力してください(例: 1250.50)。",
    },
    "decimals": {
        "en": "“{label}” has too many decimals. Write at most {max}.",
        "de": "„{label}“ hat zu viele Dezimalstellen. Bitte höchstens {max} schreiben.",
        "es": "«{label}» tiene demasiados decimales. Escriba {max} como máximo.",
        "ja": "「{label}」の小数が長すぎます。小数点以下{max}桁以内で入力してください。",
    },
    "minor": {
        "en": "“{label}” has too many decimals for {currency}. Write at most {max}.",
        "de": "„{label}“ hat zu viele Dezimalstellen für {currency}. Bitte höchstens {max} schreiben.",
        "es": "«{label}» tiene demasiados decimales para {currency}. Escriba {max} como máximo.",
        "ja": "「{label}」の小数が{currency}には長すぎます。小数点以下{max}桁以内で入力してください。",
    },
    "too_small": {
        "en": "“{label}” is too small. Give {min} or more.",
        "de": "„{label}“ ist zu klein. Bitte {min} oder mehr angeben.",
        "es": "«{label}» es demasiado pequeño. Indique {min} o más.",
        "ja": "「{label}」が小さすぎます。{min}以上を入力してください。",
    },
    "too_large": {
        "en": "“{label}” is too large. Give {max} or less.",
        "de": "„{label}“ ist zu groß. Bitte {max} oder weniger angeben.",
        "es": "«{label}» es demasiado grande. Indique {max} o menos.",
        "ja": "「{label}」が大きすぎます。{max}以下を入力してください。",
    },
    "date": {
        "en": "“{label}” takes a day. Write it as YYYY-MM-DD, such as 2027-03-14.",
        "de": "„{label}“ nimmt einen Tag auf. Bitte als JJJJ-MM-TT schreiben, etwa 2027-03-14.",
        "es": "«{label}» admite un día. Escríbalo como AAAA-MM-DD, por ejemplo 2027-03-14.",
        "ja": "「{label}」には日付を YYYY-MM-DD の形で入力してください(例: 2027-03-14)。",
    },
    "too_early": {
        "en": "“{label}” is too early. Choose {min} or later.",
        "de": "„{label}“ ist zu früh. Bitte den {min} oder später wählen.",
        "es": "«{label}» es demasiado pronto. Elija el {min} o más tarde.",
        "ja": "「{label}」が早すぎます。{min}以降を選んでください。",
    },
    "too_late": {
        "en": "“{label}” is too late. Choose {max} or earlier.",
        "de": "„{label}“ ist zu spät. Bitte den {max} oder früher wählen.",
        "es": "«{label}» es demasiado tarde. Elija el {max} o antes.",
        "ja": "「{label}」が遅すぎます。{max}以前を選んでください。",
    },
    "country": {
        "en": "“{label}” takes a country's two-letter code. Choose a country, such as DE.",
        "de": "„{label}“ nimmt den zweibuchstabigen Code eines Landes auf. Bitte ein Land wählen, etwa DE.",
        "es": "«{label}» admite el código de dos letras de un país. Elija un país, por ejemplo ES.",
        "ja": "「{label}」には国の2文字コードを選んでください(例: JP)。",
    },
    "currency": {
        "en": "“{label}” takes a currency's three-letter code. Choose a currency, such as EUR.",
        "de": "„{label}“ nimmt den Code einer Währung auf. Bitte eine Währung wählen, etwa EUR.",
        "es": "«{label}» admite el código de una moneda. Elija una moneda, por ejemplo EUR.",
        "ja": "「{label}」には通貨の3文字コードを選んでください(例: JPY)。",
    },
    "option": {
        "en": "“{label}” does not offer this. Choose one of the offered answers.",
        "de": "„{label}“ bietet das nicht an. Bitte eine der angebotenen Antworten wählen.",
        "es": "«{label}» no ofrece esta respuesta. Elija una de las ofrecidas.",
        "ja": "「{label}」にその選択肢はありません。表示された選択肢から選んでください。",
    },
    "list": {
        "en": "“{label}” takes several answers. Choose each once.",
        "de": "„{label}“ nimmt mehrere Antworten auf. Bitte jede einmal wählen.",
        "es": "«{label}» admite varias respuestas. Elija cada una una vez.",
        "ja": "「{label}」は複数選択です。それぞれ1回だけ選んでください。",
    },
    "too_few": {
        "en": "“{label}” has too few entries. Give at least {min}.",
        "de": "„{label}“ hat zu wenige Einträge. Bitte mindestens {min} angeben.",
        "es": "«{label}» tiene muy pocas entradas. Indique al menos {min}.",
        "ja": "「{label}」の件数が足りません。{min}件以上にしてください。",
    },
    "too_many": {
        "en": "“{label}” has too many entries. Give at most {max}.",
        "de": "„{label}“ hat zu viele Einträge. Bitte höchstens {max} angeben.",
        "es": "«{label}» tiene demasiadas entradas. Indique {max} como máximo.",
        "ja": "「{label}」の件数が多すぎます。{max}件以内にしてください。",
    },
    "boolean": {
        "en": "“{label}” takes yes or no. Choose one.",
        "de": "„{label}“ nimmt Ja oder Nein auf. Bitte eines wählen.",
        "es": "«{label}» admite sí o no. Elija uno.",
        "ja": "「{label}」は「はい」か「いいえ」を選んでください。",
    },
    "lines": {
        "en": "“{label}” takes lines. Send a list with an entry for each line.",
        "de": "„{label}“ nimmt Zeilen auf. Bitte eine Liste mit einem Eintrag je Zeile senden.",
        "es": "«{label}» admite líneas. Envíe una lista con una entrada por línea.",
        "ja": "「{label}」は明細です。1行ごとの一覧で送信してください。",
    },
    "file": {
        "en": "“{label}” takes files. Attach them, rather than writing here.",
        "de": "„{label}“ nimmt Dateien auf. Bitte anhängen, statt hier zu schreiben.",
        "es": "«{label}» admite archivos. Adjúntelos en lugar de escribir aquí.",
        "ja": "「{label}」にはファイルを添付してください。",
    },
    "reference": {
        "en": "“{label}” is not known here. Search for it and choose it from the list.",
        "de": "„{label}“ ist hier nicht bekannt. Bitte suchen und aus der Liste wählen.",
        "es": "«{label}» no se conoce aquí. Búsquelo y elíjalo de la lista.",
        "ja": "「{label}」が見つかりません。検索して一覧から選んでください。",
    },
    "read_only": {
        "en": "“{label}” cannot be changed here. Leave it as it is.",
        "de": "„{label}“ kann hier nicht geändert werden. Bitte unverändert lassen.",
        "es": "«{label}» no se puede cambiar aquí. Déjelo como está.",
        "ja": "「{label}」はここでは変更できません。そのままにしてください。",
    },
    "unknown": {
        "en": "The form has no such field. Leave it out.",
        "de": "Das Formular hat kein solches Feld. Bitte weglassen.",
        "es": "El formulario no tiene este campo. Elimínelo.",
        "ja": "このフォームにその項目はありません。削除してください。",
    },
    "in_line": {
        "en": "Line {line}: {sentence}",
        "de": "Zeile {line}: {sentence}",
        "es": "Línea {line}: {sentence}",
        "ja": "{line}行目: {sentence}",
    },
    "yes": {"en": "yes", "de": "Ja", "es": "sí", "ja": "「はい」"},
    "no": {"en": "no", "de": "Nein", "es": "no", "ja": "「いいえ」"},
    "one_fault": {
        "en": "One field needs your attention.",
        "de": "Ein Feld braucht Ihre Aufmerksamkeit.",
        "es": "Un campo requiere su atención.",
        "ja": "確認が必要な項目が1件あります。",
    },
    "faults": {
        "en": "{count} fields need your attention.",
        "de": "{count} Felder brauchen Ihre Aufmerksamkeit.",
        "es": "{count} campos requieren su atención.",
        "ja": "確認が必要な項目が{count}件あります。",
    },
    "correct_one": {
        "en": "Correct it and send the form again.",
        "de": "Bitte korrigieren und das Formular noch einmal senden.",
        "es": "Corríjalo y envíe el formulario de nuevo.",
        "ja": "修正して、もう一度送信してください。",
    },
    "correct": {
        "en": "Correct them and send the form again.",
        "de": "Bitte korrigieren und das Formular noch einmal senden.",
        "es": "Corríjalos y envíe el formulario de nuevo.",
        "ja": "修正して、もう一度送信してください。",
    },
    "too_much": {
        "en": "The form holds too much. Shorten the texts or remove lines.",
        "de": "Das Formular enthält zu viel. Bitte Texte kürzen oder Zeilen entfernen.",
        "es": "El formulario contiene demasiado. Acorte los textos o elimine líneas.",
        "ja": "フォームの内容が多すぎます。文を短くするか、明細を減らしてください。",
    },
    "from_account": {
        "en": "from your company record",
        "de": "aus Ihrem Firmendatensatz",
        "es": "de los datos de su empresa",
        "ja": "会社情報より",
    },
    "from_user": {
        "en": "from your user record",
        "de": "aus Ihrem Benutzerdatensatz",
        "es": "de sus datos de usuario",
        "ja": "ユーザー情報より",
    },
    "from_partner": {
        "en": "from your partner record",
        "de": "aus Ihrem Partnerdatensatz",
        "es": "de sus datos de socio",
        "ja": "パートナー情報より",
    },
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in its currency, to be shown; without a currency, a plain number."""

    amount: Decimal
    currency: str


def say(key: str, language: str, **params: Any) -> str:
    """A sentence in the reader's language, with numbers and days as the reader writes them."""
    shown = {name: shown_as(value, language) for name, value in params.items()}
    return SENTENCES[key][language].format(**shown)


def shown_as(value: Any, language: str) -> str:
    """A value in a sentence: 1,250.5 and March 14, 2027 in English, 1.250,5 and 14. März 2027 in German."""
    if isinstance(value, bool):
        return SENTENCES["yes" if value else "no"][language]
    if isinstance(value, Money):
        if not value.currency:
            return shown_as(value.amount, language)
        return str(format_currency(value.amount, value.currency, locale=language))
    if isinstance(value, date):
        return str(format_date(value, format="long", locale=language))
    if isinstance(value, (int, Decimal)):
        return str(format_decimal(value, locale=language, decimal_quantization=False))
    return str(value)
