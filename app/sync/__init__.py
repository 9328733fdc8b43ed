"""Two-way sync between Salesforce and Tandem. It knows objects and fields, and no incentive.

`mapping` and `plan` are pure. A mapping says what corresponds; the plan says what would change; the
engine reads, writes and remembers.
"""
