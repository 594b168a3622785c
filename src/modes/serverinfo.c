/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/serverinfo.h"

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "delivery/deliver.h"
#include "modes/output.h"

static void
add_tls(struct str *out, const struct session *s)
{
	struct str description = { 0 };
	struct tls_peer peer = { 0 };

	if (!s->encrypted) {
		str_add(out, "No TLS.\n");
		return;
	}
	tls_describe(&s->stream.transport, &description);
	str_printf(out, "TLS: %s\n", str_text(&description));
	str_free(&description);
	if (tls_peer_info(&s->stream.transport, 0, &peer)) {
		str_add(out, "Certificate:\n");
		output_certificate(out, OUTPUT_PART, &peer, time(NULL));
	}
	tls_peer_free(&peer);
}

static void
add_capabilities(struct str *out, const struct session *s)
{
	const struct strv *keywords = &s->capabilities.keywords;

	if (!s->extended) {
		str_add(out, "No extensions: the server only knows HELO.\n");
		return;
	}
	str_add(out, "Extensions:\n");
	for (size_t i = 0; i < keywords->count; i++) {
		str_add(out, "    ");
		text_clean(out, keywords->items[i], strlen(keywords->items[i]),
		    TEXT_MAX);
		str_add_char(out, '\n');
	}
}

bool
serverinfo(const struct delivery_params *params, struct str *out,
    struct error *err)
{
	struct envelope nobody = { 0 };
	struct session s = { 0 };
	const struct attempt attempt = { .session = &s, .envelope = &nobody };
	struct way way;
	bool ok = way_start(&way, params, &nobody, err)
	    && delivery_attempt(&way, &attempt, err);

	if (s.host != NULL) {
		str_add(out, "Server: ");
		text_clean(out, s.host, strlen(s.host), TEXT_MAX);
		str_printf(out, " at %s\n", str_text(&s.connection.address));
	}
	if (ok) {
		add_tls(out, &s);
		add_capabilities(out, &s);
	}
	session_close(&s);
	session_free(&s);
	way_free(&way);
	return ok;
}
