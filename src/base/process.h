/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state that a process inherits from its parent, and signals.
 */
#ifndef VEREDUS_BASE_PROCESS_H
#define VEREDUS_BASE_PROCESS_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/error.h"

/* The exit status of a child whose program cannot be run. */
#define PROCESS_NOT_FOUND 127

/*
 * Brings the process into a known state; main() calls it first.  Opens
 * /dev/null on missing descriptors 0 to 2 (*no_input: descriptor 0 was missing;
 * a write to a missing descriptor 1 fails), rejects set-uid and set-gid, resets
 * the signals, signal mask and timers of the parent, ignores the signals that
 * say nothing about this program and catches those that ask it to end (see
 * process_catch_signals()), disables core files, sets the umask to 077, and
 * removes environment variables that configure libraries; with `strict` (when
 * called as sendmail) TMPDIR, too.
 * Errors: ERROR_CONFIG for set-uid and set-gid; ERROR_SYSTEM if /dev/null cannot
 * be opened.
 */
bool process_start(bool strict, bool *no_input, struct error *err);

/*
 * From now on SIGTERM and SIGXCPU, and SIGHUP, SIGINT and SIGQUIT unless they
 * are ignored, only set a flag.  Functions that wait for the network or for
 * input then fail with ERROR_INTERRUPTED.
 */
void process_catch_signals(void);
/* Ignores SIGHUP.  Called once the message is complete: it is delivered even
 * if the terminal is closed. */
void process_ignore_hangup(void);
/* The number of the signal that was caught, or 0.  Calls the function of
 * process_set_alarm() if it is due. */
int process_signal(void);
/* Sets ERROR_INTERRUPTED, which names that signal; `when` follows, such as
 * " while reading the message".  Always returns false. */
bool process_fail_signal(const char *when, struct error *err);
/*
 * From now on the first signal that would end this process only makes
 * process_is_ending() true, so that what is under way can be finished, and counts
 * after so many seconds or with a second signal.  With 0 it counts at once, and
 * so does one that came before.  After a signal, the function of
 * process_set_alarm() is not called any more.
 */
void process_set_grace(unsigned seconds);
/*
 * For a child process with a parent that passes its signals on to it.  The first
 * such signal begins the time of process_set_grace(), but never ends it: whoever
 * sent the signal may have sent it to the child process, too.  The second ends it.
 */
void process_follow_parent(void);
bool process_is_ending(void);
/*
 * Has a function called once, when this process next waits or looks for a signal
 * after that time; every wait ends early for it.  NULL cancels it.
 */
void process_set_alarm(unsigned seconds, void (*call)(void *ctx), void *ctx);
/* While held, that function is not called: a person is asked for something. */
void process_hold_alarm(bool hold);
/*
 * Says that this process now waits for a child process, which would end with it
 * and cannot go on with a copy of it; process_awaits_helper() tells the function
 * of process_set_alarm().  `group` is the child's process group, or 0 for a
 * child that ends by itself; process_kill_helper() ends the group.
 */
void process_await_helper(bool awaits, pid_t group);
bool process_awaits_helper(void);
void process_kill_helper(void);
/*
 * Blocks the signals that process_catch_signals() catches; *before is the signal
 * mask so far.  Who waits blocks them, looks at process_signal(), and passes
 * *before to ppoll(): so no signal is missed.
 */
void process_hold_signals(sigset_t *before);
/*
 * The same for who also waits for a child process: its end, too, ends a ppoll()
 * with *before.  process_release_child_signals() restores the mask and the default
 * action of SIGCHLD.
 */
void process_hold_child_signals(sigset_t *before);
void process_release_child_signals(const sigset_t *before);
/* Calls ppoll() with the time that is left until the deadline (base/clock.h), and
 * with the mask of process_hold_signals(). */
int process_poll(struct pollfd *fds, nfds_t count, int64_t deadline,
    const sigset_t *before);
/*
 * Waits for input and reads up to len octets, from non-blocking descriptors,
 * too.  Returns what read() returns, and -1 with EINTR once a signal was caught.
 */
ssize_t process_read(int fd, void *buf, size_t len);
/* Gives all signals their default action, and unblocks them: for a child that
 * runs another program.  Async-signal-safe. */
void process_default_signals(void);
/*
 * Runs the program in this child, without the descriptors from 3 on.  If that is not
 * possible, the exit status is EX_OSERR for now, or PROCESS_NOT_FOUND.
 * Async-signal-safe.
 */
ATTR_NORETURN void process_exec(const char *path, char *const argv[],
    char *const environment[]);

#endif
