"""The manufacturer's own people: roles, managers, sales territories, queues."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from app.sandbox.world import people, places
from app.sandbox.world.foundation import DOMAIN, Foundation, add_user, assign
from app.sandbox.world.rows import Rows

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
#: (role, title, country of work); a manager comes before those who report to the role
_POSITIONS = (
    ("Chief Executive", "Chief Executive Officer", "US"),
    ("VP Sales", "Vice President Sales", "US"),
    ("VP Channel", "Vice President Channel", "DE"),
    ("CFO", "Chief Financial Officer", "US"),
    ("Director North America", "Regional Director", "US"),
    ("Director Europe", "Regional Director", "GB"),
    ("Director Japan", "Regional Director", "JP"),
    ("Sales North America", "Account Executive", "US"),
    ("Sales North America", "Account Executive", "US"),
    ("Sales North America", "Account Executive", "US"),
    ("Sales North America", "Account Executive", "CA"),
    ("Sales Europe", "Account Executive", "DE"),
    ("Sales Europe", "Account Executive", "DE"),
    ("Sales Europe", "Account Executive", "FR"),
    ("Sales Europe", "Account Executive", "GB"),
    ("Sales Japan", "Account Executive", "JP"),
    ("Sales Japan", "Account Executive", "JP"),
    ("Channel Manager", "Channel Manager", "US"),
    ("Channel Manager", "Channel Manager", "DE"),
    ("Channel Manager", "Channel Manager", "JP"),
    ("Deal Desk", "Deal Desk Analyst", "US"),
    ("Deal Desk", "Deal Desk Analyst", "DE"),
    ("Finance", "Channel Finance Manager", "US"),
    ("Finance", "Channel Accountant", "DE"),
    ("Marketing", "Partner Marketing Manager", "US"),
    ("Sales Europe", "Account Executive", "GB"),
)
#: the last position is held by somebody who has left
_LEAVERS = 1
REGION = dict.fromkeys(places.MARKETS, "Europe") | {
    "US": "North America",
    "CA": "North America",
    "JP": "Japan",
}


@dataclass(slots=True)
class Staff:
    """Ids of users by role, of queues by name, and the one who has left."""

    by_role: dict[str, list[str]] = field(default_factory=dict)
    reps: dict[str, list[str]] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)
    inactive: str = ""

    def rep(self, random: Random, country: str) -> str:
        """The account executive who looks after a customer there: from that country if there is one."""
        return random.choice(self.reps.get(country) or self.by_role[f"Sales {REGION[country]}"])

    def channel_manager(self, country: str) -> str:
        """The channel manager of the country's region."""
        order = {"North America": 0, "Europe": 1, "Japan": 2}
        return self.by_role["Channel Manager"][order[REGION[country]]]


def hire(rows: Rows, random: Random, found: Foundation) -> Staff:
    """Write roles, users, queues and groups."""
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
    for number, (role, title, country) in enumerate(_POSITIONS):
        active = number < len(_POSITIONS) - _LEAVERS
        user_id = _user(rows, random, found, staff, roles, taken, role, title, country, active)
        if not active:
            staff.inactive = user_id
            continue
        staff.by_role.setdefault(role, []).append(user_id)
        if title == "Account Executive":
            staff.reps.setdefault(country, []).append(user_id)
            assign(rows, found, "Tandem_Rep", user_id)
    _queues(rows, staff)
    return staff


def _user(
    rows: Rows,
    random: Random,
    found: Foundation,
    staff: Staff,
    roles: dict[str, str],
    taken: set[str],
    role: str,
    title: str,
    country: str,
    active: bool,
) -> str:
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
        human.email(DOMAIN),
        human.first,
        human.last,
        "Standard User",
        title=title,
        IsActive=active,
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
        "Unassigned Leads": staff.by_role["Director North America"] + staff.by_role["Director Europe"],
        "Partner Leads": staff.by_role["Channel Manager"],
        "Deal Desk": staff.by_role["Deal Desk"],
    }
    for name, users in members.items():
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
        for user in users:
            rows.add("GroupMember", {"GroupId": queue, "UserOrGroupId": user}, days_ago=1300)
    group = rows.add(
        "Group",
        {"Name": "Registration Approvers", "DeveloperName": "Registration_Approvers", "Type": "Regular"},
        days_ago=1300,
    )
    for user in staff.by_role["Channel Manager"] + staff.by_role["Deal Desk"]:
        rows.add("GroupMember", {"GroupId": group, "UserOrGroupId": user}, days_ago=1300)
