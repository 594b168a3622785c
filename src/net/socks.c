/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speaks the client's side of SOCKS5 (RFC 1928, 1929) on a connection to a proxy.
 */
#include "net/socks.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "net/endpoint.h"
#include "net/resolve.h"

#define SOCKS_VERSION 5
#define METHOD_NONE 0x00  /* no authentication */
#define METHOD_LOGIN 0x02 /* RFC 1929 */
#define METHOD_REFUSED 0xff
#define COMMAND_CONNECT 1
#define REPLY_SUCCEEDED 0
#define LOGIN_VERSION 1
#define LOGIN_SUCCEEDED 0

enum { TYPE_IPV4 = 1, TYPE_NAME = 3, TYPE_IPV6 = 4 };

/* RFC 1928 section 6. */
static const char *const reasons[] = { "", "general failure of the proxy",
	"not allowed by the rules of the proxy", "network unreachable",
	"host unreachable", "connection refused", "TTL expired",
	"command not supported", "address type not supported" };

static bool
check_version(unsigned char version, struct error *err)
{
	if (version == SOCKS_VERSION)
		return true;
	return error_set(err, ERROR_NETWORK,
	    "it is not a SOCKS5 proxy: its reply begins with octet 0x%02x",
	    version);
}

/* RFC 1929 section 2: VER ULEN UNAME PLEN PASSWD; the reply is VER STATUS. */
static bool
log_in(struct transport *t, const struct proxy_login *login, int64_t deadline,
    struct error *err)
{
	size_t user_len = strlen(login->user);
	struct secret_text password = { 0 };
	char request[3 + 2 * SOCKS_LOGIN_MAX];
	unsigned char reply[2];
	size_t len = 0;
	bool ok;

	secret_reveal(login->password, &password);
	request[len++] = LOGIN_VERSION;
	request[len++] = (char)user_len;
	memcpy(request + len, login->user, user_len);
	len += user_len;
	request[len++] = (char)password.len;
	memcpy(request + len, password.data, password.len);
	len += password.len;
	secret_text_free(&password);
	ok = proxy_transfer(t, POLLOUT, request, len, deadline, err);
	secret_wipe(request, sizeof(request));
	if (!ok
	    || !proxy_transfer(t, POLLIN, reply, sizeof(reply), deadline, err))
		return false;
	if (reply[1] != LOGIN_SUCCEEDED)
		return error_set(err, ERROR_CONFIG,
		    "it rejects the login: check proxy_user and "
		    "proxy_password");
	return true;
}

/* RFC 1928 section 3: VER NMETHODS METHODS; the reply is VER METHOD. */
static bool
negotiate_method(struct transport *t, const struct proxy_login *login,
    int64_t deadline, struct error *err)
{
	bool has_login = login->user != NULL;
	char hello[] = { SOCKS_VERSION, 1, METHOD_NONE, METHOD_LOGIN };
	size_t len = has_login ? sizeof(hello) : sizeof(hello) - 1;
	unsigned char reply[2];

	if (has_login)
		hello[1] = 2;
	if (!proxy_transfer(t, POLLOUT, hello, len, deadline, err)
	    || !proxy_transfer(t, POLLIN, reply, sizeof(reply), deadline, err)
	    || !check_version(reply[0], err))
		return false;
	if (reply[1] == METHOD_NONE)
		return true;
	if (reply[1] == METHOD_LOGIN && has_login)
		return log_in(t, login, deadline, err);
	if (reply[1] == METHOD_REFUSED)
		return error_set(err, ERROR_CONFIG,
		    has_login ? "it accepts no login by user and password"
			      : "it requires a login: set proxy_user and "
				"proxy_password");
	return error_set(err, ERROR_NETWORK,
	    "it chose method 0x%02x, which was not offered", reply[1]);
}

/* Appends ATYP and DST.ADDR (RFC 1928 section 5). */
static bool
add_host(struct str *request, const char *host, struct error *err)
{
	struct endpoint a;
	char *name;

	if (endpoint_parse(&a, host)) {
		if (a.any.sa_family == AF_INET) {
			str_add_char(request, TYPE_IPV4);
			str_append(request, &a.ipv4.sin_addr,
			    sizeof(a.ipv4.sin_addr));
			return true;
		}
		if (a.ipv6.sin6_scope_id != 0)
			return proxy_fail_zone(host, err);
		str_add_char(request, TYPE_IPV6);
		str_append(request, &a.ipv6.sin6_addr,
		    sizeof(a.ipv6.sin6_addr));
		return true;
	}
	if (!resolve_name(host, &name, err))
		return false;
	str_add_char(request, TYPE_NAME);
	str_add_char(request, (char)strlen(name));
	str_add(request, name);
	free(name);
	return true;
}

/* RFC 1928 section 4: VER CMD RSV ATYP DST.ADDR DST.PORT. */
static bool
send_request(struct transport *t, const char *host, unsigned port,
    int64_t deadline, struct error *err)
{
	static const char head[] = { SOCKS_VERSION, COMMAND_CONNECT, 0 };
	const uint16_t network_port = htons((uint16_t)port);
	struct str request = { 0 };
	bool ok;

	str_append(&request, head, sizeof(head));
	ok = add_host(&request, host, err);
	str_append(&request, &network_port, sizeof(network_port));
	ok = ok
	    && proxy_transfer(t, POLLOUT, request.data, request.len, deadline,
		err);
	str_free(&request);
	return ok;
}

static bool
request_rejected(unsigned char code, struct error *err)
{
	if (code < COUNT_OF(reasons))
		return error_set(err, ERROR_CONNECT, "%s", reasons[code]);
	return error_set(err, ERROR_CONNECT, "unknown reply code 0x%02x", code);
}

/*
 * RFC 1928 section 6: VER REP RSV ATYP BND.ADDR BND.PORT.  Some proxies send
 * only the first two octets of an error.
 */
static bool
read_reply(struct transport *t, int64_t deadline, struct error *err)
{
	unsigned char head[2], kind[2], len, rest[UINT8_MAX + 2];
	size_t size;

	if (!proxy_transfer(t, POLLIN, head, sizeof(head), deadline, err)
	    || !check_version(head[0], err))
		return false;
	if (head[1] != REPLY_SUCCEEDED)
		return request_rejected(head[1], err);
	if (!proxy_transfer(t, POLLIN, kind, sizeof(kind), deadline, err))
		return false;
	switch (kind[1]) {
	case TYPE_IPV4:
		size = sizeof(struct in_addr);
		break;
	case TYPE_IPV6:
		size = sizeof(struct in6_addr);
		break;
	case TYPE_NAME:
		if (!proxy_transfer(t, POLLIN, &len, 1, deadline, err))
			return false;
		size = len;
		break;
	default:
		return error_set(err, ERROR_NETWORK,
		    "its reply has an unknown address type, 0x%02x", kind[1]);
	}
	return proxy_transfer(t, POLLIN, rest, size + sizeof(uint16_t),
	    deadline, err);
}

bool
socks_connect(struct transport *t, const struct proxy_login *login,
    const char *host, unsigned port, int64_t deadline, struct error *err)
{
	return negotiate_method(t, login, deadline, err)
	    && send_request(t, host, port, deadline, err)
	    && read_reply(t, deadline, err);
}
