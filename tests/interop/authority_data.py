# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the OAuth2 server of authority.py knows: clients, grants, tokens."""

import secrets
import time
import urllib.parse

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin, ClientMixin, TokenMixin)
from authlib.oauth2.rfc8628 import DeviceCredentialMixin

DOMAIN = "example.org"
PASSWORDS = {f"{name}@{DOMAIN}": f"Passwort-{name}" for name in
             ("alice", "bob", "mallory")}
SCOPE = "mail.send offline_access"
SCOPES = {"mail.send", "offline_access", "openid", "mail.read"}
LOOPBACK = ("127.0.0.1", "::1", "localhost")

CODE = "authorization_code"
REFRESH = "refresh_token"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT = "client_credentials"
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KEY = "private_key_jwt"
POST, BASIC = "client_secret_post", "client_secret_basic"
CLIENT_SECRET = "Nachtigall/7+%"  # each encoding changes it


class Client(ClientMixin):
    """A registered client.

    `mailbox` is whose mail a client without a person sends, and `key` the
    public key of its assertions, in PEM.
    """

    def __init__(self, name, methods, grant_types, mailbox=None, key=None):
        self.name = name
        self.methods = methods
        self.grant_types = grant_types
        self.mailbox = mailbox
        self.key = key

    def get_client_id(self):
        return self.name

    def get_allowed_scope(self, scope):
        return " ".join(word for word in scope.split() if word in SCOPES)

    def check_redirect_uri(self, uri):
        """A client may redirect to any port of this machine (RFC 8252)."""
        parts = urllib.parse.urlsplit(uri)
        return parts.scheme == "http" and parts.hostname in LOOPBACK

    def get_default_redirect_uri(self):
        return None

    def check_client_secret(self, secret):
        return secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method in self.methods

    def check_response_type(self, response_type):
        return response_type == "code" and CODE in self.grant_types

    def check_grant_type(self, grant_type):
        return grant_type in self.grant_types


def make_clients(key=None):
    """Returns the clients; `key` is the public key of keyed and robot."""
    person = {CODE, REFRESH, DEVICE}
    secret = {POST, BASIC}
    clients = [
        Client("public-client", {"none"}, person),
        Client("secret-client", secret, person | {CLIENT},
               f"alice@{DOMAIN}"),
        Client("basic-client", {BASIC}, person | {CLIENT},
               f"alice@{DOMAIN}"),
        Client("keyed-client", {KEY}, person | {CLIENT}, f"alice@{DOMAIN}",
               key),
        Client("robot@project.example", {KEY}, {BEARER}, None, key),
        Client("mail-server", {BASIC}, set()),
    ]
    return {client.name: client for client in clients}


class Grant:
    """What a user, or nobody, has allowed a client.

    It is alive until it is revoked or one of its refresh tokens is used twice.
    """

    def __init__(self, client, user):
        self.client = client
        self.user = user
        self.alive = True
        self.tokens = []


class Token(TokenMixin):
    def __init__(self, grant, answer):
        self.grant = grant
        self.access = answer["access_token"]
        self.refresh = answer.get("refresh_token")
        self.scope = answer.get("scope", "")
        self.seconds = answer["expires_in"]
        self.issued = time.time()
        self.used = False  # the refresh token
        self.revoked = False

    def check_client(self, client):
        return self.grant.client is client

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return None  # as the server is set now

    def is_expired(self):
        return time.time() >= self.issued + self.seconds

    def is_revoked(self):
        return self.revoked or not self.grant.alive


def payload_of(request):
    """Returns what a client has sent; Authlib 1.3 has it in another place."""
    return getattr(request, "payload", request)


class Code(AuthorizationCodeMixin):
    """An authorization code and the request for it."""

    def __init__(self, code, request):
        sent = payload_of(request)
        self.code = code
        self.client = request.client
        self.user = request.user
        self.redirect_uri = sent.redirect_uri
        self.scope = sent.scope
        self.code_challenge = sent.data.get("code_challenge")
        self.code_challenge_method = sent.data.get("code_challenge_method")

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


class Device(DeviceCredentialMixin):
    """A device code; `user` has approved it, or has denied it."""

    def __init__(self, client_id, scope, data):
        self.client_id = client_id
        self.scope = scope
        self.code = data["device_code"]
        self.user_code = data["user_code"]
        self.interval = data["interval"]
        self.ends = time.time() + data["expires_in"]
        self.polled = 0.0
        self.user = None
        self.approved = None

    def get_client_id(self):
        return self.client_id

    def get_scope(self):
        return self.scope

    def get_user_code(self):
        return self.user_code

    def is_expired(self):
        return time.time() >= self.ends


def new_secret():
    return secrets.token_urlsafe(32)
