"""Records of Salesforce as the company's people see them: lists by partner, and what Tandem adds to each.

Addresses name a record as Lightning does, by its object and its id. This room stands above those whose facts
it shows; it owns none.
"""
