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
#include "base/attr.h"
#include "base/sandbox.h"
#include "base/str.h"
#include "base/text.h"
#include "helpers/https.h"

/* The limit that RFC 8461 section 3.3 suggests. */
#define SECONDS_MAX 60

#define DOMAIN_MAX (253 - 8) /* with "mta-sts." in front */
#define PORT_HTTPS 443

struct request {
	const char *domain;
	const char *connect_to; /* HOST:PORT to connect to instead, or NULL */
	const char *trust_file;
	unsigned seconds;
	bool no_sandbox;
	char *url;
};

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
check_response(CURL *curl, const struct https_response *response)
{
	const char *type = NULL;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	if (status != 200)
		return alloc_printf("the server replied with HTTP status %ld",
		    status);
	if (!is_plain_text(type))
		return alloc_printf("the policy is not text/plain, but %s",
		    type != NULL ? type : "of no type");
	if (response->body.len == 0)
		return alloc_string("the policy is empty");
	return NULL;
}

/* As far as the kernel can: the main program knows whether it must. */
static void
enter_sandbox(CURL *curl, const struct request *request)
{
	const char *colon = request->connect_to != NULL
	    ? strrchr(request->connect_to, ':')
	    : NULL;
	unsigned long long port = PORT_HTTPS;
	struct sandbox s = { 0 };
	struct str missing = { 0 };

	if (request->no_sandbox)
		return;
	if (colon != NULL)
		text_number(colon + 1, 1, UINT16_MAX, &port);
	landlock_allow_port(&s.rules, (unsigned)port);
	sandbox_allow_libraries(&s);
	sandbox_allow_resolver(&s);
	https_allow_trust(curl, request->trust_file, &s);
	sandbox_allow_instruments(&s);
	(void)sandbox_enter(&s, &missing);
	sandbox_free(&s);
	str_free(&missing);
}

static bool
set_options(CURL *curl, const struct request *request,
    struct curl_slist *connect_to, struct https_response *response)
{
	return https_set_options(curl, response, request->trust_file,
		   request->seconds)
	    && curl_easy_setopt(curl, CURLOPT_URL, request->url) == CURLE_OK
	    && curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to)
	    == CURLE_OK;
}

static char *
fetch(const struct request *request, struct https_response *response)
{
	struct curl_slist *connect_to = NULL;
	CURL *curl = NULL;
	char *place, *why;
	CURLcode code;

	if (request->connect_to != NULL) {
		place = alloc_printf("::%s", request->connect_to);
		connect_to = curl_slist_append(NULL, place);
		free(place);
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		curl = curl_easy_init();
	if (curl == NULL || !set_options(curl, request, connect_to, response)) {
		why = alloc_string("libcurl lacks a required feature");
	} else {
		enter_sandbox(curl, request);
		why = https_perform(curl, response, request->seconds, &code);
		if (why == NULL)
			why = check_response(curl, response);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(connect_to);
	curl_global_cleanup();
	return why;
}

/* Accepts no character that has a meaning in a URL. */
static bool
is_domain(const char *domain)
{
	size_t len = strlen(domain);

	return len > 0 && len <= DOMAIN_MAX && domain[0] != '.'
	    && strspn(domain,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789-_.")
	    == len;
}

static bool
parse_arguments(int argc, char *argv[], struct request *request)
{
	static const struct option options[] = {
		{ "ca-file", required_argument, NULL, 'f' },
		{ "connect-to", required_argument, NULL, 'c' },
		{ "timeout", required_argument, NULL, 't' },
		{ "no-sandbox", no_argument, NULL, 's' }, { NULL, 0, NULL, 0 }
	};
	unsigned long long seconds = SECONDS_MAX;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f')
			request->trust_file = optarg;
		else if (option == 'c')
			request->connect_to = optarg;
		else if (option == 's')
			request->no_sandbox = true;
		else if (option != 't'
		    || !text_number(optarg, 1, SECONDS_MAX, &seconds))
			return false;
	}
	request->seconds = (unsigned)seconds;
	request->domain = argv[optind];
	return argc - optind == 1 && is_domain(request->domain);
}

int
main(int argc, char *argv[])
{
	struct request request = { 0 };
	struct https_response response = { 0 };
	char *why, *clean;
	int status = 0;

	if (!parse_arguments(argc, argv, &request)) {
		fprintf(stderr,
		    "usage: veredus-sts-fetch [--ca-file=FILE] "
		    "[--connect-to=HOST:PORT] [--timeout=SECONDS] "
		    "[--no-sandbox] DOMAIN\n");
		return EX_USAGE;
	}
	request.url = alloc_printf("https://mta-sts.%s/.well-known/mta-sts.txt",
	    request.domain);
	why = fetch(&request, &response);
	if (why == NULL
	    && (fwrite(response.body.data, 1, response.body.len, stdout)
		    != response.body.len
		|| fflush(stdout) != 0))
		why = alloc_string("cannot write to standard output");
	if (why != NULL) {
		clean = text_printable(why);
		fprintf(stderr, "mta-sts.%s: %s\n", request.domain, clean);
		free(clean);
		status = 1;
	}
	str_free(&response.body);
	free(request.url);
	free(why);
	return status;
}
