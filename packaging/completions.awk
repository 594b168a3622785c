# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: veredus --help | awk -v shell=SHELL -f completions.awk
#
# Prints the completions of SHELL (bash, zsh or fish).  The help has each option
# as one of these, with the text in column 28 or in the next line:
#   -bp   -f ADDRESS   -odMODE   -q [WHAT]   -v, --verbose   -C, --file=FILE
#   --tls[=WORD]

/^(Options|Settings,.*):$/ { in_options = 1; next }
/^$/ { in_options = 0 }
!in_options { next }
/^  -/ {
	name = $0
	text = ""
	if (length($0) > 27 && substr($0, 26, 2) == "  ") {
		name = substr($0, 1, 27)
		text = substr($0, 28)
	}
	sub(/^ +/, "", name)
	sub(/ +$/, "", name)
	add(name, text)
	next
}
{
	sub(/^ +/, "")
	help[count] = $0
}
END {
	if (count == 0) {
		print "completions.awk: no options in the input" >"/dev/stderr"
		exit 1
	}
	print (shell == "zsh" ? "#compdef veredus\n" : "") "# Made from veredus --help."
	if (shell == "bash")
		print_bash()
	else if (shell == "fish")
		print_fish()
	else
		print_zsh()
}

# Divides "-C, --file=FILE" into the letter, the long name and the argument.
function add(name, text,    at) {
	count++
	help[count] = text
	if (match(name, /^-[^-],? ?/)) {
		at = RLENGTH
		short[count] = substr(name, 1, 2)
		if (name ~ /^-[bo][a-zA-Z]/) { # -bp, and -odMODE
			short[count] = substr(name, 1, 3)
			attached[count] = 1
			at = 3
		}
		# A letter is also in the row of its long option.
		if (substr(name, at + 1, 2) == "--" && short[count] in row_of)
			dropped[row_of[short[count]]] = 1
		row_of[short[count]] = count
		name = substr(name, at + 1)
	}
	if (name ~ /^--/) {
		match(name, /^--[a-z0-9-]+/)
		long[count] = substr(name, 1, RLENGTH)
		name = substr(name, RLENGTH + 1)
	}
	optional[count] = name ~ /^\[/
	gsub(/^\[?=?"?|"?\]?$/, "", name)
	argument[count] = name
}

# What the argument is: file, folder, switch, user, host or other.
function kind(i) {
	if (argument[i] == "FILE" || long[i] == "--socket")
		return "file"
	if (argument[i] == "DIRECTORY")
		return "folder"
	if (argument[i] == "BOOLEAN")
		return "switch"
	if (argument[i] == "USER")
		return "user"
	if (argument[i] == "HOST")
		return "host"
	return "other"
}

# ---------------------------------------------------------------- bash ----

# The patterns of a case for the options with arguments of that kind; "=" is at the
# end if the argument is in the same word, where an optional one must be.
function patterns(wanted,    i, list) {
	for (i = 1; i <= count; i++) {
		if (dropped[i] || argument[i] == "" || kind(i) != wanted)
			continue
		if (long[i] != "" && !optional[i])
			list = list " | " long[i]
		if (long[i] != "")
			list = list " | " long[i] "="
		if (short[i] != "" && !attached[i] && !optional[i])
			list = list " | " short[i]
	}
	return substr(list, 4)
}

function print_case(wanted, command) {
	if (patterns(wanted) != "")
		printf "\t%s)\n\t\t%s ;;\n", patterns(wanted), command
}

# The names of all options, with "=" where an argument must follow.
function print_words(    i) {
	printf "\tlocal words='"
	for (i = 1; i <= count; i++) {
		if (dropped[i])
			continue
		if (short[i] != "")
			printf " %s", short[i]
		if (long[i] != "")
			printf " %s%s", long[i], \
			    argument[i] != "" && !optional[i] ? "=" : ""
	}
	print "'"
}

function print_bash() {
	print "_veredus() {"
	print "\tlocal current=${COMP_WORDS[COMP_CWORD]}"
	print "\tlocal option=${COMP_WORDS[COMP_CWORD - 1]}"
	print "\t# \"=\" is a word of its own, as it is in COMP_WORDBREAKS."
	print "\tif [[ $current == = ]]; then"
	print "\t\toption+='=' current=''"
	print "\telif [[ $option == = ]] && ((COMP_CWORD > 1)); then"
	print "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}="
	print "\telif [[ $current == -* ]]; then"
	print "\t\toption="
	print "\tfi"
	print_words()
	print "\tCOMPREPLY=()"
	print "\tcase $option in"
	print_case("file", "compopt -o filenames 2>/dev/null\n" \
	    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")")
	print_case("folder", "compopt -o filenames 2>/dev/null\n" \
	    "\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$current\")")
	print_case("switch", \
	    "mapfile -t COMPREPLY < <(compgen -W 'on off' -- \"$current\")")
	print_case("user", \
	    "mapfile -t COMPREPLY < <(compgen -u -- \"$current\")")
	print_case("host", \
	    "mapfile -t COMPREPLY < <(compgen -A hostname -- \"$current\")")
	print_case("other", ":")
	print "\t*)"
	print "\t\t[[ $current != -* ]] ||"
	print "\t\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")"
	print "\t\t[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null ;;"
	print "\tesac"
	print "}"
	print "complete -F _veredus veredus"
}

# ---------------------------------------------------------------- fish ----

function fish_quote(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

function print_fish(    i, line, of_kind) {
	of_kind["file"] = "-F"
	of_kind["folder"] = "-f -a '(__fish_complete_directories)'"
	of_kind["switch"] = "-f -a 'on off'"
	of_kind["user"] = "-f -a '(__fish_complete_users)'"
	of_kind["host"] = "-f -a '(__fish_print_hostnames)'"
	of_kind["other"] = "-f"
	print "complete -c veredus -f"
	for (i = 1; i <= count; i++) {
		if (dropped[i])
			continue
		line = "complete -c veredus"
		if (attached[i])
			line = line " -o " substr(short[i], 2)
		else if (short[i] != "")
			line = line " -s " substr(short[i], 2)
		if (long[i] != "")
			line = line " -l " substr(long[i], 3)
		if (argument[i] != "" && !optional[i] && !attached[i])
			line = line " -r"
		if (argument[i] != "")
			line = line " " of_kind[kind(i)]
		print line " -d " fish_quote(help[i])
	}
}

# ----------------------------------------------------------------- zsh ----

# The text between brackets.
function zsh_text(text) {
	gsub(/\]|\[|:|\\/, "\\\\&", text)
	gsub(/'/, "'\\''", text)
	return text
}

function print_zsh(    i, action) {
	action["file"] = "_files"
	action["folder"] = "_files -/"
	action["switch"] = "(on off)"
	action["user"] = "_users"
	action["host"] = "_hosts"
	action["other"] = ""
	print "_arguments -S \\"
	for (i = 1; i <= count; i++) {
		if (dropped[i])
			continue
		if (short[i] != "")
			print_zsh_option(i, short[i], attached[i] || \
			    optional[i] ? "-" : "+", action[kind(i)])
		if (long[i] != "")
			print_zsh_option(i, long[i], optional[i] ? "=-" : "=",
			    action[kind(i)])
	}
	print "\t'*:recipient:_email_addresses -c'"
}

function print_zsh_option(i, name, joint, action,    spec) {
	spec = name (argument[i] != "" ? joint : "") \
	    "[" zsh_text(help[i]) "]"
	if (argument[i] != "")
		spec = spec (optional[i] ? "::" : ":") \
		    zsh_text(argument[i]) ":" action
	printf "\t'%s' \\\n", spec
}
