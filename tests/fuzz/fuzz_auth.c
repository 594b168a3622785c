/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AUTH (client/login.h, auth/mechanism.h, auth/simple.h, auth/sasl.h).  Input:
 * a line with the setting, a blank and letters (those of wire.h; "u": no TLS,
 * "v": the server is not verified); a line with the offered mechanisms; and
 * what the server sends.  A line "+text" is a challenge: "334 " and the text in
 * base64.  In it, $L is the client's last line, $D the same decoded, $N the
 * nonce in it.
 *
 *   - The secret is sent only in base64, with a mechanism that reveals it, and
 *     in a safe session.  Neither the secret nor half of it is ever in the
 *     trace or in an error, plain or in base64, whatever the server echoes.
 *   - Every line of the client is a command or a base64 response within RFC
 *     4954, or the "*" that cancels the exchange.  There are at most 21 lines,
 *     and each after the first is sent after a 334.
 *   - AUTH succeeds if and only if the last reply is 235, and never with a
 *     mechanism that authenticates the server: the server here does not know
 *     the secret.
 */
#include "base/alloc.h"
#include "base/base64.h"
#include "client/login.h"
#include "client/session.h"
#include "fake_tls.h"
#include "wire.h"

#define LINES_MAX 22

/* Used as a password and as a token. */
static const char secret[] = "Tr0ub4dor-and-3-more";
static const char half[] = "Tr0ub4dor-";
static const char user[] = "alice";

/* The server's script */

/* Returns the client's last line, without its line end. */
static struct input
last_line(const struct wire *w)
{
	struct input in = { str_text(&w->sent), w->sent.len }, line = in;

	while (in.left > 0)
		line = input_split(&in, '\n');
	if (line.left > 0 && line.at[line.left - 1] == '\r')
		line.left--;
	return line;
}

/* Decodes the last word of that line. */
static void
decode_last(const struct wire *w, struct str *out)
{
	struct input line = last_line(w);
	const char *blank = memrchr(line.at, ' ', line.left);

	if (blank != NULL) {
		line.left -= (size_t)(blank + 1 - line.at);
		line.at = blank + 1;
	}
	base64_decode(out, line.at, line.left);
}

/* Appends the SCRAM nonce: "r=" up to the next comma. */
static void
add_nonce(const struct wire *w, struct str *out)
{
	struct str decoded = { 0 };
	const char *nonce;

	decode_last(w, &decoded);
	nonce = strstr(str_text(&decoded), ",r=");
	if (nonce != NULL)
		str_append(out, nonce + 3, strcspn(nonce + 3, ","));
	str_free(&decoded);
}

static void
expand(const struct wire *w, const struct input *line, struct str *out)
{
	struct input last = last_line(w);

	for (size_t i = 0; i < line->left; i++) {
		char next = i + 1 < line->left ? line->at[i + 1] : '\0';

		if (line->at[i] != '$' || next == '\0'
		    || strchr("LDN", next) == NULL) {
			str_add_char(out, line->at[i]);
			continue;
		}
		if (next == 'L')
			str_append(out, last.at, last.left);
		else if (next == 'D')
			decode_last(w, out);
		else
			add_nonce(w, out);
		i++;
	}
}

static void
rewrite(struct wire *w, struct str *part)
{
	struct input in = { str_text(part), part->len };
	struct str changed = { 0 };

	while (in.left > 0) {
		bool ended = input_has(&in, '\n');
		struct input line = input_split(&in, '\n');
		bool challenge = line.left > 0 && line.at[0] == '+';
		struct str text = { 0 };

		if (challenge)
			line = (struct input){ line.at + 1, line.left - 1 };
		expand(w, &line, &text);
		if (challenge) {
			str_add(&changed, "334 ");
			base64_encode(&changed, str_text(&text), text.len);
		} else {
			str_append(&changed, str_text(&text), text.len);
		}
		if (ended)
			str_add_char(&changed, '\n');
		str_free(&text);
	}
	str_free(part);
	*part = changed;
}

/* Output */

/*
 * Returns a form in which half of the secret may appear: plain, and as base64
 * after 0, 1 or 2 other octets.  NULL after the last form.
 */
