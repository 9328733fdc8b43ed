"""Partners: who they are, what they may, and what belongs to them.

routes         the API for the company's people
portal         the API for the partner's own people
admin          the API of what holds for all partners
forms shapes   what comes in and goes out, validated
showing        catalogue and agreements as the API has them
parts          what belongs to one partner, as the API has it
reading        lists, counts, export, one partner with its timeline
service        a partnership: begin it, find it, `facts`, `require_active`
standing       suspend, reinstate, end; what happens to everything open
catalogue      levels, stages of onboarding and regions
terms          kind, region, countries, weight and capacity of one partner
levels         levels and activations of a partner: dated periods, plan, grace, undo
progress       what a partner has of what the next level asks for
people         the partner's people and their roles
structure      parent and branches, distributors and the resellers they serve, regions, capacity
certificates   certifications and when they end
agreements     versions of a text, and who accepted which
assignments    leads, opportunities and orders: by hand, automatically, with their history
application    what an application's approval, rejection and acceptance do
adoption       takes over the partners that the CRM already has
crm            what the CRM is shown of a partner
following      what comes back from the CRM
commands       `tandem partners`
workflows      the application's workflow, as data
lifecycle      PURE: statuses and what may follow
periods        PURE: half-open days without overlap
requirements   PURE: what is asked for and what is missing
calculation    PURE: which partner gets a record, and why
models         the tables
"""
