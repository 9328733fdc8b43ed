"""Anybody does anything to a request, in any order: the engine agrees with a model that fits on one page.

The model knows the rules in plain Python. Whatever it calls possible happens and leaves the state it says;
whatever it calls impossible is refused with what is allowed, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.approvals import deadlines, lifecycle
from app.approvals.lifecycle import Action, State
from app.kernel.actor import SYSTEM
from tests.fixtures.approvals import Desk
from tests.fixtures.web import Caller

#: Two steps in turn; the second one, of three people in parallel, wants two of them.
ROUTE = """
key: machine
title: {en: Machine}
number: MA
initiators: [rep, reseller]
auto_approve: {field: amount, op: lte, value: 10}
route:
  - key: first
    approvers: [{role: first}]
    deadline: {hours: 48}
    escalate: {to: {role: boss}}
  - key: second
    approvers: [{role: second}]
    quorum: 2
expire: {days: 5}
"""
#: Who there is, and which roles they hold.
PEOPLE = {
    "requester": ("rep", "first"),
    "one": ("first",),
    "two": ("second",),
    "three": ("second", "first"),
    "four": ("second",),
    "editor": ("first", "second"),
    "boss": ("boss",),
    "stranger": (),
}
OPEN = (State.SUBMITTED, State.INFO_NEEDED)


@dataclass
class Model:
    """One request as the rules say that it is."""

    state: State = State.DRAFT
    round: int = 0
    amount: int = 100
    editor: str = "requester"
    step: str = ""
    escalated: bool = False
    asker: str = ""
    said: dict[str, dict[str, str]] = field(default_factory=lambda: {"first": {}, "second": {}})
    #: authorizations that hold and those that are void
    valid: int = 0
    void: int = 0

    def begin(self) -> None:
        """A new round."""
        self.round += 1
        self.said = {"first": {}, "second": {}}
        self.step, self.escalated = "first", False
        self.state = State.SUBMITTED
        if self.amount <= 10:
            self.approve()

    def approve(self) -> None:
        self.state, self.step = State.APPROVED, ""
        self.valid = 1

    def take_back(self) -> None:
        self.void += self.valid
        self.valid = 0

    def decides(self, who: str) -> bool:
        """Whether somebody is asked in the step that is open."""
        if self.state not in OPEN or who in ("requester", self.editor) or who in self.said[self.step]:
            return False
        return self.step in PEOPLE[who] or (self.escalated and self.step == "first" and who == "boss")


class Requests(RuleBasedStateMachine):
    desk: Desk
    callers: dict[str, Caller]

    @initialize(amount=st.sampled_from([5, 100]))
    def begin(self, amount: int) -> None:
        self.model = Model(amount=amount)
        self.request = self.desk.ask(self.callers["requester"], "machine", submit=False, amount=amount)

    # -- doing things ------------------------------------------------------------------------------------

    def _do(self, who: str, action: str, *, status: int = 200, **body: Any) -> dict[str, Any]:
        return self.desk.do(self.callers[who], self.request, action, status=status, **body)

    def _refused(self, who: str, action: str, **body: Any) -> None:
        """Impossible in this state: 409, with exactly what is possible."""
        refused = self._do(who, action, status=409, **body)
        everything = lifecycle.REQUESTERS | lifecycle.APPROVERS | lifecycle.COMPANY
        assert refused["allowed"] == lifecycle.possible(self.model.state, everything)

    def _can(self, action: Action) -> bool:
        return lifecycle.after(self.model.state, action) is not None

    @rule()
    def submit(self) -> None:
        if not self._can(Action.SUBMIT):
            return self._refused("requester", "submit")
        self._do("requester", "submit")
        return self.model.begin()

    @rule()
    def resubmit(self) -> None:
        if not self._can(Action.RESUBMIT):
            return self._refused("requester", "resubmit")
        self._do("requester", "resubmit")
        return self.model.begin()

    @rule(who=st.sampled_from(["requester", "editor"]), amount=st.sampled_from([5, 100, 200]))
    def edit(self, who: str, amount: int) -> None:
        if self.model.state is State.DRAFT and who == "editor":
            self._do(who, "edit", status=404, values={"amount": amount})
            return
        if not self._can(Action.EDIT):
            if not (self.model.state is State.CANCELLED and self.model.round == 0 and who == "editor"):
                self._refused(who, "edit", values={"amount": amount})
            return
        self._do(who, "edit", values={"amount": amount})
        if amount == self.model.amount:
            return
        self.model.amount, self.model.editor = amount, who
        if self.model.state in (*OPEN, State.APPROVED):
            self.model.take_back()
            self.model.begin()

    @rule()
    def recall(self) -> None:
        if not self._can(Action.RECALL):
            return self._refused("requester", "recall")
        self._do("requester", "recall")
        self.model.take_back()
        self.model.state = State.RECALLED
        return None

    @rule()
    def cancel(self) -> None:
        if not self._can(Action.CANCEL):
            return self._refused("requester", "cancel")
        if self.model.state in OPEN:
            self._do("requester", "cancel", status=403)
            return None
        self._do("requester", "cancel")
        self.model.state = State.CANCELLED
        return None

    @rule()
    def answer(self) -> None:
        if not self._can(Action.ANSWER):
            return self._refused("requester", "answer", reason="200")
        self._do("requester", "answer", reason="200")
        self.model.state = State.SUBMITTED
        return None

    @precondition(lambda self: self.model.round > 0)
    @rule()
    def void(self) -> None:
        if not self._can(Action.VOID):
            return self._refused("editor", "void", reason="over")
        self._do("editor", "void", reason="over")
        self.model.take_back()
        self.model.state = State.VOIDED
        return None

    @precondition(lambda self: self.model.round > 0)
    @rule(who=st.sampled_from(sorted(PEOPLE)), word=st.sampled_from(["approve", "reject", "request_info"]))
    def decide(self, who: str, word: str) -> None:
        model, step = self.model, self.model.step
        body = {"decision": word, "reason": "because", **({"step": step} if step else {})}
        path = f"/api/requests/{self.request['id']}/decide"
        answer = self.callers[who].post(path, **body)
        if who in ("requester", model.editor):
            assert (answer.status_code, answer.get_json()["code"]) == (403, "two_people")
            return
        if word == "request_info" and model.state is State.INFO_NEEDED and model.asker == who:
            assert answer.status_code == 200  # the same question once more
            return
        if model.state not in OPEN:
            assert answer.status_code in (200, 409), answer.get_json()
            if answer.status_code == 200:  # somebody who was asked says what was decided anyway
                assert {"approve": "approved", "reject": "rejected"}[word] == model.state
            return
        if who in model.said[step] and word != "request_info":
            assert answer.status_code == (200 if model.said[step][who] == word else 409)
            return
        if not lifecycle.after(model.state, Action(word)):
            assert answer.status_code == 409
            return
        if not model.decides(who):
            assert (answer.status_code, answer.get_json()["code"]) == (403, "not_asked")
            return
        assert answer.status_code == 200, answer.get_json()
        if word == "request_info":
            model.state, model.asker = State.INFO_NEEDED, who
            return
        model.said[step][who] = word
        if word == "reject":
            model.state, model.step = State.REJECTED, ""
        elif step == "first":
            model.step = "second"
        elif len(model.said["second"]) == 2:
            model.approve()

    @rule(hours=st.sampled_from([1, 49, 24 * 6]))
    def time_passes(self, hours: int) -> None:
        """The clock's job, as if it were later; the request stands still meanwhile."""
        now = datetime.now(UTC) + timedelta(hours=hours)
        with self.desk.company.database.session(SYSTEM) as session:
            deadlines.run(self.desk.engine, session, now)
        if self.model.state is State.INFO_NEEDED and hours >= 24 * 5:
            self.model.state = State.EXPIRED
        elif self.model.state is State.SUBMITTED and self.model.step == "first" and hours >= 48:
            self.model.escalated = True

    # -- what always holds -------------------------------------------------------------------------------

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "request"):
            return
        shown = self.desk.shown(self.callers["requester"], self.request)
        assert (shown["state"], shown["round"]) == (self.model.state, self.model.round)
        assert (shown["authorization"] is not None) == (self.model.state is State.APPROVED)
        assert sum(not one["void"] for one in shown["authorizations"]) == self.model.valid
        assert sum(one["void"] for one in shown["authorizations"]) == self.model.void
        present = [one for one in shown["decisions"] if one["round"] == self.model.round]
        assert {(one["step"], one["by"]) for one in present if one["step"]} == {
            (step, f"{who.capitalize()} Person") for step, said in self.model.said.items() for who in said
        }

    @invariant()
    def inboxes_hold_what_can_be_decided(self) -> None:
        if not hasattr(self, "request"):
            return
        for who, caller in self.callers.items():
            asked = self.model.state is State.SUBMITTED and self.model.decides(who)
            mine = [number for number in self.desk.inbox(caller) if number == self.request["number"]]
            assert bool(mine) == asked, (who, self.model)

    @invariant()
    def nobody_decided_what_they_asked_for_or_changed(self) -> None:
        if hasattr(self, "request"):
            wrong = self.desk.rows(
                "SELECT d.id FROM approval_decision d JOIN approval_request r ON r.id = d.request_id "
                "WHERE d.actor_id = r.requester_id OR d.round = r.round AND d.actor_id = r.last_editor_id"
            )
            assert wrong == []


@pytest.fixture
def people(desk: Desk) -> dict[str, Caller]:
    desk.publish(ROUTE)
    desk.person("Mia Kern", "channel_manager")
    return {
        name: desk.person(
            f"{name.capitalize()} Person", *roles, rights=("requests.manage",) if name == "editor" else ()
        )
        for name, roles in PEOPLE.items()
    }


@pytest.mark.timeout(900)
def test_requests_keep_to_the_rules_whoever_does_what(desk: Desk, people: dict[str, Caller]) -> None:
    class Machine(Requests):
        pass

    Machine.desk, Machine.callers = desk, people
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
