/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies and releases answers. */
#include "dns/answer.h"

#include <stdlib.h>

#include "base/alloc.h"

static void
copy_record(struct dns_record *dst, const struct dns_record *src)
{
	*dst = *src;
	dst->name = alloc_string(src->name);
	dst->data = (struct str){ 0 };
	str_append(&dst->data, str_text(&src->data), src->data.len);
}

const char *
dns_answer_reason(const struct dns_answer *answer)
{
	return answer->why != NULL ? answer->why : "no answer";
}

void
dns_answer_copy(struct dns_answer *dst, const struct dns_answer *src)
{
	struct dns_answer copy = *src;

	copy.name = alloc_string(src->name);
	copy.why = alloc_string(src->why);
	copy.records = alloc_zeroed(src->count + 1, sizeof(*copy.records));
	for (size_t i = 0; i < src->count; i++)
		copy_record(&copy.records[i], &src->records[i]);
	dns_answer_free(dst);
	*dst = copy;
}

void
dns_answer_free(struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		free(answer->records[i].name);
		str_free(&answer->records[i].data);
	}
	free(answer->records);
	free(answer->name);
	free(answer->why);
	*answer = (struct dns_answer){ 0 };
}
