/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* SASL in a build without libgsasl. */
#include "auth/sasl.h"

struct backend sasl_backend = { .library = "libgsasl" };
