/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Shields the process from its caller, from signals and from other processes. */
#include "helpers/oauth/guard.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/process.h"

bool
guard_start(struct oauth_failure *failure)
{
	struct error err = { 0 };
	bool no_input;

	if (!process_start(true, &no_input, &err))
		return oauth_fail_error(failure, &err);
	clearenv();
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	/* It fails for the leader of a group, which this process may be already:
	 * no signal for the caller's group reaches it then. */
	(void)setsid();
	return true;
}

bool
guard_become_owner(const char *folder, uid_t *owner,
    struct oauth_failure *failure)
{
	struct stat st;

	*owner = geteuid();
	if (*owner != 0 || stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)
	    || st.st_uid == 0)
		return true;
	if (setgroups(0, NULL) != 0
	    || setresgid(st.st_gid, st.st_gid, st.st_gid) != 0
	    || setresuid(st.st_uid, st.st_uid, st.st_uid) != 0)
		return oauth_fail(failure, OAUTH_TEMPORARY,
		    "cannot become the owner of %s: %s", folder,
		    strerror(errno));
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	*owner = st.st_uid;
	return true;
}

static void
block(int how)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT,
		SIGPIPE, SIGXCPU };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(how, &set, NULL);
}

void
guard_critical(unsigned seconds)
{
	block(SIG_BLOCK);
	signal(SIGALRM, SIG_DFL);
	alarm(seconds);
}

void
guard_relax(void)
{
	alarm(0);
	block(SIG_UNBLOCK);
}
