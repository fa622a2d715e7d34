"""What the tests say in an IdP's name is signed where they say so, and nowhere else."""

import pytest

from tests.cast.saml_messages import Element, Message, encrypted, is_signed_by, key_pair, signed

ACS, SP = "https://sp.example/saml/callback", "https://sp.example/saml"


@pytest.fixture
def message() -> Message:
    return Message(
        issuer="https://idp.example", destination=ACS, recipient=ACS, audience=SP, name_id="mia@aozora.example"
    )


@pytest.mark.parametrize("elements", [("Response",), ("Assertion",), ("Assertion", "Response")])
def test_the_named_elements_are_signed(message: Message, elements: tuple[Element, ...]) -> None:
    xml = signed(message.xml(), *elements)

    names: tuple[Element, Element] = ("Response", "Assertion")
    for element in names:
        assert is_signed_by(xml, key_pair().certificate, element) == (element in elements)
        assert not is_signed_by(xml, key_pair("another").certificate, element)
        assert not is_signed_by(xml.replace("mia@", "ren@"), key_pair().certificate, element)


def test_an_encrypted_assertion_is_not_to_be_read(message: Message) -> None:
    xml = signed(encrypted(signed(message.xml(), "Assertion"), key_pair("sp").certificate), "Response")

    assert "mia@" not in xml
    assert "<saml:EncryptedAssertion>" in xml
    assert is_signed_by(xml, key_pair().certificate, "Response")
