"""This site's metadata for an organization's IdP: pysaml2's, with what may be used for encrypting for it."""

from saml2 import ExtensionElement, md
from saml2.config import SPConfig
from saml2.metadata import entity_descriptor

from saml.sso import ciphers, encryption

DS, XENC11 = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2009/xmlenc11#"


def of(config: SPConfig) -> str:
    descriptor = entity_descriptor(config)
    # pysaml2 lists all that xmlsec1 can do, MD5 and SHA-1 too, and some IdPs choose from the list.
    descriptor.extensions = None
    for key in descriptor.spsso_descriptor.key_descriptor:
        if key.use == "encryption":
            key.encryption_method = [
                *(md.EncryptionMethod(algorithm=cipher) for cipher in ciphers.OFFERED),
                md.EncryptionMethod(algorithm=encryption.OAEP, extension_elements=_with_sha256()),
                md.EncryptionMethod(algorithm=encryption.OAEP_MGF1P),
            ]
    return str(descriptor)


def _with_sha256() -> list[ExtensionElement]:
    """The method with SHA-256 for digest and mask generation: IdPs take SHA-1 if nothing is said."""
    return [
        ExtensionElement("DigestMethod", DS, attributes={"Algorithm": "http://www.w3.org/2001/04/xmlenc#sha256"}),
        ExtensionElement("MGF", XENC11, attributes={"Algorithm": f"{XENC11}mgf1sha256"}),
    ]
