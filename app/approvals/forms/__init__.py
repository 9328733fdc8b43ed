"""Forms as data: read once, resolved for a reader, checked by the same description. Pure.

form = read_form(workflow["form"])
record = Record(facts=…, values=…, stored=…)
resolve(form, record, "de")     # what the page shows
check(form, record, "de")       # the values, cleaned, or BadInput with a sentence for each field
draft(form, record, "de")       # what a draft keeps
"""

from app.approvals.forms.check import check, draft
from app.approvals.forms.form import Form
from app.approvals.forms.reader import read_form
from app.approvals.forms.resolve import ResolvedForm, resolve
from app.approvals.forms.settle import Record

__all__ = ["Form", "Record", "ResolvedForm", "check", "draft", "read_form", "resolve"]
