/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The resolver of the C library keeps its own time and cannot be interrupted,
 * so children ask, as in resolve.c: one for each question, which makes all of
 * them one wait.  Each sends what it got as one packet; the reading is done
 * here.
 */
#include "net/dns.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/idna.h"
#include "base/text.h"
#include "net/dns_parse.h"
#include "net/dns_query.h"
#include "net/transport.h"

#define DNS_SECONDS 30

/* How many children there may be at once. */
#define CHILDREN_MAX 32

/* One question on its way through its aliases. */
struct search {
	struct dns_question *question;
	char *name; /* to ask for now; NULL: the answer is complete */
	unsigned steps;
	bool secure; /* so far */
	pid_t child;
};

/* What a child sends, with the message behind it. */
struct packet {
	unsigned index;
	struct dns_outcome outcome;
	ssize_t len; /* of the message, or -1 */
	unsigned char message[DNS_MESSAGE_MAX];
};

#define PACKET_HEAD offsetof(struct packet, message)

/* Some questions that are asked at the same time. */
struct batch {
	const struct dns_params *params;
	struct search *items;
	size_t count;
	int64_t deadline;
	int fds[2];            /* ours, and that of the children */
	struct packet *packet; /* room for one */
};

/* The child dies with its parent, whatever that dies of. */
static void
run_child(struct batch *b, size_t i)
{
	const struct search *s = &b->items[i];
	struct packet *packet = b->packet;
	size_t size;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	packet->index = (unsigned)i;
	packet->len = dns_query(b->params, s->name, s->question->type,
	    b->deadline, packet->message, &packet->outcome);
	size = PACKET_HEAD + (packet->len > 0 ? (size_t)packet->len : 0);
	_exit(send(b->fds[1], packet, size, MSG_NOSIGNAL) == (ssize_t)size ? 0
									   : 1);
}

static bool
start_children(struct batch *b, struct error *err)
{
	for (size_t i = 0; i < b->count; i++) {
		pid_t child = fork();

		if (child == 0)
			run_child(b, i);
		if (child < 0)
			return error_set(err, ERROR_RESOLVE,
			    "cannot ask the name servers: %s", strerror(errno));
		b->items[i].child = child;
	}
	return true;
}

static void
end_children(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		pid_t child = b->items[i].child;

		if (child == 0)
			continue;
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			continue;
		b->items[i].child = 0;
	}
}

/* The search ends without an answer. */
static void
give_up(struct search *s, const char *why)
{
	dns_answer_free(&s->question->answer);
	s->question->answer.why = alloc_string(why);
	alloc_replace(&s->name, NULL);
}

static void
give_up_for(struct search *s, const struct dns_outcome *outcome)
{
	if (outcome->rcode > 0)
		give_up(s, dns_code_text(outcome->rcode));
	else if (outcome->number == ETIMEDOUT || outcome->number == 0)
		give_up(s, "no name server answered in time");
	else
		give_up(s, strerror(outcome->number));
}

/* The search goes on with the name that the last alias leads to. */
static void
go_on(struct search *s)
{
	struct dns_answer *answer = &s->question->answer;

	if (++s->steps > DNS_ALIASES_MAX) {
		give_up(s, "one alias leads to another without end");
	} else if (!idna_is_host_name(answer->name)) {
		give_up(s, "an alias leads to what is no host name");
	} else {
		alloc_replace(&s->name, answer->name);
		dns_answer_free(answer);
	}
}

static void
take_message(struct search *s, const struct packet *packet)
{
	struct dns_answer *answer = &s->question->answer;
	bool complete = dns_parse(packet->message, (size_t)packet->len, s->name,
	    s->question->type, answer);

	s->secure = s->secure && answer->secure && packet->outcome.trusted;
	if (!complete) {
		go_on(s);
		return;
	}
	answer->secure = s->secure;
	alloc_replace(&s->name, NULL);
}

