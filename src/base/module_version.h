/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The version of the program that a module was built for.
 */
#ifndef VEREDUS_BASE_MODULE_VERSION_H
#define VEREDUS_BASE_MODULE_VERSION_H

/* Each module exports this symbol; module_load() compares the versions. */
extern const char module_version[];

#endif
