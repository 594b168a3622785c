/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rare rules of single settings: what a host, a fingerprint or a pattern
 * looks like.  Each takes the text of a value, may rewrite it to the one form
 * that the rest of the program knows, and says in an ERROR_CONFIG, without
 * the setting's name, what is wrong.  No file is opened, no name looked up.
 */
#ifndef VEREDUS_CONFIG_VALIDATE_H
#define VEREDUS_CONFIG_VALIDATE_H

#include <stdbool.h>

#include "base/error.h"

/* A name that can be looked up in the DNS. */
bool validate_dns_name(char **value, struct error *err);
/* An address of a name server, perhaps with a port. */
bool validate_dns_server(char **value, struct error *err);
/* A name or address of a host. */
bool validate_host(char **value, struct error *err);
/* The same and a port behind a colon; an IPv6 address stands in brackets. */
bool validate_server_port(char **value, struct error *err);
/* An IPv4 or IPv6 address. */
bool validate_address(char **value, struct error *err);
/* What may follow EHLO: a name that is not localhost, or a literal. */
bool validate_greeting(char **value, struct error *err);
/* The same, but %H, %C and %M may stand in it. */
bool validate_domain(char **value, struct error *err);
/* A domain for mail addresses. */
bool validate_mail_domain(char **value, struct error *err);
/* SHA-256 in hex, with or without colons, perhaps behind "spki:". */
bool validate_fingerprint(char **value, struct error *err);
/* An address or pattern of `from`. */
bool validate_from(char **value, struct error *err);
/* A rule of mail/rewrite.h. */
bool validate_rewrite(char **value, struct error *err);
/* "on", "off" or a SASL mechanism. */
bool validate_mechanism(char **value, struct error *err);
/* A GnuTLS priority string that does not take the security away. */
bool validate_priorities(char **value, struct error *err);
/* Seconds, and ";R" or ";N", perhaps with "T" (RFC 2852 section 4). */
bool validate_deliver_by(char **value, struct error *err);
/* A time of RFC 3339 in UTC: 2026-12-24T18:00:00Z (RFC 4865 section 5). */
bool validate_hold_until(char **value, struct error *err);
/* -9 to 9 (RFC 6710 section 5). */
bool validate_priority(char **value, struct error *err);
/* An address, or "<>" (RFC 4954 section 5). */
bool validate_mail_auth(char **value, struct error *err);
/* UTF-8 text. */
bool validate_text(char **value, struct error *err);

#endif
