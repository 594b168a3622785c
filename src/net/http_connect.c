/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends a CONNECT request, and reads the response up to the end of its header
 * section, never an octet of what follows.
 */
#include "net/http_connect.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/base64.h"
#include "base/str.h"
#include "base/text.h"
#include "net/endpoint.h"
#include "net/resolve.h"

#define STATUS_INFORMATIONAL 100
#define STATUS_SUCCESSFUL 200
#define STATUS_REDIRECTION 300
#define STATUS_UNAUTHORIZED 401 /* of tinyproxy, after a wrong login */
#define STATUS_FORBIDDEN 403
#define STATUS_LOGIN_REQUIRED 407
#define STATUS_MAX 599

static const char section_end[] = "\r\n\r\n";

/* The responses so far; the last one begins at `start`. */
struct response {
	char data[HTTP_CONNECT_MAX + 1]; /* with a NUL at the end */
	size_t len;
	size_t start;
	unsigned status;
	const char *reason; /* of the status line, up to its CRLF */
	size_t reason_len;
};

/* ---- the request ---- */

/* authority-form = uri-host ":" port (RFC 9112 section 3.2.3) */
static bool
add_authority(struct str *out, const char *host, unsigned port,
    struct error *err)
{
	struct endpoint a;
	char *name;

	if (endpoint_parse(&a, host)) {
		if (a.any.sa_family == AF_INET6 && a.ipv6.sin6_scope_id != 0)
			return proxy_fail_zone(host, err);
		endpoint_set_port(&a, port);
		endpoint_text_port(&a, out);
		return true;
	}
	if (!resolve_name(host, &name, err))
		return false;
	str_printf(out, "%s:%u", name, port);
	free(name);
	return true;
}

/*
 * RFC 7617 section 2: credentials = "Basic" SP base64(user-id ":" password).
 * `out` has room for it, so that no copy of the password is left behind.
 */
static void
add_login(struct str *out, const struct proxy_login *login)
{
	struct secret_text password;
	struct str pair = { 0 };

	secret_reveal(login->password, &password);
	str_reserve(&pair, strlen(login->user) + 1 + password.len);
	str_add(&pair, login->user);
	str_add_char(&pair, ':');
	str_append(&pair, password.data, password.len);
	secret_text_free(&password);
	str_add(out, "Proxy-Authorization: Basic ");
	base64_encode(out, pair.data, pair.len);
	str_add(out, "\r\n");
	str_wipe(&pair);
}

static bool
send_request(struct transport *t, const struct proxy_login *login,
    const char *authority, int64_t deadline, struct error *err)
{
	struct str request = { 0 };
	size_t login_len = login->user == NULL
	    ? 0
	    : strlen(login->user) + 1 + login->password->len;
	bool ok;

	str_reserve(&request, 2 * strlen(authority) + 2 * login_len + 100);
	str_printf(&request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", authority,
	    authority);
	if (login->user != NULL)
		add_login(&request, login);
	str_add(&request, "\r\n");
	ok = proxy_transfer(t, POLLOUT, request.data, request.len, deadline,
	    err);
	str_wipe(&request);
	return ok;
}

/* ---- the response ---- */

/* Returns how many octets are missing at least until the header section ends. */
static size_t
missing(const struct response *r)
{
	size_t found = sizeof(section_end) - 1;
	size_t len = r->len - r->start;

	found = found < len ? found : len;
	while (memcmp(r->data + r->len - found, section_end, found) != 0)
		found--;
	return sizeof(section_end) - 1 - found;
}

static bool
fail_http(const struct response *r, struct error *err)
{
	const char *line = r->data + r->start;
	size_t len = r->len - r->start, end = 0;
	struct str shown = { 0 };

	while (end < len && line[end] != '\r' && line[end] != '\n')
		end++;
	/* A reply that is no text may have NULs. */
	text_clean(&shown, line, end, TEXT_MAX);
	error_set(err, ERROR_NETWORK,
	    "it is not an HTTP proxy: its reply begins with \"%s\"",
	    str_text(&shown));
	str_free(&shown);
	return false;
}

/* Fails early if the octets from `from` on cannot be a part of HTTP, since nothing
 * else may follow. */
static bool
check_octets(const struct response *r, size_t from, struct error *err)
{
	static const char begin[] = "HTTP/1.";
	size_t len = r->len - r->start;

	if (memcmp(r->data + r->start, begin,
		len < sizeof(begin) - 1 ? len : sizeof(begin) - 1)
	    != 0)
		return fail_http(r, err);
	for (size_t i = from; i < r->len; i++)
		if ((r->data[i] == '\n' && r->data[i - 1] != '\r')
		    || r->data[i] == '\0')
			return error_set(err, ERROR_NETWORK,
			    "its reply has a line that does not end with CRLF, "
			    "or a NUL");
	return true;
}

