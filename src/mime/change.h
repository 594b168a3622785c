/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides how the content of a part may change: which encoding it gets, or why
 * it must stay as it is.
 */
#ifndef VEREDUS_MIME_CHANGE_H
#define VEREDUS_MIME_CHANGE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "mime/structure.h"
#include "mime/transfer_encoding.h"

/* Why content must not be encoded, or encoded again. */
enum obstacle {
	OBSTACLE_NONE,
	OBSTACLE_PROTECTED, /* it is signed or encrypted */
	OBSTACLE_ENCODING,  /* its encoding is unknown */
	OBSTACLE_BASE64,    /* it is declared as base64, but is not */
	OBSTACLE_LABEL,     /* it has a structure that is declared as encoded */
	OBSTACLE_BOUNDARY,  /* it is a multipart that cannot be divided */
	OBSTACLE_TYPE,      /* its type forbids it */
	OBSTACLES
};

/*
 * Finds the obstacle for the content that is the last piece of the walk;
 * `header` is its header section.  Errors: ERROR_INPUT.
 */
bool mime_find_obstacle(const struct mime_walk *walk,
    const struct mime_piece *piece, const struct str *header,
    enum obstacle *obstacle, struct error *err);

/* Chooses the change of content without an obstacle. */
enum transfer_change mime_choose_change(const struct mime_entity *entity,
    const struct mime_piece *piece);

/*
 * Sets ERROR_UNSUPPORTED: which part cannot be sent, why, and what to do.
 * `where` comes before the name of the part, such as "the header of "; `header`
 * tells its type and may be NULL.
 */
bool mime_fail(const struct mime_walk *walk, const char *where,
    const struct str *header, enum obstacle obstacle, struct error *err);

#endif
