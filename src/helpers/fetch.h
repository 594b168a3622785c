/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the helpers that fetch a document with GET have in common: the options of
 * their command lines, the handle of libcurl, and the sandbox.
 */
#ifndef VEREDUS_HELPERS_FETCH_H
#define VEREDUS_HELPERS_FETCH_H

#include <curl/curl.h>
#include <stdbool.h>

#include "helpers/https.h"

/* { 0 } is valid for fetch_free(). */
struct fetch {
	/* From the command line, and borrowed. */
	const char *trust_file; /* NULL: the CA certificates of the system */
	const char *connect_to; /* HOST:PORT to connect to instead, or NULL */
	const char *proxy;      /* as in https_set_proxy() */
	unsigned seconds;       /* the limit for one request */
	bool no_sandbox;

	CURL *curl;
	struct curl_slist *routes;
	struct https_response response; /* to the last request */
};

/* Reads the options up to the operands, which begin at optind.  `max` is the
 * default and the maximum of --timeout.  Returns false if one is wrong. */
bool fetch_parse_options(struct fetch *f, unsigned max, int argc, char *argv[]);

/*
 * Makes the handle, and enters the sandbox, as far as the kernel can: the main
 * program knows whether it must.  Returns NULL, or why it failed; the caller frees
 * the text.
 */
char *fetch_start(struct fetch *f);
/*
 * Makes a request, and follows no redirect.  Returns NULL if there is a response,
 * whose status is in *status, or why there is none; the caller frees the text.
 */
char *fetch_get(struct fetch *f, const char *url, long *status);
/* Prints the text, which may hold text from outside, as one line to standard error,
 * behind the subject. */
void fetch_print_error(const char *subject, const char *why);
void fetch_free(struct fetch *f);

#endif