/* 1: one more packet was read; 0: there will be no more. */
static int
read_packet(struct batch *b, struct error *err)
{
	const struct transport pair = { .fd_plus_1 = b->fds[0] + 1 };
	struct packet *packet = b->packet;
	struct search *s;
	short ready;
	ssize_t got;

	if (!transport_wait(&pair, POLLIN, b->deadline, &ready, err))
		return -1;
	got = recv(b->fds[0], packet, sizeof(*packet), 0);
	if (got < (ssize_t)PACKET_HEAD || packet->index >= b->count)
		return 0;
	s = &b->items[packet->index];
	if (packet->len < 0)
		give_up_for(s, &packet->outcome);
	else if ((size_t)packet->len == (size_t)got - PACKET_HEAD)
		take_message(s, packet);
	else
		return 0;
	return 1;
}

/* Whoever has not answered by the deadline has failed. */
static bool
collect_packets(struct batch *b, struct error *err)
{
	struct error why = { 0 };
	size_t left = b->count;
	int got = 1;

	while (left > 0 && got > 0) {
		got = read_packet(b, &why);
		left -= got > 0;
	}
	if (why.kind == ERROR_TIMEOUT)
		error_free(&why);
	if (!error_is_set(&why))
		return true;
	error_move(err, &why);
	return false;
}

/* Asks for the current names of the searches. */
static bool
run_batch(struct batch *b, struct error *err)
{
	bool ok;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b->fds) != 0)
		return error_set(err, ERROR_RESOLVE,
		    "cannot ask the name servers: %s", strerror(errno));
	ok = start_children(b, err);
	close(b->fds[1]);
	ok = ok && collect_packets(b, err);
	end_children(b);
	close(b->fds[0]);
	return ok;
}

/*
 * Searches whose child did not report in this batch are lost.  What did report
 * has no name left, or another one, which has been counted as a step.
 */
static bool
run_round(struct batch *b, unsigned step, struct error *err)
{
	bool late = clock_has_passed(b->deadline);

	if (!late && !run_batch(b, err))
		return false;
	for (size_t i = 0; i < b->count; i++) {
		struct search *s = &b->items[i];

		if (s->name != NULL && s->steps == step)
			give_up(s,
			    late || clock_has_passed(b->deadline)
				? "no name server answered in time"
				: "the system's resolver broke down");
	}
	return true;
}

/* Moves the searches that go on to the front; returns how many. */
static size_t
keep_open(struct search *items, size_t count)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		if (items[i].name != NULL)
			items[left++] = items[i];
	return left;
}

static bool
run_searches(struct batch *b, struct error *err)
{
	bool ok = true;

	for (unsigned step = 0; ok && b->count > 0; step++) {
		ok = run_round(b, step, err);
		if (ok)
			b->count = keep_open(b->items, b->count);
	}
	for (size_t i = 0; i < b->count; i++)
		alloc_replace(&b->items[i].name, NULL);
	return ok;
}

/* A name that no host can have is asked nobody (and is no other name). */
static void
start_search(struct search *s, struct dns_question *question)
{
	struct error why = { 0 };

	*s = (struct search){ .question = question, .secure = true };
	dns_answer_free(&question->answer);
	if (!idna_to_ascii(question->name, &s->name, &why))
		question->answer.why = alloc_string(why.text);
	error_free(&why);
}

static bool
ask_network(const struct dns_source *source, struct dns_questions *questions,
    int64_t deadline, struct error *err)
{
	const struct dns_params *params = source->ctx;
	unsigned seconds = params->timeout > 0 ? params->timeout : DNS_SECONDS;
	struct search searches[CHILDREN_MAX];
	struct batch b = { .params = params, .items = searches };
	bool ok = true;

	b.deadline = clock_earlier(deadline, clock_after_seconds(seconds));
	b.packet = alloc_zeroed(1, sizeof(*b.packet));
	for (size_t i = 0; ok && i < questions->count;) {
		for (b.count = 0;
		     b.count < CHILDREN_MAX && i < questions->count; i++)
			start_search(&searches[b.count++],
			    &questions->items[i]);
		b.count = keep_open(searches, b.count);
		ok = run_searches(&b, err);
	}
	free(b.packet);
	return ok;
}

void
dns_source_init(struct dns_source *source, const struct dns_params *params)
{
	*source = (struct dns_source){ .ask = ask_network, .ctx = params };
}

bool
dns_ask(const struct dns_source *source, struct dns_questions *questions,
    int64_t deadline, struct error *err)
{
	return questions->count == 0
	    || source->ask(source, questions, deadline, err);
}
