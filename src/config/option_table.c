/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table of settings.
 */
#include "config/option_table.h"

#include "base/attr.h"
#include "base/log.h"
#include "config/account.h"
#include "config/validate.h"
#include "config/validate_oauth.h"
#include "config/validate_service.h"

#define AT(member) offsetof(struct account, member)

static const struct option_choice protocols[] = { { "smtp", PROTOCOL_SMTP },
	{ "lmtp", PROTOCOL_LMTP }, { NULL, 0 } };

static const struct option_choice families[] = { { "any", FAMILY_ANY },
	{ "ipv4", FAMILY_IPV4 }, { "ipv6", FAMILY_IPV6 }, { NULL, 0 } };

static const struct option_choice proxy_types[] = { { "socks5", PROXY_SOCKS5 },
	{ "http", PROXY_HTTP }, { NULL, 0 } };

static const struct option_choice tls_modes[] = { { "on", TLS_ON },
	{ "off", TLS_OFF }, { "opportunistic", TLS_OPPORTUNISTIC },
	{ NULL, 0 } };

static const struct option_choice certchecks[] = { { "on", CERTCHECK_ON },
	{ "off", CERTCHECK_OFF }, { NULL, 0 } };

static const struct option_choice tls_versions[] = { { "1.0", 10 },
	{ "1.1", 11 }, { "1.2", 12 }, { "1.3", 13 }, { NULL, 0 } };

static const struct option_choice mta_sts_modes[] = { { "auto", MTA_STS_AUTO },
	{ "on", MTA_STS_ON }, { "off", MTA_STS_OFF }, { NULL, 0 } };

static const struct option_choice auto_on_off[] = { { "auto",
							HEADER_MODE_AUTO },
	{ "on", HEADER_MODE_ON }, { "off", HEADER_MODE_OFF }, { NULL, 0 } };

static const struct option_choice received_modes[] = { { "on", RECEIVED_ON },
	{ "off", RECEIVED_OFF }, { "anonymous", RECEIVED_ANONYMOUS },
	{ NULL, 0 } };

static const struct option_choice rate_overs[] = { { "refuse",
						       RATE_OVER_REFUSE },
	{ "queue", RATE_OVER_QUEUE }, { NULL, 0 } };

static const struct option_choice auto_off[] = { { "auto", HEADER_MODE_AUTO },
	{ "off", HEADER_MODE_OFF }, { NULL, 0 } };

static const struct option_choice dane_uses[] = { { "auto", DANE_AUTO },
	{ "on", DANE_ON }, { "off", DANE_OFF }, { NULL, 0 } };

static const struct option_choice notifications[] = {
	{ "off", DSN_NOTIFY_DEFAULT }, { "never", DSN_NOTIFY_NEVER },
	{ "failure", DSN_NOTIFY_FAILURE }, { "delay", DSN_NOTIFY_DELAY },
	{ "success", DSN_NOTIFY_SUCCESS }, { NULL, 0 }
};

static const struct option_choice returns[] = { { "off", DSN_RETURN_DEFAULT },
	{ "headers", DSN_RETURN_HEADERS }, { "hdrs", DSN_RETURN_HEADERS },
	{ "full", DSN_RETURN_FULL }, { NULL, 0 } };

/* A value is printed as the first name that it has here. */
static const struct option_choice facilities[] = { { "LOG_MAIL", LOG_MAIL },
	{ "on", LOG_MAIL }, { "off", LOG_DISABLED }, { "LOG_USER", LOG_USER },
	{ "LOG_DAEMON", LOG_DAEMON }, { "LOG_CRON", LOG_CRON },
	{ "LOG_LPR", LOG_LPR }, { "LOG_NEWS", LOG_NEWS },
	{ "LOG_UUCP", LOG_UUCP }, { "LOG_LOCAL0", LOG_LOCAL0 },
	{ "LOG_LOCAL1", LOG_LOCAL1 }, { "LOG_LOCAL2", LOG_LOCAL2 },
	{ "LOG_LOCAL3", LOG_LOCAL3 }, { "LOG_LOCAL4", LOG_LOCAL4 },
	{ "LOG_LOCAL5", LOG_LOCAL5 }, { "LOG_LOCAL6", LOG_LOCAL6 },
	{ "LOG_LOCAL7", LOG_LOCAL7 }, { NULL, 0 } };

static const struct option_choice on_off[] = { { "on", 1 }, { "off", 0 },
	{ NULL, 0 } };

/* The settings that replace old settings of msmtp. */
static const struct option_replacement nocertcheck[] = {
	{ "", "tls_certcheck", "off" }, { NULL, NULL, NULL }
};

