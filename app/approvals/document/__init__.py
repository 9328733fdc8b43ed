"""The workflow document: routes, limits and form of a workflow, as a person writes them. Pure.

reading   from the text to a checked document, or every fault of it
text      YAML to plain data and back
shape     the parts of a document, and what each can hold
meaning   what its shape alone does not show: conditions, quorums, deadlines, the form
faults    a fault with its place and remedy
"""
