/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* IDNA in a build without libidn2. */
#include "base/idna.h"

struct backend idna_backend = { .library = "libidn2" };
