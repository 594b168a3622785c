/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "client/downgrade.h"
#include "client/transaction.h"
#include "fast_clock.h"
#include "transcript.h"

#define PIPELINED (CAP_PIPELINING | CAP_ENHANCEDSTATUSCODES)
#define CHUNKED (PIPELINED | CAP_CHUNKING)
#define BINARY (CAP_8BITMIME | CAP_BINARYMIME)
#define ENVELOPE "C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\nS: 250 ok\n"
#define TWO_LINES "123456789\n123456789\n"
#define TEN_LINES TWO_LINES TWO_LINES TWO_LINES TWO_LINES TWO_LINES
#define BDAT_ALL "C: BDAT 39 LAST\nCHUNK 39\nC: QUIT\n"

/* A transaction as a transcript, and its result. */
struct scene {
	const char *name;
	unsigned capabilities;
	const char *recipients; /* separated by blanks */
	bool all_or_nothing;
	bool lmtp;
	bool default_sender;
	bool unsolicited; /* the server sends a reply before any command */
	bool sealed;      /* the message is binary and must not be changed */
	bool medium;      /* the message fits into a group, but not into the
	                   * socket buffer */
	bool big;         /* the message does not fit into any socket buffer */
	const char *text; /* the body of the message; NULL: the usual one */
	const char *transcript;
	int exit;
	bool uncertain;
	const char *said;   /* the reply in the error, or NULL */
	const char *states; /* state of each recipient: D delivered, F failed */
};

