"""The manufacturer's own people: roles, managers, sales territories, queues."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from app.sandbox.world import people, places
from app.sandbox.world.foundation import DOMAIN, Foundation, add_user, assign
from app.sandbox.world.rows import Rows

FORMER = "former.rep"
#: role → role above it
_ROLES = {
    "Chief Executive": "",
    "VP Sales": "Chief Executive",
    "VP Channel": "Chief Executive",
    "CFO": "Chief Executive",
    "Director North America": "VP Sales",
    "Director Europe": "VP Sales",
    "Director Japan": "VP Sales",
    "Sales North America": "Director North America",
    "Sales Europe": "Director Europe",
    "Sales Japan": "Director Japan",
    "Channel Manager": "VP Channel",
    "Deal Desk": "VP Channel",
    "Finance": "CFO",
    "Marketing": "VP Channel",
}
_APPROVERS = frozenset(role for role in _ROLES if role.startswith(("VP Channel", "CFO", "Director "))) | {
    "Channel Manager", "Deal Desk", "Finance",
}  # fmt: skip
#: (role, title, country of work, name before the @ where it is always the same)
_Position = tuple[str, str, str, str]
#: who is there even in an org without records: a rep, a channel manager, and a rep who has left
_CORE: tuple[_Position, ...] = (
    ("Sales North America", "Account Executive", "US", "rep"),
    ("Channel Manager", "Channel Manager", "US", "channel.manager"),
    ("Sales Europe", "Account Executive", "GB", FORMER),
)
#: a manager comes before those who report to the role
_ALL: tuple[_Position, ...] = (
    ("Chief Executive", "Chief Executive Officer", "US", ""),
    ("VP Sales", "Vice President Sales", "US", ""),
    ("VP Channel", "Vice President Channel", "DE", "channel.director"),
    ("CFO", "Chief Financial Officer", "US", ""),
    ("Director North America", "Regional Director", "US", "regional.manager"),
    ("Director Europe", "Regional Director", "GB", ""),
    ("Director Japan", "Regional Director", "JP", ""),
    _CORE[0],
    ("Sales North America", "Account Executive", "US", ""),
    ("Sales North America", "Account Executive", "US", ""),
    ("Sales North America", "Account Executive", "CA", ""),
    ("Sales Europe", "Account Executive", "DE", ""),
    ("Sales Europe", "Account Executive", "DE", ""),
    ("Sales Europe", "Account Executive", "FR", ""),
    ("Sales Europe", "Account Executive", "GB", ""),
    ("Sales Japan", "Account Executive", "JP", ""),
    ("Sales Japan", "Account Executive", "JP", ""),
    _CORE[1],
    ("Channel Manager", "Channel Manager", "DE", ""),
    ("Channel Manager", "Channel Manager", "JP", ""),
    ("Deal Desk", "Deal Desk Analyst", "US", ""),
    ("Deal Desk", "Deal Desk Analyst", "DE", ""),
    ("Finance", "Channel Finance Manager", "US", "finance"),
    ("Finance", "Channel Accountant", "DE", ""),
    ("Marketing", "Partner Marketing Manager", "US", ""),
    _CORE[2],
)
REGION = dict.fromkeys(places.MARKETS, "Europe") | {
    "US": "North America",
    "CA": "North America",
    "JP": "Japan",
}


@dataclass(slots=True)
class Staff:
    """Ids of active users by role, of account executives by country, of queues by name."""

    by_role: dict[str, list[str]] = field(default_factory=dict)
    reps: dict[str, list[str]] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)

    def rep(self, random: Random, country: str) -> str:
        """The account executive who looks after a customer there: from that country if there is one."""
        return random.choice(self.reps.get(country) or self.by_role[f"Sales {REGION[country]}"])

    def channel_manager(self, country: str) -> str:
        """The channel manager of the country's region."""
        order = {"North America": 0, "Europe": 1, "Japan": 2}
        return self.by_role["Channel Manager"][order[REGION[country]]]


