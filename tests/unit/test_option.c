/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/option.h"
#include "error_says.h"

#define FINGERPRINT \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct option_context in_file = {
	.origin = { .kind = ORIGIN_FILE, .file = "f", .line = 3 },
	.section = 1,
	.home = "/home/alice"
};
static const struct option_context on_command_line = {
	.origin = { .kind = ORIGIN_COMMAND_LINE },
	.home = "/home/alice"
};

/* A valid value and its printed form.  NULL means that both are the same. */
static const struct {
	const char *name, *text, *shown;
} right[] = {
	{ "host", "mail.example.org", NULL },
	{ "host", "mx.", NULL },
	{ "host", "srv", NULL },
	{ "domain_of", "example.org", NULL },
	{ "dns_server", "127.0.0.1:5353", NULL },
	{ "dns_server", "[::1]:53", NULL },
	{ "dns_trust_ad", "on", NULL },
	{ "dns_timeout", "10", NULL },
	{ "host", "mx", NULL },
	{ "dane", "auto", NULL },
	{ "dane", "on", NULL },
	{ "dane", "off", NULL },
	{ "dane", "", "on" },
	{ "host", "192.0.2.1", NULL },
	{ "host", "2001:db8::1", NULL },
	{ "host", "[2001:db8::1]", NULL },
	{ "host", "fe80::1%eth0", NULL },
	{ "host", "", "" },
	{ "port", "1", NULL },
	{ "port", "65535", NULL },
	{ "socket", "/run/lmtp", NULL },
	{ "socket", "~/sock", "/home/alice/sock" },
	{ "protocol", "lmtp", NULL },
	{ "protocol", "smtp", NULL },
	{ "domain", "box.example.org", NULL },
	{ "domain", "%H.example.org", NULL },
	{ "domain", "[192.0.2.1]", NULL },
	{ "domain", "[IPv6:2001:db8::1]", NULL },
	{ "source_ip", "192.0.2.1", NULL },
	{ "source_ip", "2001:db8::1", NULL },
	{ "proxy_host", "localhost", NULL },
	{ "proxy_port", "9050", NULL },
	{ "proxy_port", "", "1080" },
	{ "address_family", "any", NULL },
	{ "address_family", "ipv4", NULL },
	{ "address_family", "ipv6", NULL },
	{ "timeout", "60", NULL },
	{ "timeout", "off", NULL },
	{ "connect_timeout", "5", NULL },
	{ "deadline", "86400", NULL },
	{ "sandbox", "require", NULL },
	{ "sandbox", "off", NULL },
	{ "sandbox", "", "on" },
	{ "tls", "on", NULL },
	{ "tls", "", "on" },
	{ "tls", "off", NULL },
	{ "tls", "opportunistic", NULL },
	{ "tls_starttls", "off", NULL },
	{ "tls_starttls", "", "on" },
	{ "tls_trust_file", "/ca.pem", NULL },
	{ "tls_trust_file", "system", NULL },
	{ "tls_trust_file", "", "system" },
	{ "tls_crl_file", "~/crl.pem", "/home/alice/crl.pem" },
	{ "tls_key_file", "pkcs11:object=k", NULL },
	{ "tls_cert_file", "/c.pem", NULL },
	{ "tls_fingerprint", FINGERPRINT, NULL },
	{ "tls_fingerprint", "spki:" FINGERPRINT, NULL },
	{ "tls_fingerprint",
	    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:"
	    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF",
	    FINGERPRINT },
	{ "tls_fingerprint",
	    "01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef "
	    "01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef",
	    FINGERPRINT },
	{ "tls_fingerprint",
	    "SPKI:01:23:45:67:89:AB:CD:EF:0123456789abcdef"
	    "01:23:45:67:89:ab:cd:ef0123456789ABCDEF",
	    "spki:" FINGERPRINT },
	{ "tls_fingerprint", "", "" },
	{ "tls_certcheck", "off", NULL },
	{ "tls_certcheck", "", "on" },
	{ "tls_priorities", "SECURE256:-VERS-TLS1.2", NULL },
	{ "tls_host_override", "smtp.example.org", NULL },
	{ "tls_min_version", "1.0", NULL },
	{ "tls_min_version", "1.1", NULL },
	{ "tls_min_version", "1.3", NULL },
	{ "mta_sts", "off", NULL },
	{ "mta_sts_cache", "~/policies", "/home/alice/policies" },
	{ "mta_sts_server", "127.0.0.1:8443", NULL },
	{ "mta_sts_server", "[::1]:8443", NULL },
	{ "auth", "", "on" },
	{ "auth", "off", NULL },
	{ "auth", "plain", NULL },
	{ "auth", "login", NULL },
	{ "auth", "LOGIN", "login" },
	{ "auth", "scram-sha-1", NULL },
	{ "auth", "scram-sha-1-plus", NULL },
	{ "auth", "scram-sha-256", NULL },
	{ "auth", "scram-sha-256-plus", NULL },
	{ "auth", "cram-md5", NULL },
	{ "auth", "digest-md5", NULL },
	{ "auth", "ntlm", NULL },
	{ "auth", "gssapi", NULL },
	{ "auth", "external", NULL },
	{ "auth", "oauthbearer", NULL },
	{ "auth", "xoauth2", NULL },
	{ "user", "alice %s%n", NULL },
	{ "password", "%s%n#\"", "(hidden)" },
	{ "password", "", "" },
	{ "passwordeval", "echo secret", "(hidden)" },
	{ "passwordfile", "~/.password", "/home/alice/.password" },
	{ "ntlmdomain", "WORK", NULL },
	{ "from", "alice@example.org", NULL },
	{ "from", "*@example.org", NULL },
	{ "from", "%U@%C", NULL },
	{ "from", "%%F+100%@%U%-x%4.example", NULL },
	{ "from", "root", NULL },
	{ "from", "100%%@example.org", NULL },
	{ "from_full_name", "Alice \"the\" Example", NULL },
	{ "from_full_name", "\xc3\x84lis", NULL },
	{ "allow_from_override", "off", NULL },
	{ "set_from_header", "auto", NULL },
	{ "set_from_header", "off", NULL },
	{ "set_from_header", "", "auto" },
	{ "set_date_header", "", "auto" },
	{ "set_msgid_header", "", "auto" },
	{ "set_date_header", "off", NULL },
	{ "set_msgid_header", "off", NULL },
	{ "set_to_header", "on", NULL },
	{ "remove_bcc_headers", "off", NULL },
	{ "aliases", "~/aliases", "/home/alice/aliases" },
	{ "qualify_domain", "", "" },
	{ "qualify_domain", "example.org", NULL },
	{ "qualify_domain", "%M", NULL },
	{ "rewrite", "root@* alerts@example.org", NULL },
	{ "rewrite", "*@%H\t%U@%C reply-to", NULL },
	{ "rewrite_local", "off", NULL },
	{ "partial", "off", NULL },
	{ "chunking", "off", NULL },
	{ "pipelining", "off", NULL },
	{ "require_tls", "on", NULL },
	{ "deliver_by", "3600", "3600;R" },
	{ "deliver_by", "60;NT", NULL },
	{ "hold_for", "3600", NULL },
	{ "hold_for", "off", NULL },
	{ "hold_until", "2026-12-24T18:00:00Z", NULL },
	{ "priority", "-9", NULL },
	{ "priority", "4", NULL },
	{ "mail_auth", "alice@example.org", NULL },
	{ "mail_auth", "<>", NULL },
	{ "dsn_notify", "never", NULL },
	{ "dsn_notify", "off", NULL },
	{ "dsn_notify", "success,failure", "failure,success" },
	{ "dsn_notify", "delay", NULL },
	{ "dsn_return", "headers", NULL },
	{ "dsn_return", "hdrs", "headers" },
	{ "dsn_return", "full", NULL },
	{ "queue", "", "on" },
	{ "queue", "always", NULL },
	{ "queue", "later", NULL },
	{ "queue_wait", "90", "90s" },
	{ "queue_wait", "120s", "2m" },
	{ "queue_retry", "5m 1h", NULL },
	{ "queue_retry", "1m  1m", NULL },
	{ "queue_lifetime", "1w", NULL },
	{ "queue_lifetime", "48h", "2d" },
	{ "queue_warn", "off", NULL },
	{ "queue_sessions", "20", NULL },
	{ "queue_pipeline", "1", NULL },
	{ "queue_dir", "~/queue", "/home/alice/queue" },
	{ "queue_limit", "100 20m", NULL },
	{ "queue_failed", "10D", "10d" },
	{ "bounce_to", "root@example.org", NULL },
	{ "archive", "maildir:~/sent", NULL },
	{ "archive_days", "30", NULL },
	{ "archive_required", "on", NULL },
	{ "rate", "100/1h 20", NULL },
	{ "rate_user", "1/30d", NULL },
	{ "rate_recipients", "1000000/90", NULL },
	{ "rate_over", "refuse", NULL },
	{ "received", "anonymous", NULL },
	{ "received", "", "on" },
	{ "users", "www-data, @mail uid:1000-60000,uid:5 *", NULL },
	{ "sender_login", "*@example.org\talice, @staff", NULL },
	{ "sender_login", "<> *", NULL },
	{ "sender_login", "%U@%C *", NULL },
	{ "sender_login_file", "/etc/veredus/senders", NULL },
	{ "recipients_max", "100", NULL },
	{ "size_max", "25m", NULL },
	{ "client_timeout", "90s", NULL },
	{ "sessions_user", "8", NULL },
	{ "dead_letter", "", "on" },
	{ "dead_letter", "off", NULL },
	{ "dead_letter", "~/letters", "/home/alice/letters" },
	{ "logfile", "-", NULL },
	{ "logfile", "~/.log", "/home/alice/.log" },
	{ "logfile_time_format", "%F %T", NULL },
	{ "logfile_time_format", "", "%b %d %H:%M:%S" },
	{ "syslog", "", "LOG_MAIL" },
	{ "syslog", "off", NULL },
	{ "syslog", "LOG_LOCAL7", NULL },
	{ "auto_from", "on", NULL },
	{ "maildomain", "example.org", NULL },
};

