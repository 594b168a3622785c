/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/host.h"
#include "base/idna.h"
#include "unit.h"

static void
returns_only_valid_host_names(void **state)
{
	char *host = host_short_name(), *fqdn = host_fqdn();
	char *mailname = host_mailname(), *either = host_fqdn_or_name();

	(void)state;
	assert_non_null(host);
	assert_null(strchr(host, '.'));
	assert_true(*host);
	assert_non_null(either);
	if (fqdn) {
		assert_string_equal(either, fqdn);
		assert_true(idna_is_host_name(fqdn));
		assert_non_null(strchr(fqdn, '.'));
		assert_null(strstr(fqdn, "localhost"));
	}
	if (mailname)
		assert_true(idna_is_host_name(mailname));
	free(host);
	free(fqdn);
	free(mailname);
	free(either);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_only_valid_host_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
