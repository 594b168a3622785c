/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks the kernel who has connected to a Unix socket. */
#include "base/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

/* The limit of the kernel for one process (NGROUPS_MAX). */
#define GROUPS_MAX 65536
#define LABEL_MAX 4096
#define OVERFLOW_FILE "/proc/sys/kernel/overflowuid"
/* Without /proc, the default of the kernel. */
#define OVERFLOW_UID 65534

/* The address of a Unix socket; a path may fill sun_path without a NUL. */
union local_address {
	struct sockaddr any;
	struct sockaddr_un local;
	char room[sizeof(struct sockaddr_un) + 1];
};

static bool
get_address(int fd, union local_address *address, socklen_t *len)
{
	memset(address, 0, sizeof(*address));
	*len = sizeof(address->local);
	return getsockname(fd, &address->any, len) == 0
	    && address->any.sa_family == AF_UNIX;
}

/* One read, because the kernel shows the rest of such a file to no second one. */
static uid_t
overflow_uid(void)
{
	int fd = open(OVERFLOW_FILE, O_RDONLY | O_CLOEXEC);
	unsigned long long uid = OVERFLOW_UID;
	char text[32];
	ssize_t len;

	if (fd < 0)
		return OVERFLOW_UID;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	text[len > 0 ? len : 0] = '\0';
	(void)text_number(text, 0, UINT32_MAX, &uid);
	return (uid_t)uid;
}

char *
peer_login(uid_t uid)
{
	const struct passwd *entry =
	    uid == overflow_uid() ? NULL : getpwuid(uid);

	return entry != NULL && *entry->pw_name != '\0'
	    ? alloc_string(entry->pw_name)
	    : alloc_printf("uid-%lu", (unsigned long)uid);
}

static void
set_login(struct peer *peer)
{
	peer->is_overflow = peer->uid == overflow_uid();
	free(peer->login);
	peer->login = peer_login(peer->uid);
}

static void
add_groups(struct peer *peer, const gid_t *groups, size_t count)
{
	peer->groups = alloc_resize(peer->groups, peer->group_count + count + 1,
	    sizeof(*peer->groups));
	for (size_t i = 0; i < count; i++)
		peer->groups[peer->group_count++] = groups[i];
}

static bool
read_groups(int fd, struct peer *peer, struct error *err)
{
	socklen_t len = 0;
	gid_t *groups;
	bool ok;

	/* The kernel says how much room the groups need. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0
	    || len == 0)
		return true;
	if (errno != ERANGE || len / sizeof(gid_t) > GROUPS_MAX)
		return error_set(err, ERROR_SYSTEM,
		    "cannot find out the groups of the client: %s",
		    strerror(errno));
	groups = alloc_zeroed(len / sizeof(gid_t) + 1, sizeof(gid_t));
	ok = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0;
	if (ok)
		add_groups(peer, groups, len / sizeof(gid_t));
	free(groups);
	return ok
	    || error_set(err, ERROR_SYSTEM,
		"cannot find out the groups of the client: %s",
		strerror(errno));
}

/* Many kernels have no security module that labels processes. */
static void
read_label(int fd, struct peer *peer)
{
	char label[LABEL_MAX];
	socklen_t len = sizeof(label);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERSEC, label, &len) != 0)
		return;
	while (len > 0 && label[len - 1] == '\0')
		len--;
	if (len > 0)
		peer->label = alloc_string_n(label, len);
}

bool
peer_read(int fd, struct peer *peer, struct error *err)
{
	union local_address address;
	struct ucred who = { 0 };
	socklen_t len;

	if (!get_address(fd, &address, &len))
		return error_set(err, ERROR_USAGE,
		    "standard input is not a Unix socket: --service is started "
		    "by a super-server for each connection (veredus.socket)");
	if (len <= offsetof(struct sockaddr_un, sun_path))
		return error_set(err, ERROR_USAGE,
		    "standard input is a Unix socket without a name, which "
		    "does not tell who the client is: with socat, use EXEC "
		    "with nofork");
	len = sizeof(who);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return error_set(err, ERROR_SYSTEM,
		    "cannot find out who the client is: %s", strerror(errno));
	if (who.uid == (uid_t)-1)
		return error_set(err, ERROR_USAGE,
		    "standard input is a Unix socket that no client is "
		    "connected to");
	peer->uid = who.uid;
	add_groups(peer, &who.gid, 1);
	set_login(peer);
	read_label(fd, peer);
	return read_groups(fd, peer, err);
}

/* The groups that the user has after a login. */
static void
add_groups_of(struct peer *peer, const struct passwd *entry)
{
	int count = 0;
	gid_t *groups;

	getgrouplist(entry->pw_name, entry->pw_gid, NULL, &count);
	if (count <= 0 || count > GROUPS_MAX)
		return;
	groups = alloc_zeroed((size_t)count, sizeof(*groups));
	if (getgrouplist(entry->pw_name, entry->pw_gid, groups, &count) > 0)
		add_groups(peer, groups, (size_t)count);
	free(groups);
}

bool
peer_init(struct peer *peer, const char *user, struct error *err)
{
	unsigned long long uid = 0;
	const struct passwd *entry = getpwnam(user);

	if (entry == NULL && !text_number(user, 0, UINT32_MAX - 1, &uid))
		return error_set(err, ERROR_USAGE, "there is no user \"%s\"",
		    user);
	if (entry == NULL)
		entry = getpwuid((uid_t)uid);
	peer->uid = entry != NULL ? entry->pw_uid : (uid_t)uid;
	if (entry != NULL)
		add_groups_of(peer, entry);
	set_login(peer);
	return true;
}

bool
peer_has_group(const struct peer *peer, gid_t group)
{
	for (size_t i = 0; i < peer->group_count; i++)
		if (peer->groups[i] == group)
			return true;
	return false;
}

void
peer_free(struct peer *peer)
{
	free(peer->groups);
	free(peer->login);
	free(peer->label);
	*peer = (struct peer){ 0 };
}

bool
peer_reached_by(int fd, const char *path)
{
	union local_address own;
	socklen_t len;

	return path != NULL && get_address(fd, &own, &len)
	    && file_is_same(own.local.sun_path, path);
}
