/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the modes, as the command line sees them. */
#include "config/mode.h"

#define BIT(mode) (1u << (mode))
#define EVERY (~0u)
/* With --service, other modes use the file of the service. */
#define OF_SERVICE BIT(MODE_SERVICE)

static const struct mode_row {
	const char *option;
	enum mode_operands operands;
	unsigned replaces; /* BIT() of the modes that it prevails over */
} modes[] = {
	[MODE_SEND] = { "-bm", OPERANDS_RECIPIENTS, 0 },
	[MODE_SERVE] = { "-bs", OPERANDS_RECIPIENTS, 0 },
	[MODE_SERVICE] = { "--service", OPERANDS_NONE, 0 },
	[MODE_CHECK] = { "--check", OPERANDS_RECIPIENTS,
	    BIT(MODE_SEND) | OF_SERVICE },
	/* Scripts call "mailq -q". */
	[MODE_PRINT_QUEUE] = { "-bp", OPERANDS_NONE,
	    BIT(MODE_RUN_QUEUE) | OF_SERVICE },
	[MODE_INIT_ALIASES] = { "-bi", OPERANDS_NONE, 0 },
	[MODE_HOST_STATUS] = { "-bh", OPERANDS_NONE, OF_SERVICE },
	[MODE_PURGE_STATUS] = { "-bH", OPERANDS_NONE, OF_SERVICE },
	[MODE_RUN_QUEUE] = { "-q", OPERANDS_NONE, OF_SERVICE },
	[MODE_QUEUE_SHOW] = { "--queue-show", OPERANDS_IDS, OF_SERVICE },
	[MODE_QUEUE_DELETE] = { "--queue-delete", OPERANDS_IDS, OF_SERVICE },
	[MODE_QUEUE_HOLD] = { "--queue-hold", OPERANDS_IDS, OF_SERVICE },
	[MODE_QUEUE_RELEASE] = { "--queue-release", OPERANDS_IDS, OF_SERVICE },
	[MODE_QUEUE_REQUEUE] = { "--queue-requeue", OPERANDS_IDS, OF_SERVICE },
	[MODE_QUEUE_RETURN] = { "--queue-return", OPERANDS_IDS, OF_SERVICE },
	[MODE_QUEUE_CHECK] = { "--queue-check", OPERANDS_LIMITS, OF_SERVICE },
	[MODE_LOGIN] = { "--login", OPERANDS_NONE, 0 },
	[MODE_LOGIN_STATUS] = { "--login-status", OPERANDS_LIMITS,
	    BIT(MODE_PROBE) },
	[MODE_LOGOUT] = { "--logout", OPERANDS_NONE, 0 },
	[MODE_VERIFY] = { "-bv", OPERANDS_RECIPIENTS, BIT(MODE_SEND) },
	[MODE_CONFIGURE] = { "--configure", OPERANDS_NONE, 0 },
	[MODE_EXPLAIN] = { "--explain", OPERANDS_RECIPIENTS,
	    BIT(MODE_SEND) | OF_SERVICE },
	[MODE_PRETEND] = { "--pretend", OPERANDS_RECIPIENTS,
	    BIT(MODE_SEND) | OF_SERVICE },
	[MODE_PRINT] = { "--print", OPERANDS_RECIPIENTS, BIT(MODE_SEND) },
	[MODE_PROBE] = { "--probe", OPERANDS_RECIPIENTS,
	    BIT(MODE_SEND) | OF_SERVICE },
	[MODE_SERVERINFO] = { "--serverinfo", OPERANDS_NONE, OF_SERVICE },
	[MODE_REMOTE_QUEUE] = { "--rmqs", OPERANDS_NONE, 0 },
	[MODE_LIST_OPTIONS] = { "--list-options", OPERANDS_NONE, 0 },
	[MODE_VERSION] = { "--version", OPERANDS_RECIPIENTS,
	    EVERY & ~BIT(MODE_HELP) },
	[MODE_HELP] = { "--help", OPERANDS_RECIPIENTS, EVERY },
};

const char *
mode_option(enum mode mode)
{
	return modes[mode].option;
}

enum mode_operands
mode_operands(enum mode mode)
{
	return modes[mode].operands;
}

bool
mode_prints_json(enum mode mode)
{
	return mode == MODE_PRINT_QUEUE || mode == MODE_HOST_STATUS
	    || mode == MODE_CHECK || mode == MODE_EXPLAIN || mode == MODE_PROBE;
}

bool
mode_sends(enum mode mode)
{
	return mode == MODE_SEND || mode == MODE_SERVE || mode == MODE_SERVICE
	    || mode == MODE_RUN_QUEUE;
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
