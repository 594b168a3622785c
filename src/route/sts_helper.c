/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the helper program that fetches a policy by HTTPS. */
#include "route/sts_helper.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/command.h"
#include "route/sts.h"

/* Milliseconds that the helper ends before this program stops waiting for it:
 * the error of the helper is more precise than a timeout. */
#define MARGIN 500

/* Seconds for the helper, at least one. */
static int
seconds_until(int64_t deadline)
{
	int64_t left = (deadline - clock_now() - MARGIN) / 1000;

	if (left > STS_FETCH_SECONDS)
		return STS_FETCH_SECONDS;
	return left < 1 ? 1 : (int)left;
}

bool
sts_helper_fetch(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err)
{
	const struct sts_helper *helper = ctx;
	struct strv argv = { 0 };
	bool ok;

	strv_add(&argv, helper->program);
	strv_take(&argv, alloc_printf("--timeout=%d", seconds_until(deadline)));
	if (helper->server != NULL)
		strv_take(&argv,
		    alloc_printf("--connect-to=%s", helper->server));
	if (helper->trust_file != NULL)
		strv_take(&argv,
		    alloc_printf("--ca-file=%s", helper->trust_file));
	strv_add(&argv, domain);
	ok = command_read_output(argv.items, STS_TEXT_MAX, deadline, policy,
	    err);
	strv_free(&argv);
	return ok;
}
