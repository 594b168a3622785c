/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_resume.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/alloc.h"
#include "net/endpoint.h"
#include "net/tls_cache.h"

#define DIGEST_SIZE 32

/* Each part with its length, so that none can pass for two. */
static void
add_part(struct str *all, const char *data, size_t len)
{
	str_printf(all, "%zu:", len);
	str_append(all, data, len);
}

static void
add_text(struct str *all, const char *text)
{
	if (text == NULL)
		str_add_char(all, '-');
	else
		add_part(all, text, strlen(text));
}

static bool
digest(const struct str *all, char out[2 * DIGEST_SIZE + 1])
{
	unsigned char octets[DIGEST_SIZE];
	struct tls_pin pin = { 0 };
	struct str text = { 0 };

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, str_text(all), all->len, octets)
	    < 0)
		return false;
	memcpy(pin.digest, octets, DIGEST_SIZE);
	tls_pin_text(&pin, &text);
	memcpy(out, str_text(&text), 2 * DIGEST_SIZE + 1);
	str_free(&text);
	return true;
}

bool
tls_resume_settings(const struct tls_context *context, char out[65])
{
	const struct tls_params *p = context->params;
	struct str all = { 0 };
	bool ok;

	str_printf(&all, "%d %d %d %d ", (int)p->mode, (int)p->certcheck,
	    p->min_version, (int)context->check_chain);
	add_text(&all, p->trust_file);
	add_text(&all, context->system ? context->system->bundle : NULL);
	add_text(&all, p->priorities);
	add_text(&all, p->host_override);
	add_part(&all, str_text(&context->trust), context->trust.len);
	add_part(&all, str_text(&context->crl), context->crl.len);
	for (size_t i = 0; i < p->fingerprints.count; i++)
		add_text(&all, p->fingerprints.items[i]);
	ok = digest(&all, out);
	str_free(&all);
	return ok;
}

bool
tls_resume_is_wanted(const struct tls_setup *setup)
{
	return setup->cache != NULL && !setup->has_certificate;
}

static unsigned
peer_port(const struct tls_session *s)
{
	struct endpoint a = { 0 };
	socklen_t size = sizeof(a);

	if (getpeername(s->plain.fd_plus_1 - 1, &a.any, &size) != 0)
		return 0;
	switch (a.any.sa_family) {
	case AF_INET:
		return ntohs(a.ipv4.sin_port);
	case AF_INET6:
		return ntohs(a.ipv6.sin6_port);
	default:
		return 0;
	}
}

static void
add_demand(struct str *all, const struct tls_session *s)
{
	const struct tls_demand *demand = s->demand;

	str_printf(all, "%d %zu %zu ", (int)demand->strength, s->names.count,
	    demand->record_count);
	for (size_t i = 0; i < s->names.count; i++)
		add_text(all, s->names.items[i].text);
	for (size_t i = 0; i < demand->record_count; i++) {
		const struct dns_record *record = &demand->records[i];

		str_printf(all, "%u %u %u ", record->usage, record->selector,
		    record->matching);
		add_part(all, str_text(&record->data), record->data.len);
	}
}

static bool
make_key(const struct tls_session *s, char key[65])
{
	struct str all = { 0 };
	bool ok;

	str_printf(&all, "%u ", peer_port(s));
	add_text(&all, s->host);
	add_demand(&all, s);
	add_text(&all, s->setup->settings);
	ok = digest(&all, key);
	str_free(&all);
	return ok;
}

void
tls_resume_offer(struct tls_session *s)
{
	struct tls_setup *setup = s->setup;
	struct tls_ticket ticket = { 0 };

	setup->offered = false;
	if (!tls_resume_is_wanted(setup))
		return;
	if (!make_key(s, s->ticket)) {
		s->ticket[0] = '\0';
		return;
	}
	if (!tls_cache_take(setup->cache, s->ticket, &ticket))
		return;
	if (ticket.trusted <= TRUSTED_DANE
	    && gnutls_session_set_data(s->tls, ticket.data.data,
		   ticket.data.len)
		== 0) {
		setup->offered = true;
		s->ticket_trusted = (enum tls_trusted)ticket.trusted;
		s->expires = ticket.expires;
	}
	tls_ticket_free(&ticket);
}

void
tls_resume_accept(struct tls_session *s)
{
	if (gnutls_session_is_resumed(s->tls))
		s->trusted = s->ticket_trusted;
	else
		s->expires = time(NULL) + TLS_CACHE_SECONDS;
}

static time_t
end_of_certificate(gnutls_session_t tls)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(tls, &count);
	gnutls_x509_crt_t certificate;
	time_t end = 0;

	if (chain == NULL || count == 0
	    || gnutls_x509_crt_init(&certificate) < 0)
		return 0;
	if (gnutls_x509_crt_import(certificate, chain, GNUTLS_X509_FMT_DER)
	    == 0)
		end = gnutls_x509_crt_get_expiration_time(certificate);
	gnutls_x509_crt_deinit(certificate);
	return end;
}

/* Without the flag GnuTLS would wait for a ticket, or make something up. */
void
tls_resume_keep(struct tls_session *s)
{
	struct tls_ticket ticket = { .trusted = s->trusted,
		.expires = s->expires };
	gnutls_datum_t data = { 0 };
	time_t end;

	if (s->ticket[0] == '\0'
	    || gnutls_protocol_get_version(s->tls) < GNUTLS_TLS1_3
	    || !(
		gnutls_session_get_flags(s->tls) & GNUTLS_SFLAGS_SESSION_TICKET)
	    || gnutls_session_get_data2(s->tls, &data) < 0)
		return;
	/* A pin is trusted whatever the dates are. */
	end = end_of_certificate(s->tls);
	if (s->trusted >= TRUSTED_CHAIN && end < ticket.expires)
		ticket.expires = end;
	str_append(&ticket.data, data.data, data.size);
	tls_cache_put(s->setup->cache, s->ticket, &ticket);
	gnutls_memset(data.data, 0, data.size);
	gnutls_free(data.data);
	tls_ticket_free(&ticket);
}
