"""An assertion that nobody has signed, checked in place of one that could not be read."""

from base64 import b64encode

# Filling, as in an assertion: an element and its text.
_FILLING = "<saml:AttributeValue>nothing</saml:AttributeValue>           "
_NOTHING = b64encode(bytes(256)).decode()
_DIGEST = b64encode(bytes(32)).decode()
_DOCUMENT = (
    '<opened><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_stand-in" Version="2.0">'
    "<saml:Issuer>nobody</saml:Issuer>"
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
    '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
    '<ds:Reference URI="#_stand-in"><ds:Transforms>'
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
    '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{_DIGEST}</ds:DigestValue>'
    f"</ds:Reference></ds:SignedInfo><ds:SignatureValue>{_NOTHING}</ds:SignatureValue></ds:Signature>"
    "{filling}</saml:Assertion></opened>"
)


def of_size(size: int) -> bytes:
    """A stand-in about as large as the content of the cipher, so that its check takes about as long."""
    return _DOCUMENT.replace("{filling}", _FILLING * (size // len(_FILLING))).encode()
