# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
#
# What build-in-debian and test-debian do with a chroot of a Debian release.  The
# script that reads this sets $release.  $CHROOT is the folder of a chroot that is
# copied; without it, debootstrap makes one.

mirror=${MIRROR:-http://deb.debian.org/debian}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/veredus-chroot.XXXXXX")
chroot=$scratch/root

fail() {
	printf '%s: %s: %s\n' "$0" "$release" "$*" >&2
	tail -n 30 "$scratch/log" >&2
	exit 1
}

quietly() {
	"$@" >>"$scratch/log" 2>&1 || fail "$* failed"
}

# inside COMMAND [ARGUMENT...]: in the chroot; its /proc ends with the command.
inside() {
	# shellcheck disable=SC2016 # the inner shell expands the variables
	unshare --mount --propagation private sh -c '
		mount -t proc proc "$1/proc"
		exec chroot "$@"' sh "$chroot" \
		env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# No daemon starts in it.  What debootstrap mounts ends with it, even if it is killed.
make_chroot() {
	if [ -n "${CHROOT:-}" ]; then
		cp -a "$CHROOT" "$chroot"
	else
		quietly unshare --mount --propagation private debootstrap \
			--variant=minbase "$release" "$chroot" "$mirror"
	fi
	printf '#!/bin/sh\nexit 101\n' >"$chroot/usr/sbin/policy-rc.d"
	chmod 755 "$chroot/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf /etc/hosts "$chroot/etc/"
	quietly inside apt-get -q -y update
}
