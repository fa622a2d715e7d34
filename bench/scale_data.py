"""Sync activity and audit log of 30 organizations over 13 months, written straight into the tables.

The mix is what identity providers send: three calls of four change nothing (searches, reads, PATCHes that repeat
what is stored) and are kept for 30 days, the fourth is a change or a refusal and is kept for 13 months.
"""

import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from members import actors
from members.models import Account, AuditEvent, Member, Organization, Role
from provisioning.models import ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.words import words

BY = actors.command("bench")
ORGANIZATIONS = 30
# Days that are filled: one more than is kept, as on the day after the last prune.
LASTING_DAYS, READ_DAYS = 397, 31
# The share of lasting lines among those that are there.
LASTING = 0.8

# Half of all rows belong to the first organization, the rest to fewer and fewer.
_OWNER = "(%(organizations)s::bigint[])[CASE WHEN n %% 2 = 0 THEN 1 ELSE 2 + floor(29 * random() ^ 3)::int END]"
_PERSON = "md5('person ' || (n * 7919 %% 60000))"
_ID = "overlay(overlay(overlay(overlay({0} placing '-' from 9 for 0) placing '-' from 14 for 0) placing '-' from 19 for 0) placing '-' from 24 for 0)"  # noqa: E501
_NAME = "(ARRAY['田中','佐藤','Kobayashi','鈴木','Oliveira','高橋','Weber','山本'])[1 + n %% 8] || ' ' || (n * 7919 %% 60000)"  # noqa: E501

_PATCH_BODY = (
    """'{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"displayName","""
    """"value":"' || name || '"},{"op":"Replace","path":"name.formatted","value":"' || name || '"},"""
    """{"op":"Replace","path":"preferredLanguage","value":"ja-JP"}]}'"""
)
_CREATE_BODY = (
    """'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:nulab:1.0:User"],"""
    """"externalId":"' || id || '","userName":"' || address || '","active":true,"displayName":"' || name || '","""
    """"emails":[{"primary":true,"type":"work","value":"' || address || '"}],"meta":{"resourceType":"User"},"""
    """"name":{"formatted":"' || name || '","familyName":"…","givenName":"…"},"preferredLanguage":"ja-JP","""
    """"roles":[{"primary":"True","type":"WindowsAzureActiveDirectoryRole","value":"Member"}]}'"""
)

