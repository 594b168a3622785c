/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes and sends the command ETRN. */
#include "client/etrn.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "base/text.h"

/* A queue name is any single word. */
static bool
check_queue_name(const char *name, struct error *err)
{
	size_t len = strlen(name);

	if (len > 0 && text_is_ascii(name, len) && text_is_wire_safe(name, len)
	    && strchr(name, ' ') == NULL)
		return true;
	return error_set(err, ERROR_ADDRESS, "\"#%s\" is not a queue name",
	    name);
}

/*
 *   ETRN [ option-character ] node-name        (RFC 1985 section 5)
 *   option-character = "@" / "#"
 */
char *
etrn_line(const char *node, struct error *err)
{
	int option = node[0] == '@' || node[0] == '#' ? 1 : 0;
	char *name = NULL, *line = NULL;

	if (node[0] == '#' && check_queue_name(node + 1, err))
		name = alloc_string(node + 1);
	if (node[0] == '#' ? name != NULL
			   : idna_to_ascii(node + option, &name, err))
		line = session_format(err, "ETRN %.*s%s", option, node, name);
	free(name);
	return line;
}

/* Section 5.3: all of 250 to 253 mean that the server accepted the request. */
static bool
is_accepted(const struct reply *reply)
{
	return reply->status.code >= 250 && reply->status.code <= 253;
}

bool
etrn_send(struct session *s, const char *line, struct error *err)
{
	struct reply reply = { 0 };
	bool ok;

	if (!session_offers(s, CAP_ETRN, STAGE_ETRN,
		"ETRN, which --rmqs requires", err))
		return false;
	ok = session_command(s, STAGE_ETRN, line, NULL, &reply, err);
	if (ok && !is_accepted(&reply))
		ok = session_rejected(s, &reply, STAGE_ETRN, line, err);
	reply_free(&reply);
	return ok;
}
