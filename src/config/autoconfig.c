/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs veredus-autoconfig, and reads its result (helpers/autoconfig/search.h). */
#include "config/autoconfig.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/helper_program.h"
#include "base/idna.h"
#include "base/strv.h"
#include "base/text.h"
#include "config/oauth.h"

#define PROGRAM "veredus-autoconfig"
#define DATABASE "https://autoconfig.thunderbird.net/"
#define OUTPUT_MAX ((size_t)16 * 1024)
/* For one request of the helper, which makes three and a few for the MX host. */
#define REQUEST_SECONDS_MAX 15
#define REQUESTS 3

static const char *const tls_words[] = {
	[AUTOCONFIG_PLAIN] = "plain",
	[AUTOCONFIG_STARTTLS] = "starttls",
	[AUTOCONFIG_TLS] = "tls",
};

static const char *const auth_words[] = {
	[AUTOCONFIG_AUTH_UNKNOWN] = "unknown",
	[AUTOCONFIG_AUTH_NONE] = "none",
	[AUTOCONFIG_AUTH_EXTERNAL] = "external",
	[AUTOCONFIG_AUTH_NTLM] = "ntlm",
	[AUTOCONFIG_AUTH_GSSAPI] = "gssapi",
	[AUTOCONFIG_AUTH_OAUTH2] = "oauth2",
	[AUTOCONFIG_AUTH_PASSWORD] = "password",
};

bool
autoconfig_is_available(void)
{
	return helper_is_installed(PROGRAM);
}

/* Cuts off the first word, and returns it; *text is behind the space, or NULL. */
static char *
cut_word(char **text)
{
	char *word = *text, *space;

	if (word == NULL)
		return NULL;
	space = strchr(word, ' ');
	*text = space != NULL ? space + 1 : NULL;
	if (space != NULL)
		*space = '\0';
	return word;
}

/* The index of the word, or `count`. */
static size_t
find_word(const char *const *words, size_t count, const char *word)
{
	size_t i = 0;

	while (i < count && !text_equal(words[i], word))
		i++;
	return i;
}

static bool
read_server(struct autoconfig *found, char *text)
{
	struct autoconfig_server *s = &found->servers[found->count];
	const char *host = cut_word(&text), *port = cut_word(&text);
	size_t tls = find_word(tls_words, COUNT_OF(tls_words), cut_word(&text));
	size_t auth =
	    find_word(auth_words, COUNT_OF(auth_words), cut_word(&text));
	unsigned long long number;

	if (found->count == AUTOCONFIG_SERVERS_MAX || host == NULL
	    || port == NULL || !text_number(port, 1, UINT16_MAX, &number)
	    || tls == COUNT_OF(tls_words) || auth == COUNT_OF(auth_words))
		return false;
	/* A name that no host can have is skipped. */
	if (!idna_is_host_name(host))
		return true;
	*s = (struct autoconfig_server){ .host = alloc_string(host),
		.port = (unsigned)number,
		.tls = (enum autoconfig_tls)tls,
		.auth = (enum autoconfig_auth)auth,
		.user = alloc_string(text) };
	found->count++;
	return true;
}

/* The state of autoconfig_read(). */
struct reader {
	struct autoconfig *found;
	bool unreachable;
	bool at_end;
};

static bool
read_line(struct reader *r, char *text)
{
	const char *word = cut_word(&text);
	const struct {
		const char *word;
		char **place;
	} texts[] = { { "source", &r->found->source },
		{ "title", &r->found->title }, { "note", &r->found->note },
		{ "help", &r->found->help }, { "absent", &r->found->absent },
		{ "unreachable", &r->found->absent } };

	if (text_equal(word, "end"))
		return (r->at_end = text == NULL);
	if (text == NULL)
		return false;
	if (text_equal(word, "server"))
		return read_server(r->found, text);
	r->unreachable = r->unreachable || text_equal(word, "unreachable");
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (text_equal(word, texts[i].word)) {
			alloc_replace(texts[i].place, text);
			return true;
		}
	return false;
}

