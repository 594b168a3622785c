/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory of the helper programs: programs of this package that run as
 * child processes, so that a message loads their libraries only if it needs
 * them.
 */
#ifndef VEREDUS_BASE_HELPER_FOLDER_H
#define VEREDUS_BASE_HELPER_FOLDER_H

/* An absolute path, fixed at build time (PKGLIBEXECDIR when installed). */
extern const char helper_folder[];

#endif