/* Reads up to the end of the header section. */
static bool
read_head(struct transport *t, struct response *r, int64_t deadline,
    struct error *err)
{
	size_t wanted;

	r->start = r->len;
	while ((wanted = missing(r)) > 0) {
		size_t from = r->len;

		if (r->len + wanted > HTTP_CONNECT_MAX)
			return error_set(err, ERROR_NETWORK,
			    "the header of its reply has more than %d octets",
			    HTTP_CONNECT_MAX);
		if (!proxy_transfer(t, POLLIN, r->data + r->len, wanted,
			deadline, err))
			return false;
		r->len += wanted;
		r->data[r->len] = '\0';
		if (!check_octets(r, from, err))
			return false;
	}
	return true;
}

/*
 * status-line = HTTP-version SP status-code SP [ reason-phrase ]  (RFC 9112
 * section 4).  Some proxies leave out the second space with the phrase.
 */
static bool
parse_status(struct response *r, struct error *err)
{
	const char *line = r->data + r->start + strlen("HTTP/1.");
	size_t len = strcspn(line, "\r");
	unsigned status = 0;

	if (len < 5 || !text_is_digit(line[0]) || line[1] != ' ')
		return fail_http(r, err);
	for (size_t i = 2; i < 5; i++) {
		if (!text_is_digit(line[i]))
			return fail_http(r, err);
		status = status * 10 + (unsigned)(line[i] - '0');
	}
	if (status < STATUS_INFORMATIONAL || status > STATUS_MAX
	    || (len > 5 && line[5] != ' '))
		return fail_http(r, err);
	r->status = status;
	r->reason = len > 6 ? line + 6 : "";
	r->reason_len = len > 6 ? len - 6 : 0;
	return true;
}

/* Whether the proxy names schemes for the login, and none of them is Basic. */
static bool
lacks_basic(const struct response *r)
{
	static const char name[] = "\r\nProxy-Authenticate:";
	const char *at = r->data + r->start;
	bool named = false;

	while ((at = strstr(at, "\r\n")) != NULL) {
		size_t len = strcspn(at + 2, "\r") + 2;

		if (text_starts_nocase(at, name)) {
			named = true;
			for (size_t i = sizeof(name) - 1; i < len; i++)
				if (text_starts_nocase(at + i, "Basic"))
					return false;
		}
		at += 2;
	}
	return named;
}

static bool
fail_login(const struct response *r, bool has_login, struct error *err)
{
	if (lacks_basic(r))
		return error_set(err, ERROR_CONFIG,
		    "it accepts no login by Basic, and no other one is "
		    "possible: use another proxy");
	return error_set(err, ERROR_CONFIG,
	    has_login ? "it rejects the login: check proxy_user and "
			"proxy_password"
		      : "it requires a login: set proxy_user and "
			"proxy_password");
}

static bool
check_status(const struct response *r, bool has_login, struct error *err)
{
	if (r->status < STATUS_REDIRECTION)
		return true;
	if (r->status == STATUS_LOGIN_REQUIRED
	    || r->status == STATUS_UNAUTHORIZED)
		return fail_login(r, has_login, err);
	return error_set(err, ERROR_CONNECT, "it replied %u %.*s%s", r->status,
	    (int)r->reason_len, r->reason,
	    r->status == STATUS_FORBIDDEN
		? " (it may allow other ports, or other hosts)"
		: "");
}

/* A response without a final status may come before (RFC 9110 section 15.2). */
static bool
read_response(struct transport *t, bool has_login, int64_t deadline,
    struct error *err)
{
	struct response *r = alloc_zeroed(1, sizeof(*r));
	bool ok;

	do
		ok = read_head(t, r, deadline, err) && parse_status(r, err);
	while (ok && r->status < STATUS_SUCCESSFUL);
	ok = ok && check_status(r, has_login, err);
	free(r);
	return ok;
}

bool
http_connect(struct transport *t, const struct proxy_login *login,
    const char *host, unsigned port, int64_t deadline, struct error *err)
{
	struct str authority = { 0 };
	bool ok = add_authority(&authority, host, port, err)
	    && send_request(t, login, str_text(&authority), deadline, err)
	    && read_response(t, login->user != NULL, deadline, err);

	str_free(&authority);
	return ok;
}
