"""Deal registration: a partner's claim on a deal, who came first, protection, decision, and the CRM's answer.

routes       the API; decisions and answers are the API of requests
forms        what comes in and goes out, validated
service      create, edit, submit, withdraw, expire
effect       what the decision on its request does to a registration
standing     what becomes of a partner's deals when the partner is suspended or ends
workflows    the route by amount and the form, as data
fields       what a registration says
terms        what the company has decided about protection
crm          what an approval puts into the CRM
following    what comes back from the CRM, and what the timeline says of it
conflicts    what a registration overlaps with: registrations of others, direct opportunities
customers    which account of the CRM the end customer is
reading      lists, counts, one registration with its timeline
records      registrations as records in the CRM
lifecycle    PURE: states and what may follow
matching     PURE: when two end customers are the same
calculation  PURE: how long a deal is protected
models       the tables
"""
