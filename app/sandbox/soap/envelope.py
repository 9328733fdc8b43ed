"""SOAP 1.1 envelopes, read with the caution that foreign XML deserves and written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "text/xml;charset=UTF-8"
Element = ElementTree.Element


class _NoDoctype(ElementTree.TreeBuilder):
    """Entities begin with a DOCTYPE: a document that has one is refused before anything is expanded."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ApiError("CLIENT", "DOCTYPE is not allowed", status=500)


@dataclass(slots=True)
class Call:
    """One operation: its name, its arguments, and the headers around it by local name."""

    operation: str
    arguments: Element
    headers: dict[str, Element] = field(default_factory=dict)

    def header(self, name: str, member: str) -> str:
        """The text of a member of a header; empty where it is not there."""
        found = self.headers.get(name)
        return "" if found is None else text(found, member)


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """The children of that local name."""
    return [child for child in element if local(child) == name]


def text(element: Element, name: str) -> str:
    """The text of the first child of that local name; empty where there is none."""
    found = children(element, name)
    return (found[0].text or "").strip() if found else ""


def is_nil(element: Element) -> bool:
    """Whether the element says `xsi:nil="true"`."""
    return element.get(f"{{{XSI}}}nil") in ("true", "1")


def read(body: bytes) -> Call:
    """The operation in an envelope. Raises ApiError CLIENT for anything that is no SOAP 1.1 envelope."""
    parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314 without a DOCTYPE nothing expands
    try:
        parser.feed(body)
        root = parser.close()
    except ElementTree.ParseError as error:
        raise ApiError("CLIENT", f"the request is not well-formed XML: {error}", status=500) from error
    parts = {local(part): part for part in root}
    content = list(parts["Body"]) if "Body" in parts else []
    if root.tag != f"{{{SOAP}}}Envelope" or len(content) != 1:
        raise ApiError("CLIENT", "the request is not a SOAP 1.1 envelope with one operation", status=500)
    headers = {local(header): header for header in parts.get("Header", ())}
    return Call(local(content[0]), content[0], headers)


def element(name: str, value: Any) -> str:
    """`value` as XML: a mapping is nested, a list repeats, None is nil."""
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(element(key, item) for key, item in value.items())}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "".join(element(name, item) for item in value)
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    if isinstance(value, _Raw):
        return value.xml
    return f"<{name}>{escape(str(value))}</{name}>"


@dataclass(frozen=True, slots=True)
class _Raw:
    xml: str


def raw(xml: str) -> _Raw:
    """XML that is ready, for `element`."""
    return _Raw(xml)


def answer(operation: str, result: Any, *, api: str) -> Response:
    """The envelope of a result. api: `partner` or `enterprise`."""
    inner = element("result", result) if result is not None else ""
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns="urn:{api}.soap.sforce.com" '
        f'xmlns:sf="urn:sobject.{api}.soap.sforce.com" xmlns:xsi="{XSI}">'
        f"<soapenv:Body><{operation}Response>{inner}</{operation}Response></soapenv:Body></soapenv:Envelope>"
    )
    return Response(200, xml.encode(), content_type=XML)


def fault(error: ApiError, request: Request | None = None) -> Response:
    """The envelope of a refusal."""
    api = "enterprise" if request is not None and "/soap/c/" in request.path.lower() else "partner"
    message = error.message
    if error.code == "INVALID_SESSION_ID":
        message = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found"
    if error.code == "CLIENT":
        body = f"<faultcode>soapenv:Client</faultcode><faultstring>{escape(message)}</faultstring>"
    else:
        kind = (
            "LoginFault" if error.code in ("INVALID_LOGIN", "INVALID_OPERATION") else "UnexpectedErrorFault"
        )
        body = (
            f"<faultcode>sf:{error.code}</faultcode>"
            f"<faultstring>{escape(f'{error.code}: {message}')}</faultstring>"
            f'<detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{error.code}</sf:exceptionCode>'
            f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:{kind}></detail>"
        )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:sf="urn:fault.{api}.soap.sforce.com" '
        f'xmlns:xsi="{XSI}"><soapenv:Body><soapenv:Fault>{body}</soapenv:Fault></soapenv:Body>'
        "</soapenv:Envelope>"
    )
    return Response(500, xml.encode(), content_type=XML)
