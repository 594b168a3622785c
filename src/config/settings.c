/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies settings as a whole, row by row of the option table.
 */
#include "config/settings.h"

#include <string.h>

#include "base/alloc.h"
#include "config/option.h"

void
settings_init(struct settings *s, const char *name)
{
	memset(s, 0, sizeof(*s));
	s->values.name = alloc_string(name);
	option_set_defaults(s);
}

void
settings_copy(struct settings *dst, const struct settings *src)
{
	account_copy(&dst->values, &src->values);
	memcpy(dst->set_here, src->set_here, sizeof(dst->set_here));
	dst->error_line = src->error_line;
}

void
settings_inherit(struct settings *s, const struct settings *parent)
{
	for (size_t i = 0; i < option_count; i++) {
		if (parent->set_here[i]) {
			option_copy(&s->values, &parent->values,
			    &option_rows[i]);
			s->set_here[i] = true;
		}
	}
	if (s->error_line == 0)
		s->error_line = parent->error_line;
}

void
settings_free(struct settings *s)
{
	account_free(&s->values);
	memset(s->set_here, 0, sizeof(s->set_here));
}
