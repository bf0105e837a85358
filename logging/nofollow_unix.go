//go:build unix

package logging

import "syscall"

// openNoFollow makes open fail on a symbolic link, so that none can slip in
// between looking and opening.
const openNoFollow = syscall.O_NOFOLLOW
