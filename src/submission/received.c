/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds the Received field of this host. */
#include "submission/received.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/host.h"
#include "base/random.h"
#include "base/str.h"
#include "base/text.h"
#include "mail/date.h"
#include "mail/header.h"
#include "queue/id.h"

static bool
is_wanted(const struct submission *s)
{
	switch (s->account->received) {
	case RECEIVED_DEFAULT:
		return s->user->is_service;
	case RECEIVED_OFF:
		return false;
	case RECEIVED_ON:
	case RECEIVED_ANONYMOUS:
		break;
	}
	return true;
}

/*
 * comment = "(" *([FWS] ccontent) [FWS] ")"     (RFC 5322 section 3.2.2)
 * A name in the password database may have any character.
 */
static void
add_comment_text(struct str *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("()\\", *text) != NULL)
			str_add_char(out, '\\');
		str_add_char(out, text_is_vchar(*text) ? *text : '_');
	}
}

static void
add_user(struct str *out, const struct user *user)
{
	char *name = user_name(user);

	str_add(out, ", login ");
	add_comment_text(out, name);
	str_printf(out, ", uid %lu", (unsigned long)user_client(user));
	free(name);
}

static struct queue_id
make_id(void)
{
	struct timespec now;
	struct random random;

	clock_gettime(CLOCK_REALTIME, &now);
	random_start(&random);
	return queue_id_make((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
	    random_next(&random));
}

void
submission_add_received(struct submission *s)
{
	struct str value = { 0 };
	char *host;

	if (!is_wanted(s))
		return;
	s->trace_id = make_id();
	host = host_fqdn_or_name();
	str_printf(&value, "by %s (veredus", host);
	if (s->account->received != RECEIVED_ANONYMOUS)
		add_user(&value, s->user);
	str_printf(&value, ")\n\tid %s; ", s->trace_id.text);
	date_add(&value, time(NULL));
	header_insert(&s->message.header, 0, "Received", str_text(&value));
	str_free(&value);
	free(host);
}
