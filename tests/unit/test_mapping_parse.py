"""A mapping file says exactly what it means, or every fault of it is told with its place."""

from __future__ import annotations

import pytest

from app.sync.mapping import Capabilities, Guard, MappingFaults, parse

ACCOUNT = """\
object: Account
table: account
external_id: Tandem_Id__c
fields:
  - {sf: Name, local: name}
lookups:
  - {sf: ParentId, local: parent_id, object: Account, after: true}
"""

CONTACT = """\
object: Contact
table: contact
external_id: Tandem_Id__c
fields:
  - {sf: LastName, local: last_name}
lookups:
  - {sf: AccountId, local: account_id, object: Account}
"""


def faults(**documents: str) -> list[str]:
    """The sentences of every fault."""
    with pytest.raises(MappingFaults) as caught:
        parse({f"{name}.yaml": text for name, text in documents.items()})
    return [fault.sentence() for fault in caught.value.faults]


def test_what_the_file_leaves_out_has_a_careful_default():
    account = parse({"Account.yaml": ACCOUNT}).by_sobject("Account")
    assert (account.create, account.update, account.delete_in, account.delete_out) == (
        "both",
        "both",
        "status",
        "ignore",
    )
    assert account.auto_assign is False
    assert (account.rest_batch, account.bulk_threshold, account.every) == (1000, 2000, 60)
    name = account.fields[0]
    assert (name.sf_type, name.direction, name.owner, name.null) == ("string", "both", "salesforce", "clear")
    assert name.on_picklist_miss == "fail"


def test_parents_come_before_their_children_whatever_the_files_are_called():
    found = parse({"a.yaml": CONTACT, "b.yaml": ACCOUNT})
    assert [o.sobject for o in found.objects] == ["Account", "Contact"]
    assert found.by_table("contact").sobject == "Contact"


def test_objects_that_do_not_depend_on_each_other_follow_their_order():
    product = (
        "object: Product2\ntable: product\nexternal_id: T__c\norder: {}\nfields: [{{sf: Name, local: name}}]"
    )
    first = parse({"p.yaml": product.format(1), "a.yaml": ACCOUNT})
    assert [o.sobject for o in first.objects] == ["Product2", "Account"]
    last = parse({"p.yaml": product.format(900), "a.yaml": ACCOUNT})
    assert [o.sobject for o in last.objects] == ["Account", "Product2"]


def test_a_circle_of_lookups_is_broken_only_by_after():
    circular = ACCOUNT.replace("lookups:", "lookups:\n  - {sf: Main__c, local: main_id, object: Contact}")
    said = faults(Account=circular, Contact=CONTACT)
    assert len(said) == 1
    assert "The lookups run in a circle:" in said[0]
    assert "Write `after: true` at one of them" in said[0]
    broken = circular.replace("object: Contact}", "object: Contact, after: true}")
    assert [o.sobject for o in parse({"a": broken, "c": CONTACT}).objects] == ["Account", "Contact"]
    assert "circle: Account → Account" in faults(Account=ACCOUNT.replace(", after: true", ""))[0]


