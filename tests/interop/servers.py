# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix, Dovecot and Exim, each with its own folder and ports.

The servers run from the folder into which fetch-servers unpacked them, as
users that exist on every Debian system.  Only root can start them.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sysconfig
import time

DOMAIN = "example.org"
# Postfix requires a uid and a gid that no other account of the system shares.
POSTFIX_USER, POSTFIX_GROUP = "uucp", "news"
DOVECOT_USER, DOVECOT_GROUP, LOGIN_USER = "list", "list", "irc"
EXIM_USER, EXIM_GROUP = "backup", "backup"
MAIL_USER = "nobody"
MAIL_UID = pwd.getpwnam(MAIL_USER).pw_uid
MAIL_GID = pwd.getpwnam(MAIL_USER).pw_gid
START_TIMEOUT = 60  # seconds
REJECTED_RECIPIENTS = {
    "full@example.org": "552 5.2.2 the mailbox is full",
    "later@example.org": "450 4.2.0 greylisted",
    "moved@example.org": "551 5.1.6 moved away",
    "policy@example.org": "550 5.7.1 not from you",
}
MECHANISMS = ("plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 "
              "xoauth2 oauthbearer gssapi")
TOKEN_KEY = b"a key that signs the tokens of these tests"


def find_servers():
    """Returns the folder that fetch-servers filled, or None."""
    configured = os.environ.get("VEREDUS_TEST_SERVERS")
    candidates = [configured] if configured else [
        "/var/cache/veredus-test-servers",
        os.path.expanduser("~/.cache/veredus-test-servers")]
    for folder in candidates:
        # An older version of fetch-servers did not fetch all of these.
        if all(os.path.exists(os.path.join(folder, name)) for name in
               ("complete", "usr/sbin/exim4", "usr/sbin/nsd")):
            return pathlib.Path(folder).resolve()
    return None


def skip_reason():
    """Returns why these servers cannot run here, or None."""
    if os.geteuid() != 0:
        return "only root can start Postfix, Dovecot and Exim"
    if not find_servers():
        return "the servers are missing: run tests/interop/fetch-servers"
    return None


def library_path(root):
    """Returns where the programs of find_servers() find their libraries."""
    machine = sysconfig.get_config_var("MULTIARCH")
    return ":".join(str(root / path) for path in (
        "usr/lib/postfix", "usr/lib/dovecot", "usr/lib/dovecot/modules",
        "usr/lib/dovecot/modules/old-stats", f"usr/lib/{machine}",
        f"lib/{machine}"))


