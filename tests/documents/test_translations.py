"""Japanese is complete: no text of the sources is missing, doubtful or differently filled in."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.utils.translation import gettext as translated
from django.utils.translation import override, pgettext

from members.models import Member, Organization, Role
from members.refusals import Refusal
from provisioning.guards_refusals import IsTokenIssuer
from provisioning.models import RefusedDeparture
from provisioning.scim.wire.refusals import BadToken
from tests.cast import page_actor, provisioned, scim_token
from tests.cast.catalogue import CATALOGUE, gettext, translations
from tests.cast.every_refusal import every_refusal

SOURCES = ["members", "saml", "provisioning", "api", "nulab_org", "templates"]
FIGURE = re.compile(r"%\((\w+)\)[sd]|%(%)|%([sd])")
# What needs no Japanese letter.
SAME_IN_JAPANESE = {"API", "Webhooks", "externalId", "SCIM URL", "SCIM URL: %(url)s", "%(used)s of %(total)s"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue as `make messages` would write it now, in a folder of its own."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copytree(settings.BASE_DIR / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / CATALOGUE).parent.mkdir(parents=True)
    shutil.copy(settings.BASE_DIR / CATALOGUE, folder / CATALOGUE)
    # With settings it would write into the real folder.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "ja", "--no-obsolete", "--verbosity", "0"]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return folder / CATALOGUE


@pytest.fixture(scope="module")
def texts(collected: Path) -> list[tuple[str, str]]:
    """English and Japanese of every entry."""
    return list(translations(collected))


def figures(text: str) -> set[str]:
    names = {name or sign for name, percent, sign in FIGURE.findall(text) if not percent}
    return names | {name for _, name, _, _ in Formatter().parse(text) if name} if "{" in text else names


def refusals() -> list[type[Refusal]]:
    return [Refusal, *every_refusal().values()]


def test_every_text_of_the_sources_is_translated(collected: Path) -> None:
    assert gettext("msgattrib", "--untranslated", "--no-location", str(collected)) == ""


def test_no_translation_is_a_guess(collected: Path) -> None:
    assert gettext("msgattrib", "--only-fuzzy", "--no-location", str(collected)) == ""


def test_every_translation_is_japanese(texts: list[tuple[str, str]]) -> None:
    left = [english for english, japanese in texts if not JAPANESE.search(japanese)]

    assert set(left) <= SAME_IN_JAPANESE


def test_a_translation_takes_the_figures_of_its_text(texts: list[tuple[str, str]]) -> None:
    wrong = [(english, japanese) for english, japanese in texts if figures(english) != figures(japanese)]

    assert wrong == []


def test_one_thing_has_one_japanese_word(texts: list[tuple[str, str]]) -> None:
    """The word on the left is the one of another translator."""
    banned = {
        "サインイン": "ログイン",
        "サインアウト": "ログアウト",
        "Nulabアカウント": "ヌーラボアカウント",
        "Nulabサポート": "ヌーラボサポート",
        "サポートスタッフ": "サポート担当者",
        "2段階認証": "二要素認証",
        "認証済みドメイン": "確認済みドメイン",
        r"失効(する|します|しない|でき)|を失効(?!させ)": "失効させる",
        "お支払い": "プラン",
        r"を再開しました|アカウント(の|を)再開": "停止を解除",
        "これまでの出来事": "最近のアクティビティ",
        "はじめに": "スタートガイド",
        "ライブ(?!ラリ)": "自動更新中",
        "秘密の情報": "機密情報",
        "使い回し": "再利用",
        "ご自身の管理に": "管理がご自身に",
        "あなたを招待": "に招待",
        "一致させ|一致に使|一致し、": "照合",
        "続ける$": "次へ",
        "ヌーラボのサポート": "ヌーラボサポート",
        "Nulab ?アプリ|ヌーラボアプリ": "ヌーラボのアプリ",
        "ヌーラボ ?(Pass|パス)": "Nulab Pass",
        "ステップ中": "件中",
        "割り当てを外(す|して)ください。外すと": "マッピングを削除",
        r"属性を\w+に割り当て|アドレスを割り当て": "対応付け",
        "書き込まれ(ません|ていません)": "保存され",
        "保証する": "確認済みにする",
        r"処理が(途中|中途半端)": "変更が一部だけ適用されることはありません",
        "メンバーは今は外せません": "保護されています",
        "^[^。]*：%": "半角の「: 」",
        r"(?<! )[(](?=[\u3040-\u30ff\u4e00-\u9fff])|(?<=[\u3040-\u30ff\u4e00-\u9fff])[(]": "（…）",
    }

    found = [(japanese, right) for _, japanese in texts for word, right in banned.items() if re.search(word, japanese)]

    assert found == []


# A figure of speech, an inversion or an archaism, and how it is said instead.
FIGURES_OF_SPEECH = {
    r"\bwhoever\b": "anyone who, the person who",
    r"\b(some|no|every|any)body\b": "a person, no one, everyone",
    r"\bfor (ever|good)\b": "permanently",
    r"\bvoid\b": "no longer works",
    r"\bstands?\b": "is",
    r"\b(lies|hears|yields|vouch\w*|anew|beside)\b": "is, learns, returns, verified, again, next to",
    r"\b(so far|at hand|meanwhile)\b": "until now, available, in the meantime",
    r"\bshould (you|they|it) \w+": "if",
    r"\b(stay|stays|are) as (it|they) (is|are|was|were)\b": "do not change",
    r"quarter of an hour": "15 minutes",
    r"\b(a|the|another|last|this) mails?\b(?! domain)|\bmails (us|you|are|go)\b|\bmailed\b": "email",
    r"\b(has|have|is|are) [a-z]+ already\b|\b[a-z]+ed already\b": "already before the participle",
    r"\bleavers?\b": "people who leave",
    r"\bhalf done\b": "applied in part",
    r"\bwants? [^.,]* out\b|\bis out\b": "tried to deactivate or delete, is deactivated",
    r"\b(is|this \w+ is) over$": "is no longer valid",
    r"\b(the|what) (most|which is the most)\b": "which is the limit",
    r"\bpush(es)? (the|one|this) person\b": "synchronize",
    r"\btakes? [^.]*\bout of the assignment\b": "remove",
    r"\b(stays?|keeps?) (out|in)\b(?! force)": "keep their access",
    r"\bis no (?!longer\b)[a-zA-Z-]+ (file|address)\b": "is not a",
}


def test_english_is_plain(texts: list[tuple[str, str]]) -> None:
    found = [
        (english, plain)
        for english, _ in texts
        for phrase, plain in FIGURES_OF_SPEECH.items()
        if re.search(phrase, english, re.IGNORECASE)
    ]

    assert found == []


def test_one_english_word_may_need_several() -> None:
    """By the place where it stands."""
    with override("ja"):
        never = [translated("Never"), pgettext("last used", "Never"), pgettext("expiry", "Never")]

    assert never == ["未同期", "未使用", "無期限"]


def test_people_are_addressed_formally_in_mails(collected: Path) -> None:
    mails = [
        entry for entry in gettext("msgcat", "--no-wrap", str(collected)).split("\n\n") if "templates/mail/" in entry
    ]

    assert len(mails) > 50
    assert [entry for entry in mails if re.search(r"%\(\w+\)sさん", entry)] == []


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.__name__)
def test_a_refusal_says_its_figures(kind: type[Refusal], language: str) -> None:
    names = figures(str(kind.sentence))
    # Those with a problem put it into words even where their sentence leaves it out; of what was sent words are hidden.
    said = {name: f"<{name}>" for name in names | {"problem"}} | {"path": "aPath", "filter": "anAttribute pr"}
    refusal = kind(**said)

    with override(language):
        sentence = str(refusal)

    assert all(said[name] in sentence for name in names)
    assert "%(" not in sentence
    if kind is not BadToken:
        assert bool(JAPANESE.search(sentence)) == (language == "ja")


def test_a_refusal_is_raised_with_the_figures_of_its_sentence() -> None:
    needed = {kind.__name__: figures(str(kind.sentence)) for kind in refusals()}

    missing = [
        f"{path}:{call.lineno} {name} lacks {sorted(needed[name] - given)}"
        for path, call, name, given in made_refusals(set(needed))
        if not needed[name] <= given
    ]

    assert missing == []


def made_refusals(names: set[str]) -> Iterator[tuple[Path, ast.Call, str, set[str]]]:
    """Where the sources make one, with the names of the figures that they give it."""
    for folder in ("members", "saml", "provisioning", "api"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(call, ast.Call):
                    continue
                name = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
                given = {keyword.arg for keyword in call.keywords}
                if name in names and None not in given:
                    yield path.relative_to(settings.BASE_DIR), call, name, {str(word) for word in given}


def test_a_mail_speaks_the_language_of_its_reader(
    aozora: Organization, aiko: Member, ren: Member, django_capture_on_commit_callbacks: Any
) -> None:
    emi = provisioned(aozora, "emi", role=Role.ADMIN, language="en")
    scim_token(aozora, issuer=emi)
    aiko.account.prefer(by=page_actor(aiko), language="ja")

    refusal = IsTokenIssuer(member=emi.account.name, prefix="nlb_scim_abcdef")

    with django_capture_on_commit_callbacks(execute=True):
        RefusedDeparture.remember(emi, refusal)

    [message] = mail.outbox
    lines = [message.subject, *message.body.splitlines()]
    assert [
        line for line in map(str, lines) if line and not line.startswith(("http", "-- ")) and not JAPANESE.search(line)
    ] == []
    with override("ja"):
        assert str(refusal) in message.body
