"""Sentences for people, in the language of whoever reads them.

    raise Conflict(say("{name} has taken this task.", name=holder), remedy=say("Choose another one."))

A sentence is English text with what it is made of; it is put into German, Spanish or Japanese when somebody
reads it, by the catalogues beside this file. `README.md` here says how to add one.
"""

from app.words.catalogue import LANGUAGES, language_of
from app.words.phrases import one_of, possible_now, together
from app.words.sentences import Inside, Money, Names, Sentence, Titles, counted, places, say
from app.words.storing import from_facts, json_of, line_of, recognised, to_facts
from app.words.tongue import ENGLISH, Said, Tongue, tongue_of

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Inside",
    "Money",
    "Names",
    "Said",
    "Sentence",
    "Titles",
    "Tongue",
    "counted",
    "from_facts",
    "json_of",
    "language_of",
    "line_of",
    "one_of",
    "places",
    "possible_now",
    "recognised",
    "say",
    "to_facts",
    "together",
    "tongue_of",
]
