"""The meanings of column names in spreadsheets and exports of identity providers, in English and Japanese."""

import re
from functools import lru_cache

from members.keys import key_of

EMAIL, NAME, UNIQUE_ID, LANGUAGE, ROLE, TEAMS = "email", "name", "unique_id", "language", "role", "teams"
USER_NAME, LOGIN, GIVEN_NAME, FAMILY_NAME = "user_name", "login", "given_name", "family_name"
LINE, EXTERNAL_ID, STATUS, STATE, BLOCKED, CONTROL = "line", "external_id", "status", "state", "blocked", "control"
GROUPS = "groups"

# Spellings by meaning, the most telling first: of two columns with one meaning that one is read first.
SPELLINGS: dict[str, str] = {
    # Column of our own files: the person's row in the list that they were made of.
    LINE: "lineinthelist|リストの行",
    # Always an address.
    USER_NAME: "userprincipalname|upn|signinaddress|ログイン用アドレス|ユーザープリンシパル名|ユーザプリンシパル名"
    "|サインインアドレス|サインイン名|signinname|プライマリメールアドレス|primaryemail|primaryemailaddress",
    # An address with most, a short name with some.
    LOGIN: "username|login|loginname|userlogin|userid|ユーザー名|ユーザ名|ログイン|ログイン名|ログインid|ユーザーid",
    EMAIL: "email|emailaddress|mail|mailaddress|emailprimary|workemail|primarysmtpaddress|windowsemailaddress"
    "|emailsvalue|emailid|businessemail|companyemail|メールアドレス|メール|eメール|eメールアドレス|電子メール|電子メールアドレス|emailアドレス|mailアドレス|会社メールアドレス"
    "|業務用メールアドレス|社用メールアドレス|アドレス",
    NAME: "displayname|fullname|name|cn|commonname|表示名|氏名|名前|お名前|フルネーム|社員名|従業員名|漢字氏名",
    GIVEN_NAME: "givenname|firstname|名|名名",
    FAMILY_NAME: "surname|lastname|familyname|sn|姓|苗字|名字",
    UNIQUE_ID: "uniqueid|ユニークid",
    LANGUAGE: "language|言語",
    ROLE: "role|権限|ロール",
    TEAMS: "teams|team|チーム",
    # Of an identity provider; which of them are teams here, only Preview asks.
    GROUPS: "groups|group|groupnames|groupname|usergroups|memberof|グループ|グループ名|所属グループ",
    EXTERNAL_ID: "externalid|objectid|id|オブジェクトid|外部id",
    STATUS: "accountenabled|enabled|active|isactive|isenabled|status|userstatus|accountstatus|activated|signinstatus"
    "|signinallowed|ステータス|有効|有効無効|アカウントの有効化|アカウントが有効|アカウント有効|アカウントの状態|アカウント状態"
    "|ユーザーステータス|ユーザーの状態|サインインの状態|サインイン状態|サインイン許可|サインインの許可|利用状態|利用状況|アクティブ"
    "|在籍状況|在籍区分|在職状況|雇用状態|employmentstatus|利用可否|アカウントステータス",
    # A status with JumpCloud, elsewhere a part of an address in the country.
    STATE: "state|状態|在籍",
    BLOCKED: "blockcredential|blocksignin|signinblocked|blockedsignin|credentialblocked|blocked|isblocked|suspended"
    "|issuspended|disabled|isdisabled|accountdisabled|inactive|isinactive|locked|islocked|lockedout|accountlocked"
    "|accountlockedout|nsaccountlock|archived|isarchived|deactivated|deleted|isdeleted|terminated"
    "|サインインのブロック|サインインをブロック|サインインブロック|サインインをブロックする|資格情報のブロック|資格情報をブロック"
    "|ブロック|ブロック済み|停止|停止中|利用停止|一時停止|一時停止中|無効|無効化|アカウント無効|アカウントの無効化|ロック|ロック中"
    "|アカウントロック|アカウントのロック|アーカイブ|アーカイブ済み|削除済み|削除|退職|退職済み|休止|失効",
    # Bits, with Active Directory.
    CONTROL: "useraccountcontrol",
}  # fmt: skip
PLACE_OF = {
    spelling: (column, place)
    for column, spellings in SPELLINGS.items()
    for place, spelling in enumerate(spellings.split("|"))
}
# Characters of a header; no known one is longer.
MAX_HEADER = 120
_NOTE = re.compile(r"[\[(<【][^\[(<【\])>】]*[\])>】]")
_INNER = re.compile(r"\[([^\[\]]*)\]")
# Okta's reports write “user.login”, “profile.email”.
_PREFIX = re.compile(r"^(user|profile|attributes|name)\.(?=\w)")
# “User email”, “Account is disabled”, “ログイン停止”: whose it is says nothing more, where these columns are meant.
_SUBJECT = re.compile(r"^(?:account|user|login|signin|アカウント|ユーザー?|ログイン|サインイン)?(?:is|の|が|を)?")
_OF_SUBJECT = (EMAIL, STATUS, STATE, BLOCKED)
# Readings of a name (furigana), which are not the name.
_READING = re.compile("カナ|フリガナ|ふりがな|ローマ字|よみ|読み仮名|kana|phonetic")
_MARKS = re.compile(r"[\s_\-./*:：・/?？]|required$|optional$|readonly$|flag$|必須$|任意$|フラグ$")
_SPACE = re.compile(r"\s")


@lru_cache(maxsize=2048)
def meaning_of(header: str) -> tuple[str, int] | None:
    """The column, and how far down it stands among its spellings.

    The text outside of […] counts first: “Block sign in [accountEnabled]” says Yes of the blocked.
    """
    if len(header) > MAX_HEADER:
        return None
    text = key_of(header).strip()
    if _READING.search(text):
        return None
    for spelling in (_NOTE.sub("", text), *_INNER.findall(text)):
        bare = _bare(_PREFIX.sub("", spelling.strip()))
        if found := PLACE_OF.get(bare):
            return found
        if (found := PLACE_OF.get(_SUBJECT.sub("", bare))) and found[0] in _OF_SUBJECT:
            return found
    return None


def _bare(text: str) -> str:
    """The header in folded case, without blanks and separators."""
    return _MARKS.sub("", _SPACE.sub("", text))
