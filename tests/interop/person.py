# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person with a browser, who logs in at the server of authority.py."""

import html.parser
import http.client
import http.cookies
import ssl
import urllib.parse

from authority_data import PASSWORDS


def query_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def trust(ca):
    """Returns a context for TLS that trusts the CA of the tests.

    Python 3.13 wants an extension of CA certificates that this one lacks.
    """
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class Form(html.parser.HTMLParser):
    """The only form of a page."""

    def __init__(self, page):
        super().__init__()
        self.action = None
        self.fields = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.action = attrs["action"]
        elif tag == "input":
            self.fields[attrs["name"]] = attrs.get("value", "")


class Person:
    """Consents, or does not, and enters the code of a device."""

    def __init__(self, ca, user="alice@example.org", consent="yes"):
        self.context = trust(ca)
        self.answers = {"user": user, "password": PASSWORDS[user],
                        "consent": consent}
        self.cookies = http.cookies.SimpleCookie()

    def request(self, url, form=None):
        """Returns the status, the Location and the body."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                parts.netloc, context=self.context, timeout=30)
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        headers = {"Cookie": self.cookies.output([], "", sep=";").strip()}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST",
                           parts._replace(scheme="", netloc="").geturl(),
                           form and urllib.parse.urlencode(form), headers)
        response = connection.getresponse()
        for value in response.headers.get_all("Set-Cookie", []):
            self.cookies.load(value)
        body = response.read().decode()
        connection.close()
        return response.status, response.headers["Location"], body

    def browse(self, url, **answers):
        """Fills in all forms.

        Returns the address outside the server to which it leads, or the last
        page.
        """
        answers = {**self.answers, **answers}
        status, location, page = self.request(url)
        while True:
            form = Form(page)
            here = url
            if location:
                url = urllib.parse.urljoin(url, location)
                if urllib.parse.urlsplit(url)[:2] != (
                        urllib.parse.urlsplit(here)[:2]):
                    return url
                status, location, page = self.request(url)
            elif status == 200 and form.action:
                url = urllib.parse.urljoin(url, form.action)
                status, location, page = self.request(url, {
                    name: answers.get(name, value)
                    for name, value in form.fields.items()})
            else:
                return page

    def authorize(self, url):
        """Logs in and consents; returns the address with the code."""
        return self.browse(url)

    def enter_code(self, url, code):
        return self.browse(url, user_code=code)
