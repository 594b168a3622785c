/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for settings that have no effect because of another one, or at all. */
#include "check/unused.h"

#include <string.h>

#include "auth/mechanism.h"
#include "base/attr.h"
#include "config/option_names.h"
#include "queue/params.h"

enum reason {
	NO_LOGIN,
	NO_PASSWORD_NEEDED,
	PASSWORD_FIRST,
	PASSWORDFILE_FIRST,
	NO_TLS,
	NO_VERIFICATION,
	NO_SRV,
	NO_MX,
	SOCKET,
	NO_LOGFILE,
	NO_QUEUE,
	NO_ARCHIVE,
	NO_ALERT,
	NO_RATE,
	NO_SERVICE,
	HOLD_IS_OVER
};

/* A text follows the name of the setting. */
static const char *const texts[] = {
	[NO_LOGIN] = "auth is off, so there is no login",
	[NO_PASSWORD_NEEDED] = "the login needs no password",
	[PASSWORD_FIRST] = "password comes first",
	[PASSWORDFILE_FIRST] = "passwordfile comes first",
	[NO_TLS] = "tls is off",
	[NO_VERIFICATION] = "no certificate is checked with an authority",
	[NO_SRV] = "only \"host srv\" uses it",
	[NO_MX] = "only \"host mx\" uses it",
	[SOCKET] = "socket replaces the network",
	[NO_LOGFILE] = "there is no logfile",
	[NO_QUEUE] = "queue is off",
	[NO_ARCHIVE] = "there is no archive",
	[NO_ALERT] = "there is no alert_to",
	[NO_RATE] = "there is no rate",
	[NO_SERVICE] = "only the service uses it",
	[HOLD_IS_OVER] = "the time has passed",
};

static const struct {
	const char *setting;
	enum reason reason;
} rows[] = {
	{ "user", NO_LOGIN },
	{ "password", NO_LOGIN },
	{ "passwordfile", NO_LOGIN },
	{ "passwordeval", NO_LOGIN },
	{ "password", NO_PASSWORD_NEEDED },
	{ "passwordfile", NO_PASSWORD_NEEDED },
	{ "passwordeval", NO_PASSWORD_NEEDED },
	{ "passwordfile", PASSWORD_FIRST },
	{ "passwordeval", PASSWORD_FIRST },
	{ "passwordeval", PASSWORDFILE_FIRST },
	{ "tls_starttls", NO_TLS },
	{ "tls_trust_file", NO_TLS },
	{ "tls_crl_file", NO_TLS },
	{ "tls_key_file", NO_TLS },
	{ "tls_cert_file", NO_TLS },
	{ "tls_fingerprint", NO_TLS },
	{ "tls_certcheck", NO_TLS },
	{ "tls_priorities", NO_TLS },
	{ "tls_host_override", NO_TLS },
	{ "tls_min_version", NO_TLS },
	{ "tls_trust_file", NO_VERIFICATION },
	{ "tls_crl_file", NO_VERIFICATION },
	{ "domain_of", NO_SRV },
	{ "mta_sts", NO_MX },
	{ "mta_sts_cache", NO_MX },
	{ "mta_sts_server", NO_MX },
	{ "tls_required_no", NO_MX },
	{ "port", SOCKET },
	{ "proxy_host", SOCKET },
	{ "proxy_type", SOCKET },
	{ "proxy_port", SOCKET },
	{ "proxy_user", SOCKET },
	{ "proxy_password", SOCKET },
	{ "proxy_passwordfile", SOCKET },
	{ "logfile_time_format", NO_LOGFILE },
	{ "queue_wait", NO_QUEUE },
	{ "queue_retry", NO_QUEUE },
	{ "queue_lifetime", NO_QUEUE },
	{ "queue_warn", NO_QUEUE },
	{ "archive_days", NO_ARCHIVE },
	{ "archive_required", NO_ARCHIVE },
	{ "alert_account", NO_ALERT },
	{ "rate_over", NO_RATE },
	{ "users", NO_SERVICE },
	{ "sender_login", NO_SERVICE },
	{ "sender_login_file", NO_SERVICE },
	{ "recipients_max", NO_SERVICE },
	{ "size_max", NO_SERVICE },
	{ "client_timeout", NO_SERVICE },
	{ "sessions_user", NO_SERVICE },
	{ "hold_until", HOLD_IS_OVER },
};

static bool
is_unverified(const struct account *a)
{
	return a->tls.certcheck == CERTCHECK_OFF
	    || (a->tls.fingerprints.count > 0
		&& a->tls.certcheck != CERTCHECK_ON);
}

static void
find_reasons(const struct account *a, bool of_service, bool reasons[])
{
	bool tls_off = a->tls.mode == TLS_OFF;
	bool no_login = !auth_is_used(&a->auth);

	reasons[NO_LOGIN] = no_login;
	reasons[NO_PASSWORD_NEEDED] =
	    !no_login && !auth_needs(&a->auth).password;
	reasons[PASSWORD_FIRST] = secret_is_set(&a->auth.password);
	reasons[PASSWORDFILE_FIRST] = a->passwordfile != NULL;
	reasons[NO_TLS] = tls_off;
	reasons[NO_VERIFICATION] = !tls_off && is_unverified(a);
	reasons[NO_SRV] = !account_uses_srv(a);
	reasons[NO_MX] = !account_uses_mx(a);
	reasons[SOCKET] = a->server.socket != NULL;
	reasons[NO_LOGFILE] = a->logfile == NULL;
	reasons[NO_QUEUE] = a->queue.mode == QUEUE_MODE_OFF;
	reasons[NO_ARCHIVE] = a->archive.place == NULL;
	reasons[NO_ALERT] = a->queue.alert_to == NULL;
	reasons[NO_RATE] = !queue_has_rate(&a->queue);
	reasons[NO_SERVICE] = !of_service;
	reasons[HOLD_IS_OVER] = mail_params_hold_is_over(&a->mail_params);
}

static bool
is_own_line(const struct account *a, const char *setting)
{
	const struct origin *origin =
	    &a->origins[option_number(option_find(setting))];

	return origin->kind == ORIGIN_FILE && origin->account != NULL
	    && strcmp(origin->account, a->name) == 0;
}

/* A login or a hold that does not take place is hardly meant so. */
static void
add_finding(const struct account *a, const char *setting, enum reason reason,
    struct findings *f)
{
	struct str place = { 0 };

	account_describe_setting(a, setting, &place);
	findings_add(f,
	    reason == NO_LOGIN || reason == HOLD_IS_OVER ? FINDING_WARN
							 : FINDING_NOTE,
	    ITEM_UNUSED, "%s has no effect: %s", str_text(&place),
	    texts[reason]);
	findings_mend(f,
	    reason == NO_LOGIN
		? "add the line \"auth on\" to log in; otherwise remove the line"
		: "remove the line");
	str_free(&place);
}

/* A line of a parent or of "defaults" may have an effect elsewhere, except for a
 * time that has passed. */
void
check_unused(const struct account *a, bool of_service, struct findings *f)
{
	bool reasons[COUNT_OF(texts)];

	find_reasons(a, of_service, reasons);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (reasons[rows[i].reason]
		    && (rows[i].reason == HOLD_IS_OVER
			|| is_own_line(a, rows[i].setting)))
			add_finding(a, rows[i].setting, rows[i].reason, f);
}
