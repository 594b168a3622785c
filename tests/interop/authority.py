# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OAuth2 server over HTTPS, in a thread.

    authority = Authority(certificate, key, public_key_of_its_clients)
    authority.token_seconds = 5          # how long access tokens are valid
    authority.fail(status=503)           # the next token request
    authority.fail(cut=True)             # processed, but not answered
    authority.counts["token"]            # the number of token requests

It has the grants of RFC 6749 but for passwords, PKCE (RFC 7636), devices
(RFC 8628), assertions (RFC 7523), revocation (RFC 7009), introspection
(RFC 7662), metadata (RFC 8414) and `iss` (RFC 9207).  authority_data.py has its
clients and users, and person.py somebody who logs in.
"""

import collections
import html
import json
import logging
import socket
import ssl
import threading
import time
import urllib.parse

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.jose import JsonWebKey, jwt
from authlib.oauth2.rfc6749 import OAuth2Error
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

import authority_grants
from authority_data import (KEY, PASSWORDS, POST, BASIC, SCOPES, Grant, Token,
                            make_clients, new_secret)

KEY_ID = "tests"
PAGE = """<!DOCTYPE html><title>{title}</title><p>{text}
<form method="post" action="{action}"><input type="hidden" name="ticket"
value="{ticket}">{inputs}</form>"""
LOGIN = '<input name="user"><input name="password" type="password">'
CONSENT = '<input name="consent" value="no">'
USER_CODE = '<input name="user_code">'
SECRET_PARAMETERS = ("code", "code_verifier", "device_code", "client_secret",
                     "assertion", "client_assertion", "refresh_token")
PATHS = {"authorization_endpoint": "/authorize", "token_endpoint": "/token",
         "device_authorization_endpoint": "/device_authorization",
         "revocation_endpoint": "/revoke",
         "introspection_endpoint": "/introspect"}


def public_pem(key):
    return key.public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo).decode()


class Fault:
    """What happens to one request in place of, or after, its processing.

    status, body, headers: the response, without any processing
    edit: changes the dictionary that would be the response
    delay: seconds, and hold: an event, to wait for before the response is sent
    cut: the connection ends without a response
    `arrived` is set when the request has been processed.
    """

    def __init__(self, path="/token", status=None, body="", headers=None,
                 edit=None, delay=0, hold=None, cut=False):
        self.path = path
        self.status = status
        self.body = body
        self.headers = headers or {}
        self.edit = edit
        self.delay = delay
        self.hold = hold
        self.cut = cut
        self.arrived = threading.Event()

    def apply(self, response):
        if self.edit:
            answer = self.edit(json.loads(response.get_data()))
            response.set_data(json.dumps(answer))
        self.arrived.set()
        if self.hold:
            self.hold.wait(60)
        time.sleep(self.delay)
        if self.cut:
            flask.request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return response


class Handler(WSGIRequestHandler):
    def log_request(self, *args):
        pass


class Server(ThreadedWSGIServer):
    """Shakes hands in the thread of the connection, not where it accepts."""

    def finish_request(self, request, client_address):
        request.settimeout(60)
        with self.ssl_context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address):
        pass  # the test notices a client that disconnected


class Authority:
    """See above.  The other attributes that a test may set:

    rotation: "strict", a refresh token is good once, and its second use ends
        the grant; "lenient", each refresh brings a new one and the old ones
        stay good; "none", a refresh brings no new one
    opaque: access tokens are random, not signed
    issuer_in_redirect: the `iss` of redirects (RFC 9207); None: there is none
    interval, device_seconds: of RFC 8628 section 3.2
    device_answers: errors that the next polls get
    """

    def __init__(self, certificate, key, client_key=None):
        self.private_key = rsa.generate_private_key(65537, 2048)
        self.client_key = client_key and public_pem(client_key)
        self.lock = threading.Lock()  # one token request at a time
        app = self.make_app()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = Server("127.0.0.1", 0, app, Handler)
        self.server.ssl_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.ssl_context.load_cert_chain(certificate, key)
        self.port = self.server.port
        self.url = f"https://localhost:{self.port}"
        self.token_url = self.url + "/token"
        self.reset()
        self.register_grants(app)
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def reset(self):
        """Forgets everything but the clients, the users and its own key."""
        self.clients = make_clients(self.client_key)
        self.grants = []
        self.codes = {}
        self.devices = {}
        self.assertions = authority_grants.Assertions()
        self.counts = collections.Counter()
        self.requests = []  # (path, form) of each POST of a client
        self.faults = []
        self.token_seconds = 3600
        self.rotation = "strict"
        self.opaque = False
        self.issuer_in_redirect = self.url
        self.interval = 1
        self.device_seconds = 600
        self.device_answers = []

    def stop(self):
        self.server.shutdown()
        self.thread.join()

    def fail(self, times=1, **fault):
        """The next requests of that path fail; returns the last Fault."""
        self.faults += [Fault(**fault) for _ in range(times)]
        return self.faults[-1]

    # Tokens.

    def tokens(self):
        return [token for grant in self.grants for token in grant.tokens]

    def find(self, text):
        return next((token for token in self.tokens()
                     if text in (token.access, token.refresh)), None)

    def secrets(self):
        """Returns all that only a client and this server may know."""
        known = [text for token in self.tokens()
                 for text in (token.access, token.refresh) if text]
        return known + [form[name] for _, form in self.requests
                        for name in SECRET_PARAMETERS if form.get(name)]

    def user(self, name):
        return name if name in PASSWORDS else None

    def accepts_assertion(self, assertion, claims):
        return self.assertions.accept(assertion, claims, self.token_url)

    def make_token(self, client, user=None, scope=None, seconds=None):
        """Returns an access token of the form that Dovecot validates."""
        if self.opaque:
            return new_secret()
        now = int(time.time())
        subject = user or client.mailbox or client.name
        return jwt.encode(
            {"typ": "JWT", "alg": "RS256", "kid": KEY_ID},
            {"iss": self.url, "sub": subject, "client_id": client.name,
             "scope": scope or "", "jti": new_secret(), "iat": now,
             "exp": now + int(self.token_seconds if seconds is None
                              else seconds)},
            self.private_key).decode()

    def answer(self, grant_type, client, user=None, scope=None,
               expires_in=None, include_refresh_token=True):
        """The token generator of Authlib."""
        scope = client.get_allowed_scope(scope or "mail.send")
        answer = {"token_type": "Bearer", "scope": scope,
                  "access_token": self.make_token(client, user, scope),
                  "expires_in": self.token_seconds}
        if include_refresh_token:
            answer["refresh_token"] = new_secret()
        return answer

    def save_token(self, answer, request):
        grant = getattr(request, "renewed", None)
        if not grant:
            grant = Grant(request.client, request.user
                          or request.client.mailbox)
            self.grants.append(grant)
        grant.tokens.append(Token(grant, answer))

    def public_key(self):
        """Returns the key with which its tokens are validated, in PEM."""
        return public_pem(self.private_key.public_key())

    # HTTP.

    def make_app(self):
        app = flask.Flask("authority")
        app.secret_key = new_secret()
        app.config["SESSION_COOKIE_SECURE"] = True
        app.before_request(self.before)
        app.after_request(self.after)
        for path, methods, view in (
                ("/authorize", ["GET", "POST"], self.authorize),
                ("/login", ["POST"], self.login),
                ("/device", ["GET", "POST"], self.device),
                ("/token", ["POST"], self.token),
                ("/device_authorization", ["POST"], self.endpoint),
                ("/revoke", ["POST"], self.endpoint),
                ("/introspect", ["POST"], self.endpoint),
                ("/.well-known/oauth-authorization-server", ["GET"],
                 self.metadata),
                ("/.well-known/openid-configuration", ["GET"], self.metadata),
                ("/jwks", ["GET"], self.keys)):
            app.add_url_rule(path, path, view, methods=methods)
        return app

    def register_grants(self, app):
        self.oauth = AuthorizationServer(
            app, lambda name: self.clients.get(name), self.save_token)
        self.oauth.authority = self
        self.oauth.register_token_generator("default", self.answer)
        self.oauth.scopes_supported = SCOPES
        self.oauth.register_client_auth_method(
            KEY, authority_grants.KeyMethod(self))
        self.oauth.register_client_auth_method(
            BASIC, authority_grants.authenticate_by_basic)
        for grant, extensions in authority_grants.GRANTS:
            self.oauth.register_grant(grant, extensions)
        for endpoint in authority_grants.ENDPOINTS:
            self.oauth.register_endpoint(endpoint)

    def before(self):
        """Counts the request; a fault with a status answers it."""
        path = flask.request.path
        self.counts[path.strip("/")] += 1
        form = flask.request.form
        if path in PATHS.values() and flask.request.method == "POST":
            self.requests.append((path, form.to_dict()))
        if path == "/token":
            self.counts[form.get("grant_type")] += 1
        flask.g.fault = None
        for fault in self.faults:
            if fault.path == path:
                flask.g.fault = fault
                self.faults.remove(fault)
                break
        if flask.g.fault and flask.g.fault.status:
            return flask.Response(fault.body, fault.status, fault.headers)
        return None

    def after(self, response):
        return flask.g.fault.apply(response) if flask.g.fault else response

    def token(self):
        with self.lock:
            return self.oauth.create_token_response()

    def endpoint(self):
        name = {"/device_authorization": "device_authorization",
                "/revoke": "revocation",
                "/introspect": "introspection"}[flask.request.path]
        with self.lock:
            return self.oauth.create_endpoint_response(name)

    def metadata(self):
        answer = {name: self.url + path for name, path in PATHS.items()}
        answer.update(
            issuer=self.url, jwks_uri=self.url + "/jwks",
            response_types_supported=["code"], scopes_supported=sorted(SCOPES),
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["none", POST, BASIC, KEY],
            authorization_response_iss_parameter_supported=True)
        return answer

    def keys(self):
        key = JsonWebKey.import_key(self.public_key(), {"kty": "RSA"})
        return {"keys": [{**key.as_dict(), "kid": KEY_ID, "alg": "RS256"}]}

    # Pages for persons.

    def page(self, title, text, inputs, action=None):
        ticket = flask.session["ticket"] = new_secret()
        return PAGE.format(
            title=title, text=html.escape(text), inputs=inputs, ticket=ticket,
            action=html.escape(action or flask.request.full_path))

    def ask_for_login(self):
        here = urllib.parse.quote(flask.request.full_path, safe="")
        return self.page("Login", "Who are you?", LOGIN, f"/login?next={here}")

    def submitted(self):
        """Whether this is a form of the page that was shown last."""
        ticket = flask.session.pop("ticket", None)
        return (flask.request.method == "POST" and ticket
                and flask.request.form.get("ticket") == ticket)

    def login(self):
        form = flask.request.form
        if not self.submitted() or (
                PASSWORDS.get(form["user"]) != form["password"]):
            return "no", 403
        flask.session["user"] = form["user"]
        return flask.redirect(flask.request.args["next"])

    def authorize(self):
        user = flask.session.get("user")
        try:
            grant = self.oauth.get_consent_grant(end_user=user)
        except OAuth2Error as error:
            return f"{error.error}: {error.description}", 400
        if not user:
            return self.ask_for_login()
        if not self.submitted():
            return self.page("Consent", f"Does {user} allow "
                             f"{grant.client.name}?", CONSENT)
        granted = user if flask.request.form["consent"] == "yes" else None
        response = self.oauth.create_authorization_response(
            grant_user=granted)
        if self.issuer_in_redirect:
            response.headers["Location"] += "&" + urllib.parse.urlencode(
                {"iss": self.issuer_in_redirect})
        return response

    def device(self):
        user = flask.session.get("user")
        if not user:
            return self.ask_for_login()
        device = self.devices.get(flask.request.values.get("user_code"))
        if not self.submitted() or not device:
            return self.page("Device", "Which code does it show?",
                             USER_CODE + CONSENT)
        device.approved = flask.request.form["consent"] == "yes"
        device.user = user
        return "You may go back to the device."
