/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * close_range(2), also for C libraries that lack the function.
 */
#ifndef VEREDUS_BASE_CLOSE_RANGE_H
#define VEREDUS_BASE_CLOSE_RANGE_H

#include <config.h>
#include <unistd.h>

#ifndef HAVE_CLOSE_RANGE
int close_range(unsigned first, unsigned last, int flags);
#endif

#endif
