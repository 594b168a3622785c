/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* SASL in a build that is linked with libgsasl. */
#include "auth/sasl.h"

struct backend sasl_backend = { "libgsasl", .table = &sasl_gsasl_library };
