/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "base/stage.h"

static void
has_a_name_and_a_group_for_every_stage(void **state)
{
	(void)state;
	for (int i = STAGE_NONE + 1; i < STAGES; i++) {
		enum smtp_stage group = stage_group((enum smtp_stage)i);

		assert_non_null(stage_name((enum smtp_stage)i));
		assert_int_not_equal(group, STAGE_NONE);
		assert_int_equal(stage_group(group), group);
	}
}

static void
groups_stages_that_users_see_as_one(void **state)
{
	(void)state;
	assert_int_equal(stage_group(STAGE_EHLO), STAGE_GREETING);
	assert_int_equal(stage_group(STAGE_DATA), STAGE_MAIL);
	assert_int_not_equal(stage_group(STAGE_BODY), STAGE_MAIL);
	assert_string_equal(stage_name(STAGE_GREETING), "greeting");
	assert_string_equal(stage_name(STAGE_EHLO), "EHLO");
	assert_string_equal(stage_name(STAGE_DATA), stage_name(STAGE_MAIL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_a_name_and_a_group_for_every_stage),
		cmocka_unit_test(groups_stages_that_users_see_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
