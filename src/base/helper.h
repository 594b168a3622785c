/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs of ours that run beside us, because they need a library that would
 * cost every message its start.  As modules they are found by an absolute path
 * that was decided when the program was built.
 */
#ifndef VEREDUS_BASE_HELPER_H
#define VEREDUS_BASE_HELPER_H

/* Where they are: helper_folder.c, built for the place of the program. */
extern const char helper_folder[];

#endif
