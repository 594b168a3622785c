/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * veredus-sts-fetch: fetches the MTA-STS policy of a domain by HTTPS (RFC 8461
 * section 3.3) and prints it unparsed; on failure prints one line to standard
 * error.  A separate program, so that only it loads libcurl.  Reads only files
 * with CA certificates and those of the resolver, in a sandbox that allows
 * nothing else, and no environment variables.
 */
#include <curl/curl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "helpers/fetch.h"
#include "helpers/url.h"

/* The limit that RFC 8461 section 3.3 suggests. */
#define SECONDS_MAX 60

#define DOMAIN_MAX (253 - 8) /* with "mta-sts." in front */

/* Requires text/plain, so that a page of a web site's user is no policy. */
static bool
is_plain_text(const char *type)
{
	static const char wanted[] = "text/plain";
	size_t len = sizeof(wanted) - 1;

	return type != NULL && text_starts_nocase(type, wanted)
	    && strchr("; \t", type[len]) != NULL;
}

/* NULL, or why the response has no policy; the caller frees the text. */
static char *
check_response(const struct fetch *f, long status)
{
	const char *type = NULL;

	curl_easy_getinfo(f->curl, CURLINFO_CONTENT_TYPE, &type);
	if (status != 200)
		return alloc_printf("the server replied with HTTP status %ld",
		    status);
	if (!is_plain_text(type))
		return alloc_printf("the policy is not text/plain, but %s",
		    type != NULL ? type : "of no type");
	if (f->response.body.len == 0)
		return alloc_string("the policy is empty");
	return NULL;
}

static char *
fetch(struct fetch *f, const char *domain)
{
	char *url =
	    alloc_printf("https://mta-sts.%s/.well-known/mta-sts.txt", domain);
	long status = 0;
	char *why = fetch_start(f);

	if (why == NULL)
		why = fetch_get(f, url, &status);
	if (why == NULL)
		why = check_response(f, status);
	free(url);
	return why;
}

/* No proxy is used for policies. */
static bool
parse_arguments(int argc, char *argv[], struct fetch *f)
{
	return fetch_parse_options(f, SECONDS_MAX, argc, argv)
	    && f->proxy == NULL && argc - optind == 1
	    && url_is_domain(argv[optind], DOMAIN_MAX);
}

int
main(int argc, char *argv[])
{
	struct fetch f = { 0 };
	const struct str *body = &f.response.body;
	char *why, *subject;
	int status = 0;

	if (!parse_arguments(argc, argv, &f)) {
		fprintf(stderr,
		    "usage: veredus-sts-fetch [--ca-file=FILE] "
		    "[--connect-to=HOST:PORT] [--timeout=SECONDS] "
		    "[--no-sandbox] DOMAIN\n");
		return EX_USAGE;
	}
	why = fetch(&f, argv[optind]);
	if (why == NULL
	    && (fwrite(body->data, 1, body->len, stdout) != body->len
		|| fflush(stdout) != 0))
		why = alloc_string("cannot write to standard output");
	if (why != NULL) {
		subject = alloc_printf("mta-sts.%s", argv[optind]);
		fetch_print_error(subject, why);
		free(subject);
		status = 1;
	}
	fetch_free(&f);
	free(why);
	return status;
}
