// Package regex matches texts with the regular expressions of PCRE 8, which nginx and ngx_lua have.
//
// Texts are bytes; with [UTF] they are UTF-8. A pattern is parsed (parse.go, class.go) into a tree
// (node.go), compiled into a program (compile.go), and run by a backtracking machine with a stack of
// its own (machine.go): a VM's small stack does not limit it, and a count of steps, as PCRE has it,
// ends what would take too long.
//
// Not supported, and said so by Compile with an error of type *[Unsupported]: \X, (*UCP), other newline
// conventions than \n, (*THEN), names for verbs, and verbs inside of assertions and atomic groups.
package regex
