/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Validates the values of the settings for --service, as config/validate.h does
 * for the others.
 */
#ifndef VEREDUS_CONFIG_VALIDATE_SERVICE_H
#define VEREDUS_CONFIG_VALIDATE_SERVICE_H

#include <stdbool.h>

#include "base/error.h"

/* A list of base/user_list.h. */
bool validate_users(char **value, struct error *err);
/* A rule of config/sender_rule.h. */
bool validate_sender_login(char **value, struct error *err);
/* A number of octets, of at least one: 25m. */
bool validate_octets(char **value, struct error *err);
/* "maildir:" and a path that begins with "/" or "~/". */
bool validate_archive(char **value, struct error *err);

#endif
