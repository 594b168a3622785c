/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Defines the directory of the data files.  The file is compiled twice: for the
 * program in the build tree, and for the program to install.
 */
#include "base/data_folder.h"

const char data_folder[] = DATA_FOLDER;
