/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * veredus-autoconfig: looks for the autoconfig document of a domain by HTTPS, and
 * prints its SMTP servers (helpers/autoconfig/search.h), or one line with an error
 * of this host to standard error.  Reads only files with CA certificates and those
 * of the resolver, and no environment variables.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "helpers/autoconfig/search.h"
#include "helpers/fetch.h"
#include "helpers/url.h"

/* The limit for one request. */
#define SECONDS_MAX 30

#define DOMAIN_MAX 253
#define ADDRESS_MAX 1000

static bool
is_address(const char *text)
{
	const char *at = strrchr(text, '@');

	return at != NULL && at > text && at[1] != '\0'
	    && strlen(text) <= ADDRESS_MAX
	    && text_is_wire_safe(text, strlen(text));
}

static bool
parse_arguments(int argc, char *argv[], struct fetch *f)
{
	return fetch_parse_options(f, SECONDS_MAX, argc, argv)
	    && f->connect_to == NULL
	    && (argc - optind == 2
		|| (argc - optind == 3
		    && url_is_domain(argv[optind + 2], DOMAIN_MAX)))
	    && url_is_domain(argv[optind], DOMAIN_MAX)
	    && is_address(argv[optind + 1]);
}

int
main(int argc, char *argv[])
{
	struct fetch f = { 0 };
	struct str out = { 0 };
	char *why;
	int status = 0;

	if (!parse_arguments(argc, argv, &f)) {
		fprintf(stderr,
		    "usage: veredus-autoconfig [--ca-file=FILE] [--proxy=URL] "
		    "[--timeout=SECONDS] [--no-sandbox] DOMAIN ADDRESS [MX]\n");
		return EX_USAGE;
	}
	why = fetch_start(&f);
	if (why == NULL)
		search_sources(&f,
		    &(struct search_question){ .domain = argv[optind],
			.address = argv[optind + 1],
			.mx = argv[optind + 2] },
		    &out);
	if (why == NULL
	    && (fwrite(out.data, 1, out.len, stdout) != out.len
		|| fflush(stdout) != 0))
		why = alloc_string("cannot write to standard output");
	if (why != NULL) {
		fetch_print_error("autoconfig", why);
		status = 1;
	}
	fetch_free(&f);
	str_free(&out);
	free(why);
	return status;
}