ACTIVITY = f"""
INSERT INTO provisioning_syncactivity (organization_id, at, request_id, token_prefix, kind, method, path, status,
    duration_ms, subject_id, subject, changes, ignored, reason, figures, detail, body, search, is_lasting)
SELECT owner, at, md5('request ' || %(name)s || n), 'nlbscim_' || left(md5(owner::text), 6),
    CASE c WHEN 'filter' THEN 'search' WHEN 'read' THEN 'read' WHEN 'create' THEN 'create' WHEN 'delete' THEN 'delete'
        ELSE 'patch' END,
    CASE c WHEN 'filter' THEN 'GET' WHEN 'read' THEN 'GET' WHEN 'create' THEN 'POST' WHEN 'delete' THEN 'DELETE'
        ELSE 'PATCH' END,
    CASE c WHEN 'filter' THEN '/Users?filter=userName%%20eq%%20%%22' || address || '%%22'
        WHEN 'create' THEN '/Users' ELSE '/Users/' || id END,
    CASE c WHEN 'refused' THEN 409 WHEN 'create' THEN 201 WHEN 'delete' THEN 204 ELSE 200 END,
    5 + n %% 40, id, name,
    CASE c WHEN 'change' THEN jsonb_build_object('display_name', jsonb_build_array('前の名前', name),
                                                 'language', jsonb_build_array('en', 'ja'))
        WHEN 'create' THEN jsonb_build_object('user_name', jsonb_build_array(NULL, address), 'email',
            jsonb_build_array(NULL, address), 'display_name', jsonb_build_array(NULL, name), 'external_id',
            jsonb_build_array(NULL, id), 'language', jsonb_build_array(NULL, 'ja'))
        ELSE '{{}}' END,
    CASE c WHEN 'create' THEN '["roles.type"]'::jsonb ELSE '[]' END,
    CASE c WHEN 'refused' THEN 'address_taken_here' ELSE '' END,
    CASE c WHEN 'refused' THEN jsonb_build_object('member', name) ELSE '{{}}' END,
    CASE c WHEN 'refused' THEN address || ' is used by another account of this organization.' ELSE '' END,
    CASE WHEN c IN ('change', 'unchanged', 'refused') THEN {_PATCH_BODY} WHEN c = 'create' THEN {_CREATE_BODY} ELSE '' END,
    left(md5(owner || id), 16) || ' ' || left(md5(owner || address), 16)
        || CASE WHEN c = 'filter' THEN '' ELSE ' ' || left(md5(id || owner), 16) || ' ' || left(md5(name || owner), 16) END,
    c IN ('change', 'create', 'refused', 'delete')
FROM (
    SELECT n, at, {_OWNER} AS owner, {_ID.format(_PERSON)} AS id, {_NAME} AS name,
        'p' || (n * 7919 %% 60000) || '@company.example' AS address,
        CASE WHEN is_lasting THEN (ARRAY['change','change','change','create','delete','refused'])[1 + floor(6 * random())::int]
            ELSE (ARRAY['filter','filter','filter','read','unchanged'])[1 + floor(5 * random())::int] END AS c
    FROM (
        SELECT n, n <= %(before)s OR random() < %(share)s AS is_lasting, CASE WHEN n <= %(before)s
            THEN now() - interval '1 day' * (%(lasting_days)s - (%(lasting_days)s - %(read_days)s) * n / %(before)s::float)
            ELSE now() - interval '1 day' * %(read_days)s * (1 - (n - %(before)s) / (%(rows)s - %(before)s)::float) END AS at
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
    ) moments
) calls
"""  # noqa: E501

AUDIT = f"""
INSERT INTO members_auditevent (organization_id, at, event, operator_kind, operator_id, operator_name, operator_email,
    ip_address, user_agent, subject_id, subject, changes, version, request_id)
SELECT owner, at, e, CASE WHEN e = 'account.signed_in' THEN 'account' ELSE 'provisioning' END,
    CASE WHEN e = 'account.signed_in' THEN n %% 60000 END,
    CASE WHEN e = 'account.signed_in' THEN name ELSE 'nlbscim_' || left(md5(owner::text), 6) END,
    CASE WHEN e = 'account.signed_in' THEN address ELSE '' END, '192.0.2.7',
    CASE WHEN e = 'account.signed_in'
        THEN 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36'
        ELSE 'Microsoft Entra ID provisioning' END,
    id, name,
    CASE e WHEN 'account.changed' THEN jsonb_build_object('display_name', jsonb_build_array('前の名前', name),
                                                          'language', jsonb_build_array('en', 'ja'))
        WHEN 'account.created' THEN jsonb_build_object('user_name', jsonb_build_array('', address), 'email',
            jsonb_build_array('', address), 'display_name', jsonb_build_array('', name), 'external_id',
            jsonb_build_array('', id), 'language', jsonb_build_array('', 'ja'), 'licences', jsonb_build_array('', 'Pass'))
        WHEN 'account.signed_in' THEN '{{"method": ["", "saml"]}}'
        ELSE '{{"active": [true, false]}}' END,
    1, md5('request ' || %(name)s || n)
FROM (
    SELECT n, now() - interval '1 day' * %(lasting_days)s * (1 - n / %(rows)s::float) AS at, {_OWNER} AS owner,
        {_ID.format(_PERSON)} AS id, {_NAME} AS name, 'p' || (n * 7919 %% 60000) || '@company.example' AS address,
        (ARRAY['account.changed','account.changed','account.changed','account.created','account.deactivated',
            'account.signed_in'])[1 + floor(6 * random())::int] AS e
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
) events
"""  # noqa: E501
HOURS = """
INSERT INTO provisioning_activityhour (organization_id, hour, outcome, calls)
SELECT organization_id, date_trunc('hour', at), CASE WHEN status >= 400 THEN 2 WHEN is_lasting THEN 1 ELSE 0 END,
    count(*)
FROM provisioning_syncactivity WHERE at > now() - interval '31 days' GROUP BY 1, 2, 3
"""
AT_ONCE = 500_000


