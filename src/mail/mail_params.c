/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Combines and releases parameters of MAIL, checks values, and says what is left
 * of their times. */
#include "mail/mail_params.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"

/* The largest by-time (RFC 2852 section 4). */
#define MAX_BY_TIME 999999999

static void
override(char **dst, const char *given)
{
	if (given != NULL)
		alloc_replace(dst, given);
}

void
mail_params_override(struct mail_params *dst, const struct mail_params *given)
{
	dst->require_tls |= given->require_tls;
	override(&dst->deliver_by, given->deliver_by);
	override(&dst->priority, given->priority);
	override(&dst->mail_auth, given->mail_auth);
	/* The two forms of a hold exclude each other. */
	if (given->hold_for == 0 && given->hold_until == NULL)
		return;
	dst->hold_for = given->hold_for;
	alloc_replace(&dst->hold_until, given->hold_until);
}

void
mail_params_free(struct mail_params *params)
{
	free(params->deliver_by);
	free(params->hold_until);
	free(params->priority);
	free(params->mail_auth);
	*params = (struct mail_params){ 0 };
}

/* In seconds; the clock may have been set back. */
static int64_t
time_waited(const struct mail_params *params)
{
	int64_t waited =
	    params->accepted == 0 ? 0 : clock_wall() - params->accepted;

	return waited > 0 ? waited / 1000 : 0;
}

static int64_t
limit_by_time(int64_t seconds)
{
	if (seconds < -MAX_BY_TIME)
		return -MAX_BY_TIME;
	return seconds > MAX_BY_TIME ? MAX_BY_TIME : seconds;
}

int64_t
mail_params_deliver_by(const struct mail_params *params)
{
	int64_t seconds = limit_by_time(strtoll(params->deliver_by, NULL, 10));

	return limit_by_time(seconds - time_waited(params));
}

unsigned
mail_params_hold_for(const struct mail_params *params)
{
	int64_t left = params->hold_for - time_waited(params);

	return left > 0 ? (unsigned)left : 0;
}

bool
mail_params_returns_late(const struct mail_params *params)
{
	return params->deliver_by != NULL
	    && strstr(params->deliver_by, ";R") != NULL;
}

bool
mail_params_is_late(const struct mail_params *params)
{
	return mail_params_returns_late(params)
	    && mail_params_deliver_by(params) <= 0;
}

/*
 *   by-value = by-time ";" by-mode [by-trace]
 *   by-time  = ["-" / "+"] 1*9DIGIT
 *   by-mode  = "N" / "R"
 *   by-trace = "T"                            (RFC 2852 section 4)
 */
bool
mail_params_is_by_mode(const char *text)
{
	return text[0] == ';' && (text[1] == 'N' || text[1] == 'R')
	    && (text[2] == '\0' || strcmp(text + 2, "T") == 0);
}

bool
mail_params_is_by_time(const char *value)
{
	const char *number = value + (*value == '-' || *value == '+');
	const char *digit = number + strspn(number, "0");

	return strstr(value, ";R") == NULL
	    || (*value != '-' && text_is_digit((unsigned char)*digit));
}

/* Whether the text begins with the form, in which a "d" stands for a digit. */
static bool
has_form(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++)
		if (*form == 'd' ? !text_is_digit((unsigned char)*text)
				 : *form != *text)
			return false;
	return true;
}

/*
 *   date-time      = full-date "T" full-time
 *   full-time      = partial-time time-offset
 *   time-offset    = "Z" / ( "+" / "-" ) time-hour ":" time-minute
 *                                   (RFC 4865 section 5, RFC 3339 section 5.6)
 */
bool
mail_params_is_date_time(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	const char *offset = text + strlen(form);

	if (!has_form(text, form))
		return false;
	if (*offset == '.')
		offset += 1 + strspn(offset + 1, "0123456789");
	return strcmp(offset, "Z") == 0
	    || ((*offset == '+' || *offset == '-')
		&& strlen(offset) == strlen("+dd:dd")
		&& has_form(offset + 1, "dd:dd"));
}

bool
mail_params_is_priority(const char *text)
{
	const char *digit = text + (*text == '-');

	return text_is_digit((unsigned char)*digit) && digit[1] == '\0';
}