def test_every_fault_is_told_at_once_with_line_and_remedy():
    said = faults(
        Account="""\
object: Account
tabel: account
external_id: yes
filter: "Name = 'x"
fields:
  - {sf: Name, local: name, ownr: tandem, direction: sideways}
  - {sf: Web, local: Web, on_picklist_miss: sometimes}
  - {sf: X, local: x, on_picklist_miss: {mapp: 1}, when: {feture: x}, values: {a: 1}}
  - {local: y, type: decimal}
  - foo
lookups: {}
""",
        Contact=CONTACT.replace("object: Contact", "object: Contact\nobject: Lead"),
    )
    assert said == [
        "Account.yaml:1:1: The key 'table' is missing here. Add `table: …`.",
        "Account.yaml:2:1: The key 'tabel' is unknown here. Did you mean 'table'?",
        "Account.yaml:3:1: external_id must be text and is a truth value. Put it in quotes.",
        "Account.yaml:6:29: The key 'ownr' is unknown here. Did you mean 'owner'?",
        "Account.yaml:6:43: direction cannot be 'sideways'. Choose 'both', 'in' or 'out'.",
        "Account.yaml:7:15: local cannot be 'Web'. Write a column in small letters, or extra.<name>.",
        "Account.yaml:7:27: on_picklist_miss cannot be 'sometimes'. Choose 'fail' or 'default'.",
        "Account.yaml:8:23: The key 'map' is missing here. Add `map: …`.",
        "Account.yaml:8:42: The key 'mapp' is unknown here. Did you mean 'map'?",
        "Account.yaml:8:59: The key 'feture' is unknown here. Did you mean 'feature'?",
        "Account.yaml:8:80: a must be text and is a number. Put it in quotes.",
        "Account.yaml:9:5: The key 'sf' is missing here. Add `sf: …`.",
        "Account.yaml:9:16: type cannot be 'decimal'. Choose string, boolean, date, datetime, int, "
        "decimal(2), id, picklist or multipicklist.",
        "Account.yaml:10:5: fields must be keys and values. It is 'foo'.",
        "Account.yaml:11:1: lookups must be a list (lines that begin with -). It is a set of keys.",
        "Contact.yaml:2:1: The key 'object' stands here twice. Keep one of them.",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "1:5: This is not YAML"),
        ("\tobject: x", "This is not YAML"),
        ("- 1", "The file holds no mapping."),
        ("", "The file holds no mapping."),
        ("a: &x 1\nb: *x", "2:4: Mappings do not use YAML aliases"),
        ("object: !!python/object:os.system x", "1:9: 'x' cannot be read. Put it in quotes, without a tag."),
        ("[" * 999_999, "1:65: The file is nested too deeply. Write a mapping, as in the manual."),
        ("? [a]\n: b", "A key is not a plain word."),
    ],
)
def test_what_is_no_mapping_ends_in_one_sentence(text, says):
    said = faults(Bad=text)
    assert len(said) == 1
    assert says in said[0]


def account_with(line: str, **keys: str) -> str:
    """The account mapping with one more field line and more keys."""
    text = ACCOUNT.replace("fields:\n", f"fields:\n  - {line}\n")
    return text + "".join(f"{key}: {value}\n" for key, value in keys.items())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{sf: Name, local: other}", "The field Name is mapped twice."),
        ("{sf: Site, local: name}", "Site and Name share the column name."),
        ("{sf: Id, local: sf}", "Id is kept by the sync itself."),
        ("{sf: Tandem_Id__c, local: sf}", "Tandem_Id__c is kept by the sync itself."),
        ("{sf: Site, local: row_version}", "The column row_version is kept by Tandem itself."),
        ("{sf: Site, local: site, direction: in, owner: tandem}", "so tandem cannot win"),
        ("{sf: Site, local: site, direction: out, owner: newest}", "so newest cannot win"),
        (
            "{sf: Site, local: site, transform: left(3)}",
            "cannot go back to Salesforce: left(3) loses something",
        ),
        (
            "{sf: Site, local: site, values: {a: x, b: x}}",
            "cannot go back to Salesforce: two Salesforce values share one local value",
        ),
        ("{sf: Site, local: site, values: {a: x}, transform: lower}", "either `values` or a transform"),
        ("{sf: Owner.Name, local: site}", "belongs to another record and can only be read"),
        ("{sf: Site, local: site, refresh: true}", "A formula cannot be written."),
        ("{sf: Site, local: site, type: picklist, on_picklist_miss: default}", "go together"),
        ("{sf: Site, local: site, picklist_default: x}", "go together"),
        ("{sf: Site, local: site, on_picklist_miss: {map: {a: b}}}", "Only a picklist that Tandem writes"),
        ("{sf: Site, local: site, transform: nosuch}", "There is no transform 'nosuch'"),
        ("{sf: Site, local: site, type: decimal(40)}", "more decimals than the 18"),
        ("{sf: Site, local: site, when: {}}", "This condition is empty."),
        ("{sf: Site, local: site, when: {field: IsPartner}}", "The field lacks its object."),
    ],
)
def test_a_contradiction_within_a_field_is_a_fault(line, says):
    said = faults(Account=account_with(line))
    assert len(said) == 1
    assert says in said[0]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"currency": "CurrencyIsoCode"}, "The currency field CurrencyIsoCode is not among the fields."),
        ({"create": "out", "update": "in"}, "created outwards and updated inwards only"),
        ({"filter": "WHERE Name = 'x'"}, "begins with WHERE"),
        ({"filter": "Name = 'x"}, "has a quote that does not end"),
        ({"filter": "(Name = 'x'"}, "has an opening bracket without a closing one"),
        ({"filter": "Name = 'x')"}, "has a closing bracket without an opening one"),
        ({"filter": "Name = 'x' LIMIT 5"}, "has LIMIT, which the sync writes itself"),
        ({"filter": "Name == 'x'"}, "SOQL compares with ="),
        ({"filter": "Name = 'x' AND"}, "ends with AND"),
        ({"filter": "IsActive"}, "compares nothing"),
        ({"filter": "'Name = \"x\"'"}, "single quotes"),
    ],
)
def test_a_contradiction_within_an_object_is_a_fault(keys, says):
    assert any(says in sentence for sentence in faults(Account=account_with("{sf: S, local: s}", **keys)))


