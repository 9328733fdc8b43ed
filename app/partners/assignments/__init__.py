"""Which partner gets a lead, an opportunity or an order, who had it before, and why.

routes      the API of assignments
showing     who has, had and could have a record, as the API answers it
deciding    who may give a record to a partner, what can be done about it, the way back
giving      by hand, automatically, by a registration, in Salesforce; taking off
candidates  the partners among which a record is assigned
subjects    the records, and what each asks of its partner
history     who had a record, since when and why
"""
