/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Defines the directory of the modules.  The file is compiled twice: for the
 * program in the build tree, and for the program to install.
 */
#include "base/module_folder.h"

const char module_folder[] = MODULE_FOLDER;
