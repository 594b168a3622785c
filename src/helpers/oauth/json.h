/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads JSON (RFC 8259) that came from outside, with jansson.  Memory is wiped
 * when it is released, because the text may have tokens.
 */
#ifndef VEREDUS_HELPERS_OAUTH_JSON_H
#define VEREDUS_HELPERS_OAUTH_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

#define JSON_DEPTH_MAX 32

/* Prepares jansson; called once, before the sandbox. */
void json_start(void);

/* The object that the text is, or NULL: no other value, no doubled names, no NUL,
 * no deeper nesting.  The caller releases it with json_decref(). */
json_t *json_parse(const char *text, size_t len);

/* The text of a member; NULL if it is absent, null, no string, or empty.  It
 * belongs to the object. */
const char *json_text(const json_t *object, const char *name);
/* The same as an allocated copy, which replaces *place. */
void json_copy_text(const json_t *object, const char *name, char **place);
/* The same as a secret, if it has only visible ASCII characters, as a token has
 * (RFC 6749 appendix A.12). */
void json_secret(const json_t *object, const char *name, struct secret *secret);
/* Whether there is such a member, other than null and the empty text. */
bool json_has(const json_t *object, const char *name);
bool json_flag(const json_t *object, const char *name);
/* A number, also as digits in a string; false if there is none.  What is too
 * large for the type becomes its limit. */
bool json_number(const json_t *object, const char *name, int64_t *number);

#endif
