/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * renameat2(2), also for C libraries that lack the function.
 */
#ifndef VEREDUS_BASE_RENAMEAT2_H
#define VEREDUS_BASE_RENAMEAT2_H

#include <config.h>
#include <linux/fs.h>
#include <stdio.h>

#ifndef HAVE_RENAMEAT2
int renameat2(int old_folder, const char *old_name, int new_folder,
    const char *new_name, unsigned flags);
#endif

#endif
