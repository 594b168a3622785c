/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sorts failures by their kind, their stage and the server's code.
 */
#include "runner/keep.h"

#include <string.h>

#include "base/attr.h"

/* Codes and statuses that ask for a login or for encryption: RFC 4954 section
 * 6. */
static bool
asks_for_login(const struct smtp_status *status)
{
	return status->code == 530 || status->code == 538
	    || strcmp(status->enhanced, "5.7.8") == 0;
}

/* A server rejected the client, and has not looked at the message. */
static bool
is_before_mail(const struct error *failure)
{
	return failure->stage < STAGE_MAIL;
}

/* Kinds of failure that the message or its addresses are the reason of. */
static bool
is_about_message(enum error_kind kind)
{
	static const enum error_kind kinds[] = { ERROR_USAGE, ERROR_ADDRESS,
		ERROR_MESSAGE, ERROR_TOO_BIG, ERROR_NO_INPUT,
		ERROR_UNSUPPORTED };

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

bool
queue_keeps(const struct error *failure)
{
	if (failure->temporary || failure->uncertain)
		return true;
	if (failure->kind == ERROR_REJECTED)
		return is_before_mail(failure)
		    || asks_for_login(&failure->status);
	return !is_about_message(failure->kind);
}

bool
queue_keeps_none(const struct error *failure)
{
	(void)failure;
	return false;
}

bool
queue_needs_administrator(const struct error *failure)
{
	switch (failure->kind) {
	case ERROR_CONFIG:
	case ERROR_LOOP:
	case ERROR_PERMISSION:
	case ERROR_GRANT:
	case ERROR_NO_MECHANISM:
	case ERROR_TLS_MISSING:
	case ERROR_CERTIFICATE:
		return true;
	case ERROR_REJECTED:
		return failure->stage == STAGE_AUTH
		    || asks_for_login(&failure->status);
	default:
		return failure->needs_config;
	}
}

bool
queue_login_is_rejected(const struct error *failure)
{
	/* In the service, what an administrator can mend is temporary. */
	if (failure->kind == ERROR_GRANT)
		return true;
	if (failure->temporary)
		return false;
	return failure->kind == ERROR_NO_MECHANISM
	    || (failure->kind == ERROR_REJECTED
		&& queue_needs_administrator(failure));
}
