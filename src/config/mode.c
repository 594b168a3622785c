/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the modes, as the command line sees them. */
#include "config/mode.h"

#define BIT(mode) (1u << (mode))
#define EVERY (~0u)

static const struct mode_row {
	const char *option;
	bool recipients;
	unsigned replaces; /* BIT() of the modes that it prevails over */
} modes[] = {
	[MODE_SEND] = { "-bm", true, 0 },
	[MODE_SERVE] = { "-bs", true, 0 },
	/* Scripts call "mailq -q". */
	[MODE_PRINT_QUEUE] = { "-bp", false, BIT(MODE_RUN_QUEUE) },
	[MODE_INIT_ALIASES] = { "-bi", false, 0 },
	[MODE_HOST_STATUS] = { "-bh", false, 0 },
	[MODE_RUN_QUEUE] = { "-q", false, 0 },
	[MODE_VERIFY] = { "-bv", true, BIT(MODE_SEND) },
	[MODE_CONFIGURE] = { "--configure", false, 0 },
	[MODE_EXPLAIN] = { "--explain", true, BIT(MODE_SEND) },
	[MODE_PRETEND] = { "--pretend", true, BIT(MODE_SEND) },
	[MODE_PROBE] = { "--probe", true, BIT(MODE_SEND) },
	[MODE_SERVERINFO] = { "--serverinfo", false, 0 },
	[MODE_REMOTE_QUEUE] = { "--rmqs", false, 0 },
	[MODE_LIST_OPTIONS] = { "--list-options", false, 0 },
	[MODE_VERSION] = { "--version", true, EVERY & ~BIT(MODE_HELP) },
	[MODE_HELP] = { "--help", true, EVERY },
};

const char *
mode_option(enum mode mode)
{
	return modes[mode].option;
}

bool
mode_takes_recipients(enum mode mode)
{
	return modes[mode].recipients;
}

bool
mode_combine(enum mode *mode, enum mode other)
{
	if (*mode == other || (modes[*mode].replaces & BIT(other)) != 0)
		return true;
	if ((modes[other].replaces & BIT(*mode)) == 0)
		return false;
	*mode = other;
	return true;
}
