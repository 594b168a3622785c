/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prepares a process that makes requests to one port, and makes them. */
#include "helpers/fetch.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sandbox.h"
#include "base/str.h"
#include "base/text.h"

static const struct option options[] = {
	{ "ca-file", required_argument, NULL, 'f' },
	{ "connect-to", required_argument, NULL, 'c' },
	{ "proxy", required_argument, NULL, 'p' },
	{ "timeout", required_argument, NULL, 't' },
	{ "no-sandbox", no_argument, NULL, 's' },
	{ NULL, 0, NULL, 0 },
};

bool
fetch_parse_options(struct fetch *f, unsigned max, int argc, char *argv[])
{
	unsigned long long seconds = max;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f')
			f->trust_file = optarg;
		else if (option == 'c')
			f->connect_to = optarg;
		else if (option == 'p')
			f->proxy = optarg;
		else if (option == 's')
			f->no_sandbox = true;
		else if (option != 't'
		    || !text_number(optarg, 1, max, &seconds))
			return false;
	}
	f->seconds = (unsigned)seconds;
	return true;
}

/* The one port that the process connects to. */
static unsigned
find_port(const struct fetch *f)
{
	const char *colon =
	    f->connect_to != NULL ? strrchr(f->connect_to, ':') : NULL;
	unsigned long long port = HTTPS_PORT;

	if (f->proxy != NULL)
		return https_proxy_port(f->proxy);
	if (colon != NULL)
		text_number(colon + 1, 1, UINT16_MAX, &port);
	return (unsigned)port;
}

static void
enter_sandbox(const struct fetch *f)
{
	struct sandbox s = { 0 };
	struct str missing = { 0 };

	if (f->no_sandbox)
		return;
	landlock_allow_port(&s.rules, find_port(f));
	sandbox_allow_libraries(&s);
	sandbox_allow_resolver(&s);
	https_allow_trust(f->curl, f->trust_file, &s);
	sandbox_allow_instruments(&s);
	(void)sandbox_enter(&s, &missing);
	sandbox_free(&s);
	str_free(&missing);
}

static bool
set_options(struct fetch *f)
{
	char *place;

	if (f->connect_to != NULL) {
		place = alloc_printf("::%s", f->connect_to);
		f->routes = curl_slist_append(NULL, place);
		free(place);
	}
	return https_set_options(f->curl, &f->response, f->trust_file,
		   f->seconds)
	    && https_set_proxy(f->curl, f->proxy)
	    && curl_easy_setopt(f->curl, CURLOPT_CONNECT_TO, f->routes)
	    == CURLE_OK;
}

char *
fetch_start(struct fetch *f)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		f->curl = curl_easy_init();
	if (f->curl == NULL || !set_options(f))
		return alloc_string("libcurl lacks a required feature");
	enter_sandbox(f);
	return NULL;
}

char *
fetch_get(struct fetch *f, const char *url, long *status)
{
	CURLcode code = CURLE_OK;
	char *why;

	*status = 0;
	if (curl_easy_setopt(f->curl, CURLOPT_URL, url) != CURLE_OK)
		return alloc_string("libcurl rejects the URL");
	why = https_perform(f->curl, &f->response, f->seconds, &code);
	if (why == NULL)
		curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, status);
	else if (f->proxy != NULL && https_proxy_rejects_login(f->curl))
		alloc_replace(&why, "the proxy requires a login");
	return why;
}

void
fetch_print_error(const char *subject, const char *why)
{
	char *clean = text_printable(why);

	fprintf(stderr, "%s: %s\n", subject, clean);
	free(clean);
}

void
fetch_free(struct fetch *f)
{
	curl_easy_cleanup(f->curl);
	curl_slist_free_all(f->routes);
	curl_global_cleanup();
	str_free(&f->response.body);
	*f = (struct fetch){ 0 };
}
