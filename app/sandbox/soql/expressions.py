"""Functions of SOQL as typed SQL expressions."""

from __future__ import annotations

from app.sandbox.schema import NUMERIC, Field
from app.sandbox.soql import ast
from app.sandbox.soql.grammar import AGGREGATES, DATE_FUNCTIONS, REFUSED
from app.sandbox.soql.scope import Column, Scope, quote

#: types that stand in no GROUP BY, no ORDER BY and no MIN or MAX
UNORDERED = frozenset({"address", "location", "base64", "encryptedstring", "multipicklist"})
#: digits that an average keeps beyond those of its field
AVERAGE_DIGITS = 6


def is_aggregate(expr: object) -> bool:
    """Whether it is a call of COUNT, SUM and so on."""
    return isinstance(expr, ast.Call) and expr.name.upper() in AGGREGATES


def long_text(field: Field) -> bool:
    """Long text areas can be neither filtered, sorted nor grouped."""
    return field.type == "textarea" and field.length > 255


def expression(scope: Scope, expr: ast.Path | ast.Call) -> Column:
    """A field or a function as SQL. Refuses what SOQL does not allow or this org does not know."""
    if isinstance(expr, ast.Path):
        return scope.column(expr)
    name = expr.name.upper()
    if name in REFUSED:
        raise scope.refuse("MALFORMED_QUERY", expr.pos, f"{name} is not supported by this org")
    if name in AGGREGATES:
        return aggregate(scope, expr)
    if name in DATE_FUNCTIONS:
        return date_function(scope, expr)
    if name == "CONVERTCURRENCY":
        return converted(scope, expr)
    if name == "TOLABEL":
        return label(scope, expr)
    raise scope.refuse("MALFORMED_QUERY", expr.pos, f"unexpected token: '{expr.name}'")


def only_argument(scope: Scope, call: ast.Call) -> ast.Path:
    """The field that a function of one field is applied to."""
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Path):
        raise scope.refuse("MALFORMED_QUERY", call.pos, f"{call.name} takes one field")
    return call.args[0]


def aggregate(scope: Scope, call: ast.Call) -> Column:
    """COUNT, COUNT_DISTINCT, SUM, AVG, MIN, MAX."""
    name = call.name.upper()
    if name == "COUNT" and not call.args:
        return Column("COUNT(*)", Field("count", "count", "int"))
    column = scope.column(only_argument(scope, call))
    field = column.field
    if name in ("COUNT", "COUNT_DISTINCT"):
        if long_text(field) or field.type in ("address", "location", "base64"):
            raise scope.refuse(
                "INVALID_FIELD", call.pos, f"field {field.name} does not support aggregate operator {name}"
            )
        inside = f"DISTINCT {column.comparable}" if name == "COUNT_DISTINCT" else column.sql
        return Column(f"COUNT({inside})", Field(name.lower(), name, "int"))
    numeric = field.type in NUMERIC
    if (name in ("SUM", "AVG") and not numeric) or field.type in UNORDERED or long_text(field):
        raise scope.refuse(
            "INVALID_FIELD", call.pos, f"field {field.name} does not support aggregate operator {name}"
        )
    if name in ("MIN", "MAX"):
        if field.type == "boolean":
            raise scope.refuse(
                "INVALID_FIELD", call.pos, f"field {field.name} does not support aggregate operator {name}"
            )
        return Column(f"{name}({column.comparable})", field)
    if name == "SUM":
        kind = "double" if field.type == "int" else field.type
        return Column(
            f"SUM({column.sql})", Field(field.name, field.label, kind, precision=18, scale=field.scale)
        )
    averaged = Field(field.name, field.label, "double", precision=18, scale=field.scale + AVERAGE_DIGITS)
    return Column(f"org_div(SUM({column.sql}), COUNT({column.sql}), {AVERAGE_DIGITS})", averaged)


