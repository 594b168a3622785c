# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A temporary Kerberos realm."""

import ctypes
import os
import subprocess
import sysconfig

from servers import Server, free_port

REALM = "EXAMPLE.ORG"


def skip_reason():
    """Returns why Kerberos cannot be used here, or None."""
    try:
        ctypes.CDLL("libgssapi_krb5.so.2")
    except OSError:
        return "libgssapi_krb5.so.2 is not installed"
    return None


class Kerberos(Server):
    """A KDC with the principals bob and smtp/mx.test."""

    name = "kerberos"

    def __init__(self, folder, root):
        super().__init__(folder, root)
        self.port = free_port()
        plugins = root / (
            f"usr/lib/{sysconfig.get_config_var('MULTIARCH')}/krb5/plugins")
        self.keytab = self.folder / "keytab"
        self.client_keytab = self.folder / "client-keytab"
        self.tickets = self.folder / "tickets"
        self.config = self.write("krb5.conf", f"""
[libdefaults]
	default_realm = {REALM}
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	udp_preference_limit = 1
[realms]
	{REALM} = {{
		kdc = 127.0.0.1:{self.port}
	}}
[domain_realm]
	mx.test = {REALM}
""")
        self.write("kdc.conf", f"""
[kdcdefaults]
	kdc_listen = 127.0.0.1:{self.port}
	kdc_tcp_listen = 127.0.0.1:{self.port}
[realms]
	{REALM} = {{
		database_module = local
		key_stash_file = {self.folder}/stash
		acl_file = {self.folder}/acl
	}}
[dbmodules]
	db_module_dir = {plugins}/kdb
	local = {{
		db_library = db2
		database_name = {self.folder}/principal
	}}
[logging]
	kdc = FILE:{self.log}
	default = FILE:{self.log}
""")
        self.env.update(KRB5_CONFIG=str(self.config),
                        KRB5_KDC_PROFILE=str(self.folder / "kdc.conf"),
                        KRB5CCNAME=f"FILE:{self.tickets}")

    def call(self, program, *argv):
        subprocess.run(
            [str(self.root / program), *map(str, argv)], env=self.env,
            check=True, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=60)

    def start(self):
        self.call("usr/sbin/kdb5_util", "create", "-s", "-r", REALM, "-P",
                  "master")
        for principal, keytab in (("bob", self.client_keytab),
                                  ("smtp/mx.test", self.keytab)):
            self.call("usr/sbin/kadmin.local", "-q",
                      f"addprinc -randkey {principal}@{REALM}")
            self.call("usr/sbin/kadmin.local", "-q",
                      f"ktadd -k {keytab} {principal}@{REALM}")
        self.keytab.chmod(0o644)
        self.launch([str(self.root / "usr/sbin/krb5kdc"), "-n"], [self.port])
        # Debian 13 chooses between two kinits by a link that no package has.
        kinit = self.root / "usr/bin/kinit"
        self.call(kinit if kinit.exists() else f"{kinit}.mit", "-k", "-t", self.client_keytab,
                  f"bob@{REALM}")

    def client_environment(self, has_ticket=True):
        """Returns the environment of a client with or without a ticket."""
        cache = self.tickets if has_ticket else self.folder / "none"
        return {"KRB5_CONFIG": str(self.config),
                "KRB5CCNAME": f"FILE:{cache}"}
