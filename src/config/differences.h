/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The intended differences from msmtp 1.8: settings and options that both
 * programs have, but which veredus treats in another way.  veredus.conf(5) has
 * the same table, which tests/checks/msmtp_documented compares with this one.
 */
#ifndef VEREDUS_CONFIG_DIFFERENCES_H
#define VEREDUS_CONFIG_DIFFERENCES_H

#include "base/strv.h"
#include "config/account.h"
#include "config/cmdline.h"

/* How the program finds out that a difference applies. */
enum difference_kind {
	DIFFERS_IF_USED,     /* the setting or the option is used */
	DIFFERS_IF_EMPTY,    /* the setting has no argument */
	DIFFERS_IF_BARE,     /* it has no argument, or "on" */
	DIFFERS_IF_REPEATED, /* there are several values */
	DIFFERS_IF_FOUND,    /* applies() finds it */
	/* The file is one of msmtp, and applies(), unless it is NULL, finds that
	 * it leaves something to a default or that an option is used which all
	 * callers of sendmail use. */
	DIFFERS_BY_DEFAULT,
	DIFFERS_TOLD /* it has an error or a note of its own */
};

struct difference {
	const char *name; /* of a setting, "-X" for an option, or a subject */
	const char *when; /* in a few words; "" means always */
	const char *msmtp;
	const char *veredus;
	enum difference_kind kind;
	bool (*applies)(const struct account *a, const struct cmdline *cmdline);
};

extern const struct difference differences[];
extern const size_t difference_count;

/*
 * Appends a line for each difference that applies to the settings, before
 * account_resolve(), and to the command line: "FILE:LINE: host, repeated: ...".
 */
void differences_add(const struct account *settings,
    const struct cmdline *cmdline, struct strv *out);

#endif
