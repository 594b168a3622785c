/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory of the loadable modules.
 */
#ifndef VEREDUS_BASE_MODULE_FOLDER_H
#define VEREDUS_BASE_MODULE_FOLDER_H

/* An absolute path, fixed at build time (PKGLIBDIR when installed). */
extern const char module_folder[];

#endif
