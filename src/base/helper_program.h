/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The helper programs by their names; a build may lack some of them.
 */
#ifndef VEREDUS_BASE_HELPER_PROGRAM_H
#define VEREDUS_BASE_HELPER_PROGRAM_H

#include <stdbool.h>

/* The path of the program, which the caller frees. */
char *helper_program(const char *name);
bool helper_is_installed(const char *name);

#endif
