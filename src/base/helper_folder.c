/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Defines the directory of the helper programs.  The file is compiled twice:
 * for the program in the build tree, and for the program to install.
 */
#include "base/helper_folder.h"

const char helper_folder[] = HELPER_FOLDER;
