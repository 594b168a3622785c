/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The resolver of the C library keeps its own time and cannot be interrupted,
 * so children ask, as in resolve.c: one for each question, which makes all of
 * them one wait.  Each sends what it got as one packet; the reading is done
 * here.
 */
#include "dns/dns.h"

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
#include "base/attr.h"
#include "base/clock.h"
#include "base/idna.h"
#include "base/text.h"
#include "dns/parse.h"
#include "dns/query.h"
#include "net/transport.h"

#define DNS_SECONDS 30

/* How many children there may be at once. */
#define CHILDREN_MAX 32

static const char silence[] = "no name server answered in time";

/* One question on its way through its aliases. */
struct search {
	struct dns_question *question;
	char *name; /* to ask for now; NULL: the answer is complete */
	unsigned steps;
	bool secure; /* so far */
};

/* What a child sends, with the message behind it. */
struct packet {
	struct dns_outcome outcome;
	ssize_t len; /* of the message, or -1 */
	unsigned char message[DNS_MESSAGE_MAX];
};

#define PACKET_HEAD offsetof(struct packet, message)

/* A child that asks for the name of a search. */
struct asker {
	struct search *search;
	pid_t child;
	int fd; /* on which it answers */
};

/* Questions that are asked at the same time: a slow one has one child busy,
 * and nobody waits for it before others are asked. */
struct pool {
	const struct dns_params *params;
	struct search *items;
	size_t count;
	size_t next; /* of those that nobody has asked for yet */
	struct asker askers[CHILDREN_MAX];
	size_t running;
	int64_t deadline;
	struct packet *packet; /* room for one */
};

/* The child dies with its parent, whatever that dies of. */
ATTR_NORETURN static void
run_child(const struct pool *p, const struct search *s, int fd)
{
	struct packet *packet = p->packet;
	size_t size;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	packet->len = dns_query(p->params, s->name, s->question->type,
	    p->deadline, packet->message, &packet->outcome);
	size = PACKET_HEAD + (packet->len > 0 ? (size_t)packet->len : 0);
	_exit(send(fd, packet, size, MSG_NOSIGNAL) == (ssize_t)size ? 0 : 1);
}

static bool
refuse_to_ask(int number, struct error *err)
{
	return error_set(err, ERROR_RESOLVE, "cannot ask the name servers: %s",
	    strerror(number));
}

static bool
start_child(const struct pool *p, struct asker *a, struct error *err)
{
	int fds[2], number;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return refuse_to_ask(errno, err);
	a->child = fork();
	number = errno;
	if (a->child == 0)
		run_child(p, a->search, fds[1]);
	close(fds[1]);
	a->fd = fds[0];
	if (a->child > 0)
		return true;
	close(fds[0]);
	return refuse_to_ask(number, err);
}

static void
end_child(const struct asker *a)
{
	kill(a->child, SIGKILL);
	while (waitpid(a->child, NULL, 0) < 0 && errno == EINTR)
		continue;
	close(a->fd);
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
		give_up(s, silence);
	else
		give_up(s, strerror(outcome->number));
}

/* The search goes on with the name that the last alias leads to. */
static void
start_data(struct search *s)
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
		start_data(s);
		return;
	}
	answer->secure = s->secure;
	alloc_replace(&s->name, NULL);
}

/* Without a packet, or with half of one, the child has died. */
static void
take_packet(struct search *s, const struct packet *packet, ssize_t got)
{
	if (got < (ssize_t)PACKET_HEAD)
		give_up(s, "the system's resolver broke down");
	else if (packet->len < 0)
		give_up_for(s, &packet->outcome);
	else if ((size_t)packet->len == (size_t)got - PACKET_HEAD)
		take_message(s, packet);
	else
		give_up(s, "the system's resolver broke down");
}

/* The answer of a child ends its search, or another one asks for an alias. */
static bool
read_child(struct pool *p, size_t i, struct error *err)
{
	struct asker *a = &p->askers[i];
	struct search *s = a->search;
	ssize_t got = recv(a->fd, p->packet, sizeof(*p->packet), 0);

	take_packet(s, p->packet, got);
	end_child(a);
	if (s->name != NULL && start_child(p, a, err))
		return true;
	*a = p->askers[--p->running];
	return s->name == NULL;
}

static bool
start_children(struct pool *p, struct error *err)
{
	for (; p->running < CHILDREN_MAX && p->next < p->count; p->next++) {
		struct asker *a = &p->askers[p->running];

		a->search = &p->items[p->next];
		if (a->search->name == NULL)
			continue;
		if (!start_child(p, a, err))
			return false;
		p->running++;
	}
	return true;
}

/* Backwards, because a child that is done leaves its place to the last. */
static bool
hear_children(struct pool *p, struct error *err)
{
	struct pollfd polled[CHILDREN_MAX];
	bool ok = true;

	for (size_t i = 0; i < p->running; i++)
		polled[i] =
		    (struct pollfd){ .fd = p->askers[i].fd, .events = POLLIN };
	if (!transport_poll(polled, p->running, p->deadline, err))
		return false;
	for (size_t i = p->running; ok && i-- > 0;)
		ok = polled[i].revents == 0 || read_child(p, i, err);
	return ok;
}

/* Whoever has not answered by the deadline has failed; after it nobody is
 * asked. */
static bool
run_queries(struct pool *p, struct error *err)
{
	bool ok = true, busy = true;

	while (ok && busy && !clock_has_passed(p->deadline)) {
		ok = start_children(p, err);
		busy = p->running > 0;
		if (ok && busy)
			ok = hear_children(p, err);
	}
	while (p->running > 0)
		end_child(&p->askers[--p->running]);
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].name != NULL)
			give_up(&p->items[i], silence);
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
	struct pool p = { .params = params, .count = questions->count };
	bool ok;

	p.deadline = clock_earlier(deadline, clock_after_seconds(seconds));
	p.packet = alloc_zeroed(1, sizeof(*p.packet));
	p.items = alloc_zeroed(p.count, sizeof(*p.items));
	for (size_t i = 0; i < p.count; i++)
		start_search(&p.items[i], &questions->items[i]);
	ok = run_queries(&p, err);
	free(p.items);
	free(p.packet);
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
