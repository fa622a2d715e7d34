"""Bodies as some clients write them."""

from tests.scim import Idp


def test_a_byte_order_mark_and_a_misspelt_media_type_are_passed_over(idp: Idp) -> None:
    for number, kind in enumerate(("application/json+scim", "application/scim+json", "application/json")):
        body = b'\xef\xbb\xbf{"userName": "m%d@aozora.example"}' % number
        assert idp.post(body, content_type=kind).status == 201
