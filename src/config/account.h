/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An account: the parameters of the lower layers, some settings of its own, and
 * for each setting where its value was written.
 *
 * account_resolve() makes an account from settings; nothing changes it later.
 */
#ifndef VEREDUS_CONFIG_ACCOUNT_H
#define VEREDUS_CONFIG_ACCOUNT_H

#include <stdbool.h>

#include "auth/params.h"
#include "base/str.h"
#include "base/strv.h"
#include "client/params.h"
#include "dns/params.h"
#include "mail/add_headers.h"
#include "mail/envelope.h"
#include "net/params.h"
#include "oauth/params.h"
#include "queue/params.h"
#include "route/params.h"
#include "tls/tls.h"

/* Not less than the number of rows in the option table, which checks this. */
#define ACCOUNT_OPTIONS_MAX 160

enum origin_kind {
	ORIGIN_DEFAULT,
	ORIGIN_PRESET, /* of oauth_provider */
	ORIGIN_FILE,
	ORIGIN_COMMAND_LINE
};

/* Where a value was written. */
struct origin {
	enum origin_kind kind;
	/* Of ORIGIN_FILE; they belong to struct config.  The file of ORIGIN_PRESET
	 * is the word of the provider. */
	const char *file;
	const char *account; /* that the line stands in; NULL: defaults */
	unsigned line;
	bool empty, on; /* the argument, as it was written */
	bool old_name;  /* the line has an old name of the setting */
};

enum mta_sts_mode {
	MTA_STS_AUTO, /* on if the helper program is installed */
	MTA_STS_ON,
	MTA_STS_OFF
};

/* For `host mx`. */
struct mta_sts_settings {
	enum mta_sts_mode mode;
	char *cache;  /* folder, or NULL for the default */
	char *server; /* HOST:PORT instead of each policy host, or NULL */
};

/* What the program does without before it reads from the network. */
enum sandbox_mode {
	SANDBOX_MODE_ON, /* as far as the kernel can */
	SANDBOX_MODE_OFF,
	SANDBOX_MODE_REQUIRE /* or nothing is sent */
};

/* Which rule decided tls.mode. */
enum tls_mode_source {
	TLS_MODE_BY_SETTING,    /* `tls`, or its default */
	TLS_MODE_BY_LOCAL_HOST, /* off for this machine */
	TLS_MODE_BY_HOST_MX     /* opportunistic for MX hosts */
};

/* Whether a message gets a Received field. */
enum received_mode {
	RECEIVED_DEFAULT, /* from a service */
	RECEIVED_ON,
	RECEIVED_OFF,
	RECEIVED_ANONYMOUS /* without the user */
};

/* For --service: who may use the account, and for what. */
struct service_params {
	char *users;               /* a list of base/user_list.h; NULL: all */
	struct strv sender_logins; /* "PATTERN USERS", as written */
	struct strv sender_login_places; /* where each of them was written */
	char *sender_login_file;
	unsigned recipients_max; /* of a transaction; 0: no own limit */
	char *size_max;          /* octets, as written; NULL: no own limit */

	/* The same for all accounts of a configuration: */
	unsigned client_timeout; /* seconds */
	unsigned sessions_user;  /* at once, for each user */
};

/* What the setting begins with. */
#define ARCHIVE_MAILDIR "maildir:"

/* A copy of every message. */
struct archive_params {
	char *place;   /* "maildir:FOLDER", as written, or NULL */
	char *folder;  /* resolved: its absolute path, or NULL */
	unsigned days; /* 0: for ever */
	bool required; /* nothing is sent without a copy */
};

/* Whose tokens the account uses; the presets in oauth.c are by these. */
enum oauth_provider {
	OAUTH_PROVIDER_OFF,
	OAUTH_PROVIDER_GOOGLE,
	OAUTH_PROVIDER_MICROSOFT,
	OAUTH_PROVIDER_FASTMAIL,
	OAUTH_PROVIDER_YANDEX,
	OAUTH_PROVIDER_MAILRU,
	OAUTH_PROVIDER_YAHOO,
	OAUTH_PROVIDER_AOL,
	OAUTH_PROVIDER_COMCAST,
	OAUTH_PROVIDER_OTHER,
	OAUTH_PROVIDERS
};

/* Of enum oauth_flow and enum oauth_key_alg: the program decides. */
#define OAUTH_FLOW_AUTO OAUTH_FLOWS
#define OAUTH_KEY_ALG_AUTO OAUTH_ALGS

/* The settings for OAuth2, as they were written or as a preset has them;
 * config/oauth.h makes parameters of them. */