@pytest.mark.parametrize(
    "soql",
    [
        "Name = 'O\\'Neil (Ltd' AND Type != null",
        "Type IN ('A', 'B') OR (NOT Name LIKE 'x%')",
        "Id IN (SELECT AccountId FROM Contact WHERE Email != null ORDER BY Id LIMIT 5)",
        "Interests__c INCLUDES ('A;B')",
        "CreatedDate > LAST_N_DAYS:30",
    ],
)
def test_a_sound_filter_is_taken_as_it_is(soql):
    import yaml

    text = ACCOUNT + yaml.safe_dump({"filter": soql}, width=10_000)
    assert parse({"Account.yaml": text}).by_sobject("Account").filter == soql


def test_two_mappings_do_not_share_an_object_or_a_table():
    said = faults(
        A=ACCOUNT,
        B=ACCOUNT.replace("table: account", "table: other"),
        C=CONTACT.replace("table: contact", "table: other"),
    )
    assert "B.yaml:1:1: The object Account is mapped in A.yaml already." in said[0]
    assert "C.yaml:2:1: The table other is mapped in B.yaml already." in said[1]


def test_a_lookup_needs_a_mapping_of_its_parent():
    assert faults(Contact=CONTACT) == [
        "Contact.yaml:7:40: No mapping covers Account. Add a mapping for Account, or take this lookup out."
    ]


def test_a_polymorphic_lookup_needs_only_one_mapped_parent():
    owner = "  - {sf: OwnerId, local: owner_id, object: [User, Group]}\n"
    user = (
        "object: User\ntable: crm_user\ncreate: in\nupdate: in\nfields: [{sf: Username, local: username}]\n"
    )
    found = parse({"a": ACCOUNT + owner, "u": user}).by_sobject("Account")
    assert found.lookups[1].objects == ("User", "Group")


def test_a_lookup_to_a_guarded_mapping_carries_the_same_guard():
    guarded = ACCOUNT + "when: {object: Account}\n"
    assert "Account is mapped only where the org has the object Account." in faults(A=guarded, C=CONTACT)[0]


def test_an_object_that_only_comes_in_makes_its_fields_come_in():
    user = (
        "object: User\ntable: crm_user\ncreate: in\nupdate: in\nfields: [{sf: Username, local: username}]\n"
    )
    found = parse({"u.yaml": user}).by_sobject("User")
    assert found.fields[0].direction == "in"
    assert found.outbound == frozenset()
    said = faults(u=user.replace("local: username", "local: username, direction: both"))
    assert "The value goes out, and neither `create` nor `update` of User does." in said[0]


