"""The people of Aozora Design, as their directory and its administrators know them."""

import uuid
from dataclasses import dataclass, replace
from typing import Literal

from demo import entra
from members.models import Role

DOMAIN = "aozora.example"
NAMESPACE = uuid.UUID("0a21f0f2-0000-4000-8000-000000000000")
LANGUAGE_TAGS = {"en": "en-US", "ja": "ja-JP"}


@dataclass(frozen=True, slots=True)
class Colleague:
    local: str
    # Given and family name in the order in which the language says them.
    name: str
    language: str = "en"
    role: Role = Role.USER
    type: Literal["provisioned", "managed", "nulab"] = "provisioned"
    is_active: bool = True
    unique_id: str | None = None
    teams: tuple[str, ...] = ()
    domain: str = DOMAIN

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def object_id(self) -> str:
        return str(uuid.uuid5(NAMESPACE, self.address))

    @property
    def names(self) -> tuple[str, str]:
        """Given name, family name."""
        first, _, second = self.name.partition(" ")
        return (second, first) if self.language == "ja" else (first, second)

    def in_directory(self) -> entra.Person:
        given, family = self.names
        return entra.Person(
            object_id=self.object_id,
            given_name=given,
            family_name=family,
            display_name=self.name,
            user_name=self.address,
            email=self.address,
            language=LANGUAGE_TAGS[self.language],
            role=self.role.value,
            nickname=self.unique_id or "",
            is_enabled=self.is_active,
        )


TEAMS = ("Design", "Engineering", "Sales", "Customer Success", "東京オフィス")
ADMIN, GUEST = Role.ADMIN, Role.GUEST

