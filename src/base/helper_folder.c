/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/helper.h"

/* One program is built for the tree, another one to be installed. */
const char helper_folder[] = HELPER_FOLDER;
