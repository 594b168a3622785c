/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolv.conf(5), as far as queries for whole names need it.  Only
 * resolver_own.c reads it; the C library reads it by itself.
 */
#ifndef VEREDUS_DNS_RESOLV_CONF_H
#define VEREDUS_DNS_RESOLV_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "net/endpoint.h"

struct resolv_conf {
	struct endpoint_list servers;
	bool trust_ad;     /* the servers' AD flag is trusted */
	unsigned timeout;  /* seconds for one attempt at one server */
	unsigned attempts; /* at each server */
};

/*
 * Fills an empty struct from the text of the file; lines and options that are
 * unknown or wrong are ignored, as the C library does.  Without a server, it is
 * the one on this host.
 */
void resolv_conf_parse(const char *text, size_t len, struct resolv_conf *conf);
/* Reads /etc/resolv.conf, which may be absent. */
void resolv_conf_read(struct resolv_conf *conf);
void resolv_conf_free(struct resolv_conf *conf);

#endif