def organizations() -> list[Organization]:
    """The organizations, the first one with an administrator and switched-on provisioning."""
    made = [
        Organization.objects.register(name=f"Company {number}", slug=f"company-{number}", by=BY)
        for number in range(1, ORGANIZATIONS + 1)
    ]
    administrator = Account.objects.register_nulab(email="admin@company.example", name="Admin")
    Member.objects.add(made[0], administrator, role=Role.ADMIN, by=BY)
    return made


def fill(rows: int, among: list[Organization]) -> None:
    """Insert so many lines and as many events, the oldest first; indexes are there only afterwards."""
    read = rows * (1 - LASTING)
    lately = round(read + rows * LASTING * READ_DAYS / LASTING_DAYS)
    given: dict[str, Any] = {
        "organizations": [organization.pk for organization in among], "rows": rows, "before": rows - lately,
        "share": 1 - read / lately, "lasting_days": LASTING_DAYS, "read_days": READ_DAYS, "name": "bench",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        indexes = _without_indexes(cursor)
        for statement in (ACTIVITY, AUDIT):
            for first in range(1, rows + 1, AT_ONCE):
                cursor.execute(statement, given | {"first": first, "last": min(first + AT_ONCE - 1, rows)})
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute(HOURS)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _without_indexes(cursor: Any) -> list[str]:
    """Drop the indexes but the primary keys; returns what makes them again."""
    tables = [model._meta.db_table for model in (SyncActivity, AuditEvent)]
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT LIKE '%%_pkey'",
        [tables],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def look_lived_in(organization: Organization) -> None:
    """Switch provisioning on, and let one member have a history; a sandbox needs neither domain nor SAML."""
    Organization.objects.filter(pk=organization.pk).update(is_sandbox=True)
    organization.refresh_from_db()
    administrator = organization.members.get(account__email="admin@company.example")
    Account.objects.filter(pk=administrator.account_id).update(is_staff=True)
    ProvisioningSettings.of(organization).enable(issuer=administrator, by=BY)
    ScimToken.objects.filter(organization=organization).update(
        first_used_at=timezone.now(), last_used_at=timezone.now()
    )
    account = Account.objects.register_nulab(email="known@company.example", name="Known Knownson")
    known = Member.objects.add(organization, account, role=Role.ADMIN, by=BY)
    give_history(known)


def give_history(member: Member) -> None:
    """Sixty lines and events of the member in a year. Those that are filled in have other words than their people."""
    for number in range(60):
        at = timezone.now() - datetime.timedelta(days=number * 6)
        own = {
            "organization": member.organization,
            "at": at,
            "subject_id": member.scim_id,
            "subject": member.account.name,
        }
        AuditEvent.objects.create(
            **own, event="account.changed", operator_kind="provisioning", operator_name="SCIM",
            changes={"language": ["en", "ja"]}, request_id=f"{number:032x}",
        )  # fmt: skip
        SyncActivity.objects.create(
            **own, request_id=f"{number:032x}", token_prefix="nlbscim_", kind="patch", method="PATCH",
            path=f"/Users/{member.scim_id}", status=200, duration_ms=9, changes={"language": ["en", "ja"]},
            search=words(member.organization_id, [member.account.email, member.scim_id]), is_lasting=True,
        )  # fmt: skip