/* An invalid value and a part of the text of its error. */
static const struct {
	const char *name, *text, *said;
} wrong[] = {
	{ "domain_of", "a b", "is not a domain" },
	{ "dns_server", "ns.example.org", "ns.example.org" },
	{ "dns_trust_ad", "yes", "neither on nor off" },
	{ "dns_timeout", "0", "from 1 to 86400" },
	{ "dane", "yes", "not one of auto, on, off" },
	{ "host", "mail.example.org:587", "use the setting for the port" },
	{ "host", "mail example", "neither a host name nor an address" },
	{ "host", "mail.example.org>", "neither a host name nor an address" },
	{ "host", "1.2.3", "neither a host name nor an address" },
	{ "host", "[mail]", "neither a host name nor an address" },
	{ "host", "a..b", "neither a host name nor an address" },
	{ "port", "0", "not a number from 1 to 65535" },
	{ "port", "65536", "not a number from 1 to 65535" },
	{ "port", "-1", "not a number from 1 to 65535" },
	{ "port", "0x19", "not a number from 1 to 65535" },
	{ "port", "25 ", "not a number from 1 to 65535" },
	{ "port", "", "a number from 1 to 65535" },
	{ "socket", "run/lmtp", "does not begin with / or ~/" },
	{ "protocol", "esmtp", "not one of smtp, lmtp" },
	{ "protocol", "", "smtp, lmtp" },
	{ "domain", "localhost", "many servers reject" },
	{ "domain", "LOCALHOST.localdomain", "many servers reject" },
	{ "domain", "box.localhost", "many servers reject" },
	{ "domain", "two words", "neither a host name" },
	{ "domain", "%H two", "not a host name" },
	{ "domain", "%H.%d.org", "\"%d\" is unknown" },
	{ "source_ip", "mail.example.org", "not an IPv4 or IPv6 address" },
	{ "source_ip", "256.1.1.1", "not an IPv4 or IPv6 address" },
	{ "proxy_host", "a b", "neither a host name nor an address" },
	{ "proxy_port", "99999", "not a number" },
	{ "address_family", "ipv5", "not one of any, ipv4, ipv6" },
	{ "timeout", "0", "from 1 to 86400, or off" },
	{ "timeout", "-5", "from 1 to 86400, or off" },
	{ "connect_timeout", "0x10", "from 1 to 86400" },
	{ "connect_timeout", "off", "from 1 to 86400" },
	{ "sandbox", "yes", "is not one of on, off, require" },
	{ "deadline", "99999999999999999999", "from 1 to 86400" },
	{ "tls", "yes", "not one of on, off, opportunistic" },
	{ "tls", "ON", "not one of on, off, opportunistic" },
	{ "tls_starttls", "no", "neither on nor off" },
	{ "tls_trust_file", "ca.pem", "does not begin with / or ~/" },
	{ "tls_crl_file", "~bob/crl", "does not begin with / or ~/" },
	{ "tls_key_file", "key.pem", "does not begin with / or ~/" },
	{ "tls_cert_file", "c.pem", "does not begin with / or ~/" },
	{ "mta_sts", "testing", "not one of auto, on, off" },
	{ "mta_sts_cache", "cache", "does not begin with / or ~/" },
	{ "mta_sts_server", "127.0.0.1", "has no port" },
	{ "mta_sts_server", "127.0.0.1:0", "has no port" },
	{ "mta_sts_server", "::1:443", "[ADDRESS]:PORT" },
	{ "mta_sts_server", "a b:443", "neither a host name nor an address" },
	{ "tls_fingerprint",
	    "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33",
	    "SHA-1" },
	{ "tls_fingerprint", "00112233445566778899aabbccddeeff", "MD5" },
	{ "tls_fingerprint", FINGERPRINT "0", "64 hexadecimal digits" },
	{ "tls_fingerprint", "0:" FINGERPRINT, "64 hexadecimal digits" },
	{ "tls_fingerprint", "spki:x", "64 hexadecimal digits" },
	{ "tls_fingerprint", "spki:", "64 hexadecimal digits" },
	{ "tls_fingerprint", FINGERPRINT ":", "64 hexadecimal digits" },
	{ "tls_fingerprint", ":" FINGERPRINT, "64 hexadecimal digits" },
	{ "tls_fingerprint", " " FINGERPRINT, "64 hexadecimal digits" },
	{ "tls_fingerprint", "sha256:" FINGERPRINT, "64 hexadecimal digits" },
	{ "tls_fingerprint",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
	    "64 hexadecimal digits" },
	{ "tls_fingerprint",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0:123456789abcdef",
	    "64 hexadecimal digits" },
	{ "tls_fingerprint",
	    "0123456789abcdef0123456789abcdef0123456789abcdef01::23456789abcdef",
	    "64 hexadecimal digits" },
	{ "tls_fingerprint",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg",
	    "64 hexadecimal digits" },
	{ "tls_certcheck", "true", "not one of on, off" },
	{ "tls_priorities", "NORMAL:+ANON-DH", "disables the protection" },
	{ "tls_priorities", "NORMAL:+null", "disables the protection" },
	{ "tls_priorities", "NORMAL +x", "not allowed in a priority string" },
	{ "tls_host_override", "a b", "neither a host name nor an address" },
	{ "tls_min_version", "1.4", "not one of 1.0, 1.1, 1.2, 1.3" },
	{ "tls_min_version", "", "1.0, 1.1, 1.2, 1.3" },
	{ "auth", "secret", "unknown mechanism" },
	{ "from", "Alice <alice@example.org>", "bare address" },
	{ "from", "alice@", "one side of the \"@\" is missing" },
	{ "from", "%F", "\"%F\" is unknown; expected %U (user name), " },
	{ "from", "%%%u@example.org", "\"%u\" is unknown" },
	{ "from", "@example.org", "one side of the \"@\" is missing" },
	{ "from_full_name", "\xff", "not valid UTF-8" },
	{ "allow_from_override", "maybe", "neither on nor off" },
	{ "set_from_header", "never", "not one of auto, on, off" },
	{ "set_date_header", "on", "not one of auto, off" },
	{ "set_msgid_header", "on", "not one of auto, off" },
	{ "set_to_header", "auto", "neither on nor off" },
	{ "remove_bcc_headers", "1", "neither on nor off" },
	{ "aliases", "aliases", "does not begin with / or ~/" },
	{ "qualify_domain", "a b", "is not a domain" },
	{ "qualify_domain", "%D", "\"%D\" is unknown" },
	{ "maildomain", "%h.org", "\"%h\" is unknown" },
	{ "rewrite", "*@%F %U@x.org", "\"%F\" is unknown" },
	{ "rewrite", "root %n@x.org", "\"%n\" is unknown" },
	{ "rewrite", "root", "a pattern, an address" },
	{ "rewrite", "root alerts", "neither an address" },
	{ "rewrite_local", "never", "neither on nor off" },
	{ "partial", "all", "neither on nor off" },
	{ "chunking", "1", "neither on nor off" },
	{ "pipelining", "1", "neither on nor off" },
	{ "require_tls", "maybe", "neither on nor off" },
	{ "deliver_by", "soon", "number of seconds" },
	{ "deliver_by", "10;X", "number of seconds" },
	{ "deliver_by", "-10", "number of seconds" },
	{ "hold_for", "0x10", "999999999" },
	{ "hold_until", "tomorrow", "not a time" },
	{ "hold_until", "2026-12-24 18:00:00", "not a time" },
	{ "priority", "10", "not a number from -9 to 9" },
	{ "mail_auth", "a b@x", "" },
	{ "dsn_notify", "", "off, never, failure" },
	{ "dsn_notify", "never,delay", "never cannot be combined" },
	{ "dsn_notify", "delay,off", "off cannot be combined" },
	{ "dsn_notify", "delay,", "not one of" },
	{ "dsn_notify", "always", "not one of" },
	{ "dsn_return", "half", "not one of off, headers, hdrs, full" },
	{ "queue", "maybe", "is not one of off, on, always, later" },
	{ "queue_sessions", "0", "is not a number from 1 to 100" },
	{ "queue_pipeline", "0", "is not a number from 1 to 100" },
	{ "queue_wait", "0", "is not a duration such as 30s" },
	{ "queue_wait", "2d", "from 1s to 1d" },
	{ "queue_wait", "m", "is not a duration" },
	{ "queue_wait", "5 m", "is not a duration" },
	{ "queue_retry", "2h", "is not two durations" },
	{ "queue_retry", "2h 2m", "not shorter" },
	{ "queue_retry", "2m 2h 3h", "is not two durations" },
	{ "queue_lifetime", "off", "is not a duration" },
	{ "queue_warn", "1s", "or off" },
	{ "queue_failed", "off", "is not a duration" },
	{ "queue_dir", "queue", "does not begin with / or ~/" },
	{ "queue_limit", "1g", "is not a number of messages" },
	{ "queue_limit", "0 1g", "is not a number of messages" },
	{ "queue_limit", "5 99999999999g", "is not a number of messages" },
	{ "bounce_to", "a b", "" },
	{ "archive", "/var/mail/sent", "is not a folder such as" },
	{ "archive", "maildir:sent", "is not a folder such as" },
	{ "archive", "mbox:/sent", "is not a folder such as" },
	{ "archive_days", "0", "is not a number" },
	{ "archive_required", "maybe", "neither on nor off" },
	{ "rate", "100", "is not a number in a period" },
	{ "rate", "0/1h", "is not a number in a period" },
	{ "rate", "1000001/1h", "is not a number in a period" },
	{ "rate", "1/31d", "is not a number in a period" },
	{ "rate", "1/0", "is not a number in a period" },
	{ "rate", "1/1h 0", "is not a number in a period" },
	{ "rate", "1/1h 5 5", "is not a number in a period" },
	{ "rate", "1 / 1h", "is not a number in a period" },
	{ "rate", "/", "is not a number in a period" },
	{ "rate_user", "-1/1h", "is not a number in a period" },
	{ "rate_recipients", "1/1y", "is not a number in a period" },
	{ "rate_over", "defer", "is not one of refuse, queue" },
	{ "received", "auto", "is not one of on, off, anonymous" },
	{ "users", ",", "the list of users is empty" },
	{ "users", "@", "is neither *, uid:N" },
	{ "users", "www-*", "is neither *, uid:N" },
	{ "users", "uid:", "is not uid:N" },
	{ "users", "uid:7-3", "is not uid:N" },
	{ "users", "uid:4294967295", "is not uid:N" },
	{ "sender_login", "a@example.org", "is not \"PATTERN USERS\"" },
	{ "sender_login", "Bob<a@example.org> *", "is not a bare address" },
	{ "sender_login", "%x@example.org *", "is unknown" },
	{ "sender_login", "a@example.org ,", "the list of users is empty" },
	{ "sender_login_file", "senders", "does not begin with / or ~/" },
	{ "recipients_max", "0", "is not a number" },
	{ "recipients_max", "10001", "is not a number" },
	{ "size_max", "0", "is not a number of octets" },
	{ "size_max", "1t", "is not a number of octets" },
	{ "client_timeout", "0", "is not a duration" },
	{ "sessions_user", "101", "is not a number" },
	{ "dead_letter", "auto", "does not begin with / or ~/" },
	{ "logfile", "log", "does not begin with / or ~/" },
	{ "logfile_time_format", "\xff", "not valid UTF-8" },
	{ "logfile_time_format", "%F %Q", "\"%Q\" is no conversion" },
	{ "logfile_time_format", "%-5Ei", "\"%-5Ei\" is no conversion" },
	{ "logfile_time_format", "at %", "\"%\" is no conversion" },
	{ "syslog", "LOG_KERN", "not one of LOG_MAIL, on, off" },
	{ "auto_from", "x", "neither on nor off" },
	{ "maildomain", "a b", "not a domain" },
	{ "user", "a\r\nb", "control character" },
	{ "password", "a\nb", "control character" },
	{ "undisclosed_recipients", "on", "is not supported" },
	{ "undisclosed_recipients", "", "is not supported" },
	{ "tls_nocertcheck", "off", "tls_certcheck off" },
	{ "tls_nostarttls", "x", "tls_starttls off" },
	{ "tls_min_dh_prime_bits", "1024", "tls_priorities" },
	{ "tls_force_sslv3", "x", "not supported" },
	{ "tls_cache", "a\nb", "control character" },
	{ "keepbcc", "x", "remove_bcc_headers" },
	{ "add_missing_from_header", "x", "set_from_header" },
	{ "add_missing_date_header", "x", "set_date_header" },
};