COLLEAGUES = [
    Colleague("haruto.sato", "Haruto Sato", teams=("Design", "東京オフィス")),
    Colleague("maria.oliveira", "Maria Oliveira", teams=("Design",)),
    Colleague("kenichi.tanaka", "田中 健一", "ja", ADMIN, unique_id="ken1", teams=("Engineering", "東京オフィス")),
    Colleague("yui.nakamura", "Yui Nakamura", is_active=False, teams=("Design",)),
    Colleague("daniel.weber", "Daniel Weber", role=GUEST, teams=("Engineering",)),
    Colleague("omar.haddad", "Omar Haddad", teams=("Engineering",)),
    Colleague("misaki.suzuki", "鈴木 美咲", "ja", is_active=False, teams=("Sales", "東京オフィス")),
    Colleague("lena.fischer", "Lena Fischer", teams=("Sales",)),
    Colleague("sota.yamamoto", "山本 颯太", "ja", teams=("Engineering", "東京オフィス")),
    Colleague("grace.oconnor", "Grace O'Connor", teams=("Customer Success",)),
    Colleague("hina.kato", "加藤 陽菜", "ja", teams=("Customer Success", "東京オフィス")),
    Colleague("jonas.berg", "Jonas Berg", teams=("Engineering",)),
    Colleague("mei.watanabe", "Mei Watanabe", role=ADMIN, unique_id="mei", teams=("Design",)),
    Colleague("ren.yoshida", "吉田 蓮", "ja", teams=("Sales",)),
    Colleague("sofia.rossi", "Sofia Rossi", teams=("Design",)),
    Colleague("yuto.sasaki", "佐々木 悠斗", "ja", GUEST),
    Colleague("amelie.dubois", "Amélie Dubois", teams=("Sales",)),
    Colleague("kaito.matsumoto", "松本 海斗", "ja", teams=("Engineering", "東京オフィス")),
    Colleague("lucas.silva", "Lucas Silva", is_active=False, teams=("Sales",)),
    Colleague("akari.inoue", "井上 明里", "ja", teams=("Design", "東京オフィス")),
    Colleague("emma.larsen", "Emma Larsen", role=GUEST),
    Colleague("riku.kimura", "木村 陸", "ja", teams=("Engineering",)),
    Colleague("anya.petrova", "Anya Petrova", teams=("Engineering",)),
    Colleague("mio.hayashi", "林 澪", "ja", unique_id="mio", teams=("Customer Success",)),
    Colleague("tomas.novak", "Tomáš Novák", teams=("Engineering",)),
    Colleague("itsuki.shimizu", "清水 樹", "ja", is_active=False, teams=("Sales",)),
    Colleague("chloe.martin", "Chloé Martin", teams=("Design",)),
    Colleague("aoi.yamazaki", "山崎 葵", "ja", teams=("Sales", "東京オフィス")),
    Colleague("david.cohen", "David Cohen", teams=("Customer Success",)),
    Colleague("minato.mori", "森 湊", "ja", teams=("Engineering",)),
    Colleague("fatima.khan", "Fatima Khan", teams=("Engineering",)),
    Colleague("rin.abe", "阿部 凛", "ja", GUEST),
    Colleague("oliver.smith", "Oliver Smith", teams=("Sales",)),
    Colleague("tsumugi.ikeda", "池田 紬", "ja", teams=("Design",)),
    Colleague("ingrid.hansen", "Ingrid Hansen", teams=("Customer Success",)),
    Colleague("yamato.hashimoto", "橋本 大和", "ja", teams=("Engineering", "東京オフィス")),
    Colleague("carlos.garcia", "Carlos García", teams=("Sales",)),
    Colleague("koharu.ishikawa", "石川 小春", "ja", teams=("Customer Success",)),
    Colleague("nina.kowalska", "Nina Kowalska", teams=("Design",)),
    Colleague("asahi.ogawa", "小川 朝陽", "ja", teams=("Engineering",)),
    Colleague("lin.chen", "Lin Chen", teams=("Engineering",)),
    Colleague("sakura.ito", "Sakura Ito", "en", type="managed", teams=("Sales",)),
    Colleague("takumi.fujita", "藤田 拓海", "ja", type="managed", teams=("Engineering",)),
    Colleague("hannah.becker", "Hannah Becker", type="managed", role=GUEST),
    Colleague("mitsuki.goto", "後藤 美月", "ja", type="managed", is_active=False),
    Colleague("ryo.hasegawa", "長谷川 諒", "ja", type="managed", teams=("Customer Success",)),
    Colleague("victor.lind", "Victor Lind", type="managed", teams=("Sales",)),
    Colleague("noah.kimura", "Noah Kimura", type="nulab", teams=("Design",)),
    Colleague("priya.raman", "Priya Raman", type="nulab", role=GUEST, domain="contractor.example"),
]
# Made before accounts were fit for provisioning: Review existing accounts offers Update.
BEFORE_PROVISIONING = "sakura.ito"
# Had Cacoo and Typetalk when they left; by now Typetalk has no room for them.
HELD_LICENCES = {"yui.nakamura", "misaki.suzuki"}
PRIVILEGES = {
    "mei.watanabe": {"is_plan_admin": True},
    "mio.hayashi": {"can_invite": True},
    "victor.lind": {"is_audit_log_admin": True},
}
# Former values in the directory, changed there within the last two weeks.
GUESTS_BEFORE = {"haruto.sato", "omar.haddad", "grace.oconnor", "sofia.rossi", "anya.petrova"}
ROMANIZED_BEFORE = {"sota.yamamoto", "hina.kato", "kaito.matsumoto", "akari.inoue", "riku.kimura"}
OTHER_LANGUAGE_BEFORE = {"maria.oliveira", "jonas.berg", "ren.yoshida", "amelie.dubois"}


def former(colleague: Colleague) -> Colleague:
    """The colleague as provisioned at first."""
    if colleague.local in GUESTS_BEFORE:
        return replace(colleague, role=Role.GUEST)
    if colleague.local in ROMANIZED_BEFORE:
        return replace(colleague, name=colleague.local.replace(".", " ").title())
    if colleague.local in OTHER_LANGUAGE_BEFORE:
        return replace(colleague, language="en" if colleague.language == "ja" else "ja")
    return colleague