static const struct option_replacement nostarttls[] = {
	{ "", "tls_starttls", "off" }, { NULL, NULL, NULL }
};

static const struct option_replacement keepbcc[] = { { "", "remove_bcc_headers",
							 "off" },
	{ "on", "remove_bcc_headers", "off" },
	{ "off", "remove_bcc_headers", "on" }, { NULL, NULL, NULL } };

static const struct option_replacement missing_from[] = {
	{ "", "set_from_header", "auto" }, { "on", "set_from_header", "auto" },
	{ "off", "set_from_header", "off" }, { NULL, NULL, NULL }
};

static const struct option_replacement missing_date[] = {
	{ "", "set_date_header", "auto" }, { "on", "set_date_header", "auto" },
	{ "off", "set_date_header", "off" }, { NULL, NULL, NULL }
};

static const struct option_replacement off_is_harmless[] = {
	{ "off", NULL, NULL }, { NULL, NULL, NULL }
};

static const struct option_replacement empty_is_harmless[] = {
	{ "", NULL, NULL }, { NULL, NULL, NULL }
};

static const struct option_replacement all_are_harmless[] = { { "", NULL,
								  NULL },
	{ "on", NULL, NULL }, { "off", NULL, NULL }, { NULL, NULL, NULL } };

static const struct option_choice sandbox_modes[] = { { "on", SANDBOX_MODE_ON },
	{ "off", SANDBOX_MODE_OFF }, { "require", SANDBOX_MODE_REQUIRE },
	{ NULL, 0 } };

static const struct option_choice queue_modes[] = { { "off", QUEUE_MODE_OFF },
	{ "on", QUEUE_MODE_ON }, { "always", QUEUE_MODE_ALWAYS },
	{ "later", QUEUE_MODE_LATER }, { NULL, 0 } };

static const struct option_choice oauth_providers[] = {
	{ "off", OAUTH_PROVIDER_OFF }, { "google", OAUTH_PROVIDER_GOOGLE },
	{ "microsoft", OAUTH_PROVIDER_MICROSOFT },
	{ "fastmail", OAUTH_PROVIDER_FASTMAIL },
	{ "yandex", OAUTH_PROVIDER_YANDEX },
	{ "mailru", OAUTH_PROVIDER_MAILRU }, { "yahoo", OAUTH_PROVIDER_YAHOO },
	{ "aol", OAUTH_PROVIDER_AOL }, { "comcast", OAUTH_PROVIDER_COMCAST },
	{ "other", OAUTH_PROVIDER_OTHER }, { NULL, 0 }
};

static const struct option_choice oauth_grants[] = { { "code", OAUTH_CODE },
	{ "client_credentials", OAUTH_CLIENT_CREDENTIALS },
	{ "service_account", OAUTH_SERVICE_ACCOUNT }, { NULL, 0 } };

static const struct option_choice oauth_flows[] = { { "auto", OAUTH_FLOW_AUTO },
	{ "browser", OAUTH_BROWSER }, { "paste", OAUTH_PASTE },
	{ "device", OAUTH_DEVICE }, { NULL, 0 } };

static const struct option_choice oauth_client_auths[] = {
	{ "auto", OAUTH_AUTH_AUTO }, { "post", OAUTH_AUTH_POST },
	{ "basic", OAUTH_AUTH_BASIC }, { "none", OAUTH_AUTH_NONE },
	{ "key", OAUTH_AUTH_KEY }, { NULL, 0 }
};

static const struct option_choice oauth_key_algs[] = {
	{ "auto", OAUTH_KEY_ALG_AUTO }, { "RS256", OAUTH_RS256 },
	{ "PS256", OAUTH_PS256 }, { "ES256", OAUTH_ES256 }, { NULL, 0 }
};

#define DAY 86400
#define UNTIL_A_DAY .min = 1, .max = DAY