/* These settings accept any text without control characters. */
static bool
accepts_any_text(const char *name)
{
	static const char *const names[] = { "passwordeval", "passwordfile",
		"ntlmdomain" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
expect_shown(const struct account *a, const char *name, const char *shown)
{
	struct str out = { 0 };

	option_print(a, option_find(name), &out);
	if (strcmp(str_text(&out), shown) != 0)
		fail_msg("%s is shown as \"%s\", not \"%s\"", name,
		    str_text(&out), shown);
	str_free(&out);
}

static void
accepts_valid_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(right); i++) {
		struct settings s;
		struct error err = { 0 };

		settings_init(&s, "x");
		if (!option_set(&s, option_find(right[i].name), right[i].text,
			&in_file, &err))
			fail_msg("%s", err.text);
		expect_shown(&s.values, right[i].name,
		    right[i].shown ? right[i].shown : right[i].text);
		assert_true(account_has(&s.values, right[i].name));
		settings_free(&s);
	}
}

static void
rejects_invalid_values_and_keeps_the_old_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		const struct option_row *row = option_find(wrong[i].name);
		struct settings s;
		struct error err = { 0 };

		settings_init(&s, "x");
		if (option_set(&s, row, wrong[i].text, &in_file, &err))
			fail_msg("%s \"%s\" was taken", row->name,
			    wrong[i].text);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_string_equal(err.subject, row->name);
		if (!error_says(&err, wrong[i].said))
			fail_msg("%s", err.text);
		if (row->type != OPTION_ALIAS) {
			assert_false(account_has(&s.values, row->name));
			expect_shown(&s.values, row->name,
			    row->fallback ? row->fallback : "");
		}
		error_free(&err);
		settings_free(&s);
	}
}

