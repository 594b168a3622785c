/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The object of --report, which veredus-json(5) describes, and what other objects
 * have in common with it.
 */
#ifndef VEREDUS_REPORT_FORMAT_JSON_H
#define VEREDUS_REPORT_FORMAT_JSON_H

#include "base/json.h"
#include "base/str.h"
#include "report/format.h"

/* Begins an object of that type: members that all of them have. */
void report_json_begin(struct json_writer *json, const char *type);
/* Adds what is known of an error: "code", "status", "said" and "error", which are
 * null if it is not set. */
void report_json_error(struct json_writer *json, const struct error *err);
/* Adds "tls"; the source is that of the policy. */
void report_json_tls(struct json_writer *json, const struct tls_summary *tls,
    enum tls_source source);

/* Appends a line with the object of --report. */
void report_json(const struct log_entry *entry, struct str *out);

#endif
