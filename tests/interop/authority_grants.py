# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grants and endpoints of authority.py, as Authlib wants them.

Each of them finds the Authority in its `server`.
"""

import base64
import hashlib
import time
import urllib.parse

from authlib.oauth2 import rfc7009, rfc7523, rfc7636, rfc7662, rfc8628
from authlib.oauth2.rfc6749 import (
    InvalidClientError, InvalidGrantError, InvalidRequestError, OAuth2Error,
    grants)

from authority_data import (BASIC, BEARER, CLIENT, CODE, DEVICE, KEY, POST,
                            REFRESH, Code, Device, payload_of)

METHODS = ["none", POST, BASIC, KEY]
ALGORITHMS = {"RS256", "PS256", "ES256"}
ASSERTION_SECONDS = 3600  # the longest time for which an assertion is valid


class ChallengeS256(rfc7636.CodeChallenge):
    """A public client must send a challenge, and only by SHA-256."""

    def validate_code_challenge(self, grant, *_):
        data = payload_of(grant.request).data
        if not data.get("code_challenge"):
            if grant.server.query_client(data["client_id"]).methods == {"none"}:
                raise InvalidRequestError('Missing "code_challenge"')
        elif data.get("code_challenge_method") != "S256":
            raise InvalidRequestError('Unsupported "code_challenge_method"')


class CodeGrant(grants.AuthorizationCodeGrant):
    GRANT_TYPE = CODE
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code, request):
        self.server.authority.codes[code] = Code(code, request)

    def query_authorization_code(self, code, client):
        found = self.server.authority.codes.get(code)
        return found if found and found.client is client else None

    def delete_authorization_code(self, authorization_code):
        del self.server.authority.codes[authorization_code.code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class RefreshGrant(grants.RefreshTokenGrant):
    """With `rotation`, a refresh token is good once; see Authority."""

    GRANT_TYPE = REFRESH
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self):
        return self.server.authority.rotation != "none"

    def authenticate_refresh_token(self, refresh_token):
        authority = self.server.authority
        for token in authority.tokens():
            if token.refresh == refresh_token and token.grant.alive:
                if token.used:
                    authority.counts["reused"] += 1
                    token.grant.alive = False
                return token if token.grant.alive else None
        return None

    def authenticate_user(self, credential):
        self.request.renewed = credential.grant
        return credential.grant.user

    def revoke_old_credential(self, credential):
        if self.server.authority.rotation == "strict":
            credential.used = True


class ClientGrant(grants.ClientCredentialsGrant):
    GRANT_TYPE = CLIENT
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS[1:]


class BearerGrant(rfc7523.JWTBearerGrant):
    GRANT_TYPE = BEARER

    def process_assertion_claims(self, assertion):
        claims = super().process_assertion_claims(assertion)
        authority = self.server.authority
        if not authority.accepts_assertion(assertion, claims):
            raise InvalidGrantError("The assertion is not acceptable")
        self.scope = claims.get("scope")
        return claims

    def generate_token(self, *args, **options):
        """The assertion has the scope, as at Google."""
        return super().generate_token(*args, **{
            **options, "scope": self.scope})

    def resolve_issuer_client(self, issuer):
        client = self.server.query_client(issuer)
        if not client:
            raise InvalidGrantError('Unknown "iss"')
        return client

    def resolve_client_key(self, client, headers, payload):
        return key_of(client, headers)

    def authenticate_user(self, subject):
        return self.server.authority.user(subject)

    def has_granted_permission(self, client, user):
        return True


def authenticate_by_basic(query_client, request):
    """Both words are encoded like the fields of a form (RFC 6749 section 2.3.1),
    which Authlib does not know."""
    kind, _, pair = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    name, _, secret = base64.b64decode(pair).decode().partition(":")
    client = query_client(urllib.parse.unquote_plus(name))
    good = client and client.check_client_secret(
        urllib.parse.unquote_plus(secret))
    return client if good else None


class KeyMethod(rfc7523.JWTBearerClientAssertion):
    CLIENT_AUTH_METHOD = KEY

    def __init__(self, authority):
        super().__init__(authority.token_url, validate_jti=False)
        self.authority = authority

    def process_assertion_claims(self, assertion, resolve_key):
        claims = super().process_assertion_claims(assertion, resolve_key)
        if not self.authority.accepts_assertion(assertion, claims):
            raise InvalidClientError()
        return claims

    def resolve_client_public_key(self, client, headers):
        return key_of(client, headers)


def key_of(client, headers):
    if headers.get("alg") not in ALGORITHMS or not client.key:
        raise InvalidClientError()
    return client.key


class Assertions:
    """Remembers the assertions that were accepted (RFC 7523 section 3)."""

    def __init__(self):
        self.seen = {}

    def accept(self, assertion, claims, audience):
        name = hashlib.sha256(assertion.encode()).hexdigest()
        name = claims.get("jti", name)
        now = time.time()
        if (name in self.seen or claims["aud"] != audience
                or not now < claims["exp"] <= now + ASSERTION_SECONDS + 5):
            return False
        self.seen[name] = claims
        return True


class DeviceGrant(rfc8628.DeviceCodeGrant):
    """Answers what `device_answers` of the Authority says, and then itself."""

    GRANT_TYPE = DEVICE
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_device_credential(self, device_code):
        for device in self.server.authority.devices.values():
            if device.code == device_code:
                return device
        return None

    def validate_device_credential(self, credential):
        planned = self.server.authority.device_answers
        if planned:
            raise DeviceError(planned.pop(0))
        user = super().validate_device_credential(credential)
        del self.server.authority.devices[credential.user_code]
        return user

    def query_user_grant(self, user_code):
        device = self.server.authority.devices[user_code]
        return device.user and (device.user, device.approved)

    def should_slow_down(self, credential):
        now = time.time()
        early = now < credential.polled + credential.interval
        credential.polled = now
        return early


class DeviceError(OAuth2Error):
    def __init__(self, error):
        super().__init__()
        self.error = error


class DeviceEndpoint(rfc8628.DeviceAuthorizationEndpoint):
    CLIENT_AUTH_METHODS = METHODS

    @property
    def EXPIRES_IN(self):
        return self.server.authority.device_seconds

    @property
    def INTERVAL(self):
        return self.server.authority.interval

    def get_verification_uri(self):
        return self.server.authority.url + "/device"

    def save_device_credential(self, client_id, scope, data):
        self.server.authority.devices[data["user_code"]] = Device(
            client_id, scope, data)


class Revocation(rfc7009.RevocationEndpoint):
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string, token_type_hint):
        return self.server.authority.find(token_string)

    def revoke_token(self, token, request):
        """A revoked refresh token ends the grant, with all its tokens."""
        if request.form["token"] == token.refresh:
            token.grant.alive = False
        else:
            token.revoked = True


class Introspection(rfc7662.IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = [BASIC]

    def check_permission(self, token, client, request):
        return client.name == "mail-server"

    def query_token(self, token_string, token_type_hint):
        return self.server.authority.find(token_string)

    def introspect_token(self, token):
        return {"active": True, "sub": token.grant.user,
                "username": token.grant.user, "scope": token.scope,
                "client_id": token.grant.client.name, "token_type": "Bearer",
                "exp": int(token.issued + token.seconds)}


GRANTS = [(CodeGrant, [ChallengeS256()]), (RefreshGrant, []),
          (ClientGrant, []), (BearerGrant, []), (DeviceGrant, [])]
ENDPOINTS = [DeviceEndpoint, Revocation, Introspection]
