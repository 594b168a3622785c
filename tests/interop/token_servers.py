# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Dovecot that takes the tokens of authority.py, for Postfix."""

import shutil
import urllib.parse

from authority import KEY_ID
from authority_data import CLIENT_SECRET
from servers import DovecotBase


class TokenDovecot(DovecotBase):
    """Validates signed tokens by itself, and asks the server about others."""

    name = "token-dovecot"

    def __init__(self, folder, root, authority, ca):
        super().__init__(folder, root)
        self.make_folders("keys/default/RS256")
        # Dovecot's user cannot read the folder of the certificates.
        shutil.copy(ca, self.folder / "ca.pem")
        # The file layout that local_validation_key_dict expects.
        self.write(f"keys/default/RS256/{KEY_ID}", authority.public_key())
        self.write("local.conf", f"""
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={self.folder}/keys/
username_attribute = sub
""")
        # Once for the header (RFC 6749 section 2.3.1), and once for the URL.
        secret = urllib.parse.quote_plus(CLIENT_SECRET)
        login = "mail-server:" + urllib.parse.quote(secret, safe="")
        url = f"{authority.url}/introspect".replace("//", f"//{login}@")
        self.write("ask.conf", f"""
introspection_mode = post
introspection_url = {url}
tls_ca_cert_file = {self.folder}/ca.pem
username_attribute = sub
active_attribute = active
active_value = true
""")
        self.write("etc/dovecot.conf", f"""{self.head()}
protocols =
auth_mechanisms = xoauth2 oauthbearer
passdb {{
  driver = oauth2
  args = {self.folder}/local.conf
}}
passdb {{
  driver = oauth2
  args = {self.folder}/ask.conf
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
""")

    def start(self):
        self.launch_with([], [self.auth_socket])