def _moment(scope: Scope, call: ast.Call) -> tuple[str, Field]:
    """The argument of a date function as a text SQLite's date functions read, in the zone asked for."""
    arg = call.args[0] if len(call.args) == 1 else None
    local = isinstance(arg, ast.Call) and arg.name.upper() == "CONVERTTIMEZONE"
    if isinstance(arg, ast.Call) and local:
        arg = only_argument(scope, arg)
    if not isinstance(arg, ast.Path):
        raise scope.refuse("MALFORMED_QUERY", call.pos, f"{call.name} takes one date or date/time field")
    column = scope.column(arg)
    if column.field.type == "datetime":
        epoch = f"org_local({column.sql}, {quote(scope.env.zone_name)})" if local else column.sql
        return f"{epoch}, 'unixepoch'", column.field
    if column.field.type != "date" or local or call.name.upper() in ("DAY_ONLY", "HOUR_IN_DAY"):
        raise scope.refuse(
            "INVALID_FIELD",
            call.pos,
            f"field {column.field.name} does not support operator {call.name.upper()}",
        )
    return column.sql, column.field


def date_function(scope: Scope, call: ast.Call) -> Column:
    """CALENDAR_YEAR and its kin: whole numbers; DAY_ONLY: a date. UTC unless convertTimezone is inside."""
    name = call.name.upper()
    at, _ = _moment(scope, call)

    def part(code: str) -> str:
        return f"CAST(strftime('{code}', {at}) AS INTEGER)"

    if name == "DAY_ONLY":
        return Column(f"date({at})", Field("DAY_ONLY", "Day", "date"))
    month, year, day = part("%m"), part("%Y"), part("%d")
    first = scope.env.fiscal_start
    into = f"(({month} + {12 - first}) % 12)"
    sql = {
        "CALENDAR_YEAR": year,
        "CALENDAR_MONTH": month,
        "CALENDAR_QUARTER": f"(({month} + 2) / 3)",
        "DAY_IN_MONTH": day,
        "DAY_IN_WEEK": f"({part('%w')} + 1)",
        "DAY_IN_YEAR": part("%j"),
        "HOUR_IN_DAY": part("%H"),
        "WEEK_IN_MONTH": f"(({day} + 6) / 7)",
        "WEEK_IN_YEAR": f"(({part('%j')} + 6) / 7)",
        "FISCAL_MONTH": f"({into} + 1)",
        "FISCAL_QUARTER": f"({into} / 3 + 1)",
        # A fiscal year bears the name of the calendar year in which it ends.
        "FISCAL_YEAR": f"({year} + ({month} >= {first}))" if first > 1 else year,
    }[name]
    return Column(sql, Field(name, name, "int"))


def label(scope: Scope, call: ast.Call) -> Column:
    """toLabel in a filter or an order: the picklist value's label, compared as text."""
    column = scope.column(only_argument(scope, call))
    field = column.field
    if field.type not in ("picklist", "combobox"):
        raise scope.refuse("INVALID_FIELD", call.pos, f"field {field.name} does not support operator toLabel")
    named = [entry for entry in field.picklist if entry.label != entry.value]
    shown = Field(field.name, field.label, "string", length=255)
    if not named:
        return Column(column.sql, shown, column.entity, column.stored)
    whens = " ".join(f"WHEN {quote(entry.value)} THEN {quote(entry.label)}" for entry in named)
    return Column(f"CASE {column.sql} {whens} ELSE {column.sql} END", shown, column.entity)


def converted(scope: Scope, call: ast.Call) -> Column:
    """convertCurrency: the amount in the running user's currency, at the org's conversion rates."""
    path = only_argument(scope, call)
    column = scope.column(path)
    if column.field.type != "currency":
        raise scope.refuse(
            "INVALID_FIELD", call.pos, f"field {column.field.name} does not support operator convertCurrency"
        )
    if not scope.env.ctx.org.settings.multi_currency:
        raise scope.refuse(
            "MALFORMED_QUERY", call.pos, "convertCurrency needs an org with multiple currencies"
        )
    return in_currency(scope, column, path, scope.env.user_currency)


def in_currency(scope: Scope, column: Column, path: ast.Path, iso_code: str) -> Column:
    """An amount in another currency than its record's. Where a currency has no rate the amount is null."""
    schema = scope.env.schema
    owner = schema.find(column.entity)
    if schema.find("CurrencyType") is None or owner is None or owner.field_named("CurrencyIsoCode") is None:
        return column
    code = scope.column(ast.Path((*path.parts[:-1], "CurrencyIsoCode"), path.pos))
    rate = "(SELECT ConversionRate FROM CurrencyType WHERE IsoCode = {} AND IsDeleted = 0)"
    theirs, ours = rate.format(code.sql), rate.format(quote(iso_code))
    sql = f"org_div(org_mul({column.sql}, {ours}, 0), {theirs}, 0)"
    return Column(sql, column.field, column.entity)