const struct option_row option_rows[] = {
	{ "host", OPTION_LIST, AT(hosts), NULL, "HOST",
	    .help = "send through HOST (may be repeated), or mx, or srv",
	    .check = validate_host },
	{ "domain_of", OPTION_STRING, AT(domain_of), NULL, "NAME",
	    .help = "with host srv: use the servers for users of NAME",
	    .derived = "the domain of from", .check = validate_dns_name },
	{ "dns_server", OPTION_LIST, AT(dns_servers), NULL, "ADDRESS",
	    .help = "query name server ADDRESS[:PORT] for mx, srv, dane",
	    .check = validate_dns_server },
	{ "dns_trust_ad", OPTION_BOOLEAN, AT(dns.trust_ad), "off", "BOOLEAN",
	    .help = "trust the name servers to validate DNSSEC" },
	{ "dns_timeout", OPTION_NUMBER, AT(dns_timeout), "60", "SECONDS",
	    .help = "time limit for all DNS lookups", UNTIL_A_DAY },
	{ "port", OPTION_NUMBER, AT(server.port), NULL, "N",
	    .help = "connect to port N",
	    .derived =
		"465 if tls_starttls is off, 587 if auth is used, else 25",
	    .min = 1, .max = 65535 },
	{ "socket", OPTION_PATH, AT(server.socket), NULL, "PATH",
	    .help = "send through the unix socket PATH instead of a host" },
	{ "protocol", OPTION_CHOICE, AT(session.protocol), "smtp", "WORD",
	    .help = "smtp or lmtp", .choices = protocols },
	{ "domain", OPTION_STRING, AT(session.domain), NULL, "NAME",
	    .help = "introduce this host to the server as NAME",
	    .derived =
		"the fully qualified name of this host, else its address",
	    .check = validate_domain },
	{ "source_ip", OPTION_STRING, AT(server.source_ip), NULL, "ADDRESS",
	    .help = "connect from the local ADDRESS",
	    .check = validate_address },
	{ "proxy_host", OPTION_STRING, AT(server.proxy_host), NULL, "HOST",
	    .help = "connect through the proxy HOST", .check = validate_host },
	{ "proxy_type", OPTION_CHOICE, AT(server.proxy_type), "socks5", "WORD",
	    .help = "protocol of the proxy: socks5 or http",
	    .choices = proxy_types },
	{ "proxy_port", OPTION_NUMBER, AT(server.proxy_port), "1080", "N",
	    .help = "port of the proxy", .can_reset = true,
	    .derived = "8080 with proxy_type http, else 1080", .min = 1,
	    .max = 65535 },
	{ "proxy_user", OPTION_STRING, AT(server.proxy_user), NULL, "NAME",
	    .help = "log in to the proxy as NAME" },
	{ "proxy_password", OPTION_SECRET, AT(server.proxy_password), NULL,
	    "TEXT", .help = "log in to the proxy with the password TEXT" },
	{ "proxy_passwordfile", OPTION_PATH, AT(proxy_passwordfile), NULL,
	    "FILE", .help = "read the password for the proxy from FILE" },
	{ "address_family", OPTION_CHOICE, AT(server.family), "any", "WORD",
	    .help = "connect by ipv4, ipv6 or any", .choices = families },
	{ "timeout", OPTION_NUMBER, AT(session.timeout), "off", "SECONDS",
	    .help = "wait SECONDS for each reply; off: as in RFC 5321",
	    UNTIL_A_DAY, .off_is_zero = true },
	{ "connect_timeout", OPTION_NUMBER, AT(server.connect_timeout), "30",
	    "SECONDS", .help = "try each address for SECONDS", UNTIL_A_DAY },
	{ "deadline", OPTION_NUMBER, AT(session.deadline), "900", "SECONDS",
	    .help = "time limit for the whole run", UNTIL_A_DAY },
	{ "sandbox", OPTION_CHOICE, AT(sandbox), "on", "WORD",
	    .help = "give up files and system calls: on, off or require",
	    .choices = sandbox_modes, .empty = "on" },

	{ "tls", OPTION_CHOICE, AT(tls.mode), "on", "WORD",
	    .help = "on, off or opportunistic", .choices = tls_modes,
	    .derived = "off for this machine unless tls_starttls is off, "
		       "opportunistic with host mx, else on",
	    .empty = "on" },
	{ "tls_starttls", OPTION_BOOLEAN, AT(tls.starttls), "on", "BOOLEAN",
	    .help = "on: STARTTLS; off: implicit TLS",
	    .derived = "off for port 465 of another machine, else on" },
	{ "tls_trust_file", OPTION_PATH, AT(tls.trust_file), "system", "FILE",
	    .help = "trust the certificate authorities in FILE" },
	{ "tls_crl_file", OPTION_PATH, AT(tls.crl_file), NULL, "FILE",
	    .help = "reject the certificates revoked in FILE" },
	{ "tls_key_file", OPTION_PATH, AT(tls.key_file), NULL, "FILE",
	    .help = "key of the client certificate" },
	{ "tls_cert_file", OPTION_PATH, AT(tls.cert_file), NULL, "FILE",
	    .help = "client certificate" },
	{ "tls_fingerprint", OPTION_LIST, AT(tls.fingerprints), NULL, "HEX",
	    .help = "accept only this SHA-256 of the certificate or key",
	    .check = validate_fingerprint },
	{ "tls_certcheck", OPTION_CHOICE, AT(tls.certcheck), "on", "BOOLEAN",
	    .help = "verify the server's certificate", .choices = certchecks,
	    .empty = "on" },
	{ "dane", OPTION_CHOICE, AT(dane), "auto", "WORD",
	    .help = "verify by TLSA records: auto (mx only), on or off",
	    .choices = dane_uses, .empty = "on" },
	{ "tls_priorities", OPTION_STRING, AT(tls.priorities), NULL, "STRING",
	    .help = "GnuTLS priority string", .check = validate_priorities },
	{ "tls_host_override", OPTION_STRING, AT(tls.host_override), NULL,
	    "NAME", .help = "expect NAME in the certificate",
	    .check = validate_host },
	{ "tls_min_version", OPTION_CHOICE, AT(tls.min_version), "1.2",
	    "VERSION", .help = "lowest TLS version", .choices = tls_versions },
	{ "mta_sts", OPTION_CHOICE, AT(mta_sts.mode), "auto", "WORD",
	    .help = "follow MTA-STS policies: auto, on or off",
	    .choices = mta_sts_modes, .empty = "on" },
	{ "mta_sts_cache", OPTION_PATH, AT(mta_sts.cache), NULL, "DIRECTORY",
	    .help = "keep MTA-STS policies in DIRECTORY",
	    .derived = "veredus/mta-sts in the cache directory" },
	{ "mta_sts_server", OPTION_STRING, AT(mta_sts.server), NULL,
	    "HOST:PORT", .help = "fetch MTA-STS policies from HOST:PORT",
	    .check = validate_server_port },
	{ "tls_required_no", OPTION_BOOLEAN, AT(tls_required_no), "on",
	    "BOOLEAN",
	    .help = "with host mx: honour the field TLS-Required: No" },

	{ "auth", OPTION_STRING, AT(auth.mechanism), "off", "WORD",
	    .help = "log in: on, off or a mechanism", .empty = "on",
	    .check = validate_mechanism },
	{ "user", OPTION_STRING, AT(auth.user), NULL, "NAME",
	    .help = "log in as NAME" },
	{ "password", OPTION_SECRET, AT(auth.password), NULL, "TEXT",
	    .help = "log in with the password TEXT" },
	{ "passwordeval", OPTION_STRING, AT(passwordeval), NULL, "COMMAND",
	    .help = "run COMMAND to get the password", .hidden = true },
	{ "passwordfile", OPTION_PATH, AT(passwordfile), NULL, "FILE",
	    .help = "read the password from FILE" },
	{ "ntlmdomain", OPTION_STRING, AT(auth.ntlm_domain), NULL, "NAME",
	    .help = "domain for the mechanism ntlm" },

	{ "oauth_provider", OPTION_CHOICE, AT(oauth.provider), "off", "WORD",
	    .help = "log in with OAuth2 tokens of this provider",
	    .choices = oauth_providers },
	{ "oauth_tenant", OPTION_STRING, AT(oauth.tenant), "common", "TENANT",
	    .help = "tenant of the provider microsoft",
	    .check = validate_oauth_tenant },
	{ "oauth_grant", OPTION_CHOICE, AT(oauth.grant), "code", "WORD",
	    .help = "code, client_credentials or service_account",
	    .choices = oauth_grants },
	{ "oauth_flow", OPTION_CHOICE, AT(oauth.flow), "auto", "WORD",
	    .help = "how --login asks: auto, browser, paste or device",
	    .choices = oauth_flows },
	{ "oauth_client_id", OPTION_STRING, AT(oauth.client_id), NULL, "ID",
	    .help = "client ID of your registration with the provider",
	    .check = validate_oauth_value },
	{ "oauth_client_secret", OPTION_SECRET, AT(oauth.client_secret), NULL,
	    "TEXT", .help = "client secret" },
	{ "oauth_client_secret_file", OPTION_PATH, AT(oauth.client_secret_file),
	    NULL, "FILE", .help = "read the client secret from FILE" },
	{ "oauth_client_secret_eval", OPTION_STRING,
	    AT(oauth.client_secret_eval), NULL, "COMMAND",
	    .help = "run COMMAND to get the client secret", .hidden = true },
	{ "oauth_client_auth", OPTION_CHOICE, AT(oauth.client_auth), "auto",
	    "WORD",
	    .help = "auto, post, basic, none or key: login of the client",
	    .choices = oauth_client_auths },
	{ "oauth_key_file", OPTION_PATH, AT(oauth.key_file), NULL, "FILE",
	    .help = "key that signs assertions, PEM or JSON of Google" },
	{ "oauth_cert_file", OPTION_PATH, AT(oauth.cert_file), NULL, "FILE",
	    .help = "certificate of that key" },
	{ "oauth_key_id", OPTION_STRING, AT(oauth.key_id), NULL, "ID",
	    .help = "name of that key at the provider",
	    .check = validate_oauth_value },
	{ "oauth_key_alg", OPTION_CHOICE, AT(oauth.key_alg), "auto", "WORD",
	    .help = "algorithm of that key: auto, RS256, PS256 or ES256",
	    .choices = oauth_key_algs },
	{ "oauth_subject", OPTION_STRING, AT(oauth.subject), NULL, "NAME",
	    .help = "mailbox of a service account", .derived = "user",
	    .check = validate_oauth_value },
	{ "oauth_audience", OPTION_STRING, AT(oauth.audience), NULL, "TEXT",
	    .help = "audience of assertions",
	    .derived = "the address of oauth_token_url",
	    .check = validate_oauth_value },
	{ "oauth_scope", OPTION_STRING, AT(oauth.scope), NULL, "\"SCOPE ...\"",
	    .help = "what a token is for", .check = validate_oauth_scope },
	{ "oauth_issuer", OPTION_STRING, AT(oauth.issuer), NULL, "URL",
	    .help = "read the addresses from the metadata of URL",
	    .check = validate_oauth_url },
	{ "oauth_auth_url", OPTION_STRING, AT(oauth.auth_url), NULL, "URL",
	    .help = "where a person consents", .check = validate_oauth_url },
	{ "oauth_token_url", OPTION_STRING, AT(oauth.token_url), NULL, "URL",
	    .help = "where tokens come from", .check = validate_oauth_url },
	{ "oauth_device_url", OPTION_STRING, AT(oauth.device_url), NULL, "URL",
	    .help = "where codes for another device come from",
	    .check = validate_oauth_url },
	{ "oauth_revoke_url", OPTION_STRING, AT(oauth.revoke_url), NULL, "URL",
	    .help = "where --logout revokes tokens",
	    .check = validate_oauth_url },
	{ "oauth_auth_params", OPTION_STRING, AT(oauth.auth_params), NULL,
	    "A=B&C=D", .help = "more parameters for oauth_auth_url",
	    .check = validate_oauth_params },
	{ "oauth_redirect_host", OPTION_STRING, AT(oauth.redirect_host),
	    "127.0.0.1", "HOST",
	    .help = "where the browser leads back: 127.0.0.1 or localhost",
	    .check = validate_oauth_redirect_host },
	{ "oauth_redirect_port", OPTION_NUMBER, AT(oauth.redirect_port), "0",
	    "N", .help = "port of that address; 0: any free port",
	    .max = 65535 },
	{ "oauth_redirect_path", OPTION_STRING, AT(oauth.redirect_path), "/",
	    "PATH", .help = "path of that address",
	    .check = validate_oauth_redirect_path },
	{ "oauth_store", OPTION_PATH, AT(oauth.store), NULL, "DIRECTORY",
	    .help = "keep tokens in DIRECTORY",
	    .derived = "veredus/oauth in the state directory" },
	{ "oauth_trust_file", OPTION_PATH, AT(oauth.trust_file), "system",
	    "FILE", .help = "trust FILE for the provider's certificate" },
	{ "oauth_proxy", OPTION_STRING, AT(oauth.proxy), "off", "URL",
	    .help = "reach the provider through a proxy; on: proxy_host",
	    .check = validate_oauth_proxy },
	{ "oauth_timeout", OPTION_NUMBER, AT(oauth.timeout), "20", "SECONDS",
	    .help = "time limit for a request to the provider", .min = 1,
	    .max = 60 },

	{ "from", OPTION_LIST, AT(from), NULL, "ADDRESS",
	    .help = "envelope sender, or pattern to select the account",
	    .check = validate_from },
	{ "from_full_name", OPTION_STRING, AT(from_full_name), NULL, "NAME",
	    .help = "name in a From header that veredus adds",
	    .check = validate_text },
	{ "allow_from_override", OPTION_BOOLEAN, AT(allow_from_override), "on",
	    "BOOLEAN", .help = "let -f override from" },
	{ "set_from_header", OPTION_CHOICE, AT(header.from), "auto", "WORD",
	    .help = "set From: auto, on or off", .choices = auto_on_off,
	    .empty = "auto" },
	{ "set_date_header", OPTION_CHOICE, AT(header.date), "auto", "WORD",
	    .help = "set Date: auto or off", .choices = auto_off,
	    .empty = "auto" },
	{ "set_msgid_header", OPTION_CHOICE, AT(header.message_id), "auto",
	    "WORD", .help = "set Message-ID: auto or off", .choices = auto_off,
	    .empty = "auto" },
	{ "set_to_header", OPTION_BOOLEAN, AT(header.set_to), "off", "BOOLEAN",
	    .help = "set To to the recipients on the command line" },
	{ "received", OPTION_CHOICE, AT(received), NULL, "WORD",
	    .help = "add a Received field: on, off or anonymous",
	    .derived = "on with --service, else off", .choices = received_modes,
	    .empty = "on" },
	{ "remove_bcc_headers", OPTION_BOOLEAN, AT(header.remove_bcc), "on",
	    "BOOLEAN", .help = "remove Bcc" },
	{ "aliases", OPTION_PATH, AT(aliases), NULL, "FILE",
	    .help = "replace local recipients with their aliases in FILE" },
	{ "qualify_domain", OPTION_STRING, AT(qualify_domain), NULL, "NAME",
	    .help = "domain to add to bare names",
	    .derived =
		"the name in /etc/mailname, else the fully qualified name of "
		"this host",
	    .check = validate_mail_domain },
	{ "rewrite", OPTION_LIST, AT(rewrite), NULL, "RULE",
	    .help = "\"PATTERN ADDRESS\": replace matching senders",
	    .check = validate_rewrite },
	{ "rewrite_local", OPTION_BOOLEAN, AT(rewrite_local), "on", "BOOLEAN",
	    .help = "replace other senders of this host with from" },
	{ "partial", OPTION_BOOLEAN, AT(session.partial), "on", "BOOLEAN",
	    .help = "off: deliver to all recipients or to none" },
	{ "chunking", OPTION_BOOLEAN, AT(session.chunking), "on", "BOOLEAN",
	    .help = "send with BDAT if the server offers it" },
	{ "pipelining", OPTION_BOOLEAN, AT(session.pipelining), "on", "BOOLEAN",
	    .help = "send commands in groups if the server offers it" },
	{ "dsn_notify", OPTION_SET, AT(dsn_notify), "off", "WORDS",
	    .help = "request DSNs: never, or failure,delay,success",
	    .choices = notifications },
	{ "dsn_return", OPTION_CHOICE, AT(dsn_return), "off", "WORD",
	    .help = "content that DSNs return: headers or full",
	    .choices = returns },
	{ "require_tls", OPTION_BOOLEAN, AT(mail_params.require_tls), "off",
	    "BOOLEAN", .help = "request TLS on the whole way (REQUIRETLS)" },
	{ "deliver_by", OPTION_STRING, AT(mail_params.deliver_by), NULL,
	    "SECONDS[;MODE]",
	    .help = "deliver in SECONDS, else return (R) or notify (N)",
	    .check = validate_deliver_by },
	{ "hold_for", OPTION_NUMBER, AT(mail_params.hold_for), "off", "SECONDS",
	    .help = "have the server hold the message for SECONDS",
	    .off_is_zero = true, .min = 1, .max = 999999999 },
	{ "hold_until", OPTION_STRING, AT(mail_params.hold_until), NULL, "TIME",
	    .help = "have the server hold the message until TIME",
	    .check = validate_hold_until },
	{ "priority", OPTION_STRING, AT(mail_params.priority), NULL, "N",
	    .help = "priority of the message, -9 to 9",
	    .check = validate_priority },
	{ "mail_auth", OPTION_STRING, AT(mail_params.mail_auth), NULL,
	    "ADDRESS", .help = "tell the server who wrote the message (AUTH=)",
	    .check = validate_mail_auth },
	{ "logfile", OPTION_PATH, AT(logfile), NULL, "FILE",
	    .help = "append a line for each message to FILE" },
	{ "logfile_time_format", OPTION_STRING, AT(logfile_time_format),
	    "%b %d %H:%M:%S", "FORMAT",
	    .help = "strftime format of the time in the log file",
	    .check = validate_time_format },
	{ "dead_letter", OPTION_PATH, AT(dead_letter), "off", "FILE",
	    .help = "save a failed message in FILE; on: the usual place",
	    .choices = on_off, .empty = "on" },
	{ "syslog", OPTION_CHOICE, AT(syslog), "LOG_MAIL", "WORD",
	    .help = "syslog facility, or off", .choices = facilities,
	    .empty = "on" },

	{ "queue", OPTION_CHOICE, AT(queue.mode), "off", "WORD",
	    .help = "queue messages: off, on, always or later",
	    .choices = queue_modes, .empty = "on" },
	{ "queue_wait", OPTION_DURATION, AT(queue.wait), "30s", "DURATION",
	    .help = "time limit for an attempt that a caller awaits", .min = 1,
	    .max = DAY },
	{ "queue_retry", OPTION_STRING, AT(queue.retry), "2m 2h",
	    "\"FIRST LONGEST\"",
	    .help = "first and longest pause between attempts",
	    .check = validate_queue_retry },
	{ "queue_lifetime", OPTION_DURATION, AT(queue.schedule.lifetime), "5d",
	    "DURATION", .help = "return a queued message after DURATION",
	    .min = 60, .max = 366 * DAY },
	{ "queue_warn", OPTION_DURATION, AT(queue.schedule.warn_after), "4h",
	    "DURATION", .help = "tell the sender of a delay after DURATION",
	    .min = 60, .max = 366 * DAY, .off_is_zero = true },
	{ "queue_sessions", OPTION_NUMBER, AT(queue.sessions), "2", "N",
	    .help = "sessions at once of a queue run", .min = 1, .max = 100 },
	{ "queue_pipeline", OPTION_NUMBER, AT(queue.pipeline), "20", "N",
	    .help = "messages that a session sends at once", .min = 1,
	    .max = 100 },
	{ "queue_dir", OPTION_PATH, AT(queue.folder), NULL, "DIRECTORY",
	    .help = "keep the queue in DIRECTORY",
	    .derived = "veredus/queue in the state directory" },
	{ "queue_limit", OPTION_STRING, AT(queue.limit), "10000 1g",
	    "\"MESSAGES OCTETS\"", .help = "limit the size of the queue",
	    .check = validate_queue_limit },
	{ "queue_failed", OPTION_DURATION, AT(queue.failed_lifetime), "30d",
	    "DURATION", .help = "remove failed messages after DURATION",
	    .min = 60, .max = 3660UL * DAY },
	{ "bounce_to", OPTION_STRING, AT(queue.bounce_to), NULL, "ADDRESS",
	    .help = "address for notices without a sender",
	    .check = validate_mail_address },

	{ "alert_to", OPTION_STRING, AT(queue.alert_to), NULL, "ADDRESS",
	    .help = "tell ADDRESS when the account cannot log in",
	    .check = validate_mail_address },
	{ "alert_account", OPTION_STRING, AT(queue.alert_account), NULL, "NAME",
	    .help = "send this notice through the account NAME",
	    .derived = "the same account" },

	{ "filter", OPTION_STRING, AT(filter), NULL, "COMMAND",
	    .help = "send what COMMAND prints when it reads the message" },

	{ "archive", OPTION_STRING, AT(archive.place), NULL, "maildir:FOLDER",
	    .help = "keep a copy of each message that was sent",
	    .check = validate_archive },
	{ "archive_days", OPTION_NUMBER, AT(archive.days), NULL, "N",
	    .help = "remove copies after N days", .derived = "never",
	    .can_reset = true, .min = 1, .max = 36600 },
	{ "archive_required", OPTION_BOOLEAN, AT(archive.required), "off",
	    "BOOLEAN", .help = "send nothing that cannot be archived" },

	{ "rate", OPTION_STRING, AT(queue.rate.texts[RATE_MESSAGES]), NULL,
	    "\"COUNT/PERIOD BURST\"",
	    .help = "limit the messages of the account, as 100/1h",
	    .check = validate_rate },
	{ "rate_user", OPTION_STRING, AT(queue.rate.texts[RATE_USER]), NULL,
	    "\"COUNT/PERIOD BURST\"",
	    .help = "limit the messages of each user, as 100/1h",
	    .check = validate_rate },
	{ "rate_recipients", OPTION_STRING,
	    AT(queue.rate.texts[RATE_RECIPIENTS]), NULL,
	    "\"COUNT/PERIOD BURST\"",
	    .help = "limit the recipients of the account, as 500/1d",
	    .check = validate_rate },
	{ "rate_over", OPTION_CHOICE, AT(queue.rate.over), NULL, "WORD",
	    .help = "over a limit: refuse or queue",
	    .derived = "refuse for rate_user, else queue",
	    .choices = rate_overs },

	{ "users", OPTION_STRING, AT(service.users), NULL, "USERS",
	    .help = "with --service: the users of the account", .derived = "*",
	    .check = validate_users },
	{ "sender_login", OPTION_LIST, AT(service.sender_logins), NULL,
	    "\"PATTERN USERS\"",
	    .help = "with --service: who may send as PATTERN",
	    .check = validate_sender_login,
	    .places = AT(service.sender_login_places) },
	{ "sender_login_file", OPTION_PATH, AT(service.sender_login_file), NULL,
	    "FILE", .help = "with --service: more lines \"PATTERN USERS\"" },
	{ "recipients_max", OPTION_NUMBER, AT(service.recipients_max), NULL,
	    "N", .help = "with --service: recipients of a transaction",
	    .can_reset = true, .min = 1, .max = 10000 },
	{ "size_max", OPTION_STRING, AT(service.size_max), NULL, "OCTETS",
	    .help = "with --service: size of a message, as 25m",
	    .derived = "4g", .check = validate_octets },
	{ "client_timeout", OPTION_DURATION, AT(service.client_timeout), "5m",
	    "DURATION", .help = "with --service: wait for the client", .min = 1,
	    .max = DAY },
	{ "sessions_user", OPTION_NUMBER, AT(service.sessions_user), "32", "N",
	    .help = "with --service: sessions at once of a user", .min = 1,
	    .max = 100 },

	/* Old names, removed settings, and settings of msmtp without effect. */
	{ "auto_from", OPTION_BOOLEAN, AT(auto_from), "off", "BOOLEAN",
	    .note = "is an old name: use \"from %U@DOMAIN\" instead" },
	{ "maildomain", OPTION_STRING, AT(maildomain), NULL, "NAME",
	    .check = validate_mail_domain,
	    .note = "is an old name: use \"from %U@DOMAIN\" instead" },
	{ "tls_nocertcheck", OPTION_ALIAS, .replacements = nocertcheck,
	    .refusal = "takes no argument; use \"tls_certcheck off\" instead" },
	{ "tls_nostarttls", OPTION_ALIAS, .replacements = nostarttls,
	    .refusal = "takes no argument; use \"tls_starttls off\" instead" },
	{ "keepbcc", OPTION_ALIAS, .replacements = keepbcc,
	    .refusal =
		"must be on or off; use \"remove_bcc_headers\" instead" },
	{ "add_missing_from_header", OPTION_ALIAS, .replacements = missing_from,
	    .refusal = "must be on or off; use \"set_from_header\" instead" },
	{ "add_missing_date_header", OPTION_ALIAS, .replacements = missing_date,
	    .refusal = "must be on or off; use \"set_date_header\" instead" },
	{ "undisclosed_recipients", OPTION_ALIAS,
	    .replacements = off_is_harmless,
	    .note = "has no effect: remove the line",
	    .refusal =
		"is not supported: remove the line, and name the recipients "
		"in Bcc, which veredus removes" },
	{ "tls_cache", OPTION_ALIAS, .argument = "DIRECTORY",
	    .note = "has no effect: TLS sessions are no longer resumed, "
		    "because resumption kept session secrets on disk and saved "
		    "no round trip; remove the line" },
	{ "tls_force_sslv3", OPTION_ALIAS, .replacements = all_are_harmless,
	    .note = "has no effect, because SSLv3 is not supported: remove the "
		    "line",
	    .refusal = "is not supported: remove the line" },
	{ "tls_min_dh_prime_bits", OPTION_ALIAS, .argument = "BITS",
	    .replacements = empty_is_harmless,
	    .note = "has no effect: remove the line",
	    .refusal =
		"is not supported: remove the line, or require stronger keys "
		"with \"tls_priorities NORMAL:%PROFILE_MEDIUM\"" },
};