static char *
secret_form(size_t number)
{
	static const size_t shared[] = { 0, 2, 3 };
	struct str plain = { 0 }, encoded = { 0 };

	if (number == 0)
		return alloc_string(half);
	if (number > COUNT_OF(shared))
		return NULL;
	str_append(&plain, "\0\0", number - 1);
	str_add(&plain, half);
	base64_encode(&encoded, plain.data, plain.len);
	str_truncate(&encoded, plain.len * 4 / 3);
	str_consume(&encoded, shared[number - 1]);
	str_free(&plain);
	return str_steal(&encoded);
}

static bool
shows_secret(const char *text)
{
	bool shows = false;
	char *form;

	for (size_t i = 0; !shows && (form = secret_form(i)) != NULL; i++) {
		shows = strstr(text, form) != NULL;
		free(form);
	}
	return shows;
}

/*
 * The fuzzer learns the secret from the comparisons.  Skip inputs in which the
 * server already sends a part of it.
 */
static bool
contains_secret(const struct input *in)
{
	const size_t piece = 5;
	bool knows = false;
	char *form;

	for (size_t i = 0; !knows && (form = secret_form(i)) != NULL; i++) {
		for (const char *p = form; strlen(p) >= piece; p++)
			knows |= memmem(in->at, in->left, p, piece) != NULL;
		free(form);
	}
	return knows;
}

static void
check_trace(void *ctx, enum stream_direction direction, const char *line)
{
	(void)ctx;
	(void)direction;
	fuzz_check_shown(line);
	fuzz_assert_text(!shows_secret(line), line);
}

static void
check_error(const struct error *err)
{
	const char *const texts[] = { err->text, err->said, err->command };

	fuzz_check_error(err);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		fuzz_assert_text(texts[i] == NULL || !shows_secret(texts[i]),
		    texts[i]);
}

/* What the client sends */

static bool
reveals_secret(const char *mechanism)
{
	static const char *const names[] = { "PLAIN", "LOGIN", "XOAUTH2",
		"OAUTHBEARER" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i], mechanism) == 0)
			return true;
	return false;
}

static void
check_response(const struct input *line, bool may_show)
{
	struct str decoded = { 0 };

	fuzz_assert(line->left <= 12286);
	fuzz_assert(base64_decode(&decoded, line->at, line->left));
	fuzz_assert(may_show || !fuzz_contains(&decoded, half));
	str_free(&decoded);
}

/* "AUTH" SP mechanism [SP response]; returns the mechanism. */
static char *
check_command(struct input line, bool safe)
{
	struct input verb = input_split(&line, ' ');
	struct input name = input_split(&line, ' ');
	char *mechanism = input_text(&name);

	fuzz_assert(verb.left == 4 && memcmp(verb.at, "AUTH", 4) == 0);
	fuzz_assert(mechanism[0] != '\0');
	fuzz_assert(verb.left + name.left + line.left + 2 <= 510);
	fuzz_assert(safe || !reveals_secret(mechanism));
	if (line.left > 0 && !(line.left == 1 && *line.at == '='))
		check_response(&line, safe && reveals_secret(mechanism));
	return mechanism;
}

/* A complete 334, and nothing else, had arrived when the line was sent. */
static size_t
check_challenge(const struct wire *w, size_t sent, size_t received)
{
	struct wire_reply reply = wire_read_reply(&w->received, received);

	fuzz_assert(reply.code == 334);
	fuzz_assert(wire_received_before(w, sent) >= reply.end);
	/* During a deferred write the server may send more. */
	if (!w->defer_writes)
		fuzz_assert(wire_received_before(w, sent) == reply.end);
	return reply.end;
}

