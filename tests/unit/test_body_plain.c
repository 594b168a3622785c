/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of body.c without vector instructions. */
#include "../../src/client/wide_none.c"
#include "test_body.c"