def dovecot_problem():
    """Returns why Dovecot cannot run here, or None."""
    root = find_servers()
    version = subprocess.run(
        [root / "usr/sbin/dovecot", "--version"], text=True,
        env={"LD_LIBRARY_PATH": library_path(root)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.strip()
    if not version.startswith("2.3."):
        return ("the tests have settings for Dovecot 2.3, which other versions "
                f"reject; this is {version}")
    return None


def free_port():
    """Returns a port for a server that binds it later.

    It is below those that the kernel gives to sockets of other tests.
    """
    first = int(pathlib.Path(
        "/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10000, first) if first > 11000 else 0
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return sock.getsockname()[1]


def sign_token(user, seconds=3600):
    """Returns a JSON Web Token (RFC 7519) that Dovecot can validate."""
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    now = int(time.time())
    head = part(json.dumps({"typ": "JWT", "alg": "HS256"}).encode())
    claims = part(json.dumps({"sub": user, "email": user, "iat": now,
                              "exp": now + seconds}).encode())
    signed = head + b"." + claims
    mac = hmac.new(TOKEN_KEY, signed, hashlib.sha256).digest()
    return (signed + b"." + part(mac)).decode()


class Server:
    """A server process that runs in the foreground."""

    name = "server"
    queues = ()  # folders of queued messages

    def __init__(self, folder, root):
        self.folder = folder / self.name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.root = root
        self.log = self.folder / "log"
        self.process = None
        self.libraries = library_path(root)
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C",
                    "LD_LIBRARY_PATH": self.libraries}

    def relocate(self, **environment):
        """Preloads relocate.c, for a program with compiled-in paths."""
        library = self.folder / "relocate.so"
        subprocess.run(
            [*os.environ.get("CC", "cc").split(), "-D_GNU_SOURCE", "-shared",
             "-fPIC", "-o", library,
             pathlib.Path(__file__).with_name("relocate.c"), "-ldl"],
            check=True)
        self.env.update(environment, LD_PRELOAD=str(library))

    def make_folders(self, *names, owner=None, group=None, mode=0o755):
        for name in names:
            path = self.folder / name
            path.mkdir(parents=True)
            path.chmod(mode)
            if owner:
                shutil.chown(path, owner, group)

    def write(self, name, text, mode=0o644):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def launch(self, argv, ports, sockets=()):
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen(
                argv, env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)
        end = time.monotonic() + START_TIMEOUT
        while not all(map(accepts_connections, ports)) or not all(
                map(os.path.exists, sockets)):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(
                    f"{argv[0]} does not start: {self.read_logs()}")
            time.sleep(0.05)

    def read_logs(self):
        return "\n".join(
            path.read_text(errors="replace")[-4000:] for path in
            (self.folder / "output", self.log) if path.exists())

    def stop(self):
        if not self.process:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def mailbox(self, user):
        """Returns the stored messages of the user, oldest first."""
        return [path.read_bytes() for path in
                sorted((self.folder / "mail" / user / "new").glob("*"))]

    def wait_for(self, user, count=1, seconds=60):
        end = time.monotonic() + seconds
        while len(self.mailbox(user)) < count:
            if time.monotonic() > end:
                raise AssertionError(
                    f"no message for {user}: {self.read_logs()}")
            time.sleep(0.05)
        return self.mailbox(user)

    def is_busy(self):
        return any(entry.is_file() for queue in self.queues
                   for entry in (self.folder / queue).rglob("*"))

    def empty(self):
        """Waits for an empty queue, then deletes all stored messages."""
        end = time.monotonic() + START_TIMEOUT
        while self.is_busy() and time.monotonic() < end:
            time.sleep(0.05)
        for mailbox in (self.folder / "mail").iterdir():
            shutil.rmtree(mailbox)


def accepts_connections(endpoint):
    """The endpoint is a port of this machine, or an (address, port) pair."""
    if isinstance(endpoint, int):
        endpoint = ("127.0.0.1", endpoint)
    try:
        socket.create_connection(endpoint, 1).close()
        return True
    except OSError:
        return False


class PostfixBase(Server):
    """Common parts of the Postfix instances.

    Postfix stores each message as a file, with its own fields on top.
    """

    queues = ("queue/incoming", "queue/active")

    def __init__(self, folder, root, listening):
        super().__init__(folder, root)
        self.listening = listening  # endpoints for accepts_connections()
        self.make_folders("etc", "mail")
        self.make_folders("queue")
        for name in ("active bounce corrupt defer deferred flush hold "
                     "incoming private saved trace").split():
            self.make_folders("queue/" + name, owner=POSTFIX_USER, mode=0o700)
        self.make_folders("queue/public", "queue/maildrop", owner=POSTFIX_USER,
                          group=POSTFIX_GROUP, mode=0o730)
        self.make_folders("queue/pid")
        self.make_folders("data", owner=POSTFIX_USER, mode=0o700)
        shutil.chown(self.folder / "mail", MAIL_UID, MAIL_GID)

    def configure(self, settings, services):
        """Writes main.cf and master.cf, with these additions."""
        self.write("etc/main.cf", self.main_cf() + settings)
        self.write("etc/master.cf", services + MASTER_CF)

    def main_cf(self):
        return f"""
compatibility_level = 3.6
myhostname = mx.example
mydestination =
mynetworks =
inet_protocols = ipv4
queue_directory = {self.folder}/queue
data_directory = {self.folder}/data
daemon_directory = {self.root}/usr/lib/postfix/sbin
command_directory = {self.root}/usr/sbin
shlib_directory = {self.root}/usr/lib/postfix
meta_directory = {self.root}/usr/share/postfix
import_environment = MAIL_CONFIG LD_LIBRARY_PATH
mail_owner = {POSTFIX_USER}
setgid_group = {POSTFIX_GROUP}
default_privs = {MAIL_USER}
maillog_file = {self.log}
maillog_file_prefixes = {self.folder}
alias_maps =
smtputf8_enable = yes
message_size_limit = 100000000
virtual_mailbox_limit = 200000000
virtual_mailbox_base = {self.folder}/mail
virtual_uid_maps = static:{MAIL_UID}
virtual_gid_maps = static:{MAIL_GID}
smtpd_helo_required = yes
smtpd_delay_reject = yes
smtpd_relay_restrictions = reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_peername_lookup = no
smtpd_tls_session_cache_database =
smtpd_forbid_bare_newline = yes
"""

    def start(self):
        self.launch([str(self.root / "usr/lib/postfix/sbin/master"), "-d",
                     "-c", str(self.folder / "etc")], self.listening)


MASTER_CF = """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(PostfixBase):
    """Postfix with one port each for plain SMTP, STARTTLS and implicit TLS.

    It accepts mail for Dovecot's users.  The port "small" has a small message
    size limit.
    """

    name = "postfix"

    def __init__(self, folder, root, chain, auth_socket, users):
        self.ports = {name: free_port() for name in
                      ("plain", "submission", "submissions", "small")}
        super().__init__(folder, root, self.ports.values())
        self.write("recipients", access_map(REJECTED_RECIPIENTS))
        self.write("senders", "badsender@example.org 550 5.1.8 unknown domain\n")
        self.write("mailboxes", access_map(
            {f"{user}@{DOMAIN}": f"{user}/" for user in users}))
        self.configure(f"""
inet_interfaces = 127.0.0.1
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = texthash:{self.folder}/mailboxes
smtpd_recipient_restrictions = check_recipient_access texthash:{self.folder}/recipients
smtpd_sender_restrictions = check_sender_access texthash:{self.folder}/senders
smtpd_tls_chain_files = {chain}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth_socket}
smtpd_sasl_security_options = noanonymous
fast_flush_domains = {DOMAIN}
""", self.services())

    def services(self):
        sasl = ("    -o smtpd_sasl_auth_enable=yes\n"
                "    -o smtpd_client_restrictions="
                "permit_sasl_authenticated,reject\n")
        services = {
            "plain": "",
            "small": "    -o message_size_limit=10000\n",
            "submission": "    -o smtpd_tls_security_level=encrypt\n" + sasl,
            "submissions": "    -o smtpd_tls_wrappermode=yes\n"
                           "    -o smtpd_tls_security_level=encrypt\n" + sasl,
        }
        return "".join(
            f"127.0.0.1:{self.ports[name]} inet n - n - - smtpd\n{options}"
            for name, options in services.items())


class DovecotBase(Server):
    """Common parts of the Dovecot instances.

    `auth_socket` is the authentication service for Postfix.
    """

    name = "dovecot"

    def __init__(self, folder, root):
        super().__init__(folder, root)
        self.make_folders("run", "etc", "state")
        self.auth_socket = self.folder / "run/auth-smtp"
        self.relocate(RELOCATE_ROOT=str(root))

    def head(self):
        """Returns the settings that all instances need."""
        return f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
libexec_dir = {self.root}/usr/lib/dovecot
mail_plugin_dir = {self.root}/usr/lib/dovecot/modules
import_environment = LD_LIBRARY_PATH LD_PRELOAD RELOCATE_ROOT KRB5_CONFIG \
  KRB5RCACHENAME
log_path = {self.log}
listen = 127.0.0.1
default_internal_user = {DOVECOT_USER}
default_internal_group = {DOVECOT_GROUP}
default_login_user = {LOGIN_USER}
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_username_format = %Lu
first_valid_uid = 1
service auth {{
  unix_listener auth-smtp {{
    mode = 0666
  }}
}}
service anvil {{
  # No delay after a failed login.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

    def launch_with(self, ports, sockets):
        # dovecot itself would run doveconf from its compiled-in path.
        config = str(self.folder / "etc/dovecot.conf")
        self.launch([str(self.root / "usr/bin/doveconf"), "-f",
                     "service=master", "-c", config, "-m", "master", "-e",
                     str(self.root / "usr/sbin/dovecot"), "-F", "-c", config],
                    ports, sockets)


class Dovecot(DovecotBase):
    """Authentication for Postfix; LMTP over TCP and a Unix socket; submission.

    Submitted messages are relayed to the relay host.
    """

    def __init__(self, folder, root, users, password, kerberos, relay_host):
        super().__init__(folder, root)
        self.relay_host = relay_host
        self.ports = {"lmtp": free_port(), "submission": free_port()}
        self.make_folders("keys/default/HS256")
        self.make_folders("mail", owner=MAIL_UID, group=MAIL_GID)
        self.write("users", "".join(
            f"{user}@{DOMAIN}:{{PLAIN}}{password}::::::\n" for user in users),
            0o644)
        # The file layout and encoding that local_validation_key_dict expects.
        self.write("keys/default/HS256/default",
                   base64.b64encode(TOKEN_KEY).decode())
        self.write("oauth2.conf", f"""
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={self.folder}/keys/
username_attribute = sub
""")
        self.lmtp_socket = self.folder / "run/lmtp-test"
        self.env["KRB5_CONFIG"] = str(kerberos.config)
        self.env["KRB5RCACHENAME"] = "none:"  # else a file in /var/tmp
        self.write("etc/dovecot.conf", self.config(kerberos.keytab))

    def config(self, keytab):
        return f"""{self.head()}
protocols = lmtp submission
auth_mechanisms = {MECHANISMS}
auth_krb5_keytab = {keytab}
auth_gssapi_hostname = mx.test
hostname = mx.example
mail_location = maildir:{self.folder}/mail/%n
lmtp_save_to_detail_mailbox = no
submission_relay_host = 127.0.0.1
submission_relay_port = {self.relay_host.port}
submission_backend_capabilities = 8BITMIME BINARYMIME CHUNKING DSN \
  ENHANCEDSTATUSCODES SIZE
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {self.folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256
  args = {self.folder}/users
}}
passdb {{
  driver = static
  mechanisms = gssapi
  args = nopassword=y k5principals=bob@EXAMPLE.ORG
}}
userdb {{
  driver = passwd-file
  args = {self.folder}/users
  default_fields = uid={MAIL_UID} gid={MAIL_GID} home={self.folder}/mail/%n
}}
service lmtp {{
  unix_listener lmtp-test {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.ports["lmtp"]}
  }}
}}
service submission-login {{
  inet_listener submission {{
    address = 127.0.0.1
    port = {self.ports["submission"]}
  }}
}}
"""

    def start(self):
        self.launch_with(self.ports.values(),
                         [self.auth_socket, self.lmtp_socket])


class Exim(Server):
    """Exim, which stores mail for the users as files."""

    name = "exim"
    queues = ("spool/input",)

    def __init__(self, folder, root, users):
        super().__init__(folder, root)
        self.ports = {"plain": free_port()}
        self.make_folders("spool", "mail", owner=EXIM_USER, group=EXIM_GROUP)
        # Exim creates its logs in the folder.
        shutil.chown(self.folder, EXIM_USER, EXIM_GROUP)
        # Not set-uid, so that the dynamic linker honours LD_PRELOAD.
        self.binary = self.folder / "exim"
        shutil.copyfile(root / "usr/sbin/exim4", self.binary)
        self.binary.chmod(0o755)
        self.relocate(RELOCATE_USER=EXIM_USER)
        self.write("conf", self.config(users))
        self.log = self.folder / "log-main"

    def config(self, users):
        return f"""