struct oauth_settings {
	enum oauth_provider provider;
	char *tenant;
	enum oauth_grant grant;
	enum oauth_flow flow;
	char *client_id;
	struct secret client_secret;
	char *client_secret_file;
	char *client_secret_eval;
	enum oauth_client_auth client_auth;
	char *key_file;
	char *cert_file;
	char *key_id;
	enum oauth_key_alg key_alg;
	char *subject;
	char *audience;
	char *scope;
	char *issuer;
	char *auth_url;
	char *token_url;
	char *device_url;
	char *revoke_url;
	char *auth_params;
	char *redirect_host;
	char *redirect_path;
	unsigned redirect_port;
	char *store;
	char *trust_file;
	char *proxy; /* "off", "on" or a URL */
	unsigned timeout;
};

struct account {
	char *name;
	struct origin origin; /* of the line that begins the account */
	bool locked;          /* the system's file lets nobody else change it */

	char *domain_of; /* for `host srv`: the users' domain, or NULL */
	struct strv dns_servers; /* as written */
	struct dns_params dns;
	unsigned dns_timeout; /* seconds for all DNS lookups */
	struct mta_sts_settings mta_sts;
	enum dane_use dane;
	bool tls_required_no; /* honour the field TLS-Required */
	struct strv hosts;    /* in the order of the attempts, as written */
	struct host_params server; /* server.host is the first of hosts */
	struct tls_params tls;
	enum tls_mode_source tls_mode_source;
	bool implicit_tls_by_port; /* tls.starttls is off because of port 465 */
	struct auth_params auth;
	struct session_params session;

	char *proxy_passwordfile;
	char *passwordfile;
	char *passwordeval;
	struct oauth_settings oauth;
	char *filter; /* the command through which messages go, or NULL */

	struct strv from; /* addresses and patterns, as written */
	char *sender;     /* the first address of from, expanded; or auth.user,
	                   * if that is an address; or NULL */
	bool sender_is_login; /* it is auth.user */
	char *from_full_name;
	bool allow_from_override;
	bool auto_from; /* an old setting: from %U@maildomain */
	char *maildomain;
	char *qualify_domain; /* NULL: from the names of this host */
	struct strv rewrite;  /* rules of mail/rewrite.h, as written */
	bool rewrite_local;   /* senders of this host become `sender` */
	char *aliases;

	enum received_mode received;
	struct header_settings header; /* set_*_header, remove_bcc_headers */

	struct mail_params mail_params;
	unsigned dsn_notify; /* of enum dsn_notify */
	enum dsn_return dsn_return;

	struct queue_params queue;
	struct archive_params archive;
	struct service_params service;
	enum sandbox_mode sandbox;

	char *logfile; /* "-" is standard output */
	char *logfile_time_format;
	char *dead_letter; /* "off", "on" or a path */
	int syslog;        /* LOG_* facility or LOG_DISABLED */

	/* By number of the row in the option table: */
	struct origin origins[ACCOUNT_OPTIONS_MAX];
};

/*
 * Releases dst, then copies the name and the settings of src, without the
 * results of account_resolve().
 */
void account_copy(struct account *dst, const struct account *src);
void account_free(struct account *a);

/* Whether the setting was written somewhere, and is not a default. */
bool account_has(const struct account *a, const char *setting);
/* Appends "tls (/etc/veredus.conf:12)". */
void account_describe_setting(const struct account *a, const char *setting,
    struct str *out);
/* Whether the account logs in with tokens of OAuth2. */
bool account_uses_oauth(const struct account *a);
/* Whether the login is an address, so that it can stand for a missing from. */
bool account_login_is_sender(const struct account *a);
/* Whether the hosts are those of the sender's domain in the DNS ("host srv"). */
bool account_uses_srv(const struct account *a);
/* Whether the hosts are the MX hosts of the recipients' domains ("host mx"). */
bool account_uses_mx(const struct account *a);
/* Whether TLSA records, if there are any, authenticate the hosts. */
bool account_uses_dane(const struct account *a);
/*
 * Whether names without a domain are left to the server, because it is on this
 * machine, behind a Unix socket, and knows more about them, as veredus --service
 * does.  Not with qualify_domain.
 */
bool account_keeps_bare_names(const struct account *a);
/* Whether every host of the account is this machine, so that no network is
 * involved. */
bool account_is_local(const struct account *a);
/* Appends "default", "preset PROVIDER", "FILE:LINE" or "command line". */
void origin_describe(const struct origin *origin, struct str *out);

#endif
