/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory of the files that come with the program and that it reads.
 */
#ifndef VEREDUS_BASE_DATA_FOLDER_H
#define VEREDUS_BASE_DATA_FOLDER_H

/* An absolute path, fixed at build time (PKGDATADIR when installed). */
extern const char data_folder[];

#endif
