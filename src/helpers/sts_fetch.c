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

/* The limits that RFC 8461 section 3.3 suggests. */
#define BODY_MAX 65536
#define SECONDS_MAX 60

#define HEADER_MAX 65536
#define DOMAIN_MAX (253 - 8) /* with "mta-sts." in front */
#define RSA_BITS_MIN 2048
#define PORT_HTTPS 443

struct request {
	const char *domain;
	const char *connect_to; /* HOST:PORT to connect to instead, or NULL */
	const char *trust_file;
	unsigned long seconds;
	bool no_sandbox;
	char *url;
};

struct response {
	struct str body;
	size_t header; /* the octets of the header so far */
	bool too_long;
};

static size_t
add_body(char *data, size_t size, size_t count, void *ctx)
{
	struct response *response = ctx;

	if (size * count > BODY_MAX - response->body.len) {
		response->too_long = true;
		return 0;
	}
	str_append(&response->body, data, size * count);
	return size * count;
}

static size_t
count_header(char *data, size_t size, size_t count, void *ctx)
{
	struct response *response = ctx;

	(void)data;
	response->header += size * count;
	response->too_long = response->header > HEADER_MAX;
	return response->too_long ? 0 : size * count;
}

/* No redirects, no proxy, no credentials, and only a verified host. */
static const struct {
	CURLoption option;
	long value;
} numbers[] = {
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	{ CURLOPT_HTTP09_ALLOWED, 0 },
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_SSL_VERIFYPEER, 1 },
	{ CURLOPT_CERTINFO, 1 }, /* for find_short_key() */
	{ CURLOPT_SSL_VERIFYHOST, 2 },
};

static const struct {
	CURLoption option;
	const char *value;
} texts[] = {
	{ CURLOPT_PROTOCOLS_STR, "https" },
	{ CURLOPT_PROXY, "" },
	{ CURLOPT_NOPROXY, "*" },
	{ CURLOPT_USERAGENT, "veredus" },
};

static bool
set_options(CURL *curl, const struct request *request,
    struct curl_slist *connect_to, struct response *response)
{
	unsigned failed = CURLE_OK; /* not CURLE_OK if any call failed */

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		failed |=
		    curl_easy_setopt(curl, numbers[i].option, numbers[i].value);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		failed |=
		    curl_easy_setopt(curl, texts[i].option, texts[i].value);
	failed |= curl_easy_setopt(curl, CURLOPT_URL, request->url);
	failed |=
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)request->seconds);
	failed |= curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to);
	failed |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, add_body);
	failed |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, response);
	failed |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, count_header);
	failed |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, response);
	/* A trust file replaces the CA certificates of the system. */
	if (request->trust_file != NULL) {
		failed |=
		    curl_easy_setopt(curl, CURLOPT_CAINFO, request->trust_file);
		failed |= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	return failed == CURLE_OK;
}

/* Requires text/plain, so that a page of a web site's user is no policy. */
static bool
is_plain_text(const char *type)
{
	static const char wanted[] = "text/plain";
	size_t len = sizeof(wanted) - 1;

	return type != NULL && text_starts_nocase(type, wanted)
	    && strchr("; \t", type[len]) != NULL;
}

/* The bits of the key that a line of libcurl about a certificate tells, such as
 * "RSA Public Key:2048"; 0 if the line tells none. */
static unsigned long
key_bits(const char *line)
{
	static const char name[] = "RSA Public Key:";

	if (!text_starts_nocase(line, name))
		return 0;
	line += sizeof(name) - 1;
	return strtoul(line + strcspn(line, "0123456789"), NULL, 10);
}

/* The bits of an RSA key that is too short, of any certificate that the server
 * sent; 0 if there is none.  src/tls/key.h has the same limit. */
static unsigned long
find_short_key(CURL *curl)
{
	const struct curl_certinfo *chain = NULL;

	curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain);
	for (int i = 0; chain != NULL && i < chain->num_of_certs; i++)
		for (const struct curl_slist *line = chain->certinfo[i];
		     line != NULL; line = line->next) {
			unsigned long bits = key_bits(line->data);

			if (bits > 0 && bits < RSA_BITS_MIN)
				return bits;
		}
	return 0;
}

/* NULL, or why the response has no policy; the caller frees the text. */
static char *
check_response(CURL *curl, const struct response *response)
{
	unsigned long short_key = find_short_key(curl);
	const char *type = NULL;
	long status = 0;

	if (short_key > 0)
		return alloc_printf("a key of the certificate is too short: "
				    "RSA with %lu bits, less than %d",
		    short_key, RSA_BITS_MIN);
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

static void
allow_trust(CURL *curl, const struct request *request, struct sandbox *s)
{
	const CURLINFO names[] = { CURLINFO_CAINFO, CURLINFO_CAPATH };
	struct strv places = { 0 };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *place = NULL;

		if (curl_easy_getinfo(curl, names[i], &place) == CURLE_OK
		    && place != NULL)
			strv_add(&places, place);
	}
	if (request->trust_file != NULL)
		strv_add(&places, request->trust_file);
	sandbox_allow_trust(s, &places);
	strv_free(&places);
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
	allow_trust(curl, request, &s);
	sandbox_allow_instruments(&s);
	(void)sandbox_enter(&s, &missing);
	sandbox_free(&s);
	str_free(&missing);
}

/* NULL, or why the request failed; the caller frees the text. */
static char *
perform(CURL *curl, const struct request *request, struct response *response)
{
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	code = curl_easy_perform(curl);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	if (response->too_long)
		return alloc_printf("the response is longer than %d octets",
		    BODY_MAX);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return alloc_printf("no response within %lu seconds",
		    request->seconds);
	if (code != CURLE_OK)
		return alloc_string(
		    *detail != '\0' ? detail : curl_easy_strerror(code));
	return check_response(curl, response);
}

static char *
fetch(const struct request *request, struct response *response)
{
	struct curl_slist *connect_to = NULL;
	CURL *curl = NULL;
	char *place, *why;

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
		why = perform(curl, request, response);
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
	request->seconds = (unsigned long)seconds;
	request->domain = argv[optind];
	return argc - optind == 1 && is_domain(request->domain);
}

int
main(int argc, char *argv[])
{
	struct request request = { 0 };
	struct response response = { 0 };
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
