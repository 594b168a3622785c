/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets the options of libcurl for a request, and says why one failed. */
#include "helpers/https.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/strv.h"
#include "base/text.h"
#include "helpers/url.h"

#define HEADER_MAX 65536
#define RSA_BITS_MIN 2048

static size_t
add_body(char *data, size_t size, size_t count, void *ctx)
{
	struct https_response *response = ctx;

	if (size * count > HTTPS_BODY_MAX - response->body.len) {
		response->too_long = true;
		return 0;
	}
	str_append(&response->body, data, size * count);
	return size * count;
}

static size_t
count_header(char *data, size_t size, size_t count, void *ctx)
{
	struct https_response *response = ctx;

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

bool
https_set_options(CURL *curl, struct https_response *response,
    const char *trust_file, unsigned seconds)
{
	unsigned failed = CURLE_OK; /* not CURLE_OK if any call failed */

	str_reserve(&response->body, HTTPS_BODY_MAX);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		failed |=
		    curl_easy_setopt(curl, numbers[i].option, numbers[i].value);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		failed |=
		    curl_easy_setopt(curl, texts[i].option, texts[i].value);
	failed |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)seconds);
	failed |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, add_body);
	failed |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, response);
	failed |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, count_header);
	failed |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, response);
	/* A trust file replaces the CA certificates of the system. */
	if (trust_file != NULL) {
		failed |= curl_easy_setopt(curl, CURLOPT_CAINFO, trust_file);
		failed |= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	return failed == CURLE_OK;
}

bool
https_set_proxy(CURL *curl, const char *proxy)
{
	if (proxy == NULL)
		return true;
	return curl_easy_setopt(curl, CURLOPT_PROXY, proxy) == CURLE_OK
	    && curl_easy_setopt(curl, CURLOPT_NOPROXY, "") == CURLE_OK
	    && curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L)
	    == CURLE_OK;
}

/* libcurl has its own copy of the password. */
bool
https_set_proxy_login(CURL *curl, const char *user,
    const struct secret *password)
{
	struct secret_text text;
	unsigned failed = CURLE_OK;

	secret_reveal(password, &text);
	failed |= curl_easy_setopt(curl, CURLOPT_PROXYUSERNAME, user);
	failed |= curl_easy_setopt(curl, CURLOPT_PROXYPASSWORD,
	    text.data != NULL ? text.data : "");
	secret_text_free(&text);
	failed |= curl_easy_setopt(curl, CURLOPT_PROXYAUTH, CURLAUTH_BASIC);
	failed |= curl_easy_setopt(curl, CURLOPT_SOCKS5_AUTH, CURLAUTH_BASIC);
	return failed == CURLE_OK;
}

bool
https_proxy_rejects_login(CURL *curl)
{
	long status = 0, reason = CURLPX_OK;

	curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &status);
	curl_easy_getinfo(curl, CURLINFO_PROXY_ERROR, &reason);
	return status == 407 || status == 401 || reason == CURLPX_NO_AUTH
	    || reason == CURLPX_USER_REJECTED;
}

unsigned
https_proxy_port(const char *proxy)
{
	return url_port(proxy, text_starts_nocase(proxy, "socks") ? 1080 : 80);
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

static char *
check_key(CURL *curl, CURLcode *code)
{
	unsigned long short_key = find_short_key(curl);

	if (short_key == 0)
		return NULL;
	*code = CURLE_PEER_FAILED_VERIFICATION;
	return alloc_printf("a key of the certificate is too short: RSA with "
			    "%lu bits, less than %d",
	    short_key, RSA_BITS_MIN);
}

char *
https_perform(CURL *curl, struct https_response *response, unsigned seconds,
    CURLcode *code)
{
	char detail[CURL_ERROR_SIZE] = "";

	str_truncate(&response->body, 0);
	response->header = 0;
	response->too_long = false;
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	*code = curl_easy_perform(curl);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	if (response->too_long)
		return alloc_printf("the response is longer than %d octets",
		    HTTPS_BODY_MAX);
	if (*code == CURLE_OPERATION_TIMEDOUT)
		return alloc_printf("no response within %u seconds", seconds);
	if (*code != CURLE_OK)
		return alloc_string(
		    *detail != '\0' ? detail : curl_easy_strerror(*code));
	return check_key(curl, code);
}

void
https_allow_trust(CURL *curl, const char *trust_file, struct sandbox *s)
{
	const CURLINFO names[] = { CURLINFO_CAINFO, CURLINFO_CAPATH };
	struct strv places = { 0 };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *place = NULL;

		if (curl_easy_getinfo(curl, names[i], &place) == CURLE_OK
		    && place != NULL)
			strv_add(&places, place);
	}
	if (trust_file != NULL)
		strv_add(&places, trust_file);
	sandbox_allow_trust(s, &places);
	strv_free(&places);
}
