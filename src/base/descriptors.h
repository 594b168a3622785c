/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The open descriptors of this process.
 */
#ifndef VEREDUS_BASE_DESCRIPTORS_H
#define VEREDUS_BASE_DESCRIPTORS_H

#include <stdbool.h>

/* Whether the descriptor is closed when another program runs.  Those of the
 * caller are not; all of this program are. */
bool descriptor_is_own(int fd);

/* Closes the descriptors from 3 on for which keeps() is false.  NULL closes all,
 * for a child that runs another program, and is async-signal-safe. */
void descriptors_close(bool (*keeps)(int fd));

#endif
