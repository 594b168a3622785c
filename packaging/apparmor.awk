# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: awk -f apparmor.awk src/base/sandbox.c etc/apparmor.d/veredus-service.in
#
# Prints the AppArmor profile: the second file, with the files of the system that
# the tables of the first one allow in the sandbox in place of the line @sandbox@.
# A path stands for a file, or for all that is below a folder.

FNR == 1 { is_profile = NR > 1 }

!is_profile && /^static const struct system_path [a-z]+\[\]/ {
	table = $5
	sub(/\[.*/, "", table)
	next
}
!is_profile && /^};/ { table = "" }
!is_profile && table != "" && /^\t\{ "\// {
	split($0, part, "\"")
	# Libraries are mapped.
	rights = table == "libraries" && part[2] !~ /^\/etc/ ? "rm" : "r"
	rules = rules sprintf("  %s{,/**} %s,\n", part[2], rights)
	count[table]++
}

is_profile && /^ *@sandbox@$/ {
	if (!count["libraries"] || !count["resolver"] || !count["users"] ||
	    !count["trust"]) {
		print "apparmor.awk: a table of the sandbox is missing" >"/dev/stderr"
		exit 1
	}
	printf "%s", rules
	next
}
is_profile