/* Every setting must occur in the tables above. */
static void
every_setting_has_a_test(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		bool found = false, rejected = accepts_any_text(row->name);

		for (size_t j = 0; j < COUNT_OF(right); j++)
			found |= strcmp(right[j].name, row->name) == 0;
		for (size_t j = 0; j < COUNT_OF(wrong); j++)
			rejected |= strcmp(wrong[j].name, row->name) == 0;
		if (!(found || row->type == OPTION_ALIAS) || !rejected)
			fail_msg("no test for %s", row->name);
		assert_ptr_equal(option_find(row->name), row);
		assert_int_equal(option_number(row), i);
	}
}

static void
accepts_its_own_defaults(void **state)
{
	struct settings s;

	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		struct error err = { 0 };

		settings_init(&s, "x");
		if (row->type != OPTION_ALIAS)
			expect_shown(&s.values, row->name,
			    row->fallback ? row->fallback : "");
		if (row->fallback != NULL
		    && !option_set(&s, row, row->fallback, &in_file, &err))
			fail_msg("%s", err.text);
		settings_free(&s);
	}
}

static void
stores_values_in_the_right_members(void **state)
{
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_int_equal(s.values.server.proxy_port, 1080);
	assert_int_equal(s.values.server.connect_timeout, 30);
	assert_int_equal(s.values.session.deadline, 900);
	assert_int_equal(s.values.session.timeout, 0);
	assert_true(s.values.session.partial);
	assert_true(s.values.tls.starttls);
	assert_int_equal(s.values.tls.mode, TLS_ON);
	assert_int_equal(s.values.tls.min_version, 12);
	assert_string_equal(s.values.tls.trust_file, "system");
	assert_string_equal(s.values.auth.mechanism, "off");
	assert_int_equal(s.values.header.from, HEADER_MODE_AUTO);
	assert_true(s.values.header.remove_bcc);
	assert_false(s.values.header.set_to);
	assert_int_equal(s.values.syslog, LOG_MAIL);
	option_set(&s, option_find("dsn_notify"), "delay,success", &in_file,
	    NULL);
	assert_int_equal(s.values.dsn_notify,
	    DSN_NOTIFY_DELAY | DSN_NOTIFY_SUCCESS);
	option_set(&s, option_find("syslog"), "off", &in_file, NULL);
	assert_int_equal(s.values.syslog, LOG_DISABLED);
	settings_free(&s);
}

