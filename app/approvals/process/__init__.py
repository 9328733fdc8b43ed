"""Steps that an approval process in Salesforce decides: submitted there, watched, taken back.

The rows of the open steps say what has to happen, so a worker may end anywhere: the next run looks first
whether a record was submitted already, by the comment that names request, round and step. An org that has no
process for a step gives it back, and Tandem asks its own approvers.

run        one run: look, submit, recall
outcome    what the end of a run there does to the request
instances  how the org's runs of its processes stand
rows       the steps, and what has become of them
"""
