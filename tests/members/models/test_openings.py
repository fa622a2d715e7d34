"""What apps add to those below them."""

from members.console.navigation import page_names
from tests.cast.every_refusal import every_refusal


def test_every_page_that_a_refusal_leads_to_has_a_name() -> None:
    led_to = {kind.mended_at for kind in every_refusal().values()} - {""}

    assert led_to <= page_names().keys()
    assert {"members", "saml", "provisioning-review"} <= led_to