static void
never_prints_a_secret(void **state)
{
	static const char *const names[] = { "password", "passwordeval",
		"auth" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct settings s;
		struct error err = { 0 };
		struct str out = { 0 };
		const struct option_row *row = option_find(names[i]);

		settings_init(&s, "x");
		assert_int_equal(option_set(&s, row, "hunter2", &in_file, &err),
		    i < 2);
		if (error_is_set(&err))
			assert_false(error_says(&err, "hunter2"));
		option_print(&s.values, row, &out);
		assert_null(strstr(str_text(&out), "hunter2"));
		str_free(&out);
		error_free(&err);
		settings_free(&s);
	}
}

static void
replaces_the_old_names_of_msmtp(void **state)
{
	static const struct {
		const char *name, *text, *setting, *value, *note;
	} cases[] = {
		{ "tls_nocertcheck", "", "tls_certcheck", "off",
		    "f:3: tls_nocertcheck is an old name: use "
		    "\"tls_certcheck off\" instead" },
		{ "tls_nostarttls", "", "tls_starttls", "off", "old name" },
		{ "keepbcc", "", "remove_bcc_headers", "off", "old name" },
		{ "keepbcc", "on", "remove_bcc_headers", "off", "old name" },
		{ "keepbcc", "off", "remove_bcc_headers", "on", "old name" },
		{ "add_missing_from_header", "", "set_from_header", "auto",
		    "old name" },
		{ "add_missing_from_header", "on", "set_from_header", "auto",
		    "old name" },
		{ "add_missing_from_header", "off", "set_from_header", "off",
		    "old name" },
		{ "add_missing_date_header", "on", "set_date_header", "auto",
		    "old name" },
		{ "add_missing_date_header", "off", "set_date_header", "off",
		    "old name" },
		{ "auto_from", "on", "auto_from", "on", "from %U@DOMAIN" },
		{ "maildomain", "example.org", "maildomain", "example.org",
		    "from %U@DOMAIN" },
		{ "undisclosed_recipients", "off", "host", "",
		    "has no effect" },
		{ "tls_cache", "/var/cache/veredus", "host", "",
		    "f:3: tls_cache has no effect: TLS sessions are no longer "
		    "resumed" },
		{ "tls_cache", "cache", "host", "", "has no effect" },
		{ "tls_cache", "", "host", "", "has no effect" },
		{ "tls_force_sslv3", "", "host", "", "has no effect" },
		{ "tls_force_sslv3", "on", "host", "", "has no effect" },
		{ "tls_min_dh_prime_bits", "", "host", "", "has no effect" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct strv notes = { 0 };
		struct option_context context = in_file;
		struct settings s;

		context.notes = &notes;
		settings_init(&s, "x");
		assert_true(option_set(&s, option_find(cases[i].name),
		    cases[i].text, &context, NULL));
		expect_shown(&s.values, cases[i].setting, cases[i].value);
		assert_int_equal(notes.count, 1);
		if (strstr(notes.items[0], cases[i].note) == NULL)
			fail_msg("%s", notes.items[0]);
		strv_free(&notes);
		settings_free(&s);
	}
}

static void
appends_to_a_list_within_one_section(void **state)
{
	struct option_context later = in_file;
	const struct option_row *from = option_find("from");
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_true(option_set(&s, from, "a@x.org", &in_file, NULL));
	assert_true(option_set(&s, from, "b@x.org", &in_file, NULL));
	expect_shown(&s.values, "from", "a@x.org, b@x.org");
	later.origin.line = 9;
	later.section = 8;
	assert_true(option_set(&s, from, "c@x.org", &later, NULL));
	expect_shown(&s.values, "from", "c@x.org");
	assert_true(option_set(&s, from, "d@x.org", &on_command_line, NULL));
	assert_true(option_set(&s, from, "e@x.org", &on_command_line, NULL));
	expect_shown(&s.values, "from", "d@x.org, e@x.org");
	assert_true(option_set(&s, from, "", &on_command_line, NULL));
	expect_shown(&s.values, "from", "");
	settings_free(&s);
}

static void
uses_the_last_value_on_the_command_line_only(void **state)
{
	const struct option_row *port = option_find("port");
	struct error err = { 0 };
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_true(option_set(&s, port, "26", &in_file, NULL));
	assert_false(option_set(&s, port, "27", &in_file, &err));
	expect_message(&err,
	    "port: set twice, first on line 3; remove one of the lines");
	assert_true(option_set(&s, port, "28", &on_command_line, NULL));
	assert_true(option_set(&s, port, "29", &on_command_line, NULL));
	assert_int_equal(s.values.server.port, 29);
	error_free(&err);
	settings_free(&s);
}

static void
accepts_relative_paths_on_the_command_line_only(void **state)
{
	const struct option_row *row = option_find("tls_trust_file");
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_true(option_set(&s, row, "ca.pem", &on_command_line, NULL));
	assert_string_equal(s.values.tls.trust_file, "ca.pem");
	settings_free(&s);
}

static void
rejects_a_tilde_without_a_home(void **state)
{
	struct option_context homeless = in_file;
	struct error err = { 0 };
	struct settings s;

	(void)state;
	homeless.home = NULL;
	settings_init(&s, "x");
	assert_false(
	    option_set(&s, option_find("aliases"), "~/a", &homeless, &err));
	assert_non_null(strstr(err.text, "no home directory"));
	error_free(&err);
	settings_free(&s);
}

static void
rejects_very_long_values(void **state)
{
	struct error err = { 0 };
	char *text = test_malloc(100001);
	struct settings s;

	(void)state;
	memset(text, 'a', 100000);
	text[100000] = '\0';
	settings_init(&s, "x");
	for (size_t i = 0; i < option_count; i++) {
		assert_false(option_set(&s, &option_rows[i], text,
		    &on_command_line, &err));
		assert_true(strlen(err.text) < 2000);
		error_free(&err);
	}
	settings_free(&s);
	test_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_valid_values),
		cmocka_unit_test(
		    rejects_invalid_values_and_keeps_the_old_value),
		cmocka_unit_test(every_setting_has_a_test),
		cmocka_unit_test(accepts_its_own_defaults),
		cmocka_unit_test(stores_values_in_the_right_members),
		cmocka_unit_test(never_prints_a_secret),
		cmocka_unit_test(replaces_the_old_names_of_msmtp),
		cmocka_unit_test(appends_to_a_list_within_one_section),
		cmocka_unit_test(uses_the_last_value_on_the_command_line_only),
		cmocka_unit_test(
		    accepts_relative_paths_on_the_command_line_only),
		cmocka_unit_test(rejects_a_tilde_without_a_home),
		cmocka_unit_test(rejects_very_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