static bool
read_lines(struct reader *r, const struct str *text)
{
	const char *at = str_text(text), *end = at + text->len, *line;
	size_t len;
	bool ok = true;

	while (ok && (line = text_next_line(&at, end, &len)) != NULL) {
		char *copy = alloc_string_n(line, len);

		ok = !r->at_end && strlen(copy) == len && read_line(r, copy);
		free(copy);
	}
	return ok && r->at_end;
}

static void
complete(struct autoconfig *found)
{
	found->is_database = found->source != NULL
	    && text_starts_nocase(found->source, DATABASE);
	while (found->first < found->count
	    && found->servers[found->first].tls == AUTOCONFIG_PLAIN)
		found->first++;
	if (found->first == found->count && found->absent == NULL)
		found->absent =
		    alloc_string("the document names no valid host");
}

bool
autoconfig_read(const struct str *text, struct autoconfig *found,
    struct error *err)
{
	struct reader r = { .found = found };

	if (!read_lines(&r, text)
	    || (found->source == NULL) != (found->absent != NULL))
		return error_set(err, ERROR_SYSTEM,
		    PROGRAM ": its result is malformed");
	if (r.unreachable)
		return error_set(err, ERROR_CONNECT,
		    "no autoconfig document was found: %s; check the network, "
		    "or name a provider with --provider",
		    found->absent);
	complete(found);
	return true;
}

/* The time limit of one request, in seconds. */
static unsigned
request_seconds(int64_t deadline)
{
	int64_t share = (deadline - clock_now()) / (1000 * REQUESTS);

	if (share < 1)
		return 1;
	return share < REQUEST_SECONDS_MAX ? (unsigned)share
					   : REQUEST_SECONDS_MAX;
}

static bool
check_requirements(const struct account *a, struct error *err)
{
	if (!autoconfig_is_available())
		return error_set(err, ERROR_CONFIG,
		    "--online: this build lacks " PROGRAM
		    ": build it with libcurl and expat");
	if (text_equal(a->oauth.proxy, "on") && a->server.proxy_host == NULL)
		return error_set(err, ERROR_CONFIG,
		    "--online has no proxy_host for --oauth-proxy=on: give the "
		    "URL of the proxy");
	return true;
}

bool
autoconfig_find(const struct account *a, const struct autoconfig_question *q,
    int64_t deadline, struct autoconfig *found, struct error *err)
{
	const char *trust = a->oauth.trust_file;
	struct strv argv = { 0 };
	struct str text = { 0 };
	char *program = helper_program(PROGRAM), *proxy = oauth_proxy_url(a);
	bool ok = check_requirements(a, err);

	strv_add(&argv, program);
	strv_take(&argv,
	    alloc_printf("--timeout=%u", request_seconds(deadline)));
	if (strcmp(trust, "system") != 0)
		strv_take(&argv, alloc_printf("--ca-file=%s", trust));
	if (proxy != NULL)
		strv_take(&argv, alloc_printf("--proxy=%s", proxy));
	if (a->sandbox == SANDBOX_MODE_OFF)
		strv_add(&argv, "--no-sandbox");
	strv_add(&argv, "--");
	strv_add(&argv, q->domain);
	strv_add(&argv, q->address);
	if (q->mx != NULL)
		strv_add(&argv, q->mx);
	ok = ok
	    && command_read_output(argv.items, OUTPUT_MAX, deadline, &text, err)
	    && autoconfig_read(&text, found, err);
	if (!ok && clock_has_passed(deadline))
		error_temporary(err, true);
	str_free(&text);
	strv_free(&argv);
	free(program);
	free(proxy);
	return ok;
}

void
autoconfig_free(struct autoconfig *found)
{
	for (size_t i = 0; i < found->count; i++) {
		free(found->servers[i].host);
		free(found->servers[i].user);
	}
	free(found->absent);
	free(found->source);
	free(found->title);
	free(found->note);
	free(found->help);
	*found = (struct autoconfig){ 0 };
}
