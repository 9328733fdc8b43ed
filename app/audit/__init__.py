"""The audit trail: who decided or changed what, when, why, and what it was before.

trail      add a row to the present transaction; read rows back
chain      PURE: what a link seals, and whether a chain holds
verify     the whole trail against its chain and the anchors
anchors    the head, kept in a file outside the database
commands   `tandem audit`

Rows are added by `record` and sealed by the database when the transaction commits: a trigger gives each row a
number without a gap and a SHA-256 hash over the row and the hash before it. The service's role can add rows
and nothing else. Whoever can do more, as the owner of the tables can, could still rewrite the whole chain;
that is why the head is anchored in a file every few minutes, and why an admin may keep it elsewhere.

A person's data: the chain rests on a salted hash of the words (name, reason, before, after), not on the
words. When a person must be forgotten and no law asks to keep the row (GDPR Art. 17(3)(b)), the words and the
salt can be removed without breaking a link, and what was done to what stays. Nothing does so yet; whatever
will must write a row of the trail itself, by which `verify` tells an erasure from tampering.
"""

from app.audit.trail import operator, record

__all__ = ["operator", "record"]
