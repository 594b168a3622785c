/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses the address of a name server.
 */
#ifndef VEREDUS_DNS_NAMESERVER_H
#define VEREDUS_DNS_NAMESERVER_H

#include <stdbool.h>

#include "base/error.h"
#include "dns/params.h"

/*
 * Adds the server of "ADDRESS", "ADDRESS:PORT" or "[IPV6]:PORT"; the default
 * port is 53.  ERROR_CONFIG if the text is none of these, or if there are
 * DNS_SERVERS_MAX servers already.
 */
bool dns_nameserver_add(struct endpoint_list *servers, const char *text,
    struct error *err);

#endif