def test_writing_without_an_external_id_is_a_fault():
    assert "names no external id" in faults(A=ACCOUNT.replace("external_id: Tandem_Id__c\n", ""))[0]


def test_the_relationship_follows_from_the_field():
    text = CONTACT.replace(
        "lookups:\n", "lookups:\n  - {sf: Partner__c, local: partner_id, object: Account}\n"
    )
    partner, account = parse({"a": ACCOUNT, "c": text}).by_sobject("Contact").lookups
    assert (partner.relationship, account.relationship) == ("Partner__r", "Account")
    assert account.external_id == "Tandem_Id__c"


def test_comments_and_layout_do_not_make_another_version():
    first = parse({"Account.yaml": ACCOUNT}).hash
    assert (
        parse(
            {
                "Firmen.yaml": "# companies\n"
                + ACCOUNT.replace("{sf: Name, local: name}", "\n      sf: Name\n      local: name")
            }
        ).hash
        == first
    )
    assert parse({"Account.yaml": ACCOUNT.replace("local: name", "local: title")}).hash != first


ORG = Capabilities(
    {"Account": frozenset({"Name", "ParentId", "Tandem_Id__c"})}, frozenset({"multi_currency"})
)


def test_parts_that_an_org_lacks_are_left_out_and_named():
    text = account_with("{sf: IsPartner, local: is_partner, type: boolean, direction: in, optional: true}")
    text = text.replace(
        "fields:\n",
        "fields:\n  - {sf: CurrencyIsoCode, local: currency_code, when: {feature: multi_currency}}\n"
        "  - {sf: Site, local: site, when: {all: [{object: Account}, {not: {field: Account.Name}}]}}\n",
    )
    narrowed, skipped = parse({"Account.yaml": text}).for_org(ORG)
    assert list(narrowed.by_sobject("Account").by_sf) == ["CurrencyIsoCode", "Name", "ParentId"]
    assert [(s.part, s.because) for s in skipped] == [
        (
            "Account.Site",
            "Skipped unless the org has the object Account and not (the org has the field Account.Name).",
        ),
        ("Account.IsPartner", "Skipped unless the org has the field Account.IsPartner."),
    ]


def test_a_field_without_a_guard_is_kept_even_when_the_org_hides_it():
    narrowed, skipped = parse({"Account.yaml": account_with("{sf: Site, local: site}")}).for_org(ORG)
    assert "Site" in narrowed.by_sobject("Account").by_sf
    assert skipped == ()


def test_two_fields_may_share_a_column_where_never_both_apply():
    feature = "{feature: state_country_picklists}"
    text = account_with(f"{{sf: BillingCountryCode, local: country, when: {feature}}}")
    text = text.replace(
        "fields:\n", f"fields:\n  - {{sf: BillingCountry, local: country, when: {{not: {feature}}}}}\n"
    )
    narrowed, _ = parse({"Account.yaml": text}).for_org(ORG)
    assert "BillingCountry" in narrowed.by_sobject("Account").by_sf
    assert "BillingCountryCode" not in narrowed.by_sobject("Account").by_sf


def test_what_an_org_must_have_leaves_out_what_a_guard_excuses():
    text = account_with("{sf: IsPartner, local: is_partner, type: boolean, direction: in, optional: true}")
    text = text.replace("fields:\n", "fields:\n  - {sf: Owner.Name, local: owner_name, direction: in}\n")
    found = parse({"Account.yaml": text})
    assert found.required() == {"Account": {"Tandem_Id__c", "Name", "ParentId", "OwnerId"}}
    assert found.objects_named() == ["Account"]


def test_guards_combine():
    has, lacks = Guard("object", "Account"), Guard("object", "ChannelProgramMember")
    assert Guard("any", parts=(has, lacks)).holds(ORG)
    assert not Guard("all", parts=(has, lacks)).holds(ORG)
    assert Guard("not", parts=(lacks,)).holds(ORG)
    assert not Guard("field", "ChannelProgramMember.Id").holds(ORG)
