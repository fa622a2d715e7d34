"""The words of exports for active and inactive. An unknown word says nothing."""

import re

from members.keys import key_of


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split("|"))


YES = _set("true|yes|y|t|1|on|はい|○|〇|◯|真|オン|✓|✔")
NO = _set("false|no|n|f|0|off|いいえ|×|✕|✗|✘|偽|オフ")
ACTIVE = _set(
    "active|activated|enabled|enable|allowed|signinallowed|live|current|employed|provisioned|recovery|passwordexpired"
    "|passwordreset|awaitingpasswordreset|passwordpending|pendinguseraction|securityquestionsrequired"
    "|有効|有効化|有効化済み|利用可|利用可能|アクティブ|アクティブ化済み|利用中|使用中|稼働中|許可|サインイン許可|サインインが許可されています|在籍|在籍中|在職|在職中"
    "|プロビジョニング済み|パスワードの有効期限切れ|パスワード期限切れ|回復中"
)  # fmt: skip
INACTIVE = _set(
    "inactive|notactive|unactivated|notactivated|deactivated|disabled|disable|blocked|signinblocked|denied|suspended"
    "|locked|lockedout|archived|staged|deprovisioned|deleted|removed|terminated|retired|resigned|left|offboarded"
    "|leftcompany|無効|無効化|無効化済み|休止|休止中|利用不可|使用不可|失効|非アクティブ|非アクティブ化済み|未アクティブ化|未有効化|停止|停止中|停止済み|利用停止|利用停止中|使用停止|一時停止|一時停止中"
    "|一時停止済み|凍結|凍結中|ブロック|ブロック中|ブロック済み|サインインブロック|サインインがブロックされています|サインインのブロック|拒否|ロック"
    "|ロック中|ロック済み|ロックアウト|ロックアウト済み|アーカイブ|アーカイブ済み|アーカイブ中|ステージング済み|ステージング|プロビジョニング解除済み"
    "|プロビジョニング解除|削除|削除済み|退職|退職済み|退職者|退社|退社済み"
)  # fmt: skip
# Words in a column that asks whether somebody is blocked; enabled and disabled could mean either there.
UNCLEAR = _set("enabled|enable|disabled|disable|有効|無効")
# The bit of Active Directory's userAccountControl.
ACCOUNT_DISABLED = 2
# 停止済 is 停止済み.
_SHORT = re.compile("済$")
_BETWEEN = re.compile(r"[\s_\-.。]")


def _word(text: str) -> str:
    return _SHORT.sub("済み", _BETWEEN.sub("", key_of(text)))


def by_status(text: str) -> bool | None:
    """Whether the person is active, from a column of that meaning; None if the word is unknown."""
    word = _word(text)
    if word in YES or word in ACTIVE:
        return True
    return False if word in NO or word in INACTIVE else None


def by_block(text: str) -> bool | None:
    """Whether the person is active, from a column that says who is blocked; None if the word is unknown."""
    word = _word(text)
    if word in UNCLEAR:
        return None
    if word in YES or word in INACTIVE:
        return False
    return True if word in NO or word in ACTIVE else None


def by_control(text: str) -> bool | None:
    """Whether the person is active, from Active Directory's userAccountControl; None if it is no number."""
    return not int(text) & ACCOUNT_DISABLED if text.isascii() and text.isdecimal() and len(text) < 12 else None
