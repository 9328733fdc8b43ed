"""Writing records: every door (REST, Bulk, SOAP, control plane) goes through `Dml`.

    Dml(ctx).insert(sobject, [{"Name": "Acme"}]) -> [DmlResult]

Records are JSON-shaped dicts. A nested dict resolves a lookup by external id:
`{"Account": {"Tandem_Id__c": "x"}}`. All calls open the org's write transaction themselves, or
join the one that is open.
"""

from app.sandbox.dml.engine import Dml
from app.sandbox.dml.types import Conditions, ConvertRequest, ConvertResult, DmlResult

__all__ = ["Conditions", "ConvertRequest", "ConvertResult", "Dml", "DmlResult"]