def hire(rows: Rows, random: Random, found: Foundation, *, core: bool = False) -> Staff:
    """Write roles, users, queues and groups. core: only those users whom every org has."""
    staff = Staff()
    roles: dict[str, str] = {}
    for name, above in _ROLES.items():
        roles[name] = rows.add(
            "UserRole",
            {
                "Name": name,
                "DeveloperName": name.replace(" ", "_"),
                "ParentRoleId": roles.get(above),
                "RollupDescription": name,
                "OpportunityAccessForAccountOwner": "Read",
            },
            days_ago=1450,
        )
    taken: set[str] = set()
    for position in _CORE if core else _ALL:
        role, title, country, local = position
        user_id = _user(rows, random, found, staff, roles, taken, position)
        if local == FORMER:
            continue
        staff.by_role.setdefault(role, []).append(user_id)
        if title == "Account Executive":
            staff.reps.setdefault(country, []).append(user_id)
            assign(rows, found, "Tandem_Rep", user_id)
        if role in _APPROVERS:
            assign(rows, found, "Tandem_Approver", user_id)
    _queues(rows, staff)
    return staff


def _user(
    rows: Rows,
    random: Random,
    found: Foundation,
    staff: Staff,
    roles: dict[str, str],
    taken: set[str],
    position: _Position,
) -> str:
    role, title, country, local = position
    human = people.person(random, country)
    while human.email(DOMAIN) in taken:
        human = people.person(random, country)
    taken.add(human.email(DOMAIN))
    currency, zone, locale = places.MARKETS[country]
    place = places.somewhere(random, country)
    managers = staff.by_role.get(_ROLES[role], [])
    return add_user(
        rows,
        rows.id("User"),
        found,
        f"{local}@{DOMAIN}" if local else human.email(DOMAIN),
        human.first,
        human.last,
        "Standard User",
        title=title,
        IsActive=local != FORMER,
        UserRoleId=roles[role],
        ManagerId=managers[0] if managers else "",
        Department=role,
        Division=REGION[country],
        Phone=people.phone(random, country),
        City=place.city,
        State=place.state_text,
        Country=place.country_name,
        CountryCode=country,
        StateCode=place.state_text,
        TimeZoneSidKey=zone,
        LocaleSidKey=locale,
        CurrencyIsoCode=currency,
        DefaultCurrencyIsoCode=currency,
    )


def _queues(rows: Rows, staff: Staff) -> None:
    members = {
        "Unassigned Leads": ("Director North America", "Director Europe"),
        "Partner Leads": ("Channel Manager",),
        "Deal Desk": ("Deal Desk",),
    }
    for name, roles in members.items():
        queue = rows.add(
            "Group",
            {
                "Name": name,
                "DeveloperName": name.replace(" ", "_"),
                "Type": "Queue",
                "Email": f"{people.slug(name)}@{DOMAIN}",
            },
            days_ago=1300,
        )
        staff.queues[name] = queue
        kind = "Opportunity" if name == "Deal Desk" else "Lead"
        rows.add("QueueSobject", {"QueueId": queue, "SobjectType": kind}, days_ago=1300)
        for user in _in_roles(staff, *roles):
            rows.add("GroupMember", {"GroupId": queue, "UserOrGroupId": user}, days_ago=1300)
    group = rows.add(
        "Group",
        {"Name": "Registration Approvers", "DeveloperName": "Registration_Approvers", "Type": "Regular"},
        days_ago=1300,
    )
    for user in _in_roles(staff, "Channel Manager", "Deal Desk"):
        rows.add("GroupMember", {"GroupId": group, "UserOrGroupId": user}, days_ago=1300)


def _in_roles(staff: Staff, *roles: str) -> list[str]:
    return [user for role in roles for user in staff.by_role.get(role, [])]
