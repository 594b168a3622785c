/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Validates the values of settings that need more than their type: hosts,
 * fingerprints, patterns.  Each function gets the text of a value, which it may
 * replace by a normalised form, and sets an ERROR_CONFIG without the name of the
 * setting.  No file is opened, and no name is looked up.
 */
#ifndef VEREDUS_CONFIG_VALIDATE_H
#define VEREDUS_CONFIG_VALIDATE_H

#include <stdbool.h>

#include "base/error.h"

/* A domain name that can be looked up in the DNS. */
bool validate_dns_name(char **value, struct error *err);
/* The address of a name server, optionally with a port. */
bool validate_dns_server(char **value, struct error *err);
/* The name or address of a host. */
bool validate_host(char **value, struct error *err);
/* HOST:PORT; an IPv6 address must be in brackets. */
bool validate_server_port(char **value, struct error *err);
/* An IPv4 or IPv6 address. */
bool validate_address(char **value, struct error *err);
/* An argument of EHLO: a name other than localhost, or an address literal. */
bool validate_greeting(char **value, struct error *err);
/* The same, before %H, %C and %M are expanded. */
bool validate_domain(char **value, struct error *err);
/* The domain of mail addresses. */
bool validate_mail_domain(char **value, struct error *err);
/* A SHA-256 in hex, with or without colons, optionally after "spki:". */
bool validate_fingerprint(char **value, struct error *err);
/* An address or a pattern of `from`. */
bool validate_from(char **value, struct error *err);
/* The characters of such an address, after its %-letters were expanded. */
bool validate_sender(char **value, struct error *err);
/* An address, which may be a bare name. */
bool validate_mail_address(char **value, struct error *err);
/* "2m 2h": two durations, of which the second one is not shorter. */
bool validate_queue_retry(char **value, struct error *err);
/* "10000 1g": numbers of messages and octets. */
bool validate_queue_limit(char **value, struct error *err);
/* "100/1h 20": a number of messages in a period, and at once. */
bool validate_rate(char **value, struct error *err);
/* A rule of mail/rewrite.h. */
bool validate_rewrite(char **value, struct error *err);
/* "on", "off" or a SASL mechanism. */
bool validate_mechanism(char **value, struct error *err);
/* A GnuTLS priority string that does not disable the protection of TLS. */
bool validate_priorities(char **value, struct error *err);
/* Seconds, and ";R" or ";N", optionally with "T" (RFC 2852 section 4). */
bool validate_deliver_by(char **value, struct error *err);
/* A time of RFC 3339 in UTC: 2026-12-24T18:00:00Z (RFC 4865 section 5). */
bool validate_hold_until(char **value, struct error *err);
/* -9 to 9 (RFC 6710 section 5). */
bool validate_priority(char **value, struct error *err);
/* An address, or "<>" (RFC 4954 section 5). */
bool validate_mail_auth(char **value, struct error *err);
/* A format of strftime(3). */
bool validate_time_format(char **value, struct error *err);
/* UTF-8 text. */
bool validate_text(char **value, struct error *err);

#endif
