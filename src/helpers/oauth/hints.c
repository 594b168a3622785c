/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* One table from the numbers of Microsoft ("AADSTS700082: ...") to advice, and the
 * hint for Google. */
#include "helpers/oauth/hints.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"

#define PREFIX "AADSTS"
#define NUMBERS_MAX 6 /* of one hint */

#define ANY_FLOW OAUTH_FLOWS

/* The first row that fits counts. */
static const struct {
	unsigned long numbers[NUMBERS_MAX];
	enum oauth_flow flow; /* of the login, or ANY_FLOW */
	const char *hint;
} hints[] = {
	{ { 700082, 70008 }, ANY_FLOW,
	    "the token was not used for too long: a monthly run of veredus "
	    "--login-status --probe keeps it" },
	{ { 50173, 70000 }, ANY_FLOW,
	    "the password was changed, or the access was revoked" },
	{ { 50076, 50079, 50078, 50158 }, ANY_FLOW,
	    "a second factor is wanted: log in again" },
	{ { 70043 }, ANY_FLOW,
	    "the tenant limits how long a login lasts (sign-in frequency): an "
	    "administrator can change that" },
	{ { 53003, 53000, 530032, 530035 }, OAUTH_DEVICE,
	    "a conditional access policy forbids it: use "
	    "--oauth-flow=browser" },
	{ { 53003, 53000, 530032, 530035 }, ANY_FLOW,
	    "a conditional access policy of the tenant forbids it: ask an "
	    "administrator" },
	{ { 65001, 90094, 90095 }, ANY_FLOW,
	    "the consent, perhaps of an administrator, is missing" },
	{ { 700016, 90002, 50194, 9002332, 90072, 50020 }, ANY_FLOW,
	    "oauth_tenant or oauth_client_id is wrong for this account" },
	{ { 7000218 }, ANY_FLOW,
	    "switch on \"Allow public client flows\" for the app, or set "
	    "oauth_client_secret" },
	{ { 700025 }, ANY_FLOW,
	    "the client is public: remove oauth_client_secret" },
	{ { 7000215 }, ANY_FLOW,
	    "the secret is wrong: set its value, not its ID" },
	{ { 7000222 }, ANY_FLOW, "the client secret has expired" },
	{ { 70011, 28002 }, ANY_FLOW, "oauth_scope is wrong" },
	{ { 50011 }, ANY_FLOW,
	    "register http://localhost as a redirect URI of the app" },
	{ { 9001023 }, ANY_FLOW,
	    "set oauth_tenant to the tenant, not to common" },
	{ { 90024, 90033, 50196 }, ANY_FLOW, "try again later" },
};

static bool
has_number(const unsigned long numbers[NUMBERS_MAX], unsigned long number)
{
	for (size_t i = 0; i < NUMBERS_MAX && numbers[i] != 0; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static const char *
find_number(unsigned long number, enum oauth_flow flow)
{
	for (size_t i = 0; i < COUNT_OF(hints); i++)
		if (has_number(hints[i].numbers, number)
		    && (hints[i].flow == ANY_FLOW || hints[i].flow == flow))
			return hints[i].hint;
	return NULL;
}

/* The hint for the first number in the text that has one. */
static const char *
find_in_text(const char *text, enum oauth_flow flow)
{
	while ((text = strstr(text, PREFIX)) != NULL) {
		const char *hint;

		text += sizeof(PREFIX) - 1;
		hint = text_is_digit((unsigned char)*text)
		    ? find_number(strtoul(text, NULL, 10), flow)
		    : NULL;
		if (hint != NULL)
			return hint;
	}
	return NULL;
}

const char *
hints_find(const struct answer *a, const struct oauth_params *p)
{
	if (a->error == NULL)
		return NULL;
	if (text_equal(p->provider, "google") && p->grant == OAUTH_CODE
	    && strcmp(a->error, "invalid_grant") == 0)
		return "if the login was 7 days ago, the app is in Testing: "
		       "publish it";
	return a->description != NULL ? find_in_text(a->description, p->flow)
				      : NULL;
}