/* Checks the client's lines; returns the mechanism, NULL if there is none. */
static char *
check_client_lines(const struct wire *w, bool safe, struct wire_reply *last)
{
	struct input in = { str_text(&w->sent), w->sent.len };
	char *mechanism = NULL;
	size_t lines = 0, received = 0;

	fuzz_assert(!fuzz_contains(&w->sent, half));
	for (; in.left > 0; lines++) {
		size_t start = w->sent.len - in.left;
		struct input line;

		fuzz_assert(lines < LINES_MAX);
		/* After a failed write the last line may be incomplete. */
		if (!input_has(&in, '\n'))
			break;
		line = input_split(&in, '\n');
		fuzz_assert(line.left > 0 && line.at[--line.left] == '\r');
		fuzz_assert(memchr(line.at, '\r', line.left) == NULL);
		if (lines == 0) {
			mechanism = check_command(line, safe);
			continue;
		}
		received = check_challenge(w, start, received);
		if (line.left == 1 && *line.at == '*')
			fuzz_assert(in.left == 0);
		else
			check_response(&line,
			    safe && reveals_secret(mechanism));
	}
	*last = wire_read_reply(&w->received, received);
	return mechanism;
}

static bool
authenticates_server(const char *mechanism)
{
	return strncmp(mechanism, "SCRAM", 5) == 0
	    || strcmp(mechanism, "DIGEST-MD5") == 0;
}

static void
check_login(const struct session *s, const struct wire *w, bool ok, bool safe)
{
	struct wire_reply last = { 0 };
	char *mechanism = check_client_lines(w, safe, &last);

	if (ok) {
		fuzz_assert(mechanism != NULL && last.code == 235);
		fuzz_assert(!authenticates_server(mechanism));
		fuzz_assert(strcmp(mechanism, s->mechanism) == 0);
	} else {
		fuzz_assert(s->mechanism == NULL);
	}
	free(mechanism);
}

/* Kerberos uses the network, and high iteration counts are slow. */
static bool
is_unsuitable(const struct input *setting, const struct input *script)
{
	const char *end = script->at + script->left, *p = script->at;

	if (setting->left > 2 && strncasecmp(setting->at, "gs", 2) == 0)
		return true;
	while ((p = memmem(p, (size_t)(end - p), "i=", 2)) != NULL) {
		size_t digits = 0;

		for (p += 2; p < end && *p >= '0' && *p <= '9'; p++)
			digits++;
		if (digits > 4)
			return true;
	}
	return false;
}

static void
prepare(struct session *s, const struct session_params *params,
    struct input offer, bool encrypted)
{
	s->params = params;
	s->host = alloc_string("mx.example.org");
	s->state = SESSION_GREETED;
	s->encrypted = encrypted;
	s->stream.deadline = 1;
	s->stream.trace = check_trace;
	str_add(&s->connection.address, "192.0.2.1:587");
	s->capabilities.set = CAP_AUTH;
	while (offer.left > 0) {
		struct input word = input_split(&offer, ' ');
		char *name = input_text(&word);

		strv_take(&s->capabilities.mechanisms, name);
	}
}

static void
fuzz_one(const char *data, size_t size)
{
	const struct input all = { data, size };
	struct input in = all, letters = input_split(&in, '\n');
	struct input setting = input_split(&letters, ' ');
	struct input offer = input_split(&in, '\n');
	bool encrypted = !input_has(&letters, 'u'), ok;
	struct session_params session_params = { .timeout = 1 };
	struct auth_params params = { .has_certificate = true };
	struct session s = { 0 };
	struct wire w = { .rewrite = rewrite };
	struct error err = { 0 };

	if (is_unsuitable(&setting, &in) || contains_secret(&all))
		return;
	fake_tls.binding = "0123456789abcdef0123456789abcdef";
	fake_tls.verified = !input_has(&letters, 'v');
	fake_tls.sent_certificate = true;
	params.mechanism = input_text(&setting);
	params.user = alloc_string(user);
	secret_set(&params.password, secret, strlen(secret));
	prepare(&s, &session_params, offer, encrypted);
	wire_set(&w, &letters);
	wire_open(&w, &in, &s.stream.transport);

	ok = auth_login(&s, &params, &err);
	fuzz_check_result(ok, &err);
	if (!ok)
		check_error(&err);
	if (ok && strcasecmp(params.mechanism, "off") == 0)
		fuzz_assert(w.sent.len == 0);
	else
		check_login(&s, &w, ok, encrypted && fake_tls.verified);
	error_free(&err);
	free(params.mechanism);
	free(params.user);
	secret_free(&params.password);
	session_free(&s);
	wire_free(&w);
}
