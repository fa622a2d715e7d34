"""What apps add to those below them."""

from members.console.navigation import page_names
from members.refusals import Refusal


def test_every_page_that_a_refusal_leads_to_has_a_name() -> None:
    led_to = {kind.mended_at for kind in Refusal.by_code.values()} - {""}

    assert led_to <= page_names().keys()
    assert {"members", "saml", "provisioning-review"} <= led_to
