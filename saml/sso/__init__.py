"""Signing in through an IdP: SAML 2.0 Web Browser SSO (saml-profiles-2.0-os, 4.1).

xml.py reads, shape.py looks at where things stand, crypto.py at signatures and encryption,
claims.py at what is said; accepting.py puts them together.
"""
