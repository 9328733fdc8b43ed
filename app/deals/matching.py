"""When two end customers are the same. Pure: no database, no network.

Strongest first: the same tree of CRM accounts; the same web domain; the same name, country and postal code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal
from uuid import UUID

from rapidfuzz import fuzz
from tldextract import TLDExtract

#: How alike two names must be (0 to 100); more where no postal code confirms them.
ALIKE = 88.0
ALIKE_WITHOUT_POSTAL_CODE = 94.0

Why = Literal["account", "domain", "name"]

#: Mail hosts and site builders: a shared domain there says nothing about the company.
SHARED_DOMAINS = frozenset(
    """
    163.com aol.com att.net bluewin.ch btinternet.com comcast.net docomo.ne.jp duck.com ezweb.ne.jp
    facebook.com fastmail.com free.fr freenet.de github.io gmail.com gmx.at gmx.ch gmx.com gmx.de
    gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it icloud.com
    inbox.com instagram.com jimdo.com jimdosite.com laposte.net libero.it linkedin.com live.co.uk
    live.com live.de mac.com mail.com mail.ru me.com msn.com naver.com online.de orange.fr outlook.com
    outlook.de outlook.fr posteo.de proton.me protonmail.com protonmail.ch qq.com rediffmail.com
    seznam.cz sfr.fr softbank.ne.jp squarespace.com t-online.de tuta.com tutanota.com verizon.net
    virgilio.it wanadoo.fr web.de weebly.com wix.com wixsite.com wordpress.com wp.pl yahoo.co.jp
    yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.ru ymail.com zoho.com
    """.split()  # noqa: SIM905  # a list of strings would fill a page
)

#: Legal forms, without their dots and accents. They say how a company is built, not which one it is.
_LEGAL_FORMS = sorted(
    """
    ab|ag|ag & co kg|aps|as|asa|a/s|bhd|bv|bvba|co|co kg|co ltd|company|corp|corporation|cv|doo|ehf|ek|eg
    ev|eurl|gbr|gesmbh|ggmbh|gk|gmbh|gmbh & co kg|gmbh & co kgaa|gmbh & co ohg|gmbh & co|gmbh and co kg
    goshi kaisha|goudou kaisha|hf|inc|incorporated|jsc|kabushiki kaisha|kabushiki gaisha|kft|kg|kgaa|kk|kda
    lda|limited|limited liability company|llc|llp|lp|ltd|ltda|ltd sti|mbh|nv|ohg|oy|oyj|ooo|oü|plc|pte|pte ltd
    pty|pty ltd|public limited company|pvt ltd|private limited|s de rl|sa|sa de cv|sab de cv|sapi de cv|sarl
    sas|sasu|sca|scs|se|sia|sl|slu|snc|sociedad anonima|societe anonyme|spa|sp z oo|spzoo|sp zoo|sro|srl|srls
    tbk|uab|ug|ug haftungsbeschrankt|vof|yk|yugen kaisha|zrt
    """.replace("\n", "|").split("|"),
    key=len,
    reverse=True,
)
_FORMS = tuple(tuple(form.split()) for form in (f.strip() for f in _LEGAL_FORMS) if form)
#: Japanese forms are written without spaces, before or after the name.
_JAPANESE_FORMS = re.compile("株式会社|有限会社|合同会社|合資会社|合名会社|\\(株\\)|\\(有\\)|㈱|㈲")
#: Letters that no decomposition takes apart.
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


@dataclass(frozen=True, slots=True)
class Customer:
    """An end customer as far as it is known. account_id: its account in the CRM."""

    name_key: str
    country: str
    postal_code: str = ""
    domain: str = ""
    account_id: UUID | None = None

    @property
    def key(self) -> str:
        """One text by which the customer is recognised: the strongest signal there is."""
        if self.account_id is not None:
            return f"account:{self.account_id}"
        if self.domain:
            return f"domain:{self.domain}"
        return f"name:{self.country}:{self.postal_code}:{self.name_key}"


def customer(
    name: str,
    country: str,
    *,
    postal_code: str = "",
    website: str = "",
    email: str = "",
    account_id: UUID | None = None,
) -> Customer:
    """An end customer from what a person wrote. The website's domain counts before the address's."""
    return Customer(
        name_key=name_key(name),
        country=country.upper(),
        postal_code=postal_key(postal_code),
        domain=domain_of(website) or domain_of(email),
        account_id=account_id,
    )


def same(one: Customer, other: Customer, *, tree: Collection[UUID] = ()) -> Why | None:
    """By what two customers are the same, or None where they are not.

    tree: the accounts of the whole group that `one` belongs to.
    """
    if other.account_id is not None and (other.account_id == one.account_id or other.account_id in tree):
        return "account"
    if one.domain and one.domain == other.domain:
        return "domain"
    return "name" if same_name(one, other) else None


def same_name(one: Customer, other: Customer) -> bool:
    """Whether name, country and, where both have one, postal code are the same."""
    if not one.name_key or not other.name_key or one.country != other.country:
        return False
    if one.postal_code and other.postal_code:
        return one.postal_code == other.postal_code and alike(one.name_key, other.name_key) >= ALIKE
    return alike(one.name_key, other.name_key) >= ALIKE_WITHOUT_POSTAL_CODE


def alike(one: str, other: str) -> float:
    """How alike two name keys are, 0 to 100; the order of the words does not matter."""
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def name_key(name: str) -> str:
    """A company's name without case, accents, punctuation and legal form.

    A name that is nothing but a legal form stays as it is.
    """
    text = _JAPANESE_FORMS.sub(" ", unicodedata.normalize("NFKC", name)).casefold()
    text = unicodedata.normalize("NFKD", text.replace("ä", "a").replace("ö", "o").replace("ü", "u"))
    text = "".join(c for c in text if not unicodedata.combining(c)).translate(_LETTERS)
    # NFKC may have joined what NFKD took apart in Japanese; one form for all.
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"(?<=\w)\.(?=\w)|\.|['’`´]", "", text)
    text = re.sub(r"\ba/s\b", "as", text)
    words = re.sub(r"[^\w&]+", " ", text).replace("_", " ").split()
    words = [word for word in words if word != "the"] or words
    shorter = _without_forms(words)
    return " ".join(word for word in shorter if word not in ("&", "and", "und", "et", "y"))


def _without_forms(words: list[str]) -> list[str]:
    changed = True
    while changed and len(words) > 1:
        changed = False
        for form in _FORMS:
            size = len(form)
            if size < len(words) and tuple(words[-size:]) == form:
                words = words[:-size]
                changed = True
                break
        while len(words) > 1 and words[-1] in ("&", "and", "und"):
            words = words[:-1]
    return words


def postal_key(postal_code: str) -> str:
    """A postal code without spaces, hyphens and case; an American one without its last four digits."""
    text = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", postal_code)).upper()
    return text[:5] if re.fullmatch(r"\d{9}", text) else text


@cache
def _suffixes() -> TLDExtract:
    # The list of public suffixes that comes with the package: never fetched, never cached on disk.
    return TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)


def domain_of(text: str) -> str:
    """The registrable domain of a website or mail address; empty where there is none that tells anything."""
    host = text.strip().rpartition("@")[2]
    if not host:
        return ""
    found = _suffixes()(host)
    domain = found.top_domain_under_public_suffix.lower()
    if not domain and not found.suffix and found.domain.isalpha():
        # A top level that the list does not know counts as one suffix, as the list itself says.
        owner = found.subdomain.rpartition(".")[2]
        domain = f"{owner}.{found.domain}".lower() if owner and " " not in host else ""
    return "" if domain in SHARED_DOMAINS else domain


def overlapping(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two sets of product families share one; case and surrounding space do not matter."""
    return bool({f.strip().casefold() for f in one} & {f.strip().casefold() for f in other})
