/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks name servers, one child process for each question: the resolver
 * (resolver.h) blocks and cannot be interrupted, but a child can be killed.
 * Children send raw responses, which are parsed here.
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
#include "base/process.h"
#include "base/str.h"
#include "dns/parse.h"
#include "dns/resolver.h"
#include "net/transport.h"

#define DNS_SECONDS 30

/* The highest number of children at the same time. */
#define CHILDREN_MAX 32

static const char timed_out[] = "no name server responded in time";
static const char child_failed[] = "the system resolver failed";

/* A question while its aliases are followed. */
struct search {
	struct dns_question *question;
	char *name; /* to query next; NULL: the answer is complete */
	unsigned aliases;
	bool secure; /* all responses so far were */
};

/* What a child sends; only `len` octets of the message are sent. */
struct packet {
	struct resolver_outcome outcome;
	ssize_t len; /* of the message, or -1 */
	unsigned char message[DNS_MESSAGE_MAX];
};

#define PACKET_HEAD offsetof(struct packet, message)

struct child {
	struct search *search;
	pid_t pid;
	int fd; /* receives the packet */
};

/* All searches, and a child for each one that is being queried. */
struct pool {
	const struct dns_params *params;
	struct search *items;
	size_t count;
	size_t next; /* the first item that has had no child yet */
	struct child children[CHILDREN_MAX];
	size_t running;
	int64_t deadline;
	struct packet *packet; /* buffer for one */
};