const size_t option_count = COUNT_OF(option_rows);

_Static_assert(COUNT_OF(option_rows) <= ACCOUNT_OPTIONS_MAX,
    "ACCOUNT_OPTIONS_MAX is too small");
/* A choice is stored as an int, whatever the member's type. */
_Static_assert(sizeof(enum tls_mode) == sizeof(int)
	&& sizeof(enum header_mode) == sizeof(int)
	&& sizeof(enum dsn_return) == sizeof(int)
	&& sizeof(enum protocol) == sizeof(int)
	&& sizeof(enum address_family) == sizeof(int)
	&& sizeof(enum proxy_type) == sizeof(int)
	&& sizeof(enum tls_certcheck) == sizeof(int)
	&& sizeof(enum mta_sts_mode) == sizeof(int)
	&& sizeof(enum received_mode) == sizeof(int)
	&& sizeof(enum rate_over) == sizeof(int)
	&& sizeof(enum sandbox_mode) == sizeof(int)
	&& sizeof(enum oauth_provider) == sizeof(int)
	&& sizeof(enum oauth_grant) == sizeof(int)
	&& sizeof(enum oauth_flow) == sizeof(int)
	&& sizeof(enum oauth_client_auth) == sizeof(int)
	&& sizeof(enum oauth_key_alg) == sizeof(int)
	&& sizeof(enum dane_use) == sizeof(int),
    "an enum has another size than int");