primary_hostname = mx.example
exim_path = {self.binary}
exim_user = {EXIM_USER}
exim_group = {EXIM_GROUP}
deliver_drop_privilege = true
keep_environment = LD_PRELOAD : LD_LIBRARY_PATH : RELOCATE_USER
add_environment = PATH=/usr/bin:/bin
spool_directory = {self.folder}/spool
log_file_path = {self.folder}/log-%s
pid_file_path = {self.folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {self.ports["plain"]}
tls_advertise_hosts =
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
host_lookup =
rfc1413_hosts =
message_size_limit = 100M
smtp_accept_queue_per_connection = 0
never_users =
acl_smtp_rcpt = check_rcpt
begin acl
check_rcpt:
  deny local_parts = full
    message = 552 5.2.2 the mailbox is full
  accept domains = {DOMAIN}
  deny message = relay not permitted
begin routers
users:
  driver = accept
  domains = {DOMAIN}
  local_parts = {" : ".join(users)}
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  directory = {self.folder}/mail/$local_part_data
  maildir_format
  create_directory
"""

    def start(self):
        self.launch([str(self.binary), "-bdf", "-C",
                     str(self.folder / "conf")], self.ports.values())


def access_map(table):
    return "".join(f"{key} {value}\n" for key, value in table.items())
