/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks and writes the parameters of MAIL that need an extension each. */
#include "client/mail_params.h"

#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "mail/dsn.h"
#include "tls/tls.h"

static void
add_require_tls(const struct mail_params *p, struct str *line)
{
	if (p->require_tls)
		str_add(line, " REQUIRETLS");
}

static void
add_deliver_by(const struct mail_params *p, struct str *line)
{
	if (p->deliver_by != NULL)
		str_printf(line, " BY=%" PRId64 "%s", mail_params_deliver_by(p),
		    p->deliver_by + strcspn(p->deliver_by, ";"));
}

static void
add_hold_for(const struct mail_params *p, struct str *line)
{
	unsigned seconds = mail_params_hold_for(p);

	if (seconds != 0)
		str_printf(line, " HOLDFOR=%u", seconds);
}

static void
add_hold_until(const struct mail_params *p, struct str *line)
{
	if (p->hold_until != NULL)
		str_printf(line, " HOLDUNTIL=%s", p->hold_until);
}

static void
add_priority(const struct mail_params *p, struct str *line)
{
	if (p->priority != NULL)
		str_printf(line, " MT-PRIORITY=%s", p->priority);
}

static const struct param_row {
	const char *setting, *extension;
	enum capability capability;
	const char *status; /* if the server does not offer the extension */
	/* Adds the parameter to MAIL if the setting is used. */
	void (*add)(const struct mail_params *p, struct str *line);
} rows[] = {
	{ "require_tls", "REQUIRETLS", CAP_REQUIRETLS, "5.7.30",
	    add_require_tls },
	{ "deliver_by", "DELIVERBY", CAP_DELIVERBY, "5.3.3", add_deliver_by },
	{ "hold_for", "FUTURERELEASE", CAP_FUTURERELEASE, "5.3.3",
	    add_hold_for },
	{ "hold_until", "FUTURERELEASE", CAP_FUTURERELEASE, "5.3.3",
	    add_hold_until },
	{ "priority", "MT-PRIORITY", CAP_MT_PRIORITY, "5.3.3", add_priority },
};

static bool
check_row(const struct session *s, const struct mail_params *p,
    const struct param_row *row, struct error *err)
{
	struct str parameter = { 0 };
	bool is_used;

	if (capabilities_have(&s->capabilities, row->capability))
		return true;
	row->add(p, &parameter);
	is_used = parameter.len > 0;
	str_free(&parameter);
	if (!is_used)
		return true;
	error_reject(err, STAGE_MAIL,
	    "the server does not offer %s, which %s requires", row->extension,
	    row->setting);
	return error_status(err, row->status);
}

/* A server at a socket passes the parameter on, and checks its own session. */
static bool
is_at_socket(const struct session *s)
{
	return s->connection.local
	    && s->connection.reached.any.sa_family == AF_UNSPEC;
}

/* RFC 8689 section 4.2.1: the session itself must use verified TLS, too. */
static bool
check_tls(const struct session *s, const struct mail_params *p,
    struct error *err)
{
	if (!p->require_tls || tls_is_verified(&s->stream.transport)
	    || is_at_socket(s))
		return true;
	error_reject(err, STAGE_MAIL,
	    "require_tls requires TLS with a verified certificate, which this "
	    "session does not have");
	return error_status(err, "5.7.30");
}

/* Whether the time in which to deliver or return the message is shorter than
 * the server's minimum (RFC 2852 section 4). */
static bool
is_too_soon(const struct mail_params *p, uint64_t minimum)
{
	return mail_params_returns_late(p)
	    && (uint64_t)mail_params_deliver_by(p) < minimum;
}

/* RFC 2852 section 4.1 */
static bool
check_time(const struct mail_params *p, struct error *err)
{
	if (!mail_params_is_late(p))
		return true;
	error_reject(err, STAGE_MAIL,
	    "the message has waited for longer than deliver_by allows");
	return error_status(err, MAIL_PARAMS_LATE);
}

/* Checks the values against the limits that the server announced. */
static bool
check_limits(const struct session *s, const struct mail_params *p,
    struct error *err)
{
	const struct capabilities *c = &s->capabilities;

	if (is_too_soon(p, c->deliver_by_min)) {
		error_reject(err, STAGE_MAIL,
		    "deliver_by leaves less than the server's minimum of %llu "
		    "seconds",
		    (unsigned long long)c->deliver_by_min);
		return error_status(err, "5.3.3");
	}
	if (c->hold_max > 0 && mail_params_hold_for(p) > c->hold_max) {
		error_reject(err, STAGE_MAIL,
		    "hold_for is more than the server's maximum of %llu "
		    "seconds",
		    (unsigned long long)c->hold_max);
		return error_status(err, "5.3.3");
	}
	return true;
}

bool
mail_params_check(const struct session *s, const struct mail_params *params,
    struct error *err)
{
	if (params == NULL)
		return true;
	if (!check_time(params, err))
		return false;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (!check_row(s, params, &rows[i], err))
			return false;
	return check_tls(s, params, err) && check_limits(s, params, err);
}

/* RFC 4954 section 5: only servers with AUTH accept the parameter. */
static void
add_author(const struct session *s, const struct mail_params *p,
    struct str *line)
{
	if (p->mail_auth == NULL
	    || !capabilities_have(&s->capabilities, CAP_AUTH))
		return;
	str_add(line, " AUTH=");
	if (strcmp(p->mail_auth, "<>") == 0)
		str_add(line, "<>");
	else
		dsn_encode_xtext(line, p->mail_auth, strlen(p->mail_auth));
}

void
mail_params_add(const struct session *s, const struct mail_params *params,
    struct str *line)
{
	if (params == NULL)
		return;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		rows[i].add(params, line);
	add_author(s, params, line);
}
