# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: (veredus --list-options; veredus --help) |
#	awk -v shell=SHELL -f completions.awk
#
# Prints the completions of SHELL (bash, zsh or fish).  The help has each option
# as one of these, with the text in column 28 or in the next line:
#   -bp   -f ADDRESS   -odMODE   -q [WHAT]   -v, --verbose   -C, --file=FILE
#   --tls[=WORD]
# The words to choose from are those of the setting, else those of the text:
#   content that DSNs return: off, full or hdrs
#   b: queue first; i: deliver first; q: queue only

/\t/ {
	split($0, field, "\t")
	gsub(/_/, "-", field[1])
	choices["--" field[1]] = field[5]
	next
}

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

# The words to choose from, with spaces between them; "" if the argument is free.
function words_of(i) {
	if (choices[long[i]] != "")
		return choices[long[i]]
	if (attached[i])
		return words_of_letters(help[i])
	return argument[i] ~ /^(WORDS?|TYPE)$/ ? words_of_text(help[i]) : ""
}

# What stands before the colons.
function words_of_letters(text,    parts, n, i, list) {
	n = split(text, parts, /; /)
	for (i = 1; i <= n; i++)
		if (match(parts[i], /^[a-z](, [a-z])*: /))
			list = list " " substr(parts[i], 1, RLENGTH - 2)
	gsub(/,/, "", list)
	return substr(list, 2)
}

# What stands behind the colon, but not what is described by several words.
function words_of_text(text,    parts, n, i, list) {
	if (!sub(/^.*: /, "", text))
		return ""
	n = split(text, parts, /,? or |, /)
	for (i = 1; i <= n; i++)
		if (parts[i] !~ / /)
			list = list " " parts[i]
	return substr(list, 2)
}

# What the argument is: words, file, folder, switch, user, host or other.
function kind(i) {
	if (words_of(i) != "")
		return "words"
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

# A case for each option with words to choose from.
function print_words_cases(    i, name) {
	for (i = 1; i <= count; i++) {
		if (dropped[i] || attached[i] || kind(i) != "words")
			continue
		if (long[i] != "")
			name = (optional[i] ? "" : long[i] " | ") long[i] "="
		else
			name = short[i]
		printf "\t%s)\n\t\tmapfile -t COMPREPLY < " \
		    "<(compgen -W '%s' -- \"$current\") ;;\n", name, words_of(i)
	}
}

# The names of all options, with "=" where an argument must follow.
function print_words(    i) {
	printf "\tlocal words='"
	for (i = 1; i <= count; i++) {
		if (dropped[i])
			continue
		if (attached[i] && argument[i] != "")
			printf "%s", attached_words(i)
		else if (short[i] != "")
			printf " %s", short[i]
		if (long[i] != "")
			printf " %s%s", long[i], \
			    argument[i] != "" && !optional[i] ? "=" : ""
	}
	print "'"
}

# An option whose argument is in the same word, once with each argument.
function attached_words(i,    words, n, j, list) {
	n = split(words_of(i), words, / /)
	for (j = 1; j <= n; j++)
		list = list " " short[i] words[j]
	return n > 0 ? list : " " short[i]
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
	print_words_cases()
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

function print_fish(    i, j, n, line, of_kind, words) {
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
		n = attached[i] && argument[i] != "" ? \
		    split(attached_words(i), words, / /) : 0
		for (j = 2; j <= n; j++)
			print line " -o " substr(words[j], 2) \
			    " -d " fish_quote(help[i])
		if (n > 0)
			continue
		if (attached[i])
			line = line " -o " substr(short[i], 2)
		else if (short[i] != "")
			line = line " -s " substr(short[i], 2)
		if (long[i] != "")
			line = line " -l " substr(long[i], 3)
		if (argument[i] != "" && !optional[i] && !attached[i])
			line = line " -r"
		if (argument[i] != "")
			line = line " " (kind(i) == "words" ? \
			    "-f -a '" words_of(i) "'" : of_kind[kind(i)])
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

function zsh_action(i, action) {
	return kind(i) == "words" ? "(" words_of(i) ")" : action[kind(i)]
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
			    optional[i] ? "-" : "+", zsh_action(i, action))
		if (long[i] != "")
			print_zsh_option(i, long[i], optional[i] ? "=-" : "=",
			    zsh_action(i, action))
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
