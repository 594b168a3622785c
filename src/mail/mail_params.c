/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Combines and releases parameters of MAIL, checks values, and says what is left
 * of their times. */
#include "mail/mail_params.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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
mail_params_hold_is_over(const struct mail_params *params)
{
	time_t now = (time_t)(clock_wall() / 1000);
	struct tm parts;
	char text[sizeof("2026-12-24T18:00:00Z")];

	return params->hold_until != NULL && gmtime_r(&now, &parts) != NULL
	    && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) > 0
	    && strcmp(params->hold_until, text) <= 0;
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

static bool
is_leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool
is_date(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return month >= 1 && month <= 12 && day >= 1
	    && day <= days[month - 1] + (month == 2 && is_leap_year(year));
}

/* The number of two digits at the start of the text. */
static int
two_digits(const char *text)
{
	return (text[0] - '0') * 10 + (text[1] - '0');
}

/* A leap second is the second 60 (RFC 3339 section 5.7). */
static bool
is_possible(const char *text)
{
	int year = two_digits(text) * 100 + two_digits(text + 2);

	return is_date(year, two_digits(text + strlen("dddd-")),
		   two_digits(text + strlen("dddd-dd-")))
	    && two_digits(text + strlen("dddd-dd-ddT")) <= 23
	    && two_digits(text + strlen("dddd-dd-ddTdd:")) <= 59
	    && two_digits(text + strlen("dddd-dd-ddTdd:dd:")) <= 60;
}

static bool
is_offset(const char *text)
{
	return (*text == '+' || *text == '-')
	    && strlen(text) == strlen("+dd:dd") && has_form(text + 1, "dd:dd")
	    && two_digits(text + 1) <= 23
	    && two_digits(text + strlen("+dd:")) <= 59;
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

	if (!has_form(text, form) || !is_possible(text))
		return false;
	if (*offset == '.')
		offset += 1 + strspn(offset + 1, "0123456789");
	return strcmp(offset, "Z") == 0 || is_offset(offset);
}

bool
mail_params_is_priority(const char *text)
{
	const char *digit = text + (*text == '-');

	return text_is_digit((unsigned char)*digit) && digit[1] == '\0';
}