static const struct scene scenes[] = {
	{ "each command waits for the reply without PIPELINING", 0, "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<bob@x>\nS: 250 ok\n"
		"C: DATA\nS: 354 go\nBODY\nS: 250 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "envelope and DATA are pipelined", PIPELINED, "bob@x carol@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: RCPT TO:<carol@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 251 ok\n"
		"S: 354 go\nBODY\nS: 250 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "DD" },
	{ "a rejected sender ends the transaction", 0, "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 550 5.7.1 not you\nC: QUIT\nEND",
	    .exit = EX_NOPERM, .states = "F" },
	{ "a rejected default sender is a configuration error", 0, "bob@x",
	    .default_sender = true,
	    .transcript = "C: MAIL FROM:<al@x>\n"
			  "S: 550 5.1.8 no such domain\nC: QUIT\nEND",
	    .exit = EX_CONFIG, .states = "F" },
	{ "the second recipient is deferred", PIPELINED, "bob@x carol@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: RCPT TO:<carol@x>\nC: DATA\nS: 250 ok\nS: 250 ok\n"
		"S: 450 4.2.0 later\nS: 354 go\nBODY\nS: 250 queued\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .states = "DF" },
	{ "the first permanent rejection decides", 0, "a@x b@x c@x",
	    .transcript = "C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\n"
			  "S: 450 later\nC: RCPT TO:<b@x>\nS: 550 5.1.1 no\n"
			  "C: RCPT TO:<c@x>\nS: 552 5.2.2 full\nC: QUIT\nEND",
	    .exit = EX_NOUSER, .states = "FFF" },
	{ "no message after 354 if all recipients were rejected", PIPELINED,
	    "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
			  "C: DATA\nS: 250 ok\nS: 550 5.1.1 no\nS: 354 go\nEND",
	    .exit = EX_NOUSER, .states = "F" },
	{ "554 to DATA does not hide the rejected recipients", PIPELINED,
	    "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: DATA\nS: 250 ok\nS: 450 4.7.1 later\nS: 554 no valid recipients\n"
		"C: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "no message after 354 if the sender was rejected", PIPELINED, "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: DATA\nS: 550 5.1.0 no\nS: 503 no sender\nS: 354 go\nEND",
	    .exit = EX_DATAERR, .states = "F" },
	{ "partial off: DATA waits for all recipients", PIPELINED,
	    "bob@x carol@x", .all_or_nothing = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\nC: RCPT TO:<carol@x>\n"
		"S: 250 ok\nS: 250 ok\nS: 550 5.1.1 no\nC: QUIT\nEND",
	    .exit = EX_NOUSER, .states = "FF" },
	{ "partial off: all recipients are accepted", PIPELINED,
	    "bob@x carol@x", .all_or_nothing = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\nC: RCPT TO:<carol@x>\n"
		"S: 250 ok\nS: 250 ok\nS: 250 ok\nC: DATA\nS: 354 go\nBODY\n"
		"S: 250 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "DD" },
	{ "partial off: the first rejection ends the envelope", 0, "a@x b@x",
	    .all_or_nothing = true,
	    .transcript = "C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\n"
			  "S: 550 5.1.1 no\nC: QUIT\nEND",
	    .exit = EX_NOUSER, .states = "FF" },
	{ "421 to RCPT applies to all commands after it", PIPELINED,
	    "a@x b@x c@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
		"C: RCPT TO:<b@x>\nC: RCPT TO:<c@x>\nC: DATA\nS: 250 ok\nS: 250 ok\n"
		"S: 421 4.3.2 going down\nCLOSE",
	    .exit = EX_TEMPFAIL, .states = "FFF" },
	{ "421 to MAIL", 0, "a@x",
	    .transcript = "C: MAIL FROM:<al@x>\nS: 421 bye\nEND",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "354 to MAIL", 0, "a@x",
	    .transcript = "C: MAIL FROM:<al@x>\nS: 354 go\nC: QUIT\nEND",
	    .exit = EX_PROTOCOL, .states = "F" },
	{ "250 to DATA", 0, "a@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\nS: 250 ok\n"
		"C: DATA\nS: 250 ok\nC: QUIT\nEND",
	    .exit = EX_PROTOCOL, .states = "F" },
	{ "DATA is rejected", 0, "a@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\nS: 250 ok\n"
		"C: DATA\nS: 451 4.3.0 not now\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "the message is rejected", 0, "a@x b@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\nS: 250 ok\n"
		"C: RCPT TO:<b@x>\nS: 250 ok\n"
		"C: DATA\nS: 354 go\nBODY\nS: 554 5.6.0 spam\nC: QUIT\nEND",
	    .exit = EX_DATAERR, .states = "FF" },
	{ "the final reply is missing", 0, "a@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\nS: 250 ok\n"
		"C: DATA\nS: 354 go\nBODY\nCLOSE",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "the final reply is invalid", 0, "a@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\nS: 250 ok\n"
		"C: DATA\nS: 354 go\nBODY\nS: thanks\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "354 is no final reply", 0, "a@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<a@x>\nS: 250 ok\n"
		"C: DATA\nS: 354 go\nBODY\nS: 354 go on\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "LMTP: one final reply for each recipient", PIPELINED, "a@x b@x c@x",
	    .lmtp = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
		"C: RCPT TO:<b@x>\nC: RCPT TO:<c@x>\nC: DATA\nS: 250 ok\nS: 250 ok\n"
		"S: 550 5.1.1 no\nS: 250 ok\nS: 354 go\nBODY\nS: 250 stored\n"
		"S: 452 4.2.2 full\nC: QUIT\nEND",
	    .exit = EX_NOUSER, .states = "DFF" },
	{ "LMTP: the second final reply is missing", 0, "a@x b@x", .lmtp = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\n"
		"C: RCPT TO:<a@x>\nS: 250 ok\nC: RCPT TO:<b@x>\nS: 250 ok\n"
		"C: DATA\nS: 354 go\nBODY\nS: 250 stored\nCLOSE",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "DF" },
	{ "MAIL has SIZE and BODY", CAP_SIZE | CAP_8BITMIME, "a@x",
	    .transcript =
		"C: MAIL FROM:<al@x> SIZE=39 BODY=8BITMIME\nS: 250 ok\n"
		"C: RCPT TO:<a@x>\nS: 250 ok\nC: DATA\nS: 354 go\nBODY\nS: 250 ok\n"
		"C: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BDAT: envelope and message are pipelined", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|250 2.0.0 queued|221 bye\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BDAT: the server closes instead of 221", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|250 2.0.0 queued\nCLOSE",
	    .exit = EX_OK, .states = "D" },
	{ "BDAT: an extra reply makes the final reply doubtful", CHUNKED,
	    "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|250 ok|554 5.6.0 spam|221 bye\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "BDAT: an extra reply and 421 make the final reply doubtful", CHUNKED,
	    "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|250 ok|421 later|221 bye\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "BDAT: the server closes with 421 instead of 221", CHUNKED, "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
		"S: 250 ok|250 ok|250 queued|421-I go|421 down\nCLOSE",
	    .exit = EX_OK, .states = "D" },
	{ "BDAT: the server replies to QUIT with 250", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|250 queued|250 bye\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BDAT: one recipient is rejected", CHUNKED, "bob@x carol@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: RCPT TO:<carol@x>\n" BDAT_ALL
		"S: 250 ok|550 5.1.1 no|250 ok|250 2.0.0 queued|221 bye\nEND",
	    .exit = EX_NOUSER, .states = "FD" },
	{ "BDAT: 554 does not hide the rejected recipient", CHUNKED, "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
		"S: 250 ok|450 4.2.0 later|554 no recipients|221 bye\nEND",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "BDAT: the sender is rejected", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 550 5.7.1 no|503 no|503 no|221 bye\nEND",
	    .exit = EX_NOPERM, .states = "F" },
	{ "BDAT: the message is rejected", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|552 5.3.4 too big|221 bye\nEND",
	    .exit = EX_DATAERR, .states = "F" },
	{ "BDAT: nothing is sent after an unsolicited reply", CHUNKED, "bob@x",
	    .transcript = "S: 250 hello again\nEND", .exit = EX_PROTOCOL,
	    .states = "F", .unsolicited = true },
	{ "BDAT: the final reply is missing", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok\nCLOSE",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "BDAT: 421 to MAIL", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 421 4.3.2 going down\nCLOSE",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "partial off: LAST waits for all recipients", CHUNKED,
	    "bob@x carol@x", .all_or_nothing = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: RCPT TO:<carol@x>\nC: BDAT 39\nCHUNK 39\n"
		"S: 250 ok|250 ok|250 ok|250 39 octets\nC: BDAT 0 LAST\n"
		"S: 250 2.0.0 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "DD" },
	{ "partial off: no LAST after a rejected recipient", CHUNKED,
	    "bob@x carol@x", .all_or_nothing = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: RCPT TO:<carol@x>\nC: BDAT 39\nCHUNK 39\n"
		"S: 250 ok|250 ok|550 5.1.1 no|250 39 octets\nC: QUIT\nEND",
	    .exit = EX_NOUSER, .states = "FF" },
	{ "BDAT: an early reply is not the reply to the last chunk",
	    CAP_CHUNKING, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<bob@x>\n"
			  "S: 250 ok|250 2.0.0 queued\nEND",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "BDAT: an early reply is not the reply to LAST", CHUNKED,
	    "bob@x carol@x", .all_or_nothing = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n"
		"C: RCPT TO:<carol@x>\nC: BDAT 39\nCHUNK 39\n"
		"S: 250 ok|250 ok|250 ok|250 39 octets|250 2.0.0 queued\nEND",
	    .exit = EX_TEMPFAIL, .states = "FF" },
	{ "BDAT: 421 before the last chunk", CAP_CHUNKING, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<bob@x>\n"
			  "S: 250 ok|421 4.3.2 going down\nEND",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "BDAT: an incomplete reply instead of 221", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S* 250 ok|250 ok|250 ok|554 5.6.0 spa\nCLOSE",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "BDAT: waits for RCPT without PIPELINING", CAP_CHUNKING, "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x>\nS: 250 ok\nC: RCPT TO:<bob@x>\nS: 250 ok\n"
		"C: BDAT 39 LAST\nCHUNK 39\nS: 250 2.0.0 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "every 25z is a positive final reply", 0, "a@x",
	    .transcript = ENVELOPE "C: DATA\nS: 354 go\nBODY\n"
				   "S: 252 2.5.2 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "220 is no final reply", 0, "a@x",
	    .transcript = ENVELOPE "C: DATA\nS: 354 go\nBODY\n"
				   "S: 220 mx.example ready\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "221 is no final reply", 0, "a@x",
	    .transcript = ENVELOPE "C: DATA\nS: 354 go\nBODY\n"
				   "S: 221 bye\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "235 is no final reply", 0, "a@x",
	    .transcript = ENVELOPE "C: DATA\nS: 354 go\nBODY\n"
				   "S: 235 welcome\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "LMTP: 221 is no final reply", 0, "a@x b@x", .lmtp = true,
	    .transcript =
		ENVELOPE "C: RCPT TO:<b@x>\nS: 250 ok\nC: DATA\nS: 354 go\n"
			 "BODY\nS: 250 stored\nS: 221 bye\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "DF" },
	{ "DATA: an early 250 leaves the result uncertain", PIPELINED, "a@x",
	    .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: DATA\n"
			  "S: 250 ok|250 ok|354 go\nREAD 1000\n"
			  "S: 250 2.0.0 queued\nDRAIN",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "DATA: 250 together with 354", PIPELINED, "a@x", .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: DATA\n"
			  "S: 250 ok|250 ok|354 go|250 2.0.0 queued\nEND",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "DATA: early garbage is a temporary failure", PIPELINED, "a@x",
	    .big = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: DATA\n"
		"S: 250 ok|250 ok|354 go\nREAD 1000\nS: thanks\nDRAIN",
	    .exit = EX_TEMPFAIL, .states = "F" },
	{ "DATA: an early 4yz is the reason", PIPELINED, "a@x", .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: DATA\n"
			  "S: 250 ok|250 ok|354 go\nREAD 1000\n"
			  "S: 452 4.3.1 disk full\nDRAIN",
	    .exit = EX_TEMPFAIL, .states = "F", .said = "452 4.3.1 disk full" },
	{ "DATA: an early 4yz of a server that closes is the reason", PIPELINED,
	    "a@x", .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: DATA\n"
			  "S: 250 ok|250 ok|354 go\nREAD 1000\n"
			  "S: 452 4.3.1 disk full\nCLOSE",
	    .exit = EX_TEMPFAIL, .states = "F", .said = "452 4.3.1 disk full" },
	{ "DATA: an early 5yz is the reason", PIPELINED, "a@x", .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: DATA\n"
			  "S: 250 ok|250 ok|354 go\nREAD 1000\n"
			  "S: 554 5.7.1 spam\nDRAIN",
	    .exit = EX_NOPERM, .states = "F", .said = "554 5.7.1 spam" },
	{ "BDAT: a large message is one chunk", CHUNKED, "a@x", .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "S: 250 ok|250 ok\nC: BDAT 4400017 LAST\n"
			  "CHUNK 4400017\nS: 250 2.0.0 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BDAT: an early 250 leaves the result uncertain", CHUNKED, "a@x",
	    .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "S: 250 ok|250 ok\nC: BDAT 4400017 LAST\nREAD 1000\n"
			  "S: 250 2.0.0 queued\nDRAIN",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "BDAT: an early 4yz is the reason", CHUNKED, "a@x", .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "S: 250 ok|250 ok\nC: BDAT 4400017 LAST\nREAD 1000\n"
			  "S: 452 4.3.1 disk full\nCLOSE",
	    .exit = EX_TEMPFAIL, .states = "F", .said = "452 4.3.1 disk full" },
	{ "BDAT: an early 5yz is the reason", CHUNKED, "a@x", .big = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "S: 250 ok|250 ok\nC: BDAT 4400017 LAST\nREAD 1000\n"
			  "S: 552 5.3.4 too big\nDRAIN",
	    .exit = EX_DATAERR, .states = "F", .said = "552 5.3.4 too big" },
	{ "BDAT: 250 before the message was written", CHUNKED, "a@x",
	    .medium = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: BDAT 55017 LAST\nREAD 1000\n"
			  "S: 250 ok|250 ok|250 2.0.0 queued|221 bye\nCLOSE",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "BDAT: 554 before the message was written", CHUNKED, "a@x",
	    .medium = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: BDAT 55017 LAST\nREAD 1000\n"
			  "S: 250 ok|250 ok|554 5.7.1 spam|221 bye\nCLOSE",
	    .exit = EX_NOPERM, .states = "F", .said = "554 5.7.1 spam" },
	{ "BDAT: 451 to MAIL before the message was written", CHUNKED, "a@x",
	    .medium = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: BDAT 55017 LAST\nREAD 1000\n"
			  "S: 451 later|503 no|503 no|221 bye\nCLOSE",
	    .exit = EX_TEMPFAIL, .states = "F", .said = "451 later" },
	{ "partial off: 250 before the chunk was written", CHUNKED, "a@x b@x",
	    .all_or_nothing = true, .medium = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: RCPT TO:<b@x>\nC: BDAT 55017\nREAD 1000\n"
			  "S: 250 ok|250 ok|250 ok|250 ok\nCLOSE",
	    .exit = EX_TEMPFAIL, .states = "FF" },
	{ "BDAT: 221 in place of the final reply", CHUNKED, "bob@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<bob@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|221 bye\nCLOSE",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "BDAT: one reply is missing, the message is rejected", CHUNKED,
	    "a@x b@x",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: RCPT TO:<b@x>\n" BDAT_ALL
			  "S: 250 ok|250 ok|554 5.6.0 spam|221 bye\nCLOSE",
	    .exit = EX_DATAERR, .states = "FF" },
	{ "BDAT: 221 is no final reply without PIPELINING", CAP_CHUNKING, "a@x",
	    .transcript = ENVELOPE "C: BDAT 39 LAST\nCHUNK 39\n"
				   "S: 221 bye\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "F" },
	{ "partial off: 221 to a chunk", CHUNKED, "a@x b@x",
	    .all_or_nothing = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: RCPT TO:<b@x>\nC: BDAT 39\nCHUNK 39\n"
			  "S: 250 ok|250 ok|250 ok|221 bye\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .states = "FF" },
	{ "partial off: 221 to BDAT 0 LAST", CHUNKED, "a@x b@x",
	    .all_or_nothing = true,
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: RCPT TO:<b@x>\nC: BDAT 39\nCHUNK 39\n"
			  "S: 250 ok|250 ok|250 ok|250 ok\nC: BDAT 0 LAST\n"
			  "S: 221 bye\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .uncertain = true, .states = "FF" },
	{ "partial off: a deferred recipient defers all", PIPELINED, "a@x b@x",
	    .all_or_nothing = true,
	    .transcript =
		"C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: RCPT TO:<b@x>\n"
		"S: 250 ok|250 ok|451 4.2.0 later\nC: QUIT\nEND",
	    .exit = EX_TEMPFAIL, .states = "FF" },
	{ "CHUNKING: a message with MAIL FROM is sent with DATA", CHUNKED,
	    "a@x", .text = "\t mAiL  fRoM:<eve@x>\n",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\nC: DATA\n"
			  "S: 250 ok|250 ok|354 go\nBODY\n"
			  "S: 250 2.0.0 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "CHUNKING: a message with RCPT TO is sent with DATA", CAP_CHUNKING,
	    "a@x", .text = "x\nx\nRCPT\tTO :<eve@x>\n",
	    .transcript = ENVELOPE "C: DATA\nS: 354 go\nBODY\n"
				   "S: 250 2.0.0 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "CHUNKING, partial off: MAIL FROM is sent with DATA", CHUNKED,
	    "a@x b@x", .all_or_nothing = true, .text = "MAIL FROM:<eve@x>\n",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: RCPT TO:<b@x>\nS: 250 ok|250 ok|550 5.1.1 no\n"
			  "C: QUIT\nEND",
	    .exit = EX_NOUSER, .states = "FF" },
	{ "BDAT: other lines are pipelined", CHUNKED, "a@x",
	    .text = "mailfrom:\nMAIL TO:\nx MAIL FROM:\n",
	    .transcript = "C: MAIL FROM:<al@x>\nC: RCPT TO:<a@x>\n"
			  "C: BDAT 52 LAST\nCHUNK 52\nC: QUIT\n"
			  "S: 250 ok|250 ok|250 2.0.0 queued|221 bye\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BINARYMIME: not used for text", CHUNKED | BINARY, "bob@x",
	    .transcript =
		"C: MAIL FROM:<al@x> BODY=8BITMIME\nC: RCPT TO:<bob@x>\n" BDAT_ALL
		"S: 250 ok|250 ok|250 2.0.0 queued|221 bye\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BINARYMIME: a signed message is not changed", CHUNKED | BINARY,
	    "bob@x", .sealed = true,
	    .transcript =
		"C: MAIL FROM:<al@x> BODY=BINARYMIME\nC: RCPT TO:<bob@x>\n"
		"C: BDAT 1044 LAST\nCHUNK 1044\nC: QUIT\n"
		"S: 250 ok|250 ok|250 2.0.0 queued|221 bye\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BINARYMIME: not used without CHUNKING", PIPELINED | BINARY, "bob@x",
	    .sealed = true,
	    .transcript =
		"C: MAIL FROM:<al@x> BODY=8BITMIME\nC: RCPT TO:<bob@x>\n"
		"C: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nBODY\n"
		"S: 250 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
	{ "BINARYMIME: used instead of 8BITMIME", CAP_CHUNKING | CAP_BINARYMIME,
	    "bob@x", .sealed = true,
	    .transcript = "C: MAIL FROM:<al@x> BODY=BINARYMIME\nS: 250 ok\n"
			  "C: RCPT TO:<bob@x>\nS: 250 ok\nC: BDAT 1044 LAST\n"
			  "CHUNK 1044\nS: 250 2.0.0 queued\nC: QUIT\nEND",
	    .exit = EX_OK, .states = "D" },
};

static void
prepare(const struct scene *scene, struct session *s,
    struct session_params *params, struct envelope *e)
{
	char *list = alloc_string(scene->recipients), *rest = list, *address;

	params->partial = !scene->all_or_nothing;
	params->protocol = scene->lmtp ? PROTOCOL_LMTP : PROTOCOL_SMTP;
	params->timeout = 60;
	params->chunking = true;
	params->pipelining = true;
	s->params = params;
	s->host = alloc_string("mx.example");
	s->state = SESSION_GREETED;
	s->stream.deadline = clock_after_seconds(60);
	s->capabilities.set = scene->capabilities;
	envelope_set_sender(e, "al@x", scene->default_sender);
	while ((address = strsep(&rest, " ")) != NULL)
		envelope_add(e, address, NULL);
	free(list);
}

static void
check_states(const struct scene *scene, const struct envelope *e)
{
	assert_int_equal(e->count, strlen(scene->states));
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];
		bool delivered = r->state == RECIPIENT_DELIVERED;

		if (delivered != (scene->states[i] == 'D')
		    || (!delivered && r->state != RECIPIENT_FAILED))
			fail_msg("%s: <%s> is in state %d", scene->name,
			    r->address, (int)r->state);
	}
}

static bool
wait_for_server(const struct session *s)
{
	short ready;

	return transport_wait(&s->stream.transport, POLLIN,
	    clock_after_seconds(20), &ready, NULL);
}

/* Makes a message with an overlong line and an 8-bit octet. */
static void
make_sealed(struct message *m)
{
	char line[1003];

	memset(line, 'x', sizeof(line));
	line[0] = '\303';
	line[1] = '\244';
	line[sizeof(line) - 1] = '\n';
	str_add(&m->header, "Content-Type: application/pkcs7-mime\n");
	assert_true(buffer_file_add(&m->body, line, sizeof(line), NULL));
	m->body_lines = 1;
	m->has_8bit_body = m->has_long_lines = true;
}

static void
add_text(struct message *m, const char *text)
{
	assert_true(buffer_file_add(&m->body, text, strlen(text), NULL));
	for (; *text != '\0'; text++)
		m->body_lines += *text == '\n';
}

static void
make_message(const struct scene *scene, struct message *m)
{
	if (scene->sealed) {
		make_sealed(m);
		return;
	}
	str_add(&m->header, "Subject: test\n");
	for (int i = 0; i < (scene->big ? 40000 : scene->medium ? 500 : 0); i++)
		add_text(m, TEN_LINES);
	if (!scene->big && !scene->medium)
		add_text(m,
		    scene->text ? scene->text : ".leading dot\n.\nend\n");
	m->has_8bit_body = (scene->capabilities & CAP_8BITMIME) != 0;
}

static void
check_message(const struct scene *scene, const struct transaction *t,
    const struct str *got)
{
	const struct message *m = t->message;
	bool whole = strstr(scene->transcript, "CHUNK ") != NULL;

	if (scene->big || scene->medium || scene->text != NULL)
		return;
	if (!whole && strstr(scene->transcript, "BODY\n") == NULL)
		return;
	if (scene->sealed) {
		assert_int_equal(m->has_long_lines, whole);
		assert_int_equal(m->broken_lines, !whole);
		assert_int_equal(transaction_broke_lines(t), !whole);
		assert_int_equal(m == t->original, whole);
		assert_true(t->original->has_long_lines);
		assert_int_equal(t->original->body.size, 1003);
		assert_int_equal(got->len, whole ? 1044 : 1046);
		return;
	}
	assert_ptr_equal(m, t->original);
	assert_string_equal(str_text(got),
	    whole ? "Subject: test\r\n\r\n.leading dot\r\n.\r\nend\r\n"
		  : "Subject: test\r\n\r\n..leading dot\r\n..\r\nend\r\n");
}

static void
play_scene(const struct scene *scene)
{
	struct session s = { 0 };
	struct session_params params = { 0 };
	struct envelope e = { 0 };
	struct message m = { 0 };
	struct error err = { 0 };
	struct str body = { 0 };
	struct transaction t = { .session = &s,
		.envelope = &e,
		.original = &m };
	struct transcript *server;
	char *fault;

	make_message(scene, &m);
	prepare(scene, &s, &params, &e);
	server = transcript_start(scene->transcript, &s.stream.transport);
	if (scene->medium)
		setsockopt(s.stream.transport.fd_plus_1 - 1, SOL_SOCKET,
		    SO_SNDBUF, &(int){ 4096 }, sizeof(int));
	if (scene->unsolicited)
		assert_true(wait_for_server(&s));
	if (!transaction_envelope(&t, &err) || !transaction_data(&t, &err)
	    || !transaction_final_reply(&t, &err))
		envelope_fail(&e, &err);
	session_close(&s);
	fault = transcript_end(server, &body);
	if (fault[0] != '\0')
		fail_msg("%s: the client %s", scene->name, fault);
	check_states(scene, &e);
	if (error_exit_status(&err) != scene->exit)
		fail_msg("%s: exit %d: %s %s", scene->name,
		    error_exit_status(&err), err.text, err.said);
	if (err.uncertain != scene->uncertain)
		fail_msg("%s: uncertain is %d: %s %s", scene->name,
		    err.uncertain, err.text, err.said);
	if (scene->said != NULL
	    && (err.said == NULL || strcmp(err.said, scene->said) != 0))
		fail_msg("%s: %s", scene->name, err.said);
	check_message(scene, &t, &body);
	transaction_free(&t);
	str_free(&body);
	free(fault);
	error_free(&err);
	message_free(&m);
	envelope_free(&e);
	session_free(&s);
}

static void
follows_each_transcript(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(scenes); i++)
		play_scene(&scenes[i]);
}

/* Checks that the transaction fails before anything is sent. */
static void
assert_not_sent(unsigned capabilities, uint64_t limit, const struct message *m,
    const char *recipient, const char *status)
{
	static const struct scene scene = { .recipients = "", .states = "" };
	struct session s = { 0 };
	struct session_params params = { 0 };
	struct envelope e = { 0 };
	struct transaction t = { .session = &s, .envelope = &e, .original = m };
	struct error err = { 0 };
	struct transcript *server;
	char *fault;

	prepare(&scene, &s, &params, &e);
	envelope_free(&e);
	envelope_set_sender(&e, "al@x", false);
	envelope_add(&e, recipient, NULL);
	s.capabilities.set = capabilities;
	s.capabilities.size_limit = limit;
	server = transcript_start("C: QUIT\nEND", &s.stream.transport);
	assert_false(transaction_envelope(&t, &err));
	assert_string_equal(err.status.enhanced, status);
	assert_int_equal(error_exit_status(&err), EX_DATAERR);
	session_close(&s);
	fault = transcript_end(server, NULL);
	assert_string_equal(fault, "");
	free(fault);
	error_free(&err);
	transaction_free(&t);
	envelope_free(&e);
	session_free(&s);
}

static void
rejects_a_message_that_the_server_cannot_accept(void **state)
{
	struct message small = { 0 }, sealed = { .has_8bit_body = true };

	(void)state;
	str_add(&sealed.header, "Content-Type: application/pkcs7-mime\n");
	assert_true(buffer_file_add(&sealed.body, "\303\244\n", 3, NULL));
	str_add(&small.header, "Subject: 123456789\n");
	assert_not_sent(CAP_SIZE, 10, &small, "bob@x", "5.3.4");
	assert_not_sent(0, 0, &sealed, "bob@x", "5.6.3");
	assert_not_sent(CAP_8BITMIME, 0, &small,
	    "b\xc3\xb6"
	    "b@x",
	    "5.6.7");
	message_free(&sealed);
	message_free(&small);
}

static void
sends_dsn_parameters_if_the_server_offers_dsn(void **state)
{
	struct session s = { 0 };
	struct session_params params = { .partial = true, .timeout = 10 };
	struct envelope e = { .dsn = { .notify = DSN_NOTIFY_SUCCESS
				      | DSN_NOTIFY_FAILURE | DSN_NOTIFY_DELAY,
				  .wanted = DSN_RETURN_HEADERS } };
	struct message m = { 0 };
	struct transaction t = { .session = &s,
		.envelope = &e,
		.original = &m };
	struct error err = { 0 };
	struct transcript *server;
	char *fault;

	(void)state;
	e.dsn.envelope_id = alloc_string("id+1=2");
	envelope_set_sender(&e, "", false);
	envelope_add(&e, "bob@x", "Bob+1@x");
	s.params = &params;
	s.host = alloc_string("mx.example");
	s.state = SESSION_READY;
	s.capabilities.set = CAP_DSN;
	server = transcript_start(
	    "C: MAIL FROM:<> RET=HDRS ENVID=id+2B1+3D2\nS: 250 ok\n"
	    "C: RCPT TO:<bob@x> NOTIFY=SUCCESS,FAILURE,DELAY "
	    "ORCPT=rfc822;Bob+2B1@x\nS: 250 ok\nC: DATA\nS: 354 go\nEND",
	    &s.stream.transport);
	assert_true(transaction_envelope(&t, &err));
	/* The server expects message data, not QUIT. */
	s.state = SESSION_UNUSABLE;
	session_close(&s);
	fault = transcript_end(server, NULL);
	assert_string_equal(fault, "");
	free(fault);
	transaction_free(&t);
	envelope_free(&e);
	session_free(&s);
}

/* The first server does not offer 8BITMIME, the second server does.  The
 * message itself must not change. */
static void
sends_each_server_the_form_that_it_can_accept(void **state)
{
	struct message m = { .has_8bit_header = true, .body_lines = 1 };
	struct session_params params = { .partial = true };
	struct session s = { .params = &params };
	struct envelope e = { 0 };
	struct transaction t = { .session = &s,
		.envelope = &e,
		.original = &m };
	struct error err = { 0 };

	(void)state;
	str_add(&m.header, "Subject: \303\244\n");
	assert_true(buffer_file_add(&m.body, "text\n", 5, NULL));

	assert_true(downgrade_message(&t, &err));
	assert_string_equal(str_text(&t.message->header),
	    "Subject: =?utf-8?B?w6Q=?=\n");
	/* The client had to copy only the header section. */
	assert_ptr_equal(t.message->body.memory.data, m.body.memory.data);
	assert_string_equal(str_text(&m.header), "Subject: \303\244\n");
	assert_true(m.has_8bit_header);

	t.use_smtputf8 = true;
	s.capabilities.set = CAP_8BITMIME | CAP_SMTPUTF8;
	assert_true(downgrade_message(&t, &err));
	assert_ptr_equal(t.message, &m);
	transaction_free(&t);
	assert_string_equal(str_text(&m.body.memory), "text\n");
	message_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_each_transcript),
		cmocka_unit_test(
		    rejects_a_message_that_the_server_cannot_accept),
		cmocka_unit_test(sends_dsn_parameters_if_the_server_offers_dsn),
		cmocka_unit_test(sends_each_server_the_form_that_it_can_accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
