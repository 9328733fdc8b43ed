"""Requests and who decides them: routes as data, tasks, decisions, authorizations.

routes          the API of requests; `admin_routes`: of workflows, delegations and notices
bodies          what comes in, validated; `shapes`: what goes out; `admin_shapes` for the other routes
commands        `tandem workflows` and `tandem roles`
reading         what readers see: lists, counts, export, the inbox, one request, authorizations
service         `Approvals`, the engine: decide, take, release, void, and what the requesting side does
requesting      open, edit, submit, answer, recall, resubmit, cancel, comment
core            what every deed needs: find it, move it, tell of it, begin a round
effects         what other rooms do when a request is decided
deciding        who may decide which step, and a decision said twice; `refusals`: why somebody cannot
steps           one round of a request on its route: opens steps, asks people
authorizations  issued with an approval, immutable, void by a row of their own
holders         whose turn it is, since when, until when
people          roles, managers, owners, who stands in for whom
delegations     who stands in for whom, absences; `roles`: who is what; `notices`: what people were told
deadlines       reminders, escalations, questions nobody answered: by the clock
rehearsal       what a workflow would do with sample values
smart_forms     a workflow's form for a person and a request: shown, kept, accepted; `form_routes`: its API
prefill         what the CRM knows already; `references`: what a field can point to
process         steps that the org's own approval process decides
crm             requests as records in the CRM; `following`: decisions made there, and what comes back
attachments     files of requests: scanned, apart, and for those who may see them
store           versions of workflow documents
timeline        events, notices, and the audit trail's rows
document        PURE: the workflow document: its text, its parts, and every fault with its place and remedy
route           PURE: where a request stands on its route
lifecycle       PURE: states and what may follow
calculation     PURE: deadlines on a calendar, chains of delegation
values          PURE: what may be kept of a form's values
forms           PURE: forms as data, resolved for a reader and checked by the same description
models          the tables
"""
