/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings that say which server to connect to, and how.
 */
#ifndef VEREDUS_NET_PARAMS_H
#define VEREDUS_NET_PARAMS_H

#include <stdbool.h>

#include "base/secret.h"
#include "net/endpoint.h"

enum proxy_type { PROXY_SOCKS5, PROXY_HTTP };

struct host_params {
	char *host;       /* name or address, also in []; NULL with socket */
	unsigned port;    /* 1 to 65535; 0: not set, see config/account.h */
	char *socket;     /* path of a unix stream socket, or NULL */
	char *source_ip;  /* local address, or NULL; determines the family */
	char *proxy_host; /* or NULL */
	enum proxy_type proxy_type;
	unsigned proxy_port;
	char *proxy_user;             /* login at the proxy, or NULL */
	struct secret proxy_password; /* set if proxy_user is, or in a file */
	enum address_family family;
	unsigned connect_timeout; /* seconds for each address; 0: 30 */
};

/*
 * Whether the host can only be this machine: a unix socket, "localhost",
 * 127.0.0.0/8 or ::1, and no proxy.  Looks nothing up.
 */
bool host_is_local(const struct host_params *params);

#endif
