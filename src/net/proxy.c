/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves octets between this host and a proxy. */
#include "net/proxy.h"

#include <poll.h>

bool
proxy_transfer(struct transport *t, short event, void *data, size_t len,
    int64_t deadline, struct error *err)
{
	char *at = data;
	short ready;

	while (len > 0) {
		ssize_t done = event == POLLOUT ? t->write(t, at, len, err)
						: t->read(t, at, len, err);

		if (done == TRANSPORT_FAILED)
			return false;
		if (done == 0 && event == POLLIN)
			return error_set(err, ERROR_NETWORK,
			    "the proxy closed the connection");
		if (done < 0) {
			if (!transport_wait(t, event, deadline, &ready, err))
				return false;
			continue;
		}
		at += done;
		len -= (size_t)done;
	}
	return true;
}

bool
proxy_fail_zone(const char *host, struct error *err)
{
	return error_set(err, ERROR_CONFIG,
	    "%s has a zone, which only this host knows", host);
}
