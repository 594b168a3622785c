/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The object of --report, which veredus-json(5) describes.
 */
#ifndef VEREDUS_REPORT_FORMAT_JSON_H
#define VEREDUS_REPORT_FORMAT_JSON_H

#include "base/str.h"
#include "report/format.h"

/* Appends a line with the object. */
void report_json(const struct log_entry *entry, struct str *out);

#endif