ATTR_NORETURN static void
run_child(const struct pool *p, const struct search *s, int fd)
{
	struct packet *packet = p->packet;
	size_t size;

	/* The child must not outlive this process. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	packet->len = resolver_query(p->params, s->name, s->question->type,
	    p->deadline, packet->message, &packet->outcome);
	size = PACKET_HEAD + (packet->len > 0 ? (size_t)packet->len : 0);
	_exit(send(fd, packet, size, MSG_NOSIGNAL) == (ssize_t)size ? 0 : 1);
}

static bool
cannot_query(int number, struct error *err)
{
	return error_set(err, ERROR_RESOLVE,
	    "cannot query the name servers: %s", strerror(number));
}

static bool
start_child(const struct pool *p, struct child *c, struct error *err)
{
	int fds[2], number;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return cannot_query(errno, err);
	c->pid = fork();
	number = errno;
	if (c->pid == 0)
		run_child(p, c->search, fds[1]);
	close(fds[1]);
	c->fd = fds[0];
	if (c->pid > 0)
		return true;
	close(fds[0]);
	return cannot_query(number, err);
}

static void
end_child(const struct child *c)
{
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	close(c->fd);
}

static void
fail_search(struct search *s, const char *why)
{
	dns_answer_free(&s->question->answer);
	s->question->answer.why = alloc_string(why);
	alloc_replace(&s->name, NULL);
}

static void
fail_by_outcome(struct search *s, const struct resolver_outcome *outcome)
{
	if (outcome->rcode > 0)
		fail_search(s, dns_code_text(outcome->rcode));
	else if (outcome->number == ETIMEDOUT || outcome->number == 0)
		fail_search(s, timed_out);
	else
		fail_search(s, strerror(outcome->number));
}

/* Continues the search with the target of the last alias. */
static void
follow_alias(struct search *s)
{
	struct dns_answer *answer = &s->question->answer;

	if (++s->aliases > DNS_ALIASES_MAX) {
		fail_search(s, dns_too_many_aliases);
	} else if (!idna_is_host_name(answer->name)) {
		fail_search(s, "the target of an alias is not a host name");
	} else {
		alloc_replace(&s->name, answer->name);
		dns_answer_free(answer);
	}
}

static void
parse_message(struct search *s, const struct packet *packet)
{
	struct dns_answer *answer = &s->question->answer;
	bool complete = dns_parse(packet->message, (size_t)packet->len, s->name,
	    s->question->type, answer);

	s->secure = s->secure && answer->secure && packet->outcome.trusted;
	if (!complete) {
		follow_alias(s);
		return;
	}
	answer->secure = s->secure;
	alloc_replace(&s->name, NULL);
}

/* A packet that is missing or incomplete means that the child has died. */
static void
parse_packet(struct search *s, const struct packet *packet, ssize_t got)
{
	if (got < (ssize_t)PACKET_HEAD)
		fail_search(s, child_failed);
	else if (packet->len < 0)
		fail_by_outcome(s, &packet->outcome);
	else if ((size_t)packet->len == (size_t)got - PACKET_HEAD)
		parse_message(s, packet);
	else
		fail_search(s, child_failed);
}

/* Ends a child whose packet has arrived; an alias needs another child. */
static bool
read_child(struct pool *p, size_t i, struct error *err)
{
	struct child *c = &p->children[i];
	struct search *s = c->search;
	ssize_t got = recv(c->fd, p->packet, sizeof(*p->packet), 0);

	parse_packet(s, p->packet, got);
	end_child(c);
	if (s->name != NULL && start_child(p, c, err))
		return true;
	*c = p->children[--p->running];
	return s->name == NULL;
}

static bool
start_children(struct pool *p, struct error *err)
{
	for (; p->running < CHILDREN_MAX && p->next < p->count; p->next++) {
		struct child *c = &p->children[p->running];

		c->search = &p->items[p->next];
		if (c->search->name == NULL)
			continue;
		if (!start_child(p, c, err))
			return false;
		p->running++;
	}
	return true;
}

/* Backwards, because the last child replaces one that has ended. */
static bool
read_children(struct pool *p, struct error *err)
{
	struct pollfd polled[CHILDREN_MAX];
	bool ok;

	for (size_t i = 0; i < p->running; i++)
		polled[i] = (struct pollfd){ .fd = p->children[i].fd,
			.events = POLLIN };
	process_await_helper(true, 0);
	ok = transport_poll(polled, p->running, p->deadline, err);
	process_await_helper(false, 0);
	for (size_t i = p->running; ok && i-- > 0;)
		ok = polled[i].revents == 0 || read_child(p, i, err);
	return ok;
}

/* Searches that are not complete at the deadline fail. */
static bool
run_queries(struct pool *p, struct error *err)
{
	bool ok = true, busy = true;

	while (ok && busy && !clock_has_passed(p->deadline)) {
		ok = start_children(p, err);
		busy = p->running > 0;
		if (ok && busy)
			ok = read_children(p, err);
	}
	while (p->running > 0)
		end_child(&p->children[--p->running]);
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].name != NULL)
			fail_search(&p->items[i], timed_out);
	return ok;
}

/* A name that is not a host name fails without a query. */
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

bool
dns_trusts_ad(const struct dns_params *params, struct str *why)
{
	const char *trust = resolver_trust(params);

	if (why != NULL)
		str_add(why,
		    trust != NULL
			? trust
			: "the name servers are not on this host, and "
			  "neither resolv.conf (trust-ad) nor "
			  "dns_trust_ad says that they are trusted");
	return trust != NULL;
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

size_t
dns_questions_add(struct dns_questions *q, enum dns_type type,
    const char *format, ...)
{
	struct str name = { 0 };
	va_list args;

	q->items = alloc_grow(q->items, q->count, &q->size, sizeof(*q->items));
	va_start(args, format);
	str_vprintf(&name, format, args);
	va_end(args);
	q->items[q->count] =
	    (struct dns_question){ .name = str_steal(&name), .type = type };
	return q->count++;
}

const struct dns_answer *
dns_questions_answer(const struct dns_questions *q, size_t index)
{
	return index != DNS_NOT_ASKED ? &q->items[index].answer : NULL;
}

void
dns_questions_free(struct dns_questions *q)
{
	for (size_t i = 0; i < q->count; i++) {
		free(q->items[i].name);
		dns_answer_free(&q->items[i].answer);
	}
	free(q->items);
	*q = (struct dns_questions){ 0 };
}
